"""Discounts with names."""

from datetime import datetime
from typing import Any

from app.domain.discount import Discount
from app.domain.paging import Listing, Page
from app.storage import counter, rows, tables
from app.storage.prepared import Prepared, arg, insertion

_NOUN = "discount"
_T = tables.Discount
_INSERT = insertion(_T)
_GET = Prepared(
    _T.select().where(
        _T.account_id == arg("account_id"), _T.discount_id == arg("discount_id")
    )
)
_OWN = ("name", "percent", "amount")


def insert(account_id: int, discount: Discount, updated_at: datetime) -> int:
    """Store a new discount; return its id.

    Raises: database.IntegrityError when the name is taken.
    """
    discount_id = counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        discount_id=discount_id,
        updated_at=updated_at,
        **rows.columns(discount, _OWN),
    )
    return discount_id


def get(account_id: int, discount_id: int) -> Discount | None:
    """Return a discount."""
    found = _GET.rows(account_id=account_id, discount_id=discount_id)
    return next(map(_discount, found), None)


def id_of(account_id: int, name: str) -> int | None:
    """Return the id of the discount of a name."""
    query = _T.select(_T.discount_id).where(
        _T.account_id == account_id, _T.name == name
    )
    return next((found for (found,) in rows.tuples(query)), None)


def page(account_id: int, page: Page) -> Listing[Discount]:
    """Return a page of discounts by descending id."""
    found, total = rows.newest(_T.discount_id, account_id, (), page)
    return Listing(rows=tuple(map(_discount, found)), page=page, total=total)


def update(account_id: int, discount: Discount, updated_at: datetime) -> None:
    """Store the fields of a changed discount."""
    _T.update(updated_at=updated_at, **rows.columns(discount, _OWN)).where(
        _is(account_id, discount.discount_id)
    ).execute()


def delete(account_id: int, discount_id: int) -> None:
    """Delete a discount, which nothing refers to."""
    _T.delete().where(_is(account_id, discount_id)).execute()


def _is(account_id: int, discount_id: int) -> Any:
    return (_T.account_id == account_id) & (_T.discount_id == discount_id)


def _discount(row: dict[str, Any]) -> Discount:
    return rows.built(Discount, ("discount_id", *_OWN), row)
