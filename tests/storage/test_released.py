"""Databases of every released schema, with data in them, moved to this edition's."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app import compose
from app.config import Settings
from app.engine import run
from app.services import account as accounts
from app.services import doctor
from app.services.ports import Ports
from app.storage import database
from tests import books, cluster, released, snapshot
from tests.conftest import Api, Secrets, settings_on

DUMPS = sorted(released.FOLDER.glob("*.sql"))
# Later than everything in them.
LATER = datetime(2026, 9, 1, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Old:
    """A database of an old edition, and settings for a new one beside it."""

    settings: Settings
    new: Settings


@pytest.fixture(name="old", params=DUMPS, ids=lambda path: path.stem)
def old_(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    """Provide a database of each kind and released schema, as it was dumped."""
    path: Path = request.param
    folders = [tmp_path / name for name in ("old", "new")]
    for data in folders:
        data.mkdir()
        shutil.copy(released.KEY_FILE, data)
        (data / "keys").chmod(0o600)
    if path.match("*.sqlite.sql"):
        old, new = map(settings_on, folders)
        released.loaded(path, old)
        yield Old(old, new)
        return
    if cluster.missing():
        pytest.skip("there is no PostgreSQL")
    url = request.getfixturevalue("cluster").url
    with cluster.fresh_database(url) as first, cluster.fresh_database(url) as second:
        old, new = settings_on(folders[0], first), settings_on(folders[1], second)
        released.loaded(path, old)
        yield Old(old, new)
        database.release()


@pytest.fixture(name="moved")
def moved_(old: Old) -> Iterator[Ports]:
    """Provide ports on the old database, moved to this edition's schema."""
    compose.migrate(old.settings, lambda _copy: None)
    ports = replace(
        compose.ports(old.settings), now=lambda: LATER, secret=Secrets(mixed())
    )
    with database.connection():
        yield ports


def mixed() -> Iterator[int]:
    """Yield numbers that the dumps' own secrets do not have."""
    return iter(range(10**9, 10**9 + 10**6))


def apis(ports: Ports) -> list[Api]:
    client = compose.application_on(ports).test_client()
    return [
        Api(client, account, accounts.token(ports, account.name, revoke_others=False))
        for account in accounts.all_()
    ]


def clients_of(api: Api) -> int:
    """Count the clients that are not deleted; a later edition's dumps have more."""
    found: tuple[int] = database.execute(
        "SELECT COUNT(*) FROM client WHERE account_id = ? AND folder <> 'deleted'",
        (api.account.account_id,),
    ).fetchone()
    return found[0]


def findings(ports: Ports) -> list[str]:
    found = [*doctor.database(), *doctor.orphans()]
    for account in accounts.all_():
        found += doctor.books(ports, account.account_id)
    return list(map(str, found))


def test_the_schema_is_the_one_that_a_new_database_has(old: Old) -> None:
    compose.migrate(old.settings, lambda _copy: None)
    migrated = shape()
    compose.initialise(old.new)
    assert migrated == shape()


def test_everything_reads_through_the_api(moved: Ports) -> None:
    for api in apis(moved):
        answers = books.told(api)
        assert all(b'status="ok"' in answer for answer in answers[:4])
        assert answers[0].count(b"<client>") == clients_of(api) >= 2
        assert answers[1].count(b"<recurring>") == 6
        assert answers[1].count(b"************1111") == 1
        assert answers[1].count(b"************4444") == 1
        assert answers[2].count(b"<invoice>") > 10


def test_what_is_due_is_billed_once_and_the_books_agree(moved: Ports) -> None:
    before = snapshot.taken()
    report = run.run(moved, limit=1000)
    after = snapshot.taken()
    assert report.ok
    assert report.issued == len(after["invoice"]) - len(before["invoice"]) > 0
    assert set(before["invoice_line"]) <= set(after["invoice_line"])
    assert findings(moved) == []


def test_new_rows_follow_the_old_ones(moved: Ports) -> None:
    ids = [account.account_id for account in accounts.all_()]
    made, _ = accounts.create(moved, accounts.NewAccount(name="New"))
    assert made.account_id == max(ids) + 1
    for api in apis(moved)[:2]:
        # One of the old ones is deleted.
        following = clients_of(api) + 2
        assert api.create_client() == following


def shape() -> dict[str, Any]:
    """Return what the database reports of every table, in no order of columns."""
    kind: Callable[[str], Any] = (
        _of_postgresql if database.proxy.obj.gives_back else _of_sqlite
    )
    with database.connection():
        names = sorted(database.proxy.get_tables())
        return {name: kind(name) for name in names}


def _of_sqlite(table: str) -> Any:
    def pragma(name: str, of: str = table) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = database.execute(
            f"PRAGMA {name}({of})"
        ).fetchall()
        return found

    (sql,) = database.execute(
        "SELECT sql FROM sqlite_master WHERE name = ?", (table,)
    ).fetchone()
    references: dict[int, list[tuple[Any, ...]]] = {}
    for number, _, *rest in pragma("foreign_key_list"):
        references.setdefault(number, []).append(tuple(rest))
    indexes = []
    for _, name, unique, origin, partial in pragma("index_list"):
        columns = [row[2:5] for row in pragma("index_xinfo", name)]
        (text,) = database.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (name,)
        ).fetchone()
        where = (text or "").partition(" WHERE ")[2]
        indexes.append((unique, origin, partial, columns, where))
    return (
        sorted(row[1:] for row in pragma("table_info")),
        sorted(map(sorted, references.values())),
        sorted(indexes, key=repr),
        sorted(_checks(sql)),
    )


def _checks(sql: str) -> Iterator[str]:
    """Yield the conditions of a table, each to the bracket that closes it."""
    for found in re.finditer(r"\bCHECK\s*\(", sql):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        yield " ".join(sql[found.end() : end - 1].split())


def _of_postgresql(table: str) -> Any:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        return sorted(database.execute(sql, (table,)).fetchall(), key=repr)

    return (
        rows(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull, "
            "pg_get_expr(adbin, adrelid) FROM pg_attribute LEFT JOIN pg_attrdef "
            "ON adrelid = attrelid AND adnum = attnum "
            "WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped"
        ),
        rows(
            "SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint "
            "WHERE conrelid = ?::regclass"
        ),
        rows("SELECT indexdef FROM pg_indexes WHERE tablename = ?"),
    )
