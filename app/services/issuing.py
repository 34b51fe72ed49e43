"""Issuing invoices: each due date of a profile becomes exactly one.

An invoice and the profile's new counters are one transaction, which begins by claiming
the profile: reading it again, and keeping it from others. The database refuses a second
invoice for a profile and date besides. So a crash anywhere, or any number of workers at
once, end with the same invoices.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain, groupby
from operator import attrgetter

from app.domain import collecting, history, schedule
from app.domain import recurring as rules
from app.domain.account import Account, Scope
from app.domain.errors import RefusedError, ServiceError
from app.domain.event import Change, Event, What
from app.domain.invoice import Invoice, draft
from app.domain.invoice_status import InvoiceStatus
from app.domain.outgoing import Outgoing, OutgoingKind
from app.domain.recurring import Profile, ProfileState
from app.services.account import days as calendar_days
from app.services.places import place_of
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import invoice as invoices
from app.storage import outgoing
from app.storage import recurring as storage
from app.storage.database import (
    attempting,
    looking,
    of_the_database,
    reading,
    writing,
)
from app.storage.events import OF_RECURRING
from app.storage.recurring import ALL, Due

# What one request may have to catch up on before it takes effect; years of weeks.
CATCH_UP_MAX = 500

# The verb and the noun of a request, for the answer where it is refused.
Doing = tuple[str, str]
# Profiles of one account that are due on the same date.
Batch = tuple[Due, ...]

# How much a run looks at before it looks again.
_LISTED = 500
# How many invoices of an account are one transaction: enough that its commit costs
# little for each, few enough that a request does not wait long for it.
BATCH = 100

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueInvoice:
    """An invoice that a run would issue, not saved; None: it would be parked."""

    account: Account
    due: Due
    invoice: Invoice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What came of a batch: how many invoices, and the profiles that were parked.

    `lost` counts those whose date passed without one: there was nothing to bill, or
    nothing was made by itself then. None of
    it means that others have it in hand, or had it before.
    """

    invoices: int = 0
    lost: int = 0
    parked: tuple[Due, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything came of it."""
        return bool(self.invoices or self.lost or self.parked)


def issue_next(
    ports: Ports, account: Account, profiles: Sequence[Profile], at: datetime
) -> tuple[list[Invoice], list[Profile]]:
    """Issue the invoices of the profiles' next dates, in the caller's transaction.

    A profile that has nothing to bill on its date moves on without one.
    """
    dates = [_due_on(profile) for profile in profiles]
    drafts, after = [], []
    for profile, day in zip(profiles, dates, strict=True):
        bills = rules.bills(profile, day)
        drafts += [_drafted(ports, profile, day)] if bills else []
        after.append(rules.billed(profile) if bills else rules.unbilled(profile))
    # First what nobody waits for: the counters keep others waiting until the end.
    storage.advance(account.account_id, after)
    issued = _issued(account, drafts, profiles, at) if drafts else []
    return issued, after


def issue_now(
    ports: Ports, account: Account, after: Profile, today: date, at: datetime
) -> Invoice:
    """Issue an invoice of today, due or not, in the caller's transaction.

    `after` is the profile as it is with that.
    """
    storage.advance(account.account_id, [after])
    (invoice,) = _issued(account, [_drafted(ports, after, today)], [after], at)
    return invoice


def _issued(
    account: Account,
    drafts: Sequence[Invoice],
    profiles: Sequence[Profile],
    at: datetime,
) -> list[Invoice]:
    """Store invoices with the day on which their cards are charged.

    Those are put on their way whose profiles have them posted.
    """
    drafts = _collected(account, drafts, profiles)
    posted = {each.recurring_id for each in profiles if each.send_snail_mail}
    issued = invoices.insert(account.account_id, drafts, at)
    on_the_way = [
        Outgoing(kind=OutgoingKind.POST, invoice_id=invoice.invoice_id, created_at=at)
        for invoice in issued
        if invoice.recurring_id in posted
        and invoice.unpaid_status is not InvoiceStatus.DRAFT
    ]
    if on_the_way:
        outgoing.insert(account.account_id, on_the_way)
    return issued


def _collected(
    account: Account, drafts: Sequence[Invoice], profiles: Sequence[Profile]
) -> list[Invoice]:
    """Return the drafts with the day on which their cards are charged, if ever."""
    autopaid = {each.recurring_id for each in profiles if each.autopay}
    carded = storage.carded(account.account_id, sorted(autopaid))

    def collected(invoice: Invoice) -> Invoice:
        on = collecting.collect_on(
            invoice,
            autopay=invoice.recurring_id in autopaid,
            carded=invoice.recurring_id in carded,
        )
        return invoice if on is None else replace(invoice, collect_on=on)

    return list(map(collected, drafts))


def _due_on(profile: Profile) -> date:
    day = profile.schedule.next_on
    if day is None:
        raise ValueError("there is no date to bill")
    return day


def _drafted(ports: Ports, profile: Profile, day: date) -> Invoice:
    return replace(draft(profile, day), view_key=ports.secret())


def due(ports: Ports, *, on: date | None, test_clocks: bool) -> list[Batch]:
    """Return what has the earliest due date of all accounts, in batches.

    `on` stands for today in every account but those on a test clock, which come last,
    one after the other.
    """
    with reading():
        found = storage.due(_days(ports, on), _LISTED)
        if not found and test_clocks:
            for account in accounts.clocks():
                found = _due_of(account, account.today(ports.now()))
                if found:
                    break
    return _batches(found)


def due_of(account: Account, until: date) -> list[Batch]:
    """Return what has the account's earliest due date up to a day, in batches."""
    with reading():
        return _batches(_due_of(account, until))


def next_day(account: Account) -> date | None:
    """Return the first day on which something is due of an account."""
    found = _due_of(account, schedule.LAST_DAY, 1)
    return found[0].next_on if found else None


def issue_until(ports: Ports, account: Account, until: date) -> None:
    """Issue what has become due of an account up to a day, the oldest date first.

    Only days on which something is due cost anything.
    """
    while found := due_of(account, until):
        issued = [issue_due(ports, batch) for batch in found]
        if not any(issued):
            # Others have it in hand; what they leave is still due.
            break


def _due_of(account: Account, until: date, limit: int = _LISTED) -> list[Due]:
    if not account.auto_generate:
        return []
    return storage.due_of(account.account_id, until, limit)


def _batches(found: list[Due]) -> list[Batch]:
    """Return what has the earliest date of all, an account's in batches of its own."""
    earliest = [item for item in found if item.next_on == found[0].next_on]
    return [
        tuple(of_account[start : start + BATCH])
        for of_account in _by_account(earliest)
        for start in range(0, len(of_account), BATCH)
    ]


def _by_account(found: list[Due]) -> Iterator[list[Due]]:
    for _, group in groupby(found, key=attrgetter("account_id")):
        yield list(group)


def _days(ports: Ports, on: date | None) -> dict[str, date]:
    days = calendar_days(ports.now())
    return days if on is None else dict.fromkeys(days, on)


def issue_due(ports: Ports, batch: Batch) -> Issued:
    """Issue a batch in one transaction; where one of it fails, each in its own.

    A profile that fails for a reason of its own is parked with it, so that it does not
    keep the others waiting. A fault of the database itself is nobody's in particular:
    it ends the run, and the next run finds the same work again.

    Raises: DatabaseError.
    """
    alone = _to_be_alone_with(batch[0].account_id)
    try:
        with writing(alone):
            return _issue(ports, batch, storage.claimed(batch))
    except Exception as error:
        if of_the_database(error):
            raise
    each = [_issue_or_park(ports, item, alone) for item in batch]
    return Issued(
        invoices=sum(issued.invoices for issued in each),
        lost=sum(issued.lost for issued in each),
        parked=tuple(chain.from_iterable(issued.parked for issued in each)),
    )


def _to_be_alone_with(account_id: int) -> int | None:
    """Return the account whose row billing locks first, if it has a test clock.

    Billing may move that clock, so it takes its turn with the requests, which lock the
    account's row before they lock profiles. Others it does not wait for.
    """
    with looking():
        account = accounts.get(account_id)
    return account_id if account and account.clock_on is not None else None


def _issue_or_park(ports: Ports, item: Due, alone: int | None) -> Issued:
    """Issue one invoice, or park its profile while it is still kept from others.

    A request that mends it comes before or after, never in between.
    """
    with writing(alone):
        try:
            profiles = storage.claimed((item,))
            with attempting():
                return _issue(ports, (item,), profiles)
        except Exception as error:
            if of_the_database(error):
                raise
            _log.error(
                "parked recurring %d of account %d: %s",
                item.recurring_id,
                item.account_id,
                place_of(error),
            )
            reason = f"{item.next_on.isoformat()}: {type(error).__name__}"
            return Issued(parked=(item,) if _park(ports, item, reason) else ())


def _park(ports: Ports, item: Due, reason: str) -> bool:
    """Take a profile out of the runs and tell its history; return whether it was in."""
    client_id = storage.park(item, reason)
    if client_id is None:
        return False
    account = accounts.get(item.account_id)
    now = ports.now()
    event = Event(
        of_id=item.recurring_id,
        client_id=client_id,
        at=now if account is None else account.moment(now),
        staff_id=None,
        what=What.PARK,
        changes=history.parked(reason),
    )
    OF_RECURRING.insert(item.account_id, [event])
    return True


def _issue(ports: Ports, batch: Batch, claimed: Sequence[Profile]) -> Issued:
    """Issue the next invoice of profiles of a batch, in the caller's transaction."""
    account_id, day = batch[0].account_id, batch[0].next_on
    account = accounts.get(account_id)
    if account is None or not claimed or not account.auto_generate:
        return Issued()
    if account.clock_on is not None and account.clock_on < day:
        # A test clock on its way forward comes by here on the day itself.
        accounts.set_clock(account_id, day)
        account = replace(account, clock_on=day)
    at = account.moment(ports.now())
    if account.generates_from is not None and day < account.generates_from:
        from_on = account.generates_from
        lost = [rules.days_lost(profile, from_on) for profile in claimed]
        storage.advance(account_id, lost)
        OF_RECURRING.insert(account_id, _completed(lost, at))
        return Issued(lost=len(lost))
    issued, _ = _issue_and_tell(ports, account, claimed, at)
    return Issued(invoices=len(issued), lost=len(claimed) - len(issued))


def _issue_and_tell(
    ports: Ports, account: Account, profiles: Sequence[Profile], at: datetime
) -> tuple[list[Invoice], list[Profile]]:
    """Issue as `issue_next` does; tell the history what nobody asked for."""
    issued, after = issue_next(ports, account, profiles, at)
    unbilled = nothing_due(profiles, at)
    OF_RECURRING.insert(account.account_id, [*unbilled, *_completed(after, at)])
    return issued, after


def nothing_due(profiles: Sequence[Profile], at: datetime) -> list[Event]:
    """Return what is told of those profiles that bill nothing on their next date."""
    return [
        _event(profile, What.NOTHING_DUE, history.nothing_due(day), at)
        for profile in profiles
        if not rules.bills(profile, day := _due_on(profile))
    ]


def _completed(profiles: Sequence[Profile], at: datetime) -> list[Event]:
    """Return what is told of those profiles that have just passed their last date."""
    return [
        _event(profile, What.COMPLETE, history.COMPLETED, at)
        for profile in profiles
        if profile.state is ProfileState.COMPLETED
    ]


def _event(
    profile: Profile, what: What, changes: Sequence[Change], at: datetime
) -> Event:
    return Event(
        of_id=profile.recurring_id,
        client_id=profile.client_id,
        at=at,
        staff_id=None,
        what=what,
        changes=changes,
    )


def catch_up(
    ports: Ports, account: Account, profile: Profile, today: date, doing: Doing
) -> Profile:
    """Issue, in the caller's transaction, what was due before today; return after.

    A request acts at the beginning of its day. What a worker has not got to yet of the
    days before is billed as the profile was then; days on which nothing was made by
    itself are lost. A parked profile stays as it is.

    Raises: RefusedError when there is more of it than one request can wait for.
    """
    at = account.moment(ports.now())
    profile = as_generated(account, profile, today)
    for _ in range(CATCH_UP_MAX):
        day = profile.schedule.next_on
        if day is None or day >= today or profile.parked_reason:
            return profile
        _, (profile,) = _issue_and_tell(ports, account, [profile], at)
    raise RefusedError(*doing, "Its past invoices are still being generated.")


def check_caught_up(account: Account, today: date, doing: Doing, most: int = 0) -> None:
    """Refuse to go on while more than `most` profiles were due before today.

    Raises: RefusedError.
    """
    if len(_due_of(account, today - schedule.ONE_DAY, most + 1)) > most:
        raise RefusedError(*doing, "Its past invoices are still being generated.")


def as_generated(account: Account, profile: Profile, today: date) -> Profile:
    """Return a profile without the days on which nothing was made by itself."""
    from_on = account.generates_from if account.auto_generate else today
    return profile if from_on is None else rules.days_lost(profile, from_on)


def would_issue(ports: Ports, *, on: date | None) -> Iterator[DueInvoice]:
    """Yield the invoices that a run would issue, profile by profile, unsaved."""
    with reading():
        found = storage.due(_days(ports, on))
        for account in accounts.clocks():
            until = account.today(ports.now())
            found.extend(_due_of(account, until, ALL))
        for item in found:
            account_of = accounts.get(item.account_id)
            if account_of is not None:
                until = account_of.clock_on or on or account_of.today(ports.now())
                yield from _would_issue(account_of, item, until)


def _would_issue(account: Account, item: Due, until: date) -> Iterator[DueInvoice]:
    try:
        profile = storage.get(Scope(item.account_id), item.recurring_id)
        if profile is None:
            return
        profile = as_generated(account, profile, until)
        for day in rules.upcoming(profile):
            if day > until:
                break
            yield DueInvoice(account=account, due=item, invoice=draft(profile, day))
    except (ServiceError, ValueError):
        yield DueInvoice(account=account, due=item, invoice=None)
