"""Default terms: kept for an account, shown to its people, copied nowhere."""

from collections.abc import Callable

import pytest

from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from tests import snapshot
from tests.conftest import Answer, Api

TEXT = " Payable within 30 days.\n\tÜbrigens: 2 % &lt;Skonto&gt; \U0001f4a9\n"
SHOWN = " Payable within 30 days.\n\tÜbrigens: 2 % <Skonto> \U0001f4a9\n"


def update(api: Api, kind: str, message: str) -> Answer:
    terms = f"<type>{kind}</type><message>{message}</message>"
    return api.call("default_terms.update", f"<terms>{terms}</terms>")


def get(api: Api, kind: str) -> str | None:
    answer = api.call("default_terms.get", f"<type>{kind}</type>")
    assert answer.ok, answer.error
    assert answer.text("terms/type") == kind
    return answer.text("terms/message")


def test_a_new_account_has_three_empty_terms_on_no_pages(api: Api) -> None:
    answer = api.call("default_terms.list")
    listed = answer.find("default_terms")
    assert listed is not None
    assert not listed.attrib
    assert answer.names("default_terms") == ["terms"] * 3
    assert answer.names("default_terms/terms") == ["type", "message"]
    assert answer.all("type") == ["invoice", "estimate", "credit"]
    assert answer.all("message") == ["", "", ""]
    assert get(api, "credit") == ""


@pytest.mark.parametrize("kind", ["invoice", "estimate", "credit"])
def test_a_message_is_kept_as_it_stands_for_its_type_alone(api: Api, kind: str) -> None:
    assert update(api, kind, "Other.").ok
    assert update(api, kind, TEXT).http.data.endswith(b'status="ok"/>\n')
    told = api.call("default_terms.list")
    assert dict(zip(told.all("type"), told.all("message"), strict=True)) == {
        **dict.fromkeys(["invoice", "estimate", "credit"], ""),
        kind: SHOWN,
    }
    assert get(api, kind) == SHOWN


def test_the_longest_message_is_kept(api: Api) -> None:
    longest = "é" * 65_535
    assert update(api, "invoice", longest).ok
    assert get(api, "invoice") == longest


def test_an_empty_message_takes_it_away_and_an_absent_one_does_not(api: Api) -> None:
    update(api, "invoice", "x")
    update(api, "credit", "y")
    assert api.call("default_terms.update", "<terms><type>invoice</type></terms>").ok
    assert get(api, "invoice") == "x"
    assert update(api, "invoice", "").ok
    assert get(api, "invoice") == ""
    assert get(api, "credit") == "y"


@pytest.mark.parametrize(
    ("method", "content", "code", "field"),
    [
        ("get", "", "40040", "type"),
        ("get", "<type/>", "40040", "type"),
        ("get", "<type> </type>", "40040", "type"),
        ("get", "<type>a</type>", "40060", "type"),
        ("get", "<type>Invoice</type>", "40060", "type"),
        ("get", "<type>invoice estimate</type>", "40060", "type"),
        ("get", "<type>' OR 1=1 --</type>", "40060", "type"),
        ("get", "<type>invoice</type><type>credit</type>", "40060", "type"),
        ("list", "<type>invoice</type>", "40060", "type"),
        ("update", "", "40040", "terms"),
        ("update", "<terms/>", "40040", "type"),
        ("update", "<terms><message>x</message></terms>", "40040", "type"),
        ("update", "<terms><type/><message>x</message></terms>", "40040", "type"),
        (
            "update",
            "<terms><type>x</type><message>x</message></terms>",
            "40060",
            "type",
        ),
        (
            "update",
            f"<terms><type>invoice</type><message>{'x' * 65_536}</message></terms>",
            "40060",
            "message",
        ),
        (
            "update",
            "<terms><type>invoice</type><message><b>x</b></message></terms>",
            "40060",
            "b",
        ),
    ],
)
def test_other_requests_are_refused_and_change_nothing(
    api: Api, method: str, content: str, code: str, field: str
) -> None:
    update(api, "invoice", "kept")
    before = snapshot.taken()
    answer = api.call(f"default_terms.{method}", content)
    assert (answer.code, answer.field) == (code, field)
    assert snapshot.taken()["default_terms"] == before["default_terms"]


def test_spaces_around_a_type_do_not_count(api: Api) -> None:
    assert update(api, " credit\n", "x").ok
    assert get(api, "credit") == "x"


def test_staff_sees_terms_and_does_not_change_them(api: Api, ports: Ports) -> None:
    update(api, "invoice", "kept")
    people.add(ports, api.account.name, username="eva")
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    assert get(eva, "invoice") == "kept"
    assert update(eva, "invoice", "changed").code == "30010"
    assert get(api, "invoice") == "kept"


def test_terms_are_an_accounts_own(api: Api, new_api: Callable[..., Api]) -> None:
    other = new_api("Other")
    update(other, "invoice", "theirs")
    update(api, "invoice", "ours")
    assert get(other, "invoice") == "theirs"
    assert get(api, "invoice") == "ours"


def test_what_is_made_without_terms_has_none(api: Api) -> None:
    update(api, "invoice", "Payable at once.")
    lines = "<lines><line><name>x</name></line></lines>"
    recurring_id = api.create_profile(lines)
    assert api.get(recurring_id).text("recurring/terms") == ""
    assert api.call("invoice.list").all("terms") == [""]
