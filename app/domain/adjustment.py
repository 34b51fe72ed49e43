"""What is added to or taken off a whole bill: taxes and discounts with names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.errors import InvalidValueError
from app.domain.money import HUNDRED


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A tax by name; a compound one is also due on the taxes that are not."""

    name: str
    percent: Decimal
    compound: bool = False


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount by name: either so many percent of the lines, or an amount."""

    name: str
    percent: Decimal | None = None
    amount: Decimal | None = None


def default_tax(name: str, percent: Decimal) -> TaxRate | None:
    """Return the tax of lines without one of their own; None where both are empty.

    Raises: InvalidValueError for a name without a percentage, and the reverse.
    """
    if not name and not percent:
        return None
    if not name:
        raise InvalidValueError("default_tax_name", "A tax has a name.")
    if percent <= 0:
        raise InvalidValueError("default_tax_percent", "A tax is above 0 percent.")
    return TaxRate(name, percent)


def compounded(
    rate: TaxRate, former: Collection[TaxRate], compound: Collection[str]
) -> TaxRate:
    """Return a tax that is compound where the account has one of its name that is.

    One that was there before stays what it was: a tax that becomes compound later
    changes no bill that was agreed on.
    """
    for known in former:
        if (known.name, known.percent) == (rate.name, rate.percent):
            return known
    return replace(rate, compound=rate.name in compound)


def check(discount: Decimal, discounts: Sequence[Discount]) -> None:
    """Refuse discounts that take more than everything off.

    Raises: InvalidValueError.
    """
    if not 0 <= discount <= HUNDRED:
        raise InvalidValueError("discount", "A discount is 0 to 100 percent.")
    percents = (each.percent for each in discounts if each.percent is not None)
    if sum(percents, discount) > HUNDRED:
        raise InvalidValueError(
            "discounts", "Discounts come to 100 percent together at most."
        )
