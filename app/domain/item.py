"""Items: what is sold, ready for the lines of bills."""

from dataclasses import dataclass
from decimal import Decimal

from app.domain.errors import MissingFieldError
from app.domain.folder import Folder
from app.domain.money import ZERO
from app.domain.unset import UNSET, Maybe, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item; `item_id` is 0 until it is stored.

    `unit_cost` is of no currency until a bill has one. `inventory` is how many are in
    stock, None where nobody counts them.
    """

    item_id: int = 0
    name: str = ""
    description: str = ""
    unit_cost: Decimal = ZERO
    quantity: Decimal = ZERO
    inventory: Decimal | None = None
    folder: Folder = Folder.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChanges:
    """What a request says of an item; fields it does not name are UNSET."""

    name: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    unit_cost: Maybe[Decimal] = UNSET
    quantity: Maybe[Decimal] = UNSET
    inventory: Maybe[Decimal | None] = UNSET


def new_item(changes: ItemChanges) -> Item:
    """Return the item that a create request describes.

    Raises: MissingFieldError.
    """
    return changed_item(Item(), changes)


def changed_item(item: Item, changes: ItemChanges) -> Item:
    """Return the item after an update.

    Raises: MissingFieldError.
    """
    changed = merged(item, changes)
    if not changed.name:
        raise MissingFieldError("name")
    return changed
