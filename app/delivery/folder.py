"""Folders in which whole files are left for another program to take.

A name that begins with a dot is ours: a file that is still being written. It holds a
mark of whoever writes it, so that nobody gives a name to what another has half written.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_OURS = ".{}.part"


def made(folder: Path) -> None:
    """Make a folder for its owner alone, and empty it of what was left half written.

    Raises: OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(_OURS.format("*")):
        left.unlink(missing_ok=True)


def staged(folder: Path, files: Mapping[str, bytes], mark: str) -> None:
    """Write files to the disk under names that nobody takes.

    Raises: OSError.
    """
    for name, content in files.items():
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(_part(folder, name, mark), flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def released(folder: Path, names: Iterable[str], mark: str) -> None:
    """Give staged files their names, each for good before the next one.

    What has a name already is replaced.

    Raises: OSError.
    """
    for name in names:
        _part(folder, name, mark).replace(folder / name)
        _sync(folder)


def _part(folder: Path, name: str, mark: str) -> Path:
    return folder / _OURS.format(f"{name}.{mark}")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
