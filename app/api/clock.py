"""clock.*: an account's test clock (an extension of ours)."""

from collections.abc import Sequence
from datetime import date

from app.api.registry import Call, method
from app.domain.errors import MissingFieldError
from app.domain.unset import Unset, given
from app.services import clock as service
from app.wire.xml import Node, node


@method("clock.get")
def get(call: Call) -> Sequence[Node]:
    """Return the date of the account's test clock. Source: inferred (ours)."""
    return _clock(service.get(call.caller))


@method("clock.set")
def set_(call: Call) -> Sequence[Node]:
    """Move the test clock forward, doing each due day's work on the way.

    With `run` 0 the clock moves and nothing else happens. Source: inferred (ours).
    """
    request = call.request
    day = request.day("date")
    if isinstance(day, Unset):
        raise MissingFieldError("date")
    run = given(request.switch("run"), otherwise=True)
    return _clock(service.set_(call.ports, call.caller, day, run=run))


def _clock(day: date) -> list[Node]:
    return [node("clock", [node("date", day.isoformat())])]
