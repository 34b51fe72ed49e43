"""What ought to be billed, worked out anew in fractions; `rhythm` says when.

Nothing here comes from the product, so that the two can only agree by being right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

_PLACES = {"JPY": 0, "KWD": 3}
# No amount of money has more digits before the point than these.
_TOO_MUCH = 10**13


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it was sent; `line_id` is 0 until it is known."""

    name: str
    unit_cost: str = "0"
    quantity: str = "0"
    taxes: tuple[tuple[str, str], ...] = ()
    line_id: int = 0
    start: date | None = None
    end: date | None = None

    def counts(self, on: date) -> bool:
        """Whether it is part of an invoice of a date."""
        return (self.start or on) <= on <= (self.end or on)

    def amount(self, currency: str) -> int:
        """Return unit cost times quantity in minor units."""
        return _rounded(
            Fraction(self.unit_cost) * Fraction(self.quantity) * _scale(currency)
        )


def total(lines: Iterable[Line], discount: str, currency: str) -> int:
    """Return what an invoice of these lines comes to, in minor units."""
    amounts = [(line, line.amount(currency)) for line in lines]
    subtotal = sum(amount for _, amount in amounts)
    share = Fraction(discount) / 100
    taxes = sum(
        _rounded(amount * (1 - share) * Fraction(percent) / 100)
        for line, amount in amounts
        for _, percent in line.taxes
    )
    return subtotal - _rounded(subtotal * share) + taxes


def status(own: str, amount: int, paid: int, *, auto: bool = False) -> str:
    """Return the status of an invoice whose status would be `own` without payments.

    `auto` says that auto-billing made one of them.
    """
    if 0 < paid < amount:
        return own if own in ("retry", "failed") else "partial"
    if paid > 0 or (amount < 0 and own != "draft"):
        return "auto-paid" if auto else "paid"
    return own


def too_large(lines: Iterable[Line], currency: str) -> bool:
    """Whether no invoice can be made of these lines."""
    most = _TOO_MUCH * _scale(currency)
    return any(line.amount(currency) >= most for line in lines)


def _scale(currency: str) -> int:
    return int(10 ** _PLACES.get(currency, 2))


def _rounded(amount: Fraction) -> int:
    """Round half up, away from zero."""
    size = int(abs(amount) + Fraction(1, 2))
    return size if amount >= 0 else -size
