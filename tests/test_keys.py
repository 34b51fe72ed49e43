"""The `perennial keys` commands: rings that grow, turn over and lose what is done."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import compose
from app.cli import main
from app.config import Settings
from app.services import rotation
from app.services.ports import Ports
from app.storage import data_key, database
from app.storage.database import writing
from app.vault import keys
from tests import snapshot
from tests.api.test_autobill import autobill, shown
from tests.conftest import ON_SQLITE, Api, settings_on
from tests.test_upkeep import done, mode, refused

Run = Callable[..., Result]


@pytest.fixture(name="run")
def run_(settings: Settings) -> Iterator[Run]:
    """Provide a runner of commands on the test's database."""
    mask = os.umask(0o022)  # a careless operator's

    def run(*arguments: str, ring: str = "", of: Settings = settings) -> Result:
        database.release()
        environment = {
            "PERENNIAL_DATA": str(of.data),
            "PERENNIAL_DATABASE": of.database,
            **({"PERENNIAL_KEYS": ring} if ring else {}),
        }
        result = CliRunner().invoke(main, arguments, env=environment)
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result

    yield run
    os.umask(mask)
    database.proxy.close()


@pytest.fixture(name="card")
def card_(api: Api) -> Api:
    """Provide an account with a card."""
    api.create_profile(autobill())
    return api


def ring_ids(settings: Settings) -> list[str]:
    return list(keys.load(settings).keys)


def known() -> set[str]:
    return set(data_key.checks())


def wrapped() -> dict[str, int]:
    return data_key.counts()


def opens(settings: Settings, api: Api) -> bool:
    """Whether a server that starts now shows the account's card."""
    client = compose.application_on(compose.ports(settings)).test_client()
    return shown(Api(client, api.account, api.token).get(1)) is not None


def text_of(settings: Settings) -> str:
    """Return the ring as it stands in an environment: without comments, on a line."""
    lines = settings.key_file.read_text("ascii").splitlines()
    return " ".join(line.partition("#")[0].strip() for line in lines).strip()


def test_a_key_is_added_rotated_to_and_retired(
    run: Run, settings: Settings, card: Api
) -> None:
    told = done(run("keys", "add"))
    assert f"added the key k2 to {settings.key_file}" in told
    assert "next: perennial keys rotate" in told
    assert ring_ids(settings) == ["k1", "k2"]
    assert mode(settings.key_file) == 0o600
    assert known() == {"k1", "k2"}
    assert wrapped() == {"k1": 1}

    told = done(run("keys", "rotate"))
    assert "made 1 new data keys by the key k2\n" in told
    assert "sealed 1 rows again\n" in told
    assert told.endswith("everything is sealed by the key k2\n")
    assert wrapped() == {"k2": 1}

    assert "removed the key k1" in done(run("keys", "retire", "k1"))
    assert ring_ids(settings) == ["k2"]
    assert mode(settings.key_file) == 0o600
    assert known() == {"k2"}
    assert opens(settings, card)
    done(run("doctor"))
    assert "k3" in done(run("keys", "add"))


def test_a_key_can_have_an_id_of_ones_own(run: Run, settings: Settings) -> None:
    done(run("keys", "add", "--id", "2026-03"))
    assert ring_ids(settings) == ["k1", "2026-03"]
    refused(run("keys", "add", "--id", "2026-03"), "'2026-03'", "another id")
    refused(run("keys", "add", "--id", "a:b"), "letters")
    assert ring_ids(settings) == ["k1", "2026-03"]


@pytest.mark.usefixtures("card")
def test_keys_are_listed_with_what_is_known_of_them(
    run: Run, settings: Settings
) -> None:
    assert done(run("keys", "list")) == "k1           wraps 1 data keys  (active)\n"
    done(run("keys", "add"))
    first, second = done(run("keys", "list")).splitlines()
    assert first == "k1           wraps 1 data keys"
    assert second.startswith("k2           wraps 0 data keys  since 20")
    assert second.endswith("(active)")
    for entry in keys.load(settings).keys.values():
        assert repr(entry) not in first + second


@pytest.mark.usefixtures("card")
def test_keys_that_only_one_side_knows_are_marked(run: Run, settings: Settings) -> None:
    ring = settings.key_file.read_text("ascii")
    settings.key_file.write_text(f"{ring}\n{keys.new_entry('k9')}\n")
    listed = done(run("keys", "list")).splitlines()
    assert listed[1] == (
        "k9           wraps 0 data keys  (active, not known to the database yet)"
    )
    settings.key_file.write_text(f"{keys.new_entry('k9')}\n")
    listed = done(run("keys", "list")).splitlines()
    assert listed[1] == "k1           wraps 1 data keys  (MISSING from the key ring)"
    settings.key_file.unlink()
    assert "MISSING" in done(run("keys", "list"))


def test_with_the_ring_in_the_environment_a_key_is_shown_and_nothing_changed(
    run: Run, settings: Settings, card: Api
) -> None:
    ring = text_of(settings)
    settings.key_file.unlink()
    before = snapshot.taken()
    lines = done(run("keys", "add", ring=ring)).splitlines()
    assert "PERENNIAL_KEYS" in lines[0]
    (entry,) = (line for line in lines if line.startswith("k2:"))
    assert snapshot.taken() == before
    assert not settings.key_file.exists()

    both = f"{ring} {entry}"
    done(run("keys", "rotate", ring=both))
    assert wrapped() == {"k2": 1}
    told = done(run("keys", "retire", "k1", ring=both))
    assert "remove the entry that begins with k1: from PERENNIAL_KEYS" in told
    assert known() == {"k2"}
    done(run("doctor", ring=both))
    done(run("doctor", ring=entry))
    settings.key_file.write_text(entry)
    assert opens(settings, card)


def test_a_key_that_is_needed_is_not_retired(
    run: Run, settings: Settings, card: Api
) -> None:
    before = settings.key_file.read_bytes()
    refused(run("keys", "retire", "k1"), "'k1' is the active one", "keys add")
    refused(run("keys", "retire", "k7"), "no key 'k7'", "keys list")
    assert settings.key_file.read_bytes() == before
    done(run("keys", "add"))
    before = settings.key_file.read_bytes()
    refused(run("keys", "retire", "k1"), "'k1' still wraps 1 data keys", "keys rotate")
    refused(run("keys", "retire", "k2"), "'k2' is the active one")
    assert settings.key_file.read_bytes() == before
    assert known() == {"k1", "k2"}
    assert opens(settings, card)


@pytest.mark.usefixtures("card")
def test_a_key_that_is_used_at_this_moment_is_not_retired(
    run: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(run("keys", "add"))
    monkeypatch.setattr(data_key, "counts", dict)
    refused(run("keys", "retire", "k1"), "'k1' still", "keys rotate")
    assert ring_ids(settings) == ["k1", "k2"]
    assert known() == {"k1", "k2"}


@pytest.mark.usefixtures("card")
def test_a_retirement_that_was_cut_off_is_done_again(
    run: Run, settings: Settings
) -> None:
    done(run("keys", "add"))
    done(run("keys", "rotate"))
    with writing():
        data_key.delete_check("k1")
    done(run("doctor"))
    done(run("keys", "retire", "k1"))
    assert ring_ids(settings) == ["k2"]


def test_an_addition_that_was_cut_off_is_known_at_the_next_start(run: Run) -> None:
    done(run("keys", "add"))
    with writing():
        data_key.delete_check("k2")
    done(run("doctor"))
    assert known() == {"k1", "k2"}


@pytest.mark.usefixtures("card")
def test_a_rotation_without_a_new_key_has_nothing_to_do(run: Run) -> None:
    before = snapshot.taken()
    told = done(run("keys", "rotate"))
    assert "made 0 new data keys by the key k1\n" in told
    assert snapshot.taken() == before


@pytest.mark.usefixtures("card")
def test_a_rotation_that_could_not_open_a_card_fails_and_names_it(run: Run) -> None:
    done(run("keys", "add"))
    with writing():
        database.execute("UPDATE autobill SET sealed = ?", (bytes(60),))
    result = run("keys", "rotate")
    assert result.exit_code == 1
    assert "left as it is: autobill 1 of account 1;" in result.stderr
    assert "the key k1 still wraps 1 data keys\n" in result.stderr
    assert "everything is sealed" not in result.stdout
    refused(run("keys", "retire", "k1"), "'k1' still wraps 1 data keys")


@pytest.mark.usefixtures("card")
def test_a_rotation_that_is_told_to_stop_says_so_and_goes_on_later(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    done(run("keys", "add"))
    renew = rotation._renew

    def told_to_stop(ports: Ports, account_id: int) -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        return renew(ports, account_id)

    former = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(rotation, "_renew", told_to_stop)
    result = run("keys", "rotate")
    assert result.exit_code == 1
    assert "there is more to do: run it again" in result.stderr
    assert signal.getsignal(signal.SIGTERM) is former
    monkeypatch.undo()
    assert "sealed 1 rows again" in done(run("keys", "rotate"))


# Rings that do not belong to their database.

DAMAGE: dict[str, Callable[[str, str], str]] = {
    "the older is missing": lambda _old, new: new,
    "the newer is missing": lambda old, _new: old,
    "empty": lambda _old, _new: "",
    "the older is another": lambda _old, new: f"{keys.new_entry('k1')} {new}",
    "the newer is another": lambda old, _new: f"{old} {keys.new_entry('k2')}",
    "swapped": lambda old, new: f"k1:{new[3:]} k2:{old[3:]}",
    "truncated": lambda old, new: f"{old} {new[:-5]}",
}
NAMED = {
    "the older is missing": "'k1' is missing",
    "the newer is missing": "'k2' is missing",
    "empty": "'k1' is missing",
    "the older is another": "'k1'",
    "the newer is another": "'k2'",
    "swapped": "'k1'",
    "truncated": "'k2'",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_of_two_keys_each_is_named_where_it_is_wrong_and_nothing_is_lost(
    run: Run, settings: Settings, new_api: Callable[..., Api], damage: str
) -> None:
    one, two = new_api("Loom"), new_api("Tick")
    for api in (one, two):
        api.create_profile(autobill())
    done(run("keys", "add"))
    # Cut off when the first account has its new data key.
    rotation._renew(compose.ports(settings), one.account.account_id)
    assert wrapped() == {"k1": 2, "k2": 1}
    whole = settings.key_file.read_bytes()
    before = snapshot.taken()
    ring = DAMAGE[damage](*text_of(settings).split())

    settings.key_file.write_text(ring)
    for command in (["doctor"], ["bill"], ["keys", "add"], ["keys", "rotate"]):
        refused(run(*command), NAMED[damage], "restore")
    assert settings.key_file.read_text() == ring
    assert snapshot.taken() == before

    settings.key_file.write_bytes(whole)
    assert opens(settings, one)
    assert opens(settings, two)
    done(run("keys", "rotate"))
    assert wrapped() == {"k2": 2}
    assert opens(settings, one)
    assert opens(settings, two)


@ON_SQLITE
def test_a_backup_from_before_a_retirement_names_the_key_that_it_needs(
    run: Run, settings: Settings, card: Api, tmp_path: Path
) -> None:
    former = settings.key_file.read_bytes()
    backup = tmp_path / "backup"
    done(run("backup", str(backup)))
    for command in (["add"], ["rotate"], ["retire", "k1"]):
        done(run("keys", *command))
    elsewhere = settings_on(tmp_path / "elsewhere")
    done(run("restore", str(backup), of=elsewhere))
    shutil.copy(settings.key_file, elsewhere.key_file)
    restored = tmp_path / "elsewhere" / "perennial.sqlite"
    bytes_before = restored.read_bytes()

    refused(run("doctor", of=elsewhere), "'k1' is missing", "restore the key ring")

    assert restored.read_bytes() == bytes_before
    assert "k1           wraps 1 data keys  (MISSING" in done(
        run("keys", "list", of=elsewhere)
    )
    refused(run("keys", "retire", "k1", of=elsewhere), "'k1' still wraps 1")
    elsewhere.key_file.write_bytes(former + settings.key_file.read_bytes())
    done(run("doctor", of=elsewhere))
    assert opens(elsewhere, card)
    database.configure(settings.database)


@ON_SQLITE
def test_a_backup_from_just_before_a_retirement_can_do_without_the_key(
    run: Run, settings: Settings, card: Api, tmp_path: Path
) -> None:
    done(run("keys", "add"))
    done(run("keys", "rotate"))
    backup = tmp_path / "backup"
    done(run("backup", str(backup)))
    done(run("keys", "retire", "k1"))
    elsewhere = settings_on(tmp_path / "elsewhere")
    done(run("restore", str(backup), of=elsewhere))
    shutil.copy(settings.key_file, elsewhere.key_file)
    refused(run("doctor", of=elsewhere), "'k1' is missing")
    assert "forgotten the key k1" in done(run("keys", "retire", "k1", of=elsewhere))
    done(run("doctor", of=elsewhere))
    assert opens(elsewhere, card)
    database.configure(settings.database)


@ON_SQLITE
@pytest.mark.usefixtures("card")
def test_of_a_retired_data_key_no_byte_is_left_in_the_file(
    run: Run, settings: Settings
) -> None:
    ((former,),) = database.execute("SELECT wrapped FROM data_key").fetchall()
    done(run("keys", "add"))
    done(run("keys", "rotate"))
    database.release()
    file = settings.data / "perennial.sqlite"
    with closing(sqlite3.connect(file)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert bytes(former) not in file.read_bytes()
