"""The test clock: moving an account's date forward, with the work of each day."""

from datetime import date, datetime, timedelta

from app.domain.account import Account, Caller
from app.domain.errors import InvalidValueError, PermissionDeniedError
from app.services import collecting, expiry, issuing
from app.services.expiry import first_of_next
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import charge as charges
from app.storage import recurring as profiles
from app.storage.database import reading, writing


def get(caller: Caller) -> date:
    """Return the date of the account's test clock.

    Raises: PermissionDeniedError on an account without one.
    """
    return _clock(caller.account)


def set_(ports: Ports, caller: Caller, day: date, *, run: bool) -> date:
    """Move the clock forward to a day, doing the work of every day on the way.

    Without `run` the clock moves and nothing else happens: what has become due waits
    for the next move or for `perennial bill`.

    Raises: PermissionDeniedError on an account without a clock, or for staff, as it
    bills everybody's clients; InvalidValueError for a day before its date.
    """
    account = caller.account
    caller.check_admin()
    if day < _clock(account):
        raise InvalidValueError("date", "A test clock only moves forward.")
    if run:
        _work_until(ports, account, day)
    return _clock(_moved(account, day))


def _work_until(ports: Ports, account: Account, day: date) -> None:
    """Do the work of each day on which there is any, up to and on a day."""
    on: date | None = _clock(account)
    while on is not None:
        account = _moved(account, on)
        issuing.issue_until(ports, account, on)
        collecting.collect_of(ports, account)
        expiry.tell_of(ports, account)
        on = _next_day(account, on, day)


def _next_day(account: Account, after: date, until: date) -> date | None:
    """Return the first day after one with work, or the last; None after that."""
    if after == until:
        return None
    with reading():
        instants = (
            charges.next_check(account.account_id),
            charges.next_held(account.account_id),
        )
        found = (
            issuing.next_day(account),
            charges.next_day(account.account_id, after),
            *(None if at is None else _first_after(account, at) for at in instants),
            first_of_next(after) if profiles.has_cards(account.account_id) else None,
        )
    days = [on for on in found if on and after < on < until]
    return min(days, default=until)


def _first_after(account: Account, at: datetime) -> date:
    """Return the first day that begins at an instant or later."""
    day = at.astimezone(account.zone).date()
    return day if account.midnight(day) >= at else day + timedelta(days=1)


def _moved(account: Account, day: date) -> Account:
    with writing(account.account_id):
        accounts.set_clock(account.account_id, day)
        return accounts.get(account.account_id) or account


def _clock(account: Account) -> date:
    if account.clock_on is None:
        raise PermissionDeniedError
    return account.clock_on
