"""Money: exact, in one currency, rounded half up in one place."""

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.money import CURRENCIES, Money, decimals

unhurried = settings(deadline=None)

# What the wire takes: eighteen digits in all.
amounts = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=6)
currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("2.265", "USD", "2.27"),
        ("2.275", "USD", "2.28"),
        ("2.2649999", "USD", "2.26"),
        ("-2.265", "USD", "-2.27"),
        ("-2.2649999", "USD", "-2.26"),
        ("0.005", "USD", "0.01"),
        ("-0.005", "USD", "-0.01"),
        ("7", "USD", "7.00"),
        ("0.5", "JPY", "1"),
        ("1.5", "JPY", "2"),
        ("2.5", "JPY", "3"),
        ("-2.5", "JPY", "-3"),
        ("2.49", "JPY", "2"),
        ("1.0005", "KWD", "1.001"),
        ("1.0015", "KWD", "1.002"),
        ("-1.0005", "KWD", "-1.001"),
        ("99.995", "EUR", "100.00"),
    ],
)
def test_amounts_round_half_up_to_the_minor_unit(
    amount: str, currency: str, expected: str
) -> None:
    rounded = Money(Decimal(amount), currency).rounded()
    assert str(rounded.amount) == expected
    assert rounded.currency == currency


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("USD", 2), ("EUR", 2), ("CHF", 2), ("MXN", 2), ("HUF", 2),
        ("JPY", 0), ("KRW", 0), ("CLP", 0), ("VND", 0), ("ISK", 0), ("XOF", 0),
        ("KWD", 3), ("BHD", 3), ("IQD", 3), ("JOD", 3), ("LYD", 3), ("OMR", 3),
        ("TND", 3),
    ],
)  # fmt: skip
def test_currencies_have_the_decimals_of_iso_4217(currency: str, expected: int) -> None:
    assert currency in CURRENCIES
    assert decimals(currency) == expected


def test_currency_codes_are_three_capital_letters() -> None:
    assert all(len(c) == 3 and c.isascii() and c.isupper() for c in CURRENCIES)


@pytest.mark.parametrize("code", ["", "usd", "US", "USDX", "XXX", "U$D"])
def test_other_texts_are_no_currency_codes(code: str) -> None:
    assert code not in CURRENCIES


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("41.04", "USD", 4104),
        ("-0.01", "USD", -1),
        ("100", "JPY", 100),
        ("1.234", "KWD", 1234),
        ("0.005", "USD", 1),
        ("9999999999999.99", "USD", 999_999_999_999_999),
    ],
)
def test_minor_units_are_the_rounded_amount(
    amount: str, currency: str, minor: int
) -> None:
    assert Money(Decimal(amount), currency).minor == minor


@unhurried
@given(minor=st.integers(-(2**63), 2**63 - 1), currency=currencies)
def test_minor_units_come_back_as_they_went(minor: int, currency: str) -> None:
    assert Money.from_minor(minor, currency).minor == minor


def test_an_amount_of_minor_units_shows_all_decimals() -> None:
    assert str(Money.from_minor(4100, "USD").amount) == "41.00"


@unhurried
@given(one=amounts, other=amounts, currency=currencies)
def test_sums_are_exact(one: Decimal, other: Decimal, currency: str) -> None:
    total = Money(one, currency) + Money(other, currency)
    assert Fraction(total.amount) == Fraction(one) + Fraction(other)


@unhurried
@given(amount=amounts, factor=amounts, currency=currencies)
def test_products_are_exact(amount: Decimal, factor: Decimal, currency: str) -> None:
    product = Money(amount, currency).times(factor)
    assert Fraction(product.amount) == Fraction(amount) * Fraction(factor)


@unhurried
@given(amount=amounts, rate=amounts, currency=currencies)
def test_percentages_are_exact(amount: Decimal, rate: Decimal, currency: str) -> None:
    share = Money(amount, currency).percent(rate)
    assert Fraction(share.amount) == Fraction(amount) * Fraction(rate) / 100


@unhurried
@given(amount=amounts, factor=amounts)
def test_turning_the_sign_of_a_product_is_exact(
    amount: Decimal, factor: Decimal
) -> None:
    product = Money(amount, "USD").times(factor)
    assert Fraction((-product).amount) == -Fraction(product.amount)


@pytest.mark.parametrize("precision", [1, 5, 28])
def test_nothing_depends_on_the_precision_of_the_thread(precision: int) -> None:
    with localcontext() as context:
        context.prec = precision
        amount = Money(Decimal("1234567890.123456"), "USD")
        assert amount.times(Decimal(3)).amount == Decimal("3703703670.370368")
        assert amount.percent(Decimal(50)).amount == Decimal("617283945.061728")
        assert amount.rounded().amount == Decimal("1234567890.12")
        assert (amount + amount).amount == Decimal("2469135780.246912")
        assert amount.minor == 123456789012
        assert (-amount).amount.compare(Decimal("-1234567890.123456")) == 0


def test_rounding_waits_until_it_is_asked_for() -> None:
    third = Money(Decimal("0.004"), "USD")
    assert (third + third).rounded().amount == Decimal("0.01")
    assert third.rounded().amount == 0


@pytest.mark.parametrize(("one", "other"), [("USD", "EUR"), ("USD", "JPY")])
def test_amounts_of_two_currencies_do_not_add_up(one: str, other: str) -> None:
    with pytest.raises(ValueError, match="two currencies"):
        Money.zero(one) + Money.zero(other)


def test_zero_turned_is_zero_without_a_sign() -> None:
    assert str((-Money.zero("USD")).rounded().amount) == "0.00"
