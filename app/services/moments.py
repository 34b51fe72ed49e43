"""An account and its time, as one transaction sees them."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.account import Account, Scope
from app.services.ports import Ports
from app.storage import account as accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The account and its time, as a transaction sees them.

    `now` is that of the real clock; `at` is what records bear, and `today` the day.
    """

    account: Account
    now: datetime
    at: datetime
    today: date

    @property
    def account_id(self) -> int:
        """The account's id."""
        return self.account.account_id

    @property
    def scope(self) -> Scope:
        """All of the account."""
        return Scope(self.account_id)


def moment(ports: Ports, account_id: int) -> Moment:
    """Return the account as it is stored now, and its time.

    Raises: ValueError where there is none.
    """
    account = accounts.get(account_id)
    if account is None:
        raise ValueError("there is no such account")
    return moment_of(ports, account)


def moment_of(ports: Ports, account: Account) -> Moment:
    """Return an account and its time."""
    now = ports.now()
    return Moment(
        account=account, now=now, at=account.moment(now), today=account.today(now)
    )
