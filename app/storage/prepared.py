"""Queries whose SQL is written once.

peewee writes a query's SQL anew each time it runs, which takes longer than SQLite needs
to run it. A `Prepared` keeps the text: `arg` marks where values go in.
"""

from collections.abc import Callable
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


class Prepared:
    """A query with arguments; its SQL is written when it first runs."""

    def __init__(self, query: Any) -> None:
        """Keep a query in which `arg` marks the values."""
        self._query = query
        self._written: tuple[str, list[Any]] | None = None
        self._names: list[str] = []
        self._converted: list[tuple[str, Callable[[Any], Any]]] = []

    def run(self, **arguments: Any) -> Any:
        """Run the query and return the database's cursor."""
        sql, parameters = self._written or self._write()
        return database.execute(
            sql,
            tuple(
                _bound(parameter, arguments)
                if isinstance(parameter, _Argument)
                else parameter
                for parameter in parameters
            ),
        )

    def rows(self, **arguments: Any) -> list[dict[str, Any]]:
        """Run the query and return its rows by column name."""
        cursor = self.run(**arguments)
        found = [dict(zip(self._names, row, strict=True)) for row in cursor.fetchall()]
        for row in found:
            for name, convert in self._converted:
                row[name] = convert(row[name])
        return found

    def _write(self) -> tuple[str, list[Any]]:
        sql, parameters = self._query.sql()
        if isinstance(self._query, peewee.ModelSelect):
            fields = self._query.selected_columns
            self._names = [field.name for field in fields]
            self._converted = [
                (field.name, field.python_value)
                for field in fields
                if type(field) not in _PLAIN
            ]
        self._written = (sql, parameters)
        return self._written


def _bound(argument: _Argument, arguments: dict[str, Any]) -> Any:
    value = arguments[argument.name]
    return value if argument.convert is None else argument.convert(value)
