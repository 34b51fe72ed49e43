"""What a file is, told by its bytes: one of a few types, none of which runs a script.

The list is closed on purpose. Whoever offers an attachment for download names this
type, so that nothing may be on it that a browser would carry out: HTML, SVG and XML are
texts here, like any other. The libraries for this guess more, in both senses, open
archives for it, or have not been kept for years.
"""

import re
from collections.abc import Callable, Iterable

OCTETS = "application/octet-stream"
TEXT = "text/plain"
_ZIP = "application/zip"
_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

# By what a file begins with.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    # Word, Excel and PowerPoint before 2007, and Outlook's messages.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
# By the brand of a file that is made of boxes.
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"isom": "video/mp4",
    b"mp41": "video/mp4",
    b"mp42": "video/mp4",
    b"qt  ": "video/quicktime",
}
# By the name of a part, which archives hold uncompressed.
_PARTS = (
    (b"word/document.xml", f"{_OPEN_XML}wordprocessingml.document"),
    (b"xl/workbook.xml", f"{_OPEN_XML}spreadsheetml.sheet"),
    (b"ppt/presentation.xml", f"{_OPEN_XML}presentationml.presentation"),
    (b"mimetypeapplication/vnd.oasis.opendocument.textPK", f"{_OPEN_DOCUMENT}text"),
    (
        b"mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK",
        f"{_OPEN_DOCUMENT}spreadsheet",
    ),
)
# White space apart, no text has these.
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def type_of(content: bytes) -> str:
    """Return the type of a file by its bytes alone."""
    found = _first(_BEGINNINGS, content.startswith)
    if found:
        return found
    if content.startswith(b"PK\x03\x04"):
        return _first(_PARTS, content.__contains__) or _ZIP
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12], OCTETS)
    return TEXT if _is_text(content) else OCTETS


def _first(table: Iterable[tuple[bytes, str]], matches: Callable[[bytes], bool]) -> str:
    return next((kind for mark, kind in table if matches(mark)), "")


def _is_text(content: bytes) -> bool:
    """Whether it is UTF-8 of characters that a text has."""
    if _CONTROLS.search(content):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
