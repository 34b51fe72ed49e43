"""Refunds: a credit of a settled charge, or the void of one that is not settled yet.

Source: documented ("Credits or refunds may only be performed against settled
transactions", "A Void prevents the transaction from being sent for settlement").
"""

import re
import xml.etree.ElementTree as ET

from app.domain.gateway import Approved, Declined, Outcome, Reason, Refund
from app.gateways.authorize_net import fields, lists, outcomes
from app.gateways.authorize_net.line import Fields, NoAnswerError, Talk, text_of

_VOIDABLE = frozenset("authorizedPendingCapture capturedPendingSettlement".split())
_LAST_FOUR = re.compile(r"[0-9]{4}\Z", re.ASCII)
_REASONS = {
    **outcomes.REASONS,
    # There is no such charge; it is not settled, of another kind, or too old.
    "16": Reason.PROCESSING,
    "50": Reason.PROCESSING,
    "54": Reason.PROCESSING,
    # More than is left of it.
    "51": Reason.LIMIT,
    "55": Reason.LIMIT,
}


def made(talk: Talk, refund: Refund) -> Outcome:
    """Return how a refund ended.

    Raises: NoAnswerError.
    """
    if not outcomes.is_transaction(refund.reference):
        return _no_charge()
    charge = lists.details(talk, refund.reference)
    if charge is None:
        return _no_charge()
    if text_of(charge, "transactionStatus") == "settledSuccessfully":
        return _credited(talk, refund, charge)
    return _before_settlement(talk, refund, charge)


def _before_settlement(talk: Talk, refund: Refund, charge: ET.Element) -> Outcome:
    status = text_of(charge, "transactionStatus")
    if lists.same(text_of(charge, "authAmount"), refund.amount):
        if status == "voided":
            return Approved(reference=refund.reference)
        if status in _VOIDABLE:
            return _sent(talk, refund, _void(refund))
    return outcomes.declined(
        Reason.PROCESSING,
        "The gateway gives back a whole charge until it is being settled, and any part "
        "of it once it is settled.",
    )


def _credited(talk: Talk, refund: Refund, charge: ET.Element) -> Outcome:
    reference = _reference(refund)
    for row in lists.unsettled(talk):
        pending = text_of(row, "transactionStatus") == "refundPendingSettlement"
        if pending and lists.invoice_of(row) == reference:
            return outcomes.approved(text_of(row, "transId"))
    masked = text_of(charge, "payment/creditCard/cardNumber")
    return _sent(talk, refund, _credit(refund, masked))


def _sent(talk: Talk, refund: Refund, request: Fields) -> Outcome:
    answer = talk.ask("createTransaction", request, _reference(refund))
    return outcomes.of(answer, _REASONS)


def _void(refund: Refund) -> Fields:
    return fields.transaction(
        ("transactionType", "voidTransaction"), ("refTransId", refund.reference)
    )


def _credit(refund: Refund, masked: str) -> Fields:
    last_four = _LAST_FOUR.search(masked)
    if last_four is None:
        raise NoAnswerError("The gateway does not say which card was charged.")
    # All of the card that they want to see again.
    card = (("cardNumber", last_four[0]), ("expirationDate", "XXXX"))
    return fields.transaction(
        ("transactionType", "refundTransaction"),
        *fields.amount(refund.amount),
        ("payment", (("creditCard", card),)),
        ("refTransId", refund.reference),
        ("order", (("invoiceNumber", _reference(refund)),)),
        fields.settings(),
    )


def _reference(refund: Refund) -> str:
    return fields.reference("refund", refund.key)


def _no_charge() -> Declined:
    return outcomes.declined(Reason.PROCESSING, "The gateway knows no such charge.")
