"""discount.*: discounts with names (an extension of ours)."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.discount import Discount, DiscountChanges
from app.domain.unset import UNSET, Maybe
from app.services import discount as service
from app.wire import envelope, values
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("discount.create", once=True)
def create(call: Call) -> Sequence[Node]:
    """Make a discount, a percentage or an amount. Source: inferred, ours."""
    changes = _changes(call.request.required_child("discount"))
    discount_id = service.create(call.ports, call.caller, changes)
    return [node("discount_id", str(discount_id))]


@method("discount.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements of a discount that are named. Source: inferred, ours."""
    request = call.request.required_child("discount")
    discount_id = request.required_id("discount_id", "discount")
    service.update(call.ports, call.caller, discount_id, _changes(request))
    return []


@method("discount.get")
def get(call: Call) -> Sequence[Node]:
    """Return a discount. Source: inferred, ours."""
    return [_discount(service.get(call.caller, _id(call)))]


@method("discount.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of discounts by descending id. Source: inferred, ours."""
    listing = service.list_(call.caller, page(call.request))
    nodes = list(map(_discount, listing.rows))
    return [envelope.paged("discounts", listing, nodes)]


@method("discount.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a discount. Source: inferred, ours."""
    service.delete(call.caller, _id(call))
    return []


def _id(call: Call) -> int:
    return call.request.required_id("discount_id", "discount")


def _changes(request: Reader) -> DiscountChanges:
    return DiscountChanges(
        name=request.word("name"),
        percent=_named(request, "percent", request.percent),
        amount=_named(request, "amount", request.decimal),
    )


def _named(
    request: Reader, name: str, read: Callable[[str], Maybe[Decimal]]
) -> Maybe[Decimal]:
    """Read one of the two; an empty one counts as left out."""
    return UNSET if request.word(name) == "" else read(name)


def _discount(discount: Discount) -> Node:
    said = {"percent": discount.percent, "amount": discount.amount}
    return node(
        "discount",
        [
            node("discount_id", str(discount.discount_id)),
            node("name", discount.name),
            *(
                node(name, values.number(value))
                for name, value in said.items()
                if value is not None
            ),
        ],
    )
