"""What happened to something, told in texts that stay.

A field has the name of its element, a value is spelled as an answer spells it. What was
written down once is never read as anything but text, so that a rule, a currency or a
line of today need not be understood by a later edition.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.adjustment import Discount, TaxRate
from app.domain.card import CardNumber
from app.domain.errors import InvalidValueError
from app.domain.line import Line
from app.domain.money import ZERO

# What is longer is cut: the history tells what was changed, it is no copy.
TEXT_MAX = 1000
LINE_MAX = 200
LINES_MAX = 100

_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9](?:[ .-]?[0-9]){11,18}(?![0-9])")


class What(StrEnum):
    """What happened: the verb of a request, or what the server did by itself."""

    CREATE = "create"
    UPDATE = "update"
    PAUSE = "pause"
    RESUME = "resume"
    ARCHIVE = "archive"
    RESTORE = "restore"
    CHANGE_DATE = "changeDate"
    SKIP = "skip"
    BILL_NOW = "billNow"
    DELETE = "delete"
    LINES_ADD = "lines.add"
    LINES_UPDATE = "lines.update"
    LINES_DELETE = "lines.delete"
    ATTACHMENT_CREATE = "attachment.create"
    ATTACHMENT_DELETE = "attachment.delete"
    CLIENT_DELETE = "client.delete"
    COMPLETE = "complete"
    PARK = "park"
    RELEASE = "release"
    NOTHING_DUE = "nothingDue"
    ISSUE = "issue"
    SEND_BY_EMAIL = "sendByEmail"
    SEND_BY_SNAIL_MAIL = "sendBySnailMail"
    NOT_SENT = "notSent"
    PAYMENT_CREATE = "payment.create"
    PAYMENT_UPDATE = "payment.update"
    PAYMENT_DELETE = "payment.delete"
    PAYMENT_FAIL = "payment.fail"
    CHARGE_PARK = "charge.park"
    CHARGE_RELEASE = "charge.release"
    CARD_EXPIRING = "card.expiring"
    CARD_DELETE = "card.delete"


@dataclass(frozen=True, slots=True)
class Change:
    """A field with its value before and after; both are empty where it is secret."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to what has the id `of_id`.

    `client_id` is whose it was, None where it went from one client to another.
    `number` is 0 until it is stored. `staff_id` is None, and `username` empty, for what
    the server did by itself.
    """

    of_id: int
    client_id: int | None
    number: int = 0
    at: datetime
    staff_id: int | None
    username: str = ""
    what: What
    changes: Sequence[Change] = ()


def differing(old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    """Return the changes between two states, told field by field."""
    return [
        change(name, text, new[name]) for name, text in old.items() if text != new[name]
    ]


def taxes(rates: Iterable[TaxRate]) -> str:
    """Spell taxes: "VAT 20 %, QST 9.975 % compound"."""
    return ", ".join(
        f"{each.name} {number(each.percent)} %" + (" compound" if each.compound else "")
        for each in rates
    )


def discounts(of: Iterable[Discount]) -> str:
    """Spell discounts: "Partner 10 %, Voucher 25"."""
    return ", ".join(map(_discount, of))


def _discount(of: Discount) -> str:
    if of.percent is not None:
        return f"{of.name} {number(of.percent)} %"
    return f"{of.name} {number(of.amount or ZERO)}"


def of_lines(before: tuple[Line, ...], after: tuple[Line, ...]) -> list[Change]:
    """Return what differs, by the number of the line: of the new list, if it is there.

    A line is known again by its id; where one without took the place of one that is
    gone, it counts as that one changed.
    """
    old = {line.line_id: (place, line) for place, line in enumerate(before, 1)}
    found: list[tuple[int, str, str]] = []
    added: dict[int, str] = {}
    order = []
    for place, line in enumerate(after, 1):
        if line.line_id not in old:
            added[place] = _line(line)
            continue
        former_place, former = old.pop(line.line_id)
        order.append(former_place)
        if line != former:
            found.append((place, _line(former), _line(line)))
    found += [
        (place, _line(line), added.pop(place, "")) for place, line in old.values()
    ]
    found += [(place, "", text) for place, text in added.items()]
    told = [
        change(f"lines/line[{place}]", was, now, LINE_MAX)
        for place, was, now in sorted(found)
    ]
    if order != sorted(order):
        told.append(change("lines", _listed(sorted(order)), _listed(order)))
    return _bounded(told)


def _bounded(told: list[Change]) -> list[Change]:
    if len(told) <= LINES_MAX:
        return told
    more = len(told) - LINES_MAX
    return [*told[:LINES_MAX], Change("lines", "", f"... and {more} more")]


def _line(line: Line) -> str:
    """Return a line in words: "2 x 40 Hosting, VAT 20 %: by the month"."""
    own = (
        (line.tax1_name, line.tax1_percent),
        (line.tax2_name, line.tax2_percent),
    )
    cost = f"{number(line.quantity)} x {number(line.unit_cost)}"
    if line.percent is not None:
        cost = f"{number(line.percent)} %"
    told = [
        f"{cost} {line.name}".rstrip(),
        *(f"{name} {number(rate)} %".lstrip() for name, rate in own if name or rate),
        *([] if line.type == "Item" else [line.type]),
        *([] if line.taxable else ["not taxable"]),
        *([f"from {day(line.start_on)}"] if line.start_on else []),
        *([f"to {day(line.end_on)}"] if line.end_on else []),
        *([f"in {line.group}"] if line.group else []),
    ]
    text = ", ".join(told)
    return f"{text}: {line.description}" if line.description else text


def change(field: str, old: str, new: str, most: int = TEXT_MAX) -> Change:
    """Return a change as it is written down: bounded, without numbers of cards."""
    return Change(field, _kept(old, most), _kept(new, most))


def _kept(text: str, most: int) -> str:
    """Return a text as it is written down: bounded, and without numbers of cards.

    Where one was typed into the notes it can be taken out of them, but not out of here.
    """
    text = masked(text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def masked(text: str) -> str:
    """Return a text with masks for the numbers of cards in it."""
    return _LONG_NUMBER.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    try:
        return CardNumber.parse(found[0]).masked
    except InvalidValueError:
        return found[0]


def number(value: Decimal) -> str:
    """Spell a number."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def flag(*, value: bool) -> str:
    """Spell a yes or no."""
    return "1" if value else "0"


def day(on: date | None) -> str:
    """Spell a day; empty for none."""
    return "" if on is None else on.isoformat()


def _listed(places: Iterable[int]) -> str:
    return ", ".join(map(str, places))
