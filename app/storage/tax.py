"""Taxes: names with rates."""

from datetime import datetime
from typing import Any

from app.domain.paging import Listing, Page
from app.domain.tax import Tax
from app.storage import counter, rows, tables
from app.storage.prepared import Prepared, arg, insertion

_NOUN = "tax"
_T = tables.Tax
_INSERT = insertion(_T)
_GET = Prepared(
    _T.select().where(_T.account_id == arg("account_id"), _T.tax_id == arg("tax_id"))
)
_COMPOUND = Prepared(
    _T.select(_T.name).where(_T.account_id == arg("account_id"), _T.compound)
)
_OWN = ("name", "rate", "number", "compound")


def insert(account_id: int, tax: Tax, updated_at: datetime) -> int:
    """Store a new tax; return its id.

    Raises: database.IntegrityError when the name is taken.
    """
    tax_id = counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        tax_id=tax_id,
        updated_at=updated_at,
        **rows.columns(tax, _OWN),
    )
    return tax_id


def get(account_id: int, tax_id: int) -> Tax | None:
    """Return a tax."""
    found = _GET.rows(account_id=account_id, tax_id=tax_id)
    return next(map(_tax, found), None)


def id_of(account_id: int, name: str) -> int | None:
    """Return the id of the tax of a name."""
    query = _T.select(_T.tax_id).where(_T.account_id == account_id, _T.name == name)
    return next((found for (found,) in rows.tuples(query)), None)


def compound_names(account_id: int) -> frozenset[str]:
    """Return the names of the account's compound taxes."""
    return frozenset(row["name"] for row in _COMPOUND.rows(account_id=account_id))


def page(account_id: int, page: Page, *, compound: bool | None) -> Listing[Tax]:
    """Return a page of taxes by descending id; None means compound and plain ones."""
    conditions = [] if compound is None else [_T.compound == compound]
    found, total = rows.newest(_T.tax_id, account_id, conditions, page)
    return Listing(rows=tuple(map(_tax, found)), page=page, total=total)


def update(account_id: int, tax: Tax, updated_at: datetime) -> None:
    """Store the fields of a changed tax."""
    _T.update(updated_at=updated_at, **rows.columns(tax, _OWN)).where(
        _is(account_id, tax.tax_id)
    ).execute()


def delete(account_id: int, tax_id: int) -> None:
    """Delete a tax, which nothing refers to."""
    _T.delete().where(_is(account_id, tax_id)).execute()


def _is(account_id: int, tax_id: int) -> Any:
    return (_T.account_id == account_id) & (_T.tax_id == tax_id)


def _tax(row: dict[str, Any]) -> Tax:
    return rows.built(Tax, ("tax_id", *_OWN), row)
