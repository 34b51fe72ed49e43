"""The people of accounts, and the clients that they are assigned to."""

from collections.abc import Collection, Iterable
from typing import Any

import peewee

from app.domain.account import Scope, Staff
from app.domain.paging import Listing, Page
from app.storage import rows, tables
from app.storage.prepared import insertion

_T = tables.Staff
_C = tables.StaffClient
_INSERT = insertion(_T)
_OWN = ("staff_id", "username", "first_name", "last_name", "email", "created_at")


def insert(account_id: int, staff: Staff) -> None:
    """Store a new person, whose id was chosen before.

    Raises: database.IntegrityError when the user name is taken.
    """
    _INSERT.run(account_id=account_id, **rows.columns(staff, _OWN))


def last_id(account_id: int) -> int:
    """Return the highest id of the account's people; they are never deleted."""
    query = _T.select(peewee.fn.MAX(_T.staff_id)).where(_T.account_id == account_id)
    ((highest,),) = rows.tuples(query)
    return int(highest)


def get(account_id: int, staff_id: int) -> Staff:
    """Return a person of the account, who is known to be there."""
    (found,) = _found(account_id, _T.staff_id == staff_id)
    return found


def visible(within: Scope, staff_id: int) -> Staff | None:
    """Return a person, if the scope lets them be seen."""
    found = _found(within.account_id, _T.staff_id == staff_id, *_seen(within))
    return next(iter(found), None)


def page(within: Scope, page: Page) -> Listing[Staff]:
    """Return a page of the people that a scope lets be seen, by descending id."""
    found, total = rows.newest(_T.staff_id, within.account_id, _seen(within), page)
    people = tuple(rows.built(Staff, _OWN, row) for row in found)
    return Listing(rows=people, page=page, total=total)


def by_username(account_id: int, username: str) -> Staff | None:
    """Return the person of a user name."""
    return next(iter(_found(account_id, _T.username == username)), None)


def usernames(account_id: int, ids: Collection[int]) -> dict[int, str]:
    """Return the user names of people of the account, by id."""
    if not ids:
        return {}
    query = _T.select(_T.staff_id, _T.username).where(
        _T.account_id == account_id, _T.staff_id.in_(list(ids))
    )
    return dict(rows.tuples(query))


def assign(account_id: int, staff_id: int, clients: Iterable[int]) -> None:
    """Assign clients to a person; those that are already stay so."""
    for client_id in clients:
        _C.insert(
            account_id=account_id, staff_id=staff_id, client_id=client_id
        ).on_conflict_ignore().execute()


def unassign(account_id: int, staff_id: int, clients: Iterable[int]) -> None:
    """Take clients away from a person."""
    _C.delete().where(
        _C.account_id == account_id,
        _C.staff_id == staff_id,
        _C.client_id.in_(list(clients)),
    ).execute()


def _seen(within: Scope) -> list[Any]:
    """Return the condition that narrows a query to the one person of a scope."""
    return [] if within.staff_id is None else [_T.staff_id == within.staff_id]


def _found(account_id: int, *conditions: Any) -> list[Staff]:
    return _built(_T.select().where(_T.account_id == account_id, *conditions))


def _built(query: Any) -> list[Staff]:
    return [rows.built(Staff, _OWN, row) for row in rows.dicts(query)]
