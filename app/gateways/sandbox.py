"""The sandbox: a gateway in this process that takes no money.

It remembers nothing. What becomes of an order follows from its card, so that it is the
same however often and wherever it is asked.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import ClassVar

from app.domain.card import Card, CardNumber, CardToken
from app.domain.gateway import (
    Approved,
    CardCheck,
    Declined,
    Missing,
    Order,
    Outcome,
    Reason,
    Refund,
    Tokenised,
    Unknown,
)

_DECLINED = {
    "4000000000000002": Reason.DECLINED,
    "4000000000009995": Reason.FUNDS,
    "4000000000009979": Reason.STOLEN,
    "4000000000009987": Reason.LOST,
    "4000000000000069": Reason.EXPIRED,
    "4000000000000119": Reason.PROCESSING,
}


class Sandbox:
    """A gateway for those who try things: any card is good that is not listed."""

    SETTINGS: ClassVar[tuple[str, ...]] = ()
    TOKEN: ClassVar[re.Pattern[str] | None] = re.compile(r"tok_[A-Za-z0-9_]{1,100}")
    LOOKS_UP: ClassVar[bool] = True
    REPEATS: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Take no settings."""

    def check(self) -> Unknown | None:
        """Return None: it is always there."""
        return None

    def charge(self, order: Order) -> Outcome:
        """Return what becomes of an order's card."""
        reason = _DECLINED.get(order.card.number.reveal())
        if reason is not None:
            return Declined(reason=reason, message=f"Sandbox: {reason}.")
        return Approved(reference=_reference(order.key))

    def look_up(self, order: Order) -> Outcome | Missing:
        """Return what became of an order."""
        return self.charge(order)

    def refund(self, refund: Refund) -> Outcome:
        """Give back what was never taken."""
        return Approved(reference=_reference(refund.key))

    def tokenise(
        self, card: Card, check: CardCheck, key: str
    ) -> Tokenised | Declined | Unknown:
        """Return a token that says nothing of the card but its end and its brand."""
        del check
        number = card.number
        if not isinstance(number, CardNumber):
            return Declined(reason=Reason.NUMBER)
        token = CardToken(f"tok_{_digest(key)}", number.reveal()[-4:], number.brand)
        return Tokenised(token=token)


def _reference(key: str) -> str:
    return f"sandbox_{_digest(key)}"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]
