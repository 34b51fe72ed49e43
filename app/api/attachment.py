"""attachment.*: files of profiles and invoices (an extension of ours)."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.attachment import Attachment, Owner, OwnerNoun
from app.domain.errors import MissingFieldError
from app.domain.unset import given
from app.services import attachment as service
from app.wire import envelope, values
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("attachment.create", once=True, bulky_request=True)
def create(call: Call) -> Sequence[Node]:
    """Attach a file to a profile or an invoice. Source: inferred, ours."""
    request = call.request.required_child("attachment")
    attachment_id = service.create(
        call.ports,
        call.caller,
        _required_owner(request),
        file_name=request.required_word("file_name"),
        content=request.content("content"),
        description=given(request.text("description"), ""),
    )
    return [node("attachment_id", str(attachment_id))]


@method("attachment.get", bulky_answer=True)
def get(call: Call) -> Sequence[Node]:
    """Return an attachment with its file. Source: inferred, ours."""
    opened = service.get(call.caller, _id(call), _owner(call.request))
    content = node("content", values.base64_text(opened.content))
    zone = call.caller.account.zone
    return [node("attachment", [*_told(opened.attachment, zone), content])]


@method("attachment.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of attachments by descending id. Source: inferred, ours."""
    owner = _required_owner(call.request)
    listing = service.list_(call.caller, owner, page(call.request))
    nodes = _nodes(listing.rows, call.caller.account.zone)
    return [envelope.paged("attachments", listing, nodes)]


@method("attachment.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete an attachment and its file. Source: inferred, ours."""
    service.delete(call.ports, call.caller, _id(call), _owner(call.request))
    return []


def appended(owner: Node, found: Sequence[Attachment], zone: ZoneInfo) -> Node:
    """Return what is shown of an owner, with what is attached to it at the end."""
    name, content, attributes = owner
    if not found or isinstance(content, str):
        return owner
    attached = node("attachments", _nodes(found, zone))
    return node(name, [*content, attached], attributes)


def _nodes(found: Sequence[Attachment], zone: ZoneInfo) -> list[Node]:
    return [node("attachment", _told(attachment, zone)) for attachment in found]


def _told(attachment: Attachment, zone: ZoneInfo) -> list[Node]:
    owner = attachment.owner
    return [
        node("attachment_id", str(attachment.attachment_id)),
        node(f"{owner.noun}_id", str(owner.owner_id)),
        node("file_name", attachment.file_name),
        node("description", attachment.description),
        node("type", attachment.type),
        node("size", str(attachment.size)),
        node("digest", attachment.digest),
        node("updated", values.timestamp(attachment.updated_at, zone)),
    ]


def _id(call: Call) -> int:
    return call.request.required_id("attachment_id", "attachment")


def _required_owner(request: Reader) -> Owner:
    owner = _owner(request)
    if owner is None:
        raise MissingFieldError("recurring_id")
    return owner


def _owner(request: Reader) -> Owner | None:
    """Return the owner that a request names; None where it names none.

    Raises: InvalidValueError for two, NotFoundError for what can be no id.
    """
    named = [
        Owner(noun, owner_id)
        for noun in OwnerNoun
        if (owner_id := given(request.record_id(f"{noun}_id", noun), 0))
    ]
    if len(named) > 1:
        raise request.invalid("invoice_id", "Use recurring_id or invoice_id.")
    return named[0] if named else None
