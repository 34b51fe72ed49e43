"""A gateway that keeps cards: it remembers what it was asked, and answers as told.

It refuses to be asked within a transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.domain.card import Card, CardNumber, CardToken
from app.domain.gateway import CardCheck, Declined, Tokenised, Unknown
from app.gateways.sandbox import Sandbox
from app.storage import database

Kept = Tokenised | Declined | Unknown


@dataclass
class Keeper:
    """What the gateways of a test have in common."""

    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    answer: Kept | Exception | None = None
    before: Callable[[], None] = lambda: None

    @property
    def kind(self) -> type[Sandbox]:
        """The class of a gateway that has this for its memory."""
        keeper = self

        class Keeping(Sandbox):
            def tokenise(self, card: Card, check: CardCheck, key: str) -> Kept:
                return keeper.kept(card, check, key)

        return Keeping

    def kept(self, card: Card, check: CardCheck, key: str) -> Kept:
        """Keep a card as the sandbox would, unless something else is wanted."""
        assert not database.proxy.in_transaction(), "asked within a transaction"
        assert key
        assert isinstance(card.number, CardNumber)
        cvv = check.cvv.reveal() if check.cvv else ""
        number = card.number.reveal()
        self.asked.append((number, cvv, check.address.street, check.address.code))
        self.before()
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer
        token = f"tok_kept_{len(self.asked)}"
        return Tokenised(token=CardToken(token, number[-4:], card.number.brand))
