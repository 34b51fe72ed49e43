"""Cards that they keep: a payment profile, in a customer profile of its own."""

import re

from app.domain.card import Card, CardNumber, CardToken
from app.domain.gateway import CardCheck, Declined, Reason, Tokenised, Unknown
from app.gateways.authorize_net import fields, outcomes
from app.gateways.authorize_net.line import Answer, Field, Fields, Talk

TOKEN = re.compile(r"[0-9]{1,19}\|[0-9]{1,19}", re.ASCII)
# With it they charge the card with nothing, or next to it, and take that back.
_VALIDATION = ("validationMode", "liveMode")
_DUPLICATE = "E00039"
_DUPLICATE_OF = re.compile(r"\bID ([0-9]{1,19})\b", re.ASCII)
# Response code, subcode and reason code of a transaction in its one-line form; what
# stands between them is the account's own choice.
_ONE_LINE = re.compile(r"\W?([1-4])\W+[0-9]+\W+([0-9]+)\W", re.ASCII)


def unfit(number: CardNumber | CardToken) -> Declined | None:
    """Return why a card cannot even be sent, or None."""
    if isinstance(number, CardToken):
        if TOKEN.fullmatch(number.reveal()) is None:
            return outcomes.declined(Reason.NUMBER, "This is no card of the gateway's.")
    elif len(number.reveal()) > fields.CARD_NUMBER_MAX:
        return outcomes.declined(Reason.TYPE, "The gateway takes no number so long.")
    return None


def profile(token: CardToken) -> Field:
    """Return a card that they keep, as a transaction names it."""
    customer, _, payment = token.reveal().partition("|")
    return (
        "profile",
        (
            ("customerProfileId", customer),
            ("paymentProfile", (("paymentProfileId", payment),)),
        ),
    )


def kept(
    talk: Talk, card: Card, number: CardNumber, check: CardCheck, key: str
) -> Tokenised | Declined | Unknown:
    """Have a card tried out and kept, once for the key.

    Raises: NoAnswerError.
    """
    if refusal := unfit(number):
        return refusal
    reference = fields.reference("card", key)
    paying = _paying(card, number, check)
    customer = (("merchantCustomerId", reference), ("paymentProfiles", paying))
    request = (("profile", customer), _VALIDATION)
    answer = talk.ask("createCustomerProfile", request, reference)
    if answer.code == _DUPLICATE:
        return _added(talk, number, paying, _known(answer), reference)
    if answer.ok:
        payment = answer.text("customerPaymentProfileIdList/numericString")
        return _token(number, answer.text("customerProfileId"), payment)
    return _refused(answer, "validationDirectResponseList/string")


def _paying(card: Card, number: CardNumber, check: CardCheck) -> Fields:
    code = check.cvv.reveal() if check.cvv else ""
    return (
        fields.bill_to(card.name, check.address),
        fields.payment(number, card.expiration, code),
    )


def _known(answer: Answer) -> str:
    """Return the customer profile that an earlier try made; the text alone names it."""
    found = _DUPLICATE_OF.search(answer.text("messages/message/text"))
    return found[1] if found else answer.text("customerProfileId")


def _added(
    talk: Talk, number: CardNumber, paying: Fields, customer: str, reference: str
) -> Tokenised | Declined | Unknown:
    request = (
        ("customerProfileId", customer),
        ("paymentProfile", paying),
        _VALIDATION,
    )
    answer = talk.ask("createCustomerPaymentProfile", request, reference)
    if answer.ok or answer.code == _DUPLICATE:
        return _token(number, customer, answer.text("customerPaymentProfileId"))
    return _refused(answer, "validationDirectResponse")


def _token(number: CardNumber, customer: str, payment: str) -> Tokenised | Unknown:
    text = f"{customer}|{payment}"
    if TOKEN.fullmatch(text) is None:
        return Unknown(detail="The gateway does not say as what it keeps the card.")
    return Tokenised(token=CardToken(text, number.reveal()[-4:], number.brand))


def _refused(answer: Answer, path: str) -> Declined | Unknown:
    if line := _ONE_LINE.match(answer.text(path)):
        return _tried(line[1], line[2])
    if answer.code == "E00027":
        return outcomes.declined(Reason.DECLINED)
    if answer.code == "E00013":
        return _invalid(answer)
    return Unknown(detail=answer.words)


def _tried(said: str, code: str) -> Declined | Unknown:
    if outcomes.fails(said, code):
        return outcomes.declined(outcomes.REASONS.get(code, Reason.DECLINED))
    return Unknown(detail="The gateway could not try the card out.")


def _invalid(answer: Answer) -> Declined | Unknown:
    # One code for all fields: the text alone says which of them.
    text = answer.text("messages/message/text").lower()
    if "expiration" in text:
        return outcomes.declined(Reason.EXPIRED)
    if "card number" in text or "cardnumber" in text:
        return outcomes.declined(Reason.NUMBER)
    return Unknown(detail=answer.words)
