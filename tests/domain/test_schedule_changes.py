"""What a schedule that is changed keeps of the one before, and what it does not."""

from datetime import date, timedelta
from itertools import islice
from typing import Any

import pytest

from app.domain.errors import InvalidValueError, RefusedError
from app.domain.frequency import MONTHLY
from app.domain.recurring import (
    Profile,
    ProfileChanges,
    billed,
    billed_now,
    changed_profile,
    date_changed,
    new_profile,
)
from app.domain.schedule import Dates, Freq, Interval, YearlyDate, upcoming
from app.domain.scheduling import Defaults, ScheduleChanges
from tests.domain.test_recurring import ACCOUNT, CLIENT

TODAY = date(2026, 3, 2)
SPRING = Dates(yearly=(YearlyDate(3, 10), YearlyDate(3, 20), YearlyDate(5, 1)))


def make(**changes: Any) -> Profile:
    """Return what a create request makes."""
    return new_profile(
        ProfileChanges(**changes),
        client=CLIENT,
        account=ACCOUNT,
        staff_id=1,
        today=TODAY,
        defaults=Defaults(),
    )


def change(profile: Profile, today: date = TODAY, **changes: Any) -> Profile:
    """Return what an update makes of a profile."""
    return changed_profile(
        profile,
        ProfileChanges(**changes),
        client=CLIENT,
        account=ACCOUNT,
        today=today,
        carded=False,
    )


def first(profile: Profile, count: int = 3) -> list[date]:
    """Return the next dates of a profile."""
    return list(islice(upcoming(profile.schedule), count))


def buffered(days: int) -> Profile:
    """Return a profile of chosen dates that keep a distance from the start."""
    return make(schedule=ScheduleChanges(rule=SPRING, buffer_days=days))


def moved_and_billed() -> Profile:
    """Return a monthly profile of which a date in March was moved, and has billed."""
    monthly = make(frequency=MONTHLY, date=date(2026, 3, 15))
    return billed(date_changed(monthly, date(2026, 3, 12), TODAY, use_new_day=False))


def test_a_shorter_buffer_gives_dates_back() -> None:
    """One that was taken away counts no more."""
    shorter = change(buffered(30), schedule=ScheduleChanges(buffer_days=0))
    assert first(shorter, 1) == [date(2026, 3, 10)]


def test_a_buffer_ends_with_the_dates_that_it_belongs_to() -> None:
    """Another rule decides from the day of the change."""
    monthly = change(buffered(300), frequency=MONTHLY)
    assert first(monthly, 1) == [TODAY]


def test_a_new_day_to_count_from_has_the_buffer_after_it() -> None:
    """The moved date is the new start, and dates too close after it do not bill."""
    moved = date_changed(buffered(30), date(2026, 3, 5), TODAY, use_new_day=True)
    assert first(moved, 2) == [date(2026, 3, 5), date(2026, 5, 1)]


def test_dates_that_all_lie_in_the_buffer_never_bill() -> None:
    """They are not past, so the profile is made; it has nothing to do."""
    near = Dates(full=(TODAY + timedelta(days=2),))
    profile = make(schedule=ScheduleChanges(rule=near, buffer_days=2))
    assert (first(profile), profile.state) == ([], "completed")


def test_a_moved_month_uses_up_no_year_of_another_rule() -> None:
    """A yearly rule bills in the year of a moved date that was a month's."""
    yearly = change(
        moved_and_billed(),
        date(2026, 4, 1),
        frequency=Interval(freq=Freq.YEARLY),
        date=date(2026, 6, 1),
    )
    assert first(yearly, 2) == [date(2026, 6, 1), date(2027, 6, 1)]


def test_a_date_that_is_asked_for_bills_in_a_month_used_up_by_a_moved_one() -> None:
    """Only the regular date yields to a moved one; this one was chosen."""
    again = change(moved_and_billed(), date(2026, 3, 13), date=date(2026, 3, 25))
    assert first(again, 2) == [date(2026, 3, 25), date(2026, 4, 25)]


def test_a_moved_month_stays_used_up_where_the_rule_still_counts_in_months() -> None:
    """Another day of the month does not bill a second time in it."""
    rule = Interval(freq=Freq.MONTHLY, interval=2)
    slower = change(moved_and_billed(), date(2026, 3, 13), frequency=rule)
    assert first(slower, 1) == [date(2026, 5, 15)]


def test_a_day_before_one_that_was_billed_is_not_billed_any_more() -> None:
    """A request that began before midnight may come after the worker."""
    profile = billed(make(frequency=Interval(freq=Freq.DAILY, interval=2)))
    with pytest.raises(RefusedError):
        billed_now(profile, TODAY - timedelta(days=1))


def test_a_date_is_not_moved_before_one_that_was_billed() -> None:
    """It could not bill there."""
    profile, yesterday = billed(make()), TODAY - timedelta(days=1)
    with pytest.raises(InvalidValueError) as refusal:
        date_changed(profile, yesterday, yesterday, use_new_day=False)
    assert refusal.value.field == "date"
