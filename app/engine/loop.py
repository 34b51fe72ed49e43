"""The long-lived worker: a billing run every few seconds until it is told to stop."""

import logging
import signal
import threading
from types import FrameType

from app.engine.run import run
from app.services.ports import Ports
from app.storage.database import DatabaseError, connection

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
    with connection():
        while not stopped.is_set():
            try:
                report = run(ports, test_clocks=False, stop=stopped.is_set)
            except DatabaseError as error:
                # A full disk, a lost lock: the work is still there next time. Its text
                # is the database's own and holds no data.
                _log.warning("the run ended early: %s", error)
            else:
                if report.issued or report.parked:
                    _log.info("issued %d, parked %d", report.issued, len(report.parked))
            stopped.wait(tick_s)
