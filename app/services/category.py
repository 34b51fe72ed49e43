"""Categories: the verbs.

All of an account's people see and make them; only the administrator changes and deletes
them. Source: documented.
"""

from app.domain.account import Caller
from app.domain.category import (
    Branch,
    Category,
    CategoryChanges,
    changed_category,
    check_place,
    new_category,
)
from app.domain.errors import NotFoundError, RefusedError
from app.domain.paging import Listing, Page
from app.domain.unset import Maybe
from app.services.ports import Ports
from app.storage import category as storage
from app.storage.database import reading, writing

_NOUN = "category"


def create(ports: Ports, caller: Caller, changes: CategoryChanges) -> int:
    """Make a category; return its id.

    Raises: MissingFieldError, NotFoundError and InvalidValueError for its parent.
    """
    account = caller.account
    category = new_category(changes)
    with writing(account.account_id):
        _check_place(account.account_id, category)
        at = account.moment(ports.now())
        return storage.insert(account.account_id, category, at)


def update(
    ports: Ports, caller: Caller, category_id: int, changes: CategoryChanges
) -> None:
    """Change the named fields of a category.

    Raises: PermissionDeniedError, MissingFieldError, NotFoundError, InvalidValueError.
    """
    caller.check_admin()
    account = caller.account
    with writing(account.account_id):
        category = _existing(account.account_id, category_id)
        changed = changed_category(category, changes)
        if changed.parent_id != category.parent_id:
            _check_place(account.account_id, changed)
        if changed != category:
            storage.update(account.account_id, changed, account.moment(ports.now()))


def get(caller: Caller, category_id: int) -> Category:
    """Return a category.

    Raises: NotFoundError.
    """
    with reading():
        return _existing(caller.account.account_id, category_id)


def list_(
    caller: Caller, parent_id: Maybe[int | None], page: Page
) -> Listing[Category]:
    """Return a page of all categories or of those below one, the newest first."""
    with reading():
        return storage.page(caller.account.account_id, parent_id, page)


def tree(caller: Caller, page: Page) -> Listing[Branch]:
    """Return a page of the upper level, the newest first, with what is below."""
    account_id = caller.account.account_id
    with reading():
        upper = storage.page(account_id, None, page)
        found = storage.branches(account_id, upper.rows)
    return Listing(rows=found, page=page, total=upper.total)


def delete(caller: Caller, category_id: int) -> None:
    """Delete a category that has no sub-categories.

    Raises: PermissionDeniedError, NotFoundError, RefusedError.
    """
    caller.check_admin()
    account_id = caller.account.account_id
    with writing(account_id):
        _existing(account_id, category_id)
        if storage.count_below(account_id, category_id):
            raise RefusedError("delete", _NOUN, "It has sub-categories.")
        storage.delete(account_id, category_id)


def _existing(account_id: int, category_id: int) -> Category:
    category = storage.get(account_id, category_id)
    if category is None:
        raise NotFoundError(_NOUN)
    return category


def _check_place(account_id: int, category: Category) -> None:
    if category.parent_id is None:
        return
    parent = storage.get(account_id, category.parent_id)
    if parent is None:
        raise NotFoundError(_NOUN, "parent_id")
    check_place(
        category,
        parent,
        below=storage.count_below(account_id, category.category_id),
        beside=storage.count_below(account_id, category.parent_id),
    )
