"""Which methods there are: an explicit table, filled by `method`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps

from app.domain.account import Caller
from app.services.ports import Ports
from app.wire.reader import Reader
from app.wire.xml import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that is known, valid and allowed, for its handler."""

    ports: Ports
    caller: Caller
    request: Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An answer that is no XML: a file, with a name for those who keep it."""

    body: bytes
    content_type: str
    file_name: str


Handler = Callable[[Call], Sequence[Node] | Document]
# What is left to do of a request after others have been asked, in one transaction.
Rest = Callable[[], Sequence[Node]]
Beginning = Callable[[Call], Rest]

METHODS: dict[str, Handler] = {}
# The beginnings of those that ask a gateway, which nobody does within a transaction.
BEGINNINGS: dict[str, Beginning] = {}
# Those that do more each time they are asked, which a client must be able to ask again.
ONCE: set[str] = set()
# Those whose requests, and those whose answers may hold a file.
BULKY_REQUESTS: set[str] = set()
BULKY_ANSWERS: set[str] = set()


def method(
    name: str,
    *,
    once: bool = False,
    bulky_request: bool = False,
    bulky_answer: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler under its wire name.

    `once`: an idempotency key keeps it from being carried out twice. `bulky_request`
    and `bulky_answer`: it may hold a file.

    Raises: ValueError when the name is taken.
    """

    def register(handler: Handler) -> Handler:
        if name in METHODS:
            raise ValueError(f"{name} is registered twice")
        METHODS[name] = handler
        for has, names in (
            (once, ONCE),
            (bulky_request, BULKY_REQUESTS),
            (bulky_answer, BULKY_ANSWERS),
        ):
            if has:
                names.add(name)
        return handler

    return register


def asking(name: str, *, once: bool = False) -> Callable[[Beginning], Beginning]:
    """Register, under its wire name, a handler that asks a gateway.

    It returns what is left to do once that has answered: the transaction of an
    idempotency key is begun only then.

    Raises: ValueError when the name is taken.
    """

    def register(begin: Beginning) -> Beginning:
        @wraps(begin)
        def whole(call: Call) -> Sequence[Node]:
            return begin(call)()

        method(name, once=once)(whole)
        BEGINNINGS[name] = begin
        return begin

    return register
