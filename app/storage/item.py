"""Items: what is sold."""

from datetime import datetime
from typing import Any

from app.domain.account import Scope
from app.domain.folder import Folder
from app.domain.item import Item
from app.domain.paging import Listing, Page
from app.storage import counter, listing, rows, tables
from app.storage.prepared import Prepared, arg, insertion

_NOUN = "item"
_T = tables.Item
_PAGES = rows.Pages(_T.item_id, _NOUN)
_INSERT = insertion(_T)
_GET = Prepared(
    _T.select().where(_T.account_id == arg("account_id"), _T.item_id == arg("item_id"))
)
_OWN = ("name", "description", "unit_cost", "quantity", "inventory")


def insert(account_id: int, item: Item, updated_at: datetime) -> int:
    """Store a new item; return its id."""
    item_id = counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        item_id=item_id,
        folder=Folder.ACTIVE,
        updated_at=updated_at,
        **rows.columns(item, _OWN),
    )
    listing.added(account_id, _NOUN, [item_id], Folder.ACTIVE)
    return item_id


def get(account_id: int, item_id: int) -> Item | None:
    """Return an item, deleted or not."""
    found = _GET.rows(account_id=account_id, item_id=item_id)
    return next(map(_item, found), None)


def page(account_id: int, folder: Folder | None, page: Page) -> Listing[Item]:
    """Return a page of items by descending id."""
    found, total = _PAGES.page(Scope(account_id), folder, (), page)
    return Listing(rows=tuple(map(_item, found)), page=page, total=total)


def update(account_id: int, item: Item, updated_at: datetime) -> None:
    """Store the fields of a changed item."""
    _T.update(updated_at=updated_at, **rows.columns(item, _OWN)).where(
        _is(account_id, item.item_id)
    ).execute()


def move(account_id: int, item: Item, folder: Folder, updated_at: datetime) -> None:
    """Put an item into another folder."""
    _T.update(folder=folder, updated_at=updated_at).where(
        _is(account_id, item.item_id)
    ).execute()
    listing.moved(account_id, _NOUN, item.item_id, item.folder, folder)


def _is(account_id: int, item_id: int) -> Any:
    return (_T.account_id == account_id) & (_T.item_id == item_id)


def _item(row: dict[str, Any]) -> Item:
    return Item(
        item_id=row["item_id"],
        folder=Folder(row["folder"]),
        **{name: row[name] for name in _OWN},
    )
