"""Attachments: files that belong to a profile or to an invoice.

A file is stored as it came and never opened. Its name is made harmless, its type is
what its bytes say, whatever its name says.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.errors import InvalidValueError, MissingFieldError, RefusedError
from app.domain.file_type import type_of
from app.domain.folder import Folder

MIB = 1024 * 1024
NAME_BYTES_MAX = 255
OWNED_MAX = 50

_UNNAMED = "attachment"
_EXTENSION_BYTES_MAX = 32
# Controls, what nobody sees or what turns a line round, halves of characters, and the
# ends of lines and paragraphs.
_LEFT_OUT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|\Z)",
    re.IGNORECASE,
)
_AROUND = re.compile(r"^[\s.]+|[\s.]+\Z")


class OwnerNoun(StrEnum):
    """What an attachment may belong to."""

    RECURRING = "recurring"
    INVOICE = "invoice"


@dataclass(frozen=True, slots=True)
class Owner:
    """The one thing that an attachment belongs to."""

    noun: OwnerNoun
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is known of a file, without the file; its id is 0 until it is stored.

    `size` counts bytes, `digest` is their SHA-256 in hexadecimal.
    """

    attachment_id: int = 0
    owner: Owner
    file_name: str
    description: str
    type: str
    size: int
    digest: str
    folder: Folder = Folder.ACTIVE
    updated_at: datetime | None = None


def attached(
    owner: Owner, file_name: str, content: bytes, description: str, size_max: int
) -> Attachment:
    """Return what is to be known of a new file of at most `size_max` bytes.

    Raises: MissingFieldError, InvalidValueError.
    """
    if not file_name:
        raise MissingFieldError("file_name")
    if not content:
        raise MissingFieldError("content")
    if len(content) > size_max:
        raise InvalidValueError(
            "content", f"The file is larger than {size_max // MIB} MiB."
        )
    return Attachment(
        owner=owner,
        file_name=safe_name(file_name),
        description=description,
        type=type_of(content),
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
    )


def check_room(count: int) -> None:
    """Prove that an owner with so many attachments may have one more.

    Raises: RefusedError.
    """
    if count >= OWNED_MAX:
        raise RefusedError(
            "create", "attachment", f"There are {OWNED_MAX} already, which is the most."
        )


def safe_name(text: str) -> str:
    """Return a name under which a file may be saved on any system, by anybody.

    It is the last step of a path, without what cannot be seen, is special to a system,
    hides the file or names a device, and of at most 255 bytes; the extension stays. A
    name of which nothing is left is "attachment".
    """
    name = re.split(r"[/\\]", text)[-1]
    seen = "".join(c for c in name if unicodedata.category(c) not in _LEFT_OUT)
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", seen))
    name = _trimmed(name) or _UNNAMED
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name)


def _trimmed(name: str) -> str:
    """Return a name that is not hidden, and that Windows does not shorten."""
    return _AROUND.sub("", name)


def _shortened(name: str) -> str:
    if len(name.encode()) <= NAME_BYTES_MAX:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > _EXTENSION_BYTES_MAX:
        return _trimmed(_cut(name, NAME_BYTES_MAX))
    ending = dot + extension
    return _trimmed(_cut(stem, NAME_BYTES_MAX - len(ending.encode()))) + ending


def _cut(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")
