"""A walk of the calendar, day by day: the date rules R1 to R9 as they are written.

It knows no more of the calendar than that tomorrow follows today, and nothing of the
application. It takes the cases of `fixtures/schedules` and is as slow as it is plain.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from itertools import islice
from typing import Any

ONE_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Rule R5: fewer days than this after a payment ahead of the schedule.
_GAP_DAYS = 6


def days(first: date, until: date) -> Iterator[date]:
    """Yield the days from one to another, both included."""
    while first <= until:
        yield first
        first += ONE_DAY


def first_days(first: date, count: int) -> list[date]:
    """Return so many days from one on."""
    return list(islice(days(first, date.max), count))


def is_last_of_month(day: date) -> bool:
    """Whether tomorrow is the first of a month."""
    return (day + ONE_DAY).day == 1


def is_day(day: date, wanted: int) -> bool:
    """Whether a month's day is the wanted one, or its last where it has none (R1)."""
    return day.day == wanted or (is_last_of_month(day) and day.day < wanted)


def is_weekday(day: date, wanted: str, ordinal: int) -> bool:
    """Whether a day is the nth, or the last, of its name in its month."""
    if _WEEKDAYS[day.weekday()] != wanted:
        return False
    if ordinal == -1:
        *_, week_later = first_days(day, 8)
        return week_later.month != day.month
    return (day.day - 1) // 7 + 1 == ordinal


def is_full(text: str) -> bool:
    """Whether a date is one of a certain year."""
    return len(text) > len("MM-DD")


def is_date(day: date, text: str) -> bool:
    """Whether a day is a date, of every year or of one."""
    if is_full(text):
        return day.isoformat() == text
    return day.month == int(text[:2]) and is_day(day, int(text[3:]))


def without_days(told: dict[str, Any], day: date) -> dict[str, Any]:
    """Return twice a month with its days: the day of asking, and one 14 from it."""
    if told.get("days") != "semimonthly":
        return told
    n = day.day
    return {**told, "days": [n, n + 14] if n <= 14 else [n - 14, n]}


class Rule:
    """A rule that counts from a day."""

    def __init__(self, told: dict[str, Any], start: date) -> None:
        self.told = told
        self.kind = told["kind"]
        self.interval = told.get("interval", 1)
        self.start = start
        # The month of the first date, from which the others are counted (R2).
        self.first: date | None = None
        self.passed = -1
        self.walked_to = start - ONE_DAY

    def hits(self, day: date) -> bool:
        """Whether a day is one of its dates; days are asked for in order."""
        hit = False
        for each in days(self.walked_to + ONE_DAY, day):
            self.passed += 1
            hit = self._hits(each)
            self.walked_to = each
        return hit and day >= self.start

    def _hits(self, day: date) -> bool:
        if self.kind == "interval":
            return self._is_of_interval(day)
        if self.kind == "dates":
            return any(is_date(day, text) for text in self.told["dates"])
        if self.kind == "month_days":
            hit = any(is_day(day, wanted) for wanted in self.told["days"])
        else:
            hit = is_weekday(day, self.told["weekday"], self.told["ordinal"])
        if hit and self.first is None:
            self.first = day
        return hit and self._months_since(self.first or day, day) % self.interval == 0

    def _is_of_interval(self, day: date) -> bool:
        months = self._months_since(self.start, day)
        found: dict[str, bool] = {
            "daily": self.passed % self.interval == 0,
            "weekly": self.passed % (7 * self.interval) == 0,
            "monthly": months % self.interval == 0 and is_day(day, self.start.day),
            "yearly": months % (12 * self.interval) == 0
            and is_day(day, self.start.day),
        }
        return found[self.told["freq"]]

    @staticmethod
    def _months_since(first: date, day: date) -> int:
        return (day.year - first.year) * 12 + day.month - first.month

    @property
    def cadence(self) -> str:
        """Return the unit that it repeats in."""
        if self.kind == "interval":
            return str(self.told["freq"])
        return "none" if self.kind == "dates" else "monthly"

    @property
    def period(self) -> str:
        """Return what it has one date of at most, if there is such a thing."""
        if self.kind == "month_days" and len(self.told["days"]) > 1:
            return "none"
        return self.cadence if self.cadence in ("monthly", "yearly") else "none"

    def restarted(self, day: date) -> "Rule":
        """Return the rule with a day as its new start (R6)."""
        told = self.told
        if self.kind == "month_days" and len(told["days"]) == 1:
            told = {**told, "days": [day.day]}
        return Rule(told, day)


class Walk:
    """One profile's life, a day at a time."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.start = date.fromisoformat(case["start_date"])
        self.made = date.fromisoformat(case.get("created_on", case["start_date"]))
        self.end = date.fromisoformat(case.get("end_date", "9999-12-31"))
        self.left = case.get("occurrences", 0) or -1
        told = case["schedule"]
        if len(told.get("dates", ())) == 1 and is_full(told["dates"][0]):
            # What bills once has one occurrence, with `bill_now` too.
            self.left = 1
        # A moved date that is skipped takes the dates before it with it.
        self.nothing_until = date.min
        self._counts(Rule(without_days(told, self.made), self.start))
        self.resting = False
        self.moved_to: date | None = None
        self.use_new_day = False
        # The date of a month (a year) that is not its own, and uses it up.
        self.moved_on: date | None = None
        # The days that keep their distance from a payment ahead of the schedule.
        self.ahead: set[date] = set()

    def dates(self, until: date) -> Iterator[date]:
        """Yield the dates that bill, to a day at the most."""
        for day in days(self.made, min(until, self.end)):
            for event in self.case.get("events", ()):
                if event["on"] == day.isoformat():
                    self._happens(event, day)
            hit = self._bills(day)
            if day == self.made and self.case.get("bill_now"):
                self.ahead = set(first_days(day, _GAP_DAYS))
                hit = True
            if hit and self.left:
                self.left -= 1
                yield day

    def _happens(self, event: dict[str, Any], day: date) -> None:
        match event["type"]:
            case "pause":
                self.resting = True
            case "resume":
                self.resting = False
                if self.moved_to is not None and self.moved_to < day:
                    # It went by meanwhile, and is not made up for (R7).
                    self._moves_no_more(self.moved_to)
            case "skip" if self.moved_to is not None:
                skipped = self.moved_to
                self._moves_no_more(skipped)
                # It stood for the date of its month, which is skipped with it.
                self.nothing_until = max(self.nothing_until, skipped)
                self.moved_on = skipped
            case "skip":
                self.skipped.add(self._next_from(day))
            case "change_date":
                self.moved_to = date.fromisoformat(event["to"])
                self.use_new_day = event.get("use_new_day", False)
            case "change_schedule":
                if "start_date" in event:
                    self.start = date.fromisoformat(event["start_date"])
                self._takes(event["schedule"], self.start, day)
                self.moved_to = None
            case kind:
                raise ValueError(kind)

    def _takes(self, told: dict[str, Any], start: date, day: date) -> None:
        rule = Rule(without_days(told, day), start)
        if rule.cadence != self.rule.cadence:
            # Another rule's month (year) is not used up.
            self.moved_on = None
        self._counts(rule)

    def _counts(self, rule: Rule) -> None:
        """Count by a rule from its start, after its buffer if it has one (R4)."""
        self.rule = rule
        buffer_days = rule.told.get("buffer_days", 0)
        self.buffer: set[date] = set()
        if buffer_days:
            self.buffer.update(first_days(rule.start, buffer_days + 1))
        self.nothing_until = date.min
        self.skipped: set[date] = set()

    def _bills(self, day: date) -> bool:
        """Whether the schedule bills on a day."""
        hit = self.rule.hits(day)
        if self.moved_to is None:
            return hit and not self.resting and not self._is_quiet(day)
        # No other date bills before it (R6).
        if self.resting or day != self.moved_to:
            return False
        self._moves_no_more(day)
        self.moved_on = day
        if self.rule.cadence in ("daily", "weekly"):
            self._restarts(day)
        return True

    def _next_from(self, day: date) -> date:
        """Return the next day that bills, if nothing else happens."""
        ahead = deepcopy(self)
        return next(each for each in days(day, date.max) if ahead._bills(each))

    def _moves_no_more(self, day: date) -> None:
        self.moved_to = None
        if self.use_new_day:
            self._restarts(day)

    def _restarts(self, day: date) -> None:
        self._counts(self.rule.restarted(day))

    def _is_quiet(self, day: date) -> bool:
        """Whether a date of the rule does not bill (R4, R5, R6)."""
        if day in self.buffer or day in self.skipped or day <= self.nothing_until:
            return True
        if day in self.ahead and self.rule.cadence in ("weekly", "monthly"):
            return True
        if self.moved_on is None or day.year != self.moved_on.year:
            return False
        same_month = day.month == self.moved_on.month
        return self.rule.period == "yearly" or (
            self.rule.period == "monthly" and same_month
        )
