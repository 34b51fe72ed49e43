"""What a worker tells of each of its runs."""

import logging
from datetime import timedelta

import pytest

from app.domain.worker_run import Outcome, WorkerRun
from app.engine import loop
from app.engine.run import Report
from app.services import worker
from app.services.ports import Ports
from app.storage import database, worker_run
from tests.conftest import NOW, Api, Clock

DUE = "<date>2026-03-03</date><lines><line><unit_cost>5</unit_cost></line></lines>"


def tick(ports: Ports, name: str = "host:1") -> None:
    loop.tick(ports, 5, name, stop=lambda: False)


def test_a_run_leaves_its_time_and_its_figures(
    api: Api, ports: Ports, clock: Clock
) -> None:
    api.create_profile(DUE)
    clock.now += timedelta(days=1)
    tick(ports)
    (run,) = worker_run.all_()
    assert run == WorkerRun(
        worker="host:1",
        started_at=clock.now,
        finished_at=clock.now,
        tick_s=5,
        issued=1,
        parked=0,
        outcome=Outcome.DONE,
    )


def test_a_workers_next_run_takes_the_place_of_its_last(
    ports: Ports, clock: Clock
) -> None:
    tick(ports)
    clock.now += timedelta(seconds=5)
    tick(ports)
    assert [run.finished_at for run in worker_run.all_()] == [clock.now]


def test_each_worker_has_a_row_and_the_latest_comes_first(
    ports: Ports, clock: Clock
) -> None:
    tick(ports, "host:1")
    clock.now += timedelta(seconds=1)
    tick(ports, "host:2")
    assert [run.worker for run in worker_run.all_()] == ["host:2", "host:1"]


def test_a_worker_long_gone_is_forgotten(ports: Ports, clock: Clock) -> None:
    tick(ports, "host:1")
    clock.now += timedelta(days=1)
    tick(ports, "host:2")
    assert [run.worker for run in worker_run.all_()] == ["host:2", "host:1"]
    clock.now += timedelta(seconds=1)
    tick(ports, "host:2")
    assert [run.worker for run in worker_run.all_()] == ["host:2"]


def test_a_run_that_parks_something_says_so(
    api: Api, ports: Ports, clock: Clock
) -> None:
    api.create_profile(DUE)
    clock.now += timedelta(days=1)
    with database.writing():
        database.execute("UPDATE recurring_line SET unit_cost = 'poison'")
    tick(ports)
    (run,) = worker_run.all_()
    assert (run.issued, run.parked, run.outcome) == (0, 1, Outcome.PARKED)


def test_a_run_that_the_database_broke_off_says_so_and_is_not_the_last(
    ports: Ports, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object, **_named: object) -> Report:
        raise database.DatabaseError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(loop, "run", failing)
        tick(ports)
    assert [run.outcome for run in worker_run.all_()] == [Outcome.FAILED]
    assert "the disk is full" in caplog.text
    tick(ports)
    assert [run.outcome for run in worker_run.all_()] == [Outcome.DONE]


def test_a_run_that_cannot_be_recorded_is_a_warning(
    ports: Ports, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_run: WorkerRun) -> None:
        raise database.DatabaseError("the disk is full")

    monkeypatch.setattr(worker, "record", failing)
    tick(ports)
    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert "not recorded" in warning.message


@pytest.mark.parametrize(("seconds", "late"), [(0, False), (65, False), (66, True)])
def test_a_worker_is_late_a_minute_after_its_next_run_was_due(
    seconds: int, *, late: bool
) -> None:
    run = WorkerRun(
        worker="host:1",
        started_at=NOW,
        finished_at=NOW,
        tick_s=5,
        issued=0,
        parked=0,
        outcome=Outcome.DONE,
    )
    assert run.late(NOW + timedelta(seconds=seconds)) is late
