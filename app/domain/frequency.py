"""The nine frequencies of FreshBooks, and which of them stands for any other rule.

Source: documented (the nine); that a rule which is none of them is shown as the one
nearest in length is settled in the model for all five source systems (B.1, 3).
"""

from fractions import Fraction
from functools import lru_cache

from app.domain.schedule import (
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Rule,
)

MONTHLY = Interval(freq=Freq.MONTHLY)

# From the shortest to the longest.
FREQUENCIES = (
    Interval(freq=Freq.WEEKLY, interval=1),
    Interval(freq=Freq.WEEKLY, interval=2),
    Interval(freq=Freq.WEEKLY, interval=4),
    MONTHLY,
    Interval(freq=Freq.MONTHLY, interval=2),
    Interval(freq=Freq.MONTHLY, interval=3),
    Interval(freq=Freq.MONTHLY, interval=6),
    Interval(freq=Freq.YEARLY, interval=1),
    Interval(freq=Freq.YEARLY, interval=2),
)

_YEAR = Fraction(1461, 4)
_MONTH = _YEAR / 12
_LENGTHS = {
    Freq.DAILY: Fraction(1),
    Freq.WEEKLY: Fraction(7),
    Freq.MONTHLY: _MONTH,
    Freq.YEARLY: _YEAR,
}


# There are few rules in use, and answers show one for each profile.
@lru_cache(maxsize=1024)
def shown(rule: Rule) -> Interval:
    """Return the frequency that stands for a rule: itself, or the nearest in length."""
    if rule in FREQUENCIES and isinstance(rule, Interval):
        return rule
    length = _length(rule)
    if length is None:
        return MONTHLY
    return min(FREQUENCIES, key=lambda known: abs(_of_interval(known) - length))


def named_by(rule: Rule, frequency: Interval) -> bool:
    """Whether a frequency beside a rule of chosen days says nothing against it."""
    if frequency == shown(rule):
        return True
    if isinstance(rule, MonthDays | MonthWeekday):
        return frequency == Interval(freq=Freq.MONTHLY, interval=rule.interval)
    return isinstance(rule, Dates) and frequency == Interval(freq=Freq.YEARLY)


def _length(rule: Rule) -> Fraction | None:
    """Return how many days lie between two dates on average; None where none do."""
    match rule:
        case Interval():
            return _of_interval(rule)
        case MonthDays(days=days, interval=interval):
            return interval * _MONTH / len(days)
        case MonthWeekday(interval=interval):
            return interval * _MONTH
        case Dates(yearly=yearly) if yearly:
            return _YEAR / len(yearly)
        case Dates(full=full) if len(full) > 1:
            return Fraction((full[-1] - full[0]).days, len(full) - 1)
    return None


def _of_interval(interval: Interval) -> Fraction:
    return interval.interval * _LENGTHS[interval.freq]
