"""The production server: gunicorn, with what was measured to be needed."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication


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
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in the process that serves it."""
        return self._make()
