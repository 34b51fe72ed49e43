"""Column types: what is written comes back exactly, and sorts as it should."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import peewee
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.config import Settings
from app.storage import database
from app.storage.fields import DayField, ExactDecimalField, IdsField, InstantField
from tests.conftest import ON_SQLITE

# Every example writes a row of its own into the one table of the test.
with_database = hypothesis_settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Sample(peewee.Model):
    """One column of each type."""

    sample_id = peewee.AutoField()
    number = ExactDecimalField(null=True)
    day = DayField(null=True)
    instant = InstantField(null=True)
    ids = IdsField(null=True)

    class Meta:
        database = database.proxy


@pytest.fixture(name="sample", autouse=True)
def sample_(settings: Settings) -> Iterator[None]:
    """Provide the table, in the database of the test."""
    assert database.engine_of(settings.database).shown == database.shown()
    with database.connection():
        database.proxy.create_tables([Sample])
        yield


def stored(name: str, value: object) -> object:
    """Return a value as it comes back from the database."""
    key = Sample.insert(**{name: value}).execute()
    query: Any = Sample.select(getattr(Sample, name)).where(Sample.sample_id == key)
    ((found,),) = query.tuples()
    return found


def raw(name: str) -> list[object]:
    """Return the column as the database holds it."""
    query = f"SELECT {name} FROM sample ORDER BY {name}"  # noqa: S608
    return [value for (value,) in database.execute(query).fetchall()]


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "0.00",
        "4",
        "4.00",
        "-4.50",
        "0.1",
        "9.99",
        "45.6",
        "0.000001",
        "123456789012345678",
        "999999999999.999999",
        "-999999999999.999999",
        "0.3333333333333333333333333333",
        "1234567890123456789012345678901234567890.5",
    ],
)
def test_decimals_come_back_with_every_digit(text: str) -> None:
    value = stored("number", Decimal(text))
    assert isinstance(value, Decimal)
    assert str(value) == text
    assert raw("number") == [text]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-7"), "0.0000001"),
        (Decimal("12E4"), "120000"),
    ],
)
def test_decimals_are_written_without_an_exponent(value: Decimal, text: str) -> None:
    assert stored("number", value) == value
    assert raw("number") == [text]


@with_database
@given(number=st.decimals(allow_nan=False, allow_infinity=False))
def test_any_decimal_comes_back_equal(number: Decimal) -> None:
    assert stored("number", number) == number


@with_database
@given(day=st.dates())
def test_any_day_comes_back(day: date) -> None:
    found = stored("day", day)
    assert found == day
    assert type(found) is date


@ON_SQLITE
def test_days_are_written_as_iso_8601_and_sort_as_time_does() -> None:
    for day in (date(2026, 3, 2), date(999, 12, 31), date(2026, 2, 28)):
        stored("day", day)
    assert raw("day") == ["0999-12-31", "2026-02-28", "2026-03-02"]


@with_database
@given(
    instant=st.datetimes(
        datetime(1970, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        datetime(2999, 12, 31),  # noqa: DTZ001 - likewise
        timezones=st.timezones(),
    )
)
def test_any_instant_comes_back_in_utc(instant: datetime) -> None:
    found = stored("instant", instant)
    assert isinstance(found, datetime)
    assert found == instant.astimezone(UTC)
    assert found.utcoffset() == timedelta(0)


@ON_SQLITE
@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (
            datetime(2026, 3, 2, 15, 0, tzinfo=UTC),
            "2026-03-02 15:00:00.000000+00:00",
        ),
        (
            datetime(2026, 3, 2, 15, 0, 0, 1, tzinfo=UTC),
            "2026-03-02 15:00:00.000001+00:00",
        ),
        (
            datetime(2026, 3, 2, 15, 0, tzinfo=ZoneInfo("America/New_York")),
            "2026-03-02 20:00:00.000000+00:00",
        ),
        (
            datetime(2026, 3, 2, 1, 0, tzinfo=timezone(timedelta(hours=14))),
            "2026-03-01 11:00:00.000000+00:00",
        ),
        # The hour that comes twice: which one, says the fold.
        (
            datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=0),
            "2026-10-25 00:30:00.000000+00:00",
        ),
        (
            datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
            "2026-10-25 01:30:00.000000+00:00",
        ),
    ],
)
def test_instants_are_written_in_utc_with_microseconds(
    instant: datetime, text: str
) -> None:
    assert stored("instant", instant) == instant.astimezone(UTC)
    assert raw("instant") == [text]


def test_texts_of_instants_sort_as_time_does() -> None:
    base = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    steps = (timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=400))
    later = [base + step for step in steps]
    for instant in (*later[::-1], base):
        stored("instant", instant.astimezone(ZoneInfo("Asia/Kathmandu")))
    texts = [datetime.fromisoformat(str(text)) for text in raw("instant")]
    assert texts == [base, *later]


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        stored("instant", datetime(2026, 3, 2, 15, 0))  # noqa: DTZ001
    assert raw("instant") == []


def test_a_naive_instant_is_refused_in_conditions_too() -> None:
    naive = datetime(2026, 3, 2, 15, 0)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        list(Sample.select().where(Sample.instant >= naive))


@pytest.mark.parametrize("ids", [(), (1,), (3, 1, 2), (10**18, 1)])
def test_ids_come_back_in_their_order(ids: tuple[int, ...]) -> None:
    assert stored("ids", ids) == ids


@pytest.mark.parametrize("name", ["number", "day", "instant", "ids"])
def test_nothing_comes_back_as_nothing(name: str) -> None:
    assert stored(name, None) is None
    assert raw(name) == [None]


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (date(2026, 1, 1), date(2026, 1, 31), [date(2026, 1, 31)]),
        (date(2026, 1, 31), date(2026, 2, 28), [date(2026, 1, 31), date(2026, 2, 28)]),
        (date(2026, 3, 1), date(2999, 1, 1), []),
    ],
)
def test_days_are_compared_in_conditions(
    low: date, high: date, found: list[date]
) -> None:
    for day in (date(2026, 1, 31), date(2026, 2, 28), date(999, 1, 1)):
        stored("day", day)
    column: Any = Sample.day
    query: Any = Sample.select(column).where(column >= low, column <= high)
    assert [day for (day,) in query.order_by(column).tuples()] == found
