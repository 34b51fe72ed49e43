"""Few requests at a time have a file in hand."""

import re
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.domain.errors import TooManyRequestsError
from app.services.bulk import TURNS, Bulk, _trim

ROOT = Path(__file__).parents[2]
THREADS = 8


def test_so_many_have_a_turn_and_the_next_is_told_to_come_again() -> None:
    bulk = Bulk(wait_s=0)
    with ExitStack() as taken:
        for _ in range(TURNS):
            taken.enter_context(bulk.turn())
        with pytest.raises(TooManyRequestsError) as refused, bulk.turn():
            pass
        assert refused.value.retry_after_s == 5
    with bulk.turn():
        pass


def test_a_turn_ends_with_what_failed_in_it() -> None:
    bulk = Bulk(wait_s=0)
    for _ in range(TURNS + 1):
        with pytest.raises(ZeroDivisionError), bulk.turn():
            raise ZeroDivisionError


@pytest.mark.parametrize("mib", [1, 10, 32])
def test_a_body_may_hold_the_largest_file_in_lines(mib: int) -> None:
    bulk = Bulk(mib)
    assert bulk.attachment_max == mib * 1024 * 1024
    # Of 76 characters, each ended by two.
    written = -(-bulk.attachment_max // 3) * 4
    assert bulk.body_max > written + 2 * -(-written // 76) + 500_000


def resident() -> int:
    """Return how much memory the process has in hand, in bytes."""
    status = Path("/proc/self/status").read_text("ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


@pytest.mark.skipif(_trim is None, reason="this allocator needs no telling")
def test_what_threads_needed_for_files_is_given_back_while_they_live() -> None:
    # In a process of its own: what other tests left behind counts for nothing.
    program = "from tests.services import test_bulk; print(test_bulk.grown())"
    told = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    # Each of the threads has had 20 MB.
    assert int(told.stdout) < 40_000_000


def grown() -> int:
    """Return by how much the process has grown after threads had files in hand."""
    bulk = Bulk()
    done, end = threading.Barrier(THREADS + 1), threading.Event()
    kept = []

    def take_a_turn() -> None:
        with bulk.turn():
            files = [b"x" * 100_000 for _ in range(200)]
            # Stands behind them, so that the allocator keeps what is before it.
            kept.append(b"x" * 1_000)
            del files
        done.wait()
        end.wait()

    before = resident()
    threads = [threading.Thread(target=take_a_turn) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    done.wait()
    more = resident() - before
    end.set()
    for thread in threads:
        thread.join()
    return more
