"""billing_model.*: schedules with names (an extension of ours)."""

from collections.abc import Sequence

from app.api import schedule
from app.api.paging import page
from app.api.registry import Call, method
from app.domain.billing_model import BillingModelChanges
from app.services import billing_model as service
from app.services.billing_model import Shown
from app.wire import envelope, values
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("billing_model.create", once=True)
def create(call: Call) -> Sequence[Node]:
    """Make a billing model, a schedule with a name. Source: inferred, ours."""
    changes = _changes(call.request.required_child("billing_model"))
    billing_model_id = service.create(call.ports, call.caller, changes)
    return [node("billing_model_id", str(billing_model_id))]


@method("billing_model.update")
def update(call: Call) -> Sequence[Node]:
    """Change a model, but no profile that took it. Source: inferred, ours."""
    request = call.request.required_child("billing_model")
    billing_model_id = request.required_id("billing_model_id", "billing_model")
    service.update(call.ports, call.caller, billing_model_id, _changes(request))
    return []


@method("billing_model.get")
def get(call: Call) -> Sequence[Node]:
    """Return a billing model. Source: inferred, ours."""
    return [_billing_model(service.get(call.caller, _id(call)))]


@method("billing_model.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of billing models by descending id. Source: inferred, ours."""
    listing = service.list_(call.caller, page(call.request))
    nodes = list(map(_billing_model, listing.rows))
    return [envelope.paged("billing_models", listing, nodes)]


@method("billing_model.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a billing model that is not in use. Source: inferred, ours."""
    service.delete(call.caller, _id(call))
    return []


@method("billing_model.setDefault")
def set_default(call: Call) -> Sequence[Node]:
    """Make a model the default of new profiles. Source: inferred, ours."""
    service.set_default(call.caller, _id(call))
    return []


def _id(call: Call) -> int:
    return call.request.required_id("billing_model_id", "billing_model")


def _changes(request: Reader) -> BillingModelChanges:
    return BillingModelChanges(
        name=request.word("name"),
        frequency=schedule.frequency(request),
        schedule=schedule.changes(request),
    )


def _billing_model(shown: Shown) -> Node:
    model = shown.model
    rule = schedule.rule_nodes(model.rule)
    return node(
        "billing_model",
        [
            node("billing_model_id", str(model.billing_model_id)),
            node("name", model.name),
            node("frequency", values.frequency(model.rule)),
            *([node("schedule", rule)] if rule else []),
            node("frequency_text", values.frequency_text(model.rule)),
            node("default", values.flag(shown.default)),
            node("locked", values.flag(model.locked)),
        ],
    )
