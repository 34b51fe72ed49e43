"""How values are spelled on the wire: leniently on the way in, one way on the way out.

Texts that come here have passed the schema's patterns; what a pattern cannot say (a 30
February, a year 0) is refused here, with ValueError.
"""

import binascii
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.domain import frequency as frequencies
from app.domain import scheduling
from app.domain.errors import InvalidValueError
from app.domain.money import EXACT, ZERO
from app.domain.payment import PaymentType
from app.domain.schedule import (
    FIRST_DAY,
    LAST_DAY,
    Freq,
    Interval,
    Weekday,
    YearlyDate,
)
from app.domain.scheduling import AskedRule, OfTheDay

# Name in requests, code in answers, rule. Source: documented; that codes are accepted
# in requests too, and in any case, is settled in the wire reference 6.
_NAMES = {
    "weekly": "w",
    "2 weeks": "2w",
    "4 weeks": "4w",
    "monthly": "m",
    "2 months": "2m",
    "3 months": "3m",
    "6 months": "6m",
    "yearly": "y",
    "2 years": "2y",
}
_CODES = dict(zip(frequencies.FREQUENCIES, _NAMES.values(), strict=True))
_RULES: dict[str, AskedRule] = {
    **dict(zip(_NAMES, frequencies.FREQUENCIES, strict=True)),
    **dict(zip(_NAMES.values(), frequencies.FREQUENCIES, strict=True)),
    # inferred, ours
    "daily": Interval(freq=Freq.DAILY),
    "once": OfTheDay.ONCE,
}
_UNITS = {
    "day": Freq.DAILY,
    "week": Freq.WEEKLY,
    "month": Freq.MONTHLY,
    "year": Freq.YEARLY,
}
# Source: documented (PR-7 and PR-11); the years are ours.
INTERVAL_LABELS = {f"{name}s".capitalize(): freq for name, freq in _UNITS.items()}
_INTERVAL_LABELS = {freq: name for name, freq in INTERVAL_LABELS.items()}
DAY_TYPES = {
    name.capitalize(): freq for name, freq in _UNITS.items() if freq is not Freq.YEARLY
}
_DAY_TYPES: dict[Freq, str] = {freq: name for name, freq in DAY_TYPES.items()}
_EVERY = re.compile(r"([0-9]{1,9}) (day|week|month|year)s?", re.ASCII)
WEEKS = {name: ordinal for ordinal, name in frequencies.WEEK_NAMES.items()}
WEEKDAYS = {weekday.name.lower(): weekday for weekday in Weekday}
_YEARLY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)

_PAYMENT_TYPES = {each.lower(): each for each in PaymentType}

_FINEST = Decimal("0.000001")
_NOISE = Decimal("0.000000001")

_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T].*)?", re.ASCII)
# Far past the end of any list, and far from what makes a number slow to read.
_PAGE_DIGITS = 32

# The white space that XML knows, and the schemas with it; Python knows more of it.
BLANKS = " \t\r\n"


def rule(text: str) -> AskedRule:
    """Read a frequency, by name or code or as "N days", in any case.

    Raises: InvalidValueError.
    """
    # Only then does `lower` leave each letter the letter that it was.
    text = " ".join(text.lower().split()) if text.isascii() else ""
    if text in _RULES:
        return _RULES[text]
    found = _EVERY.fullmatch(text)
    if found is None:
        names = ", ".join(_NAMES)
        raise InvalidValueError(
            "frequency", f"Use one of: {names}, daily, once, N days/weeks/months/years."
        )
    return Interval(freq=_UNITS[found[2]], interval=int(found[1]))


def frequency(of: AskedRule) -> str:
    """Write the frequency that stands for a rule as its code."""
    return _CODES[scheduling.shown(of)]


def frequency_text(of: AskedRule) -> str:
    """Write a rule in words: "15 days", "day 1, 15 of the month"."""
    if isinstance(of, OfTheDay):
        return of.value.replace("_", " ")
    return frequencies.words(of)


def interval_label(unit: Freq | None) -> str:
    """Write a unit as settings name it; empty for none."""
    return "" if unit is None else _INTERVAL_LABELS[unit]


def day_type(unit: Freq | None) -> str:
    """Write the unit that a day is counted in; empty for none."""
    return "" if unit is None else _DAY_TYPES[unit]


def week(ordinal: int) -> str:
    """Write the week of a month."""
    return frequencies.WEEK_NAMES[ordinal]


def yearly(text: str) -> YearlyDate | None:
    """Read the MM-DD of every year; None for what is not written so."""
    found = _YEARLY.fullmatch(text.strip(BLANKS))
    return None if found is None else YearlyDate(int(found[1]), int(found[2]))


def payment_type(text: str) -> PaymentType:
    """Read how something was paid, in any case.

    Raises: InvalidValueError.
    """
    # Only then does `lower` leave each letter the letter that it was.
    found = (
        _PAYMENT_TYPES.get(" ".join(text.lower().split())) if text.isascii() else None
    )
    if found is None:
        raise InvalidValueError("type", f"Use one of: {', '.join(PaymentType)}.")
    return found


def currency(text: str) -> str:
    """Read a currency code, in any case; whether it is one is for the domain to say."""
    return text.upper() if text.isascii() else text


def decimal(text: str) -> Decimal:
    """Read a number of at most 12 digits before the point and 6 after it.

    An empty one is 0. What a float prints is understood, exponent and all, and the
    noise at its end is dropped: 0.30000000000000004 is 0.3. Source: observed (several
    clients send floats).

    Raises: ValueError for a number that is too large or too fine.
    """
    return _number(text, 12)


def percent(text: str) -> Decimal:
    """Read a percentage: as `decimal`, with at most 3 digits before the point.

    Raises: ValueError.
    """
    return _number(text, 3)


def _number(text: str, digits: int) -> Decimal:
    text = text.strip(BLANKS)
    if not text:
        return ZERO
    value = Decimal(text)
    if value.adjusted() >= digits:
        raise ValueError("too large")
    kept = value.quantize(_FINEST, context=EXACT)
    if kept == value and "e" not in text.lower():
        return value
    if abs(EXACT.subtract(value, kept)) > _NOISE:
        raise ValueError("too fine")
    return EXACT.create_decimal(number(kept))


def number(value: Decimal) -> str:
    """Write a number without exponent and without trailing zeros: 45.6, 200, 0."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def count(text: str) -> int:
    """Read a whole number; an empty one is 0."""
    return int(text) if (text := text.strip(BLANKS)) else 0


def switch(text: str) -> bool:
    """Read a yes or no; an empty one is no."""
    return text.strip(BLANKS).lower() in ("1", "true")


def flag(value: object) -> str:
    """Write a yes or no."""
    return "1" if value else "0"


def day(text: str) -> date:
    """Read a date, ignoring a time part.

    Raises: ValueError for a day that the calendar does not have or we do not take.
    """
    found = _DAY.fullmatch(text.strip(BLANKS))
    if found is None:
        raise ValueError("not a date")
    value = date.fromisoformat(found[1])
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError("beyond the calendar")
    return value


def day_bound(text: str) -> date:
    """Read an end of a range of days; beyond our calendar it is the calendar's edge.

    Raises: ValueError for a day that no calendar has, such as any of a year 0.
    """
    found = _DAY.fullmatch(text.strip(BLANKS))
    if found is None:
        raise ValueError("not a date")
    return min(max(date.fromisoformat(found[1]), FIRST_DAY), LAST_DAY)


def instant_bound(text: str, zone: ZoneInfo, of_day: time) -> datetime:
    """Read an end of a range of instants, of the account's zone unless it says another.

    A missing time is `of_day`.

    Raises: ValueError as `day_bound` does, and for times that no day has.
    """
    text = text.strip(BLANKS)
    bound = day_bound(text)
    if not text.startswith(bound.isoformat()) or len(text) == len("YYYY-MM-DD"):
        return datetime.combine(bound, of_day, zone).astimezone(UTC)
    value = datetime.fromisoformat(text)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def timestamp(value: datetime | None, zone: ZoneInfo) -> str:
    """Write an instant in the account's time zone, to the second.

    Source: documented (the zeros of an unset one).
    """
    if value is None:
        return "0000-00-00 00:00:00"
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def positive(text: str) -> int | None:
    """Read a page number or size; what makes no sense is None."""
    text = text.strip(BLANKS)
    if not (text.isascii() and text.isdigit() and len(text) <= _PAGE_DIGITS):
        return None
    return int(text) or None


def base64_content(text: str) -> bytes:
    """Read bytes that are written as base64, in lines or in one.

    Raises: ValueError for anything else.
    """
    plain = text.encode("ascii").translate(None, BLANKS.encode())
    return binascii.a2b_base64(plain, strict_mode=True)


def base64_text(content: bytes) -> str:
    """Write bytes as base64, in one line."""
    return binascii.b2a_base64(content, newline=False).decode("ascii")


def record_id(text: str) -> int | None:
    """Read an id, zero-padded or not; what can be no id is None."""
    text = text.strip(BLANKS)
    if not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0")
    return int(digits) if 0 < len(digits) <= 18 else None
