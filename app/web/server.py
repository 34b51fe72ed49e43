"""The production server: gunicorn around the application."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app.web import gunicorn_conf


class Server(BaseApplication):
    """gunicorn around an application that each of its processes makes for itself."""

    def __init__(
        self, make: Callable[[], Flask], bind: str, processes: int, threads: int
    ) -> None:
        """Serve on `bind`; `make` is called after the fork.

        A connection to the database must not cross a fork.
        """
        self._make = make
        self._chosen = {"bind": bind, "workers": processes, "threads": threads}
        super().__init__()

    def load_config(self) -> None:
        """Take our settings; gunicorn's own command line and files are left out."""
        ours = {
            name: value
            for name, value in vars(gunicorn_conf).items()
            if name in self.cfg.settings
        }
        for name, value in {**ours, **self._chosen}.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Make the application, in the process that serves it."""
        return self._make()
