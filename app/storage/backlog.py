"""For those who watch: how much there is to do and was done, over all accounts.

Each figure is read from an index, or from a table that stays small.
"""

from collections.abc import Mapping
from datetime import date

import peewee

from app.storage import recurring, tables


def due(zones: Mapping[str, date]) -> int:
    """Count the profiles that are due by the real calendar; parked ones are left out.

    `zones` tells the day in each time zone.
    """
    if not zones:
        return 0
    days = recurring.by_day(zones)
    return int(recurring.by_calendar(days[0][0], days).order_by().count())


def parked() -> int:
    """Count the profiles that wait for a person."""
    return int(recurring.waiting().count())


def invoices() -> int:
    """Count the invoices ever made: what each account's counter has come to."""
    counter = tables.Counter
    query = counter.select(peewee.fn.SUM(counter.last_id)).where(
        counter.noun == "invoice"
    )
    return int(query.scalar() or 0)
