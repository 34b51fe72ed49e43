"""Issuing invoices: each due date of a profile becomes exactly one.

An invoice and the profile's new counters are one transaction, which begins by reading
the profile again; the database refuses a second invoice for a profile and date. So a
crash anywhere, or two workers at once, end with the same invoices.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.domain import recurring as rules
from app.domain import schedule
from app.domain.account import Account
from app.domain.errors import RefusedError, ServiceError
from app.domain.invoice import Invoice, draft
from app.domain.recurring import Profile
from app.services.places import place_of
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import invoice as invoices
from app.storage import recurring as storage
from app.storage.database import DatabaseError, RowError, reading, writing
from app.storage.recurring import Due

# What one request may have to catch up on before it takes effect; years of weeks.
CATCH_UP_MAX = 500

# The verb and the noun of a request, for the answer where it is refused.
Doing = tuple[str, str]

_BATCH = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueInvoice:
    """An invoice that a run would issue, not saved; None: it would be parked."""

    account: Account
    due: Due
    invoice: Invoice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What came of one due date: an invoice, nothing (done already), or a fault."""

    invoice: Invoice | None = None
    parked: bool = False


def issue_next(
    ports: Ports, account: Account, profile: Profile, at: datetime
) -> tuple[Invoice, Profile]:
    """Issue the invoice of the profile's next date, within the caller's transaction."""
    day = profile.progress.next_on
    if day is None:
        raise ValueError("there is no date to bill")
    invoice = replace(draft(profile, day), view_key=ports.secret())
    invoice = invoices.insert(account.account_id, invoice, at)
    after = rules.billed(profile)
    storage.advance(account.account_id, after)
    return invoice, after


def due(ports: Ports, *, on: date | None, test_clocks: bool) -> list[Due]:
    """Return what has the earliest due date of all accounts, a batch of one day.

    `on` stands for today in every account but those on a test clock, which come last,
    one after the other.
    """
    with reading():
        found = storage.due(_days(ports, on), _BATCH)
        if not found and test_clocks:
            for account in accounts.clocks():
                found = storage.due_of(
                    account.account_id, account.today(ports.now()), _BATCH
                )
                if found:
                    break
    return _of_one_day(found)


def due_of(account: Account, until: date) -> list[Due]:
    """Return what has the account's earliest due date up to a day, a batch of it."""
    with reading():
        return _of_one_day(storage.due_of(account.account_id, until, _BATCH))


def _of_one_day(found: list[Due]) -> list[Due]:
    return [item for item in found if item.next_on == found[0].next_on]


def _days(ports: Ports, on: date | None) -> dict[str, date]:
    now = ports.now()
    days = {}
    for zone in accounts.time_zones():
        try:
            days[zone] = on or now.astimezone(ZoneInfo(zone)).date()
        except (ZoneInfoNotFoundError, OSError, ValueError):
            # A zone that this machine no longer knows keeps its own accounts waiting.
            _log.error("the time zone %s is unknown here", zone)
    return days


def issue_due(ports: Ports, item: Due) -> Issued:
    """Issue one due invoice in a transaction of its own; park a profile that fails.

    A test clock that has not got there yet is moved to the day. A fault of the database
    itself is nobody's in particular: it ends the run, and the next run finds the same
    work again.

    Raises: DatabaseError.
    """
    account_id, recurring_id = item.account_id, item.recurring_id
    try:
        with writing():
            account = accounts.get(account_id)
            profile = storage.get(account_id, recurring_id)
            if account is None or profile is None:
                return Issued()
            if profile.progress.next_on != item.next_on or profile.parked_reason:
                return Issued()
            if account.clock_on is not None and account.clock_on < item.next_on:
                # A test clock on its way forward comes by here on the day itself.
                accounts.set_clock(account_id, item.next_on)
                account = replace(account, clock_on=item.next_on)
            at = account.moment(ports.now())
            invoice, _ = issue_next(ports, account, profile, at)
            return Issued(invoice=invoice)
    except Exception as error:
        if isinstance(error, DatabaseError) and not isinstance(error, RowError):
            raise
        # Whatever is wrong with this profile must not keep the others waiting.
        _log.error(
            "parked recurring %d of account %d: %s",
            recurring_id,
            account_id,
            place_of(error),
        )
        reason = f"{item.next_on.isoformat()}: {type(error).__name__}"
        with writing():
            storage.park(item, reason)
        return Issued(parked=True)


def catch_up(
    ports: Ports, account: Account, profile: Profile, today: date, doing: Doing
) -> Profile:
    """Issue, in the caller's transaction, what was due before today; return after.

    A request acts at the beginning of its day. What a worker has not got to yet of the
    days before is billed as the profile was then. A parked profile stays as it is.

    Raises: RefusedError when there is more of it than one request can wait for.
    """
    at = account.moment(ports.now())
    for _ in range(CATCH_UP_MAX):
        day = profile.progress.next_on
        if day is None or day >= today or profile.parked_reason:
            return profile
        _, profile = issue_next(ports, account, profile, at)
    raise RefusedError(*doing, "Its past invoices are still being generated.")


def would_issue(ports: Ports, *, on: date | None) -> Iterator[DueInvoice]:
    """Yield the invoices that a run would issue, profile by profile, unsaved."""
    with reading():
        found = storage.due(_days(ports, on))
        for account in accounts.clocks():
            until = account.today(ports.now())
            found.extend(storage.due_of(account.account_id, until))
        for item in found:
            account_of = accounts.get(item.account_id)
            if account_of is not None:
                until = account_of.clock_on or on or account_of.today(ports.now())
                yield from _would_issue(account_of, item, until)


def _would_issue(account: Account, item: Due, until: date) -> Iterator[DueInvoice]:
    try:
        profile = storage.get(item.account_id, item.recurring_id)
        if profile is None:
            return
        for day in schedule.upcoming(profile.rule, profile.progress):
            if day > until:
                break
            yield DueInvoice(account=account, due=item, invoice=draft(profile, day))
    except (ServiceError, ValueError):
        yield DueInvoice(account=account, due=item, invoice=None)


def parked() -> list[tuple[int, int, str]]:
    """Return account, profile and reason of everything that is parked."""
    with reading():
        return storage.parked()
