"""What is on its way out, with all that is needed for its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from urllib.parse import urlsplit

from app.delivery import mail
from app.delivery.mail import Enclosure, Mail
from app.domain import message, outgoing
from app.domain.account import Account, Scope
from app.domain.attachment import MIB, Attachment
from app.domain.autobill import Autobill
from app.domain.charge import Charge
from app.domain.client import Client
from app.domain.errors import RefusedError
from app.domain.invoice import Invoice
from app.domain.outgoing import Outgoing, OutgoingKind, Template
from app.domain.recurring import Profile
from app.paper import figures, text
from app.services import card as cards
from app.services import printing
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import attachment as attachments
from app.storage import charge as charges
from app.storage import client as clients
from app.storage import invoice as invoices
from app.storage import recurring as profiles
from app.storage.database import reading

# Of the files that go with a mail, in bytes: most servers refuse more than 25 MB, and
# as base64 they grow by a third.
ENCLOSED_MAX = 15 * MIB

_LOCALE = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An item with the invoice or the profile that it is about."""

    account: Account
    item: Outgoing
    about: Invoice | Profile
    client: Client | None
    attached: tuple[Attachment, ...] = ()
    charges: tuple[Charge, ...] = ()
    autobill: Autobill | None = None

    @property
    def id(self) -> tuple[int, int]:
        """The key of its row."""
        return self.account.account_id, self.item.outgoing_id

    @property
    def file_name(self) -> str:
        """What its files are called, but for what stands behind the dot."""
        name = f"card-{self.item.recurring_id}"
        if isinstance(self.about, Invoice):
            name = printing.file_name(self.about).removesuffix(".pdf")
        if self.item.template is not Template.INVOICE:
            name = f"{self.item.template}-{name}"
        return f"{self.account.account_id}-{self.item.outgoing_id}-{name}"


def packed(ports: Ports, account_id: int, item: Outgoing) -> Parcel:
    """Return an item with all that belongs to it, as it is now.

    Raises: ValueError for one that belongs to nothing.
    """
    account = accounts.get(account_id)
    about = current(account_id, item)
    if account is None or about is None:
        raise ValueError("what is on its way belongs to nothing")
    client = clients.get(Scope(account_id), about.client_id)
    if isinstance(about, Invoice):
        attached = attachments.of_invoices(account_id, [about.invoice_id])
        return Parcel(
            account=account,
            item=item,
            about=about,
            client=client,
            attached=tuple(reversed(attached.get(about.invoice_id, []))),
            charges=tuple(charges.of_invoice(account_id, about.invoice_id)),
        )
    shown = cards.shown(ports, account_id, [about.recurring_id])
    return Parcel(
        account=account,
        item=item,
        about=about,
        client=client,
        autobill=shown.get(about.recurring_id),
    )


def current(account_id: int, item: Outgoing) -> Invoice | Profile | None:
    """Return what an item is about, as it is now."""
    if item.invoice_id is not None:
        return invoices.get(Scope(account_id), item.invoice_id)
    return profiles.get(Scope(account_id), item.recurring_id or 0)


def files(ports: Ports, parcel: Parcel) -> Mapping[str, bytes]:
    """Return the files that an item becomes; the last one makes it complete.

    Raises: RefusedError for what cannot be sent.
    """
    if parcel.item.kind is OutgoingKind.EMAIL:
        return _mail(ports, parcel)
    return _post(ports, parcel)


def _post(ports: Ports, parcel: Parcel) -> Mapping[str, bytes]:
    """Return a letter: the text, which comes last, says that it is complete."""
    invoice = _invoice(parcel)
    outgoing.check_address(invoice)
    lines = [
        *printing.addressee(parcel.account, invoice),
        "",
        f"Invoice {text.name(invoice.number)}",
    ]
    return {
        f"{parcel.file_name}.pdf": printing.printed(ports, parcel.account, invoice),
        f"{parcel.file_name}.txt": "".join(f"{line}\n" for line in lines).encode(),
    }


def _mail(ports: Ports, parcel: Parcel) -> Mapping[str, bytes]:
    if parcel.item.template is Template.FAILURE:
        outgoing.check_failed(_invoice(parcel))
    outgoing.check_email(parcel.about, parcel.client)
    host = _host(ports.url)
    subject, body = message.worded(parcel.item, _values(ports, parcel))
    enclosures: list[Enclosure] = []
    if parcel.item.template is Template.INVOICE:
        enclosures, left_out = _enclosed(parcel)
        enclosures.insert(0, _paper(ports, parcel))
        if left_out:
            body += f"\n\nToo large to be enclosed: {', '.join(left_out)}\n"
    account_id, outgoing_id = parcel.id
    written = mail.written(
        Mail(
            sender=mail.named(parcel.account.name, "no-reply", host),
            to=_recipients(parcel),
            subject=subject,
            text=body,
            sent_at=parcel.item.created_at,
            message_id=f"<outgoing-{account_id}-{outgoing_id}@{host}>",
            enclosures=tuple(enclosures),
        )
    )
    return {f"{parcel.file_name}.eml": written}


def _paper(ports: Ports, parcel: Parcel) -> Enclosure:
    invoice = _invoice(parcel)
    return Enclosure(
        file_name=printing.file_name(invoice),
        type="application/pdf",
        content=printing.printed(ports, parcel.account, invoice),
    )


def _recipients(parcel: Parcel) -> tuple[Address, ...]:
    """Return the client and the chosen contacts, each address once.

    Raises: RefusedError where none is one.
    """
    client, chosen = parcel.client, parcel.about.contacts
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


def _values(ports: Ports, parcel: Parcel) -> dict[str, str]:
    """Return what stands for the variables."""
    bill_to = parcel.about.bill_to
    return {
        message.COMPANY_NAME: parcel.account.name,
        message.CLIENT_ORGANIZATION: bill_to.organization,
        message.FIRST_NAME: bill_to.first_name,
        message.LAST_NAME: bill_to.last_name,
        **(
            _of_invoice(ports, parcel, parcel.about)
            if isinstance(parcel.about, Invoice)
            else _of_card(parcel)
        ),
    }


def _of_invoice(ports: Ports, parcel: Parcel, invoice: Invoice) -> dict[str, str]:
    """Return what stands for the variables of an invoice, and of its last charge.

    Source: inferred (the payment amount of an invoice is its total, that of a receipt
    what was paid).
    """
    amount, last_four = invoice.amount, ""
    if parcel.item.template is not Template.INVOICE and parcel.charges:
        last = parcel.charges[-1]
        amount, last_four = last.amount, last.last_four
    return {
        outgoing.INVOICE_LINK: ports.view(invoice.view_key),
        message.INVOICE_NUMBER: invoice.number,
        message.PAYMENT_AMOUNT: figures.money(amount, _LOCALE),
        message.AMOUNT_OWED: figures.money(invoice.amount_outstanding, _LOCALE),
        message.CARD_END: last_four,
    }


def _of_card(parcel: Parcel) -> dict[str, str]:
    """Return what stands for the variables of a card.

    Raises: RefusedError where it is gone.
    """
    if parcel.autobill is None:
        raise RefusedError("send", "recurring", "Its card is gone.")
    card = parcel.autobill.card
    return {
        message.CARD_END: card.number[-4:],
        message.CARD_EXPIRY: f"{card.expiration.month:02d}/{card.expiration.year}",
    }


def _enclosed(parcel: Parcel) -> tuple[list[Enclosure], list[str]]:
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


def _invoice(parcel: Parcel) -> Invoice:
    if not isinstance(parcel.about, Invoice):
        raise TypeError("only an invoice has a paper")
    return parcel.about


def _host(url: str) -> str:
    """Return the domain of this server's addresses, as a mail has it."""
    host = urlsplit(url).hostname or "localhost"
    return f"[IPv6:{host}]" if ":" in host else host
