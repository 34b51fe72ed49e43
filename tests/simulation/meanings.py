"""What requests mean for the books, and when they are refused.

Of the methods of old, docs/compatibility.md tells. Of a profile's states and what leads
from one to another, the source is part A.3 of the model for all five source systems; of
what an update leaves alone, part B.1.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from app.services.issuing import CATCH_UP_MAX
from tests.simulation import rhythm as rules
from tests.simulation.books import Profile, Request
from tests.simulation.rhythm import OnDates, OnDays, OnWeekday, Rhythm, Rule

Apply = Callable[[Request, int, date], None]
Command = Callable[[Request, Profile, date], None]


class Refused(Exception):  # noqa: N818 - it is an answer
    """A request is refused, with a code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"it is to be refused with {code}")
        self.code = code


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
_OF_INVOICE = "SELECT invoice_id FROM invoice WHERE account_id = :account AND "
_OF_PAYMENT = "SELECT payment_id FROM payment WHERE account_id = :account AND "
# The same of what changes no profile; what it means is checked of all there is.
OF_MONEY = {
    "invoice.create": _OF_INVOICE + "notes = :tag",
    "invoice.update": _OF_INVOICE + "notes = :tag",
    "invoice.delete": _OF_INVOICE + "invoice_id = :target AND folder = 'deleted'",
    "invoice.issue": _OF_INVOICE + "invoice_id = :target AND unpaid_status <> 'draft'",
    "invoice.lines.add": "SELECT invoice_id FROM invoice_line "
    "WHERE account_id = :account AND name = :tag",
    "payment.create": _OF_PAYMENT + "notes = :tag",
    "payment.update": _OF_PAYMENT + "notes = :tag",
    "payment.delete": _OF_PAYMENT + "payment_id = :target AND folder = 'deleted'",
}
EFFECTS |= OF_MONEY
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
    if request.kind in OF_MONEY:
        return _is_settled(request)
    if request.kind == "recurring.delete" and profile is not None:
        return profile.deleted
    if request.kind == "recurring.lines.delete" and profile is not None:
        return request.line_id not in [line.line_id for line in profile.lines]
    return False


def _is_settled(request: Request) -> bool:
    bill = request.books.bills.get(request.target)
    payment = request.books.payments.get(request.target)
    return (
        (request.kind == "invoice.delete" and bill is not None and bill.gone)
        or (
            request.kind == "invoice.issue" and bill is not None and bill.own != "draft"
        )
        or (request.kind == "payment.delete" and payment is not None and payment.gone)
    )


def bills_now(request: Request) -> bool:
    """Whether a request bills its day, due or not."""
    said = request.fields.get("schedule", {})
    return request.kind == "recurring.billNow" or bool(said.get("bill_now"))


def outcome(request: Request) -> str:
    """Return what a request has nothing to do for where it is so already."""
    if request.kind == "recurring.pause":
        return "paused"
    fields = request.fields
    return str((fields.get("date"), fields.get("use_new_day")))


def may_refuse(request: Request, code: int) -> bool:
    """Whether a refusal has a reason."""
    books = request.books
    profile = books.profiles.get(request.target)
    clients = request.kind.startswith("client") or request.kind == "recurring.create"
    if code in request.refused or request.kind in OF_MONEY:
        return code in request.refused or _may_refuse_money(request, code)
    if code == 50010:
        return _is_missing(request, profile, clients=clients)
    if code == 50020:
        return profile is not None and _is_far_behind(profile, request.todays)
    return code == 40060 and (
        _leaves_its_card_behind(request, profile)
        or _is_spoilt(request, profile, clients=clients)
    )


def _is_missing(request: Request, profile: Profile | None, *, clients: bool) -> bool:
    """Whether what a request names is gone."""
    gone = request.books.gone
    named = request.fields.get("client_id", request.target if clients else 0)
    if named in gone or clients or profile is None:
        return named in gone
    lines = [line.line_id for line in profile.lines]
    return profile.deleted or request.line_id not in [0, *lines]


def _is_spoilt(request: Request, profile: Profile | None, *, clients: bool) -> bool:
    """Whether a clock would go back, or a row that the disk spoilt is in the way."""
    books = request.books
    if request.kind == "clock.set":
        return any(request.fields["date"] < day for day in books.clocks)
    every = books.profiles.values()
    mine = [p for p in every if p.client_id == request.target]
    # A page of profiles with a spoilt one among them is refused as a whole; it may
    # have been mended since.
    spoilt = mine if clients else [profile] if profile else every
    return any(p.spoiled for p in spoilt)


def _is_far_behind(profile: Profile, todays: list[date]) -> bool:
    """Whether more dates are waiting than one request passes over."""
    if not todays:
        return False
    ahead = profile.copy()
    ahead.catch_up(max(todays))
    passed = len(ahead.passed) - len(profile.passed)
    billed = len(ahead.rhythm.billed) - len(profile.rhythm.billed)
    return passed + billed >= CATCH_UP_MAX


def _leaves_its_card_behind(request: Request, profile: Profile | None) -> bool:
    """Whether a profile with a card goes to another client without a new one."""
    if request.kind != "recurring.update" or profile is None or not profile.card:
        return False
    fields = request.fields
    moved = fields.get("client_id", profile.client_id) != profile.client_id
    return moved and "autobill" not in fields


def _may_refuse_money(request: Request, code: int) -> bool:
    """Whether an invoice or a payment may be refused: it is gone, paid, or used up."""
    if code == 50010:
        return _is_gone(request)
    return code == 50020 and _is_bound(request)


def _is_gone(request: Request) -> bool:
    books, fields = request.books, request.fields
    if request.kind in ("payment.update", "payment.delete"):
        return books.payments[request.target].gone
    bill = books.bills.get(fields.get("invoice_id", request.target))
    return fields.get("client_id") in books.gone or (bill is not None and bill.gone)


def _is_bound(request: Request) -> bool:
    """Whether money, or what has become of it, forbids what is asked."""
    books, fields = request.books, request.fields
    if request.kind == "payment.create":
        return {"client_id", "invoice_id"} <= fields.keys()
    if request.kind.startswith("payment."):
        return any(payment.from_credit for payment in books.payments.values())
    if request.kind == "invoice.issue":
        return books.bills[request.target].own != "draft"
    return request.target in books.paid_ever


def refusal(request: Request, today: date) -> int:
    """Return what a request would be refused with as things are; 0 if it would not."""
    books = request.books
    profile = books.profiles.get(request.target)
    try:
        if request.kind == "recurring.create":
            if request.target not in books.gone:
                _made(request, today)
        elif request.kind in COMMANDS and profile is not None and not profile.deleted:
            profile = profile.copy()
            profile.catch_up(today)
            COMMANDS[request.kind](request, profile, today)
    except Refused as refused:
        return refused.code
    return 0


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
    request.books.profiles[found] = _made(request, today)


def _made(request: Request, today: date) -> Profile:
    """Return the profile that is asked for."""
    books, fields = request.books, request.fields
    rhythm = _begun(request, today)
    profile = Profile(
        client_id=request.target,
        organization=books.clients[request.target],
        notes=request.tag,
        shown_on=fields.get("date", rhythm.next_on or rhythm.first),
        rhythm=rhythm,
        discount=fields.get("discount", "0"),
        currency=books.currency,
        lines=request.lines or [],
        state="paused" if fields.get("stopped") else "active",
        autopay=fields.get("autopay", True),
        receipt=fields.get("send_receipt", "always"),
        due_days=fields.get("due_days", 0),
        status=fields.get("invoice_status", "sent"),
        posted=fields.get("send_snail_mail", False),
    )
    _put_card(request, profile, today)
    paused = profile.state == "paused"
    if bills_now(request) and (paused or not profile.bills(today)):
        raise Refused(40060)
    profile.settle()
    return profile


def _put_card(request: Request, profile: Profile, today: date) -> None:
    """Take the card that a request names, or none in its place."""
    if "autobill" not in request.fields:
        return
    card = request.fields["autobill"]
    if card is None:
        profile.card = ""
        return
    profile.card, profile.expires_on = card
    if profile.expired(today):
        raise Refused(40060)


def _begun(request: Request, today: date) -> Rhythm:
    fields = request.fields
    said = fields.get("schedule", {})
    first = fields.get("date", today)
    if first < today:
        raise Refused(40060)
    start = said.get("start_date", first)
    first = fields.get("date", max(start, today))
    rule = _chosen(said, None, today)
    if rule is None:
        rule = rules.named(fields.get("frequency", "m"), first)
    occurrences = fields.get("occurrences", 0)
    if rules.is_once(rule):
        if occurrences > 1:
            raise Refused(40060)
        occurrences = 1
    end = said.get("end_date")
    if end is not None and end < max(start, today):
        raise Refused(40060)
    whole = replace(rule, buffer=0) if isinstance(rule, OnDates) else rule
    if rules.from_day(whole, start, first) is None:
        raise Refused(40060)
    return Rhythm(
        rule=rule,
        start=start,
        first=first,
        since=today,
        end=end,
        occurrences=occurrences,
    )


def _chosen(said: dict[str, Any], old: Rule | None, today: date) -> Rule | None:
    """Return the rule that a schedule's days, weekday or dates make; None if none."""
    rule: Rule | None = said.get("rule")
    if said.get("twice"):
        rule = rules.twice_a_month(today)
    if isinstance(rule, OnDays | OnWeekday):
        every = old.every if isinstance(old, OnDays | OnWeekday) else 1
        return replace(rule, every=said.get("every", every))
    if isinstance(rule, OnDates):
        buffer = old.buffer if isinstance(old, OnDates) else 0
        return replace(rule, buffer=said.get("buffer_days", buffer))
    return rule


def _update(request: Request, profile: Profile, today: date) -> None:
    books, fields = request.books, request.fields
    revived = profile.state == "active" and profile.next_on is None
    former = (profile.state, profile.rhythm.said)
    stopped = profile.shown_state != "active"
    if fields.get("stopped", stopped) != stopped:
        if profile.archived:
            raise Refused(50020)
        profile.state = "active" if stopped else "paused"
    _follow(request, profile, today)
    profile.shown_on = fields.get("date", profile.shown_on)
    profile.notes = request.tag
    profile.client_id = fields.get("client_id", profile.client_id)
    profile.discount = fields.get("discount", profile.discount)
    profile.status = fields.get("invoice_status", profile.status)
    profile.posted = fields.get("send_snail_mail", profile.posted)
    profile.autopay = fields.get("autopay", profile.autopay)
    profile.receipt = fields.get("send_receipt", profile.receipt)
    profile.due_days = fields.get("due_days", profile.due_days)
    _put_card(request, profile, today)
    if request.lines is not None:
        profile.lines = request.lines
    profile.resting = False
    if revived or (profile.state, profile.rhythm) != former:
        profile.reschedule(today)
    profile.resting = profile.client_id in books.gone


def _follow(request: Request, profile: Profile, today: date) -> None:
    """Change a profile's rhythm as far as a request says something new of it."""
    fields, rhythm = request.fields, profile.rhythm
    said = fields.get("schedule", {})
    day = fields.get("date", profile.shown_on)
    moved = day != profile.shown_on
    if moved and day < today:
        raise Refused(40060)
    rule = _chosen(said, rhythm.rule, today)
    if rule is None:
        rule = _renamed(fields, rhythm.rule, max(day, today))
    if moved and rules.is_once(rule):
        rule = OnDates(full=frozenset([day]))
    start = said.get("start_date", day if moved else rhythm.start)
    end = said.get("end_date", rhythm.end)
    if end is not None and end < start and (end, start) != (rhythm.end, rhythm.start):
        raise Refused(40060)
    was_once = rules.is_once(rhythm.rule)
    rhythm.end = end
    rhythm.occurrences = fields.get("occurrences", rhythm.occurrences)
    if rules.is_once(rule) and (moved or not was_once):
        rhythm.occurrences = len(rhythm.billed) + 1
    elif was_once and not rules.is_once(rule):
        rhythm.occurrences = fields.get("occurrences", 0)
    if moved or (rule, start) != (rhythm.rule, rhythm.start):
        rhythm.follow(rule, start, day if moved else None)


def _renamed(fields: dict[str, Any], old: Rule, day: date) -> Rule:
    """Return the rule of a frequency, unless it is the one that is shown (B.1, 4)."""
    if "frequency" not in fields:
        return old
    rule = rules.named(fields["frequency"], day)
    if fields.get("schedule") == {}:
        # An empty element says that there is nothing but the frequency.
        return rule
    both_once = rules.is_once(rule) and rules.is_once(old)
    return old if rule in (old, rules.shown(old)) or both_once else rule


def _pause(_request: Request, profile: Profile, _today: date) -> None:
    if profile.shown_state not in ("active", "paused"):
        raise Refused(50020)
    profile.state = "paused"


def _resume(request: Request, profile: Profile, today: date) -> None:
    if profile.shown_state != "paused":
        raise Refused(50020)
    profile.state = "active"
    profile.reschedule(today)
    profile.resting = profile.client_id in request.books.gone


def _archive(_request: Request, profile: Profile, _today: date) -> None:
    if profile.archived:
        raise Refused(50020)
    profile.archived = True


def _restore(request: Request, profile: Profile, today: date) -> None:
    if not profile.archived:
        raise Refused(50020)
    profile.archived = False
    profile.reschedule(today)
    profile.resting = profile.client_id in request.books.gone


def _change_date(request: Request, profile: Profile, today: date) -> None:
    to = request.fields["date"]
    gone = profile.client_id in request.books.gone
    if gone or profile.shown_state not in ("active", "paused"):
        raise Refused(50020)
    if to < today or to <= profile.rhythm.last or not profile.bills(to):
        raise Refused(40060)
    profile.rhythm.move(to, stays=request.fields["use_new_day"])
    profile.settle()


def _skip(_request: Request, profile: Profile, _today: date) -> None:
    """Skip the next invoice; dates without one are passed with it."""
    wanted = profile.next_invoice_on
    if wanted is None:
        raise Refused(50020)
    while profile.next_on != wanted:
        profile.rhythm.skip()
    profile.rhythm.skip()
    profile.settle()


def _bill_now(_request: Request, profile: Profile, today: date) -> None:
    """Check that it may; the invoice itself is looked for like any other."""
    if profile.next_on is None or profile.parked or today <= profile.rhythm.last:
        raise Refused(50020)
    if not profile.bills(today):
        raise Refused(50020)


def _delete(request: Request, found: int, today: date) -> None:
    profile = request.books.profiles[found]
    profile.before(today)
    profile.deleted, profile.card = True, ""


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


def _command(request: Request, found: int, today: date) -> None:
    """Do what is asked of a profile."""
    COMMANDS[request.kind](request, _touched(request, found, today), today)


# What may be refused by what the profile is.
COMMANDS: dict[str, Command] = {
    "recurring.update": _update,
    "recurring.pause": _pause,
    "recurring.resume": _resume,
    "recurring.archive": _archive,
    "recurring.restore": _restore,
    "recurring.changeDate": _change_date,
    "recurring.skip": _skip,
    "recurring.billNow": _bill_now,
}
# They leave no mark of the request, but another row of its profile.
UNMARKED = frozenset(COMMANDS) - {"recurring.update"}
APPLY: dict[str, Apply] = {
    "client.create": _create_client,
    "client.update": _update_client,
    "client.delete": _delete_client,
    "recurring.create": _create,
    **dict.fromkeys(COMMANDS, _command),
    "recurring.delete": _delete,
    "recurring.lines.add": _add_lines,
    "recurring.lines.update": _update_line,
    "recurring.lines.delete": _delete_line,
}
