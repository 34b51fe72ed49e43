"""The cases of `fixtures/schedules`: what they are, and how the domain plays them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from app.domain import schedule as domain
from app.domain.schedule import (
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Rule,
    Schedule,
    Weekday,
    YearlyDate,
)
from tests.schemas import FIXTURES

Case = dict[str, Any]

_SHARED = json.loads((FIXTURES / "schedules" / "cases.json").read_text())
SHARED: list[Case] = _SHARED["cases"]
# Inputs that a create call refuses, or an event that an update does.
INVALID: list[Case] = _SHARED["invalid"]
TABLES: list[Case] = json.loads((FIXTURES / "schedules" / "tables.json").read_text())[
    "cases"
]
CASES = SHARED + TABLES

_YEARLY = len("MM-DD")


class OverError(Exception):
    """There is no next date that an event could be about."""


def rule_of(told: Case, today: date) -> Rule:
    """Return a rule as a case tells it, asked for today."""
    match told["kind"]:
        case "interval":
            return Interval(freq=Freq(told["freq"]), interval=told["interval"])
        case "month_days" if told["days"] == "semimonthly":
            return domain.twice_a_month(today)
        case "month_days":
            return MonthDays(days=tuple(told["days"]), interval=told.get("interval", 1))
        case "month_weekday":
            return MonthWeekday(
                weekday=Weekday(told["weekday"]),
                ordinal=told["ordinal"],
                interval=told.get("interval", 1),
            )
    yearly = [text for text in told["dates"] if len(text) == _YEARLY]
    full = [text for text in told["dates"] if len(text) > _YEARLY]
    return Dates(
        yearly=tuple(YearlyDate(int(text[:2]), int(text[3:])) for text in yearly),
        full=tuple(map(date.fromisoformat, full)),
        buffer_days=told.get("buffer_days", 0),
    )


def made_on(case: Case) -> date:
    """Return the day that a case's profile is created on."""
    made = str(case.get("created_on", case["start_date"]))
    return date.fromisoformat(made)


def begun(case: Case) -> Schedule:
    """Return a case's schedule as it is created; `bill_now` is yet to come."""
    start, made = date.fromisoformat(case["start_date"]), made_on(case)
    rule = rule_of(case["schedule"], made)
    new = domain.begun(rule, start, max(start, made))
    once = isinstance(rule, Dates) and rule.once
    end = case.get("end_date")
    new = replace(
        new,
        occurrences=1 if once else case.get("occurrences", 0),
        end_on=date.fromisoformat(str(end)) if end else None,
    )
    return domain.rescheduled(new, made)


def after(schedule: Schedule, event: Case, *, resting: bool) -> Schedule:
    """Return the schedule after an event, that has billed the days before it."""
    day = date.fromisoformat(event["on"])
    if event["type"] in ("skip", "change_date") and not (schedule.next_on or resting):
        raise OverError
    match event["type"]:
        case "pause":
            return domain.rested(schedule)
        case "resume":
            return domain.rescheduled(schedule, day)
        case "skip":
            return domain.skipped(schedule)
        case "change_date":
            changed = domain.moved(
                schedule,
                date.fromisoformat(event["to"]),
                use_new_day=event.get("use_new_day", False),
            )
        case "change_schedule":
            anchor = date.fromisoformat(
                event.get("start_date", schedule.anchor_on.isoformat())
            )
            rule = rule_of(event["schedule"], day)
            changed = domain.replaced(schedule, rule, anchor, None)
            changed = domain.rescheduled(changed, day)
        case kind:
            raise ValueError(kind)
    return domain.rested(changed) if resting else changed


def states(case: Case) -> Iterator[tuple[Schedule, date | None]]:
    """Yield a case's schedule as it is after each billing, with the date billed."""
    made, resting = made_on(case), False
    schedule = begun(case)
    yield schedule, None
    if case.get("bill_now"):
        schedule = domain.billed_now(schedule, made)
        yield schedule, made
    for event in case.get("events", ()):
        day = date.fromisoformat(event["on"])
        while schedule.next_on is not None and schedule.next_on < day:
            billed = schedule.next_on
            schedule = domain.billed(schedule)
            yield schedule, billed
        resting = event["type"] == "pause" or (resting and event["type"] != "resume")
        schedule = after(schedule, event, resting=resting)
        yield schedule, None
    while schedule.next_on is not None:
        billed = schedule.next_on
        schedule = domain.billed(schedule)
        yield schedule, billed


def played(case: Case) -> Iterator[date]:
    """Yield the dates that a case bills."""
    for _, billed in states(case):
        if billed is not None:
            yield billed
