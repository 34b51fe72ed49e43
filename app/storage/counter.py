"""Ids: per account and noun, rising, never given twice, without gaps."""

from collections.abc import Iterator
from itertools import count as counted

from app.storage import database

# One statement, so that two writers on any database get different ids.
_TAKE = (
    "INSERT INTO counter (account_id, noun, last_id) VALUES (?, ?, ?) "
    "ON CONFLICT (account_id, noun) "
    "DO UPDATE SET last_id = counter.last_id + excluded.last_id RETURNING last_id"
)
# A counter only ever rises.
_REACH = (
    "INSERT INTO counter (account_id, noun, last_id) VALUES (?, ?, ?) "
    "ON CONFLICT (account_id, noun) DO UPDATE SET last_id = excluded.last_id "
    "WHERE counter.last_id < excluded.last_id"
)


def take(account_id: int, noun: str, count: int = 1) -> int:
    """Take `count` ids in a row and return the first of them."""
    last: int = database.execute(_TAKE, (account_id, noun, count)).fetchone()[0]
    return last - count + 1


def fresh(account_id: int, noun: str, count: int) -> Iterator[int]:
    """Take `count` ids and yield them; none are taken where none are wanted."""
    return counted(take(account_id, noun, count) if count else 0)


def reach(account_id: int, noun: str, last_id: int) -> None:
    """Have the next ids follow one that was given otherwise, unless they do already."""
    database.execute(_REACH, (account_id, noun, last_id))
