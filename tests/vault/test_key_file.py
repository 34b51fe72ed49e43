"""Changing the key file: whole or not at all, and nothing else of it."""

import base64
import os
import stat
import threading
from collections.abc import Collection
from datetime import date
from pathlib import Path

import pytest

from app.vault import key_file, keys
from app.vault.keys import KeyProblemError

ONE = base64.b64encode(bytes(range(32))).decode()
TWO = base64.b64encode(bytes(range(32, 64))).decode()
TODAY = date(2026, 3, 2)


@pytest.fixture(name="path")
def path_(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"# kept\nk1:{ONE}\n", "ascii")
    path.chmod(0o600)
    return path


def add(path: Path, wanted: str | None = None, known: Collection[str] = ()) -> str:
    return key_file.add(path, wanted, known, TODAY)


def test_a_new_key_is_appended_and_active(path: Path) -> None:
    before = path.read_text("ascii")
    assert add(path) == "k2"
    ring = keys.read(path)
    assert list(ring.keys) == ["k1", "k2"]
    assert ring.active == "k2"
    assert ring.keys["k1"] == bytes(range(32))
    assert ring.since == {"k2": TODAY}
    assert path.read_text("ascii").startswith(before)


def test_every_key_that_is_added_is_another(path: Path) -> None:
    for _ in range(20):
        add(path)
    ring = keys.read(path)
    assert len(set(ring.keys.values())) == 21
    assert list(ring.keys) == [f"k{n}" for n in range(1, 22)]


@pytest.mark.parametrize(
    "text",
    [
        f"k1:{ONE}",
        f"k1:{ONE} # the first",
        f"# a\n\nk1:{ONE}\n# the end",
        f"k1:{ONE}\r\n",
    ],
)
def test_what_stands_in_the_file_stays(path: Path, text: str) -> None:
    path.write_bytes(text.encode())
    add(path)
    assert path.read_bytes().startswith(text.encode())
    assert list(keys.read(path).keys) == ["k1", "k2"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_the_file_keeps_its_mode_and_leaves_nothing_beside_it(
    path: Path, mode: int
) -> None:
    path.chmod(mode)
    former = os.umask(0)
    try:
        add(path)
    finally:
        os.umask(former)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert list(path.parent.iterdir()) == [path]


def test_a_link_stays_one_and_its_file_is_changed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    add(link)
    assert link.is_symlink()
    assert list(keys.read(path).keys) == ["k1", "k2"]


@pytest.mark.parametrize(
    ("known", "expected"),
    [((), "k2"), (("k2", "k7"), "k8"), (("2026", "k1a"), "k2")],
)
def test_the_next_id_is_free_in_file_and_database(
    path: Path, known: tuple[str, ...], expected: str
) -> None:
    assert add(path, known=known) == expected


def test_an_id_can_be_chosen(path: Path) -> None:
    assert add(path, "2026-03") == "2026-03"
    assert keys.read(path).active == "2026-03"
    assert add(path) == "k2"


@pytest.mark.parametrize("wanted", ["k1", "", "a b", "a:b", "#", "x" * 65, "k\u0661"])
def test_an_id_that_cannot_be_is_refused_and_nothing_is_changed(
    path: Path, wanted: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(KeyProblemError) as problem:
        add(path, wanted)
    assert "\n" not in str(problem.value)
    assert "id" in str(problem.value)
    assert path.read_bytes() == before


def test_a_damaged_file_is_refused_and_not_changed(path: Path) -> None:
    path.write_text(f"k1:{ONE[:-4]}\n", "ascii")
    before = path.read_bytes()
    with pytest.raises(KeyProblemError, match=r"'k1'.*damaged"):
        add(path)
    assert path.read_bytes() == before


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        add(tmp_path / "keys")
    assert list(tmp_path.iterdir()) == []


def test_keys_that_are_added_at_once_are_all_there(path: Path) -> None:
    start = threading.Barrier(8)
    added = []

    def one() -> None:
        start.wait()
        added.append(add(path))

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(added) == [f"k{n}" for n in range(2, 10)]
    assert set(keys.read(path).keys) == {"k1", *added}


@pytest.mark.parametrize("step", ["fsync", "fchown", "fchmod"])
def test_a_change_that_fails_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = path.read_bytes()

    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, step, failing)
        with pytest.raises(OSError, match="No space"):
            add(path)
        with pytest.raises(OSError, match="No space"):
            key_file.remove(path, "k1", TODAY)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_one_left_is_in_nobodys_way(path: Path) -> None:
    path.with_name("keys.new").write_text("half")
    add(path)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"# a\nk1:{ONE} # b\nk2:{TWO}\n", f"# a\n{{note}}k2:{TWO}\n"),
        (f"k1:{ONE} k2:{TWO} # c\n", f"k2:{TWO} # c\n{{note}}"),
        (f"k2:{TWO}\tk1:{ONE}", f"k2:{TWO}\n{{note}}"),
        (f"# k1:{ONE}\nk1:{ONE}\nk2:{TWO}", f"# k1:{ONE}\n{{note}}k2:{TWO}"),
    ],
)
def test_a_key_is_removed_and_the_rest_stays(path: Path, text: str, left: str) -> None:
    path.write_text(text, "ascii")
    key_file.remove(path, "k1", TODAY)
    note = "# k1 was retired on 2026-03-02\n"
    assert path.read_text("ascii") == left.format(note=note)
    ring = keys.read(path)
    assert ring.keys == {"k2": bytes(range(32, 64))}
    assert ring.retired == {"k1"}


def test_an_id_that_was_retired_does_not_return(path: Path) -> None:
    add(path)
    key_file.remove(path, "k1", TODAY)
    key_file.remove(path, "k2", TODAY)
    assert add(path) == "k3"
    with pytest.raises(KeyProblemError, match="'k1'"):
        add(path, "k1")


@pytest.mark.parametrize("comment", [" since 2026-13-01", " since spring", "since "])
def test_a_comment_that_is_no_date_is_a_comment(path: Path, comment: str) -> None:
    path.write_text(f"k1:{ONE} #{comment}", "ascii")
    assert keys.read(path).since == {}
