"""Counts of several processes: none is lost, none is told twice, none piles up."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from app.web import gunicorn_conf, metrics_folder

COUNT = """
import sys
from prometheus_client import Counter, Histogram
Counter("woven", "x", ["by"]).labels(sys.argv[1]).inc(int(sys.argv[2]))
Histogram("seconds", "x", buckets=[1]).observe(0.5)
"""

# What a process does with a request that it answered.
ANSWERED = """
from types import SimpleNamespace
from app.api.dispatch import Answer
from app.web.metrics import Metrics
Metrics(SimpleNamespace()).count(Answer(status=200, body=b""), 0.5)
"""


@pytest.fixture(name="folder")
def folder_(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Provide the folder of a server that has just begun."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "replaced")
    metrics_folder.make()
    folder = metrics_folder.current()
    assert folder is not None
    return folder


def count(name: str, number: int) -> int:
    """Count something in a process of its own; return the process's id."""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", COUNT, name, str(number)], env=os.environ
    ) as process:
        assert process.wait(30) == 0
    return process.pid


def told(folder: Path) -> list[str]:
    """Return the lines of figures."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    lines = generate_latest(registry).decode().splitlines()
    return sorted(line for line in lines if not line.startswith("#"))


def test_what_a_process_counted_outlives_it_but_for_its_files(folder: Path) -> None:
    pids = [count("ada", 2), count("ada", 3), count("bea", 4)]
    before = told(folder)
    for pid in pids:
        gunicorn_conf.child_exit(None, SimpleNamespace(pid=pid))
        assert told(folder) == before
    assert 'woven_total{by="ada"} 5.0' in before
    assert 'seconds_bucket{le="1.0"} 3.0' in before
    kept = sorted(file.name for file in folder.glob("*.db"))
    assert kept == ["counter_0.db", "histogram_0.db"]
    metrics_folder.remove()


def test_a_process_that_counted_nothing_changes_nothing(folder: Path) -> None:
    metrics_folder.keep_counts(1)
    assert list(folder.glob("*.db")) == []
    metrics_folder.remove()


def test_a_file_that_is_damaged_is_left_out_with_a_warning(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "counter_7.db").write_bytes(b"\xff\x00\x00\x00" + bytes(4) + b"\x7f" * 99)
    metrics_folder.keep_counts(7)
    assert "counts of a process are lost" in caplog.text
    metrics_folder.remove()


def test_the_folder_is_its_owners_alone_and_goes_with_the_server(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    metrics_folder.remove()
    assert not folder.exists()


def test_a_process_alone_keeps_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    assert metrics_folder.current() is None
    metrics_folder.keep_counts(1)
    metrics_folder.remove()


def test_without_its_folder_a_process_goes_on_and_warns(folder: Path) -> None:
    metrics_folder.remove()
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ANSWERED],
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == "a request is not counted: FileNotFoundError\n"
