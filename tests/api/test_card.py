"""Cards of clients, and what gateways give in exchange for card numbers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.domain.card import CardNumber, CardToken
from app.domain.gateway import Approved, Declined, Order, Reason, Unknown
from app.gateways import sandbox
from app.services import account as accounts
from app.services import card as cards
from app.services import staff as people
from app.services.ports import Ports
from app.storage import tables
from tests import snapshot
from tests.conftest import Answer, Api
from tests.keeper import Keeper

VISA = "4111 1111 1111 1111"
MASK = "************1111"
TOKEN = "tok_9f8e7d"
LINES = (
    "<lines><line><name>Hosting</name><unit_cost>40</unit_cost><quantity>1</quantity>"
    "</line></lines>"
)


def card(more: str = "", number: str = VISA, client_id: int = 1, **last: str) -> str:
    month, year = last.get("month", "7"), last.get("year", "2031")
    return (
        f"<card><client_id>{client_id}</client_id><number>{number}</number>"
        f"<name>Ada Byron</name><expiration><month>{month}</month><year>{year}</year>"
        f"</expiration>{more}</card>"
    )


def autobill(number: str = VISA, more: str = "", gateway: str = "Authorize.Net") -> str:
    return (
        f"<autobill><gateway_name>{gateway}</gateway_name><card><number>{number}"
        f"</number><name>Ada Byron</name><expiration><month>7</month><year>2031</year>"
        f"</expiration>{more}</card></autobill>"
    )


def by_id(card_id: int) -> str:
    return f"<autobill><card_id>{card_id}</card_id></autobill>"


def create(api: Api, *arguments: Any, **options: Any) -> Answer:
    return api.call("card.create", card(*arguments, **options))


def stored(ports: Ports, api: Api, card_id: int = 1) -> CardNumber | CardToken:
    found = cards.of_client(ports, api.account.account_id, 1, card_id)
    assert found is not None
    return found[1].number


def of_profile(ports: Ports, api: Api, recurring_id: int) -> CardNumber | CardToken:
    found = cards.of_profile(ports, api.account.account_id, recurring_id)
    assert found is not None
    return found[1].number


def told(api: Api, recurring_id: int) -> list[tuple[str, str, str]]:
    answer = api.call(
        "recurring.history", f"<recurring_id>{recurring_id}</recurring_id>"
    )
    return list(
        zip(answer.all("field"), answer.all("old"), answer.all("new"), strict=True)
    )


@pytest.fixture(name="keeper")
def keeper_(monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """Provide what is behind the sandbox gateways of the test's accounts."""
    keeper = Keeper()
    monkeypatch.setattr(sandbox, "Sandbox", keeper.kind)
    return keeper


@pytest.fixture(name="owner")
def owner_(api: Api) -> Api:
    """Provide an account with client 1 and client 2."""
    api.create_client()
    api.create_client("<organization>Tick Ltd</organization>")
    return api


@pytest.fixture(name="exchanging")
def exchanging_(owner: Api, keeper: Keeper) -> Api:  # noqa: ARG001
    """Provide one whose cards are exchanged for tokens."""
    tables.Account.update(tokenise=True).execute()
    return owner


# Storing and showing.


def test_a_card_is_stored_and_shown_masked(owner: Api) -> None:
    answer = create(owner)
    assert (answer.text("card_id"), answer.text("last_four")) == ("1", "1111")
    shown = owner.call("card.get", "<card_id>1</card_id>").http.data
    expected = b"""\
  <card>
    <card_id>1</card_id>
    <client_id>1</client_id>
    <gateway_name>Authorize.Net</gateway_name>
    <number>************1111</number>
    <last_four>1111</last_four>
    <type>VISA</type>
    <name>Ada Byron</name>
    <expiration>
      <month>07</month>
      <year>2031</year>
    </expiration>
  </card>
"""
    assert expected in shown
    assert b"Mill Lane" not in shown


def test_cards_are_listed_the_newest_first_by_client_and_page(owner: Api) -> None:
    for client_id in (1, 2, 1):
        assert create(owner, client_id=client_id).ok
    listed = owner.call("card.list")
    assert listed.all("card_id") == ["3", "2", "1"]
    assert owner.call("card.list", "<client_id>1</client_id>").all("card_id") == [
        "3",
        "1",
    ]
    second = owner.call("card.list", "<page>2</page><per_page>2</per_page>")
    assert second.all("card_id") == ["1"]
    assert second.root[0].get("total") == "3"


def test_a_gateway_is_chosen_by_name_or_is_the_first(owner: Api) -> None:
    named = "<gateway_name>PAYPAL payflow pro</gateway_name>"
    assert create(owner, named).ok
    got = owner.call("card.get", "<card_id>1</card_id>")
    assert got.text("card/gateway_name") == "PayPal Payflow Pro"
    tables.Gateway.update(enabled=False).where(
        tables.Gateway.name == "Authorize.Net"
    ).execute()
    assert create(owner).ok
    got = owner.call("card.get", "<card_id>2</card_id>")
    assert got.text("card/gateway_name") == "PayPal Payflow Pro"
    tables.Gateway.update(enabled=False).execute()
    assert create(owner).field == "gateway_name"


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        (card(number="4111 1111 1111 1112"), "40060", "number"),
        (card(number="4111"), "40060", "number"),
        (card(number=MASK), "40060", "number"),
        (card(number="my old card"), "40060", "number"),
        (card(number=TOKEN.upper()), "40060", "number"),
        (card(number="9000 0000 0000 0001"), "40060", "number"),
        (card(month="2", year="2026"), "40060", "expiration"),
        (card(month="13"), "40060", "month"),
        (card("<cvv>12</cvv>"), "40060", "cvv"),
        (card("<cvv>1234</cvv>"), "40060", "cvv"),
        (card("<cvv>4111111111111111</cvv>"), "40060", "cvv"),
        (card("<cvv>\u0661\u0662\u0663</cvv>"), "40060", "cvv"),
        (card("<cvv>123</cvv>", number="3782 822463 10005"), "40060", "cvv"),
        (card("<gateway_name>PayPal</gateway_name>"), "40060", "gateway_name"),
        (card("<gateway_name>Nobody</gateway_name>"), "40060", "gateway_name"),
        (card(number=TOKEN), "40040", "last_four"),
        (card("<last_four>42</last_four>", number=TOKEN), "40060", "last_four"),
        (card("<type>NOVA</type>", number=TOKEN), "40060", "type"),
        (card(client_id=9), "50010", "client_id"),
        (card().replace("<client_id>1</client_id>", ""), "40040", "client_id"),
        (card().replace("<name>Ada Byron</name>", ""), "40040", "name"),
        (card().replace("Ada Byron", "No. 4111-1111-1111-1111"), "40060", "name"),
        (card("<street>" + "x" * 256 + "</street>"), "40060", "street"),
        (card("<code>" + "4" * 900_000 + "</code>"), "40060", "code"),
        (card(number="4" * 900_000), "40060", "number"),
    ],
)
def test_a_card_that_cannot_be_is_refused_and_not_repeated(
    owner: Api, keeper: Keeper, content: str, code: str, field: str
) -> None:
    before = snapshot.taken()
    answer = owner.call("card.create", content)
    assert (answer.code, answer.field) == (code, field), answer.error
    assert "1111" not in answer.error
    assert len(answer.http.data) < 1000
    assert snapshot.taken()["card"] == before["card"] == []
    assert keeper.asked == []


def test_a_token_is_stored_with_what_is_told_of_it(owner: Api, ports: Ports) -> None:
    assert create(owner, "<last_four>4242</last_four><type>visa</type>", TOKEN).ok
    got = owner.call("card.get", "<card_id>1</card_id>")
    assert got.text("card/number") == "************4242"
    assert got.text("card/type") == "VISA"
    assert stored(ports, owner).reveal() == TOKEN
    assert create(owner, "<last_four>4242</last_four>", TOKEN).ok
    assert owner.call("card.get", "<card_id>2</card_id>").text("card/type") == ""


def test_a_card_that_cannot_be_read_is_shown_by_its_last_four(owner: Api) -> None:
    create(owner)
    tables.Card.update(sealed=b"x" * 64).execute()
    got = owner.call("card.get", "<card_id>1</card_id>")
    assert got.text("card/number") == MASK
    assert got.text("card/name") is None
    assert owner.create(by_id(1), 1).field == "card_id"


def test_people_see_the_cards_of_their_clients(owner: Api, ports: Ports) -> None:
    people.add(ports, owner.account.name, username="eva")
    people.assign(owner.account.name, "eva", [2])
    token = accounts.token(
        ports, owner.account.name, revoke_others=False, username="eva"
    )
    eva = Api(owner.client, owner.account, token)
    create(owner, client_id=1)
    assert create(eva, client_id=2).ok
    assert create(eva, client_id=1).field == "client_id"
    assert eva.call("card.list").all("card_id") == ["2"]
    for method in ("card.get", "card.delete"):
        assert eva.call(method, "<card_id>1</card_id>").code == "50010"
    assert eva.create(by_id(1), 2).field == "card_id"


# What the gateway is asked.


def test_the_gateway_checks_code_and_address(
    owner: Api, keeper: Keeper, ports: Ports
) -> None:
    more = "<cvv>739</cvv><street>1 Mill Lane</street><code>SW1A 1AA</code>"
    assert create(owner, more).ok
    assert keeper.asked == [("4111111111111111", "739", "1 Mill Lane", "SW1A 1AA")]
    # It was asked for the check alone: the account does not want tokens.
    assert isinstance(stored(ports, owner), CardNumber)


def test_without_anything_to_check_the_gateway_is_not_asked(
    owner: Api, keeper: Keeper
) -> None:
    assert create(owner, "<cvv/><street> </street>").ok
    assert keeper.asked == []


def test_a_gateway_without_tokens_checks_nothing(
    owner: Api, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox.Sandbox, "TOKEN", None)
    assert create(owner, "<cvv>739</cvv>").ok
    assert keeper.asked == []


def test_a_token_is_not_asked_about(exchanging: Api, keeper: Keeper) -> None:
    more = "<last_four>4242</last_four><cvv>739</cvv>"
    assert create(exchanging, more, TOKEN).ok
    assert keeper.asked == []


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        (Reason.CVV, "cvv"),
        (Reason.ADDRESS, "code"),
        (Reason.EXPIRED, "expiration"),
        (Reason.NUMBER, "number"),
        (Reason.TYPE, "number"),
        (Reason.STOLEN, "number"),
        (Reason.DECLINED, "number"),
    ],
)
def test_a_card_that_the_gateway_declines_is_refused(
    owner: Api, keeper: Keeper, reason: Reason, field: str
) -> None:
    keeper.answer = Declined(reason=reason, message="4111111111111111 cvv 739")
    answer = create(owner, "<cvv>739</cvv>")
    assert (answer.code, answer.field) == ("40060", field)
    assert "739" not in answer.error
    assert "stolen" not in answer.error
    assert owner.call("card.list").all("card_id") == []


@pytest.mark.parametrize(
    "answer", [Unknown(detail="timeout"), RuntimeError("4111111111111111")]
)
def test_without_the_gateways_answer_nothing_is_stored(
    exchanging: Api,
    keeper: Keeper,
    answer: Unknown | Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    keeper.answer = answer
    before = snapshot.taken()
    for refused, noun in (
        (create(exchanging), "create card"),
        (exchanging.create(autobill(), 1), "create recurring"),
    ):
        assert refused.code == "50020"
        expected = f"Failed to {noun}. The gateway did not answer. Try again later."
        assert refused.error == expected
    after = snapshot.taken()
    assert (after["card"], after["recurring"]) == (before["card"], before["recurring"])
    assert "4111" not in caplog.text


def test_a_gateway_that_is_left_alone_is_not_asked(
    exchanging: Api, keeper: Keeper, ports: Ports
) -> None:
    later = ports.now() + timedelta(minutes=30)
    tables.Gateway.update(open_until=later, failures=9).execute()
    assert create(exchanging).code == "50020"
    assert keeper.asked == []


# Exchanging.


def test_a_number_is_exchanged_for_a_token_at_once(
    exchanging: Api, keeper: Keeper, ports: Ports
) -> None:
    assert create(exchanging).ok
    recurring_id = exchanging.create_profile(autobill(), 1)
    assert exchanging.update(recurring_id, autobill("5555 5555 5555 4444")).ok
    assert stored(ports, exchanging).reveal() == "tok_kept_1"
    assert of_profile(ports, exchanging, recurring_id).reveal() == "tok_kept_3"
    assert [asked[0] for asked in keeper.asked] == [
        "4111111111111111",
        "4111111111111111",
        "5555555555554444",
    ]
    shown = exchanging.get(recurring_id)
    assert shown.text("recurring/autobill/card/number") == "************4444"
    # As it was read, and without a call.
    back = autobill("************4444")
    assert exchanging.update(recurring_id, back.replace(">7<", ">07<")).ok
    assert len(keeper.asked) == 3


def test_without_the_switch_a_number_stays_one(
    owner: Api, keeper: Keeper, ports: Ports
) -> None:
    recurring_id = owner.create_profile(autobill(), 1)
    assert of_profile(ports, owner, recurring_id).reveal() == "4111111111111111"
    assert keeper.asked == []


@pytest.mark.parametrize(
    "content",
    [
        autobill("4111 1111 1111 1112"),
        autobill(gateway="Nobody"),
        autobill() + "<currency_code>EUR</currency_code>",
        autobill() + "<frequency>hourly</frequency>",
        autobill() + "<occurrences>1</occurrences><due_days>9999999</due_days>",
        autobill() + "<billing_model_id>99</billing_model_id>",
        autobill()
        + "<contacts><contact><contact_id>99</contact_id></contact></contacts>",
        autobill().replace("2031", "2020"),
    ],
)
def test_a_request_that_is_refused_costs_no_call(
    exchanging: Api, keeper: Keeper, content: str
) -> None:
    recurring_id = exchanging.create_profile("", 1)
    assert not exchanging.create(content, 1).ok
    assert not exchanging.update(recurring_id, content).ok
    assert not exchanging.create(autobill(), 99).ok
    assert keeper.asked == []


def test_what_changes_while_the_gateway_is_asked_is_seen(
    exchanging: Api, keeper: Keeper
) -> None:
    def gone() -> None:
        tables.Gateway.update(enabled=False).execute()

    keeper.before = gone
    assert create(exchanging).field == "gateway_name"
    assert exchanging.call("card.list").all("card_id") == []


@pytest.mark.parametrize(
    ("method", "content", "noun"),
    [
        ("card.create", card("<cvv>739</cvv>"), "card"),
        (
            "recurring.create",
            f"<recurring><client_id>1</client_id>{autobill()}</recurring>",
            "recurring",
        ),
    ],
)
def test_a_repeat_by_its_key_is_answered_without_the_gateway(
    exchanging: Api, keeper: Keeper, method: str, content: str, noun: str
) -> None:
    body = f'<request method="{method}">{content}</request>'
    key = {"headers": {"Idempotency-Key": "once"}}
    first = exchanging.post(body, **key)
    assert first.ok, first.error
    keeper.answer = Unknown(detail="it is gone")
    assert exchanging.post(body, **key).http.data == first.http.data
    assert exchanging.call(f"{noun}.list").all(f"{noun}_id") == ["1"]
    assert len(keeper.asked) == 1
    other = exchanging.post(body.replace("2031", "2032"), **key)
    assert other.code == "40061"


def test_what_was_refused_under_a_key_may_be_asked_again(
    exchanging: Api, keeper: Keeper
) -> None:
    body = f'<request method="card.create">{card()}</request>'
    key = {"headers": {"Idempotency-Key": "once"}}
    keeper.answer = Unknown(detail="not now")
    assert exchanging.post(body, **key).code == "50020"
    keeper.answer = None
    assert exchanging.post(body, **key).ok
    assert exchanging.call("card.list").all("card_id") == ["1"]


def test_repeats_that_come_at_once_store_one_card(
    exchanging: Api, keeper: Keeper
) -> None:
    """The second comes while the gateway has the first in hand."""
    body = f'<request method="card.create">{card()}</request>'
    key = {"headers": {"Idempotency-Key": "once"}}
    inner: list[Answer] = []

    def again() -> None:
        keeper.before = lambda: None
        inner.append(exchanging.post(body, **key))

    keeper.before = again
    outer = exchanging.post(body, **key)
    assert outer.http.data == inner[0].http.data
    assert exchanging.call("card.list").all("card_id") == ["1"]
    assert len(keeper.asked) == 2


# Profiles that use a card of their client's.


def test_a_profile_uses_a_card_of_its_clients(owner: Api, ports: Ports) -> None:
    create(owner)
    recurring_id = owner.create_profile(by_id(1), 1)
    shown = owner.get(recurring_id)
    assert shown.names("recurring/autobill") == ["gateway_name", "card", "card_id"]
    assert shown.text("recurring/autobill/card/number") == MASK
    assert shown.text("recurring/autobill/card_id") == "1"
    listed = owner.call("recurring.list", "<autobill>1</autobill>")
    assert listed.all("card_id") == ["1"]
    assert of_profile(ports, owner, recurring_id).reveal() == "4111111111111111"
    row = tables.Autobill.get()
    assert (row.card_id, row.sealed, row.key_version) == (1, None, None)
    assert ("autobill/card_id", "", "1") in told(owner, recurring_id)


@pytest.mark.parametrize(
    "back",
    [
        autobill(MASK).replace("</autobill>", "<card_id>1</card_id></autobill>"),
        # By a client that does not know the ids of cards.
        autobill(MASK),
        by_id(1),
    ],
)
def test_a_card_that_is_read_and_written_back_stays(owner: Api, back: str) -> None:
    create(owner)
    recurring_id = owner.create_profile(by_id(1), 1)
    before = snapshot.taken()
    assert owner.update(recurring_id, back).ok
    after = snapshot.taken()
    for table in ("autobill", "card", "recurring", "recurring_event"):
        assert after[table] == before[table]


def test_a_profile_goes_from_card_to_card(owner: Api, ports: Ports) -> None:
    create(owner)
    create(owner, number="5555 5555 5555 4444")
    recurring_id = owner.create_profile(autobill(), 1)
    other = autobill(MASK).replace("</autobill>", "<card_id>2</card_id></autobill>")
    assert owner.update(recurring_id, other).ok
    assert of_profile(ports, owner, recurring_id).reveal() == "5555555555554444"
    assert owner.update(recurring_id, by_id(1)).ok
    assert owner.get(recurring_id).text("recurring/autobill/card_id") == "1"
    whole = autobill("4242 4242 4242 4242")
    beside = whole.replace("</autobill>", "<card_id>1</card_id></autobill>")
    assert owner.update(recurring_id, beside).ok
    assert owner.get(recurring_id).text("recurring/autobill/card_id") is None
    assert of_profile(ports, owner, recurring_id).reveal() == "4242424242424242"
    assert owner.update(recurring_id, by_id(2)).ok
    assert owner.update(recurring_id, "<autobill/>").ok
    assert owner.get(recurring_id).names("recurring/autobill") == []
    assert owner.call("card.list").all("card_id") == ["2", "1"]


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        (by_id(9), "50010", "card_id"),
        (by_id(2), "50010", "card_id"),
        (by_id(0), "50010", "card_id"),
        (
            autobill().replace("</autobill>", "<card_id>1</card_id></autobill>"),
            "40060",
            "card_id",
        ),
        (
            by_id(1).replace(
                "<card_id>", "<gateway_name>PayPal Payflow Pro</gateway_name><card_id>"
            ),
            "40060",
            "gateway_name",
        ),
        ("<autobill><card_id/></autobill>", "40040", "gateway_name"),
        (by_id(1) + "<currency_code>EUR</currency_code>", "40060", "currency_code"),
    ],
)
def test_a_card_that_is_not_there_or_not_the_clients_is_refused(
    owner: Api, content: str, code: str, field: str
) -> None:
    create(owner, client_id=1)
    create(owner, client_id=2)
    recurring_id = owner.create_profile("", 1)
    before = snapshot.taken()["autobill"]
    for answer in (owner.create(content, 1), owner.update(recurring_id, content)):
        assert (answer.code, answer.field) == (code, field), answer.error
    assert snapshot.taken()["autobill"] == before


def test_a_profile_does_not_go_to_another_client_with_a_card_of_the_former(
    owner: Api,
) -> None:
    create(owner)
    create(owner, client_id=2)
    recurring_id = owner.create_profile(by_id(1), 1)
    moved = "<client_id>2</client_id>"
    assert owner.update(recurring_id, moved).field == "client_id"
    assert owner.update(recurring_id, moved + autobill(MASK)).field == "client_id"
    assert owner.update(recurring_id, moved + by_id(1)).field == "card_id"
    assert owner.get(recurring_id).text("recurring/client_id") == "1"
    assert owner.update(recurring_id, moved + by_id(2)).ok
    back = "<client_id>1</client_id><autobill/>"
    assert owner.update(recurring_id, back).ok


def test_an_expired_card_is_not_chosen(clocked: Api) -> None:
    clocked.create_client()
    assert create(clocked, month="9", year="2007").ok
    recurring_id = clocked.create_profile(by_id(1), 1)
    clocked.call("clock.set", "<date>2007-10-15</date>")
    assert clocked.create(by_id(1), 1).field == "card_id"
    # Where it is used already it may be written back.
    assert clocked.update(recurring_id, by_id(1)).ok


# Deleting.


def test_a_deleted_card_is_destroyed_and_its_profiles_lose_it(owner: Api) -> None:
    create(owner)
    using = owner.create_profile(by_id(1), 1)
    other = owner.create_profile(autobill(), 1)
    assert owner.call("card.delete", "<card_id>1</card_id>").ok
    row = tables.Card.get()
    assert (row.folder, row.sealed, row.key_version) == ("deleted", None, None)
    assert owner.call("card.list").all("card_id") == []
    answer = owner.call("card.get", "<card_id>1</card_id>")
    assert (answer.code, answer.error) == (
        "50010",
        "'card_id' not found. Card is deleted.",
    )
    assert owner.call("card.delete", "<card_id>1</card_id>").code == "50010"
    assert owner.create(by_id(1), 1).field == "card_id"
    assert owner.get(using).names("recurring/autobill") == []
    assert owner.get(other).text("recurring/autobill/card/number") == MASK
    history = owner.call("recurring.history", f"<recurring_id>{using}</recurring_id>")
    assert history.all("what")[0] == "card.delete"
    assert told(owner, using)[:2] == [
        ("autobill", f"Authorize.Net {MASK}", ""),
        ("autobill/card_id", "1", ""),
    ]


def test_an_invoice_is_charged_to_the_card_that_its_profile_uses(
    clocked: Api,
) -> None:
    clocked.create_client()
    assert create(clocked).ok
    clocked.create_profile(by_id(1) + LINES + "<frequency>m</frequency>", 1)
    clocked.call("clock.set", "<date>2007-09-01</date>")
    assert clocked.call("invoice.list").all("status") == ["auto-paid"]
    assert clocked.call("card.delete", "<card_id>1</card_id>").ok
    clocked.call("clock.set", "<date>2007-10-01</date>")
    assert clocked.call("invoice.list").all("status") == ["sent", "auto-paid"]


def test_a_charge_under_way_keeps_its_copy_of_a_deleted_card(
    clocked: Api, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = keeper.kind
    monkeypatch.setattr(sandbox, "Sandbox", kind)
    monkeypatch.setattr(kind, "charge", lambda *_: Unknown(detail="No answer."))
    clocked.create_client()
    assert create(clocked).ok
    clocked.create_profile(by_id(1) + LINES, 1)
    clocked.call("clock.set", "<date>2007-09-01</date>")
    assert clocked.call("invoice.list").all("status") == ["sent"]

    assert clocked.call("card.delete", "<card_id>1</card_id>").ok

    looked_up: list[Order] = []

    def found(_: object, order: Order) -> Approved:
        looked_up.append(order)
        return Approved(reference="ch_1")

    monkeypatch.setattr(kind, "look_up", found)
    clocked.call("clock.set", "<date>2007-09-02</date>")
    assert clocked.call("invoice.list").all("status") == ["auto-paid"]
    assert [order.card.number.reveal() for order in looked_up] == ["4111111111111111"]
    assert [row.sealed for row in tables.Charge.select()] == [None]


def test_ids_of_cards_are_not_given_twice(owner: Api) -> None:
    create(owner)
    owner.call("card.delete", "<card_id>1</card_id>")
    assert create(owner).text("card_id") == "2"


def test_a_card_of_another_account_is_not_found(
    owner: Api, new_api: Callable[..., Api]
) -> None:
    create(owner)
    other = new_api("Other")
    other.create_client()
    assert other.call("card.get", "<card_id>1</card_id>").code == "50010"
    assert other.create(by_id(1), 1).field == "card_id"
