"""The database: its file, its settings, its transactions."""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from app.config import Settings, SettingsError
from app.services.ports import Ports
from app.storage import database, tables
from app.storage.database import reading, writing

THREADS = 4
EACH = 40


class UndoneError(Exception):
    """Ends a transaction without its work."""


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


@contextmanager
def stranger(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Provide a connection of another process, so to speak; it waits for nobody."""
    path = database.path_of(settings.database)
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as opened:
        yield opened


# Transactions.


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


def test_a_read_is_one_view_of_the_data(settings: Settings) -> None:
    with stranger(settings) as other:
        with reading():
            assert texts() == []
            other.execute("INSERT INTO note VALUES ('theirs', 0)")
            assert texts() == []
        assert texts() == ["theirs"]


def test_a_write_transaction_is_kept(settings: Settings) -> None:
    with writing():
        write("kept")
    with stranger(settings) as other:
        assert other.execute("SELECT text FROM note").fetchall() == [("kept",)]


@pytest.mark.parametrize("error", [UndoneError, KeyboardInterrupt, SystemExit])
def test_a_write_transaction_that_fails_is_undone(error: type[BaseException]) -> None:
    with suppress(error), writing():
        write("undone")
        raise error
    assert texts() == []
    with writing():
        write("after")
    assert texts() == ["after"]


def test_a_refused_statement_undoes_the_whole_transaction() -> None:
    with suppress(database.IntegrityError), writing():
        write("before")
        database.execute("INSERT INTO counter VALUES (999, 'client', 1)")
    assert texts() == []


def test_a_write_transaction_is_not_begun_within_another() -> None:
    with writing():
        write("outer")
        with pytest.raises(RuntimeError, match="begun once"), writing():
            pass
        write("outer still")
    assert texts() == ["outer", "outer still"]


def test_a_write_transaction_is_not_begun_within_a_read() -> None:
    # It would hold a view that another writer may have overtaken.
    with reading():
        assert texts() == []
        with pytest.raises(RuntimeError, match="begun once"), writing():
            pass
    with writing():
        write("after")
    assert texts() == ["after"]


def test_a_read_within_a_write_sees_what_was_written() -> None:
    with writing():
        write("mine")
        with reading():
            assert texts() == ["mine"]
        write("more")
    assert texts() == ["mine", "more"]


def test_a_read_that_fails_within_a_write_leaves_the_write_to_decide() -> None:
    with writing():
        write("mine")
        with suppress(UndoneError), reading():
            raise UndoneError
    assert texts() == ["mine"]


def test_writers_of_many_threads_follow_one_another() -> None:
    with writing():
        write("sum", 0)
    failed: list[BaseException] = []
    together = threading.Barrier(THREADS)

    def add() -> None:
        try:
            with database.connection():
                together.wait(timeout=30)
                for _ in range(EACH):
                    with writing():
                        found = database.execute("SELECT number FROM note").fetchone()
                        database.execute("UPDATE note SET number = ?", (found[0] + 1,))
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failed.append(error)

    threads = [threading.Thread(target=add) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert database.execute("SELECT number FROM note").fetchone() == (THREADS * EACH,)


# Settings of a connection.


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


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO counter VALUES (999, 'client', 1)",
        "INSERT INTO token VALUES ('hash', 999, 1, '2026-03-02', NULL)",
    ],
)
def test_references_to_nothing_are_refused(statement: str) -> None:
    with pytest.raises(database.IntegrityError, match="FOREIGN KEY"), writing():
        database.execute(statement)


def test_a_connection_that_is_open_is_kept_open() -> None:
    assert not database.proxy.is_closed()
    with database.connection():
        pass
    assert not database.proxy.is_closed()


def test_a_connection_that_was_opened_is_closed() -> None:
    closed: list[bool] = []

    def look() -> None:
        closed.append(database.proxy.is_closed())
        with database.connection():
            closed.append(database.proxy.is_closed())
        closed.append(database.proxy.is_closed())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(timeout=30)
    assert closed == [True, False, True]


def test_a_thread_may_keep_its_connection() -> None:
    closed: list[bool] = []

    def look() -> None:
        database.open_for_thread()
        with database.connection():
            pass
        closed.append(database.proxy.is_closed())
        database.proxy.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(timeout=30)
    assert closed == [False]


# Files.


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
        database.create(f"sqlite:{path}", tables.ALL)
        with database.connection():
            with writing():
                database.execute("CREATE TABLE note (text TEXT)")
            files = sorted(path.parent.iterdir())
            modes = {file.name: mode(file) for file in files}
    finally:
        os.umask(former)
    assert modes == {
        "some.sqlite": 0o600,
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
    database.create(url, tables.ALL)
    with database.connection():
        assert not database.proxy.table_exists("note")
        with writing():
            database.execute("CREATE TABLE note (text TEXT, number INTEGER)")
            write("second")
        assert texts() == ["second"]
    database.configure(settings.database)
    with database.connection():
        assert texts() == ["first"]


def test_making_a_database_keeps_what_is_there(settings: Settings) -> None:
    with writing():
        write("kept")
    database.create(settings.database, tables.ALL)
    assert texts() == ["kept"]


def test_a_database_exists_when_it_has_been_made(settings: Settings) -> None:
    assert database.exists(settings.database)


def test_a_file_that_is_not_there_is_no_database_and_is_not_made(
    tmp_path: Path,
) -> None:
    path = tmp_path / "none.sqlite"
    database.configure(f"sqlite:{path}")
    assert not database.exists(f"sqlite:{path}")
    assert not path.exists()


def test_an_empty_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    path.touch()
    database.configure(f"sqlite:{path}")
    assert not database.exists(f"sqlite:{path}")
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
    assert database.path_of(url) == Path(path)


@pytest.mark.parametrize(
    "url", ["", "sqlite", "sqlite:", "var/name.sqlite", "postgresql://host/name"]
)
def test_any_other_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(SettingsError, match="PERENNIAL_DATABASE must look like"):
        database.path_of(url)
