"""What happened to something, as every history shows it."""

from zoneinfo import ZoneInfo

from app.domain.event import Change, Event
from app.domain.paging import Listing
from app.wire import envelope, values
from app.wire.xml import Node, node


def page(listing: Listing[Event], zone: ZoneInfo) -> Node:
    """Render a page of events. Source: inferred, ours."""
    nodes = [_event(event, zone) for event in listing.rows]
    return envelope.paged("events", listing, nodes)


def _event(happened: Event, zone: ZoneInfo) -> Node:
    """Render an event; what the server did by itself has no person."""
    return node(
        "event",
        [
            node("number", str(happened.number)),
            node("date", values.timestamp(happened.at, zone)),
            node("staff_id", str(happened.staff_id or "")),
            node("username", happened.username),
            node("what", happened.what),
            node("changes", list(map(_change, happened.changes))),
        ],
    )


def _change(change: Change) -> Node:
    return node(
        "change",
        [
            node("field", change.field),
            node("old", change.old),
            node("new", change.new),
        ],
    )
