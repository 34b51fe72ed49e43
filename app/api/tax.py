"""tax.*: taxes with their rates."""

from collections.abc import Sequence

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.tax import Tax, TaxChanges
from app.services import tax as service
from app.wire import envelope, values
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("tax.create", once=True)
def create(call: Call) -> Sequence[Node]:
    """Make a tax. Source: documented."""
    changes = _changes(call.request.required_child("tax"))
    return [node("tax_id", str(service.create(call.ports, call.caller, changes)))]


@method("tax.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements of a tax that the request names. Source: documented."""
    request = call.request.required_child("tax")
    tax_id = request.required_id("tax_id", "tax")
    service.update(call.ports, call.caller, tax_id, _changes(request))
    return []


@method("tax.get")
def get(call: Call) -> Sequence[Node]:
    """Return a tax. Source: documented."""
    return [_tax(service.get(call.caller, _id(call)))]


@method("tax.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of taxes by descending `tax_id`. Source: documented."""
    request = call.request
    compound = request.wanted("compound")
    listing = service.list_(call.caller, page(request), compound=compound)
    return [envelope.paged("taxes", listing, list(map(_tax, listing.rows)))]


@method("tax.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a tax. Source: documented."""
    service.delete(call.caller, _id(call))
    return []


def _id(call: Call) -> int:
    return call.request.required_id("tax_id", "tax")


def _changes(request: Reader) -> TaxChanges:
    return TaxChanges(
        name=request.word("name"),
        rate=request.percent("rate"),
        number=request.text("number"),
        compound=request.switch("compound"),
    )


def _tax(tax: Tax) -> Node:
    return node(
        "tax",
        [
            node("tax_id", str(tax.tax_id)),
            node("name", tax.name),
            node("rate", values.number(tax.rate)),
            node("number", tax.number),
            node("compound", values.flag(tax.compound)),
        ],
    )
