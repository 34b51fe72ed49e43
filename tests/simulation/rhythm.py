"""When a profile ought to bill: rules R1 to R9, by walking from day to day.

Nothing here comes from the product, so that the two can only agree by being right.
Source: part A.1 of the model for all five source systems.
"""

from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

DAY = timedelta(days=1)
# R5: a weekly or monthly date that is nearer to a billing ahead of it does not bill.
_GAP = timedelta(days=6)

WEEKDAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
_LAST_WEEK = 5
WEEKS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": _LAST_WEEK}


class Rule(Protocol):
    """A rule is known by the days that it falls on, and by what it repeats in."""

    def __hash__(self) -> int:
        """Rules are values."""
        ...

    def falls_on(self, day: date, start: date) -> bool:
        """Whether a day from the start on is one of its dates."""
        ...

    @property
    def last(self) -> date:
        """The day after which it has no dates."""
        ...

    @property
    def unit(self) -> str:
        """What it repeats in: day, week, month, year or nothing."""
        ...

    @property
    def single(self) -> bool:
        """Whether it has one date at most in each month or year that it repeats in."""
        ...

    @property
    def length(self) -> float:
        """How many days lie between two of its dates on average; 0 where none do."""
        ...


def days_in(day: date) -> int:
    """Return how many days its month has."""
    return monthrange(day.year, day.month)[1]


def months_between(first: date, day: date) -> int:
    """Return how many months a day's month is after another's."""
    return (day.year - first.year) * 12 + day.month - first.month


@dataclass(frozen=True)
class Every:
    """Every so many units from the start."""

    count: int
    unit: str

    @property
    def single(self) -> bool:
        """Months and years have one date."""
        return self.unit in ("month", "year")

    @property
    def last(self) -> date:
        """It never ends."""
        return date.max

    @property
    def length(self) -> float:
        """So many units."""
        days = {"day": 1, "week": 7, "month": 365.25 / 12, "year": 365.25}
        return self.count * days[self.unit]

    def falls_on(self, day: date, start: date) -> bool:
        """Whether it is so many units after the start."""
        if not self.single:
            days = self.count * (7 if self.unit == "week" else 1)
            return (day - start).days % days == 0
        months = self.count * (12 if self.unit == "year" else 1)
        wanted = min(start.day, days_in(day))
        return months_between(start, day) % months == 0 and day.day == wanted


@dataclass(frozen=True)
class OnDays:
    """Days of the month, every so many months."""

    days: tuple[int, ...]
    every: int = 1
    unit = "month"
    last = date.max

    @property
    def single(self) -> bool:
        """Whether there is one day."""
        return len(self.days) == 1

    @property
    def length(self) -> float:
        """A share of its months."""
        return self.every * 365.25 / 12 / len(self.days)

    def in_month(self, day: date) -> bool:
        """Whether a day is one of its month's."""
        return day.day in {min(wanted, days_in(day)) for wanted in self.days}

    def falls_on(self, day: date, start: date) -> bool:
        """Whether a day is one of a month that counts."""
        return self.in_month(day) and _counts(self, day, start)


@dataclass(frozen=True)
class OnWeekday:
    """A weekday of the month, every so many months."""

    week: str
    weekday: str
    every: int = 1
    unit = "month"
    single = True
    last = date.max

    @property
    def length(self) -> float:
        """Its months."""
        return self.every * 365.25 / 12

    def in_month(self, day: date) -> bool:
        """Whether a day is that weekday of its month."""
        if WEEKDAYS[day.weekday()] != self.weekday:
            return False
        if self.week == "last":
            return day.day + 7 > days_in(day)
        return (day.day + 6) // 7 == WEEKS[self.week]

    def falls_on(self, day: date, start: date) -> bool:
        """Whether a day is the one of a month that counts."""
        return self.in_month(day) and _counts(self, day, start)


@lru_cache(maxsize=4096)
def _first(rule: OnDays | OnWeekday, start: date) -> date:
    while not rule.in_month(start):
        start += DAY
    return start


def _counts(rule: OnDays | OnWeekday, day: date, start: date) -> bool:
    """Whether a month is one of those that count: from that of the first date (R2)."""
    return months_between(_first(rule, start), day) % rule.every == 0


@dataclass(frozen=True)
class OnDates:
    """Dates of every year and of one, none in the days after the start (R4)."""

    yearly: frozenset[tuple[int, int]] = frozenset()
    full: frozenset[date] = frozenset()
    buffer: int = 0
    unit = ""
    single = False

    @property
    def once(self) -> bool:
        """Whether it is one date, ever."""
        return not self.yearly and len(self.full) == 1

    @property
    def last(self) -> date:
        """The last of its dates, if it has one."""
        return date.max if self.yearly else max(self.full)

    @property
    def length(self) -> float:
        """A share of the year, or of the days from the first to the last."""
        if self.yearly:
            return 365.25 / len(self.yearly)
        if self.once:
            return 0
        return (max(self.full) - min(self.full)).days / (len(self.full) - 1)

    def falls_on(self, day: date, start: date) -> bool:
        """Whether a day is one of them, far enough from the start."""
        if self.buffer and day <= start + timedelta(days=self.buffer):
            return False
        last = days_in(day)
        return day in self.full or any(
            (day.month, day.day) == (month, min(wanted, last))
            for month, wanted in self.yearly
        )


@lru_cache(maxsize=65536)
def from_day(rule: Rule, start: date, day: date) -> date | None:
    """Return a rule's first date from a day on, by walking there day by day."""
    day = max(start, day)
    while not rule.falls_on(day, start):
        if day >= rule.last:
            return None
        day += DAY
    return day


# The nine of FreshBooks, by their length.
LEGACY = {
    "w": Every(1, "week"),
    "2w": Every(2, "week"),
    "4w": Every(4, "week"),
    "m": Every(1, "month"),
    "2m": Every(2, "month"),
    "3m": Every(3, "month"),
    "6m": Every(6, "month"),
    "y": Every(1, "year"),
    "2y": Every(2, "year"),
}


def shown(rule: Rule) -> Rule:
    """Return the frequency that a legacy client is shown for a rule."""
    if rule in LEGACY.values():
        return rule
    if rule.length == 0:
        return LEGACY["m"]
    return min(LEGACY.values(), key=lambda known: abs(known.length - rule.length))


def named(frequency: str, day: date) -> Rule:
    """Return the rule that a frequency is the name of; `day` is what once means."""
    if frequency in LEGACY:
        return LEGACY[frequency]
    if frequency == "once":
        return OnDates(full=frozenset([day]))
    if frequency == "daily":
        return Every(1, "day")
    count, unit = frequency.split()
    return Every(int(count), unit.removesuffix("s"))


def twice_a_month(day: date) -> OnDays:
    """Return the rule of the day of creation and the one 14 days from it."""
    number = day.day
    return OnDays(tuple(sorted([number, number + 14 if number < 15 else number - 14])))


def is_once(rule: Rule) -> bool:
    """Whether a rule is one date, ever."""
    return isinstance(rule, OnDates) and rule.once


@dataclass(kw_only=True)
class Rhythm:
    """A rule, and all that has been said and done about its dates.

    `start` is what it counts from, `first` the day before which it does not bill.
    `since` is the day from which its next date was last looked for. `now` is the last
    day that was billed ahead, `pending` a changed date and whether its day is to stay,
    `moved` the last changed date that was billed.
    """

    rule: Rule
    start: date
    first: date
    since: date
    end: date | None = None
    occurrences: int = 0
    billed: list[date] = field(default_factory=list)
    skipped: date = date.min
    now: date = date.min
    pending: tuple[date, bool] | None = None
    moved: date = date.min
    next_on: date | None = None

    def __post_init__(self) -> None:
        """Find the first date."""
        self._look()

    @property
    def last(self) -> date:
        """The last day that was billed."""
        return self.billed[-1] if self.billed else date.min

    @property
    def said(self) -> "Rhythm":
        """What it is, to be compared with what it becomes."""
        return replace(self, billed=[*self.billed])

    def bill(self, day: date) -> None:
        """Bill a date: the next one, or today ahead of it."""
        self.billed.append(day)
        if self.pending is not None and self.pending[0] == day:
            self._unmove()
            self.moved = day
            if self.rule.unit in ("day", "week"):
                self._restart(day)
        self._look()

    def bill_now(self, day: date) -> None:
        """Bill today, whatever is next (R5)."""
        self.now = day
        self.bill(day)

    def move(self, to: date, *, stays: bool) -> None:
        """Change the next date (R6)."""
        self.pending = (to, stays)
        self._look()

    def skip(self) -> None:
        """Pass over the next date (R8): one that was changed stands for its month's."""
        day = self.next_on
        if day is None:
            raise ValueError("there is nothing to skip")
        if self.pending is not None and self.pending[0] == day:
            self._unmove()
            self.moved = day
        # An earlier skip of a later date stays.
        self.skipped = max(self.skipped, day)
        self._look()

    def look_from(self, today: date) -> None:
        """Look for the next date anew: what lies before is lost (R7)."""
        self.since = today
        if self.pending is not None and self.pending[0] < today:
            self._unmove()
        self._look()

    def follow(self, rule: Rule, start: date, first: date | None) -> None:
        """Follow another rule (R9): what was said of the dates of the old one goes."""
        if first is not None or rule.unit != self.rule.unit:
            self.moved = date.min
        if first is None and self.first <= self.start:
            # Its start was all that nothing was billed before, and goes with it.
            first = start
        self.rule, self.start = rule, start
        self.first = self.first if first is None else first
        self.skipped, self.pending = date.min, None
        self._look()

    def _unmove(self) -> None:
        """End a change of date; with `use_new_day` the rule starts anew from it."""
        if self.pending is None:
            return
        day, stays = self.pending
        self.pending = None
        if stays:
            self._restart(day)
            if isinstance(self.rule, OnDays) and self.rule.single:
                self.rule = replace(self.rule, days=(day.day,))

    def _restart(self, day: date) -> None:
        """Count from a day anew: what was skipped was of other dates."""
        self.start = self.first = day
        self.skipped = date.min

    def _look(self) -> None:
        found = self._found()
        ended = found is None or (self.end is not None and found > self.end)
        self.next_on = None if ended else found

    def _found(self) -> date | None:
        if 0 < self.occurrences <= len(self.billed):
            return None
        if self.pending is not None and self.pending[0] > self.last:
            return self.pending[0]
        day = max(self.since, self.first, self.last + DAY, self.skipped + DAY)
        found = from_day(self.rule, self.start, day)
        while found is not None and self._is_silent(found):
            found = from_day(self.rule, self.start, found + DAY)
        return found

    def _is_silent(self, day: date) -> bool:
        """Whether a date of the rule does not bill, by R5 or R6."""
        unit = self.rule.unit
        if unit in ("week", "month") and self.now <= day < self.now + _GAP:
            return True
        if not self.rule.single:
            return False
        year, month = self.moved.year, self.moved.month
        return year == day.year and (unit == "year" or month == day.month)
