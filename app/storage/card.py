"""Cards of clients: what may be shown of them, and the rest sealed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.account import Scope
from app.domain.card import Brand
from app.domain.client_card import ClientCard
from app.domain.folder import Folder
from app.domain.paging import Listing, Page
from app.storage import counter, listing, rows, tables
from app.storage.prepared import Prepared, arg, insertion
from app.storage.scope import ScopedQuery

_NOUN = "card"
_T = tables.Card
_PAGES = rows.Pages(_T.card_id, _NOUN, _T.client_id)
_THIS = (_T.account_id == arg("account_id")) & (_T.card_id == arg("card_id"))
_INSERT = insertion(_T)
_GET = ScopedQuery(_T.select().where(_THIS), _T.client_id)
_BY_ID = rows.ChildRows(_T, _T.card_id)
_DELETE = Prepared(
    _T.update(
        {
            _T.folder: arg("folder"),
            _T.key_version: None,
            _T.sealed: None,
            _T.updated_at: arg("updated_at", _T.updated_at),
        }
    ).where(_THIS)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCard:
    """A card as it is stored; of a deleted one nothing is sealed any more."""

    card: ClientCard
    key_version: int | None
    sealed: bytes | None


def take_id(account_id: int) -> int:
    """Take the id of a new card, which it is sealed to."""
    return counter.take(account_id, _NOUN)


def insert(account_id: int, stored: StoredCard, updated_at: datetime) -> None:
    """Store a new card under the id that was taken for it."""
    card = stored.card
    _INSERT.run(
        account_id=account_id,
        card_id=card.card_id,
        client_id=card.client_id,
        gateway_name=card.gateway_name,
        last_four=card.last_four,
        brand=card.brand or "",
        key_version=stored.key_version,
        sealed=stored.sealed,
        folder=card.folder,
        updated_at=updated_at,
    )
    listing.added(account_id, _NOUN, [card.card_id], card.folder)


def get(scope: Scope, card_id: int) -> StoredCard | None:
    """Return a card, deleted or not."""
    return next(map(_stored, _GET.rows(scope, card_id=card_id)), None)


def by_id(account_id: int, ids: Iterable[int]) -> dict[int, StoredCard]:
    """Return the account's cards of these ids."""
    found = _BY_ID.by_parent(account_id, sorted(ids))
    return {card_id: _stored(row) for card_id, (row,) in found.items()}


def page(scope: Scope, client_id: int | None, page: Page) -> Listing[StoredCard]:
    """Return a page of cards by descending id, those of a client where one is named."""
    conditions = [] if client_id is None else [_T.client_id == client_id]
    found, total = _PAGES.page(scope, None, conditions, page)
    return Listing(rows=tuple(map(_stored, found)), page=page, total=total)


def delete(account_id: int, card: ClientCard, updated_at: datetime) -> None:
    """Put a card into the deleted folder, and destroy what is sealed of it."""
    _DELETE.run(
        account_id=account_id,
        card_id=card.card_id,
        folder=Folder.DELETED,
        updated_at=updated_at,
    )
    listing.moved(account_id, _NOUN, card.card_id, card.folder, Folder.DELETED)


def _stored(row: dict[str, Any]) -> StoredCard:
    return StoredCard(
        card=ClientCard(
            card_id=row["card_id"],
            client_id=row["client_id"],
            gateway_name=row["gateway_name"],
            last_four=row["last_four"],
            brand=Brand(row["brand"]) if row["brand"] else None,
            folder=Folder(row["folder"]),
        ),
        key_version=row["key_version"],
        sealed=None if row["sealed"] is None else bytes(row["sealed"]),
    )
