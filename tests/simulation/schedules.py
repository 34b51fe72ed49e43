"""The schedules that API clients make up, and how they write them."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.simulation.rhythm import WEEKDAYS, WEEKS, OnDates, OnDays, OnWeekday, Rule

# What there are so many dates of that they must come to an end.
_OFTEN = (
    *("w", "2w", "4w", "2 weeks", "daily", "5 days", "6 days", "10 days", "30 days"),
)
# Their codes stand for none of the words here, so that nothing is in between.
_SELDOM = (
    *("m", "2m", "3m", "6m", "y", "2y", "m", "3m", "4 months", "5 months", "3 years"),
)
_QUARTERS = (
    {(1, 31), (4, 30), (7, 31), (10, 15)},
    {(2, 29), (5, 1), (9, 30), (12, 31)},
)


def wished(draw: Random, today: date) -> dict[str, Any]:
    """Return a frequency, or a schedule, as the fields of a request."""
    kind = draw.choice(["frequency"] * 6 + ["once", *["days"] * 2, "week", "dates"])
    if kind == "frequency":
        return {"frequency": draw.choice([*_OFTEN, *_SELDOM])}
    if kind == "once":
        return {"frequency": "once"}
    if kind == "days":
        return {"schedule": _days(draw)}
    if kind == "week":
        week, weekday = draw.choice(list(WEEKS)), draw.choice(WEEKDAYS)
        return {"schedule": {"rule": OnWeekday(week, weekday), **_every(draw)}}
    return {"schedule": _dates(draw, today)}


def is_often(fields: dict[str, Any]) -> bool:
    """Whether a schedule bills so often that it must come to an end."""
    said = fields.get("schedule", {})
    many = isinstance(said.get("rule"), OnDays) and not said["rule"].single
    return fields.get("frequency") in _OFTEN or many or "twice" in said


def _days(draw: Random) -> dict[str, Any]:
    if draw.random() < 0.2:
        return {"twice": True}
    chosen = draw.sample([1, 5, 14, 15, 28, 29, 30, 31], draw.choice([1, 1, 1, 2, 3]))
    return {"rule": OnDays(tuple(sorted(chosen))), **_every(draw)}


def _every(draw: Random) -> dict[str, int]:
    every = draw.choice([0, 0, 1, 2, 3, 5])
    return {"every": every} if every else {}


def _dates(draw: Random, today: date) -> dict[str, Any]:
    buffer = draw.choice([0, 0, 3, 40])
    said = {"buffer_days": buffer} if buffer else {}
    kind = draw.random()
    if kind < 0.3:
        quarters = frozenset(draw.choice(_QUARTERS))
        return {"rule": OnDates(yearly=quarters), "quarters": True, **said}
    if kind < 0.7:
        near = today + timedelta(draw.randrange(1, 60))
        days = [(2, 29), (2, 28), (6, 15), (12, 31), (near.month, near.day)]
        chosen = draw.sample(days, draw.randrange(1, 4))
        return {"rule": OnDates(yearly=frozenset(chosen)), **said}
    ahead = draw.sample([0, 1, 3, 4, 35, 90, 400], draw.randrange(1, 5))
    days_on = frozenset(today + timedelta(days) for days in ahead)
    return {"rule": OnDates(full=days_on), **said}


def element(said: dict[str, Any]) -> str:
    """Return the element `schedule`."""
    names = ("every", "buffer_days", "start_date", "end_date", "bill_now")
    plain = "".join(_plain(name, said[name]) for name in names if name in said)
    return f"<schedule>{_rule(said)}{plain}</schedule>"


def _rule(said: dict[str, Any]) -> str:
    if "twice" in said:
        return "<days/>"
    rule: Rule | None = said.get("rule")
    if isinstance(rule, OnDays):
        return _listed("day", map(str, rule.days))
    if isinstance(rule, OnWeekday):
        return _plain("week", rule.week) + _plain("weekday", rule.weekday)
    if isinstance(rule, OnDates):
        yearly = [f"{month:02d}-{day:02d}" for month, day in sorted(rule.yearly)]
        if "quarters" in said:
            parts = (_plain(f"q{number}", on) for number, on in enumerate(yearly, 1))
            return f"<quarters>{''.join(parts)}</quarters>"
        return _listed("date", [*yearly, *map(str, sorted(rule.full))])
    return ""


def _listed(name: str, texts: Iterable[str]) -> str:
    return f"<{name}s>{''.join(_plain(name, text) for text in texts)}</{name}s>"


def _plain(name: str, value: object) -> str:
    return f"<{name}>{'' if value is None else value}</{name}>"
