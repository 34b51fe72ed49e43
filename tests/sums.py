"""Sums on paper: the order of calculation as it is written, in whole cents.

It knows nothing of the application. It takes the cases of `fixtures/pricing`, counts in
fractions and whole minor units, and says what each line, discount and tax comes to.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

DIGITS = {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3}


@dataclass
class Sums:
    """What a case comes to, in minor units; taxes by name and percentage."""

    lines: list[int] = field(default_factory=list)
    discounts: list[int] = field(default_factory=list)
    taxes: dict[tuple[str, Fraction], int] = field(default_factory=dict)
    # For each line, what its taxes come to together.
    taxed: list[int] = field(default_factory=list)

    @property
    def subtotal(self) -> int:
        return sum(self.lines)

    @property
    def total(self) -> int:
        return self.subtotal - sum(self.discounts) + sum(self.taxes.values())


def cents(exact: Fraction) -> int:
    """Round half up, away from zero for negatives."""
    whole = int(abs(exact) + Fraction(1, 2))
    return whole if exact >= 0 else -whole


def hundredth(percent: Any) -> Fraction:
    return Fraction(percent) / 100


def counts(line: dict[str, Any], on: str) -> bool:
    """Whether a day lies in a line's range; texts of days are in their order."""
    first, last = line.get("start_date", ""), line.get("end_date", "9")
    return bool(first <= on <= last)


def of(case: dict[str, Any]) -> Sums:
    """Return what a case comes to."""
    sums = Sums()
    minor = 10 ** DIGITS[case["currency"]]
    on = case.get("on", "2026-01-01")
    lines = case["lines"]
    there = [counts(line, on) for line in lines]

    # 1 and 2: fixed lines, then percentages of all fixed ones.
    fixed = [
        cents(Fraction(line["unit_cost"]) * Fraction(line.get("quantity", 1)) * minor)
        if "percent" not in line and is_there
        else 0
        for line, is_there in zip(lines, there, strict=True)
    ]
    base = sum(fixed)
    for line, amount, is_there in zip(lines, fixed, there, strict=True):
        percentage = "percent" in line and is_there
        sums.lines.append(
            cents(base * hundredth(line["percent"])) if percentage else amount
        )

    # 3 and 4: what is taken off, which is never more than is left.
    left = sums.subtotal
    listed = case.get("discounts", [])
    percents = [case["discount"]] if Fraction(case.get("discount", 0)) else []
    percents += [each["percent"] for each in listed if "percent" in each]
    for percent in percents:
        off = cents(sums.subtotal * hundredth(percent))
        if abs(off) > abs(left) or off * left < 0:
            off = left
        sums.discounts.append(off)
        left -= off
    by_amount = 0
    for each in listed:
        if "amount" in each:
            off = max(0, min(cents(Fraction(each["amount"]) * minor), left))
            sums.discounts.append(off)
            by_amount += off
            left -= off
    shares = [0] * len(lines)
    if by_amount:
        shares = [cents(Fraction(by_amount * n, sums.subtotal)) for n in sums.lines]
        # `index` finds the first of those that are equally large.
        shares[sums.lines.index(max(sums.lines))] += by_amount - sum(shares)

    # 5: taxes of each line.
    kept = 1 - sum(map(hundredth, percents), Fraction(0))
    for line, amount, share, is_there in zip(
        lines, sums.lines, shares, there, strict=True
    ):
        of_line = 0
        if line.get("taxable", True) and is_there:
            net = amount * kept - share
            for tax in _in_order(_taxes(case, line)):
                name, percent, compound = tax
                due = cents((net + of_line if compound else net) * hundredth(percent))
                key = (name, Fraction(percent))
                sums.taxes[key] = sums.taxes.get(key, 0) + due
                # Of compound ones each is due on those that are not.
                of_line += 0 if compound else due
                sums.taxed.append(due)
    return sums


def _taxes(case: dict[str, Any], line: dict[str, Any]) -> list[list[Any]]:
    """Return name, percentage and whether it is compound of each tax of a line."""
    own = [line[key] for key in ("tax1", "tax2") if key in line]
    default = case.get("default_tax")
    taxes = own or ([default] if default else [])
    found = [[*tax, False][:3] for tax in taxes + case.get("taxes", [])]
    return [tax for tax in found if tax[0] or Fraction(tax[1])]


def _in_order(taxes: list[list[Any]]) -> list[list[Any]]:
    return [t for t in taxes if not t[2]] + [t for t in taxes if t[2]]
