"""The oracle knows what the documents say."""

from datetime import date

import pytest

from tests.simulation import oracle
from tests.simulation.oracle import Line


@pytest.mark.parametrize(
    ("start", "frequency", "since", "expected"),
    [
        ("2026-01-31", "m", "2026-02-01", "2026-02-28"),
        ("2026-01-31", "m", "2026-03-01", "2026-03-31"),
        ("2028-02-29", "y", "2028-03-01", "2029-02-28"),
        ("2028-02-29", "2y", "2030-03-01", "2032-02-29"),
        ("2026-03-27", "w", "2026-03-28", "2026-04-03"),
        ("2026-05-01", "3m", "2026-01-01", "2026-05-01"),
    ],
)
def test_a_date_is_counted_from_the_start(
    start: str, frequency: str, since: str, expected: str
) -> None:
    found = oracle.next_on(
        date.fromisoformat(start), frequency, date.fromisoformat(since)
    )

    assert found.isoformat() == expected


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
