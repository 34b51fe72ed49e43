"""recurring.*: the handlers."""

from collections.abc import Sequence

from app.api.paging import folder, page
from app.api.recurring import reading, rendering
from app.api.registry import Call, method
from app.domain.recurring import ProfileFilter
from app.domain.unset import given
from app.services import recurring as service
from app.wire import envelope
from app.wire.xml import Node, node


@method("recurring.create", creates=True)
def create(call: Call) -> Sequence[Node]:
    """Make a recurring profile; one that starts today is invoiced at once.

    Source: documented; that `invoice_id` follows `recurring_id` only where an invoice
    was made is settled in the wire reference 6.
    """
    changes = reading.changes(call.request.required_child("recurring"))
    made = service.create(call.ports, call.caller, changes)
    nodes = [node("recurring_id", str(made.recurring_id))]
    if made.invoice_id is not None:
        nodes.append(node("invoice_id", str(made.invoice_id)))
    return nodes


@method("recurring.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names. Source: documented."""
    request = call.request.required_child("recurring")
    recurring_id = request.required_id("recurring_id", "recurring")
    changes = reading.changes(request)
    service.update(call.ports, call.caller, recurring_id, changes)
    return []


@method("recurring.get")
def get(call: Call) -> Sequence[Node]:
    """Return a recurring profile. Source: documented."""
    profile = service.get(call.ports, call.caller, _id(call))
    return [rendering.recurring(profile)]


@method("recurring.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of profiles by descending `recurring_id`.

    Source: documented (filters, order, an empty page past the end); that the bounds
    are inclusive is inferred.
    """
    request = call.request
    zone = call.caller.account.zone
    narrowed = ProfileFilter(
        client_id=given(request.record_id("client_id", "client"), None),
        autobill=request.wanted("autobill"),
        date_from=request.day_bound("date_from"),
        date_to=request.day_bound("date_to"),
        updated_from=request.since("updated_from", zone),
        updated_to=request.until("updated_to", zone),
        folder=folder(request),
    )
    listing = service.list_(call.ports, call.caller, narrowed, page(request))
    nodes = list(map(rendering.recurring, listing.rows))
    return [envelope.paged("recurrings", listing, nodes)]


@method("recurring.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a profile; it generates no more invoices. Source: documented."""
    service.delete(call.ports, call.caller, _id(call))
    return []


@method("recurring.lines.add", creates=True)
def lines_add(call: Call) -> Sequence[Node]:
    """Append lines to a profile and return their ids. Source: documented."""
    recurring_id = _id(call)
    lines = reading.lines(call.request)
    ids = service.add_lines(call.ports, call.caller, recurring_id, lines)
    return [
        node("recurring_id", str(recurring_id)),
        node("lines", [node("line_id", str(line_id)) for line_id in ids]),
    ]


@method("recurring.lines.update")
def lines_update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names of lines. Source: documented."""
    recurring_id = _id(call)
    lines = reading.numbered_lines(call.request)
    service.update_lines(call.ports, call.caller, recurring_id, lines)
    return []


@method("recurring.lines.delete")
def lines_delete(call: Call) -> Sequence[Node]:
    """Delete one line of a profile. Source: documented."""
    line_id = call.request.required_id("line_id", "line")
    service.delete_line(call.ports, call.caller, _id(call), line_id)
    return []


def _id(call: Call) -> int:
    return call.request.required_id("recurring_id", "recurring")
