"""What a database of either kind holds: taken, compared, put back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.storage import database, tables

Rows = dict[str, list[tuple[Any, ...]]]

# In an order in which what is referred to comes first.
TABLES = [model._meta.table_name for model in tables.ALL]


def taken() -> Rows:
    """Return every row of every table."""
    return {
        table: sorted(database.execute(f"SELECT * FROM {table}").fetchall(), key=repr)  # noqa: S608
        for table in TABLES
    }


def put_back(rows: Rows) -> None:
    """Make the tables hold these rows and no others."""
    with database.writing():
        for table in reversed(TABLES):
            database.execute(f"DELETE FROM {table}")  # noqa: S608
        for table in TABLES:
            for row in rows[table]:
                marks = ", ".join("?" * len(row))
                database.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608


def connection_lost() -> None:
    """Do what the death of a process does: its connection goes with what it was at."""
    engine = database.proxy.obj
    (engine.manual_close if engine.gives_back else engine.close)()
    database.proxy.connect()


@contextmanager
def dying_at(
    number: int, error: type[BaseException], *, done: bool = False
) -> Iterator[list[str]]:
    """Let the `number`-th statement fail, after it is done or instead of it.

    Collects the statements that were run.
    """
    engine = database.proxy.obj
    doors = ("execute_sql", "execute_many")
    statements: list[str] = []

    def failing(door: Any) -> Any:
        def run(sql: str, *arguments: Any) -> Any:
            statements.append(sql)
            if len(statements) != number:
                return door(sql, *arguments)
            if done:
                door(sql, *arguments)
            raise error(sql)

        return run

    for name in doors:
        setattr(engine, name, failing(getattr(engine, name)))
    try:
        yield statements
    finally:
        for name in doors:
            delattr(engine, name)
