"""What profiles and invoices charge alike: changing lines, taxes and discounts."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, Protocol

from app.domain import adjustment
from app.domain.adjustment import Discount, TaxRate
from app.domain.line import LineChanges, replaced
from app.domain.money import ZERO
from app.domain.pricing import Charged
from app.domain.unset import Maybe, Unset, given


class ChargeChanges(Protocol):
    """What a request says of what is charged."""

    @property
    def lines(self) -> Maybe[tuple[LineChanges, ...]]:
        """The lines, in place of those that are stored."""

    @property
    def discount(self) -> Maybe[Decimal]:
        """Percent off the whole."""

    @property
    def discounts(self) -> Maybe[tuple[Discount, ...]]:
        """Further discounts of the whole."""

    @property
    def default_tax_name(self) -> Maybe[str]:
        """The name of the tax of lines without one of their own."""

    @property
    def default_tax_percent(self) -> Maybe[Decimal]:
        """Its rate."""

    @property
    def taxes(self) -> Maybe[tuple[TaxRate, ...]]:
        """The taxes of all taxable lines."""


def changed(
    of: Charged,
    changes: ChargeChanges,
    amounts: Sequence[Decimal],
    compound: Collection[str],
) -> dict[str, Any]:
    """Return the fields of what is charged, after a request.

    `amounts` are what answers show the lines to come to, `compound` the names of the
    account's compound taxes.

    Raises: InvalidValueError.
    """
    former = of.default_tax
    default = adjustment.default_tax(
        given(changes.default_tax_name, former.name if former else ""),
        given(changes.default_tax_percent, former.percent if former else ZERO),
    )
    if default is not None:
        default = adjustment.compounded(default, [former] if former else [], compound)
    return {
        "discount": given(changes.discount, of.discount),
        "default_tax": default,
        "taxes": tuple(
            adjustment.compounded(tax, of.taxes, compound)
            for tax in given(changes.taxes, of.taxes)
        ),
        "discounts": given(changes.discounts, of.discounts),
        "lines": of.lines
        if isinstance(changes.lines, Unset)
        else replaced(of.lines, changes.lines, amounts, compound),
    }
