"""The account's calendar: its day, its midnight, its test clock."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from app.domain.account import Account
from app.domain.card import Brand


def account(time_zone: str, clock_on: date | None = None) -> Account:
    return Account(
        account_id=1,
        name="Loom",
        system="loom",
        base_currency="USD",
        time_zone=time_zone,
        language="en",
        card_types=tuple(Brand),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        clock_on=clock_on,
    )


@pytest.mark.parametrize(
    ("zone", "now", "today"),
    [
        ("UTC", "2026-03-02T00:00:00+00:00", "2026-03-02"),
        ("UTC", "2026-03-01T23:59:59.999999+00:00", "2026-03-01"),
        ("America/New_York", "2026-03-02T04:59:59+00:00", "2026-03-01"),
        ("America/New_York", "2026-03-02T05:00:00+00:00", "2026-03-02"),
        # After the clocks went forward, midnight is an hour earlier.
        ("America/New_York", "2026-03-09T03:59:59+00:00", "2026-03-08"),
        ("America/New_York", "2026-03-09T04:00:00+00:00", "2026-03-09"),
        ("Europe/Berlin", "2026-10-24T21:59:59+00:00", "2026-10-24"),
        ("Europe/Berlin", "2026-10-24T22:00:00+00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T22:59:59+00:00", "2026-10-25"),
        ("Europe/Berlin", "2026-10-25T23:00:00+00:00", "2026-10-26"),
        # Three days at one instant, on either side of the date line.
        ("Pacific/Kiritimati", "2026-03-02T10:30:00+00:00", "2026-03-03"),
        ("Pacific/Auckland", "2026-03-02T10:30:00+00:00", "2026-03-02"),
        ("Pacific/Pago_Pago", "2026-03-02T10:30:00+00:00", "2026-03-01"),
        ("Asia/Kathmandu", "2026-03-01T18:14:59+00:00", "2026-03-01"),
        ("Asia/Kathmandu", "2026-03-01T18:15:00+00:00", "2026-03-02"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "2011-12-30T09:59:59+00:00", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00:00+00:00", "2011-12-31"),
    ],
)
def test_today_is_the_day_of_the_accounts_time_zone(
    zone: str, now: str, today: str
) -> None:
    instant = datetime.fromisoformat(now)
    assert account(zone).today(instant) == date.fromisoformat(today)


def test_today_does_not_depend_on_the_zone_in_which_the_instant_is_told() -> None:
    now = datetime(2026, 3, 2, 4, 59, tzinfo=UTC)
    elsewhere = now.astimezone(timezone(timedelta(hours=14)))
    new_york = account("America/New_York")
    assert new_york.today(now) == new_york.today(elsewhere) == date(2026, 3, 1)


def test_a_test_clock_says_today_whatever_the_instant() -> None:
    clocked = account("Pacific/Kiritimati", clock_on=date(2007, 9, 1))
    for now in (datetime(1990, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)):
        assert clocked.today(now) == date(2007, 9, 1)


@pytest.mark.parametrize(
    ("zone", "day", "midnight"),
    [
        ("UTC", date(2026, 3, 2), "2026-03-02T00:00:00+00:00"),
        ("America/New_York", date(2007, 9, 1), "2007-09-01T04:00:00+00:00"),
        ("America/New_York", date(2007, 12, 1), "2007-12-01T05:00:00+00:00"),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00:00+00:00"),
        ("Europe/Berlin", date(2026, 3, 30), "2026-03-29T22:00:00+00:00"),
        ("Pacific/Kiritimati", date(2026, 3, 2), "2026-03-01T10:00:00+00:00"),
    ],
)
def test_midnight_is_when_the_accounts_day_begins(
    zone: str, day: date, midnight: str
) -> None:
    found = account(zone).midnight(day)
    assert found == datetime.fromisoformat(midnight)
    assert found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "zone",
    # In Santiago and Beirut the clocks change at midnight.
    ["America/New_York", "America/Santiago", "Asia/Beirut", "Pacific/Kiritimati"],
)
def test_the_day_at_midnight_is_that_day_all_year_round(zone: str) -> None:
    of = account(zone)
    for number in range(365):
        day = date(2026, 1, 1) + timedelta(days=number)
        assert of.today(of.midnight(day)) == day


def test_records_bear_the_second_itself_on_the_real_calendar() -> None:
    now = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
    assert account("America/New_York").moment(now) == now.replace(microsecond=0)


def test_records_bear_the_midnight_of_a_test_clock() -> None:
    clocked = account("America/New_York", clock_on=date(2007, 9, 1))
    now = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    assert clocked.moment(now) == datetime(2007, 9, 1, 4, 0, tzinfo=UTC)
    later = replace(clocked, clock_on=date(2007, 9, 2))
    assert later.moment(now) - clocked.moment(now) == timedelta(days=1)


def test_the_zone_is_the_one_of_the_name() -> None:
    assert account("Europe/Berlin").zone == ZoneInfo("Europe/Berlin")
