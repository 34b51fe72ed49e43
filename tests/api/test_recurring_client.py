"""A client that is made with its profile: one request, one transaction (PL-43)."""

from collections.abc import Callable

import pytest

from tests import snapshot
from tests.conftest import Api

CLIENT = (
    "<client><email>ada@loom.test</email><organization>Loom Ltd</organization>"
    "<p_city>Leeds</p_city><language>fr</language><contacts><contact>"
    "<email>bob@loom.test</email></contact></contacts></client>"
)
LINES = "<lines><line><name>x</name><unit_cost>5</unit_cost></line></lines>"


def rows() -> snapshot.Rows:
    # That requests came in is counted, whatever comes of them.
    return {name: of for name, of in snapshot.taken().items() if "request" not in name}


def recurring(content: str) -> str:
    return f"<recurring>{content}{LINES}</recurring>"


def test_a_profile_and_its_client_are_made_by_one_request(api: Api) -> None:
    answer = api.call("recurring.create", recurring(CLIENT))
    # It starts today, and is answered as any other.
    assert answer.names("") == ["recurring_id", "invoice_id"]
    profile = api.get(int(answer.text("recurring_id") or 0))
    assert profile.text("recurring/client_id") == "1"
    assert profile.text("recurring/organization") == "Loom Ltd"
    assert profile.text("recurring/p_city") == "Leeds"
    assert profile.text("recurring/language") == "fr"
    client = api.call("client.get", "<client_id>1</client_id>")
    assert client.all("email") == ["ada@loom.test", "bob@loom.test"]
    assert client.text("client/username") == "loomltd"


def test_an_echo_tells_the_id_of_the_new_client(api: Api) -> None:
    answer = api.call("recurring.create", f"<echo>1</echo>{recurring(CLIENT)}")
    assert answer.text("recurring/client_id") == "1"


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        (CLIENT + "<client_id>1</client_id>", "40060", "client"),
        ("<client><organization>Loom Ltd</organization></client>", "40040", "email"),
        ("<client/>", "40040", "email"),
        (CLIENT.replace("Leeds", "x" * 256), "40060", "p_city"),
        (CLIENT + "<discount>101</discount>", "40060", "discount"),
        (CLIENT + "<currency_code>XXX</currency_code>", "40060", "currency_code"),
        (CLIENT + "<contacts><contact><contact_id>9</contact_id></contact></contacts>",
         "50010", "contact_id"),
        (CLIENT + "<schedule><bill_now>1</bill_now></schedule><stopped>1</stopped>",
         "40060", "bill_now"),
    ],
)  # fmt: skip
def test_what_is_refused_makes_neither(
    api: Api, content: str, code: str, field: str | None
) -> None:
    if "<client_id>" in content:
        api.create_client()
    before = rows()
    answer = api.call("recurring.create", recurring(content))
    assert (answer.code, answer.field) == (code, field)
    assert rows() == before


def test_a_client_is_not_made_with_an_update(api: Api) -> None:
    recurring_id = api.create_profile()
    before = rows()
    answer = api.update(recurring_id, CLIENT)
    assert (answer.code, answer.field) == ("40060", "client")
    assert rows() == before


def test_a_preview_takes_a_client_and_makes_none(api: Api) -> None:
    before = rows()
    answer = api.call("recurring.preview", recurring(CLIENT))
    assert len(answer.all("date")) == 10
    both = recurring(CLIENT + "<client_id>1</client_id>")
    assert api.call("recurring.preview", both).field == "client"
    nameless = recurring("<client><organization>x</organization></client>")
    assert not api.call("recurring.preview", nameless).ok
    assert rows() == before


def test_a_repeated_request_makes_one_client(api: Api) -> None:
    body = f'<request method="recurring.create">{recurring(CLIENT)}</request>'
    key = {"Idempotency-Key": "one"}
    first, second = (api.post(body, headers=key) for _ in range(2))
    assert first.http.data == second.http.data
    assert len(api.call("client.list").all("organization")) == 1


def test_clients_of_one_email_are_two_clients(api: Api) -> None:
    for _ in range(2):
        assert api.call("recurring.create", recurring(CLIENT)).ok
    assert api.call("client.list").all("client_id") == ["2", "1"]


def test_the_client_is_of_the_caller_s_account_alone(
    new_api: Callable[..., Api],
) -> None:
    one, other = new_api("One"), new_api("Other")
    assert one.call("recurring.create", recurring(CLIENT)).ok
    assert other.call("client.list").all("client_id") == []
