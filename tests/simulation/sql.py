"""SQLite as the simulated processes see it: each statement has a point on each side.

The points are put where every statement of a connection passes, transactions' begin
and end among them, so nothing that the product runs can go around them. Their names
come from the SQL: what is done, and to which table.
"""

import re
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from tests.simulation.scheduler import CRASH, Actor, Crash, Scheduler

# What an operator meets: no room left, and somebody else in the way. A full disk makes
# SQLite roll back by itself.
FULL = "full"
LOCKED = "locked"
KINDS = (CRASH, CRASH, FULL, LOCKED)

_TEXTS = {FULL: "database or disk is full", LOCKED: "database is locked"}
_TABLE = re.compile(r'\b(?:INTO|UPDATE|FROM)\s+"?(\w+)"?', re.IGNORECASE)
_LOCKING = frozenset(["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
_WRITES = frozenset(["INSERT", "UPDATE", "DELETE", "REPLACE"])

Committed = Callable[[Actor, frozenset[str]], None]
Execute = Callable[[str, Any], Any]


@lru_cache(maxsize=4096)
def name_of(sql: str) -> str:
    """Return the name of a statement's points: its verb, and its table if any."""
    words = sql.replace(";", " ").split()
    verb = words[0].upper()
    if verb == "BEGIN":
        return " ".join(words[:2]).upper()
    if verb == "WITH":
        found = re.search(r"\)\s*(SELECT|INSERT|UPDATE|DELETE)\b", sql, re.IGNORECASE)
        verb = found[1].upper() if found else verb
    table = _TABLE.search(sql) if verb in {"SELECT", *_WRITES} else None
    return f"{verb} {table[1]}" if table else verb


class WriteLock:
    """Who may write; SQLite lets others poll for it, which would stand still here."""

    def __init__(self) -> None:
        self.owner: object | None = None

    def free(self) -> bool:
        """Whether nobody writes."""
        return self.owner is None

    def drop(self, owner: object) -> None:
        """Let the next one in, if it was ours."""
        if self.owner is owner:
            self.owner = None


class Sea:
    """What all connections of a simulation share."""

    def __init__(
        self,
        scheduler: Scheduler,
        committed: Committed,
        rewrite: Callable[[str], str] | None,
    ) -> None:
        self.scheduler = scheduler
        self.committed = committed
        self.rewrite = rewrite
        self.lock = WriteLock()
        self._connections: list[Connection] = []

    def connect(self, *arguments: Any, **options: Any) -> "Connection":
        """Open a connection; the factory that sqlite3 is given."""
        # Whoever would have to wait for a lock has found one that the product forgot.
        options["timeout"] = 0
        options["check_same_thread"] = False
        connection = Connection(*arguments, **options)
        connection.sea = self
        self._connections.append(connection)
        return connection

    def close(self) -> None:
        """Close what is still open."""
        for connection in self._connections:
            connection.close()


class Connection(sqlite3.Connection):
    """A connection whose process may be dead."""

    sea: Sea
    closed = False
    wrote: frozenset[str] = frozenset()

    def cursor(self, *_: Any, **__: Any) -> "Cursor":  # type: ignore[override]
        """Return a cursor with points; the dead have none."""
        actor = self.sea.scheduler.actor
        if actor is not None and actor.dead:
            raise Crash
        return super().cursor(Cursor)

    def close(self) -> None:
        """Close, as the end of a process does: what is open is rolled back.

        It is said, because a cursor that somebody still holds would keep it open.
        """
        if self.closed:
            return
        self.closed = True
        if self.in_transaction:
            super().cursor().execute("ROLLBACK")
        super().close()
        self.sea.lock.drop(self)


class Cursor(sqlite3.Cursor):
    """A cursor that passes a point before and after each statement."""

    connection: Connection

    def execute(self, sql: str, parameters: Any = ()) -> "Cursor":
        """Run a statement, unless something is to go wrong."""
        return self._pass(super().execute, sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> "Cursor":
        """Run a statement many times, unless something is to go wrong."""
        return self._pass(super().executemany, sql, parameters)

    def _pass(self, execute: Execute, sql: str, parameters: Any) -> "Cursor":
        sea = self.connection.sea
        if sea.rewrite is not None:
            sql = sea.rewrite(sql)
        name = name_of(sql)
        actor = sea.scheduler.actor
        if name == "PRAGMA" and "synchronous" in sql:
            # Nothing here has to survive the loss of power.
            sql = "PRAGMA synchronous = OFF"
        if name == "PRAGMA" or actor is None:
            execute(sql, parameters)
            return self
        self._point(f"before {name}")
        self._run(name, lambda: execute(sql, parameters), actor)
        self._point(f"after {name}")
        return self

    def _run(self, name: str, execute: Callable[[], Any], actor: Actor) -> None:
        connection = self.connection
        sea = connection.sea
        if name in _LOCKING:
            if not sea.lock.free():
                sea.scheduler.wait(sea.lock.free)
            sea.lock.owner = connection
        verb, _, table = name.partition(" ")
        if verb in _WRITES:
            connection.wrote |= {table}
        try:
            execute()
        finally:
            if not connection.in_transaction:
                sea.lock.drop(connection)
        if connection.wrote and not connection.in_transaction:
            wrote, connection.wrote = connection.wrote, frozenset()
            sea.committed(actor, wrote)

    def _point(self, point: str) -> None:
        connection = self.connection
        try:
            kind = connection.sea.scheduler.boundary(point, KINDS)
        except Crash:
            connection.close()
            raise
        if kind is None:
            return
        # What fails to begin is no transaction; a rollback that fails was done already.
        ended = kind == FULL or "BEGIN" in point or "ROLLBACK" in point
        if ended and connection.in_transaction:
            super().execute("ROLLBACK")
            connection.sea.lock.drop(connection)
        raise sqlite3.OperationalError(_TEXTS[kind])
