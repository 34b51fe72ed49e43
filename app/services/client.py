"""Clients: the verbs."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from app.domain import history
from app.domain import recurring as rules
from app.domain.account import Caller, Scope
from app.domain.client import (
    Client,
    ClientChanges,
    ClientFilter,
    changed_client,
    new_client,
)
from app.domain.errors import DeletedError, NotFoundError
from app.domain.event import Event, What
from app.domain.folder import Folder
from app.domain.paging import Listing, Page
from app.domain.recurring import Profile
from app.domain.unset import UNSET
from app.services import issuing
from app.services.ports import Ports
from app.storage import client as storage
from app.storage import payment as payments
from app.storage import recurring as profiles
from app.storage.database import reading, writing
from app.storage.events import OF_RECURRING


def create(ports: Ports, caller: Caller, changes: ClientChanges) -> int:
    """Make a client; return its id.

    Raises: MissingFieldError, UnknownCurrencyError.
    """
    with writing(caller.account.account_id):
        return made(ports, caller, changes).client_id


def made(ports: Ports, caller: Caller, changes: ClientChanges) -> Client:
    """Make a client in the caller's transaction; return it.

    Raises: MissingFieldError, UnknownCurrencyError.
    """
    account = caller.account
    client = replace(new_client(changes, account), view_key=ports.secret())
    client_id = storage.insert(caller.scope, client, account.moment(ports.now()))
    return existing(caller.scope, client_id)


def update(
    ports: Ports, caller: Caller, client_id: int, changes: ClientChanges
) -> None:
    """Change the named fields of a client; its profiles keep their own copies.

    Raises: NotFoundError, MissingFieldError, UnknownCurrencyError.
    """
    account = caller.account
    if account.ignore_empty_lists and changes.contacts == ():
        changes = replace(changes, contacts=UNSET)
    with writing(account.account_id):
        client = existing(caller.scope, client_id)
        changed = changed_client(client, changes)
        if changed != client:
            storage.update(account.account_id, changed, account.moment(ports.now()))


def get(caller: Caller, client_id: int) -> Client:
    """Return a client.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    with reading():
        client = existing(caller.scope, client_id)
        return _credited(caller.scope, [client])[0]


def list_(caller: Caller, narrowed: ClientFilter, page: Page) -> Listing[Client]:
    """Return a page of clients, the newest first."""
    with reading():
        listing = storage.page(caller.scope, narrowed, page)
        return replace(listing, rows=_credited(caller.scope, listing.rows))


def delete(ports: Ports, caller: Caller, client_id: int) -> None:
    """Delete a client; its profiles and invoices stay, no more invoices are made.

    Raises: NotFoundError, RefusedError.
    Source: inferred (wire reference 2.8.6).
    """
    account = caller.account
    now = ports.now()
    with writing(account.account_id):
        client = existing(caller.scope, client_id)
        today = account.today(now)
        # All of them before the first is billed: a worker that has one in hand waits
        # for the account's next invoice number, which this then holds.
        scheduled = [
            issuing.catch_up(ports, account, profile, today, ("delete", "client"))
            for profile in profiles.locked_of_client(account.account_id, client_id)
        ]
        profiles.unschedule(account.account_id, client_id)
        at = account.moment(now)
        OF_RECURRING.insert(
            account.account_id,
            [_unscheduled(caller, profile, at) for profile in scheduled],
        )
        storage.move(account.account_id, client, Folder.DELETED, at)


def _unscheduled(caller: Caller, profile: Profile, at: datetime) -> Event:
    """Return what the deletion of its client means for a profile."""
    return Event(
        of_id=profile.recurring_id,
        client_id=profile.client_id,
        at=at,
        staff_id=caller.staff_id,
        what=What.CLIENT_DELETE,
        changes=history.changes(profile, rules.unscheduled(profile)),
    )


def _credited(scope: Scope, clients: Sequence[Client]) -> tuple[Client, ...]:
    """Return clients with what they have to their credit."""
    ids = [client.client_id for client in clients]
    found = payments.credits_of(scope.account_id, ids)
    return tuple(
        replace(client, credits=found.get(client.client_id, ())) for client in clients
    )


def existing(scope: Scope, client_id: int) -> Client:
    """Return a client that is there to be seen, and not deleted.

    Raises: NotFoundError, DeletedError.
    """
    client = storage.get(scope, client_id)
    if client is None:
        raise NotFoundError("client")
    if client.folder is Folder.DELETED:
        raise DeletedError("client")
    return client


def check_contacts(contacts: Collection[int], client: Client) -> None:
    """Refuse contacts that are not the client's.

    Raises: NotFoundError.
    """
    known = {contact.contact_id for contact in client.contacts}
    if not known.issuperset(contacts):
        raise NotFoundError("contact")
