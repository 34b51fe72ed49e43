"""Categories of expenses, in two levels."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.domain.category import Branch, Category
from app.domain.paging import Listing, Page
from app.domain.unset import Maybe, Unset
from app.storage import counter, rows, tables
from app.storage.prepared import Prepared, arg, insertion

_NOUN = "category"
_T = tables.Category
_INSERT = insertion(_T)
_GET = Prepared(
    _T.select().where(
        _T.account_id == arg("account_id"), _T.category_id == arg("category_id")
    )
)
_BELOW = rows.ChildRows(_T, _T.parent_id, order=_T.category_id.desc())
_OWN = ("name", "parent_id")


def insert(account_id: int, category: Category, updated_at: datetime) -> int:
    """Store a new category; return its id."""
    category_id = counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        category_id=category_id,
        updated_at=updated_at,
        **rows.columns(category, _OWN),
    )
    return category_id


def get(account_id: int, category_id: int) -> Category | None:
    """Return a category."""
    found = _GET.rows(account_id=account_id, category_id=category_id)
    return next(map(_category, found), None)


def count_below(account_id: int, category_id: int) -> int:
    """Return how many sub-categories a category has."""
    found: int = (
        _T.select()
        .where(_T.account_id == account_id, _T.parent_id == category_id)
        .count()
    )
    return found


def page(
    account_id: int, parent_id: Maybe[int | None], page: Page
) -> Listing[Category]:
    """Return a page of categories by descending id.

    Of all of them, of those below a parent, or of the upper level (None).
    """
    conditions = [] if isinstance(parent_id, Unset) else [_is_below(parent_id)]
    found, total = rows.newest(_T.category_id, account_id, conditions, page)
    return Listing(rows=tuple(map(_category, found)), page=page, total=total)


def branches(account_id: int, categories: Iterable[Category]) -> tuple[Branch, ...]:
    """Return categories with those below each of them, by descending id."""
    upper = tuple(categories)
    below = _BELOW.by_parent(account_id, [each.category_id for each in upper])
    return tuple(
        Branch(
            category=each,
            subcategories=tuple(map(_category, below.get(each.category_id, ()))),
        )
        for each in upper
    )


def update(account_id: int, category: Category, updated_at: datetime) -> None:
    """Store the fields of a changed category."""
    _T.update(updated_at=updated_at, **rows.columns(category, _OWN)).where(
        _is(account_id, category.category_id)
    ).execute()


def delete(account_id: int, category_id: int) -> None:
    """Delete a category, which none is below."""
    _T.delete().where(_is(account_id, category_id)).execute()


def _is(account_id: int, category_id: int) -> Any:
    return (_T.account_id == account_id) & (_T.category_id == category_id)


def _is_below(parent_id: int | None) -> Any:
    return _T.parent_id.is_null() if parent_id is None else _T.parent_id == parent_id


def _category(row: dict[str, Any]) -> Category:
    return rows.built(Category, ("category_id", *_OWN), row)
