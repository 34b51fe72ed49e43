"""Changing the key file: whole or not at all, by one at a time."""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from app.vault import keys
from app.vault.keys import KeyProblemError


def add(path: Path, wanted: str | None, known: Collection[str], today: date) -> str:
    """Append a new random key, which becomes the active one; return its id.

    `wanted` is its id, if not the next free one; `known` are those of the database.

    Raises: KeyProblemError, OSError. The file is as it was then.
    """
    with _alone(path) as file:
        key_id = keys.read(file).free_id(wanted, known)
        text = file.read_bytes().decode("ascii")
        end = "" if text.endswith("\n") else "\n"
        added = f"{text}{end}{keys.new_entry(key_id)} # since {today}\n"
        _replace(file, added, {*keys.read(file).keys, key_id})
    return key_id


def remove(path: Path, key_id: str, today: date) -> None:
    """Remove a key, and leave a comment in its place.

    Raises: KeyProblemError, OSError. The file is as it was then.
    """
    with _alone(path) as file:
        left = "".join(_without(file.read_bytes().decode("ascii"), key_id, today))
        _replace(file, left, {*keys.read(file).keys} - {key_id})


def _without(text: str, key_id: str, today: date) -> Iterator[str]:
    for line in text.splitlines(keepends=True):
        entries, mark, comment = line.partition("#")
        others = [e for e in entries.split() if not e.startswith(f"{key_id}:")]
        if len(others) == len(entries.split()):
            yield line
            continue
        if others:
            yield " ".join(others) + (f" {mark}{comment}" if mark else "\n")
        yield f"# {key_id} was retired on {today}\n"


@contextmanager
def _alone(path: Path) -> Iterator[Path]:
    """Keep others from changing the file, and yield it itself if it is a link.

    The lock is its folder's: the file will be another one.
    """
    file = path.resolve()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield file
        os.fsync(folder)
    finally:
        os.close(folder)


def _replace(file: Path, text: str, expected: Collection[str]) -> None:
    """Put a text in the file's place, of the same owner and mode."""
    former = file.stat()
    if set(keys.parse(text, f"the key file {file}").keys) != set(expected):
        raise KeyProblemError(f"the key file {file} cannot be changed: do it by hand")
    made = file.with_name(f"{file.name}.new")
    made.unlink(missing_ok=True)
    handle = os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as written:
            os.fchown(handle, former.st_uid, former.st_gid)
            os.fchmod(handle, former.st_mode & 0o777)
            written.write(text.encode("ascii"))
            written.flush()
            os.fsync(handle)
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)
