"""PostgreSQL: its pool of connections, its locks, its view of the data."""

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import psycopg
import pytest

from app.api.methods import METHODS
from app.api.registry import Call, Document
from app.config import Settings
from app.domain.account import Scope
from app.domain.recurring import Profile
from app.services import issuing
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import database
from app.storage import recurring as storage
from app.storage.database import reading, writing
from app.wire.xml import Node
from tests.conftest import ON_POSTGRESQL, Api, Clock

pytestmark = ON_POSTGRESQL

LINES = (
    "<frequency>weekly</frequency><lines><line><name>x</name>"
    "<unit_cost>5</unit_cost><quantity>2</quantity></line></lines>"
)


@pytest.fixture(name="other")
def other_(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Provide a connection of another process, so to speak; it waits for nobody."""
    with psycopg.connect(settings.database, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '50ms'")
        yield connection


def elsewhere(call: Callable[[], object]) -> threading.Thread:
    """Run a call in a thread with a connection of its own."""
    thread = elsewhere_later(call)
    thread.start()
    return thread


def elsewhere_later(call: Callable[[], object]) -> threading.Thread:
    """Return a thread that will run a call on a connection of its own."""

    def run() -> None:
        with database.connection():
            call()

    return threading.Thread(target=run)


def hang_up_everybody(other: psycopg.Connection[Any]) -> None:
    """Do what a restart of the server does to whoever is connected."""
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    # The answer comes before the others are gone.
    gone = (
        "SELECT count(*) = 0 FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    for _ in range(1000):
        row = other.execute(gone).fetchone()
        if row is not None and row[0]:
            return
    raise AssertionError("somebody is still connected")


# Connections.


def test_a_connection_is_given_back_and_used_again(ports: Ports) -> None:  # noqa: ARG001
    pids: set[int] = set()

    def look() -> None:
        pids.add(database.execute("SELECT pg_backend_pid()").fetchone()[0])

    for _ in range(5):
        elsewhere(look).join(timeout=30)
    assert len(pids) == 1


def test_a_request_after_the_server_hung_up_finds_a_new_connection(
    api: Api, other: psycopg.Connection[Any]
) -> None:
    api.create_client()
    database.release()
    with database.connection():
        pass  # one lies in the pool now
    hang_up_everybody(other)

    with database.serving():
        assert api.call("client.list").ok


def test_a_connection_lost_in_a_transaction_loses_the_transaction_alone(
    api: Api, other: psycopg.Connection[Any]
) -> None:
    of = api.account.account_id

    def interrupted() -> None:
        with writing(of):
            database.execute("UPDATE account SET name = 'changed'")
            hang_up_everybody(other)
            database.execute("UPDATE account SET name = 'changed'")

    with pytest.raises(database.DatabaseError, match=r"terminating|closed"):
        interrupted()
    database.proxy.close()

    with database.serving():
        assert api.call("client.list").ok
    assert other.execute("SELECT name FROM account").fetchall() == [("Loom",)]


# Locks.


def test_requests_of_one_account_follow_one_another(
    new_api: Callable[..., Api], other: psycopg.Connection[Any]
) -> None:
    first, second = new_api("First"), new_api("Second")
    lock = "SELECT 1 FROM account WHERE account_id = %s FOR NO KEY UPDATE"

    with writing(first.account.account_id):
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute(lock, (first.account.account_id,))
        other.execute(lock, (second.account.account_id,))


def test_billing_does_not_wait_for_requests_of_its_account(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{LINES}")
    clock.now = clock.now.replace(day=3)
    (batch,) = issuing.due(ports, on=None, test_clocks=False)

    with writing(api.account.account_id):
        billing = elsewhere(lambda: issuing.issue_due(ports, batch))
        billing.join(timeout=30)
        assert not billing.is_alive()

    assert api.invoice_dates(profile) == ["2026-03-03"]


def test_workers_claim_what_no_other_has_in_hand(
    api: Api, ports: Ports, clock: Clock
) -> None:
    client_id = api.create_client()
    for _ in range(4):
        api.create_profile(f"<date>2026-03-03</date>{LINES}", client_id)
    clock.now = clock.now.replace(day=3)
    (batch,) = issuing.due(ports, on=None, test_clocks=False)
    claimed: list[list[int]] = []

    def claim() -> None:
        with writing():
            found = storage.claimed(batch)
            claimed.append([profile.recurring_id for profile in found])

    with writing():
        mine = storage.claimed(batch[1:3])
        elsewhere(claim).join(timeout=30)

    assert [profile.recurring_id for profile in mine] == [2, 3]
    assert claimed == [[1, 4]]


def test_a_profile_in_the_hands_of_a_request_is_left_to_the_next_run(
    api: Api, ports: Ports, clock: Clock
) -> None:
    of = api.account.account_id
    profile = api.create_profile(f"<date>2026-03-03</date>{LINES}")
    clock.now = clock.now.replace(day=3)
    (batch,) = issuing.due(ports, on=None, test_clocks=False)
    issued: list[issuing.Issued] = []

    with writing(of):
        storage.locked(Scope(of), profile)
        elsewhere(lambda: issued.append(issuing.issue_due(ports, batch))).join(30)
    assert issued == [issuing.Issued()]

    assert issuing.issue_due(ports, batch).invoices == 1


def test_a_read_cannot_write(api: Api) -> None:  # noqa: ARG001
    with pytest.raises(database.DatabaseError, match="read-only"), reading():
        database.execute("UPDATE account SET name = 'changed'")


def test_nobody_waits_for_ever(ports: Ports) -> None:  # noqa: ARG001
    def shown(name: str) -> str:
        return str(database.execute(f"SHOW {name}").fetchone()[0])

    assert shown("lock_timeout") == "30s"
    assert shown("idle_in_transaction_session_timeout") == "1min"
    with database.one_of_a_kind("sweep", wait=True):
        assert shown("lock_timeout") == "30s"


def test_a_test_clock_that_billing_moves_is_in_nobodys_way(
    clocked: Api, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Billing moves the clock, a row of the account, once it has claimed the profile; a
    # request locks the account first. Each has what it has when the other comes.
    profile = clocked.create_profile(f"<date>2007-09-05</date>{LINES}")
    account = accounts.get(clocked.account.account_id)
    assert account is not None
    (batch,) = issuing.due_of(account, date(2007, 9, 5))
    answers: list[str] = []
    update = elsewhere_later(lambda: answers.append(clocked.update(profile, "").error))
    claimed = storage.claimed

    def claimed_meanwhile(due: Sequence[storage.Due]) -> list[Profile]:
        found = claimed(due)
        update.start()
        update.join(timeout=1)  # it waits for the account, and not with the profile
        return found

    monkeypatch.setattr(storage, "claimed", claimed_meanwhile)

    assert issuing.issue_due(ports, batch).invoices == 1

    update.join(timeout=30)
    assert answers == [""]


def test_a_server_that_only_reads_is_told_as_unavailable(
    api: Api, other: psycopg.Connection[Any]
) -> None:
    name = database.execute("SELECT current_database()").fetchone()[0]
    other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    database.release()
    with database.serving():
        answer = api.call("client.create", "<client><email>a@b.test</email></client>")
        assert (answer.http.status_code, answer.code) == (503, "10020")
        assert api.call("client.list").ok


@pytest.mark.parametrize("method", ["staff.current", "gateway.list", "system.current"])
def test_a_connection_lost_in_any_method_is_told_as_unavailable(
    api: Api,
    other: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    handler = METHODS[method]

    def cut_off(call: Call) -> Sequence[Node] | Document:
        hang_up_everybody(other)
        return handler(call)

    monkeypatch.setitem(METHODS, method, cut_off)
    with database.serving():
        assert api.call(method).code == "10020"


@pytest.mark.usefixtures("settings")
def test_who_waits_for_a_server_that_is_gone_waits_once() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        engine = database.engine_of(f"postgresql://ada@127.0.0.1:{port}/none")
        with pytest.raises(database.DatabaseError, match="refused"):
            engine.connect()
        with pytest.raises(database.DatabaseError, match="could not be reached"):
            engine.connect()


# The shape of the tables, for those who want to split them by account.


def keys() -> dict[str, list[list[str]]]:
    """Return the columns of each table's unique indexes."""
    rows = database.execute(
        "SELECT t.relname, i.indexrelid, a.attname FROM pg_index i "
        "JOIN pg_class t ON t.oid = i.indrelid "
        "JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public' "
        "CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, place) "
        "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum "
        "WHERE i.indisunique ORDER BY t.relname, i.indexrelid, k.place"
    ).fetchall()
    found: dict[str, list[list[str]]] = {}
    for (table, _), columns in groupby(rows, key=lambda row: row[:2]):
        found.setdefault(table, []).append([column for _, _, column in columns])
    return found


# Small ones that every shard would have whole.
SHARED = {
    "account",
    "key_check",
    "login_failure",
    "schema_migration",
    "token",
    "worker_run",
}


def test_the_accounts_id_leads_every_key(ports: Ports) -> None:  # noqa: ARG001
    found = keys()
    assert {"invoice", "recurring", "client"} <= found.keys()
    assert {
        table: columns
        for table, of_table in found.items()
        for columns in of_table
        if table not in SHARED and columns[0] != "account_id"
    } == {}


@pytest.mark.parametrize("rows", [0, 5000])
def test_what_is_due_is_found_by_its_index(api: Api, clock: Clock, rows: int) -> None:
    profile = api.create_profile(f"<date>2031-01-01</date>{LINES}")
    names = [row[0] for row in database.execute(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_name = 'recurring' ORDER BY ordinal_position"
    ).fetchall()]  # fmt: skip
    picked = [f"{n} + i" if n == "recurring_id" else n for n in names]
    database.execute(
        f"INSERT INTO recurring ({', '.join(names)}) SELECT {', '.join(picked)} "  # noqa: S608
        f"FROM recurring, generate_series(1, {rows}) i"
    )
    database.execute("ANALYZE recurring")
    sql = "EXPLAIN SELECT recurring_id FROM recurring WHERE next_on IS NOT NULL AND "
    sql += "parked_reason = '' AND next_on <= ? ORDER BY next_on LIMIT 500"

    plan = database.execute(sql, (clock.now.date().isoformat(),)).fetchall()

    assert profile == 1
    assert ("recurring_due" in str(plan)) == (rows > 0)
    assert storage.due({"America/New_York": date(2026, 3, 2)}) == []
