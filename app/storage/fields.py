"""Column types that keep exactly what they are given, on either database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import peewee


class ExactDecimalField(peewee.TextField):
    """A decimal of any scale, as text: SQLite would make a float of a number."""

    def db_value(self, value: Decimal | None) -> str | None:
        """Write plain digits."""
        return None if value is None else format(value, "f")

    def python_value(self, value: str | None) -> Decimal | None:
        """Read the same digits."""
        return None if value is None else Decimal(value)


class DayField(peewee.Field):
    """A business day, `YYYY-MM-DD`."""

    field_type = "DATE"

    def db_value(self, value: date | None) -> str | None:
        """Write ISO 8601."""
        return None if value is None else value.isoformat()

    def python_value(self, value: Any) -> date | None:
        """Read text from SQLite, a date from PostgreSQL."""
        return date.fromisoformat(value) if isinstance(value, str) else value


class InstantField(peewee.Field):
    """An instant in UTC; its text sorts as time does."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> str | None:
        """Write UTC with microseconds.

        Raises: ValueError for a naive datetime, which names no instant.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).isoformat(sep=" ", timespec="microseconds")

    def python_value(self, value: Any) -> datetime | None:
        """Read an aware datetime."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class IdsField(peewee.TextField):
    """A short list of ids that no query looks into, as text."""

    def db_value(self, value: tuple[int, ...] | None) -> str | None:
        """Write the ids with spaces between."""
        return None if value is None else " ".join(map(str, value))

    def python_value(self, value: str | None) -> tuple[int, ...] | None:
        """Read the ids."""
        return None if value is None else tuple(map(int, value.split()))
