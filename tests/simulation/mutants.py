"""Mistakes that a change of the product could bring, made on purpose.

Each is made where it stays possible however the engine is written: in the SQL that
reaches the database, or in a rule of the domain.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock

from app.domain import collecting as rules
from app.domain import recurring, retry_plan, schedule
from app.domain.account import Account, Gateway
from app.domain.card import Card, Expiration
from app.domain.charge import Charge, ChargeState
from app.domain.collecting import Held, Now, Verdict
from app.domain.folder import Folder
from app.domain.gateway import Declined, Missing, Order, Outcome
from app.domain.invoice import Invoice, draft
from app.domain.invoice_status import InvoiceStatus
from app.domain.money import Money
from app.domain.recurring import Profile, ProfileState
from app.domain.schedule import Dates, Schedule
from app.services import collecting, gateway, invoice, issuing, payment, settling
from app.services.moments import Moment
from app.services.ports import Ports
from app.storage import charge as charges
from app.storage import gateway as gateways
from app.storage.database import reading

Rewrite = Callable[[str], str]
Mistake = AbstractContextManager[object]

_NOTHING = "SELECT 1"


def commits_each_statement(sql: str) -> str:
    """Commit each statement by itself: nothing is one transaction."""
    return _NOTHING if re.match("BEGIN|COMMIT|ROLLBACK", sql) else sql


def takes_the_lock_late(sql: str) -> str:
    """Begin as a reader, and become a writer only with the first write."""
    return sql.replace("BEGIN IMMEDIATE", "BEGIN")


def does_not_move_the_profile_on(sql: str) -> str:
    """Leave the date that was billed the next one."""
    moves = sql.startswith('UPDATE "recurring"') and "billed_count" in sql
    return sql.replace("WHERE", "WHERE 0 AND") if moves and "notes" not in sql else sql


def forgets_whose_lines_they_are(sql: str) -> str:
    """Read lines by profile alone, of whatever account."""
    found = re.match(r"SELECT .* FROM .recurring_line. AS .t1. WHERE", sql)
    return re.sub(r'\("t1"."account_id" = \?\)', "(? > 0)", sql) if found else sql


@contextmanager
def computed_from_the_previous_date() -> Iterator[None]:
    """Let a short month move all later dates."""
    billed = schedule.billed

    def drifting(before: Schedule) -> Schedule:
        after, day = billed(before), before.next_on
        if after.next_on is None or day is None:
            return after
        following = before.rule.on_or_after(day, day + timedelta(days=1))
        return replace(after, next_on=following)

    with mock.patch.object(schedule, "billed", drifting):
        yield


@contextmanager
def bills_what_is_stopped() -> Iterator[None]:
    """Let a stopped profile keep its next date."""
    rescheduled = recurring._rescheduled

    def restless(profile: Profile, today: date) -> Profile:
        paused = profile.state is ProfileState.PAUSED
        active = replace(profile, state=ProfileState.ACTIVE) if paused else profile
        return rescheduled(active, today)

    with mock.patch.object(recurring, "_rescheduled", restless):
        yield


@contextmanager
def makes_up_for_stopped_days() -> Iterator[None]:
    """Bill what was missed meanwhile when a profile is resumed."""
    rescheduled = schedule.rescheduled

    def greedy(resting: Schedule, _today: date) -> Schedule:
        return rescheduled(resting, resting.anchor_on)

    with mock.patch.object(schedule, "rescheduled", greedy):
        yield


Blinded = Callable[[Schedule], Schedule]


@contextmanager
def _blind(blinded: Blinded) -> Iterator[None]:
    """Let the next date be looked for with less than what is known."""
    found = schedule._next

    def looked(whole: Schedule, day: date) -> date | None:
        return found(blinded(whole), day)

    with mock.patch.object(schedule, "_next", looked):
        yield


def ignores_the_distance_from_a_payment_ahead() -> Mistake:
    """Bill a weekly or monthly date right after a billing ahead of it."""
    return _blind(lambda whole: replace(whole, billed_now_on=None))


def bills_the_month_of_a_moved_date_again() -> Mistake:
    """Let the rule's own date bill although a moved one has."""
    return _blind(lambda whole: replace(whole, moved_on=None))


def bills_in_the_buffer() -> Mistake:
    """Bill dates that lie too close after the start."""

    def hurried(whole: Schedule) -> Schedule:
        rule = whole.rule
        if isinstance(rule, Dates):
            return replace(whole, rule=replace(rule, buffer_days=0))
        return whole

    return _blind(hurried)


def ends_a_day_early() -> Mistake:
    """Take the last day for the first on which nothing bills."""

    def early(whole: Schedule) -> Schedule:
        end_on = whole.end_on
        return replace(whole, end_on=end_on and end_on - timedelta(days=1))

    return _blind(early)


def bills_before_a_moved_date() -> Mistake:
    """Let a changed date take nothing's place."""
    found = schedule._next

    def both(whole: Schedule, day: date) -> date | None:
        regular = found(replace(whole, moved_to=None), day)
        dates = filter(None, (found(whole, day), regular))
        return min(dates, default=None)

    return mock.patch.object(schedule, "_next", both)


def forgets_the_new_day() -> Mistake:
    """Go on by the old rule after a date that was to stay."""
    moved = schedule.moved

    def once(whole: Schedule, to: date, *, use_new_day: bool) -> Schedule:
        return moved(whole, to, use_new_day=use_new_day and to == date.min)

    return mock.patch.object(schedule, "moved", once)


def uses_up_no_occurrence_by_a_payment_ahead() -> Mistake:
    """Give one payment more than was agreed."""
    billed_now = schedule.billed_now

    def generous(whole: Schedule, today: date) -> Schedule:
        more = whole.occurrences and whole.occurrences + 1
        return billed_now(replace(whole, occurrences=more), today)

    return mock.patch.object(schedule, "billed_now", generous)


def counts_no_payment_ahead() -> Mistake:
    """Leave the number of those billed what it was."""
    billed_now = schedule.billed_now

    def uncounted(whole: Schedule, today: date) -> Schedule:
        after = billed_now(whole, today)
        return replace(after, billed_count=whole.billed_count)

    return mock.patch.object(schedule, "billed_now", uncounted)


def bills_today_again() -> Mistake:
    """Bill a day ahead although it was billed."""
    return mock.patch.object(recurring, "_is_billed", return_value=False)


def loses_a_skip_by_a_pause() -> Mistake:
    """Forget at rest what was to be passed over."""
    rested = schedule.rested

    def forgetful(whole: Schedule) -> Schedule:
        return rested(replace(whole, skipped_on=None))

    return mock.patch.object(schedule, "rested", forgetful)


def loses_what_the_worker_is_late_for() -> Mistake:
    """Take days on which nobody was there to bill for paused ones."""

    def lost(_account: Account, profile: Profile, today: date) -> Profile:
        return recurring.days_lost(profile, today)

    return mock.patch.object(issuing, "as_generated", lost)


def bills_what_is_archived() -> Mistake:
    """Let a profile in the archive keep its next date."""

    def restless(profile: Profile) -> Profile:
        return replace(profile, folder=Folder.ARCHIVED)

    return mock.patch.object(recurring, "archived", restless)


def wakes_what_was_archived_asleep() -> Mistake:
    """Take a paused profile out of the archive as an active one."""
    restored = recurring.restored

    def waking(profile: Profile, today: date) -> Profile:
        return restored(replace(profile, state=ProfileState.ACTIVE), today)

    return mock.patch.object(recurring, "restored", waking)


def uses_up_an_occurrence_without_an_invoice() -> Mistake:
    """Count a date on which there was nothing to bill."""
    return mock.patch.object(recurring, "unbilled", recurring.billed)


def does_not_tell_that_nothing_was_due() -> Mistake:
    """Pass over a date without a word in the history."""
    return mock.patch.object(issuing, "nothing_due", return_value=[])


def takes_drafts_for_sent() -> Mistake:
    """Issue what is to be looked at first."""

    def hasty(profile: Profile, day: date) -> Invoice:
        return draft(replace(profile, invoice_status=InvoiceStatus.SENT), day)

    return mock.patch.object(issuing, "draft", hasty)


def pays_from_credit_that_is_not_there() -> Mistake:
    """Take any amount out of a client's credit."""
    return mock.patch.object(payment, "_check_available")


def forgets_what_the_invoice_says_of_a_payment() -> Mistake:
    """Leave an invoice as it was when a payment comes or goes."""
    return mock.patch.object(payment, "_settle")


def does_not_tell_of_payments() -> Mistake:
    """Change payments without a word in their history."""
    return mock.patch.object(payment, "_tell")


def deletes_what_is_paid() -> Mistake:
    """Delete an invoice with money on it."""
    return mock.patch.object(invoice, "_has_payments", return_value=False)


def does_anything_in_any_state() -> Mistake:
    """Refuse no transition."""
    return mock.patch.object(recurring, "_check_state")


def sends_again_without_looking_up() -> Mistake:
    """Take the safe way for granted: give an order again whatever became of it."""

    def hasty(_ports: Any, _known: Any, sending: Any) -> Outcome | Missing:
        answer: Outcome | Missing = gateway.asked(
            lambda: sending.gateway.charge(sending.order)
        )
        return answer

    return mock.patch.object(collecting, "_answer", hasty)


def takes_a_new_key_while_unknown() -> Mistake:
    """Ask under another key than that of the charge that is left."""
    order = collecting._order

    def anew(charge: Charge, card: Card) -> Order:
        left = charge.state is ChargeState.UNKNOWN
        made = order(charge, card)
        return replace(made, key=made.key[::-1]) if left else made

    return mock.patch.object(collecting, "_order", anew)


def sends_what_was_prepared_unseen() -> Mistake:
    """Look no more at an invoice once its charge is prepared."""

    def blind(
        moment: Moment, _charge: Charge, _invoice: Invoice, found: Any
    ) -> Verdict:
        name = found[0] if found else "Authorize.Net"
        gateway = gateways.get(moment.account_id, name)
        return Held(moment.at) if gateway is None else Now(gateway)

    return mock.patch.object(collecting, "_decided", blind)


def ignores_a_late_approval() -> Mistake:
    """Believe nothing of a charge that was given up."""
    settle = settling.settle

    def stubborn(
        ports: Ports, known: settling.Known, outcome: Outcome, *, probe: bool
    ) -> Charge:
        with reading():
            charge = charges.get(*known)
        if charge and charge.state in (ChargeState.UNKNOWN, ChargeState.PARKED):
            return charge
        return settle(ports, known, outcome, probe=probe)

    return mock.patch.object(settling, "settle", stubborn)


@contextmanager
def charges_drafts() -> Iterator[None]:
    """Take a draft for due as any other; `finds_drafts` goes with it."""

    def chargeable(invoice: Invoice) -> bool:
        there = invoice.folder is not Folder.DELETED
        return there and invoice.amount_outstanding.amount > 0

    def is_due(invoice: Invoice, moment: Moment) -> bool:
        return (invoice.collect_on or date.max) <= moment.today

    with (
        mock.patch.object(rules, "chargeable", chargeable),
        mock.patch.object(collecting, "_is_due", is_due),
    ):
        yield


def finds_drafts(sql: str) -> str:
    """Look for what is due among drafts, too."""
    return sql.replace("!= 'draft'", "!= ''")


def tries_again_a_day_late() -> Mistake:
    """Count the days of a plan from the day after."""
    next_try_on = retry_plan.next_try_on

    def late(plan: tuple[int, ...], first_on: date, *others: Any) -> date | None:
        return next_try_on(plan, first_on + timedelta(days=1), *others)

    return mock.patch.object(retry_plan, "next_try_on", late)


def sends_the_only_receipt_twice() -> Mistake:
    """Take once for always."""
    return mock.patch.object(charges, "captured", return_value=1)


def ignores_the_circuit() -> Mistake:
    """Ask a gateway that is to be left alone."""

    def eager(gateway: Gateway | None, now: datetime) -> Held | Now:
        return Held(now) if gateway is None else Now(gateway)

    return mock.patch.object(rules, "available", eager)


def asks_before_it_is_written_down() -> Mistake:
    """Tell the database that a charge was sent only once it is answered."""
    store = collecting._store

    def late(ports: Ports, moment: Moment, charge: Charge, card: Card) -> None:
        store(ports, moment, replace(charge, state=ChargeState.PREPARED), card)

    return mock.patch.object(collecting, "_store", late)


def charges_the_whole_again() -> Mistake:
    """Charge what is paid in part as if nothing was."""

    def whole(invoice: Invoice) -> Money:
        return invoice.amount

    return mock.patch.object(Invoice, "amount_outstanding", property(whole))


def charges_several_invoices_a_day() -> Mistake:
    """Take all that a client owes at once."""
    return mock.patch.object(charges, "charged_on", return_value=False)


def forgets_what_was_left() -> Mistake:
    """Leave alone what a dead worker had in hand."""
    return mock.patch.object(charges, "to_check", return_value=[])


def charges_an_expired_card() -> Mistake:
    """Try a card whatever its date."""
    return mock.patch.object(Expiration, "over", return_value=False)


def tries_stolen_cards_again() -> Mistake:
    """Take each refusal for a passing one."""
    return mock.patch.object(Declined, "hard", new=False)
