"""Items: the verbs. All of an account's people have them, as they make its bills."""

from app.domain.account import Caller
from app.domain.errors import DeletedError, NotFoundError
from app.domain.folder import Folder
from app.domain.item import Item, ItemChanges, changed_item, new_item
from app.domain.paging import Listing, Page
from app.services.ports import Ports
from app.storage import item as storage
from app.storage.database import reading, writing


def create(ports: Ports, caller: Caller, changes: ItemChanges) -> int:
    """Make an item; return its id.

    Raises: MissingFieldError.
    """
    account = caller.account
    item = new_item(changes)
    with writing(account.account_id):
        return storage.insert(account.account_id, item, account.moment(ports.now()))


def update(ports: Ports, caller: Caller, item_id: int, changes: ItemChanges) -> None:
    """Change the named fields of an item; the lines of bills stay as they are.

    Raises: NotFoundError, DeletedError, MissingFieldError.
    """
    account = caller.account
    with writing(account.account_id):
        item = _existing(account.account_id, item_id)
        changed = changed_item(item, changes)
        if changed != item:
            storage.update(account.account_id, changed, account.moment(ports.now()))


def get(caller: Caller, item_id: int) -> Item:
    """Return an item.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    with reading():
        return _existing(caller.account.account_id, item_id)


def list_(caller: Caller, folder: Folder | None, page: Page) -> Listing[Item]:
    """Return a page of items, the newest first."""
    with reading():
        return storage.page(caller.account.account_id, folder, page)


def delete(ports: Ports, caller: Caller, item_id: int) -> None:
    """Delete an item; the lines of bills stay as they are.

    Raises: NotFoundError, DeletedError.
    """
    account = caller.account
    with writing(account.account_id):
        item = _existing(account.account_id, item_id)
        at = account.moment(ports.now())
        storage.move(account.account_id, item, Folder.DELETED, at)


def _existing(account_id: int, item_id: int) -> Item:
    item = storage.get(account_id, item_id)
    if item is None:
        raise NotFoundError("item")
    if item.folder is Folder.DELETED:
        raise DeletedError("item")
    return item
