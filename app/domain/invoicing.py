"""Invoices that people make and change, and what may be done to one in which state.

A request says draft, sent or viewed; what is paid follows from payments, and no request
says otherwise. Money stays as it is once it has been received in full.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from app.domain import adjustment, charges
from app.domain.account import Account
from app.domain.adjustment import Discount, TaxRate
from app.domain.bill_to import BillToChanges
from app.domain.client import Client
from app.domain.errors import InvalidValueError, RefusedError, UnknownCurrencyError
from app.domain.folder import Folder
from app.domain.invoice import (
    NUMBER_MAX,
    Invoice,
    counted_number,
    numbered,
    priced,
    settled,
)
from app.domain.invoice_status import SETTABLE, InvoiceStatus
from app.domain.line import LINES_MAX, Line, LineChanges
from app.domain.money import CURRENCIES, ZERO, Money
from app.domain.recurring import Attribute, check_attributes
from app.domain.unset import UNSET, Maybe, given, merged

_NOUN = "invoice"
_PAID = (InvoiceStatus.PAID, InvoiceStatus.AUTO_PAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceChanges:
    """What a request says of an invoice; fields it does not name are UNSET."""

    client_id: Maybe[int] = UNSET
    contacts: Maybe[tuple[int, ...]] = UNSET
    number: Maybe[str] = UNSET
    status: Maybe[InvoiceStatus] = UNSET
    date: Maybe[dt.date] = UNSET
    due_on: Maybe[dt.date] = UNSET
    bill_to: BillToChanges = field(default_factory=BillToChanges)
    po_number: Maybe[str] = UNSET
    currency_code: Maybe[str] = UNSET
    language: Maybe[str] = UNSET
    notes: Maybe[str] = UNSET
    terms: Maybe[str] = UNSET
    discount: Maybe[Decimal] = UNSET
    return_uri: Maybe[str] = UNSET
    lines: Maybe[tuple[LineChanges, ...]] = UNSET
    title: Maybe[str] = UNSET
    attributes: Maybe[tuple[Attribute, ...]] = UNSET
    default_tax_name: Maybe[str] = UNSET
    default_tax_percent: Maybe[Decimal] = UNSET
    taxes: Maybe[tuple[TaxRate, ...]] = UNSET
    discounts: Maybe[tuple[Discount, ...]] = UNSET


def new_invoice(
    changes: InvoiceChanges,
    *,
    client: Client,
    account: Account,
    staff_id: int,
    today: dt.date,
    compound: Collection[str] = (),
) -> Invoice:
    """Return the invoice that a create request describes, not yet numbered.

    Names and address are the client's where the request does not give its own.
    `compound` are the names of the account's compound taxes.

    Raises: InvalidValueError, naming the field.
    Source: documented (draft, today, the client's language, the base currency).
    """
    on = given(changes.date, today)
    status = given(changes.status, InvoiceStatus.DRAFT)
    nothing = Money.zero(account.base_currency)
    blank = Invoice(
        client_id=client.client_id,
        recurring_id=None,
        staff_id=staff_id,
        date=on,
        due_on=on,
        status=status,
        unpaid_status=status,
        bill_to=client.bill_to,
        currency_code=account.base_currency,
        language=client.language,
        amount=nothing,
        paid=nothing,
    )
    invoice = _changed(blank, changes, compound)
    _check(invoice)
    return priced(invoice)


def changed_invoice(
    invoice: Invoice,
    changes: InvoiceChanges,
    *,
    client: Client,
    has_payments: bool,
    compound: Collection[str] = (),
) -> Invoice:
    """Return the invoice after an update; an equal value changes nothing.

    `has_payments` says whether there are any that count. Amounts are found anew only
    where something changed that they come from. The contacts of another client are
    those that the request names.

    Raises: InvalidValueError, naming the field; RefusedError.
    Source: inferred (what a legacy client read and sends back is no wish).
    """
    changed = _changed(invoice, changes, compound)
    if client.client_id != invoice.client_id:
        contacts = given(changes.contacts, ())
        changed = replace(changed, client_id=client.client_id, contacts=contacts)
    if changed.return_uri != invoice.return_uri:
        changed = numbered(changed, changed.invoice_id, changed.number)
    _check(changed)
    return _repriced(invoice, changed, has_payments=has_payments)


def with_lines(
    invoice: Invoice, lines: tuple[Line, ...], *, has_payments: bool
) -> Invoice:
    """Return the invoice with other lines.

    Raises: InvalidValueError for too many of them, or too large an amount; RefusedError
    where it is paid.
    """
    if len(lines) > LINES_MAX:
        raise InvalidValueError("lines", f"An invoice has {LINES_MAX} lines at most.")
    changed = replace(invoice, lines=lines)
    return _repriced(invoice, changed, has_payments=has_payments)


def issued(invoice: Invoice) -> Invoice:
    """Return a draft that has been issued.

    Raises: RefusedError for one that is no draft.
    """
    if invoice.unpaid_status is not InvoiceStatus.DRAFT:
        raise RefusedError("issue", _NOUN, f"Invoice is {invoice.status}.")
    return sent(invoice)


def sent(invoice: Invoice) -> Invoice:
    """Return the invoice after it was sent, which says nothing new of one that was."""
    if invoice.unpaid_status is not InvoiceStatus.DRAFT:
        return invoice
    return settled(replace(invoice, unpaid_status=InvoiceStatus.SENT))


def deleted(invoice: Invoice, *, has_payments: bool) -> Invoice:
    """Return the invoice in the folder of the deleted.

    Raises: RefusedError while it has payments: that money would be for nothing.
    Source: inferred.
    """
    if has_payments:
        raise RefusedError("delete", _NOUN, "Invoice has payments.")
    return replace(invoice, folder=Folder.DELETED)


def owes_otherwise(before: Invoice, after: Invoice) -> bool:
    """Whether another amount is owed, by somebody else, or nothing any more."""
    owed = [
        (each.client_id, each.amount, each.folder is Folder.DELETED)
        for each in (before, after)
    ]
    return owed[0] != owed[1]


def _changed(
    invoice: Invoice, changes: InvoiceChanges, compound: Collection[str]
) -> Invoice:
    """Return the invoice with what a request names, not priced.

    An empty number, language or date says nothing. The due date keeps its distance from
    the date where the request moves that alone.
    """
    on = given(changes.date, invoice.date)
    due_on = given(changes.due_on, on + (invoice.due_on - invoice.date))
    by_plan = invoice.unpaid_status is InvoiceStatus.RETRY
    untried = invoice.collect_on == invoice.due_on and not by_plan
    shown = [each.amount for each in invoice.line_amounts]
    charged = charges.changed(invoice, changes, shown, compound)
    changed = replace(
        invoice,
        contacts=given(changes.contacts, invoice.contacts),
        number=given(changes.number, "") or invoice.number,
        date=on,
        due_on=due_on,
        # Its card is charged on the due date; what has been tried goes by its plan.
        collect_on=due_on if untried else invoice.collect_on,
        bill_to=merged(invoice.bill_to, changes.bill_to),
        po_number=given(changes.po_number, invoice.po_number),
        currency_code=given(changes.currency_code, invoice.currency_code),
        language=given(changes.language, "") or invoice.language,
        notes=given(changes.notes, invoice.notes),
        terms=given(changes.terms, invoice.terms),
        return_uri=given(changes.return_uri, invoice.return_uri),
        title=given(changes.title, invoice.title),
        attributes=given(changes.attributes, invoice.attributes),
        unpaid_status=_unpaid_status(invoice, changes),
        **charged,
    )
    if _contents(changed.lines) == _contents(invoice.lines):
        # The same lines without their ids, or with others, are no other lines.
        changed = replace(changed, lines=invoice.lines)
    return changed


def _unpaid_status(invoice: Invoice, changes: InvoiceChanges) -> InvoiceStatus:
    """Return the status without payments: a request's, where it is one to be said.

    A client that sends what it last read of an invoice that has been paid since, or has
    failed to be, does not mean to undo that. Source: inferred.
    """
    if invoice.status not in SETTABLE:
        return invoice.unpaid_status
    return given(changes.status, invoice.unpaid_status)


def _contents(lines: tuple[Line, ...]) -> list[Line]:
    return [replace(line, line_id=0) for line in lines]


def _repriced(before: Invoice, after: Invoice, *, has_payments: bool) -> Invoice:
    """Return a changed invoice with its amounts and the status that follows.

    Raises: RefusedError for money that payments have settled; InvalidValueError.
    """
    for name in ("client_id", "currency_code"):
        if has_payments and getattr(after, name) != getattr(before, name):
            raise RefusedError("update", _NOUN, "Invoice has payments.")
    if _charged(after) == _charged(before):
        return settled(after)
    if before.paid.amount > 0 and before.status in _PAID:
        raise RefusedError("update", _NOUN, f"Invoice is {before.status}.")
    if after.currency_code != before.currency_code:
        after = replace(after, paid=Money.zero(after.currency_code))
    after = priced(after)
    if after.paid.amount > max(after.amount.amount, ZERO):
        raise RefusedError("update", _NOUN, "More than that has been paid.")
    return after


def _charged(invoice: Invoice) -> tuple[Any, ...]:
    """Return everything that its amounts come from."""
    return (
        invoice.currency_code,
        invoice.lines,
        [line.counts(invoice.date) for line in invoice.lines],
        invoice.discount,
        invoice.discounts,
        invoice.default_tax,
        invoice.taxes,
    )


def _check(invoice: Invoice) -> None:
    if invoice.currency_code not in CURRENCIES:
        raise UnknownCurrencyError
    if (counted_number(invoice.number) or 0) > NUMBER_MAX:
        raise InvalidValueError("number", "Others could not follow it.")
    if invoice.due_on < invoice.date:
        raise InvalidValueError("due_date", "It lies before the date.")
    adjustment.check(invoice.discount, invoice.discounts)
    check_attributes(invoice.attributes)
