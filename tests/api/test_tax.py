"""Taxes: names with rates, the compound ones among them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from app.storage import tax as storage
from tests import snapshot
from tests.conftest import Answer, Api, Clock

FULL = "<name>VAT</name><rate>15</rate><number>1222222</number><compound>1</compound>"
SHOWN = ("name", "rate", "number", "compound")


def sent(api: Api, verb: str, content: str) -> Answer:
    return api.call(f"tax.{verb}", f"<tax>{content}</tax>")


def create(api: Api, content: str = FULL) -> int:
    answer = sent(api, "create", content)
    assert answer.ok, answer.error
    return int(answer.text("tax_id") or 0)


def update(api: Api, tax_id: int, content: str) -> Answer:
    return sent(api, "update", f"<tax_id>{tax_id}</tax_id>{content}")


def on(api: Api, verb: str, tax_id: int) -> Answer:
    return api.call(f"tax.{verb}", f"<tax_id>{tax_id}</tax_id>")


def shown(api: Api, tax_id: int) -> dict[str, str | None]:
    answer = on(api, "get", tax_id)
    assert answer.ok, answer.error
    return {name: answer.text(f"tax/{name}") for name in SHOWN}


def compound(api: Api) -> frozenset[str]:
    return storage.compound_names(api.account.account_id)


@pytest.fixture(name="eva")
def eva_(api: Api, ports: Ports) -> Api:
    """Provide a person who is not the administrator."""
    people.add(ports, api.account.name, username="eva")
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    return Api(api.client, api.account, token)


def test_a_tax_comes_back_as_it_was_sent_in_the_documented_order(api: Api) -> None:
    tax_id = create(api)
    assert shown(api, tax_id) == {
        "name": "VAT",
        "rate": "15",
        "number": "1222222",
        "compound": "1",
    }
    assert on(api, "get", tax_id).names("tax") == ["tax_id", *SHOWN]


def test_a_tax_that_is_only_named_has_no_rate_and_is_not_compound(api: Api) -> None:
    assert shown(api, create(api, "<name>PST</name>")) == {
        "name": "PST",
        "rate": "0",
        "number": "",
        "compound": "0",
    }


@pytest.mark.parametrize("name", ["", "<name/>", "<name> </name>"])
def test_a_tax_without_a_name_is_refused(api: Api, name: str) -> None:
    answer = sent(api, "create", f"{name}<rate>5</rate>")
    assert (answer.code, answer.field) == ("40040", "name")
    assert snapshot.taken()["tax"] == []


def test_a_name_is_of_one_tax_in_an_account(api: Api, clocked: Api) -> None:
    create(api)
    other = create(api, "<name>vat</name>")
    create(clocked)
    for answer in (
        sent(api, "create", "<name> VAT </name>"),
        update(api, other, "<name>VAT</name><rate>9</rate>"),
    ):
        assert (answer.code, answer.field) == ("40060", "name")
    assert shown(api, other)["rate"] == "0"
    assert update(api, other, "<name>vat</name><rate>9</rate>").ok


def test_a_name_may_be_longer_than_one_client_sends(api: Api) -> None:
    name = "x" * 255
    assert shown(api, create(api, f"<name>{name}</name>"))["name"] == name


def test_an_update_changes_what_it_names_and_nothing_else(api: Api) -> None:
    tax_id, other = create(api), create(api, "<name>PST</name><rate>7</rate>")
    before = shown(api, tax_id)
    for name, value in (
        ("name", "GST"),
        ("rate", "-5.25"),
        ("number", "DE 7"),
        ("compound", "0"),
    ):
        assert update(api, tax_id, f"<{name}>{value}</{name}>").ok
        before[name] = value
        assert shown(api, tax_id) == before
    assert shown(api, other)["rate"] == "7"


def test_what_was_read_and_is_sent_back_is_no_change(api: Api, clock: Clock) -> None:
    tax_id = create(api)
    before = snapshot.taken()["tax"]
    text = on(api, "get", tax_id).http.data.decode()
    inside = text.partition("<tax>")[2].rpartition("</tax>")[0]
    clock.now += timedelta(hours=1)
    assert sent(api, "update", inside).ok
    assert snapshot.taken()["tax"] == before


def test_a_list_is_narrowed_to_compound_taxes_or_to_others(api: Api) -> None:
    create(api)
    create(api, "<name>PST</name>")
    create(api, "<name>GST</name>")
    for asked, names in (
        ("", ["GST", "PST", "VAT"]),
        ("<compound/>", ["GST", "PST", "VAT"]),
        ("<compound>1</compound>", ["VAT"]),
        ("<compound>0</compound>", ["GST", "PST"]),
    ):
        answer = api.call("tax.list", asked)
        assert answer.all("name") == names
        listed = answer.find("taxes")
        assert listed is not None
        assert listed.get("total") == str(len(names))


def test_taxes_are_listed_by_descending_id_in_pages(api: Api) -> None:
    for number in range(1, 6):
        create(api, f"<name>Tax {number}</name>")
    answer = api.call("tax.list", "<per_page>2</per_page><page>2</page>")
    listed = answer.find("taxes")
    assert listed is not None
    assert dict(listed.attrib) == {
        "page": "2",
        "per_page": "2",
        "pages": "3",
        "total": "5",
    }
    assert answer.all("tax_id") == ["3", "2"]
    assert answer.names("taxes/tax") == ["tax_id", *SHOWN]
    assert api.call("tax.list", "<page>9</page>").all("name") == []


def test_a_deleted_tax_is_gone_and_its_name_is_free(api: Api) -> None:
    tax_id = create(api)
    assert on(api, "delete", tax_id).ok
    for answer in (
        on(api, "get", tax_id),
        on(api, "delete", tax_id),
        update(api, tax_id, "<rate>5</rate>"),
    ):
        assert (answer.code, answer.field) == ("50010", "tax_id")
        assert answer.error == "'tax_id' not found. Tax not found."
    assert create(api) == tax_id + 1


def test_lines_keep_name_and_percent_of_a_tax_that_is_changed_or_deleted(
    api: Api,
) -> None:
    tax_id = create(api, "<name>VAT</name><rate>19</rate>")
    recurring_id = api.create_profile(
        "<lines><line><unit_cost>100</unit_cost><quantity>1</quantity>"
        "<tax1_name>VAT</tax1_name><tax1_percent>19</tax1_percent></line></lines>"
    )
    before = api.get(recurring_id).http.data
    assert update(api, tax_id, "<name>MwSt</name><rate>7</rate>").ok
    assert on(api, "delete", tax_id).ok
    assert api.get(recurring_id).http.data == before


# The compound ones.


def test_the_names_of_compound_taxes_follow_each_change(api: Api, clocked: Api) -> None:
    assert compound(api) == frozenset()
    tax_id = create(api)
    create(api, "<name>PST</name>")
    assert compound(api) == {"VAT"}
    assert compound(clocked) == frozenset()
    update(api, tax_id, "<name>QST</name>")
    assert compound(api) == {"QST"}
    update(api, 2, "<compound>1</compound>")
    assert compound(api) == {"QST", "PST"}
    update(api, tax_id, "<compound>0</compound>")
    assert compound(api) == {"PST"}
    on(api, "delete", 2)
    assert compound(api) == frozenset()


def test_the_names_of_compound_taxes_take_one_query(api: Api) -> None:
    for number in range(3):
        create(api, f"<name>Tax {number}</name><compound>1</compound>")
    with snapshot.dying_at(0, AssertionError) as statements:
        assert len(compound(api)) == 3
    assert len(statements) == 1


# Who may.


def test_only_the_administrator_changes_taxes_and_everybody_sees_them(
    api: Api, eva: Api
) -> None:
    tax_id = create(api)
    before = snapshot.taken()["tax"]
    for answer in (
        sent(eva, "create", "<name>x</name>"),
        update(eva, tax_id, "<name>x</name>"),
        on(eva, "delete", tax_id),
        on(eva, "delete", 999),
    ):
        assert answer.code == "30010"
    assert snapshot.taken()["tax"] == before
    assert shown(eva, tax_id) == shown(api, tax_id)
    assert eva.call("tax.list").all("name") == ["VAT"]


def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(
    api: Api, new_api: Callable[..., Api]
) -> None:
    other = new_api("Many")
    create(api)
    for number in range(30):
        create(other, f"<name>Tax {number}</name>")
    counts = []
    for each in (api, other):
        each.call("tax.list")
        with snapshot.dying_at(0, AssertionError) as statements:
            each.call("tax.list", "<per_page>100</per_page>")
        counts.append(len(statements))
    assert counts[0] == counts[1]


# What they do on a bill.

GST_AND_QST = (
    "<lines><line><unit_cost>100</unit_cost><quantity>1</quantity>"
    "<tax1_name>GST</tax1_name><tax1_percent>5</tax1_percent>"
    "<tax2_name>QST</tax2_name><tax2_percent>10</tax2_percent></line></lines>"
)


def amount(api: Api, recurring_id: int) -> str | None:
    return api.get(recurring_id).text("recurring/amount")


def test_a_compound_tax_is_one_on_the_amount_and_the_other_tax(api: Api) -> None:
    plain = api.create_profile(GST_AND_QST)
    tax_id = create(api, "<name>QST</name><rate>10</rate><compound>1</compound>")
    compounded = api.create_profile(GST_AND_QST)
    assert amount(api, plain) == "115"
    # 100 and 5 and a tenth of 105.
    assert amount(api, compounded) == "115.5"

    assert on(api, "delete", tax_id).ok

    assert amount(api, compounded) == "115.5"
    assert amount(api, api.create_profile(GST_AND_QST)) == "115"
