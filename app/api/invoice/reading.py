"""From the elements of `<invoice>` to what the domain knows."""

from app.api import addressee, charges, lines
from app.domain.invoice_status import FORMER, SETTABLE, InvoiceStatus
from app.domain.invoicing import InvoiceChanges
from app.domain.unset import UNSET, Maybe, given
from app.wire.reader import Reader

# Those of ours that hold elements.
_STRUCTURES = ("attributes", "taxes", "discounts")


def updates(request: Reader) -> InvoiceChanges:
    """Read everything that an update request may say of an invoice.

    Structures of ours that came back as their bare text say nothing.

    Raises: InvalidValueError, MissingFieldError, NotFoundError.
    """
    request.forget_flattened(_STRUCTURES)
    return changes(request)


def changes(request: Reader) -> InvoiceChanges:
    """Read everything that a create request may say of an invoice.

    Raises: InvalidValueError, MissingFieldError, NotFoundError.
    """
    request.refuse_flattened(_STRUCTURES)
    return InvoiceChanges(
        client_id=request.record_id("client_id", "client"),
        contacts=addressee.read_contacts(request),
        number=request.word("number"),
        status=_status(request),
        date=request.day("date"),
        due_on=request.day("due_date"),
        bill_to=addressee.read(request),
        po_number=request.text("po_number"),
        currency_code=charges.currency(request),
        language=request.word("language"),
        notes=request.text("notes"),
        terms=request.text("terms"),
        discount=request.percent("discount"),
        return_uri=request.word("return_uri"),
        lines=lines.read_unless_absent(request),
        title=request.text("title"),
        attributes=charges.attributes(request),
        default_tax_name=request.word("default_tax_name"),
        default_tax_percent=request.percent("default_tax_percent"),
        taxes=charges.taxes(request),
        discounts=charges.discounts(request),
    )


def wanted_status(request: Reader) -> str | None:
    """Read the status that a list is narrowed to, in any case.

    Raises: InvalidValueError for what is none.
    """
    word = given(request.word("status"), "").lower()
    if not word:
        return None
    if word not in (*InvoiceStatus, *FORMER):
        raise request.invalid("status", "There is no such status.")
    return word


def _status(request: Reader) -> Maybe[InvoiceStatus]:
    """Read a status; one that follows from payments says nothing here.

    Source: inferred (one client sends back whatever it read last).

    Raises: InvalidValueError for what is none.
    """
    word = wanted_status(request)
    return InvoiceStatus(word) if word in SETTABLE else UNSET
