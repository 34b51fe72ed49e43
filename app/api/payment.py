"""payment.*: money from clients, on invoices and to their credit."""

from collections.abc import Sequence

from app.api import events
from app.api.paging import page
from app.api.registry import Call, method
from app.domain.account import Account
from app.domain.payment import Payment, PaymentChanges, PaymentFilter
from app.domain.unset import Unset, given
from app.services import payment as service
from app.wire import envelope, values
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("payment.create", once=True)
def create(call: Call) -> Sequence[Node]:
    """Record a payment on an invoice, a credit, or a payment from credit.

    Which one the ids say: of an invoice, of a client, of both. Source: documented.
    """
    changes = _changes(call.request.required_child("payment"))
    payment_id = service.create(call.ports, call.caller, changes)
    return [node("payment_id", str(payment_id))]


@method("payment.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names. Source: documented."""
    request = call.request.required_child("payment")
    payment_id = request.required_id("payment_id", "payment")
    service.update(call.ports, call.caller, payment_id, _changes(request))
    return []


@method("payment.get")
def get(call: Call) -> Sequence[Node]:
    """Return a payment. Source: documented."""
    payment = service.get(call.caller, _id(call))
    return [_got(payment, call.caller.account)]


@method("payment.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of payments by descending `payment_id`.

    Source: documented; the order is inferred.
    """
    request = call.request
    account = call.caller.account
    narrowed = PaymentFilter(
        client_id=given(request.record_id("client_id", "client"), None),
        invoice_id=given(request.record_id("invoice_id", "invoice"), None),
        date_from=request.day_bound("date_from"),
        date_to=request.day_bound("date_to"),
        updated_from=request.since("updated_from", account.zone),
        updated_to=request.until("updated_to", account.zone),
    )
    listing = service.list_(call.caller, narrowed, page(request))
    nodes = [_listed(payment, account) for payment in listing.rows]
    return [envelope.paged("payments", listing, nodes)]


@method("payment.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a payment. Source: documented."""
    service.delete(call.ports, call.caller, _id(call))
    return []


@method("payment.history")
def history(call: Call) -> Sequence[Node]:
    """Return a page of a payment's events, newest first. Source: inferred, ours."""
    listing = service.history(call.caller, _id(call), page(call.request))
    return [events.page(listing, call.caller.account.zone)]


def _id(call: Call) -> int:
    return call.request.required_id("payment_id", "payment")


def _changes(request: Reader) -> PaymentChanges:
    kind = request.filled("type", request.word)
    currency = request.filled("currency_code", request.word)
    return PaymentChanges(
        client_id=request.record_id("client_id", "client"),
        invoice_id=request.record_id("invoice_id", "invoice"),
        date=request.day("date"),
        amount=request.decimal("amount"),
        currency_code=currency
        if isinstance(currency, Unset)
        else values.currency(currency),
        type=kind if isinstance(kind, Unset) else values.payment_type(kind),
        notes=request.text("notes"),
    )


def _got(payment: Payment, account: Account) -> Node:
    return node(
        "payment",
        [
            node("payment_id", str(payment.payment_id)),
            node("client_id", str(payment.client_id)),
            node("invoice_id", str(payment.invoice_id or "")),
            _date(payment),
            _amount(payment),
            *_currency(payment),
            node("type", payment.type),
            node("notes", payment.notes),
            _updated(payment, account),
            *_gateway_transaction(payment),
        ],
    )


def _listed(payment: Payment, account: Account) -> Node:
    """Render a payment in the order of lists. Source: documented."""
    return node(
        "payment",
        [
            node("payment_id", str(payment.payment_id)),
            node("invoice_id", str(payment.invoice_id or "")),
            _date(payment),
            node("type", payment.type),
            node("notes", payment.notes),
            node("client_id", str(payment.client_id)),
            *_currency(payment),
            _updated(payment, account),
            *_gateway_transaction(payment),
            _amount(payment),
        ],
    )


def _date(payment: Payment) -> Node:
    """Render the date, which has a time part here. Source: documented."""
    return node("date", f"{payment.date.isoformat()} 00:00:00")


def _amount(payment: Payment) -> Node:
    return node("amount", values.number(payment.amount.amount))


def _currency(payment: Payment) -> list[Node]:
    """Render the currency of what is, or came from, a credit. Source: documented."""
    currency = node("currency_code", payment.amount.currency)
    return [currency] if payment.of_credit else []


def _gateway_transaction(payment: Payment) -> list[Node]:
    """Render whose gateway took the money, if one did. Source: documented."""
    if not payment.gateway_name:
        return []
    reference = node("reference_id", payment.reference)
    name = node("gateway_name", payment.gateway_name)
    return [node("gateway_transaction", [reference, name])]


def _updated(payment: Payment, account: Account) -> Node:
    return node("updated", values.timestamp(payment.updated_at, account.zone))
