"""Discounts: the verbs.

All of an account's people see them; only the administrator changes them.
"""

from app.domain.account import Caller
from app.domain.discount import (
    Discount,
    DiscountChanges,
    changed_discount,
    new_discount,
)
from app.domain.errors import InvalidValueError, NotFoundError
from app.domain.paging import Listing, Page
from app.services.ports import Ports
from app.storage import discount as storage
from app.storage.database import reading, writing


def create(ports: Ports, caller: Caller, changes: DiscountChanges) -> int:
    """Make a discount; return its id.

    Raises: PermissionDeniedError, MissingFieldError, InvalidValueError.
    """
    caller.check_admin()
    account = caller.account
    discount = new_discount(changes)
    with writing(account.account_id):
        _check_name(account.account_id, discount)
        at = account.moment(ports.now())
        return storage.insert(account.account_id, discount, at)


def update(
    ports: Ports, caller: Caller, discount_id: int, changes: DiscountChanges
) -> None:
    """Change the named fields of a discount; bills stay as they are.

    Raises: PermissionDeniedError, NotFoundError, MissingFieldError, InvalidValueError.
    """
    caller.check_admin()
    account = caller.account
    with writing(account.account_id):
        discount = _existing(account.account_id, discount_id)
        changed = changed_discount(discount, changes)
        _check_name(account.account_id, changed)
        if changed != discount:
            storage.update(account.account_id, changed, account.moment(ports.now()))


def get(caller: Caller, discount_id: int) -> Discount:
    """Return a discount.

    Raises: NotFoundError.
    """
    with reading():
        return _existing(caller.account.account_id, discount_id)


def list_(caller: Caller, page: Page) -> Listing[Discount]:
    """Return a page of discounts, the newest first."""
    with reading():
        return storage.page(caller.account.account_id, page)


def delete(caller: Caller, discount_id: int) -> None:
    """Delete a discount; bills stay as they are.

    Raises: PermissionDeniedError, NotFoundError.
    """
    caller.check_admin()
    account_id = caller.account.account_id
    with writing(account_id):
        _existing(account_id, discount_id)
        storage.delete(account_id, discount_id)


def _existing(account_id: int, discount_id: int) -> Discount:
    discount = storage.get(account_id, discount_id)
    if discount is None:
        raise NotFoundError("discount")
    return discount


def _check_name(account_id: int, discount: Discount) -> None:
    if storage.id_of(account_id, discount.name) not in (None, discount.discount_id):
        raise InvalidValueError("name", "Another discount has this name.")
