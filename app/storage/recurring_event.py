"""What happened to profiles: written once, read by profile, never changed."""

import json
from collections.abc import Iterable
from typing import Any

from app.domain.account import Scope
from app.domain.history import Change, Event, What
from app.domain.paging import Listing, Page
from app.storage import database, rows, scope, staff, tables

_T = tables.RecurringEvent

# One statement, so that the number is known to nobody before the row is there. Whoever
# tells of a profile has its row locked, so that two never find the same number.
_INSERT = (
    "INSERT INTO recurring_event "
    "(account_id, recurring_id, number, client_id, at, staff_id, what, changes) "
    "SELECT ?, ?, COALESCE(MAX(number), 0) + 1, ?, ?, ?, ?, ? FROM recurring_event "
    "WHERE account_id = ? AND recurring_id = ?"
)


def insert(account_id: int, events: Iterable[Event]) -> None:
    """Store what happened to profiles, each of which the transaction has locked."""
    stored = [_row(account_id, event) for event in events]
    if len(stored) == 1:
        database.execute(_INSERT, stored[0])
    elif stored:
        database.execute_many(database.proxy.obj.translated(_INSERT), stored)


def page(within: Scope, recurring_id: int, page: Page) -> Listing[Event]:
    """Return a page of what happened to a profile, the newest first.

    A person sees what happened while the profile was one of their clients', and not how
    it came to be or ceased to be: that tells of another client too.
    """
    account_id = within.account_id
    every = _T.select().where(
        _T.account_id == account_id,
        _T.recurring_id == recurring_id,
        *scope.conditions(within, _T.client_id),
    )
    total = every.count()
    if page.offset >= total:
        return Listing(rows=(), page=page, total=total)
    newest = every.order_by(_T.number.desc())
    found = rows.dicts(newest.limit(page.size).offset(page.offset))
    names = staff.usernames(account_id, {row["staff_id"] for row in found} - {None})
    events = tuple(_event(row, names.get(row["staff_id"], "")) for row in found)
    return Listing(rows=events, page=page, total=total)


def _row(account_id: int, event: Event) -> tuple[Any, ...]:
    key = (account_id, event.recurring_id)
    told = [(change.field, change.old, change.new) for change in event.changes]
    return (
        *key,
        event.client_id,
        _T.at.db_value(event.at),
        event.staff_id,
        event.what,
        json.dumps(told, ensure_ascii=False),
        *key,
    )


def _event(row: dict[str, Any], username: str) -> Event:
    return Event(
        recurring_id=row["recurring_id"],
        client_id=row["client_id"],
        number=row["number"],
        at=row["at"],
        staff_id=row["staff_id"],
        username=username,
        what=What(row["what"]),
        changes=[Change(*texts) for texts in json.loads(row["changes"])],
    )
