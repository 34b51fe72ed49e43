"""Taxes: names with rates. The lines of bills keep their own copies of both."""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.errors import MissingFieldError
from app.domain.money import ZERO
from app.domain.unset import UNSET, Maybe, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """A tax; `tax_id` is 0 until it is stored.

    `rate` is in percent, negative for what is withheld. `number` is the one that the
    tax office gave the company. A compound tax is one on the amount and the other tax.
    """

    tax_id: int = 0
    name: str = ""
    rate: Decimal = ZERO
    number: str = ""
    compound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxChanges:
    """What a request says of a tax; fields it does not name are UNSET."""

    name: Maybe[str] = UNSET
    rate: Maybe[Decimal] = UNSET
    number: Maybe[str] = UNSET
    compound: Maybe[bool] = UNSET


def new_tax(changes: TaxChanges) -> Tax:
    """Return the tax that a create request describes.

    Raises: MissingFieldError.
    """
    return changed_tax(Tax(), changes)


def changed_tax(tax: Tax, changes: TaxChanges) -> Tax:
    """Return the tax after an update.

    Raises: MissingFieldError.
    """
    changed = merged(tax, changes)
    if not changed.name:
        raise MissingFieldError("name")
    return changed
