"""Discounts with names: each a percentage or an amount."""

from datetime import timedelta

import pytest

from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from tests import snapshot
from tests.conftest import Answer, Api, Clock


def sent(api: Api, verb: str, content: str) -> Answer:
    return api.call(f"discount.{verb}", f"<discount>{content}</discount>")


def create(api: Api, content: str, name: str = "Regular") -> int:
    answer = sent(api, "create", f"<name>{name}</name>{content}")
    assert answer.ok, answer.error
    return int(answer.text("discount_id") or 0)


def update(api: Api, discount_id: int, content: str) -> Answer:
    return sent(api, "update", f"<discount_id>{discount_id}</discount_id>{content}")


def on(api: Api, verb: str, discount_id: int) -> Answer:
    content = f"<discount_id>{discount_id}</discount_id>"
    return api.call(f"discount.{verb}", content)


def shown(api: Api, discount_id: int) -> list[tuple[str, str | None]]:
    answer = on(api, "get", discount_id)
    assert answer.ok, answer.error
    names = answer.names("discount")
    assert names[:2] == ["discount_id", "name"]
    return [(name, answer.text(f"discount/{name}")) for name in names[1:]]


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        ("<percent>7.5</percent>", ("percent", "7.5")),
        ("<percent>0</percent>", ("percent", "0")),
        ("<percent>100.000000</percent>", ("percent", "100")),
        ("<amount>5.250</amount>", ("amount", "5.25")),
        ("<amount>0</amount>", ("amount", "0")),
        ("<amount>999999999999.999999</amount>", ("amount", "999999999999.999999")),
        ("<percent/><amount>5</amount>", ("amount", "5")),
        ("<percent>5</percent><amount> </amount>", ("percent", "5")),
    ],
)
def test_a_discount_is_a_percentage_or_an_amount(
    api: Api, content: str, kept: tuple[str, str]
) -> None:
    assert shown(api, create(api, content)) == [("name", "Regular"), kept]


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ("<name>x</name>", "40040", "percent"),
        ("<name>x</name><percent/><amount/>", "40040", "percent"),
        ("<percent>5</percent>", "40040", "name"),
        ("<name> </name><percent>5</percent>", "40040", "name"),
        ("<name>x</name><percent>5</percent><amount>5</amount>", "40060", "amount"),
        ("<name>x</name><percent>0</percent><amount>0</amount>", "40060", "amount"),
        ("<name>x</name><percent>100.000001</percent>", "40060", "percent"),
        ("<name>x</name><percent>101</percent>", "40060", "percent"),
        ("<name>x</name><percent>-0.000001</percent>", "40060", "percent"),
        ("<name>x</name><amount>-0.01</amount>", "40060", "amount"),
        ("<name>Regular</name><percent>5</percent>", "40060", "name"),
    ],
)
def test_a_discount_that_makes_no_sense_is_refused(
    api: Api, content: str, code: str, field: str
) -> None:
    create(api, "<percent>5</percent>")
    other = create(api, "<percent>5</percent>", "Other")
    before = snapshot.taken()["discount"]
    answer = sent(api, "create", content)
    assert (answer.code, answer.field) == (code, field)
    if code == "40060":
        answer = update(api, other, content)
        assert (answer.code, answer.field) == (code, field)
    assert snapshot.taken()["discount"] == before


def test_an_amount_takes_the_place_of_a_percentage_and_the_reverse(api: Api) -> None:
    discount_id = create(api, "<percent>5</percent>")
    assert update(api, discount_id, "<amount>7.5</amount>").ok
    assert shown(api, discount_id) == [("name", "Regular"), ("amount", "7.5")]
    assert update(api, discount_id, "<percent>9</percent><amount/>").ok
    assert shown(api, discount_id) == [("name", "Regular"), ("percent", "9")]


def test_an_update_leaves_what_it_does_not_name(api: Api) -> None:
    discount_id = create(api, "<amount>7.5</amount>")
    assert update(api, discount_id, "<name>Welcome</name>").ok
    assert shown(api, discount_id) == [("name", "Welcome"), ("amount", "7.5")]
    assert update(api, discount_id, "<percent/><amount/>").ok
    assert shown(api, discount_id) == [("name", "Welcome"), ("amount", "7.5")]


def test_what_was_read_and_is_sent_back_is_no_change(api: Api, clock: Clock) -> None:
    discount_id = create(api, "<percent>5</percent>")
    before = snapshot.taken()["discount"]
    text = on(api, "get", discount_id).http.data.decode()
    inside = text.partition("<discount>")[2].rpartition("</discount>")[0]
    clock.now += timedelta(hours=1)
    assert sent(api, "update", inside).ok
    assert snapshot.taken()["discount"] == before


def test_a_deleted_discount_is_gone_and_its_name_is_free(api: Api) -> None:
    discount_id = create(api, "<percent>5</percent>")
    assert on(api, "delete", discount_id).ok
    for answer in (
        on(api, "get", discount_id),
        on(api, "delete", discount_id),
        update(api, discount_id, "<percent>5</percent><amount>5</amount>"),
    ):
        assert (answer.code, answer.field) == ("50010", "discount_id")
        assert answer.error == "'discount_id' not found. Discount not found."
    assert create(api, "<percent>5</percent>") == discount_id + 1


def test_discounts_are_listed_by_descending_id_in_pages(api: Api) -> None:
    for number in range(1, 6):
        create(api, f"<amount>{number}</amount>", f"Discount {number}")
    answer = api.call("discount.list", "<per_page>2</per_page><page>2</page>")
    listed = answer.find("discounts")
    assert listed is not None
    assert dict(listed.attrib) == {
        "page": "2",
        "per_page": "2",
        "pages": "3",
        "total": "5",
    }
    assert answer.all("discount_id") == ["3", "2"]
    assert answer.all("amount") == ["3", "2"]
    with snapshot.dying_at(0, AssertionError) as of_five:
        api.call("discount.list")
    with snapshot.dying_at(0, AssertionError) as of_one:
        api.call("discount.list", "<per_page>1</per_page>")
    assert len(of_five) == len(of_one)


def test_only_the_administrator_changes_discounts_and_everybody_sees_them(
    api: Api, ports: Ports
) -> None:
    discount_id = create(api, "<percent>5</percent>")
    people.add(ports, api.account.name, username="eva")
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    before = snapshot.taken()["discount"]
    for answer in (
        sent(eva, "create", "<name>x</name><percent>5</percent>"),
        update(eva, discount_id, "<name>x</name>"),
        on(eva, "delete", discount_id),
    ):
        assert answer.code == "30010"
    assert snapshot.taken()["discount"] == before
    assert shown(eva, discount_id) == shown(api, discount_id)
    assert eva.call("discount.list").all("name") == ["Regular"]
