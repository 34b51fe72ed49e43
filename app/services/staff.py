"""The people of an account: adding and showing them, assigning clients to them."""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.account import Account, Caller, Scope, Staff
from app.domain.errors import InvalidValueError, NotFoundError, RefusedError
from app.domain.paging import Listing, Page
from app.services import account as accounts
from app.services.ports import Ports
from app.storage import client as clients
from app.storage import staff as storage
from app.storage.database import IntegrityError, looking, reading, writing

_TEXT_MAX = 255


def add(
    ports: Ports,
    account_name: str,
    *,
    username: str,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
) -> Staff:
    """Add a person, who has no clients yet, to an account.

    Raises: NotFoundError, InvalidValueError, RefusedError when the name is taken.
    """
    account = accounts.named(account_name)
    staff = Staff(
        staff_id=0,
        username=username,
        first_name=first_name,
        last_name=last_name,
        email=email,
        created_at=account.moment(ports.now()),
    )
    _check(staff)
    with writing(account.account_id):
        added = replace(staff, staff_id=storage.last_id(account.account_id) + 1)
        try:
            storage.insert(account.account_id, added)
        except IntegrityError:
            raise RefusedError(
                "create", "staff", "There is a person of this user name already."
            ) from None
    return added


def get(caller: Caller, staff_id: int) -> Staff:
    """Return a person; the administrator sees everybody, others see themselves.

    Source: inferred (they see the clients that are theirs, not who works for others).

    Raises: NotFoundError.
    """
    with looking():
        staff = storage.visible(caller.scope, staff_id)
    if staff is None:
        raise NotFoundError("staff")
    return staff


def list_(caller: Caller, page: Page) -> Listing[Staff]:
    """Return a page of the people whom a caller sees, the first ones first."""
    with reading():
        return storage.page(caller.scope, page)


def assign(account_name: str, username: str, client_ids: Sequence[int]) -> None:
    """Let a person see clients, and what belongs to them.

    Raises: NotFoundError, RefusedError for the administrator, who sees all of them.
    """
    account = accounts.named(account_name)
    with writing(account.account_id):
        staff_id = _assignable(account, username, client_ids)
        storage.assign(account.account_id, staff_id, client_ids)


def unassign(account_name: str, username: str, client_ids: Sequence[int]) -> None:
    """Let a person no longer see clients, nor what belongs to them.

    Raises: NotFoundError, RefusedError for the administrator.
    """
    account = accounts.named(account_name)
    with writing(account.account_id):
        staff_id = _assignable(account, username, client_ids)
        storage.unassign(account.account_id, staff_id, client_ids)


def _assignable(account: Account, username: str, client_ids: Sequence[int]) -> int:
    staff = accounts.staff_named(account.account_id, username)
    if staff.is_admin:
        raise RefusedError("assign", "client", "The administrator sees every client.")
    everything = Scope(account.account_id)
    if any(clients.get(everything, client_id) is None for client_id in client_ids):
        raise NotFoundError("client")
    return staff.staff_id


def _check(staff: Staff) -> None:
    for name in ("username", "first_name", "last_name", "email"):
        text: str = getattr(staff, name)
        if len(text) > _TEXT_MAX or not text.isprintable():
            raise InvalidValueError(name, "At most 255 printable characters, please.")
    if not staff.username or staff.username.strip() != staff.username:
        raise InvalidValueError("username", "A person needs a user name.")
