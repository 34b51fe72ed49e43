"""The cases of schedules through the wire, with an account on a test clock."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.conftest import ON_POSTGRESQL, ON_SQLITE, Api
from tests.schedules import CASES, INVALID, Case, made_on

ONE_DAY = timedelta(days=1)
WEEKDAYS = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}
WEEKS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
UNITS = {"daily": "days", "weekly": "weeks", "monthly": "months", "yearly": "years"}
FULL = len("YYYY-MM-DD")


def element(name: str, content: object) -> str:
    return f"<{name}>{content}</{name}>"


def elements(case: Case, told: Case) -> str:
    """Return the elements of a recurring that ask for a rule and what goes with it."""
    frequency, rule = rule_elements(told)
    if "start_date" in case:
        rule += element("start_date", case["start_date"])
    if "end_date" in case:
        rule += element("end_date", case["end_date"])
    if case.get("bill_now"):
        rule += element("bill_now", 1)
    rest = "".join(
        element(name, case[name])
        for name in ("occurrences", "due_days")
        if name in case
    )
    return frequency + element("schedule", rule) + rest


def rule_elements(told: Case) -> tuple[str, str]:
    """Return the frequency, if it is one, and what else stands in `schedule`."""
    every = element("every", told["interval"]) if told.get("interval", 1) != 1 else ""
    match told["kind"]:
        case "interval":
            unit = UNITS.get(told["freq"], told["freq"])
            return element("frequency", f"{told['interval']} {unit}"), ""
        case "month_days" if told["days"] == "semimonthly":
            return "", element("days", "")
        case "month_days":
            days = "".join(element("day", day) for day in told["days"])
            return "", element("days", days) + every
        case "month_weekday":
            week = element("week", WEEKS.get(told["ordinal"], "fifth"))
            weekday = element("weekday", WEEKDAYS.get(told["weekday"], "someday"))
            return "", week + weekday + every
    dates = "".join(element("date", text) for text in told["dates"])
    buffer = (
        element("buffer_days", told["buffer_days"]) if "buffer_days" in told else ""
    )
    return "", element("dates", dates) + buffer


def go(api: Api, day: date, *, run: bool = True) -> None:
    """Move the test clock to a day, doing its work or not."""
    run_element = "" if run else element("run", 0)
    answer = api.call("clock.set", element("date", day.isoformat()) + run_element)
    assert answer.ok, answer.error


def happens(api: Api, recurring_id: int, event: Case) -> None:
    """Have an event happen at the beginning of its day, the days before it done."""
    day = date.fromisoformat(event["on"])
    if api.call("clock.get").all("date") != [event["on"]]:
        go(api, day - ONE_DAY)
        go(api, day, run=False)
    key = element("recurring_id", recurring_id)
    match event["type"]:
        case "pause" | "resume" | "skip" as verb:
            answer = api.call(f"recurring.{verb}", key)
        case "change_date":
            new_day = element("use_new_day", int(event.get("use_new_day", False)))
            to = element("date", event["to"])
            answer = api.call("recurring.changeDate", key + to + new_day)
        case "change_schedule":
            told = elements(
                {k: v for k, v in event.items() if k == "start_date"},
                event["schedule"],
            )
            answer = api.update(recurring_id, told)
        case kind:
            raise ValueError(kind)
    assert answer.ok, answer.error


def created(new_api: Callable[..., Api], case: Case) -> tuple[Api, int]:
    """Create a case's profile on an account on a test clock, at its day."""
    api = new_api("Cases", clock_on=made_on(case))
    return api, api.create_profile(elements(case, case["schedule"]))


def played(new_api: Callable[..., Api], case: Case) -> tuple[Api, int]:
    """Play a case to its last date, or far beyond where it is to be the last."""
    api, recurring_id = created(new_api, case)
    for event in case.get("events", ()):
        happens(api, recurring_id, event)
    expected = case["expected_dates"]
    last = date.fromisoformat(expected[-1] if expected else case["start_date"])
    go(api, last + 1000 * ONE_DAY if case["complete"] else last)
    return api, recurring_id


def check(new_api: Callable[..., Api], case: Case) -> None:
    api, recurring_id = played(new_api, case)
    assert api.invoice_dates(recurring_id) == case["expected_dates"]
    if "expected_due_dates" in case:
        answer = api.call("invoice.list", element("recurring_id", recurring_id))
        ids = answer.all("invoice_id")[::-1]
        invoices = [api.call("invoice.get", element("invoice_id", i)) for i in ids]
        due = [invoice.text("invoice/due_date") for invoice in invoices]
        assert due == case["expected_due_dates"]


@ON_SQLITE
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_cases_are_invoiced_on_their_dates(
    new_api: Callable[..., Api], case: Case
) -> None:
    check(new_api, case)


@ON_POSTGRESQL
@pytest.mark.parametrize("case", CASES[::8], ids=lambda case: case["id"])
def test_the_cases_are_invoiced_on_their_dates_by_postgresql_too(
    new_api: Callable[..., Api], case: Case
) -> None:
    check(new_api, case)


@ON_SQLITE
@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "resolved_days" in case],
    ids=lambda case: case["id"],
)
def test_the_days_of_twice_a_month_are_shown(
    new_api: Callable[..., Api], case: Case
) -> None:
    api, recurring_id = created(new_api, case)
    assert api.get(recurring_id).all("day") == list(map(str, case["resolved_days"]))


@ON_SQLITE
@pytest.mark.parametrize(
    "case",
    # On the wire an empty list of days is twice a month, by the day of creation.
    [
        case
        for case in INVALID
        if "event" not in case and case.get("schedule", {}).get("days") != []
    ],
    ids=lambda case: case["id"],
)
def test_what_no_create_call_takes_is_refused_with_its_field(
    new_api: Callable[..., Api], case: Case
) -> None:
    api = new_api("Cases", clock_on=date(2024, 1, 1))
    if "payload" in case:
        quarters = "".join(
            element(name, f"{month:02d}-{day:02d}")
            for name, (month, day) in case["payload"].items()
        )
        content = element("schedule", element("quarters", quarters))
    else:
        told = case.get("schedule", {"kind": "interval", "freq": "monthly"})
        content = elements(case, {"interval": 1, **told})
    answer = api.create(content)
    assert not answer.ok
    assert answer.field
    assert api.call("recurring.list").all("recurring_id") == []


@ON_SQLITE
@pytest.mark.parametrize(
    "case", [case for case in INVALID if "event" in case], ids=lambda case: case["id"]
)
def test_an_event_that_nobody_takes_is_refused(
    new_api: Callable[..., Api], case: Case
) -> None:
    event = case["event"]
    api = new_api("Cases", clock_on=date.fromisoformat(event["on"]))
    recurring_id = api.create_profile(element("date", "2026-06-01"))
    before = api.get(recurring_id).http.data
    answer = api.call(
        "recurring.changeDate",
        element("recurring_id", recurring_id) + element("date", event["to"]),
    )
    assert (answer.ok, answer.field) == (False, "date")
    assert api.get(recurring_id).http.data == before


def test_a_year_on_the_clock_with_pauses_moved_dates_and_skips(
    new_api: Callable[..., Api],
) -> None:
    api = new_api("Cases", clock_on=date(2026, 1, 31))
    monthly = api.create_profile()
    twice = api.create_profile(
        "<schedule><days><day>1</day><day>15</day></days></schedule>"
    )
    weekly = api.create_profile("<frequency>2 weeks</frequency>")
    events: list[tuple[str, str, int, dict[str, Any]]] = [
        ("2026-02-10", "change_date", monthly, {"to": "2026-03-05"}),
        ("2026-02-20", "pause", twice, {}),
        ("2026-03-20", "change_date", weekly, {"to": "2026-04-01"}),
        ("2026-04-01", "resume", twice, {}),
        ("2026-05-02", "skip", weekly, {}),
        ("2026-05-02", "skip", twice, {}),
        ("2026-06-30", "pause", monthly, {}),
        ("2026-07-31", "resume", monthly, {}),
        (
            "2026-08-10",
            "change_date",
            monthly,
            {"to": "2026-08-20", "use_new_day": True},
        ),
        (
            "2026-09-01",
            "change_schedule",
            weekly,
            {"schedule": {"kind": "interval", "freq": "monthly", "interval": 2}},
        ),
    ]
    for on, kind, recurring_id, more in events:
        happens(api, recurring_id, {"on": on, "type": kind, **more})
    go(api, date(2027, 1, 31))
    assert api.invoice_dates(monthly) == [
        "2026-01-31", "2026-03-05", "2026-04-30", "2026-05-31", "2026-07-31",
        "2026-08-20", "2026-09-20", "2026-10-20", "2026-11-20", "2026-12-20",
        "2027-01-20",
    ]  # fmt: skip
    assert api.invoice_dates(twice) == [
        "2026-02-01", "2026-02-15", "2026-04-01", "2026-04-15", "2026-05-01",
        "2026-06-01", "2026-06-15", "2026-07-01", "2026-07-15", "2026-08-01",
        "2026-08-15", "2026-09-01", "2026-09-15", "2026-10-01", "2026-10-15",
        "2026-11-01", "2026-11-15", "2026-12-01", "2026-12-15", "2027-01-01",
        "2027-01-15",
    ]  # fmt: skip
    # Every two weeks from the day that really billed, then from it every two months.
    assert api.invoice_dates(weekly) == [
        "2026-01-31", "2026-02-14", "2026-02-28", "2026-03-14", "2026-04-01",
        "2026-04-15", "2026-04-29", "2026-05-27", "2026-06-10", "2026-06-24",
        "2026-07-08", "2026-07-22", "2026-08-05", "2026-08-19", "2026-10-01",
        "2026-12-01",
    ]  # fmt: skip
