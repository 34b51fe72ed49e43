"""Recurring profiles: the verbs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from app.domain import autobill as autobills
from app.domain.account import Account, Caller, Scope
from app.domain.autobill import Autobill, AutobillRequest
from app.domain.card import CardNumber
from app.domain.client import Client
from app.domain.errors import DeletedError, MissingFieldError, NotFoundError
from app.domain.folder import Folder
from app.domain.line import LineChanges, replaced
from app.domain.paging import Listing, Page
from app.domain.recurring import (
    Profile,
    ProfileChanges,
    ProfileFilter,
    changed_profile,
    new_profile,
    with_lines,
)
from app.domain.unset import UNSET, Unset, given, merged
from app.services import card, issuing
from app.services.client import existing as existing_client
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import client as clients
from app.storage import recurring as storage
from app.storage.database import reading, writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A new profile, and its first invoice if it was due at once."""

    recurring_id: int
    invoice_id: int | None


def create(ports: Ports, caller: Caller, changes: ProfileChanges) -> Created:
    """Make a profile; one that starts today has its first invoice issued at once.

    Raises: MissingFieldError, NotFoundError for the client, InvalidValueError.
    Source: documented.
    """
    account = caller.account
    today, at = _day_and_moment(ports, account)
    if isinstance(changes.client_id, Unset):
        raise MissingFieldError("client_id")
    with writing(account.account_id):
        client = existing_client(caller.scope, changes.client_id)
        profile = new_profile(
            changes,
            client=client,
            account=account,
            staff_id=caller.staff_id,
            today=today,
        )
        _check_contacts(profile.contacts, client)
        recurring_id = storage.insert(account.account_id, profile, at)
        if isinstance(changes.autobill, AutobillRequest):
            _change_card(ports, account, recurring_id, changes.autobill, today)
        profile = replace(profile, recurring_id=recurring_id)
        if profile.progress.next_on != today:
            return Created(recurring_id=recurring_id, invoice_id=None)
        (invoice,), _ = issuing.issue_next(ports, account, [profile], at)
        return Created(recurring_id=recurring_id, invoice_id=invoice.invoice_id)


def update(
    ports: Ports, caller: Caller, recurring_id: int, changes: ProfileChanges
) -> None:
    """Change the named fields of a profile; what was read and sent back is no change.

    Raises: NotFoundError, InvalidValueError, RefusedError.
    Source: documented.
    """
    account = caller.account
    today, _ = _day_and_moment(ports, account)
    if account.ignore_empty_lists and changes.lines == ():
        changes = replace(changes, lines=UNSET)

    def change(profile: Profile) -> Profile:
        client = _client_of(caller.scope, profile, changes)
        changed = changed_profile(
            profile,
            changes,
            client=client,
            account=account,
            today=today,
            carded=card.stored(account.account_id, recurring_id),
        )
        new_contacts = set(changed.contacts) - set(profile.contacts)
        _check_contacts(tuple(new_contacts), client)
        asked = changes.autobill
        if not isinstance(asked, Unset) and _change_card(
            ports, account, recurring_id, asked, today
        ):
            # The profile counts as changed though none of its own fields is.
            return replace(changed, updated_at=None)
        return changed

    _change(ports, caller, recurring_id, change)


def get(ports: Ports, caller: Caller, recurring_id: int) -> Profile:
    """Return a profile.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    account_id = caller.account.account_id
    with reading():
        profile = _existing(storage.get(caller.scope, recurring_id))
        shown = card.shown(ports, account_id, [recurring_id])
    return replace(profile, autobill=shown.get(recurring_id))


def list_(
    ports: Ports, caller: Caller, narrowed: ProfileFilter, page: Page
) -> Listing[Profile]:
    """Return a page of profiles, the newest first."""
    account_id = caller.account.account_id
    with reading():
        listing = storage.page(caller.scope, narrowed, page)
        ids = [profile.recurring_id for profile in listing.rows]
        shown = card.shown(ports, account_id, ids)
    profiles = tuple(
        replace(profile, autobill=shown[profile.recurring_id])
        if profile.recurring_id in shown
        else profile
        for profile in listing.rows
    )
    return replace(listing, rows=profiles)


def delete(ports: Ports, caller: Caller, recurring_id: int) -> None:
    """Delete a profile and its card; its invoices stay, no more are made.

    Raises: NotFoundError, RefusedError.
    """
    account = caller.account
    today, at = _day_and_moment(ports, account)
    with writing(account.account_id):
        profile = _existing(storage.locked(caller.scope, recurring_id))
        profile = issuing.catch_up(
            ports, account, profile, today, ("delete", "recurring")
        )
        storage.delete_card(account.account_id, recurring_id)
        storage.delete(account.account_id, profile, at)


def add_lines(
    ports: Ports, caller: Caller, recurring_id: int, lines: tuple[LineChanges, ...]
) -> list[int]:
    """Append lines to a profile; return their ids.

    Raises: NotFoundError, InvalidValueError, RefusedError.
    """

    def change(profile: Profile) -> Profile:
        return with_lines(profile, (*profile.lines, *replaced((), lines)))

    stored = _change(ports, caller, recurring_id, change)
    return stored[len(stored) - len(lines) :]


def update_lines(
    ports: Ports, caller: Caller, recurring_id: int, changes: tuple[LineChanges, ...]
) -> None:
    """Change the named fields of lines of a profile.

    Raises: NotFoundError for a line that is not the profile's, InvalidValueError,
    RefusedError.
    """

    def change(profile: Profile) -> Profile:
        lines = {line.line_id: line for line in profile.lines}
        for line in changes:
            line_id = given(line.line_id, 0)
            if line_id not in lines:
                raise NotFoundError("line")
            lines[line_id] = merged(lines[line_id], line)
        return with_lines(profile, tuple(lines.values()))

    _change(ports, caller, recurring_id, change)


def delete_line(ports: Ports, caller: Caller, recurring_id: int, line_id: int) -> None:
    """Delete a line of a profile.

    Raises: NotFoundError, RefusedError.
    """

    def change(profile: Profile) -> Profile:
        lines = tuple(line for line in profile.lines if line.line_id != line_id)
        if len(lines) == len(profile.lines):
            raise NotFoundError("line")
        return with_lines(profile, lines)

    _change(ports, caller, recurring_id, change)


def _change(
    ports: Ports,
    caller: Caller,
    recurring_id: int,
    change: Callable[[Profile], Profile],
) -> list[int]:
    """Apply a change in one transaction and return the line ids afterwards.

    Days gone by are billed first, by the profile as it was. A change that changes
    nothing writes nothing.
    """
    account = caller.account
    today, at = _day_and_moment(ports, account)
    with writing(account.account_id):
        profile = _existing(storage.locked(caller.scope, recurring_id))
        profile = issuing.catch_up(
            ports, account, profile, today, ("update", "recurring")
        )
        changed = replace(change(profile), parked_reason="")
        ids = [line.line_id for line in changed.lines]
        if changed == profile:
            return ids
        storage.update(account.account_id, changed, at)
        if changed.lines == profile.lines:
            return ids
        return storage.replace_lines(account.account_id, changed)


def _change_card(
    ports: Ports,
    account: Account,
    recurring_id: int,
    asked: AutobillRequest | None,
    today: date,
) -> bool:
    """Do what an autobill element asks for; return whether that changed anything.

    A stored card is opened only if the request is about that card: a whole new one
    replaces even a card that can no longer be read.
    """
    account_id = account.account_id
    if asked is None:
        return storage.delete_card(account_id, recurring_id)
    stored = None
    if not isinstance(asked.number, CardNumber):
        stored = card.shown(ports, account_id, [recurring_id]).get(recurring_id)
    change = _checked_autobill(asked, stored, account, today)
    if change is None:
        return False
    card.put(ports, account_id, recurring_id, change)
    return True


def _existing(profile: Profile | None) -> Profile:
    """Return a profile that is there and not deleted, without its card."""
    if profile is None:
        raise NotFoundError("recurring")
    if profile.folder is Folder.DELETED:
        raise DeletedError("recurring")
    return profile


def _client_of(scope: Scope, profile: Profile, changes: ProfileChanges) -> Client:
    """Return the client that an update names; an unchanged one may be deleted."""
    client_id = given(changes.client_id, profile.client_id)
    if client_id == profile.client_id:
        client = clients.get(scope, client_id)
        if client is not None:
            return client
    return existing_client(scope, client_id)


def _check_contacts(contacts: tuple[int, ...], client: Client) -> None:
    known = {contact.contact_id for contact in client.contacts}
    if not known.issuperset(contacts):
        raise NotFoundError("contact")


def _checked_autobill(
    request: AutobillRequest, stored: Autobill | None, account: Account, today: date
) -> autobills.CardGiven | autobills.CardKept | None:
    gateways = accounts.gateways(account.account_id)
    return autobills.checked(request, stored, account, gateways, today)


def _day_and_moment(ports: Ports, account: Account) -> tuple[date, datetime]:
    now = ports.now()
    return account.today(now), account.moment(now)
