"""How many logins failed in a minute; nothing here belongs to an account."""

from collections.abc import Sequence
from datetime import datetime

import peewee

from app.storage import database, tables

_T = tables.LoginFailure
# Both scopes of a login in one statement, in one order: nobody waits in a circle.
_ADD = (
    "INSERT INTO login_failure (minute, scope, count) VALUES (?, ?, 1), (?, ?, 1) "
    "ON CONFLICT (minute, scope) DO UPDATE SET count = login_failure.count + 1 "
    "RETURNING scope, count"
)


def add(minute: datetime, scopes: Sequence[str]) -> dict[str, int]:
    """Count a failed login in its two scopes; return how many there are in each."""
    number = _number(minute)
    first, second = scopes
    return dict(database.execute(_ADD, (number, first, number, second)).fetchall())


def delete_before(now: datetime, limit: int) -> int:
    """Delete at most so many counts of minutes gone by; return how many."""
    gone = _T.minute < _number(now)
    some = _T.select(_T.minute, _T.scope).where(gone).limit(limit)
    deletion = _T.delete().where(gone, peewee.Tuple(_T.minute, _T.scope).in_(some))
    count: int = deletion.execute()
    return count


def _number(instant: datetime) -> int:
    return int(instant.timestamp()) // 60
