"""What a gateway has to be: one file of ours, or a package of somebody else's."""

import re
from collections.abc import Mapping
from typing import ClassVar, Protocol

from app.domain.card import Card
from app.domain.gateway import (
    CardCheck,
    Declined,
    Missing,
    Order,
    Outcome,
    Refund,
    Tokenised,
    Unknown,
)


class Gateway(Protocol):
    """A processor with an account's credentials.

    No method raises for what happens on the way: a refused connection, a time-out, an
    answer of garbage are `Unknown`. None may wait longer than half a minute in all, and
    none writes down a card or a credential. They are called by several threads at once.
    """

    # What it has to be told, such as a secret key; all of it is kept sealed.
    SETTINGS: ClassVar[tuple[str, ...]]
    # The form of its tokens; None where it has none.
    TOKEN: ClassVar[re.Pattern[str] | None]
    # Whether `look_up` can tell; one that cannot answers it with Unknown.
    LOOKS_UP: ClassVar[bool]
    # Whether a charge that is asked for again with its key is made only once.
    REPEATS: ClassVar[bool]

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Take the settings that it names.

        Raises: SettingsError for those that cannot be.
        """

    def check(self) -> Unknown | None:
        """Return what is wrong with the credentials or the way there, or None."""

    def charge(self, order: Order) -> Outcome:
        """Take the money of an order, once for its key."""

    def look_up(self, order: Order) -> Outcome | Missing:
        """Return what became of an order that was sent before."""

    def refund(self, refund: Refund) -> Outcome:
        """Give money back, once for its key."""

    def tokenise(
        self, card: Card, check: CardCheck, key: str
    ) -> Tokenised | Declined | Unknown:
        """Have the processor keep a card that holds its number."""
