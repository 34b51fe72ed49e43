"""Queries whose SQL is written once.

peewee writes a query's SQL anew each time it runs, which takes longer than SQLite needs
to run it. A `Prepared` keeps the text: `arg` marks where values go in.
"""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

import peewee

from app.storage import database

# What these hold is read as it is.
_PLAIN = {
    peewee.AutoField,
    peewee.BigIntegerField,
    peewee.IntegerField,
    peewee.TextField,
}


class Locking(Enum):
    """What a query does with the rows that it finds, until its transaction ends.

    CLAIM leaves out those that others have in hand; WAIT waits for them.
    """

    NONE = "none"
    WAIT = "wait"
    CLAIM = "claim"


class _Argument:
    """Stands for a value in a query that is written down."""

    def __init__(self, name: str, convert: Callable[[Any], Any] | None) -> None:
        self.name = name
        self.convert = convert


def arg(name: str, field: Any = None) -> peewee.Value:
    """Mark the place of a value; a field says how to write it for the database."""
    convert = None if field is None else field.db_value
    # A column that it is compared with must not convert the mark itself.
    return peewee.Value(_Argument(name, convert), converter=_as_it_is, unpack=False)


def _as_it_is(value: Any) -> Any:
    return value


def insertion(model: type[peewee.Model]) -> "Prepared":
    """Return the query that inserts a row of a table, all its columns given by name."""
    fields = model._meta.sorted_fields  # noqa: SLF001
    return Prepared(model.insert({field: arg(field.name, field) for field in fields}))


def update_of(
    model: type[peewee.Model], condition: Any, names: Iterable[str]
) -> "Prepared":
    """Return the query that sets the named columns of the rows of a condition."""
    fields = [getattr(model, name) for name in names]
    values = {field: arg(field.name, field) for field in fields}
    return Prepared(model.update(values).where(condition))


class Prepared:
    """A query with arguments; its SQL is written when it first runs."""

    def __init__(self, query: Any, locking: Locking = Locking.NONE) -> None:
        """Keep a query in which `arg` marks the values."""
        self._query = query
        self._locking = locking
        self._engine: Any = None
        self._written: tuple[str, list[Any]] = ("", [])
        self._names: list[str] = []
        self._converted: list[tuple[str, Callable[[Any], Any]]] = []

    def run(self, **arguments: Any) -> Any:
        """Run the query and return the database's cursor."""
        sql, parameters = self._sql()
        return database.execute(sql, _filled(parameters, arguments))

    def run_many(self, rows: Iterable[dict[str, Any]]) -> None:
        """Run the query once for each row of arguments."""
        sql, parameters = self._sql()
        filled = [_filled(parameters, row) for row in rows]
        if filled:
            database.execute_many(sql, filled)

    def rows(self, **arguments: Any) -> list[dict[str, Any]]:
        """Run the query and return its rows by column name."""
        cursor = self.run(**arguments)
        found = [dict(zip(self._names, row, strict=True)) for row in cursor.fetchall()]
        for row in found:
            for name, convert in self._converted:
                row[name] = convert(row[name])
        return found

    def _sql(self) -> tuple[str, list[Any]]:
        # A process has one database; only tests go on to another.
        if self._engine is not database.proxy.obj:
            self._write()
        return self._written

    def _write(self) -> None:
        sql, parameters = self._query.sql()
        if self._locking is not Locking.NONE:
            sql += database.proxy.obj.locking(skip=self._locking is Locking.CLAIM)
        if isinstance(self._query, peewee.ModelSelect):
            fields = self._query.selected_columns
            self._names = [field.name for field in fields]
            self._converted = [
                (field.name, field.python_value)
                for field in fields
                if type(field) not in _PLAIN
            ]
        self._written = (sql, parameters)
        self._engine = database.proxy.obj


def _filled(parameters: list[Any], arguments: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        _bound(parameter, arguments) if isinstance(parameter, _Argument) else parameter
        for parameter in parameters
    )


def _bound(argument: _Argument, arguments: dict[str, Any]) -> Any:
    value = arguments[argument.name]
    return value if argument.convert is None else argument.convert(value)
