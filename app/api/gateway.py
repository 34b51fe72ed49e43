"""gateway.*: the payment gateways that an account has enabled."""

from collections.abc import Sequence

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.paging import PER_PAGE_MAX, cut
from app.services import account as service
from app.wire import envelope, values
from app.wire.xml import Node, node


@method("gateway.list")
def list_(call: Call) -> Sequence[Node]:
    """Return the enabled gateways by name, 100 a page. Source: documented."""
    request = call.request
    capable = request.wanted("autobill_capable")
    gateways = service.gateways(call.caller, autobill_capable=capable)
    listing = cut(gateways, page(request, PER_PAGE_MAX))
    nodes = [
        node(
            "gateway",
            [
                node("name", gateway.name),
                node("autobill_capable", values.flag(gateway.autobill_capable)),
            ],
        )
        for gateway in listing.rows
    ]
    return [envelope.paged("gateways", listing, nodes)]
