"""Payments: the verbs. What one changes in its invoice is part of its transaction."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import payment_history as told
from app.domain.account import Caller, Scope
from app.domain.errors import (
    CreditExceededError,
    DeletedError,
    NotFoundError,
    RefusedError,
)
from app.domain.event import Change, Event, What
from app.domain.folder import Folder
from app.domain.invoice import Invoice
from app.domain.money import Money
from app.domain.paging import Listing, Page
from app.domain.payment import (
    Payment,
    PaymentChanges,
    PaymentFilter,
    changed_payment,
    new_credit,
    new_payment,
    paid,
)
from app.domain.unset import UNSET, Unset, given
from app.services.client import existing as existing_client
from app.services.ports import Ports
from app.storage import invoice as invoices
from app.storage import payment as storage
from app.storage.database import reading, writing
from app.storage.events import OF_INVOICE, OF_PAYMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """Who does something, and when; None is the server by itself."""

    account_id: int
    staff_id: int | None
    at: datetime


def create(ports: Ports, caller: Caller, changes: PaymentChanges) -> int:
    """Make a payment or a credit; return its id.

    Raises: NotFoundError, MissingFieldError, InvalidValueError, CreditExceededError.
    """
    account = caller.account
    now = ports.now()
    with writing(account.account_id):
        if isinstance(changes.invoice_id, Unset):
            payment = new_credit(changes, account, account.today(now))
            existing_client(caller.scope, payment.client_id)
            invoice = None
        else:
            invoice = _payable(caller.scope, changes.invoice_id)
            _check_client(caller.scope, changes, invoice.client_id)
            payment = new_payment(changes, invoice, account.today(now))
        if payment.from_credit:
            _check_available(account.account_id, payment, payment.amount)
        at = account.moment(now)
        return receive(_by(caller, at), payment, invoice)


def receive(by: By, payment: Payment, invoice: Invoice | None) -> int:
    """Store a new payment with all that follows, in the caller's transaction.

    Returns its id.
    """
    payment_id = storage.insert(by.account_id, payment, by.at)
    payment = replace(payment, payment_id=payment_id)
    _settle(by, What.PAYMENT_CREATE, payment, invoice)
    _tell(by, What.CREATE, payment, told.made(payment))
    return payment_id


def update(
    ports: Ports, caller: Caller, payment_id: int, changes: PaymentChanges
) -> None:
    """Change the named fields of a payment.

    Raises: NotFoundError, InvalidValueError, CreditExceededError, RefusedError.
    """
    account = caller.account
    with writing(account.account_id):
        before = _existing(caller.scope, payment_id)
        _check_client(caller.scope, changes, before.client_id)
        _check_invoice(caller.scope, changes, before.invoice_id)
        after = changed_payment(before, changes)
        if after == before:
            return
        if after.from_credit:
            more = after.amount + -before.amount
            _check_available(account.account_id, after, more)
        at = account.moment(ports.now())
        _store(caller, What.UPDATE, before, after, at)


def get(caller: Caller, payment_id: int) -> Payment:
    """Return a payment.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    with reading():
        return _existing(caller.scope, payment_id)


def list_(caller: Caller, narrowed: PaymentFilter, page: Page) -> Listing[Payment]:
    """Return a page of payments, the newest first."""
    with reading():
        return storage.page(caller.scope, narrowed, page)


def delete(ports: Ports, caller: Caller, payment_id: int) -> None:
    """Delete a payment; its history stays.

    What a gateway took is given back at the gateway, not here. No card is charged by
    itself for an invoice of which such a payment was deleted.

    Raises: NotFoundError, RefusedError.
    """
    account = caller.account
    with writing(account.account_id):
        before = _existing(caller.scope, payment_id)
        after = replace(before, folder=Folder.DELETED)
        _store(caller, What.DELETE, before, after, account.moment(ports.now()))
        if before.gateway_name and before.invoice_id is not None:
            invoices.schedule(account.account_id, before.invoice_id, None)


def history(caller: Caller, payment_id: int, page: Page) -> Listing[Event]:
    """Return a page of what happened to a payment, deleted or not, the newest first.

    Raises: NotFoundError.
    """
    with reading():
        if storage.get(caller.scope, payment_id) is None:
            raise NotFoundError("payment")
        return OF_PAYMENT.page(caller.scope, payment_id, page)


def _store(
    caller: Caller, what: What, before: Payment, after: Payment, at: datetime
) -> None:
    """Store a changed payment with all that follows from it.

    Raises: RefusedError where more was paid from credit than there would be.
    """
    account_id = caller.account.account_id
    # Whoever may see the payment may have its invoice follow.
    invoice = (
        None
        if after.invoice_id is None
        else invoices.locked(Scope(account_id), after.invoice_id)
    )
    storage.update(account_id, after, before.folder, at)
    of_invoice = What(f"payment.{what}")
    by = _by(caller, at)
    _settle(by, of_invoice, after, invoice)
    _tell(by, what, after, told.changes(before, after))
    # Of invoices nothing has to be checked: the money of a paid one does not change.
    if _balance(account_id, after.client_id, after.amount.currency).amount < 0:
        raise RefusedError(what, "payment", "The client's credit has been used.")


def _settle(by: By, what: What, payment: Payment, invoice: Invoice | None) -> None:
    """Have an invoice follow what has been paid of it, if that is another amount."""
    if invoice is None:
        return
    amount, automatic = storage.paid(
        by.account_id, invoice.invoice_id, invoice.currency_code
    )
    settled = paid(invoice, amount, auto_paid=automatic)
    if settled == invoice:
        return
    invoices.update(by.account_id, settled, invoice.folder, by.at)
    event = Event(
        of_id=invoice.invoice_id,
        client_id=invoice.client_id,
        at=by.at,
        staff_id=by.staff_id,
        what=what,
        changes=told.of_invoice(payment.payment_id, invoice, settled),
    )
    OF_INVOICE.insert(by.account_id, [event])


def _tell(by: By, what: What, payment: Payment, changes: list[Change]) -> None:
    event = Event(
        of_id=payment.payment_id,
        client_id=payment.client_id,
        at=by.at,
        staff_id=by.staff_id,
        what=what,
        changes=changes,
    )
    OF_PAYMENT.insert(by.account_id, [event])


def _by(caller: Caller, at: datetime) -> By:
    return By(account_id=caller.account.account_id, staff_id=caller.staff_id, at=at)


def _check_available(account_id: int, payment: Payment, more: Money) -> None:
    """Check that a client's credit covers what more is to be paid from it."""
    balance = _balance(account_id, payment.client_id, more.currency)
    if more.amount > balance.amount:
        raise CreditExceededError


def _balance(account_id: int, client_id: int, currency_code: str) -> Money:
    credits_ = storage.credits_of(account_id, [client_id]).get(client_id, ())
    zero = Money.zero(currency_code)
    return next((each for each in credits_ if each.currency == currency_code), zero)


def _check_client(scope: Scope, changes: PaymentChanges, own: int) -> None:
    """Check that a client other than the payment's own is one to be seen at all."""
    if changes.client_id not in (UNSET, own):
        existing_client(scope, given(changes.client_id, own))


def _check_invoice(scope: Scope, changes: PaymentChanges, own: int | None) -> None:
    """Check that an invoice other than the payment's own is one to be seen at all."""
    if changes.invoice_id in (UNSET, own):
        return
    if invoices.get(scope, given(changes.invoice_id, 0)) is None:
        raise NotFoundError("invoice")


def _payable(scope: Scope, invoice_id: int) -> Invoice:
    invoice = invoices.locked(scope, invoice_id)
    if invoice is None:
        raise NotFoundError("invoice")
    if invoice.folder is Folder.DELETED:
        raise DeletedError("invoice")
    return invoice


def _existing(scope: Scope, payment_id: int) -> Payment:
    payment = storage.get(scope, payment_id)
    if payment is None:
        raise NotFoundError("payment")
    if payment.folder is Folder.DELETED:
        raise DeletedError("payment")
    return payment
