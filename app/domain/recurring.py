"""Recurring profiles: templates from which invoices are made on a schedule."""

import datetime as dt
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.domain import schedule
from app.domain.account import Account
from app.domain.autobill import Autobill, AutobillRequest, check_currency
from app.domain.bill_to import BillTo, BillToChanges
from app.domain.client import Client
from app.domain.errors import InvalidValueError, UnknownCurrencyError
from app.domain.folder import Folder
from app.domain.line import LINES_MAX, Line, LineChanges, replaced
from app.domain.money import CURRENCIES, ZERO
from app.domain.pricing import price
from app.domain.schedule import Freq, Interval, Progress
from app.domain.unset import UNSET, Maybe, Unset, given, merged

MONTHLY = Interval(freq=Freq.MONTHLY)

# What a create request's words mean where it says nothing. Source: documented for
# send_email and send_snail_mail, settled in the wire reference for the others.
DEFAULT_OCCURRENCES = 0


class ProfileState(StrEnum):
    """Whether a profile generates invoices."""

    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A recurring profile; `recurring_id` is 0 until it is stored.

    `parked_reason` is set by the engine when billing it failed for a reason of its own,
    and cleared by the next update.
    """

    recurring_id: int = 0
    client_id: int
    staff_id: int
    contacts: tuple[int, ...] = ()
    rule: Interval = MONTHLY
    progress: Progress
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
    parked_reason: str = ""
    updated_at: datetime | None = None

    @property
    def stopped(self) -> bool:
        """What a legacy client is told: nothing more will be generated."""
        return self.state is not ProfileState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanges:
    """What a request says of a profile; fields it does not name are UNSET.

    `autobill` is None where the element is empty: auto-billing off, card deleted.
    """

    client_id: Maybe[int] = UNSET
    contacts: Maybe[tuple[int, ...]] = UNSET
    rule: Maybe[Interval] = UNSET
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


def new_profile(
    changes: ProfileChanges,
    *,
    client: Client,
    account: Account,
    staff_id: int,
    today: date,
) -> Profile:
    """Return the profile that a create request describes.

    Names and address are the client's where the request does not give its own.

    Raises: InvalidValueError, naming the field.
    """
    start_on = given(changes.date, today)
    if start_on < today:
        raise InvalidValueError("date", "The first issue date must not be past.")
    blank = Profile(
        client_id=client.client_id,
        staff_id=staff_id,
        progress=Progress(
            start_on=start_on,
            next_on=None,
            occurrences=given(changes.occurrences, DEFAULT_OCCURRENCES),
        ),
        bill_to=client.bill_to,
        currency_code=account.base_currency,
        language=client.language,
        state=ProfileState.PAUSED
        if given(changes.stopped, otherwise=False)
        else ProfileState.ACTIVE,
    )
    profile = _with_plain_fields(blank, changes, client)
    _check(profile, account, autobilled=isinstance(changes.autobill, AutobillRequest))
    return _rescheduled(profile, today)


def changed_profile(
    profile: Profile,
    changes: ProfileChanges,
    *,
    client: Client,
    account: Account,
    today: date,
    carded: bool,
) -> Profile:
    """Return the profile after an update; an equal value changes nothing.

    `carded` says whether a card is stored for it.

    The schedule is found anew only where the request really moves it: the frequency,
    the date or the number of occurrences differs from what answers show, or `stopped`
    does. Writing back what was read therefore leaves it alone.

    Raises: InvalidValueError, naming the field.
    Source: inferred (wire reference 2.8.7), rules R3, R7 and R9.
    """
    changed = _with_plain_fields(profile, changes, client)
    start_on = given(changes.date, profile.progress.start_on)
    if start_on != profile.progress.start_on and start_on < today:
        raise InvalidValueError("date", "The first issue date must not be past.")
    changed = replace(
        changed,
        progress=replace(
            profile.progress,
            start_on=start_on,
            occurrences=given(changes.occurrences, profile.progress.occurrences),
        ),
        state=_state(profile, changes),
    )
    asked = changes.autobill
    autobilled = carded if isinstance(asked, Unset) else asked is not None
    _check(changed, account, autobilled=autobilled)
    moved = (changed.rule, changed.progress, changed.state) != (
        profile.rule,
        profile.progress,
        profile.state,
    )
    # Its former client was deleted, the new one is not.
    revived = profile.state is ProfileState.ACTIVE and profile.progress.next_on is None
    if moved or revived:
        changed = _rescheduled(changed, today)
    if client.folder is Folder.DELETED:
        changed = replace(changed, progress=replace(changed.progress, next_on=None))
    return changed


def with_lines(profile: Profile, lines: tuple[Line, ...]) -> Profile:
    """Return the profile with other lines.

    Raises: InvalidValueError for too many of them, or too large an amount.
    """
    if len(lines) > LINES_MAX:
        raise InvalidValueError("lines", f"A profile has {LINES_MAX} lines at most.")
    price(lines, profile.discount, profile.currency_code)
    return replace(profile, lines=lines)


def billed(profile: Profile) -> Profile:
    """Return the profile after its next date has been billed."""
    progress = schedule.billed(profile.rule, profile.progress)
    return _settled(replace(profile, progress=progress))


def _with_plain_fields(
    profile: Profile, changes: ProfileChanges, client: Client
) -> Profile:
    """Return the profile with the fields changed that bear no rule of their own."""
    return replace(
        profile,
        client_id=client.client_id,
        contacts=given(changes.contacts, profile.contacts),
        rule=given(changes.rule, profile.rule),
        bill_to=merged(profile.bill_to, changes.bill_to),
        po_number=given(changes.po_number, profile.po_number),
        currency_code=given(changes.currency_code, profile.currency_code),
        language=given(changes.language, "") or profile.language,
        notes=given(changes.notes, profile.notes),
        terms=given(changes.terms, profile.terms),
        discount=given(changes.discount, profile.discount),
        return_uri=given(changes.return_uri, profile.return_uri),
        send_snail_mail=given(changes.send_snail_mail, profile.send_snail_mail),
        send_email=given(changes.send_email, profile.send_email),
        lines=profile.lines
        if isinstance(changes.lines, Unset)
        else replaced(profile.lines, changes.lines),
    )


def _state(profile: Profile, changes: ProfileChanges) -> ProfileState:
    """Return the state after an update: `stopped` counts where it says something new.

    A completed profile shows `stopped` 1; sent back, that is no wish to pause it.
    """
    if given(changes.stopped, profile.stopped) == profile.stopped:
        return profile.state
    return ProfileState.PAUSED if changes.stopped else ProfileState.ACTIVE


def _check(profile: Profile, account: Account, *, autobilled: bool) -> None:
    if profile.currency_code not in CURRENCIES:
        raise UnknownCurrencyError
    if not 0 <= profile.discount <= 100:
        raise InvalidValueError("discount", "A discount is 0 to 100 percent.")
    if autobilled:
        check_currency(profile.currency_code, account)
    price(profile.lines, profile.discount, profile.currency_code)


def _rescheduled(profile: Profile, today: date) -> Profile:
    """Return the profile with its next date found anew, completed if there is none."""
    if profile.state is ProfileState.PAUSED:
        return replace(profile, progress=replace(profile.progress, next_on=None))
    progress = schedule.rescheduled(profile.rule, profile.progress, today)
    return _settled(replace(profile, progress=progress))


def _settled(profile: Profile) -> Profile:
    """Return the profile with the state that its next date implies."""
    ended = profile.progress.next_on is None
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
