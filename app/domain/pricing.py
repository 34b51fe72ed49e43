"""From lines to the total, to the cent, in one stated order.

1. Each line: unit cost x quantity, rounded.
2. Subtotal: the sum of the lines.
3. Discount: percent of the subtotal, rounded.
4. Tax, for each line and each of its taxes: line amount x (100 % - discount) x rate,
   rounded; then added up by the tax's name.
5. Total: subtotal - discount + taxes.

Source: documented for the two samples (10 x 4 less 10 %, 5 % and 8 % = 40.68;
9.99 x 10 and 10 % = 109.89); the place of rounding is inferred.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import add

from app.domain.errors import InvalidValueError
from app.domain.line import Line
from app.domain.money import EXACT, HUNDRED, Money

# Thirteen digits before the point and three decimals keep any sum inside 64 bits of
# minor units.
AMOUNT_MAX = Decimal(10) ** 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A tax of the whole invoice: the sum over the lines that bear its name."""

    name: str
    percent: Decimal
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What the lines come to."""

    lines: tuple[Money, ...]
    subtotal: Money
    discount: Money
    taxes: tuple[Tax, ...]
    total: Money


def line_amount(line: Line, currency: str) -> Money:
    """Return unit cost x quantity, before tax and discount, rounded."""
    return Money(line.unit_cost, currency).times(line.quantity).rounded()


def price(lines: Sequence[Line], discount: Decimal, currency: str) -> Price:
    """Price the lines, `discount` percent off.

    Raises: InvalidValueError for amounts that no currency needs.
    """
    zero = Money.zero(currency)
    amounts = tuple(line_amount(line, currency) for line in lines)
    subtotal = reduce(add, amounts, zero)
    off = subtotal.percent(discount).rounded()
    share = EXACT.subtract(HUNDRED, discount)
    taxes: dict[tuple[str, Decimal], Money] = {}
    for line, amount in zip(lines, amounts, strict=True):
        for name, percent in (
            (line.tax1_name, line.tax1_percent),
            (line.tax2_name, line.tax2_percent),
        ):
            if percent:
                tax = amount.percent(share).percent(percent).rounded()
                key = (name, percent)
                taxes[key] = taxes.get(key, zero) + tax
    total = reduce(add, taxes.values(), subtotal + -off)
    for amount in (*amounts, subtotal, total):
        if abs(amount.amount) >= AMOUNT_MAX:
            raise InvalidValueError(
                "unit_cost", "Unit cost times quantity is larger than any amount."
            )
    return Price(
        lines=amounts,
        subtotal=subtotal,
        discount=off,
        taxes=tuple(
            Tax(name=name, percent=percent, amount=amount)
            for (name, percent), amount in taxes.items()
        ),
        total=total,
    )
