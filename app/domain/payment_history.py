"""The history of payments: what changed in each, and in the invoice that it pays."""

from app.domain.event import Change, change, day, differing, number
from app.domain.invoice import Invoice
from app.domain.payment import Payment


def made(payment: Payment) -> list[Change]:
    """Return what a payment was like when it was made."""
    return [
        change(name, "", text)
        for name, text in _told(payment).items()
        if text and name != "folder"
    ]


def changes(before: Payment, after: Payment) -> list[Change]:
    """Return what differs between two states of a payment."""
    return differing(_told(before), _told(after))


def of_invoice(payment_id: int, before: Invoice, after: Invoice) -> list[Change]:
    """Return what a payment changed in its invoice."""
    return [
        Change("payment_id", "", str(payment_id)),
        *differing(_settled(before), _settled(after)),
    ]


def _told(payment: Payment) -> dict[str, str]:
    return {
        "client_id": str(payment.client_id),
        "invoice_id": str(payment.invoice_id or ""),
        "date": day(payment.date),
        "amount": number(payment.amount.amount),
        "currency_code": payment.amount.currency,
        "type": payment.type,
        "notes": payment.notes,
        "folder": payment.folder,
    }


def _settled(invoice: Invoice) -> dict[str, str]:
    return {
        "status": invoice.status,
        "paid": number(invoice.paid.amount),
        "amount_outstanding": number(invoice.amount_outstanding.amount),
    }
