"""What is deployed is what there is: variables, commands, addresses, folders."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import cli
from app.config import declared

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "docs/deploy").glob("*.service"))
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", *UNITS]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAM = "/opt/perennial/bin/perennial"
# Of a sandbox, what keeps a service that was taken over from going any further.
HARDENED = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "CapabilityBoundingSet": "",
    "LimitCORE": "0",
    "User": "perennial",
}


def name(path: Path) -> str:
    return path.name


def settings_of(path: Path) -> configparser.SectionProxy:
    """Return the service section of a unit; of a name given twice, the last value."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text("utf-8"))
    return unit["Service"]


def test_there_are_the_units_that_are_told_of() -> None:
    names = {path.name for path in UNITS}
    assert names == {f"perennial-{end}.service" for end in ("init", "api", "worker")}


@pytest.mark.parametrize("path", [*FILES, *DOCUMENTS], ids=name)
def test_every_variable_that_a_file_names_is_a_setting(path: Path) -> None:
    named = set(re.findall(r"PERENNIAL_[A-Z][A-Z_]*", path.read_text("utf-8")))
    assert named <= {setting.name for setting in declared()}


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_command_that_a_file_names_exists(path: Path) -> None:
    text = path.read_text("utf-8")
    started = re.findall(
        r'^(?:ExecStart=\S*/|CMD \["|.*command: \[)(.*)', text, re.MULTILINE
    )
    commands = [re.findall(r"[a-z]+", line)[:2] for line in started]
    ours = [words[1] for words in commands if words[0] == "perennial"]
    assert ours
    assert set(ours) <= set(cli.main.commands)


@pytest.mark.parametrize("path", UNITS, ids=name)
def test_a_unit_is_hardened(path: Path) -> None:
    service = settings_of(path)
    assert {key: service.get(key) for key in HARDENED} == HARDENED
    assert service["ExecStart"].startswith(f"{PROGRAM} ")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
@pytest.mark.parametrize("path", UNITS, ids=name)
def test_systemd_understands_a_unit(path: Path, tmp_path: Path) -> None:
    # All of them, because they name each other; the program is where it is here.
    for unit in UNITS:
        text = unit.read_text("utf-8").replace(PROGRAM, sys.executable)
        (tmp_path / unit.name).write_text(text)
    result = subprocess.run(  # noqa: S603
        ["systemd-analyze", "verify", str(tmp_path / path.name)],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_the_health_check_of_the_image_asks_an_address_that_there_is(
    app_client: FlaskClient,
) -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    (path,) = re.findall(r"http://127\.0\.0\.1:8000(/\w+)", text)
    assert app_client.get(path).status_code == 200
    assert re.search(r"PERENNIAL_BIND=\S+:8000\b", text)


def test_the_image_is_made_of_locked_packages_by_a_user_without_rights() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    assert "--require-hashes -r .ci/requirements.lock" in text
    assert text.rindex("\nUSER perennial\n") > text.rindex("\nRUN ")


def test_neither_data_nor_keys_nor_history_get_into_an_image() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules[0] == "*"
    copied = {rule[1:] for rule in rules if rule.startswith("!")}
    assert not copied & {"var", ".git", ".venv", "tests"}
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = re.findall(r"^COPY ([^-].*) ", text, re.MULTILINE)
    assert {word for line in lines for word in line.split()} == copied


def test_services_are_reached_through_this_machine_alone() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert re.findall(r"ports: \[(.*)\]", text) == ['"127.0.0.1:8000:8000"']


def test_keys_and_password_are_apart_from_data_and_from_variables() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert "\nvolumes:\n  database:\n  keys:\n" in text
    assert not re.search(r"(?<!/)\b\w*PASSWORD: ", text)
    assert re.search(r"postgresql://perennial@", text)
