"""Measure one process: CPU per request, late pages, billing runs.

Everything is measured in one run on one machine, so that the ratios mean something
whatever the machine; figures in milliseconds are CPU time of the server's side, from
the WSGI call to the answer's bytes (the bytes of HTTP itself are not parsed here).
"""

import base64
import statistics
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

MANY = 100_000
PATH = "/api/2.1/xml-in"
START = datetime(2026, 3, 2, 15, tzinfo=UTC)

LINES = (
    "<lines><line><name>Hosting</name><description>Plan B</description>"
    "<unit_cost>40</unit_cost><quantity>3</quantity><tax1_name>VAT</tax1_name>"
    "<tax1_percent>19</tax1_percent></line><line><name>Backup</name>"
    "<unit_cost>5</unit_cost><quantity>1</quantity></line></lines>"
)
CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>4111 1111 1111 1111</number><name>Ada Byron</name>"
    "<expiration><month>4</month><year>2031</year></expiration></card></autobill>"
)


class Bench:
    """An account on a database of its own."""

    def __init__(self, folder: str) -> None:
        settings = Settings.from_environment({"PERENNIAL_DATA": folder})
        compose.initialise(settings)
        self.now = START
        self.ports = Ports(
            vault=Vault(keys.load(settings)),
            now=lambda: self.now,
            secret=compose.ports(settings).secret,
            requests=RequestCounter(),
            url=settings.url,
            domains=settings.domains,
        )
        database.proxy.connect()
        self.account, token = accounts.create(self.ports, NewAccount(name="Bench"))
        self.client: FlaskClient = compose.application_on(self.ports).test_client()
        encoded = base64.b64encode(f"{token}:X".encode()).decode()
        self.headers = {"Authorization": f"Basic {encoded}"}
        self.post(
            "client.create",
            "<client><email>ada@loom.test</email>"
            "<organization>Loom Ltd</organization></client>",
        )

    def post(self, method: str, content: str) -> bytes:
        body = f'<request method="{method}">{content}</request>'
        answer = self.client.post(PATH, data=body, headers=self.headers)
        assert b'status="ok"' in answer.data, answer.data
        return bytes(answer.data)

    def create(self, content: str) -> None:
        self.post(
            "recurring.create",
            f"<recurring><client_id>1</client_id>{content}{LINES}</recurring>",
        )

    def multiply(self, count: int, next_on: str) -> None:
        """Copy the newest profile with its lines, `count` times; cards stay behind."""
        last = database.execute("SELECT MAX(recurring_id) FROM recurring").fetchone()[0]
        with database.writing():
            for table in ("recurring", "recurring_line"):
                names = [
                    row[1] for row in database.execute(f"PRAGMA table_info({table})")
                ]
                picked = {"recurring_id": f"{last} + n", "line_id": "line_id + 2 * n"}
                if table == "recurring":
                    picked["next_on"] = f"'{next_on}'"
                chosen = ", ".join(picked.get(name, name) for name in names)
                database.execute(
                    f"WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL "  # noqa: S608
                    f"SELECT n + 1 FROM counted WHERE n < {count}) "
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} "
                    f"FROM {table}, counted WHERE recurring_id = {last}"
                )
            database.execute(
                "UPDATE counter SET last_id = last_id + "  # noqa: S608
                f"CASE noun WHEN 'recurring' THEN {count} ELSE {2 * count} END "
                "WHERE noun IN ('recurring', 'recurring_line')"
            )
            database.execute("DELETE FROM listing_block WHERE noun = 'recurring'")
            database.execute(
                "INSERT INTO listing_block (account_id, noun, block, folder, size) "
                "SELECT account_id, 'recurring', recurring_id / 1024, folder, COUNT(*) "
                "FROM recurring GROUP BY 1, 3, 4"
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


def billing() -> None:
    """Measure billing runs: per invoice, by how many are due and how many are not."""
    print("billing run, CPU ms per invoice of two lines (goal: linear, idle ones free)")
    first = 0.0
    for due, idle in ((1000, 0), (2000, 0), (4000, 0), (1000, MANY)):
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(folder)
            bench.create("<date>2026-03-03</date>")
            if idle:
                bench.multiply(idle, "2031-01-01")
            bench.create("<date>2026-03-03</date>")
            bench.multiply(due - 2, "2026-03-03")
            bench.now += timedelta(days=2)
            started = time.process_time()
            report = run.run(bench.ports)
            each = (time.process_time() - started) * 1000 / due
            assert report.issued == due, report
            first = first or each
            print(
                f"  {due:>6,} due, {idle:>7,} not {each:13.2f}  {each / first:5.2f} x "
                "the first"
            )


if __name__ == "__main__":
    requests()
    billing()
