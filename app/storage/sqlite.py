"""SQLite: one file, one writer at a time, readers that wait for nobody."""

import fcntl
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from errno import EEXIST, ENOENT
from pathlib import Path
from typing import Any

import peewee

from app.config import SettingsError
from app.storage.engine import STREAMED, Engine

_BUSY_TIMEOUT_S = 30


class DamagedError(SettingsError):
    """A file is not the database that it should be; the text says what was found."""


class SqliteEngine(Engine, peewee.SqliteDatabase):
    """A file with a write-ahead log, durable to the last acknowledged commit."""

    # Taken at once: a transaction that only becomes a writer later would fail where
    # another one wrote in between, whatever its timeout.
    writing_mode = "IMMEDIATE"
    reading_mode = ""
    # A server's threads keep theirs: closing the last one would checkpoint the log.
    gives_back = False

    def __init__(self, path: Path) -> None:
        """Point at a file; connections are opened by their threads."""
        self.path = path
        self.shown = f"sqlite:{path}"
        # Writers of one process queue here, in order; those of several in `begin`.
        self.turn = threading.Lock()
        super().__init__(
            str(path),
            timeout=_BUSY_TIMEOUT_S,
            pragmas={"foreign_keys": 1, "synchronous": "FULL", "secure_delete": 1},
        )

    def is_made(self) -> bool:
        """Whether there is a file at all; opening one would make it."""
        return self.path.is_file()

    def make(self) -> None:
        """Make the file, readable by its owner alone."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))

    def prepare(self) -> None:
        """Switch the write-ahead log on; the file keeps it.

        Once: two processes that tried it at the same moment would get in each other's
        way.
        """
        self.execute_sql("PRAGMA journal_mode=WAL")

    def release(self) -> None:
        """Close this thread's connection."""
        self.close()

    def begin(self, mode: str = "") -> None:
        """Begin a transaction; the writers of all processes stand in line for theirs.

        SQLite has no line: who waits looks again a few times a second, and a billing
        run that goes on from batch to batch would keep a request waiting until its end.
        """
        if mode != self.writing_mode:
            super().begin(mode)
            return
        line = self._head_of_the_line()
        try:
            super().begin(mode)
        finally:
            os.close(line)

    def _head_of_the_line(self) -> int:
        """Return the lock, to be closed, of the only one that looks for its turn."""
        try:
            line = os.open(f"{self.path}-line", os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise peewee.OperationalError(f"no line to stand in: {error}") from error
        fcntl.flock(line, fcntl.LOCK_EX)
        return line

    @contextmanager
    def one_of_a_kind(self, _name: str, *, wait: bool) -> Iterator[bool]:
        """Whether this process may do what only one may do at a time.

        The lock is the folder's: the file has locks of SQLite's own, which a process
        would lose by closing it.
        """
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            taken = False
        else:
            taken = True
        try:
            yield taken
        finally:
            os.close(folder)

    def lock_account(self, _account_id: int) -> None:
        """Do nothing: whoever writes is alone."""

    def plan_anew(self) -> None:
        """Do nothing: a plan here does not depend on how many rows there are."""

    def locking(self, *, skip: bool) -> str:  # noqa: ARG002 - the other engine's
        """Return how a query locks its rows: not at all, the writer is alone."""
        return ""

    def translated(self, sql: str) -> str:
        """Return SQL with this database's marks for values."""
        return sql

    def weaknesses(self) -> list[str]:
        """Return what the database's settings would lose in a power failure."""
        (level,) = self.execute_sql("PRAGMA synchronous").fetchone()
        return [] if level >= 2 else ["synchronous is below FULL"]

    def streamed(
        self, sql: str, parameters: Sequence[Any] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, in bounded memory, within a transaction."""
        cursor = self.execute_sql(sql, parameters)
        while rows := cursor.fetchmany(STREAMED):
            yield from rows

    def follow(self, table: str, column: str) -> None:
        """Do nothing: a new id is one more than the highest."""

    def damage(self) -> Iterator[str]:
        """Yield what the database itself finds wrong with its file, in its words."""
        for (text,) in self.execute_sql("PRAGMA integrity_check"):
            if text != "ok":
                yield text

    def keep(self, name: str) -> Path:
        """Keep a copy of the database beside it, named after what comes next.

        A former one of that name is older, and of the same schema.
        """
        target = self.path.with_name(f"{self.path.name}.before-{name}")
        target.unlink(missing_ok=True)
        self.copy_to(target)
        return target

    def copy_to(self, target: Path) -> None:
        """Write a copy of the database as it is now, while others go on using it.

        It is there whole or not at all, readable by its owner alone.

        Raises: FileExistsError, DamagedError.
        """
        copy(self.connection(), target)  # type: ignore[no-untyped-call]

    def restore(self, source: Path) -> None:
        """Make the database as a copy of it was.

        Raises: FileExistsError where there is one, DamagedError, FileNotFoundError.
        """
        if not source.is_file():
            raise FileNotFoundError(ENOENT, os.strerror(ENOENT), str(source))
        if any(_beside(source)):
            raise DamagedError(
                f"{source} is a database in use, no copy: 'perennial backup' makes one"
            )
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What is left of a former database would be read as this one's.
        for left in _beside(self.path):
            raise FileExistsError(EEXIST, os.strerror(EEXIST), str(left))
        with closing(_unchanging(source)) as opened:
            copy(opened, self.path)


def copy(opened: sqlite3.Connection, target: Path) -> None:
    """Write a copy of an open database, proved before it bears its name.

    Raises: FileExistsError, DamagedError.
    """
    if target.exists():
        raise FileExistsError(EEXIST, os.strerror(EEXIST), str(target))
    handle, name = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)
    os.close(handle)
    made = Path(name)
    try:
        _fill(made, opened)
        # A name that was taken meanwhile is not written over.
        target.hardlink_to(made)
    finally:
        for left in (made, *_beside(made)):
            left.unlink()
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fill(made: Path, opened: sqlite3.Connection) -> None:
    try:
        with closing(sqlite3.connect(made)) as written:
            opened.backup(written)
        _prove(made)
    except sqlite3.DatabaseError as error:
        raise DamagedError(f"the database cannot be copied: {error}") from error


def _prove(path: Path) -> None:
    """Refuse a file that is not a database of ours, or a damaged one."""
    # One that is opened for reading alone is spared the conditions of its tables.
    with closing(sqlite3.connect(path)) as opened:
        (found,) = opened.execute("PRAGMA integrity_check(1)").fetchone()
        ours = opened.execute("SELECT 1 FROM sqlite_master WHERE name = 'account'")
        if found != "ok":
            raise DamagedError(f"the database is damaged: {found}")
        if ours.fetchone() is None:
            raise DamagedError("there is no database of Perennial's to copy")


def _unchanging(path: Path) -> sqlite3.Connection:
    """Open a file that nobody writes to, and leave nothing beside it."""
    return sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)


def _beside(path: Path) -> Iterator[Path]:
    """Yield the files that hold a part of a database, where there are any."""
    for ending in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists():
            yield beside
