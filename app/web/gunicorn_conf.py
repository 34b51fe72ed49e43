"""gunicorn's settings, with what was measured to be needed.

`perennial api` uses them; with gunicorn itself:
`gunicorn -c python:app.web.gunicorn_conf wsgi:app`.
"""

import threading

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
