import codecs

import pytest
from lxml import etree

from app.domain.errors import (
    InvalidValueError,
    MalformedError,
    ServiceError,
    UnknownElementError,
)
from app.wire import xml
from app.wire.xml import CHILDREN_MAX, DEPTH_MAX, ELEMENTS_MAX, parse

KNOWN = frozenset(
    "recurring notes lines line name contacts contact contact_id autobill card".split()
)
METHODS = {"recurring.update", "recurring.create", "client.get", "a", "m"}
NOTES = '<request method="recurring.update"><recurring><notes>{}</notes></recurring>'
NOTES += "</request>"


def tree(body: bytes | str, *, ignore_unknown: bool = False) -> etree._Element:
    data = body.encode() if isinstance(body, str) else body
    return parse(data, METHODS, KNOWN, ignore_unknown=ignore_unknown).root


def notes(body: bytes | str) -> str | None:
    return tree(body).findtext("recurring/notes")


def request(inner: str) -> str:
    return f'<request method="recurring.update">{inner}</request>'


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("", id="nothing"),
        pytest.param('<?xml version="1.0" encoding="utf-8"?>', id="declaration"),
        pytest.param('<?xml version="1.0"?>\n', id="no encoding"),
        pytest.param("<?xml version='1.0' encoding='UTF-8'?>", id="single quotes"),
        pytest.param('<?xml version="1.0" encoding="UTF8"?>', id="no hyphen"),
        pytest.param(
            '<?xml version="1.0" encoding="utf-8" standalone="yes"?>', id="standalone"
        ),
        pytest.param('<!--?xml version="1.0" encoding="utf-8"?-->', id="commented out"),
        pytest.param("<!-- a --><!-- b -->\n", id="comments"),
        pytest.param("\ufeff", id="byte order mark"),
        pytest.param(
            '\ufeff<?xml version="1.0" encoding="utf-8"?>', id="mark and declaration"
        ),
        pytest.param("\ufeff\r\n", id="mark and line"),
        pytest.param("\r\n\t ", id="white space"),
        pytest.param(
            '\n  <?xml version="1.0" encoding="utf-8"?>\n', id="declaration set off"
        ),
        pytest.param('<?php-thing a="b"?>', id="processing instruction"),
    ],
)
def test_what_clients_put_before_the_root_is_accepted(before: str) -> None:
    assert notes(before + NOTES.format("Zoë")) == "Zoë"


@pytest.mark.parametrize("after", ["\n", " \t\r\n", "<!-- done -->", "<?done?>\n"])
def test_layout_and_comments_after_the_root_are_accepted(after: str) -> None:
    assert notes(NOTES.format("x") + after) == "x"


@pytest.mark.parametrize(
    ("encoding", "mark", "text"),
    [
        ("utf-8", b"", "Zoë €"),
        ("utf-8", codecs.BOM_UTF8, "Zoë €"),
        ("UTF-8", b"", "日本"),
        ("us-ascii", b"", "plain"),
        ("ASCII", b"", "plain"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "Zoë € 😀"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "Zoë € 😀"),
        ("iso-8859-1", b"", "Zoë ¿"),
        ("ISO-8859-1", b"", "ÿ"),
        ("windows-1252", b"", "Zoë €"),
        ("Windows-1252", b"", "“quoted” €uro…"),
    ],
)
def test_encodings_that_clients_use_are_accepted(
    encoding: str, mark: bytes, text: str
) -> None:
    declared = "utf-16" if encoding.startswith("utf-16") else encoding
    document = f'<?xml version="1.0" encoding="{declared}"?>' + NOTES.format(text)
    assert notes(mark + document.encode(encoding)) == text


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)],
)
def test_utf_16_needs_no_declaration_beside_its_mark(
    encoding: str, mark: bytes
) -> None:
    assert notes(mark + NOTES.format("Zoë").encode(encoding)) == "Zoë"


@pytest.mark.parametrize(
    "document",
    [
        (
            '<request xmlns="http://www.freshbooks.com/api/" method="recurring.update">'
            "<recurring><notes>x</notes></recurring></request>"
        ),
        (
            '<request xmlns="" method="recurring.update">'
            "<recurring><notes>x</notes></recurring></request>"
        ),
        (
            '<request xmlns="urn:other" method="recurring.update">'
            '<recurring xmlns=""><notes xmlns="urn:third">x</notes></recurring>'
            "</request>"
        ),
        (
            '<fb:request xmlns:fb="http://www.freshbooks.com/api/" '
            'method="recurring.update"><fb:recurring><fb:notes>x</fb:notes>'
            "</fb:recurring></fb:request>"
        ),
        (
            '<ns2:request xmlns:ns2="urn:a" source-token="abc" '
            'method="recurring.update"><recurring>'
            "<ns2:notes>x</ns2:notes></recurring></ns2:request>"
        ),
    ],
)
def test_namespaces_and_prefixes_do_not_matter(document: str) -> None:
    assert notes(document) == "x"


def test_attributes_but_the_method_are_ignored() -> None:
    document = (
        '<request source-token="abc" method="recurring.update" version="2.1">'
        '<recurring type="array"><notes deprecated="true" nil="1">x</notes>'
        "</recurring></request>"
    )
    root = tree(document)
    assert root.findtext("recurring/notes") == "x"
    assert [dict(element.attrib) for element in root.iter()] == [{}, {}, {}]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<![CDATA[a < b & c]]>", "a < b & c"),
        ("one <![CDATA[<two>]]> three", "one <two> three"),
        ("<![CDATA[]]>", ""),
        ("<![CDATA[a]]><![CDATA[b]]>", "ab"),
        ("Yard<!-- x --> Work", "Yard Work"),
        ("Yard<?x y?> Work", "Yard Work"),
        ("Zo&#235; &#x20AC; &#128512;", "Zoë € 😀"),
        ("&lt;b&gt; &amp; &quot;c&quot; &apos;", '<b> & "c" \''),
        ("  blanks at both ends\t", "  blanks at both ends\t"),
        ("   ", "   "),
        # XML's own rule: a written line end is one line feed, an escaped one stays.
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a&#13;&#10;b", "a\r\nb"),
        (
            "e\u0301 \u202e\u05e9\u05dc\u05d5\u05dd\u202c \u200d",
            "e\u0301 \u202e\u05e9\u05dc\u05d5\u05dd\u202c \u200d",
        ),
        ("\U0010fffd", "\U0010fffd"),
    ],
)
def test_a_text_is_read_as_it_was_meant(written: str, read: str) -> None:
    assert (notes(NOTES.format(written)) or "") == read


def test_white_space_between_elements_is_no_text() -> None:
    root = tree(
        "<request method='m'>\n  <recurring>\n  <notes/>\n </recurring>\n</request>"
    )
    assert [element.text for element in root.iter()] == [None, None, None]


def test_text_among_elements_is_kept_for_the_schema_to_refuse() -> None:
    root = tree(request("<recurring>1<notes/>2</recurring>"))
    assert root[0].text == "12"


@pytest.mark.parametrize(
    ("attribute", "method"),
    [
        ('"client.get"', "client.get"),
        ("'client.get'", "client.get"),
        ('" client.get "', "client.get"),
        ('"&#99;lient.get"', "client.get"),
    ],
)
def test_the_method_is_the_attribute_of_the_root(attribute: str, method: str) -> None:
    body = f"<request method={attribute}/>".encode()
    assert parse(body, METHODS, KNOWN, ignore_unknown=False).method == method


def test_repeated_list_wrappers_are_one_list() -> None:
    root = tree(
        request(
            "<recurring><lines><line><name>a</name></line></lines><notes/>"
            "<lines><line><name>b</name></line><line><name>c</name></line></lines>"
            "<lines/></recurring>"
        )
    )
    assert len(root.findall("recurring/lines")) == 1
    assert [e.text for e in root.iter("name")] == ["a", "b", "c"]


def test_repeated_contacts_wrappers_are_one_list() -> None:
    one = "<contacts><contact><contact_id>{}</contact_id></contact></contacts>"
    root = tree(request(f"<recurring>{one.format(1)}{one.format(2)}</recurring>"))
    assert [e.text for e in root.findall("recurring/contacts/contact/contact_id")] == [
        "1",
        "2",
    ]


def test_lists_of_different_parents_are_not_merged() -> None:
    root = tree(
        request("<recurring><lines/></recurring><recurring><lines/></recurring>")
    )
    assert len(root.findall("recurring/lines")) == 2


def test_other_repeated_elements_stay_two_for_the_schema_to_refuse() -> None:
    root = tree(request("<recurring><notes>a</notes><notes>b</notes></recurring>"))
    assert [e.text for e in root.iter("notes")] == ["a", "b"]


@pytest.mark.parametrize("space", ["", "\n    "])
def test_a_doubled_autobill_is_one(space: str) -> None:
    root = tree(
        request(
            f"<recurring><autobill>{space}<autobill>{space}<card/>{space}</autobill>"
            f"{space}</autobill></recurring>"
        )
    )
    assert len(list(root.iter("autobill"))) == 1
    assert root.find("recurring/autobill/card") is not None


GOOD = NOTES.format("x")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" \r\n\t", id="white space"),
        pytest.param(codecs.BOM_UTF8, id="mark alone"),
        pytest.param(b"hello", id="prose"),
        pytest.param(b'{"method": "client.get"}', id="json"),
        pytest.param(b"http://127.0.0.1:9/x", id="address"),
        pytest.param(b"xml-in=%3Crequest%2F%3E", id="form"),
        pytest.param(GOOD[:-1].encode(), id="last byte missing"),
        pytest.param(GOOD[:40].encode(), id="cut in the middle"),
        pytest.param((GOOD + GOOD).encode(), id="two roots"),
        pytest.param((GOOD + "tail").encode(), id="text after the root"),
        pytest.param(b"<request method='a'><notes></request>", id="not nested"),
        pytest.param(b"<request method='a' method='b'/>", id="attribute twice"),
        pytest.param(b"<request method=a/>", id="unquoted"),
        pytest.param(NOTES.format("a & b").encode(), id="bare ampersand"),
        pytest.param(NOTES.format("a < b").encode(), id="bare bracket"),
        pytest.param(NOTES.format("&nbsp;").encode(), id="entity of HTML"),
        pytest.param(NOTES.format("&x;").encode(), id="undeclared entity"),
        pytest.param(NOTES.format("<![CDATA[x").encode(), id="open CDATA"),
        pytest.param(NOTES.format("<!-- x").encode(), id="open comment"),
        pytest.param(b"<!DOCTYPE request>" + GOOD.encode(), id="doctype"),
        pytest.param(
            b'<!DOCTYPE request [<!ENTITY x "y">]>' + NOTES.format("&x;").encode(),
            id="entity",
        ),
        pytest.param(
            b'<!DOCTYPE request [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
            + NOTES.format("&x;").encode(),
            id="external entity",
        ),
        pytest.param(
            b'<!DOCTYPE request [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]>'
            + GOOD.encode(),
            id="parameter entity",
        ),
        pytest.param(
            b'<!DOCTYPE request SYSTEM "http://127.0.0.1:9/x.dtd">' + GOOD.encode(),
            id="external subset",
        ),
        pytest.param(
            b'<!DOCTYPE request [<!ATTLIST request method CDATA "client.list">]>'
            b"<request/>",
            id="attribute default",
        ),
        pytest.param(NOTES.format("\x00").encode(), id="NUL"),
        pytest.param(GOOD.encode() + b"\x00", id="NUL at the end"),
        pytest.param(NOTES.format("&#0;").encode(), id="escaped NUL"),
        pytest.param(NOTES.format("\x08").encode(), id="control character"),
        pytest.param(NOTES.format("&#8;").encode(), id="escaped control character"),
        pytest.param(NOTES.format("&#xD800;").encode(), id="half a pair"),
        pytest.param(NOTES.format("&#xFFFE;").encode(), id="no character"),
        pytest.param(NOTES.format("&#x110000;").encode(), id="beyond Unicode"),
        pytest.param(NOTES.format("\ufffe").encode(), id="raw no character"),
        pytest.param(NOTES.format("#").encode().replace(b"#", b"\xff"), id="not UTF-8"),
        pytest.param(
            NOTES.format("#").encode().replace(b"#", b"\xc0\xaf"), id="overlong UTF-8"
        ),
        pytest.param(
            NOTES.format("#").encode().replace(b"#", b"\xed\xa0\x80"), id="CESU-8"
        ),
        pytest.param(NOTES.format("Zo\xeb").encode("latin-1"), id="undeclared Latin-1"),
        pytest.param(
            b'<?xml version="1.0" encoding="us-ascii"?>' + NOTES.format("ë").encode(),
            id="not ASCII",
        ),
        pytest.param(
            b'<?xml version="1.0" encoding="utf-16"?>' + GOOD.encode(),
            id="UTF-16 in name only",
        ),
        pytest.param(b'<?xml version="1.0"' + GOOD.encode(), id="open declaration"),
    ],
)
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedError):
        tree(body)


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-7",
        "utf-32",
        "utf-32-le",
        "cp037",
        "cp500",
        "shift_jis",
        "gb18030",
        "big5",
        "euc-jp",
        "iso-2022-jp",
        "koi8-r",
        "cp1251",
        "iso-8859-15",
    ],
)
def test_other_encodings_are_refused(encoding: str) -> None:
    document = f'<?xml version="1.0" encoding="{encoding}"?>{GOOD}'
    with pytest.raises(MalformedError):
        tree(document.encode(encoding))


@pytest.mark.parametrize(
    "encoding", ["utf-7", "idna", "rot13", "hex", "bz2", "unicode_escape", "nonsense"]
)
def test_a_declared_encoding_is_refused_by_its_name(encoding: str) -> None:
    # ASCII bytes would read alike in most of them; a codec must not even be looked up.
    with pytest.raises(MalformedError):
        tree(f'<?xml version="1.0" encoding="{encoding}"?>{GOOD}')


@pytest.mark.parametrize(
    "document",
    [
        '<Request method="client.get"/>',
        '<REQUEST method="client.get"/>',
        '<response method="client.get"/>',
        '<requests method="client.get"/>',
        '<recurring method="client.get"/>',
        "<request/>",
        '<request method=""/>',
        '<request method="   "/>',
        '<request Method="client.get"/>',
        '<request xmlns:a="urn:a" a:method="client.get"/>',
    ],
)
def test_the_root_must_be_a_request_with_a_method(document: str) -> None:
    with pytest.raises(MalformedError):
        tree(document)


@pytest.mark.parametrize("depth", [DEPTH_MAX + 1, 1000, 100_000])
@pytest.mark.parametrize("ignore_unknown", [False, True])
def test_deep_nesting_is_refused(depth: int, *, ignore_unknown: bool) -> None:
    inner = "<name>" * (depth - 1) + "</name>" * (depth - 1)
    with pytest.raises(MalformedError):
        tree(request(inner), ignore_unknown=ignore_unknown)


def test_deep_nesting_of_ignored_elements_is_refused() -> None:
    inner = "<x>" * 1000 + "</x>" * 1000
    with pytest.raises(MalformedError):
        tree(request(inner), ignore_unknown=True)


def test_the_deepest_nesting_that_is_allowed_is_read() -> None:
    inner = "<name>" * (DEPTH_MAX - 1) + "</name>" * (DEPTH_MAX - 1)
    assert len(list(tree(request(inner)).iter())) == DEPTH_MAX


def test_too_many_elements_are_refused() -> None:
    line = "<line>" + "<name/>" * 499 + "</line>"
    lines = ELEMENTS_MAX // 500
    root = tree(request("<lines>" + line * (lines - 1) + "</lines>"))
    assert len(root[0]) == lines - 1
    with pytest.raises(MalformedError):
        tree(request("<lines>" + line * lines + "</lines>"))


def test_too_many_children_of_one_element_are_refused_by_name() -> None:
    assert len(tree(request("<name/>" * CHILDREN_MAX))) == CHILDREN_MAX
    with pytest.raises(InvalidValueError) as refused:
        tree(request("<recurring>" + "<name/>" * 513 + "</recurring>"))
    assert (refused.value.field, refused.value.path) == ("name", "recurring/name")


def test_too_many_attributes_are_refused() -> None:
    many = "".join(f' a{number}=""' for number in range(xml.ATTRIBUTES_MAX + 1))
    with pytest.raises(MalformedError):
        tree(request(f"<name{many}/>"))


@pytest.mark.parametrize(
    ("inner", "name", "path"),
    [
        ("<bogus/>", "bogus", "bogus"),
        ("<recurring><bogus/></recurring>", "bogus", "recurring/bogus"),
        (
            "<recurring><lines><line><cost>1</cost></line></lines></recurring>",
            "cost",
            "recurring/lines/line/cost",
        ),
        ("<recurring><a:Notes xmlns:a='u'/></recurring>", "Notes", "recurring/Notes"),
        (
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="x"/>',
            "include",
            "include",
        ),
    ],
)
def test_an_element_that_no_method_knows_is_refused_by_name_and_path(
    inner: str, name: str, path: str
) -> None:
    with pytest.raises(UnknownElementError) as refused:
        tree(request(inner))
    assert (refused.value.field, refused.value.path) == (name, path)


@pytest.mark.parametrize(
    "bogus",
    [
        "<bogus/>",
        "<bogus>text</bogus>",
        "<bogus><notes>not these</notes></bogus>",
        "<bogus><bogus><notes>not these</notes></bogus><notes/></bogus>",
        "<bogus><![CDATA[x]]><lines/></bogus>",
    ],
)
def test_ignored_elements_leave_nothing_behind(bogus: str) -> None:
    root = tree(
        request(
            f"{bogus}<recurring>{bogus}<notes>a{bogus}b</notes></recurring>{bogus}"
        ),
        ignore_unknown=True,
    )
    assert etree.tostring(root) == (
        b"<request><recurring><notes>ab</notes></recurring></request>"
    )


def test_refused_names_do_not_reach_libxml2() -> None:
    # It keeps every name that it meets for the life of the process.
    flood = "".join(f"<n{number}/>" for number in range(1000))
    with pytest.raises(ServiceError):
        tree(request(flood))
    root = tree(request(f"<notes/>{flood}"), ignore_unknown=True)
    assert [element.tag for element in root] == ["notes"]


@pytest.mark.parametrize(
    "beginning",
    [
        '<request method="a.b">',
        "<request method='a.b'/>",
        '<?xml version="1.0" encoding="ISO-8859-1"?><!-- x --><request method="a.b"><x',
        '\n\ufeff\n<x:request xmlns:x="y" z="1" method=" a.b "><x:n',
    ],
)
def test_the_beginning_of_a_document_tells_its_method(beginning: str) -> None:
    assert xml.method_of(beginning.encode()) == "a.b"


@pytest.mark.parametrize(
    "beginning",
    [
        "",
        "<",
        "a.b",
        '<request method="a.b"',
        "<request>",
        '<request method="">',
        '<other method="a.b">',
        '<other/><request method="a.b">',
        '<!DOCTYPE request><request method="a.b">',
        '<?xml version="1.0" encoding="utf-7"?><request method="a.b">',
    ],
)
def test_a_beginning_that_names_no_method_tells_none(beginning: str) -> None:
    assert xml.method_of(beginning.encode()) == ""
