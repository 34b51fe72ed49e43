"""The production server: gunicorn, with what was measured to be needed."""

import threading
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

_current = threading.local()


def close_after_answer() -> None:
    """Close the connection of the request in hand once it has been answered.

    A client that counts characters instead of bytes announces a body that is too short;
    what is left of it would be taken for the next request. Source: observed.
    """
    request = getattr(_current, "request", None)
    if request is not None:
        request.force_close()


def _remember(_worker: object, request: object) -> None:
    _current.request = request


class Server(BaseApplication):
    """gunicorn around an application that each of its processes makes for itself."""

    def __init__(
        self, make: Callable[[], Flask], bind: str, processes: int, threads: int
    ) -> None:
        """Serve on `bind`; `make` is called after the fork.

        A connection to the database must not cross a fork.
        """
        self._make = make
        self._settings = {
            "bind": bind,
            "workers": processes,
            "threads": threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "limit_request_line": 4094,
            "limit_request_fields": 64,
            "limit_request_field_size": 8190,
            # Nobody in front of us is believed; a proxy strips what it must.
            "forwarded_allow_ips": "",
            "pre_request": _remember,
            "proc_name": "perennial",
            # Its warnings quote the headers that it refuses, credentials among them.
            "loglevel": "error",
            # Names that libxml2 remembers are ours alone; this is a net all the same.
            "max_requests": 50_000,
            "max_requests_jitter": 5_000,
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the settings; gunicorn's own command line and files are left out."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in the process that serves it."""
        return self._make()
