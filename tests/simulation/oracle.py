"""What ought to be billed, worked out anew: a walk over the calendar, and fractions.

Nothing here comes from the product, so that the two can only agree by being right.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache

DAY = timedelta(days=1)

# The codes of the wire: every so many days, or months.
_DAYS = {"w": 7, "2w": 14, "4w": 28}
_MONTHS = {"m": 1, "2m": 2, "3m": 3, "6m": 6, "y": 12, "2y": 24}
FREQUENCIES = (*_DAYS, *_MONTHS)

_PLACES = {"JPY": 0, "KWD": 3}
# No amount of money has more digits before the point than these.
_TOO_MUCH = 10**13


def falls_on(day: date, start: date, frequency: str) -> bool:
    """Whether a rhythm that began on a day has a date on another."""
    if day < start:
        return False
    if frequency in _DAYS:
        return (day - start).days % _DAYS[frequency] == 0
    months = (day.year - start.year) * 12 + day.month - start.month
    wanted = min(start.day, monthrange(day.year, day.month)[1])
    return months % _MONTHS[frequency] == 0 and day.day == wanted


@lru_cache(maxsize=65536)
def next_on(start: date, frequency: str, since: date) -> date:
    """Return the rhythm's first date from a day on, by walking there day by day."""
    day = max(start, since)
    while not falls_on(day, start, frequency):
        day += DAY
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as it was sent; `line_id` is 0 until it is known."""

    name: str
    unit_cost: str = "0"
    quantity: str = "0"
    taxes: tuple[tuple[str, str], ...] = ()
    line_id: int = 0

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
