"""PostgreSQL: many processes, many machines, each row locked by who changes it."""

import re
import select
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from itertools import count
from typing import Any

import peewee
import psycopg
from playhouse.pool import PooledPostgresqlDatabase
from psycopg.conninfo import conninfo_to_dict

from app.config import SettingsError
from app.storage.engine import STREAMED, Engine

_WAIT_S = 30
_CONNECT_TIMEOUT_S = 3
# For so long after a failed attempt no other is made: those who queue for a connection
# would wait for the same failure one after the other.
_BACK_OFF_S = 1.0
# Nobody may keep others waiting for ever: not by a lock, not by a transaction in which
# nothing happens, not by a machine that is gone.
_SERVER_OPTIONS = {
    "timezone": "UTC",
    "lock_timeout": f"{_WAIT_S}s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
}
_PLAIN_URL = re.compile(
    r"postgresql://(?:([^:@/?#]*)(?::[^@/?#]*)?(?=@))?(@?[^@?#]*)(?:\?[^@#]*)?"
)
# What a power failure would lose, by setting.
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
_streams = count(1)

_UNPROVED = """
    SELECT 'constraint ' || conname || ' is not validated' FROM pg_constraint
    WHERE NOT convalidated AND connamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 'index ' || indexrelid::regclass || ' is not valid' FROM pg_index
    JOIN pg_class ON pg_class.oid = indexrelid
    WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace
"""


class PostgresEngine(Engine, PooledPostgresqlDatabase):  # type: ignore[misc]
    """A pool of connections; a thread holds at most one."""

    writing_mode = ""
    # One view for all the queries of a read, as SQLite gives by itself.
    reading_mode = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
    gives_back = True

    def __init__(self, url: str, connections: int) -> None:
        """Point at a database; `connections` bounds the pool of this process."""
        self.shown = _without_password(_checked(url))
        # Writers are kept apart by the rows that they lock, not by turns.
        self.turn = nullcontext()
        self._back_at = 0.0
        super().__init__(
            url,
            max_connections=connections,
            timeout=_WAIT_S,
            prefer_psycopg3=True,
            connect_timeout=_CONNECT_TIMEOUT_S,
            application_name="perennial",
            options=" ".join(f"-c {k}={v}" for k, v in _SERVER_OPTIONS.items()),
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=_WAIT_S * 1000,
        )

    def is_made(self) -> bool:
        """Whether there is a database; a missing one shows when it is connected to."""
        return True

    def make(self) -> None:
        """Do nothing: the database itself is made by its administrator."""

    def prepare(self) -> None:
        """Do nothing: likewise."""

    def release(self) -> None:
        """Close every connection of the pool."""
        self.close_all()

    @contextmanager
    def one_of_a_kind(self, name: str, *, wait: bool) -> Iterator[bool]:
        """Whether this process may do what only one may do at a time.

        The lock belongs to the connection: it goes with a process that dies.
        """
        key = (f"perennial {name}",)
        if wait:
            # Whoever has it may have a whole table to go through.
            self.execute_sql("SET lock_timeout = 0")
            self.execute_sql("SELECT pg_advisory_lock(hashtext(%s))", key)
            self.execute_sql("RESET lock_timeout")
            taken = True
        else:
            (taken,) = self.execute_sql(
                "SELECT pg_try_advisory_lock(hashtext(%s))", key
            ).fetchone()
        try:
            yield taken
        finally:
            if taken:
                self.execute_sql("SELECT pg_advisory_unlock(hashtext(%s))", key)

    def lock_account(self, account_id: int) -> None:
        """Let requests of an account follow one another.

        Billing does not wait here: it claims the profiles that it works on. The lock is
        the weaker one that references to the account do not wait for either.
        """
        self.execute_sql(
            "SELECT 1 FROM account WHERE account_id = %s FOR NO KEY UPDATE",
            (account_id,),
        )

    def plan_anew(self) -> None:
        """Forget the plans that this connection keeps.

        Those of the checks of references are kept for good. One that was made while a
        table was empty reads all rows of an account for each new one, until the
        database next looks how large the table is: measured on a fresh database, the
        insert of lines took 57 % of a run of 4,000 invoices, and 16 % with new plans
        for each batch.
        """
        self.execute_sql("DISCARD PLANS")

    def locking(self, *, skip: bool) -> str:
        """Return how a query locks its rows: by waiting for others, or around them."""
        return " FOR NO KEY UPDATE SKIP LOCKED" if skip else " FOR NO KEY UPDATE"

    def translated(self, sql: str) -> str:
        """Return SQL with this database's marks for values."""
        return _translated(sql)

    def weaknesses(self) -> list[str]:
        """Return what the database's settings would lose in a power failure."""
        return [
            f"{name} is off"
            for name in _DURABLE
            if self.execute_sql(f"SHOW {name}").fetchone()[0] == "off"
        ]

    def streamed(
        self, sql: str, parameters: Sequence[Any] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, in bounded memory, within a transaction."""
        name = f"stream_{next(_streams)}"
        self.execute_sql(f"DECLARE {name} NO SCROLL CURSOR FOR {sql}", parameters)
        fetch = f"FETCH {STREAMED} FROM {name}"
        while rows := self.execute_sql(fetch).fetchall():
            yield from rows
        self.execute_sql(f"CLOSE {name}")

    def follow(self, table: str, column: str) -> None:
        """Let the next id that the database gives follow the highest."""
        self.execute_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "  # noqa: S608
            f"COALESCE(MAX({column}), 1), MAX({column}) IS NOT NULL) FROM {table}"
        )

    def damage(self) -> Iterator[str]:
        """Yield which constraints and indexes nobody vouches for, by name."""
        yield from (name for (name,) in self.execute_sql(_UNPROVED).fetchall())

    def keep(self, _name: str) -> None:
        """Do nothing: a backup of a server is its operator's."""

    def _connect(self) -> Any:
        """Return an idle connection or a new one."""
        if time.monotonic() < self._back_at:
            raise peewee.OperationalError("the server could not be reached just now")
        try:
            return super()._connect()
        except psycopg.OperationalError:
            self._back_at = time.monotonic() + _BACK_OFF_S
            raise

    def _is_closed(self, conn: Any) -> bool:
        """Whether the server has hung up meanwhile; an idle one has nothing to say."""
        if conn.closed:
            return True
        idle = select.poll()
        idle.register(conn.fileno(), select.POLLIN)
        if not idle.poll(0):
            return False
        conn.close()
        return True


@lru_cache(maxsize=256)
def _translated(sql: str) -> str:
    return sql.replace("?", "%s")


def _checked(url: str) -> str:
    """Return a URL that can be read.

    Raises: SettingsError, which does not quote it.
    """
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise SettingsError(
            "PERENNIAL_DATABASE cannot be read: write what is special in a name or "
            "password as %XX"
        ) from None
    return url


def _without_password(url: str) -> str:
    """Return a URL as it may be told; nothing of one that can be read in two ways."""
    found = _PLAIN_URL.fullmatch(url)
    if found is None:
        return "postgresql://..."
    name, place = found.groups()
    return f"postgresql://{name or ''}{place}"
