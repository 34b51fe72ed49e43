"""The one database of the process: opening it, reading, writing."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import peewee

from app.config import SettingsError

# At DEBUG it would write down every parameter: people's names, and what they mistype.
logging.getLogger("peewee").setLevel(logging.WARNING)

# Bound once by `configure`; models refer to it before there is a file.
proxy = peewee.DatabaseProxy()

_BUSY_TIMEOUT_S = 30
_LOCK_NOW = "IMMEDIATE"

# Writers of one process queue here, in order; SQLite itself only polls.
_writer = threading.Lock()

DatabaseError = peewee.DatabaseError
IntegrityError = peewee.IntegrityError
# What is wrong with a row, not with the database.
RowError = (peewee.IntegrityError, peewee.DataError)


class NotInitialisedError(SettingsError):
    """There is no database yet where the settings point."""


def path_of(url: str) -> Path:
    """Return the file of a `sqlite:` URL.

    Raises: SettingsError for any other database.
    """
    scheme, _, rest = url.partition(":")
    if scheme != "sqlite" or not rest:
        raise SettingsError("PERENNIAL_DATABASE must look like sqlite:var/name.sqlite")
    return Path(rest.removeprefix("//"))


def configure(url: str) -> None:
    """Point the process at its database; connections are opened by their threads.

    Raises: SettingsError.
    """
    path = path_of(url)
    if proxy.obj is not None and not proxy.obj.is_closed():
        proxy.obj.close()
    proxy.initialize(
        peewee.SqliteDatabase(
            str(path),
            timeout=_BUSY_TIMEOUT_S,
            pragmas={"foreign_keys": 1, "synchronous": "FULL", "secure_delete": 1},
        )
    )


def exists(url: str) -> bool:
    """Whether a database has been initialised there."""
    if not path_of(url).is_file():
        return False
    with connection():
        return bool(proxy.table_exists("account"))


def create(url: str, models: list[type[peewee.Model]]) -> None:
    """Make the file (readable by its owner alone) and its tables; keep what is there.

    The write-ahead log is switched on here, once: two processes that tried it at the
    same moment would get in each other's way.
    """
    path = path_of(url)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with connection():
        proxy.execute_sql("PRAGMA journal_mode=WAL")
        with writing():
            proxy.create_tables(models)


@contextmanager
def connection() -> Iterator[None]:
    """Hold a connection of this thread; one that is open already is kept open.

    A server's threads open theirs once, by their first request, and keep it: closing
    the last one would checkpoint the log each time.
    """
    opened = proxy.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened:
            proxy.close()


def open_for_thread() -> None:
    """Open this thread's connection, to be held as long as the thread lives."""
    proxy.connect(reuse_if_open=True)


@contextmanager
def writing() -> Iterator[None]:
    """One write transaction; it takes its lock at once, and never within another.

    A transaction that only becomes a writer later would fail at once where another one
    wrote in between, whatever its timeout.
    """
    if proxy.in_transaction():
        raise RuntimeError("a write transaction is begun once, by a service")
    with _writer:
        try:
            with proxy.atomic(_LOCK_NOW):
                yield
        except peewee.OperationalError as error:
            raise _first(error) from None


def _first(error: peewee.OperationalError) -> peewee.OperationalError:
    """Return what went wrong first.

    A full disk makes SQLite roll back by itself; that the rollback then fails says
    nothing.
    """
    first = error
    before: BaseException | None = error
    while before is not None and "cannot rollback" in str(first):
        before = before.__context__
        if isinstance(before, peewee.OperationalError):
            first = before
    return first


@contextmanager
def reading() -> Iterator[None]:
    """One view of the data for all the queries within; part of a write if in one."""
    with nullcontext() if proxy.in_transaction() else proxy.atomic():
        yield


def execute(sql: str, parameters: tuple[Any, ...] = ()) -> Any:
    """Run one statement of SQL and return its cursor."""
    return proxy.execute_sql(sql, parameters)
