"""The key ring: key-encryption keys by id, from a file or the environment.

The ring is a text of `id:base64` entries between white space, `#` beginning a comment;
the last entry is the active one, which wraps new data keys. It lives outside the
database, so that neither a copy of the database nor its backup opens a card. Comments
of our own are understood: since when a key is there, and which ones were.
"""

import base64
import binascii
import logging
import os
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from app.config import Settings, SettingsError

_log = logging.getLogger(__name__)

KEY_BYTES = 32
_ID = r"[A-Za-z0-9_.-]{1,64}"
_ENTRY = re.compile(rf"({_ID}):(\S*)", re.ASCII)
_COUNTED = re.compile(r"k([0-9]{1,9})", re.ASCII)
_SINCE = re.compile(r" since ([0-9]{4}-[0-9]{2}-[0-9]{2})", re.ASCII)
_RETIRED = re.compile(rf" ({_ID}) was retired on .*", re.ASCII)


class KeyProblemError(SettingsError):
    """A key is missing, wrong or unreadable; one line says which, and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """Keys by id, in the order of the text; `source` says where they came from.

    `since` and `retired` are what its comments tell, as far as they do.
    """

    keys: dict[str, bytes] = field(repr=False)
    source: str
    since: dict[str, date] = field(default_factory=dict)
    retired: frozenset[str] = frozenset()

    @property
    def active(self) -> str:
        """The id of the key that wraps new data keys.

        Raises: KeyProblemError when the ring is empty.
        """
        if not self.keys:
            raise KeyProblemError(
                f"there is no key in {self.source}: run 'perennial init', or restore "
                "the key ring of this database"
            )
        return list(self.keys)[-1]

    def free_id(self, wanted: str | None, known: Collection[str]) -> str:
        """Return the id for a new key: the wanted one, or the next free k<number>.

        `known` are those of the database. An id never returns, as a backup may need
        the key that had it.

        Raises: KeyProblemError.
        """
        taken = {*self.keys, *self.retired, *known}
        if wanted is None:
            counted = [_COUNTED.fullmatch(key_id) for key_id in taken]
            return f"k{max((int(n[1]) for n in counted if n), default=0) + 1}"
        if re.fullmatch(_ID, wanted, re.ASCII) is None:
            raise KeyProblemError(
                "an id has 1 to 64 letters, digits, full stops, hyphens and underscores"
            )
        if wanted in taken:
            raise KeyProblemError(
                f"there is, or was, a key '{wanted}' already: choose another id"
            )
        return wanted


def load(settings: Settings) -> KeyRing:
    """Read the ring; a file that does not exist is an empty ring.

    Raises: KeyProblemError for a ring that cannot be read, naming key and remedy.
    """
    if settings.keys is not None:
        return parse(settings.keys, "PERENNIAL_KEYS")
    return read(settings.key_file)


def read(path: Path) -> KeyRing:
    """Read the ring of a file; one that does not exist is an empty ring.

    Raises: KeyProblemError.
    """
    source = f"the key file {path}"
    try:
        if path.stat().st_mode & 0o077:
            _log.warning("%s can be read by others: chmod 600 it", source)
        text = path.read_text("ascii")
    except FileNotFoundError:
        return KeyRing(keys={}, source=source)
    except (OSError, UnicodeDecodeError) as error:
        raise KeyProblemError(
            f"{source} cannot be read: restore it from its backup, readable by this "
            "user"
        ) from error
    return parse(text, source)


def parse(text: str, source: str) -> KeyRing:
    """Return the ring that a text holds.

    Raises: KeyProblemError.
    """
    keys: dict[str, bytes] = {}
    since: dict[str, date] = {}
    retired = set()
    for line in text.splitlines():
        entries, _, comment = line.partition("#")
        if told := _RETIRED.fullmatch(comment):
            retired.add(told[1])
        for entry in entries.split():
            found = _ENTRY.fullmatch(entry)
            if found is None:
                raise KeyProblemError(
                    f"{source} holds an entry that is not id:base64: restore it from "
                    "its backup"
                )
            key_id, encoded = found.groups()
            if key_id in keys:
                raise KeyProblemError(
                    f"key '{key_id}' stands twice in {source}: keep the right one"
                )
            keys[key_id] = _decoded(key_id, encoded, source)
            if told := _SINCE.fullmatch(comment):
                with suppress(ValueError):
                    since[key_id] = date.fromisoformat(told[1])
    return KeyRing(keys=keys, source=source, since=since, retired=frozenset(retired))


def new_entry(key_id: str) -> str:
    """Return an entry of a ring with a new random key."""
    encoded = base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")
    return f"{key_id}:{encoded}"


def create(path: Path) -> None:
    """Write a new key file with one random key, readable by its owner alone.

    Raises: KeyProblemError when there is a file already; it is left as it is.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise KeyProblemError(f"the key file {path} exists already") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(
            "# Key ring of Perennial: without it no stored card can be read. Keep a\n"
            "# copy apart from the database's backups. The last entry is the active "
            "one.\n"
            f"{new_entry('k1')}\n"
        )
        file.flush()
        os.fsync(file.fileno())


def _decoded(key_id: str, encoded: str, source: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyProblemError(
            f"key '{key_id}' in {source} is damaged (not {KEY_BYTES} bytes of base64): "
            "restore it from its backup"
        )
    return key
