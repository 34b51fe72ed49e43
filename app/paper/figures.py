"""Numbers, amounts and dates as a language writes them; nothing is rounded here."""

import re
from datetime import date
from decimal import Decimal

from babel import dates, numbers
from babel.core import Locale

from app.domain.money import EXACT, Money, decimals

# Where CLDR has a code against a number ("EUR12"), it asks for a space between them.
_BETWEEN = re.compile(r"(?<=[^\W\d_])(?=[-\d])")


def money(amount: Money, locale: str) -> str:
    """Return an amount with its currency, with as many decimals as the currency has."""
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    text = numbers.format_currency(
        amount.amount,
        amount.currency,
        format=pattern.replace("0.00", _zeros(decimals(amount.currency))),
        locale=locale,
        currency_digits=False,
    )
    return _BETWEEN.sub("\N{NO-BREAK SPACE}", text)


def plain(amount: Money, locale: str) -> str:
    """Return an amount without its currency."""
    return unit_cost(amount.amount, amount.currency, locale)


def unit_cost(cost: Decimal, currency: str, locale: str) -> str:
    """Return a price with the currency's decimals at least, and with all of its own."""
    places = max(decimals(currency), -_exponent(cost))
    pattern = "#,##" + _zeros(places)
    return numbers.format_decimal(
        cost, format=pattern, locale=locale, decimal_quantization=False
    )


def number(value: Decimal, locale: str) -> str:
    """Return a number with all its digits, without zeros behind the last."""
    return numbers.format_decimal(value, locale=locale, decimal_quantization=False)


def percent(value: Decimal, locale: str) -> str:
    """Return so many percent."""
    share = value.scaleb(-2, EXACT)
    return numbers.format_percent(share, locale=locale, decimal_quantization=False)


def day(on: date, locale: str) -> str:
    """Return a date with its month in letters, which every country reads alike."""
    return dates.format_date(on, "long", locale=locale)


def _zeros(places: int) -> str:
    return "0." + "0" * places if places else "0"


def _exponent(value: Decimal) -> int:
    exponent = value.normalize(EXACT).as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
