"""Invoices: the verbs. Those of profiles are made by `issuing`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain import invoice_history as told
from app.domain import invoicing as rules
from app.domain import outgoing as sending
from app.domain.account import Caller
from app.domain.client import Client
from app.domain.errors import (
    DeletedError,
    MissingFieldError,
    NotFoundError,
    NumberInUseError,
    RefusedError,
)
from app.domain.event import Change as Told
from app.domain.event import Event, What
from app.domain.folder import Folder
from app.domain.history import moved
from app.domain.invoice import Invoice, InvoiceFilter
from app.domain.invoicing import InvoiceChanges
from app.domain.line import LineChanges, replaced, updated
from app.domain.outgoing import Outgoing, OutgoingKind
from app.domain.paging import Listing, Page
from app.domain.unset import UNSET, Unset, given
from app.services.client import check_contacts
from app.services.client import existing as existing_client
from app.services.ports import Ports
from app.services.recurring import compound
from app.storage import charge as charges
from app.storage import client as clients
from app.storage import invoice as storage
from app.storage import outgoing
from app.storage.database import IntegrityError, reading, writing
from app.storage.events import OF_INVOICE

Change = Callable[[Invoice], Invoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is known of an invoice besides: how often its card was declined."""

    declined_count: int


def create(ports: Ports, caller: Caller, changes: InvoiceChanges) -> int:
    """Make an invoice; return its id.

    Raises: MissingFieldError, NotFoundError for the client, InvalidValueError.
    Source: documented.
    """
    account = caller.account
    now = ports.now()
    at = account.moment(now)
    if isinstance(changes.client_id, Unset):
        raise MissingFieldError("client_id")
    with writing(account.account_id):
        client = existing_client(caller.scope, changes.client_id)
        invoice = rules.new_invoice(
            changes,
            client=client,
            account=account,
            staff_id=caller.staff_id,
            today=account.today(now),
            compound=compound(account),
        )
        check_contacts(invoice.contacts, client)
        invoice = replace(invoice, view_key=ports.secret())
        with _of_its_own(invoice.number):
            (invoice,) = storage.insert(account.account_id, [invoice], at)
        _tell(caller, invoice, What.CREATE, told.created(invoice), at)
        return invoice.invoice_id


def update(
    ports: Ports, caller: Caller, invoice_id: int, changes: InvoiceChanges
) -> None:
    """Change the named fields of an invoice; what was read and sent back is no change.

    Raises: NotFoundError, InvalidValueError, RefusedError.
    Source: documented.
    """
    account = caller.account
    if account.ignore_empty_lists and changes.lines == ():
        changes = replace(changes, lines=UNSET)

    def change(invoice: Invoice) -> Invoice:
        client = _client_of(caller, invoice, changes)
        changed = rules.changed_invoice(
            invoice,
            changes,
            client=client,
            has_payments=_has_payments(caller, invoice),
            compound=compound(account),
        )
        stays = changed.client_id == invoice.client_id
        kept = invoice.contacts if stays else ()
        check_contacts(set(changed.contacts) - set(kept), client)
        return changed

    _change(ports, caller, invoice_id, change, What.UPDATE)


def get(caller: Caller, invoice_id: int) -> Invoice:
    """Return an invoice.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    with reading():
        return _existing(storage.get(caller.scope, invoice_id))


def list_(caller: Caller, narrowed: InvoiceFilter, page: Page) -> Listing[Invoice]:
    """Return a page of invoices, the newest first."""
    with reading():
        return storage.page(caller.scope, narrowed, page)


def details(caller: Caller, invoices: Sequence[Invoice]) -> dict[int, Details]:
    """Return what answers show of invoices on request alone, by invoice."""
    ids = [invoice.invoice_id for invoice in invoices]
    with reading():
        declined = charges.declined_counts(caller.account.account_id, ids)
    return {each: Details(declined_count=declined.get(each, 0)) for each in ids}


def delete(ports: Ports, caller: Caller, invoice_id: int) -> None:
    """Delete an invoice; its number and its history stay.

    Raises: NotFoundError; RefusedError while it has payments.
    """

    def change(invoice: Invoice) -> Invoice:
        return rules.deleted(invoice, has_payments=_has_payments(caller, invoice))

    _change(ports, caller, invoice_id, change, What.DELETE)


def add_lines(
    ports: Ports, caller: Caller, invoice_id: int, lines: tuple[LineChanges, ...]
) -> list[int]:
    """Append lines to an invoice; return their ids.

    Raises: NotFoundError, InvalidValueError, RefusedError.
    """

    def change(invoice: Invoice) -> Invoice:
        added = replaced((), lines, compound=compound(caller.account))
        every = (*invoice.lines, *added)
        return rules.with_lines(
            invoice, every, has_payments=_has_payments(caller, invoice)
        )

    stored = _change(ports, caller, invoice_id, change, What.LINES_ADD).lines
    return [line.line_id for line in stored[len(stored) - len(lines) :]]


def update_lines(
    ports: Ports, caller: Caller, invoice_id: int, changes: tuple[LineChanges, ...]
) -> None:
    """Change the named fields of lines of an invoice.

    Raises: NotFoundError for a line that is not the invoice's, InvalidValueError,
    RefusedError.
    """

    def change(invoice: Invoice) -> Invoice:
        amounts = [each.amount for each in invoice.line_amounts]
        names = compound(caller.account)
        lines = updated(invoice.lines, changes, amounts, names)
        return rules.with_lines(
            invoice, lines, has_payments=_has_payments(caller, invoice)
        )

    _change(ports, caller, invoice_id, change, What.LINES_UPDATE)


def delete_line(ports: Ports, caller: Caller, invoice_id: int, line_id: int) -> None:
    """Delete a line of an invoice.

    Raises: NotFoundError, RefusedError.
    """

    def change(invoice: Invoice) -> Invoice:
        lines = tuple(line for line in invoice.lines if line.line_id != line_id)
        if len(lines) == len(invoice.lines):
            raise NotFoundError("line")
        return rules.with_lines(
            invoice, lines, has_payments=_has_payments(caller, invoice)
        )

    _change(ports, caller, invoice_id, change, What.LINES_DELETE)


def issue(ports: Ports, caller: Caller, invoice_id: int) -> None:
    """Make a draft an invoice that the client has to pay.

    Raises: NotFoundError; RefusedError for one that is no draft.
    """

    def change(invoice: Invoice) -> Invoice:
        return rules.issued(invoice)

    _change(ports, caller, invoice_id, change, What.ISSUE)


def send_by_email(
    ports: Ports, caller: Caller, invoice_id: int, subject: str, message: str
) -> None:
    """Have an invoice mailed to its client; a draft is issued with that.

    Subject and message are empty for the account's own.

    Raises: NotFoundError; RefusedError where the client has no address.
    Source: documented.
    """
    item = Outgoing(
        kind=OutgoingKind.EMAIL,
        invoice_id=invoice_id,
        subject=subject,
        message=sending.linked(message),
        created_at=_moment(ports, caller),
    )
    with writing(caller.account.account_id):
        invoice = _existing(storage.locked(caller.scope, invoice_id))
        client = clients.get(caller.scope, invoice.client_id)
        sending.check_email(invoice, client)
        _send(caller, invoice, item)


def send_by_snail_mail(ports: Ports, caller: Caller, invoice_id: int) -> None:
    """Have an invoice printed and posted; a draft is issued with that.

    Raises: NotFoundError; RefusedError where it has no postal address.
    Source: documented.
    """
    at = _moment(ports, caller)
    item = Outgoing(kind=OutgoingKind.POST, invoice_id=invoice_id, created_at=at)
    with writing(caller.account.account_id):
        invoice = _existing(storage.locked(caller.scope, invoice_id))
        sending.check_address(invoice)
        _send(caller, invoice, item)


def history(caller: Caller, invoice_id: int, page: Page) -> Listing[Event]:
    """Return a page of what happened to an invoice, deleted or not, newest first.

    Raises: NotFoundError.
    """
    with reading():
        if storage.get(caller.scope, invoice_id) is None:
            raise NotFoundError("invoice")
        return OF_INVOICE.page(caller.scope, invoice_id, page)


_SENDING = {
    OutgoingKind.EMAIL: What.SEND_BY_EMAIL,
    OutgoingKind.POST: What.SEND_BY_SNAIL_MAIL,
}


def _send(caller: Caller, invoice: Invoice, item: Outgoing) -> None:
    """Put an invoice on its way, in the caller's transaction."""
    account_id, at = caller.account.account_id, item.created_at
    sent = rules.sent(invoice)
    if sent != invoice:
        storage.update(account_id, sent, invoice.folder, at)
    outgoing.insert(account_id, [item])
    found = told.sent(invoice, sent, item)
    _tell(caller, invoice, _SENDING[item.kind], found, at)


def _change(
    ports: Ports, caller: Caller, invoice_id: int, change: Change, what: What
) -> Invoice:
    """Apply a change in one transaction and return the invoice afterwards.

    A change that changes nothing writes nothing.
    """
    account = caller.account
    at = _moment(ports, caller)
    with writing(account.account_id):
        invoice = _existing(storage.locked(caller.scope, invoice_id))
        changed = change(invoice)
        if changed == invoice:
            return invoice
        if rules.owes_otherwise(invoice, changed):
            _check_quiet(caller, invoice, what)
        _tell(caller, invoice, what, told.changes(invoice, changed), at)
        return _stored(account.account_id, invoice, changed, at)


def _check_quiet(caller: Caller, invoice: Invoice, what: What) -> None:
    """Refuse what a charge under way would turn into money for something else.

    One that is prepared looks again before it is sent. Raises: RefusedError.
    """
    if charges.sent(caller.account.account_id, invoice.invoice_id):
        verb = "delete" if what is What.DELETE else "update"
        raise RefusedError(verb, "invoice", "Its card is being charged.")


def _stored(
    account_id: int, invoice: Invoice, changed: Invoice, at: datetime
) -> Invoice:
    """Store a changed invoice and return it, its new lines with their ids."""
    if changed.number != invoice.number:
        # The counter first, which billing locks before it stores a number.
        storage.follow(account_id, changed.number)
        with _of_its_own(changed.number):
            storage.update(account_id, changed, invoice.folder, at)
    else:
        storage.update(account_id, changed, invoice.folder, at)
    if (changed.lines, changed.line_amounts) == (invoice.lines, invoice.line_amounts):
        return changed
    ids = storage.replace_lines(account_id, changed)
    lines = zip(changed.lines, ids, strict=True)
    numbered = tuple(replace(line, line_id=line_id) for line, line_id in lines)
    return replace(changed, lines=numbered)


@contextmanager
def _of_its_own(number: str) -> Iterator[None]:
    """Store an invoice whose number may be in use, if a person chose it.

    Raises: NumberInUseError.
    """
    try:
        yield
    except IntegrityError:
        if number:
            raise NumberInUseError from None
        raise


def _tell(
    caller: Caller,
    invoice: Invoice,
    what: What,
    found: Sequence[Told],
    at: datetime,
) -> None:
    """Tell the history of an invoice what the caller did."""
    event = Event(
        of_id=invoice.invoice_id,
        client_id=None if moved(found) else invoice.client_id,
        at=at,
        staff_id=caller.staff_id,
        what=what,
        changes=found,
    )
    OF_INVOICE.insert(caller.account.account_id, [event])


def _existing(invoice: Invoice | None) -> Invoice:
    """Return an invoice that is there and not deleted."""
    if invoice is None:
        raise NotFoundError("invoice")
    if invoice.folder is Folder.DELETED:
        raise DeletedError("invoice")
    return invoice


def _client_of(caller: Caller, invoice: Invoice, changes: InvoiceChanges) -> Client:
    """Return the client that an update names; an unchanged one may be deleted."""
    client_id = given(changes.client_id, invoice.client_id)
    if client_id == invoice.client_id:
        client = clients.get(caller.scope, client_id)
        if client is not None:
            return client
    return existing_client(caller.scope, client_id)


def _has_payments(caller: Caller, invoice: Invoice) -> bool:
    return storage.has_payments(caller.account.account_id, invoice.invoice_id)


def _moment(ports: Ports, caller: Caller) -> datetime:
    return caller.account.moment(ports.now())
