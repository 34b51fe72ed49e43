"""Handing over what is on its way out: to whoever prints and posts, and as mail.

Each becomes files in a folder of its kind. Nothing is printed in a transaction: the
files are written first under names that nobody takes, and get their own in the
transaction that marks the row. Who dies in between leaves a row that still waits and
becomes the same files again.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from email.headerregistry import Address
from urllib.parse import urlsplit

from app.delivery import folder, mail
from app.delivery.mail import Enclosure, Mail
from app.domain import invoice_history as told
from app.domain import message, outgoing
from app.domain.account import Account, Scope
from app.domain.attachment import MIB, Attachment
from app.domain.client import Client
from app.domain.errors import RefusedError
from app.domain.event import Event, What
from app.domain.invoice import Invoice
from app.domain.outgoing import Outgoing, OutgoingKind
from app.paper import figures, text
from app.services import printing
from app.services.places import place_of
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import attachment as attachments
from app.storage import client as clients
from app.storage import invoice as invoices
from app.storage import outgoing as storage
from app.storage.database import (
    of_the_database,
    one_of_a_kind,
    reading,
    writing,
)
from app.storage.events import OF_INVOICE

# How many are handed over in one pass: billing waits for it.
BATCH = 100
# What failed for a reason of its own is tried again after so long.
RETRY = timedelta(minutes=5)
# Of the files that go with a mail, in bytes: most servers refuse more than 25 MB, and
# as base64 they grow by a third.
ENCLOSED_MAX = 15 * MIB

_LOCALE = "en"
_FOLDERS = {OutgoingKind.POST: "post", OutgoingKind.EMAIL: "mail"}

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class HandedOver:
    """What a pass did; `more` says that there may be more to do at once.

    `stuck` says why the folders cannot be written to, in the system's words.
    """

    count: int = 0
    put_off: list[str] = field(default_factory=list)
    more: bool = False
    stuck: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parcel:
    """An item with all that is needed for its files."""

    account: Account
    item: Outgoing
    invoice: Invoice
    client: Client | None
    attached: tuple[Attachment, ...]

    @property
    def id(self) -> tuple[int, int]:
        """The key of its row."""
        return self.account.account_id, self.item.outgoing_id

    @property
    def file_name(self) -> str:
        """What its files are called, but for what stands behind the dot."""
        of_invoice = printing.file_name(self.invoice).removesuffix(".pdf")
        return f"{self.account.account_id}-{self.item.outgoing_id}-{of_invoice}"


def hand_over(ports: Ports, stop: Callable[[], bool] = lambda: False) -> HandedOver:
    """Hand over what waits, up to a limit, unless another process is at it.

    Raises: DatabaseError when the database itself fails; the next pass goes on.
    """
    done = HandedOver()
    with one_of_a_kind("outgoing") as mine:
        if not mine:
            return done
        with reading():
            found = storage.waiting(ports.now(), BATCH)
        try:
            for kind in {item.kind for _, item in found}:
                folder.made(ports.outbox / _FOLDERS[kind])
            for account_id, item in found:
                if stop():
                    return done
                _try(ports, account_id, item, done)
        except OSError as error:
            # All but its text, which may hold a path.
            done.stuck = error.strerror or type(error).__name__
            _log.error("outgoing invoices cannot be written: %s", done.stuck)
            return done
    done.more = len(found) == BATCH
    return done


def _try(ports: Ports, account_id: int, item: Outgoing, done: HandedOver) -> None:
    """Hand one over; put it off where it fails for a reason of its own."""
    try:
        done.count += _handed_over(ports, account_id, item)
    except Exception as error:
        if isinstance(error, OSError) or of_the_database(error):
            raise
        name = f"outgoing {item.outgoing_id} of account {account_id}"
        _log.error("%s is put off: %s", name, place_of(error))
        done.put_off.append(name)
        with writing():
            storage.put_off(account_id, item.outgoing_id, ports.now() + RETRY)


def _handed_over(ports: Ports, account_id: int, item: Outgoing) -> bool:
    """Hand one over; return whether it was, as others may have it in hand."""
    with reading():
        parcel = _packed(account_id, item)
    try:
        outgoing.check_kept(parcel.invoice)
        files = _FILES[item.kind](ports, parcel)
    except RefusedError as refusal:
        _leave(ports, parcel, refusal.reason)
        return False
    to, mark = ports.outbox / _FOLDERS[item.kind], ports.secret()
    folder.staged(to, files, mark)
    with writing():
        if not (storage.claimed(*parcel.id) and _is_current(parcel)):
            return False
        folder.released(to, files, mark)
        storage.handed_over(*parcel.id, parcel.account.moment(ports.now()))
    return True


def _packed(account_id: int, item: Outgoing) -> _Parcel:
    scope = Scope(account_id)
    account = accounts.get(account_id)
    invoice = invoices.get(scope, item.invoice_id or 0)
    if account is None or invoice is None:
        raise ValueError("what is on its way belongs to nothing")
    attached = attachments.of_invoices(account_id, [invoice.invoice_id])
    return _Parcel(
        account=account,
        item=item,
        invoice=invoice,
        client=clients.get(scope, invoice.client_id),
        attached=tuple(reversed(attached.get(invoice.invoice_id, []))),
    )


def _is_current(parcel: _Parcel) -> bool:
    """Whether what was printed is still the invoice; the next pass prints it anew."""
    scope = Scope(parcel.account.account_id)
    return invoices.get(scope, parcel.invoice.invoice_id) == parcel.invoice


def _leave(ports: Ports, parcel: _Parcel, reason: str) -> None:
    """Send nothing of what could not be sent today, and say why in its history.

    It could when it was asked for, or a profile asked for it. Source: inferred.
    """
    account_id = parcel.account.account_id
    at = parcel.account.moment(ports.now())
    event = Event(
        of_id=parcel.invoice.invoice_id,
        client_id=parcel.invoice.client_id,
        at=at,
        staff_id=None,
        what=What.NOT_SENT,
        changes=told.not_sent(parcel.item, reason),
    )
    with writing(account_id):
        if storage.claimed(*parcel.id) and _is_current(parcel):
            storage.handed_over(*parcel.id, at)
            OF_INVOICE.insert(account_id, [event])


def _post(ports: Ports, parcel: _Parcel) -> Mapping[str, bytes]:
    """Return a letter: the text, which comes last, says that it is complete."""
    outgoing.check_address(parcel.invoice)
    name, invoice = parcel.file_name, parcel.invoice
    lines = [
        *printing.addressee(parcel.account, invoice),
        "",
        f"Invoice {text.name(invoice.number)}",
    ]
    return {
        f"{name}.pdf": printing.printed(ports, parcel.account, invoice),
        f"{name}.txt": "".join(f"{line}\n" for line in lines).encode(),
    }


def _mail(ports: Ports, parcel: _Parcel) -> Mapping[str, bytes]:
    outgoing.check_email(parcel.invoice, parcel.client)
    host = _host(ports.url)
    subject, body = message.worded(parcel.item, _values(ports, parcel))
    enclosures, left_out = _enclosed(parcel)
    if left_out:
        body += f"\n\nToo large to be enclosed: {', '.join(left_out)}\n"
    paper = Enclosure(
        file_name=printing.file_name(parcel.invoice),
        type="application/pdf",
        content=printing.printed(ports, parcel.account, parcel.invoice),
    )
    account_id, outgoing_id = parcel.id
    written = mail.written(
        Mail(
            sender=mail.named(parcel.account.name, "no-reply", host),
            to=_recipients(parcel),
            subject=subject,
            text=body,
            sent_at=parcel.item.created_at,
            message_id=f"<outgoing-{account_id}-{outgoing_id}@{host}>",
            enclosures=(paper, *enclosures),
        )
    )
    return {f"{parcel.file_name}.eml": written}


_FILES = {OutgoingKind.POST: _post, OutgoingKind.EMAIL: _mail}


def _recipients(parcel: _Parcel) -> tuple[Address, ...]:
    """Return the client and the invoice's contacts, each address once.

    Raises: RefusedError where none is one.
    """
    client, chosen = parcel.client, parcel.invoice.contacts
    people = () if client is None else client.contacts
    emails = [] if client is None else [client.email]
    emails += [each.email for each in people if each.contact_id in chosen]
    found: dict[str, Address] = {}
    for address in map(mail.address, emails):
        if address is not None:
            found.setdefault(address.addr_spec.casefold(), address)
    if not found:
        raise RefusedError("send", "invoice", "Its client has no e-mail address.")
    return tuple(found.values())


def _values(ports: Ports, parcel: _Parcel) -> dict[str, str]:
    """Return what stands for the variables.

    Source: inferred (the payment amount of an invoice is its total).
    """
    invoice = parcel.invoice
    return {
        outgoing.INVOICE_LINK: ports.view(invoice.view_key),
        message.INVOICE_NUMBER: invoice.number,
        message.PAYMENT_AMOUNT: figures.money(invoice.amount, _LOCALE),
        message.AMOUNT_OWED: figures.money(invoice.amount_outstanding, _LOCALE),
        message.COMPANY_NAME: parcel.account.name,
        message.CLIENT_ORGANIZATION: invoice.bill_to.organization,
        message.FIRST_NAME: invoice.bill_to.first_name,
        message.LAST_NAME: invoice.bill_to.last_name,
    }


def _enclosed(parcel: _Parcel) -> tuple[list[Enclosure], list[str]]:
    """Return the invoice's files, and the names of those for which there is no room."""
    enclosures: list[Enclosure] = []
    left_out: list[str] = []
    room = ENCLOSED_MAX
    for each in parcel.attached:
        if each.size > room:
            left_out.append(each.file_name)
            continue
        room -= each.size
        with reading():
            content = attachments.content(parcel.account.account_id, each.attachment_id)
        enclosures.append(
            Enclosure(file_name=each.file_name, type=each.type, content=content)
        )
    return enclosures, left_out


def _host(url: str) -> str:
    """Return the domain of this server's addresses, as a mail has it."""
    host = urlsplit(url).hostname or "localhost"
    return f"[IPv6:{host}]" if ":" in host else host
