"""Folders in which whole files are left for another program to take.

A name that begins with a dot is ours: a file that is still being written. Only one
process may write into a folder at a time.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_OURS = ".{}.part"


def made(folder: Path) -> None:
    """Make a folder for its owner alone, and empty it of what a crash left behind.

    Raises: OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(_OURS.format("*")):
        left.unlink(missing_ok=True)


def staged(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files to the disk under names that nobody takes.

    Raises: OSError.
    """
    for name, content in files.items():
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(_part(folder, name), flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def released(folder: Path, names: Iterable[str]) -> None:
    """Give staged files their names, each for good before the next one.

    What has a name already is replaced.

    Raises: OSError.
    """
    for name in names:
        _part(folder, name).replace(folder / name)
        _sync(folder)


def _part(folder: Path, name: str) -> Path:
    return folder / _OURS.format(name)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
