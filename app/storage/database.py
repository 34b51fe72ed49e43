"""The one database of the process: opening it, reading, writing."""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import peewee

from app.config import SettingsError
from app.storage.postgresql import PostgresEngine
from app.storage.sqlite import SqliteEngine

# At DEBUG it would write down every parameter: people's names, and what they mistype.
logging.getLogger("peewee").setLevel(logging.WARNING)

# Bound once by `configure`; models refer to it before there is a database.
proxy = peewee.DatabaseProxy()

_CONNECTIONS = 20

DatabaseError = peewee.DatabaseError
IntegrityError = peewee.IntegrityError
# What is wrong with a row, not with the database.
RowError = (peewee.IntegrityError, peewee.DataError)


class NotInitialisedError(SettingsError):
    """There is no database yet where the settings point."""


def engine_of(
    url: str, connections: int = _CONNECTIONS
) -> SqliteEngine | PostgresEngine:
    """Return the engine for a URL, not yet connected.

    Raises: SettingsError for any other database.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite" and rest:
        return SqliteEngine(Path(rest.removeprefix("//")))
    if scheme in {"postgresql", "postgres"} and rest.startswith("//"):
        return PostgresEngine(f"postgresql:{rest}", connections)
    raise SettingsError(
        "PERENNIAL_DATABASE must look like sqlite:var/name.sqlite or "
        "postgresql://user@host/name"
    )


def configure(url: str, connections: int = _CONNECTIONS) -> None:
    """Point the process at its database; connections are opened by their threads.

    `connections` bounds those of this process, where they are shared.

    Raises: SettingsError.
    """
    made = engine_of(url, connections)
    if proxy.obj is not None:
        release()
    proxy.initialize(made)


def shown() -> str:
    """Return the database's URL as it may be told: without a password."""
    return str(proxy.obj.shown)


def exists() -> bool:
    """Whether a database has been initialised there."""
    if not proxy.obj.is_made():
        return False
    with connection():
        return bool(proxy.table_exists("account"))


@contextmanager
def connection() -> Iterator[None]:
    """Hold a connection of this thread; one that is open already is kept open."""
    opened = proxy.connect(reuse_if_open=True)
    try:
        yield
    finally:
        if opened:
            proxy.close()


def release() -> None:
    """Close what this process holds of the database, before it forks or hands over."""
    proxy.obj.release()


def weaknesses() -> list[str]:
    """Return what the database's settings would lose in a power failure."""
    return list(proxy.obj.weaknesses())


@contextmanager
def serving() -> Iterator[None]:
    """Hold a connection for one request of a server's thread.

    Where they are shared it is given back; otherwise the thread opens its own with its
    first request and keeps it as long as it lives.
    """
    if proxy.obj.gives_back:
        with connection():
            yield
    else:
        proxy.connect(reuse_if_open=True)
        yield


@contextmanager
def writing(account_id: int | None = None) -> Iterator[None]:
    """One write transaction, never within another.

    Those of one account follow one another, so that what was read in one is still so
    when it writes. Without an account it has to lock what it reads, or to write without
    reading.
    """
    if account_id is not None and account_id == _around.account_id:
        with _joining():
            yield
        return
    if proxy.in_transaction():
        raise RuntimeError("a write transaction is begun once, by a service")
    engine = proxy.obj
    with engine.turn:
        try:
            with proxy.atomic(engine.writing_mode):
                if account_id is not None:
                    engine.lock_account(account_id)
                yield
        except peewee.OperationalError as error:
            raise _first(error) from None


class _Around(threading.local):
    """The account whose transaction of this thread is still to be joined, if any.

    `broken` says that the part which joined did not come to its end.
    """

    account_id: int | None = None
    broken = False


_around = _Around()


@contextmanager
def writing_around(account_id: int) -> Iterator[None]:
    """One write transaction of an account, which the next `writing` of it is part of.

    The next one and no other: what comes after it, within it or of another account is
    refused as ever. If the part fails, the whole is undone, whoever caught the error.
    """
    with writing(account_id):
        _around.account_id, _around.broken = account_id, False
        try:
            yield
        finally:
            _around.account_id = None
        if _around.broken:
            raise RuntimeError("a part of this transaction has failed")


@contextmanager
def _joining() -> Iterator[None]:
    _around.account_id, _around.broken = None, True
    yield
    _around.broken = False


def _first(error: peewee.OperationalError) -> peewee.OperationalError:
    """Return what went wrong first.

    A full disk makes SQLite roll back by itself, a server that goes takes the
    transaction along; that the rollback then fails says nothing.
    """
    first = error
    before: BaseException | None = error
    while before is not None and _says_nothing(first):
        before = before.__context__
        if isinstance(before, peewee.OperationalError):
            first = before
    return first


def _says_nothing(error: peewee.OperationalError) -> bool:
    text = str(error)
    return "cannot rollback" in text or "connection is closed" in text


@contextmanager
def reading() -> Iterator[None]:
    """One view of the data for all the queries within; part of a write if in one."""
    inside = proxy.in_transaction()
    with nullcontext() if inside else proxy.atomic(proxy.obj.reading_mode):
        yield


@contextmanager
def one_of_a_kind(name: str, *, wait: bool = False) -> Iterator[bool]:
    """Whether this process may do what only one may do at a time, on any machine."""
    with proxy.obj.one_of_a_kind(name, wait=wait) as taken:
        yield taken


def execute(sql: str, parameters: tuple[Any, ...] = ()) -> Any:
    """Run one statement of SQL, `?` standing for values, and return its cursor."""
    return proxy.execute_sql(proxy.obj.translated(sql), parameters)


def execute_many(sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run one statement of SQL for many rows of values."""
    proxy.obj.execute_many(sql, rows)
