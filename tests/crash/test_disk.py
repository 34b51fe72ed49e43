"""A disk that is full, and one that is asked to keep what it was given."""

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Settings
from tests import due
from tests.conftest import ON_SQLITE
from tests.crash.test_server import LoadedServer
from tests.web.test_server import REQUEST

pytestmark = [
    ON_SQLITE,
    pytest.mark.skipif(sys.platform != "linux", reason="limits processes of others"),
]
CREATE = (
    '<request method="recurring.create"><recurring><client_id>1</client_id>'
    "</recurring></request>"
)
CREATES = 50


@pytest.fixture(name="server")
def server_(settings: Settings) -> Iterator[LoadedServer]:
    server = LoadedServer(settings)
    assert server.run("init", "--demo").returncode == 0
    server.start()
    yield server
    server.stop()


def limit_files(server: LoadedServer, size: int) -> None:
    """Let no file of the server's grow beyond a size: for it, the disk is full."""
    for pid in server.family():
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def test_a_full_disk_refuses_writes_serves_reads_and_recovers(
    server: LoadedServer,
) -> None:
    assert server.post(CREATE)[1].ok
    limit_files(server, 4096)

    status, refused = server.post(CREATE)
    assert (status, refused.text("code")) == (503, "10020")
    assert server.post(REQUEST)[1].ok
    assert server.total() == 1

    limit_files(server, resource.RLIM_INFINITY)
    assert server.post(CREATE)[1].ok
    assert server.total() == 2
    with due.asking(server.settings.database) as ask:
        assert ask("PRAGMA integrity_check") == [("ok",)]
        assert due.misbooked(ask) == {}
    assert server.run("doctor").returncode == 0
    assert "the database is not available" in server.log


@pytest.mark.skipif(shutil.which("strace") is None, reason="NOT TESTED without strace")
def test_each_acknowledged_write_has_been_synced_to_the_disk(
    server: LoadedServer, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    options = [option for pid in server.family() for option in ("-p", str(pid))]
    command = ["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", str(trace)]
    with subprocess.Popen(  # noqa: S603
        [*command, *options], stderr=subprocess.PIPE, text=True
    ) as tracer:
        assert tracer.stderr is not None
        for _ in server.family():
            line = tracer.stderr.readline()
            if "attached" not in line:
                tracer.kill()
                pytest.skip(f"NOT TESTED: {line}")
        for _ in range(CREATES):
            assert server.post(CREATE)[1].ok
        tracer.terminate()
    synced = sum("sync(" in line for line in trace.read_text("utf-8").splitlines())
    assert synced >= CREATES
