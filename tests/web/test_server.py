"""The real thing: `perennial serve` in processes of its own, spoken to over sockets."""

import base64
import hashlib
import http.client
import json
import os
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lxml import etree

from tests.conftest import PATH, empty_database

pytestmark = [
    pytest.mark.xdist_group("server"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

PERENNIAL = str(Path(sys.executable).with_name("perennial"))
STOP_S = 15
PATIENCE_S = 30
# The supervisor, the billing worker, gunicorn's own and the two that serve.
PROCESSES = 5
REQUEST = b'<request method="client.list"/>'


class Server:
    """A `perennial serve` that runs, on a port and a data folder of its own."""

    def __init__(self, data: Path, database: str) -> None:
        self.data = data
        self.database = database
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.printed = ""

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "NO_PROXY": "*",
            "PERENNIAL_DATA": str(self.data),
            "PERENNIAL_DATABASE": self.database,
            "PERENNIAL_BIND": f"127.0.0.1:{self.port}",
            "PERENNIAL_TICK_S": "1",
        }

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement behind its back and return the rows."""
        if self.database.startswith("postgresql"):
            with psycopg.connect(self.database) as connection:
                cursor = connection.execute(statement.replace("?", "%s"), values)
                return cursor.fetchall() if cursor.description else []
        file = self.database.removeprefix("sqlite:")
        with closing(sqlite3.connect(file, timeout=PATIENCE_S)) as sql, sql:
            return sql.execute(statement, values).fetchall()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same data."""
        return subprocess.run(  # noqa: S603
            [PERENNIAL, *command],
            env=self.environment,
            cwd=self.data.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )

    def start(self) -> None:
        """Start it, and read what it prints until it is ready."""
        with (self.data.parent / "log").open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [PERENNIAL, "serve"],
                env=self.environment,
                cwd=self.data.parent,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        self.printed = "".join(lines)
        assert "Ctrl-C" in self.printed, self.log
        # It listens before the last of its processes has been forked.
        pause = threading.Event()
        for _ in range(PATIENCE_S * 10):
            if len(self.family()) >= PROCESSES:
                break
            pause.wait(0.1)
        assert len(self.family()) == PROCESSES

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def log(self) -> str:
        return (self.data.parent / "log").read_text()

    def family(self) -> list[int]:
        """Return the ids of all its processes, the supervisor's first."""
        found = [self.pid]
        for pid in found:
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
            except FileNotFoundError:
                continue  # it has ended since its parent named it
            found.extend(map(int, children.split()))
        return found

    def stop(self) -> int:
        """Stop it if it runs, and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        with self.process:
            return self.process.wait(STOP_S)

    def kill(self) -> None:
        """Kill every one of its processes at once."""
        for pid in self.family():
            os.kill(pid, signal.SIGKILL)
        assert self.process is not None
        with self.process:
            self.process.wait(STOP_S)

    @property
    def token(self) -> str:
        return (self.data / "demo-token").read_text("ascii").strip()

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(f"{self.token}:X".encode()).decode()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)

    def head(self, *headers: str, verb: str = "POST") -> bytes:
        """Return the beginning of a request, up to its body."""
        lines = (
            f"{verb} {PATH} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: {self.authorization}",
            *headers,
        )
        return "\r\n".join((*lines, "", "")).encode()

    def exchange(self, *parts: bytes) -> tuple[int, bytes]:
        """Send bytes as they are and nothing behind them; return status and body."""
        with self.socket() as connection:
            for part in parts:
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            return answer_on(connection)

    def post(self, body: bytes | str, **headers: str) -> tuple[int, "Document"]:
        """Post a body as an ordinary client does."""
        connection = self.connect()
        try:
            return post_on(connection, self, body, **headers)
        finally:
            connection.close()

    def call(self, method: str, content: str = "") -> "Document":
        status, document = self.post(f'<request method="{method}">{content}</request>')
        assert status == 200
        assert document.ok, document.text("error")
        return document

    def create(self, content: str = "") -> int:
        """Create a profile of the demo client; return its id."""
        document = self.call(
            "recurring.create",
            f"<recurring><client_id>1</client_id>{content}</recurring>",
        )
        return int(document.text("recurring_id") or 0)

    def total(self) -> int:
        """Return how many profiles there are."""
        found = self.call("recurring.list").root.find("{*}recurrings")
        assert found is not None
        return int(found.get("total") or 0)


class Document:
    """A parsed answer."""

    def __init__(self, data: bytes) -> None:
        self.root = etree.fromstring(data)

    @property
    def ok(self) -> bool:
        return self.root.get("status") == "ok"

    def text(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        return [found.text or "" for found in self.root.iter("{*}" + name)]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def answer_on(connection: socket.socket) -> tuple[int, bytes]:
    """Read one answer."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.read()


def post_on(
    connection: http.client.HTTPConnection,
    server: Server,
    body: bytes | str,
    **headers: str,
) -> tuple[int, Document]:
    """Post a body on a connection that may have been used before."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(
        "POST", PATH, body, {"Authorization": server.authorization, **named}
    )
    response = connection.getresponse()
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    return response.status, Document(response.read())


@contextmanager
def watched(pids: list[int]) -> Iterator[Callable[[], list[int]]]:
    """Provide a wait for processes to end; it returns those that did not."""
    handles = {os.pidfd_open(pid): pid for pid in pids}

    def still_running() -> list[int]:
        poll = select.poll()
        for handle in handles:
            poll.register(handle, select.POLLIN)
        left = dict(handles)
        while left:
            ended = poll.poll(STOP_S * 1000)
            if not ended:
                break
            for handle, _ in ended:
                poll.unregister(handle)
                del left[handle]
        return list(left.values())

    try:
        yield still_running
    finally:
        for handle in handles:
            os.close(handle)


@pytest.fixture(name="made", scope="module", params=["sqlite", "postgresql"])
def made_(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Provide data as `init --demo` makes it, to be copied."""
    data = tmp_path_factory.mktemp("made") / "var"
    if request.param == "sqlite":
        yield made_on(data, f"sqlite:{data / 'perennial.sqlite'}")
        return
    with empty_database(request) as url:
        yield made_on(data, url)


def made_on(data: Path, database: str) -> Server:
    server = Server(data, database)
    result = server.run("init", "--demo")
    assert result.returncode == 0, result.stderr
    return server


@contextmanager
def copied(
    made: Server, folder: Path, request: pytest.FixtureRequest
) -> Iterator[Server]:
    """Provide a server that can be started, on a copy of what was made."""
    data = Path(shutil.copytree(made.data, folder / "var"))
    if made.database.startswith("sqlite"):
        yield Server(data, f"sqlite:{data / 'perennial.sqlite'}")
        return
    with empty_database(request, made.database.rpartition("/")[2]) as url:
        yield Server(data, url)


@pytest.fixture(name="server", scope="module")
def server_(
    made: Server,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Server]:
    """Provide a server that runs as long as the tests that share it."""
    with copied(made, tmp_path_factory.mktemp("server"), request) as server:
        server.start()
        yield server
        server.stop()


@pytest.fixture(name="idle_server")
def idle_server_(
    made: Server, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Server]:
    """Provide a server that has not been started."""
    with copied(made, tmp_path, request) as server:
        yield server


@pytest.fixture(name="own_server")
def own_server_(idle_server: Server) -> Iterator[Server]:
    """Provide a server that the test may stop and start."""
    idle_server.start()
    yield idle_server
    idle_server.stop()


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl, as they do")
def test_the_printed_curl_lines_work_as_they_are(server: Server) -> None:
    lines = [line for line in server.printed.splitlines() if "curl" in line]
    assert len(lines) == 3
    for line in lines:
        result = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", line],
            env=server.environment,
            capture_output=True,
            check=True,
            timeout=PATIENCE_S,
        )
        assert Document(result.stdout).ok, line


def test_a_start_prints_where_it_listens_and_how_it_stops(server: Server) -> None:
    assert f"http://127.0.0.1:{server.port}" in server.printed
    assert "Ctrl-C" in server.printed


def test_a_log_holds_neither_token_nor_values(server: Server) -> None:
    server.create("<notes>Quixotic</notes>")
    server.post(REQUEST)
    assert server.log
    assert server.token not in server.log
    assert server.authorization.removeprefix("Basic ") not in server.log
    assert "Quixotic" not in server.log


def test_expect_100_continue_is_answered_before_the_body_is_sent(
    server: Server,
) -> None:
    with server.socket() as connection:
        connection.sendall(
            server.head("Expect: 100-continue", f"Content-Length: {len(REQUEST)}")
        )
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(REQUEST)
        status, body = answer_on(connection)
    assert status == 200
    assert Document(body).ok


def test_a_chunked_body_is_read_whole(server: Server) -> None:
    chunks = b"".join(b"%x\r\n%c\r\n" % (1, byte) for byte in REQUEST)
    status, body = server.exchange(
        server.head("Transfer-Encoding: chunked"), chunks, b"0\r\n\r\n"
    )
    assert status == 200
    assert Document(body).ok


CREATE = (
    b'<request method="recurring.create"><recurring><client_id>1</client_id>'
    b"</recurring></request>"
)


@pytest.mark.parametrize(
    "chunks",
    [
        b"",
        b"10\r\n<request",
        b"%x\r\n%s\r\n" % (len(CREATE), CREATE),
        b"%x\r\n%s" % (len(CREATE), CREATE),
        b"%x\r\n%s\r\n0\r\n" % (len(CREATE), CREATE),
        b"zz\r\n%s\r\n0\r\n\r\n" % CREATE,
        b"-1\r\n%s\r\n0\r\n\r\n" % CREATE,
        b"%x\r\n%sXX0\r\n\r\n" % (len(CREATE), CREATE),
        b"0x%x\r\n%s\r\n0\r\n\r\n" % (len(CREATE), CREATE),
        b"f" * 32 + b"\r\n" + CREATE,
    ],
    ids=[
        "nothing",
        "a cut chunk",
        "no last chunk",
        "no end of a chunk",
        "no end of the last chunk",
        "a size in letters",
        "a negative size",
        "a wrong end of a chunk",
        "a size with a prefix",
        "a huge size",
    ],
)
def test_a_broken_chunked_body_is_refused(server: Server, chunks: bytes) -> None:
    before = server.total()
    status, body = server.exchange(server.head("Transfer-Encoding: chunked"), chunks)
    assert status == 400
    assert Document(body).text("code") == "40010"
    assert server.total() == before


def test_a_chunked_body_over_the_limit_is_refused_with_413(server: Server) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    status, body = server.exchange(
        server.head("Transfer-Encoding: chunked"), chunk * 20, b"0\r\n\r\n"
    )
    assert status == 413
    assert Document(body).text("code") == "40030"


def test_a_chunked_body_is_not_cut_at_the_limit(server: Server) -> None:
    # The first million bytes are a whole request; the one behind them counts, too.
    before = server.total()
    body = CREATE.ljust(1_000_001)
    status, answer = server.exchange(
        server.head("Transfer-Encoding: chunked"),
        b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
    )
    assert status == 413
    assert Document(answer).text("code") == "40030"
    assert server.total() == before


def test_a_length_shorter_than_the_body_cuts_it(server: Server) -> None:
    before = server.total()
    head = server.head(f"Content-Length: {len(CREATE) - 5}")
    status, body = server.exchange(head, CREATE)
    assert status == 200
    assert Document(body).text("code") == "40010"
    assert server.total() == before


def test_nothing_behind_a_broken_document_is_taken_for_a_request(
    server: Server,
) -> None:
    # A client that counts characters announces fewer bytes than it sends.
    head = server.head(f"Content-Length: {len(CREATE) - 5}")
    with server.socket() as connection:
        connection.sendall(head + CREATE)
        assert Document(answer_on(connection)[1]).text("code") == "40010"
        # It may be closed with what was left unread.
        with suppress(ConnectionResetError):
            assert connection.recv(1) == b""


@pytest.mark.parametrize("sent", [CREATE, CREATE[:-5], b""], ids=["all", "cut", "none"])
def test_a_body_shorter_than_its_length_is_refused(server: Server, sent: bytes) -> None:
    before = server.total()
    head = server.head(f"Content-Length: {len(CREATE) + 100}")
    _, body = server.exchange(head, sent)
    assert Document(body).text("code") == "40010"
    assert server.total() == before


@pytest.mark.parametrize(
    "headers",
    [
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: 5", f"Content-Length: {len(CREATE)}"),
        (f"Content-Length: 5, {len(CREATE)}",),
        ("Content-Length: -5",),
        (f"Content-Length: +{len(CREATE)}",),
        ("Content-Length: 1_0",),
        ("Content-Length: \xb2",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding : chunked",),
        (f" Content-Length: {len(CREATE)}",),
    ],
)
def test_ambiguous_framing_is_refused(server: Server, headers: tuple[str, ...]) -> None:
    before = server.total()
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(CREATE), CREATE)
    status, _ = server.exchange(server.head(*headers), framed)
    assert status in (400, 501)
    assert server.total() == before


def test_a_body_of_50_mb_is_refused_while_it_is_still_sent(server: Server) -> None:
    status, document = server.post(b"<" * 50_000_000)
    assert status == 413
    assert document.text("code") == "40030"
    assert server.post(REQUEST)[1].ok


def test_a_compressed_body_is_refused_with_415(server: Server) -> None:
    status, document = server.post(b"\x1f\x8b\x08", Content_Encoding="gzip")
    assert status == 415
    assert document.text("code") == "40031"


def test_requests_on_one_connection_are_answered_in_turn(server: Server) -> None:
    connection = server.connect()
    try:
        for body, status in (
            (REQUEST, 200),
            (b"<broken", 200),
            (b" " * 1_000_001, 413),
            (REQUEST, 200),
        ):
            assert post_on(connection, server, body)[0] == status
    finally:
        connection.close()


def test_what_follows_a_body_is_a_request_of_its_own(server: Server) -> None:
    # It has no credentials, and must not borrow those of the one before it.
    before = server.total()
    bare = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(CREATE)}\r\n\r\n"
    server.exchange(
        server.head(f"Content-Length: {len(REQUEST)}"), REQUEST, bare.encode(), CREATE
    )
    assert server.total() == before


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_body_is_read_whatever_the_verb(server: Server, verb: str) -> None:
    head = server.head(f"Content-Length: {len(REQUEST)}", verb=verb)
    status, body = server.exchange(head, REQUEST)
    assert status == 200
    assert Document(body).ok


def test_a_request_without_credentials_is_challenged(server: Server) -> None:
    connection = server.connect()
    try:
        connection.request("GET", PATH)
        response = connection.getresponse()
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'Basic realm="FreshBooks"'
        assert Document(response.read()).text("code") == "20010"
    finally:
        connection.close()


def test_a_client_cannot_move_the_address(server: Server) -> None:
    status, _ = server.post(REQUEST, SCRIPT_NAME="/evil", X_Forwarded_Prefix="/evil")
    assert status == 200


@pytest.mark.parametrize("half", ["head", "body"])
def test_slow_senders_do_not_stop_others(server: Server, half: str) -> None:
    head = server.head(f"Content-Length: {len(REQUEST)}")
    request = head + REQUEST
    cut = 20 if half == "head" else len(head) + 5
    slow = [server.socket() for _ in range(8)]
    try:
        for connection in slow:
            connection.sendall(request[:cut])
        assert server.call("client.list").ok
        for connection in slow:
            connection.sendall(request[cut:])
        assert [answer_on(connection)[0] for connection in slow] == [200] * 8
    finally:
        for connection in slow:
            connection.close()


def test_a_client_that_hangs_up_does_no_harm(server: Server) -> None:
    before = server.total()
    for cut in (0, 10, len(server.head("Content-Length: 500")) + 20):
        request = server.head("Content-Length: 500") + CREATE
        with server.socket() as connection:
            connection.sendall(request[:cut])
    assert server.total() == before


def test_the_worker_bills_a_profile_whose_date_has_come(server: Server) -> None:
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # noqa: TID251
    past = (tomorrow - timedelta(days=5)).isoformat()
    line = "<lines><line><unit_cost>40</unit_cost><quantity>3</quantity></line></lines>"
    recurring_id = server.create(f"<date>{tomorrow}</date>{line}")
    server.sql(
        "UPDATE recurring SET anchor_on = ?, next_on = ? WHERE recurring_id = ?",
        *(past, past, recurring_id),
    )
    narrowed = f"<recurring_id>{recurring_id}</recurring_id>"
    pause = threading.Event()
    for _ in range(PATIENCE_S * 5):
        invoices = server.call("invoice.list", narrowed)
        if invoices.all("invoice_id"):
            break
        pause.wait(0.2)
    assert invoices.all("date") == [past]
    assert invoices.all("amount")[0] == "120"
    # The next date is a month away: whatever the worker does now, it is one invoice.
    assert server.run("bill").returncode == 0
    assert server.call("invoice.list", narrowed).all("date") == [past]


def test_a_port_in_use_ends_a_start_with_one_line(server: Server) -> None:
    second = server.run("serve")
    assert second.returncode == 1
    assert second.stdout == ""
    assert second.stderr.count("\n") == 1
    assert f"127.0.0.1:{server.port}" in second.stderr
    assert "--bind" in second.stderr
    assert server.call("client.list").ok


@pytest.mark.parametrize("bind", ["nonsense", "127.0.0.1", "127.0.0.1:99999", ":0x50"])
def test_an_address_that_is_none_ends_a_start_with_one_line(
    server: Server, bind: str
) -> None:
    second = server.run("serve", "--bind", bind)
    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert bind in second.stderr


def other_key(text: str) -> str:
    encoded = base64.b64encode(b"k" * 32).decode()
    return text.partition("k1:")[0] + f"k1:{encoded}\n"


@pytest.mark.parametrize(
    "damage",
    [
        None,
        other_key,
        lambda text: text[:-10],
        lambda _: "",
        lambda text: text.replace("k1:", "k2:"),
        lambda text: text.partition("k1:")[0] + "k1",
        lambda _: "\x00" * 200,
    ],
    ids=["missing", "wrong", "cut", "empty", "renamed", "cut to its id", "zeros"],
)
def test_a_damaged_key_file_ends_a_start_with_one_line(
    idle_server: Server, damage: Callable[[str], str] | None
) -> None:
    server = idle_server
    keys = server.data / "keys"
    files = [path for path in server.data.iterdir() if path != keys]
    before = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    checks = server.sql("SELECT * FROM key_check")
    damaged = None
    if damage is None:
        keys.unlink()
    else:
        damaged = damage(keys.read_text("ascii"))
        keys.write_text(damaged, "ascii")
    result = server.run("serve")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "k1" in result.stderr
    assert "restore" in result.stderr
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in files] == before
    assert server.sql("SELECT * FROM key_check") == checks
    assert (keys.read_text("ascii") if keys.exists() else None) == damaged


def test_a_sigterm_to_the_supervisor_stops_every_process(own_server: Server) -> None:
    with watched(own_server.family()) as still_running:
        os.kill(own_server.pid, signal.SIGTERM)
        assert still_running() == []
    assert own_server.stop() == 0


def test_a_sigint_to_the_supervisor_stops_every_process(own_server: Server) -> None:
    with watched(own_server.family()) as still_running:
        os.kill(own_server.pid, signal.SIGINT)
        assert still_running() == []
    assert own_server.stop() == 0


def test_an_interrupt_of_the_terminal_stops_every_process(own_server: Server) -> None:
    with watched(own_server.family()) as still_running:
        os.killpg(own_server.pid, signal.SIGINT)
        assert still_running() == []
    assert own_server.stop() == 0


def test_the_death_of_the_supervisor_ends_every_process(own_server: Server) -> None:
    with watched(own_server.family()) as still_running:
        os.kill(own_server.pid, signal.SIGKILL)
        assert still_running() == []


@pytest.mark.parametrize("command", ["api", "worker"])
def test_the_death_of_one_child_ends_every_process(
    own_server: Server, command: str
) -> None:
    family = own_server.family()
    child = next(
        pid
        for pid in family[1:]
        if command in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    )
    with watched(family) as still_running:
        os.kill(child, signal.SIGKILL)
        assert still_running() == []
    assert own_server.stop() == 1


def test_a_request_in_hand_is_answered_before_the_server_stops(
    own_server: Server,
) -> None:
    head = own_server.head(f"Content-Length: {len(CREATE)}", "Connection: close")
    with own_server.socket() as connection:
        connection.sendall(head + CREATE[:10])
        # Another connection's answer says that the first one has been accepted.
        assert own_server.call("client.list").ok
        os.kill(own_server.pid, signal.SIGTERM)
        connection.sendall(CREATE[10:])
        status, body = answer_on(connection)
    assert status == 200
    assert Document(body).ok


def test_a_second_init_and_start_finds_everything_as_it_was(
    own_server: Server,
) -> None:
    recurring_id = own_server.create("<notes>kept</notes>")
    files = [own_server.data / name for name in ("keys", "demo-token")]
    before = [file.read_bytes() for file in files]
    own_server.stop()
    again = own_server.run("init", "--demo")
    assert again.returncode == 0
    assert "made" not in again.stdout
    own_server.start()
    assert [file.read_bytes() for file in files] == before
    assert own_server.token in own_server.printed
    got = own_server.call(
        "recurring.get", f"<recurring_id>{recurring_id}</recurring_id>"
    )
    assert got.text("notes") == "kept"
    assert own_server.call("client.list").all("client_id") == ["1"]


def test_files_are_readable_by_their_owner_alone(server: Server) -> None:
    server.create()
    assert server.data.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in server.data.iterdir()}
    files = {"perennial.sqlite", "perennial.sqlite-wal"}
    own = files if server.database.startswith("sqlite") else set()
    assert {"keys", "demo-token"} | own <= set(modes)
    assert set(modes.values()) == {0o600}


def test_what_was_acknowledged_survives_a_kill_once(own_server: Server) -> None:
    acknowledged: list[str] = []
    answered = threading.Semaphore(0)

    def create(number: int) -> None:
        connection = own_server.connect()
        try:
            for n in range(200):
                tag = f"{number}-{n}"
                _, document = post_on(
                    connection,
                    own_server,
                    '<request method="recurring.create"><recurring><client_id>1'
                    f"</client_id><po_number>{tag}</po_number></recurring></request>",
                )
                assert document.ok
                acknowledged.append(tag)
                answered.release()
        except (OSError, http.client.HTTPException):
            pass  # it was killed, which is what this is about
        finally:
            connection.close()

    threads = [threading.Thread(target=create, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(80):
        assert answered.acquire(timeout=PATIENCE_S)
    own_server.kill()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(acknowledged) < 800, "the server was killed too late"
    own_server.start()
    pages = range(1, -(-own_server.total() // 100) + 1)
    stored = Counter(
        tag
        for page in pages
        for tag in own_server.call(
            "recurring.list", f"<per_page>100</per_page><page>{page}</page>"
        ).all("po_number")
    )
    assert set(stored.values()) == {1}
    assert set(acknowledged) <= set(stored)
    # At most the one request that each thread had under way.
    assert len(stored) <= len(acknowledged) + 4
    # The first invoice of each is there once, too.
    billed = own_server.sql(
        "SELECT count(*), count(DISTINCT recurring_id) FROM invoice"
    )
    assert billed == [(len(stored), len(stored))]
    if own_server.database.startswith("sqlite"):
        assert own_server.sql("PRAGMA integrity_check") == [("ok",)]


def figures(server: Server) -> dict[str, float]:
    """Return what /metrics says, by name and labels."""
    connection = server.connect()
    try:
        connection.request("GET", "/metrics")
        lines = connection.getresponse().read().decode().splitlines()
    finally:
        connection.close()
    return {
        name: float(value)
        for name, _, value in (line.rpartition(" ") for line in lines)
        if not name.startswith("#")
    }


LISTED = 'perennial_requests_total{method="client.list",outcome="ok"}'


def test_counts_are_those_of_all_processes_even_of_those_that_ended(
    own_server: Server,
) -> None:
    for _ in range(20):
        own_server.call("client.list")
    assert figures(own_server)[LISTED] == 20
    serving = own_server.family()[3:]
    for pid in serving:
        with watched([pid]) as still_running:
            os.kill(pid, signal.SIGKILL)
            assert still_running() == []
    for _ in range(10):
        own_server.call("client.list")
    assert figures(own_server)[LISTED] == 30


def test_a_server_and_its_worker_say_that_they_are_well(server: Server) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE_S * 5):
        connection = server.connect()
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        told = json.loads(response.read())
        connection.close()
        if told["worker"] == "ok":
            break
        pause.wait(0.2)
    assert response.status == 200
    assert told["ready"]
    assert told["worker"] == "ok"
    assert figures(server)['perennial_workers{outcome="done"}'] == 1


def test_a_log_is_json_where_no_terminal_is(server: Server) -> None:
    server.post(REQUEST, X_Request_Id="woven-1")
    lines = [json.loads(line) for line in server.log.splitlines()]
    (line,) = [line for line in lines if line.get("request_id") == "woven-1"]
    assert (line["method"], line["account"], line["code"]) == ("client.list", 1, 0)


def gunicorn(folder: Path, *options: str, **settings: str) -> subprocess.Popen[str]:
    """Start gunicorn itself on the application, on a database of its own."""
    environment = {**os.environ, "PERENNIAL_DATA": str(folder / "var")}
    run = [sys.executable, "-m", "app.cli", "init"]
    subprocess.run(run, env=environment, check=True, capture_output=True)  # noqa: S603
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "gunicorn", *options, "wsgi:app"],
        env={**environment, **settings},
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
        text=True,
    )


def once_it_listens(port: int) -> socket.socket:
    """Return a connection to a server that has just been started."""
    pause = threading.Event()
    for _ in range(PATIENCE_S * 20):
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        except ConnectionRefusedError:
            pause.wait(0.05)
    raise AssertionError("nobody listens")


CONFIGURED = ("-c", "python:app.web.gunicorn_conf")


def test_gunicorn_itself_serves_the_application(tmp_path: Path) -> None:
    port = free_port()
    with gunicorn(tmp_path, *CONFIGURED, "-b", f"127.0.0.1:{port}") as process:
        try:
            with once_it_listens(port) as connection:
                connection.sendall(
                    f"GET {PATH} HTTP/1.1\r\nHost: x\r\n"
                    "SCRIPT_NAME: /evil\r\n\r\n".encode()
                )
                status, body = answer_on(connection)
        finally:
            process.terminate()
    assert status == 401
    assert Document(body).text("code") == "20010"


@pytest.mark.parametrize("options", [(), CONFIGURED], ids=["plain", "configured"])
def test_under_gunicorn_itself_requests_are_counted(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    port = free_port()
    with gunicorn(tmp_path, *options, "-b", f"127.0.0.1:{port}") as process:
        try:
            for path in (PATH, PATH, "/metrics"):
                with once_it_listens(port) as connection:
                    connection.sendall(
                        f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
                    )
                    status, body = answer_on(connection)
        finally:
            process.terminate()
    assert status == 200
    line = b'perennial_requests_total{method="none",outcome="20010"} 2.0'
    assert line in body.splitlines()


@pytest.mark.parametrize("options", [(), CONFIGURED], ids=["plain", "configured"])
def test_a_misspelt_variable_ends_gunicorn_itself_with_one_line_of_ours(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    bind = ("-b", f"127.0.0.1:{free_port()}")
    with gunicorn(tmp_path, *options, *bind, PERENNIAL_TREADS="4") as process:
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode != 0
    ours = [line for line in said.splitlines() if not line.startswith("[")]
    assert ours == [
        "Error: PERENNIAL_TREADS is not a setting: did you mean PERENNIAL_THREADS?"
    ]
