"""The history of profiles: what was changed in each, told in texts that stay.

A field has the name of its element, a value is spelled as an answer spells it. What was
written down once is never read as anything but text, so that a rule, a currency or a
line of today need not be understood by a later edition.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.domain import frequency
from app.domain.autobill import Autobill, CardGiven, CardKept
from app.domain.card import CardNumber
from app.domain.errors import InvalidValueError
from app.domain.line import Line
from app.domain.recurring import Profile, ProfileState
from app.domain.schedule import Dates

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


@dataclass(frozen=True, slots=True)
class Change:
    """A field with its value before and after; both are empty where it is secret."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a profile.

    `client_id` is whose the profile was, None where it went from one client to another.
    `number` is 0 until it is stored. `staff_id` is None, and `username` empty, for what
    the server did by itself.
    """

    recurring_id: int
    client_id: int | None
    number: int = 0
    at: datetime
    staff_id: int | None
    username: str = ""
    what: What
    changes: Sequence[Change] = ()


# What the server changes by itself when it has billed the last date.
COMPLETED = (Change("state", ProfileState.ACTIVE, ProfileState.COMPLETED),)


def changes(before: Profile, after: Profile) -> list[Change]:
    """Return what differs between two states of a profile, but for its card."""
    old, new = _told(before), _told(after)
    found = [
        _change(name, text, new[name])
        for name, text in old.items()
        if text != new[name]
    ]
    if after.lines != before.lines:
        found += _of_lines(before.lines, after.lines)
    return found


def moved(found: Iterable[Change]) -> bool:
    """Whether the profile went from one client to another."""
    return any(change.field == "client_id" for change in found)


def billed(before: Profile, after: Profile, invoice_id: int) -> list[Change]:
    """Return what a request changed that had an invoice issued."""
    return [Change("invoice_id", "", str(invoice_id)), *changes(before, after)]


def attachment(old: str, new: str) -> list[Change]:
    """Return what is told of a file that came or went, by its name."""
    return [_change("attachments/attachment", old, new)]


def parked(reason: str) -> list[Change]:
    """Return what is told of a profile whose billing failed, by its parked reason."""
    return [_change("parked", "", _kind(reason))]


def card(gateway_name: str, number: str) -> str:
    """Return what is told of a card: its gateway and its mask, or that it has none."""
    return f"{gateway_name} {number or '(unreadable)'}"


def of_card(
    old: str, stored: Autobill | None, change: CardGiven | CardKept
) -> list[Change]:
    """Return what a request changed of a card, `old` being what was told of it.

    A card that was given is told of even where its mask is that of the former. Of a
    stored one's holder and expiry it is told that they were changed, and no more.
    """
    if isinstance(change, CardGiven):
        new = card(change.gateway_name, change.card.number.masked)
        return [Change("autobill", old, new)]
    if stored is None:
        raise ValueError("there is no card to keep")
    found = []
    if change.gateway_name != stored.gateway_name:
        new = card(change.gateway_name, stored.card.number)
        found.append(Change("autobill", old, new))
    if change.name != stored.card.name:
        found.append(Change("autobill/card/name", "", ""))
    if change.expiration != stored.card.expiration:
        found.append(Change("autobill/card/expiration", "", ""))
    return found


def _told(profile: Profile) -> dict[str, str]:
    """Return the fields of a profile as texts, but for its lines and its card."""
    of = profile.schedule
    rule = of.rule
    buffer_days = rule.buffer_days if isinstance(rule, Dates) else 0
    anchor_on = None if of.anchor_on == profile.start_on else of.anchor_on
    return {
        "client_id": str(profile.client_id),
        "contacts": ", ".join(map(str, profile.contacts)),
        **asdict(profile.bill_to),
        "state": profile.shown_state,
        "folder": profile.folder,
        "frequency": frequency.words(rule),
        "date": _day(profile.start_on),
        "occurrences": str(of.occurrences),
        "schedule/start_date": _day(anchor_on),
        "schedule/buffer_days": str(buffer_days),
        "schedule/end_date": _day(of.end_on),
        "next_issue_date": _day(of.next_on),
        "use_new_day": _flag(value=of.use_new_day),
        "last_invoice_date": _day(of.last_billed_on),
        "po_number": profile.po_number,
        "currency_code": profile.currency_code,
        "language": profile.language,
        "notes": profile.notes,
        "terms": profile.terms,
        "discount": _number(profile.discount),
        "return_uri": profile.return_uri,
        "send_snail_mail": _flag(value=profile.send_snail_mail),
        "send_email": _flag(value=profile.send_email),
        "title": profile.title,
        "due_days": str(profile.due_days),
        "invoice_status": profile.invoice_status,
        "autopay": _flag(value=profile.autopay),
        "send_receipt": profile.send_receipt,
        "attributes": ", ".join(f"{a.name}: {a.value}" for a in profile.attributes),
        "billing_model_id": str(profile.billing_model_id or ""),
        "parked": _kind(profile.parked_reason),
    }


def _of_lines(before: tuple[Line, ...], after: tuple[Line, ...]) -> list[Change]:
    """Return what differs, by the number of the line: of the new list, if it is there.

    A line is known again by its id; where one without took the place of one that is
    gone, it counts as that one changed.
    """
    old = {line.line_id: (number, line) for number, line in enumerate(before, 1)}
    found: list[tuple[int, str, str]] = []
    added: dict[int, str] = {}
    order = []
    for number, line in enumerate(after, 1):
        if line.line_id not in old:
            added[number] = _line(line)
            continue
        former_number, former = old.pop(line.line_id)
        order.append(former_number)
        if line != former:
            found.append((number, _line(former), _line(line)))
    found += [
        (number, _line(line), added.pop(number, "")) for number, line in old.values()
    ]
    found += [(number, "", text) for number, text in added.items()]
    told = [
        _change(f"lines/line[{number}]", was, now, LINE_MAX)
        for number, was, now in sorted(found)
    ]
    if order != sorted(order):
        told.append(_change("lines", _listed(sorted(order)), _listed(order)))
    return _bounded(told)


def _bounded(told: list[Change]) -> list[Change]:
    if len(told) <= LINES_MAX:
        return told
    more = len(told) - LINES_MAX
    return [*told[:LINES_MAX], Change("lines", "", f"... and {more} more")]


def _line(line: Line) -> str:
    """Return a line in words: "2 x 40 Hosting, VAT 20 %: by the month"."""
    taxes = (
        (line.tax1_name, line.tax1_percent),
        (line.tax2_name, line.tax2_percent),
    )
    told = [
        f"{_number(line.quantity)} x {_number(line.unit_cost)} {line.name}".rstrip(),
        *(f"{name} {_number(rate)} %".lstrip() for name, rate in taxes if name or rate),
        *([] if line.type == "Item" else [line.type]),
    ]
    text = ", ".join(told)
    return f"{text}: {line.description}" if line.description else text


def _change(field: str, old: str, new: str, most: int = TEXT_MAX) -> Change:
    return Change(field, _kept(old, most), _kept(new, most))


def _kept(text: str, most: int) -> str:
    """Return a text as it is written down: bounded, and without numbers of cards.

    Where one was typed into the notes it can be taken out of them, but not out of here.
    """
    text = _LONG_NUMBER.sub(_masked, text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _masked(found: re.Match[str]) -> str:
    try:
        return CardNumber.parse(found[0]).masked
    except InvalidValueError:
        return found[0]


def _kind(parked_reason: str) -> str:
    """Return the kind of error of a parked reason, which begins with the date."""
    return parked_reason.rpartition(" ")[2]


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _number(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _flag(*, value: bool) -> str:
    return "1" if value else "0"


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
