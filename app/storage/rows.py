"""Between dataclasses and rows: the pieces that several nouns share."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from app.domain.account import Scope
from app.domain.bill_to import BillTo
from app.domain.folder import LISTED, Folder
from app.domain.paging import Page
from app.storage import listing, scope
from app.storage.prepared import Prepared, arg

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


class ChildRows:
    """The rows of a child table for several parents at once, in their order."""

    def __init__(
        self,
        model: Any,
        parent: Any,
        order: Any = None,
        conditions: Sequence[Any] = (),
    ) -> None:
        """Read `model` by its column `parent`, ordered by `order` within one.

        `conditions` leave rows out.
        """
        self._model = model
        self._parent = parent
        self._conditions = conditions
        self._order = [parent] if order is None else [parent, order]
        # The SQL differs by how many parents there are, at most a page of them.
        self._prepared = cache(self._prepare)

    def by_parent(
        self, account_id: int, ids: Sequence[int]
    ) -> dict[int, list[dict[str, Any]]]:
        """Return the rows of these parents, by parent; none for one that has none."""
        found: dict[int, list[dict[str, Any]]] = {}
        if ids:
            arguments = {f"id{number}": row_id for number, row_id in enumerate(ids)}
            prepared = self._prepared(len(ids))
            for row in prepared.rows(account_id=account_id, **arguments):
                found.setdefault(row[self._parent.name], []).append(row)
        return found

    def _prepare(self, count: int) -> Prepared:
        ids = [arg(f"id{number}") for number in range(count)]
        return Prepared(
            self._model.select()
            .where(
                self._model.account_id == arg("account_id"),
                self._parent.in_(ids),
                *self._conditions,
            )
            .order_by(*self._order)
        )


class Pages:
    """Pages of a noun's table by descending id."""

    def __init__(self, key: Any, noun: str, client: Any = None) -> None:
        """Page through the table of the id column `key`.

        `client` is whose a row is; without it, all is the whole account's.
        """
        self._key = key
        self._client = client
        self._noun = noun
        self._prepared = cache(self._prepare)

    def page(
        self,
        within: Scope,
        folder: Folder | None,
        conditions: Sequence[Any],
        page: Page,
    ) -> tuple[list[dict[str, Any]], int]:
        """Return the rows of a page, and the total.

        Without conditions beyond the folder the page is found by the counted blocks;
        with them the rows that meet them are counted.
        """
        account_id = within.account_id
        folders = LISTED if folder is None else (folder,)
        conditions = [*conditions, *scope.conditions(within, self._client)]
        if conditions:
            return self._narrowed(account_id, folders, conditions, page)
        found = listing.place(account_id, self._noun, folders, page.offset)
        if page.offset >= found.total:
            return [], found.total
        rows = self._prepared(len(folders)).rows(
            account_id=account_id,
            below=found.below,
            limit=page.size,
            offset=found.skip,
            **{f"folder{number}": name for number, name in enumerate(folders)},
        )
        return rows, found.total

    def _narrowed(
        self,
        account_id: int,
        folders: Sequence[Folder],
        conditions: Sequence[Any],
        page: Page,
    ) -> tuple[list[dict[str, Any]], int]:
        model, key = self._key.model, self._key
        every = model.select().where(
            model.account_id == account_id, model.folder.in_(folders), *conditions
        )
        total = every.count()
        if page.offset >= total:
            return [], total
        # The ids first: they are found in an index, and a page of rows is then read.
        found = every.select(key).order_by(key.desc())
        limited = found.limit(page.size).offset(page.offset)
        ids = [row_id for (row_id,) in tuples(limited)]
        rows = model.select().where(model.account_id == account_id, key.in_(ids))
        return dicts(rows.order_by(key.desc())), total

    def _prepare(self, count: int) -> Prepared:
        model = self._key.model
        folders = [arg(f"folder{number}") for number in range(count)]
        return Prepared(
            model.select()
            .where(
                model.account_id == arg("account_id"),
                model.folder.in_(folders),
                self._key < arg("below"),
            )
            .order_by(self._key.desc())
            .limit(arg("limit"))
            .offset(arg("offset"))
        )


def newest(
    key: Any, account_id: int, conditions: Sequence[Any], page: Page
) -> tuple[list[dict[str, Any]], int]:
    """Return a page of an account's rows by descending id, and the total.

    All that meet the conditions are counted: for tables without folders, which are
    short.
    """
    model = key.model
    every = model.select().where(model.account_id == account_id, *conditions)
    total = every.count()
    # A page far beyond the end has a number that no database can take.
    if page.offset >= total:
        return [], total
    ordered = every.order_by(key.desc())
    return dicts(ordered.limit(page.size).offset(page.offset)), total


def dicts(query: Any) -> list[dict[str, Any]]:
    """Run a query and return its rows by column name."""
    return list(query.dicts())


def tuples(query: Any) -> list[tuple[Any, ...]]:
    """Run a query and return its rows in column order."""
    return list(query.tuples())


def between(field: Any, low: Any, high: Any) -> list[Any]:
    """Return the conditions of an inclusive range; None leaves an end open."""
    conditions = []
    if low is not None:
        conditions.append(field >= low)
    if high is not None:
        conditions.append(field <= high)
    return conditions
