"""From an invoice to `<invoice>`, in the documented orders."""

from app.api import addressee, charges, lines
from app.domain import collecting
from app.domain.account import Account
from app.domain.invoice import Invoice
from app.domain.line import Line, shown
from app.domain.money import Money
from app.services.invoice import Details
from app.services.ports import Ports
from app.wire import values
from app.wire.xml import Node, node


def invoice(
    of: Invoice,
    ports: Ports,
    account: Account,
    *,
    listed: bool,
    details: Details | None,
) -> Node:
    """Render an invoice; lists have another order than get. Source: documented.

    What is ours comes last: what is not the default, or all where `details` are wanted.
    """
    whole = details is not None
    view = ports.view(of.view_key)
    page_of = f"{ports.url}/invoices/{of.invoice_id}"
    currency = node("currency_code", of.currency_code)
    language = node("language", of.language)
    in_folder = node("folder", of.folder)
    return node(
        "invoice",
        [
            node("invoice_id", str(of.invoice_id)),
            node("client_id", str(of.client_id)),
            *addressee.contacts(of.contacts),
            node("number", of.number),
            node("amount", values.number(of.amount.amount)),
            *([currency, language] if listed else []),
            node("amount_outstanding", values.number(of.amount_outstanding.amount)),
            node("status", of.status),
            node("date", of.date.isoformat()),
            *([in_folder] if listed else []),
            node("po_number", of.po_number),
            node("discount", values.number(of.discount)),
            node("notes", of.notes),
            node("terms", of.terms),
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
            node("return_uri", of.return_uri),
            node("updated", values.timestamp(of.updated_at, account.zone)),
            node("recurring_id", str(of.recurring_id or "")),
            *addressee.names(of.bill_to),
            *addressee.address(of.bill_to),
            *addressee.vat(of.bill_to),
            node("staff_id", str(of.staff_id)),
            node(
                "lines",
                [
                    _line(line, amount, whole=whole)
                    for line, amount in zip(of.lines, of.line_amounts, strict=True)
                ],
            ),
            *_extension(of, whole=whole),
            *([] if details is None else _collecting(of, details)),
        ],
    )


def _extension(invoice: Invoice, *, whole: bool) -> list[Node]:
    """Render what is ours. Source: inferred."""
    due_date = node("due_date", invoice.due_on.isoformat())
    title = node("title", invoice.title)
    return [
        *([due_date] if whole or invoice.due_on != invoice.date else []),
        *([title] if whole or invoice.title else []),
        *charges.attribute_nodes(invoice.attributes, whole=whole),
        *charges.nodes(
            invoice.default_tax, invoice.taxes, invoice.discounts, whole=whole
        ),
        *lines.groups(invoice.lines, invoice.line_amounts),
    ]


def _collecting(invoice: Invoice, details: Details) -> list[Node]:
    """Render when its card is charged next, and how often it was declined."""
    on = collecting.next_on(invoice)
    return [
        node("charge_date", on.isoformat() if on else ""),
        node("declined_count", str(details.declined_count)),
    ]


def _line(line: Line, amount: Money, *, whole: bool) -> Node:
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
            *lines.details(line, whole=whole),
        ],
    )
