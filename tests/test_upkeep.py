"""Commands that look after a database: moving forward, backup, copying, checking."""

import os
import shutil
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import compose
from app.cli import main
from app.config import Settings
from app.engine import run as billing
from app.services import account as accounts
from app.services import doctor
from app.services.ports import Ports
from app.storage import database, schema
from tests import books, cluster, snapshot
from tests.conftest import ON_POSTGRESQL, ON_SQLITE, Api, Clock, settings_on

Run = Callable[..., Result]
MIGRATION = '''"""A migration of the test's own."""


def up(_migrator, db):
    """Add a table."""
    db.execute_sql("CREATE TABLE sample (text TEXT NOT NULL)")
'''


@pytest.fixture(name="run")
def run_(settings: Settings) -> Iterator[Run]:
    """Provide a runner of commands on the test's database."""
    mask = os.umask(0o022)  # a careless operator's

    def run(*arguments: str | Path, of: Settings = settings) -> Result:
        database.release()
        environment = {
            "PERENNIAL_DATA": str(of.data),
            "PERENNIAL_DATABASE": of.database,
        }
        result = CliRunner().invoke(main, list(map(str, arguments)), env=environment)
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result

    yield run
    os.umask(mask)
    database.proxy.close()


@pytest.fixture(name="next_schema")
def next_schema_(
    settings: Settings,  # noqa: ARG001 - made before there is a next one
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Provide a folder with this edition's migrations and one more to come."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in schema.MIGRATIONS.glob("[0-9]*.py"):
        shutil.copy(path, folder)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    (folder / "9001_next.py").write_text(MIGRATION)
    return folder


@pytest.fixture(name="filled")
def filled_(ports: Ports, clock: Clock) -> list[Api]:
    """Provide two accounts' books, with something of everything."""
    return list(books.filled(ports, clock))


def done(result: Result) -> str:
    """Return the output of a command that succeeded."""
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result: Result, *words: str) -> None:
    """Prove that a command failed with one line that holds some words."""
    assert result.exit_code == 1
    errors = [line for line in result.stderr.splitlines() if "can be lost" not in line]
    assert len(errors) == 1, result.output
    assert errors[0].startswith("Error: ")
    for word in words:
        assert word in errors[0]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@ON_SQLITE
@pytest.mark.parametrize("command", ["migrate", "init"])
def test_a_copy_is_kept_before_sqlite_is_moved_forward(
    run: Run, settings: Settings, next_schema: Path, command: str
) -> None:
    copy = settings.data / "perennial.sqlite.before-9001"
    before = next_schema / "9001_next.py"
    assert before.exists()

    told = done(run(command))

    kept = told.index(f"kept a copy of the database as it was: {copy}\n")
    assert kept < told.index("applied 9001_next\n")
    assert mode(copy) == 0o600
    with closing(sqlite3.connect(copy)) as opened:
        tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}
    assert "account" in tables
    assert "sample" not in tables
    copy.unlink()
    done(run(command))
    assert not copy.exists()


@ON_SQLITE
def test_a_second_try_keeps_a_new_copy(
    run: Run, settings: Settings, next_schema: Path
) -> None:
    path = next_schema / "9001_next.py"
    path.write_text(MIGRATION + '    db.execute_sql("NONSENSE")\n')
    refused(run("migrate"), "syntax error")
    copy = settings.data / "perennial.sqlite.before-9001"
    assert copy.exists()
    database.execute("CREATE TABLE later (text TEXT)")
    path.write_text(MIGRATION)

    done(run("migrate"))

    with closing(sqlite3.connect(copy)) as kept:
        names = {name for (name,) in kept.execute("SELECT name FROM sqlite_master")}
    assert "later" in names


@ON_POSTGRESQL
@pytest.mark.usefixtures("next_schema")
def test_a_servers_backup_is_its_operators(run: Run) -> None:
    result = run("migrate")
    assert "a server's backup is its operator's" in result.stderr
    assert "applied 9001_next" in done(result)


NEEDING = (
    ("init",),
    ("migrate",),
    ("serve",),
    ("api",),
    ("worker",),
    ("bill",),
    ("bill", "--dry-run"),
    ("account", "create", "New"),
    ("account", "list"),
    ("account", "token", "Loom"),
    ("account", "switch", "Loom", "--ignore-unknown"),
    ("replay", "fixtures/conversations", "--url", "http://127.0.0.1:9"),
    ("doctor",),
    ("gateway", "list"),
    ("keys", "list"),
    ("parked", "list"),
    ("copy",),
    ("backup", "FILE"),
)
NOT_NEEDING = {("methods",), ("replay",), ("restore",), ("settings",)}


@pytest.mark.parametrize("words", NEEDING, ids=" ".join)
def test_every_command_refuses_a_newer_schema_in_one_line(
    run: Run, settings: Settings, next_schema: Path, tmp_path: Path, words: tuple[str]
) -> None:
    done(run("migrate"))
    (next_schema / "9001_next.py").unlink()
    more: tuple[str, ...] = ()
    if words == ("copy",):
        more = ("--from", settings.database, "--to", f"sqlite:{tmp_path / 'x'}")
    file = str(tmp_path / "backup.sqlite")
    refused(
        run(*(file if word == "FILE" else word for word in words), *more),
        "newer edition (schema 9001_next)",
    )
    assert not Path(file).exists()


def test_no_command_is_left_out_of_the_schema_check() -> None:
    assert {words[0] for words in NEEDING} | {words[0] for words in NOT_NEEDING} == (
        set(main.commands)
    )


def test_the_wsgi_entry_refuses_a_newer_schema(
    settings: Settings, run: Run, next_schema: Path
) -> None:
    done(run("migrate"))
    (next_schema / "9001_next.py").unlink()
    with pytest.raises(schema.SchemaError, match="newer edition"):
        compose.application(settings)


@ON_SQLITE
def test_a_backup_under_load_holds_what_was_acknowledged_before(
    run: Run, settings: Settings, filled: list[Api], ports: Ports, tmp_path: Path
) -> None:
    """Threads write all the time; what was answered before is in the copy."""
    del filled[1:]
    (api,) = filled
    stop, acknowledged, numbers = threading.Event(), [], count(10**6)
    lock = threading.Lock()
    failed: list[BaseException] = []
    ready = threading.Barrier(4)

    def write() -> None:
        with database.connection():
            ready.wait()
            while not stop.is_set():
                with lock:
                    number = next(numbers)
                try:
                    made = api.create_client(f"<organization>{number}</organization>")
                except BaseException as error:  # noqa: BLE001 - told below
                    failed.append(error)
                    return
                acknowledged.append((made, str(number)))

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    ready.wait()
    try:
        while len(acknowledged) < 20 and not failed:
            stop.wait(0.001)
        before = list(acknowledged)
        target = tmp_path / "backup.sqlite"
        with database.connection():
            database.copy_to(target)
        assert len(acknowledged) >= len(before)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert failed == []
    assert mode(target) == 0o600

    elsewhere = settings_on(tmp_path / "elsewhere")
    done(run("restore", target, of=elsewhere))
    shutil.copy(settings.key_file, elsewhere.data)
    assert "everything agrees" in done(run("doctor", of=elsewhere))
    assert dict(before).items() <= dict(organizations()).items()
    _bills_nothing_twice(ports, elsewhere)


@ON_POSTGRESQL
def test_a_dump_of_postgresql_is_restored_elsewhere(
    run: Run, settings: Settings, filled: list[Api], ports: Ports, tmp_path: Path
) -> None:
    home = cluster.binaries()
    if not (home / "pg_dump").exists() or not (home / "pg_restore").exists():
        pytest.skip("THERE IS NO pg_dump: RESTORING A POSTGRESQL IS NOT TESTED")
    target = tmp_path / "backup.dump"
    made = filled[0].create_client("<organization>before</organization>")
    options = ("--format=custom", f"--file={target}")
    subprocess.run([home / "pg_dump", *options, settings.database], check=True)  # noqa: S603
    filled[0].create_client("<organization>after</organization>")

    host = settings.database.rpartition("/")[0]
    with cluster.fresh_database(host) as url:
        restore = ("--exit-on-error", "--single-transaction", f"--dbname={url}")
        subprocess.run([home / "pg_restore", *restore, target], check=True)  # noqa: S603
        elsewhere = settings_on(settings.data, url)
        assert "everything agrees" in done(run("doctor", of=elsewhere))
        kept = dict(organizations())
        assert kept[made] == "before"
        assert "after" not in kept.values()
        _bills_nothing_twice(ports, elsewhere)
        database.release()


def _bills_nothing_twice(ports: Ports, elsewhere: Settings) -> None:
    """Prove that the first run of a restored database bills each date once."""
    restored = replace(compose.ports(elsewhere), now=ports.now)
    with database.connection():
        former = snapshot.taken()["invoice"]
        report = billing.run(restored)
        assert report.issued
        assert billing.run(restored).issued == 0
        assert set(former) <= set(snapshot.taken()["invoice"])
        dated = database.execute(
            "SELECT account_id, recurring_id, billed_on FROM invoice"
        ).fetchall()
        assert len(dated) == len(former) + report.issued
        # Those that people made have no date that they bill.
        billed = [row for row in dated if row[1] is not None]
        assert len(billed) == len(set(billed))
        for account in accounts.all_():
            assert list(doctor.books(restored, account.account_id)) == []


def organizations() -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = database.execute(
        "SELECT client_id, organization FROM client WHERE account_id = 1"
    ).fetchall()
    return found


@ON_SQLITE
def test_a_backup_and_its_restoration_are_the_same_database(
    run: Run, filled: list[Api], settings: Settings, tmp_path: Path
) -> None:
    before = snapshot.taken()
    target = tmp_path / "backup.sqlite"
    told = done(run("backup", target))
    assert "keep it apart from the key ring, which is not in it" in told
    ring = settings.key_file.read_text().partition("k1:")[2].strip()
    assert ring.encode() not in target.read_bytes()
    assert sorted(tmp_path.iterdir()) == sorted([target, settings.data])

    elsewhere = settings_on(tmp_path / "elsewhere")
    told = done(run("restore", target, of=elsewhere))
    assert "next: perennial doctor" in told
    assert mode(elsewhere.data / "perennial.sqlite") == 0o600
    assert snapshot.taken() == before
    assert filled
    (journal,) = database.execute("PRAGMA journal_mode").fetchone()
    assert journal == "wal"


@ON_SQLITE
def test_a_backup_writes_over_nothing(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "kept"
    target.write_text("mine")
    refused(run("backup", target), str(target), "exists")
    assert target.read_text() == "mine"
    refused(run("backup", tmp_path / "no" / "folder"), "No such file")


@ON_SQLITE
def test_a_backup_of_a_damaged_database_is_refused_and_not_left(
    run: Run, filled: list[Api], tmp_path: Path
) -> None:
    assert filled
    database.execute("PRAGMA ignore_check_constraints = 1")
    with database.writing():
        database.execute("UPDATE client SET folder = 'lost' WHERE client_id = 1")
    target = tmp_path / "backup"
    refused(run("backup", target), "is damaged", "CHECK constraint failed in client")
    assert [path for path in tmp_path.iterdir() if path.name != "var"] == []


@ON_SQLITE
@pytest.mark.parametrize("left", ["perennial.sqlite", "perennial.sqlite-wal"])
def test_a_database_that_is_there_is_not_written_over(
    run: Run, tmp_path: Path, left: str
) -> None:
    target = tmp_path / "backup"
    done(run("backup", target))
    elsewhere = settings_on(tmp_path / "elsewhere")
    elsewhere.data.mkdir()
    (elsewhere.data / left).write_text("mine")
    refused(run("restore", target, of=elsewhere), left, "exists")
    assert (elsewhere.data / left).read_text() == "mine"
    assert [path.name for path in elsewhere.data.iterdir()] == [left]


@ON_SQLITE
def test_what_is_no_backup_is_not_restored(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    elsewhere = settings_on(tmp_path / "elsewhere")
    text, other = tmp_path / "text", tmp_path / "other"
    text.write_text("no database, but a text of some length" * 100)
    with closing(sqlite3.connect(other)) as made:
        made.execute("CREATE TABLE note (text TEXT)")
    refused(run("restore", text, of=elsewhere), "cannot be copied")
    refused(run("restore", other, of=elsewhere), "no database of Perennial's")
    refused(run("restore", tmp_path / "nothing", of=elsewhere), "No such file")
    assert list(elsewhere.data.iterdir()) == []
    with closing(sqlite3.connect(settings.data / "perennial.sqlite")) as opened:
        opened.execute("CREATE TABLE note (text TEXT)")
        used = settings.data / "perennial.sqlite"
        refused(run("restore", used, of=elsewhere), "a database in use")


@ON_POSTGRESQL
def test_backup_and_restore_send_a_servers_operator_to_its_own_tools(
    run: Run, tmp_path: Path
) -> None:
    for command in ("backup", "restore"):
        result = run(command, tmp_path / "file")
        refused(result, "pg_dump and pg_restore", "docs/operations.md")
    assert not (tmp_path / "file").exists()


def test_the_doctor_is_content_with_books_that_agree(
    run: Run, filled: list[Api]
) -> None:
    assert filled
    told = done(run("doctor"))
    assert told.splitlines()[-1] == "everything agrees"
    assert "rows of 2 accounts one by one" in told
    assert "rows of 1 accounts one by one" in done(run("doctor", "--account", "Loom"))


def test_the_doctor_names_what_is_wrong_and_fails(run: Run, filled: list[Api]) -> None:
    assert filled
    with database.writing():
        database.execute(
            "UPDATE invoice SET paid_minor = -1, staff_id = 9 "
            "WHERE account_id = 1 AND invoice_id = 3"
        )
    result = run("doctor")
    refused(result, "2 findings")
    assert "orphan: invoice 3 of account 1: its staff is not there\n" in result.stdout
    assert "paid: invoice 3 of account 1: " in result.stdout
    assert run("doctor", "--account", "Loom").exit_code == 1
    assert run("doctor", "--account", "Clocked").exit_code == 0
    refused(run("doctor", "--account", "Nobody"), "account list")


def test_the_doctor_needs_the_key_ring(run: Run, settings: Settings) -> None:
    settings.key_file.unlink()
    refused(run("doctor"), "k1")


def test_a_copy_tells_each_table_and_what_to_do_next(
    run: Run, settings: Settings, filled: list[Api], tmp_path: Path
) -> None:
    assert filled
    target = f"sqlite:{tmp_path / 'there' / 'x.sqlite'}"
    told = done(run("copy", "--from", settings.database, "--to", target))
    lines = told.splitlines()
    assert [line.split()[2] for line in lines[:-2]] == snapshot.TABLES
    rows = sum(map(len, snapshot.taken().values()))
    assert lines[-2].startswith(f"{rows} rows are the same in both")
    assert lines[-1].endswith("with the same key ring")
    assert mode(tmp_path / "there" / "x.sqlite") == 0o600
    refused(run("copy", "--from", settings.database, "--to", target), "in use")
    nothing = f"sqlite:{tmp_path / 'nothing'}"
    refused(run("copy", "--from", nothing, "--to", target), "there is no database")
    assert not (tmp_path / "nothing").exists()
