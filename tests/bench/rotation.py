"""Measure a rotation of keys: cards sealed again per second, alone and while serving.

`python -m tests.bench.rotation [URL]`: on a SQLite file of its own, or on an empty
PostgreSQL database.
"""

import statistics
import sys
import tempfile
import threading
import time
from datetime import date

from app import compose
from app.config import Settings
from app.services import rotation
from app.storage import data_key, database, tables
from app.vault import key_file
from app.vault.cards import Place
from tests import processes
from tests.bench.__main__ import CARD, Bench
from tests.vault.test_cards import CARD as SEALED_CARD

CARDS = 10_000


def planted(bench: Bench) -> None:
    """Give the account so many profiles with a card each."""
    bench.create("<date>2031-01-01</date>" + CARD)
    bench.multiply(CARDS - 1, "2031-01-01")
    key = data_key.all_of(bench.account_id)[1]
    rows = [
        {
            "account_id": bench.account_id,
            "recurring_id": number,
            "gateway_name": "Authorize.Net",
            "key_version": 1,
            "sealed": bench.ports.vault.seal(
                SEALED_CARD,
                Place(account_id=bench.account_id, noun="recurring", record_id=number),
                key,
            ),
        }
        for number in range(2, CARDS + 1)
    ]
    with database.writing():
        for start in range(0, len(rows), 500):
            tables.Autobill.insert_many(rows[start : start + 500]).execute()


def read(bench: Bench, stopped: threading.Event, times: list[float]) -> None:
    """Read cards as a client does, one after the other, until told to stop."""
    while not stopped.is_set():
        started = time.perf_counter()
        bench.post("recurring.get", "<recurring_id>7</recurring_id>")
        times.append(time.perf_counter() - started)


def rotated(settings: Settings) -> float:
    """Rotate in a process of its own; return how long that took, its start too."""
    started = time.perf_counter()
    with processes.started(settings, 1, "keys", "rotate") as (rotating,):
        assert rotating.wait() == 0, processes.log_of(settings)
    return time.perf_counter() - started


def measure(url: str | None) -> None:
    """Rotate, and print how fast: here, and beside a server that shows cards."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder, url)
        planted(bench)
        settings = bench.settings(folder, url)
        key_file.add(settings.key_file, None, (), date(2026, 3, 2))
        ports = compose.ports(settings)
        # What a server's is: it reads the ring again.
        bench.client = compose.application_on(ports).test_client()
        started, cpu = time.perf_counter(), time.process_time()
        report = rotation.rotate(ports)
        took, cpu = time.perf_counter() - started, time.process_time() - cpu
        assert (report.ok, report.resealed) == (True, CARDS), report
        print(f"{CARDS / took:8.0f} cards/s, {cpu / CARDS * 1e3:.2f} ms CPU each")

        key_file.add(settings.key_file, None, (), date(2026, 3, 2))
        stopped, times = threading.Event(), [0.0]
        reader = threading.Thread(target=read, args=(bench, stopped, times))
        reader.start()
        took = rotated(settings)
        stopped.set()
        reader.join()
        print(
            f"{CARDS / took:8.0f} cards/s by the command, beside {len(times)} reads: "
            f"median {statistics.median(times) * 1000:.1f} ms, slowest "
            f"{max(times) * 1000:.0f} ms"
        )
        bench.close()


if __name__ == "__main__":
    measure(sys.argv[1] if len(sys.argv) > 1 else None)
