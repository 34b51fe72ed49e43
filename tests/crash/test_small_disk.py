"""A database on a disk so small that it can be filled, for real."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import cluster, due
from tests.conftest import settings_on
from tests.crash.test_disk import CREATE
from tests.crash.test_server import LoadedServer
from tests.web.test_server import REQUEST

LEFT_BYTES = 64 * 1024
# More than fits into what is left.
TRIES = 300


@pytest.fixture(name="disk", params=["8m", "200m"])
def disk_(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Provide an empty disk of a size, where the user of PostgreSQL can get to it."""
    with tempfile.TemporaryDirectory(prefix="disk-") as name:
        Path(name).chmod(0o755)
        yield from mounted(Path(name) / "disk", request)


def mounted(folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Mount the disk for as long as the test runs."""
    mount = shutil.which("mount")
    folder.mkdir()
    options = f"size={request.param},mode=0755"
    done = mount and subprocess.run(  # noqa: S603
        [mount, "-t", "tmpfs", "-o", options, "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if not done or done.returncode:
        pytest.skip("NOT TESTED: nothing may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S603, S607


def fill(disk: Path) -> Path:
    """Fill a disk but for a little; return the file that does it."""
    filler = disk / "filler"
    state = os.statvfs(disk)
    with filler.open("wb") as file:
        file.truncate(0)
        os.posix_fallocate(
            file.fileno(), 0, state.f_bavail * state.f_frsize - LEFT_BYTES
        )
    return filler


def refuse_serve_and_recover(server: LoadedServer, disk: Path) -> None:
    """Fill the disk of a server's database, look how it fares, and make room again."""
    assert server.run("init", "--demo").returncode == 0
    server.start()
    try:
        assert server.post(CREATE)[1].ok
        filler = fill(disk)
        created = 1
        for _ in range(TRIES):
            status, answer = server.post(CREATE)
            if not answer.ok:
                break
            created += 1
        assert (status, answer.text("code")) == (503, "10020")
        assert server.post(REQUEST)[1].ok
        assert server.total() == created

        filler.unlink()
        assert server.post(CREATE)[1].ok
        assert server.total() == created + 1
        with due.asking(server.settings.database) as ask:
            assert due.misbooked(ask) == {}
        assert server.run("doctor").returncode == 0
        assert "Traceback" not in server.log
    finally:
        server.stop()


@pytest.mark.parametrize("disk", ["8m"], indirect=True)
def test_a_full_disk_under_sqlite_refuses_writes_and_recovers(
    disk: Path, tmp_path: Path
) -> None:
    settings = settings_on(tmp_path / "var", f"sqlite:{disk / 'var' / 'db.sqlite'}")
    refuse_serve_and_recover(LoadedServer(settings), disk)


@pytest.mark.parametrize("disk", ["200m"], indirect=True)
@pytest.mark.skipif(bool(cluster.missing()), reason="there is no PostgreSQL")
def test_a_full_disk_under_postgresql_refuses_writes_and_recovers(
    disk: Path, tmp_path: Path
) -> None:
    """Only tables grow here; PostgreSQL ends itself where its log has no room."""
    with cluster.controlled(disk, fsync="on") as postgresql:
        settings = settings_on(tmp_path / "var", f"{postgresql.url}/postgres")
        refuse_serve_and_recover(LoadedServer(settings), disk)
