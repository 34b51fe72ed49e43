"""Taxes, discounts and attributes, as profiles and invoices have them alike."""

from collections.abc import Sequence
from decimal import Decimal

from app.domain.adjustment import Discount, TaxRate
from app.domain.errors import MissingFieldError
from app.domain.recurring import Attribute
from app.domain.unset import UNSET, Maybe, Unset, given
from app.wire import values
from app.wire.reader import Reader
from app.wire.xml import Node, node


def currency(request: Reader) -> Maybe[str]:
    """Read the code of a currency."""
    code = request.word("currency_code")
    return code if isinstance(code, Unset) else values.currency(code)


def taxes(request: Reader) -> Maybe[tuple[TaxRate, ...]]:
    """Read the taxes of a whole bill.

    Raises: MissingFieldError, InvalidValueError.
    """
    found = request.items("taxes")
    return found if isinstance(found, Unset) else tuple(map(_tax, found))


def discounts(request: Reader) -> Maybe[tuple[Discount, ...]]:
    """Read the discounts of a whole bill, each a percentage or an amount.

    Raises: MissingFieldError, InvalidValueError.
    """
    found = request.items("discounts")
    return found if isinstance(found, Unset) else tuple(map(_discount, found))


def attributes(request: Reader) -> Maybe[tuple[Attribute, ...]]:
    """Read names and values for other systems.

    Raises: MissingFieldError.
    """
    found = request.items("attributes")
    if isinstance(found, Unset):
        return UNSET
    return tuple(
        Attribute(item.required_word("name"), given(item.text("value"), ""))
        for item in found
    )


def nodes(
    default_tax: TaxRate | None,
    rates: Sequence[TaxRate],
    reductions: Sequence[Discount],
    *,
    whole: bool,
) -> list[Node]:
    """Render taxes and discounts: those there are, or all where `whole` is wanted."""
    found = []
    if default_tax is not None or whole:
        name, percent = ("", "") if default_tax is None else _told(default_tax)
        found += [
            node("default_tax_name", name),
            node("default_tax_percent", percent),
        ]
    if rates or whole:
        found.append(node("taxes", [_tax_node(rate) for rate in rates]))
    if reductions or whole:
        found.append(node("discounts", [_discount_node(each) for each in reductions]))
    return found


def attribute_nodes(of: Sequence[Attribute], *, whole: bool) -> list[Node]:
    """Render attributes, where there are any or `whole` is wanted."""
    if not of and not whole:
        return []
    pairs = [[node("name", each.name), node("value", each.value)] for each in of]
    return [node("attributes", [node("attribute", pair) for pair in pairs])]


def _tax(request: Reader) -> TaxRate:
    name = request.required_word("name")
    percent = request.filled("percent", request.percent)
    if isinstance(percent, Unset):
        raise MissingFieldError("percent")
    if percent < 0:
        raise request.invalid("percent", "A tax is no negative percentage.")
    return TaxRate(name, percent)


def _discount(request: Reader) -> Discount:
    name = given(request.word("name"), "")
    percent: Decimal | None = given(request.filled("percent", request.percent), None)
    amount: Decimal | None = given(request.filled("amount", request.decimal), None)
    if (percent is None) == (amount is None):
        raise request.invalid("discount", "Use either percent or amount.")
    if percent is not None and not 0 <= percent <= 100:
        raise request.invalid("percent", "A discount is 0 to 100 percent.")
    if amount is not None and amount < 0:
        raise request.invalid("amount", "A discount is no negative amount.")
    return Discount(name, percent, amount)


def _told(rate: TaxRate) -> tuple[str, str]:
    return rate.name, values.number(rate.percent)


def _tax_node(rate: TaxRate) -> Node:
    name, percent = _told(rate)
    return node("tax", [node("name", name), node("percent", percent)])


def _discount_node(of: Discount) -> Node:
    how = (
        node("percent", values.number(of.percent))
        if of.percent is not None
        else node("amount", values.number(of.amount or Decimal(0)))
    )
    return node("discount", [node("name", of.name), how])
