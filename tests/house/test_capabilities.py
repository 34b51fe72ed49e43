"""The tables of docs/compatibility.md that say which story shows what."""

import re
from pathlib import Path

import pytest
from lxml import etree

from app.api import registry
from tests.schemas import FIXTURES

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "compatibility.md").read_text("utf-8")
STORIES = {path.name for path in (FIXTURES / "conversations").iterdir()}

# What the source documents ask of schedules, invoices and money, by system; both ends
# are included.
ASKED = {
    "SD": [(1, 26), (28, 28)],
    "PL": [(1, 29), (31, 49), (52, 54)],
    "ST": [(1, 24)],
    "PR": [(1, 14), (17, 28), (30, 48)],
}
# What the documents tell of collecting besides.
TOLD_BESIDES = {"ST-b6"}
FOREIGN_SHAPES = 17


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading."""
    section = TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]


CAPABILITIES = rows("Capabilities of the five source systems")
SHAPES = rows("How foreign schedules arrive")


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def numbers(cell: str) -> list[str]:
    """Return the numbers of a cell: "SD-3, 4" are SD-3 and SD-4."""
    system, _, listed = cell.partition("-")
    return [f"{system}-{number.strip()}" for number in listed.split(",")]


def to_come(place: str) -> bool:
    """Whether a row is about methods that there are none of yet."""
    named = [
        name for name in quoted(place) if re.fullmatch(r"[a-z_]+\.[a-zA-Z]+", name)
    ]
    return bool(named) and not set(named) & set(registry.METHODS)


def test_every_capability_has_one_row() -> None:
    told = [number for row in CAPABILITIES for number in numbers(row[0])]
    asked = {
        f"{system}-{number}"
        for system, ranges in ASKED.items()
        for first, last in ranges
        for number in range(first, last + 1)
    }
    assert len(told) == len(set(told))
    assert set(told) == asked | TOLD_BESIDES


@pytest.mark.parametrize("row", CAPABILITIES, ids=[row[0] for row in CAPABILITIES])
def test_every_capability_is_shown_by_a_story_or_says_when(row: list[str]) -> None:
    _, place, shown = row
    names = quoted(shown)
    assert names or re.fullmatch(r"issue \d+", shown)
    if not to_come(place):
        assert set(names) <= STORIES


def test_every_foreign_shape_is_shown_by_a_story() -> None:
    assert len(SHAPES) == FOREIGN_SHAPES
    for _, _, shown in SHAPES:
        assert set(quoted(shown)) <= STORIES
        assert quoted(shown)


@pytest.mark.parametrize("row", SHAPES, ids=[row[0] for row in SHAPES])
def test_a_story_of_a_foreign_shape_previews_and_creates_it(row: list[str]) -> None:
    (name,) = quoted(row[2])
    methods = {
        etree.parse(path).getroot().get("method")
        for path in (FIXTURES / "conversations" / name).glob("*.request.xml")
    }
    assert {"recurring.preview", "recurring.create", "recurring.get"} <= methods
