"""Attachments: the verbs. Who sees the owner sees what is attached to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain import event as told
from app.domain.account import Caller, Scope
from app.domain.attachment import (
    Attachment,
    Owner,
    OwnerNoun,
    attached,
    check_room,
)
from app.domain.errors import DeletedError, NotFoundError
from app.domain.event import Event, What
from app.domain.folder import Folder
from app.domain.invoice import Invoice
from app.domain.paging import Listing, Page
from app.domain.recurring import Profile
from app.services.ports import Ports
from app.storage import attachment as storage
from app.storage import events
from app.storage import invoice as invoices
from app.storage import recurring as profiles
from app.storage.database import reading, writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An attachment with its file."""

    attachment: Attachment
    content: bytes


def create(
    ports: Ports,
    caller: Caller,
    owner: Owner,
    *,
    file_name: str,
    content: bytes,
    description: str,
) -> int:
    """Attach a file to a profile or an invoice; return the attachment's id.

    Raises: MissingFieldError, InvalidValueError, NotFoundError for the owner,
    RefusedError where it has too many.
    """
    account = caller.account
    attachment = attached(
        owner, file_name, content, description, ports.bulk.attachment_max
    )
    at = account.moment(ports.now())
    with writing(account.account_id):
        found = _owner(caller, owner, lock=True)
        check_room(storage.count(account.account_id, owner))
        attachment_id = storage.insert(account.account_id, attachment, content, at)
        names = ("", attachment.file_name)
        _tell(caller, found, What.ATTACHMENT_CREATE, names, at)
    return attachment_id


def get(caller: Caller, attachment_id: int, owner: Owner | None) -> Opened:
    """Return an attachment with its file; of that owner, if one is named.

    Raises: NotFoundError, DeletedError.
    """
    account_id = caller.account.account_id
    with reading():
        attachment = _existing(caller, attachment_id, owner)
        _owner(caller, attachment.owner)
        content = storage.content(account_id, attachment_id)
    return Opened(attachment=attachment, content=content)


def list_(caller: Caller, owner: Owner, page: Page) -> Listing[Attachment]:
    """Return a page of what is attached to a profile or an invoice, the newest first.

    Raises: NotFoundError, DeletedError.
    """
    with reading():
        _owner(caller, owner)
        return storage.page(caller.account.account_id, owner, page)


def delete(
    ports: Ports, caller: Caller, attachment_id: int, owner: Owner | None
) -> None:
    """Delete an attachment; of that owner, if one is named. Its name is kept.

    Raises: NotFoundError, DeletedError.
    """
    account = caller.account
    at = account.moment(ports.now())
    with writing(account.account_id):
        attachment = _existing(caller, attachment_id, owner)
        found = _owner(caller, attachment.owner, lock=True)
        storage.delete(account.account_id, attachment_id, at)
        names = (attachment.file_name, "")
        _tell(caller, found, What.ATTACHMENT_DELETE, names, at)


def of_profiles(
    caller: Caller, found: Sequence[Profile]
) -> dict[int, list[Attachment]]:
    """Return what is attached to profiles that the caller sees, by profile."""
    with reading():
        return storage.of_profiles(
            caller.account.account_id, [profile.recurring_id for profile in found]
        )


def of_invoices(
    caller: Caller, found: Sequence[Invoice]
) -> dict[int, list[Attachment]]:
    """Return what is attached to invoices that the caller sees, by invoice."""
    with reading():
        return storage.of_invoices(
            caller.account.account_id, [invoice.invoice_id for invoice in found]
        )


def _existing(caller: Caller, attachment_id: int, owner: Owner | None) -> Attachment:
    """Return an attachment that is there to be seen, and not deleted."""
    attachment = storage.get(caller.scope, attachment_id)
    if attachment is None or owner not in (None, attachment.owner):
        raise NotFoundError("attachment")
    if attachment.folder is Folder.DELETED:
        raise DeletedError("attachment")
    return attachment


def _owner(caller: Caller, owner: Owner, *, lock: bool = False) -> Profile | Invoice:
    """Return an owner that is there to be seen, and not deleted.

    `lock` keeps others from it: its history is about to be told.
    """
    of = invoices if owner.noun is OwnerNoun.INVOICE else profiles
    find: Callable[[Scope, int], Profile | Invoice | None]
    find = of.locked if lock else of.get
    found = find(caller.scope, owner.owner_id)
    if found is None:
        raise NotFoundError(owner.noun)
    if found.folder is Folder.DELETED:
        raise DeletedError(owner.noun)
    return found


def _tell(
    caller: Caller,
    owner: Profile | Invoice,
    what: What,
    names: tuple[str, str],
    at: datetime,
) -> None:
    """Tell the history of an owner what was attached or deleted: its name, no more."""
    if isinstance(owner, Invoice):
        of, of_id = events.OF_INVOICE, owner.invoice_id
    else:
        of, of_id = events.OF_RECURRING, owner.recurring_id
    event = Event(
        of_id=of_id,
        client_id=owner.client_id,
        at=at,
        staff_id=caller.staff_id,
        what=what,
        changes=[told.change("attachments/attachment", *names)],
    )
    of.insert(caller.account.account_id, [event])
