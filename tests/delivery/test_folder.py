"""Folders for other programs: what they see is whole."""

import errno
import os
from pathlib import Path

import pytest

from app.delivery import folder


def names(path: Path) -> list[str]:
    return sorted(each.name for each in path.iterdir())


def test_a_file_is_hidden_until_it_is_whole(tmp_path: Path) -> None:
    folder.staged(tmp_path, {"a.pdf": b"a"}, "mark")
    (name,) = names(tmp_path)
    assert name.startswith(".")
    folder.released(tmp_path, ["a.pdf"], "mark")
    assert names(tmp_path) == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == b"a"


def test_the_same_file_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    for content in (b"longer", b"a"):
        folder.staged(tmp_path, {"a.pdf": content}, "mark")
        folder.released(tmp_path, ["a.pdf"], "mark")
    assert names(tmp_path) == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == b"a"


def test_what_was_left_half_written_goes_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    (tmp_path / ".theirs").touch()
    folder.staged(tmp_path, {"b.pdf": b"b"}, "mark")
    folder.made(tmp_path)
    assert names(tmp_path) == [".theirs", "a.pdf"]


def test_a_folder_that_is_there_keeps_the_rights_that_somebody_gave_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "post"
    path.mkdir()
    path.chmod(0o750)
    folder.made(path)
    assert path.stat().st_mode & 0o777 == 0o750


def test_nobody_can_have_us_write_elsewhere(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"theirs")
    path = tmp_path / "post"
    path.mkdir()
    (path / "a.pdf").symlink_to(elsewhere)
    folder.staged(path, {"a.pdf": b"ours"}, "mark")
    folder.released(path, ["a.pdf"], "mark")
    assert elsewhere.read_bytes() == b"theirs"
    assert not (path / "a.pdf").is_symlink()


def test_a_file_half_written_by_another_is_not_written_on(tmp_path: Path) -> None:
    folder.staged(tmp_path, {"a.pdf": b"a"}, "mark")
    with pytest.raises(FileExistsError):
        folder.staged(tmp_path, {"a.pdf": b"b"}, "mark")
    folder.staged(tmp_path, {"a.pdf": b"b"}, "another")


def test_a_name_is_given_only_once_its_content_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        folder.staged(tmp_path, {"a.pdf": b"a"}, "mark")
    assert all(name.startswith(".") for name in names(tmp_path))
