"""The `perennial` command in processes of its own, to be watched and killed."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.config import Settings

ROOT = Path(__file__).parents[1]
PATIENCE_S = 120
_LOOK_S = 0.002

Process = subprocess.Popen[bytes]


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Return the environment of a command on the test's database."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PERENNIAL_DATA": str(settings.data),
        "PERENNIAL_DATABASE": settings.database,
        "PERENNIAL_TICK_S": "1",
        **more,
    }


@contextmanager
def started(
    settings: Settings, count: int, *command: str, **more: str
) -> Iterator[list[Process]]:
    """Start a command so many times at once; whatever is left of it is killed.

    What they say is in the file `log` of the data folder; `more` are variables.
    """
    with (settings.data / "log").open("ab") as log:
        processes = [
            subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "app.cli", *command],
                env=environment(settings, **more),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            for _ in range(count)
        ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def log_of(settings: Settings) -> str:
    """Return what the commands said."""
    return (settings.data / "log").read_text("utf-8")


def until(
    condition: Callable[[], bool],
    patience_s: float = PATIENCE_S,
    look_s: float = _LOOK_S,
) -> None:
    """Look again and again whether something has come about."""
    pause = threading.Event()
    for _ in range(int(patience_s / look_s)):
        if condition():
            return
        pause.wait(look_s)
    raise AssertionError("it did not come about")


def check_books(settings: Settings) -> None:
    """Let `perennial doctor` look at the books; it must find nothing wrong."""
    with started(settings, 1, "doctor") as (doctor,):
        assert doctor.wait(PATIENCE_S) == 0, log_of(settings)
