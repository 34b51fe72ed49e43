"""The key ring: what is read, what is refused, and with which words."""

import base64
import os
import stat
from pathlib import Path

import pytest

from app.config import Settings, SettingsError
from app.vault import keys
from app.vault.keys import KEY_BYTES, KeyProblemError, KeyRing

ONE = base64.b64encode(bytes(range(32))).decode()
TWO = base64.b64encode(bytes(range(32, 64))).decode()
SOURCE = "the key file of this test"


def refused(text: str) -> str:
    """Return the one line with which a ring is refused; it quotes no key."""
    with pytest.raises(KeyProblemError) as problem:
        keys.parse(text, SOURCE)
    message = str(problem.value)
    assert "\n" not in message
    assert ONE not in message
    assert TWO not in message
    assert SOURCE in message
    return message


@pytest.mark.parametrize(
    "text",
    [
        f"k1:{ONE}",
        f"k1:{ONE}\n",
        f"  k1:{ONE}  \n\n",
        f"# k0:{TWO}\nk1:{ONE} # since spring\n",
        f"k1:{ONE}#no blank before the comment",
        f"\r\nk1:{ONE}\r\n",
    ],
)
def test_a_ring_is_read_without_comments_and_blanks(text: str) -> None:
    ring = keys.parse(text, SOURCE)
    assert ring.keys == {"k1": bytes(range(32))}
    assert ring.active == "k1"


@pytest.mark.parametrize("between", ["\n", " ", "\n\n# new\n", "\t"])
def test_the_last_key_is_the_active_one(between: str) -> None:
    ring = keys.parse(f"k1:{ONE}{between}k2:{TWO}", SOURCE)
    assert list(ring.keys) == ["k1", "k2"]
    assert ring.active == "k2"
    assert keys.parse(f"k2:{TWO}{between}k1:{ONE}", SOURCE).active == "k1"


@pytest.mark.parametrize("key_id", ["k1", "2026-03", "a.b_c-D", "9", "x" * 64])
def test_ids_are_of_letters_digits_and_three_marks(key_id: str) -> None:
    assert keys.parse(f"{key_id}:{ONE}", SOURCE).active == key_id


@pytest.mark.parametrize(
    "entry",
    [
        ONE,
        f":{ONE}",
        f"k 1:{ONE}",
        f"{'x' * 65}:{ONE}",
        f"k/1:{ONE}",
        f"k\u0661:{ONE}",
        f"k1={ONE.rstrip('=')}",
        "\x00",
    ],
)
def test_an_entry_that_is_not_id_and_key_is_refused(entry: str) -> None:
    message = refused(f"{entry}\n")
    assert "id:base64" in message
    assert "restore" in message


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param("", id="missing"),
        pytest.param(ONE[:-4], id="truncated by a group"),
        pytest.param(ONE[:-1], id="truncated by a character"),
        pytest.param(ONE[:20], id="half"),
        pytest.param(base64.b64encode(bytes(31)).decode(), id="31 bytes"),
        pytest.param(base64.b64encode(bytes(33)).decode(), id="33 bytes"),
        pytest.param(base64.b64encode(bytes(16)).decode(), id="16 bytes"),
        pytest.param("!" + ONE[1:], id="strange character"),
        pytest.param(ONE + ONE, id="twice in a row"),
        pytest.param(bytes(32).hex(), id="hexadecimal"),
        pytest.param("\u00e9" + ONE[1:], id="not ASCII"),
    ],
)
def test_a_damaged_key_is_refused_by_its_id_with_the_remedy(damaged: str) -> None:
    message = refused(f"k1:{ONE}\nk2:{damaged}")
    assert "'k2'" in message
    assert "'k1'" not in message
    assert "damaged" in message
    assert "restore it from its backup" in message
    assert len(damaged) < 8 or damaged not in message


@pytest.mark.parametrize("again", [ONE, TWO], ids=["the same", "another"])
def test_a_key_that_stands_twice_is_refused_by_its_id_with_the_remedy(
    again: str,
) -> None:
    message = refused(f"k1:{ONE}\nk1:{again}")
    assert "'k1'" in message
    assert "twice" in message
    assert "keep the right one" in message


@pytest.mark.parametrize("text", ["", "\n \n", "# only words\n"])
def test_an_empty_ring_has_no_active_key(text: str) -> None:
    ring = keys.parse(text, SOURCE)
    assert ring.keys == {}
    with pytest.raises(KeyProblemError) as problem:
        _ = ring.active
    message = str(problem.value)
    assert "\n" not in message
    assert SOURCE in message
    assert "perennial init" in message
    assert "restore" in message


def test_texts_of_a_ring_show_no_key() -> None:
    ring = keys.parse(f"k1:{ONE}", SOURCE)
    for text in (repr(ring), str(ring), f"{ring}"):
        assert ONE not in text
        assert repr(bytes(range(32))) not in text
        assert "keys" not in text


def test_problems_with_keys_are_problems_with_settings() -> None:
    # `perennial` prints those as one line and ends.
    assert issubclass(KeyProblemError, SettingsError)


# Files and the environment.


def settings_of(path: Path, text: str | None = None) -> Settings:
    environment = {"PERENNIAL_DATA": str(path)}
    if text is not None:
        environment["PERENNIAL_KEYS"] = text
    return Settings.from_environment(environment)


def test_a_key_file_is_made_and_read(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "var")
    keys.create(settings.key_file)
    ring = keys.load(settings)
    assert ring.active == "k1"
    assert len(ring.keys["k1"]) == KEY_BYTES == 32
    assert str(settings.key_file) in ring.source


def test_every_key_file_that_is_made_has_another_key(tmp_path: Path) -> None:
    made = set()
    for number in range(20):
        settings = settings_of(tmp_path / str(number))
        keys.create(settings.key_file)
        made.add(keys.load(settings).keys["k1"])
    assert len(made) == 20


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_key_file_is_readable_by_its_owner_alone(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "deep" / "er" / "keys"
    former = os.umask(umask)
    try:
        keys.create(path)
    finally:
        os.umask(former)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("precious")
    with pytest.raises(KeyProblemError) as problem:
        keys.create(path)
    assert path.read_text() == "precious"
    assert str(path) in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_key_file_that_is_a_link_to_nowhere_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyProblemError):
        keys.create(path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_missing_key_file_is_an_empty_ring_and_is_not_made(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    ring = keys.load(settings)
    assert ring == KeyRing(keys={}, source=ring.source)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"k1:\xff\xfe", "k1:é".encode()])
def test_a_key_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    settings = settings_of(tmp_path)
    settings.key_file.write_bytes(content)
    with pytest.raises(KeyProblemError) as problem:
        keys.load(settings)
    assert str(settings.key_file) in str(problem.value)
    assert "restore" in str(problem.value)
    assert settings.key_file.read_bytes() == content


def test_a_key_file_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    settings.key_file.mkdir()
    with pytest.raises(KeyProblemError, match="cannot be read"):
        keys.load(settings)


def test_a_truncated_key_file_is_refused_by_the_keys_id(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    keys.create(settings.key_file)
    whole = settings.key_file.read_bytes()
    settings.key_file.write_bytes(whole[:-10])
    with pytest.raises(KeyProblemError, match=r"'k1'.*damaged.*restore"):
        keys.load(settings)
    assert settings.key_file.read_bytes() == whole[:-10]


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"env:{TWO}")
    keys.create(settings.key_file)
    ring = keys.load(settings)
    assert ring.keys == {"env": bytes(range(32, 64))}
    assert ring.source == "PERENNIAL_KEYS"


@pytest.mark.parametrize("text", ["", "k1:damaged", "nonsense"])
def test_a_bad_ring_in_the_environment_does_not_fall_back_on_the_file(
    tmp_path: Path, text: str
) -> None:
    settings = settings_of(tmp_path, text)
    keys.create(settings.key_file)
    with pytest.raises(KeyProblemError) as problem:
        _ = keys.load(settings).active
    assert "PERENNIAL_KEYS" in str(problem.value)
