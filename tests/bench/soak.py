"""Send mixed requests at a real server and watch what it keeps.

`python -m tests.bench.soak --requests N` starts `perennial serve` on data of its own
and prints, ten times, the memory and the open files of each process, and the slowest
answer of a hundred. Among the requests are some that fail, some of ever new names
(libxml2 would remember each), and some that are no requests.
"""

import argparse
import base64
import http.client
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/api/2.1/xml-in"
PERENNIAL = str(Path(sys.executable).with_name("perennial"))
REPORTS = 10
# Warm caches, filled pools, every thread's validators.
WARM_SHARE = 0.1
TIMEOUT_S = 30
# Of the names of a flood; libxml2 would keep 48 MB of 1,300 such requests.
NAME = "n" * 300

# How often each kind of request is sent.
WEIGHTS = {
    "create": 15,
    "get": 30,
    "update": 15,
    "list": 15,
    "flood": 10,
    "wrong": 10,
    "rubbish": 5,
}
# Another connection may reach another process.
PER_CONNECTION = 50

LINES = (
    "<lines><line><name>Hosting</name><unit_cost>40</unit_cost><quantity>3</quantity>"
    "</line></lines>"
)


@dataclass
class Server:
    """A `perennial serve` on data of its own."""

    port: int
    pid: int
    headers: dict[str, str]

    def family(self) -> list[int]:
        """Return the ids of its processes, the supervisor's first."""
        found = [self.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
            found.extend(map(int, children.split()))
        return found


@dataclass
class Client:
    """Somebody who sends requests of all kinds on one connection after the other."""

    server: Server
    chance: random.Random
    profiles: int = 0
    names: int = 0
    taken_ms: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)

    def send(self, count: int) -> None:
        """Send so many requests."""
        connection = self._connection()
        for number in range(count):
            if number % PER_CONNECTION == PER_CONNECTION - 1:
                connection.close()
                connection = self._connection()
                self._send_no_http()
            kind, body = self._request()
            started = time.perf_counter()
            connection.request("POST", PATH, body, self.server.headers)
            answer = connection.getresponse()
            data = answer.read()
            self.taken_ms.append((time.perf_counter() - started) * 1000)
            outcome = "ok" if b'status="ok"' in data else "fail"
            key = f"{kind} {outcome}"
            self.answers[key] = self.answers.get(key, 0) + 1
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, TIMEOUT_S)

    def _request(self) -> tuple[str, bytes]:
        kind = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        if not self.profiles:
            kind = "create"
        make: dict[str, Callable[[], bytes]] = {
            "create": self._create,
            "get": lambda: _request("recurring.get", self._id()),
            "update": self._update,
            "list": self._list,
            "flood": self._flood,
            "wrong": lambda: _request("client.list", "<folder>attic</folder>"),
            "rubbish": lambda: self.chance.randbytes(self.chance.randint(1, 20_000)),
        }
        return kind, make[kind]()

    def _id(self) -> str:
        return f"<recurring_id>{self.chance.randint(1, self.profiles)}</recurring_id>"

    def _create(self) -> bytes:
        self.profiles += 1
        content = f"<recurring><client_id>1</client_id>{LINES}</recurring>"
        return _request("recurring.create", content)

    def _update(self) -> bytes:
        notes = f"<notes>{self.chance.random()}</notes>"
        content = f"<recurring>{self._id()}{notes}</recurring>"
        return _request("recurring.update", content)

    def _list(self) -> bytes:
        method = self.chance.choice(("recurring.list", "invoice.list", "client.list"))
        return _request(method, f"<page>{self.chance.randint(1, 50)}</page>")

    def _flood(self) -> bytes:
        """Return a request of names that nobody will ever send again."""
        self.names += 1
        n = self.names
        names = "".join(f'<p{n}_{i}{NAME}:page a{n}_{i}{NAME}=""/>' for i in range(30))
        wrapper = f"e{n}{NAME}"
        content = f'<page a{n}{NAME}="">1</page><{wrapper}>{names}</{wrapper}>'
        return _request("client.list", content)

    def _send_no_http(self) -> None:
        address = ("127.0.0.1", self.server.port)
        with socket.create_connection(address, TIMEOUT_S) as connection:
            connection.sendall(self.chance.randbytes(200) + b"\r\n\r\n")
            connection.recv(1000)


def _request(method: str, content: str) -> bytes:
    return f'<request method="{method}">{content}</request>'.encode()


@contextmanager
def served() -> Iterator[Server]:
    """Provide a server, and stop it."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = int(probe.getsockname()[1])
        environment = {
            "PATH": os.environ["PATH"],
            "PERENNIAL_DATA": f"{folder}/var",
            "PERENNIAL_BIND": f"127.0.0.1:{port}",
        }
        # Only where unknown names are ignored is a flood of them read to its end.
        for command in ("init --demo", "account switch Demo --ignore-unknown"):
            subprocess.run(  # noqa: S603
                [PERENNIAL, *command.split()],
                env=environment,
                check=True,
                capture_output=True,
            )
        token = Path(folder, "var", "demo-token").read_text("ascii").strip()
        encoded = base64.b64encode(f"{token}:X".encode()).decode()
        process = subprocess.Popen(  # noqa: S603
            [PERENNIAL, "serve"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdout is not None
        while not process.stdout.readline().startswith("Ctrl-C"):
            assert process.poll() is None, "the server did not start"
        try:
            yield Server(port, process.pid, {"Authorization": f"Basic {encoded}"})
        finally:
            process.terminate()
            process.communicate()


def resident_mb(pid: int) -> float:
    """Return what a process holds in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def open_files(pid: int) -> int:
    """Return how many files and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def p99(values: list[float]) -> float:
    """Return the value that one of a hundred exceeds."""
    return sorted(values)[len(values) * 99 // 100]


def soak(requests: int) -> None:
    """Send requests, and print what the server keeps."""
    with served() as server:
        client = Client(server, random.Random(1))
        client.send(max(1, int(requests * WARM_SHARE)))
        family = server.family()
        at_first = {pid: resident_mb(pid) for pid in family}
        print("process:", " ".join(f"{pid:>8}" for pid in family))
        for report in range(REPORTS):
            client.taken_ms.clear()
            client.send(requests // REPORTS)
            sent = (report + 1) * requests // REPORTS
            print(f"{sent:>8} requests, p99 {p99(client.taken_ms):6.1f} ms")
            print("  RSS MB", " ".join(f"{resident_mb(pid):8.1f}" for pid in family))
            print("  files ", " ".join(f"{open_files(pid):8}" for pid in family))
        growth = {pid: resident_mb(pid) - at_first[pid] for pid in family}
        print("growth, MB", " ".join(f"{grown:+.1f}" for grown in growth.values()))
        print("the same processes:", server.family() == family)
        print(dict(sorted(client.answers.items())))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    soak(parser.parse_args().requests)
