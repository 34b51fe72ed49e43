"""For those who watch: how much there is to do and was done, over all accounts.

Each figure is read from an index, or from a table that stays small.
"""

from collections.abc import Mapping
from datetime import date, datetime

import peewee

from app.domain.charge import ChargeState
from app.storage import recurring, rows, tables


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


def charges() -> dict[ChargeState, int]:
    """Count the attempts under way by their state."""
    charge = tables.Charge
    # The condition is that of the index, word by word, so that it is used.
    query = (
        charge.select(charge.state, peewee.fn.COUNT(peewee.SQL("*")))
        .where(peewee.SQL(tables.UNDER_WAY))
        .group_by(charge.state)
    )
    return {ChargeState(state): count for state, count in rows.tuples(query)}


def held(now: datetime) -> int:
    """Count the invoices that are held back until their gateway is asked again."""
    invoice = tables.Invoice
    query = invoice.select().where(peewee.SQL(tables.HELD), invoice.held_until > now)
    return int(query.count())


def gateways_alone(failures: int) -> int:
    """Count the gateways that failed so many times in a row, or more often."""
    gateway = tables.Gateway
    return int(gateway.select().where(gateway.failures >= failures).count())
