"""Profiles and accounts as their acknowledged history makes them."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from tests.simulation import oracle
from tests.simulation.oracle import Line
from tests.simulation.rhythm import DAY, Rhythm


class Finding(Exception):  # noqa: N818 - it is what the simulation is for
    """The product did something that it must not."""


@dataclass
class Profile:
    """A profile as its acknowledged history makes it.

    `shown_on` is the date that answers show. `resting` says that its client was
    deleted, `spoiled` that it was ever broken from outside. `noticed` tells when it
    was last seen to be so already that a request may have had nothing to do. `passed`
    are the dates on which it had nothing to bill.
    """

    client_id: int
    organization: str
    notes: str
    shown_on: date
    rhythm: Rhythm
    discount: str
    currency: str
    lines: list[Line]
    status: str = "sent"
    posted: bool = False
    state: str = "active"
    archived: bool = False
    resting: bool = False
    deleted: bool = False
    parked: bool = False
    spoiled: bool = False
    card: str = ""
    expires_on: date = date.max
    autopay: bool = True
    receipt: str = "always"
    due_days: int = 0
    noticed: dict[str, int] = field(default_factory=dict)
    passed: list[date] = field(default_factory=list)

    @property
    def shown_state(self) -> str:
        """Its state, or the archive that it rests in."""
        return "archived" if self.archived else self.state

    @property
    def next_on(self) -> date | None:
        """The next date that is to be billed."""
        resting = self.deleted or self.resting or self.shown_state != "active"
        return None if resting else self.rhythm.next_on

    @property
    def poisoned(self) -> bool:
        """Whether no invoice can be made of it."""
        return oracle.too_large(self.lines, self.currency)

    def poisoned_on(self, day: date) -> bool:
        """Whether no invoice can be made of it on a date."""
        return oracle.too_large(self.lines_on(day), self.currency)

    def lines_on(self, day: date) -> list[Line]:
        """Return the lines of an invoice of a date."""
        return [line for line in self.lines if line.counts(day)]

    def bills(self, day: date) -> bool:
        """Whether there is an invoice of a date; without any lines there is one."""
        return not self.lines or bool(self.lines_on(day))

    def expired(self, today: date) -> bool:
        """Whether its card has expired; it is good until the end of its month."""
        return today > self.expires_on

    def collect_on(self, day: date, amount: int) -> date | None:
        """Return when the card is charged for an invoice of a date.

        One that is due at once needs a card by then, another may still get one.
        """
        charged = self.autopay and (self.card or self.due_days) and amount > 0
        return day + DAY * self.due_days if charged else None

    @property
    def next_invoice_on(self) -> date | None:
        """The next date on which there is something to bill."""
        ahead = self.copy()
        while (day := ahead.next_on) is not None and not ahead.bills(day):
            if all(line.end is not None and line.end < day for line in self.lines):
                return None
            ahead.rhythm.skip()
        return day

    @property
    def outcomes(self) -> list[str]:
        """What a request may find to be so already."""
        return [
            *(["paused"] if self.shown_state == "paused" else []),
            *([str(self.rhythm.pending)] if self.rhythm.pending else []),
        ]

    @property
    def row(self) -> tuple[Any, ...]:
        """What the database must hold."""
        day, billed = self.next_on, self.rhythm.billed
        folder = "archived" if self.archived else "active"
        return (
            day and day.isoformat(),
            len(billed),
            billed[-1].isoformat() if billed else None,
            self.state,
            "deleted" if self.deleted else folder,
            int(self.parked),
        )

    def copy(self) -> "Profile":
        """Return a profile that may be changed without this one."""
        return replace(self, rhythm=self.rhythm.said, passed=[*self.passed])

    def bill(self, day: date) -> None:
        """Bill a date."""
        self.rhythm.bill(day)
        self.settle()

    def bypass(self, until: date) -> None:
        """Pass over dates before a day as long as they have nothing to bill."""
        while (
            not self.parked
            and (day := self.next_on) is not None
            and day < until
            and not self.bills(day)
        ):
            self.passed.append(day)
            self.rhythm.skip()
            self.settle()

    def catch_up(self, today: date) -> None:
        """Bill what was due before a day, as each request does first."""
        self.bypass(today)
        while not self.parked and self.next_on is not None and self.next_on < today:
            self.bill(self.next_on)
            self.bypass(today)

    def settle(self) -> None:
        """Complete a profile that has come to its end; a paused one waits."""
        if self.state != "paused":
            self.state = "active" if self.rhythm.next_on else "completed"

    def before(self, today: date) -> None:
        """Check that what was due before a change was billed before it."""
        self.bypass(today)
        day = self.next_on
        if day is not None and day < today and not self.parked:
            raise Finding(f"{day} was not billed before a change of {today}")

    def reschedule(self, today: date) -> None:
        """Look for the next date anew, from a day on, unless it is at rest."""
        if self.state == "paused" or self.archived:
            return
        self.rhythm.look_from(today)
        self.settle()


@dataclass(frozen=True)
class Bill:
    """An invoice as it was last seen; `own` is its status without payments."""

    invoice_id: int
    client_id: int
    day: str
    folder: str
    status: str
    own: str
    discount: str
    currency: str
    minor: int
    paid: int

    @property
    def gone(self) -> bool:
        """Whether it was deleted."""
        return self.folder == "deleted"


@dataclass(frozen=True)
class Paid:
    """A payment or a credit as it was last seen."""

    payment_id: int
    client_id: int
    invoice_id: int | None
    from_credit: int
    minor: int
    folder: str
    automatic: int

    @property
    def gone(self) -> bool:
        """Whether it was deleted."""
        return self.folder == "deleted"


@dataclass
class Books:
    """One account: its clients, profiles and invoices, and how far its days have come.

    `horizon` is the latest day that anybody may have billed for. `invoices` counts all
    of them, `numbers` those without a number of somebody's choice; `paid_ever` are
    those with a payment, now or once.
    """

    account_id: int
    currency: str
    token: bytes
    zone: str
    clock_on: date | None
    horizon: date
    clients: dict[int, str] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    profiles: dict[int, Profile] = field(default_factory=dict)
    invoices: int = 0
    numbers: int = 0
    bills: dict[int, Bill] = field(default_factory=dict)
    payments: dict[int, Paid] = field(default_factory=dict)
    paid_ever: set[int] = field(default_factory=set)
    clocks: list[date] = field(default_factory=list)


@dataclass
class Request:
    """What an API client asks for, and what has been seen of it.

    `days` are those that its process may have taken for today. `refused` are the codes
    that it may be refused with, by what its profile has been since it was sent;
    `made` is the record that it made or changed, `next_on` that profile's next date.
    """

    books: Books
    kind: str
    tag: str
    body: bytes
    target: int = 0
    line_id: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    lines: list[Line] | None = None
    days: list[date] = field(default_factory=list)
    clocks_before: int = 0
    faults_before: int = 0
    commits_before: int = 0
    made: int = 0
    seen: bool = False
    refused: set[int] = field(default_factory=set)
    next_on: date | None = None

    @property
    def todays(self) -> list[date]:
        """The days that it may act on, the likeliest first."""
        if self.books.clock_on is not None:
            return self.books.clocks[self.clocks_before - 1 :][::-1]
        return list(dict.fromkeys(reversed(self.days)))
