"""A worker that was down for weeks or years, and what its next runs make of it."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.config import Settings
from app.engine import loop, run
from app.services.issuing import BATCH
from app.services.ports import Ports
from tests import due, processes
from tests.conftest import NOW, Api, Clock
from tests.due import Ask, Rhythm, Wanted

ACCOUNTS = 2
# In all: `PROFILES=1000` measures what an operator may come back to.
EACH = int(os.environ.get("PROFILES", "140")) // ACCOUNTS // 7
DOWN_ON = NOW.date() + timedelta(days=1)
# On each day of the week some, for longer than the outage.
WEEKLY = [
    Rhythm(name="weekly", start_on=DOWN_ON + timedelta(days=n), times=100, days=7)
    for n in range(7)
]
PATIENCE_S = 60


@pytest.fixture(name="ask")
def ask_(settings: Settings) -> Iterator[Ask]:
    with due.asking(settings.database) as ask:
        yield ask


def wanted_until(
    new_api: Callable[..., Api], day: date, rhythms: list[Rhythm]
) -> list[Wanted]:
    """Plant weekly profiles of several accounts; return what is due until a day."""
    wanted = []
    for number in range(ACCOUNTS):
        api = new_api(f"Loom {number}", time_zone="Etc/UTC")
        api.create_client()
        wanted += due.planted(api.account.account_id, api.call, EACH, rhythms)
    return [each for each in wanted if each[2] <= day.isoformat()]


@pytest.mark.parametrize("days", [30, 400])
def test_an_outage_is_caught_up_oldest_first_each_date_once(
    days: int,
    new_api: Callable[..., Api],
    ports: Ports,
    clock: Clock,
    ask: Ask,
) -> None:
    clock.now += timedelta(days=days)
    wanted = wanted_until(new_api, clock.now.date(), WEEKLY)
    told: list[date] = []

    report = run.run(ports, progress=lambda day, _: told.append(day))

    assert (report.issued, report.more, report.ok) == (len(wanted), False, True)
    assert due.misbilled(ask, wanted) == {}
    assert due.misbooked(ask) == {}
    # Over all accounts, and in each of them.
    assert told == sorted(told)
    assert told[0] == DOWN_ON
    dates = ask("SELECT account_id, CAST(date AS TEXT) FROM invoice "
                "ORDER BY account_id, invoice_id")  # fmt: skip
    assert dates == sorted(dates)


@contextmanager
def own_signals() -> Iterator[None]:
    """Give the signals that the loop takes back to whom they belong to."""
    taken = (signal.SIGTERM, signal.SIGINT)
    former = [signal.getsignal(each) for each in taken]
    try:
        yield
    finally:
        for each, handler in zip(taken, former, strict=True):
            signal.signal(each, handler)


def test_a_worker_does_the_rest_at_once_without_waiting_for_its_tick(
    new_api: Callable[..., Api],
    ports: Ports,
    clock: Clock,
    ask: Ask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "_RUN_MAX", 1)
    clock.now += timedelta(days=14)
    wanted = wanted_until(new_api, clock.now.date(), WEEKLY)
    runs = [0]

    def now() -> datetime:
        """Tell the time, and the worker to stop once it has nothing left to do."""
        runs[0] += 1
        if due.invoices(ask) == len(wanted):
            signal.raise_signal(signal.SIGTERM)
        return clock.now

    with own_signals():
        impatient = threading.Timer(PATIENCE_S, os.kill, (os.getpid(), signal.SIGTERM))
        impatient.start()
        loop.work(replace(ports, now=now), 10 * PATIENCE_S, "host:1")
        impatient.cancel()

    assert due.misbilled(ask, wanted) == {}
    assert due.misbooked(ask) == {}
    # One batch a run, as the limit says: each had to be followed by the next.
    assert runs[0] >= len({(each[0], each[2]) for each in wanted})


def test_a_limited_bill_says_that_there_is_more_and_the_next_goes_on(
    new_api: Callable[..., Api], settings: Settings, ask: Ask
) -> None:
    old = [replace(of_day, start_on=date(2020, 1, 6), times=3) for of_day in WEEKLY]
    wanted = wanted_until(new_api, NOW.date(), old)
    limit = len(wanted) // 3
    log = settings.data / "log"
    done = 0
    for _ in range(3):
        with processes.started(settings, 1, "bill", "--limit", str(limit)) as (bill,):
            assert bill.wait(processes.PATIENCE_S) == 0
        issued = due.invoices(ask) - done
        done += issued
        said = log.read_text("utf-8")
        log.unlink()
        assert f"issued {issued} invoices\n" in said
        assert limit <= issued < limit + BATCH or done == len(wanted)
        assert ("there is more to do" in said) == (done < len(wanted))

    assert due.misbilled(ask, wanted) == {}
    assert due.misbooked(ask) == {}
