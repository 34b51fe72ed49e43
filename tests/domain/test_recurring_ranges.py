"""Profiles whose lines count for a while: which dates bill, and what they come to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import recurring, schedule
from app.domain.errors import InvalidValueError, RefusedError
from app.domain.line import Line, LineChanges
from app.domain.pricing import price
from app.domain.recurring import (
    Profile,
    ProfileState,
    billed,
    billed_now,
    bills,
    date_changed,
    next_invoice_on,
    paused,
    quantity,
    skipped,
    unbilled,
    upcoming,
    with_lines,
)
from app.domain.schedule import Freq, Interval
from app.domain.scheduling import AskedRule, ScheduleChanges
from tests.domain.test_recurring import make
from tests.schedules import rule_of
from tests.walk import Walk

TODAY = date(2026, 1, 31)
CENTURIES = date(2526, 1, 1)
DAILY = Interval(freq=Freq.DAILY)
MONTHLY = Interval(freq=Freq.MONTHLY)
ONE = Decimal(1)


def amount_of(profile: Profile) -> Decimal:
    """Return what a profile's next invoice comes to, or would today."""
    return price(profile, next_invoice_on(profile) or TODAY).total.amount


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def line(start: str = "", end: str = "", cost: str = "5", **others: Any) -> Line:
    return Line(
        unit_cost=Decimal(cost),
        quantity=ONE,
        start_on=day(start),
        end_on=day(end),
        **others,
    )


def profile(*lines: Line, rule: AskedRule = MONTHLY, **others: Any) -> Profile:
    """Return a profile of the 31st of January, with lines as they are."""
    made = make(frequency=rule, date=TODAY, **others)
    return replace(made, lines=lines)


def dates(of: Profile, count: int, **options: Any) -> list[str]:
    return [each.isoformat() for each in islice(upcoming(of, **options), count)]


def test_dates_begin_with_the_first_line_and_end_with_the_last() -> None:
    of = profile(line("2026-03-01", "2026-04-29"), line("2026-06-30", "2026-07-31"))
    assert dates(of, 9) == ["2026-03-31", "2026-06-30", "2026-07-31"]


def test_a_line_without_a_range_counts_always() -> None:
    of = profile(line("2026-03-01"), line())
    assert dates(of, 2) == ["2026-01-31", "2026-02-28"]


def test_a_profile_without_lines_bills_every_date() -> None:
    assert bills(profile(), TODAY)
    assert dates(profile(), 2) == ["2026-01-31", "2026-02-28"]


def test_dates_without_a_line_use_up_no_occurrence() -> None:
    of = profile(line("2026-03-01"), occurrences=2)
    assert dates(of, 9) == ["2026-03-31", "2026-04-30"]
    of = unbilled(unbilled(of))
    assert (of.schedule.billed_count, of.schedule.last_billed_on) == (0, None)
    assert of.schedule.next_on == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("lines", "rule", "expected"),
    [
        ([line("2526-01-01")], DAILY, ["2526-01-01", "2526-01-02"]),
        ([line("2526-01-01", "2526-01-01")], DAILY, ["2526-01-01"]),
        ([line("", "2026-02-01"), line("2526-01-01")], DAILY,
         ["2026-01-31", "2026-02-01", "2526-01-01"]),
        ([line("2999-12-31")], DAILY, ["2999-12-31"]),
        ([line("2999-12-30", "2999-12-30")], MONTHLY, []),
        ([line("", "2026-01-30")], DAILY, []),
    ],
)  # fmt: skip
def test_centuries_without_a_line_are_passed_at_once(
    lines: list[Line], rule: AskedRule, expected: list[str]
) -> None:
    of = profile(*lines, rule=rule)
    steps = Counting()
    # The count of dates looked at is the measure; a day walk would take 180,000.
    found = schedule.upcoming(of.schedule, steps.of(of))
    assert [each.isoformat() for each in islice(found, len(expected) or 1)] == expected
    assert steps.taken < 20


class Counting:
    """Counts how often a profile is asked when it bills."""

    taken = 0

    def of(self, profile: Profile) -> schedule.Billable:
        def billable(on: date) -> date | None:
            self.taken += 1
            return recurring._billable_from(profile, on)

        return billable


def test_a_hundred_lines_of_a_day_each_are_found_one_by_one() -> None:
    days = [date(2100 + n, 6, 15).isoformat() for n in range(100)]
    of = profile(*(line(each, each) for each in days), rule=DAILY)
    assert dates(of, 200) == days


@pytest.mark.parametrize("occurrences", [0, 3])
def test_a_preview_from_a_day_is_the_rest_of_the_whole(occurrences: int) -> None:
    of = profile(
        line("2026-02-01", "2026-04-30"),
        line("2526-01-01"),
        occurrences=occurrences,
    )
    for start in ("2026-01-01", "2026-03-31", "2026-05-01", "2526-01-31"):
        from_on = date.fromisoformat(start)
        whole = [each for each in dates(of, 8) if each >= start]
        found = dates(of, len(whole), date_from=from_on, most=100)
        assert found == whole


def test_a_moved_date_without_a_line_passes_as_any_other() -> None:
    moved = date_changed(profile(line()), date(2026, 2, 15), TODAY, use_new_day=False)
    of = replace(moved, lines=(line("2026-05-01"),))
    assert dates(of, 2) == ["2026-05-31", "2026-06-30"]


# What is told of the next invoice.


def test_the_next_invoice_is_on_the_first_date_that_bills() -> None:
    of = profile(line("2026-03-01", cost="7"), line("2026-06-01", cost="9"))
    assert of.schedule.next_on == TODAY
    assert next_invoice_on(of) == date(2026, 3, 31)
    assert amount_of(of) == 7
    assert quantity(of, date(2026, 6, 30)) == 2


def test_there_is_no_next_invoice_where_all_lines_have_ended() -> None:
    of = profile(line("", "2026-01-30"))
    assert next_invoice_on(of) is None
    assert of.state is ProfileState.ACTIVE
    assert amount_of(of) == 0


def test_a_percentage_is_no_quantity() -> None:
    of = profile(line(), line(percent=Decimal(3)), line("2027-01-01"))
    assert quantity(of, TODAY) == 1


# Commands where nothing is to be billed.


def test_skipping_passes_over_the_next_invoice_and_what_lies_before_it() -> None:
    of = skipped(profile(line("2026-03-01")))
    assert of.schedule.next_on == date(2026, 4, 30)
    assert of.schedule.billed_count == 0


def test_there_is_nothing_to_skip_where_all_lines_have_ended() -> None:
    with pytest.raises(RefusedError):
        skipped(profile(line("", "2026-01-30")))


def test_no_date_is_moved_to_where_no_line_counts() -> None:
    of = profile(line("2026-03-01"))
    with pytest.raises(InvalidValueError) as refused:
        date_changed(of, date(2026, 2, 28), TODAY, use_new_day=False)
    assert refused.value.field == "date"
    moved = date_changed(of, date(2026, 3, 1), TODAY, use_new_day=False)
    assert dates(moved, 2) == ["2026-03-01", "2026-04-30"]


def test_a_day_without_a_line_cannot_be_billed_at_creation() -> None:
    asked = (LineChanges(start_on=date(2026, 3, 1)),)
    now = ScheduleChanges(bill_now=True)
    with pytest.raises(InvalidValueError) as refused:
        make(lines=asked, schedule=now)
    assert refused.value.field == "bill_now"


def test_billing_ahead_counts_an_occurrence() -> None:
    of = billed_now(profile(line(), occurrences=2), date(2026, 1, 31))
    assert of.schedule.billed_count == 1


# Sums that a request expects.


def test_expected_sums_are_those_of_the_first_invoice() -> None:
    asked = (
        LineChanges(unit_cost=Decimal(5), quantity=ONE, start_on=date(2026, 3, 1)),
        LineChanges(percent=Decimal(10)),
    )
    late = (replace(asked[0]), replace(asked[1], start_on=date(2026, 3, 1)))
    expected = make(lines=late, recurring_amount=Decimal("5.5"), quantity=ONE)
    assert amount_of(expected) == Decimal("5.50")
    with pytest.raises(InvalidValueError) as refused:
        make(lines=late, recurring_amount=Decimal(5))
    assert refused.value.field == "recurring_amount"
    assert "5.50, not 5" in refused.value.reason
    with pytest.raises(InvalidValueError) as refused:
        make(lines=late, quantity=Decimal(2))
    assert refused.value.field == "quantity"


# Amounts that only some dates have.


def test_lines_that_are_too_large_together_are_refused_whenever_they_count() -> None:
    huge = "9000000000000"
    cancelled = (line(cost=huge), line(cost=f"-{huge}"), line(cost=huge))
    assert with_lines(profile(), cancelled).lines == cancelled
    ending = (line(cost=huge), line("", "2026-03-31", f"-{huge}"), line(cost=huge))
    with pytest.raises(InvalidValueError) as refused:
        with_lines(profile(), ending)
    assert refused.value.field == "unit_cost"


@pytest.mark.parametrize(
    "lines",
    [
        [line("2027-01-01", cost="9999999999999"), line(percent=Decimal(1))],
        [line("2027-01-01", cost="9000000000000", tax1_percent=Decimal(20))],
        [line("2027-01-01", cost="9000000000000", tax1_percent=Decimal(20)),
         line("", "2026-12-31", "-9000000000000", tax1_percent=Decimal(20))],
    ],
)  # fmt: skip
def test_what_is_too_large_later_is_refused_today(lines: list[Line]) -> None:
    with pytest.raises(InvalidValueError):
        with_lines(profile(), tuple(lines))


# Random ranges beside a walk of the calendar, day by day.

FIRST = date(2026, 1, 1)
RULES = [
    {"kind": "interval", "freq": "daily", "interval": 3},
    {"kind": "interval", "freq": "weekly", "interval": 1},
    {"kind": "interval", "freq": "monthly", "interval": 1},
    {"kind": "month_days", "days": [1, 15]},
    {"kind": "month_weekday", "weekday": "FR", "ordinal": -1},
    {"kind": "dates", "dates": ["03-21", "11-01", "2027-02-02"]},
]
some_days = st.one_of(
    st.none(), st.integers(-40, 800).map(lambda n: FIRST + timedelta(days=n))
)
some_ranges = st.lists(
    st.tuples(some_days, some_days).filter(
        lambda pair: pair[0] is None or pair[1] is None or pair[0] <= pair[1]
    ),
    min_size=1,
    max_size=4,
)
UNTIL = FIRST + timedelta(days=900)


def walked(told: dict[str, Any], ranges: Any, occurrences: int) -> Iterator[date]:
    """Walk day by day; a day bills that the rule has, and a line."""
    case = {"start_date": FIRST.isoformat(), "schedule": told}
    left = occurrences or -1
    for on in Walk(case).dates(UNTIL):
        if left and any(
            (first is None or not on < first) and (last is None or not on > last)
            for first, last in ranges
        ):
            left -= 1
            yield on


def ranged(told: dict[str, Any], ranges: Any, occurrences: int) -> Profile:
    begun = schedule.begun(rule_of(told, FIRST), FIRST, FIRST)
    begun = schedule.rescheduled(replace(begun, occurrences=occurrences), FIRST)
    lines = tuple(replace(line(), start_on=a, end_on=b) for a, b in ranges)
    return replace(profile(*lines), schedule=begun)


def lived(of: Profile) -> Iterator[date]:
    """Yield the days that are billed where each date is looked at in its turn."""
    while of.schedule.next_on is not None and of.schedule.next_on <= UNTIL:
        on = of.schedule.next_on
        if bills(of, on):
            yield on
        of = billed(of) if bills(of, on) else unbilled(of)


@given(
    told=st.sampled_from(RULES), ranges=some_ranges, occurrences=st.sampled_from([0, 7])
)
def test_what_bills_is_what_a_walk_of_the_calendar_finds(
    told: dict[str, Any], ranges: Any, occurrences: int
) -> None:
    expected = list(walked(told, ranges, occurrences))
    of = ranged(told, ranges, occurrences)
    assert list(lived(of)) == expected
    assert [on for on in islice(upcoming(of), 400) if on <= UNTIL] == expected


@given(told=st.sampled_from(RULES), ranges=some_ranges, days=st.integers(0, 900))
def test_passing_dates_at_once_is_passing_them_one_by_one(
    told: dict[str, Any], ranges: Any, days: int
) -> None:
    of = ranged(told, ranges, 0).schedule
    until = FIRST + timedelta(days=days)
    one_by_one = of
    while one_by_one.next_on is not None and one_by_one.next_on < until:
        one_by_one = schedule.skipped(one_by_one)
    at_once = schedule.skipped_until(of, until)
    assert list(islice(schedule.upcoming(at_once), 5)) == list(
        islice(schedule.upcoming(one_by_one), 5)
    )


@pytest.mark.parametrize("rule", [DAILY, MONTHLY, Interval(freq=Freq.WEEKLY)])
@pytest.mark.parametrize("use_new_day", [False, True])
def test_a_moved_date_is_passed_as_if_it_were_skipped(
    *, rule: AskedRule, use_new_day: bool
) -> None:
    of = date_changed(
        profile(rule=rule), date(2026, 2, 20), TODAY, use_new_day=use_new_day
    )
    one_by_one = of.schedule
    while one_by_one.next_on is not None and one_by_one.next_on < date(2026, 6, 1):
        one_by_one = schedule.skipped(one_by_one)
    at_once = schedule.skipped_until(of.schedule, date(2026, 6, 1))
    assert list(islice(schedule.upcoming(at_once), 5)) == list(
        islice(schedule.upcoming(one_by_one), 5)
    )


def test_a_paused_profile_has_no_next_invoice() -> None:
    assert next_invoice_on(paused(profile(line()))) is None
