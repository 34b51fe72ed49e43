"""Taxes, discounts and attributes of profiles and invoices, as JSON."""

import json
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.domain.adjustment import Discount, TaxRate
from app.domain.invoice import Invoice
from app.domain.recurring import Attribute, Profile

NAMES = ("attributes", "default_tax", "taxes", "discounts")


def columns(of: Profile | Invoice) -> dict[str, str]:
    """Return the columns that hold JSON."""
    default = [] if of.default_tax is None else [of.default_tax]
    return {
        "attributes": _written([[each.name, each.value] for each in of.attributes]),
        "default_tax": _written([_tax(each) for each in default]),
        "taxes": _written([_tax(each) for each in of.taxes]),
        "discounts": _written([_discount(each) for each in of.discounts]),
    }


def fields(row: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that a row's JSON holds.

    Raises: ValueError, TypeError, ArithmeticError for what is none of it.
    """
    default = taxes(row["default_tax"])
    return {
        "attributes": _attributes(row["attributes"]),
        "default_tax": default[0] if default else None,
        "taxes": taxes(row["taxes"]),
        "discounts": discounts(row["discounts"]),
    }


@lru_cache(maxsize=1024)
def taxes(text: str) -> tuple[TaxRate, ...]:
    """Read taxes."""
    return tuple(
        TaxRate(name, Decimal(percent), compound)
        for name, percent, compound in json.loads(text)
    )


@lru_cache(maxsize=1024)
def discounts(text: str) -> tuple[Discount, ...]:
    """Read discounts."""
    return tuple(
        Discount(name, _number(percent), _number(amount))
        for name, percent, amount in json.loads(text)
    )


@lru_cache(maxsize=1024)
def _attributes(text: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(name, value) for name, value in json.loads(text))


def _tax(of: TaxRate) -> list[Any]:
    return [of.name, format(of.percent, "f"), of.compound]


def _discount(of: Discount) -> list[str | None]:
    return [of.name, _text(of.percent), _text(of.amount)]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _written(value: list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False) if value else "[]"
