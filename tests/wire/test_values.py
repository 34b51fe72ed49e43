import base64
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidValueError
from app.domain.schedule import (
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Rule,
    Weekday,
    YearlyDate,
)
from app.domain.scheduling import AskedRule, OfTheDay
from app.wire import values

NEW_YORK = ZoneInfo("America/New_York")
FREQUENCIES = [
    ("weekly", "w", Freq.WEEKLY, 1),
    ("2 weeks", "2w", Freq.WEEKLY, 2),
    ("4 weeks", "4w", Freq.WEEKLY, 4),
    ("monthly", "m", Freq.MONTHLY, 1),
    ("2 months", "2m", Freq.MONTHLY, 2),
    ("3 months", "3m", Freq.MONTHLY, 3),
    ("6 months", "6m", Freq.MONTHLY, 6),
    ("yearly", "y", Freq.YEARLY, 1),
    ("2 years", "2y", Freq.YEARLY, 2),
]


@pytest.mark.parametrize(("name", "code", "freq", "interval"), FREQUENCIES)
def test_a_frequency_is_read_by_name_and_code_in_any_case(
    name: str, code: str, freq: Freq, interval: int
) -> None:
    rule = Interval(freq=freq, interval=interval)
    spellings = [name, name.upper(), name.title(), code, code.upper(), f"  {name}\n"]
    assert [values.rule(spelling) for spelling in spellings] == [rule] * 6


@pytest.mark.parametrize(("_name", "code", "freq", "interval"), FREQUENCIES)
def test_a_frequency_is_written_as_its_code(
    _name: str, code: str, freq: Freq, interval: int
) -> None:
    assert values.frequency(Interval(freq=freq, interval=interval)) == code


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("daily", Interval(freq=Freq.DAILY)),
        ("once", OfTheDay.ONCE),
        ("15 days", Interval(freq=Freq.DAILY, interval=15)),
        (" 1  Day ", Interval(freq=Freq.DAILY)),
        ("5 WEEKS", Interval(freq=Freq.WEEKLY, interval=5)),
        ("1 week", Interval(freq=Freq.WEEKLY)),
        ("4 months", Interval(freq=Freq.MONTHLY, interval=4)),
        ("3 years", Interval(freq=Freq.YEARLY, interval=3)),
        ("2 year", Interval(freq=Freq.YEARLY, interval=2)),
    ],
)
def test_a_frequency_of_our_own_is_read(text: str, rule: AskedRule) -> None:
    assert values.rule(text) == rule


@pytest.mark.parametrize(
    "text", ["0 days", "0 weeks", "1000000 years", "101 years", "36501 days"]
)
def test_a_rhythm_that_nobody_has_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        values.rule(text)
    assert refused.value.field == "frequency"


@pytest.mark.parametrize(
    ("rule", "code", "text"),
    [
        (Interval(freq=Freq.DAILY), "w", "daily"),
        (Interval(freq=Freq.DAILY, interval=15), "2w", "15 days"),
        (Interval(freq=Freq.DAILY, interval=30), "m", "30 days"),
        (Interval(freq=Freq.WEEKLY, interval=3), "2w", "3 weeks"),
        (Interval(freq=Freq.YEARLY), "y", "yearly"),
        (MonthDays(days=(15, 1)), "2w", "day 1, 15 of the month"),
        (MonthDays(days=(31,), interval=3), "3m", "day 31 of every 3 months"),
        (
            MonthWeekday(weekday=Weekday.FRIDAY, ordinal=-1),
            "m",
            "last friday of the month",
        ),
        (Dates(full=(date(2026, 3, 10),)), "m", "once"),
        (
            Dates(yearly=(YearlyDate(3, 21),), full=(date(2026, 3, 10),)),
            "y",
            "03-21, 2026-03-10",
        ),
    ],
)
def test_a_rule_has_a_code_for_old_clients_and_words_for_new_ones(
    rule: Rule, code: str, text: str
) -> None:
    assert (values.frequency(rule), values.frequency_text(rule)) == (code, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "every day",
        "1.5 weeks",
        "3w",
        "month",
        "years",
        "0m",
        "٢w",
        "m m",
        "-2 days",
        "2w eeks",
        "5 fortnights",
        "1000000000 days",
    ],
)
def test_another_frequency_is_refused_with_the_names_that_there_are(text: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        values.rule(text)
    assert refused.value.field == "frequency"
    assert "weekly, 2 weeks, 4 weeks, monthly" in refused.value.reason


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("45.60", "45.6"),
        ("99.90", "99.9"),
        ("200", "200"),
        ("200.00", "200"),
        ("4.00", "4"),
        ("0", "0"),
        ("0.00", "0"),
        ("-0.00", "0"),
        ("-25.50", "-25.5"),
        ("0.000001", "0.000001"),
        ("1E+3", "1000"),
        ("1E-6", "0.000001"),
        ("0E+3", "0"),
        ("999999999999.999999", "999999999999.999999"),
        ("17.50", "17.5"),
    ],
)
def test_a_number_is_written_plainly_without_trailing_zeros(
    value: str, text: str
) -> None:
    assert values.number(Decimal(value)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", "0"),
        ("  ", "0"),
        ("5", "5"),
        (" 5.50 ", "5.5"),
        ("-.5", "-0.5"),
        ("+1.", "1"),
    ],
)
def test_a_number_is_read_and_an_empty_one_is_zero(text: str, value: str) -> None:
    assert values.decimal(text) == Decimal(value)


@pytest.mark.parametrize(("text", "value"), [("", 0), (" ", 0), ("007", 7), ("+3", 3)])
def test_a_count_is_read_and_an_empty_one_is_zero(text: str, value: int) -> None:
    assert values.count(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", True),
        (" 1\n", True),
        ("true", True),
        ("TRUE", True),
        ("0", False),
        ("", False),
        (" ", False),
        ("False", False),
    ],
)
def test_a_switch_is_read_and_an_empty_one_is_off(text: str, *, value: bool) -> None:
    assert values.switch(text) is value


@pytest.mark.parametrize(("value", "text"), [(True, "1"), (False, "0")])
def test_a_switch_is_written_as_a_digit(*, value: bool, text: str) -> None:
    assert values.flag(value) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-28",
        " 2026-02-28\n",
        "2026-02-28 00:00:00",
        "2026-02-28 11:59:59",
        "2026-02-28T23:59",
        "2026-02-28 11:59:59 PM",
        "2026-02-28T10:00:00Z",
        "2026-02-28T10:00:00-05:00",
    ],
)
def test_a_date_is_read_without_its_time(text: str) -> None:
    assert values.day(text) == date(2026, 2, 28)


@pytest.mark.parametrize(
    "text", ["1970-01-01", "2000-02-29", "2024-02-29", "2999-12-31"]
)
def test_the_days_of_the_calendar_are_read(text: str) -> None:
    assert values.day(text) == date.fromisoformat(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-30",
        "2026-02-29",
        "1900-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "0000-00-00",
        "0000-01-01",
        "1969-12-31",
        "3000-01-01",
        "20260228",
        "2026-W09-6",
        "2026-2-28",
        "28.02.2026",
        "today",
        "٢٠٢٦-٠٢-٢٨",
        "10000-01-01",
        "-2026-01-01",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is all there is
        values.day(text)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-02 10:00:00", "2026-03-02 15:00:00"),
        ("2026-03-02T10:00:00", "2026-03-02 15:00:00"),
        ("2026-03-02 10:00", "2026-03-02 15:00:00"),
        ("2026-03-02", "2026-03-02 05:00:00"),
        ("2026-07-01 00:00:00", "2026-07-01 04:00:00"),
        (" 2026-12-31 23:59:59 ", "2027-01-01 04:59:59"),
    ],
)
def test_an_instant_is_read_in_the_accounts_zone(text: str, utc: str) -> None:
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert values.instant_bound(text, NEW_YORK, time.min) == expected


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-02", "2026-03-03 04:59:59.999999"),
        ("2026-03-02 00:00:00", "2026-03-02 05:00:00"),
        ("2026-03-02T10:00:00Z", "2026-03-02 10:00:00"),
        ("2026-03-02 10:00:00.1234567+02:00", "2026-03-02 08:00:00.123456"),
        ("9999-12-31", "3000-01-01 04:59:59.999999"),
        ("0001-01-01 00:00:00", "1970-01-02 04:59:59.999999"),
    ],
)
def test_an_end_without_a_time_is_the_end_of_its_day(text: str, utc: str) -> None:
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert values.instant_bound(text, NEW_YORK, time.max) == expected


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("0001-01-01", date(1970, 1, 1)),
        ("1969-12-31", date(1970, 1, 1)),
        ("2026-03-02", date(2026, 3, 2)),
        ("9999-12-31", date(2999, 12, 31)),
    ],
)
def test_an_end_beyond_the_calendar_is_its_edge(text: str, day: date) -> None:
    assert values.day_bound(text) == day


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.30000000000000004", "0.3"),
        ("3.3000000000000003", "3.3"),
        ("29.999999999999996", "30"),
        ("1.0E7", "10000000"),
        ("5.0E-4", "0.0005"),
        ("1E+2", "100"),
        ("5.0000000000", "5"),
        ("-0.30000000000000004", "-0.3"),
    ],
)
def test_what_a_float_prints_is_the_number_that_was_meant(
    text: str, value: str
) -> None:
    assert values.number(values.decimal(text)) == value


@pytest.mark.parametrize(
    "text", ["0.1234567", "1e-07", "1e13", "999999999999.9999999", "9e99", "1e12"]
)
def test_a_number_that_is_too_large_or_too_fine_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is all there is
        values.decimal(text)


@pytest.mark.parametrize("text", ["1000", "1e3", "100000000"])
def test_a_percentage_has_three_digits_at_most(text: str) -> None:
    with pytest.raises(ValueError, match="too large"):
        values.percent(text)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30 10:00:00", "2026-03-02 24:00:01", "2026-03-02 10:60"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the kind is all there is
        values.instant_bound(text, NEW_YORK, time.min)


def test_an_instant_is_written_in_the_accounts_zone_to_the_second() -> None:
    at = datetime(2026, 3, 2, 3, 4, 5, 678901, tzinfo=UTC)
    assert values.timestamp(at, NEW_YORK) == "2026-03-01 22:04:05"


def test_an_instant_that_is_unset_is_written_as_zeros() -> None:
    assert values.timestamp(None, NEW_YORK) == "0000-00-00 00:00:00"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        (" 25 ", 25),
        ("007", 7),
        ("0", None),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("all", None),
        ("1e3", None),
        ("1_0", None),
        ("٣", None),
        ("²", None),
        ("9" * 33, None),
    ],
)
def test_a_page_number_that_makes_no_sense_is_none(
    text: str, value: int | None
) -> None:
    assert values.positive(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("00000000007", 7),
        (" 7 ", 7),
        ("0" * 40 + "7", 7),
        ("9" * 18, 10**18 - 1),
        ("0", None),
        ("00000000000", None),
        ("-1", None),
        ("+1", None),
        ("a", None),
        ("1a", None),
        ("1.0", None),
        ("", None),
        ("9223372036854775808", None),
        ("9" * 40, None),
        ("\u0667", None),
        ("\uff17", None),
        ("1 2", None),
    ],
)
def test_an_id_may_be_padded_and_anything_else_is_none(
    text: str, value: int | None
) -> None:
    assert values.record_id(text) == value


@given(st.binary())
def test_bytes_are_read_as_they_were_written_in_lines_or_in_one(content: bytes) -> None:
    lines = base64.encodebytes(content).decode()
    assert values.base64_content(lines) == content
    assert values.base64_content(values.base64_text(content)) == content
    assert values.base64_text(content) == lines.replace("\n", "")


@pytest.mark.parametrize(
    "text",
    ["a", "QQ", "QQ=", "QQ===", "=QQ=", "QQ==QQ==", "Q-_=", "QQ\u00a0==", "\uff11"],
)
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        values.base64_content(text)
