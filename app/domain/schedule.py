"""When a profile bills: rules, and the progress that tells which date comes next.

Every date is computed from the rule's start by counting periods, never from the
previous date, so that a 31st that February shortened comes back in March. A rule is an
immutable value with one question to answer (`on_or_after`); that is the whole
interface, so a rule of another kind is one more class.

Source: inferred (the wire reference 2.3 and rules R1-R3, R7, R9 of the model for all
five source systems); the five documents agree that a short month bills on its last day.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from dateutil.relativedelta import relativedelta

ONE_DAY = timedelta(days=1)

# The years that dates are accepted in; a rule has no dates outside them.
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2999, 12, 31)


class Freq(StrEnum):
    """The units of a rhythm, in iCalendar's words."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


_DAYS = {Freq.DAILY: 1, Freq.WEEKLY: 7}
_MONTHS = {Freq.MONTHLY: 1, Freq.YEARLY: 12}


class Rule(Protocol):
    """What every kind of schedule can say."""

    def on_or_after(self, start: date, day: date) -> date | None:
        """Return the rule's first date on or after `day`, counting from `start`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Every so many days, weeks, months or years from the start."""

    freq: Freq
    interval: int = 1

    def __post_init__(self) -> None:
        """Refuse a rhythm that stands still."""
        if self.interval < 1:
            raise ValueError("an interval is at least 1")

    def nth(self, start: date, n: int) -> date:
        """Return date number n (0 = the start itself); short months end early."""
        count = n * self.interval
        if self.freq in _DAYS:
            return start + timedelta(days=count * _DAYS[self.freq])
        return start + relativedelta(months=count * _MONTHS[self.freq])

    def on_or_after(self, start: date, day: date) -> date | None:
        """Return the first date on or after `day`; None beyond the calendar's end."""
        if day <= start:
            return start
        if self.freq in _DAYS:
            period = self.interval * _DAYS[self.freq]
            n = -((start - day).days // period)
        else:
            period = self.interval * _MONTHS[self.freq]
            months = (day.year - start.year) * 12 + day.month - start.month
            n = max(months // period, 0)
        try:
            found = self.nth(start, n)
            # Only within the month of `day` can the date still lie before it.
            if found < day:
                found = self.nth(start, n + 1)
        except (OverflowError, ValueError):
            return None
        return found if found <= LAST_DAY else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What has to be stored to know the next date; no list of dates is kept.

    `next_on` is the next billing date itself, or None when there is none left (or the
    profile rests). It is stored, not derived, because a pause loses dates: only the
    moment of resuming knows which.
    """

    start_on: date
    next_on: date | None
    occurrences: int = 0
    billed_count: int = 0
    last_billed_on: date | None = None

    @property
    def exhausted(self) -> bool:
        """Whether all wanted occurrences have been billed; 0 means no limit."""
        return 0 < self.occurrences <= self.billed_count


def rescheduled(rule: Rule, progress: Progress, today: date) -> Progress:
    """Return the state with its next date found anew, from today on.

    It serves creation, resuming and a change of rule, start or occurrences: nothing is
    billed for days gone by, and no day is billed twice (rules R3, R7 and R9).
    """
    day = today
    if progress.last_billed_on is not None:
        day = max(day, progress.last_billed_on + ONE_DAY)
    return replace(progress, next_on=_next(rule, progress, day))


def billed(rule: Rule, progress: Progress) -> Progress:
    """Return the state after its next date has been billed."""
    if progress.next_on is None:
        raise ValueError("there is no date to bill")
    after = replace(
        progress,
        billed_count=progress.billed_count + 1,
        last_billed_on=progress.next_on,
    )
    following = _next(rule, after, progress.next_on + ONE_DAY)
    return replace(after, next_on=following)


def upcoming(rule: Rule, progress: Progress) -> Iterator[date]:
    """Yield the dates that will be billed from the state on, in order."""
    while progress.next_on is not None:
        yield progress.next_on
        progress = billed(rule, progress)


def consistent(rule: Rule, progress: Progress) -> bool:
    """Whether the next date, if there is one, is the rule's and after the last."""
    day, last = progress.next_on, progress.last_billed_on
    if day is None:
        return True
    after = last is None or day > last
    return after and rule.on_or_after(progress.start_on, day) == day


def ended(rule: Rule, progress: Progress) -> bool:
    """Whether nothing more comes after what has been billed."""
    last = progress.last_billed_on
    day = progress.start_on if last is None else last + ONE_DAY
    return _next(rule, progress, day) is None


def _next(rule: Rule, progress: Progress, day: date) -> date | None:
    if progress.exhausted:
        return None
    found = rule.on_or_after(progress.start_on, day)
    if found is not None and found < day:
        raise ValueError("a rule went back in time")
    return found
