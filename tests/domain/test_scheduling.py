"""What a request says of a schedule, and what comes of it."""

from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

import pytest

from app.domain import frequency, schedule, scheduling
from app.domain.errors import InvalidValueError
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
from app.domain.scheduling import Asked, Defaults, OfTheDay, ScheduleChanges

TODAY = date(2026, 3, 2)
MONTHLY = Interval(freq=Freq.MONTHLY)
WEEKLY = Interval(freq=Freq.WEEKLY)
YEARLY = Interval(freq=Freq.YEARLY)
DAY_31 = MonthDays(days=(31,))
FRIDAY = MonthWeekday(weekday=Weekday.FRIDAY, ordinal=1)
SPRING = Dates(yearly=(YearlyDate(3, 21), YearlyDate(5, 5)))


def asked(**said: Any) -> Asked:
    """Return what a request says; what stands in `schedule` is named as there."""
    inner = {
        name: said.pop(name)
        for name in ("rule", "every", "buffer_days", "start_on", "end_on")
        if name in said
    }
    if inner:
        said["schedule"] = ScheduleChanges(**inner)
    return Asked(**said)


def begun(defaults: Defaults | None = None, **said: Any) -> Schedule:
    """Return what a create request makes."""
    found, _ = scheduling.begun(asked(**said), defaults or Defaults(), TODAY)
    return found


def shown_date(**said: Any) -> date:
    """Return the first date that answers show of a new profile."""
    return scheduling.begun(asked(**said), Defaults(), TODAY)[1]


def changed(old: Schedule, today: date = TODAY, **said: Any) -> Schedule:
    """Return what an update makes of a schedule that was first shown today."""
    return scheduling.changed(old, TODAY, asked(**said), today)


def dates(of: Schedule, count: int = 3) -> list[str]:
    return [day.isoformat() for day in islice(schedule.upcoming(of), count)]


def field_of(refused: Any, *args: Any, **said: Any) -> str | None:
    with pytest.raises(InvalidValueError) as error:
        refused(*args, **said)
    return error.value.field


# Creation.


def test_nothing_said_is_monthly_from_today_without_an_end() -> None:
    assert dates(begun()) == ["2026-03-02", "2026-04-02", "2026-05-02"]
    assert begun().occurrences == 0


def test_defaults_say_what_a_request_does_not() -> None:
    usual = Defaults(rule=WEEKLY, weekday=Weekday.FRIDAY, occurrences=2)
    assert dates(begun(usual)) == ["2026-03-06", "2026-03-13"]
    assert dates(begun(usual, frequency=MONTHLY), 9) == ["2026-03-02", "2026-04-02"]
    assert begun(usual, occurrences=0).occurrences == 0


def test_the_first_of_a_rule_that_today_is_none_of_is_the_next() -> None:
    assert dates(begun(rule=DAY_31)) == ["2026-03-31", "2026-04-30", "2026-05-31"]
    assert shown_date(rule=DAY_31) == date(2026, 3, 31)


def test_a_date_that_the_rule_does_not_hit_bills_on_the_first_that_it_does() -> None:
    later: dict[str, Any] = {"rule": FRIDAY, "date": date(2026, 4, 10)}
    assert dates(begun(**later), 2) == ["2026-05-01", "2026-06-05"]
    assert shown_date(**later) == date(2026, 4, 10)


def test_a_date_may_be_today_and_not_before() -> None:
    assert dates(begun(date=TODAY), 1) == ["2026-03-02"]
    assert field_of(begun, date=date(2026, 3, 1)) == "date"


def test_a_start_that_is_past_is_counted_from_and_bills_nothing_that_is_past() -> None:
    past: dict[str, Any] = {"frequency": MONTHLY, "start_on": date(2025, 12, 31)}
    assert dates(begun(**past)) == ["2026-03-31", "2026-04-30", "2026-05-31"]
    assert begun(**past).anchor_on == date(2025, 12, 31)
    assert shown_date(**past) == date(2026, 3, 31)


def test_a_start_and_a_date_count_from_the_one_and_bill_from_the_other() -> None:
    both = begun(
        frequency=Interval(freq=Freq.WEEKLY, interval=2),
        start_on=date(2026, 2, 27),
        date=date(2026, 4, 1),
    )
    assert dates(both, 2) == ["2026-04-10", "2026-04-24"]


def test_a_start_that_is_to_come_is_the_first_date() -> None:
    assert dates(begun(start_on=date(2026, 5, 31)), 2) == ["2026-05-31", "2026-06-30"]


def test_once_is_one_date_and_one_occurrence() -> None:
    once = begun(frequency=OfTheDay.ONCE, date=date(2026, 3, 10))
    assert (dates(once), once.occurrences) == (["2026-03-10"], 1)
    assert dates(begun(frequency=OfTheDay.ONCE, occurrences=1)) == ["2026-03-02"]
    later = begun(frequency=OfTheDay.ONCE, start_on=date(2026, 5, 1))
    assert dates(later) == ["2026-05-01"]
    assert field_of(begun, frequency=OfTheDay.ONCE, occurrences=2) == "occurrences"


def test_twice_a_month_is_by_the_day_of_creation_and_not_by_the_start() -> None:
    found = begun(rule=OfTheDay.TWICE_A_MONTH, start_on=date(2026, 4, 10))
    assert found.rule == MonthDays(days=(2, 16))
    assert dates(found, 2) == ["2026-04-16", "2026-05-02"]


def test_every_goes_with_days_and_weekdays_and_buffers_with_dates() -> None:
    assert begun(rule=DAY_31, every=3).rule == replace(DAY_31, interval=3)
    assert begun(rule=FRIDAY, every=2).rule == replace(FRIDAY, interval=2)
    assert begun(rule=SPRING, buffer_days=9).rule == replace(SPRING, buffer_days=9)
    assert field_of(begun, rule=SPRING, every=2) == "every"
    assert field_of(begun, frequency=MONTHLY, every=2) == "every"
    assert field_of(begun, rule=DAY_31, buffer_days=1) == "buffer_days"
    assert field_of(begun, buffer_days=1) == "buffer_days"
    assert begun(frequency=WEEKLY, every=1, buffer_days=0).rule == WEEKLY


@pytest.mark.parametrize(
    ("rule", "named", "agreed"),
    [
        (DAY_31, MONTHLY, True),
        (FRIDAY, MONTHLY, True),
        (MonthDays(days=(1, 15)), MONTHLY, True),
        (MonthDays(days=(1, 15)), Interval(freq=Freq.WEEKLY, interval=2), True),
        (SPRING, YEARLY, True),
        (DAY_31, WEEKLY, False),
        (DAY_31, YEARLY, False),
        (SPRING, MONTHLY, False),
        (SPRING, OfTheDay.ONCE, False),
        (Dates(full=(date(2026, 5, 5),)), OfTheDay.ONCE, True),
    ],
)
def test_a_frequency_beside_chosen_days_does_not_contradict_them(
    rule: Rule, named: Any, *, agreed: bool
) -> None:
    if agreed:
        assert begun(rule=rule, frequency=named).rule == rule
    else:
        assert field_of(begun, rule=rule, frequency=named) == "frequency"


def test_a_model_goes_with_no_schedule_of_its_own() -> None:
    assert begun(model=FRIDAY).rule == FRIDAY
    assert field_of(begun, model=FRIDAY, frequency=WEEKLY) == "billing_model_id"
    assert field_of(begun, model=FRIDAY, rule=DAY_31) == "billing_model_id"


def test_the_end_is_neither_before_the_start_nor_past() -> None:
    assert dates(begun(end_on=date(2026, 4, 2)), 9) == ["2026-03-02", "2026-04-02"]
    assert dates(begun(end_on=TODAY)) == ["2026-03-02"]
    assert field_of(begun, end_on=date(2026, 3, 1)) == "end_date"
    ends = {"start_on": date(2026, 5, 1), "end_on": date(2026, 4, 30)}
    assert field_of(begun, **ends) == "end_date"
    past = {"start_on": date(2025, 1, 1), "end_on": date(2026, 3, 1)}
    assert field_of(begun, **past) == "end_date"


def test_dates_that_are_all_past_are_refused() -> None:
    assert field_of(begun, rule=Dates(full=(date(2026, 3, 1),))) == "dates"


# Changes.


@pytest.mark.parametrize(
    "rule",
    [
        MONTHLY,
        Interval(freq=Freq.DAILY, interval=15),
        Interval(freq=Freq.DAILY, interval=30),
        DAY_31,
        MonthDays(days=(1, 15)),
        FRIDAY,
        replace(SPRING, buffer_days=3),
        Dates(full=(date(2026, 6, 1),)),
    ],
    ids=str,
)
def test_what_old_clients_read_and_send_back_changes_nothing(rule: Rule) -> None:
    old = begun(rule=rule)
    said: dict[str, Any] = {
        "frequency": frequency.shown(rule),
        "date": TODAY,
        "occurrences": 0,
    }
    if old.occurrences:
        said["occurrences"] = old.occurrences
    assert changed(old, **said) == old
    assert changed(old) == old


def test_another_frequency_replaces_chosen_days() -> None:
    old = begun(rule=MonthDays(days=(1, 15)))
    assert changed(old, frequency=YEARLY).rule == YEARLY
    # What is shown of it says nothing; with an empty `schedule` it is meant.
    shown = Interval(freq=Freq.WEEKLY, interval=2)
    assert changed(old, frequency=shown).rule == old.rule
    empty = changed(old, frequency=shown, schedule=ScheduleChanges())
    assert empty.rule == shown


def test_what_is_not_said_of_a_rule_stays() -> None:
    quarterly = begun(rule=replace(DAY_31, interval=3))
    assert changed(quarterly, rule=FRIDAY).rule == replace(FRIDAY, interval=3)
    assert changed(quarterly, every=2).rule == replace(DAY_31, interval=2)
    kept = begun(rule=replace(SPRING, buffer_days=9))
    summer = Dates(yearly=(YearlyDate(7, 1),))
    assert changed(kept, rule=summer).rule == replace(summer, buffer_days=9)
    assert changed(kept, buffer_days=0).rule == SPRING
    assert field_of(changed, kept, every=2) == "every"
    assert field_of(changed, quarterly, buffer_days=2) == "buffer_days"


def test_a_change_that_contradicts_itself_is_refused() -> None:
    old = begun(rule=DAY_31)
    assert field_of(changed, old, rule=FRIDAY, frequency=WEEKLY) == "frequency"
    assert field_of(changed, old, model=FRIDAY, frequency=WEEKLY) == "billing_model_id"


def test_another_date_is_the_day_to_count_from_unless_a_start_is_given() -> None:
    old = begun(frequency=WEEKLY)
    moved = changed(old, date=date(2026, 3, 5))
    assert moved.anchor_on == date(2026, 3, 5)
    counted = changed(old, date=date(2026, 3, 5), start_on=date(2026, 3, 3))
    found = schedule.rescheduled(counted, TODAY)
    assert dates(found, 2) == ["2026-03-10", "2026-03-17"]
    assert field_of(changed, old, date=date(2026, 3, 1)) == "date"


def test_another_date_of_what_bills_once_is_that_one() -> None:
    once = begun(frequency=OfTheDay.ONCE)
    moved = schedule.rescheduled(changed(once, date=date(2026, 3, 9)), TODAY)
    assert dates(moved) == ["2026-03-09"]


def test_what_is_to_bill_once_more_bills_once_more() -> None:
    monthly = schedule.billed(begun())
    once = changed(monthly, date(2026, 3, 10), frequency=OfTheDay.ONCE)
    found = schedule.rescheduled(once, date(2026, 3, 10))
    assert (dates(found), found.occurrences) == (["2026-03-10"], 2)


def test_an_end_is_set_moved_and_taken_away() -> None:
    ended = changed(begun(), end_on=date(2026, 5, 2))
    assert ended.end_on == date(2026, 5, 2)
    assert changed(ended, end_on=None).end_on is None
    assert field_of(changed, begun(), end_on=date(2026, 3, 1)) == "end_date"


# What is shown.


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (Interval(freq=Freq.DAILY, interval=15), frequency.FREQUENCIES[1]),
        (MonthDays(days=(1, 15)), frequency.FREQUENCIES[1]),
        (Interval(freq=Freq.DAILY, interval=30), MONTHLY),
        (DAY_31, MONTHLY),
        (FRIDAY, MONTHLY),
        (
            Dates(yearly=tuple(YearlyDate(month, 31) for month in (1, 4, 7, 10))),
            Interval(freq=Freq.MONTHLY, interval=3),
        ),
        (Dates(full=(date(2026, 3, 10),)), MONTHLY),
        (Dates(yearly=(YearlyDate(1, 1),)), YEARLY),
        (Interval(freq=Freq.DAILY), WEEKLY),
        (Interval(freq=Freq.YEARLY, interval=9), frequency.FREQUENCIES[-1]),
        (Dates(full=(date(2026, 3, 1), date(2026, 3, 8))), WEEKLY),
    ],
)
def test_a_rule_is_shown_as_the_frequency_nearest_in_length(
    rule: Rule, shown: Interval
) -> None:
    assert frequency.shown(rule) == shown


@pytest.mark.parametrize("known", frequency.FREQUENCIES, ids=str)
def test_the_nine_frequencies_are_shown_as_themselves(known: Interval) -> None:
    assert frequency.shown(known) == known
