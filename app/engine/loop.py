"""The long-lived worker: a billing run every few seconds until it is told to stop."""

import logging
import signal
import threading
from types import FrameType

from app.domain.worker_run import Outcome, WorkerRun
from app.engine.collect import Collected, collect
from app.engine.run import Report, Stop, run
from app.services import expiry, outgoing
from app.services import worker as workers
from app.services.housekeeping import tidy
from app.services.ports import Ports
from app.storage.database import DatabaseError, connection

# How many invoices one run of the worker issues at most, give or take a batch.
_RUN_MAX = 10_000
# How soon it looks again where there is more: others may have it in hand.
_SOON_S = 0.1

_log = logging.getLogger(__name__)


def work(ports: Ports, tick_s: int, worker: str, *, in_flight: int = 1) -> None:
    """Run until SIGTERM or SIGINT; the batch in hand is finished first.

    Accounts on a test clock are left alone: their work is done by `clock.set` and by
    `perennial bill`, so that whoever moves the clock decides when. `worker` is the name
    under which this one tells what it did; it charges `in_flight` cards at a time.
    """
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopped.is_set():
        more = tick(ports, tick_s, worker, stop=stopped.is_set, in_flight=in_flight)
        stopped.wait(_SOON_S if more else tick_s)


def tick(
    ports: Ports, tick_s: int, worker: str, *, stop: Stop, in_flight: int = 1
) -> bool:
    """Do one run and tell of it, in the log and in the database; then collect.

    It has a connection of its own, so that a database that went away meanwhile is found
    again. Returns whether there is more to do at once.
    """
    started_at = ports.now()
    try:
        with connection():
            report, outcome = _run(ports, stop)
        # What it was on may be gone by now.
        with connection():
            workers.record(
                WorkerRun(
                    worker=worker,
                    started_at=started_at,
                    finished_at=ports.now(),
                    tick_s=tick_s,
                    issued=report.issued,
                    parked=len(report.parked),
                    outcome=outcome,
                )
            )
            collected = _collect(ports, stop, in_flight)
            expiry.tell(ports, stop)
            handed_over = outgoing.hand_over(ports, stop)
            tidy(ports)
    except DatabaseError as error:
        _log.warning("the run is not recorded: %s", error)
        return False
    return report.more or collected.more or handed_over.more


def _collect(ports: Ports, stop: Stop, in_flight: int) -> Collected:
    collected = collect(ports, test_clocks=False, stop=stop, in_flight=in_flight)
    if collected:
        _log.info(
            "charged %d, declined %d, unknown %d, parked %d",
            collected.captured,
            collected.declined,
            collected.unknown,
            collected.parked,
        )
    return collected


def _run(ports: Ports, stop: Stop) -> tuple[Report, Outcome]:
    try:
        report = run(ports, test_clocks=False, stop=stop, limit=_RUN_MAX)
    except DatabaseError as error:
        # A full disk, a lost lock: the work is still there next time. Its text is the
        # database's own and holds no data.
        _log.warning("the run ended early: %s", error)
        return Report(), Outcome.FAILED
    if report.issued or report.parked:
        _log.info("issued %d, parked %d", report.issued, len(report.parked))
    return report, Outcome.DONE if report.ok else Outcome.PARKED
