"""From lines to the total, to the cent, in one stated order.

1. Each fixed line: unit cost x quantity, rounded.
2. Each percentage line: percent of the sum of all fixed lines of this invoice, negative
   ones included, rounded; percentage lines never feed one another.
3. Subtotal: the sum of the lines. A line with a range of dates is part of an invoice
   only where its date lies in the range.
4. Discounts: each percentage on the subtotal, rounded; then each amount. None takes
   off more than the former ones have left. For the taxes an amount is spread over the
   lines by their share, rounded, with the rest on the largest line.
5. Taxes, for each taxable line and each tax: (line x (100 % - discounts in percent) -
   its share of the amounts) x rate, rounded; then added up by name. A line has its own
   taxes, or else the default tax, and those of the whole bill besides. A compound tax
   is due on the taxes that are not, too.
6. Total: subtotal - discounts + taxes.

Source: documented for the two samples (10 x 4 less 10 %, 5 % and 8 % = 40.68;
9.99 x 10 and 10 % = 109.89); the rest is inferred (source-systems 2.4 and 4.4).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from app.domain.adjustment import Discount, TaxRate
from app.domain.errors import InvalidValueError
from app.domain.line import Line
from app.domain.money import EXACT, HUNDRED, ZERO, Money, rounded

# Thirteen digits before the point and three decimals keep any sum inside 64 bits of
# minor units.
AMOUNT_MAX = Decimal(10) ** 13

_COMPOUND = attrgetter("compound")


class Charged(Protocol):
    """What has lines to be priced: a profile or an invoice."""

    @property
    def currency_code(self) -> str:
        """The currency of all its amounts."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is charged."""

    @property
    def discount(self) -> Decimal:
        """Percent off the whole, as FreshBooks knew it."""

    @property
    def discounts(self) -> tuple[Discount, ...]:
        """Further discounts of the whole."""

    @property
    def default_tax(self) -> TaxRate | None:
        """The tax of taxable lines without one of their own."""

    @property
    def taxes(self) -> tuple[TaxRate, ...]:
        """The taxes of all taxable lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A tax of the whole invoice: the sum over the lines that bear its name."""

    name: str
    percent: Decimal
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """What a discount takes off; it has no percentage where it is an amount.

    FreshBooks' own discount has no name.
    """

    name: str
    percent: Decimal | None
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What the lines come to; those that do not count on the date come to nothing."""

    lines: tuple[Money, ...]
    subtotal: Money
    reductions: tuple[Reduction, ...]
    taxes: tuple[Tax, ...]
    total: Money

    @property
    def discount(self) -> Money:
        """What all discounts take off together."""
        amounts = (each.amount.amount for each in self.reductions)
        return Money(sum(amounts, ZERO), self.subtotal.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Neighbouring lines of one group: `count` of them from place `first` on."""

    name: str
    first: int
    count: int
    subtotal: Money


def price(of: Charged, on: date) -> Price:
    """Price what is charged on a date.

    Raises: InvalidValueError for amounts that no currency needs.
    """
    currency = of.currency_code
    with localcontext(EXACT):
        amounts = _amounts(of.lines, on, currency)
        subtotal = sum(amounts, ZERO)
        reductions = list(_reductions(of, subtotal))
        fixed = sum((each for _, rate, each in reductions if rate is None), ZERO)
        percent = sum((rate for _, rate, _ in reductions if rate), ZERO)
        share = (HUNDRED - percent) / HUNDRED
        spread = _spread(fixed, amounts, subtotal, currency)
        taxes = _taxes(of, on, amounts, spread, share)
        off = sum((amount for _, _, amount in reductions), ZERO)
        total = subtotal - off + sum(taxes.values(), ZERO)
    for amount in (*amounts, subtotal, *taxes.values(), total):
        if abs(amount) >= AMOUNT_MAX:
            raise InvalidValueError(
                "unit_cost", "Unit cost times quantity is larger than any amount."
            )
    return Price(
        lines=tuple(Money(amount, currency) for amount in amounts),
        subtotal=Money(subtotal, currency),
        reductions=tuple(
            Reduction(name=name, percent=percent, amount=Money(amount, currency))
            for name, percent, amount in reductions
        ),
        taxes=tuple(
            Tax(name=name, percent=percent, amount=Money(amount, currency))
            for (name, percent), amount in taxes.items()
        ),
        total=Money(total, currency),
    )


def sections(lines: Sequence[Line], amounts: Sequence[Money]) -> list[Section]:
    """Return the sections of lines, neighbours without a group left out."""
    found, first = [], 0
    for name, members in groupby(lines, key=lambda line: line.group):
        count = len(list(members))
        of_section = amounts[first : first + count]
        if name:
            subtotal = Money(
                sum((each.amount for each in of_section), ZERO), of_section[0].currency
            )
            found.append(
                Section(name=name, first=first, count=count, subtotal=subtotal)
            )
        first += count
    return found


def _amounts(lines: Sequence[Line], on: date, currency: str) -> list[Decimal]:
    nothing = rounded(ZERO, currency)
    amounts = [
        rounded(line.unit_cost * line.quantity, currency)
        if line.percent is None and line.counts(on)
        else nothing
        for line in lines
    ]
    base = sum(amounts, ZERO)
    for place, line in enumerate(lines):
        if line.percent is not None and line.counts(on):
            amounts[place] = rounded(base * line.percent / HUNDRED, currency)
    return amounts


def _reductions(
    of: Charged, subtotal: Decimal
) -> Iterator[tuple[str, Decimal | None, Decimal]]:
    """Yield name, percentage and amount of each discount."""
    currency = of.currency_code
    left = subtotal
    percents = [("", of.discount)] if of.discount else []
    percents += [(d.name, d.percent) for d in of.discounts if d.percent is not None]
    for name, percent in percents:
        amount = rounded(subtotal * percent / HUNDRED, currency)
        # Half of a cent, rounded, twice, is more than the cent.
        amount = min(amount, left) if subtotal > 0 else max(amount, left)
        left -= amount
        yield name, percent, amount
    for each in of.discounts:
        if each.amount is not None:
            amount = min(rounded(each.amount, currency), max(left, ZERO))
            left -= amount
            yield each.name, None, amount


def _spread(
    total: Decimal, amounts: Sequence[Decimal], subtotal: Decimal, currency: str
) -> list[Decimal]:
    """Spread an amount over the lines by their share, the rest on the largest."""
    if not total:
        return [ZERO] * len(amounts)
    shares = [rounded(total * amount / subtotal, currency) for amount in amounts]
    largest = amounts.index(max(amounts))
    shares[largest] += total - sum(shares, ZERO)
    return shares


def _taxes(
    of: Charged,
    on: date,
    amounts: Sequence[Decimal],
    spread: Sequence[Decimal],
    share: Decimal,
) -> dict[tuple[str, Decimal], Decimal]:
    """Return what each tax comes to, by name and rate, in the order of the lines.

    `share` is the part that the discounts leave of a line, `spread` what they take off
    it besides.
    """
    found: dict[tuple[str, Decimal], Decimal] = {}
    for line, amount, off in zip(of.lines, amounts, spread, strict=True):
        if not line.taxable or not line.counts(on):
            continue
        net = amount * share - off
        simple = ZERO
        for rate in _rates(of, line):
            base = net + simple if rate.compound else net
            tax = rounded(base * rate.percent / HUNDRED, of.currency_code)
            simple += ZERO if rate.compound else tax
            key = (rate.name, rate.percent)
            found[key] = found.get(key, ZERO) + tax
    return found


def _rates(of: Charged, line: Line) -> list[TaxRate]:
    """Return the taxes of a line, compound ones last: by then it is known on what."""
    rates = []
    if line.tax1_percent:
        rates.append(TaxRate(line.tax1_name, line.tax1_percent, line.tax1_compound))
    if line.tax2_percent:
        rates.append(TaxRate(line.tax2_name, line.tax2_percent, line.tax2_compound))
    if of.default_tax is not None and not line.own_taxes:
        rates.append(of.default_tax)
    rates += of.taxes
    rates.sort(key=_COMPOUND)
    return rates
