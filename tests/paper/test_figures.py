"""Numbers, amounts and dates as languages write them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import CURRENCIES, Money, decimals
from app.paper import figures
from app.paper.labels import LABELS

LOCALES = [words.locale for words in LABELS.values()]


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        ("-1234.5", "USD", "en", "-$1,234.50"),
        ("1234.5", "CAD", "en", "CA$1,234.50"),
        ("1234.5", "EUR", "de", "1.234,50\xa0€"),
        ("1234.5", "EUR", "fr", "1\u202f234,50\xa0€"),
        ("-1234.5", "EUR", "nl", "€\xa0-1.234,50"),
        ("1234.5", "USD", "es_419", "USD\xa01,234.50"),
        ("12", "CHF", "it", "12,00\xa0CHF"),
        ("1234", "JPY", "en", "¥1,234"),
        ("1.234", "KWD", "sv", "1,234\xa0KWD"),
        ("9999999999999.99", "EUR", "en", "€9,999,999,999,999.99"),
    ],
)
def test_amounts_are_written_with_their_currency(
    amount: str, currency: str, locale: str, written: str
) -> None:
    assert figures.money(Money(Decimal(amount), currency), locale) == written


@given(
    st.integers(-(10**16), 10**16),
    st.sampled_from(sorted(CURRENCIES)),
    st.sampled_from(LOCALES),
)
def test_no_digit_of_an_amount_is_lost(minor: int, currency: str, locale: str) -> None:
    money = Money.from_minor(minor, currency)
    for written in (figures.money(money, locale), figures.plain(money, locale)):
        digits = "".join(char for char in written if char.isdecimal())
        assert int(digits) == abs(minor)
        assert len(digits) > decimals(currency)
        assert ("-" in written) == (minor < 0)


@pytest.mark.parametrize(
    ("cost", "currency", "written"),
    [
        ("9.9", "EUR", "9.90"),
        ("0.000125", "EUR", "0.000125"),
        ("1E+3", "EUR", "1,000.00"),
        ("-3.1000", "EUR", "-3.10"),
        ("3.5", "JPY", "3.5"),
        ("3.00", "JPY", "3"),
        ("1", "BHD", "1.000"),
    ],
)
def test_unit_costs_keep_all_their_digits(
    cost: str, currency: str, written: str
) -> None:
    assert figures.unit_cost(Decimal(cost), currency, "en") == written


@pytest.mark.parametrize(
    ("value", "locale", "written"),
    [
        ("2.500", "en", "2.5"),
        ("1E+2", "en", "100"),
        ("1234.567891", "de", "1.234,567891"),
        ("-0.5", "fr", "-0,5"),
    ],
)
def test_numbers_have_no_zeros_at_their_end(
    value: str, locale: str, written: str
) -> None:
    assert figures.number(Decimal(value), locale) == written


@pytest.mark.parametrize(
    ("value", "locale", "written"),
    [
        ("8", "en", "8%"),
        ("8.875", "en", "8.875%"),
        ("19.00", "de", "19\xa0%"),
        ("0.123456", "fr", "0,123456\xa0%"),
        ("-3", "en", "-3%"),
        ("150", "en", "150%"),
    ],
)
def test_percentages_are_exact(value: str, locale: str, written: str) -> None:
    assert figures.percent(Decimal(value), locale) == written


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en", "March 2, 2026"),
        ("de", "2. März 2026"),
        ("es_419", "2 de marzo de 2026"),
        ("no", "2. mars 2026"),
    ],
)
def test_dates_have_their_month_in_letters(locale: str, written: str) -> None:
    assert figures.day(date(2026, 3, 2), locale) == written
