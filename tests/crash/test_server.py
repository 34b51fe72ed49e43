"""A server that is killed under load, and what it had acknowledged."""

import http.client
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Self

import pytest

from app.config import Settings
from tests import cluster, due, processes
from tests.conftest import settings_on
from tests.due import Ask
from tests.web.test_server import Document, Server, post_on, watched

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

CLIENTS = 4
VERSIONED = ("po_number", "notes", "terms", "organization")


class LoadedServer(Server):
    """A server on the test's database."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.data, settings.database)
        self.settings = settings

    def api_processes(self) -> list[int]:
        """Return the processes that answer requests: the youngest two."""
        return sorted(self.family())[-2:]


def fields(version: str) -> str:
    return "".join(f"<{name}>{version}</{name}>" for name in VERSIONED) + (
        f"<lines><line><name>{version}</name></line></lines>"
    )


@dataclass
class Written:
    """What one client wrote: for each of its profiles the versions it may have."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, set[str]] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    # Of requests that were cut off while the server was told to stop.
    cut_short: set[str] = field(default_factory=set)


class Load:
    """Clients that create, change and read profiles of their own until told to stop."""

    def __init__(self, server: LoadedServer, seed: int) -> None:
        self.server = server
        self.stopped = threading.Event()
        self.stopping = False
        self.answered = threading.Semaphore(0)
        self.written = [Written() for _ in range(CLIENTS)]
        self.first_good = threading.Event()
        self._threads = [
            threading.Thread(target=self._client, args=(n, random.Random(seed + n)))
            for n in range(CLIENTS)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self._threads:
            thread.join(processes.PATIENCE_S)

    def until_answered(self, number: int) -> None:
        for _ in range(number):
            assert self.answered.acquire(timeout=processes.PATIENCE_S)

    def _client(self, number: int, chance: random.Random) -> None:
        mine = self.written[number]
        for n in count():
            if self.stopped.is_set():
                return
            tag = chance.choice([f"{number}-{n}", *mine.ids])
            version = f"{tag}/{n}"
            with closing(self.server.connect()) as connection:
                try:
                    self._step(connection, mine, tag, version)
                except (OSError, http.client.HTTPException):
                    if version in mine.unknown.get(tag, ()) and self.stopping:
                        mine.cut_short.add(version)
                    self.stopped.wait(0.01)

    def _step(
        self,
        connection: http.client.HTTPConnection,
        mine: Written,
        tag: str,
        version: str,
    ) -> None:
        """Create a profile, or change one and read it back."""
        known = mine.ids.get(tag)
        unknown = mine.unknown.setdefault(tag, set())
        unknown.add(version)
        if known is None:
            of = "<client_id>1</client_id>"
            document = self._call(connection, "recurring.create", of, version)
        else:
            of = f"<recurring_id>{known}</recurring_id>"
            document = self._call(connection, "recurring.update", of, version)
        if document is None:
            return
        if known is None:
            mine.ids[tag] = int(document.text("recurring_id") or 0)
        mine.acknowledged[tag] = version
        # What came before is written over; what was cut off cannot come after it.
        unknown.clear()
        got = self._call(
            connection, "recurring.get", f"<recurring_id>{mine.ids[tag]}</recurring_id>"
        )
        if got is not None and got.text("notes") != version:
            mine.stale.append(version)

    def _call(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        of: str,
        version: str = "",
    ) -> Document | None:
        content = f"<recurring>{of}{fields(version)}</recurring>" if version else of
        body = f'<request method="{method}">{content}</request>'
        status, document = post_on(connection, self.server, body)
        if status == 503:
            assert document.text("code") == "10020"
            return None
        assert document.ok, document.text("error")
        self.answered.release()
        self.first_good.set()
        return document


def check(ask: Ask, load: Load) -> int:
    """Compare what was acknowledged with the rows; return how many profiles."""
    stored: dict[str, str] = {}
    for row in ask(
        "SELECT r.po_number, r.notes, r.terms, r.organization, l.name FROM recurring r "
        "LEFT JOIN recurring_line l ON l.account_id = r.account_id "
        "AND l.recurring_id = r.recurring_id"
    ):
        assert len(set(row)) == 1, "half a write"
        tag, _, _ = row[0].partition("/")
        assert tag not in stored, "a write that was done twice"
        stored[tag] = row[0]
    for written in load.written:
        assert written.stale == []
        for tag, version in written.acknowledged.items():
            assert stored[tag] in {version, *written.unknown[tag]}, "a lost write"
        assert written.cut_short.isdisjoint(stored.values())
        assert all(
            stored[tag] in versions
            for tag, versions in written.unknown.items()
            if tag in stored and tag not in written.acknowledged
        )
    assert {tag for written in load.written for tag in written.acknowledged} <= set(
        stored
    )
    # Each had its first invoice at once, of the version with which it was created.
    assert ask(
        "SELECT r.account_id, r.recurring_id FROM recurring r LEFT JOIN invoice i "
        "ON i.account_id = r.account_id AND i.recurring_id = r.recurring_id "
        "WHERE i.invoice_id IS NULL"
    ) == ask(
        "SELECT i.account_id, i.invoice_id FROM invoice i JOIN invoice_line l "
        "ON l.account_id = i.account_id AND l.invoice_id = i.invoice_id WHERE "
        "l.name <> i.po_number OR l.name <> i.notes OR l.name <> i.organization"
    )
    assert due.misbooked(ask) == {}
    return len(stored)


@pytest.fixture(name="server")
def server_(settings: Settings) -> Iterator[LoadedServer]:
    server = LoadedServer(settings)
    result = server.run("init", "--demo")
    assert result.returncode == 0, result.stderr
    server.start()
    yield server
    server.stop()


def test_a_server_that_is_killed_keeps_what_it_acknowledged(
    seed: int, server: LoadedServer, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(seed)
    with due.asking(server.settings.database) as ask:
        with Load(server, seed) as load:
            load.until_answered(chance.randrange(20, 200))
            server.kill()
            load.first_good.clear()
            killed_at = time.monotonic()
            server.start()
            assert load.first_good.wait(processes.PATIENCE_S)
            record_property("seconds to an answer", time.monotonic() - killed_at)

            load.until_answered(chance.randrange(20, 200))
            os.kill(chance.choice(server.api_processes()), signal.SIGKILL)

            load.until_answered(chance.randrange(20, 200))
            with watched(server.family()) as still_running:
                load.stopping = True
                assert server.stop() == 0
                assert still_running() == []
            server.start()
            load.stopping = False
            load.until_answered(CLIENTS * 10)
        profiles = check(ask, load)
    assert server.run("doctor").returncode == 0
    assert "Traceback" not in server.log
    record_property("profiles acknowledged", profiles)


@pytest.fixture(name="postgresql")
def postgresql_() -> Iterator[cluster.Cluster]:
    """Provide a PostgreSQL to be stopped, as durable as it comes."""
    if cluster.missing():
        pytest.skip("there is no PostgreSQL")
    durable = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    with cluster.controlled(None, **durable) as server:
        yield server


def test_a_database_that_crashes_is_found_again_by_server_and_worker(
    seed: int,
    postgresql: cluster.Cluster,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)
    settings = settings_on(tmp_path / "var", f"{postgresql.url}/postgres")
    server = LoadedServer(settings)
    assert server.run("init", "--demo").returncode == 0
    server.start()
    try:
        with Load(server, seed) as load:
            load.until_answered(chance.randrange(20, 200))
            family = server.family()
            postgresql.crash()
            load.first_good.clear()
            postgresql.start()
            assert load.first_good.wait(processes.PATIENCE_S)
            load.until_answered(chance.randrange(50, 200))
        assert server.family() == family
        with due.asking(settings.database) as ask:
            profiles = check(ask, load)
            assert server.run("doctor").returncode == 0
            # The worker finds it again, too.
            ask("UPDATE recurring SET anchor_on = '2020-01-31', occurrences = 2, "
                "next_on = '2020-01-31' WHERE recurring_id = 1")  # fmt: skip
            processes.until(
                lambda: (
                    ask("SELECT MIN(CAST(date AS TEXT)) FROM invoice")[0]
                    == ("2020-01-31",)
                )
            )
    finally:
        server.stop()
    record_property("profiles acknowledged by a database that crashed", profiles)
