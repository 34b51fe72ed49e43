"""Reports: the verbs. A person's are about the clients that are theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain import report as rules
from app.domain.account import Account, Caller
from app.domain.paging import Page
from app.domain.report import Beginning, Metrics, Period, Tally
from app.domain.schedule import ONE_DAY
from app.domain.transaction import Transactions
from app.services import issuing
from app.services.ports import Ports
from app.storage import report as storage
from app.storage.database import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringReport:
    """What profiles are worth, by currency, at the end of a period."""

    period: Period
    metrics: Sequence[tuple[str, Metrics]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionReport:
    """What moved in a period."""

    period: Period
    transactions: Transactions


def recurring(
    ports: Ports,
    caller: Caller,
    date_from: date | None,
    date_to: date | None,
    *,
    client_id: int | None = None,
) -> RecurringReport:
    """Return what profiles are worth, and what of it was lost in a period.

    It reads every profile of the account, or of a client, some at a time.

    Raises: InvalidValueError for a period that ends before it begins.
    """
    account = caller.account
    today = account.today(ports.now())
    period = rules.period(date_from, date_to, today)
    start = _beginning(account, period.date_from, today)
    end = _beginning(account, period.date_to + ONE_DAY, today)
    tally = Tally(start, end)
    with reading():
        for followed in storage.followed(caller.scope, client_id, start, end):
            now = issuing.as_generated(account, followed.profile, today)
            tally.add(followed, now)
    return RecurringReport(period=period, metrics=tally.metrics())


def _beginning(account: Account, day: date, today: date) -> Beginning | None:
    """Return when a day began; None where that is still to come."""
    return None if day > today else Beginning(day, account.midnight(day))


def transactions(
    ports: Ports,
    caller: Caller,
    date_from: date | None,
    date_to: date | None,
    *,
    client_id: int | None = None,
    page: Page,
) -> TransactionReport:
    """Return a page of the payments of a period, the newest first.

    Raises: InvalidValueError for a period that ends before it begins.
    """
    today = caller.account.today(ports.now())
    period = rules.period(date_from, date_to, today)
    with reading():
        found = storage.transactions(caller.scope, period, client_id, page)
    return TransactionReport(period=period, transactions=found)
