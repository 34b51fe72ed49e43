"""How many requests an account may make: a bucket that fills evenly."""

import threading
from datetime import UTC, datetime, timedelta

from app.domain.errors import TooManyRequestsError

_MINUTE_US = 60_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ACCOUNTS_MAX = 10_000


class Rates:
    """Lets each account make so many requests a minute, at once or spread over it.

    Each process counts for itself. Kept for an account is only when its bucket will be
    full again, in microseconds times the rate: so a request is a whole number of them.
    Of more accounts than are kept, the one longest silent begins anew.
    """

    def __init__(self, per_minute: int = 0) -> None:
        """Allow `per_minute` requests; 0 allows any number."""
        self._rate = per_minute
        self._lock = threading.Lock()
        self._full_at: dict[int, int] = {}

    def take(self, account_id: int, now: datetime) -> None:
        """Take a request out of an account's bucket.

        Raises: TooManyRequestsError when it is empty.
        """
        if not self._rate:
            return
        instant = (now - _EPOCH) // timedelta(microseconds=1) * self._rate
        size = _MINUTE_US * self._rate
        with self._lock:
            full_at = max(self._full_at.pop(account_id, instant), instant)
            if full_at > instant + 2 * size:
                # The clock was set back; a little earlier is another thread's now.
                full_at = instant
            late = full_at + _MINUTE_US - instant - size
            self._full_at[account_id] = full_at if late > 0 else full_at + _MINUTE_US
            if len(self._full_at) > _ACCOUNTS_MAX:
                del self._full_at[next(iter(self._full_at))]
        if late > 0:
            raise TooManyRequestsError(timedelta(microseconds=late / self._rate))
