"""Charges: the money of an order, from a card in the clear or one that they keep."""

from app.domain.card import CardToken
from app.domain.gateway import Declined, Order, Outcome, Reason
from app.gateways.authorize_net import cards, fields, outcomes
from app.gateways.authorize_net.line import Field, Fields, Talk

_DESCRIPTION_MAX = 255


def made(talk: Talk, order: Order) -> Outcome:
    """Return how an order ended.

    Raises: NoAnswerError.
    """
    number = order.card.number
    if refusal := cards.unfit(number):
        return refusal
    reference = reference_of(order)
    answer = talk.ask("createTransaction", _request(order, reference), reference)
    if answer.code == "E00040" and isinstance(number, CardToken):
        return _unknown_card()
    return outcomes.of(answer)


def reference_of(order: Order) -> str:
    """Return what an order is called there: its invoice number."""
    return fields.reference("charge", order.key)


def _request(order: Order, reference: str) -> Fields:
    names = (
        ("invoiceNumber", reference),
        ("description", f"Invoice {order.invoice_number}"[:_DESCRIPTION_MAX]),
    )
    return fields.transaction(
        ("transactionType", "authCaptureTransaction"),
        *fields.amount(order.amount),
        _payment(order),
        ("order", names),
        # A card that they keep has its own, and may not come with another.
        ("billTo", ()) if _token(order) else fields.bill_to(order.card.name),
        fields.settings(),
    )


def _token(order: Order) -> bool:
    return isinstance(order.card.number, CardToken)


def _payment(order: Order) -> Field:
    number = order.card.number
    if isinstance(number, CardToken):
        return cards.profile(number)
    return fields.payment(number, order.card.expiration)


def _unknown_card() -> Declined:
    return outcomes.declined(Reason.NUMBER, "The gateway does not keep this card.")
