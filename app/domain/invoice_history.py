"""The history of invoices: what was changed in each."""

from dataclasses import asdict

from app.domain.charge import Charge
from app.domain.event import (
    Change,
    change,
    day,
    differing,
    discounts,
    number,
    of_lines,
    taxes,
)
from app.domain.invoice import Invoice
from app.domain.outgoing import Outgoing


def created(invoice: Invoice) -> list[Change]:
    """Return what is told of an invoice that a person made."""
    return [
        change("number", "", invoice.number),
        Change("amount", "", number(invoice.amount.amount)),
    ]


def changes(before: Invoice, after: Invoice) -> list[Change]:
    """Return what differs between two states of an invoice."""
    found = differing(_told(before), _told(after))
    if after.lines != before.lines:
        found += of_lines(before.lines, after.lines)
    return found


def sent(before: Invoice, after: Invoice, item: Outgoing) -> list[Change]:
    """Return what is told of an invoice that was sent, and in what words."""
    texts = [("subject", item.subject), ("message", item.message)]
    written = [change(name, "", text) for name, text in texts if text]
    return [*changes(before, after), *written]


def not_sent(item: Outgoing, reason: str) -> list[Change]:
    """Return what is told of an invoice that was on its way, and could not go."""
    return [Change("sending", item.kind, reason)]


def declined(before: Invoice, after: Invoice, charge: Charge) -> list[Change]:
    """Return what is told of an invoice whose card was declined."""
    return [
        Change("payment_id", "", str(charge.charge_id)),
        Change("reason", "", charge.reason or ""),
        change("message", "", charge.message),
        *changes(before, after),
    ]


def charge_parked(charge: Charge) -> list[Change]:
    """Return what is told of an invoice of which nobody knows whether it was paid."""
    return [
        Change("payment_id", "", str(charge.charge_id)),
        change("parked", "", charge.message),
    ]


def charge_released(charge: Charge, outcome: str) -> list[Change]:
    """Return what is told of an invoice whose charge no longer waits for a person."""
    return [
        Change("payment_id", "", str(charge.charge_id)),
        change("parked", charge.message, outcome),
    ]


def _told(invoice: Invoice) -> dict[str, str]:
    """Return the fields of an invoice as texts, but for its lines."""
    default_tax = [] if invoice.default_tax is None else [invoice.default_tax]
    return {
        "client_id": str(invoice.client_id),
        "contacts": ", ".join(map(str, invoice.contacts)),
        **asdict(invoice.bill_to),
        "number": invoice.number,
        "status": invoice.status,
        "folder": invoice.folder,
        "date": day(invoice.date),
        "due_date": day(invoice.due_on),
        "po_number": invoice.po_number,
        "currency_code": invoice.currency_code,
        "language": invoice.language,
        "notes": invoice.notes,
        "terms": invoice.terms,
        "discount": number(invoice.discount),
        "return_uri": invoice.return_uri,
        "title": invoice.title,
        "attributes": ", ".join(f"{a.name}: {a.value}" for a in invoice.attributes),
        "default_tax": taxes(default_tax),
        "taxes": taxes(invoice.taxes),
        "discounts": discounts(invoice.discounts),
        "amount": number(invoice.amount.amount),
    }
