"""Rotating keys: everything is sealed again, nothing is lost, whatever happens."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.config import Settings
from app.domain.data_key import WrappedKey
from app.services import rotation
from app.services.ports import Ports
from app.storage import data_key, database, sealed, tables
from app.storage.database import writing
from app.vault import keys
from app.vault.cards import Belonging, GatewayPlace, Place, Vault
from app.vault.keys import KeyProblemError, KeyRing
from tests import snapshot
from tests.api.test_autobill import MASK, autobill
from tests.conftest import NOW, Api
from tests.vault.test_cards import CARD

Two = tuple[Api, Api]


class Crash(BaseException):
    """The end of a process."""


def ring_of(settings: Settings, *more: str) -> KeyRing:
    """Return the test's ring with more keys."""
    ring = keys.load(settings)
    return replace(ring, keys={**ring.keys, **{key: bytes(32) for key in more}})


@pytest.fixture(name="ports")
def ports_(ports: Ports, settings: Settings) -> Ports:
    """Provide the ports of a server that began before the ring had a second key."""
    vault = Vault(keys.load(settings), reread=lambda: ring_of(settings, "k2"))
    return replace(ports, vault=vault)


@pytest.fixture(name="newer")
def newer_(ports: Ports, settings: Settings) -> Ports:
    """Provide the ports of a process whose ring has one key more, as proved."""
    vault = Vault(ring_of(settings, "k2"))
    with writing():
        data_key.insert_check(*vault.check())
    return replace(ports, vault=vault)


@pytest.fixture(name="two")
def two_(new_api: Callable[..., Api]) -> Two:
    """Provide two accounts with three cards and an idempotency key each."""
    return filled(new_api("Loom")), filled(new_api("Tick"))


def filled(api: Api, cards: int = 3) -> Api:
    client_id = api.create_client()
    for number in range(cards):
        api.create_profile(autobill(name=f"Ada {number}"), client_id)
    repeated(api)
    return api


def repeated(api: Api) -> bytes:
    """Send the same request under the same key; return its answer."""
    answer = api.post(
        '<request method="client.create"><client><email>eve@tick.test</email></client>'
        "</request>",
        headers={"Idempotency-Key": "once"},
    )
    assert answer.ok, answer.error
    return bytes(answer.http.data)


def names(api: Api) -> list[str]:
    """Return the holders of an account's cards, as it is shown them."""
    found = api.call("recurring.list")
    assert set(found.all("number")) <= {MASK}
    return sorted(found.all("name"))


ALL = ["Ada 0", "Ada 1", "Ada 2"]


def wrapped() -> list[tuple[Any, ...]]:
    """Return account, version and key of every data key."""
    return sorted(
        database.execute("SELECT account_id, version, key_id FROM data_key").fetchall()
    )


def sealed_by(table: str) -> set[int]:
    """Return the versions of data keys by which a table is sealed."""
    sql = f"SELECT DISTINCT key_version FROM {table}"  # noqa: S608
    return {version for (version,) in database.execute(sql)}


def test_a_rotation_seals_everything_again_and_leaves_no_old_key(
    two: Two, newer: Ports
) -> None:
    assert wrapped() == [(1, 1, "k1"), (2, 1, "k1")]
    answers = [repeated(api) for api in two]

    report = rotation.rotate(newer)

    assert report.ok
    assert (report.new_keys, report.resealed, report.deleted) == (2, 8, 2)
    assert wrapped() == [(1, 2, "k2"), (2, 2, "k2")]
    assert sealed_by("autobill") == sealed_by("idempotency_key") == {2}
    assert [names(api) for api in two] == [ALL, ALL]
    assert [repeated(api) for api in two] == answers


def test_a_second_rotation_has_nothing_to_do(two: Two, newer: Ports) -> None:
    rotation.rotate(newer)
    before = snapshot.taken()
    report = rotation.rotate(newer)
    assert report.ok
    assert (report.new_keys, report.resealed, report.deleted) == (0, 0, 0)
    assert snapshot.taken() == before
    assert names(two[0]) == ALL


@pytest.mark.usefixtures("two")
def test_what_is_sealed_changes_byte_for_byte(newer: Ports) -> None:
    before = snapshot.taken()
    rotation.rotate(newer)
    after = snapshot.taken()
    changed = {table for table in snapshot.TABLES if before[table] != after[table]}
    assert changed == {"data_key", "autobill", "idempotency_key"}
    for table in ("autobill", "idempotency_key"):
        assert not {repr(row) for row in before[table]} & {
            repr(row) for row in after[table]
        }


@pytest.mark.usefixtures("two")
def test_every_row_is_looked_at_and_told_once(
    newer: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    told: list[tuple[int, int]] = []
    report = rotation.rotate(newer, lambda rows, total: told.append((rows, total)))
    assert report.resealed == 8
    assert {total for _, total in told} == {8}
    assert sum(rows for rows, _ in told) == 8
    assert max(rows for rows, _ in told) == 2


def test_data_keys_seal_anew_as_soon_as_there_are_newer_ones(
    two: Two, newer: Ports
) -> None:
    # Stopped when each account has a new data key and nothing else is done.
    steps = iter([False, True])
    report = rotation.rotate(newer, stop=lambda: next(steps))
    assert report.stopped
    assert wrapped() == [(1, 1, "k1"), (1, 2, "k2"), (2, 1, "k1"), (2, 2, "k2")]
    assert sealed_by("autobill") == {1}

    two[0].create_profile(autobill(name="Eve"))

    assert sealed_by("autobill") == {1, 2}
    assert names(two[0]) == [*ALL, "Eve"]
    assert rotation.rotate(newer).resealed == 8


def test_a_rotation_that_is_stopped_after_any_transaction_is_continued(
    two: Two, newer: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    prepared = snapshot.taken()
    count = 0

    def counting() -> bool:
        nonlocal count
        count += 1
        return False

    assert rotation.rotate(newer, stop=counting).ok
    for number in range(1, count):
        snapshot.put_back(prepared)
        steps = iter([*[False] * (number - 1), True])
        report = rotation.rotate(newer, stop=lambda: next(steps))  # noqa: B023
        assert report.stopped
        assert not report.ok
        assert [names(api) for api in two] == [ALL, ALL]
        assert rotation.rotate(newer).ok
        assert wrapped() == [(1, 2, "k2"), (2, 2, "k2")]
        assert [names(api) for api in two] == [ALL, ALL]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_rotation_that_dies_at_any_statement_loses_nothing_and_is_continued(
    api: Api, newer: Ports, *, done: bool
) -> None:
    filled(api, cards=1)
    answer = repeated(api)
    prepared = snapshot.taken()
    with snapshot.dying_at(0, Crash) as statements:
        assert rotation.rotate(newer).ok
    assert len(statements) > 20
    for number in range(1, len(statements) + 1):
        snapshot.put_back(prepared)
        with snapshot.dying_at(number, Crash, done=done), pytest.raises(Crash):
            rotation.rotate(newer)
        snapshot.connection_lost()
        where = f"after dying at {statements[number - 1]}"
        assert names(api) == ["Ada 0"], where
        assert rotation.rotate(newer).ok, where
        assert wrapped() == [(1, 2, "k2")], where
        assert names(api) == ["Ada 0"], where
        assert repeated(api) == answer, where


def test_a_card_that_does_not_open_is_named_left_and_keeps_its_data_key(
    two: Two, newer: Ports, caplog: pytest.LogCaptureFixture
) -> None:
    with writing():
        database.execute(
            "UPDATE autobill SET sealed = ? WHERE account_id = 2 AND recurring_id = 2",
            (bytes(60),),
        )
    report = rotation.rotate(newer)
    assert not report.ok
    assert [str(row) for row in report.unopened] == ["autobill 2 of account 2"]
    assert report.resealed == 7
    assert report.left == {"k1": 1}
    assert wrapped() == [(1, 2, "k2"), (2, 1, "k1"), (2, 2, "k2")]
    ((kept,),) = database.execute(
        "SELECT sealed FROM autobill WHERE key_version = 1"
    ).fetchall()
    assert bytes(kept) == bytes(60)
    assert names(two[0]) == ALL
    assert names(two[1]) == ["Ada 0", "Ada 2"]

    # A new card in its place lets the next one go through.
    two[1].update(2, autobill(name="Ada 1"))
    report = rotation.rotate(newer)
    assert report.ok
    assert report.deleted == 1
    assert names(two[1]) == ALL
    assert "4111" not in caplog.text


def test_rows_that_do_not_open_keep_no_others_from_their_turn(
    two: Two, newer: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    with writing():
        database.execute(
            "UPDATE autobill SET sealed = ? WHERE recurring_id < 3", (bytes(60),)
        )
    steps = iter([False] * 50)
    report = rotation.rotate(newer, stop=lambda: next(steps))
    assert len(report.unopened) == 4
    assert [names(api) for api in two] == [["Ada 2"], ["Ada 2"]]
    assert report.resealed == 4


def test_a_data_key_that_cannot_be_unwrapped_stops_no_other(
    two: Two, newer: Ports
) -> None:
    with writing():
        database.execute(
            "UPDATE data_key SET wrapped = ? WHERE account_id = 1", (bytes(60),)
        )
    report = rotation.rotate(newer)
    assert len(report.unopened) == 4
    assert {row.account_id for row in report.unopened} == {1}
    assert report.left == {"k1": 1}
    assert names(two[0]) == []
    assert names(two[1]) == ALL
    # What is entered again is sealed by the new one.
    two[0].update(1, autobill(name="Ada 0"))
    assert names(two[0]) == ["Ada 0"]


class Racing(Vault):
    """A vault that lets something else happen while a row is sealed again."""

    def __init__(self, ring: KeyRing, meanwhile: Callable[[], object]) -> None:
        super().__init__(ring)
        self.meanwhile = meanwhile

    def reseal(
        self, sealed: bytes, of: Belonging, former: WrappedKey, key: WrappedKey
    ) -> bytes:
        again = super().reseal(sealed, of, former, key)
        self.meanwhile()
        return again


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("DELETE FROM autobill", None),
        ("UPDATE autobill SET sealed = ?, key_version = 2", 2),
        ("UPDATE autobill SET sealed = ?", 1),
    ],
    ids=["deleted", "put anew", "put anew by the old key"],
)
def test_a_card_that_is_changed_meanwhile_is_not_overwritten(
    newer: Ports, settings: Settings, statement: str, left: int | None
) -> None:
    sql = f"{statement} WHERE account_id = 1 AND recurring_id = 1"
    values = (b"another card",) * sql.count("?")
    vault = Racing(ring_of(settings, "k2"), lambda: database.execute(sql, values))
    report = rotation.rotate(replace(newer, vault=vault))
    found = database.execute(
        "SELECT key_version, sealed FROM autobill "
        "WHERE account_id = 1 AND recurring_id = 1"
    ).fetchall()
    if left is None:
        assert found == []
        assert report.ok
    else:
        ((version, kept),) = found
        assert (version, bytes(kept)) == (left, b"another card")
        assert report.left == ({"k1": 1} if left == 1 else {})


def test_a_row_that_is_sealed_by_a_data_key_at_its_deletion_keeps_it(
    two: Two, newer: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "versions", lambda _account_id: set())
    with writing():
        database.execute(
            "UPDATE autobill SET sealed = ? WHERE account_id = 1 AND recurring_id = 1",
            (bytes(60),),
        )
    report = rotation.rotate(newer)
    assert report.left == {"k1": 1}
    assert names(two[0]) == ["Ada 1", "Ada 2"]


def test_without_the_old_key_nothing_is_lost(
    two: Two, newer: Ports, settings: Settings
) -> None:
    lacking = KeyRing(keys={"k2": bytes(32)}, source="a ring")
    report = rotation.rotate(replace(newer, vault=Vault(lacking)))
    assert len(report.unopened) == 8
    assert report.deleted == 0
    assert [names(api) for api in two] == [ALL, ALL]
    assert rotation.rotate(newer).ok
    assert [names(api) for api in two] == [ALL, ALL]
    with pytest.raises(KeyProblemError, match="no key"):
        rotation.rotate(replace(newer, vault=Vault(replace(lacking, keys={}))))
    assert settings.key_file.exists()


def test_cards_of_clients_and_charges_and_settings_of_gateways_are_sealed_again(
    api: Api, ports: Ports, newer: Ports
) -> None:
    api.create_profile("<lines><line><unit_cost>5</unit_cost></line></lines>")
    former = data_key.all_of(1)[1]
    places = [
        Place(account_id=1, noun=noun, record_id=7) for noun in ("card", "charge")
    ]
    gateway = GatewayPlace(account_id=1, name="Authorize.Net")
    by_card, by_charge = (
        {"key_version": 1, "sealed": ports.vault.seal(CARD, place, former)}
        for place in places
    )
    kept = {
        "account_id": 1,
        "gateway_name": "Authorize.Net",
        "last_four": "1111",
        "brand": "VISA",
    }
    with writing():
        tables.Card.insert(
            card_id=7, client_id=1, folder="active", updated_at=NOW, **kept, **by_card
        ).execute()
        tables.Card.insert(
            card_id=8, client_id=1, folder="deleted", updated_at=NOW, **kept
        ).execute()
        tables.Charge.insert(
            charge_id=7,
            invoice_id=1,
            invoice_number="0000001",
            attempt_no=1,
            key="k",
            automatic=True,
            amount_minor=500,
            currency_code="USD",
            state="sent",
            reason="",
            message="",
            reference="",
            made_on=NOW.date(),
            created_at=NOW,
            checks=0,
            **kept,
            **by_charge,
        ).execute()
        tables.GatewaySettings.insert(
            account_id=1,
            name="Authorize.Net",
            key_version=1,
            sealed=ports.vault.seal_settings({"login": "loom"}, gateway, former),
        ).execute()

    report = rotation.rotate(newer)

    assert report.ok
    assert report.resealed == 3
    newest = data_key.all_of(1)[2]
    for table, place in zip(("card", "charge"), places, strict=True):
        ((sealed,),) = database.execute(
            f"SELECT sealed FROM {table} WHERE key_version = 2"  # noqa: S608
        ).fetchall()
        assert newer.vault.open(bytes(sealed), place, newest) == CARD
    ((sealed,),) = database.execute("SELECT sealed FROM gateway_settings").fetchall()
    opened = newer.vault.open_settings(bytes(sealed), gateway, newest)
    assert opened == {"login": "loom"}


def test_every_sealed_column_is_known_to_the_rotation() -> None:
    tables_sealed = {
        model._meta.table_name
        for model in tables.ALL
        if "key_version" in model._meta.fields
    }
    assert {column.table for column in sealed.COLUMNS} == tables_sealed
