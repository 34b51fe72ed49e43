"""What `perennial bill` shows of a long run, and to whom."""

import os
import pty
import subprocess
import sys
import termios
from collections.abc import Callable

import pytest

from app.config import Settings
from tests import due, processes
from tests.conftest import ON_SQLITE, Api

pytestmark = [
    ON_SQLITE,
    pytest.mark.skipif(sys.platform != "linux", reason="reads a terminal's other end"),
]
EACH = 100
COMMAND = [sys.executable, "-m", "app.cli", "bill"]


@pytest.fixture(name="issued")
def issued_(new_api: Callable[..., Api]) -> str:
    """Provide what a run over many due profiles says at its end."""
    api = new_api(time_zone="Etc/UTC")
    api.create_client()
    wanted = due.planted(api.account.account_id, api.call, EACH)
    return f"issued {len(wanted)} invoices\n"


def read_to_the_end(terminal: int) -> str:
    """Return what was written to the other end, until nobody has it open."""
    read = b""
    try:
        while some := os.read(terminal, 4096):
            read += some
    except OSError:
        pass  # this is how a terminal says that it has ended
    finally:
        os.close(terminal)
    return read.decode()


def test_a_terminal_sees_how_far_a_run_has_come(
    settings: Settings, issued: str
) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen(  # noqa: S603
        COMMAND,
        env=processes.environment(settings),
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as bill:
        os.close(theirs)
        shown = read_to_the_end(ours)
        said, _ = bill.communicate(timeout=processes.PATIENCE_S)
    assert bill.returncode == 0
    assert said == issued
    assert "billing 20" in shown
    assert " invoices" in shown


def test_a_pipe_sees_nothing_but_the_result(settings: Settings, issued: str) -> None:
    bill = subprocess.run(  # noqa: S603
        COMMAND,
        env=processes.environment(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=processes.PATIENCE_S,
    )
    assert (bill.returncode, bill.stdout, bill.stderr) == (0, issued, "")
