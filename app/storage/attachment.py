"""Attachments: what is known of files, and the files themselves in pieces."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import JOIN, fn

from app.domain.account import Scope
from app.domain.attachment import Attachment, Owner, OwnerNoun
from app.domain.folder import Folder
from app.domain.paging import Listing, Page
from app.storage import counter, rows, tables
from app.storage.prepared import Prepared, arg, insertion
from app.storage.scope import ScopedQuery

# Of a piece of a file, in bytes: a thousand of them are read at once by who copies or
# checks a whole database.
PIECE = 32 * 1024

_NOUN = "attachment"
_T = tables.Attachment
_C = tables.AttachmentContent
_R = tables.Recurring
_I = tables.Invoice
_OWNERS = {OwnerNoun.RECURRING: _T.recurring_id, OwnerNoun.INVOICE: _T.invoice_id}
_OWN = ("file_name", "description", "type", "size", "digest")

_INSERT = insertion(_T)
_INSERT_PIECE = insertion(_C)
_GET = ScopedQuery(
    _T.select()
    .join(
        _R,
        JOIN.LEFT_OUTER,
        on=(_R.account_id == arg("account_id")) & (_R.recurring_id == _T.recurring_id),
    )
    .join(
        _I,
        JOIN.LEFT_OUTER,
        on=(_I.account_id == arg("account_id")) & (_I.invoice_id == _T.invoice_id),
        src=_T,
    )
    .where(
        _T.account_id == arg("account_id"), _T.attachment_id == arg("attachment_id")
    ),
    fn.COALESCE(_R.client_id, _I.client_id),
)
_PIECES = Prepared(
    _C.select(_C.data)
    .where(_C.account_id == arg("account_id"), _C.attachment_id == arg("attachment_id"))
    .order_by(_C.position)
)
_KEPT = {
    noun: rows.ChildRows(
        _T, column, _T.attachment_id.desc(), [_T.folder == Folder.ACTIVE]
    )
    for noun, column in _OWNERS.items()
}
_PAGES = rows.Pages(_T.attachment_id, _NOUN, None)


def insert(
    account_id: int, attachment: Attachment, content: bytes, updated_at: datetime
) -> int:
    """Store a new attachment with its file; return its id."""
    attachment_id = counter.take(account_id, _NOUN)
    key = {"account_id": account_id, "attachment_id": attachment_id}
    owner = attachment.owner
    of = {column.name: None for column in _OWNERS.values()}
    _INSERT.run(
        **key,
        **of | {_OWNERS[owner.noun].name: owner.owner_id},
        **rows.columns(attachment, _OWN),
        folder=attachment.folder,
        updated_at=updated_at,
    )
    _INSERT_PIECE.run_many(
        {**key, "position": position, "data": content[start : start + PIECE]}
        for position, start in enumerate(range(0, len(content), PIECE))
    )
    return attachment_id


def get(scope: Scope, attachment_id: int) -> Attachment | None:
    """Return an attachment without its file, deleted or not."""
    found = _GET.rows(scope, attachment_id=attachment_id)
    return next(map(_attachment, found), None)


def content(account_id: int, attachment_id: int) -> bytes:
    """Return a file; nothing of one that was deleted."""
    found = _PIECES.rows(account_id=account_id, attachment_id=attachment_id)
    return b"".join(row["data"] for row in found)


def count(account_id: int, owner: Owner) -> int:
    """Return how many attachments there are of an owner."""
    found: int = (
        _T.select()
        .where(
            _T.account_id == account_id,
            _OWNERS[owner.noun] == owner.owner_id,
            _T.folder == Folder.ACTIVE,
        )
        .count()
    )
    return found


def page(account_id: int, owner: Owner, page: Page) -> Listing[Attachment]:
    """Return a page of an owner's attachments by descending id, without their files."""
    found, total = _PAGES.page(
        Scope(account_id),
        Folder.ACTIVE,
        [_OWNERS[owner.noun] == owner.owner_id],
        page,
    )
    return Listing(rows=tuple(map(_attachment, found)), page=page, total=total)


def of_profiles(account_id: int, ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of profiles by profile, the newest first, in one query."""
    return _kept(OwnerNoun.RECURRING, account_id, ids)


def of_invoices(account_id: int, ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Return the attachments of invoices by invoice, the newest first, in one query."""
    return _kept(OwnerNoun.INVOICE, account_id, ids)


def delete(account_id: int, attachment_id: int, updated_at: datetime) -> None:
    """Delete a file; what is known of it stays, in the folder of deleted ones."""
    _C.delete().where(
        _C.account_id == account_id, _C.attachment_id == attachment_id
    ).execute()
    _T.update(folder=Folder.DELETED, updated_at=updated_at).where(
        _T.account_id == account_id, _T.attachment_id == attachment_id
    ).execute()


def _kept(
    noun: OwnerNoun, account_id: int, ids: Sequence[int]
) -> dict[int, list[Attachment]]:
    found = _KEPT[noun].by_parent(account_id, ids)
    return {parent: list(map(_attachment, group)) for parent, group in found.items()}


def _attachment(row: dict[str, Any]) -> Attachment:
    noun, owner_id = next(
        (noun, row[column.name])
        for noun, column in _OWNERS.items()
        if row[column.name] is not None
    )
    return Attachment(
        attachment_id=row["attachment_id"],
        owner=Owner(noun, owner_id),
        folder=Folder(row["folder"]),
        updated_at=row["updated_at"],
        **{name: row[name] for name in _OWN},
    )
