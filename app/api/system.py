"""system.*: the account itself."""

from collections.abc import Sequence

from app.api.registry import Call, method
from app.services import account as service
from app.wire.xml import Node, node

# Source: documented (the sample's value, marked deprecated): there is no daily limit.
_REQUEST_LIMIT = str(2**31 - 1)
_ADDRESS = ("street1", "street2", "city", "province", "postal_code", "country")


@method("system.current")
def current(call: Call) -> Sequence[Node]:
    """Return the company and its requests of today; for the administrator.

    Source: documented.
    """
    system = service.current_system(call.ports, call.caller)
    return [
        node(
            "system",
            [
                node("company_name", system.account.name),
                node("profession", ""),
                node("address", [node(name, "") for name in _ADDRESS]),
                node(
                    "api",
                    [
                        node("requests", str(system.requests)),
                        node("request_limit", _REQUEST_LIMIT, ' deprecated="1"'),
                    ],
                ),
            ],
        )
    ]
