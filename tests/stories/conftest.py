"""What the tests of replaying share: the application behind a real socket."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from app import compose
from app.services.ports import Ports
from app.storage.database import connection


@pytest.fixture(name="server_url")
def server_url_(ports: Ports) -> Iterator[str]:
    """Provide the address of a server on the test's own database."""
    server = make_server("127.0.0.1", 0, compose.application_on(ports))

    def serve() -> None:
        # The thread's connection has to be closed by the thread itself.
        with connection():
            server.serve_forever(poll_interval=0.02)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
