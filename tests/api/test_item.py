"""Items: what is sold."""

from datetime import timedelta

import pytest

from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from tests import snapshot
from tests.conftest import Answer, Api, Clock

FULL = (
    "<name>Fuzzy Slippers</name><description> Extra\nsoft </description>"
    "<unit_cost>59.99</unit_cost><quantity>1.5</quantity><inventory>10</inventory>"
)
SHOWN = ("name", "description", "unit_cost", "quantity", "inventory", "folder")


def sent(api: Api, verb: str, content: str) -> Answer:
    return api.call(f"item.{verb}", f"<item>{content}</item>")


def create(api: Api, content: str = FULL) -> int:
    answer = sent(api, "create", content)
    assert answer.ok, answer.error
    return int(answer.text("item_id") or 0)


def update(api: Api, item_id: int, content: str) -> Answer:
    return sent(api, "update", f"<item_id>{item_id}</item_id>{content}")


def on(api: Api, verb: str, item_id: int) -> Answer:
    return api.call(f"item.{verb}", f"<item_id>{item_id}</item_id>")


def shown(api: Api, item_id: int) -> dict[str, str | None]:
    answer = on(api, "get", item_id)
    assert answer.ok, answer.error
    return {name: answer.text(f"item/{name}") for name in SHOWN}


def test_an_item_comes_back_as_it_was_sent_in_the_documented_order(api: Api) -> None:
    item_id = create(api)
    assert shown(api, item_id) == {
        "name": "Fuzzy Slippers",
        "description": " Extra\nsoft ",
        "unit_cost": "59.99",
        "quantity": "1.5",
        "inventory": "10",
        "folder": "active",
    }
    assert on(api, "get", item_id).names("item") == ["item_id", *SHOWN]


def test_a_name_is_all_that_an_item_needs(api: Api) -> None:
    assert shown(api, create(api, "<name>Yard Work</name>")) == {
        "name": "Yard Work",
        "description": "",
        "unit_cost": "0",
        "quantity": "0",
        "inventory": "",
        "folder": "active",
    }


@pytest.mark.parametrize("name", ["", "<name/>", "<name> \n </name>"])
def test_an_item_without_a_name_is_refused(api: Api, name: str) -> None:
    item_id = create(api)
    before = snapshot.taken()
    answer = sent(api, "create", f"{name}<unit_cost>5</unit_cost>")
    assert (answer.code, answer.field) == ("40040", "name")
    if name:
        answer = update(api, item_id, f"{name}<unit_cost>5</unit_cost>")
        assert (answer.code, answer.field) == ("40040", "name")
    assert snapshot.taken()["item"] == before["item"]


def test_an_update_changes_what_it_names_and_nothing_else(api: Api) -> None:
    item_id, other = create(api), create(api)
    before = shown(api, item_id)
    for name, value in (
        ("name", "Cheap Slippers"),
        ("description", "Super tight!"),
        ("unit_cost", "34.99"),
        ("quantity", "2"),
        ("inventory", "9"),
    ):
        assert update(api, item_id, f"<{name}>{value}</{name}>").ok
        before[name] = value
        assert shown(api, item_id) == before
    assert shown(api, other)["name"] == "Fuzzy Slippers"


def test_a_blank_inventory_switches_tracking_off_and_zero_does_not(api: Api) -> None:
    item_id = create(api)
    assert update(api, item_id, "<inventory>0</inventory>").ok
    assert shown(api, item_id)["inventory"] == "0"
    assert update(api, item_id, "<name>Slippers</name>").ok
    assert shown(api, item_id)["inventory"] == "0"
    assert update(api, item_id, "<inventory> </inventory>").ok
    assert shown(api, item_id)["inventory"] == ""


@pytest.mark.parametrize(
    ("sent_cost", "cost"),
    [
        ("0.012345", "0.012345"),
        ("999999999999.999999", "999999999999.999999"),
        ("-17.50", "-17.5"),
        ("0.30000000000000004", "0.3"),
        ("1e2", "100"),
        ("", "0"),
    ],
)
def test_numbers_are_kept_exactly(api: Api, sent_cost: str, cost: str) -> None:
    numbers = "".join(
        f"<{name}>{sent_cost}</{name}>" for name in ("unit_cost", "quantity")
    )
    found = shown(api, create(api, f"<name>Wire</name>{numbers}"))
    assert (found["unit_cost"], found["quantity"]) == (cost, cost)


def test_what_was_read_and_is_sent_back_is_no_change(api: Api, clock: Clock) -> None:
    item_id = create(api)
    before = snapshot.taken()["item"]
    text = on(api, "get", item_id).http.data.decode()
    inside = text.partition("<item>")[2].rpartition("</item>")[0]
    clock.now += timedelta(hours=1)
    assert sent(api, "update", inside).ok
    assert snapshot.taken()["item"] == before


# Folders.


def test_a_deleted_item_is_neither_read_nor_changed_nor_deleted(api: Api) -> None:
    item_id = create(api)
    assert on(api, "delete", item_id).ok
    before = snapshot.taken()
    for answer in (
        on(api, "get", item_id),
        update(api, item_id, "<name>x</name>"),
        on(api, "delete", item_id),
    ):
        assert (answer.code, answer.field) == ("50010", "item_id")
        assert answer.error == "'item_id' not found. Item is deleted."
    assert snapshot.taken()["item"] == before["item"]
    assert create(api) == item_id + 1


@pytest.mark.parametrize("item_id", ["9", "0", "x", "9" * 20])
def test_an_item_that_is_not_there_is_not_found(api: Api, item_id: str) -> None:
    named = f"<item_id>{item_id}</item_id>"
    for answer in (
        api.call("item.get", named),
        api.call("item.delete", named),
        sent(api, "update", f"{named}<name>x</name>"),
    ):
        assert (answer.code, answer.field) == ("50010", "item_id")
        assert answer.error == "'item_id' not found. Item not found."


def ids(api: Api, content: str = "") -> list[str]:
    answer = api.call("item.list", content)
    assert answer.ok, answer.error
    return answer.all("item_id")


def test_a_list_shows_the_folder_that_is_asked_for(api: Api) -> None:
    for _ in range(3):
        create(api)
    on(api, "delete", 2)
    assert ids(api) == ids(api, "<folder/>") == ["3", "1"]
    assert ids(api, "<folder>active</folder>") == ["3", "1"]
    assert ids(api, "<folder>deleted</folder>") == ["2"]
    assert ids(api, "<folder>archived</folder>") == []
    assert api.call("item.list", "<folder>trash</folder>").field == "folder"


def test_a_list_has_pages_by_descending_id_and_the_folder_before_the_inventory(
    api: Api,
) -> None:
    for _ in range(5):
        create(api)
    answer = api.call("item.list", "<per_page>2</per_page><page>2</page>")
    listed = answer.find("items")
    assert listed is not None
    assert dict(listed.attrib) == {
        "page": "2",
        "per_page": "2",
        "pages": "3",
        "total": "5",
    }
    assert answer.all("item_id") == ["3", "2"]
    assert answer.names("items/item") == [
        "item_id",
        *("name", "description", "unit_cost", "quantity", "folder", "inventory"),
    ]
    assert answer.all("inventory") == ["10", "10"]
    assert ids(api, "<page>9</page>") == []


def test_a_list_takes_as_many_queries_for_many_items_as_for_one(api: Api) -> None:
    create(api)
    api.call("item.list")
    with snapshot.dying_at(0, AssertionError) as of_one:
        api.call("item.list")
    for _ in range(30):
        create(api)
    with snapshot.dying_at(0, AssertionError) as of_many:
        api.call("item.list", "<per_page>100</per_page>")
    assert len(of_many) == len(of_one)


# Who may.


def test_all_people_have_items(api: Api, ports: Ports) -> None:
    item_id = create(api)
    people.add(ports, api.account.name, username="eva")
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    assert shown(eva, item_id) == shown(api, item_id)
    assert shown(api, create(eva))["name"] == "Fuzzy Slippers"
    assert update(eva, item_id, "<name>Boots</name>").ok
    assert ids(eva) == ["2", "1"]
    assert on(eva, "delete", item_id).ok
    assert ids(api) == ["2"]


def test_a_repeated_request_makes_one_item(api: Api) -> None:
    body = f'<request method="item.create"><item>{FULL}</item></request>'
    made = [
        api.post(body, headers={"Idempotency-Key": "once"}).text("item_id")
        for _ in range(2)
    ]
    assert made == ["1", "1"]
