"""Requests that were carried out once, by the hash of their key."""

from dataclasses import dataclass
from datetime import datetime

import peewee

from app.storage import tables
from app.storage.prepared import Prepared, arg

_T = tables.IdempotencyKey
_GET = Prepared(
    _T.select().where(
        _T.account_id == arg("account_id"),
        _T.key_hash == arg("key_hash"),
        _T.created_at > arg("since", _T.created_at),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A request, as a sealed digest, and what it was answered."""

    key_version: int
    request: bytes
    answer: str
    created_at: datetime


def put(account_id: int, key_hash: str, answered: Answered) -> None:
    """Store what was answered, in place of what has expired."""
    columns = {
        _T.key_version: answered.key_version,
        _T.request: answered.request,
        _T.answer: answered.answer,
        _T.created_at: answered.created_at,
    }
    _T.insert(
        {_T.account_id: account_id, _T.key_hash: key_hash, **columns}
    ).on_conflict(
        conflict_target=[_T.account_id, _T.key_hash], update=columns
    ).execute()


def get(account_id: int, key_hash: str, since: datetime) -> Answered | None:
    """Return what a key's request was answered after an instant."""
    for row in _GET.rows(account_id=account_id, key_hash=key_hash, since=since):
        return Answered(
            key_version=row["key_version"],
            request=bytes(row["request"]),
            answer=row["answer"],
            created_at=row["created_at"],
        )
    return None


def delete_before(instant: datetime, limit: int) -> int:
    """Delete at most so many keys of all accounts by their age; return how many.

    The age is asked for twice: one that is being replaced at this moment stays.
    """
    expired = _T.created_at <= instant
    some = _T.select(_T.account_id, _T.key_hash).where(expired).limit(limit)
    key = peewee.Tuple(_T.account_id, _T.key_hash)
    count: int = _T.delete().where(expired, key.in_(some)).execute()
    return count
