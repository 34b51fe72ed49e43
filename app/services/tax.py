"""Taxes: the verbs.

All of an account's people see them; only the administrator changes them.
"""

from app.domain.account import Caller
from app.domain.errors import InvalidValueError, NotFoundError
from app.domain.paging import Listing, Page
from app.domain.tax import Tax, TaxChanges, changed_tax, new_tax
from app.services.ports import Ports
from app.storage import tax as storage
from app.storage.database import reading, writing


def create(ports: Ports, caller: Caller, changes: TaxChanges) -> int:
    """Make a tax; return its id.

    Raises: PermissionDeniedError, MissingFieldError, InvalidValueError.
    """
    caller.check_admin()
    account = caller.account
    tax = new_tax(changes)
    with writing(account.account_id):
        _check_name(account.account_id, tax)
        return storage.insert(account.account_id, tax, account.moment(ports.now()))


def update(ports: Ports, caller: Caller, tax_id: int, changes: TaxChanges) -> None:
    """Change the named fields of a tax; lines keep the names and rates that they have.

    Raises: PermissionDeniedError, NotFoundError, MissingFieldError, InvalidValueError.
    """
    caller.check_admin()
    account = caller.account
    with writing(account.account_id):
        tax = _existing(account.account_id, tax_id)
        changed = changed_tax(tax, changes)
        _check_name(account.account_id, changed)
        if changed != tax:
            storage.update(account.account_id, changed, account.moment(ports.now()))


def get(caller: Caller, tax_id: int) -> Tax:
    """Return a tax.

    Raises: NotFoundError.
    """
    with reading():
        return _existing(caller.account.account_id, tax_id)


def list_(caller: Caller, page: Page, *, compound: bool | None) -> Listing[Tax]:
    """Return a page of taxes, the newest first; None means compound and plain ones."""
    with reading():
        return storage.page(caller.account.account_id, page, compound=compound)


def delete(caller: Caller, tax_id: int) -> None:
    """Delete a tax; lines keep the names and rates that they have.

    Raises: PermissionDeniedError, NotFoundError.
    """
    caller.check_admin()
    account_id = caller.account.account_id
    with writing(account_id):
        _existing(account_id, tax_id)
        storage.delete(account_id, tax_id)


def _existing(account_id: int, tax_id: int) -> Tax:
    tax = storage.get(account_id, tax_id)
    if tax is None:
        raise NotFoundError("tax")
    return tax


def _check_name(account_id: int, tax: Tax) -> None:
    if storage.id_of(account_id, tax.name) not in (None, tax.tax_id):
        raise InvalidValueError("name", "Another tax has this name.")
