"""What is on its way out: invoices to be mailed or posted, until somebody took them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.client import Client
from app.domain.errors import RefusedError
from app.domain.folder import Folder
from app.domain.invoice import Invoice
from app.domain.invoice_status import InvoiceStatus
from app.domain.recurring import Profile

INVOICE_LINK = "::invoice link::"

_VERB, _NOUN = "send", "invoice"


class OutgoingKind(StrEnum):
    """By which way."""

    EMAIL = "email"
    POST = "post"


class Template(StrEnum):
    """What is told: of an invoice, or of what became of a card."""

    INVOICE = "invoice"
    RECEIPT = "receipt"
    FAILURE = "failure"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Something on its way; `outgoing_id` is 0 until it is stored.

    It is about an invoice, or about a profile whose card expires. Subject and message
    are a request's own, empty where it has none.
    """

    outgoing_id: int = 0
    kind: OutgoingKind
    template: Template = Template.INVOICE
    invoice_id: int | None = None
    recurring_id: int | None = None
    subject: str = ""
    message: str = ""
    created_at: datetime
    handed_over_at: datetime | None = None


def linked(message: str) -> str:
    """Return a message that names the invoice's link. Source: inferred (appended)."""
    if not message or INVOICE_LINK in message:
        return message
    return f"{message}\n\n{INVOICE_LINK}"


def check_kept(about: Invoice | Profile) -> None:
    """Refuse to send what was deleted meanwhile.

    Raises: RefusedError.
    """
    if about.folder is Folder.DELETED:
        raise RefusedError(_VERB, _NOUN, "It is deleted.")


def check_failed(invoice: Invoice) -> None:
    """Refuse to tell of a charge that failed where the invoice has been paid since.

    Raises: RefusedError.
    """
    if invoice.status is not InvoiceStatus.FAILED:
        raise RefusedError(_VERB, _NOUN, f"Invoice is {invoice.status}.")


def check_email(about: Invoice | Profile, client: Client | None) -> None:
    """Refuse to mail something to nobody.

    Raises: RefusedError.
    """
    if client is None or client.folder is Folder.DELETED:
        raise RefusedError(_VERB, _NOUN, "Its client is deleted.")
    people = (each for each in client.contacts if each.contact_id in about.contacts)
    if not client.email and not any(each.email for each in people):
        raise RefusedError(_VERB, _NOUN, "Its client has no e-mail address.")


def check_address(invoice: Invoice) -> None:
    """Refuse to post an invoice to nowhere.

    Raises: RefusedError.
    """
    if not (invoice.bill_to.p_street1 and invoice.bill_to.p_city):
        raise RefusedError(_VERB, _NOUN, "It has no postal address.")
