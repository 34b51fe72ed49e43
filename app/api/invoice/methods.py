"""invoice.*: the handlers."""

from collections.abc import Sequence

from app.api import attachment, events, lines
from app.api.invoice import reading, rendering
from app.api.paging import folder, page
from app.api.registry import Call, Document, method
from app.domain.invoice import Invoice, InvoiceFilter
from app.domain.unset import given
from app.services import attachment as attachments
from app.services import charging, printing
from app.services import invoice as service
from app.wire import envelope
from app.wire.xml import Node, node


@method("invoice.create", once=True)
def create(call: Call) -> Sequence[Node]:
    """Make an invoice, a draft unless the request says else. Source: documented."""
    request = call.request.required_child("invoice")
    changes = reading.changes(request)
    invoice_id = service.create(call.ports, call.caller, changes)
    return [node("invoice_id", str(invoice_id))]


@method("invoice.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names. Source: documented."""
    request = call.request.required_child("invoice")
    invoice_id = request.required_id("invoice_id", "invoice")
    changes = reading.updates(request)
    service.update(call.ports, call.caller, invoice_id, changes)
    return []


@method("invoice.get")
def get(call: Call) -> Sequence[Node]:
    """Return an invoice. Source: documented."""
    invoice = service.get(call.caller, _id(call))
    return _shown(call, [invoice], listed=False)


@method("invoice.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of invoices by descending `invoice_id`. Source: documented."""
    request = call.request
    account = call.caller.account
    narrowed = InvoiceFilter(
        client_id=given(request.record_id("client_id", "client"), None),
        recurring_id=given(request.record_id("recurring_id", "recurring"), None),
        status=reading.wanted_status(request),
        number=given(request.word("number"), "") or None,
        date_from=request.day_bound("date_from"),
        date_to=request.day_bound("date_to"),
        updated_from=request.since("updated_from", account.zone),
        updated_to=request.until("updated_to", account.zone),
        folder=folder(request),
    )
    listing = service.list_(call.caller, narrowed, page(request))
    nodes = _shown(call, listing.rows, listed=True)
    return [envelope.paged("invoices", listing, nodes)]


@method("invoice.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete an invoice. Source: documented; that payments keep it is inferred."""
    service.delete(call.ports, call.caller, _id(call))
    return []


@method("invoice.issue")
def issue(call: Call) -> Sequence[Node]:
    """Make a draft an invoice that is to be paid. Source: inferred, ours."""
    service.issue(call.ports, call.caller, _id(call))
    return []


@method("invoice.charge")
def charge(call: Call) -> Sequence[Node]:
    """Charge a card for what an invoice has outstanding. Source: inferred, ours.

    No key keeps it from being carried out twice: what a key covers is one transaction,
    and no gateway is asked within one. A repeat is refused while a charge is under way,
    and finds nothing outstanding after.
    """
    card_id = given(call.request.record_id("card_id", "card"), None)
    payment_id = charging.charge(call.ports, call.caller, _id(call), card_id)
    return [node("payment_id", str(payment_id))]


@method("invoice.sendByEmail", once=True)
def send_by_email(call: Call) -> Sequence[Node]:
    """Have an invoice mailed to its client. Source: documented."""
    service.send_by_email(
        call.ports,
        call.caller,
        _id(call),
        subject=given(call.request.word("subject"), ""),
        message=given(call.request.text("message"), ""),
    )
    return []


@method("invoice.sendBySnailMail", once=True)
def send_by_snail_mail(call: Call) -> Sequence[Node]:
    """Have an invoice printed and posted. Source: documented."""
    service.send_by_snail_mail(call.ports, call.caller, _id(call))
    return []


@method("invoice.getPDF", bulky_answer=True)
def get_pdf(call: Call) -> Document:
    """Return an invoice as PDF, and nothing else. Source: observed."""
    invoice = service.get(call.caller, _id(call))
    return Document(
        body=printing.printed(call.ports, call.caller.account, invoice),
        content_type="application/pdf",
        file_name=printing.file_name(invoice),
    )


@method("invoice.history")
def history(call: Call) -> Sequence[Node]:
    """Return a page of an invoice's events, newest first. Source: inferred, ours."""
    listing = service.history(call.caller, _id(call), page(call.request))
    return [events.page(listing, call.caller.account.zone)]


@method("invoice.lines.add", once=True)
def lines_add(call: Call) -> Sequence[Node]:
    """Append lines to an invoice and return their ids. Source: documented."""
    invoice_id = _id(call)
    added = lines.read(call.request)
    ids = service.add_lines(call.ports, call.caller, invoice_id, added)
    return [
        node("invoice_id", str(invoice_id)),
        node("lines", [node("line_id", str(line_id)) for line_id in ids]),
    ]


@method("invoice.lines.update")
def lines_update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names of lines. Source: documented."""
    invoice_id = _id(call)
    changes = lines.read_numbered(call.request)
    service.update_lines(call.ports, call.caller, invoice_id, changes)
    return []


@method("invoice.lines.delete")
def lines_delete(call: Call) -> Sequence[Node]:
    """Delete one line of an invoice. Source: documented."""
    line_id = call.request.required_id("line_id", "line")
    service.delete_line(call.ports, call.caller, _id(call), line_id)
    return []


def _shown(call: Call, invoices: Sequence[Invoice], *, listed: bool) -> list[Node]:
    """Render invoices with what is attached to them."""
    account = call.caller.account
    wanted = given(call.request.switch("details"), otherwise=False)
    details = service.details(call.caller, invoices) if wanted else {}
    attached = attachments.of_invoices(call.caller, invoices)
    return [
        attachment.appended(
            rendering.invoice(
                invoice,
                call.ports,
                account,
                listed=listed,
                details=details.get(invoice.invoice_id),
            ),
            attached.get(invoice.invoice_id, ()),
            account.zone,
        )
        for invoice in invoices
    ]


def _id(call: Call) -> int:
    return call.request.required_id("invoice_id", "invoice")
