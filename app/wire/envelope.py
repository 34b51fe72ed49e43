"""The envelope of an answer.

Source: documented (namespace, status); observed (`xmlns` before `status`, one space
between, because one client cuts the namespace out by pattern; the layout).
"""

from collections.abc import Sequence
from typing import Any

from app.domain.paging import Listing
from app.wire.xml import Node, node, written

NAMESPACE = "http://www.freshbooks.com/api/"
CONTENT_TYPE = "application/xml; charset=utf-8"

_HEAD = f'<?xml version="1.0" encoding="utf-8"?>\n<response xmlns="{NAMESPACE}" status='


def ok(nodes: Sequence[Node] = ()) -> bytes:
    """Return the answer to a request that was carried out."""
    if not nodes:
        return f'{_HEAD}"ok"/>\n'.encode()
    return f'{_HEAD}"ok">\n{written(nodes)}</response>\n'.encode()


def fail(error: str, code: int, field: str | None) -> bytes:
    """Return the answer to a request that was refused."""
    nodes = [node("error", error), node("code", str(code))]
    if field is not None:
        nodes.append(node("field", field))
    return f'{_HEAD}"fail">\n{written(nodes)}</response>\n'.encode()


def paged(name: str, listing: Listing[Any], nodes: Sequence[Node]) -> Node:
    """Return the plural element of a list, with the four attributes in their order."""
    page = listing.page
    return node(
        name,
        nodes,
        f' page="{page.number}" per_page="{page.size}"'
        f' pages="{listing.pages}" total="{listing.total}"',
    )
