"""Rules as they are stored: JSON, with the names of their fields."""

import json
from datetime import date
from functools import lru_cache
from typing import Any

from app.domain.errors import InvalidValueError
from app.domain.schedule import (
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Rule,
    Weekday,
    YearlyDate,
)
from app.domain.scheduling import AskedRule, OfTheDay

# How long MM-DD is; a full date is longer.
_YEARLY = 5


# There are as many rules as there are kinds of schedule in use: few.
@lru_cache(maxsize=1024)
def written(rule: AskedRule) -> str:
    """Return a rule as a text, the same for equal rules."""
    return json.dumps(_fields(rule))


def rule(text: str) -> Rule:
    """Return the rule that is stored as a text.

    Raises: ValueError, LookupError, TypeError for one that is none.
    """
    found = asked(text)
    if isinstance(found, OfTheDay):
        raise ValueError("a day has yet to make a rule of it")  # noqa: TRY004
    return found


@lru_cache(maxsize=1024)
def asked(text: str) -> AskedRule:
    """Return the rule, or what a day makes one of, that is stored as a text.

    Raises: ValueError, LookupError, TypeError for one that is none.
    """
    stored = json.loads(text)
    kind = stored.pop("kind")
    if kind not in _BUILT:
        return OfTheDay(kind)
    try:
        return _BUILT[kind](stored)
    except InvalidValueError as error:
        raise ValueError(error.reason) from None


def _fields(of: AskedRule) -> dict[str, Any]:
    match of:
        case Interval(freq=freq, interval=interval):
            return {"kind": "interval", "freq": freq, "interval": interval}
        case MonthDays(days=days, interval=interval):
            return {"kind": "month_days", "days": days, "interval": interval}
        case MonthWeekday(weekday=weekday, ordinal=ordinal, interval=interval):
            return {
                "kind": "month_weekday",
                "weekday": weekday,
                "ordinal": ordinal,
                "interval": interval,
            }
        case Dates(yearly=yearly, full=full, buffer_days=buffer_days):
            dates = [*map(str, yearly), *(day.isoformat() for day in full)]
            return {"kind": "dates", "dates": dates, "buffer_days": buffer_days}
        case OfTheDay():
            return {"kind": of.value}
    raise TypeError("a rule of a kind that is not stored")


def _interval(stored: dict[str, Any]) -> Rule:
    return Interval(freq=Freq(stored["freq"]), interval=stored["interval"])


def _month_days(stored: dict[str, Any]) -> Rule:
    return MonthDays(days=tuple(stored["days"]), interval=stored["interval"])


def _month_weekday(stored: dict[str, Any]) -> Rule:
    return MonthWeekday(
        weekday=Weekday(stored["weekday"]),
        ordinal=stored["ordinal"],
        interval=stored["interval"],
    )


def _dates(stored: dict[str, Any]) -> Rule:
    yearly, full = [], []
    for text in stored["dates"]:
        if len(text) == _YEARLY:
            yearly.append(YearlyDate(*map(int, text.split("-"))))
        else:
            full.append(date.fromisoformat(text))
    return Dates(
        yearly=tuple(yearly), full=tuple(full), buffer_days=stored["buffer_days"]
    )


_BUILT = {
    "interval": _interval,
    "month_days": _month_days,
    "month_weekday": _month_weekday,
    "dates": _dates,
}
