"""Billing processes that are killed, and what becomes of the invoices."""

import os
import random
import signal
from collections.abc import Callable, Iterator

import pytest

from app.config import Settings
from tests import due, processes
from tests.conftest import Api
from tests.due import Ask, Wanted

ACCOUNTS = 4
# For each of the rhythms: 1,000 profiles in all.
EACH = 1000 // ACCOUNTS // len(due.RHYTHMS)
WORKERS = 4


@pytest.fixture(name="ask")
def ask_(settings: Settings) -> Iterator[Ask]:
    with due.asking(settings.database) as ask:
        yield ask


@pytest.fixture(name="wanted")
def wanted_(new_api: Callable[..., Api]) -> list[Wanted]:
    """Provide a thousand due profiles of several accounts, and what they must give."""
    wanted = []
    for number in range(ACCOUNTS):
        api = new_api(f"Loom {number}", time_zone="Etc/UTC")
        api.create_client()
        wanted += due.planted(api.account.account_id, api.call, EACH)
    return wanted


def kill(victims: list[processes.Process]) -> None:
    for process in victims:
        os.kill(process.pid, signal.SIGKILL)
    for process in victims:
        assert process.wait() == -signal.SIGKILL


def until_billed(ask: Ask, count: int) -> None:
    processes.until(lambda: due.invoices(ask) >= count)


def test_workers_that_are_killed_bill_every_date_once(
    seed: int,
    settings: Settings,
    ask: Ask,
    wanted: list[Wanted],
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)
    with processes.started(settings, WORKERS, "worker") as workers:
        until_billed(ask, chance.randrange(1, len(wanted) // 2))
        kill(workers)
    billed = due.invoices(ask)
    with processes.started(settings, WORKERS, "worker") as workers:
        until_billed(ask, chance.randrange(billed + 1, len(wanted)))
        victim = chance.choice(workers)
        kill([victim])
        until_billed(ask, len(wanted))
        for worker in workers:
            worker.terminate()
        codes = {worker.wait(processes.PATIENCE_S) for worker in workers}

    assert codes == {0, -signal.SIGKILL}
    assert due.misbilled(ask, wanted) == {}
    assert due.misbooked(ask) == {}
    processes.check_books(settings)
    assert "Traceback" not in processes.log_of(settings)
    record_property("workers killed", WORKERS + 1)


def test_several_runs_at_once_leave_nothing_to_the_next(
    settings: Settings, ask: Ask, wanted: list[Wanted]
) -> None:
    with processes.started(settings, WORKERS, "bill") as runs:
        assert {run.wait(processes.PATIENCE_S) for run in runs} == {0}

    assert due.misbilled(ask, wanted) == {}
    assert due.misbooked(ask) == {}
    processes.check_books(settings)


# All profiles of a rhythm have a date together, and a batch holds all of them.
_HALF_A_BATCH = (
    "SELECT account_id, date, COUNT(*) FROM invoice GROUP BY 1, 2 "
    "HAVING MOD(COUNT(*), CAST(? AS BIGINT)) <> 0"
)


def test_a_worker_that_is_told_to_stop_finishes_its_batch(
    seed: int, settings: Settings, ask: Ask, wanted: list[Wanted]
) -> None:
    chance = random.Random(seed)
    with processes.started(settings, 1, "worker") as (worker,):
        until_billed(ask, chance.randrange(1, len(wanted) // 2))
        worker.terminate()
        assert worker.wait(processes.PATIENCE_S) == 0
        stopped_at = due.invoices(ask)

    assert stopped_at < len(wanted)
    assert due.misbooked(ask) == {}
    assert due.misbilled(ask, wanted).keys() == {"missing"}
    assert ask(_HALF_A_BATCH, EACH) == []
    with processes.started(settings, 1, "bill") as (rest,):
        assert rest.wait(processes.PATIENCE_S) == 0
    assert due.misbilled(ask, wanted) == {}
    assert due.misbooked(ask) == {}
    processes.check_books(settings)
    assert "Traceback" not in processes.log_of(settings)
