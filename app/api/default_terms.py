"""default_terms.*: what an account's papers say of terms."""

from collections.abc import Sequence

from app.api.registry import Call, method
from app.domain.default_terms import TermsType
from app.services import default_terms as service
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("default_terms.get")
def get(call: Call) -> Sequence[Node]:
    """Return the terms of invoices, estimates or credits. Source: documented."""
    kind = _kind(call.request)
    return [_terms(kind, service.list_(call.caller)[kind])]


@method("default_terms.list")
def list_(call: Call) -> Sequence[Node]:
    """Return the terms of all three, on no pages. Source: documented."""
    found = service.list_(call.caller)
    return [node("default_terms", [_terms(*each) for each in found.items()])]


@method("default_terms.update")
def update(call: Call) -> Sequence[Node]:
    """Change the terms of invoices, estimates or credits. Source: documented."""
    request = call.request.required_child("terms")
    service.update(call.caller, _kind(request), request.text("message"))
    return []


def _kind(request: Reader) -> TermsType:
    return TermsType(request.required_word("type"))


def _terms(kind: TermsType, message: str) -> Node:
    return node("terms", [node("type", kind), node("message", message)])
