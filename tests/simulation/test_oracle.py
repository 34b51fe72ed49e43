"""The oracle knows what the documents say."""

from datetime import date
from typing import Any

import pytest

from tests.simulation import oracle, rhythm
from tests.simulation.oracle import Line
from tests.simulation.rhythm import OnDates, OnDays, OnWeekday, Rhythm, Rule


def first(rule: Rule, start: str, since: str = "1970-01-01", **more: Any) -> list[str]:
    """Return the first three dates from a day on."""
    begins = date.fromisoformat(start)
    on = Rhythm(
        rule=rule,
        start=begins,
        first=begins,
        since=date.fromisoformat(since),
        **more,
    )
    return dates(on)


def dates(rhythm: Rhythm) -> list[str]:
    """Return the next three dates."""
    found: list[str] = []
    while rhythm.next_on is not None and len(found) < 3:
        found.append(rhythm.next_on.isoformat())
        rhythm.bill(rhythm.next_on)
    return found


@pytest.mark.parametrize(
    ("start", "frequency", "since", "expected"),
    [
        ("2026-01-31", "m", "2026-02-01", "2026-02-28"),
        ("2026-01-31", "m", "2026-03-01", "2026-03-31"),
        ("2028-02-29", "y", "2028-03-01", "2029-02-28"),
        ("2028-02-29", "2y", "2030-03-01", "2032-02-29"),
        ("2026-03-27", "w", "2026-03-28", "2026-04-03"),
        ("2026-05-01", "3m", "2026-01-01", "2026-05-01"),
        ("2024-01-01", "15 days", "2024-01-02", "2024-01-16"),
    ],
)
def test_a_date_is_counted_from_the_start(
    start: str, frequency: str, since: str, expected: str
) -> None:
    rule = rhythm.named(frequency, date.min)

    assert first(rule, start, since)[0] == expected


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        (OnDays((30, 31)), "2026-01-31", ["2026-01-31", "2026-02-28", "2026-03-30"]),
        (OnDays((5,), 2), "2026-01-06", ["2026-02-05", "2026-04-05", "2026-06-05"]),
        (
            OnWeekday("last", "friday"),
            "2026-01-01",
            ["2026-01-30", "2026-02-27", "2026-03-27"],
        ),
        (
            OnDates(yearly=frozenset([(3, 21), (11, 1)]), buffer=3),
            "2026-03-18",
            ["2026-11-01", "2027-03-21", "2027-11-01"],
        ),
        (OnDates(full=frozenset([date(2026, 3, 21)])), "2026-03-18", ["2026-03-21"]),
    ],
)
def test_a_rule_falls_on_its_days(rule: Rule, start: str, expected: list[str]) -> None:
    assert first(rule, start) == expected


def monthly(start: str) -> Rhythm:
    """Return a monthly rhythm of which the first date has been billed."""
    begins = date.fromisoformat(start)
    rule = rhythm.LEGACY["m"]
    on = Rhythm(rule=rule, start=begins, first=begins, since=begins)
    on.bill(begins)
    return on


@pytest.mark.parametrize(
    ("stays", "expected"),
    [
        (False, ["2024-05-02", "2024-06-25", "2024-07-25"]),
        (True, ["2024-05-02", "2024-06-02", "2024-07-02"]),
    ],
)
def test_a_changed_date_uses_up_its_month_or_becomes_the_day(
    expected: list[str], *, stays: bool
) -> None:
    on = monthly("2024-03-25")
    on.move(date(2024, 5, 2), stays=stays)

    assert dates(on) == expected


def test_a_payment_ahead_keeps_six_days_of_distance() -> None:
    for day, expected in ((19, "2024-04-25"), (20, "2024-05-25")):
        on = monthly("2024-03-25")
        on.bill_now(date(2024, 4, day))
        assert dates(on)[0] == expected


@pytest.mark.parametrize(
    ("line", "discount", "currency", "expected"),
    [
        (
            Line(name="", unit_cost="10", quantity="4", taxes=(("a", "5"), ("b", "8"))),
            "10",
            "CAD",
            4068,
        ),
        (
            Line(name="", unit_cost="9.99", quantity="10", taxes=(("a", "10"),)),
            "0",
            "USD",
            10989,
        ),
        (Line(name="", unit_cost="-0.005", quantity="1"), "0", "USD", -1),
        (Line(name="", unit_cost="2.5", quantity="1"), "0", "JPY", 3),
        (Line(name="", unit_cost="2.5", quantity="1"), "0", "KWD", 2500),
    ],
)
def test_a_total_is_that_of_the_documents(
    line: Line, discount: str, currency: str, expected: int
) -> None:
    assert oracle.total([line], discount, currency) == expected
