"""Values that mean harm to items, taxes, discounts and categories: refused by name."""

from itertools import product

import pytest

from tests.conftest import Api
from tests.web.test_hostile_values import (
    HOSTILE_TEXTS,
    LONG_IDS,
    NO_DISCOUNT,
    NO_FOLDERS,
    NO_IDS,
    NO_LONG_TEXT,
    NO_NUMBERS,
    NO_PERCENT,
    NO_SWITCH,
    NO_TEXT,
    PADDED_IDS,
    check_refused,
    escaped,
    without,
)

# Noun by noun: what is good, and what is not.
GOOD = {
    "item": (
        "<name>changed</name><unit_cost>5</unit_cost><quantity>2</quantity>"
        "<inventory>3</inventory>"
    ),
    "tax": "<name>changed</name><rate>5</rate><compound>1</compound>",
    "discount": "<name>changed</name><percent>5</percent>",
    "category": "<name>changed</name>",
}
FIELDS = {
    "item": {
        "name": NO_TEXT,
        "description": NO_LONG_TEXT,
        "unit_cost": NO_NUMBERS,
        "quantity": NO_NUMBERS,
        "inventory": NO_NUMBERS,
    },
    "tax": {
        "name": NO_TEXT,
        "number": NO_TEXT,
        "rate": NO_PERCENT,
        "compound": NO_SWITCH,
    },
    "discount": {
        "name": NO_TEXT,
        "percent": NO_DISCOUNT,
        "amount": [*NO_NUMBERS, "-1", "-0.000001"],
    },
    "category": {"name": NO_TEXT},
}
CASES = [(noun, field) for noun, fields in FIELDS.items() for field in fields]


@pytest.fixture(name="victim")
def victim_(api: Api) -> Api:
    """Provide an account with one of each."""
    for noun, good in GOOD.items():
        content = good.replace("changed", "first")
        assert api.call(f"{noun}.create", f"<{noun}>{content}</{noun}>").ok
    return api


@pytest.mark.parametrize(("noun", "field"), CASES)
@pytest.mark.parametrize("verb", ["create", "update"])
def test_a_hostile_value_is_refused_and_changes_nothing(
    victim: Api, verb: str, noun: str, field: str
) -> None:
    key = f"<{noun}_id>1</{noun}_id>" if verb == "update" else ""
    left_out = (field, "percent") if field == "amount" else (field,)
    good = without(GOOD[noun], *left_out)
    for value in FIELDS[noun][field]:
        content = f"{key}{good}<{field}>{escaped(value)}</{field}>"
        content = f"<{noun}>{content}</{noun}>"
        check_refused(victim, f"{noun}.{verb}", content, field, value)
    assert victim.call(f"{noun}.list").all("name") == ["first"]


@pytest.mark.parametrize("noun", GOOD)
def test_what_can_be_no_id_is_not_found(victim: Api, noun: str) -> None:
    field = f"{noun}_id"
    for verb, value in product(("get", "delete", "update"), [*NO_IDS, *PADDED_IDS]):
        content = f"<{field}>{escaped(value)}</{field}>"
        if verb == "update":
            content = f"<{noun}>{content}{GOOD[noun]}</{noun}>"
        check_refused(victim, f"{noun}.{verb}", content, field, value, 50010)
    for value in LONG_IDS:
        content = f"<{field}>{value}</{field}>"
        check_refused(victim, f"{noun}.get", content, field, value, 50010, 40060)


def test_no_parent_is_what_can_be_no_id(victim: Api) -> None:
    for value in [*NO_IDS, *PADDED_IDS]:
        named = f"<parent_id>{escaped(value)}</parent_id>"
        content = f"<category><name>x</name>{named}</category>"
        check_refused(victim, "category.create", content, "parent_id", value, 50010)


def test_no_list_is_narrowed_by_a_hostile_value(victim: Api) -> None:
    for value in NO_FOLDERS:
        content = f"<folder>{escaped(value)}</folder>"
        check_refused(victim, "item.list", content, "folder", value)
    for value in NO_SWITCH:
        content = f"<compound>{escaped(value)}</compound>"
        check_refused(victim, "tax.list", content, "compound", value)


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_hostile_text_comes_back_identical(api: Api, text: str) -> None:
    # What a thing is called has no white space around it.
    name = text.strip(" \t\r\n")
    texts = {
        "item": {"name": name, "description": text},
        "tax": {"name": name, "number": text},
        "discount": {"name": name},
        "category": {"name": name},
    }
    for noun, sent in texts.items():
        content = "".join(f"<{n}>{escaped(text)}</{n}>" for n in sent)
        more = "<percent>5</percent>" if noun == "discount" else ""
        made = api.call(f"{noun}.create", f"<{noun}>{content}{more}</{noun}>")
        assert made.ok, made.error
        got = api.call(f"{noun}.get", f"<{noun}_id>1</{noun}_id>")
        assert {n: got.text(f"{noun}/{n}") for n in sent} == sent
        assert api.call(f"{noun}.list").all("name") == [name]
