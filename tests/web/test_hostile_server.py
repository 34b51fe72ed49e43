"""Whatever comes over the socket: one answer of ours, nothing changed, next one fine.

One server serves the whole module. After each case it must answer a good request, must
have called nobody, and hold what it held before; at the end, its memory is looked at.
"an answer in 5 s" is the patience of every socket here.
"""

import gzip
import http.client
import io
import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import PATH
from tests.hostile import LEAK
from tests.web.test_hostile_documents import (
    BROKEN_CASES,
    DTD_CASES,
    ENCODINGS,
    HINTS,
    REQUEST,
    XINCLUDE,
    noted,
)
from tests.web.test_server import CREATE, Document, Server

pytestmark = [
    pytest.mark.xdist_group("hostile server"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

ANSWER_S = 5
# What a process may need at its worst beyond what it needs for one good request: 16
# threads may each have a document of 1 MB in hand. Seen were 22 to 65 MB.
GROWTH_MAX_BYTES = 128_000_000
ANSWER_MAX = 64 * 1024
GOOD = REQUEST.encode()
CANARY = "Quixotic-7f3a"


class Reply(NamedTuple):
    """One answer, as it stood on the wire."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def code(self) -> str | None:
        return Document(self.body).text("code")


class Outside(NamedTuple):
    """What a document may name, and nobody may fetch."""

    listener: socket.socket
    file: Path

    @property
    def addresses(self) -> tuple[str, str]:
        port = self.listener.getsockname()[1]
        return f"http://127.0.0.1:{port}/{CANARY}", self.file.as_uri()


@pytest.fixture(name="server", scope="module")
def server_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Provide the server of all these tests, and look at its memory at their end."""
    data = tmp_path_factory.mktemp("hostile") / "var"
    server = Server(data, f"sqlite:{data / 'perennial.sqlite'}")
    result = server.run("init", "--demo")
    assert result.returncode == 0, result.stderr
    server.start()
    try:
        for _ in range(20):
            assert server.call("client.list").ok
        family = server.family()
        before = [memory(pid, "VmRSS") for pid in family]
        yield server
        assert server.family() == family, "a process died"
        for pid, at_first in zip(family, before, strict=True):
            assert memory(pid, "VmHWM") - at_first < GROWTH_MAX_BYTES
        assert CANARY not in server.log
        assert "Traceback" not in server.log
        assert " failed: " not in server.log
    finally:
        server.stop()


@pytest.fixture(name="outside", scope="module")
def outside_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """Provide a server that nobody may call and a file that nobody may read."""
    file = tmp_path_factory.mktemp("outside") / "canary.txt"
    file.write_text(f"{CANARY}\n", "ascii")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield Outside(listener, file)


@pytest.fixture(autouse=True)
def _unharmed(server: Server, outside: Outside) -> Iterator[None]:
    """Prove that the next request is answered, and that nothing else has happened."""
    before = totals(server)
    yield
    assert totals(server) == before
    # A caller would be waiting: the requests have been answered by now.
    with pytest.raises(BlockingIOError):
        outside.listener.accept()


def memory(pid: int, kind: str) -> int:
    """Return what a process holds in memory, or held at its worst.

    Units: bytes.
    """
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(rf"^{kind}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def totals(server: Server) -> list[bytes]:
    """Return how many clients, profiles and invoices a good request finds."""
    found = []
    for method in ("client.list", "recurring.list", "invoice.list"):
        body = f'<request method="{method}"/>'.encode()
        reply = only(posted(server, body))
        assert (reply.status, reply.code) == (200, None)
        found += re.findall(rb'total="\d+"', reply.body)
    assert len(found) == 3
    return found


def connected(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), ANSWER_S)


def sent(server: Server, *parts: bytes) -> list[Reply]:
    """Send bytes as they are, and nothing behind them; return what is answered."""
    with connected(server) as connection:
        # A server that has seen enough may hang up while there is more to send.
        with suppress(OSError):
            for part in parts:
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
        return replies(received(connection))


def received(connection: socket.socket) -> bytes:
    """Return everything that comes until the other end hangs up."""
    found = bytearray()
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            found += part
    return bytes(found)


class _Received:
    """Bytes that http.client takes for a socket."""

    def __init__(self, data: io.BytesIO) -> None:
        self._data = data

    def makefile(self, *_: object) -> io.BytesIO:
        # It is closed behind every answer, and there may be another one.
        return io.BytesIO(self._data.read())


def replies(data: bytes) -> list[Reply]:
    """Return the answers in what was received, after checking what holds for each."""
    found = []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        response = http.client.HTTPResponse(_Received(io.BytesIO(data)))  # type: ignore[arg-type]
        response.begin()
        size = int(response.headers["Content-Length"])
        found.append(Reply(response.status, response.headers, rest[:size]))
        data = rest[size:]
        assert head.startswith(b"HTTP/1.")
        check(found[-1])
    return found


def check(reply: Reply) -> None:
    """Prove that an answer is a document of ours that tells nothing it should not."""
    assert reply.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert len(reply.body) <= ANSWER_MAX
    assert CANARY.encode() not in reply.body
    document = Document(reply.body)
    if not document.ok:
        assert document.text("code")
        assert not LEAK.search(document.text("error") or "")


def only(found: list[Reply]) -> Reply:
    assert len(found) == 1, found
    return found[0]


def posted(server: Server, body: bytes, *headers: str) -> list[Reply]:
    """Post a body of the length that it has."""
    head = server.head(f"Content-Length: {len(body)}", "Connection: close", *headers)
    return sent(server, head + body)


def chunked(*chunks: bytes, last: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + last


def chunked_head(server: Server, *headers: str) -> bytes:
    return server.head("Transfer-Encoding: chunked", *headers)


# Documents.


@pytest.mark.parametrize("document", DTD_CASES.values(), ids=DTD_CASES)
@pytest.mark.parametrize("place", [0, 1], ids=["network", "file"])
def test_a_document_type_leads_nowhere(
    server: Server, outside: Outside, document: str, place: int
) -> None:
    address = outside.addresses[place]
    body = document.replace("file:///etc/passwd", address).replace("{url}", address)
    reply = only(posted(server, body.replace("{request}", REQUEST).encode()))
    assert (reply.status, reply.code) == (200, "40010")


@pytest.mark.parametrize("document", HINTS.values(), ids=HINTS)
@pytest.mark.parametrize("place", [0, 1], ids=["network", "file"])
def test_an_address_in_a_document_is_not_followed(
    server: Server, outside: Outside, document: str, place: int
) -> None:
    body = document.replace("{url}", outside.addresses[place])
    assert only(posted(server, body.encode())).status == 200


@pytest.mark.parametrize("parse", ["text", "xml"])
@pytest.mark.parametrize("place", [0, 1], ids=["network", "file"])
def test_an_inclusion_is_not_followed(
    server: Server, outside: Outside, parse: str, place: int
) -> None:
    include = (
        f'<xi:include xmlns:xi="{XINCLUDE}" parse="{parse}"'
        f' href="{outside.addresses[place]}"/>'
    )
    reply = only(posted(server, noted(include).encode()))
    assert (reply.status, reply.code) == (200, "40060")


@pytest.mark.parametrize("body", BROKEN_CASES.values(), ids=BROKEN_CASES)
def test_a_broken_document_is_refused(server: Server, body: bytes) -> None:
    reply = only(posted(server, body))
    assert (reply.status, reply.code) == (200, "40010")


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_foreign_encoding_is_refused(server: Server, encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>{noted("Yard Work")}'
    assert only(posted(server, body.encode())).code == "40010"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (noted("x" * 900_000), "40060"),
        (noted("&amp;" * 180_000), "40060"),
        (noted("<![CDATA[x]]>" * 70_000), "40060"),
        (noted("<!-- x -->" * 90_000 + "x" * 65_536), "40060"),
        (f'<request method="client.list"><{"a" * 900_000}/></request>', "40060"),
        (f'<request method="{"a" * 900_000}"/>', "40020"),
        (
            '<request method="client.list"><page>'
            + "9" * 900_000
            + "</page></request>",
            None,
        ),
        (
            '<request method="client.get"><client_id>'
            + "9" * 900_000
            + "</client_id></request>",
            "50010",
        ),
        (
            '<request method="recurring.create"><recurring><lines>'
            + "<line><name>x</name></line>" * 6_000
            + "</lines></recurring></request>",
            "40060",
        ),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_huge_is_answered(server: Server, body: str, code: str | None) -> None:
    reply = only(posted(server, body.encode()))
    assert (reply.status, reply.code) == (200, code)


def bomb() -> bytes:
    """Return 100 MB of blanks, compressed to 100 kB."""
    return gzip.compress(b" " * 100_000_000, compresslevel=1, mtime=0)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (("Content-Encoding: gzip",), (415, "40031")),
        (("Content-Encoding: deflate, gzip",), (415, "40031")),
        (("Content-Encoding: x-gzip",), (415, "40031")),
        (("Content-Type: application/gzip",), (200, "40010")),
        (("Accept-Encoding: gzip", "Content-Encoding: identity"), (200, "40010")),
    ],
)
def test_a_bomb_is_not_unpacked(
    server: Server, headers: tuple[str, ...], expected: tuple[int, str]
) -> None:
    reply = only(posted(server, bomb(), *headers))
    assert (reply.status, reply.code) == expected


# Where a body ends.

LENGTHS = {
    "empty": "",
    "a blank": " ",
    "hexadecimal": f"{len(CREATE):#x}",
    "with a point": f"{len(CREATE)}.0",
    "with an exponent": "1e2",
    "two numbers": f"{len(CREATE)} {len(CREATE)}",
    "a list of the same": f"{len(CREATE)}, {len(CREATE)}",
    "a list with an empty end": f"{len(CREATE)},",
    "quoted": f'"{len(CREATE)}"',
    "minus nothing": "-0",
    "of 5,000 digits": "9" * 5_000,
    "a superscript": "\xb9",
    "a fraction of one character": "\xbd",
    "a word": "many",
}


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
def test_a_length_that_is_none_is_refused(server: Server, length: str) -> None:
    head = server.head().replace(b"\r\n\r\n", b"\r\nContent-Length: ")
    reply = only(sent(server, head + length.encode("latin-1") + b"\r\n\r\n" + CREATE))
    assert (reply.status, reply.code) == (400, "40010")


@pytest.mark.parametrize("digits", [10, 19, 20, 400])
def test_a_body_that_falls_short_of_a_huge_length_is_refused(
    server: Server, digits: int
) -> None:
    head = server.head(f"Content-Length: {'9' * digits}")
    reply = only(sent(server, head + CREATE))
    assert reply.status in (400, 413)


@pytest.mark.parametrize(
    "headers",
    [
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding: chunked, chunked",),
        ("Transfer-Encoding: chunked, gzip",),
        ("Transfer-Encoding: x",),
        ("Transfer-Encoding: ",),
        ("Transfer-Encoding: chunked;q=1",),
        ('Transfer-Encoding: "chunked"',),
        ("Transfer-Encoding: \x0bchunked",),
        ("Transfer-Encoding\t: chunked",),
        ("Transfer-Encoding:\r\n chunked",),
        ("X: y\rTransfer-Encoding: chunked",),
        ("Content-Length : 5",),
        ("Content-Length: 0", "Transfer-Encoding: chunked"),
        (f"Content-Length: {len(CREATE)}", f"Content-Length: {len(CREATE)}"),
        (f"Content-Length: {len(CREATE)}", "Content-Length: 0"),
        (f"Content-Length: {len(CREATE)}\nTransfer-Encoding: chunked",),
    ],
)
def test_a_body_of_uncertain_end_is_refused(
    server: Server, headers: tuple[str, ...]
) -> None:
    reply = only(sent(server, server.head(*headers), chunked(CREATE)))
    assert (reply.status, reply.code) == (400, "40010")


def test_a_chunked_body_that_is_compressed_is_refused(server: Server) -> None:
    head = server.head("Transfer-Encoding: gzip, chunked")
    reply = only(sent(server, head, chunked(CREATE)))
    assert (reply.status, reply.code) == (415, "40031")


def test_a_chunked_body_of_an_old_version_is_refused(server: Server) -> None:
    head = chunked_head(server).replace(b"HTTP/1.1", b"HTTP/1.0")
    assert only(sent(server, head, chunked(CREATE))).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD),
        b'%x;a="b;c"\r\n%s\r\n0;z\r\n\r\n' % (len(GOOD), GOOD),
        b"%X\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD),
        b"000000%x\r\n%s\r\n000\r\n\r\n" % (len(GOOD), GOOD),
        chunked(GOOD, last=b"0\r\nX-Checksum: 1\r\n\r\n"),
        chunked(*(GOOD[n : n + 1] for n in range(len(GOOD)))),
    ],
    ids=["extension", "quoted extension", "capitals", "zeros", "trailer", "bytes"],
)
def test_a_chunked_body_that_is_only_unusual_is_read(
    server: Server, body: bytes
) -> None:
    reply = only(sent(server, chunked_head(server, "Connection: close"), body))
    assert (reply.status, reply.code) == (200, None)


BROKEN_CHUNKS = {
    "a size with a sign": b"+%x\r\n%s\r\n0\r\n\r\n" % (len(CREATE), CREATE),
    "a size with a blank": b" %x\r\n%s\r\n0\r\n\r\n" % (len(CREATE), CREATE),
    "a size with an underscore": b"0_%x\r\n%s\r\n0\r\n\r\n" % (len(CREATE), CREATE),
    "no size": b"\r\n%s\r\n0\r\n\r\n" % CREATE,
    "no size, an extension": b";a=b\r\n%s\r\n0\r\n\r\n" % CREATE,
    "a line feed alone": b"%x\n%s\n0\n\n" % (len(CREATE), CREATE),
    "a return alone": b"%x\r%s\r\n0\r\n\r\n" % (len(CREATE), CREATE),
    "an extension with a line feed": (
        b"%x;a\n=b\r\n%s\r\n0\r\n\r\n" % (len(CREATE), CREATE)
    ),
    "an endless extension": b"%x;%s" % (len(CREATE), b"a" * 2_000_000),
    "an endless size": b"0" * 2_000_000,
    "an endless trailer": chunked(CREATE, last=b"0\r\nX: " + b"x" * 2_000_000),
    "100,000 trailers": chunked(CREATE, last=b"0\r\n" + b"X: y\r\n" * 100_000),
    "a broken trailer": chunked(CREATE, last=b"0\r\nX y\r\n\r\n"),
    "a chunk that is too long": b"%x\r\n%s\r\n0\r\n\r\n" % (len(CREATE) - 5, CREATE),
    "a chunk that is too short": b"%x\r\n%s\r\n0\r\n\r\n" % (len(CREATE) + 5, CREATE),
    "an end that is cut": chunked(CREATE, last=b"0"),
    "an end within a trailer": chunked(CREATE, last=b"0\r\nX: y\r\n"),
    "nothing of a huge chunk": b"ffffffffffffffff\r\n",
}


@pytest.mark.parametrize("body", BROKEN_CHUNKS.values(), ids=BROKEN_CHUNKS)
def test_a_broken_chunk_is_refused(server: Server, body: bytes) -> None:
    reply = only(sent(server, chunked_head(server), body))
    assert (reply.status, reply.code) == (400, "40010")


@pytest.mark.parametrize("size", [1, 1_000, 65_536])
def test_a_chunked_body_over_the_limit_is_refused(server: Server, size: int) -> None:
    padded = CREATE + b" " * (1_000_001 - len(CREATE))
    chunks = [padded[n : n + size] for n in range(0, len(padded), size)]
    if size == 1:
        # Enough of them to see that none is cut, and the rest in one.
        chunks = [*chunks[:2_000], b"".join(chunks[2_000:])]
    reply = only(
        sent(server, chunked_head(server, "Connection: close"), chunked(*chunks))
    )
    assert (reply.status, reply.code) == (413, "40030")


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(b"zz\r\n", id="a broken chunk"),
        pytest.param(b"%x\r\n%sXX0\r\n\r\n" % (len(GOOD), GOOD), id="a broken end"),
        pytest.param(chunked(GOOD, last=b"0\r\nX y\r\n\r\n"), id="a broken trailer"),
    ],
)
def test_nothing_behind_a_broken_body_is_taken_for_a_request(
    server: Server, first: bytes
) -> None:
    second = server.head(f"Content-Length: {len(CREATE)}") + CREATE
    reply = only(sent(server, chunked_head(server) + first + second))
    assert (reply.status, reply.code) == (400, "40010")


@pytest.mark.parametrize(
    "lines",
    [
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Content-Length: 4\r\nContent-Length: 4\r\n",
        b"No colon\r\n",
        b"Expect: 200-ok\r\n",
    ],
)
def test_nothing_behind_a_broken_head_is_taken_for_a_request(
    server: Server, lines: bytes
) -> None:
    second = server.head(f"Content-Length: {len(CREATE)}") + CREATE
    head = server.head().removesuffix(b"\r\n") + lines + b"\r\n"
    reply = only(sent(server, head + second))
    assert (reply.status, reply.code) == (400, "40010")


def test_two_good_requests_in_one_piece_are_answered_in_turn(server: Server) -> None:
    one = server.head(f"Content-Length: {len(GOOD)}") + GOOD
    other = b'<request method="gateway.list"/>'
    two = server.head(f"Content-Length: {len(other)}") + other
    first, second = sent(server, one + two)
    assert b"<clients " in first.body
    assert b"<gateways " in second.body


# The head.

NO_HTTP = {
    "a TLS hello": bytes.fromhex("1603010200010001fc0303") + bytes(range(256)),
    "a greeting of SSH": b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/3.0": b"GET / HTTP/3.0\r\n\r\n",
    "HTTP/1.10": b"GET / HTTP/1.10\r\n\r\n",
    "a PROXY line": b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1\r\n\r\n",
    "NULs": bytes(1_000) + b"\r\n\r\n",
    "bytes of all kinds": bytes(range(14, 256)) * 4 + b"\r\n\r\n",
    "XML": CREATE + b"\r\n\r\n",
    "JSON": b'{"method": "client.list"}\r\n\r\n',
    "a leak in the line": f"{CANARY} <script>alert(1)</script>\r\n\r\n".encode(),
    "no target": b"POST HTTP/1.1\r\n\r\n",
    "a target with a blank": b"POST /api 2.1 HTTP/1.1\r\n\r\n",
    "a verb with a bracket": b"PO(ST / HTTP/1.1\r\n\r\n",
    "a verb in lower case": b"post / HTTP/1.1\r\n\r\n",
    "a line without an end": b"G" * 100_000,
    "a head without an end": b"GET / HTTP/1.1\r\nX: " + b"x" * 1_000_000,
}


@pytest.mark.parametrize("data", NO_HTTP.values(), ids=NO_HTTP)
def test_what_is_no_http_is_answered_with_a_document(
    server: Server, data: bytes
) -> None:
    reply = only(sent(server, data))
    assert (reply.status, reply.code) == (400, "40010")
    assert reply.headers["Connection"] == "close"


@pytest.mark.parametrize("data", [b"", b"\r\n", b"G", b"POST /api", b"GET / HTTP/1.1"])
def test_a_head_that_is_cut_is_not_answered(server: Server, data: bytes) -> None:
    assert sent(server, data) == []


HEADERS = {
    "a folded line": b"X: y\r\n z\r\n",
    "a folded length": b"Content-Length:\r\n 5\r\n",
    "a first line that is folded": b" X: y\r\n",
    "a name with a blank": b"X Y: z\r\n",
    "a name with a blank behind": b"X : z\r\n",
    "a name with a NUL": b"X\x00: z\r\n",
    "a name with a bracket": b"X(Y): z\r\n",
    "a name of other letters": "Größe: z\r\n".encode(),
    "no name": b": z\r\n",
    "no colon": b"X\r\n",
    "a value with a NUL": b"X: a\x00b\r\n",
    "a value with a return": b"X: a\rb\r\n",
    "a value with a control character": b"X: a\x07b\r\n",
    "a line feed alone": b"X: a\nY: b\r\n",
    "65 headers": b"".join(b"X-%d: y\r\n" % n for n in range(65)),
    "a header of 10 kB": b"X: " + b"y" * 10_000 + b"\r\n",
    "a name of 10 kB": b"X" * 10_000 + b": y\r\n",
    "two hosts": b"Host: x\r\n",
    "an expectation of something else": b"Expect: 42\r\n",
    "two content types": b"Content-Type: a/b\r\nContent-Type: c/d\r\n",
}


@pytest.mark.parametrize("lines", HEADERS.values(), ids=HEADERS)
def test_a_header_that_is_none_is_refused(server: Server, lines: bytes) -> None:
    head = server.head(f"Content-Length: {len(GOOD)}").removesuffix(b"\r\n")
    reply = only(sent(server, head + lines + b"\r\n" + GOOD))
    assert (reply.status, reply.code) == (400, "40010")


@pytest.mark.parametrize(
    "headers",
    [
        ("SCRIPT_NAME: /evil",),
        ("Script-Name: /evil",),
        ("PATH_INFO: /evil", "PATH-INFO: /evil"),
        ("wsgi.input: x", "Wsgi-Url-Scheme: ftp"),
        ("Remote-User: root", "X-Remote-User: root", "X-Forwarded-User: root"),
        ("X-Forwarded-Host: evil.freshbooks.com", "Forwarded: host=evil"),
        ("X-Forwarded-Prefix: /evil", "X-Original-Url: /evil", "X-Rewrite-Url: /evil"),
        ("X-HTTP-Method-Override: TRACE", "X-Method-Override: DELETE"),
        ("Proxy: http://127.0.0.1:9",),
        ("Range: bytes=0-1", "If-None-Match: *", "If-Match: x"),
        ("Connection: Authorization, close", "Upgrade: h2c", "HTTP2-Settings: AAAA"),
        ("Content_Length: 3", "Transfer_Encoding: chunked"),
        ("Trailer: Content-Length", "TE: trailers, deflate"),
        ("Cookie: " + "x" * 8_000,),
        tuple(f"X-{n}: y" for n in range(59)),
    ],
    ids=lambda headers: str(headers[0])[:30],
)
def test_a_header_that_means_nothing_here_changes_nothing(
    server: Server, headers: tuple[str, ...]
) -> None:
    reply = only(posted(server, GOOD, *headers))
    assert (reply.status, reply.code) == (200, None)


TARGETS: dict[str, tuple[str, int]] = {
    "an absolute one": (f"http://127.0.0.1{PATH}", 200),
    "an absolute one of another host": (f"http://127.0.0.1:9{PATH}", 200),
    "a query": (f"{PATH}?x=y", 200),
    "a fragment": (f"{PATH}#x", 200),
    "a doubled slash": (PATH.replace("/", "//"), 404),
    "an empty host": (f"//{PATH}", 200),
    "a step up": (f"/x/..{PATH}", 404),
    "an escaped path": (PATH.replace("/", "%2f"), 400),
    "a NUL": (f"{PATH}%00", 404),
    "a line feed": (f"{PATH}%0a", 404),
    "half an escape": (f"{PATH}%", 404),
    "bytes of no text": (f"{PATH}%ff%fe", 404),
    "a file": ("/../../../../etc/passwd", 404),
    "a star": ("*", 400),
    "a leak": (f"/{CANARY}", 404),
}


@pytest.mark.parametrize(("target", "status"), TARGETS.values(), ids=TARGETS)
def test_a_strange_target_is_answered(server: Server, target: str, status: int) -> None:
    head = server.head(f"Content-Length: {len(GOOD)}", "Connection: close")
    reply = only(sent(server, head.replace(PATH.encode(), target.encode()) + GOOD))
    assert reply.status == status


def test_a_target_of_10_kb_is_refused(server: Server) -> None:
    head = server.head().replace(PATH.encode(), b"/" + b"x" * 10_000)
    assert only(sent(server, head)).status == 400


@pytest.mark.parametrize("verb", ["TRACE", "OPTIONS", "CONNECT", "PROPFIND"])
def test_a_foreign_verb_is_refused(server: Server, verb: str) -> None:
    with connected(server) as connection:
        connection.sendall(server.head("Connection: close", verb=verb))
        data = received(connection)
    assert re.match(rb"HTTP/1\.1 (405|400) ", data)
    assert server.authorization.encode() not in data


@pytest.mark.parametrize("headers", [(), ("Connection: keep-alive",)])
def test_the_old_version_is_answered(server: Server, headers: tuple[str, ...]) -> None:
    head = server.head(f"Content-Length: {len(GOOD)}", *headers)
    reply = only(sent(server, head.replace(b"HTTP/1.1", b"HTTP/1.0") + GOOD))
    assert (reply.status, reply.code) == (200, None)


def test_a_request_without_a_host_is_answered(server: Server) -> None:
    head = server.head(f"Content-Length: {len(GOOD)}", "Connection: close")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Host:")]
    assert only(sent(server, b"\r\n".join(lines) + GOOD)).status in (200, 400)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "..",
        "x" * 300,
        "a.b.c.freshbooks.com",
        "\xff.freshbooks.com",
        "freshbooks.com:99999999",
        "[::1",
        "<script>.freshbooks.com",
        "x@y/z?freshbooks.com",
        "' OR 1=1.freshbooks.com",
    ],
)
def test_a_strange_host_is_answered(server: Server, host: str) -> None:
    head = server.head(f"Content-Length: {len(GOOD)}", "Connection: close")
    named = re.sub(rb"Host: [^\r]*", b"Host: " + host.encode("latin-1"), head)
    reply = only(sent(server, named + GOOD))
    assert reply.status in (200, 400)


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "cut"])
def test_a_body_is_read_although_nobody_waited_to_be_told(
    server: Server, *, whole: bool
) -> None:
    length = len(CREATE) + (0 if whole else 50)
    body = b"<" + CREATE[1:-1] + b"!" if whole else CREATE
    head = server.head(f"Content-Length: {length}", "Expect: 100-continue")
    with connected(server) as connection:
        connection.sendall(head + body)
        connection.shutdown(socket.SHUT_WR)
        data = received(connection)
    reply = only(replies(data.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")))
    assert reply.code == "40010"


def test_nobody_is_told_to_send_what_would_be_refused(server: Server) -> None:
    # A wrong token, and a body that has not been sent yet.
    head = server.head("Content-Length: 50000000", "Expect: 100-continue")
    wrong = re.sub(rb"Basic \S+", b"Basic eDpY", head)
    reply = only(
        replies(
            sent_and_ended(server, wrong).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        )
    )
    assert reply.status == 401


def sent_and_ended(server: Server, data: bytes) -> bytes:
    with connected(server) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return received(connection)


# Those who take their time.

SLOW = {
    "nothing": b"",
    "half a line": b"POST /api",
    "half a head": b"POST /api/2.1/xml-in HTTP/1.1\r\nHost: x\r\nX: ",
    "no body": b"POST /api/2.1/xml-in HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
    "half a chunk": (
        b"POST /api/2.1/xml-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"\r\n9\r\n<req"
    ),
    "an answer that is not fetched": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50,
    "an answered request": b"GET / HTTP/1.0\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\r\n\r\n",
}


@pytest.mark.parametrize("data", SLOW.values(), ids=SLOW)
def test_connections_that_are_left_open_do_not_stop_others(
    server: Server, data: bytes
) -> None:
    with ExitStack() as opened:
        for _ in range(8):
            connection = opened.enter_context(connected(server))
            connection.sendall(data)
        for _ in range(8):
            assert only(posted(server, GOOD)).code is None


def test_a_client_that_resets_its_connection_does_no_harm(server: Server) -> None:
    head = server.head(f"Content-Length: {len(CREATE)}")
    for data in (head[:50], head, head + CREATE[:9], head + CREATE[:-1]):
        with connected(server) as connection:
            linger = (1).to_bytes(4, sys.byteorder) + bytes(4)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.sendall(data)


def test_random_bytes_of_every_length_are_answered_or_ignored(server: Server) -> None:
    for length, place in product((1, 10, 100, 1_000, 10_000), ("head", "body")):
        data = os.urandom(length)
        if place == "body":
            assert only(posted(server, data)).code == "40010"
        else:
            assert len(sent(server, data + b"\r\n\r\n")) <= 1
