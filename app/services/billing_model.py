"""Billing models: the verbs.

All of an account's people see them; only the administrator changes them.
"""

from dataclasses import dataclass

from app.domain.account import Caller
from app.domain.billing_model import (
    BillingModel,
    BillingModelChanges,
    changed_model,
    is_default,
    new_model,
)
from app.domain.errors import (
    InvalidValueError,
    NotFoundError,
    RefusedError,
)
from app.domain.paging import Listing, Page
from app.services.ports import Ports
from app.storage import billing_model as storage
from app.storage import recurring as profiles
from app.storage import recurring_defaults as defaults
from app.storage.database import reading, writing

_NOUN = "billing_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A model as the account has it: `default` is whether it is its default."""

    model: BillingModel
    default: bool


def create(ports: Ports, caller: Caller, changes: BillingModelChanges) -> int:
    """Make a model; return its id.

    Raises: PermissionDeniedError, MissingFieldError, InvalidValueError.
    """
    caller.check_admin()
    account, now = caller.account, ports.now()
    model = new_model(changes, account.today(now))
    with writing(account.account_id):
        _check_name(account.account_id, model)
        return storage.insert(account.account_id, model, account.moment(now))


def update(
    ports: Ports, caller: Caller, billing_model_id: int, changes: BillingModelChanges
) -> None:
    """Change the named fields of a model; profiles keep the schedule that they took.

    Raises: PermissionDeniedError, NotFoundError, MissingFieldError, InvalidValueError,
    RefusedError for the locked one.
    """
    caller.check_admin()
    account, now = caller.account, ports.now()
    with writing(account.account_id):
        model = _unlocked("update", account.account_id, billing_model_id)
        changed = changed_model(model, changes, account.today(now))
        _check_name(account.account_id, changed)
        if changed != model:
            storage.update(account.account_id, changed, account.moment(now))


def get(caller: Caller, billing_model_id: int) -> Shown:
    """Return a model.

    Raises: NotFoundError.
    """
    account_id = caller.account.account_id
    with reading():
        model = _existing(account_id, billing_model_id)
        chosen = defaults.model_id(account_id)
    return Shown(model=model, default=is_default(model, chosen))


def list_(caller: Caller, page: Page) -> Listing[Shown]:
    """Return a page of models, the newest first."""
    account_id = caller.account.account_id
    with reading():
        listing = storage.page(account_id, page)
        chosen = defaults.model_id(account_id)
    shown = (
        Shown(model=model, default=is_default(model, chosen)) for model in listing.rows
    )
    return Listing(rows=tuple(shown), page=page, total=listing.total)


def delete(caller: Caller, billing_model_id: int) -> None:
    """Delete a model that neither a profile nor the account's default names.

    Raises: PermissionDeniedError, NotFoundError, RefusedError.
    """
    caller.check_admin()
    account_id = caller.account.account_id
    with writing(account_id):
        model = _unlocked("delete", account_id, billing_model_id)
        if is_default(model, defaults.model_id(account_id)):
            raise RefusedError("delete", _NOUN, "It is the default.")
        if profiles.has_model(account_id, billing_model_id):
            raise RefusedError("delete", _NOUN, "It is in use by a recurring profile.")
        storage.delete(account_id, billing_model_id)


def set_default(caller: Caller, billing_model_id: int) -> None:
    """Have create requests that name no schedule take a model's, in place of any other.

    Raises: PermissionDeniedError, NotFoundError.
    """
    caller.check_admin()
    account_id = caller.account.account_id
    with writing(account_id):
        _existing(account_id, billing_model_id)
        defaults.choose_model(account_id, billing_model_id)


def _existing(account_id: int, billing_model_id: int) -> BillingModel:
    model = storage.get(account_id, billing_model_id)
    if model is None:
        raise NotFoundError(_NOUN)
    return model


def _unlocked(verb: str, account_id: int, billing_model_id: int) -> BillingModel:
    model = _existing(account_id, billing_model_id)
    if model.locked:
        raise RefusedError(verb, _NOUN, "It is locked.")
    return model


def _check_name(account_id: int, model: BillingModel) -> None:
    if storage.id_of(account_id, model.name) not in (None, model.billing_model_id):
        raise InvalidValueError("name", "Another billing model has this name.")
