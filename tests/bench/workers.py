"""Measure what a second and a fourth worker add on PostgreSQL.

`python -m tests.bench.workers --profiles 20000 --accounts 20 --workers 1,2,4 [--kill]`

The server is one of its own with its files on disk and nothing switched off that makes
it durable. Each line is a run over all profiles, in two shapes: all of them one
account's, or spread over many. With `--kill` one worker is killed in the middle. After
each run SQL counts every (profile, date).
"""

import argparse
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psycopg

from tests import cluster, due, processes
from tests.bench.__main__ import Bench
from tests.due import Rhythm

_ONCE = Rhythm(name="monthly", start_on=date(2020, 1, 31), times=1, months=1)
_TICKS = os.sysconf("SC_CLK_TCK")
_DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "autovacuum": "on",
}


@dataclass
class Measured:
    """What the processes of a run used; read while they live."""

    rss_kb: int = 0
    cpu_s: dict[int, float] = field(default_factory=dict)

    def look(self, workers: list[processes.Process]) -> None:
        for worker in workers:
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{worker.pid}/status").read_text("ascii")
                peak = status.partition("VmHWM:")[2].split()
                self.rss_kb = max(self.rss_kb, int(peak[0]) if peak else 0)
                self.cpu_s[worker.pid] = cpu_s(worker.pid)

    @property
    def workers_cpu_s(self) -> float:
        return sum(self.cpu_s.values())


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def server_cpu_s(server: cluster.Cluster) -> float:
    """Return the CPU time of a PostgreSQL server and all its processes."""
    family = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("ascii")
    own = [server.pid, *map(int, family.split())]
    used = 0.0
    for pid in own:
        with contextlib.suppress(OSError):
            used += cpu_s(pid)
    return used


@contextlib.contextmanager
def template(url: str, folder: str, accounts: int, profiles: int) -> Iterator[str]:
    """Provide the name of a database in which all profiles are due once."""
    with cluster.fresh_database(url) as made:
        bench = Bench(folder, made)
        for number in range(accounts):
            bench.account(f"Account {number}")
            due.planted(
                bench.account_id, bench.post, profiles // accounts, rhythms=[_ONCE]
            )
        bench.close()
        with psycopg.connect(made, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        yield made


def measured(
    server: cluster.Cluster, url: str, data: Path, count: int, *, kill: bool
) -> tuple[float, Measured, float]:
    """Let workers bill everything; return seconds, what they used, and the server."""
    settings = Bench.settings(str(data), url)
    used = Measured()
    with due.asking(url) as ask, processes.started(settings, count, "worker") as all_:
        total = int(ask("SELECT COUNT(*) FROM recurring")[0][0])
        left = [
            "SELECT COUNT(*) FROM recurring WHERE next_on IS NOT NULL",
            "SELECT SUM(last_id) FROM counter WHERE noun = 'invoice'",
        ]
        first = "SELECT COUNT(*) FROM counter WHERE noun = 'invoice'"
        processes.until(lambda: ask(first)[0][0] > 0)
        started, server_started = time.monotonic(), server_cpu_s(server)
        killed = not kill

        def done() -> bool:
            nonlocal killed
            used.look(all_)
            billed = int(ask(left[1])[0][0])
            if not killed and billed > total / 2:
                os.kill(all_[0].pid, signal.SIGKILL)
                killed = True
            return billed == total

        processes.until(done, patience_s=900, look_s=0.05)
        seconds = time.monotonic() - started
        used_by_server = server_cpu_s(server) - server_started
        for worker in all_:
            worker.terminate()
        for worker in all_:
            worker.wait()
        wanted = [
            (account_id, recurring_id, _ONCE.start_on.isoformat())
            for account_id, recurring_id in ask(
                "SELECT account_id, recurring_id FROM recurring"
            )
        ]
        assert len(wanted) == total
        assert due.misbilled(ask, wanted) == {}
        assert due.misbooked(ask) == {}
    return seconds, used, used_by_server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    chosen = parser.parse_args()
    counts = [int(text) for text in chosen.workers.split(",")]
    with cluster.controlled(chosen.folder, **_DURABLE) as server:
        for accounts in dict.fromkeys((1, chosen.accounts)):
            shape(server, accounts, chosen.profiles, counts, kill=chosen.kill)


def shape(
    server: cluster.Cluster,
    accounts: int,
    profiles: int,
    counts: list[int],
    *,
    kill: bool,
) -> None:
    """Measure one shape with each number of workers."""
    load = os.getloadavg()[0]
    print(f"{profiles:,} due profiles of {accounts} accounts, load {load:.1f}")
    print("  workers  seconds  invoices/s  x one   peak MB  CPU s workers  PostgreSQL")
    with (
        tempfile.TemporaryDirectory() as data,
        template(server.url, data, accounts, profiles) as made,
    ):
        one = 0.0
        for count in counts:
            with cluster.fresh_database(server.url, made.rpartition("/")[2]) as url:
                seconds, used, by_server = measured(
                    server, url, Path(data), count, kill=kill and count > 1
                )
            one = one or seconds
            note = ", one killed" if kill and count > 1 else ""
            print(
                f"  {count:>7}{seconds:9.1f}{profiles / seconds:12.0f}"
                f"{one / seconds:7.2f}{used.rss_kb / 1024:10.0f}"
                f"{used.workers_cpu_s:15.1f}{by_server:12.1f}"
                f"  every (profile, date) once{note}"
            )


if __name__ == "__main__":
    main()
