"""What a schedule that is changed keeps of the one before, and what it does not."""

from datetime import date, timedelta
from itertools import islice
from typing import Any

from app.domain.frequency import MONTHLY
from app.domain.recurring import (
    Profile,
    ProfileChanges,
    changed_profile,
    date_changed,
    new_profile,
)
from app.domain.schedule import Dates, YearlyDate, upcoming
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
