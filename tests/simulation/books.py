"""Profiles and accounts as their acknowledged history makes them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.simulation import oracle
from tests.simulation.oracle import DAY, Line


class Finding(Exception):  # noqa: N818 - it is what the simulation is for
    """The product did something that it must not."""


@dataclass
class Profile:
    """A profile as its acknowledged history makes it.

    `since` is the day from which its rhythm counts again; `resting` says that its
    client was deleted, `spoiled` that it was ever broken from outside.
    """

    client_id: int
    organization: str
    notes: str
    start_on: date
    frequency: str
    occurrences: int
    discount: str
    currency: str
    lines: list[Line]
    since: date
    state: str = "active"
    billed: list[date] = field(default_factory=list)
    resting: bool = False
    deleted: bool = False
    parked: bool = False
    spoiled: bool = False
    carded: bool = False

    @property
    def next_on(self) -> date | None:
        """The next date that is to be billed."""
        if self.deleted or self.resting or self.state != "active":
            return None
        if 0 < self.occurrences <= len(self.billed):
            return None
        since = max([self.since, *(day + DAY for day in self.billed[-1:])])
        return oracle.next_on(self.start_on, self.frequency, since)

    @property
    def poisoned(self) -> bool:
        """Whether no invoice can be made of it."""
        return oracle.too_large(self.lines, self.currency)

    @property
    def row(self) -> tuple[Any, ...]:
        """What the database must hold."""
        day = self.next_on
        return (
            day and day.isoformat(),
            len(self.billed),
            self.billed[-1].isoformat() if self.billed else None,
            self.state,
            "deleted" if self.deleted else "active",
            int(self.parked),
        )

    def settle(self) -> None:
        """Complete a profile that has come to its end."""
        self.state = "active" if self.next_on else "completed"

    def before(self, today: date) -> None:
        """Check that what was due before a change was billed before it."""
        day = self.next_on
        if day is not None and day < today and not self.parked:
            raise Finding(f"{day} was not billed before a change of {today}")

    def reschedule(self, today: date) -> None:
        """Look for the next date anew, from a day on."""
        if self.state == "paused":
            return
        self.since = today
        self.state = "active"
        self.resting = False
        self.settle()


@dataclass
class Books:
    """One account: its clients, profiles and invoices, and how far its days have come.

    `horizon` is the latest day that anybody may have billed for.
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
    clocks: list[date] = field(default_factory=list)


@dataclass
class Request:
    """What an API client asks for, and what has been seen of it.

    `days` are those that its process may have taken for today.
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
    seen: bool = False
