"""currency.*: what invoices may be in."""

from collections.abc import Sequence

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.currency import LISTED, english_name
from app.domain.paging import PER_PAGE_MAX, cut
from app.domain.unset import given
from app.wire import envelope
from app.wire.xml import Node, node


@method("currency.list")
def list_(call: Call) -> Sequence[Node]:
    """Return the currencies, 100 a page; their names where `details` are wanted.

    Source: documented; the names are ours.
    """
    details = given(call.request.switch("details"), otherwise=False)
    listing = cut(LISTED, page(call.request, PER_PAGE_MAX))
    nodes = [
        node(
            "currency",
            [
                node("code", code),
                *([node("name", english_name(code))] if details else []),
            ],
        )
        for code in listing.rows
    ]
    return [envelope.paged("currencies", listing, nodes)]
