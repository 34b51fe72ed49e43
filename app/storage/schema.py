"""The shape of the tables: proving that it is the one this edition knows."""

from app.config import SettingsError
from app.storage import tables
from app.storage.database import connection, proxy


class SchemaError(SettingsError):
    """The database is another edition's; the text says what to do."""


def check() -> None:
    """Prove that the database has this edition's schema.

    Raises: SchemaError, naming the remedy.
    """
    with connection():
        found = set(proxy.get_tables())
    missing = {model._meta.table_name for model in tables.ALL} - found  # noqa: SLF001
    if missing:
        raise SchemaError(f"this database has no table {min(missing)}")
