"""Totals to the cent: worked examples, and an independent model in fractions."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidValueError
from app.domain.line import LINES_MAX, Line
from app.domain.money import Money, decimals
from app.domain.pricing import AMOUNT_MAX, line_amount, price

unhurried = settings(deadline=None)


def line(cost: str, quantity: str = "1", tax1: str = "0", tax2: str = "0") -> Line:
    return Line(
        unit_cost=Decimal(cost),
        quantity=Decimal(quantity),
        tax1_name="GST",
        tax1_percent=Decimal(tax1),
        tax2_name="PST",
        tax2_percent=Decimal(tax2),
    )


def lines(*costs: str, tax1: str = "0") -> list[Line]:
    return [line(cost, tax1=tax1) for cost in costs]


@pytest.mark.parametrize(
    ("of", "discount", "subtotal", "off", "taxes", "total"),
    [
        pytest.param(
            [line("10", "4", "8", "6")], "10", "40.00", "4.00", ["2.88", "2.16"],
            "41.04", id="FreshBooks sample create",
        ),
        pytest.param(
            [line("10", "4", "5", "8")], "10", "40.00", "4.00", ["1.80", "2.88"],
            "40.68", id="FreshBooks sample get of two taxes",
        ),
        pytest.param(
            [line("9.99", "10", "10")], "0", "99.90", "0", ["9.99"],
            "109.89", id="FreshBooks sample get",
        ),
        pytest.param(
            lines("29.99", "20.00", "50", tax1="8.5"), "0", "99.99", "0", ["8.50"],
            "108.49", id="three lines at 8.5, taxed line by line",
        ),
        pytest.param(
            [*lines("29.99", "20.00", "50", tax1="8.5"), *lines("3")], "0",
            "102.99", "0", ["8.50"], "111.49", id="with a fee that is not taxed",
        ),
        pytest.param(
            lines("29.99", "20.00", "50", "3", tax1="8.5"), "0", "102.99", "0",
            ["8.76"], "111.75", id="with a fee that is taxed",
        ),
        pytest.param(
            lines("49.99", "-10.00", tax1="8.5"), "0", "39.99", "0", ["3.40"],
            "43.39", id="promotion of -10",
        ),
        pytest.param(
            lines("49.99", tax1="8.5"), "0", "49.99", "0", ["4.25"], "54.24",
            id="after the promotion",
        ),
        pytest.param(
            lines("29.99", "15.00", "25.00"), "0", "69.99", "0", [], "69.99",
            id="no taxes",
        ),
        pytest.param(
            lines("45.30", tax1="5"), "0", "45.30", "0", ["2.27"], "47.57",
            id="half up, not half even",
        ),
        pytest.param(
            lines("-45.30", tax1="5"), "0", "-45.30", "0", ["-2.27"], "-47.57",
            id="half up is away from zero",
        ),
        pytest.param(
            lines("20", "-50"), "10", "-30.00", "-3.00", [], "-27.00",
            id="discount of a negative subtotal",
        ),
        pytest.param(
            lines("0.05", tax1="10"), "10", "0.05", "0.01", [".00"], "0.04",
            id="the discounted base of a tax is not rounded",
        ),
        pytest.param(
            lines("100", tax1="5"), "100", "100.00", "100.00", ["0"], "0.00",
            id="everything off",
        ),
        pytest.param([], "10", "0", "0", [], "0", id="no lines"),
    ],
)  # fmt: skip
def test_the_worked_examples_come_out_to_the_cent(
    *,
    of: list[Line],
    discount: str,
    subtotal: str,
    off: str,
    taxes: list[str],
    total: str,
) -> None:
    priced = price(of, Decimal(discount), "USD")
    assert priced.subtotal.amount == Decimal(subtotal)
    assert priced.discount.amount == Decimal(off)
    assert [tax.amount.amount for tax in priced.taxes] == list(map(Decimal, taxes))
    assert priced.total.amount == Decimal(total)


def test_taxes_are_rounded_per_line_and_not_on_their_sum() -> None:
    three = lines("0.10", "0.10", "0.10", tax1="5")
    (tax,) = price(three, Decimal(0), "USD").taxes
    assert tax.amount.amount == Decimal("0.03")


def test_line_amounts_are_rounded_before_they_are_added() -> None:
    three = [line("0.333", "1.5")] * 3
    priced = price(three, Decimal(0), "USD")
    assert [amount.amount for amount in priced.lines] == [Decimal("0.50")] * 3
    assert priced.total.amount == Decimal("1.50")


def test_taxes_of_one_name_and_rate_add_up() -> None:
    priced = price(lines("10", "20", tax1="5"), Decimal(0), "USD")
    ((name, percent, amount),) = [
        (tax.name, tax.percent, tax.amount.amount) for tax in priced.taxes
    ]
    assert (name, percent, amount) == ("GST", Decimal(5), Decimal("1.50"))


def test_a_tax_that_is_named_but_of_no_percent_is_none() -> None:
    assert price([line("10")], Decimal(0), "USD").taxes == ()


@pytest.mark.parametrize(
    ("currency", "cost", "quantity", "tax", "amount", "total"),
    [
        ("JPY", "9.99", "10", "0", "100", "100"),
        ("JPY", "333", "1", "10", "333", "366"),
        ("JPY", "335", "1", "10", "335", "369"),
        ("JPY", "0.5", "1", "0", "1", "1"),
        ("KWD", "1.2345", "1", "0", "1.235", "1.235"),
        ("KWD", "1.001", "1", "5", "1.001", "1.051"),
        ("KWD", "0.0005", "1", "0", "0.001", "0.001"),
        ("EUR", "0.0049", "1", "0", "0", "0"),
    ],
)
def test_currencies_round_to_their_own_minor_unit(
    *, currency: str, cost: str, quantity: str, tax: str, amount: str, total: str
) -> None:
    priced = price([line(cost, quantity, tax)], Decimal(0), currency)
    assert priced.lines[0].amount == Decimal(amount)
    assert priced.total == Money(priced.total.amount, currency)
    assert priced.total.amount == Decimal(total)


def rounded(value: Fraction, currency: str) -> Fraction:
    """Return a value to the minor unit, halves away from zero."""
    unit = 10 ** decimals(currency)
    whole = (abs(value) * unit * 2 + 1) // 2
    return Fraction(whole if value >= 0 else -whole, unit)


costs = st.decimals(-(10**6), 10**6, allow_nan=False, places=5)
percents = st.one_of(
    st.just(Decimal(0)), st.decimals(0, 100, allow_nan=False, places=4)
)
some_lines = st.lists(
    st.builds(
        Line,
        unit_cost=costs,
        quantity=st.decimals(-1000, 1000, allow_nan=False, places=3),
        tax1_name=st.sampled_from(["GST", "VAT", ""]),
        tax1_percent=percents,
        tax2_name=st.sampled_from(["PST", "VAT", ""]),
        tax2_percent=percents,
    ),
    max_size=6,
)


@unhurried
@given(
    of=some_lines,
    discount=percents,
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_prices_agree_with_a_model_in_fractions(
    of: list[Line], discount: Decimal, currency: str
) -> None:
    amounts = [
        rounded(Fraction(item.unit_cost) * Fraction(item.quantity), currency)
        for item in of
    ]
    off = rounded(sum(amounts) * Fraction(discount) / 100, currency)
    by_name: dict[str, Fraction] = {}
    for item, amount in zip(of, amounts, strict=True):
        for name, percent in (
            (item.tax1_name, item.tax1_percent),
            (item.tax2_name, item.tax2_percent),
        ):
            share = (1 - Fraction(discount) / 100) * Fraction(percent) / 100
            tax = rounded(amount * share, currency)
            by_name[name] = by_name.get(name, Fraction(0)) + tax
    priced = price(of, discount, currency)
    assert [Fraction(amount.amount) for amount in priced.lines] == amounts
    assert Fraction(priced.subtotal.amount) == sum(amounts)
    assert Fraction(priced.discount.amount) == off
    for name, tax in by_name.items():
        found = [item.amount.amount for item in priced.taxes if item.name == name]
        assert sum(map(Fraction, found)) == tax
    assert Fraction(priced.total.amount) == sum(amounts) - off + sum(by_name.values())


@unhurried
@given(of=some_lines, discount=percents)
def test_what_is_shown_adds_up_to_the_total(of: list[Line], discount: Decimal) -> None:
    priced = price(of, discount, "USD")
    taxes = sum((tax.amount.minor for tax in priced.taxes), 0)
    shown = priced.subtotal.minor - priced.discount.minor + taxes
    assert priced.total.minor == shown
    assert priced.subtotal.minor == sum(amount.minor for amount in priced.lines)


@unhurried
@given(of=some_lines, discount=percents)
def test_the_order_of_lines_does_not_change_the_total(
    of: list[Line], discount: Decimal
) -> None:
    assert price(of, discount, "USD").total == price(of[::-1], discount, "USD").total


NINES = "9" * 18


@pytest.mark.parametrize(
    "of",
    [
        pytest.param([line("10000000000000")], id="one unit too many"),
        pytest.param([line("-10000000000000")], id="negative"),
        pytest.param([line("9999999999999.995")], id="only after rounding"),
        pytest.param([line(NINES, NINES)], id="eighteen digits times eighteen"),
        pytest.param([line(NINES), line(f"-{NINES}")], id="that cancel each other"),
        pytest.param([line("5000000000000")] * 2, id="in sum"),
        pytest.param([line("9999999999999", tax1="5")], id="with tax"),
        pytest.param([line("1", tax1=NINES)], id="by tax alone"),
        pytest.param([line(NINES, NINES, NINES, NINES)] * LINES_MAX, id="all at once"),
    ],
)
def test_huge_amounts_are_refused(of: list[Line]) -> None:
    with pytest.raises(InvalidValueError) as refused:
        price(of, Decimal(0), "USD")
    assert refused.value.field == "unit_cost"


@pytest.mark.parametrize("cost", ["9999999999999.99", "-9999999999999.99"])
@pytest.mark.parametrize("currency", ["USD", "KWD"])
def test_the_largest_amount_is_taken_and_fits_into_64_bits(
    cost: str, currency: str
) -> None:
    priced = price([line(cost)], Decimal(0), currency)
    assert abs(priced.total.amount) < AMOUNT_MAX
    assert abs(priced.total.minor) < 2**63
    assert priced.total.amount == Decimal(cost)


@pytest.mark.parametrize(
    ("cost", "quantity", "expected"),
    [
        ("0.000001", "1000000", "1.00"),
        ("1234567.891234", "0.000001", "1.23"),
        ("0.333333333333333333", "3", "1.00"),
        ("2.675", "1", "2.68"),
        ("1.005", "1", "1.01"),
    ],
)
def test_nothing_is_rounded_before_the_line_is(
    cost: str, quantity: str, expected: str
) -> None:
    assert line_amount(line(cost, quantity), "USD").amount == Decimal(expected)
