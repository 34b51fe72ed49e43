"""Counting requests without a write for each."""

import logging
import threading
from collections import Counter
from datetime import date, datetime, timedelta

from app.storage import account, database

_KEPT = timedelta(seconds=10)

_log = logging.getLogger(__name__)


class RequestCounter:
    """Counts in memory, and adds to the database every ten seconds at most.

    Each process counts for itself. What one has not added yet is missing from
    system.current, and lost if it is killed; the figure serves nothing else.
    """

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._lock = threading.Lock()
        self._counts: Counter[tuple[int, date]] = Counter()
        self._since: datetime | None = None

    def count(self, account_id: int, day: date, now: datetime) -> None:
        """Count a request of an account."""
        with self._lock:
            self._counts[account_id, day] += 1
            self._since = self._since or now

    def flush_if_due(self, now: datetime) -> None:
        """Add what was counted, if the last time was long enough ago."""
        with self._lock:
            due = self._since is not None and now - self._since >= _KEPT
        if due:
            self.flush()

    def flush(self) -> None:
        """Add what was counted to the database; if it fails, keep it for next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            self._since = None
        if not counts:
            return
        try:
            # In one order, so that two processes cannot wait for each other.
            with database.connection(), database.writing():
                for (account_id, day), number in sorted(counts.items()):
                    account.add_requests(account_id, day, number)
        except database.DatabaseError as error:
            with self._lock:
                self._counts.update(counts)
            _log.warning("requests are not counted yet: %s", type(error).__name__)
