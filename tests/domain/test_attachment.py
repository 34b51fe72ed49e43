"""Names that are safe wherever a file is saved, and what is known of a new file."""

import hashlib
import string
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.attachment import (
    MIB,
    NAME_BYTES_MAX,
    OWNED_MAX,
    Owner,
    OwnerNoun,
    attached,
    check_room,
    safe_name,
)
from app.domain.errors import InvalidValueError, MissingFieldError, RefusedError

OWNER = Owner(OwnerNoun.RECURRING, 1)
DEVICES = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"] + [
    f"{port}{number}"
    for port in ("COM", "LPT")
    for number in "0123456789\u00b9\u00b2\u00b3"
]
# Of these, most of what is wrong with a name is made.
PIECES = st.sampled_from(
    [
        *DEVICES,
        *string.punctuation,
        *" .\t\n\r\x00\x1b\x7f\u00a0\u3000\u2028\u200b\u200e\u202e\u2066\ufeff",
        "..",
        "../",
        "..\\",
        "C:",
        "con",
        ".txt",
        ".pdf",
        "e\u0301",
        "\u212b",
        "\U0001f600",
        "\ud800",
        "x" * 100,
        "\u4e2d" * 50,
    ]
)
NAMES = st.one_of(st.text(max_size=400), st.lists(PIECES, max_size=12).map("".join))


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("contract.pdf", "contract.pdf"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\fakepath\\scan 1.jpg", "scan 1.jpg"),
        ("C:scan.jpg", "C_scan.jpg"),
        ("scan.jpg:stream", "scan.jpg_stream"),
        (".htaccess", "htaccess"),
        ("...", "attachment"),
        ("..", "attachment"),
        ("a/", "attachment"),
        ("\u202e", "attachment"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nSet-Cookie: b.txt", "aSet-Cookie_ b.txt"),
        ("a\x00b.txt", "ab.txt"),
        ("con", "_con"),
        ("NUL.tar.gz", "_NUL.tar.gz"),
        ("Aux .txt", "_Aux .txt"),
        ("console.log", "console.log"),
        ("com10.txt", "com10.txt"),
        ("a.txt. . ", "a.txt"),
        ('<b>"a"|?*.txt', "_b__a____.txt"),
        ("Ma\u0308rz.pdf", "M\u00e4rz.pdf"),
        ("\u8acb\u6c42\u66f8.pdf", "\u8acb\u6c42\u66f8.pdf"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("\u00e4" * 200 + ".pdf", "\u00e4" * 125 + ".pdf"),
        ("a" * 10 + "." + "b" * 300, "a" * 10 + "." + "b" * 244),
        ("CON" + "\u00a0" * 300 + ".txt", "_CON.txt"),
    ],
)
def test_a_name_is_made_harmless(given_name: str, name: str) -> None:
    assert safe_name(given_name) == name


@given(NAMES)
@example("." + "\u00a0" + ".x")
@example("x" * 250 + "." + "y" * 4)
def test_a_safe_name_can_be_saved_anywhere_by_anybody(given_name: str) -> None:
    name = safe_name(given_name)
    assert name
    assert len(name.encode()) <= NAME_BYTES_MAX
    assert not set(name) & set('/\\<>:"|?*')
    assert not {unicodedata.category(c) for c in name} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert name[0] != "."
    assert name == name.strip().rstrip(". ")
    assert name.partition(".")[0].strip().upper() not in DEVICES
    assert unicodedata.is_normalized("NFC", name)


@given(NAMES)
def test_a_safe_name_is_safe_already(given_name: str) -> None:
    name = safe_name(given_name)
    assert safe_name(name) == name


@given(st.text(), NAMES)
def test_no_folder_is_left_of_a_path(folder: str, name: str) -> None:
    assert safe_name(f"{folder}/{name}") == safe_name(name)
    assert safe_name(f"{folder}\\{name}") == safe_name(name)


@given(
    st.text(string.ascii_letters + " ", min_size=250, max_size=600),
    st.text(string.ascii_lowercase, min_size=1, max_size=32),
)
def test_the_extension_of_a_long_name_stays(stem: str, extension: str) -> None:
    assert safe_name(f"x{stem}x.{extension}").endswith(f".{extension}")


def test_size_type_and_digest_are_those_of_the_bytes() -> None:
    content = b"%PDF-1.7 and so on"
    found = attached(OWNER, "a.exe", content, "Terms", MIB)
    assert (found.file_name, found.description) == ("a.exe", "Terms")
    assert (found.type, found.size) == ("application/pdf", len(content))
    assert found.digest == hashlib.sha256(content).hexdigest()


def test_a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not() -> None:
    assert attached(OWNER, "a", bytes(MIB), "", MIB).size == MIB
    with pytest.raises(InvalidValueError) as refused:
        attached(OWNER, "a", bytes(MIB + 1), "", MIB)
    assert refused.value.field == "content"
    assert refused.value.reason == "The file is larger than 1 MiB."


@pytest.mark.parametrize(
    ("name", "content", "field"), [("", b"x", "file_name"), ("a", b"", "content")]
)
def test_a_file_has_a_name_and_something_in_it(
    name: str, content: bytes, field: str
) -> None:
    with pytest.raises(MissingFieldError) as refused:
        attached(OWNER, name, content, "", MIB)
    assert refused.value.field == field


def test_there_is_room_for_one_less_than_the_most() -> None:
    check_room(OWNED_MAX - 1)
    with pytest.raises(RefusedError):
        check_room(OWNED_MAX)
