"""The sandbox: a gateway in this process that takes no money.

It remembers nothing. What becomes of an order follows from its card, from how many
attempts at the invoice there were, and from how often somebody has looked after it: so
it is the same wherever it is asked, and every story has an end.
"""

import hashlib
import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from app.domain.card import Card, CardNumber, CardToken
from app.domain.gateway import (
    Address,
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


class _Story(StrEnum):
    """What becomes of the orders of a card, besides the reasons to decline it.

    The words stand in tokens, as those of `Reason` do.
    """

    APPROVED = "approved"
    SECOND = "second"
    LOST_ON_THE_WAY = "unsent"
    LOST_ON_THE_WAY_BACK = "unheard"
    LATE = "late"
    SILENT = "silent"
    GARBAGE = "garbage"
    UNKEPT = "unkept"


# The card of those who name none.
APPROVED = "4242424242424242"

# Where Stripe has a test card for it, ours has the same number. All are Visa's, and
# valid by their check digits; any other number is approved.
NUMBERS: Mapping[str, Reason | _Story] = MappingProxyType(
    {
        APPROVED: _Story.APPROVED,
        "4000000000000002": Reason.DECLINED,
        "4000000000009995": Reason.FUNDS,
        "4000000000006975": Reason.LIMIT,
        "4000000000000119": Reason.PROCESSING,
        "4000000000000069": Reason.EXPIRED,
        "4000000000000127": Reason.CVV,
        "4000000000000010": Reason.ADDRESS,
        "4000002760003184": Reason.AUTHENTICATION,
        "4000000000009979": Reason.STOLEN,
        "4000000000009987": Reason.LOST,
        "4100000000000019": Reason.FRAUD,
        "4000100000000018": Reason.ACCOUNT_CLOSED,
        "4000100000000026": Reason.REVOKED,
        "4000100000000034": Reason.NUMBER,
        "4000100000000042": Reason.TYPE,
        "4000100000000059": Reason.CURRENCY,
        "4000100000000109": _Story.SECOND,
        "4000100000000117": _Story.LOST_ON_THE_WAY,
        "4000100000000125": _Story.LOST_ON_THE_WAY_BACK,
        "4000100000000133": _Story.LATE,
        "4000100000000141": _Story.SILENT,
        "4000100000000158": _Story.GARBAGE,
        "4000100000000166": _Story.UNKEPT,
    }
)

# How often a late answer is asked for in vain.
_LATE_CHECKS = 2

_NO_ANSWER = Unknown(detail="The sandbox does not answer.")
_GARBAGE = Unknown(detail="The answer of the sandbox cannot be understood.")


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
        """Return what its sender hears of an order."""
        story = _story(order.card.number)
        if story in {_Story.LOST_ON_THE_WAY, _Story.LOST_ON_THE_WAY_BACK}:
            return _approved(order.key) if order.asked else _NO_ANSWER
        if story is _Story.LATE:
            return _NO_ANSWER
        if story is _Story.GARBAGE:
            return _GARBAGE
        return _settled(story, order)

    def look_up(self, order: Order) -> Outcome | Missing:
        """Return what has become of an order in the end, or by now."""
        story = _story(order.card.number)
        if story is _Story.LOST_ON_THE_WAY:
            return Missing()
        if story is _Story.LATE and order.asked <= _LATE_CHECKS:
            return _NO_ANSWER
        if story is _Story.GARBAGE:
            return _declined(Reason.PROCESSING)
        return _settled(story, order)

    def refund(self, refund: Refund) -> Outcome:
        """Give back what was never taken."""
        return _approved(refund.key)

    def tokenise(
        self, card: Card, check: CardCheck, key: str
    ) -> Tokenised | Declined | Unknown:
        """Return a token that has the story of its number, and nothing else of it."""
        number = card.number
        if isinstance(number, CardToken):
            return Tokenised(token=number)
        story = _story(number)
        if story is _Story.UNKEPT:
            return _NO_ANSWER
        if story in _seen(check):
            return _declined(Reason(story))
        text = f"tok_{story}_{_digest(key)}"
        return Tokenised(token=CardToken(text, number.reveal()[-4:], number.brand))


def _settled(story: Reason | _Story, order: Order) -> Outcome:
    if story is _Story.SILENT:
        return _NO_ANSWER
    if isinstance(story, Reason):
        return _declined(story)
    if story is _Story.SECOND and order.attempt_no == 1:
        return _declined(Reason.FUNDS)
    return _approved(order.key)


def _seen(check: CardCheck) -> set[Reason]:
    """Return what is found wrong before a card is kept, where it is wrong."""
    seen = {Reason.NUMBER}
    if check.cvv is not None:
        seen.add(Reason.CVV)
    if check.address != Address():
        seen.add(Reason.ADDRESS)
    return seen


def _story(number: CardNumber | CardToken) -> Reason | _Story:
    """Return what becomes of a card; tokens that somebody made up are approved."""
    if isinstance(number, CardNumber):
        return NUMBERS.get(number.reveal(), _Story.APPROVED)
    text = number.reveal().removeprefix("tok_") + "_"
    told = (story for story in NUMBERS.values() if text.startswith(f"{story}_"))
    return next(told, _Story.APPROVED)


def _declined(reason: Reason) -> Declined:
    return Declined(reason=reason, message=f"Sandbox: {reason}.")


def _approved(key: str) -> Approved:
    return Approved(reference=f"sandbox_{_digest(key)}")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]
