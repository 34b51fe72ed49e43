"""The database, of either kind: its transactions and connections."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from app.config import SettingsError
from app.services.ports import Ports
from app.storage import database, schema
from app.storage.database import reading, writing
from tests.conftest import Api

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


def elsewhere(call: Callable[[], object]) -> object:
    """Return what comes of a call in another thread, on a connection of its own."""
    found: list[object] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with database.connection():
                found.append(call())
        except BaseException as error:  # noqa: BLE001 - raised by the caller
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=60)
    if failed:
        raise failed[0]
    (result,) = found
    return result


def texts() -> list[str]:
    found = database.execute("SELECT text FROM note ORDER BY text").fetchall()
    return [text for (text,) in found]


# Transactions.


def test_a_read_is_one_view_of_the_data() -> None:
    def write_theirs() -> None:
        with writing():
            write("theirs")

    with reading():
        assert texts() == []
        elsewhere(write_theirs)
        assert texts() == []
    assert texts() == ["theirs"]


def test_what_is_being_written_is_seen_by_nobody_else() -> None:
    with writing():
        write("mine")
        assert elsewhere(texts) == []
    assert elsewhere(texts) == ["mine"]


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


def test_writers_of_an_account_follow_one_another(api: Api) -> None:
    with writing():
        write("sum", 0)
    failed: list[BaseException] = []
    together = threading.Barrier(THREADS)

    def add() -> None:
        try:
            with database.connection():
                together.wait(timeout=30)
                for _ in range(EACH):
                    with writing(api.account.account_id):
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


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO counter VALUES (999, 'client', 1)",
        "INSERT INTO token VALUES ('hash', 999, 1, '2026-03-02', NULL)",
    ],
)
def test_references_to_nothing_are_refused(statement: str) -> None:
    with pytest.raises(database.IntegrityError, match=r"(?i)foreign key"), writing():
        database.execute(statement)


def test_what_one_may_do_at_a_time_is_refused_to_a_second() -> None:
    def taken() -> bool:
        with database.one_of_a_kind("sweep") as mine:
            return mine

    with database.one_of_a_kind("sweep") as mine:
        assert mine
        assert elsewhere(taken) is False
    assert elsewhere(taken) is True


# Connections.


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


# Making it.


def test_making_a_database_keeps_what_is_there() -> None:
    with writing():
        write("kept")
    schema.create()
    assert texts() == ["kept"]


def test_a_database_exists_when_it_has_been_made() -> None:
    assert database.exists()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite",
        "sqlite:",
        "var/name.sqlite",
        "postgresql:name",
        "mysql://host/name",
    ],
)
def test_any_other_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(SettingsError, match="PERENNIAL_DATABASE must look like"):
        database.engine_of(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:var/name.sqlite", "sqlite:var/name.sqlite"),
        ("postgresql://host/name", "postgresql://host/name"),
        ("postgres://ada:s3cret@host:5433/n", "postgresql://ada@host:5433/n"),
        ("postgresql://host/n?password=s3cret", "postgresql://host/n"),
        ("postgresql://ada@host/n", "postgresql://ada@host/n"),
        ("postgresql://ada:s[3@host/n", "postgresql://ada@host/n"),
        ("postgresql://ada:s3#ret@host/n", "postgresql://..."),
        ("postgresql://ada:s3?ret@host/n", "postgresql://..."),
        ("postgresql://ada:s3/ret@host/n", "postgresql://..."),
        ("postgresql://ada:s3@ret@host/n", "postgresql://..."),
        ("postgresql://host/n?password=s3@ret", "postgresql://..."),
    ],
)
def test_a_database_is_told_of_without_its_password(url: str, shown: str) -> None:
    assert database.engine_of(url).shown == shown


def test_a_url_that_cannot_be_read_is_refused_without_its_password() -> None:
    with pytest.raises(SettingsError, match=r"cannot be read") as refused:
        database.engine_of("postgresql://ada:s3%zzt@h/n")
    assert "s3" not in str(refused.value)
