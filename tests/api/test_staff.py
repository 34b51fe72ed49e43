"""People of an account see the clients that are assigned to them, and no others."""

from collections.abc import Callable

import pytest

from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from tests import snapshot
from tests.conftest import Api

PAGE = "<per_page>2</per_page>"


@pytest.fixture(name="eva")
def eva_(api: Api, ports: Ports) -> Api:
    """Provide a person with two of five clients, each with a profile and an invoice."""
    for _ in range(5):
        api.create_profile("<lines><line><name>x</name></line></lines>")
    people.add(ports, api.account.name, username="eva", first_name="Eva")
    people.assign(api.account.name, "eva", [2, 4])
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    return Api(api.client, api.account, token)


@pytest.mark.parametrize(
    ("noun", "method"),
    [
        ("client", "client.list"),
        ("recurring", "recurring.list"),
        ("invoice", "invoice.list"),
    ],
)
def test_lists_hold_and_count_what_belongs_to_assigned_clients(
    eva: Api, api: Api, noun: str, method: str
) -> None:
    answer = eva.call(method, "<per_page>1</per_page><page>2</page>")
    listed = answer.find(f"{noun}s")
    assert listed is not None
    assert dict(listed.attrib) == {
        "page": "2",
        "per_page": "1",
        "pages": "2",
        "total": "2",
    }
    assert answer.all(f"{noun}_id") == ["2"]
    assert eva.call(method).all("client_id") == ["4", "2"]
    assert api.call(method).all("client_id") == ["5", "4", "3", "2", "1"]


@pytest.mark.parametrize(
    "noun",
    "client recurring invoice payment item tax category discount staff "
    "billing_model currency language gateway".split(),
)
def test_a_page_that_no_database_can_count_to_is_empty(eva: Api, noun: str) -> None:
    page = str(10**31)
    answer = eva.call(f"{noun}.list", f"<page>{page}</page>")
    assert answer.ok, answer.error
    (listed,) = answer.root
    assert (listed.get("page"), len(listed)) == (page, 0)


def test_a_filter_for_an_unassigned_client_finds_nothing(eva: Api) -> None:
    assert eva.call("recurring.list", "<client_id>3</client_id>").all("client_id") == []
    found = eva.call("recurring.list", "<client_id>4</client_id>").all("client_id")
    assert found == ["4"]


def test_a_client_that_a_person_makes_is_theirs(eva: Api, api: Api) -> None:
    client_id = eva.create_client()
    assert eva.call("client.list").all("client_id") == [str(client_id), "4", "2"]
    assert eva.create("", client_id).ok
    assert eva.create("", api.create_client()).code == "50010"


def test_taking_a_client_away_takes_effect_at_once(eva: Api, api: Api) -> None:
    assert eva.get(2).ok
    people.unassign(api.account.name, "eva", [2])
    answer = eva.get(2)
    assert answer.error == "'recurring_id' not found. Recurring not found."


def test_a_profile_is_not_moved_to_a_client_of_others(eva: Api) -> None:
    answer = eva.update(2, "<client_id>3</client_id>")
    assert (answer.code, answer.field) == ("50010", "client_id")
    assert eva.update(2, "<client_id>4</client_id>").ok


def test_what_is_the_administrators_is_refused(eva: Api) -> None:
    assert eva.call("system.current").code == "30010"
    assert eva.call("clock.set", "<date>2031-01-01</date>").code == "30010"


def test_staff_current_tells_whose_token_it_is(eva: Api, api: Api) -> None:
    assert eva.call("staff.current").text("staff/username") == "eva"
    assert api.call("staff.current").text("staff/username") == "admin"


def test_the_administrator_gets_anybody(eva: Api, api: Api) -> None:
    answer = api.call("staff.get", "<staff_id>2</staff_id>")
    assert answer.text("staff/username") == "eva"
    assert answer.text("staff/first_name") == "Eva"
    shown = api.call("staff.get", "<staff_id>1</staff_id>").http.data
    assert shown == api.call("staff.current").http.data
    # As another program pads ids.
    assert eva.call("staff.get", "<staff_id>0002</staff_id>").ok


@pytest.mark.parametrize(
    "content", ["<staff_id>1</staff_id>", "<staff_id>9</staff_id>"]
)
def test_a_person_gets_themselves_and_nobody_else(eva: Api, content: str) -> None:
    own = eva.call("staff.get", "<staff_id>2</staff_id>")
    assert own.http.data == eva.call("staff.current").http.data
    answer = eva.call("staff.get", content)
    assert (answer.code, answer.field) == ("50010", "staff_id")
    assert answer.error == "'staff_id' not found. Staff not found."


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "40040"),
        ("<staff_id/>", "40040"),
        ("<staff_id>eva</staff_id>", "50010"),
        ("<staff_id>-1</staff_id>", "50010"),
        (f"<staff_id>{'9' * 30}</staff_id>", "50010"),
    ],
)
def test_nobody_is_got_by_what_is_no_id(api: Api, content: str, code: str) -> None:
    answer = api.call("staff.get", content)
    assert (answer.code, answer.field) == (code, "staff_id")


def test_people_are_listed_by_descending_id(eva: Api, api: Api, ports: Ports) -> None:
    people.add(ports, api.account.name, username="bob", email="bob@loom.test")
    answer = api.call("staff.list")
    members = answer.find("staff_members")
    assert members is not None
    assert list(members.attrib.items()) == [
        ("page", "1"),
        ("per_page", "25"),
        ("pages", "1"),
        ("total", "3"),
    ]
    assert answer.all("staff_id") == ["3", "2", "1"]
    assert answer.all("username") == ["bob", "eva", "admin"]
    one = api.call("staff.get", "<staff_id>3</staff_id>")
    assert answer.names("staff_members/member") == one.names("staff")
    later = api.call("staff.list", "<page>2</page><per_page>2</per_page>")
    assert later.all("staff_id") == ["1"]
    assert api.call("staff.list", "<page>9</page>").all("staff_id") == []
    # A person sees themselves alone, and is not told how many others there are.
    own = eva.call("staff.list")
    assert own.all("staff_id") == ["2"]
    members = own.find("staff_members")
    assert members is not None
    assert members.get("total") == "1"


def test_people_of_other_accounts_are_not_listed(
    api: Api, new_api: Callable[..., Api], ports: Ports
) -> None:
    new_api("Owner")
    people.add(ports, "Owner", username="mallory")
    assert api.call("staff.list").all("username") == ["admin"]


@pytest.mark.parametrize(
    "method", ["client.list", "recurring.list", "invoice.list", "payment.list"]
)
def test_the_administrators_lists_know_nothing_of_assignments(
    eva: Api, api: Api, method: str
) -> None:
    with snapshot.dying_at(0, AssertionError) as statements:
        api.call(method)
    assert not [sql for sql in statements if "staff_client" in sql]
    with snapshot.dying_at(0, AssertionError) as statements:
        eva.call(method)
    assert [sql for sql in statements if "staff_client" in sql]


def test_a_persons_tokens_are_revoked_alone(eva: Api, api: Api, ports: Ports) -> None:
    accounts.token(ports, api.account.name, revoke_others=True, username="eva")
    assert eva.call("staff.current").code == "20010"
    assert api.call("staff.current").ok
