"""What their codes mean here, and their words made safe to show."""

import re
from collections.abc import Mapping

from app.domain.gateway import Approved, Declined, Outcome, Reason, Unknown
from app.gateways.authorize_net.line import Answer

_TRANSACTION = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)
_DIGITS = re.compile(r"[0-9][0-9 -]{5,}[0-9]", re.ASCII)
_MESSAGE_MAX = 200

# The same request was made before, here or at the processor: it may have been carried
# out.
_DUPLICATES = frozenset({"11", "222", "318"})
# Why a card is at fault. What is not here is the operator's or the processor's.
REASONS = {
    "2": Reason.DECLINED,
    "3": Reason.DECLINED,
    # "The card used needs to be picked up": it was reported lost or stolen.
    "4": Reason.STOLEN,
    "6": Reason.NUMBER,
    "7": Reason.EXPIRED,
    "8": Reason.EXPIRED,
    "17": Reason.TYPE,
    "27": Reason.ADDRESS,
    "28": Reason.TYPE,
    "37": Reason.NUMBER,
    "39": Reason.CURRENCY,
    "41": Reason.FRAUD,
    "44": Reason.CVV,
    "45": Reason.CVV,
    "49": Reason.LIMIT,
    "65": Reason.CVV,
    "78": Reason.CVV,
    "127": Reason.ADDRESS,
    "141": Reason.FRAUD,
    "145": Reason.CVV,
    "165": Reason.CVV,
    "200": Reason.NUMBER,
    "201": Reason.EXPIRED,
    # Their list of blocked addresses has this server's: no fault of any card.
    "250": Reason.DECLINED,
    "251": Reason.FRAUD,
    "254": Reason.FRAUD,
    "315": Reason.NUMBER,
    "316": Reason.EXPIRED,
    "317": Reason.EXPIRED,
}


def of(answer: Answer, reasons: Mapping[str, Reason] = REASONS) -> Outcome:
    """Return how the transaction of an answer ended."""
    said = answer.text("transactionResponse/responseCode")
    number = answer.text("transactionResponse/transId")
    if said == "1" and answer.ok:
        return approved(number)
    if said == "4":
        return Unknown(
            detail="The gateway holds it until somebody has looked at it.", answers=True
        )
    code = answer.text("transactionResponse/errors/error/errorCode")
    if code in _DUPLICATES:
        return Unknown(
            detail="The gateway takes it for one that it has had before.", answers=True
        )
    if fails(said, code, reasons):
        text = answer.text("transactionResponse/errors/error/errorText")
        return declined(reasons.get(code, Reason.DECLINED), text, number)
    return Unknown(detail=_unprocessed(code) if code else answer.words)


def fails(said: str, code: str, reasons: Mapping[str, Reason] = REASONS) -> bool:
    """Whether a response code with a reason code says that nothing was taken.

    An error (3) is one where the reason is the card; others may be over by the next
    try, or are the operator's.
    """
    return said == "2" or (said == "3" and code in reasons)


def approved(number: str) -> Outcome:
    """Return that it was approved, unless by an account in test mode.

    Those number everything with 0, and take no money.
    """
    if not is_transaction(number):
        return Unknown(detail="The gateway approved it, but only as a test.")
    return Approved(reference=number)


def declined(reason: Reason, text: str = "", number: str = "") -> Declined:
    """Return that it was declined, with their words made safe."""
    reference = number if is_transaction(number) else ""
    return Declined(reason=reason, message=_cleaned(text), reference=reference)


def is_transaction(number: str) -> bool:
    """Whether a text is the number of a transaction."""
    return _TRANSACTION.fullmatch(number) is not None


def _unprocessed(code: str) -> str:
    named = code if code.isdecimal() and len(code) <= len("9999") else "no known one"
    return f"The gateway could not process it (reason {named})."


def _cleaned(text: str) -> str:
    """Return a text without what could be a card number, and not too much of it."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(_DIGITS.sub("…", shown).split())[:_MESSAGE_MAX]
