"""Measure the date rules: a next date of each kind, and a preview through the API.

Rules that `dateutil.rrule` can express are put to it in the same run; each is asked
for its first date after a day far from where it counts from.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from dateutil import rrule

from app.domain import schedule as domain
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
from tests.bench.__main__ import Bench, cpu_ms

BEGIN = date(1990, 1, 1)
DAYS = (date(2026, 3, 2), date(2200, 3, 2))
THEIR_BEGIN = datetime(1990, 1, 1)  # noqa: DTZ001 - a mere day

RULES: dict[str, tuple[Rule, Callable[[], rrule.rrule] | None]] = {
    "daily": (
        Interval(freq=Freq.DAILY),
        lambda: rrule.rrule(rrule.DAILY, dtstart=THEIR_BEGIN),
    ),
    "every 3 weeks": (
        Interval(freq=Freq.WEEKLY, interval=3),
        lambda: rrule.rrule(rrule.WEEKLY, dtstart=THEIR_BEGIN, interval=3),
    ),
    "monthly": (
        Interval(freq=Freq.MONTHLY),
        lambda: rrule.rrule(rrule.MONTHLY, dtstart=THEIR_BEGIN),
    ),
    "yearly": (
        Interval(freq=Freq.YEARLY),
        lambda: rrule.rrule(rrule.YEARLY, dtstart=THEIR_BEGIN),
    ),
    "days 1 and 15": (
        MonthDays(days=(1, 15)),
        lambda: rrule.rrule(rrule.MONTHLY, dtstart=THEIR_BEGIN, bymonthday=(1, 15)),
    ),
    "day 31, every 3 months": (MonthDays(days=(31,), interval=3), None),
    "last Friday": (
        MonthWeekday(weekday=Weekday.FRIDAY, ordinal=-1),
        lambda: rrule.rrule(rrule.MONTHLY, dtstart=THEIR_BEGIN, byweekday=rrule.FR(-1)),
    ),
    "365 dates of every year": (
        Dates(
            yearly=tuple(
                YearlyDate(day.month, day.day)
                for day in (date(2023, 1, 1) + n * domain.ONE_DAY for n in range(365))
            )
        ),
        None,
    ),
}


def per_call_us(call: Callable[[], object], count: int) -> float:
    """Return the median time of a call over seven rounds, in microseconds."""
    rounds = []
    for _ in range(7):
        started = time.process_time_ns()
        for _ in range(count):
            call()
        rounds.append((time.process_time_ns() - started) / count / 1000)
    return statistics.median(rounds)


def next_dates(day: date) -> None:
    """Measure a next date of each kind, of a rule and with the whole state."""
    print(f"  from {BEGIN} on, after {day}")
    before = datetime.combine(day - timedelta(days=1), datetime.min.time())
    for name, (rule, theirs) in RULES.items():
        ours = per_call_us(partial(rule.on_or_after, BEGIN, day), 2000)
        due = domain.rescheduled(domain.begun(rule, BEGIN, BEGIN), day)
        billed = per_call_us(partial(domain.billed, due), 2000)
        line = f"    {name:<26}{ours:9.2f}{billed:9.2f}"
        if theirs is not None:
            other = per_call_us(partial(theirs().after, before), 1)
            line += f"{other:12.1f}{other / ours:10.0f} x"
        print(line)


def hundred_dates() -> None:
    """Measure previews of 100 dates, through the application in this process."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        print("recurring.preview of 100 dates, CPU ms (goal: under 5)")
        for name, told in {
            "daily": "<frequency>daily</frequency>",
            "monthly": "<frequency>monthly</frequency>",
            "days 1 and 15": "<schedule><days><day>1</day><day>15</day></days>"
            "</schedule>",
            "last Friday": "<schedule><week>last</week><weekday>friday</weekday>"
            "</schedule>",
            "four dates": "<schedule><dates><date>01-31</date><date>04-30</date>"
            "<date>07-31</date><date>10-31</date></dates></schedule>",
            "daily from 1990, from 2200": "<frequency>daily</frequency>"
            "<schedule><start_date>1990-01-01</start_date></schedule>",
        }.items():
            later = "<date_from>2200-01-01</date_from>" if "2200" in name else ""
            content = f"<recurring>{told}</recurring><count>100</count>{later}"
            taken = cpu_ms(partial(bench.post, "recurring.preview", content), 50)
            print(f"  {name:<28}{taken:8.2f}")
        bench.close()


if __name__ == "__main__":
    print("next date, us: of the rule, with the state, by rrule, and its ratio")
    for each in DAYS:
        next_dates(each)
    hundred_dates()
