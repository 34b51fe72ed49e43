"""gunicorn's settings, with what was measured to be needed.

`perennial api` uses them; with gunicorn itself:
`gunicorn -c python:app.web.gunicorn_conf wsgi:app`.
"""

import os
import threading
from typing import Any

from app import logs
from app.config import Settings, SettingsError
from app.web import metrics_folder

worker_class = "app.web.worker.Worker"
workers = 2
threads = 16
timeout = 60
graceful_timeout = 10
keepalive = 5
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190
# Nobody in front of us is believed; a proxy strips what it must.
forwarded_allow_ips = ""
proc_name = "perennial"
# Its warnings quote the headers that it refuses, credentials among them.
loglevel = "error"
# The usual one names the user, which is our token.
access_log_format = '%(h)s %(t)s "%(r)s" %(s)s %(b)s'
# Names that libxml2 remembers are ours alone; this is a net all the same.
max_requests = 50_000
max_requests_jitter = 5_000
control_socket_disable = True

_current = threading.local()


def on_starting(_server: object) -> None:
    """Take gunicorn's log over and make a place for counts, before any fork.

    gunicorn's own command comes by here first: what it cannot start with ends it now.
    """
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        raise SystemExit(f"Error: {error}") from None
    logs.begin(settings.log)
    metrics_folder.make()


def child_exit(_server: object, worker: Any) -> None:
    """Keep what a process counted that has ended."""
    metrics_folder.keep_counts(worker.pid)


def on_exit(_server: object) -> None:
    """Leave nothing behind."""
    metrics_folder.remove()


def pre_request(_worker: object, request: object) -> None:
    """Remember the request that this thread has in hand."""
    _current.request = request


def close_after_answer() -> None:
    """Close the connection of the request in hand once it has been answered.

    A client that counts characters instead of bytes announces a body that is too short;
    what is left of it would be taken for the next request. Source: observed.
    """
    request = getattr(_current, "request", None)
    if request is not None:
        request.force_close()
