"""The shape of the tables: making it, knowing which edition's it is, moving it forward.

Schema 1 is that of the first edition, which kept no record of it. Every later one is a
file in `migrations`, numbered; the table `schema_migration` names those that have been
applied.
"""

from collections.abc import Callable
from pathlib import Path

from playhouse.migrations import Runner

from app.config import SettingsError
from app.storage import tables
from app.storage.database import connection, one_of_a_kind, proxy, writing

MIGRATIONS = Path(__file__).with_name("migrations")
_FIRST = "0001"


class SchemaError(SettingsError):
    """The database is another edition's; the text says what to do."""


def create() -> None:
    """Make the database and its tables, at this edition's schema; keep others."""
    proxy.obj.make()
    with connection(), one_of_a_kind("schema", wait=True):
        proxy.obj.prepare()
        with writing():
            # In this order: peewee's own knows no references by several columns.
            for table in tables.ALL:
                table.create_table()
            _runner().fake()


def version() -> str:
    """Return the number of the newest migration that has been applied."""
    return max(_runner().applied(), default=_FIRST)[:4]


def pending() -> list[str]:
    """Return the migrations that have not been applied yet, in order.

    Raises: SchemaError when a newer edition has been here.
    """
    status = _runner().status()
    unknown = [migration.name for migration in status if migration.path is None]
    if unknown:
        raise SchemaError(
            f"this database was made by a newer edition (schema {unknown[-1]}): use "
            "that one, or restore a backup of before"
        )
    return [migration.name for migration in status if migration.applied is None]


def check() -> None:
    """Prove that the database has this edition's schema.

    Raises: SchemaError, naming the remedy.
    """
    with connection():
        behind = pending()
        found = version()
    if behind:
        raise SchemaError(
            f"this database has schema {found}, this edition needs {behind[-1][:4]}: "
            "run 'perennial migrate'"
        )


def migrate(kept: Callable[[Path | None], None] = lambda _copy: None) -> list[str]:
    """Apply what has not been applied yet, each migration whole or not at all.

    Two that begin at once follow one another. Before the first of them `kept` is told
    where a copy of the database is; None where it has to be the operator's. Returns the
    names.

    Raises: SchemaError when a newer edition has been here.
    """
    with connection(), one_of_a_kind("schema", wait=True):
        behind = pending()
        if behind:
            kept(proxy.obj.keep(behind[0][:4]))
        return list(_runner().up())


def _runner() -> Runner:
    return Runner(proxy.obj, str(MIGRATIONS))
