"""SQLite: one file, one writer at a time, readers that wait for nobody."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import peewee

from app.storage.engine import Engine

_BUSY_TIMEOUT_S = 30


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
        # Writers of one process queue here, in order; SQLite itself only polls.
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
        """Make the file, readable by its owner alone, with its write-ahead log.

        The log is switched on here, once: two processes that tried it at the same
        moment would get in each other's way.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self.execute_sql("PRAGMA journal_mode=WAL")

    def release(self) -> None:
        """Close this thread's connection."""
        self.close()

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

    def copy_to(self, target: Path) -> None:
        """Write a copy of the database as it is now, while others go on using it.

        Raises: FileExistsError.
        """
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(target)) as copy:
            self.connection().backup(copy)  # type: ignore[no-untyped-call]
