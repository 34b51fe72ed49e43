"""invoice.*: what profiles make, read only in this edition."""

from collections.abc import Sequence

from app.api import addressee, attachment, charges, lines
from app.api.paging import folder, page
from app.api.registry import Call, method
from app.domain.account import Account
from app.domain.invoice import Invoice, InvoiceFilter
from app.domain.line import Line, shown
from app.domain.money import Money
from app.domain.unset import given
from app.services import attachment as attachments
from app.services import invoice as service
from app.services.ports import Ports
from app.wire import envelope, values
from app.wire.xml import Node, node


@method("invoice.get")
def get(call: Call) -> Sequence[Node]:
    """Return an invoice. Source: documented."""
    invoice_id = call.request.required_id("invoice_id", "invoice")
    invoice = service.get(call.caller, invoice_id)
    return _shown(call, [invoice], listed=False)


@method("invoice.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of invoices by descending `invoice_id`. Source: documented."""
    request = call.request
    account = call.caller.account
    narrowed = InvoiceFilter(
        client_id=given(request.record_id("client_id", "client"), None),
        recurring_id=given(request.record_id("recurring_id", "recurring"), None),
        status=given(request.word("status"), "") or None,
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


def _shown(call: Call, invoices: Sequence[Invoice], *, listed: bool) -> list[Node]:
    """Render invoices with what is attached to them."""
    account = call.caller.account
    attached = attachments.of_invoices(call.caller, invoices)
    return [
        attachment.appended(
            _invoice(invoice, call.ports, account, listed=listed),
            attached.get(invoice.invoice_id, ()),
            account.zone,
        )
        for invoice in invoices
    ]


def _invoice(invoice: Invoice, ports: Ports, account: Account, *, listed: bool) -> Node:
    """Render an invoice; lists have another order than get. Source: documented."""
    view = f"{ports.url}/view/{invoice.view_key}"
    page_of = f"{ports.url}/invoices/{invoice.invoice_id}"
    currency = node("currency_code", invoice.currency_code)
    language = node("language", invoice.language)
    in_folder = node("folder", invoice.folder)
    return node(
        "invoice",
        [
            node("invoice_id", str(invoice.invoice_id)),
            node("client_id", str(invoice.client_id)),
            *addressee.contacts(invoice.contacts),
            node("number", invoice.number),
            node("amount", values.number(invoice.amount.amount)),
            *([currency, language] if listed else []),
            node(
                "amount_outstanding", values.number(invoice.amount_outstanding.amount)
            ),
            node("status", invoice.status),
            node("date", invoice.date.isoformat()),
            *([in_folder] if listed else []),
            node("po_number", invoice.po_number),
            node("discount", values.number(invoice.discount)),
            node("notes", invoice.notes),
            node("terms", invoice.terms),
            *([] if listed else [currency, in_folder, language]),
            node("url", view, ' deprecated="true"'),
            node("auth_url", page_of, ' deprecated="true"'),
            node(
                "links",
                [
                    node("client_view", view),
                    node("view", page_of),
                    node("edit", f"{page_of}/edit"),
                ],
            ),
            node("return_uri", invoice.return_uri),
            node("updated", values.timestamp(invoice.updated_at, account.zone)),
            node("recurring_id", str(invoice.recurring_id or "")),
            *addressee.names(invoice.bill_to),
            *addressee.address(invoice.bill_to),
            *addressee.vat(invoice.bill_to),
            node("staff_id", str(invoice.staff_id)),
            node(
                "lines",
                [
                    _line(line, amount)
                    for line, amount in zip(
                        invoice.lines, invoice.line_amounts, strict=True
                    )
                ],
            ),
            *_extension(invoice),
        ],
    )


def _extension(invoice: Invoice) -> list[Node]:
    """Render what is ours where it is not the default. Source: inferred."""
    due_date = node("due_date", invoice.due_on.isoformat())
    title = node("title", invoice.title)
    return [
        *([due_date] if invoice.due_on != invoice.date else []),
        *([title] if invoice.title else []),
        *charges.attribute_nodes(invoice.attributes, whole=False),
        *charges.nodes(
            invoice.default_tax, invoice.taxes, invoice.discounts, whole=False
        ),
        *lines.groups(invoice.lines, invoice.line_amounts),
    ]


def _line(line: Line, amount: Money) -> Node:
    plain = shown(line, amount.amount)
    return node(
        "line",
        [
            node("line_id", str(line.line_id)),
            node("amount", values.number(amount.amount)),
            node("name", line.name),
            node("description", line.description),
            node("unit_cost", values.number(plain.unit_cost)),
            node("quantity", values.number(plain.quantity)),
            *lines.details(line),
        ],
    )
