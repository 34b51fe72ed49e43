"""Logins: who guesses tokens is slowed down, who has one is not."""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from app.domain.errors import TooManyLoginsError, UnauthenticatedError
from app.storage import login_failure as storage
from app.storage.database import DatabaseError, writing

T = TypeVar("T")

FAILURES_MAX = 10
_MINUTE = timedelta(minutes=1)
_PREFIX = 8
_REMEMBERED_MAX = 10_000

_log = logging.getLogger(__name__)


class Logins:
    """Counts failed logins by address and by how their tokens begin.

    After `FAILURES_MAX` in a minute, the others of that minute are refused unseen. The
    count is the database's, so that it is one for all processes; that a minute is over
    the limit is remembered here, so that a flood costs no writes. So are the hashes of
    tokens that were right: they go on working, or one attacker behind a proxy would
    lock out everybody behind it. They are looked up each time all the same.
    """

    def __init__(self) -> None:
        """Begin with nobody refused."""
        self._lock = threading.Lock()
        self._refused: OrderedDict[str, datetime] = OrderedDict()
        self._right: OrderedDict[str, None] = OrderedDict()

    @contextmanager
    def counted(
        self, address: str, token: bytes, token_hash: str, now: datetime
    ) -> Iterator[None]:
        """Let a token be looked up, unless there were too many wrong ones like it.

        Raises: TooManyLoginsError, before or in place of UnauthenticatedError.
        """
        scopes = _scopes(address, token)
        self._check(scopes, token_hash, now)
        try:
            yield
        except UnauthenticatedError:
            with self._lock:
                self._right.pop(token_hash, None)
            self._count(scopes, now)
            raise
        with self._lock:
            _remember(self._right, token_hash, None)

    def _check(self, scopes: Sequence[str], token_hash: str, now: datetime) -> None:
        with self._lock:
            if token_hash in self._right:
                return
            until = max(self._refused.get(scope, now) for scope in scopes)
        # More than two minutes off: the clock was set back.
        if now < until <= now + 2 * _MINUTE:
            raise TooManyLoginsError(until - now)

    def _count(self, scopes: Sequence[str], now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        try:
            with writing():
                counts = storage.add(minute, scopes)
        except DatabaseError as error:
            _log.warning("a failed login is not counted: %s", type(error).__name__)
            return
        over = [scope for scope, count in counts.items() if count > FAILURES_MAX]
        if not over:
            return
        until = minute + _MINUTE
        with self._lock:
            for scope in over:
                _remember(self._refused, scope, until)
        raise TooManyLoginsError(until - now)


def _scopes(address: str, token: bytes) -> list[str]:
    """Return what a login may have in common with others: hashes, in order."""
    return sorted(
        hashlib.sha256(text).hexdigest()
        for text in (b"address " + address.encode(), b"token " + token[:_PREFIX])
    )


def _remember(kept: OrderedDict[str, T], key: str, value: T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _REMEMBERED_MAX:
        kept.popitem(last=False)
