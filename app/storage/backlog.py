"""For those who watch: how much there is to do and was done, over all accounts.

Each figure is read from an index, or from a table that stays small.
"""

from collections.abc import Mapping
from datetime import date
from functools import reduce
from operator import or_

import peewee
from peewee import SQL

from app.domain.folder import Folder
from app.storage import tables

_T = tables.Recurring


def due(zones: Mapping[str, date]) -> int:
    """Count the profiles that are due by the real calendar; parked ones are left out.

    `zones` tells the day in each time zone. The condition on the parked reason is that
    of the index, word by word, so that it is used.
    """
    if not zones:
        return 0
    account = tables.Account
    days: dict[date, list[str]] = {}
    for zone, day in zones.items():
        days.setdefault(day, []).append(zone)
    by_zone = [
        account.time_zone.in_(names) & (_T.next_on <= day)
        for day, names in days.items()
    ]
    query = (
        _T.select()
        .join(account, on=(account.account_id == _T.account_id))
        .where(
            _T.next_on.is_null(is_null=False),
            _T.parked_reason == SQL("''"),
            _T.next_on <= max(days),
            account.clock_on.is_null(),
            reduce(or_, by_zone),
        )
    )
    return int(query.count())


def parked() -> int:
    """Count the profiles that wait for a person."""
    query = _T.select().where(
        _T.parked_reason != SQL("''"), _T.folder != Folder.DELETED
    )
    return int(query.count())


def invoices() -> int:
    """Count the invoices ever made: what each account's counter has come to."""
    counter = tables.Counter
    query = counter.select(peewee.fn.SUM(counter.last_id)).where(
        counter.noun == "invoice"
    )
    return int(query.scalar() or 0)
