"""Rotations that are killed while a server takes and shows cards."""

import http.client
import random
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from typing import Self

import pytest

from app.config import Settings
from tests import due, processes
from tests.api.test_autobill import autobill
from tests.crash.test_server import LoadedServer
from tests.web.test_server import Document, post_on

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

CLIENTS = 2
CARDS = 150
KILLS = 3


class CardServer(LoadedServer):
    """A server of the code that the commands are of."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "PYTHONPATH": str(processes.ROOT)}


class Cards:
    """Clients that put, change, delete and read cards of their own until told to stop.

    `wrong` collects what was not shown as it was acknowledged.
    """

    def __init__(self, server: CardServer, seed: int) -> None:
        self.server = server
        self.stopped = threading.Event()
        self.answered = threading.Semaphore(0)
        self.names: dict[int, str | None] = {}
        self.wrong: list[str] = []
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
        mine: list[int] = []
        try:
            with closing(self.server.connect()) as connection:
                for n in count():
                    if self.stopped.is_set():
                        return
                    self._step(connection, mine, f"Ada {number} {n}", chance)
                    self.answered.release()
        except Exception as error:  # noqa: BLE001 - told by the test
            self.wrong.append(repr(error))

    def _step(
        self,
        connection: http.client.HTTPConnection,
        mine: list[int],
        name: str,
        chance: random.Random,
    ) -> None:
        """Make a profile with a card, or change or delete one's; read it back."""
        if not mine or chance.random() < 0.3:
            made = self._call(
                connection,
                "recurring.create",
                f"<recurring><client_id>1</client_id>{autobill(name=name)}</recurring>",
            )
            mine.append(int(made.text("recurring_id") or 0))
            recurring_id = mine[-1]
        else:
            recurring_id = chance.choice(mine)
            if chance.random() < 0.2:
                name = ""
            card = autobill(name=name) if name else "<autobill/>"
            self._call(
                connection,
                "recurring.update",
                f"<recurring><recurring_id>{recurring_id}</recurring_id>{card}"
                "</recurring>",
            )
        self.names[recurring_id] = name
        for read in (recurring_id, chance.randrange(1, CARDS + 1)):
            got = self._call(
                connection, "recurring.get", f"<recurring_id>{read}</recurring_id>"
            )
            shown = got.text("name") or ""
            expected = self.names.get(read, f"planted {read}")
            if shown != expected:
                self.wrong.append(f"profile {read} shows {shown}, not {expected}")

    def _call(
        self, connection: http.client.HTTPConnection, method: str, content: str
    ) -> Document:
        body = f'<request method="{method}">{content}</request>'
        status, document = post_on(connection, self.server, body)
        assert (status, document.ok) == (200, True), document.text("error")
        return document


@pytest.fixture(name="server")
def server_(settings: Settings) -> Iterator[CardServer]:
    server = CardServer(settings)
    result = server.run("init", "--demo")
    assert result.returncode == 0, result.stderr
    server.start()
    try:
        for number in range(1, CARDS + 1):
            server.create(autobill(name=f"planted {number}"))
        yield server
    finally:
        server.stop()


def test_a_rotation_that_is_killed_under_load_loses_no_card(
    seed: int,
    server: CardServer,
    settings: Settings,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)
    killed = 0
    with due.asking(settings.database) as ask, Cards(server, seed) as load:
        for round_ in range(KILLS):
            assert server.run("keys", "add").returncode == 0
            load.until_answered(5)
            with processes.started(settings, 1, "keys", "rotate") as (rotating,):
                version = round_ + 2
                processes.until(
                    lambda: (
                        rotating.poll() is not None
                        or ask(
                            "SELECT COUNT(*) FROM autobill WHERE key_version = ?",
                            version,  # noqa: B023
                        )
                        > [(chance.randrange(CARDS),)]
                    )
                )
                number = chance.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
                rotating.send_signal(number)
                killed += rotating.wait(processes.PATIENCE_S) != 0
            load.until_answered(10)
        assert server.run("keys", "rotate").returncode == 0
        load.until_answered(20)
        for former in range(1, KILLS + 1):
            assert server.run("keys", "retire", f"k{former}").returncode == 0
        load.until_answered(20)
    assert load.wrong == []
    listed = server.run("keys", "list").stdout
    assert listed.startswith(f"k{KILLS + 1} ")
    assert len(listed.splitlines()) == 1
    assert server.run("doctor").returncode == 0
    assert "Traceback" not in server.log
    assert "cannot" not in server.log
    record_property("cards put while keys were rotated", len(load.names))
    record_property("rotations cut off", killed)
