"""Every row of one database, exactly as it is, for another one of the same schema."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import peewee

from app.storage import database, tables
from app.storage.engine import STREAMED
from app.storage.fields import DayField, InstantField
from app.storage.postgresql import PostgresEngine
from app.storage.sqlite import SqliteEngine

Engine = SqliteEngine | PostgresEngine
Row = tuple[Any, ...]
NAMES: list[str] = [model._meta.table_name for model in tables.ALL]  # noqa: SLF001
_MODELS = dict(zip(NAMES, tables.ALL, strict=True))
_MODULUS = 2**256


@dataclass(slots=True)
class Digest:
    """How many rows there are, and a sum over all of them in any order."""

    rows: int = 0
    total: int = 0

    def add(self, row: Row) -> None:
        """Count a row."""
        text = json.dumps(row, default=bytes.hex).encode()
        value = int.from_bytes(hashlib.sha256(text).digest(), "big")
        self.total = (self.total + value) % _MODULUS
        self.rows += 1

    def __str__(self) -> str:
        """Show the beginning of the sum."""
        return f"{self.total:064x}"[:16]


@contextmanager
def snapshot(url: str) -> Iterator[Engine]:
    """Hold another database than the process's own, as it is at this moment."""
    engine = database.engine_of(url, connections=1)
    engine.connect()
    try:
        engine.begin(engine.reading_mode)
        yield engine
    finally:
        engine.close()
        engine.release()


def total(source: Engine) -> int:
    """Return how many rows there are in all tables."""
    counts = (source.execute_sql(f"SELECT COUNT(*) FROM {name}") for name in NAMES)  # noqa: S608
    return sum(cursor.fetchone()[0] for cursor in counts)


def occupied() -> str | None:
    """Return a table that holds something, but for what `init` leaves there."""
    for name in NAMES:
        found = database.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone()  # noqa: S608
        if found and name != "key_check":
            return name
    return None


def forget_checks() -> None:
    """Delete the checks of keys that nothing has been sealed by."""
    database.execute("DELETE FROM key_check")


def batches(source: Engine, name: str) -> Iterator[list[Row]]:
    """Yield the rows of a table, in values that either database takes."""
    found = rows(source, name)
    while batch := list(islice(found, STREAMED)):
        yield batch


def rows(engine: Engine, name: str) -> Iterator[Row]:
    """Yield the rows of a table in values that are the same from either database."""
    fields = _MODELS[name]._meta.sorted_fields  # noqa: SLF001
    written = [_writer(field) for field in fields]
    for row in engine.streamed(f"SELECT {_listed(name)} FROM {name}"):  # noqa: S608
        pairs = zip(written, row, strict=True)
        yield tuple(None if value is None else write(value) for write, value in pairs)


def insert(name: str, batch: Sequence[Row]) -> None:
    """Store rows, their ids included."""
    marks = ", ".join("?" * len(batch[0]))
    sql = f"INSERT INTO {name} ({_listed(name)}) VALUES ({marks})"  # noqa: S608
    database.execute_many(database.proxy.obj.translated(sql), batch)


def stored(name: str) -> Digest:
    """Return the digest of a table of the process's database."""
    digest = Digest()
    for row in rows(database.proxy.obj, name):
        digest.add(row)
    return digest


def follow() -> None:
    """Let the ids that the database itself gives follow the highest."""
    for name, model in _MODELS.items():
        key = model._meta.primary_key  # noqa: SLF001
        if isinstance(key, peewee.AutoField):
            database.proxy.obj.follow(name, key.column_name)


def _listed(name: str) -> str:
    fields = _MODELS[name]._meta.sorted_fields  # noqa: SLF001
    return ", ".join(f'"{field.column_name}"' for field in fields)


def _writer(field: peewee.Field) -> Callable[[Any], Any]:
    """Return what makes a column's value the same, whichever database it is from."""
    if isinstance(field, peewee.BooleanField):
        return bool
    if isinstance(field, peewee.BlobField):
        return bytes
    if isinstance(field, DayField):
        return lambda value: field.db_value(field.python_value(value))
    if isinstance(field, InstantField):
        return lambda value: field.db_value(field.python_value(value))
    return lambda value: value
