"""Whatever is wrong with a gateway or a card: nothing is declined, all of it waits."""

# ruff: noqa: S608 - statements are put together from words of this file

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.charge import ChargeState
from app.domain.gateway import Approved, Unknown
from app.gateways.registry import Registry
from app.services import collecting
from app.services.settling import settle
from app.storage import charge as charges
from app.storage import database
from app.vault.cards import Vault
from app.vault.keys import KeyRing
from tests.bank import Lie
from tests.conftest import Api
from tests.shop import CARD, GOOD, LINES, Shop

NO_CARD = "<recurring><recurring_id>1</recurring_id><autobill/></recurring>"
NO_AUTOPAY = "<recurring><recurring_id>1</recurring_id><autopay>0</autopay></recurring>"
PAID = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"
IN_EUROS = (
    "<invoice><invoice_id>1</invoice_id><currency_code>EUR</currency_code></invoice>"
)

Damage = Callable[[Shop], None]


def run(*statements: str) -> Damage:
    def damage(_shop: Shop) -> None:
        with database.writing():
            for statement in statements:
                assert database.execute(statement).rowcount

    return damage


def lose_the_kind(shop: Shop) -> None:
    shop.ports = replace(shop.ports, gateways=Registry({}))


def lose_the_key(shop: Shop) -> None:
    ring = KeyRing(keys={"other": bytes(32)}, source="a test")
    shop.ports = replace(shop.ports, vault=Vault(ring))


SEALED = "(SELECT sealed FROM autobill WHERE recurring_id = 1)"
DAMAGES: dict[str, Damage] = {
    "disabled": run("UPDATE gateway SET enabled = false"),
    "removed": run("DELETE FROM gateway"),
    "of a missing kind": lose_the_kind,
    "settings that do not open": run(
        "INSERT INTO gateway_settings (account_id, name, key_version, sealed) "
        f"VALUES (1, 'Authorize.Net', 1, {SEALED})"
    ),
    "a card that does not open": run(
        "UPDATE autobill SET sealed = (SELECT wrapped FROM data_key)"
    ),
    "a key that is missing": lose_the_key,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_an_invoice_waits_and_is_charged_once_it_can_be(shop: Shop, name: str) -> None:
    shop.issue(2)
    before, ports = {}, shop.ports
    for table in ("gateway", "autobill"):
        before[table] = database.execute(f"SELECT * FROM {table}").fetchall()
    DAMAGES[name](shop)
    for _ in range(3):
        shop.collect()
        assert shop.statuses() == ["sent"] * 2
        assert shop.due == 2
        assert shop.states() == []
        assert shop.ledger.verbs == []
        shop.clock.now += timedelta(hours=1)
    shop.ports = ports
    with database.writing():
        for table in ("gateway_settings", "gateway", "autobill"):
            database.execute(f"DELETE FROM {table}")
        for table, rows in before.items():
            for row in rows:
                marks = ", ".join("?" * len(row))
                database.execute(f"INSERT INTO {table} VALUES ({marks})", row)
    shop.wait()
    shop.check_paid(2)


@pytest.mark.parametrize("name", DAMAGES)
def test_what_was_sent_is_never_sent_as_anything_else(
    shop: Shop, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    shop.issue()
    shop.ledger.lies([Lie.CAPTURED])
    shop.collect()
    DAMAGES[name](shop)
    shop.clock.now += timedelta(minutes=5)
    with caplog.at_level(logging.ERROR, "app"):
        shop.collect()
    (state,) = shop.states()
    if name in {"disabled", "a card that does not open"}:
        # What it was sent with is known.
        assert state is ChargeState.CAPTURED
    elif name == "removed":
        assert state is ChargeState.PARKED
    else:
        assert state is ChargeState.UNKNOWN
        assert "charges of account 1 wait" in caplog.text
        assert charges.next_check(shop.account_id) is not None
    assert shop.ledger.taken == {"0000001": [4000]}


def test_a_clock_that_is_set_back_charges_nothing_twice(shop: Shop) -> None:
    shop.issue()
    shop.ledger.lies([Lie.CAPTURED])
    shop.collect()
    shop.clock.now -= timedelta(days=40)
    shop.collect()
    assert shop.states() == [ChargeState.UNKNOWN]
    shop.clock.now += timedelta(days=41)
    shop.wait()
    shop.check_paid()


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("recurring.update", NO_CARD),
        ("recurring.delete", "<recurring_id>1</recurring_id>"),
        ("client.delete", "<client_id>1</client_id>"),
        ("payment.create", PAID),
        ("invoice.delete", "<invoice_id>1</invoice_id>"),
    ],
)
def test_what_changes_between_preparing_and_sending_is_obeyed(
    shop: Shop, method: str, content: str
) -> None:
    shop.issue()
    (batch,) = collecting.due(shop.ports, 10)
    (known,) = collecting.prepare(shop.ports, batch)
    answer = shop.api.call(method, content)
    assert answer.ok, answer.error
    assert collecting.send(shop.ports, known) is None
    assert shop.states() == []
    shop.wait()
    assert shop.ledger.verbs == []
    shop.check_books()


def test_a_part_that_is_paid_in_between_is_not_charged(shop: Shop) -> None:
    shop.issue()
    (batch,) = collecting.due(shop.ports, 10)
    (known,) = collecting.prepare(shop.ports, batch)
    assert shop.api.call(
        "payment.create",
        "<payment><invoice_id>1</invoice_id><amount>15</amount></payment>",
    ).ok
    collecting.send(shop.ports, known)
    assert shop.ledger.taken == {"0000001": [2500]}
    assert shop.statuses() == ["auto-paid"]
    shop.check_books()


def test_a_card_that_is_replaced_in_between_is_the_one_that_is_charged(
    shop: Shop,
) -> None:
    shop.issue()
    (batch,) = collecting.due(shop.ports, 10)
    (known,) = collecting.prepare(shop.ports, batch)
    assert shop.api.update(
        1,
        "<autobill><gateway_name>Authorize.Net</gateway_name><card><number>"
        "5555555555554444</number><name>Ada</name><expiration><month>7</month>"
        "<year>2039</year></expiration></card></autobill>",
    ).ok
    charge = collecting.send(shop.ports, known)
    assert charge is not None
    assert charge.last_four == "4444"
    shop.check_paid()


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("invoice.delete", "<invoice_id>1</invoice_id>"),
        ("invoice.update", IN_EUROS),
    ],
)
def test_what_money_may_be_under_way_for_stays_as_it_is(
    shop: Shop, method: str, content: str
) -> None:
    shop.issue()
    shop.ledger.lies([Lie.CAPTURED])
    shop.collect()
    answer = shop.api.call(method, content)
    assert answer.code == "50020"
    shop.wait()
    shop.check_paid()


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("recurring.update", NO_CARD),
        ("recurring.delete", "<recurring_id>1</recurring_id>"),
        ("client.delete", "<client_id>1</client_id>"),
    ],
)
def test_what_changes_after_sending_comes_too_late(
    shop: Shop, method: str, content: str
) -> None:
    shop.issue()
    shop.ledger.lies([Lie.CAPTURED])
    shop.collect()
    assert shop.api.call(method, content).ok
    shop.wait()
    shop.check_paid()


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("recurring.update", NO_CARD),
        ("recurring.update", NO_AUTOPAY),
        ("recurring.delete", "<recurring_id>1</recurring_id>"),
        ("client.delete", "<client_id>1</client_id>"),
        ("payment.create", PAID),
    ],
)
def test_what_changes_before_the_gateway_has_an_order_is_obeyed(
    shop: Shop, method: str, content: str
) -> None:
    shop.issue()
    shop.ledger.lies([Lie.LOST])
    shop.collect()
    assert shop.api.call(method, content).ok
    shop.wait()
    assert shop.ledger.taken == {}
    assert shop.states() == []
    shop.check_books()


def test_a_part_that_is_paid_before_the_gateway_has_an_order_is_not_charged(
    shop: Shop,
) -> None:
    shop.issue()
    shop.ledger.lies([Lie.LOST])
    shop.collect()
    part = PAID.replace(">40<", ">15<")
    assert part != PAID
    assert shop.api.call("payment.create", part).ok
    shop.wait()
    assert shop.ledger.taken == {"0000001": [2500]}
    assert shop.statuses() == ["auto-paid"]
    shop.check_books()


def test_a_profile_takes_no_card_along_to_another_client(shop: Shop) -> None:
    shop.issue(more="<due_days>3</due_days>")
    other = f"<client_id>{shop.api.create_client()}</client_id>"
    assert shop.api.update(1, other).field == "client_id"
    assert shop.api.update(1, f"{other}{CARD.format(number=GOOD)}").ok
    assert shop.api.update(1, "<client_id>1</client_id><autobill/>").ok
    assert shop.api.update(1, other).ok


def test_no_card_pays_for_another_client(shop: Shop) -> None:
    shop.issue(more="<due_days>3</due_days>")
    other = shop.api.create_client()
    this = f"<invoice_id>1</invoice_id><client_id>{other}</client_id>"
    assert shop.api.call("invoice.update", f"<invoice>{this}</invoice>").ok
    shop.clock.now += timedelta(days=3)
    shop.wait()
    assert shop.ledger.taken == {}
    assert shop.statuses() == ["sent"]
    answer = shop.api.call("invoice.charge", "<invoice_id>1</invoice_id>")
    assert (answer.code, answer.field) == ("40040", "card_id")


def test_a_payment_by_hand_while_a_card_is_charged_is_credit(shop: Shop) -> None:
    shop.issue()
    shop.ledger.lies([Lie.CAPTURED])
    shop.collect()
    assert shop.api.call("payment.create", PAID).ok
    shop.wait()
    assert shop.ledger.taken == {"0000001": [4000]}
    client = shop.api.call("client.get", "<client_id>1</client_id>")
    assert set(client.all("credit")) == {"40"}
    shop.check_books()


def test_a_decline_of_what_was_paid_meanwhile_fails_nothing(shop: Shop) -> None:
    shop.issue(number="4000000000009979")
    shop.ledger.lies([Lie.CAPTURED])
    shop.collect()
    assert shop.api.call("payment.create", PAID).ok
    shop.wait()
    assert shop.states() == [ChargeState.DECLINED]
    assert shop.statuses() == ["paid"]
    shop.check_books()


def test_what_a_dead_process_prepared_is_sent_once(shop: Shop) -> None:
    shop.issue()
    (batch,) = collecting.due(shop.ports, 10)
    (known,) = collecting.prepare(shop.ports, batch)
    shop.collect()
    assert shop.states() == [ChargeState.PREPARED]
    shop.clock.now += timedelta(minutes=5)
    shop.collect()
    assert collecting.send(shop.ports, known) is None
    assert shop.ledger.verbs == ["charge"]
    shop.check_paid()


def test_what_a_person_prepared_and_did_not_send_is_dropped(shop: Shop) -> None:
    shop.issue()
    (batch,) = collecting.due(shop.ports, 10)
    collecting.prepare(shop.ports, batch)
    with database.writing():
        database.execute("UPDATE charge SET automatic = false")
    shop.clock.now += timedelta(minutes=5)
    shop.collect()
    assert shop.states() == []
    assert shop.ledger.verbs == []


def test_a_charge_that_cannot_be_read_is_put_off_and_the_others_go_on(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.issue(2)
    shop.ledger.lies([Lie.CAPTURED] * 2)
    shop.collect()
    with database.writing():
        database.execute("UPDATE charge SET brand = 'SHELL' WHERE charge_id = 1")
    shop.clock.now += timedelta(minutes=5)
    with caplog.at_level(logging.ERROR, "app"):
        shop.collect()
    assert [each.state for each in shop.charges(2)] == [ChargeState.CAPTURED]
    assert "charge 1 of account 1 is put off: ValueError" in caplog.text
    with database.writing():
        database.execute("UPDATE charge SET brand = 'VISA' WHERE charge_id = 1")
    shop.clock.now += timedelta(hours=1)
    shop.collect()
    shop.check_paid(2)


def test_a_late_answer_parks_nothing_twice(shop: Shop) -> None:
    shop.issue()
    shop.ledger.lies([Lie.LOST] * 9)
    shop.wait()
    assert shop.states() == [ChargeState.PARKED]
    known = shop.account_id, 1
    settle(shop.ports, known, Unknown(detail="Late."))
    told = shop.api.call("invoice.history", "<invoice_id>1</invoice_id>").all("what")
    assert told.count("charge.park") == 1
    settle(shop.ports, known, Approved(reference="late"))
    assert shop.states() == [ChargeState.CAPTURED]


def test_an_invoice_that_waits_hides_no_later_day_from_a_test_clock(
    clocked: Api,
) -> None:
    held = CARD.format(number=GOOD).replace("Authorize.Net", "PayPal Payflow Pro")
    clocked.create_profile(f"<occurrences>1</occurrences>{held}{LINES}")
    database.execute(
        "UPDATE gateway SET enabled = false WHERE name = 'PayPal Payflow Pro'"
    )
    clocked.create_profile(
        f"<frequency>monthly</frequency>{CARD.format(number=GOOD)}{LINES}"
        "<due_days>3</due_days>"
    )
    assert clocked.call("clock.set", "<date>2007-12-20</date>").ok
    dates = clocked.call("payment.list").all("date")[::-1]
    assert [each[:10] for each in dates] == [
        "2007-09-04",
        "2007-10-04",
        "2007-11-04",
        "2007-12-04",
    ]
