"""The date rules: the shared cases, an independent walk of the calendar, properties."""

import calendar
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, pairwise, takewhile
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain.schedule import (
    FIRST_DAY,
    LAST_DAY,
    Freq,
    Interval,
    Progress,
    billed,
    rescheduled,
    upcoming,
)
from tests.schemas import FIXTURES

ONE_DAY = timedelta(days=1)
# Tests do not measure time, and the machine may be busy.
unhurried = settings(deadline=None)
CASES = json.loads((FIXTURES / "schedules" / "cases.json").read_text())["cases"]

FREQUENCIES = [
    pytest.param(freq, interval, id=f"{interval} {freq}")
    for freq, interval in (
        (Freq.DAILY, 1),
        (Freq.DAILY, 30),
        (Freq.WEEKLY, 1),
        (Freq.WEEKLY, 2),
        (Freq.WEEKLY, 4),
        (Freq.MONTHLY, 1),
        (Freq.MONTHLY, 2),
        (Freq.MONTHLY, 3),
        (Freq.MONTHLY, 6),
        (Freq.MONTHLY, 18),
        (Freq.YEARLY, 1),
        (Freq.YEARLY, 2),
    )
]

starts = st.dates(FIRST_DAY, date(2900, 12, 31))
rules = st.builds(Interval, freq=st.sampled_from(Freq), interval=st.integers(1, 12))


def created(rule: Interval, start: date, on: date, occurrences: int = 0) -> Progress:
    """Return the progress of a profile that is made on a day."""
    blank = Progress(start_on=start, next_on=None, occurrences=occurrences)
    return rescheduled(rule, blank, on)


def played(case: dict[str, Any]) -> Iterator[date]:
    """Yield a case's dates; its events happen at the beginning of their days."""
    schedule = case["schedule"]
    rule = Interval(freq=Freq(schedule["freq"]), interval=schedule["interval"])
    start = date.fromisoformat(case["start_date"])
    made = date.fromisoformat(case.get("created_on", case["start_date"]))
    progress = created(rule, start, made, case.get("occurrences", 0))
    for event in case.get("events", ()):
        day = date.fromisoformat(event["on"])
        while progress.next_on is not None and progress.next_on < day:
            yield progress.next_on
            progress = billed(rule, progress)
        if event["type"] == "pause":
            progress = replace(progress, next_on=None)
        else:
            assert event["type"] == "resume"
            progress = rescheduled(rule, progress, day)
    yield from upcoming(rule, progress)


def walked(rule: Interval, start: date, until: date) -> list[date]:
    """Return a rule's dates found day by day, counting nothing but days and firsts."""
    dates = []
    days = months = 0
    day = start
    while day <= until:
        tomorrow = day + ONE_DAY
        ends = tomorrow.month != day.month
        wanted = day.day == start.day or (ends and day.day < start.day)
        hit = {
            Freq.DAILY: days % rule.interval == 0,
            Freq.WEEKLY: days % (7 * rule.interval) == 0,
            Freq.MONTHLY: wanted and months % rule.interval == 0,
            Freq.YEARLY: wanted and months % (12 * rule.interval) == 0,
        }[rule.freq]
        if hit:
            dates.append(day)
        days += 1
        months += ends
        day = tomorrow
    return dates


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_shared_cases_give_their_dates(case: dict[str, Any]) -> None:
    end = date.fromisoformat(case.get("end_date", "9999-12-31"))
    # Profiles have no end date yet: of these cases, what comes before it is compared.
    dates = takewhile(lambda day: day <= end, played(case))
    found = [day.isoformat() for day in islice(dates, case["count"])]
    assert found == case["expected_dates"]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["complete"] and "end_date" not in case],
    ids=lambda case: case["id"],
)
def test_the_shared_cases_that_are_complete_have_no_further_date(
    case: dict[str, Any],
) -> None:
    assert len(list(played(case))) == len(case["expected_dates"])


def test_the_shared_cases_are_all_there() -> None:
    ids = {case["id"] for case in CASES}
    assert len(ids) == len(CASES) == 57
    assert sum(case["system"] == "freshbooks" for case in CASES) == 14


@pytest.mark.parametrize(("freq", "interval"), FREQUENCIES)
@pytest.mark.parametrize("start_day", range(1, 32))
def test_on_or_after_agrees_with_a_walk_over_fifty_years(
    start_day: int, freq: Freq, interval: int
) -> None:
    # Over the leap years on either side of 2100, which is none.
    start = date(2071, 1, start_day)
    rule = Interval(freq=freq, interval=interval)
    dates = walked(rule, start, date(2121, 1, 31))
    assert dates[0] == start
    # The first day after a date, the date itself and a day between settle them all:
    # what is asked for rises, so what is found cannot fall.
    for earlier, later in pairwise(dates):
        middle = earlier + (later - earlier + ONE_DAY) // 2
        for day in (earlier + ONE_DAY, middle, later):
            assert rule.on_or_after(start, day) == later, day


@unhurried
@given(
    freq=st.sampled_from(Freq),
    interval=st.integers(1, 40),
    start=starts,
    ahead=st.integers(-400, 2000),
)
def test_on_or_after_agrees_with_a_walk_from_any_start(
    freq: Freq, interval: int, start: date, ahead: int
) -> None:
    rule = Interval(freq=freq, interval=interval)
    day = max(start + timedelta(days=ahead), FIRST_DAY)
    longest = {Freq.DAILY: 1, Freq.WEEKLY: 7, Freq.MONTHLY: 31, Freq.YEARLY: 366}
    # Whatever the rhythm, one whole period after the day holds a date.
    until = min(max(day, start) + timedelta(days=longest[freq] * interval), LAST_DAY)
    dates = walked(rule, start, until)
    expected = next((found for found in dates if found >= day), None)
    assert rule.on_or_after(start, day) == expected


@unhurried
@given(rule=rules, start=starts, made_after=st.integers(-1000, 5000))
def test_dates_strictly_increase(rule: Interval, start: date, made_after: int) -> None:
    made = max(start + timedelta(days=made_after), FIRST_DAY)
    dates = list(islice(upcoming(rule, created(rule, start, made)), 30))
    assert all(earlier < later for earlier, later in pairwise(dates))


@unhurried
@given(rule=rules, start=starts, made_after=st.integers(-1000, 5000))
def test_no_date_is_before_the_creation_or_the_start(
    rule: Interval, start: date, made_after: int
) -> None:
    made = max(start + timedelta(days=made_after), FIRST_DAY)
    for day in islice(upcoming(rule, created(rule, start, made)), 10):
        assert day >= max(made, start)


@unhurried
@given(
    rule=rules,
    start=st.dates(FIRST_DAY, date(2400, 1, 1)),
    made_after=st.integers(-100, 1000),
    occurrences=st.integers(1, 40),
)
def test_there_are_as_many_dates_as_occurrences(
    rule: Interval, start: date, made_after: int, occurrences: int
) -> None:
    made = max(start + timedelta(days=made_after), FIRST_DAY)
    dates = list(upcoming(rule, created(rule, start, made, occurrences)))
    endless = islice(upcoming(rule, created(rule, start, made)), occurrences)
    assert dates == list(endless)
    assert len(dates) == occurrences


@unhurried
@given(
    rule=rules,
    start=st.dates(FIRST_DAY, date(2400, 1, 1)),
    occurrences=st.integers(0, 12),
    done=st.integers(0, 12),
    early=st.integers(0, 400),
)
def test_any_stored_state_gives_the_tail_of_the_whole(
    rule: Interval, start: date, occurrences: int, done: int, early: int
) -> None:
    progress = created(rule, start, start, occurrences)
    whole = list(islice(upcoming(rule, progress), 13))
    done = min(done, len(whole))
    for _ in range(done):
        progress = billed(rule, progress)
    stored = Progress(
        start_on=progress.start_on,
        next_on=progress.next_on,
        occurrences=occurrences,
        billed_count=done,
        last_billed_on=whole[done - 1] if done else None,
    )
    assert stored == progress
    assert list(islice(upcoming(rule, stored), 13 - done)) == whole[done:]
    # Finding the next date anew, on any day before it, finds the same one.
    if stored.next_on is not None:
        today = max(stored.next_on - timedelta(days=early), stored.start_on)
        assume(stored.last_billed_on is None or today >= stored.last_billed_on)
        assert rescheduled(rule, stored, today) == stored


@unhurried
@given(rule=rules, start=starts, done=st.integers(1, 20), late=st.integers(0, 3000))
def test_no_day_is_billed_twice_by_finding_the_next_date_anew(
    rule: Interval, start: date, done: int, late: int
) -> None:
    progress = created(rule, start, start)
    for _ in range(done):
        if progress.next_on is not None:  # the calendar may end before
            progress = billed(rule, progress)
    last = progress.last_billed_on
    assert last is not None
    again = rescheduled(rule, progress, last + timedelta(days=late))
    assert again.next_on is None or again.next_on > last


@unhurried
@given(
    start=starts,
    interval=st.integers(1, 40),
    freq=st.sampled_from((Freq.MONTHLY, Freq.YEARLY)),
    n=st.integers(0, 400),
)
def test_a_month_end_never_drifts(
    start: date, interval: int, freq: Freq, n: int
) -> None:
    rule = Interval(freq=freq, interval=interval)
    months = n * interval * (12 if freq is Freq.YEARLY else 1)
    years, month = divmod(start.month - 1 + months, 12)
    assume(start.year + years <= LAST_DAY.year)
    year = start.year + years
    longest = calendar.monthrange(year, month + 1)[1]
    expected = date(year, month + 1, min(start.day, longest))
    assert rule.nth(start, n) == expected
    assert rule.on_or_after(start, date(year, month + 1, 1)) == max(expected, start)


@pytest.mark.parametrize("start_day", [28, 29, 30, 31])
def test_a_shortened_day_comes_back_in_the_next_long_month(start_day: int) -> None:
    rule = Interval(freq=Freq.MONTHLY)
    progress = created(rule, date(2023, 1, start_day), date(2023, 1, 1))
    february, march = islice(upcoming(rule, progress), 1, 3)
    assert (february, march) == (date(2023, 2, 28), date(2023, 3, start_day))


@unhurried
@given(
    freq=st.sampled_from(Freq),
    interval=st.one_of(st.integers(1, 500), st.integers(1, 10**18)),
    start=st.dates(),
    day=st.dates(),
)
def test_anchors_far_away_give_none_or_a_date_and_never_an_exception(
    freq: Freq, interval: int, start: date, day: date
) -> None:
    found = Interval(freq=freq, interval=interval).on_or_after(start, day)
    assert found is None or found >= day


@pytest.mark.parametrize("freq", Freq)
@pytest.mark.parametrize("interval", [1, 2, 10**6, 10**12, 10**30])
@pytest.mark.parametrize("start", [date.min, FIRST_DAY, LAST_DAY, date.max])
@pytest.mark.parametrize("day", [date.min, FIRST_DAY, LAST_DAY, date.max])
def test_the_edges_of_the_calendar_give_none_or_a_date(
    freq: Freq, interval: int, start: date, day: date
) -> None:
    found = Interval(freq=freq, interval=interval).on_or_after(start, day)
    assert found is None or found >= max(start, day)


@pytest.mark.parametrize(
    ("freq", "start", "last", "count"),
    [
        (Freq.DAILY, date(2999, 12, 1), date(2999, 12, 31), 31),
        (Freq.WEEKLY, date(2999, 12, 1), date(2999, 12, 29), 5),
        (Freq.MONTHLY, date(2999, 8, 31), date(2999, 12, 31), 5),
        (Freq.YEARLY, date(2996, 2, 29), date(2999, 2, 28), 4),
        (Freq.YEARLY, LAST_DAY, LAST_DAY, 1),
    ],
)
def test_the_last_date_of_the_calendar_is_the_last_one(
    freq: Freq, start: date, last: date, count: int
) -> None:
    rule = Interval(freq=freq)
    dates = list(upcoming(rule, created(rule, start, start)))
    assert (dates[-1], len(dates)) == (last, count)


@pytest.mark.parametrize("interval", [0, -1])
def test_a_rhythm_that_stands_still_is_refused(interval: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Interval(freq=Freq.MONTHLY, interval=interval)


def test_billing_without_a_next_date_is_refused() -> None:
    resting = Progress(start_on=date(2026, 1, 1), next_on=None)
    with pytest.raises(ValueError, match="no date"):
        billed(Interval(freq=Freq.MONTHLY), resting)


def test_a_rule_that_goes_back_in_time_is_refused() -> None:
    # It would bill the past for ever.
    class Stuck:
        def on_or_after(self, start: date, day: date) -> date | None:
            return day - ONE_DAY if day > start else start

    progress = rescheduled(
        Stuck(), Progress(start_on=date(2026, 1, 1), next_on=None), date(2026, 1, 1)
    )
    with pytest.raises(ValueError, match="back in time"):
        billed(Stuck(), progress)


@pytest.mark.parametrize(
    ("occurrences", "done", "exhausted"),
    [(0, 0, False), (0, 99, False), (3, 2, False), (3, 3, True), (3, 4, True)],
)
def test_progress_is_exhausted_by_its_occurrences_and_zero_is_no_limit(
    occurrences: int, done: int, *, exhausted: bool
) -> None:
    progress = Progress(
        start_on=date(2026, 1, 1),
        next_on=None,
        occurrences=occurrences,
        billed_count=done,
    )
    assert progress.exhausted is exhausted


def test_a_pause_loses_its_dates_and_uses_up_no_occurrence() -> None:
    rule = Interval(freq=Freq.WEEKLY)
    progress = created(rule, date(2026, 1, 5), date(2026, 1, 5), occurrences=3)
    progress = billed(rule, progress)
    resumed = rescheduled(rule, replace(progress, next_on=None), date(2026, 2, 2))
    assert list(upcoming(rule, resumed)) == [date(2026, 2, 2), date(2026, 2, 9)]
