"""Charging by hand: what a person is told, and what follows."""

from datetime import UTC, datetime

import pytest

from app.domain.charge import LEASE, ChargeState
from app.domain.gateway import Reason
from app.services import account as accounts
from app.services import charging, collecting
from app.services import staff as people
from app.services.ports import Ports
from app.storage import charge as charges
from app.storage import tables
from tests.cards import (
    GOOD,
    LINES,
    POOR,
    card,
    charge,
    left_alone,
    move,
    on,
    profile,
    receipts,
    silent,
    statuses,
    tried,
)
from tests.conftest import Answer, Api, Clock

CHARGED = "Its card is being charged."
OFF = "<autopay>0</autopay>"


def refusal(answer: Answer) -> str:
    """Return the reason of a refusal by state."""
    assert answer.code == "50020", answer.error
    return answer.error.removeprefix("Failed to charge invoice. ")


def test_the_card_of_the_profile_pays_what_is_outstanding(api: Api) -> None:
    profile(api, more=OFF)
    answer = charge(api)
    assert answer.text("payment_id") == "1"
    assert statuses(api) == ["paid"]
    got = api.call("payment.get", "<payment_id>1</payment_id>")
    assert got.text("payment/amount") == "40"
    assert got.text("payment/type") == "VISA"
    assert got.text("payment/gateway_transaction/gateway_name") == "Authorize.Net"


def test_the_person_stands_in_the_history(api: Api) -> None:
    profile(api, more=OFF)
    charge(api)
    event = api.call("payment.history", "<payment_id>1</payment_id>")
    assert event.all("staff_id") == ["1"]


def test_of_a_partly_paid_invoice_the_rest_is_charged(api: Api) -> None:
    profile(api, more=OFF)
    paid = "<payment><invoice_id>1</invoice_id><amount>15.5</amount></payment>"
    assert api.call("payment.create", paid).ok
    assert charge(api).ok
    assert api.call("payment.list").all("amount") == ["24.5", "15.5"]
    assert statuses(api) == ["paid"]


def test_nothing_outstanding_is_not_charged(api: Api) -> None:
    profile(api, more=OFF)
    assert charge(api).ok
    assert refusal(charge(api)) == "Nothing is outstanding."
    assert tried(api) == [("captured", "2026-03-02")]


def test_a_draft_is_not_charged(api: Api) -> None:
    profile(api, more="<invoice_status>draft</invoice_status>")
    assert refusal(charge(api)) == "Invoice is draft."


def test_what_is_not_there_is_not_charged(api: Api) -> None:
    assert charge(api).code == "50010"
    profile(api, more=OFF)
    assert api.call("invoice.delete", "<invoice_id>1</invoice_id>").ok
    answer = charge(api)
    assert (answer.code, answer.error) == (
        "50010",
        "'invoice_id' not found. Invoice is deleted.",
    )


def test_a_deleted_client_is_not_charged(api: Api) -> None:
    client_id = api.create_client()
    api.create_profile(f"{OFF}{card()}{LINES}", client_id)
    assert api.call("client.delete", f"<client_id>{client_id}</client_id>").ok
    assert refusal(charge(api)) == "Its client is deleted."


def test_without_any_card_one_has_to_be_named(api: Api) -> None:
    api.create_profile(LINES)
    client_id = api.create_client()
    by_hand = (
        f"<invoice><client_id>{client_id}</client_id><status>sent</status>"
        f"{LINES}</invoice>"
    )
    assert api.call("invoice.create", by_hand).ok
    for invoice_id in (1, 2):
        answer = charge(api, invoice_id)
        assert (answer.code, answer.field) == ("40040", "card_id")


def test_a_declined_card_changes_no_status(api: Api) -> None:
    profile(api, POOR, more=OFF)
    assert refusal(charge(api)) == "There is not enough money on the card."
    assert statuses(api) == ["sent"]
    assert refusal(charge(api)) == "There is not enough money on the card."
    assert tried(api) == [("declined", "2026-03-02")] * 2


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_sentence(reason: Reason, api: Api) -> None:
    profile(api, POOR, more=OFF)
    charge(api)
    tables.Charge.update(reason=reason).execute()
    answer = api.call("recurring.payments", "<recurring_id>1</recurring_id>")
    assert answer.all("reason") == [reason.value]
    (sentence,) = answer.all("message")
    assert sentence.endswith(".")


def test_a_declined_try_is_none_of_the_plans(clocked: Api) -> None:
    profile(clocked, POOR, more="<due_days>3</due_days>")
    move(clocked, "2007-09-01")
    assert charge(clocked).code == "50020"
    move(clocked, "2007-09-04")
    assert statuses(clocked) == ["retry"]
    move(clocked, "2007-09-05")
    assert statuses(clocked) == ["failed"]


def test_an_expired_card_is_declined_here(clocked: Api) -> None:
    expires = card(month=9, year=2007)
    clocked.create_profile(f"{OFF}{expires}{LINES}")
    move(clocked, "2007-10-01")
    assert refusal(charge(clocked)) == "The card has expired."
    found = charges.of_invoice(clocked.account.account_id, 1)
    assert [(each.state, each.sent_at) for each in found] == [
        (ChargeState.DECLINED, None)
    ]


def test_a_gateway_that_is_left_alone_is_not_asked(api: Api) -> None:
    profile(api, more=OFF)
    left_alone(api, datetime(2026, 3, 2, 16, tzinfo=UTC))
    assert refusal(charge(api)) == "Its gateway is not available now."
    assert tried(api) == []


def test_a_gateway_that_is_disabled_is_not_asked(api: Api) -> None:
    profile(api, more=OFF)
    tables.Gateway.update(enabled=False).execute()
    assert refusal(charge(api)) == "Its gateway is not available now."


def test_a_gateway_of_a_kind_that_is_gone_is_not_asked(api: Api) -> None:
    profile(api, more=OFF)
    tables.Gateway.update(kind="gone").execute()
    assert refusal(charge(api)) == "It cannot be charged now."
    assert tried(api) == []


def test_a_card_that_cannot_be_read_is_not_charged(api: Api) -> None:
    profile(api, more=OFF)
    tables.Autobill.update(sealed=b"x" * 64).execute()
    assert refusal(charge(api)) == "Its card cannot be read now."


def test_no_answer_is_neither_yes_nor_no(api: Api, ports: Ports, clock: Clock) -> None:
    profile(api, more=OFF)
    unheard = on(silent(ports), api)
    answer = charge(unheard)
    assert answer.code == "50020"
    assert answer.error == (
        "The gateway has not answered. What became of payment 1 is being looked after; "
        "do not charge the invoice again."
    )
    assert refusal(charge(api)) == CHARGED
    attempts = api.call("recurring.payments", "<recurring_id>1</recurring_id>")
    assert attempts.all("status") == ["unknown"]
    assert attempts.all("amount") == ["40"]
    clock.now += LEASE
    (known,) = collecting.to_check(ports, 10)
    collecting.check(ports, known)
    assert statuses(api) == ["paid"]
    assert api.call("payment.list").all("payment_id") == ["1"]


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("invoice.delete", "<invoice_id>1</invoice_id>"),
        (
            "invoice.update",
            "<invoice><invoice_id>1</invoice_id><discount>10</discount></invoice>",
        ),
        (
            "invoice.update",
            "<invoice><invoice_id>1</invoice_id><client_id>2</client_id></invoice>",
        ),
        ("invoice.lines.delete", "<invoice_id>1</invoice_id><line_id>1</line_id>"),
    ],
)
def test_what_is_owed_stays_while_a_card_is_charged(
    method: str, content: str, api: Api, ports: Ports
) -> None:
    profile(api, more=OFF)
    api.create_client()
    charge(on(silent(ports), api))
    verb = "delete" if method == "invoice.delete" else "update"
    answer = api.call(method, content)
    assert (answer.code, answer.error) == (
        "50020",
        f"Failed to {verb} invoice. {CHARGED}",
    )


@pytest.mark.parametrize(
    ("method", "content"),
    [
        (
            "invoice.update",
            "<invoice><invoice_id>1</invoice_id><notes>Hello</notes></invoice>",
        ),
        (
            "payment.create",
            "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>",
        ),
        ("recurring.delete", "<recurring_id>1</recurring_id>"),
        (
            "recurring.update",
            "<recurring><recurring_id>1</recurring_id><autobill/></recurring>",
        ),
    ],
)
def test_the_rest_may_be_done_while_a_card_is_charged(
    method: str, content: str, api: Api, ports: Ports, clock: Clock
) -> None:
    profile(api, more=OFF)
    charge(on(silent(ports), api))
    answer = api.call(method, content)
    assert answer.ok, answer.error
    clock.now += LEASE
    (known,) = collecting.to_check(ports, 10)
    charged = collecting.check(ports, known)
    assert charged is not None
    assert charged.state is ChargeState.CAPTURED


def test_what_comes_too_much_is_the_clients_credit(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile(api, more=OFF)
    charge(on(silent(ports), api))
    paid = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"
    assert api.call("payment.create", paid).ok
    clock.now += LEASE
    (known,) = collecting.to_check(ports, 10)
    collecting.check(ports, known)
    client = api.call("client.get", "<client_id>1</client_id>")
    assert client.text("client/credit") == "40"


def test_one_that_nobody_has_sent_is_forgotten(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile(api, more=OFF)
    # Its process dies before it sends what it has prepared.
    charging._prepared(ports, api.caller, 1, None)
    assert refusal(charge(api)) == CHARGED
    clock.now += LEASE
    (known,) = collecting.to_check(ports, 10)
    assert collecting.check(ports, known) is None
    assert tried(api) == []


def test_a_receipt_follows_the_profiles_wish(api: Api) -> None:
    profile(api, more=OFF)
    profile(api, more=f"{OFF}<send_receipt>never</send_receipt>")
    assert charge(api, 1).ok
    assert charge(api, 2).ok
    assert receipts(api) == 1


def test_a_person_charges_the_invoices_of_their_clients_alone(
    api: Api, ports: Ports
) -> None:
    profile(api, more=OFF)
    profile(api, more=OFF)
    name = api.account.name
    people.add(ports, name, username="eva", first_name="Eva")
    people.assign(name, "eva", [2])
    token = accounts.token(ports, name, revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    assert charge(eva, 1).code == "50010"
    assert charge(eva, 2).ok
    found = charges.of_invoice(api.account.account_id, 2)
    assert [each.staff_id for each in found] == [2]


def given(api: Api, client_id: int = 1, number: str = GOOD) -> str:
    """Give a client a card; return the element that names it."""
    content = (
        f"<card><client_id>{client_id}</client_id><number>{number}</number>"
        "<name>Ada Byron</name><expiration><month>7</month><year>2031</year>"
        "</expiration></card>"
    )
    answer = api.call("card.create", content)
    assert answer.ok, answer.error
    return f"<card_id>{answer.text('card_id')}</card_id>"


def test_a_card_that_is_named_pays_instead_of_the_profiles(api: Api) -> None:
    profile(api, POOR, more=OFF)
    card_id = given(api)
    assert charge(api, 1, card_id).ok
    assert statuses(api) == ["paid"]
    (found,) = charges.of_invoice(api.account.account_id, 1)
    assert (found.card_id, found.last_four) == (1, "4242")


def test_a_card_that_is_named_pays_where_no_profile_is(api: Api) -> None:
    client_id = api.create_client()
    card_id = given(api, client_id)
    by_hand = (
        f"<invoice><client_id>{client_id}</client_id><status>sent</status>"
        f"{LINES}</invoice>"
    )
    assert api.call("invoice.create", by_hand).ok
    assert charge(api, 1, card_id).ok
    assert statuses(api) == ["paid"]
    assert receipts(api) == 0


def test_a_card_of_another_client_is_not_found(api: Api) -> None:
    profile(api, more=OFF)
    others = given(api, api.create_client())
    answer = charge(api, 1, others)
    assert (answer.code, answer.field) == ("50010", "card_id")
    assert tried(api) == []


def test_a_card_that_was_deleted_is_not_found(api: Api) -> None:
    profile(api, more=OFF)
    card_id = given(api)
    assert api.call("card.delete", card_id).ok
    answer = charge(api, 1, card_id)
    assert (answer.code, answer.field) == ("50010", "card_id")


def test_a_card_of_the_profiles_by_its_id_is_the_profiles(api: Api) -> None:
    client_id = api.create_client()
    card_id = given(api, client_id)
    answer = api.create(f"{OFF}<autobill>{card_id}</autobill>{LINES}", client_id)
    assert answer.ok, answer.error
    assert charge(api).ok
    assert statuses(api) == ["paid"]
