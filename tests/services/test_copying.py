"""Copying a database into another one, of either kind."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import compose
from app.config import Settings
from app.services import account as accounts
from app.services import doctor
from app.services.copying import Copied, CopyError
from app.services.ports import Ports
from app.storage import copying as storage
from app.storage import database
from app.storage.schema import SchemaError
from tests import books, cluster, snapshot
from tests.conftest import ON_SQLITE, Api, Clock, Secrets, settings_on

Copy = Callable[[str, str], list[Copied]]


@pytest.fixture(name="place", params=["sqlite", "postgresql"])
def place_(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], str]]:
    """Provide a maker of places for databases, of either kind; nothing is there yet."""
    if request.param == "postgresql" and cluster.missing():
        pytest.skip("there is no PostgreSQL")
    with ExitStack() as stack:
        made = iter(range(100))

        def place() -> str:
            if request.param == "sqlite":
                return f"sqlite:{tmp_path / f'other-{next(made)}' / 'x.sqlite'}"
            url = request.getfixturevalue("cluster").url
            return stack.enter_context(cluster.fresh_database(url))

        yield place
        database.release()


@pytest.fixture(name="filled")
def filled_(ports: Ports, clock: Clock) -> list[Api]:
    """Provide two accounts' books, with something of everything."""
    return list(books.filled(ports, clock))


def copied(source: str, target: str) -> list[Copied]:
    """Copy one database into another, on which the process is then."""
    database.release()
    made = compose.copy(source, target, lambda _rows, _total: None)
    database.proxy.connect(reuse_if_open=True)
    return made


def digests() -> dict[str, Any]:
    with database.reading():
        return {name: storage.stored(name) for name in storage.NAMES}


def test_every_table_arrives_as_it_was_and_comes_back(
    settings: Settings, filled: list[Api], place: Callable[[], str]
) -> None:
    before, told = digests(), [books.told(api) for api in filled]
    assert all(digest.rows for digest in before.values())

    there = place()
    copied(settings.database, there)

    assert digests() == before
    assert [books.told(api) for api in filled] == told

    back = place()
    copied(there, back)
    assert digests() == before
    assert [books.told(api) for api in filled] == told


def test_the_copy_is_healthy_and_new_ids_follow(
    settings: Settings, filled: list[Api], ports: Ports, place: Callable[[], str]
) -> None:
    copied(settings.database, place())

    found = [*doctor.database(), *doctor.orphans()]
    for account in accounts.all_():
        found += doctor.books(ports, account.account_id)
    assert found == []
    ports = replace(ports, secret=Secrets(iter(range(10**9, 10**10))))
    made, _ = accounts.create(ports, accounts.NewAccount(name="New"))
    assert made.account_id == 3
    api = Api(filled[0].client, *accounts.create(ports, accounts.NewAccount(name="4")))
    assert api.account.account_id == 4
    assert api.create_client() == 1


def test_the_counts_and_checksums_of_each_table_are_told(
    settings: Settings,
    filled: list[Api],  # noqa: ARG001
    place: Callable[[], str],
) -> None:
    rows = {name: len(found) for name, found in snapshot.taken().items()}
    told = copied(settings.database, place())
    assert {table.table: table.rows for table in told} == rows
    assert len({table.digest for table in told}) == len(rows)


def test_a_target_that_holds_anything_is_refused_and_kept(
    settings: Settings, filled: list[Api], place: Callable[[], str]
) -> None:
    target = place()
    copied(settings.database, target)
    filled[0].create_client()
    before = snapshot.taken()
    with pytest.raises(CopyError, match="the target is in use"):
        copied(settings.database, target)
    database.proxy.connect(reuse_if_open=True)
    assert snapshot.taken() == before


def test_a_target_made_by_init_takes_the_sources_key_checks(
    settings: Settings, filled: list[Api], place: Callable[[], str], tmp_path: Path
) -> None:
    target = place()
    database.release()
    compose.initialise(settings_on(tmp_path / "with a key of its own", target))
    copied(settings.database, target)

    data = tmp_path / "moved"
    data.mkdir()
    shutil.copy(settings.key_file, data)
    moved = replace(compose.ports(settings_on(data, target)), now=Clock())
    with database.connection():
        client = compose.application_on(moved).test_client()
        api = Api(client, filled[0].account, filled[0].token)
        assert api.get(1).text("recurring/autobill/card/number") == "************1111"


@pytest.mark.parametrize("at", [1, 5, 20])
def test_a_copy_that_ends_early_leaves_an_empty_target(
    settings: Settings,
    filled: list[Api],  # noqa: ARG001
    place: Callable[[], str],
    at: int,
) -> None:
    target = place()
    database.release()
    told: list[int] = []

    def progress(rows: int, _total: int) -> None:
        told.append(rows)
        if len(told) == min(at, len(storage.NAMES)):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compose.copy(settings.database, target, progress)
    database.proxy.connect(reuse_if_open=True)
    assert not any(snapshot.taken().values())
    assert len(copied(settings.database, target)) == len(storage.NAMES)


def test_a_row_that_the_target_altered_is_noticed(
    settings: Settings,
    filled: list[Api],  # noqa: ARG001
    place: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    insert = storage.insert

    def altering(name: str, batch: list[storage.Row]) -> None:
        insert(name, batch)
        database.execute("UPDATE client SET notes = 'altered'")

    monkeypatch.setattr(storage, "insert", altering)
    with pytest.raises(CopyError, match="client are not what was copied"):
        copied(settings.database, place())
    database.proxy.connect(reuse_if_open=True)
    assert not any(snapshot.taken().values())


@ON_SQLITE
def test_a_row_that_cannot_be_read_is_refused_by_its_table(
    settings: Settings,
    filled: list[Api],  # noqa: ARG001
    place: Callable[[], str],
) -> None:
    with database.writing():
        database.execute("UPDATE invoice SET date = 'tomorrow' WHERE invoice_id = 1")
    with pytest.raises(CopyError, match="a row of invoice cannot be read"):
        copied(settings.database, place())


@ON_SQLITE
def test_a_row_that_the_target_has_no_room_for_is_refused_by_its_table(
    settings: Settings,
    filled: list[Api],  # noqa: ARG001
    place: Callable[[], str],
) -> None:
    target = place()
    if target.startswith("sqlite:"):
        pytest.skip("it takes numbers of any size")
    with database.writing():
        database.execute("UPDATE recurring SET occurrences = 3000000000")
    with pytest.raises(CopyError, match="a row of recurring does not fit"):
        copied(settings.database, target)


def test_a_source_of_another_schema_is_refused(
    settings: Settings, place: Callable[[], str]
) -> None:
    with database.connection(), database.writing():
        database.execute(
            "INSERT INTO schema_migration (name, applied) "
            "VALUES ('9999_next', '2026-01-01 00:00:00')"
        )
    with pytest.raises(SchemaError, match="newer edition"):
        copied(settings.database, place())


def test_a_digest_does_not_depend_on_the_order_but_on_every_value() -> None:
    rows: list[storage.Row] = [(1, "a", None), (2, "b", b"\x00"), (2, "b", b"\x00")]
    digest, turned, other = storage.Digest(), storage.Digest(), storage.Digest()
    for row in rows:
        digest.add(row)
    for row in reversed(rows):
        turned.add(row)
    for row in [*rows[:2], (2, "b", b"\x01")]:
        other.add(row)
    assert digest == turned
    assert str(digest) == str(turned)
    assert digest != other
