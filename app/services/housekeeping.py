"""Throwing away what has served its time, a little at a time."""

from collections.abc import Callable
from datetime import datetime

from app.services.idempotency import KEPT
from app.services.ports import Ports
from app.storage import idempotency_key, login_failure
from app.storage.database import one_of_a_kind, writing

# Small transactions, so that a request waits for none of them; of each kind as many in
# one pass as keep billing waiting for a moment only.
BATCH = 500
BATCHES = 20


def tidy(ports: Ports) -> None:
    """Delete expired idempotency keys and failed logins, unless another process does.

    Raises: DatabaseError; what is left is the next pass's.
    """
    now = ports.now()
    with one_of_a_kind("housekeeping") as mine:
        if mine:
            _delete(idempotency_key.delete_before, now - KEPT)
            _delete(login_failure.delete_before, now)


def _delete(before: Callable[[datetime, int], int], instant: datetime) -> None:
    for _ in range(BATCHES):
        with writing():
            count = before(instant, BATCH)
        if count < BATCH:
            return
