"""From a document to a document: the one pipeline that every request goes through.

Order: system, credentials, size, XML, method, schema, handler. Source: observed for
system before credentials before XML.
"""

import logging
from dataclasses import dataclass
from functools import cache

from app.api import registry
from app.api.faults import Told, http, told
from app.api.registry import Call
from app.domain.errors import ServiceError, TooLargeError
from app.services import account as accounts
from app.services.ports import Ports
from app.wire import envelope, schema, xml
from app.wire.reader import Reader

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Request:
    """What came in: `body` is None when it is larger than the limit."""

    host: str
    token: bytes | None
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answer:
    """What goes out, and what the log says of it: ids and codes, never values."""

    status: int
    body: bytes
    method: str = ""
    account_id: int = 0
    code: int = 0


class _Progress:
    """How far a request has come, for its answer and its log line."""

    method = ""
    account_id = 0


@cache
def known_names() -> frozenset[str]:
    """Return every element name that any method knows."""
    nouns = {schema.noun_of(name) for name in registry.METHODS}
    return schema.known_names(tuple(sorted(nouns)))


def answer(ports: Ports, request: Request) -> Answer:
    """Answer a request; whatever happens, with a document."""
    progress = _Progress()
    try:
        body = _carried_out(ports, request, progress)
    except ServiceError as error:
        return _failed(told(error), progress)
    except Exception as error:  # noqa: BLE001 - one of the two catch-alls
        # Its text may quote the request; the type and the place must do.
        _log.error("failed: %s", _place_of(error))
        return _failed(http(500), progress)
    return Answer(
        status=200,
        body=body,
        method=progress.method,
        account_id=progress.account_id,
    )


def http_error(status: int) -> Answer:
    """Return the answer for an HTTP error outside the methods."""
    return _failed(http(status), _Progress())


def _carried_out(ports: Ports, request: Request, progress: _Progress) -> bytes:
    system = accounts.system_of_host(request.host, ports.domains)
    caller = accounts.authenticate(system, request.token)
    account = caller.account
    progress.account_id = account.account_id
    if request.body is None:
        raise TooLargeError
    document = xml.parse(
        request.body,
        registry.METHODS,
        known_names(),
        ignore_unknown=account.ignore_unknown,
    )
    progress.method = document.method
    now = ports.now()
    ports.requests.count(account.account_id, account.today(now), now)
    schema.validate(
        document.root, document.method, ignore_unknown=account.ignore_unknown
    )
    call = Call(ports=ports, caller=caller, request=Reader(document.root))
    return envelope.ok(registry.METHODS[document.method](call))


def _failed(fault: Told, progress: _Progress) -> Answer:
    return Answer(
        status=fault.status,
        body=envelope.fail(fault.text, fault.code, fault.field),
        method=progress.method,
        account_id=progress.account_id,
        code=fault.code,
    )


def _place_of(error: BaseException) -> str:
    frames = []
    traceback = error.__traceback__
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return f"{type(error).__name__} at {' < '.join(reversed(frames[-4:]))}"
