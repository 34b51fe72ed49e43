"""Measure the price of an invoice of 100 lines.

It is put beside a plain loop that multiplies and rounds as often, in the same run: what
is more than that is the price of the order of calculation.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial

from app.domain.line import Line
from app.domain.pricing import price
from tests.bench.schedule import per_call_us
from tests.bills import Bill

ON = date(2026, 3, 2)
LINES = 100
TAXES = (("GST", Decimal(5)), ("PST", Decimal("9.975")))
_CENT = Decimal("0.01")
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)


def bill() -> Bill:
    """Return 99 lines of two taxes each, a percentage of them, and a discount."""
    (gst, gst_percent), (pst, pst_percent) = TAXES
    fixed = tuple(
        Line(
            line_id=number,
            unit_cost=Decimal("19.99") + number,
            quantity=Decimal("1.5"),
            tax1_name=gst,
            tax1_percent=gst_percent,
            tax2_name=pst,
            tax2_percent=pst_percent,
        )
        for number in range(1, LINES)
    )
    fee = Line(percent=Decimal(3), quantity=Decimal(1), tax1_name="", taxable=True)
    return Bill(lines=(*fixed, fee), discount=Decimal(10))


def plain_loop(of: Bill) -> Decimal:
    """Multiply and round each line, and each of its taxes; add up."""
    total = Decimal(0)
    for line in of.lines:
        amount = (line.unit_cost * line.quantity).quantize(_CENT, context=_EXACT)
        total += amount
        for _, percent in TAXES:
            total += (amount * percent).quantize(_CENT, context=_EXACT)
    return total


if __name__ == "__main__":
    of = bill()
    ours = per_call_us(partial(price, of, ON), 100)
    loop = per_call_us(partial(plain_loop, of), 100)
    print(f"price of {LINES} lines of two taxes, CPU us (goal: under 1000)")
    print(f"  price      {ours:9.1f}")
    print(f"  plain loop {loop:9.1f}{ours / loop:10.2f} x")
