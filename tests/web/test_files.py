"""Whole files over the socket: taken, refused and given back in bounded memory."""

import base64
import hashlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import PATH
from tests.web.test_hostile_server import memory
from tests.web.test_server import Server

pytestmark = [
    pytest.mark.xdist_group("server of files"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

AT_ONCE = 8
# Two at a time have a file of 10 MiB in hand, which takes up to eight times its size;
# the others wait with 1 MB each. Seen were 160 to 320 MB, and 25 for a stranger.
GROWTH_MAX_BYTES = 400_000_000
UNREAD_MAX_BYTES = 50_000_000
CONTENT = b"Quixotic 7f3a " * (10 * 1024 * 1024 // 14)


def create(content: bytes) -> bytes:
    return (
        b'<request method="attachment.create"><attachment>'
        b"<recurring_id>1</recurring_id><file_name>a.txt</file_name>"
        b"<content>%b</content></attachment></request>" % base64.encodebytes(content)
    )


@pytest.fixture(name="server", scope="module")
def server_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Provide a server with profile 1, and look at its log at the end."""
    data = tmp_path_factory.mktemp("files") / "var"
    server = Server(data, f"sqlite:{data / 'perennial.sqlite'}")
    result = server.run("init", "--demo")
    assert result.returncode == 0, result.stderr
    server.start()
    try:
        server.create("<lines><line><name>x</name></line></lines>")
        yield server
        assert "Quixotic" not in server.log
        assert base64.b64encode(CONTENT)[:12].decode() not in server.log
        assert "Traceback" not in server.log
    finally:
        server.stop()


@pytest.fixture(name="growth_max")
def growth_max_() -> int:
    """Provide how much more memory than before a process may need in a test."""
    return GROWTH_MAX_BYTES


@pytest.fixture(autouse=True)
def _bounded(server: Server, growth_max: int) -> Iterator[None]:
    """Prove that no process needs more memory meanwhile than it may."""
    family = server.family()
    for pid in family:
        Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")
    before = [memory(pid, "VmRSS") for pid in family]
    yield
    assert server.family() == family, "a process died"
    for pid, at_first in zip(family, before, strict=True):
        assert memory(pid, "VmHWM") - at_first < growth_max


def total(server: Server) -> int:
    found = server.call("attachment.list", "<recurring_id>1</recurring_id>")
    listed = found.root.find("{*}attachments")
    assert listed is not None
    return int(listed.get("total") or 0)


def given_back(server: Server) -> tuple[int, bytes]:
    """Return status and digest of an attachment; its text is too long for libxml2."""
    connection = server.connect()
    connection.request(
        "POST",
        PATH,
        '<request method="attachment.get"><attachment_id>1</attachment_id></request>',
        {"Authorization": server.authorization},
    )
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    content = body.partition(b"<content>")[2].partition(b"</content>")[0]
    return answer.status, hashlib.sha256(base64.b64decode(content)).digest()


def test_files_that_come_and_go_at_once_are_taken_in_turn(server: Server) -> None:
    before = total(server)
    body = create(CONTENT)
    digest = hashlib.sha256(CONTENT).digest()
    with ThreadPoolExecutor(AT_ONCE) as senders:
        created = list(senders.map(lambda _: server.post(body), range(AT_ONCE)))
        gotten = list(senders.map(lambda _: given_back(server), range(AT_ONCE)))
    assert [(status, document.ok) for status, document in created] == [
        (200, True)
    ] * AT_ONCE
    assert gotten == [(200, digest)] * AT_ONCE
    assert total(server) == before + AT_ONCE


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_of_30_mb_is_refused_and_the_client_can_read_why(
    server: Server, *, chunked: bool
) -> None:
    before = total(server)
    body = create(bytes(30_000_000))
    headers = {"Transfer_Encoding": "chunked"} if chunked else {}
    sent = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    status, document = server.post(sent, **headers)
    assert (status, document.text("code")) == (413, "40030")
    assert document.text("error") == "The request is larger than 16 MB."
    assert total(server) == before


@pytest.mark.parametrize("growth_max", [UNREAD_MAX_BYTES])
def test_files_of_a_stranger_are_thrown_away_unread(server: Server) -> None:
    body = create(CONTENT)
    with ThreadPoolExecutor(AT_ONCE) as senders:
        answers = list(
            senders.map(
                lambda _: server.post(body, Authorization="Basic bm9ib2R5Olg="),
                range(AT_ONCE),
            )
        )
    for status, document in answers:
        assert status in (401, 429)
        assert document.text("code") in ("20010", "20020")
