"""The way to Stripe: its library's requests, bounded in time and size, and unlogged."""

import json
import logging
import re
import threading
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import stripe
import urllib3
from requests.adapters import HTTPAdapter

CONNECT_S = 5.0
READ_S = 20.0
# For all requests of one order together.
TOTAL_S = 25.0
SIZE_MAX = 1024 * 1024

_PIECE = 64 * 1024
# As many connections are kept as may be in use at once.
_POOL = 64
_LATE = "Stripe did not answer in time."
_UNREADABLE = "Stripe's answer cannot be read."


class NoAnswerError(stripe.APIConnectionError):
    """Nothing came that says what became of a request; `detail` says what did."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)  # type: ignore[no-untyped-call]
        self.detail = detail


def unreadable() -> NoAnswerError:
    """Return the error for an answer that is not one of Stripe's."""
    return NoAnswerError(_UNREADABLE)


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Know of none: a redirection would be read whole, whatever its size."""


class Line(stripe.HTTPClient):
    """One gateway's connections, for any number of threads.

    Proxies, certificates and passwords of the environment are left alone, redirections
    are not followed, and nothing is asked for a second time.
    """

    name = "requests"

    def __init__(self) -> None:
        super().__init__()
        self._session = _Session()
        self._session.trust_env = False
        self._session.headers.clear()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_POOL))
        self._thread = threading.local()

    def begin(self) -> None:
        """Begin the time that this thread's next requests have together."""
        self._thread.until = time.monotonic() + TOTAL_S

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Return body, status and, as headers, nothing: none of them is used.

        Raises: NoAnswerError.
        """
        try:
            status, body = self._exchanged(method, url, headers, post_data)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise NoAnswerError(_LATE) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError):
            raise NoAnswerError("Stripe cannot be reached, or hung up.") from None
        return _checked(body, status), status, {}

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _exchanged(
        self, method: str, url: str, headers: Mapping[str, str] | None, data: Any
    ) -> tuple[int, bytes]:
        left_s = self._left_s()
        with self._session.request(
            method,
            url,
            headers=headers,
            data=data,
            timeout=(min(CONNECT_S, left_s), min(READ_S, left_s)),
            allow_redirects=False,
            stream=True,
        ) as answer:
            return answer.status_code, self._body(answer.raw)

    def _body(self, raw: urllib3.HTTPResponse) -> bytes:
        body = bytearray()
        self._hurry(raw)
        # Each read waits for the socket once, however little comes.
        while piece := raw.read1(_PIECE, decode_content=False):
            body += piece
            if len(body) > SIZE_MAX:
                raise NoAnswerError("Stripe's answer is too long.")
            self._hurry(raw)
        return bytes(body)

    def _hurry(self, raw: urllib3.HTTPResponse) -> None:
        """Let the socket wait no longer than there is time."""
        left_s = self._left_s()
        if raw.connection is not None and raw.connection.sock is not None:
            raw.connection.sock.settimeout(min(READ_S, left_s))

    def _left_s(self) -> float:
        left_s = float(self._thread.until - time.monotonic())
        if left_s <= 0:
            raise NoAnswerError(_LATE)
        return left_s


def _checked(body: bytes, status: int) -> str:
    try:
        text = body.decode()
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise NoAnswerError(f"Stripe answered {status}, and nothing readable.")
    if status not in range(200, 300) and not isinstance(document.get("error"), dict):
        raise NoAnswerError(f"Stripe answered {status} without an error.")
    return text


# What is asked for stands in its lines, and tokens in that.
_TELLING = re.compile(r"/v1/")


def _silence() -> None:
    """Keep the libraries from writing down posts, answers and tokens.

    This is for the whole process: none of it can be had for one client alone.
    """
    # It writes a file into the home directory, and tells Stripe about the machine.
    stripe.enable_telemetry = False
    # It would print posts, card numbers and all, to standard error.
    stripe._util.STRIPE_LOG = None  # noqa: SLF001 - the variable has no public name
    logging.getLogger("stripe").addFilter(lambda _: False)
    logging.getLogger("urllib3.connectionpool").addFilter(
        lambda record: _TELLING.search(record.getMessage()) is None
    )


_silence()
