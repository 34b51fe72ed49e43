"""Documents that mean harm: each is refused with an answer, and changes nothing."""

import base64
import socket
import sys
from collections.abc import Callable, Iterator
from itertools import islice, product
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import pytest

from tests.conftest import PATH, Answer, Api, parsed
from tests.hostile import LEAK, stored

DTD_CASES = {
    "an empty document type": "<!DOCTYPE request>{request}",
    "an internal entity": '<!DOCTYPE r [<!ENTITY e "x">]>{request}',
    "an internal entity that is used": (
        '<!DOCTYPE r [<!ENTITY e "client.list">]>'
        '<request method="client.create"><client><notes>&e;</notes></client></request>'
    ),
    "an entity in an attribute": (
        '<!DOCTYPE r [<!ENTITY e "client.list">]><request method="&e;"/>'
    ),
    "an attribute's default": (
        '<!DOCTYPE request [<!ATTLIST request method CDATA "client.list">]><request/>'
    ),
    "an external entity of a file": (
        '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<request method="client.create"><client><notes>&e;</notes></client></request>'
    ),
    "an external entity of the network": (
        '<!DOCTYPE r [<!ENTITY e SYSTEM "{url}">]>'
        '<request method="client.create"><client><notes>&e;</notes></client></request>'
    ),
    "a public entity": '<!DOCTYPE r [<!ENTITY e PUBLIC "x" "{url}">]>{request}',
    "a parameter entity": '<!DOCTYPE r [<!ENTITY % e SYSTEM "{url}"> %e;]>{request}',
    "an internal parameter entity": (
        "<!DOCTYPE r [<!ENTITY % e \"<!ENTITY f 'x'>\"> %e;]>{request}"
    ),
    "an external subset": '<!DOCTYPE request SYSTEM "{url}">{request}',
    "a public external subset": '<!DOCTYPE request PUBLIC "-//x" "{url}">{request}',
    "a notation": '<!DOCTYPE r [<!NOTATION n SYSTEM "{url}">]>{request}',
    "an unparsed entity": (
        '<!DOCTYPE r [<!NOTATION n SYSTEM "n"><!ENTITY e SYSTEM "{url}" NDATA n>]>'
        "{request}"
    ),
    "a billion laughs": (
        '<!DOCTYPE r [<!ENTITY a0 "ha">'
        + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
        + "]>"
        '<request method="client.create"><client><notes>&a9;</notes></client></request>'
    ),
    "a quadratic blow-up": (
        f'<!DOCTYPE r [<!ENTITY a "{"a" * 50_000}">]>'
        '<request method="client.create"><client>'
        f"<notes>{'&a;' * 50_000}</notes></client></request>"
    ),
    "entities that name each other": (
        '<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'
        '<request method="client.create"><client><notes>&a;</notes></client></request>'
    ),
}

LISTED = 'method="client.list"'
REQUEST = f"<request {LISTED}/>"


def noted(notes: str) -> str:
    """Return a client.create that would succeed if its notes could be read."""
    return (
        '<request method="client.create"><client><email>ada@loom.test</email>'
        f"<organization>Loom</organization><notes>{notes}</notes></client></request>"
    )


# Four letters each, so that they fit into 1 MB.
ATTRIBUTES = b"".join(
    b' %s=""' % "".join(letters).encode()
    for letters in islice(product(ascii_lowercase, repeat=4), 100_000)
)

BROKEN_CASES: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \r\n\t ",
    "a byte-order mark": b"\xef\xbb\xbf",
    "a declaration": b'<?xml version="1.0" encoding="utf-8"?>',
    "a comment": b"<!-- request -->",
    "text": b"recurring.list",
    "JSON": b'{"method": "client.list"}',
    "a form": b"xml=%3Crequest+method%3D%22client.list%22%2F%3E",
    "a path": b"/etc/passwd",
    "an unfinished tag": b"<request",
    "an unfinished document": b'<request method="client.list">',
    "tags that do not match": b'<request method="client.list"></wrong>',
    "two roots": REQUEST.encode() * 2,
    "text behind the root": REQUEST.encode() + b"x",
    "a tag within a tag": b'<request method="client.list" <a/>/>',
    "an attribute twice": b'<request method="client.list" method="client.list"/>',
    "an attribute without quotes": b"<request method=client.list/>",
    "a late declaration": b'<request/><?xml version="1.0"?>',
    "two declarations": b'<?xml version="1.0"?><?xml version="1.0"?>'
    + REQUEST.encode(),
    "a bare ampersand": noted("Yard & Work").encode(),
    "an unknown entity": noted("&nope;").encode(),
    "an entity of HTML": noted("a&nbsp;b").encode(),
    "an open section": noted("<![CDATA[x").encode(),
    "the end of a section": noted("]]>").encode(),
    "a NUL": noted("a\x00b").encode(),
    "a NUL in front": b"\x00" + REQUEST.encode(),
    "a NUL behind": REQUEST.encode() + b"\x00",
    "a reference to NUL": noted("&#0;").encode(),
    "a control character": noted("a\x08b").encode(),
    "a reference to a control character": noted("&#x8;").encode(),
    "a reference to a surrogate": noted("&#xD800;").encode(),
    "a reference beyond Unicode": noted("&#x110000;").encode(),
    "a reference of 5,000 digits": noted(f"&#{'9' * 5000};").encode(),
    "U+FFFE": noted("a\ufffeb").encode(),
    "a lone byte": noted("Caf\xe9").encode("latin-1"),
    "an overlong slash": noted("@").encode().replace(b"@<", b"\xc0\xaf<"),
    "a surrogate": noted("#").encode().replace(b"#", b"\xed\xa0\x80"),
    "a cut sequence": noted("#").encode().replace(b"#", b"\xe2\x82"),
    "a fifth plane": noted("#").encode().replace(b"#", b"\xf5\x80\x80\x80"),
    "FF": noted("#").encode().replace(b"#", b"\xff"),
    "another root": b'<response method="client.list"/>',
    "a root in capitals": b'<REQUEST method="client.list"/>',
    "a root of another name": b'<requests method="client.list"/>',
    "a method's own root": b"<client.list/>",
    "no method": b"<request/>",
    "an empty method": b'<request method=""/>',
    "a blank method": b'<request method="  "/>',
    "a method in an element": b"<request><method>client.list</method></request>",
    "a method in capitals": b'<request METHOD="client.list"/>',
    "17 attributes": b'<request method="client.list" '
    + b" ".join(b'a%d=""' % n for n in range(16))
    + b"/>",
    "100,000 attributes of the root": (
        b'<request method="client.list"%s/>' % ATTRIBUTES
    ),
    "100,000 attributes of an element": (
        b'<request method="client.list"><page%s/></request>' % ATTRIBUTES
    ),
    "25,000 namespaces": b'<request method="client.list"><page '
    + b" ".join(b'xmlns:a%d="urn:a%d"' % (n, n) for n in range(25_000))
    + b"/></request>",
    "known elements nested 100,000 deep": b'<request method="client.list">'
    + b"<page>" * 100_000,
    "known elements nested deep and closed": b'<request method="client.list">'
    + b"<page>" * 50_000
    + b"</page>" * 50_000
    + b"</request>",
    "doubled elements nested deep": b'<request method="recurring.update"><recurring>'
    + b"<autobill>" * 40_000
    + b"</autobill>" * 40_000
    + b"</recurring></request>",
    "30,000 elements": b'<request method="recurring.create"><recurring><lines>'
    + (b"<line>" + b"<name/>" * 99 + b"</line>") * 300
    + b"</lines></recurring></request>",
    "140,000 elements that are not closed": b'<request method="client.list">'
    + b"<page>" * 140_000,
}

# Names of encodings that one parser or another would take.
ENCODINGS = (
    "UTF-7 UTF-32 UTF-32LE UCS-2 UCS-4 SHIFT_JIS GB18030 BIG5 EUC-JP ISO-2022-JP HZ "
    "CP037 EBCDIC-US IBM500 KOI8-R ISO-8859-15 MAC-ROMAN ROT13 HEX BASE64 ZLIB BZ2 "
    "IDNA PUNYCODE UNICODE_ESCAPE RAW_UNICODE_ESCAPE UNDEFINED MBCS X-NONE UTF-16"
).split()


@pytest.fixture(name="victim")
def victim_(api: Api) -> Api:
    """Provide an account that has something to lose."""
    api.create_profile(
        "<frequency>monthly</frequency><autobill><gateway_name>Authorize.Net"
        "</gateway_name><card><number>4111 1111 1111 1111</number><name>Ada</name>"
        "<expiration><month>12</month><year>2030</year></expiration></card></autobill>"
        "<lines><line><name>Hosting</name><unit_cost>40</unit_cost><quantity>3"
        "</quantity></line></lines>"
    )
    return api


@pytest.fixture(name="listener")
def listener_() -> Iterator[socket.socket]:
    """Provide a server that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server
        # The requests are answered by now, so a caller would be waiting.
        with pytest.raises(BlockingIOError):
            server.accept()


def refused(api: Api, body: str | bytes, code: int, **options: Any) -> Answer:
    """Post a body; prove that it is refused, and that nothing else happens."""
    before = stored()
    answer = api.post(body, **options)
    assert not answer.ok
    assert answer.code == str(code)
    assert len(answer.http.data) < 1000
    assert answer.error
    assert not LEAK.search(answer.error), answer.error
    assert stored() == before
    assert api.call("recurring.list").all("number") == ["************1111"]
    return answer


@pytest.mark.parametrize("body", BROKEN_CASES.values(), ids=BROKEN_CASES)
def test_a_broken_document_is_refused(victim: Api, body: bytes) -> None:
    answer = refused(victim, body, 40010)
    assert answer.http.status_code == 200
    assert answer.error == "Your XML is not formatted correctly."


@pytest.mark.parametrize("document", DTD_CASES.values(), ids=DTD_CASES)
def test_a_document_type_is_refused_whatever_it_declares(
    victim: Api, listener: socket.socket, document: str
) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.dtd"
    body = document.replace("{url}", url).replace("{request}", REQUEST)
    assert refused(victim, body, 40010).http.status_code == 200


def test_the_request_of_these_tests_is_answered_without_a_document_type(
    victim: Api,
) -> None:
    # Otherwise the tests above could pass for another reason.
    assert victim.post(REQUEST).ok
    assert victim.post(noted("Yard Work")).ok


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_declared_encoding_that_is_not_ours_is_refused(
    victim: Api, encoding: str
) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>{noted("Yard Work")}'
    refused(victim, body, 40010)


@pytest.mark.parametrize(
    ("codec", "declared"),
    [
        ("utf-7", "UTF-7"),
        ("utf-32", "UTF-32"),
        ("utf-32", ""),
        ("utf-32-le", ""),
        ("utf-32-be", ""),
        ("cp037", "CP037"),
        ("shift_jis", "SHIFT_JIS"),
        ("gb18030", "GB18030"),
        ("iso2022_jp", "ISO-2022-JP"),
        ("utf-16", "UTF-8"),
        ("utf-8", "UTF-16"),
        ("latin-1", "UTF-8"),
        ("latin-1", "US-ASCII"),
    ],
)
def test_bytes_in_another_encoding_are_refused(
    victim: Api, codec: str, declared: str
) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = "\u30e4" if codec in ("shift_jis", "gb18030", "iso2022_jp") else "\xe9"
    refused(victim, (declaration + noted(text)).encode(codec), 40010)


@pytest.mark.parametrize(
    ("codec", "declared"),
    [
        ("utf-16", ""),
        ("utf-16", "UTF-16"),
        ("utf-16", "utf-16"),
        ("utf-8", ""),
        ("utf-8", "UTF-8"),
        ("utf-8", "utf-8"),
        ("utf-8-sig", ""),
        ("utf-8-sig", "UTF-8"),
        ("latin-1", "ISO-8859-1"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_text_in_an_accepted_encoding_comes_back_identical(
    api: Api, codec: str, declared: str
) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    answer = api.post((declaration + noted("Café für 5 £")).encode(codec))
    assert answer.ok
    got = api.call("client.get", f"<client_id>{answer.text('client_id')}</client_id>")
    assert got.text("client/notes") == "Café für 5 £"


def test_utf_16_of_either_order_is_read(api: Api) -> None:
    for codec, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        assert api.post(mark + noted("Café").encode(codec)).ok


@pytest.mark.parametrize(
    "notes",
    [
        "Yard<!-- x --> Work",
        "Yard<?x y?> Work",
        "<![CDATA[Yard]]> Work",
        "Yard<!----><!-- --> <?x?>Work",
        "<!--a-->Yard Work<!--b-->",
        "Yard&#32;Work",
    ],
)
def test_comments_and_instructions_do_not_cut_a_text(api: Api, notes: str) -> None:
    answer = api.post(noted(notes))
    got = api.call("client.get", f"<client_id>{answer.text('client_id')}</client_id>")
    assert got.text("client/notes") == "Yard Work"


XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
PLAIN = "xsi:noNamespaceSchemaLocation"
HINTS = {
    "a schema": f'<request {XSI} xsi:schemaLocation="urn:x {{url}}" {LISTED}/>',
    "a plain schema": f'<request {XSI} {PLAIN}="{{url}}" {LISTED}/>',
    "a namespace": f'<request xmlns="{{url}}" {LISTED}/>',
    "a style sheet": f'<?xml-stylesheet href="{{url}}"?><request {LISTED}/>',
    "a model": f'<?xml-model href="{{url}}"?><request {LISTED}/>',
    "a base": f'<request {LISTED} xml:base="{{url}}"/>',
    # Refused, so that xmlschema has to explain it.
    "a refused value": (
        f'<request {XSI} {PLAIN}="{{url}}" {LISTED}>'
        '<folder xsi:type="{url}">trash</folder></request>'
    ),
    "nothing but an address": "{url}",
    "a method": '<request method="{url}"/>',
}


@pytest.mark.parametrize("document", HINTS.values(), ids=HINTS)
def test_addresses_in_a_request_are_not_called(
    victim: Api, listener: socket.socket, document: str
) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.xsd"
    before = stored()
    victim.post(document.replace("{url}", url))
    assert stored() == before


XINCLUDE = "http://www.w3.org/2001/XInclude"


@pytest.mark.parametrize(
    "include",
    [
        f'<xi:include xmlns:xi="{XINCLUDE}" parse="text" href="{{}}"/>',
        f'<include xmlns="{XINCLUDE}" parse="text" href="{{}}"/>',
        f'<i:include xmlns:i="{XINCLUDE}" href="{{}}"><i:fallback/></i:include>',
    ],
)
@pytest.mark.parametrize("place", ["file:///etc/passwd", "http://127.0.0.1:{port}/x"])
def test_an_inclusion_is_refused_by_name(
    victim: Api, listener: socket.socket, include: str, place: str
) -> None:
    href = place.replace("{port}", str(listener.getsockname()[1]))
    answer = refused(victim, noted(include.format(href)), 40060)
    assert answer.field == "include"


def test_unknown_elements_nested_100_000_deep_are_refused(victim: Api) -> None:
    body = '<request method="client.list">' + "<a>" * 100_000 + "</a>" * 100_000
    answer = refused(victim, body + "</request>", 40060)
    assert answer.field == "a"


def test_elements_nested_100_000_deep_are_refused_where_unknown_ones_are_ignored(
    new_api: Callable[..., Api],
) -> None:
    tolerant = new_api("Tolerant", ignore_unknown=True)
    body = '<request method="client.list">' + "<a>" * 100_000 + "</a>" * 100_000
    answer = tolerant.post(body + "</request>")
    assert answer.code == "40010"
    assert tolerant.call("client.list").ok


def test_a_million_characters_in_one_name_are_refused(victim: Api) -> None:
    answer = refused(
        victim, f'<request method="client.list"><{"a" * 900_000}/></request>', 40060
    )
    assert len(answer.field or "") < 100


def test_a_million_characters_in_an_attribute_are_no_method(victim: Api) -> None:
    answer = refused(victim, f'<request method="{"a" * 900_000}"/>', 40020)
    assert answer.field == "method"


@pytest.mark.parametrize(
    "method",
    [
        "recurring.destroy",
        "recurring",
        "recurring.",
        ".create",
        "recurring..create",
        "RECURRING.LIST",
        "../../etc/passwd",
        "recurring.create.response",
        "__class__.mro",
        "recurring.list&#9;x",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "{field}.{error.__class__}",
        "%s%n",
        "\u0660\u0661",
    ],
)
def test_an_unknown_method_is_refused(victim: Api, method: str) -> None:
    answer = refused(victim, f'<request method="{method}"/>', 40020)
    assert answer.field == "method"
    assert "does not exist" in answer.error
    assert "<script" not in answer.error


@pytest.mark.parametrize(
    "body",
    [
        '<request method="4111111111111111"/>',
        '<request method="recurring.4111111111111111"/>',
        '<request method="client.list"><n4111111111111111/></request>',
        '<request method="client.list"><x:n4111111111111111/></request>',
        '<request method="client.list"><page a="4111111111111111"><b/>',
        '<request method="client.list"><folder>4111111111111111</folder></request>',
        "4111111111111111",
    ],
)
def test_a_card_number_in_a_wrong_place_does_not_come_back(
    victim: Api, body: str
) -> None:
    answer = victim.post(body)
    assert not answer.ok
    assert b"4111" not in answer.http.data


@pytest.mark.parametrize("size", [900_000, 65_536])
def test_a_huge_text_is_refused_at_its_field(victim: Api, size: int) -> None:
    answer = refused(victim, noted("x" * size), 40060)
    assert answer.field == "notes"


def test_a_huge_number_is_refused_at_its_field(victim: Api) -> None:
    digits = "1" * 900_000
    answer = refused(
        victim,
        f'<request method="client.list"><folder>{digits}</folder></request>',
        40060,
    )
    assert answer.field == "folder"
    answer = refused(
        victim,
        f'<request method="client.get"><client_id>{digits}</client_id></request>',
        50010,
    )
    assert answer.field == "client_id"


@pytest.mark.parametrize("size", [1_000_001, 3_000_000])
def test_a_body_over_the_limit_is_refused_with_413(victim: Api, size: int) -> None:
    answer = refused(victim, REQUEST.ljust(size), 40030)
    assert answer.http.status_code == 413


def test_a_body_of_just_the_limit_is_read(victim: Api) -> None:
    assert victim.post(REQUEST.ljust(1_000_000)).ok


def test_who_is_not_known_learns_nothing_of_the_limit(victim: Api) -> None:
    http = victim.client.post(PATH, data=b"<" * 1_000_001)
    assert http.status_code == 401
    assert parsed(http).code == "20010"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "x, y"])
def test_a_compressed_body_is_refused_with_415(victim: Api, encoding: str) -> None:
    answer = refused(victim, REQUEST, 40031, headers={"Content-Encoding": encoding})
    assert answer.http.status_code == 415


@pytest.mark.parametrize("encoding", ["gzip, chunked", "deflate,chunked", "GZIP"])
def test_a_body_compressed_on_its_way_is_refused_with_415(
    victim: Api, encoding: str
) -> None:
    answer = refused(victim, REQUEST, 40031, headers={"Transfer-Encoding": encoding})
    assert answer.http.status_code == 415


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_an_uncompressed_body_may_say_so(victim: Api, encoding: str) -> None:
    assert victim.post(REQUEST, headers={"Content-Encoding": encoding}).ok


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/related",
        "application/json",
        "text/xml; charset=utf-7",
        "text/xml; charset=nonsense",
        "\xff",
        ";;;",
    ],
)
def test_the_content_type_does_not_matter(victim: Api, content_type: str) -> None:
    assert victim.post(noted("Café"), content_type=content_type).ok
    assert victim.call("client.list", "<notes>Café</notes>").all("notes") == ["Café"]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",
        "Basic " + base64.b64encode(b":X").decode(),
        "Basic " + base64.b64encode(b"wrong:X").decode(),
        "Basic " + base64.b64encode("wröng:X".encode()).decode(),
        "Basic " + base64.b64encode("wröng:X".encode("latin-1")).decode(),
        "Basic " + base64.b64encode(b"a\x00b:X").decode(),
        "Basic " + base64.b64encode(b"a" * 6000).decode(),
        "Basic " + base64.b64encode(b"' OR 1=1 --:X").decode(),
        "Basic \xe9\xe9",
        "Bearer {token}",
        "Digest username={token}",
        "{token}",
    ],
)
def test_wrong_credentials_are_refused_with_401(
    victim: Api, header: str | None
) -> None:
    headers = {}
    if header is not None:
        headers["Authorization"] = header.replace("{token}", victim.token)
    before = stored()
    http = victim.client.post(PATH, data=noted("x"), headers=headers)
    assert http.status_code == 401
    assert http.headers["WWW-Authenticate"] == 'Basic realm="FreshBooks"'
    answer = parsed(http)
    assert answer.code == "20010"
    assert stored() == before


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/2.1/xml-in/../../../etc/passwd",
        "/api/2.0/xml-in",
        "/%00",
        "/api/2.1/xml-in%00",
        "/api//2.1/xml-in",
        "/api/2.1/xml-in//",
        "/wp-login.php",
    ],
)
def test_another_address_is_answered_with_404_and_a_document(
    victim: Api, path: str
) -> None:
    http = victim.client.post(path, data=REQUEST, headers=victim.headers)
    assert http.status_code == 404
    assert parsed(http).code == "40032"


@pytest.mark.parametrize("verb", ["TRACE", "PROPFIND", "CONNECT", "BREW"])
def test_a_foreign_verb_is_answered_with_405_and_a_document(
    victim: Api, verb: str
) -> None:
    answer = refused(victim, REQUEST, 40033, method=verb)
    assert answer.http.status_code == 405
    assert "POST" in answer.http.headers["Allow"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_names_that_never_come_again_are_forgotten(
    new_api: Callable[..., Api],
) -> None:
    # libxml2 would keep each of these names for the life of the process: 48 MB.
    tolerant = new_api("Tolerant", ignore_unknown=True)
    rest = "n" * 300

    def flood(first: int, last: int) -> None:
        for number in range(first, last):
            names = "".join(
                f'<e{number}_{n}{rest} xmlns:p{number}_{n}{rest}="u"/>'
                f'<p{number}_{n}{rest}:page a{number}_{n}{rest}=""/>'
                for n in range(30)
            )
            assert tolerant.post(
                f'<request method="client.list"><wrapper>{names}</wrapper>'
                f'<page a{number}{rest}="">1</page></request>'
            ).ok

    flood(0, 100)
    before = _resident_bytes()
    flood(100, 1400)
    assert _resident_bytes() - before < 25_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_names_that_are_refused_are_forgotten(api: Api) -> None:
    rest = "n" * 20_000

    def flood(first: int, last: int) -> None:
        for number in range(first, last):
            body = (
                f'<request method="client.list"><e{number}{rest} a{number}{rest}=""/>'
            )
            assert api.post(f"{body}</request>").code == "40060"
            assert api.post(f'<r{number}{rest} method="x"/>').code == "40010"

    flood(0, 100)
    before = _resident_bytes()
    flood(100, 1400)
    assert _resident_bytes() - before < 25_000_000


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096
