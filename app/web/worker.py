"""gunicorn's worker of threads, with three manners of ours.

What is no HTTP is answered with a document, too; gunicorn's own answer is HTML, and
quotes what came. Nobody may send one request for ever, because each holds a thread.
And the thread waits for its client to hang up, not the loop that serves everybody.
"""

import logging
import socket
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import ParseException
from gunicorn.util import close_graceful, write_nonblock
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.api import dispatch
from app.wire.envelope import CONTENT_TYPE

# As long as 1 MB takes over a slow line.
SENDING_S = 60

_log = logging.getLogger("perennial.request")


class Senders:
    """The connections that threads are busy with, and since when."""

    def __init__(self) -> None:
        self._since: dict[socket.socket, float] = {}
        self._lock = threading.Lock()

    def begin(self, connection: socket.socket, now: float) -> None:
        """Note that a thread has taken a connection in hand."""
        with self._lock:
            self._since[connection] = now

    def end(self, connection: socket.socket) -> None:
        """Note that the thread is done with it."""
        with self._lock:
            self._since.pop(connection, None)

    def cut(self, now: float) -> None:
        """Read no more from those that have had their time.

        To the thread it looks as if the client had hung up; what has been read whole
        is answered all the same.
        """
        with self._lock:
            for connection, since in self._since.items():
                if now - since > SENDING_S:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RD)


class Worker(ThreadWorker):
    """The worker class that `gunicorn_conf` names."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._senders = Senders()

    def handle(self, conn: TConn) -> bool:
        """Handle a request on a connection, in one of the threads."""
        connection = conn.sock
        self._senders.begin(connection, time.monotonic())
        try:
            kept = super().handle(conn)
        finally:
            self._senders.end(connection)
        if not kept:
            _hang_up(connection)
        return kept

    def notify(self) -> None:
        """Say every second that the worker lives, and look after slow senders."""
        super().notify()
        self._senders.cut(time.monotonic())

    def handle_error(
        self, _req: object, client: socket.socket, _addr: object, exc: BaseException
    ) -> None:
        """Answer what never became a request; its connection is closed afterwards."""
        refused = isinstance(exc, ParseException)
        answer = dispatch.http_error(400) if refused else dispatch.failed(exc)
        _log.info("no request: status=%d code=%d", answer.status, answer.code)
        head = (
            f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
            f"Connection: close\r\nContent-Type: {CONTENT_TYPE}\r\n"
            f"Content-Length: {len(answer.body)}\r\n\r\n"
        )
        with suppress(OSError):
            write_nonblock(client, head.encode("ascii") + answer.body)


def _hang_up(connection: socket.socket) -> None:
    """Wait a moment for the client to have read its answer and to hang up.

    gunicorn would do it in its one loop, where 16 clients that leave their connections
    open kept everybody waiting for 14 s. It finds nothing left to wait for.
    """
    with suppress(OSError):
        close_graceful(connection.dup())
        connection.shutdown(socket.SHUT_RD)
