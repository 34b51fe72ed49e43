"""language.*: what clients may be billed in."""

from collections.abc import Sequence

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.language import LANGUAGES
from app.domain.paging import cut
from app.wire import envelope
from app.wire.xml import Node, node


@method("language.list")
def list_(call: Call) -> Sequence[Node]:
    """Return the languages by code and English name. Source: documented."""
    listing = cut(tuple(LANGUAGES.items()), page(call.request))
    nodes = [
        node("language", [node("code", code), node("name", name)])
        for code, name in listing.rows
    ]
    return [envelope.paged("languages", listing, nodes)]
