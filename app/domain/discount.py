"""Discounts with names, for bills to take a copy of (an extension of ours)."""

from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.errors import InvalidValueError, MissingFieldError
from app.domain.money import HUNDRED, ZERO
from app.domain.unset import UNSET, Maybe, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A discount; `discount_id` is 0 until it is stored.

    One of `percent` and `amount` is None. An amount is of no currency until a bill has
    one.
    """

    discount_id: int = 0
    name: str = ""
    percent: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountChanges:
    """What a request says of a discount; fields it does not name are UNSET."""

    name: Maybe[str] = UNSET
    percent: Maybe[Decimal] = UNSET
    amount: Maybe[Decimal] = UNSET


def new_discount(changes: DiscountChanges) -> Discount:
    """Return the discount that a create request describes.

    Raises: MissingFieldError, InvalidValueError, naming the field.
    """
    return changed_discount(Discount(), changes)


def changed_discount(discount: Discount, changes: DiscountChanges) -> Discount:
    """Return the discount after an update; an amount takes a percentage's place.

    Raises: MissingFieldError, InvalidValueError, naming the field.
    Source: inferred (documented: it has a name, and is a percentage or an amount).
    """
    changed = merged(discount, changes)
    if changes.percent is not UNSET:
        if changes.amount is not UNSET:
            raise InvalidValueError("amount", "Use percent or amount, not both.")
        changed = replace(changed, amount=None)
    elif changes.amount is not UNSET:
        changed = replace(changed, percent=None)
    _check(changed)
    return changed


def _check(discount: Discount) -> None:
    if not discount.name:
        raise MissingFieldError("name")
    if discount.percent is None and discount.amount is None:
        raise MissingFieldError("percent")
    if discount.percent is not None and not ZERO <= discount.percent <= HUNDRED:
        raise InvalidValueError("percent", "A discount is 0 to 100 percent.")
    if discount.amount is not None and discount.amount < ZERO:
        raise InvalidValueError("amount", "A discount is no less than 0.")
