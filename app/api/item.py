"""item.*: what is sold."""

from collections.abc import Sequence
from decimal import Decimal

from app.api.paging import folder, page
from app.api.registry import Call, method
from app.domain.item import Item, ItemChanges
from app.domain.unset import Maybe
from app.services import item as service
from app.wire import envelope, values
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("item.create", once=True)
def create(call: Call) -> Sequence[Node]:
    """Make an item. Source: documented."""
    changes = _changes(call.request.required_child("item"))
    return [node("item_id", str(service.create(call.ports, call.caller, changes)))]


@method("item.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements of an item that the request names. Source: documented."""
    request = call.request.required_child("item")
    item_id = request.required_id("item_id", "item")
    service.update(call.ports, call.caller, item_id, _changes(request))
    return []


@method("item.get")
def get(call: Call) -> Sequence[Node]:
    """Return an item. Source: documented."""
    item = service.get(call.caller, _id(call))
    return [_item(item, [_inventory_node(item), node("folder", item.folder)])]


@method("item.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of items by descending `item_id`. Source: documented."""
    request = call.request
    listing = service.list_(call.caller, folder(request), page(request))
    nodes = [
        # In lists, `folder` stands before `inventory`. Source: documented.
        _item(item, [node("folder", item.folder), _inventory_node(item)])
        for item in listing.rows
    ]
    return [envelope.paged("items", listing, nodes)]


@method("item.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete an item. Source: documented."""
    service.delete(call.ports, call.caller, _id(call))
    return []


def _id(call: Call) -> int:
    return call.request.required_id("item_id", "item")


def _changes(request: Reader) -> ItemChanges:
    return ItemChanges(
        name=request.word("name"),
        description=request.text("description"),
        unit_cost=request.decimal("unit_cost"),
        quantity=request.decimal("quantity"),
        inventory=_inventory(request),
    )


def _inventory(request: Reader) -> Maybe[Decimal | None]:
    """Read what is in stock; an empty element says that nobody counts it.

    Source: documented.
    """
    return None if request.word("inventory") == "" else request.decimal("inventory")


def _inventory_node(item: Item) -> Node:
    stock = item.inventory
    return node("inventory", "" if stock is None else values.number(stock))


def _item(item: Item, tail: list[Node]) -> Node:
    return node(
        "item",
        [
            node("item_id", str(item.item_id)),
            node("name", item.name),
            node("description", item.description),
            node("unit_cost", values.number(item.unit_cost)),
            node("quantity", values.number(item.quantity)),
            *tail,
        ],
    )
