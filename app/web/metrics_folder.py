"""Where the processes of one server keep their counts, so that any can tell them all.

prometheus-client reads and writes the files. It looks for the folder when it is first
imported, so that must not be before `make`, nor by a process that then forks.
"""

import fcntl
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# In memory: a full disk would otherwise end every process that counts.
_MEMORY = "/dev/shm"  # noqa: S108 - a folder of our own is made in it
_PREFIX = "perennial-metrics-"
# The number of no process.
_ENDED = 0

_log = logging.getLogger(__name__)


def make() -> None:
    """Make the folder of this server, for the processes that it will fork."""
    place = _MEMORY if os.access(_MEMORY, os.W_OK | os.X_OK) else None
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix=_PREFIX, dir=place)


def current() -> Path | None:
    """Return the folder; None for a process that counts for itself alone."""
    name = os.environ.get(_VARIABLE)
    return Path(name) if name else None


def remove() -> None:
    """Remove the folder once the server has stopped."""
    if (folder := current()) is not None:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let nobody move counts meanwhile: they would be read twice, or not at all."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def keep_counts(pid: int) -> None:
    """Add what an ended process counted to one file for all such, and drop its own.

    Its counts must not vanish, and processes come and go as long as the server runs.
    """
    folder = current()
    if folder is None:
        return
    try:
        with locked(folder):
            for file in folder.glob(f"*_{pid}.db"):
                _add(file, file.with_name(file.name.replace(f"_{pid}.", f"_{_ENDED}.")))
                file.unlink()
    except (OSError, RuntimeError) as error:
        # The second is the library's, for a file that was not written to its end.
        _log.warning("counts of a process are lost: %s", type(error).__name__)


def _add(ended: Path, kept: Path) -> None:
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415 - see above

    total = MmapedDict(str(kept))
    try:
        for key, count, _, _ in MmapedDict.read_all_values_from_file(str(ended)):
            total.write_value(key, total.read_value(key)[0] + count, 0.0)
    finally:
        total.close()
