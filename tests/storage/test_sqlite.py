"""SQLite: its file, its settings, its locks."""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from app.config import Settings
from app.services.ports import Ports
from app.storage import database, schema
from app.storage.database import reading, writing
from app.storage.sqlite import SqliteEngine
from tests.conftest import ON_SQLITE

pytestmark = ON_SQLITE


@pytest.fixture(name="notes", autouse=True)
def notes_(ports: Ports) -> None:  # noqa: ARG001 - they come with a connection
    """Provide an empty table of the test's own, on a connection that is open."""
    with writing():
        database.execute("CREATE TABLE note (text TEXT, number INTEGER)")


def write(text: str, number: int = 0) -> None:
    database.execute("INSERT INTO note VALUES (?, ?)", (text, number))


def texts() -> list[str]:
    found = database.execute("SELECT text FROM note ORDER BY text").fetchall()
    return [text for (text,) in found]


def pragma(name: str) -> object:
    return database.execute(f"PRAGMA {name}").fetchone()[0]


def path_of(url: str) -> Path:
    engine = database.engine_of(url)
    assert isinstance(engine, SqliteEngine)
    return engine.path


@contextmanager
def stranger(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Provide a connection of another process, so to speak; it waits for nobody."""
    path = path_of(settings.database)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as opened:
        yield opened


def test_a_write_transaction_takes_its_lock_before_its_first_statement(
    settings: Settings,
) -> None:
    with stranger(settings) as other:
        with writing(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


def test_a_read_takes_no_lock(settings: Settings) -> None:
    with stranger(settings) as other, reading():
        assert texts() == []
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO note VALUES ('theirs', 0)")
        other.execute("COMMIT")


def test_a_reader_is_not_kept_waiting_by_a_writer(settings: Settings) -> None:
    with stranger(settings) as other, writing():
        write("mine")
        assert other.execute("SELECT count(*) FROM note").fetchone() == (0,)


def test_a_write_transaction_is_kept(settings: Settings) -> None:
    with writing():
        write("kept")
    with stranger(settings) as other:
        assert other.execute("SELECT text FROM note").fetchall() == [("kept",)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 30_000),
    ],
)
@pytest.mark.parametrize("where", ["here", "in a thread", "reopened"])
def test_every_connection_has_its_settings(
    where: str, name: str, value: object
) -> None:
    found: list[object] = []

    def look() -> None:
        with database.connection():
            found.append(pragma(name))

    if where == "in a thread":
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(timeout=30)
    else:
        if where == "reopened":
            database.proxy.close()
        look()
    assert found == [value]


def test_the_write_ahead_log_belongs_to_the_file(settings: Settings) -> None:
    with stranger(settings) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_servers_thread_keeps_its_connection() -> None:
    closed: list[bool] = []

    def look() -> None:
        with database.serving():
            pass
        closed.append(database.proxy.is_closed())
        database.proxy.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(timeout=30)
    assert closed == [False]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_all_files_of_a_database_are_its_owners_alone(
    tmp_path: Path, umask: int
) -> None:
    path = tmp_path / "deep" / "er" / "some.sqlite"
    former = os.umask(umask)
    try:
        database.configure(f"sqlite:{path}")
        schema.create()
        with database.connection():
            with writing():
                database.execute("CREATE TABLE note (text TEXT)")
            files = sorted(path.parent.iterdir())
            modes = {file.name: mode(file) for file in files}
    finally:
        os.umask(former)
    assert modes == {
        "some.sqlite": 0o600,
        "some.sqlite-line": 0o600,
        "some.sqlite-shm": 0o600,
        "some.sqlite-wal": 0o600,
    }
    assert mode(path.parent) == 0o700


def test_another_file_may_be_configured(tmp_path: Path, settings: Settings) -> None:
    with writing():
        write("first")
    url = f"sqlite:{tmp_path / 'other.sqlite'}"
    database.configure(url)
    assert database.proxy.is_closed()
    schema.create()
    with database.connection():
        assert not database.proxy.table_exists("note")
        with writing():
            database.execute("CREATE TABLE note (text TEXT, number INTEGER)")
            write("second")
        assert texts() == ["second"]
    database.configure(settings.database)
    with database.connection():
        assert texts() == ["first"]


def test_a_file_that_is_not_there_is_no_database_and_is_not_made(
    tmp_path: Path,
) -> None:
    path = tmp_path / "none.sqlite"
    database.configure(f"sqlite:{path}")
    assert not database.exists()
    assert not path.exists()


def test_an_empty_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    path.touch()
    database.configure(f"sqlite:{path}")
    assert not database.exists()
    assert path.read_bytes() == b""


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:var/name.sqlite", "var/name.sqlite"),
        ("sqlite:/srv/name.sqlite", "/srv/name.sqlite"),
        ("sqlite:///srv/name.sqlite", "/srv/name.sqlite"),
        ("sqlite:with:colon.sqlite", "with:colon.sqlite"),
    ],
)
def test_the_path_of_a_url_is_what_follows_the_scheme(url: str, path: str) -> None:
    assert path_of(url) == Path(path)
