"""Recurring profiles: templates from which invoices are made on a schedule."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial

from app.domain import adjustment, charges, schedule, scheduling
from app.domain.account import Account
from app.domain.adjustment import Discount, TaxRate
from app.domain.autobill import Autobill, AutobillRequest, check_currency
from app.domain.bill_to import BillTo, BillToChanges
from app.domain.client import Client, ClientChanges
from app.domain.errors import (
    InvalidValueError,
    RefusedError,
    UnknownCurrencyError,
)
from app.domain.folder import Folder
from app.domain.frequency import FREQUENCIES
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import LINES_MAX, Line, LineChanges, replaced
from app.domain.money import CURRENCIES, ZERO
from app.domain.pricing import price
from app.domain.schedule import ONE_DAY, Schedule
from app.domain.scheduling import NOTHING, Asked, AskedRule, Defaults, ScheduleChanges
from app.domain.unset import UNSET, Maybe, Unset, given, merged

# Names and values together. Source: documented by one of the source systems.
ATTRIBUTES_MAX = 255
DUE_DAYS_MAX = 3650
# Of how many changes of the lines that count a client may not have heard yet.
_FORMER_MAX = 4

_NOUN = "recurring"


class ProfileState(StrEnum):
    """Whether a profile generates invoices; one in the archive keeps it for later."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"


class SendReceipt(StrEnum):
    """When a client is sent a receipt for what was charged automatically."""

    ALWAYS = "always"
    ONCE = "once"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name and a value for other systems; it means nothing here."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A recurring profile; `recurring_id` is 0 until it is stored.

    `start_on` is the first issue date as answers show it. `due_days` is how many days
    after its date an invoice is due. `billing_model_id` is 0 where its schedule was
    taken from none. `parked_reason` is set by the engine when billing it failed for a
    reason of its own, and cleared by the next update.
    """

    recurring_id: int = 0
    client_id: int
    staff_id: int
    contacts: tuple[int, ...] = ()
    start_on: date
    schedule: Schedule
    state: ProfileState = ProfileState.ACTIVE
    folder: Folder = Folder.ACTIVE
    bill_to: BillTo = field(default_factory=BillTo)
    po_number: str = ""
    currency_code: str
    language: str
    notes: str = ""
    terms: str = ""
    discount: Decimal = ZERO
    return_uri: str = ""
    send_snail_mail: bool = False
    send_email: bool = True
    autobill: Autobill | None = None
    lines: tuple[Line, ...] = ()
    due_days: int = 0
    invoice_status: InvoiceStatus = InvoiceStatus.SENT
    title: str = ""
    autopay: bool = True
    send_receipt: SendReceipt = SendReceipt.ALWAYS
    attributes: tuple[Attribute, ...] = ()
    default_tax: TaxRate | None = None
    taxes: tuple[TaxRate, ...] = ()
    discounts: tuple[Discount, ...] = ()
    billing_model_id: int = 0
    key: str = ""
    parked_reason: str = ""
    updated_at: datetime | None = None

    @property
    def stopped(self) -> bool:
        """What a legacy client is told: nothing more will be generated."""
        return self.shown_state != ProfileState.ACTIVE

    @property
    def extended(self) -> bool:
        """Whether it is more than a profile of FreshBooks could be."""
        of = self.schedule
        return (
            of.rule not in FREQUENCIES
            or of.end_on is not None
            or of.anchor_on != self.start_on
            or any(getattr(self, name) != usual for name, usual in _PLAIN.items())
            or any(line.extended for line in self.lines)
        )

    @property
    def shown_state(self) -> str:
        """Its state, or the archive that it rests in."""
        archived = self.folder is Folder.ARCHIVED
        return Folder.ARCHIVED if archived else self.state


# What a profile of FreshBooks' has of the fields that are ours.
_PLAIN = {
    each.name: each.default
    for each in fields(Profile)
    if each.name
    in (
        "due_days",
        "invoice_status",
        "title",
        "autopay",
        "send_receipt",
        "attributes",
        "default_tax",
        "taxes",
        "discounts",
        "billing_model_id",
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanges:
    """What a request says of a profile; fields it does not name are UNSET.

    `client` is one to be made with the profile, instead of `client_id`. `autobill` is
    None where the element is empty: auto-billing off, card deleted.
    `recurring_amount` and `quantity` are what a new profile's lines ought to come to.
    """

    client_id: Maybe[int] = UNSET
    client: Maybe[ClientChanges] = UNSET
    contacts: Maybe[tuple[int, ...]] = UNSET
    frequency: Maybe[AskedRule] = UNSET
    schedule: Maybe[ScheduleChanges] = UNSET
    billing_model_id: Maybe[int] = UNSET
    date: Maybe[dt.date] = UNSET
    occurrences: Maybe[int] = UNSET
    stopped: Maybe[bool] = UNSET
    bill_to: BillToChanges = field(default_factory=BillToChanges)
    po_number: Maybe[str] = UNSET
    currency_code: Maybe[str] = UNSET
    language: Maybe[str] = UNSET
    notes: Maybe[str] = UNSET
    terms: Maybe[str] = UNSET
    discount: Maybe[Decimal] = UNSET
    return_uri: Maybe[str] = UNSET
    send_snail_mail: Maybe[bool] = UNSET
    send_email: Maybe[bool] = UNSET
    autobill: Maybe[AutobillRequest | None] = UNSET
    lines: Maybe[tuple[LineChanges, ...]] = UNSET
    due_days: Maybe[int] = UNSET
    invoice_status: Maybe[InvoiceStatus] = UNSET
    title: Maybe[str] = UNSET
    autopay: Maybe[bool] = UNSET
    send_receipt: Maybe[SendReceipt] = UNSET
    attributes: Maybe[tuple[Attribute, ...]] = UNSET
    default_tax_name: Maybe[str] = UNSET
    default_tax_percent: Maybe[Decimal] = UNSET
    taxes: Maybe[tuple[TaxRate, ...]] = UNSET
    discounts: Maybe[tuple[Discount, ...]] = UNSET
    recurring_amount: Maybe[Decimal] = UNSET
    quantity: Maybe[Decimal] = UNSET

    @property
    def bill_now(self) -> bool:
        """Whether the first invoice is wanted at once, whatever the schedule."""
        return given(given(self.schedule, NOTHING).bill_now, otherwise=False)

    def asked(self, model: Maybe[AskedRule]) -> Asked:
        """Return what they say of the schedule, `model` being the named one's rule."""
        return Asked(
            frequency=self.frequency,
            model=model,
            schedule=self.schedule,
            date=self.date,
            occurrences=self.occurrences,
        )


def new_profile(
    changes: ProfileChanges,
    *,
    client: Client,
    account: Account,
    staff_id: int,
    today: date,
    defaults: Defaults,
    model: Maybe[AskedRule] = UNSET,
    compound: Collection[str] = (),
) -> Profile:
    """Return the profile that a create request describes.

    Names and address are the client's where the request does not give its own, the
    schedule is by `defaults`. `model` is the rule of the billing model that it names,
    `compound` are the names of the account's compound taxes.

    Raises: InvalidValueError, naming the field.
    """
    begun, start_on = scheduling.begun(changes.asked(model), defaults, today)
    blank = Profile(
        client_id=client.client_id,
        staff_id=staff_id,
        start_on=start_on,
        schedule=begun,
        bill_to=client.bill_to,
        currency_code=account.base_currency,
        language=client.language,
        state=ProfileState.PAUSED
        if given(changes.stopped, otherwise=False)
        else ProfileState.ACTIVE,
    )
    profile = _with_plain_fields(blank, changes, client)
    profile = _with_charges(profile, changes, today, compound)
    _check(profile, account, autobilled=isinstance(changes.autobill, AutobillRequest))
    if changes.bill_now and profile.stopped:
        raise InvalidValueError("bill_now", "A stopped profile bills nothing.")
    if changes.bill_now and not bills(profile, today):
        raise InvalidValueError("bill_now", "No line of it counts today.")
    profile = _rescheduled(profile, today)
    first_on = today if changes.bill_now else next_invoice_on(profile)
    _check_expected(profile, changes, first_on or today)
    return profile


def changed_profile(
    profile: Profile,
    changes: ProfileChanges,
    *,
    client: Client,
    account: Account,
    today: date,
    carded: bool,
    model: Maybe[AskedRule] = UNSET,
    compound: Collection[str] = (),
) -> Profile:
    """Return the profile after an update; an equal value changes nothing.

    `carded` says whether a card is stored for it; `model` is the rule of a billing
    model that it did not have before; `compound` are the names of the account's
    compound taxes.

    The schedule is found anew only where the request really moves it: the frequency,
    the date or the number of occurrences differs from what answers show, or `stopped`
    does. Writing back what was read therefore leaves it alone.

    Raises: InvalidValueError, naming the field; RefusedError.
    Source: inferred (wire reference 2.8.7), rules R3, R7 and R9.
    """
    changed = _with_plain_fields(profile, changes, client)
    changed = _with_charges(changed, changes, today, compound)
    changed = replace(
        changed,
        start_on=given(changes.date, profile.start_on),
        schedule=scheduling.changed(
            profile.schedule, profile.start_on, changes.asked(model), today
        ),
        state=_state(profile, changes),
    )
    if changed.schedule.rule != profile.schedule.rule and isinstance(model, Unset):
        # It has a schedule of its own now.
        changed = replace(changed, billing_model_id=0)
    asked = changes.autobill
    autobilled = carded if isinstance(asked, Unset) else asked is not None
    _check(changed, account, autobilled=autobilled)
    moved = (changed.schedule, changed.state) != (profile.schedule, profile.state)
    # Its former client was deleted, the new one is not.
    revived = profile.state is ProfileState.ACTIVE and profile.schedule.next_on is None
    if moved or revived:
        changed = _rescheduled(changed, today)
    return of_client(changed, client)


def paused(profile: Profile) -> Profile:
    """Return the profile that generates nothing until it is resumed (rule R7).

    Raises: RefusedError unless it is active; a paused one stays as it is.
    """
    if profile.shown_state == ProfileState.PAUSED:
        return profile
    _check_state(profile, "pause", ProfileState.ACTIVE)
    return _rested(replace(profile, state=ProfileState.PAUSED))


def resumed(profile: Profile, today: date) -> Profile:
    """Return the profile that bills again from today on; nothing is made up for.

    Raises: RefusedError unless it is paused.
    """
    _check_state(profile, "resume", ProfileState.PAUSED)
    return _rescheduled(replace(profile, state=ProfileState.ACTIVE), today)


def archived(profile: Profile) -> Profile:
    """Return the profile in the archive, where it rests and keeps its state.

    Raises: RefusedError where it is there already.
    """
    _check_state(profile, "archive", *ProfileState)
    return _rested(replace(profile, folder=Folder.ARCHIVED))


def deleted(profile: Profile) -> Profile:
    """Return the profile in the folder of the deleted, where nothing is billed."""
    return _rested(replace(profile, folder=Folder.DELETED))


def restored(profile: Profile, today: date) -> Profile:
    """Return the profile out of the archive, in the state that it went there with.

    Raises: RefusedError where it is not there.
    """
    _check_state(profile, "restore", Folder.ARCHIVED)
    return _rescheduled(replace(profile, folder=Folder.ACTIVE), today)


def date_changed(
    profile: Profile, to: date, today: date, *, use_new_day: bool
) -> Profile:
    """Return the profile whose next invoice has another date (rule R6).

    Raises: RefusedError unless it is active or paused; InvalidValueError for a date
    that is past, or billed already, or has nothing to bill.
    """
    _check_state(profile, "update", ProfileState.ACTIVE, ProfileState.PAUSED)
    if to < today:
        raise InvalidValueError("date", "The new date must not be past.")
    if _is_billed(profile, to):
        raise InvalidValueError("date", "This date has been billed already.")
    if not bills(profile, to):
        raise InvalidValueError("date", "No line of it counts on this date.")
    moved = schedule.moved(profile.schedule, to, use_new_day=use_new_day)
    return _settled(replace(profile, schedule=moved))


def skipped(profile: Profile) -> Profile:
    """Return the profile whose next date does not bill (rule R8).

    It is that of the next invoice: dates with nothing to bill are passed with it.

    Raises: RefusedError unless it is active and has a next date.
    """
    _check_state(profile, "skip", ProfileState.ACTIVE)
    _check_billable(profile, "skip")
    day = next_invoice_on(profile)
    if day is None:
        raise RefusedError("skip", _NOUN, "No line of it counts any more.")
    ahead = schedule.skipped_until(profile.schedule, day)
    return _settled(replace(profile, schedule=schedule.skipped(ahead)))


def billed(profile: Profile) -> Profile:
    """Return the profile after its next date has been billed."""
    return _settled(replace(profile, schedule=schedule.billed(profile.schedule)))


def billed_now(profile: Profile, today: date) -> Profile:
    """Return the profile after today has been billed, due or not (rule R5).

    Raises: RefusedError unless it is active, has a next date and was not billed today.
    """
    _check_state(profile, "bill", ProfileState.ACTIVE)
    _check_billable(profile, "bill")
    if _is_billed(profile, today):
        raise RefusedError("bill", _NOUN, "Recurring has been billed today.")
    return first_billed(profile, today)


def first_billed(profile: Profile, today: date) -> Profile:
    """Return a profile after the day of its creation has been billed (rule R5).

    It bills even where the rule has no date left after it.
    """
    now = schedule.billed_now(profile.schedule, today)
    return _settled(replace(profile, schedule=now))


def upcoming(
    profile: Profile, date_from: date | None = None, most: int = 0
) -> Iterator[date]:
    """Yield the dates of the invoices that will be made, in order.

    They begin with a day, where one is given.

    Raises: InvalidValueError where more than `most` dates have to be counted before.
    """
    counts = partial(_billable_from, profile)
    if date_from is None:
        return schedule.upcoming(profile.schedule, counts)
    return schedule.upcoming_from(profile.schedule, date_from, most, counts)


def next_invoice_on(profile: Profile) -> date | None:
    """Return the date of the profile's next invoice, None where none is to come.

    It is later than the next date of the schedule where nothing is to be billed then.
    """
    return next(upcoming(profile), None)


def days_lost(profile: Profile, today: date) -> Profile:
    """Return the profile without the days before today on which nothing was billed."""
    due = profile.schedule.next_on
    return profile if due is None or due >= today else _rescheduled(profile, today)


def of_client(profile: Profile, client: Client) -> Profile:
    """Return the profile as it bills its client: not at all, where that is deleted."""
    return unscheduled(profile) if client.folder is Folder.DELETED else profile


def unscheduled(profile: Profile) -> Profile:
    """Return the profile without a date to bill, its client being deleted."""
    return _rested(profile)


def with_lines(profile: Profile, lines: tuple[Line, ...]) -> Profile:
    """Return the profile with other lines.

    Raises: InvalidValueError for too many of them, or too large an amount.
    """
    if len(lines) > LINES_MAX:
        raise InvalidValueError("lines", f"A profile has {LINES_MAX} lines at most.")
    changed = replace(profile, lines=lines)
    _check_amounts(changed)
    return changed


def quantity(profile: Profile, on: date) -> Decimal:
    """Return how many things the profile bills on a date; a percentage is none."""
    counted = (
        line.quantity
        for line in profile.lines
        if line.percent is None and line.counts(on)
    )
    return sum(counted, ZERO)


def bills(profile: Profile, on: date) -> bool:
    """Whether there is anything to bill on a date.

    A profile without any lines bills nothing at all, as it ever did: an invoice of 0.
    Where there are lines but none counts on the date, there is no invoice.
    Source: inferred.
    """
    return _billable_from(profile, on) == on


def _billable_from(profile: Profile, day: date) -> date | None:
    """Return the first day from one on, on which there is anything to bill."""
    if not profile.lines:
        return day
    return min(
        (
            max(day, line.start_on or day)
            for line in profile.lines
            if line.end_on is None or line.end_on >= day
        ),
        default=None,
    )


def unbilled(profile: Profile) -> Profile:
    """Return the profile whose next date had nothing to bill: no occurrence is used."""
    return _settled(replace(profile, schedule=schedule.skipped(profile.schedule)))


def _with_plain_fields(
    profile: Profile, changes: ProfileChanges, client: Client
) -> Profile:
    """Return the profile with the fields changed that bear no rule of their own."""
    return replace(
        profile,
        client_id=client.client_id,
        contacts=given(changes.contacts, profile.contacts),
        bill_to=merged(profile.bill_to, changes.bill_to),
        po_number=given(changes.po_number, profile.po_number),
        currency_code=given(changes.currency_code, profile.currency_code),
        language=given(changes.language, "") or profile.language,
        notes=given(changes.notes, profile.notes),
        terms=given(changes.terms, profile.terms),
        return_uri=given(changes.return_uri, profile.return_uri),
        send_snail_mail=given(changes.send_snail_mail, profile.send_snail_mail),
        send_email=given(changes.send_email, profile.send_email),
        due_days=given(changes.due_days, profile.due_days),
        invoice_status=given(changes.invoice_status, profile.invoice_status),
        title=given(changes.title, profile.title),
        autopay=given(changes.autopay, profile.autopay),
        send_receipt=given(changes.send_receipt, profile.send_receipt),
        attributes=given(changes.attributes, profile.attributes),
        billing_model_id=given(changes.billing_model_id, profile.billing_model_id),
    )


def _with_charges(
    profile: Profile, changes: ProfileChanges, today: date, compound: Collection[str]
) -> Profile:
    """Return the profile with what it charges changed: lines, taxes and discounts.

    Raises: InvalidValueError.
    """
    amounts: Sequence[Decimal] = ()
    if not isinstance(asked := changes.lines, Unset):
        amounts = read_amounts(
            profile, today, lambda shown: replaced(profile.lines, asked, shown)
        )
    return replace(profile, **charges.changed(profile, changes, amounts, compound))


def read_amounts(
    profile: Profile, today: date, change: Callable[[Sequence[Decimal]], Sequence[Line]]
) -> Sequence[Decimal]:
    """Return what the lines came to in the answer by which a client changes them.

    `change` returns the lines that a request asks for, by what they were shown to come
    to. Since then dates may have been billed, and other lines count now: who has
    written back what a percentage line came to did not mean to make it money.

    Raises: InvalidValueError, NotFoundError as `change` does.
    """
    if all(line.percent is None for line in profile.lines):
        return ()

    def percentages(amounts: Sequence[Decimal]) -> int:
        return sum(line.percent is not None for line in change(amounts))

    shown = (price(profile, day).lines for day in _shown_on(profile, today))
    return max(([each.amount for each in of] for of in shown), key=percentages)


def _shown_on(profile: Profile, today: date) -> list[date]:
    """Return the date by which lines are shown, and of former ones those that differ.

    They differ by the lines that counted.
    """
    on = next_invoice_on(profile) or today
    begun = {line.start_on for line in profile.lines if line.start_on}
    ended = {line.end_on + ONE_DAY for line in profile.lines if line.end_on}
    former = sorted((day for day in begun | ended if day <= on), reverse=True)
    return [on, *(day - ONE_DAY for day in former[:_FORMER_MAX])]


def _state(profile: Profile, changes: ProfileChanges) -> ProfileState:
    """Return the state after an update: `stopped` counts where it says something new.

    A completed profile shows `stopped` 1; sent back, that is no wish to pause it.

    Raises: RefusedError for one in the archive, which has to be restored first.
    """
    if given(changes.stopped, profile.stopped) == profile.stopped:
        return profile.state
    _check_state(profile, "update", *ProfileState)
    return ProfileState.PAUSED if changes.stopped else ProfileState.ACTIVE


def _check(profile: Profile, account: Account, *, autobilled: bool) -> None:
    if profile.currency_code not in CURRENCIES:
        raise UnknownCurrencyError
    adjustment.check(profile.discount, profile.discounts)
    if profile.due_days > DUE_DAYS_MAX:
        raise InvalidValueError("due_days", f"Use 0 to {DUE_DAYS_MAX} days.")
    check_attributes(profile.attributes)
    if autobilled:
        check_currency(profile.currency_code, account)
    _check_amounts(profile)


def check_attributes(attributes: Sequence[Attribute]) -> None:
    """Refuse more of them than there is room for.

    Raises: InvalidValueError.
    """
    lengths = (len(each.name) + len(each.value) for each in attributes)
    if sum(lengths) > ATTRIBUTES_MAX:
        raise InvalidValueError(
            "attributes", f"They have {ATTRIBUTES_MAX} characters in all at most."
        )


def _check_amounts(profile: Profile) -> None:
    """Refuse lines that come to more than any amount, whenever they count.

    Raises: InvalidValueError.
    """
    if all(line.start_on is None and line.end_on is None for line in profile.lines):
        price(profile, profile.start_on)
        return
    # Lines that cancel each other today need not do so on another date.
    worst = replace(profile, lines=tuple(map(_largest, profile.lines)))
    price(worst, profile.start_on)


def _largest(line: Line) -> Line:
    """Return a line that comes to no less than another, on every date."""
    return replace(
        line,
        unit_cost=abs(line.unit_cost),
        quantity=abs(line.quantity),
        percent=None if line.percent is None else abs(line.percent),
        tax1_percent=abs(line.tax1_percent),
        tax2_percent=abs(line.tax2_percent),
        start_on=None,
        end_on=None,
    )


def _check_expected(profile: Profile, changes: ProfileChanges, on: date) -> None:
    """Refuse sums that are not those of the lines: which are wrong is not ours to say.

    Source: inferred (one of the source systems takes them with the request).
    """
    if changes.recurring_amount is UNSET and changes.quantity is UNSET:
        return
    for name, expected, found in (
        ("recurring_amount", changes.recurring_amount, price(profile, on).total.amount),
        ("quantity", changes.quantity, quantity(profile, on)),
    ):
        if given(expected, found) != found:
            raise InvalidValueError(
                name, f"The lines come to {found:f}, not {expected:f}."
            )


def _check_state(profile: Profile, verb: str, *allowed: str) -> None:
    state = profile.shown_state
    if state not in allowed:
        raise RefusedError(verb, _NOUN, f"Recurring is {state}.")


def _check_billable(profile: Profile, verb: str) -> None:
    if profile.schedule.next_on is None:
        raise RefusedError(verb, _NOUN, "Its client is deleted.")


def _is_billed(profile: Profile, day: date) -> bool:
    """Whether it is too late for a day: it, or a later one, has been billed.

    A request may still be of yesterday when a worker has begun with today.
    """
    last_on = profile.schedule.last_billed_on
    return last_on is not None and day <= last_on


def _rested(profile: Profile) -> Profile:
    return replace(profile, schedule=schedule.rested(profile.schedule))


def _rescheduled(profile: Profile, today: date) -> Profile:
    """Return the profile with its next date found anew, completed if there is none."""
    if profile.state is ProfileState.PAUSED or profile.folder is not Folder.ACTIVE:
        return _rested(profile)
    found = schedule.rescheduled(profile.schedule, today)
    return _settled(replace(profile, schedule=found))


def _settled(profile: Profile) -> Profile:
    """Return the profile with the state that its next date implies."""
    if profile.state is ProfileState.PAUSED:
        return _rested(profile)
    ended = profile.schedule.next_on is None
    state = ProfileState.COMPLETED if ended else ProfileState.ACTIVE
    return replace(profile, state=state)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFilter:
    """What a list of profiles is narrowed to; bounds are inclusive (inferred)."""

    client_id: int | None = None
    autobill: bool | None = None
    date_from: date | None = None
    date_to: date | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    folder: Folder | None = None
