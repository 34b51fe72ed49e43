"""From a document to a document: the one pipeline that every request goes through.

Order: system, credentials, rate, size, XML, method, schema, handler. Source: observed
for system before credentials before XML.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial

from app.api.faults import FAULTS, Told, http, told
from app.api.methods import METHODS
from app.api.registry import (
    BEGINNINGS,
    BULKY_ANSWERS,
    BULKY_REQUESTS,
    ONCE,
    Call,
    Document,
    Rest,
)
from app.domain.account import Caller
from app.domain.errors import MalformedError, ServiceError, UnavailableError
from app.services import account as accounts
from app.services import idempotency
from app.services.places import place_of
from app.services.ports import Ports
from app.wire import envelope, schema, xml
from app.wire.reader import Reader
from app.wire.xml import Node

# What proves that a card is in hand; nothing of it is kept.
_CODE = "cvv"
MALFORMED = FAULTS[MalformedError].code

# Of every method whose requests hold no file, in bytes.
BODY_MAX = 1_000_000

# Says how large a body may be that is larger than BODY_MAX, by how it begins.
Limit = Callable[[bytes], int]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Request:
    """What came in; `body` reads it, once it is known who is asking.

    It reads no more than it may, and raises TooLargeError, BrokenBodyError or
    CompressedBodyError. `address` is where the request came from, `key` its idempotency
    key.
    """

    host: str
    address: str
    token: bytes | None
    key: str | None
    body: Callable[[Limit], bytes]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answer:
    """What goes out, and what the log says of it: ids and codes, never values.

    What is a file has a name.
    """

    status: int
    body: bytes
    content_type: str = envelope.CONTENT_TYPE
    file_name: str = ""
    method: str = ""
    account_id: int = 0
    code: int = 0
    retry_after_s: int | None = None


class Progress:
    """How far a request has come, for its answer and its log line."""

    method = ""
    account_id = 0


@cache
def known_names() -> frozenset[str]:
    """Return every element name that any method knows."""
    nouns = {schema.noun_of(name) for name in METHODS}
    return schema.known_names(tuple(sorted(nouns)))


def answer(ports: Ports, request: Request) -> Answer:
    """Answer a request; whatever happens, with a document."""
    progress = Progress()
    try:
        document = _carried_out(ports, request, progress)
    except UnavailableError as error:
        return failed(error, progress)
    except ServiceError as error:
        return _failed(told(error), progress)
    except Exception as error:  # noqa: BLE001 - one of the two catch-alls
        return failed(error, progress)
    return Answer(
        status=200,
        body=document.body,
        content_type=document.content_type,
        file_name=document.file_name,
        method=progress.method,
        account_id=progress.account_id,
    )


def http_error(status: int) -> Answer:
    """Return the answer for an HTTP error outside the methods."""
    return _failed(http(status), Progress())


def failed(error: BaseException, progress: Progress | None = None) -> Answer:
    """Log a fault that is not the request's, and return the answer for it.

    One of ours is logged by its place alone: its text may quote the request. The
    database's says what an operator has to do.
    """
    progress = progress or Progress()
    if isinstance(error, UnavailableError):
        _log.error("the database is not available: %s", error)
        return _failed(told(error), progress)
    _log.error("failed: %s", place_of(error))
    return _failed(http(500), progress)


def _carried_out(ports: Ports, request: Request, progress: Progress) -> Document:
    system = accounts.system_of_host(request.host, ports.domains)
    now = ports.now()
    caller = accounts.log_in(ports, system, request.token, request.address)
    account = caller.account
    progress.account_id = account.account_id
    ports.rates.take(account.account_id, now)
    with ExitStack() as turn:
        return _answered(ports, caller, request, turn, progress)


def _limit(ports: Ports, turn: ExitStack, beginning: bytes) -> int:
    """Return how large a body may be that begins so; take a turn for one of a file."""
    if xml.method_of(beginning) not in BULKY_REQUESTS:
        return BODY_MAX
    turn.enter_context(ports.bulk.turn())
    return ports.bulk.body_max


def _answered(
    ports: Ports,
    caller: Caller,
    request: Request,
    turn: ExitStack,
    progress: Progress,
) -> Document:
    """Carry out what a known caller asks for; with a file in hand, in its turn."""
    account, now = caller.account, ports.now()
    body = request.body(lambda beginning: _limit(ports, turn, beginning))
    document = xml.parse(
        body,
        METHODS,
        known_names(),
        ignore_unknown=account.ignore_unknown,
    )
    progress.method = document.method
    ports.requests.count(account.account_id, account.today(now), now)
    schema.validate(document, ignore_unknown=account.ignore_unknown)
    if document.method in BULKY_ANSWERS:
        turn.enter_context(ports.bulk.turn())
    call = Call(
        ports=ports,
        caller=caller,
        request=Reader(document.root, pruned=document.pruned),
    )

    if request.key is None or document.method not in ONCE:
        answered = METHODS[document.method](call)
        if isinstance(answered, Document):
            return answered
        return _xml(envelope.ok(answered))
    compared = xml.without(document.root, _CODE) if _has_code(document) else body
    return _xml(_once(call, document.method, request.key, compared))


def _has_code(document: xml.Document) -> bool:
    """Whether a request holds the code of a card, which no digest may be made of."""
    return document.root.find(f".//{_CODE}") is not None


def _once(call: Call, method: str, key: str, body: bytes) -> bytes:
    """Return the answer to a request with a key; what is kept by a key is XML.

    A gateway is asked before the key's transaction, and not again for a repeat.
    """
    rest: Rest = partial(_nodes, call, method)
    if method in BEGINNINGS:
        former = idempotency.former(call.ports, call.caller, key, body)
        if former is not None:
            return former
        rest = BEGINNINGS[method](call)
    return idempotency.once(
        call.ports, call.caller, key, body, lambda: envelope.ok(rest())
    )


def _nodes(call: Call, method: str) -> Sequence[Node]:
    answered = METHODS[method](call)
    if isinstance(answered, Document):
        raise TypeError("a file is not kept by a key")
    return answered


def _xml(body: bytes) -> Document:
    return Document(body=body, content_type=envelope.CONTENT_TYPE, file_name="")


def _failed(fault: Told, progress: Progress) -> Answer:
    return Answer(
        status=fault.status,
        body=envelope.fail(fault.text, fault.code, fault.field),
        method=progress.method,
        account_id=progress.account_id,
        code=fault.code,
        retry_after_s=fault.retry_after_s,
    )
