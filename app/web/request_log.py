"""What every request gets: an id, a place in the counts, and one line in the log."""

import logging
import re
import time
from collections.abc import Callable

from flask import Flask, Response, g, request

from app.api.dispatch import Answer
from app.logs import REQUEST_ID
from app.services.ports import Ports

HEADER = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)

_log = logging.getLogger("perennial.request")


def register(app: Flask, ports: Ports, count: Callable[[Answer, float], None]) -> None:
    """Add what happens before and after each request, whatever its address.

    `count` is told of every one, with the seconds that it took.
    """

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        told = request.headers.get(HEADER, "")
        REQUEST_ID.set(told if _ID.fullmatch(told) else ports.secret())

    @app.after_request
    def log(response: Response) -> Response:
        response.headers[HEADER] = REQUEST_ID.get()
        answer: Answer | None = g.get("answer")
        # Those who watch come every few seconds and are no one's requests.
        if answer is not None:
            seconds = time.perf_counter() - g.started
            _write(answer, seconds)
            count(answer, seconds)
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        REQUEST_ID.set("")


def _write(answer: Answer, seconds: float) -> None:
    """Write ids and codes, never values."""
    fields = {
        "method": answer.method or "-",
        "account": answer.account_id,
        "status": answer.status,
        "code": answer.code,
        "bytes": len(answer.body),
        "ms": round(seconds * 1000, 1),
    }
    _log.info("answered", extra={"fields": fields})
