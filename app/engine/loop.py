"""The long-lived worker: a billing run every few seconds until it is told to stop."""

import logging
import signal
import threading
from types import FrameType

from app.engine.run import Stop, run
from app.services.housekeeping import tidy
from app.services.ports import Ports
from app.storage.database import DatabaseError, connection

# How many invoices one run of the worker issues at most, give or take a batch.
_RUN_MAX = 10_000

_log = logging.getLogger(__name__)


def work(ports: Ports, tick_s: int) -> None:
    """Run until SIGTERM or SIGINT; the invoice in hand is finished first.

    Accounts on a test clock are left alone: their work is done by `clock.set` and by
    `perennial bill`, so that whoever moves the clock decides when.
    """
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopped.is_set():
        if not _tick(ports, stopped.is_set):
            stopped.wait(tick_s)


def _tick(ports: Ports, stop: Stop) -> bool:
    """Do one run on a connection of its own; return whether there is more to do."""
    try:
        with connection():
            report = run(ports, test_clocks=False, stop=stop, limit=_RUN_MAX)
            tidy(ports)
    except DatabaseError as error:
        # A full disk, a lost lock: the work is still there next time. Its text is the
        # database's own and holds no data.
        _log.warning("the run ended early: %s", error)
        return False
    if report.issued or report.parked:
        _log.info("issued %d, parked %d", report.issued, len(report.parked))
    return report.more
