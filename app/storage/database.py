"""The one database of the process: opening it, reading, writing."""

import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import peewee

from app.config import SettingsError
from app.domain.errors import UnavailableError
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


def of_the_database(error: Exception) -> bool:
    """Whether an error is nobody's in particular, but the database's own."""
    return isinstance(error, DatabaseError) and not isinstance(error, RowError)


class DatabaseUnavailableError(UnavailableError, peewee.OperationalError):
    """The database cannot do it at the moment; the text is its own, without data."""


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
    """Hold a connection of this thread; one that is open already is kept open.

    Raises: DatabaseUnavailableError.
    """
    opened = _connect()
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


def copy_to(target: Path) -> None:
    """Write a copy of the database as it is now, while others go on using it.

    Raises: SettingsError, FileExistsError.
    """
    _file().copy_to(target)


def restore(source: Path) -> None:
    """Make the database as a copy of it was; there must be none yet.

    Raises: SettingsError, FileExistsError, FileNotFoundError.
    """
    _file().restore(source)


def _file() -> SqliteEngine:
    engine = proxy.obj
    if isinstance(engine, SqliteEngine):
        return engine
    raise SettingsError(
        f"{engine.shown} is a server's: use its own pg_dump and pg_restore, as "
        "docs/operations.md tells"
    )


@contextmanager
def serving() -> Iterator[None]:
    """Hold a connection for one request of a server's thread.

    Where they are shared it is given back; otherwise the thread opens its own with its
    first request and keeps it as long as it lives.

    Raises: DatabaseUnavailableError.
    """
    if proxy.obj.gives_back:
        with connection():
            yield
    else:
        _connect()
        yield


def _connect() -> bool:
    """Open this thread's connection; return whether it was not open."""
    with _available():
        return bool(proxy.connect(reuse_if_open=True))


@contextmanager
def writing(account_id: int | None = None) -> Iterator[None]:
    """One write transaction, never within another.

    Those of one account follow one another, so that what was read in one is still so
    when it writes. Without an account it has to lock what it reads, or to write without
    reading.

    Raises: DatabaseUnavailableError. Nothing was changed then, unless a connection was
    lost at the very end, where nobody can tell.
    """
    if account_id is not None and account_id == _around.account_id:
        with _joining():
            yield
        return
    if proxy.in_transaction():
        raise RuntimeError("a write transaction is begun once, by a service")
    engine = proxy.obj
    with engine.turn, _available(), proxy.atomic(engine.writing_mode):
        if account_id is not None:
            engine.lock_account(account_id)
        yield


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except DatabaseUnavailableError:
        raise
    except peewee.OperationalError as error:
        _raise_first(error)
    except peewee.InternalError as error:
        # Of PostgreSQL's: one that only reads, such as a standby, or one that ended a
        # transaction in which nothing happened.
        raise DatabaseUnavailableError(*error.args) from None


def _raise_first(error: peewee.OperationalError) -> NoReturn:
    """Raise what went wrong first, as what it means for whoever asked.

    No variable of a frame that is on its way may hold it: the two would keep each other
    alive, and with them cursors, and with those a lock of SQLite's.
    """
    if _is_of_ours(_first(error)):
        raise _first(error) from None
    raise DatabaseUnavailableError(*_first(error).args) from None


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


def _is_of_ours(error: peewee.OperationalError) -> bool:
    """Whether the statement itself was wrong: SQLite has no class of its own for it."""
    code = getattr(error.__context__, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_ERROR


@contextmanager
def looking() -> Iterator[None]:
    """One query by itself, which needs no transaction.

    Raises: DatabaseUnavailableError.
    """
    with _available():
        yield


@contextmanager
def attempting() -> Iterator[None]:
    """Part of a write transaction that may fail and leave the rest as it was."""
    if not proxy.in_transaction():
        raise RuntimeError("there is no transaction to attempt a part of")
    with proxy.atomic():
        yield


@contextmanager
def reading() -> Iterator[None]:
    """One view of the data for all the queries within; part of a write if in one.

    Raises: DatabaseUnavailableError.
    """
    if proxy.in_transaction():
        yield
    else:
        with _available(), proxy.atomic(proxy.obj.reading_mode):
            yield


@contextmanager
def one_of_a_kind(name: str, *, wait: bool = False) -> Iterator[bool]:
    """Whether this process may do what only one may do at a time, on any machine."""
    with proxy.obj.one_of_a_kind(name, wait=wait) as taken:
        yield taken


def plan_anew() -> None:
    """Forget how statements were planned, before many rows are written."""
    proxy.obj.plan_anew()


def execute(sql: str, parameters: tuple[Any, ...] = ()) -> Any:
    """Run one statement of SQL, `?` standing for values, and return its cursor."""
    return proxy.execute_sql(proxy.obj.translated(sql), parameters)


def execute_many(sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run one statement of SQL for many rows of values."""
    proxy.obj.execute_many(sql, rows)
