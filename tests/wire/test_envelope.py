import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.domain.paging import Listing, Page
from app.wire import envelope
from app.wire.xml import escaped, node, written

DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_back(text: str) -> str:
    return etree.fromstring(envelope.ok([node("notes", text)]))[0].text or ""


def test_an_empty_answer_is_one_namespaced_element() -> None:
    assert envelope.ok() == (
        DECLARATION
        + b'<response xmlns="http://www.freshbooks.com/api/" status="ok"/>\n'
    )


def test_an_answer_is_laid_out_as_the_service_did() -> None:
    nodes = [
        node(
            "recurring",
            [
                node("recurring_id", "7"),
                node("notes", ""),
                node("autobill", []),
                node("lines", [node("line", [node("name", "Hosting")])]),
            ],
        )
    ]
    assert envelope.ok(nodes) == DECLARATION + (
        b'<response xmlns="http://www.freshbooks.com/api/" status="ok">\n'
        b"  <recurring>\n"
        b"    <recurring_id>7</recurring_id>\n"
        b"    <notes></notes>\n"
        b"    <autobill/>\n"
        b"    <lines>\n"
        b"      <line>\n"
        b"        <name>Hosting</name>\n"
        b"      </line>\n"
        b"    </lines>\n"
        b"  </recurring>\n"
        b"</response>\n"
    )


def test_a_refusal_has_error_code_and_field_in_this_order() -> None:
    assert envelope.fail("No <x>.", 40060, "x") == DECLARATION + (
        b'<response xmlns="http://www.freshbooks.com/api/" status="fail">\n'
        b"  <error>No &lt;x&gt;.</error>\n"
        b"  <code>40060</code>\n"
        b"  <field>x</field>\n"
        b"</response>\n"
    )


def test_a_refusal_without_a_field_has_no_such_element() -> None:
    assert b"field" not in envelope.fail("Authentication failed.", 20010, None)


@pytest.mark.parametrize(
    ("number", "size", "total", "attributes"),
    [
        (1, 25, 0, ' page="1" per_page="25" pages="1" total="0"'),
        (1, 25, 25, ' page="1" per_page="25" pages="1" total="25"'),
        (1, 25, 26, ' page="1" per_page="25" pages="2" total="26"'),
        (999, 25, 1, ' page="999" per_page="25" pages="1" total="1"'),
        (3, 10, 21, ' page="3" per_page="10" pages="3" total="21"'),
    ],
)
def test_a_page_has_four_attributes_in_their_order(
    number: int, size: int, total: int, attributes: str
) -> None:
    page = Page(number=number, size=size)
    listing: Listing[int] = Listing(rows=(), page=page, total=total)
    assert written([envelope.paged("clients", listing, [])], "") == (
        f"<clients{attributes}/>\n"
    )


@pytest.mark.parametrize(
    ("text", "on_the_wire"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("]]>", "]]&gt;"),
        ("&amp;", "&amp;amp;"),
        ("\"quoted\" 'twice'", "\"quoted\" 'twice'"),
        ("a\r\nb", "a&#13;\nb"),
        ("\ttab and\nline", "\ttab and\nline"),
        ("  blanks  ", "  blanks  "),
        ("Zoë 日本 😀", "Zoë 日本 😀"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_a_text_is_escaped_where_xml_needs_it(text: str, on_the_wire: str) -> None:
    assert escaped(text) == on_the_wire
    assert read_back(text) == text


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x08", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"],
)
def test_what_xml_cannot_hold_becomes_a_replacement_character(character: str) -> None:
    assert read_back(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("character", ["\x7f", "\x80", "\x85", "\u2028", "\ufdd0"])
def test_odd_characters_that_xml_can_hold_are_kept(character: str) -> None:
    assert read_back(f"a{character}b") == f"a{character}b"


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert read_back(text) == NOT_XML.sub("\ufffd", text)
