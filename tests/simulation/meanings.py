"""What requests mean for the books, by docs/compatibility.md, rows 12 to 18."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from tests.simulation.books import Profile, Request

Apply = Callable[[Request, int, date], None]

_OF_PROFILE = "SELECT recurring_id FROM recurring WHERE account_id = :account AND "
_OF_CLIENT = "SELECT client_id FROM client WHERE account_id = :account AND "
_OF_LINE = "SELECT recurring_id FROM recurring_line WHERE account_id = :account AND "
_NO_LINE = (
    ":line NOT IN (SELECT line_id FROM recurring_line WHERE account_id = :account)"
)
# How the database shows that a request has been carried out.
EFFECTS = {
    "client.create": _OF_CLIENT + "organization = :tag",
    "client.update": _OF_CLIENT + "organization = :tag",
    "client.delete": _OF_CLIENT + "client_id = :target AND folder = 'deleted'",
    "recurring.create": _OF_PROFILE + "notes = :tag",
    "recurring.update": _OF_PROFILE + "notes = :tag",
    "recurring.delete": _OF_PROFILE + "recurring_id = :target AND folder = 'deleted'",
    "recurring.lines.add": _OF_LINE + "name = :tag",
    "recurring.lines.update": _OF_LINE + "name = :tag",
    "recurring.lines.delete": _OF_PROFILE + "recurring_id = :target AND " + _NO_LINE,
}
# What leaves a profile with other lines.
OF_LINES = frozenset(
    [
        "recurring.create",
        "recurring.update",
        "recurring.lines.add",
        "recurring.lines.update",
        "recurring.lines.delete",
    ]
)


def is_moot(request: Request) -> bool:
    """Whether what a request would bring about was so already, by another's doing."""
    books = request.books
    profile = books.profiles.get(request.target)
    if request.kind == "client.delete":
        return request.target in books.gone
    if request.kind == "recurring.delete" and profile is not None:
        return profile.deleted
    if request.kind == "recurring.lines.delete" and profile is not None:
        return request.line_id not in [line.line_id for line in profile.lines]
    return False


def may_refuse(request: Request, code: int) -> bool:
    """Whether a refusal has a reason."""
    books = request.books
    profile = books.profiles.get(request.target)
    clients = request.kind.startswith("client") or request.kind == "recurring.create"
    if code == 50010:
        named = request.fields.get("client_id", request.target if clients else 0)
        gone = named in books.gone
        if clients or profile is None:
            return gone
        lines = [line.line_id for line in profile.lines]
        return gone or profile.deleted or request.line_id not in [0, *lines]
    if code == 40060:
        on = request.fields.get("date", date.max)
        past = any(on < day for day in (*request.days, *books.clocks))
        every = books.profiles.values()
        mine = [p for p in every if p.client_id == request.target]
        # A page of profiles with a spoilt one among them is refused as a whole; it may
        # have been mended since.
        spoilt = mine if clients else [profile] if profile else every
        return past or any(p.spoiled for p in spoilt)
    return code == 50020 and request.kind != "recurring.create"


def _create_client(request: Request, found: int, _today: date) -> None:
    request.books.clients[found] = request.tag


def _update_client(request: Request, found: int, _today: date) -> None:
    request.books.clients[found] = request.tag


def _delete_client(request: Request, found: int, today: date) -> None:
    books = request.books
    books.gone.add(found)
    for profile in books.profiles.values():
        if profile.client_id == found:
            profile.before(today)
            profile.resting = True


def _create(request: Request, found: int, today: date) -> None:
    books = request.books
    fields = request.fields
    books.profiles[found] = Profile(
        client_id=request.target,
        organization=books.clients[request.target],
        notes=request.tag,
        start_on=fields.get("date", today),
        frequency=fields.get("frequency", "m"),
        occurrences=fields.get("occurrences", 0),
        discount=fields.get("discount", "0"),
        currency=books.currency,
        lines=request.lines or [],
        since=today,
        state="paused" if fields.get("stopped") else "active",
        carded="autobill" in fields,
    )


def _update(request: Request, found: int, today: date) -> None:
    books = request.books
    fields = request.fields
    profile = books.profiles[found]
    profile.before(today)
    revived = profile.state == "active" and profile.next_on is None
    former = _schedule(profile)
    profile.notes = request.tag
    profile.parked = False
    profile.client_id = fields.get("client_id", profile.client_id)
    profile.start_on = fields.get("date", profile.start_on)
    profile.frequency = fields.get("frequency", profile.frequency)
    profile.occurrences = fields.get("occurrences", profile.occurrences)
    profile.discount = fields.get("discount", profile.discount)
    stopped = profile.state != "active"
    if fields.get("stopped", stopped) != stopped:
        profile.state = "active" if stopped else "paused"
    if request.lines is not None:
        profile.lines = request.lines
    if revived or _schedule(profile) != former:
        profile.reschedule(today)
    if profile.client_id in books.gone:
        profile.resting = True


def _delete(request: Request, found: int, today: date) -> None:
    profile = request.books.profiles[found]
    profile.before(today)
    profile.deleted = True
    profile.carded = False


def _add_lines(request: Request, found: int, today: date) -> None:
    profile = _touched(request, found, today)
    profile.lines = [*profile.lines, *(request.lines or [])]


def _update_line(request: Request, found: int, today: date) -> None:
    profile = _touched(request, found, today)
    cost = request.fields["unit_cost"]
    profile.lines = [
        replace(line, name=request.tag, unit_cost=cost)
        if line.line_id == request.line_id
        else line
        for line in profile.lines
    ]


def _delete_line(request: Request, found: int, today: date) -> None:
    profile = _touched(request, found, today)
    profile.lines = [line for line in profile.lines if line.line_id != request.line_id]


def _touched(request: Request, found: int, today: date) -> Profile:
    profile = request.books.profiles[found]
    profile.before(today)
    profile.parked = False
    return profile


def _schedule(profile: Profile) -> tuple[Any, ...]:
    return (profile.frequency, profile.start_on, profile.occurrences, profile.state)


APPLY: dict[str, Apply] = {
    "client.create": _create_client,
    "client.update": _update_client,
    "client.delete": _delete_client,
    "recurring.create": _create,
    "recurring.update": _update,
    "recurring.delete": _delete,
    "recurring.lines.add": _add_lines,
    "recurring.lines.update": _update_line,
    "recurring.lines.delete": _delete_line,
}
