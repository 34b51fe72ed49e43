"""Between dataclasses and rows: the pieces that several nouns share."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from app.domain.bill_to import BillTo
from app.domain.folder import LISTED, Folder
from app.domain.paging import Page
from app.storage import listing

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

D = TypeVar("D", bound="DataclassInstance")

BILL_TO = tuple(field.name for field in fields(BillTo))


def columns(value: "DataclassInstance", names: Iterable[str]) -> dict[str, Any]:
    """Return the named fields of a value, as columns of the same names."""
    return {name: getattr(value, name) for name in names}


def built(kind: type[D], names: Sequence[str], row: dict[str, Any]) -> D:
    """Return a value made of the named columns of a row."""
    return kind(**{name: row[name] for name in names})


def dicts(query: Any) -> list[dict[str, Any]]:
    """Run a query and return its rows by column name."""
    return list(query.dicts())


def tuples(query: Any) -> list[tuple[Any, ...]]:
    """Run a query and return its rows in column order."""
    return list(query.tuples())


def page_of(
    query: Any,
    key: Any,
    *,
    account_id: int,
    noun: str,
    folder: Folder | None,
    conditions: Sequence[Any],
    page: Page,
) -> tuple[list[dict[str, Any]], int]:
    """Return the rows of a page, by descending id, and the total.

    `key` is the id column of the model that `query` selects from; `conditions` narrow
    the list beyond its folder.
    """
    model = key.model
    folders = LISTED if folder is None else (folder,)
    scope = query.where(model.account_id == account_id, model.folder.in_(folders))
    if conditions:
        scope = scope.where(*conditions)
        total, skip = scope.count(), page.offset
    else:
        found = listing.place(account_id, noun, folders, page.offset)
        total, skip = found.total, found.skip
        scope = scope.where(key < found.below)
    if page.offset >= total:
        return [], total
    ordered = scope.order_by(key.desc()).limit(page.size).offset(skip)
    return dicts(ordered), total


def between(field: Any, low: Any, high: Any) -> list[Any]:
    """Return the conditions of an inclusive range; None leaves an end open."""
    conditions = []
    if low is not None:
        conditions.append(field >= low)
    if high is not None:
        conditions.append(field <= high)
    return conditions
