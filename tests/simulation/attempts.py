"""What must hold of charges of cards: followed commit by commit, beside the product.

Days of retries, circuits, receipts and statuses are worked out anew from the issue that
asks for them; what was taken, the bank knows.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.card import CardNumber
from app.domain.gateway import Order
from tests.simulation.bank import Bank
from tests.simulation.books import Books, Finding, Profile
from tests.simulation.rhythm import DAY
from tests.simulation.scheduler import Scheduler

_ATTEMPTS = """
SELECT account_id, charge_id, invoice_id, recurring_id, attempt_no, key, automatic,
  gateway_name, amount_minor, state, reason, reference, made_on, sent_at, check_at,
  checks FROM charge
"""
_INVOICES = """
SELECT account_id, invoice_id, recurring_id, client_id, number, folder, status,
  unpaid_status, due_on, amount_minor, collect_on, held_until FROM invoice
WHERE recurring_id IS NOT NULL
"""
_PAID = """
SELECT COALESCE(SUM(amount_minor), 0) FROM payment
WHERE account_id = ? AND invoice_id = ? AND folder <> 'deleted'
"""
_PAYMENT = """
SELECT invoice_id, amount_minor, gateway_name, reference, automatic FROM payment
WHERE account_id = ? AND payment_id = ?
"""
_MAILS = """
SELECT account_id, invoice_id, template, COUNT(*) FROM outgoing
WHERE template IN ('receipt', 'failure') GROUP BY 1, 2, 3
"""
_CIRCUITS = "SELECT account_id, name, failures, open_until FROM gateway"
_EVENTS = """
SELECT account_id, invoice_id, what, COUNT(*) FROM invoice_event
WHERE what IN ('payment.fail', 'charge.park') GROUP BY 1, 2, 3
"""

# What touches any of it.
TABLES = frozenset(["charge", "invoice", "payment", "outgoing", "gateway"])
# Where an attempt may go from where it is; None is not there.
_WAYS: dict[str | None, set[str | None]] = {
    None: {"prepared"},
    "prepared": {None, "sent", "declined", "parked"},
    "sent": {None, "captured", "declined", "unknown", "parked"},
    "unknown": {None, "captured", "declined", "parked"},
    "parked": {"captured", "declined"},
    "declined": set(),
    "captured": set(),
}
_UNDER_WAY = ("prepared", "sent", "unknown", "parked")
# No card is tried again after these.
_FINAL = ("account_closed", "fraud", "lost", "number", "revoked", "stolen")
_FAILURES_MAX = 5
_CHECKS_MAX = 7
_LEASE = timedelta(minutes=5)

Key = tuple[int, int]
# How often a gateway failed in a row, and how long it is left alone.
Circuit = tuple[int, str | None]


@dataclass(frozen=True)
class Attempt:
    """A row of the table of charges."""

    account_id: int
    charge_id: int
    invoice_id: int
    recurring_id: int
    attempt_no: int
    key: str
    automatic: int
    gateway_name: str
    minor: int
    state: str
    reason: str
    reference: str
    made_on: str
    sent_at: str | None
    check_at: str | None
    checks: int

    @property
    def invoice(self) -> Key:
        """The invoice that it is for."""
        return self.account_id, self.invoice_id


@dataclass(frozen=True)
class Invoice:
    """An invoice of a profile, as far as it matters here."""

    account_id: int
    invoice_id: int
    recurring_id: int
    client_id: int
    number: str
    folder: str
    status: str
    own: str
    due_on: str
    minor: int
    collect_on: str | None
    held_until: str | None


@dataclass
class Story:
    """What was seen of the attempts at one invoice: days on which each was declined."""

    first_on: date | None = None
    retry_on: date | None = None
    declined: list[date] = field(default_factory=list)
    captured: int = 0
    parked: int = 0


@dataclass(frozen=True)
class Step:
    """A step of an attempt, with all that was known when it was made."""

    new: Attempt
    late: bool
    invoice: Invoice
    profile: Profile
    story: Story
    moment: datetime
    today: date


class Attempts:
    """The attempts of all accounts as they were last seen."""

    def __init__(
        self,
        eye: sqlite3.Connection,
        books: list[Books],
        bank: Bank,
        scheduler: Scheduler,
        plans: Mapping[int, Sequence[int]],
    ) -> None:
        self._eye = eye
        self._books = {each.account_id: each for each in books}
        self._bank = bank
        self._saw = scheduler.saw
        self._attempts: dict[Key, Attempt] = {}
        self._invoices: dict[Key, Invoice] = {}
        self._mails: dict[tuple[int, int, str], int] = {}
        self._circuits: dict[tuple[int, str], Circuit] = {}
        # What was there before the commit that is looked at, and what is to come of it.
        self._former_circuits = self._circuits
        self._wanted: Counter[tuple[int, int, str]] = Counter()
        self._stories: defaultdict[Key, Story] = defaultdict(Story)
        self._first: Counter[tuple[int, int, date]] = Counter()
        self._captured: Counter[Key] = Counter()
        self._cards: dict[str, str] = {}
        self._keys: set[str] = set()
        # The ids of all there ever were, by account.
        self.ids: defaultdict[int, set[int]] = defaultdict(set)
        self._now = datetime.min.replace(tzinfo=UTC)
        self._plans = plans

    def heard(self, order: Order) -> None:
        """Check what the bank is told, at the moment that it is.

        Raises: Finding.
        """
        found = self._eye.execute(
            "SELECT state, amount_minor, sent_at FROM charge WHERE key = ?",
            (order.key,),
        ).fetchall()
        number = order.card.number
        digits = number.reveal() if isinstance(number, CardNumber) else ""
        where = f"an order of invoice {order.invoice_number}"
        if len(found) != 1 or found[0][0] == "prepared" or not found[0][2]:
            raise Finding(f"{where}: the bank heard of it, the database is at {found}")
        if found[0][1] != order.amount.minor:
            raise Finding(f"{where}: the bank is asked for {order.amount}")
        if digits != self._cards.get(order.key):
            raise Finding(f"{where}: it is another card's")

    def look(self, told: datetime) -> None:
        """Look at what one commit made visible; `told` is the time that its actor knew.

        Raises: Finding.
        """
        told = told.replace(microsecond=0)
        attempts, invoices = self._attempts, self._invoices
        self._read()
        changed = [
            (attempts.get(key), self._attempts.get(key))
            for key in sorted(attempts.keys() | self._attempts.keys())
            if attempts.get(key) != self._attempts.get(key)
        ]
        for old, new in changed:
            self._follow(old, new, told)
        if dict(self._wanted) != self._mails:
            raise Finding(f"mails are {self._mails} instead of {dict(self._wanted)}")
        self._check_one_at_a_time()
        self._check_circuits(told)
        touched = {one.invoice for both in changed for one in both if one}
        self._check_schedules(invoices, touched)

    def _read(self) -> None:
        eye = self._eye
        self._former_circuits = self._circuits
        self._wanted = Counter(self._mails)
        self._attempts = {row[:2]: Attempt(*row) for row in eye.execute(_ATTEMPTS)}
        self._invoices = {row[:2]: Invoice(*row) for row in eye.execute(_INVOICES)}
        self._circuits = {row[:2]: row[2:] for row in eye.execute(_CIRCUITS)}
        self._mails = {row[:3]: row[3] for row in eye.execute(_MAILS)}

    def finish(self) -> None:
        """Check everything once all is done, and the bank was well for days.

        Raises: Finding.
        """
        taken = self._bank.taken
        for one in self._attempts.values():
            where = f"charge {one.charge_id} of account {one.account_id}"
            if one.state in ("prepared", "sent", "unknown"):
                raise Finding(f"{where} is {one.state} in the end: {one}")
            if one.state != "parked" and taken[one.key] != (one.state == "captured"):
                raise Finding(f"{where} is {one.state}: {taken[one.key]} taken")
            may_park = self._bank.hopeless or one.checks >= _CHECKS_MAX
            if one.state == "parked" and not may_park:
                raise Finding(f"{where} is parked: {one}")
        if unknown := taken.keys() - {one.key for one in self._attempts.values()}:
            raise Finding(f"money was taken that nobody knows of: {unknown}")
        waiting = {
            one.invoice for one in self._attempts.values() if one.state == "parked"
        }
        for key, invoice in self._invoices.items():
            today = self._today(self._books[key[0]], None)
            due = invoice.collect_on is not None and invoice.collect_on <= today
            if due and invoice.own != "draft" and key not in waiting:
                raise Finding(f"invoice {key} was never charged: {invoice}")
        self._check_events()

    def see_time(self, now: datetime) -> None:
        """Know what time it is in the end."""
        self._now = now

    # -- one attempt

    def _follow(self, old: Attempt | None, new: Attempt | None, told: datetime) -> None:
        """Check what one commit did to an attempt."""
        before = None if old is None else old.state
        after = None if new is None else new.state
        try:
            if old is not None and new is not None:
                self._check_same(old, new)
                self._check_alone(old, new, told)
            if before != after:
                self._check_way(before, after)
            if old is not None and new is None:
                # The bank never had it: its key may serve the next one.
                self._keys.discard(old.key)
                self._untried(old)
            if new is not None and before != after:
                self._step(before, new, told)
        except Finding as finding:
            raise Finding(f"{finding}: {old} -> {new}") from None

    def _untried(self, old: Attempt) -> None:
        """Check that the bank never had an attempt; its day was none of a try."""
        if self._bank.taken[old.key]:
            raise Finding("the bank took the money")
        story = self._stories[old.invoice]
        if old.state == "prepared" or story.declined:
            return
        day = date.fromisoformat(old.made_on)
        self._first[old.account_id, old.recurring_id, day] -= 1
        story.first_on = None

    def _check_way(self, before: str | None, after: str | None) -> None:
        if after not in _WAYS[before]:
            raise Finding(f"a charge went from {before} to {after}")
        self._saw(after or "withdrawn")

    def _step(self, before: str | None, new: Attempt, told: datetime) -> None:
        moment, today = self._time(self._books[new.account_id], told)
        step = Step(
            new=new,
            late=before in ("unknown", "parked"),
            invoice=self._invoices[new.invoice],
            profile=self._books[new.account_id].profiles[new.recurring_id],
            story=self._stories[new.invoice],
            moment=moment,
            today=today,
        )
        checks = {
            "prepared": self._prepared,
            "sent": self._sent,
            "captured": self._take,
            "declined": self._declined,
        }
        if new.state in checks:
            checks[new.state](step)
        step.story.parked += new.state == "parked"

    def _check_alone(self, old: Attempt, new: Attempt, told: datetime) -> None:
        """Check that nobody is going to ask a gateway that is left alone."""
        moment, _ = self._time(self._books[new.account_id], told)
        circuit = self._former_circuits.get((new.account_id, new.gateway_name))
        left = old.state == new.state and new.state != "prepared"
        if (
            left
            and new.check_at is not None
            and new.check_at != old.check_at
            and old.checks == new.checks
            and datetime.fromisoformat(new.check_at) == moment + _LEASE
            and not _closed(circuit, moment)
        ):
            raise Finding("its gateway is asked, which is left alone")

    def _check_same(self, old: Attempt, new: Attempt) -> None:
        """Check what never changes of an attempt."""
        if (old.key, old.invoice_id, old.recurring_id, old.attempt_no) != (
            new.key,
            new.invoice_id,
            new.recurring_id,
            new.attempt_no,
        ):
            raise Finding("it is another one")
        if old.state != "prepared" and old.minor != new.minor:
            raise Finding("its amount has changed")

    def _prepared(self, step: Step) -> None:
        new = step.new
        if new.key in self._keys:
            raise Finding("its key was used before")
        self._keys.add(new.key)
        self.ids[new.account_id].add(new.charge_id)
        # What has an attempt under way cannot be deleted.
        self._books[new.account_id].paid_ever.add(new.invoice_id)
        others = [
            one
            for one in self._attempts.values()
            if one.invoice == new.invoice and one.charge_id < new.charge_id
        ]
        if new.attempt_no != len(others) + 1:
            raise Finding(f"it is number {len(others) + 1}")
        if date.fromisoformat(new.made_on) != step.today:
            raise Finding(f"it was made on {step.today}")
        self._saw("now")

    def _sent(self, step: Step) -> None:
        """Check that it may be charged now, and for what."""
        new, invoice, profile = step.new, step.invoice, step.profile
        (paid,) = self._eye.execute(_PAID, new.invoice).fetchone()
        left = invoice.minor - paid
        gone = self._books[new.account_id].gone
        circuit = self._former_circuits.get((new.account_id, new.gateway_name))
        untried = not step.story.declined
        reasons = {
            "it is a draft": invoice.own == "draft",
            "it is deleted": invoice.folder == "deleted",
            "autopay is off": not profile.autopay,
            "there is no card": not profile.card,
            "the card has expired": profile.expired(step.today),
            "its client is gone": invoice.client_id in gone,
            "nothing is outstanding": left <= 0,
            f"not {left} is charged": new.minor != left,
            "its day has not come": untried and invoice.due_on > str(step.today),
            "its gateway is left alone": not _closed(circuit, step.moment),
            "it was charged already": step.story.captured > 0,
        }
        if found := [reason for reason, holds in reasons.items() if holds]:
            raise Finding(f"it is sent, but {', '.join(found)}")
        self._cards[new.key] = profile.card
        self._tried(step)

    def _tried(self, step: Step) -> None:
        """Check that a card is tried on a day on which it may be."""
        new, story = step.new, step.story
        if not story.declined:
            self._first[new.account_id, new.recurring_id, step.today] += 1
            if self._first[new.account_id, new.recurring_id, step.today] > 1:
                raise Finding(f"its profile was charged on {step.today} before")
        elif story.retry_on is None:
            raise Finding("no retry is due any more")
        elif step.today < story.retry_on:
            raise Finding(f"its retry is not due before {story.retry_on}")
        else:
            self._saw("retry")
        story.first_on = story.first_on or step.today

    def _retry_on(self, step: Step) -> date | None:
        """Return the day of the next retry: so long after the first try.

        Only one a day, and only as many as there are in the plan.
        """
        story = step.story
        plan = self._plans[step.new.account_id]
        if len(story.declined) > len(plan) or story.first_on is None:
            return None
        first_on = max(story.first_on, date.fromisoformat(step.invoice.due_on))
        wanted = first_on + DAY * plan[len(story.declined) - 1]
        return max(wanted, story.declined[-1] + DAY)

    def _take(self, step: Step) -> None:
        """Check that what was taken is a payment, and who gets a receipt."""
        new = step.new
        taken = [each for each in self._bank.captures if each.key == new.key]
        wanted = [(new.minor, step.invoice.number)]
        if [(each.minor, each.number) for each in taken] != wanted:
            raise Finding(f"the bank took {taken}")
        key = (new.account_id, new.charge_id)
        found = self._eye.execute(_PAYMENT, key).fetchone()
        whole = (new.invoice_id, new.minor, new.gateway_name, new.reference)
        if found != (*whole, new.automatic):
            raise Finding(f"its payment is {found}")
        if step.late:
            self._saw("approved late")
        step.story.captured += 1
        self._captured[new.account_id, new.recurring_id] += 1
        first = self._captured[new.account_id, new.recurring_id] == 1
        receipt = step.profile.receipt
        if receipt == "always" or (receipt == "once" and first):
            self._wanted[*new.invoice, "receipt"] += 1
            self._saw(f"receipt {receipt}")
        else:
            self._saw(f"no receipt {receipt}")

    def _declined(self, step: Step) -> None:
        """Check what follows: a retry on its day, or failure and a mail."""
        new, invoice, story = step.new, step.invoice, step.story
        if new.reason == "expired" and new.sent_at is None:
            self._saw("expired")
            if not step.profile.expired(step.today):
                raise Finding("its card has not expired")
            self._tried(step)
        elif self._bank.taken[new.key]:
            raise Finding("the bank took the money")
        story.declined.append(step.today)
        story.retry_on = None if new.reason in _FINAL else self._retry_on(step)
        own = "retry" if story.retry_on else "failed"
        on = story.retry_on and story.retry_on.isoformat()
        if (invoice.own, invoice.collect_on) != (own, on):
            raise Finding(f"its invoice is not {own} until {on}: {invoice}")
        self._saw(f"invoice {own}")
        if invoice.status == "failed":
            self._wanted[*new.invoice, "failure"] += 1

    # -- all of them

    def _check_one_at_a_time(self) -> None:
        under_way = Counter(
            one.invoice for one in self._attempts.values() if one.state in _UNDER_WAY
        )
        if several := [key for key, count in under_way.items() if count > 1]:
            raise Finding(f"several charges are under way of {several}")
        taken = Counter(each.key for each in self._bank.captures)
        if twice := [key for key, count in taken.items() if count > 1]:
            raise Finding(f"money was taken twice for {twice}")

    def _check_circuits(self, told: datetime) -> None:
        """Check that a gateway that fails is left alone for ever longer."""
        for key, (failures, open_until) in self._circuits.items():
            before, open_before = self._former_circuits.get(key, (0, None))
            if failures not in (0, before, before + 1):
                raise Finding(f"gateway {key} failed {failures} times after {before}")
            alone = open_until is not None
            if alone != (failures >= _FAILURES_MAX):
                raise Finding(f"gateway {key} failed {failures} times: {open_until}")
            if open_until is not None and open_until != open_before:
                at, _ = self._time(self._books[key[0]], told)
                grown = failures - _FAILURES_MAX if failures > before else 0
                minutes = min(2**grown, 60)
                if datetime.fromisoformat(open_until) - at != timedelta(
                    minutes=minutes
                ):
                    raise Finding(f"gateway {key} at {at}: {open_until}, {failures}")
                self._saw("circuit opens" if failures > before else "circuit probed")
            if before >= _FAILURES_MAX and not failures:
                self._saw("circuit closes")

    def _check_schedules(self, before: dict[Key, Invoice], attempted: set[Key]) -> None:
        """See what was decided of the invoices that were not attempted.

        What is retried keeps its day, whatever becomes of its due date.
        """
        for key, invoice in self._invoices.items():
            former = before.get(key)
            if former == invoice:
                continue
            if former is None:
                continue
            if invoice.held_until is not None:
                self._saw("held")
            if key in attempted or former.collect_on == invoice.collect_on:
                continue
            if invoice.collect_on is None:
                self._saw("never")
            elif invoice.due_on == former.due_on:
                self._saw("later")
            elif invoice.own in ("retry", "failed"):
                raise Finding(f"{former} was moved to {invoice}")

    def _check_events(self) -> None:
        """Check that each refusal and each parking was told once."""
        told = {row[:3]: row[3] for row in self._eye.execute(_EVENTS)}
        wanted = Counter(
            {
                (*key, what): count
                for key, story in self._stories.items()
                for what, count in (
                    ("payment.fail", len(story.declined)),
                    ("charge.park", story.parked),
                )
                if count
            }
        )
        if told != wanted:
            raise Finding(f"told are {told} instead of {wanted}")

    # -- what is known

    def _time(self, books: Books, told: datetime) -> tuple[datetime, date]:
        """Return the time of an account, as whoever was told the real one knows it."""
        zone = ZoneInfo(books.zone)
        if books.clock_on is None:
            return told, told.astimezone(zone).date()
        midnight = datetime(
            books.clock_on.year, books.clock_on.month, books.clock_on.day, tzinfo=zone
        )
        return midnight.astimezone(UTC), books.clock_on

    def _today(self, books: Books, told: datetime | None) -> str:
        _, today = self._time(books, told or self._now)
        return today.isoformat()


def _closed(circuit: Any, moment: datetime) -> bool:
    """Whether a gateway may be asked."""
    if circuit is None or circuit[1] is None:
        return True
    return datetime.fromisoformat(circuit[1]) <= moment
