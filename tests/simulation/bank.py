"""A payment gateway in the simulation, with a ledger of its own.

It takes money by rolls of the seed, loses answers on the way there and back, is down
for a while, answers garbage, and may be a poor one: that cannot be asked, or that takes
the money again for a key that it has had. What it took, it knows; the product is held
against that and never asked.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import ClassVar, TypeVar

from app.config import SettingsError
from app.domain.card import Card, CardNumber
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
from app.gateways.gateway import Gateway
from app.gateways.registry import Registry
from tests.simulation.scheduler import Scheduler
from tests.simulation.sql import KINDS

# Cards by what becomes of them, mostly.
GOOD = "4111111111111111"
POOR = "5555555555554444"
STOLEN = "378282246310005"
CARDS = (GOOD, POOR, STOLEN)

_SOFT = (Reason.FUNDS, Reason.LIMIT, Reason.PROCESSING, Reason.DECLINED)
_HARD = (Reason.STOLEN, Reason.ACCOUNT_CLOSED, Reason.REVOKED)
# How often they are approved, else declined softly, else for good.
_LUCK = {GOOD: (0.93, 0.99), POOR: (0.2, 0.95), STOLEN: (0.02, 0.1)}
_Answer = TypeVar("_Answer", bound=Outcome | Missing)

Heard = Callable[[Order], None]


@dataclass(frozen=True, kw_only=True)
class Capture:
    """Money that the bank took; `number` is that of the invoice."""

    key: str
    number: str
    minor: int


@dataclass(frozen=True, kw_only=True)
class Weather:
    """How often something goes wrong at a bank."""

    trouble: float = 0.0
    outage: float = 0.0
    unset: float = 0.0


class Bank:
    """A gateway of the best kind; `heard` is told of each order before it counts."""

    SETTINGS: ClassVar[tuple[str, ...]] = ()
    TOKEN: ClassVar[re.Pattern[str] | None] = None
    LOOKS_UP: ClassVar[bool] = True
    REPEATS: ClassVar[bool] = True

    scheduler: Scheduler
    weather: Weather
    heard: Heard

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Take no settings."""
        del settings
        self.captures: list[Capture] = []
        self.answers: dict[str, Outcome] = {}
        self.asked: Counter[str] = Counter()
        self.quiet = False
        self._late: dict[str, Order] = {}
        self._down = 0
        self._draw = Random("bank")

    def seed(self, seed: int) -> None:
        """Begin the rolls."""
        self._draw = Random(f"bank {seed}")

    @property
    def hopeless(self) -> bool:
        """Whether nobody can find out what became of an order."""
        return not (self.LOOKS_UP or self.REPEATS)

    @property
    def taken(self) -> defaultdict[str, int]:
        """How often money was taken by each key."""
        return defaultdict(int, Counter(each.key for each in self.captures))

    def heal(self) -> None:
        """End all trouble; what is on its way arrives."""
        self.quiet = True
        self._down = 0
        self._arrive(1.0)

    def check(self) -> Unknown | None:
        """Return None."""
        return None

    def charge(self, order: Order) -> Outcome:
        """Take the money, or say that it was not taken, or say nothing."""
        self._point("before", "CHARGE")
        self.heard(order)
        self.asked[order.key] += 1
        self._arrive(0.3)
        if self._lost("charge"):
            return Unknown(detail="It is down.")
        fault = self._fault("lost", "late", "timeout", "garbage", "raises")
        if fault == "lost":
            return self._unknown("charge lost")
        if fault == "late":
            self._late[order.key] = order
            return self._unknown("charge late")
        outcome = self._decided(order)
        self._point("after", "CHARGE")
        return self._answered("charge", fault, outcome)

    def look_up(self, order: Order) -> Outcome | Missing:
        """Say what became of an order, if it is in the mood."""
        self._point("before", "LOOK_UP")
        self.heard(order)
        self._arrive(0.3)
        if self._lost("look-up"):
            return Unknown(detail="It is down.")
        fault = self._fault("refused", "garbage", "raises", "refused")
        if fault == "refused":
            return self._unknown("look-up refused")
        if order.key in self._late:
            return self._unknown("look-up too early")
        found = self.answers.get(order.key, Missing())
        if isinstance(found, Missing):
            self.scheduler.saw("look-up missing")
        self._point("after", "LOOK_UP")
        return self._answered("look-up", fault, found)

    def refund(self, refund: Refund) -> Outcome:
        """Refuse."""
        raise NotImplementedError

    def tokenise(
        self, card: Card, check: CardCheck, key: str
    ) -> Tokenised | Declined | Unknown:
        """Refuse."""
        raise NotImplementedError

    def _point(self, side: str, name: str) -> None:
        """Pass a point; what breaks there loses the answer."""
        if self.scheduler.boundary(f"{side} {name}", KINDS) is not None:
            raise _Unreachable

    def _lost(self, what: str) -> bool:
        """Whether it is down, and for how many calls still."""
        if not self._down and self.roll(self.weather.outage):
            self._down = self._draw.randrange(3, 15)
        down = self._down > 0
        if down:
            self._down -= 1
            self.scheduler.saw(f"{what} while down")
        return down

    def roll(self, chance: float) -> bool:
        """Whether something happens that does now and then."""
        return not self.quiet and self._draw.random() < chance

    def _fault(self, *kinds: str) -> str:
        return self._draw.choice(kinds) if self.roll(self.weather.trouble) else ""

    def _unknown(self, seen: str) -> Unknown:
        self.scheduler.saw(seen)
        return Unknown(detail="It did not answer.")

    def _answered(self, what: str, fault: str, outcome: _Answer) -> _Answer | Unknown:
        if fault == "raises":
            self.scheduler.saw(f"{what} raises")
            raise ValueError("a gateway's own mistake")
        if fault:
            return self._unknown(f"{what} {fault}")
        return outcome

    def _arrive(self, chance: float) -> None:
        """Let orders arrive whose senders have long given up."""
        for key, order in list(self._late.items()):
            if self.quiet or self._draw.random() < chance:
                del self._late[key]
                self._decided(order)

    def _decided(self, order: Order) -> Outcome:
        """Return the outcome of an order: of a key the same one, if it remembers."""
        self._late.pop(order.key, None)
        former = self.answers.get(order.key)
        if former is not None and self.REPEATS:
            self.scheduler.saw("charge repeated")
            return former
        outcome = self._outcome(order)
        self.answers[order.key] = outcome
        if isinstance(outcome, Approved):
            self.captures.append(
                Capture(
                    key=order.key,
                    number=order.invoice_number,
                    minor=order.amount.minor,
                )
            )
        return outcome

    def _outcome(self, order: Order) -> Outcome:
        number = order.card.number
        digits = number.reveal() if isinstance(number, CardNumber) else ""
        approved, softly = _LUCK[digits]
        luck = self._draw.random()
        if luck < approved:
            self.scheduler.saw("approved")
            return Approved(reference=f"bank {len(self.answers)}")
        soft = luck < softly
        self.scheduler.saw("declined softly" if soft else "declined for good")
        return Declined(reason=self._draw.choice(_SOFT if soft else _HARD))


class _Unreachable(Exception):  # noqa: N818 - what a library might raise
    """The way to the bank is broken."""


class Forgetful(Bank):
    """A bank that takes the money again for a key that it has had."""

    REPEATS: ClassVar[bool] = False


class Mute(Bank):
    """A bank that cannot be asked what became of an order."""

    LOOKS_UP: ClassVar[bool] = False


class Hopeless(Bank):
    """A bank that can do neither."""

    LOOKS_UP: ClassVar[bool] = False
    REPEATS: ClassVar[bool] = False


class Branches(Registry):
    """The same bank behind every gateway, if it can be reached at all."""

    def __init__(self, bank: Bank) -> None:
        """Hold the bank."""
        super().__init__({"sandbox": type(bank)})
        self._bank = bank

    def gateway(self, kind: str, settings: Mapping[str, str]) -> Gateway:
        """Return the bank, unless its settings cannot be.

        Raises: SettingsError.
        """
        del kind, settings
        bank = self._bank
        if bank.roll(bank.weather.unset):
            bank.scheduler.saw("settings missing")
            raise SettingsError("its settings cannot be")
        return bank
