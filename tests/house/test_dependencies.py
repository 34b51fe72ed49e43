"""What we trust strangers' bytes to is no older than its last known hole.

Wheels bring their own libraries, so that what runs is asked, not what was installed.
"""

import re
from importlib.metadata import version
from pathlib import Path
from xml.parsers import expat

import pytest
from lxml import etree

LOCKS = sorted((Path(__file__).parents[2] / ".ci").glob("*.lock"))


def installed(name: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version(name))[:3]))


@pytest.mark.parametrize(
    ("found", "needed"),
    [
        # It reads requests; since then it bounds what entities unfold to.
        (expat.version_info, (2, 4, 0)),
        # CVE-2026-41066: local files are read by default.
        (etree.LXML_VERSION, (6, 1, 1)),
        # CVE-2025-49794, -49795, -49796, -6021, -6170.
        (etree.LIBXML_VERSION, (2, 14, 5)),
        # Lists in Content-Length, control characters in headers; CVE-2024-1135.
        (installed("gunicorn"), (26, 0)),
        (installed("werkzeug"), (3, 1)),
    ],
    ids=["expat", "lxml", "libxml2", "gunicorn", "Werkzeug"],
)
def test_what_runs_is_recent_enough(
    found: tuple[int, ...], needed: tuple[int, ...]
) -> None:
    assert found >= needed


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_everything_that_is_installed_is_pinned_by_its_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text("utf-8").strip())
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
