"""The date rules: cases, a walk of the calendar, iCalendar's rules, and properties."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice, pairwise, takewhile
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.domain import schedule as domain
from app.domain.errors import InvalidValueError
from app.domain.schedule import (
    FIRST_DAY,
    LAST_DAY,
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Rule,
    Schedule,
    Weekday,
    YearlyDate,
    twice_a_month,
)
from app.storage import rules as stored_rules
from tests import schedules
from tests.schedules import CASES, INVALID, SHARED, TABLES, Case, played, rule_of
from tests.walk import Walk

ONE_DAY = timedelta(days=1)
MONTHLY = Interval(freq=Freq.MONTHLY)
WEEKLY = Interval(freq=Freq.WEEKLY)

# Cases, as a strategy.

month_day = st.integers(1, 31)
yearly_date = st.builds(
    "{:02d}-{:02d}".format, st.integers(1, 12), st.sampled_from([1, 15, 28, 29, 30, 31])
)
full_date = st.dates(date(2024, 1, 1), date(2030, 12, 31)).map(date.isoformat)
told_rules: st.SearchStrategy[Case] = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("interval"),
            "freq": st.sampled_from(list(Freq)).map(str),
            "interval": st.integers(1, 4),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("interval"),
            "freq": st.just("daily"),
            "interval": st.integers(5, 400),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("month_days"),
            "days": st.one_of(
                st.lists(month_day, min_size=1, max_size=3, unique=True),
                st.just("semimonthly"),
            ),
            "interval": st.integers(1, 4),
        }
    ).map(
        lambda told: {**told, "interval": 1} if told["days"] == "semimonthly" else told
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("month_weekday"),
            "weekday": st.sampled_from(list(Weekday)).map(str),
            "ordinal": st.sampled_from([1, 2, 3, 4, -1]),
            "interval": st.integers(1, 4),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("dates"),
            "dates": st.lists(
                yearly_date | full_date, min_size=1, max_size=6, unique=True
            ),
            "buffer_days": st.sampled_from([0, 0, 3, 40]),
        }
    ),
)


@st.composite
def plain_cases(draw: st.DrawFn) -> Case:
    """Return a case without events."""
    start = draw(st.dates(date(2024, 1, 1), date(2028, 12, 31)))
    created = start + draw(st.integers(-90, 400)) * ONE_DAY
    case: Case = {
        "schedule": draw(told_rules),
        "start_date": start.isoformat(),
        "created_on": created.isoformat(),
        "bill_now": draw(st.booleans()),
        "occurrences": draw(st.sampled_from([0, 0, 1, 3, 12])),
    }
    if draw(st.booleans()):
        end = max(start, created) + draw(st.integers(0, 1500)) * ONE_DAY
        case["end_date"] = end.isoformat()
    assume_it_happens(case)
    return case


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Return a case with events."""
    case = draw(plain_cases())
    day = schedules.made_on(case)
    events: list[Case] = []
    resting = restarted = skipped = False
    for _ in range(draw(st.integers(0, 6))):
        day += draw(st.one_of(st.integers(1, 12), st.integers(1, 120))) * ONE_DAY
        kinds = ["change_date", "resume" if resting else "pause"]
        if day > schedules.made_on(case) + 5 * ONE_DAY and not skipped:
            kinds.append("change_schedule")
        kind = draw(st.sampled_from(kinds if resting else [*kinds, "skip"]))
        event: Case = {"on": day.isoformat(), "type": kind}
        if kind == "change_date":
            to = day + draw(st.integers(0, 70)) * ONE_DAY
            event |= {"to": to.isoformat(), "use_new_day": draw(st.booleans())}
        elif kind == "change_schedule":
            event["schedule"] = draw(told_rules)
            # Where a moved date has become the start, the first is of no use.
            if restarted or draw(st.booleans()):
                start = day + draw(st.integers(-400, 60)) * ONE_DAY
                event["start_date"] = start.isoformat()
        restarted |= kind == "change_date"
        skipped |= kind == "skip"
        resting = kind == "pause" or (resting and kind != "resume")
        events.append(event)
    case["events"] = events
    assume_it_happens(case)
    return case


def assume_it_happens(case: Case) -> None:
    """Leave out what is refused: dates that are all past, changes after the last."""
    try:
        seen = 0
        for _, billed in schedules.states(case):
            seen += billed is None
            if seen > len(case.get("events", ())):
                break
    except (InvalidValueError, schedules.OverError):
        assume(condition=False)


def until(dates: Iterator[date], day: date) -> list[date]:
    """Return dates up to a day."""
    return list(takewhile(lambda found: found <= day, dates))


# The cases.


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_cases_give_their_dates(case: Case) -> None:
    found = [day.isoformat() for day in islice(played(case), case["count"])]
    assert found == case["expected_dates"]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case["complete"]],
    ids=lambda case: case["id"],
)
def test_the_cases_that_are_complete_have_no_further_date(case: Case) -> None:
    assert len(list(played(case))) == len(case["expected_dates"])


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "resolved_days" in case],
    ids=lambda case: case["id"],
)
def test_twice_a_month_is_two_days_by_the_day_of_creation(case: Case) -> None:
    rule = rule_of(case["schedule"], schedules.made_on(case))
    assert rule == MonthDays(days=tuple(case["resolved_days"]))


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (1, (1, 15)),
        (10, (10, 24)),
        (14, (14, 28)),
        (15, (1, 15)),
        (20, (6, 20)),
        (28, (14, 28)),
        (29, (15, 29)),
        (31, (17, 31)),
    ],
)
def test_twice_a_month_stays_within_a_month(day: int, days: tuple[int, int]) -> None:
    assert twice_a_month(date(2024, 1, day)).days == days


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_walk_gives_the_dates_of_the_cases(case: Case) -> None:
    # Or it would be no second opinion.
    expected = case["expected_dates"]
    last = date.fromisoformat(expected[-1] if expected else case["start_date"])
    end = last + 2000 * ONE_DAY if case["complete"] else last
    assert [day.isoformat() for day in Walk(case).dates(end)] == expected


def test_the_cases_are_all_there_and_each_is_there_once() -> None:
    assert (len(SHARED), len(TABLES), len(INVALID)) == (148, 29, 12)
    assert len({case["id"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    "case",
    [case for case in INVALID if "schedule" in case],
    ids=lambda case: case["id"],
)
def test_rules_that_are_none_are_refused(case: Case) -> None:
    # What is no word of the wire is refused there; here it has no way to be said.
    with pytest.raises((InvalidValueError, ValueError)):
        rule_of(case["schedule"], date(2026, 1, 1))


# The walk.


FIFTY_YEARS: list[tuple[str, Case]] = [
    *(
        (f"{n} {freq}", {"kind": "interval", "freq": freq, "interval": n})
        for freq, n in [
            ("daily", 1),
            ("daily", 30),
            ("daily", 365),
            ("weekly", 1),
            ("weekly", 3),
            ("monthly", 1),
            ("monthly", 4),
            ("monthly", 18),
            ("yearly", 1),
            ("yearly", 3),
        ]
    ),
    ("days", {"kind": "month_days", "days": [15, 31]}),
    ("day 30 of 5", {"kind": "month_days", "days": [30], "interval": 5}),
    ("days of 7", {"kind": "month_days", "days": [1, 29], "interval": 7}),
    ("first Monday", {"kind": "month_weekday", "weekday": "MO", "ordinal": 1}),
    (
        "last Friday of 5",
        {"kind": "month_weekday", "weekday": "FR", "ordinal": -1, "interval": 5},
    ),
    (
        "4th Sunday of 2",
        {"kind": "month_weekday", "weekday": "SU", "ordinal": 4, "interval": 2},
    ),
    (
        "dates",
        {
            "kind": "dates",
            "dates": ["02-29", "02-28", "06-31", "12-31", "2080-02-29", "2080-03-07"],
            "buffer_days": 60,
        },
    ),
]
EVENTS: dict[str, list[Case]] = {
    "nothing": [],
    "moved": [
        {"on": "2074-05-11", "type": "change_date", "to": "2074-06-20"},
        {"on": "2079-02-03", "type": "change_date", "to": "2079-02-03"},
    ],
    "moved for good": [
        {
            "on": "2075-12-02",
            "type": "change_date",
            "to": "2076-02-29",
            "use_new_day": True,
        },
        {
            "on": "2099-12-12",
            "type": "change_date",
            "to": "2100-03-31",
            "use_new_day": True,
        },
    ],
    "rested": [
        {"on": "2071-03-01", "type": "pause"},
        {"on": "2072-02-29", "type": "resume"},
        {"on": "2100-02-28", "type": "pause"},
        {"on": "2103-03-01", "type": "resume"},
    ],
    "skipped": [
        {"on": "2071-03-01", "type": "skip"},
        {"on": "2088-02-29", "type": "skip"},
        {"on": "2088-02-29", "type": "skip"},
    ],
    "replaced": [
        {
            "on": "2085-03-10",
            "type": "change_schedule",
            "schedule": {"kind": "month_days", "days": [31], "interval": 2},
        },
        {
            "on": "2090-03-10",
            "type": "change_schedule",
            "schedule": {"kind": "interval", "freq": "weekly", "interval": 5},
            "start_date": "2089-07-31",
        },
    ],
}


@pytest.mark.parametrize("events", EVENTS.values(), ids=EVENTS.keys())
@pytest.mark.parametrize(
    "rule", [rule for _, rule in FIFTY_YEARS], ids=[name for name, _ in FIFTY_YEARS]
)
def test_fifty_years_of_every_kind_agree_with_a_walk(
    rule: Case, events: list[Case]
) -> None:
    # Over the leap years on either side of 2100, which is none.
    case = {
        "schedule": rule,
        "start_date": "2071-01-31",
        "created_on": "2071-01-29",
        "bill_now": True,
        "events": events,
    }
    end = date(2121, 1, 31)
    assert until(played(case), end) == list(Walk(case).dates(end))


@pytest.mark.parametrize("start_day", range(1, 32))
@pytest.mark.parametrize(
    "rule", [rule for _, rule in FIFTY_YEARS], ids=[name for name, _ in FIFTY_YEARS]
)
def test_on_or_after_agrees_with_a_walk_from_each_day_of_a_month(
    rule: Case, start_day: int
) -> None:
    start = date(2095, 1, start_day)
    case: Case = {
        "schedule": {**rule, "buffer_days": 0},
        "start_date": start.isoformat(),
    }
    dates = list(Walk(case).dates(date(2105, 12, 31)))
    of = rule_of(case["schedule"], start)
    assert of.on_or_after(start, start - ONE_DAY) == dates[0]
    # The first day after a date, the date itself and a day between settle them all:
    # what is asked for rises, so what is found cannot fall.
    for earlier, later in pairwise(dates):
        middle = earlier + (later - earlier + ONE_DAY) // 2
        for day in (earlier + ONE_DAY, middle, later):
            assert of.on_or_after(start, day) == later, day


@settings(max_examples=300)
@given(case=cases())
def test_any_events_agree_with_a_walk(case: Case) -> None:
    end = schedules.made_on(case) + 3000 * ONE_DAY
    assert until(played(case), end) == list(Walk(case).dates(end))


# iCalendar's rules, of another's making.

_FREQS: dict[Freq, Any] = {
    Freq.DAILY: rrule.DAILY,
    Freq.WEEKLY: rrule.WEEKLY,
    Freq.MONTHLY: rrule.MONTHLY,
    Freq.YEARLY: rrule.YEARLY,
}


def in_icalendar(rule: Rule, start: date) -> Any:
    """Return the rule as dateutil has it: what has no short months, or skips them."""
    begin = datetime(start.year, start.month, start.day)  # noqa: DTZ001 - a mere day
    match rule:
        case Interval(freq=freq, interval=interval):
            return rrule.rrule(_FREQS[freq], dtstart=begin, interval=interval)
        case MonthDays(days=days):
            return rrule.rrule(rrule.MONTHLY, dtstart=begin, bymonthday=days)
        case MonthWeekday(weekday=weekday, ordinal=ordinal):
            named = rrule.weekdays[list(Weekday).index(weekday)]
            return rrule.rrule(rrule.MONTHLY, dtstart=begin, byweekday=named(ordinal))
        case Dates(yearly=yearly, full=full):
            found = rrule.rruleset()
            for month, day in yearly:
                found.rrule(
                    rrule.rrule(
                        rrule.YEARLY, dtstart=begin, bymonth=month, bymonthday=day
                    )
                )
            for each in full:
                if each >= start:
                    found.rdate(datetime(each.year, each.month, each.day))  # noqa: DTZ001
            return found
    raise TypeError


not_shortened = st.integers(1, 28)
icalendar_rules: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Interval, freq=st.sampled_from(Freq), interval=st.integers(1, 40)),
    st.builds(
        MonthDays,
        days=st.lists(not_shortened, min_size=1, max_size=5, unique=True).map(tuple),
    ),
    st.builds(
        MonthWeekday,
        weekday=st.sampled_from(Weekday),
        ordinal=st.sampled_from(domain.WEEKS),
    ),
    st.builds(
        Dates,
        yearly=st.lists(
            st.builds(YearlyDate, st.integers(1, 12), not_shortened),
            min_size=1,
            max_size=5,
            unique=True,
        ).map(tuple),
        full=st.lists(
            st.dates(date(2030, 1, 29), date(2050, 1, 31)), max_size=3, unique=True
        ).map(tuple),
    ),
)


@given(
    rule=icalendar_rules,
    start=st.dates(date(2026, 1, 1), date(2200, 12, 31)).filter(
        lambda day: day.day <= 28
    ),
)
def test_rules_without_short_months_are_those_of_icalendar(
    rule: Rule, start: date
) -> None:
    found = (each.date() for each in in_icalendar(rule, start))
    theirs = list(islice(takewhile(lambda day: day <= LAST_DAY, found), 40))
    ours = domain.upcoming(domain.rescheduled(domain.begun(rule, start, start), start))
    assert list(islice(ours, 40)) == theirs


@given(
    freq=st.sampled_from((Freq.MONTHLY, Freq.YEARLY)),
    interval=st.integers(1, 12),
    start=st.dates(date(1990, 1, 1), date(2200, 12, 31)),
)
def test_a_short_month_bills_on_its_last_day_and_later_ones_on_the_wanted_one(
    freq: Freq, interval: int, start: date
) -> None:
    rule = Interval(freq=freq, interval=interval)
    ours = domain.upcoming(domain.rescheduled(domain.begun(rule, start, start), start))
    found = list(islice(ours, 60))
    # iCalendar leaves the shortened dates out; the others are the same ones.
    wanted = [day for day in found if day.day == start.day]
    theirs = islice(in_icalendar(rule, start), len(wanted))
    assert wanted == [day.date() for day in theirs]
    shortened = [day for day in found if day.day != start.day]
    assert all((day + ONE_DAY).day == 1 for day in shortened)


# Properties.


@given(case=cases())
def test_dates_strictly_increase_within_life_and_count(case: Case) -> None:
    first = schedules.made_on(case)
    dates = list(islice(played(case), 60))
    assert all(earlier < later for earlier, later in pairwise(dates))
    assert all(day >= first for day in dates)
    if "end_date" in case:
        assert all(day.isoformat() <= case["end_date"] for day in dates if day != first)
    if case["occurrences"]:
        assert len(dates) <= case["occurrences"]


@given(case=plain_cases())
def test_nothing_of_the_rule_bills_before_the_start(case: Case) -> None:
    dates = islice(played({**case, "bill_now": False}), 10)
    assert all(day.isoformat() >= case["start_date"] for day in dates)


@given(case=plain_cases())
def test_there_are_as_many_dates_as_occurrences_as_far_as_there_are_dates(
    case: Case,
) -> None:
    if case["schedule"].get("kind") == "dates":
        assume(len(case["schedule"]["dates"]) > 1)
    endless = islice(played({**case, "occurrences": 0}), 12)
    assert list(played({**case, "occurrences": 12})) == list(endless)


def stored(schedule: Schedule) -> Schedule:
    """Return a schedule that was written as storage does, and read again."""
    text = stored_rules.written(schedule.rule)
    stored_rules.asked.cache_clear()
    return replace(schedule, rule=stored_rules.rule(text))


@given(case=cases(), at=st.integers(0, 12))
def test_any_stored_state_gives_the_tail_of_the_whole(case: Case, at: int) -> None:
    path = list(islice(schedules.states(case), 25))
    state, _ = path[min(at, len(path) - 1)]
    again = stored(state)
    assert again == state
    assert again.rule == state.rule
    assert list(islice(domain.upcoming(again), 15)) == list(
        islice(domain.upcoming(state), 15)
    )
    # And what comes after the last event is the tail of what was billed in all.
    changes = [place for place, (_, billed) in enumerate(path) if billed is None]
    if len(changes) > len(case["events"]):
        last = changes[-1] + (case["bill_now"] and not case["events"])
        tail = [billed for _, billed in path[last + 1 :]]
        assert list(islice(domain.upcoming(path[last][0]), len(tail))) == tail


@given(case=cases(), at=st.integers(0, 12))
def test_finding_the_next_date_anew_before_it_finds_the_same(
    case: Case, at: int
) -> None:
    path = list(islice(schedules.states(case), 25))
    state, _ = path[min(at, len(path) - 1)]
    assert domain.consistent(state)
    if state.next_on is not None:
        for day in (state.next_on, state.next_on - ONE_DAY):
            moved_past = state.moved_to is not None and state.moved_to < day
            earlier = state.last_billed_on is not None and day <= state.last_billed_on
            if not moved_past and not earlier and day >= schedules.made_on(case):
                assert domain.rescheduled(state, day).next_on == state.next_on


@given(case=cases(), at=st.integers(0, 12))
def test_pausing_and_resuming_on_the_same_day_changes_nothing(
    case: Case, at: int
) -> None:
    path = list(islice(schedules.states(case), 25))
    state, _ = path[min(at, len(path) - 1)]
    assume(state.next_on is not None)
    assert state.next_on is not None
    today = state.next_on
    assert domain.rescheduled(domain.rested(state), today) == state


@given(case=cases(), at=st.integers(0, 12), late=st.integers(0, 3000))
def test_no_day_is_billed_twice_by_finding_the_next_date_anew(
    case: Case, at: int, late: int
) -> None:
    path = list(islice(schedules.states(case), 25))
    state, _ = path[min(at, len(path) - 1)]
    last = state.last_billed_on
    assume(last is not None)
    assert last is not None
    again = domain.rescheduled(state, last + timedelta(days=late))
    assert again.next_on is None or again.next_on > last


@given(case=plain_cases(), days=st.integers(-400, 4000))
def test_dates_from_a_day_on_are_those_of_the_whole(case: Case, days: int) -> None:
    schedule = schedules.begun(case)
    day = schedules.made_on(case) + days * ONE_DAY
    expected = until(domain.upcoming(schedule), day + 900 * ONE_DAY)
    found = domain.upcoming_from(schedule, day, 10_000)
    assert until(found, day + 900 * ONE_DAY) == [
        each for each in expected if each >= day
    ]


# What is said in no case.


def made(rule: Rule, start: date) -> Schedule:
    """Return the schedule of a profile that is made on its first day."""
    return domain.rescheduled(domain.begun(rule, start, start), start)


def test_a_date_that_is_skipped_goes_with_the_rule_that_it_is_of() -> None:
    yearly = domain.billed(made(Interval(freq=Freq.YEARLY), date(2026, 1, 5)))
    skipped = domain.skipped(yearly)
    assert skipped.next_on == date(2028, 1, 5)
    weekly = domain.replaced(skipped, WEEKLY, skipped.anchor_on, None)
    again = domain.rescheduled(weekly, date(2026, 2, 1))
    assert again.next_on == date(2026, 2, 2)


def test_a_change_of_the_rule_keeps_the_distance_from_a_payment_made_ahead() -> None:
    paid = domain.billed_now(made(WEEKLY, date(2026, 3, 6)), date(2026, 3, 2))
    monthly = domain.replaced(paid, MONTHLY, paid.anchor_on, None)
    daily = domain.replaced(paid, Interval(freq=Freq.DAILY), paid.anchor_on, None)
    today = date(2026, 3, 3)
    assert domain.rescheduled(monthly, today).next_on == date(2026, 4, 6)
    assert domain.rescheduled(daily, today).next_on == date(2026, 3, 6)


def test_skipping_a_moved_date_leaves_what_was_skipped_before_it_skipped() -> None:
    schedule = made(Interval(freq=Freq.DAILY, interval=5), date(2024, 1, 1))
    schedule = domain.skipped(domain.billed(schedule))
    schedule = domain.moved(schedule, date(2024, 1, 4), use_new_day=False)
    assert domain.skipped(schedule).next_on == date(2024, 1, 11)


def test_a_rhythm_that_counts_on_from_a_moved_date_has_other_dates() -> None:
    # What was skipped was of the rhythm before.
    schedule = domain.billed(made(Interval(freq=Freq.DAILY, interval=3), FIRST_DAY))
    schedule = domain.skipped(domain.skipped(schedule))
    moved = domain.moved(schedule, FIRST_DAY + ONE_DAY, use_new_day=False)
    assert domain.billed(moved).next_on == FIRST_DAY + 4 * ONE_DAY


def test_the_first_day_of_the_calendar_bills() -> None:
    assert made(MONTHLY, FIRST_DAY).next_on == FIRST_DAY


@pytest.mark.parametrize(
    ("rule", "last", "count"),
    [
        (Interval(freq=Freq.DAILY), date(2999, 12, 31), 31),
        (Interval(freq=Freq.WEEKLY), date(2999, 12, 29), 5),
        (MonthDays(days=(31,)), date(2999, 12, 31), 1),
        (MonthWeekday(weekday=Weekday.MONDAY, ordinal=1), date(2999, 12, 2), 1),
        (Dates(yearly=(YearlyDate(12, 31),)), date(2999, 12, 31), 1),
        (Dates(yearly=(YearlyDate(1, 1), YearlyDate(12, 1))), date(2999, 12, 1), 1),
    ],
)
def test_the_last_date_of_the_calendar_is_the_last_one(
    rule: Rule, last: date, count: int
) -> None:
    dates = list(domain.upcoming(made(rule, date(2999, 12, 1))))
    assert (dates[-1], len(dates)) == (last, count)


@pytest.mark.parametrize(
    ("refused", "field"),
    [
        (lambda: Interval(freq=Freq.MONTHLY, interval=0), "frequency"),
        (lambda: Interval(freq=Freq.DAILY, interval=36_501), "frequency"),
        (lambda: Interval(freq=Freq.WEEKLY, interval=5201), "frequency"),
        (lambda: Interval(freq=Freq.MONTHLY, interval=1201), "frequency"),
        (lambda: Interval(freq=Freq.YEARLY, interval=101), "frequency"),
        (lambda: MonthDays(days=()), "days"),
        (lambda: MonthDays(days=(0,)), "day"),
        (lambda: MonthDays(days=(32,)), "day"),
        (lambda: MonthDays(days=(1, 1)), "days"),
        (lambda: MonthDays(days=(1,), interval=0), "every"),
        (lambda: MonthWeekday(weekday=Weekday.FRIDAY, ordinal=5), "week"),
        (lambda: MonthWeekday(weekday=Weekday.FRIDAY, ordinal=0), "week"),
        (lambda: MonthWeekday(weekday=Weekday.FRIDAY, ordinal=-2), "week"),
        (lambda: MonthWeekday(weekday=Weekday.FRIDAY, ordinal=1, interval=0), "every"),
        (Dates, "dates"),
        (lambda: Dates(yearly=(YearlyDate(13, 1),)), "date"),
        (lambda: Dates(yearly=(YearlyDate(1, 32),)), "date"),
        (lambda: Dates(yearly=(YearlyDate(1, 0),)), "date"),
        (lambda: Dates(yearly=(YearlyDate(1, 1),) * 2), "dates"),
        (lambda: Dates(full=(date(2026, 1, 1),) * 2), "dates"),
        (lambda: Dates(yearly=(YearlyDate(1, 1),), buffer_days=-1), "buffer_days"),
        (lambda: Dates(yearly=(YearlyDate(1, 1),), buffer_days=366), "buffer_days"),
        (
            lambda: Dates(
                full=tuple(date(2026, 1, 1) + n * ONE_DAY for n in range(366))
            ),
            "dates",
        ),
    ],
)
def test_what_is_no_rule_is_refused_by_name(refused: Any, field: str) -> None:
    with pytest.raises(InvalidValueError) as error:
        refused()
    assert error.value.field == field


@pytest.mark.parametrize(
    "rule",
    [
        Interval(freq=Freq.DAILY, interval=36_500),
        Interval(freq=Freq.WEEKLY, interval=5200),
        Interval(freq=Freq.MONTHLY, interval=1200),
        Interval(freq=Freq.YEARLY, interval=100),
        MonthDays(days=tuple(range(1, 32))),
        Dates(full=tuple(date(2026, 1, 1) + n * ONE_DAY for n in range(365))),
        Dates(yearly=(YearlyDate(2, 31),), buffer_days=365),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_the_most_of_each_kind_has_a_date(rule: Rule) -> None:
    assert rule.on_or_after(date(2026, 1, 1), date(2026, 1, 1)) is not None


def test_a_rule_whose_dates_are_all_past_is_refused() -> None:
    rule = Dates(full=(date(2025, 12, 31),))
    with pytest.raises(InvalidValueError) as error:
        domain.begun(rule, date(2025, 1, 1), date(2026, 1, 1))
    assert error.value.field == "dates"


@pytest.mark.parametrize("of", [domain.billed, domain.skipped])
def test_what_has_no_next_date_is_neither_billed_nor_skipped(of: Any) -> None:
    with pytest.raises(ValueError, match="no date"):
        of(domain.rested(made(MONTHLY, date(2026, 1, 1))))


@pytest.mark.parametrize(
    "rule",
    [
        Interval(freq=Freq.MONTHLY, interval=3),
        MonthDays(days=(1, 31), interval=2),
        MonthWeekday(weekday=Weekday.SUNDAY, ordinal=-1, interval=6),
        Dates(yearly=(YearlyDate(2, 29),), full=(date(2027, 1, 1),), buffer_days=9),
    ],
    ids=lambda rule: type(rule).__name__,
)
@pytest.mark.parametrize("start", [FIRST_DAY, date(2026, 1, 1), LAST_DAY])
@pytest.mark.parametrize("day", [FIRST_DAY, date(2026, 12, 31), LAST_DAY])
def test_the_edges_of_the_calendar_give_none_or_a_date(
    rule: Rule, start: date, day: date
) -> None:
    found = rule.on_or_after(start, day)
    assert found is None or max(start, day) <= found <= LAST_DAY


def test_a_count_that_takes_too_long_is_refused() -> None:
    counted = replace(made(Interval(freq=Freq.DAILY), FIRST_DAY), occurrences=10**6)
    with pytest.raises(InvalidValueError) as error:
        domain.upcoming_from(counted, LAST_DAY, 100)
    assert error.value.field == "date_from"
