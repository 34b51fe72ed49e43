"""Date variables: text of a profile that each invoice says in words of its own date.

They are `::month::`, `::quarter::` and `::year::`, each also with up to three digits to
add or take away, as `::month+1::`. Each is counted by itself: on an invoice of January
2027, `::month-1:: ::year::` is "December 2027".

Source: documented for months; inferred for the others, for small letters and no spaces
(as in the placeholders of return_uri), and for what stays as it is: other names, and
years that are not from 1 to 9999.
"""

import re
from datetime import date
from functools import lru_cache

from babel.core import Locale

from app.domain.language import DEFAULT_LANGUAGE, LANGUAGES

_MARK = "::"
_VARIABLE = re.compile(r"::(month|quarter|year)([+-][0-9]{1,3})?::")


def filled(text: str, day: date, language: str) -> str:
    """Return a text with its date variables as words of a day.

    The words are those of the Unicode CLDR for the language, and those of English for
    a language that is none of ours.
    """
    if _MARK not in text:
        return text
    code = language if language in LANGUAGES else DEFAULT_LANGUAGE
    return _VARIABLE.sub(lambda found: _word(found, day, code), text)


def _word(found: re.Match[str], day: date, code: str) -> str:
    name, step = found[1], int(found[2] or 0)
    if name == "month":
        return _months(code)[(day.month - 1 + step) % 12]
    if name == "quarter":
        return _quarters(code)[((day.month - 1) // 3 + step) % 4]
    year = day.year + step
    return f"{year:04d}" if date.min.year <= year <= date.max.year else found[0]


# Locale reads the files that come with Babel; nothing of the machine decides. Its
# stand-alone words, the same ones in our languages, are not asked for: Babel mixes them
# up between languages (its issue 1234).
@lru_cache(maxsize=len(LANGUAGES))
def _months(code: str) -> tuple[str, ...]:
    names = Locale.parse(code, sep="-").months["format"]["wide"]
    return tuple(names[month] for month in range(1, 13))


@lru_cache(maxsize=len(LANGUAGES))
def _quarters(code: str) -> tuple[str, ...]:
    names = Locale.parse(code, sep="-").quarters["format"]["abbreviated"]
    return tuple(names[quarter] for quarter in range(1, 5))
