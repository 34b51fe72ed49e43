"""Counting requests without a write for each."""

import threading
from collections import Counter
from datetime import date, datetime, timedelta

from app.storage import account, database

_KEPT = timedelta(seconds=10)


class RequestCounter:
    """Counts in memory, and adds to the database every ten seconds at most.

    What a process counted in its last seconds is lost when it is killed; the figure
    serves system.current alone.
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
            full = now - self._since >= _KEPT
        if full:
            self.flush()

    def flush(self) -> None:
        """Add what was counted to the database."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            self._since = None
        if counts:
            with database.writing():
                for (account_id, day), number in counts.items():
                    account.add_requests(account_id, day, number)
