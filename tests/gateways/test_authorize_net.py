"""Authorize.Net: every outcome and every lie; money is counted, not calls."""

import ipaddress
import itertools
import logging
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.config import SettingsError
from app.domain.card import Brand, Card, CardNumber, CardToken, Cvv, Expiration
from app.domain.gateway import (
    Address,
    Approved,
    CardCheck,
    Declined,
    Missing,
    Order,
    Outcome,
    Reason,
    Refund,
    Tokenised,
    Unknown,
)
from app.domain.money import Money
from app.gateways.authorize_net import AuthorizeNet, line, lists
from app.gateways.gateway import Gateway
from tests.gateways import authorize_net_emulator as there
from tests.gateways.authorize_net_emulator import Emulator, Lie

SECRETS = {"login_id": there.LOGIN_ID, "transaction_key": there.TRANSACTION_KEY}
EXPIRATION = Expiration(month=4, year=2031)
NAME = "Zebulon Quartermain"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEN = Money(Decimal("10.00"), "USD")
KEY = "3f0a7a63-6a0c-4c6b-9f5e-93a3a8f4e6ad/1"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with there.running() as emulator:
        yield emulator


@pytest.fixture
def gateway(emulator: Emulator) -> Gateway:
    return AuthorizeNet({**SECRETS, "endpoint": emulator.url})


@contextmanager
def impatient() -> Iterator[None]:
    """Have silence borne for a moment only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "_READ_S", 0.3)
        yield


def a_card(number: str = there.APPROVED) -> Card:
    return Card(number=CardNumber(number), name=NAME, expiration=EXPIRATION)


def an_order(number: str = there.APPROVED, **changes: object) -> Order:
    order = Order(key=KEY, amount=TEN, card=a_card(number), invoice_number="0000017")
    return replace(order, **changes)  # type: ignore[arg-type]


def sent(order: Order, emulator: Emulator) -> Order:
    """Return the order as it is looked up: sent now."""
    return replace(order, sent_at=emulator.now)


def unknown(outcome: object) -> str:
    assert isinstance(outcome, Unknown), outcome
    return outcome.detail


def declined(outcome: object) -> Declined:
    assert isinstance(outcome, Declined), outcome
    return outcome


def approved(outcome: object) -> str:
    assert isinstance(outcome, Approved), outcome
    return outcome.reference


# Charges


def test_an_approved_charge_takes_the_money_and_gives_the_reference(
    gateway: Gateway, emulator: Emulator
) -> None:
    reference = approved(gateway.charge(an_order()))
    (made,) = emulator.transactions
    assert (made.number, made.amount, made.currency) == (reference, TEN.amount, "USD")
    assert made.card == there.APPROVED
    assert emulator.money == TEN.amount


def test_a_charge_is_written_as_their_schema_orders_it(
    gateway: Gateway, emulator: Emulator
) -> None:
    approved(gateway.charge(an_order()))
    (body,) = emulator.bodies
    reference = emulator.transactions[0].invoice
    assert body.decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<createTransactionRequest xmlns="AnetApi/xml/v1/schema/AnetApiSchema.xsd">'
        f"<merchantAuthentication><name>{there.LOGIN_ID}</name>"
        f"<transactionKey>{there.TRANSACTION_KEY}</transactionKey>"
        f"</merchantAuthentication><refId>{reference}</refId><transactionRequest>"
        "<transactionType>authCaptureTransaction</transactionType>"
        "<amount>10.00</amount><currencyCode>USD</currencyCode>"
        f"<payment><creditCard><cardNumber>{there.APPROVED}</cardNumber>"
        "<expirationDate>2031-04</expirationDate></creditCard></payment>"
        f"<order><invoiceNumber>{reference}</invoiceNumber>"
        "<description>Invoice 0000017</description></order>"
        "<billTo><firstName>Zebulon</firstName><lastName>Quartermain</lastName>"
        "</billTo><transactionSettings>"
        "<setting><settingName>allowPartialAuth</settingName>"
        "<settingValue>false</settingValue></setting>"
        "<setting><settingName>duplicateWindow</settingName>"
        "<settingValue>28800</settingValue></setting>"
        "<setting><settingName>emailCustomer</settingName>"
        "<settingValue>false</settingValue></setting>"
        "</transactionSettings></transactionRequest></createTransactionRequest>"
    )


def test_a_request_asks_for_nothing_but_an_answer(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    approved(gateway.charge(an_order()))
    (headers,) = emulator.headers
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("number", "reason", "hard"),
    [
        ("4222222222222220", Reason.DECLINED, False),
        ("4000000000000002", Reason.STOLEN, True),
        ("4000000000000010", Reason.EXPIRED, False),
        ("4000000000000028", Reason.NUMBER, True),
        ("4000000000000036", Reason.ADDRESS, False),
        ("4000000000000044", Reason.CVV, False),
        ("4000000000000051", Reason.FRAUD, True),
        ("4000000000000101", Reason.DECLINED, False),
        ("4000000000000085", Reason.CURRENCY, False),
        ("4000000000000093", Reason.TYPE, False),
    ],
)
def test_a_card_at_fault_is_declined_with_its_reason(
    gateway: Gateway, emulator: Emulator, number: str, reason: Reason, *, hard: bool
) -> None:
    outcome = declined(gateway.charge(an_order(number)))
    assert (outcome.reason, outcome.hard) == (reason, hard)
    assert outcome.message.startswith("What is wrong with it:")
    assert outcome.reference == emulator.transactions[0].number
    assert emulator.money == 0


def test_what_no_table_knows_is_a_plain_decline_only_where_they_call_it_one(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(there.CARDS, there.APPROVED, ("2", "9999"))
    assert declined(gateway.charge(an_order())).reason is Reason.DECLINED
    monkeypatch.setitem(there.CARDS, there.APPROVED, ("3", "9999"))
    assert "9999" in unknown(gateway.charge(an_order(key="other")))
    monkeypatch.setitem(there.CARDS, there.APPROVED, ("9", "1"))
    monkeypatch.setattr(there, "transaction", lambda *_, **__: there.ok())
    assert unknown(gateway.charge(an_order(key="another")))


def test_an_error_of_the_processor_is_not_known_until_it_is_looked_up(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = an_order("4000000000000069")
    assert "reason 19" in unknown(gateway.charge(order))
    outcome = declined(gateway.look_up(sent(order, emulator)))
    assert outcome.reason is Reason.PROCESSING
    assert emulator.money == 0


def test_an_answer_that_does_not_say_how_it_went_declines_nothing(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(there, "messages", lambda *_: "")
    for number in (there.APPROVED, "4222222222222220"):
        assert "how it went" in unknown(gateway.charge(an_order(number)))


def test_an_approval_in_a_refusal_is_unknown(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = there.transaction("1", "1", "7", there.APPROVED).replace("Ok", "Error")
    monkeypatch.setattr(there, "transaction", lambda *_, **__: answer)
    assert unknown(gateway.charge(an_order()))


def test_their_words_are_shortened_and_lose_what_could_be_a_number(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = there.APPROVED
    said = f"Card {number}\x07 and 4111 1111-1111 1111 is no good. " + "So it is. " * 99
    answer = there.messages("Error", "E00027", "No.") + (
        "<transactionResponse><responseCode>2</responseCode><transId>0</transId>"
        f"<errors><error><errorCode>2</errorCode><errorText>{said.replace(chr(7), ' ')}"
        "</errorText></error></errors></transactionResponse>"
    )
    monkeypatch.setattr(there, "transaction", lambda *_, **__: answer)
    outcome = declined(gateway.charge(an_order()))
    assert outcome.message.startswith("Card … and … is no good. So it is.")
    assert len(outcome.message) == 200
    assert outcome.reference == ""


def test_an_account_in_test_mode_approves_nothing(
    gateway: Gateway, emulator: Emulator
) -> None:
    emulator.test_mode = True
    assert "test" in unknown(gateway.charge(an_order()))
    assert emulator.money == 0


def test_a_number_longer_than_they_take_is_not_sent(
    gateway: Gateway, emulator: Emulator
) -> None:
    outcome = declined(gateway.charge(an_order("4111111111111111110")))
    assert outcome.reason is Reason.TYPE
    assert not emulator.asked


@pytest.mark.parametrize(
    "key",
    ["", "1", "\u0456", "\ud800", "k" * 10_000, "a|b", "\x00"],
    ids=["empty", "short", "ukrainian", "broken", "long", "bar", "nul"],
)
def test_a_key_may_be_any_text(gateway: Gateway, emulator: Emulator, key: str) -> None:
    approved(gateway.charge(an_order(key=key)))
    assert "11" not in unknown(gateway.charge(an_order(key=key)))
    assert len(emulator.transactions[0].invoice) == 20
    assert emulator.captures == 1


def test_no_two_keys_have_one_reference(gateway: Gateway, emulator: Emulator) -> None:
    keys = [f"{KEY}{n}" for n in range(40)] + [KEY[:-1], "k" * 30, "k" * 31]
    for key in keys:
        approved(gateway.charge(an_order(key=key)))
    assert len({each.invoice for each in emulator.transactions}) == len(keys)


def test_a_reference_stays_what_it_was_when_it_was_first_sent(
    gateway: Gateway, emulator: Emulator
) -> None:
    approved(gateway.charge(an_order(key="k")))
    assert emulator.transactions[0].invoice == "DV7HEQVZBWZEHAVCR74X"


@pytest.mark.parametrize(
    ("amount", "written"),
    [("0.01", "0.01"), ("1E+3", "1000.00"), ("10.005", "10.01"), ("9999", "9999.00")],
)
def test_an_amount_is_written_with_its_cents(
    gateway: Gateway, emulator: Emulator, amount: str, written: str
) -> None:
    approved(gateway.charge(an_order(amount=Money(Decimal(amount), "USD"))))
    assert f"<amount>{written}</amount>" in emulator.bodies[0].decode()


def test_hostile_texts_are_text(gateway: Gateway, emulator: Emulator) -> None:
    card = replace(a_card(), name="Ro\x00bert <b>&amp; \ud800" + "x" * 99)
    order = an_order(card=card, invoice_number="<!--\x0b]]>" + "7" * 400)
    approved(gateway.charge(order))
    root = ET.fromstring(emulator.bodies[0])  # noqa: S314 - ours
    assert there.text(root, "transactionRequest/billTo/firstName") == "Robert <b>&amp;"
    said = there.text(root, "transactionRequest/order/description")
    assert said.startswith("Invoice <!--]]>777")


# Cards that they keep


def test_a_card_that_they_keep_is_charged_by_its_token(
    gateway: Gateway, emulator: Emulator
) -> None:
    token = kept(gateway.tokenise(a_card(), CardCheck(), "one"))
    order = an_order(card=replace(a_card(), number=token))
    approved(gateway.charge(order))
    assert emulator.transactions[0].card == there.APPROVED
    customer, payment = token.reveal().split("|")
    body = emulator.bodies[-1].decode()
    assert there.APPROVED not in body
    assert "billTo" not in body
    assert (
        f"<profile><customerProfileId>{customer}</customerProfileId><paymentProfile>"
        f"<paymentProfileId>{payment}</paymentProfileId></paymentProfile></profile>"
    ) in body


def test_a_card_that_they_do_not_keep_is_declined_for_good(
    gateway: Gateway, emulator: Emulator
) -> None:
    token = CardToken("1|2", "1111", Brand.VISA)
    outcome = declined(gateway.charge(an_order(card=replace(a_card(), number=token))))
    assert outcome.reason is Reason.NUMBER
    assert emulator.asked


@pytest.mark.parametrize(
    "text", ["", "1", "1|", "|2", "1|2|3", "tok_x", "1|2\n", "\u0661|\u0662"]
)
def test_a_token_of_another_form_is_not_sent(
    gateway: Gateway, emulator: Emulator, text: str
) -> None:
    assert AuthorizeNet.TOKEN is not None
    assert AuthorizeNet.TOKEN.fullmatch(text) is None
    token = CardToken(text, "1111", None)
    outcome = declined(gateway.charge(an_order(card=replace(a_card(), number=token))))
    assert outcome.reason is Reason.NUMBER
    assert not emulator.asked


def kept(outcome: object) -> CardToken:
    assert isinstance(outcome, Tokenised), outcome
    return outcome.token


def test_a_card_is_tried_out_and_kept(gateway: Gateway, emulator: Emulator) -> None:
    check = CardCheck(
        cvv=Cvv(there.CVV_OF_ALL), address=Address(street="1 High St", code="98004")
    )
    token = kept(gateway.tokenise(a_card(), check, "one"))
    (profile,) = emulator.profiles.values()
    ((payment, card),) = profile.cards.items()
    assert token.reveal() == f"{profile.number}|{payment}"
    assert (token.last_four, token.brand) == ("1111", Brand.VISA)
    assert card == (there.APPROVED, "2031-04")
    assert AuthorizeNet.TOKEN is not None
    assert AuthorizeNet.TOKEN.fullmatch(token.reveal())
    assert emulator.money == 0


def test_a_card_to_be_kept_is_written_as_their_schema_orders_it(
    gateway: Gateway, emulator: Emulator
) -> None:
    check = CardCheck(
        cvv=Cvv(there.CVV_OF_ALL), address=Address(street="1 High St", code="98004")
    )
    kept(gateway.tokenise(a_card(), check, "one"))
    body = emulator.bodies[0].decode()
    start = body.index("<profile>")
    (profile,) = emulator.profiles.values()
    assert body[start:] == (
        f"<profile><merchantCustomerId>{profile.customer}</merchantCustomerId>"
        "<paymentProfiles><billTo><firstName>Zebulon</firstName>"
        "<lastName>Quartermain</lastName><address>1 High St</address>"
        "<zip>98004</zip></billTo><payment><creditCard>"
        f"<cardNumber>{there.APPROVED}</cardNumber>"
        "<expirationDate>2031-04</expirationDate><cardCode>900</cardCode>"
        "</creditCard></payment></paymentProfiles></profile>"
        "<validationMode>liveMode</validationMode></createCustomerProfileRequest>"
    )


def test_a_card_without_name_code_and_address_is_kept_too(
    gateway: Gateway, emulator: Emulator
) -> None:
    kept(gateway.tokenise(replace(a_card(), name=""), CardCheck(), "one"))
    assert "billTo" not in emulator.bodies[0].decode()


@pytest.mark.parametrize(
    ("number", "code", "reason"),
    [
        (there.APPROVED, "901", Reason.CVV),
        ("4222222222222220", "", Reason.DECLINED),
        ("4000000000000002", "", Reason.STOLEN),
        ("4000000000000036", "", Reason.ADDRESS),
        ("4000000000000028", "", Reason.NUMBER),
    ],
)
def test_a_card_that_fails_the_trial_is_declined_and_not_kept(
    gateway: Gateway, emulator: Emulator, number: str, code: str, reason: Reason
) -> None:
    check = CardCheck(cvv=Cvv(code) if code else None)
    for between in (",", "|", '","'):
        emulator.between = between
        outcome = declined(gateway.tokenise(a_card(number), check, "one"))
        assert outcome.reason is reason
    assert not emulator.profiles


def test_a_trial_that_goes_wrong_on_their_side_is_unknown(
    gateway: Gateway, emulator: Emulator
) -> None:
    assert unknown(gateway.tokenise(a_card("4000000000000069"), CardCheck(), "one"))
    assert not emulator.profiles


def test_an_expired_card_is_declined_as_that(gateway: Gateway) -> None:
    card = replace(a_card(), expiration=Expiration(month=1, year=2026))
    outcome = declined(gateway.tokenise(card, CardCheck(), "one"))
    assert outcome.reason is Reason.EXPIRED


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("E00013", "Credit Card Number is invalid.", Reason.NUMBER),
        ("E00013", "Something is invalid.", None),
        ("E00027", "The transaction was unsuccessful.", Reason.DECLINED),
        ("E00044", "Customer Information Manager is not enabled.", None),
        ("E00007", "User authentication failed.", None),
    ],
)
def test_a_refusal_without_a_trial_is_the_cards_fault_only_if_it_says_so(
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    text: str,
    expected: Reason | None,
) -> None:
    refused = there.Refused(code, text)

    def refuse(*_: object) -> str:
        raise refused

    monkeypatch.setattr(Emulator, "_tried", refuse)
    outcome = gateway.tokenise(a_card(), CardCheck(), "one")
    if expected is None:
        assert unknown(outcome)
    else:
        assert declined(outcome).reason is expected


@pytest.mark.parametrize("after", [False, True])
def test_a_card_whose_answer_was_lost_is_kept_once_for_its_key(
    gateway: Gateway, emulator: Emulator, *, after: bool
) -> None:
    emulator.lies(Lie.DROPPED, "createCustomerProfile", after=after)
    assert unknown(gateway.tokenise(a_card(), CardCheck(), "one"))
    token = kept(gateway.tokenise(a_card(), CardCheck(), "one"))
    (profile,) = emulator.profiles.values()
    assert [f"{profile.number}|{n}" for n in profile.cards] == [token.reveal()]
    approved(gateway.charge(an_order(card=replace(a_card(), number=token))))


def test_another_card_for_the_same_key_is_kept_beside_the_first(
    gateway: Gateway, emulator: Emulator
) -> None:
    first = kept(gateway.tokenise(a_card(), CardCheck(), "one"))
    second = kept(gateway.tokenise(a_card("5424000000000015"), CardCheck(), "one"))
    assert first.reveal().split("|")[0] == second.reveal().split("|")[0]
    assert first != second
    assert len(emulator.profiles) == 1
    refused = gateway.tokenise(a_card("4000000000000044"), CardCheck(), "one")
    assert declined(refused).reason is Reason.CVV


def test_an_answer_without_a_number_keeps_no_card(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Emulator, "_keep", lambda *_: there.ok())
    assert unknown(gateway.tokenise(a_card(), CardCheck(), "one"))


def test_a_token_is_a_token_already(gateway: Gateway, emulator: Emulator) -> None:
    token = CardToken("1|2", "1111", Brand.VISA)
    card = replace(a_card(), number=token)
    assert kept(gateway.tokenise(card, CardCheck(), "one")) is token
    assert not emulator.asked


def test_a_number_longer_than_they_take_is_not_kept(
    gateway: Gateway, emulator: Emulator
) -> None:
    card = a_card("4111111111111111110")
    assert declined(gateway.tokenise(card, CardCheck(), "one")).reason is Reason.TYPE
    assert not emulator.asked


# Repeats and look-ups


def test_a_repeat_is_neither_charged_nor_declined_for_eight_hours(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = an_order()
    reference = approved(gateway.charge(order))
    for _ in range(7):
        emulator.passes(HOUR)
        assert "before" in unknown(gateway.charge(order))
        assert gateway.look_up(order) == Approved(reference=reference)
    assert emulator.captures == 1


def test_a_repeat_of_a_decline_is_looked_up_with_its_reason(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = an_order("4000000000000002")
    first = declined(gateway.charge(order))
    assert unknown(gateway.charge(order))
    found = declined(gateway.look_up(sent(order, emulator)))
    assert (found.reason, found.reference) == (first.reason, first.reference)
    assert found.message


def test_the_same_amount_and_card_for_another_key_is_no_repeat(
    gateway: Gateway, emulator: Emulator
) -> None:
    approved(gateway.charge(an_order(key="one")))
    approved(gateway.charge(an_order(key="two")))
    assert emulator.captures == 2


LIES = [lie for lie in Lie if lie is not Lie.DRIPPED]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.value)
def test_whatever_happens_to_a_charge_it_is_made_once(
    gateway: Gateway, emulator: Emulator, lie: Lie, *, after: bool
) -> None:
    order = sent(an_order(), emulator)
    emulator.lies(lie, "createTransaction", after=after)
    with impatient():
        assert unknown(gateway.charge(order))
    assert emulator.captures == after
    if not after:
        # Too early to tell.
        emulator.passes(timedelta(minutes=5))
        assert unknown(gateway.look_up(order))
        emulator.passes(HOUR)
        assert gateway.look_up(order) == Missing()
        approved(gateway.charge(order))
    (made,) = emulator.transactions
    assert gateway.look_up(order) == Approved(reference=made.number)
    assert emulator.money == TEN.amount


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.value)
@pytest.mark.parametrize(
    "method",
    ["getUnsettledTransactionList", "getSettledBatchList", "getTransactionList"],
)
def test_whatever_happens_to_a_list_an_order_is_not_missing(
    gateway: Gateway, emulator: Emulator, lie: Lie, method: str
) -> None:
    approved(gateway.charge(an_order(key="another's")))
    emulator.passes(HOUR)
    emulator.settle()
    order = sent(an_order(), emulator)
    emulator.passes(HOUR)
    assert gateway.look_up(order) == Missing()
    emulator.lies(lie, method, after=True)
    with impatient():
        assert unknown(gateway.look_up(order))


def test_an_answer_that_comes_byte_by_byte_does_not_keep_us(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "_WHOLE_S", 0.5)
    emulator.lies(Lie.DRIPPED, "createTransaction", after=True)
    assert "too long" in unknown(gateway.charge(an_order()))
    assert emulator.captures == 1


def test_an_answer_that_stops_halfway_does_not_keep_us(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "_WHOLE_S", 0.5)
    # The rest of it would come two seconds later.
    emulator.lies(Lie.STALLED, "createTransaction", after=True)
    assert unknown(gateway.charge(an_order()))


def test_all_requests_of_one_call_share_its_time(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "_WHOLE_S", 0.0)
    assert "too long" in unknown(gateway.look_up(an_order()))


def test_an_order_is_missing_only_if_it_would_have_been_listed_by_now(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = sent(an_order(), emulator)
    emulator.passes(lists.VISIBLE_AFTER - timedelta(seconds=1))
    assert unknown(gateway.look_up(order))
    emulator.passes(timedelta(seconds=1))
    assert gateway.look_up(order) == Missing()


def test_an_order_of_which_nobody_knows_when_it_was_sent_is_not_missing(
    gateway: Gateway, emulator: Emulator
) -> None:
    emulator.passes(DAY)
    assert unknown(gateway.look_up(an_order()))


def test_an_order_from_the_future_is_not_missing(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = sent(an_order(), emulator)
    for back in (timedelta(minutes=10), DAY):
        emulator.passes(-back)
        assert unknown(gateway.look_up(order))
    # For what was sent tomorrow there is no time to ask for.
    assert emulator.asked["getSettledBatchListRequest"] == 1


def test_without_the_time_of_their_answer_an_order_is_not_missing(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = sent(an_order(), emulator)
    emulator.passes(HOUR)
    emulator.dates = False
    assert unknown(gateway.look_up(order))


def test_an_order_older_than_their_lists_is_not_missing(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = sent(an_order(), emulator)
    emulator.passes(lists.LISTED_FOR)
    assert unknown(gateway.look_up(order))
    assert emulator.asked["getSettledBatchListRequest"] == 0


@pytest.mark.parametrize("days", [1, 5, 29])
def test_a_settled_order_is_found_in_its_batch(
    gateway: Gateway, emulator: Emulator, days: int
) -> None:
    order = sent(an_order(), emulator)
    reference = approved(gateway.charge(order))
    for day in range(days):
        emulator.passes(DAY)
        emulator.settle()
        approved(gateway.charge(an_order(key=f"another's {day}")))
    assert gateway.look_up(order) == Approved(reference=reference)
    # Without the time, in the batches of a day.
    assert isinstance(gateway.look_up(an_order()), Approved if days == 1 else Unknown)


def test_an_order_that_settles_while_the_lists_are_read_is_found(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sent(an_order(), emulator)
    emulator.lies(Lie.DROPPED, "createTransaction", after=True)
    assert unknown(gateway.charge(order))
    emulator.passes(HOUR)
    listed = Emulator._unsettled
    # Not yet in the one list, by then in the other.
    monkeypatch.setattr(
        Emulator,
        "_unsettled",
        lambda self, root: (self.settle(), listed(self, root))[1],
    )
    assert isinstance(gateway.look_up(order), Approved)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("capturedPendingSettlement", Approved),
        ("pendingSettlement", Approved),
        ("updatingSettlement", Approved),
        ("settledSuccessfully", Approved),
        ("chargeback", Approved),
        ("authorizedPendingCapture", Unknown),
        ("authorizedPendingRelease", Unknown),
        ("FDSPendingReview", Unknown),
        ("FDSAuthorizedPendingReview", Unknown),
        ("underReview", Unknown),
        ("approvedReview", Unknown),
        ("couldNotVoid", Unknown),
        ("communicationError", Unknown),
        ("settlementError", Unknown),
        ("somethingNew", Unknown),
        ("", Unknown),
        ("voided", Declined),
        ("expired", Declined),
        ("declined", Declined),
        ("failedReview", Declined),
        ("generalError", Declined),
    ],
)
def test_an_order_is_what_its_status_says(
    gateway: Gateway,
    emulator: Emulator,
    status: str,
    expected: type[Outcome],
) -> None:
    order = sent(an_order(), emulator)
    approved(gateway.charge(order))
    emulator.passes(DAY)
    emulator.become(status)
    assert isinstance(gateway.look_up(order), expected)


def test_a_charge_held_for_review_is_unknown_until_somebody_decides(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = sent(an_order("4000000000000077"), emulator)
    assert "holds" in unknown(gateway.charge(order))
    emulator.passes(DAY)
    assert unknown(gateway.look_up(order))
    emulator.become("capturedPendingSettlement")
    assert isinstance(gateway.look_up(order), Approved)
    emulator.become("failedReview")
    emulator.transactions[-1].reason = "254"
    assert declined(gateway.look_up(order)).reason is Reason.FRAUD


def test_a_capture_of_another_amount_is_for_a_person(
    gateway: Gateway, emulator: Emulator
) -> None:
    approved(gateway.charge(an_order()))
    emulator.transactions[0].amount -= 1
    assert "amount" in unknown(gateway.look_up(an_order()))


def test_a_refund_under_the_invoice_number_of_its_charge_is_not_the_charge(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = sent(an_order(), emulator)
    approved(gateway.charge(order))
    charge = emulator.transactions[0]
    emulator.settle()
    back = replace(charge, number="7", status="refundPendingSettlement", batch="")
    emulator.transactions.append(back)
    emulator.passes(HOUR)
    assert gateway.look_up(order) == Approved(reference=charge.number)


def test_a_capture_counts_more_than_a_failure_under_the_same_number(
    gateway: Gateway, emulator: Emulator
) -> None:
    approved(gateway.charge(an_order()))
    made = emulator.transactions[0]
    emulator.transactions.insert(0, replace(made, number="7", status="generalError"))
    assert gateway.look_up(an_order()) == Approved(reference=made.number)


@pytest.mark.parametrize("status", ["declined", "capturedPendingSettlement"])
def test_a_row_without_a_number_is_there_all_the_same(
    gateway: Gateway, emulator: Emulator, status: str
) -> None:
    order = sent(an_order(), emulator)
    approved(gateway.charge(order))
    emulator.passes(HOUR)
    emulator.become(status)
    emulator.transactions[0].number = ""
    assert gateway.look_up(order) != Missing()


def test_the_other_name_of_the_invoice_number_is_known_too(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = approved(gateway.charge(an_order()))
    written = there.row
    monkeypatch.setattr(
        there, "row", lambda each: written(each).replace("invoiceNumber>", "invoice>")
    )
    assert gateway.look_up(an_order()) == Approved(reference=reference)
    assert emulator.captures == 1


def filled(gateway: Gateway, emulator: Emulator, rows: int) -> None:
    """Have so many transactions of others listed."""
    approved(gateway.charge(an_order(key="another's")))
    one = emulator.transactions[0]
    emulator.transactions.extend(
        replace(one, number=str(n + 1), invoice=f"ANOTHERS-{n}")
        for n in range(rows - 1)
    )


@pytest.mark.parametrize("rows", [199, 200, 201, 1000])
def test_a_list_is_read_to_its_end(
    gateway: Gateway, emulator: Emulator, rows: int
) -> None:
    filled(gateway, emulator, rows)
    order = sent(an_order(), emulator)
    emulator.passes(HOUR)
    assert gateway.look_up(order) == Missing()
    reference = approved(gateway.charge(order))
    assert gateway.look_up(order) == Approved(reference=reference)


def test_a_list_that_changes_between_two_pages_says_nothing_of_what_is_missing(
    gateway: Gateway, emulator: Emulator
) -> None:
    filled(gateway, emulator, 300)
    order = sent(an_order(), emulator)
    reference = approved(gateway.charge(order))
    # The last row of the first page leaves, and ours moves to where it was.
    emulator.transactions.insert(200, emulator.transactions.pop())
    emulator.passes(HOUR)

    def settled() -> None:
        emulator.transactions[3].batch = "1"

    emulator.meanwhile = settled
    assert unknown(gateway.look_up(order))
    assert gateway.look_up(order) == Approved(reference=reference)


def test_a_long_list_that_does_not_say_how_long_says_nothing_of_what_is_missing(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = sent(an_order(), emulator)
    emulator.passes(HOUR)
    emulator.totals = False
    filled(gateway, emulator, 150)
    assert gateway.look_up(order) == Missing()
    emulator.transactions.clear()
    filled(gateway, emulator, 250)
    assert unknown(gateway.look_up(order))


def test_a_list_without_end_is_given_up(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    filled(gateway, emulator, 2 * line.REQUESTS_MAX)
    assert unknown(gateway.look_up(sent(an_order(), emulator)))
    assert emulator.asked["getUnsettledTransactionListRequest"] == line.REQUESTS_MAX


def test_a_decline_whose_details_cannot_be_read_is_unknown(
    gateway: Gateway, emulator: Emulator
) -> None:
    order = sent(an_order("4222222222222220"), emulator)
    declined(gateway.charge(order))
    emulator.lies(Lie.ERROR_500, "getTransactionDetails", after=True)
    assert unknown(gateway.look_up(order))
    declined(gateway.look_up(order))


def test_details_that_they_refuse_decline_nothing(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sent(an_order("4222222222222220"), emulator)
    declined(gateway.charge(order))
    busy = there.messages("Error", "E00053", "Server too busy")
    monkeypatch.setattr(Emulator, "_details", lambda *_: busy)
    assert "too busy" in unknown(gateway.look_up(order))


def test_details_in_a_refusal_decline_nothing(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sent(an_order("4222222222222220"), emulator)
    declined(gateway.charge(order))
    told = Emulator._details
    monkeypatch.setattr(
        Emulator, "_details", lambda *given: told(*given).replace("Ok", "Error")
    )
    assert unknown(gateway.look_up(order))


def test_a_listed_transaction_without_details_is_unknown(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = sent(an_order("4222222222222220"), emulator)
    declined(gateway.charge(order))
    monkeypatch.setattr(Emulator, "_known", lambda *_: None)
    assert unknown(gateway.look_up(order))


QUICK = [lie for lie in LIES if lie not in {Lie.SILENT, Lie.STALLED}]
METHODS = [
    "createTransaction",
    "getUnsettledTransactionList",
    "getSettledBatchList",
    "getTransactionList",
    "getTransactionDetails",
]
FAULTS = st.tuples(st.sampled_from(QUICK), st.sampled_from(METHODS), st.booleans())
# When an order is asked for that nobody knows the end of, one after the other.
WAITS = (timedelta(minutes=5), HOUR, DAY, DAY, DAY, DAY, DAY)


def collected(gateway: Gateway, emulator: Emulator, order: Order) -> object:
    """Charge and look up as the engine does; return how it ended."""
    order = sent(order, emulator)
    outcome: object = gateway.charge(order)
    for wait in WAITS:
        if not isinstance(outcome, Unknown):
            return outcome
        emulator.passes(wait)
        if wait == DAY:
            emulator.settle()
        outcome = gateway.look_up(order)
        if outcome == Missing():
            order = sent(order, emulator)
            outcome = gateway.charge(order)
    return outcome


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    faults=st.lists(FAULTS, max_size=12),
    number=st.sampled_from(sorted(there.CARDS)),
    others=st.sampled_from([0, 1, 250]),
)
def test_however_it_goes_money_moves_once_or_not_at_all(
    faults: list[tuple[Lie, str, bool]], number: str, others: int
) -> None:
    with there.running() as emulator:
        gateway: Gateway = AuthorizeNet({**SECRETS, "endpoint": emulator.url})
        if others:
            filled(gateway, emulator, others)
        before = emulator.captures
        for lie, method, after in faults:
            emulator.lies(lie, method, after=after)
        outcome = collected(gateway, emulator, an_order(number))
        taken = emulator.captures - before
    assert taken <= 1
    if isinstance(outcome, Approved):
        assert taken == 1
    elif isinstance(outcome, Declined):
        assert taken == 0
    else:
        assert unknown(outcome)


# Refunds


def a_refund(reference: str, amount: str = "10.00", key: str = "back") -> Refund:
    return Refund(key=key, amount=Money(Decimal(amount), "USD"), reference=reference)


def test_a_settled_charge_is_refunded_in_parts(
    gateway: Gateway, emulator: Emulator
) -> None:
    charge = approved(gateway.charge(an_order()))
    emulator.settle()
    reference = approved(gateway.refund(a_refund(charge, "4.00")))
    assert emulator.transactions[-1].number == reference != charge
    approved(gateway.refund(a_refund(charge, "6.00", "more")))
    assert emulator.money == 0
    outcome = declined(gateway.refund(a_refund(charge, "0.01", "too much")))
    assert outcome.reason is Reason.LIMIT
    assert emulator.money == 0


def test_a_refund_is_written_as_their_schema_orders_it(
    gateway: Gateway, emulator: Emulator
) -> None:
    charge = approved(gateway.charge(an_order()))
    emulator.settle()
    approved(gateway.refund(a_refund(charge, "4.00")))
    body = emulator.bodies[-1].decode()
    start = body.index("<transactionRequest>")
    invoice = emulator.transactions[-1].invoice
    assert body[start:].startswith(
        "<transactionRequest><transactionType>refundTransaction</transactionType>"
        "<amount>4.00</amount><currencyCode>USD</currencyCode><payment><creditCard>"
        "<cardNumber>1111</cardNumber><expirationDate>XXXX</expirationDate>"
        f"</creditCard></payment><refTransId>{charge}</refTransId>"
        f"<order><invoiceNumber>{invoice}</invoiceNumber></order>"
        "<transactionSettings>"
    )


def test_a_charge_that_is_not_settled_is_voided(
    gateway: Gateway, emulator: Emulator
) -> None:
    charge = approved(gateway.charge(an_order()))
    assert approved(gateway.refund(a_refund(charge))) == charge
    assert emulator.money == 0
    assert emulator.transactions[0].status == "voided"


def test_a_part_of_a_charge_that_is_not_settled_is_not_given_back_yet(
    gateway: Gateway, emulator: Emulator
) -> None:
    charge = approved(gateway.charge(an_order()))
    outcome = declined(gateway.refund(a_refund(charge, "4.00")))
    assert outcome.reason is Reason.PROCESSING
    assert emulator.money == TEN.amount
    emulator.settle()
    approved(gateway.refund(a_refund(charge, "4.00")))


@pytest.mark.parametrize("settled", [False, True])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.value)
def test_whatever_happens_to_a_refund_it_is_made_once(
    gateway: Gateway, emulator: Emulator, lie: Lie, *, after: bool, settled: bool
) -> None:
    charge = approved(gateway.charge(an_order()))
    amount = "10.00"
    if settled:
        emulator.settle()
        amount = "4.00"
    emulator.lies(lie, "createTransaction", after=after)
    refund = a_refund(charge, amount)
    with impatient():
        assert unknown(gateway.refund(refund))
    for _ in range(3):
        approved(gateway.refund(refund))
    assert emulator.money == TEN.amount - refund.amount.amount


@pytest.mark.parametrize("status", ["declined", "pendingSettlement", "chargeback"])
def test_what_was_not_taken_or_is_under_way_is_not_given_back(
    gateway: Gateway, emulator: Emulator, status: str
) -> None:
    charge = approved(gateway.charge(an_order()))
    emulator.become(status)
    assert declined(gateway.refund(a_refund(charge))).reason is Reason.PROCESSING


@pytest.mark.parametrize("reference", ["", "0", "12", "x", "9" * 30, "\uff11\uff12"])
def test_a_charge_that_they_do_not_know_is_not_given_back(
    gateway: Gateway, reference: str
) -> None:
    assert declined(gateway.refund(a_refund(reference))).reason is Reason.PROCESSING


def test_a_charge_whose_card_they_do_not_tell_is_not_given_back(
    gateway: Gateway, emulator: Emulator
) -> None:
    charge = approved(gateway.charge(an_order()))
    emulator.settle()
    emulator.transactions[0].card = "none"
    assert unknown(gateway.refund(a_refund(charge)))


# Answers of any kind


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00" * 100,
        b"HTTP/1.1",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n<a/>",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n<a/>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\n<a/>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n<a/>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b<a/>",
        b"HTTP/1.1 200 OK\r\nDate: yesterday\r\nContent-Length: 4\r\n\r\n<a/>",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n<a/>",
        b"HTTP/1.1 200 OK\r\na: " + b"b" * 100_000 + b"\r\n\r\n<a/>",
        b"HTTP/1.1 200 OK\r\n\xff\xfe: \xff\r\nno colon\r\n\r\n<a/>",
        b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:9/\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 20,
        b"HTTP/1.1 204 No\r\n\r\n",
    ],
    ids=lambda answer: repr(answer[:40]),
)
def test_no_http_is_too_odd(answer: bytes) -> None:

    class Odd(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65_536)
            self.request.sendall(answer)

    with socketserver.TCPServer(("127.0.0.1", 0), Odd) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}/"
        gateway: Gateway = AuthorizeNet({**SECRETS, "endpoint": endpoint})
        for outcome in (gateway.charge(an_order()), gateway.check()):
            assert unknown(outcome)
        server.shutdown()
        thread.join()


TEXTS = st.one_of(
    st.text(max_size=12),
    st.integers(-1, 400).map(str),
    st.sampled_from(
        """
        Ok Error I00001 I00004 E00007 E00013 E00027 E00039 E00040 declined voided
        capturedPendingSettlement settledSuccessfully 10.00 NaN sNaN 1E+999 -0
        """.split()
    ),
)
NAMES = st.sampled_from(
    """
    messages resultCode message code text refId transactionResponse responseCode transId
    errors error errorCode errorText transactions transaction transactionStatus
    invoiceNumber settleAmount authAmount totalNumInResultSet batchList batch batchId
    payment creditCard cardNumber customerProfileId customerPaymentProfileId
    customerPaymentProfileIdList numericString validationDirectResponseList string
    validationDirectResponse responseReasonCode responseReasonDescription
    """.split()
)
TREES = st.recursive(
    TEXTS.map(lambda value: escape(there_is(value))),
    lambda trees: st.lists(st.tuples(NAMES, trees), max_size=5).map(
        lambda pairs: "".join(f"<{name}>{tree}</{name}>" for name, tree in pairs)
    ),
    max_leaves=20,
)


def there_is(value: str) -> str:
    """Return a text without what no document may hold."""
    return "".join(
        c for c in value if c.isprintable() and not 0xD800 <= ord(c) < 0xE000
    )


class Instead(line.Line):
    """The way to somebody who answers with what he is told to."""

    def __init__(self, answers: Iterable[tuple[str, str]]) -> None:
        super().__init__("", *SECRETS.values())
        self._answers = itertools.cycle(answers)

    def post(self, body: bytes, _: float) -> tuple[bytes, datetime | None]:
        root = there.local(ET.fromstring(body))  # noqa: S314 - ours
        content, at = next(self._answers)
        return there.document(root, content), line._instant(at)


@settings(max_examples=50)
@given(trees=st.lists(TREES, min_size=1, max_size=4), well=st.booleans(), at=TEXTS)
def test_no_answer_is_too_odd(trees: list[str], at: str, *, well: bool) -> None:
    gateway = AuthorizeNet(SECRETS)
    head = there.ok() if well else ""
    gateway._line = Instead((head + tree, at) for tree in trees)
    order = an_order(sent_at=datetime(2026, 3, 2, tzinfo=UTC))
    for outcome in (
        gateway.charge(order),
        gateway.look_up(order),
        gateway.refund(a_refund("12")),
        gateway.tokenise(a_card(), CardCheck(), "one"),
        gateway.check() or Unknown(detail="Nothing."),
    ):
        assert isinstance(outcome, Approved | Declined | Unknown | Tokenised)


@given(body=st.binary(max_size=200))
@example(body=b"<a>" * 80_000)
@example(body=b"<a>" * 37_000 + b"</a>" * 37_000)
@example(body=b"\xef\xbb\xbf")
def test_no_bytes_are_too_odd(body: bytes) -> None:
    gateway = AuthorizeNet(SECRETS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line.Line, "post", lambda *_: (body, None))
        assert unknown(gateway.charge(an_order()))


# The operator's side


def test_a_good_account_passes_the_check(gateway: Gateway) -> None:
    assert gateway.check() is None


def test_wrong_credentials_are_told_apart_from_declines(emulator: Emulator) -> None:
    wrong = {**SECRETS, "transaction_key": "wrong", "endpoint": emulator.url}
    gateway: Gateway = AuthorizeNet(wrong)
    for outcome in (
        gateway.check(),
        gateway.charge(an_order()),
        gateway.look_up(an_order()),
        gateway.refund(a_refund("12")),
        gateway.tokenise(a_card(), CardCheck(), "one"),
    ):
        assert "environment" in unknown(outcome)
    assert not emulator.transactions


def test_an_account_that_may_not_read_lists_fails_the_check(
    gateway: Gateway, emulator: Emulator
) -> None:
    emulator.reports = False
    assert "Transaction Details API" in unknown(gateway.check())
    approved(gateway.charge(an_order()))
    assert "Transaction Details API" in unknown(gateway.look_up(an_order()))


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.value)
def test_the_check_tells_of_whatever_is_wrong_on_the_way(
    gateway: Gateway, emulator: Emulator, lie: Lie
) -> None:
    emulator.lies(lie, "authenticateTest", after=True)
    with impatient():
        assert unknown(gateway.check())
    assert gateway.check() is None


@pytest.mark.parametrize(
    ("code", "words"),
    [("E00008", "not active"), ("E00104", "maintained"), ("E99999", "E99999")],
)
def test_their_codes_are_told_in_our_words(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    said = there.messages("Error", code, f"It was {there.APPROVED}.")
    monkeypatch.setattr(Emulator, "_content", lambda *_: said)
    for detail in (unknown(gateway.check()), unknown(gateway.charge(an_order()))):
        assert words in detail
        assert there.APPROVED not in detail


def test_a_code_that_is_none_is_not_repeated(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = there.messages("Error", there.APPROVED, "No.")
    monkeypatch.setattr(Emulator, "_content", lambda *_: said)
    assert "no code" in unknown(gateway.check())


def test_a_refusal_before_they_knew_the_method_is_one(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = there.messages("Error", "E00003", "An error occurred while parsing.")
    written = there.document
    monkeypatch.setattr(
        there, "document", lambda root, _: written(root, said, "ErrorResponse")
    )
    assert "E00003" in unknown(gateway.charge(an_order()))
    said = there.ok()
    assert "none to what was asked" in unknown(gateway.charge(an_order()))


def test_nobody_at_the_address_is_unknown() -> None:
    with there.running() as emulator:
        gateway: Gateway = AuthorizeNet({**SECRETS, "endpoint": emulator.url})
    assert "failed" in unknown(gateway.charge(an_order()))
    assert "failed" in unknown(gateway.check())


def test_a_connection_is_used_again_while_it_is_fresh(
    gateway: Gateway, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        approved(gateway.charge(an_order(key=f"{n}")))
    assert emulator.connections == 1
    monkeypatch.setattr(line, "_IDLE_S", -1.0)
    approved(gateway.charge(an_order(key="late")))
    assert emulator.connections == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"login_id": ""}, "login_id"),
        ({"login_id": "x" * 26}, "login_id"),
        ({"login_id": "näme"}, "login_id"),
        ({"transaction_key": "   "}, "transaction_key"),
        ({"transaction_key": "x" * 17}, "transaction_key"),
        ({"transaction_key": "a\nb"}, "transaction_key"),
        ({"environment": "test"}, "environment"),
        ({"endpoint": "http://api.authorize.net/xml/v1/request.api"}, "endpoint"),
        ({"endpoint": "ftp://127.0.0.1/"}, "endpoint"),
        ({"endpoint": "https://"}, "endpoint"),
        ({"endpoint": "https://user:secret@127.0.0.1/"}, "endpoint"),
        ({"endpoint": "https://[::1/"}, "endpoint"),
        ({"endpoint": "https://127.0.0.1:99999/"}, "endpoint"),
        ({"endpoint": "127.0.0.1"}, "endpoint"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    changes: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        AuthorizeNet({**SECRETS, **changes})
    assert there.TRANSACTION_KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("told", "endpoint"),
    [
        ({}, "https://api.authorize.net/xml/v1/request.api"),
        ({"environment": ""}, "https://api.authorize.net/xml/v1/request.api"),
        ({"environment": "production"}, "https://api.authorize.net/xml/v1/request.api"),
        (
            {"environment": "sandbox"},
            "https://apitest.authorize.net/xml/v1/request.api",
        ),
        ({"endpoint": "https://proxy.example/anet"}, "https://proxy.example/anet"),
        ({"endpoint": "http://[::1]:8080/"}, "http://[::1]:8080/"),
    ],
)
def test_the_address_is_that_of_the_environment_or_ones_own(
    told: dict[str, str], endpoint: str
) -> None:
    assert AuthorizeNet({**SECRETS, **told})._line._endpoint == endpoint


def test_a_certificate_that_nobody_vouches_for_is_not_talked_to(tmp_path: Path) -> None:
    with there.running(self_signed(tmp_path)) as emulator:
        gateway: Gateway = AuthorizeNet({**SECRETS, "endpoint": emulator.url})
        assert "failed" in unknown(gateway.charge(an_order()))
        assert not emulator.asked


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    written = key.private_bytes(
        pem,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "server.pem"
    path.write_bytes(certificate.public_bytes(pem) + written)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


# All at once, and in the log


def test_eight_threads_charge_each_order_once(
    gateway: Gateway, emulator: Emulator
) -> None:
    orders = [
        an_order(key=f"{n}", amount=Money(Decimal(n), "USD")) for n in range(1, 41)
    ]
    barrier = threading.Barrier(8)

    def one(thread: int) -> None:
        barrier.wait(10)
        for order in orders[thread:] + orders[:thread]:
            if not isinstance(gateway.charge(order), Approved):
                approved(gateway.look_up(order))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert emulator.captures == len(orders)
    assert emulator.money == sum(range(1, 41))


def test_nothing_of_an_order_is_in_any_log(
    gateway: Gateway,
    emulator: Emulator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(line, "_READ_S", 0.3)
    check = CardCheck(cvv=Cvv("907"), address=Address(street="1 Secret St", code="Z9Z"))
    tried: list[Callable[[], object]] = [
        lambda: gateway.charge(an_order()),
        lambda: gateway.look_up(an_order()),
        lambda: gateway.tokenise(a_card(), check, KEY),
        lambda: gateway.refund(a_refund(emulator.transactions[0].number)),
    ]
    for lie in (None, *LIES):
        for call in tried:
            if lie:
                for method in ("createTransaction", "createCustomerProfile"):
                    emulator.lies(lie, method, after=True)
            repr(call())
            emulator._lies.clear()
    assert caplog.records
    written = caplog.text + repr(gateway) + repr(vars(gateway))
    for secret in (
        there.APPROVED,
        there.LOGIN_ID,
        there.TRANSACTION_KEY,
        "Quartermain",
        "907",
        "Secret St",
        "2031-04",
        KEY,
    ):
        assert secret not in written
