"""Clients: who is billed."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.account import Account
from app.domain.bill_to import BillTo, BillToChanges
from app.domain.errors import MissingFieldError, UnknownCurrencyError
from app.domain.folder import Folder
from app.domain.money import CURRENCIES, Money
from app.domain.unset import UNSET, Maybe, Unset, given, merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A further person of the client's; `contact_id` is 0 until it is stored."""

    contact_id: int = 0
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone1: str = ""
    phone2: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanges:
    """What a request says of a contact."""

    contact_id: Maybe[int] = UNSET
    username: Maybe[str] = UNSET
    first_name: Maybe[str] = UNSET
    last_name: Maybe[str] = UNSET
    email: Maybe[str] = UNSET
    phone1: Maybe[str] = UNSET
    phone2: Maybe[str] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Secondary:
    """The client's second address."""

    s_street1: str = ""
    s_street2: str = ""
    s_city: str = ""
    s_state: str = ""
    s_country: str = ""
    s_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondaryChanges:
    """What a request says of the second address."""

    s_street1: Maybe[str] = UNSET
    s_street2: Maybe[str] = UNSET
    s_city: Maybe[str] = UNSET
    s_state: Maybe[str] = UNSET
    s_country: Maybe[str] = UNSET
    s_code: Maybe[str] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client; `client_id` is 0 until it is stored.

    `credits` are what it has to its credit, by currency, where that was looked up.
    """

    client_id: int = 0
    bill_to: BillTo = field(default_factory=BillTo)
    secondary: Secondary = field(default_factory=Secondary)
    email: str = ""
    username: str = ""
    contacts: tuple[Contact, ...] = ()
    work_phone: str = ""
    home_phone: str = ""
    mobile: str = ""
    fax: str = ""
    language: str = ""
    currency_code: str = ""
    notes: str = ""
    view_key: str = ""
    folder: Folder = Folder.ACTIVE
    updated_at: datetime | None = None
    credits: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanges:
    """What a request says of a client; fields it does not name are UNSET."""

    bill_to: BillToChanges = field(default_factory=BillToChanges)
    secondary: SecondaryChanges = field(default_factory=SecondaryChanges)
    contacts: Maybe[tuple[ContactChanges, ...]] = UNSET
    email: Maybe[str] = UNSET
    username: Maybe[str] = UNSET
    work_phone: Maybe[str] = UNSET
    home_phone: Maybe[str] = UNSET
    mobile: Maybe[str] = UNSET
    fax: Maybe[str] = UNSET
    language: Maybe[str] = UNSET
    currency_code: Maybe[str] = UNSET
    notes: Maybe[str] = UNSET


def new_client(changes: ClientChanges, account: Account) -> Client:
    """Return the client that a create request describes.

    Raises: MissingFieldError without an email, UnknownCurrencyError.
    Source: documented; that an email is enough is observed (a client's live test).
    """
    blank = Client(language=account.language, currency_code=account.base_currency)
    client = changed_client(blank, changes)
    if not client.email:
        raise MissingFieldError("email")
    if not client.username:
        who = client.bill_to
        name = (who.first_name + who.last_name) or who.organization
        name = name or client.email.partition("@")[0]
        client = replace(client, username="".join(name.lower().split()))
    return client


def changed_client(client: Client, changes: ClientChanges) -> Client:
    """Return the client after an update; an empty language or currency stays as it was.

    Raises: UnknownCurrencyError, MissingFieldError for a contact without an email.
    """
    changed = replace(
        merged(client, changes),
        contacts=_contacts(client.contacts, changes.contacts),
        language=given(changes.language, "") or client.language,
        currency_code=given(changes.currency_code, "") or client.currency_code,
    )
    if changed.currency_code not in CURRENCIES:
        raise UnknownCurrencyError
    return changed


def _contacts(
    contacts: tuple[Contact, ...], changes: Maybe[tuple[ContactChanges, ...]]
) -> tuple[Contact, ...]:
    """Return the list of an update; a contact that names a stored id keeps it."""
    if isinstance(changes, Unset):
        return contacts
    stored = {contact.contact_id: contact for contact in contacts}
    result = []
    for change in changes:
        base = stored.pop(given(change.contact_id, 0), Contact())
        contact = replace(merged(base, change), contact_id=base.contact_id)
        if not contact.email:
            raise MissingFieldError("email")
        result.append(contact)
    return tuple(result)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientFilter:
    """What a list of clients is narrowed to; `notes` matches any part."""

    email: str | None = None
    username: str | None = None
    notes: str | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    folder: Folder | None = None
