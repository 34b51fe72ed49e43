"""Totals to the cent: cases counted by hand, and sums on paper for all others."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.errors import InvalidValueError
from app.domain.line import LINES_MAX, Line
from app.domain.money import Money
from app.domain.pricing import AMOUNT_MAX, price, sections
from tests import sums
from tests.bills import CASES, Bill, bill, day_of, priced

ON = date(2026, 1, 1)
# Ten of the table of worked examples, and the contract's.
EXAMPLES = 11

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def amounts(of: Iterable[Money]) -> list[Decimal]:
    return [each.amount for each in of]


def decimals(of: Iterable[str]) -> list[Decimal]:
    return list(map(Decimal, of))


@every_case
def test_cases_come_out_to_the_cent(case: dict[str, Any]) -> None:
    found, expected = priced(case), case["expected"]
    assert amounts(found.lines) == decimals(expected["lines"])
    assert found.subtotal.amount == Decimal(expected["subtotal"])
    off = amounts(each.amount for each in found.reductions)
    assert off == decimals(expected["discounts"])
    assert found.discount.amount == sum(off)
    assert amounts(tax.amount for tax in found.taxes) == decimals(expected["taxes"])
    assert found.total == Money(Decimal(expected["total"]), case["currency"])


@every_case
def test_sections_of_cases_come_out_to_the_cent(case: dict[str, Any]) -> None:
    lines = bill(case).lines
    found = sections(lines, priced(case).lines)
    told = [(section.name, section.subtotal.amount) for section in found]
    expected = case["expected"].get("sections", [])
    assert told == [(name, Decimal(subtotal)) for name, subtotal in expected]
    for section in found:
        within = lines[section.first : section.first + section.count]
        assert {line.group for line in within} == {section.name}


def test_all_worked_examples_are_among_the_cases() -> None:
    marked = [case for case in CASES.values() if case.get("example")]
    assert len(marked) == EXAMPLES


@every_case
def test_the_sums_on_paper_know_the_cases_too(case: dict[str, Any]) -> None:
    on_paper, expected = sums.of(case), case["expected"]
    minor = 10 ** sums.DIGITS[case["currency"]]
    assert on_paper.total == Fraction(expected["total"]) * minor
    assert on_paper.lines == [Fraction(text) * minor for text in expected["lines"]]


# Bills at random.

names = st.sampled_from(["GST", "PST", "VAT"])


def numbers(low: int, high: int, places: int) -> st.SearchStrategy[str]:
    return st.decimals(low, high, allow_nan=False, places=places).map(str)


rates = st.tuples(names, numbers(0, 30, 3), st.booleans()).map(list)
own_rates = st.tuples(names, numbers(-20, 30, 3), st.booleans()).map(list)
ranges = st.fixed_dictionaries(
    {},
    optional={
        "start_date": st.sampled_from(["2025-06-01", "2026-01-01", "2026-01-02"]),
        "end_date": st.sampled_from(["2026-01-02", "2026-01-03"]),
    },
)
of_lines = {"tax1": own_rates, "tax2": own_rates, "taxable": st.booleans()}
fixed_lines = st.fixed_dictionaries(
    {
        "unit_cost": st.one_of(numbers(-(10**6), 10**6, 5), numbers(0, 100, 2)),
        "quantity": st.one_of(st.just("1"), numbers(-100, 100, 3)),
    },
    optional=of_lines,
)
percentages = st.fixed_dictionaries(
    {"percent": numbers(-150, 150, 4)}, optional=of_lines
)
some_discounts = st.lists(
    st.one_of(
        st.fixed_dictionaries({"percent": numbers(0, 30, 2)}),
        st.fixed_dictionaries({"amount": numbers(0, 2000, 3)}),
    ),
    max_size=3,
)


def lines_of(*kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    ranged = st.tuples(st.one_of(*kinds), ranges).map(lambda pair: pair[0] | pair[1])
    return st.lists(ranged, max_size=6)


def bills(
    lines: st.SearchStrategy[list[Any]], **others: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"currency": st.sampled_from(["USD", "JPY", "KWD"]), "lines": lines},
        optional={
            "on": st.sampled_from(["2026-01-01", "2026-01-02"]),
            "discount": numbers(0, 10, 4),
            "default_tax": rates,
            "taxes": st.lists(rates, max_size=2),
            **others,
        },
    )


any_lines = lines_of(fixed_lines, percentages)
any_bills = bills(any_lines, discounts=some_discounts)
bills_without_amounts = bills(
    any_lines, discounts=st.lists(st.fixed_dictionaries({"percent": numbers(0, 9, 1)}))
)


def minor(of: Money, currency: str) -> Fraction:
    unit: int = 10 ** sums.DIGITS[currency]
    return Fraction(of.amount) * unit


@given(case=any_bills)
def test_prices_are_those_of_the_sums_on_paper(case: dict[str, Any]) -> None:
    found, expected, currency = priced(case), sums.of(case), case["currency"]
    assert [minor(each, currency) for each in found.lines] == expected.lines
    off = [minor(each.amount, currency) for each in found.reductions]
    assert off == expected.discounts
    taxes = {
        (tax.name, Fraction(tax.percent)): minor(tax.amount, currency)
        for tax in found.taxes
    }
    assert taxes == {key: tax for key, tax in expected.taxes.items() if key in taxes}
    assert not any(tax for key, tax in expected.taxes.items() if key not in taxes)
    assert minor(found.total, currency) == expected.total


@given(case=any_bills)
def test_what_is_shown_adds_up_to_the_total(case: dict[str, Any]) -> None:
    found = priced(case)
    assert found.subtotal.minor == sum(amount.minor for amount in found.lines)
    off = sum(each.amount.minor for each in found.reductions)
    taxes = sum(tax.amount.minor for tax in found.taxes)
    assert found.total.minor == found.subtotal.minor - off + taxes


@given(case=any_bills)
def test_every_amount_is_a_whole_number_of_minor_units(case: dict[str, Any]) -> None:
    found = priced(case)
    off = [each.amount for each in found.reductions]
    taxes = [each.amount for each in found.taxes]
    for amount in (*found.lines, *off, *taxes, found.total):
        assert amount == amount.rounded()


@given(case=any_bills, place=st.integers(0, 6), taxed=own_rates)
def test_a_line_of_zero_changes_no_total(
    case: dict[str, Any], place: int, taxed: list[Any]
) -> None:
    lines = [*case["lines"]]
    lines.insert(place, {"unit_cost": "0", "tax1": taxed})
    assert priced({**case, "lines": lines}).total == priced(case).total


@given(case=bills_without_amounts, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total(
    case: dict[str, Any], shuffled: Any
) -> None:
    lines = [*case["lines"]]
    shuffled.shuffle(lines)
    assert priced({**case, "lines": lines}).total == priced(case).total


@given(case=any_bills, shuffled=st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total_where_one_is_the_largest(
    case: dict[str, Any], shuffled: Any
) -> None:
    found = priced(case)
    of = amounts(found.lines)
    assume(of.count(max(of, default=Decimal(0))) <= 1)
    lines = [*case["lines"]]
    shuffled.shuffle(lines)
    assert priced({**case, "lines": lines}).total == found.total


@given(case=any_bills, place=st.integers(0, 6), percent=numbers(-150, 150, 4))
def test_percentage_lines_never_feed_one_another(
    case: dict[str, Any], place: int, percent: str
) -> None:
    place = min(place, len(case["lines"]))
    before = priced(case).lines
    lines = [*case["lines"]]
    lines.insert(place, {"percent": percent})
    after = priced({**case, "lines": lines}).lines
    assert after[:place] + after[place + 1 :] == before


@given(
    costs=st.lists(numbers(-500, 1000, 2), min_size=1, max_size=8),
    off=numbers(0, 2000, 2),
)
def test_an_amount_that_is_spread_is_spread_whole(costs: list[str], off: str) -> None:
    # What 100 percent of tax shows is what each line is without its share.
    lines = [{"unit_cost": cost, "tax1": ["All", "100"]} for cost in costs]
    found = priced({"currency": "USD", "lines": lines, "discounts": [{"amount": off}]})
    (tax,) = found.taxes
    assert tax.amount.minor == found.subtotal.minor - found.discount.minor


@given(case=bills(lines_of(fixed_lines)))
def test_taxes_by_name_are_the_sums_of_those_of_each_line(
    case: dict[str, Any],
) -> None:
    alone: dict[tuple[str, Decimal], int] = {}
    for line in case["lines"]:
        for tax in priced({**case, "lines": [line]}).taxes:
            key = (tax.name, tax.percent)
            alone[key] = alone.get(key, 0) + tax.amount.minor
    found = priced(case).taxes
    assert {(tax.name, tax.percent): tax.amount.minor for tax in found} == alone


@given(case=any_bills)
def test_lines_that_do_not_count_might_as_well_not_be_there(
    case: dict[str, Any],
) -> None:
    on = day_of(case)
    of = bill(case)
    there = replace(of, lines=tuple(line for line in of.lines if line.counts(on)))
    assert price(there, on).total == price(of, on).total


@given(case=any_bills)
def test_the_decimal_context_of_the_caller_does_not_matter(
    case: dict[str, Any],
) -> None:
    expected = priced(case)
    with localcontext(prec=6, rounding=ROUND_DOWN):
        assert priced(case).total == expected.total


# What no currency needs.

NINES = "9" * 18


def of_one(cost: str, quantity: str = "1", **taxes: str) -> Bill:
    return of_all([(cost, quantity)], **taxes)


def of_all(of: list[tuple[str, str]], **taxes: str) -> Bill:
    percents: dict[str, Any] = {name: Decimal(text) for name, text in taxes.items()}
    return Bill(
        lines=tuple(
            Line(unit_cost=Decimal(cost), quantity=Decimal(quantity), **percents)
            for cost, quantity in of
        )
    )


def against(*percents: str) -> Bill:
    """Return a bill of two lines and their taxes that cancel each other."""
    return Bill(
        lines=tuple(
            Line(
                unit_cost=Decimal(f"{sign}9000000000000"),
                quantity=Decimal(1),
                tax1_name=sign,
                tax1_percent=Decimal(percent),
            )
            for sign, percent in zip("+-", percents, strict=True)
        )
    )


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(of_one("10000000000000"), id="one unit too many"),
        pytest.param(of_one("-10000000000000"), id="negative"),
        pytest.param(of_one("9999999999999.995"), id="only after rounding"),
        pytest.param(of_one(NINES, NINES), id="eighteen digits times eighteen"),
        pytest.param(of_all([(NINES, "1"), (f"-{NINES}", "1")]), id="cancelled"),
        pytest.param(of_all([("5000000000000", "1")] * 2), id="in sum"),
        pytest.param(of_one("9999999999999", tax1_percent="5"), id="with tax"),
        pytest.param(of_one("1", tax1_percent=NINES), id="by tax alone"),
        pytest.param(against("200", "200"), id="by taxes that cancel each other"),
        pytest.param(
            of_all([(NINES, NINES)] * LINES_MAX, tax1_percent=NINES), id="all at once"
        ),
    ],
)
def test_huge_amounts_are_refused(of: Bill) -> None:
    with pytest.raises(InvalidValueError) as refused:
        price(of, ON)
    assert refused.value.field == "unit_cost"


@pytest.mark.parametrize("cost", ["9999999999999.99", "-9999999999999.99"])
@pytest.mark.parametrize("currency", ["USD", "KWD"])
def test_the_largest_amount_is_taken_and_fits_into_64_bits(
    cost: str, currency: str
) -> None:
    found = price(replace(of_one(cost), currency_code=currency), ON)
    assert abs(found.total.amount) < AMOUNT_MAX
    assert abs(found.total.minor) < 2**63
    assert found.total.amount == Decimal(cost)


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
    assert amounts(price(of_one(cost, quantity), ON).lines) == [Decimal(expected)]
