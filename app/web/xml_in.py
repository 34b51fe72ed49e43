"""`/api/2.1/xml-in`: bytes in, bytes out."""

import logging
import time
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.api import dispatch
from app.api.auth import token_of
from app.services.ports import Ports
from app.storage.database import open_for_thread
from app.wire.envelope import CONTENT_TYPE

BODY_MAX = 1_000_000

# A body that is too large is read to its end all the same, up to here and for so long:
# a client that is still sending would never see the answer.
_DRAINED_MAX = 64 * 1024 * 1024
_DRAINED_S = 10
_CHUNK = 64 * 1024

# A client or two send GET with a body. Source: observed.
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")

_log = logging.getLogger("perennial.request")


def register(app: Flask, ports: Ports) -> None:
    """Add the routes: the one address of the API, and its older alias."""

    def xml_in() -> Response:
        started = time.perf_counter()
        open_for_thread()
        answer = dispatch.answer(
            ports,
            dispatch.Request(
                host=request.host,
                token=token_of(request.headers.get("Authorization")),
                body=_body(),
            ),
        )
        _log.info(
            "method=%s account=%d status=%d code=%d bytes=%d ms=%.1f",
            answer.method or "-",
            answer.account_id,
            answer.status,
            answer.code,
            len(answer.body),
            (time.perf_counter() - started) * 1000,
        )
        return response(answer)

    for path in ("/api/2.1/xml-in", "/api/xml-in"):
        app.add_url_rule(
            path,
            path,
            xml_in,
            methods=_VERBS,
            strict_slashes=False,
            provide_automatic_options=False,
        )


def response(answer: dispatch.Answer) -> Response:
    """Return an answer as HTTP has it."""
    headers = {"Cache-Control": "private"}
    if answer.status == 401:
        # One client offers its credentials to this realm only. Source: observed.
        headers["WWW-Authenticate"] = 'Basic realm="FreshBooks"'
    return Response(
        answer.body,
        f"{answer.status} {HTTPStatus(answer.status).phrase}",
        headers,
        content_type=CONTENT_TYPE,
    )


def _body() -> bytes | None:
    """Return the request's body, whatever its verb and type; None if it is too large.

    The stream is read to one byte past the limit, because a chunked body would be cut
    at the limit without a word.

    Raises: UnsupportedMediaType for a compressed one, BadRequest for broken framing.
    """
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedMediaType
    stream = request.stream
    try:
        parts, size = [], 0
        while size <= BODY_MAX and (part := stream.read(_CHUNK)):
            parts.append(part)
            size += len(part)
        if size > BODY_MAX:
            _drain(size)
            return None
    except OSError:
        raise BadRequest from None
    except Exception as error:
        # The server's own errors of broken chunks have no class in common.
        if type(error).__module__.startswith("gunicorn."):
            raise BadRequest from None
        raise
    if size < (request.content_length or 0):
        # The connection ended early: what came may look whole, and is not.
        raise BadRequest
    return b"".join(parts)


def _drain(size: int) -> None:
    until = time.monotonic() + _DRAINED_S
    while size <= _DRAINED_MAX and time.monotonic() < until:
        part = request.stream.read(_CHUNK)
        if not part:
            return
        size += len(part)
