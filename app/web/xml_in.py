"""`/api/2.1/xml-in`: bytes in, bytes out."""

import time
from http import HTTPStatus

from flask import Flask, Response, g, request
from gunicorn.http.errors import ParseException

from app.api import dispatch
from app.api.auth import token_of
from app.domain.errors import (
    IDEMPOTENCY_KEY,
    BrokenBodyError,
    CompressedBodyError,
    TooLargeError,
)
from app.services.ports import Ports
from app.storage.database import serving
from app.web.address import address_of
from app.web.gunicorn_conf import close_after_answer

# A body that nobody wants is read to its end all the same, up to here and for so long:
# a client that is still sending would never see the answer.
_DRAINED_MAX = 64 * 1024 * 1024
_DRAINED_S = 10
_CHUNK = 64 * 1024

# A client or two send GET with a body. Source: observed.
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def register(app: Flask, ports: Ports) -> None:
    """Add the routes: the one address of the API, and its older alias."""

    def xml_in() -> Response:
        body = _Body()
        asked = dispatch.Request(
            host=request.host,
            address=address_of(
                request.remote_addr,
                request.headers.getlist("X-Forwarded-For"),
                ports.trusted_proxies,
            ),
            token=token_of(request.headers.get("Authorization")),
            key=request.headers.get(IDEMPOTENCY_KEY),
            body=body.read,
        )
        with serving():
            answer = dispatch.answer(ports, asked)
        if answer.code == dispatch.MALFORMED:
            close_after_answer()
        body.drain()
        answered = response(answer)
        # Counting may have to wait for the database; the client need not.
        answered.call_on_close(lambda: ports.requests.flush_if_due(ports.now()))
        return answered

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
    g.answer = answer
    headers = {"Cache-Control": "private"}
    if answer.file_name:
        headers["Content-Disposition"] = f'inline; filename="{answer.file_name}"'
        headers["X-Content-Type-Options"] = "nosniff"
    if answer.status == 401:
        # One client offers its credentials to this realm only. Source: observed.
        headers["WWW-Authenticate"] = 'Basic realm="FreshBooks"'
    if answer.retry_after_s is not None:
        headers["Retry-After"] = str(answer.retry_after_s)
    return Response(
        answer.body,
        f"{answer.status} {HTTPStatus(answer.status).phrase}",
        headers,
        content_type=answer.content_type,
    )


class _Body:
    """The body of the request in hand, whatever its verb and type."""

    def __init__(self) -> None:
        self._stream = request.stream
        self._size = 0

    def read(self, limit_of: dispatch.Limit) -> bytes:
        """Return the whole body; one that is large only if it begins as it may.

        The stream is read past the limit, because a chunked body would be cut at the
        limit without a word.

        Raises: CompressedBodyError, TooLargeError, BrokenBodyError.
        """
        encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
        # gunicorn lets others pass, and hands over what they were applied to.
        transfer = request.headers.get("Transfer-Encoding", "chunked").strip().lower()
        if encoding not in ("", "identity") or transfer != "chunked":
            raise CompressedBodyError
        limit = dispatch.BODY_MAX
        parts = []
        while part := self._part():
            parts.append(part)
            if limit == dispatch.BODY_MAX < self._size:
                limit = limit_of(b"".join(parts))
            if self._size > limit:
                raise TooLargeError(limit)
        if self._size < (request.content_length or 0):
            # The connection ended early: what came may look whole, and is not.
            raise BrokenBodyError
        return b"".join(parts)

    def drain(self) -> None:
        """Read what is left and throw it away, within bounds."""
        until = time.monotonic() + _DRAINED_S
        try:
            while self._size <= _DRAINED_MAX and time.monotonic() < until:
                if not self._part():
                    return
        except BrokenBodyError:
            # The answer says so already, or does not depend on it.
            return

    def _part(self) -> bytes:
        try:
            part = self._stream.read(_CHUNK)
        except (OSError, ParseException):
            # The second is the server's own, for broken chunks.
            raise BrokenBodyError from None
        self._size += len(part)
        return part
