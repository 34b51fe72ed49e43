"""Reports: dates a year against a walk of the calendar, periods, and rounding."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidValueError
from app.domain.event import Change, Event, What
from app.domain.folder import Folder
from app.domain.frequency import dates_per_year
from app.domain.line import Line
from app.domain.recurring import Profile, ProfileState
from app.domain.report import (
    Beginning,
    Billed,
    Followed,
    Metrics,
    Period,
    Standing,
    Stood,
    Tally,
    as_it_is,
    as_it_was,
    period,
)
from app.domain.schedule import Freq, Interval, MonthDays, Rule, Schedule, rescheduled
from tests import walk
from tests.schedules import rule_of

# After 400 years the calendar repeats.
START = date(2001, 1, 1)
GREGORIAN = 400 * 365 + 97
# Four years of 365.25 days.
FOUR_YEARS = 1461

TODAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def counted(told: dict[str, Any], days: int) -> int:
    """Return how many dates of a rule there are in so many days, one by one."""
    rule = walk.Rule(told, START)
    return sum(rule.hits(START + timedelta(days=number)) for number in range(days))


@pytest.mark.parametrize("interval", [1, 10, 15, 31])
@pytest.mark.parametrize(("freq", "length"), [("daily", 1), ("weekly", 7)])
def test_days_and_weeks_are_counted_in_years_of_365_days_and_a_quarter(
    freq: str, length: int, interval: int
) -> None:
    told = {"kind": "interval", "freq": freq, "interval": interval}
    # As many whole rhythms as there are days in four years.
    count = counted(told, FOUR_YEARS * length * interval)
    years = 4 * length * interval
    assert dates_per_year(rule_of(told, START)) == Fraction(count, years)


@pytest.mark.parametrize(
    "told",
    [
        {"kind": "interval", "freq": "monthly", "interval": 1},
        {"kind": "interval", "freq": "monthly", "interval": 3},
        {"kind": "interval", "freq": "yearly", "interval": 2},
        {"kind": "month_days", "days": [1, 15]},
        {"kind": "month_days", "days": [5, 10, 31], "interval": 4},
        {"kind": "month_weekday", "weekday": "FR", "ordinal": 1},
        {"kind": "month_weekday", "weekday": "MO", "ordinal": -1, "interval": 5},
        {"kind": "dates", "dates": ["02-01", "05-31", "08-01", "11-30"]},
        {"kind": "dates", "dates": ["02-29"]},
    ],
)
def test_months_and_yearly_dates_are_counted_by_the_calendar(
    told: dict[str, Any],
) -> None:
    count = counted(told, GREGORIAN)
    assert dates_per_year(rule_of(told, START)) == Fraction(count, 400)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2007-09-01"], 0),
        (["2007-09-01", "2008-09-01", "2009-09-01"], 0),
        (["05-01", "2007-09-01"], 1),
    ],
)
def test_dates_of_one_year_recur_in_none(dates: list[str], expected: int) -> None:
    told = {"kind": "dates", "dates": dates}
    assert dates_per_year(rule_of(told, START)) == expected


def test_a_period_holds_both_of_its_ends() -> None:
    one = date(2026, 2, 3)
    assert period(one, one, TODAY) == Period(one, one)
    assert period(None, None, TODAY) == Period(date(2026, 3, 1), TODAY)
    with pytest.raises(InvalidValueError) as caught:
        period(TODAY, one, TODAY)
    assert caught.value.field == "date_from"


def profile(
    rule: Rule, cost: str = "10", currency: str = "USD", **of_schedule: Any
) -> Profile:
    """Return an active profile that bills from today on."""
    of = rescheduled(Schedule(rule=rule, anchor_on=TODAY, **of_schedule), TODAY)
    line = Line(unit_cost=Decimal(cost), quantity=Decimal(1))
    return Profile(
        recurring_id=1,
        client_id=1,
        staff_id=1,
        start_on=TODAY,
        schedule=of,
        currency_code=currency,
        language="en",
        lines=(line,),
    )


MONTHLY = Interval(freq=Freq.MONTHLY)
RULES: list[Rule] = [
    MONTHLY,
    Interval(freq=Freq.DAILY, interval=7),
    Interval(freq=Freq.WEEKLY, interval=3),
    MonthDays(days=(1, 9, 20), interval=7),
]


def metrics_of(*profiles: Profile) -> Metrics:
    tally = Tally(None, None)
    for each in profiles:
        tally.add(Followed(profile=each), each)
    ((_, metrics),) = tally.metrics()
    return metrics


@given(
    st.lists(
        st.tuples(st.sampled_from(RULES), st.decimals(0, 10**9, places=2)), min_size=1
    )
)
def test_the_sum_is_off_by_half_a_cent_at_most(
    of: list[tuple[Rule, Decimal]],
) -> None:
    found = metrics_of(*(profile(rule, str(cost)) for rule, cost in of))
    exact = sum(Fraction(cost) * dates_per_year(rule) / 12 for rule, cost in of)
    assert abs(Fraction(found.mrr.amount) - exact) <= Fraction(1, 200)
    assert abs(Fraction(found.arr.amount) - 12 * exact) <= Fraction(1, 200)
    assert found.mrr.amount.as_tuple().exponent == -2


def test_half_a_cent_is_rounded_up() -> None:
    quarterly = Interval(freq=Freq.MONTHLY, interval=2)
    assert metrics_of(profile(quarterly, "0.01")).mrr.amount == Decimal("0.01")
    assert metrics_of(profile(quarterly, "1", "JPY")).mrr.amount == Decimal(1)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.booleans()), min_size=1))
def test_churn_is_a_share_of_the_start(of: list[tuple[int, bool]]) -> None:
    tally = Tally(Beginning(TODAY, AT), None)
    for cost, lost in of:
        kept = profile(MONTHLY, str(cost))
        told = (
            Change("state", "active", "archived"),
            Change("folder", "active", "archived"),
            Change("next_issue_date", "2026-03-02", ""),
        )
        events = [happened(What.ARCHIVE, *told)] if lost else []
        now = put(kept, folder=Folder.ARCHIVED) if lost else kept
        tally.add(Followed(profile=now, events=events), now)
    ((_, found),) = tally.metrics()
    start, churned = sum(c for c, _ in of), sum(c for c, lost in of if lost)
    assert found.mrr_at_start.amount == start
    assert found.churned_mrr.amount == churned
    assert abs(Fraction(found.churn) - Fraction(100 * churned, start)) <= Fraction(
        1, 200
    )
    assert found.active_profiles == sum(not lost for _, lost in of)


def happened(what: What, *changes: Change) -> Event:
    return Event(of_id=1, client_id=1, at=AT, staff_id=None, what=what, changes=changes)


def put(of: Profile, **fields: Any) -> Profile:
    """Return a profile that rests, with other fields."""
    return replace(of, schedule=replace(of.schedule, next_on=None), **fields)


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        (profile(MONTHLY), Standing.LIVE),
        (put(profile(MONTHLY), state=ProfileState.PAUSED), Standing.RESTING),
        (put(profile(MONTHLY), state=ProfileState.COMPLETED), Standing.GONE),
        (put(profile(MONTHLY), folder=Folder.ARCHIVED), Standing.GONE),
        (put(profile(MONTHLY), folder=Folder.DELETED), Standing.GONE),
        # Paused, then put away.
        (
            put(profile(MONTHLY), state=ProfileState.PAUSED, folder=Folder.DELETED),
            Standing.GONE,
        ),
        # Its client is deleted.
        (put(profile(MONTHLY)), Standing.GONE),
    ],
)
def test_a_profile_lives_rests_or_is_gone(now: Profile, standing: Standing) -> None:
    assert as_it_is(now).standing is standing
    assert as_it_was(now, TODAY, [], None).standing is standing


def test_what_is_made_later_was_not_there_before() -> None:
    events = [happened(What.CREATE), happened(What.ARCHIVE)]
    assert as_it_was(profile(MONTHLY), TODAY, events, None) == Stood(Standing.RESTING)


@pytest.mark.parametrize(
    ("count", "occurrences", "counts"),
    [(0, 4, False), (1, 4, True), (2, 4, True), (3, 4, True), (1, 9, True)],
)
def test_dates_left_then_are_those_billed_since_and_those_left_now(
    count: int, occurrences: int, *, counts: bool
) -> None:
    # Of 4 there is 1 left now, of 9 there are 6.
    now = profile(MONTHLY, occurrences=occurrences, billed_count=3)
    first = date(2026, 1, 2)
    billed = Billed(count, first) if count else None
    found = as_it_was(now, first, [], billed)
    assert found.standing is Standing.LIVE
    assert found.invoice_on == (first if counts else None)
