"""The log: what stands in a line, and what never does."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from app import logs

SECRET = "4929007711223342"


@pytest.fixture(name="written", params=["json", "text"])
def written_(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[io.StringIO]:
    """Provide what is written on standard error, the log begun in each form."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions)
    root.handlers[:] = []
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    logs.begin(request.param)
    yield stream
    root.handlers[:], root.level, sys.excepthook, logging.raiseExceptions = before


def record(**changed: Any) -> logging.LogRecord:
    """Return an event of a library's, which logs what it likes."""
    made = logging.LogRecord("loom", logging.INFO, "p", 1, "%s wove", ("Ada",), None)
    made.__dict__.update(changed)
    return made


def caught() -> Any:
    """Return an exception whose text quotes what it was given."""
    try:
        int(SECRET + "x")
    except ValueError:
        return sys.exc_info()


def test_a_line_is_a_json_object_with_time_level_and_logger() -> None:
    told = json.loads(logs.JsonFormatter().format(record(created=0.25)))
    assert told == {
        "time": "1970-01-01T00:00:00.250Z",
        "level": "info",
        "logger": "loom",
        "message": "Ada wove",
    }


def test_fields_of_an_event_stand_beside_its_message() -> None:
    event = record(fields={"method": "client.get", "ms": 1.5})
    told = json.loads(logs.JsonFormatter().format(event))
    assert (told["method"], told["ms"]) == ("client.get", 1.5)
    assert logs.TextFormatter().format(event).endswith(" method=client.get ms=1.5")


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.TextFormatter()])
def test_an_event_is_one_line_whatever_it_quotes(formatter: logging.Formatter) -> None:
    line = formatter.format(record(msg='a\nb\r"c"', args=()))
    assert line.isprintable()


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.TextFormatter()])
def test_of_an_exception_the_type_and_the_place_are_told(
    formatter: logging.Formatter,
) -> None:
    line = formatter.format(record(exc_info=caught()))
    assert "ValueError at " in line
    assert "test_logs.py:" in line
    assert SECRET not in line
    assert "Traceback" not in line


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.TextFormatter()])
@pytest.mark.parametrize(
    ("message", "arguments"),
    [("Error handling request %s", (f"/?card={SECRET}",)), (ValueError(SECRET), ())],
)
def test_what_a_library_says_beside_an_exception_is_not_filled_in(
    formatter: logging.Formatter, message: object, arguments: tuple[object, ...]
) -> None:
    # gunicorn logs the address that was asked for, or the exception as the message.
    event = record(msg=message, args=arguments, exc_info=caught())
    assert SECRET not in formatter.format(event)


def test_a_line_that_cannot_be_written_is_left_out_without_a_word(
    written: io.StringIO,
) -> None:
    logging.getLogger("loom").error("%d", SECRET + "x")
    assert written.getvalue() == ""


def test_an_exception_that_ends_the_process_is_a_line_like_any_other(
    written: io.StringIO,
) -> None:
    sys.excepthook(*caught())
    assert written.getvalue().count("\n") == 1
    assert "ValueError at " in written.getvalue()
    assert SECRET not in written.getvalue()


def test_an_interrupt_is_no_event(written: io.StringIO) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert written.getvalue() == ""


def test_gunicorn_writes_through_our_handler_and_errors_only(
    written: io.StringIO,
) -> None:
    gunicorn = logging.getLogger("gunicorn.error")
    gunicorn.addHandler(logging.StreamHandler(written))
    logs.begin("json")
    gunicorn.warning("Invalid header: %s", SECRET)
    logging.getLogger("gunicorn.access").info(SECRET)
    assert written.getvalue() == ""
    gunicorn.error("a process was lost")
    assert written.getvalue().count("a process was lost") == 1


@pytest.mark.parametrize(
    ("form", "terminal", "kind"),
    [
        ("auto", True, logs.TextFormatter),
        ("auto", False, logs.JsonFormatter),
        ("text", False, logs.TextFormatter),
        ("json", True, logs.JsonFormatter),
    ],
)
def test_text_is_for_terminals_unless_chosen(
    written: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
    terminal: bool,  # noqa: FBT001
    kind: type[logging.Formatter],
) -> None:
    logging.getLogger().handlers[:] = []
    monkeypatch.setattr(written, "isatty", lambda: terminal)
    monkeypatch.setattr(sys, "stderr", written)
    logs.begin(form)
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler.formatter, kind)
