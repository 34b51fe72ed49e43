"""What Stripe does and localstripe does not, in front of it; and what goes wrong there.

Without localstripe behind it, it gives the answers that it is told to give.
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Answer = tuple[int, bytes]
INTENTS = "/v1/payment_intents"


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]

    @property
    def key(self) -> str:
        return self.headers.get("idempotency-key", "")


class Front(ThreadingHTTPServer):
    """A server on loopback; `faults` and `told` are used up one a request."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behind: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind
        self.asked: list[Asked] = []
        self.told: deque[Answer] = deque()
        self.faults: deque[Callable[[_Handler, Answer], None]] = deque()
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._done: dict[str, tuple[Asked, Answer]] = {}
        self._in_hand: set[str] = set()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients who have hung up."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def tell(self, status: int, body: object) -> None:
        """Give this answer next; what is no bytes is written as JSON."""
        as_bytes = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.told.append((status, as_bytes))

    def forget(self) -> None:
        """Forget all idempotency keys, as Stripe does after a day."""
        self._done.clear()

    def of(self, method: str, path: str) -> list[Asked]:
        return [a for a in self.asked if (a.method, a.path) == (method, path)]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        if self.told:
            return self.told.popleft()
        if not asked.key:
            return self._result(asked)
        with self._lock:
            if asked.key in self._in_hand:
                return error(409, code="idempotency_key_in_use")
            if done := self._done.get(asked.key):
                before, answer = done
                same = (before.path, before.params) == (asked.path, asked.params)
                return answer if same else error(400, type="idempotency_error")
            self._in_hand.add(asked.key)
        answer = self._result(asked)
        with self._lock:
            self._in_hand.remove(asked.key)
            self._done[asked.key] = (asked, answer)
        return answer

    def _result(self, asked: Asked) -> Answer:
        if self.behind is None:
            return error(500)
        if (asked.method, asked.path) == ("GET", INTENTS):
            return self._page(asked.params)
        answer = self._forwarded(asked, _as_known_there(asked))
        return self._as_card_error(asked, answer) if answer[0] == 402 else answer

    def _as_card_error(self, asked: Asked, answer: Answer) -> Answer:
        told = {**json.loads(answer[1])["error"], "type": "card_error"}
        if asked.path == INTENTS:
            told["payment_intent"] = self.intents()[-1]
        return 402, json.dumps({"error": told}).encode()

    def _page(self, wanted: dict[str, str]) -> Answer:
        intents = list(reversed(self.intents()))
        if customer := wanted.get("customer"):
            intents = [i for i in intents if i["customer"] == customer]
        ids = [i["id"] for i in intents]
        after = wanted.get("starting_after")
        start = ids.index(after) + 1 if after else 0
        end = start + int(wanted["limit"])
        page = {"object": "list", "data": intents[start:end], "url": INTENTS}
        return 200, json.dumps({**page, "has_more": end < len(ids)}).encode()

    def intents(self) -> list[dict[str, Any]]:
        """Return all of localstripe's PaymentIntents, oldest first."""
        listed: list[dict[str, Any]] = self.behind_it("GET", INTENTS, limit="100000")[
            "data"
        ]
        return listed

    def charges(self) -> list[dict[str, Any]]:
        """Return all of localstripe's charges that went through."""
        listed = self.behind_it("GET", "/v1/charges", limit="100000")["data"]
        return [charge for charge in listed if charge["status"] == "succeeded"]

    def behind_it(self, method: str, path: str, **params: str) -> dict[str, Any]:
        """Ask localstripe itself."""
        asked = Asked(method, path, params, {"authorization": "Bearer sk_test_front"})
        _, body = self._forwarded(asked, params)
        answer: dict[str, Any] = json.loads(body or b"{}")
        return answer

    def _forwarded(self, asked: Asked, params: dict[str, str]) -> Answer:
        assert self.behind is not None
        there = HTTPConnection("127.0.0.1", self.behind, timeout=30)
        form = urlencode(params)
        headers = {"Authorization": asked.headers["authorization"]}
        try:
            if asked.method == "GET":
                there.request("GET", f"{asked.path}?{form}", headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                there.request(asked.method, asked.path, form, headers)
            answer = there.getresponse()
            return answer.status, answer.read()
        finally:
            there.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Front

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._serve(parts.path, parts.query)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        self._serve(self.path, self.rfile.read(length).decode())

    def _serve(self, path: str, params: str) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        known = dict(parse_qsl(params, keep_blank_values=True))
        answer = self.server.answer(Asked(self.command, path, known, headers))
        faults = self.server.faults
        (faults.popleft() if faults else whole)(self, answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


def whole(handler: _Handler, answer: Answer) -> None:
    status, body = answer
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    # None of these is to be followed, kept or shown.
    handler.send_header("Stripe-Notice", "read this")
    handler.send_header("Set-Cookie", "of=stripe")
    if status in (302, 307):
        handler.send_header("Location", "/v1/elsewhere")
    handler.end_headers()
    handler.wfile.write(body)


def silence(handler: _Handler, _: Answer) -> None:
    """Do what was asked for, and never answer."""
    handler.server.over.wait()
    handler.close_connection = True


def hang_up(handler: _Handler, _: Answer) -> None:
    """Do what was asked for, and hang up."""
    handler.close_connection = True


def half(handler: _Handler, answer: Answer) -> None:
    """Break off in the middle of the answer."""
    status, body = answer
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.close_connection = True


def drip(handler: _Handler, answer: Answer) -> None:
    """Answer a byte at a time, without an end."""
    handler.send_response(answer[0])
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.close_connection = True
    while not handler.server.over.wait(0.02):
        try:
            handler.wfile.write(b" ")
            handler.wfile.flush()
        except OSError:
            return


def error(status: int, **of: str) -> Answer:
    told = {"type": "invalid_request_error", "message": "No.", **of}
    return status, json.dumps({"error": told}).encode()


def _as_known_there(asked: Asked) -> dict[str, str]:
    """Return a request's parameters without those that localstripe does not know."""
    params = dict(asked.params)
    if asked.path == INTENTS:
        del params["description"], params["allowed_payment_method_types[0]"]
    if asked.path == "/v1/payment_methods" and asked.method == "POST":
        params.setdefault("card[cvc]", "999")
    return params


@contextmanager
def serving(behind: int | None = None) -> Iterator[Front]:
    """Run a front until the end of the block."""
    with Front(behind) as front:
        thread = threading.Thread(target=front.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield front
        finally:
            front.over.set()
            front.shutdown()
            thread.join()
