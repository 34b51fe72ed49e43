"""The nine frequencies of FreshBooks, which of them stands for any other rule, words.

Source: documented (the nine); that a rule which is none of them is shown as the one
nearest in length is settled in the model for all five source systems (B.1, 3).
"""

from fractions import Fraction
from functools import lru_cache

from app.domain.schedule import (
    LAST_WEEK,
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

WEEK_NAMES = {1: "first", 2: "second", 3: "third", 4: "fourth", LAST_WEEK: "last"}
_UNITS = {
    Freq.DAILY: "days",
    Freq.WEEKLY: "weeks",
    Freq.MONTHLY: "months",
    Freq.YEARLY: "years",
}

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


def words(rule: Rule) -> str:
    """Return a rule in words: "15 days", "day 1, 15 of the month"."""
    match rule:
        case Interval(freq=freq, interval=1):
            return freq.value
        case Interval(freq=freq, interval=interval):
            return f"{interval} {_UNITS[freq]}"
        case MonthDays(days=days, interval=interval):
            listed = ", ".join(map(str, days))
            return f"day {listed} of {_months(interval)}"
        case MonthWeekday(weekday=weekday, ordinal=ordinal, interval=interval):
            week = WEEK_NAMES[ordinal]
            return f"{week} {weekday.name.lower()} of {_months(interval)}"
        case Dates(once=True):
            return "once"
        case Dates():
            return ", ".join(dates(rule))
    raise TypeError("a rule of a kind that has no words")


def dates(rule: Dates) -> list[str]:
    """Return chosen dates as texts, those of every year first."""
    return [*map(str, rule.yearly), *(day.isoformat() for day in rule.full)]


@lru_cache(maxsize=1024)
def dates_per_year(rule: Rule) -> Fraction:
    """Return how many dates a rule has a year, on average.

    Dates of one year recur in none; those that coincide in a short month count apart.
    Source: documented (365.25 days a year); inferred (the kinds beyond intervals).
    """
    recurs = not isinstance(rule, Dates) or rule.yearly
    length = _length(rule)
    return _YEAR / length if recurs and length else Fraction(0)


def _months(interval: int) -> str:
    return "the month" if interval == 1 else f"every {interval} months"


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
