"""The requests that API clients make up, from what the ledger knows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.simulation import rhythm, schedules
from tests.simulation.bank import CARDS, GOOD
from tests.simulation.books import Books, Profile, Request
from tests.simulation.oracle import Line
from tests.simulation.rhythm import DAY
from tests.simulation.scheduler import Actor
from tests.simulation.world import World

# How often each kind of request is made.
KINDS = {
    "recurring.create": 7,
    "recurring.update": 10,
    "recurring.delete": 1,
    "recurring.pause": 3,
    "recurring.resume": 3,
    "recurring.archive": 1,
    "recurring.restore": 2,
    "recurring.changeDate": 5,
    "recurring.skip": 3,
    "recurring.billNow": 4,
    "recurring.lines.add": 2,
    "recurring.lines.update": 2,
    "recurring.lines.delete": 2,
    "client.create": 1,
    "client.update": 1,
    "client.delete": 1,
    "clock.set": 2,
    "recurring.list": 1,
    "recurring.get": 1,
    "invoice.list": 1,
    "system.current": 1,
}

# The states of profiles that can do what is asked of them.
_STATES = {
    "recurring.pause": "active",
    "recurring.resume": "paused",
    "recurring.archive": "active",
    "recurring.restore": "archived",
    "recurring.changeDate": "active",
    "recurring.skip": "active",
    "recurring.billNow": "active",
}

_CARD = (
    "<autobill><gateway_name>{gateway}</gateway_name><card>"
    "<number>{number}</number><name>Ada Byron</name>"
    "<expiration><month>{month}</month><year>{year}</year></expiration></card>"
    "</autobill>"
)
_GATEWAYS = ("PayPal Payflow Pro", "Authorize.Net")


class Writer:
    """Writes one client's requests."""

    def __init__(self, world: World, actor: Actor) -> None:
        self._world = world
        # Not the scheduler's, so that what is asked stays what it is when the product
        # needs a statement more.
        self._draw = Random(f"requests {world.seed} {actor.name}")
        self._name = actor.name
        self._count = 0
        # Where it is about cards, schedules stay as they are.
        self._plain = world.carded > 0.5

    def request(self, kind: str) -> Request | None:
        """Return a request of a kind; None where there is nothing to ask it of."""
        world, draw = self._world, self._draw
        self._count += 1
        # Half of the time the accounts that the others work on, too.
        books = draw.choice(world.addressed(few=draw.random() >= 0.5))
        if kind == "clock.set":
            books = world.books[-1]
        request = Request(
            books=books, kind=kind, tag=f"{self._name}.{self._count}", body=b""
        )
        if kind.startswith("recurring.") and kind not in (
            "recurring.create",
            "recurring.list",
        ):
            if not books.profiles:
                request.kind = kind = "recurring.create"
            else:
                request.target = self._a_profile(books, kind)
        if kind == "recurring.update":
            # Somebody notices, sooner or later.
            spoilt = [key for key, of in books.profiles.items() if of.poisoned]
            request.target = draw.choice(spoilt) if spoilt else request.target
        content = _CONTENTS.get(kind, Writer._nothing)(self, request)
        if content is None:
            return None
        request.body = f'<request method="{kind}">{content}</request>'.encode()
        return request

    def _nothing(self, _request: Request) -> str:
        return ""

    def _id(self, request: Request) -> str:
        return f"<recurring_id>{request.target}</recurring_id>"

    def _a_profile(self, books: Books, kind: str) -> int:
        """Return any profile, more often than not one that can do what is asked."""
        wanted = _STATES.get(kind)
        able = [
            key
            for key, of in books.profiles.items()
            if of.shown_state == wanted and not of.deleted
        ]
        use = able and self._draw.random() < 0.8
        return self._draw.choice(able if use else list(books.profiles))

    def _a_client(self, books: Books) -> int:
        alive = [client for client in books.clients if client not in books.gone]
        return self._draw.choice(alive or list(books.clients))

    def _new_client(self, request: Request) -> str:
        return (
            "<client><email>b@loom.test</email>"
            f"<organization>{request.tag}</organization>"
            "<contacts><contact><email>c@loom.test</email></contact></contacts></client>"
        )

    def _changed_client(self, request: Request) -> str:
        request.target = self._a_client(request.books)
        return (
            f"<client><client_id>{request.target}</client_id>"
            f"<organization>{request.tag}</organization></client>"
        )

    def _deleted_client(self, request: Request) -> str:
        request.target = self._a_client(request.books)
        return f"<client_id>{request.target}</client_id>"

    def _new_profile(self, request: Request) -> str:
        books, draw = request.books, self._draw
        request.target = self._a_client(books)
        today = self._world.day_of(books)
        wish: dict[str, Any] = {"frequency": draw.choice(["w", "2w", "m", "m"])}
        plain = self._plain and draw.random() < 0.6
        fields = request.fields = wish if plain else schedules.wished(draw, today)
        # Not so often that there are thousands of invoices.
        often = schedules.is_often(fields)
        limits = [1, 2, 5, 8] if often else [0, 0, 1, 12]
        fields["occurrences"] = draw.choice(limits)
        said = {**fields.get("schedule", {}), **self._bounds(today)}
        # Some have only a start, and no first date of their own.
        if not said or draw.random() < 0.6:
            fields["date"] = self._start(books)
        if draw.random() < 0.2:
            said["bill_now"] = 1
        if said:
            fields["schedule"] = said
        if draw.random() < 0.1:
            request.fields["stopped"] = True
        if draw.random() < self._world.carded:
            request.fields["autobill"] = self._card(today)
            request.fields |= self._collecting()
        if draw.random() < 0.15:
            request.fields["invoice_status"] = "draft"
        if draw.random() < 0.15:
            request.fields["send_snail_mail"] = True
        request.lines = self._lines(request)
        return (
            f"<recurring><client_id>{request.target}</client_id>"
            f"{self._fields(request)}</recurring>"
        )

    def _changed_profile(self, request: Request) -> str:
        books, draw = request.books, self._draw
        profile = books.profiles[request.target]
        today = self._world.day_of(books)
        choices: dict[str, Any] = {
            "date": draw.choice([profile.shown_on, self._start(books)]),
            # What bills often goes on doing so, but not for ever.
            "occurrences": draw.choice([0, 1, 3, 12])
            if profile.rhythm.rule.length > 28
            else draw.randrange(1, 9),
            "discount": draw.choice(["0", "10", "33.333"]),
            "stopped": draw.random() < 0.5,
            "client_id": self._a_client(books),
            "invoice_status": draw.choice(["draft", "sent"]),
            "send_snail_mail": draw.random() < 0.5,
        }
        names = draw.sample(sorted(choices), draw.randrange(3))
        request.fields = {name: choices[name] for name in names}
        if draw.random() < self._world.carded:
            removed = draw.random() < 0.1
            request.fields["autobill"] = None if removed else self._card(today)
        if draw.random() < self._world.carded:
            request.fields |= self._collecting()
        if not self._plain and draw.random() < 0.4:
            request.fields |= self._other_schedule(profile, today)
        if profile.poisoned or draw.random() < 0.4:
            request.lines = self._lines(request)
        content = self._fields(request)
        return f"<recurring>{self._id(request)}{content}</recurring>"

    def _card(self, today: date) -> tuple[str, date]:
        """Return a card and the last day on which it is good."""
        number = self._draw.choice([GOOD, GOOD, *CARDS])
        months = self._draw.choice([0, 2, *[100] * 8])
        years, month = divmod(today.month + months, 12)
        return number, date(today.year + years, month + 1, 1) - DAY

    def _collecting(self) -> dict[str, Any]:
        """Return how a profile is charged."""
        draw = self._draw
        choices = {
            "autopay": draw.random() < 0.85,
            "send_receipt": draw.choice(["always", "once", "never"]),
            "due_days": draw.choice([0, 0, 1, 10, 40]),
        }
        return {name: choices[name] for name in draw.sample(sorted(choices), 2)}

    def _other_schedule(self, profile: Profile, today: date) -> dict[str, Any]:
        """Return another schedule, bounds of it, or a frequency as it is shown."""
        draw = self._draw
        kind = draw.random()
        if kind < 0.3:
            return {"schedule": self._bounds(today) or {"end_date": None}}
        if kind < 0.5:
            known = rhythm.shown(profile.rhythm.rule)
            codes = (code for code, rule in rhythm.LEGACY.items() if rule == known)
            fields: dict[str, Any] = {"frequency": next(codes)}
            return fields | ({"schedule": {}} if draw.random() < 0.3 else {})
        fields = schedules.wished(draw, today)
        if schedules.is_often(fields):
            fields["occurrences"] = len(profile.rhythm.billed) + draw.randrange(1, 6)
        return fields

    def _bounds(self, today: date) -> dict[str, Any]:
        """Return a start, past or not, and an end, or neither."""
        draw, said = self._draw, {}
        if draw.random() < 0.3:
            said["start_date"] = today + timedelta(draw.choice([-400, -40, -1, 3]))
        if draw.random() < 0.2:
            said["end_date"] = today + timedelta(draw.choice([-1, 0, 30, 31, 92, 500]))
        return said

    def _changed_date(self, request: Request) -> str:
        """Ask for another date; mostly of a time that is not billed yet."""
        draw = self._draw
        today = self._world.day_of(request.books)
        next_on = request.books.profiles[request.target].next_on
        near = today if next_on is None or draw.random() < 0.5 else next_on
        to = near + timedelta(draw.choice([-3, -1, 0, 0, 1, 3, 5, 28, 40]))
        stays = draw.random() < 0.4
        request.fields = {"date": to, "use_new_day": stays}
        return (
            f"{self._id(request)}<date>{to}</date>"
            f"<use_new_day>{int(stays)}</use_new_day>"
        )

    def _start(self, books: Books) -> date:
        """Return a day to begin on: soon, or a last one of a long month."""
        today = self._world.day_of(books)
        if self._draw.random() < 0.4:
            while (today + DAY).month == today.month or today.day < 31:
                today += DAY
            return today
        return today + timedelta(days=self._draw.choice([0, 0, 1, 2, 30]))

    def _fields(self, request: Request) -> str:
        fields = {**request.fields}
        card = "autobill" in fields and _autobill(fields.pop("autobill"))
        said = fields.pop("schedule", None)
        schedule = "" if said is None else schedules.element(said)
        for name in fields.keys() & {"stopped", "send_snail_mail", "autopay"}:
            fields[name] = int(fields[name])
        lines = "" if request.lines is None else _lines(request.lines)
        plain = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        return f"<notes>{request.tag}</notes>{plain}{schedule}{card or ''}{lines}"

    def _lines(self, request: Request) -> list[Line]:
        lines = [
            self._line(f"{request.tag}-{number}")
            for number in range(self._draw.randrange(1, 4))
        ]
        return lines if self._draw.random() < 0.7 else self._ranged(request, lines)

    def _ranged(self, request: Request, lines: list[Line]) -> list[Line]:
        """Return lines of which each counts for a while only, some of them never."""
        today, draw = self._world.day_of(request.books), self._draw
        found = []
        for line in lines:
            start = today + timedelta(draw.choice([-300, -1, 0, 20, 95]))
            end = start + timedelta(draw.choice([0, 25, 100, 400]))
            begun = draw.random() < 0.5
            ended = not begun or draw.random() < 0.7
            found.append(
                replace(
                    line, start=start if begun else None, end=end if ended else None
                )
            )
        return found

    def _line(self, name: str) -> Line:
        draw = self._draw
        taxes = [("VAT", "19"), ("GST", "5"), ("WHT", "-12.5")]
        return Line(
            name=name,
            unit_cost=draw.choice(["1", "9.99", "0.005", "1234.567", "-3.5"]),
            quantity=draw.choice(["1", "3", "0.5", "33.333"]),
            taxes=tuple(draw.sample(taxes, draw.randrange(3))),
        )

    def _added_lines(self, request: Request) -> str:
        request.lines = [self._line(request.tag)]
        return self._id(request) + _lines(request.lines)

    def _a_line(self, request: Request) -> bool:
        lines = request.books.profiles[request.target].lines
        if lines:
            request.line_id = self._draw.choice(lines).line_id
        return bool(lines)

    def _changed_line(self, request: Request) -> str | None:
        if not self._a_line(request):
            return None
        request.fields["unit_cost"] = self._draw.choice(["2", "0.015"])
        return (
            f"{self._id(request)}<lines><line><line_id>{request.line_id}</line_id>"
            f"<name>{request.tag}</name>"
            f"<unit_cost>{request.fields['unit_cost']}</unit_cost></line></lines>"
        )

    def _deleted_line(self, request: Request) -> str | None:
        if not self._a_line(request):
            return None
        return f"{self._id(request)}<line_id>{request.line_id}</line_id>"

    def _new_invoice(self, request: Request) -> str:
        draw = self._draw
        request.fields["client_id"] = self._a_client(request.books)
        plain = f"<client_id>{request.fields['client_id']}</client_id>"
        if draw.random() < 0.3:
            plain += f"<number>No {request.tag}</number>"
        if draw.random() < 0.5:
            plain += "<status>sent</status>"
        return f"<invoice>{plain}{self._contents(request)}</invoice>"

    def _contents(self, request: Request) -> str:
        discount = self._draw.choice(["0", "10", "33.333"])
        lines = _lines(self._lines(request))
        return f"<notes>{request.tag}</notes><discount>{discount}</discount>{lines}"

    def _changed_invoice(self, request: Request) -> str | None:
        if not self._an_invoice(request):
            return None
        more = self._contents(request) if self._draw.random() < 0.6 else ""
        more = more or f"<notes>{request.tag}</notes>"
        if self._draw.random() < self._world.carded:
            day = date.fromisoformat(request.books.bills[request.target].day)
            due_on = day + timedelta(self._draw.choice([0, 1, 2, 20, 60]))
            more += f"<due_date>{due_on}</due_date>"
        return f"<invoice>{_invoice_id(request)}{more}</invoice>"

    def _named_invoice(self, request: Request) -> str | None:
        return _invoice_id(request) if self._an_invoice(request) else None

    def _more_of_an_invoice(self, request: Request) -> str | None:
        if not self._an_invoice(request):
            return None
        return _invoice_id(request) + _lines([self._line(request.tag)])

    def _an_invoice(self, request: Request) -> bool:
        bills = request.books.bills
        open_ = [key for key, bill in bills.items() if not bill.gone]
        if bills:
            # The last ones more often, so that several people want the same.
            request.target = self._draw.choice((open_ or list(bills))[-4:])
        return bool(bills)

    def _new_payment(self, request: Request) -> str | None:
        books, draw = request.books, self._draw
        fields: dict[str, Any] = {"amount": self._money(books)}
        kind = draw.choice(["invoice", "invoice", "credit", "from credit"])
        if kind != "credit":
            if not self._an_invoice(request):
                return None
            fields["invoice_id"] = request.target
            fields["client_id"] = books.bills[request.target].client_id
        else:
            fields["client_id"] = self._a_client(books)
        if kind == "invoice":
            del fields["client_id"]
        request.fields, request.target = fields, 0
        return f"<payment>{_plain_fields(fields, request.tag)}</payment>"

    def _money(self, books: Books) -> str:
        whole = self._draw.choice(["0", "1", "7", "30", "1000"])
        return whole if books.currency == "JPY" else whole + ".5"

    def _changed_payment(self, request: Request) -> str | None:
        if not request.books.payments:
            return None
        request.target = self._draw.choice(list(request.books.payments))
        fields = {"payment_id": request.target, "amount": self._money(request.books)}
        return f"<payment>{_plain_fields(fields, request.tag)}</payment>"

    def _deleted_payment(self, request: Request) -> str | None:
        if not request.books.payments:
            return None
        request.target = self._draw.choice(list(request.books.payments))
        return f"<payment_id>{request.target}</payment_id>"

    def _moved_clock(self, request: Request) -> str:
        books, draw = request.books, self._draw
        day = (books.clock_on or date.min) + timedelta(
            days=draw.choice([0, 1, 28, 31, 90, 400])
        )
        books.horizon = max(books.horizon, day)
        request.fields["date"] = day
        return f"<date>{day}</date><run>{draw.randrange(2)}</run>"


# How often each is made where it is about money.
MONEY = {
    "recurring.create": 2,
    "recurring.update": 1,
    "client.create": 1,
    "client.delete": 1,
    "invoice.create": 3,
    "invoice.update": 3,
    "invoice.delete": 2,
    "invoice.issue": 2,
    "invoice.lines.add": 2,
    "payment.create": 9,
    "payment.update": 3,
    "payment.delete": 2,
}

# The same where it is about cards.
CARDED = {
    "recurring.create": 16,
    "recurring.update": 12,
    "recurring.pause": 1,
    "recurring.resume": 2,
    "recurring.delete": 1,
    "recurring.billNow": 5,
    "client.create": 2,
    "client.delete": 1,
    "invoice.update": 7,
    "invoice.issue": 5,
    "invoice.delete": 4,
    "payment.create": 6,
    "payment.delete": 5,
}

_CONTENTS: dict[str, Callable[[Writer, Request], str | None]] = {
    "client.create": Writer._new_client,
    "client.update": Writer._changed_client,
    "client.delete": Writer._deleted_client,
    "clock.set": Writer._moved_clock,
    "invoice.create": Writer._new_invoice,
    "invoice.update": Writer._changed_invoice,
    "invoice.delete": Writer._named_invoice,
    "invoice.issue": Writer._named_invoice,
    "invoice.lines.add": Writer._more_of_an_invoice,
    "payment.create": Writer._new_payment,
    "payment.update": Writer._changed_payment,
    "payment.delete": Writer._deleted_payment,
    "recurring.create": Writer._new_profile,
    "recurring.update": Writer._changed_profile,
    "recurring.delete": Writer._id,
    "recurring.get": Writer._id,
    **dict.fromkeys(_STATES, Writer._id),
    "recurring.changeDate": Writer._changed_date,
    "recurring.lines.add": Writer._added_lines,
    "recurring.lines.update": Writer._changed_line,
    "recurring.lines.delete": Writer._deleted_line,
}


def _autobill(card: tuple[str, date] | None) -> str:
    if card is None:
        return "<autobill></autobill>"
    number, until = card
    gateway = _GATEWAYS[number == GOOD]
    return _CARD.format(
        gateway=gateway, number=number, month=until.month, year=until.year
    )


def _invoice_id(request: Request) -> str:
    return f"<invoice_id>{request.target}</invoice_id>"


def _plain_fields(fields: dict[str, Any], tag: str) -> str:
    plain = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"{plain}<notes>{tag}</notes>"


def _lines(lines: Sequence[Line]) -> str:
    return "".join(("<lines>", *map(_one_line, lines), "</lines>"))


def _one_line(line: Line) -> str:
    taxes = "".join(
        f"<tax{number}_name>{name}</tax{number}_name>"
        f"<tax{number}_percent>{percent}</tax{number}_percent>"
        for number, (name, percent) in enumerate(line.taxes, 1)
    )
    bounds = (("start_date", line.start), ("end_date", line.end))
    span = "".join(f"<{name}>{day}</{name}>" for name, day in bounds if day)
    return (
        f"<line><name>{line.name}</name><unit_cost>{line.unit_cost}</unit_cost>"
        f"<quantity>{line.quantity}</quantity>{taxes}{span}</line>"
    )
