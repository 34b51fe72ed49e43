"""localstripe in a process of its own, on loopback alone and with nothing on disk.

Its own command listens on every interface, and keeps its objects in a file.
"""

import socket
import subprocess
import sys
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
        )
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.wait(timeout=20)


def _serve(descriptor: int) -> None:
    from aiohttp import web  # noqa: PLC0415 - in its own process
    from localstripe import resources  # noqa: PLC0415
    from localstripe.server import app  # noqa: PLC0415

    resources.Store.dump_to_disk = lambda _: None
    listener = socket.socket(fileno=descriptor)
    web.run_app(app, sock=listener, print=None, access_log=None)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
