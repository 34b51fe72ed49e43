"""localstripe in a process of its own, on loopback alone and with nothing on disk.

Its own command listens on every interface, and keeps its objects in a file.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_HOST = "127.0.0.1"


@contextmanager
def running() -> Iterator[int]:
    """Start localstripe and yield its port."""
    with socket.create_server((_HOST, 0)) as listener:
        process = subprocess.Popen(  # noqa: S603 - this file
            [sys.executable, __file__, str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stdin=subprocess.PIPE,
        )
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _serve(descriptor: int) -> None:
    from aiohttp import web  # noqa: PLC0415 - in its own process
    from localstripe import resources  # noqa: PLC0415
    from localstripe.server import app  # noqa: PLC0415

    threading.Thread(target=_end_with_parent, daemon=True).start()
    resources.Store.dump_to_disk = lambda _: None
    listener = socket.socket(fileno=descriptor)
    web.run_app(app, sock=listener, print=None, access_log=None)


def _end_with_parent() -> None:
    """Wait for the pipe to close, as it does however the tests end."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
