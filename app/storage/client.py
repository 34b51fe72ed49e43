"""Clients and their contacts."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from app.domain.account import Scope
from app.domain.bill_to import BillTo
from app.domain.client import Client, ClientFilter, Contact, Secondary
from app.domain.folder import Folder
from app.domain.paging import Listing, Page
from app.storage import counter, listing, rows, staff, tables
from app.storage.prepared import Prepared, arg, insertion
from app.storage.scope import ScopedQuery

_NOUN = "client"
_T = tables.Client
_C = tables.Contact
_PAGES = rows.Pages(_T.client_id, _NOUN, _T.client_id)
_INSERT = insertion(_T)
_THIS = (_T.account_id == arg("account_id")) & (_T.client_id == arg("client_id"))
_GET = ScopedQuery(_T.select().where(_THIS), _T.client_id)
_FOLDER = Prepared(_T.select(_T.folder).where(_THIS))
_INSERT_CONTACT = insertion(_C)
_CONTACTS = rows.ChildRows(_C, _C.client_id, order=_C.position)
_SECONDARY = tuple(field.name for field in fields(Secondary))
_OWN = (
    "email",
    "username",
    "work_phone",
    "home_phone",
    "mobile",
    "fax",
    "language",
    "currency_code",
    "notes",
)
_CONTACT = ("username", "first_name", "last_name", "email", "phone1", "phone2")


def insert(scope: Scope, client: Client, updated_at: datetime) -> int:
    """Store a new client and its contacts; return its id.

    Whoever sees assigned clients alone is assigned to the new one.
    """
    account_id = scope.account_id
    client_id = counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        client_id=client_id,
        view_key=client.view_key,
        folder=Folder.ACTIVE,
        updated_at=updated_at,
        **_columns(client),
    )
    listing.added(account_id, _NOUN, [client_id], Folder.ACTIVE)
    _insert_contacts(account_id, client_id, client.contacts)
    if scope.staff_id is not None:
        staff.assign(account_id, scope.staff_id, [client_id])
    return client_id


def update(account_id: int, client: Client, updated_at: datetime) -> None:
    """Store the fields and contacts of a changed client."""
    _T.update(updated_at=updated_at, **_columns(client)).where(
        _is(account_id, client.client_id)
    ).execute()
    tables.Contact.delete().where(
        tables.Contact.account_id == account_id,
        tables.Contact.client_id == client.client_id,
    ).execute()
    _insert_contacts(account_id, client.client_id, client.contacts)


def move(account_id: int, client: Client, folder: Folder, updated_at: datetime) -> None:
    """Put a client into another folder."""
    _T.update(folder=folder, updated_at=updated_at).where(
        _is(account_id, client.client_id)
    ).execute()
    listing.moved(account_id, _NOUN, client.client_id, client.folder, folder)


def get(scope: Scope, client_id: int) -> Client | None:
    """Return a client, deleted or not."""
    found = _GET.rows(scope, client_id=client_id)
    return next(iter(_clients(scope.account_id, found)), None)


def is_deleted(account_id: int, client_id: int) -> bool:
    """Whether a client is not there any more."""
    found = _FOLDER.rows(account_id=account_id, client_id=client_id)
    return not found or found[0]["folder"] == Folder.DELETED


def page(scope: Scope, narrowed: ClientFilter, page: Page) -> Listing[Client]:
    """Return a page of clients by descending id."""
    conditions = rows.between(_T.updated_at, narrowed.updated_from, narrowed.updated_to)
    if narrowed.email is not None:
        conditions.append(_T.email == narrowed.email)
    if narrowed.username is not None:
        conditions.append(_T.username == narrowed.username)
    if narrowed.notes is not None:
        conditions.append(_T.notes.contains(narrowed.notes))
    found, total = _PAGES.page(scope, narrowed.folder, conditions, page)
    clients = tuple(_clients(scope.account_id, found))
    return Listing(rows=clients, page=page, total=total)


def _is(account_id: int, client_id: int) -> Any:
    return (_T.account_id == account_id) & (_T.client_id == client_id)


def _columns(client: Client) -> dict[str, Any]:
    return {
        **rows.columns(client.bill_to, rows.BILL_TO),
        **rows.columns(client.secondary, _SECONDARY),
        **rows.columns(client, _OWN),
    }


def _insert_contacts(
    account_id: int, client_id: int, contacts: Sequence[Contact]
) -> None:
    for position, contact in enumerate(contacts):
        _INSERT_CONTACT.run(
            account_id=account_id,
            contact_id=contact.contact_id or counter.take(account_id, "contact"),
            client_id=client_id,
            position=position,
            **rows.columns(contact, _CONTACT),
        )


def _clients(account_id: int, found: Sequence[dict[str, Any]]) -> Iterable[Client]:
    contacts = _CONTACTS.by_parent(account_id, [row["client_id"] for row in found])
    for row in found:
        yield Client(
            client_id=row["client_id"],
            bill_to=rows.built(BillTo, rows.BILL_TO, row),
            secondary=rows.built(Secondary, _SECONDARY, row),
            contacts=tuple(
                rows.built(Contact, ("contact_id", *_CONTACT), contact)
                for contact in contacts.get(row["client_id"], ())
            ),
            view_key=row["view_key"],
            folder=Folder(row["folder"]),
            updated_at=row["updated_at"],
            **{name: row[name] for name in _OWN},
        )
