"""Measure one process: CPU per request, late pages, billing runs.

Everything is measured in one run on one machine, so that the ratios mean something
whatever the machine; figures in milliseconds are CPU time of the server's side, from
the WSGI call to the answer's bytes (the bytes of HTTP itself are not parsed here).
"""

import base64
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient

from app import compose
from app.config import Settings
from app.engine import run
from app.services import account as accounts
from app.services.account import NewAccount
from app.services.counting import RequestCounter
from app.services.ports import Ports
from app.storage import database
from app.vault import keys
from app.vault.cards import Vault
from tests import due

MANY = 100_000
PATH = "/api/2.1/xml-in"
START = datetime(2026, 3, 2, 15, tzinfo=UTC)

CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>4111 1111 1111 1111</number><name>Ada Byron</name>"
    "<expiration><month>4</month><year>2031</year></expiration></card></autobill>"
)


class Bench:
    """An account on a database of its own."""

    def __init__(self, folder: str, url: str | None = None) -> None:
        settings = self.settings(folder, url)
        compose.initialise(settings)
        self.now = START
        self.ports = Ports(
            vault=Vault(keys.load(settings)),
            now=lambda: self.now,
            secret=compose.ports(settings).secret,
            requests=RequestCounter(),
            url=settings.url,
            domains=settings.domains,
            outbox=settings.data,
        )
        database.proxy.connect()
        self.client: FlaskClient = compose.application_on(self.ports).test_client()
        self.account("Bench")

    @staticmethod
    def settings(folder: str, url: str | None) -> Settings:
        chosen = {} if url is None else {"PERENNIAL_DATABASE": url}
        return Settings.from_environment({"PERENNIAL_DATA": folder, **chosen})

    def account(self, name: str) -> None:
        """Make an account with a client, and speak for it from now on."""
        account, token = accounts.create(self.ports, NewAccount(name=name))
        self.account_id = account.account_id
        encoded = base64.b64encode(f"{token}:X".encode()).decode()
        self.headers = {"Authorization": f"Basic {encoded}"}
        self.post(
            "client.create",
            "<client><email>ada@loom.test</email>"
            "<organization>Loom Ltd</organization></client>",
        )

    def close(self) -> None:
        """Let go of the database."""
        database.release()

    def post(self, method: str, content: str) -> bytes:
        body = f'<request method="{method}">{content}</request>'
        answer = self.client.post(PATH, data=body, headers=self.headers)
        assert b'status="ok"' in answer.data, answer.data
        return bytes(answer.data)

    def create(self, content: str) -> None:
        self.post(
            "recurring.create",
            f"<recurring><client_id>1</client_id>{content}{due.LINES}</recurring>",
        )

    def multiply(self, count: int, next_on: str) -> None:
        """Copy the newest profile with its lines, `count` times."""
        with database.writing():
            last = due.copied(self.account_id, count)
            database.execute(
                "UPDATE recurring SET next_on = ? "
                "WHERE account_id = ? AND recurring_id > ?",
                (next_on, self.account_id, last),
            )


def cpu_ms(call: Callable[[], object], count: int) -> float:
    """Return the median CPU time of a call, in milliseconds."""
    call()
    times = []
    for _ in range(count):
        started = time.process_time_ns()
        call()
        times.append((time.process_time_ns() - started) / 1e6)
    return statistics.median(times)


def requests() -> None:
    """Measure single requests, then pages of a long list."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        print("CPU per request, ms (goal: under 5 each)")
        later = "<date>2031-01-01</date>"
        rows = {
            "recurring.create": lambda: bench.create(later),
            "recurring.create, card": lambda: bench.create(later + CARD),
            "recurring.create, invoice": lambda: bench.create(""),
            "recurring.get": lambda: bench.post(
                "recurring.get", "<recurring_id>1</recurring_id>"
            ),
        }
        for name, call in rows.items():
            print(f"  {name:<28}{cpu_ms(call, 400):8.2f}")
        for _ in range(25):
            bench.create(later + CARD)
        listed = cpu_ms(lambda: bench.post("recurring.list", ""), 200)
        print(f"  {'recurring.list, 25 cards':<28}{listed:8.2f}")

        bench.multiply(MANY, "2031-01-01")
        pages = {
            number: cpu_ms(
                lambda number=number: bench.post(  # type: ignore[misc]
                    "recurring.list", f"<page>{number}</page>"
                ),
                100,
            )
            for number in (1, 2000, 4000)
        }
        print(f"recurring.list of 25 among {MANY:,} profiles (goal: at most 1.5 times)")
        for number, value in pages.items():
            print(f"  page {number:<23}{value:8.2f}  {value / pages[1]:5.2f} x page 1")


SIZES = ((1000, 0), (2000, 0), (4000, 0), (1000, MANY))
LARGE = ((1000, 0), (10_000, 0), (100_000, 0), (10_000, 990_000))


def billing(sizes: tuple[tuple[int, int], ...]) -> None:
    """Measure billing runs: per invoice, by how many are due and how many are not."""
    print("billing run, CPU ms per invoice of two lines (goal: linear, idle ones free)")
    first = 0.0
    for count, idle in sizes:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(folder)
            bench.create("<date>2026-03-03</date>")
            if idle:
                bench.multiply(idle, "2031-01-01")
            bench.create("<date>2026-03-03</date>")
            bench.multiply(count - 2, "2026-03-03")
            bench.now += timedelta(days=2)
            started = time.process_time()
            report = run.run(bench.ports)
            each = (time.process_time() - started) * 1000 / count
            assert report.issued == count, report
            first = first or each
            print(
                f"  {count:>6,} due, {idle:>7,} not {each:13.2f}  {each / first:5.2f} "
                "x the first"
            )


if __name__ == "__main__":
    if "--large" in sys.argv:
        billing(LARGE)
    else:
        requests()
        billing(SIZES)
