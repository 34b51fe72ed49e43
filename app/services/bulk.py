"""Whole files in requests and answers: how large one may be, how many at once."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from app.domain.attachment import MIB
from app.domain.errors import TooManyRequestsError

# A request that holds a file takes up to eight times its size while it is answered.
TURNS = 2
_WAIT_S = 10.0
_AGAIN = timedelta(seconds=5)

_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


class Bulk:
    """Lets few requests of a process have a file in hand; the others wait a while."""

    def __init__(self, attachment_mib: int = 10, wait_s: float = _WAIT_S) -> None:
        """Allow files of so many MiB, and wait for a turn so many seconds."""
        self.attachment_max = attachment_mib * MIB
        # As base64 in lines of 76 characters, with room for what stands around it.
        self.body_max = (1 + attachment_mib + -(-attachment_mib // 2)) * 1_000_000
        self._wait_s = wait_s
        self._turns = threading.BoundedSemaphore(TURNS)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the places for a file.

        Raises: TooManyRequestsError when none becomes free.
        """
        if not self._turns.acquire(timeout=self._wait_s):
            raise TooManyRequestsError(_AGAIN)
        try:
            yield
        finally:
            _give_back()
            self._turns.release()


def _give_back() -> None:
    """Have the allocator give free memory back, where it knows how.

    glibc keeps for each thread what that one once needed: measured with eight files of
    10 MiB one after another, 440 MB stayed where 30 do now.
    """
    if _trim is not None:
        _trim(0)
