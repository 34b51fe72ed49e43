"""Currencies as they are listed: the common ones first, then by code.

Source: documented (the five, the order). Which others there are is ours: all that a
client, a profile or an account may have. Names are those of the Unicode CLDR.
"""

from functools import cache

from babel.core import Locale

from app.domain.money import CURRENCIES

_COMMON = ("USD", "CAD", "EUR", "GBP", "AUD")
LISTED = (*_COMMON, *sorted(CURRENCIES.difference(_COMMON)))


@cache
def english_name(code: str) -> str:
    """Return what one of these currencies is called in English."""
    return str(Locale.parse("en").currencies[code])
