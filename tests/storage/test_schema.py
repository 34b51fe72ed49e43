"""The schema: made, recognised, moved forward."""

import re
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.storage import database, schema
from app.storage.database import writing
from app.storage.schema import SchemaError
from app.storage.sqlite import SqliteEngine

NEXT = '''"""A migration of the test's own."""


def up(_migrator, db):
    """Add a table."""
    db.execute_sql("CREATE TABLE sample (text TEXT NOT NULL)")
    db.execute_sql("INSERT INTO sample VALUES ('made')")
'''
BROKEN = NEXT + '    db.execute_sql("CREATE NONSENSE")\n'


@pytest.fixture(name="folder")
def folder_(settings: Settings, tmp_path: Path, monkeypatch: Any) -> Path:  # noqa: ARG001
    """Provide a folder of this edition's migrations, to add to."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in schema.MIGRATIONS.glob("[0-9]*.py"):
        (folder / path.name).write_text(path.read_text())
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    return folder


def tables_like(name: str) -> bool:
    with database.connection():
        return bool(database.proxy.table_exists(name))


def test_a_new_database_has_this_editions_schema(settings: Settings) -> None:  # noqa: ARG001
    schema.check()
    with database.connection():
        assert schema.pending() == []


def test_an_older_schema_is_refused_with_the_remedy(folder: Path) -> None:
    (folder / "9001_next.py").write_text(NEXT)

    with pytest.raises(SchemaError, match="needs 9001: run 'perennial migrate'"):
        schema.check()


def test_migrating_applies_what_is_missing_once(folder: Path) -> None:
    (folder / "9001_next.py").write_text(NEXT)

    assert schema.migrate() == ["9001_next"]
    assert schema.migrate() == []

    schema.check()
    with database.connection():
        assert schema.version() == "9001"
        assert database.execute("SELECT text FROM sample").fetchall() == [("made",)]


def test_a_migration_that_fails_changes_nothing(folder: Path) -> None:
    (folder / "9001_next.py").write_text(BROKEN)

    with pytest.raises(database.DatabaseError, match=r"(?i)syntax error"):
        schema.migrate()

    assert not tables_like("sample")
    (folder / "9001_next.py").write_text(NEXT)
    assert schema.migrate() == ["9001_next"]


def test_a_newer_schema_is_refused(folder: Path) -> None:
    (folder / "9001_next.py").write_text(NEXT)
    schema.migrate()
    (folder / "9001_next.py").unlink()

    for call in (schema.check, schema.migrate):
        with pytest.raises(SchemaError, match="made by a newer edition"):
            call()


def test_a_database_without_a_record_is_the_first_editions(folder: Path) -> None:
    with database.connection(), writing():
        database.execute("DROP TABLE schema_migration")
    with database.connection():
        assert schema.version() == "0001"
        expected = sorted(path.stem for path in folder.glob("[0-9]*.py"))
        assert schema.pending() == expected


def shape() -> list[tuple[Any, ...]]:
    """Return the tables' columns and indexes, in order of their names."""
    if isinstance(database.proxy.obj, SqliteEngine):
        sql = "SELECT tbl_name, name, sql FROM sqlite_master"
    else:
        sql = (
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' UNION ALL SELECT tablename, indexname, "
            "indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL SELECT "
            "conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
    return sorted(database.execute(sql).fetchall(), key=repr)


def test_tables_for_tenants_are_the_same_migrated_as_new(settings: Settings) -> None:  # noqa: ARG001
    with database.connection():
        new = shape()
        with writing():
            for table in ("staff_client", "idempotency_key", "login_failure"):
                database.execute(f"DROP TABLE {table}")
            database.execute("DROP INDEX staff_account_id_username")
            database.execute("DELETE FROM schema_migration WHERE name = '0004_tenants'")
        assert shape() != new
    assert schema.migrate() == ["0004_tenants"]
    with database.connection():
        assert shape() == new


def test_migrations_are_numbered_in_order_without_gaps() -> None:
    names = sorted(path.name for path in schema.MIGRATIONS.glob("[0-9]*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)
    assert [int(name[:4]) for name in names] == list(range(2, 2 + len(names)))
