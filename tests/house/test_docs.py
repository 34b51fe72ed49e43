"""What the documents promise stands in the code, and the other way round."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import cli
from app.api.faults import FAULTS, HTTP_FAULTS
from app.config import Settings, SettingsError

ROOT = Path(__file__).parents[2]
# What issues 2 and 3 and the rules of the house allow at the top.
ALLOWED = set(
    """
    pyproject.toml README.md app schemas fixtures tests wsgi.py Makefile CHANGELOG.md
    LICENSE docs Dockerfile compose.yaml
    """.split()
)


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_the_top_level_holds_what_was_agreed() -> None:
    # What git ignores comes and goes with use; it is in no one's clone.
    ignored = [line.strip("/") for line in text(".gitignore").splitlines()]
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    kept = {n for n in names if not any(fnmatch(n, pattern) for pattern in ignored)}
    assert kept == ALLOWED


def test_the_table_of_settings_is_the_one_that_the_code_declares() -> None:
    told = text("docs/operations.md").partition("\n## Running it")[0].splitlines()
    rows = [line for line in told if line.startswith("|")]
    assert rows == list(cli.settings_table()), (
        "paste the output of 'perennial settings --markdown'"
    )


def test_every_code_of_ours_is_in_the_compatibility_table() -> None:
    known = {10030, 20010, 30010, 40010, 40040, 40060, 50010, 50020}
    ours = {fault.code for fault in (*FAULTS.values(), *HTTP_FAULTS.values())} - known
    assert {
        code for code in ours if str(code) not in text("docs/compatibility.md")
    } == set()


def test_every_command_is_in_the_readme_and_has_help() -> None:
    for name, command in cli.main.commands.items():
        assert f"perennial {name}" in text("README.md"), name
        assert command.help, name
        assert CliRunner().invoke(command, ["--help"]).exit_code == 0


def test_links_between_documents_lead_somewhere() -> None:
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(p.name[:4]) for p in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("value", ["0", "-1", "x", "", "٣", "99999"])
def test_a_setting_that_makes_no_sense_is_refused_by_name(value: str) -> None:
    with pytest.raises(SettingsError, match="PERENNIAL_THREADS"):
        Settings.from_environment({"PERENNIAL_THREADS": value})


# In two parts, so that this file does not name them either.
HOSTS = ["pypi" + ".org", "python" + "hosted"]


def test_no_file_names_a_machine_or_a_registry() -> None:
    forbidden = [str(ROOT), *HOSTS]
    for folder in ("app", "schemas", "fixtures", "tests", "docs", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                content = path.read_text("utf-8", errors="replace")
                assert not [name for name in forbidden if name in content], path
