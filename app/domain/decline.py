"""Why a card was declined, in sentences for whoever asked for the money."""

from app.domain.gateway import Reason

_SENTENCES = {
    Reason.ACCOUNT_CLOSED: "The card's account is closed.",
    Reason.ADDRESS: "The address is not that of the card.",
    Reason.AUTHENTICATION: "The card's holder has to confirm it, which nobody did.",
    Reason.CURRENCY: "The card cannot be charged in this currency.",
    Reason.CVV: "The card's code is wrong.",
    Reason.DECLINED: "The card was declined.",
    Reason.EXPIRED: "The card has expired.",
    Reason.FRAUD: "The card was declined on suspicion of fraud.",
    Reason.FUNDS: "There is not enough money on the card.",
    Reason.LIMIT: "The card's limit is exceeded.",
    Reason.LOST: "The card was reported lost.",
    Reason.NUMBER: "There is no card of this number.",
    Reason.PROCESSING: "The gateway could not process the card.",
    Reason.REVOKED: "The card's holder has withdrawn their consent.",
    Reason.STOLEN: "The card was reported stolen.",
    Reason.TYPE: "The gateway does not take cards of this type.",
}


def sentence(reason: Reason | None) -> str:
    """Return a reason in words of ours: a gateway's own might hold anything."""
    return _SENTENCES[reason or Reason.DECLINED]
