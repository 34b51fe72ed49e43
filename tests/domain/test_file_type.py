"""What a file is told to be, by its bytes alone."""

import io
import zipfile

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.file_type import OCTETS, TEXT, type_of

# What a browser might carry out, or show as a page of ours.
CARRIED_OUT = ("html", "svg", "xml", "script", "css")


def archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writing:
        for name in names:
            writing.writestr(name, "x" * 100)
    return made.getvalue()


def open_document(kind: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as writing:
        writing.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        writing.writestr("content.xml", "<x/>")
    return made.getvalue()


OPEN_XML = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
        (b"%PDF-1.4 all of it ASCII", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"GIF89a\x01\x00", "image/gif"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", OCTETS),
        (b"II*\x00\x08\x00", "image/tiff"),
        (b"MM\x00*\x00\x08", "image/tiff"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "image/heic"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00", "video/mp4"),
        (b"\x00\x00\x00\x18ftypM4A \x00\x00", OCTETS),
        (b"{\\rtf1\\ansi", "application/rtf"),
        (b"\x1f\x8b\x08\x00\x00", "application/gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "application/x-ole-storage"),
        (archive("a.txt"), "application/zip"),
        (archive("word/document.xml"), f"{OPEN_XML}wordprocessingml.document"),
        (archive("a", "xl/workbook.xml"), f"{OPEN_XML}spreadsheetml.sheet"),
        (archive("ppt/presentation.xml"), f"{OPEN_XML}presentationml.presentation"),
        (open_document("text"), f"{OPEN_DOCUMENT}text"),
        (open_document("spreadsheet"), f"{OPEN_DOCUMENT}spreadsheet"),
        (open_document("graphics"), "application/zip"),
        (b"MZ\x90\x00\x03", OCTETS),
        (b"\x7fELF\x02\x01\x01\x00", OCTETS),
        (b"\xff\xfe\x00\x01", OCTETS),
        (b"\xc3\x28 is no UTF-8", OCTETS),
        (b"a\x00b", OCTETS),
        ("Gr\u00fc\u00dfe,\r\n\tAda\n".encode(), TEXT),
        (b"a,b\n1,2\n", TEXT),
        (b"<!DOCTYPE html><script>alert(1)</script>", TEXT),
        (b"  <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", TEXT),
        (b"<?xml version='1.0'?><a/>", TEXT),
        (b"BMW, 2 years", TEXT),
        (b"PK", TEXT),
        (b"#!/bin/sh\nrm -rf /\n", TEXT),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, kind: str) -> None:
    assert type_of(content) == kind


@given(
    st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "replace")))
)
def test_nothing_is_told_to_be_what_a_browser_carries_out(content: bytes) -> None:
    kind = type_of(content)
    assert not [word for word in CARRIED_OUT if kind.endswith(word)]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_what_is_characters_is_a_text_unless_it_begins_like_a_file(text: str) -> None:
    assume("ftyp" not in text)
    assert type_of(f" {text}".encode()) == TEXT
