"""What the two databases share: every statement goes through one of two doors."""

from collections.abc import Sequence
from typing import Any

import peewee

# How many rows of a long result are in memory at once.
STREAMED = 1000


class Engine(peewee.Database):
    """Begins and ends transactions by the method that runs every other statement.

    So whoever watches the statements, or makes one of them fail, sees them all.
    """

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        """Run one statement and return its cursor."""
        return super().execute_sql(sql, params)  # type: ignore[no-untyped-call]

    def execute_many(self, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run one statement for many rows of values."""
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]
            self.cursor().executemany(sql, rows)  # type: ignore[no-untyped-call]

    def begin(self, mode: str = "") -> None:
        """Begin a transaction."""
        self.execute_sql(f"BEGIN {mode}".rstrip())

    def commit(self) -> Any:
        """End a transaction."""
        return self.execute_sql("COMMIT")

    def rollback(self) -> Any:
        """Undo a transaction."""
        return self.execute_sql("ROLLBACK")
