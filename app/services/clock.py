"""The test clock: moving an account's date forward, with the work of each day."""

from datetime import date

from app.domain.account import Account, Caller
from app.domain.errors import InvalidValueError, PermissionDeniedError
from app.services import issuing
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage.database import writing


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
        issuing.issue_until(ports, account, day)
    with writing(account.account_id):
        accounts.set_clock(account.account_id, day)
        moved = accounts.get(account.account_id)
    return _clock(moved or account)


def _clock(account: Account) -> date:
    if account.clock_on is None:
        raise PermissionDeniedError
    return account.clock_on
