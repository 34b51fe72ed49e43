"""The log on standard error: one line an event, as JSON or as text, without values.

Everything that any library logs comes through here. Of an exception the type and the
place are told; its text may quote somebody's data.
"""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType

from app.services.places import place_of

# The request that this thread has in hand, for every line that is written meanwhile.
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")

# They quote what clients sent: headers in warnings, credentials in the access log.
_QUOTING = ("gunicorn.error", "gunicorn.access")

_log = logging.getLogger(__name__)


def begin(form: str) -> None:
    """Send every log of this process to standard error; `form` as PERENNIAL_LOG has it.

    Once begun it stays as it is, but for gunicorn's own handlers, which are taken away
    whenever there are any.
    """
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # What cannot be written would be printed with a traceback and its arguments.
    logging.raiseExceptions = False
    sys.excepthook = _died
    for name in _QUOTING:
        quoting = logging.getLogger(name)
        quoting.handlers.clear()
        quoting.propagate = True
        quoting.setLevel(logging.ERROR)


class JsonFormatter(logging.Formatter):
    """One JSON object a line; what an event has beyond its text stands in `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        told = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
            **_fields(record),
        }
        return json.dumps(told)


class TextFormatter(logging.Formatter):
    """The same for a reader at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = [f"{name}={value}" for name, value in _fields(record).items()]
        head = (_time(record), record.levelname, record.name, _message(record))
        # A line break in a message would look like an event of its own.
        return " ".join((*head, *fields)).replace("\n", "\\n").replace("\r", "\\r")


def _time(record: logging.LogRecord) -> str:
    instant = datetime.fromtimestamp(record.created, UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    if not record.exc_info:
        return record.getMessage()
    # gunicorn logs exceptions with the address that was asked for, or as the text.
    return record.msg if isinstance(record.msg, str) else "failed"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = {}
    if request_id := REQUEST_ID.get():
        fields["request_id"] = request_id
    fields.update(getattr(record, "fields", {}))
    if record.exc_info and record.exc_info[1] is not None:
        fields["error"] = place_of(record.exc_info[1])
    return fields


def _died(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _log.critical("died", exc_info=(kind, error, traceback))
