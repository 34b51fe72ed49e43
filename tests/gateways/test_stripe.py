"""Stripe's gateway against localstripe, and what Stripe has beyond that in front."""

import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.config import SettingsError
from app.domain.card import Card, CardNumber, CardToken, Cvv, Expiration
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
from app.gateways import stripe_http
from app.gateways.gateway import Gateway
from app.gateways.stripe import Stripe
from tests.gateways import stripe_front
from tests.gateways.stripe_front import INTENTS, Front
from tests.processes import ROOT

SECRET = "sk_test_not_to_be_written_down"
GOOD = "4242424242424242"
# What localstripe takes, keeps, and then declines.
DECLINED_LATER = "4000000000000341"
DECLINED_AT_ONCE = "4000000000000002"
WANTS_THE_PAYER = "4000002760003184"


@pytest.fixture
def stripe(front: Front) -> Iterator[Stripe]:
    yield from gateway(front.url)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_http, "READ_S", 0.3)


def gateway(url: str) -> Iterator[Stripe]:
    made = Stripe({"secret_key": SECRET, "api_base": url})
    yield made
    made._line.close()


def a_card(number: str = GOOD) -> Card:
    return card_of(CardNumber.parse(number))


def card_of(number: CardNumber | CardToken) -> Card:
    expiration = Expiration(month=11, year=2031)
    return Card(number=number, name="Ada Byron", expiration=expiration)


def a_token(text: str) -> Card:
    return card_of(CardToken(text, "4242", None))


def an_order(card: Card, key: str = "key-1", amount: str = "19.99") -> Order:
    money = Money(Decimal(amount), "EUR")
    return Order(
        key=key, amount=money, card=card, invoice_number="FB-0042", attempt_no=2
    )


def kept(stripe: Stripe, number: str = GOOD, key: str = "keep-1") -> Card:
    check = CardCheck(cvv=Cvv.parse("123"))
    outcome = stripe.tokenise(a_card(number), check, key)
    assert isinstance(outcome, Tokenised)
    return card_of(outcome.token)


def reference(outcome: Outcome | Missing) -> str:
    assert isinstance(outcome, Approved)
    return outcome.reference


def test_it_is_a_gateway() -> None:
    settings = {"secret_key": SECRET}
    one: Gateway = Stripe(settings)
    assert (one.LOOKS_UP, one.REPEATS) == (True, True)


def test_the_card_of_a_token_is_charged(stripe: Stripe, front: Front) -> None:
    card = kept(stripe)
    outcome = stripe.charge(an_order(card))
    [charge] = front.charges()
    assert outcome == Approved(reference=charge["payment_intent"])
    assert (charge["amount"], charge["currency"]) == (1999, "eur")


def test_a_card_number_is_charged(stripe: Stripe, front: Front) -> None:
    outcome = stripe.charge(an_order(a_card()))
    assert [c["payment_intent"] for c in front.charges()] == [reference(outcome)]


def test_an_order_says_what_it_is_for(stripe: Stripe, front: Front) -> None:
    card = kept(stripe)
    stripe.charge(an_order(card))
    [asked] = front.of("POST", INTENTS)
    assert isinstance(card.number, CardToken)
    customer, method = card.number.reveal().split("|")
    assert asked.params == {
        "amount": "1999",
        "currency": "eur",
        "customer": customer,
        "payment_method": method,
        "allowed_payment_method_types[0]": "card",
        "confirm": "true",
        "off_session": "true",
        "description": "Invoice FB-0042",
        "metadata[perennial_key]": "key-1",
        "metadata[invoice_number]": "FB-0042",
        "metadata[attempt_no]": "2",
    }
    assert asked.key == "key-1"
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert asked.headers["stripe-version"] == "2026-10-28.endive"


def test_code_and_address_go_along_when_a_card_is_kept(
    stripe: Stripe, front: Front
) -> None:
    check = CardCheck(cvv=Cvv.parse("987"), address=Address(street="1 Rd", code="X1"))
    stripe.tokenise(a_card(), check, "keep-1")
    [asked] = front.of("POST", "/v1/payment_methods")
    assert asked.params == {
        "type": "card",
        "card[number]": GOOD,
        "card[exp_month]": "11",
        "card[exp_year]": "2031",
        "card[cvc]": "987",
        "billing_details[name]": "Ada Byron",
        "billing_details[address][line1]": "1 Rd",
        "billing_details[address][postal_code]": "X1",
    }


def test_no_code_goes_along_with_a_charge(stripe: Stripe, front: Front) -> None:
    stripe.charge(an_order(a_card()))
    assert not [a for a in front.asked if "card[cvc]" in a.params]


def test_a_card_that_is_kept_has_a_customer_of_its_own(
    stripe: Stripe, front: Front
) -> None:
    card = kept(stripe)
    assert isinstance(card.number, CardToken)
    assert (card.number.last_four, card.number.brand) == ("4242", "VISA")
    customer, method = card.number.reveal().split("|")
    there = front.behind_it("GET", f"/v1/payment_methods/{method}")
    assert there["customer"] == customer


def test_keeping_a_card_again_with_its_key_makes_no_second_customer(
    stripe: Stripe, front: Front
) -> None:
    assert kept(stripe).number == kept(stripe).number
    assert len(front.behind_it("GET", "/v1/customers")["data"]) == 1


def test_a_token_is_not_kept_again(stripe: Stripe, front: Front) -> None:
    token = CardToken("cus_1|pm_1", "4242", None)
    outcome = stripe.tokenise(card_of(token), CardCheck(), "keep-1")
    assert outcome == Tokenised(token=token)
    assert front.asked == []


def test_a_card_that_is_declined_is_not_kept(stripe: Stripe) -> None:
    check = CardCheck(cvv=Cvv.parse("123"))
    outcome = stripe.tokenise(a_card(DECLINED_AT_ONCE), check, "keep-1")
    assert outcome == Declined(
        reason=Reason.DECLINED, message="Your card was declined."
    )


@pytest.mark.parametrize("text", ["cus_1|pm_1", "cus_1|card_1", "pm_1", "card_1"])
def test_what_can_be_charged_again_is_a_token(text: str) -> None:
    assert Stripe.TOKEN
    assert Stripe.TOKEN.fullmatch(text)
    assert Stripe.TOKEN.fullmatch("cus_1")


@pytest.mark.parametrize(
    "text", ["tok_1", "pm_", "cus_1|", "|pm_1", "cus_1|cus_2", "pm_1/..", GOOD, "src_1"]
)
def test_what_cannot_be_charged_again_is_none(text: str) -> None:
    assert Stripe.TOKEN
    assert not Stripe.TOKEN.fullmatch(text)


def test_a_payment_method_of_somebody_is_charged(stripe: Stripe, front: Front) -> None:
    number = kept(stripe).number
    assert isinstance(number, CardToken)
    customer, method = number.reveal().split("|")
    outcome = stripe.charge(an_order(a_token(method)))
    [charge] = front.charges()
    assert charge["customer"] == customer
    assert stripe.look_up(an_order(a_token(method))) == outcome


def test_a_payment_method_of_nobody_is_given_a_customer_once(
    stripe: Stripe, front: Front
) -> None:
    form = {"number": GOOD, "exp_month": "1", "exp_year": "2030", "cvc": "123"}
    card = {f"card[{name}]": value for name, value in form.items()}
    made = front.behind_it("POST", "/v1/payment_methods", type="card", **card)
    for key in ("key-1", "key-2"):
        reference(stripe.charge(an_order(a_token(made["id"]), key)))
    [customer] = front.behind_it("GET", "/v1/customers")["data"]
    assert {c["customer"] for c in front.charges()} == {customer["id"]}


def customer_with_a_source(front: Front) -> dict[str, Any]:
    form = {"number": GOOD, "exp_month": "1", "exp_year": "2030", "cvc": "123"}
    card = {f"card[{name}]": value for name, value in form.items()}
    token = front.behind_it("POST", "/v1/tokens", **card)
    return front.behind_it("POST", "/v1/customers", source=token["id"])


def test_the_card_of_a_customer_is_charged(stripe: Stripe, front: Front) -> None:
    customer = customer_with_a_source(front)
    outcome = stripe.charge(an_order(a_token(customer["id"])))
    [charge] = front.charges()
    assert charge["payment_intent"] == reference(outcome)
    assert charge["payment_method"] == customer["default_source"]


def test_a_card_of_the_old_kind_is_charged(stripe: Stripe, front: Front) -> None:
    customer = customer_with_a_source(front)
    reference(stripe.charge(an_order(a_token(customer["default_source"]))))
    assert [c["customer"] for c in front.charges()] == [customer["id"]]


def test_a_customer_without_a_card_is_declined(stripe: Stripe, front: Front) -> None:
    customer = front.behind_it("POST", "/v1/customers", name="Ada")
    outcome = stripe.charge(an_order(a_token(customer["id"])))
    text = "The customer has no card at Stripe."
    assert outcome == Declined(reason=Reason.NUMBER, message=text)


def test_a_card_that_is_declined_later_is_found_declined(stripe: Stripe) -> None:
    order = an_order(kept(stripe, DECLINED_LATER))
    outcome = stripe.charge(order)
    assert isinstance(outcome, Declined)
    assert outcome.reason is Reason.DECLINED
    assert outcome.message == "Your card was declined."
    assert outcome.reference.startswith("pi_")
    assert stripe.look_up(order) == outcome


def test_what_waits_for_the_payer_can_no_longer_be_completed(
    stripe: Stripe, front: Front
) -> None:
    order = an_order(kept(stripe, WANTS_THE_PAYER))
    outcome = stripe.charge(order)
    [intent] = front.intents()
    assert outcome == Declined(
        reason=Reason.AUTHENTICATION, reference=str(intent["id"])
    )
    secret = {"client_secret": intent["client_secret"], "success": "true"}
    front.behind_it("POST", f"{INTENTS}/{intent['id']}/_authenticate", **secret)
    assert front.charges() == []
    assert stripe.look_up(order) == outcome


def test_an_order_that_is_repeated_is_charged_once(
    stripe: Stripe, front: Front
) -> None:
    order = an_order(kept(stripe))
    assert stripe.charge(order) == stripe.charge(order) == stripe.look_up(order)
    assert len(front.charges()) == 1


def test_a_key_of_another_order_is_charged_once(stripe: Stripe, front: Front) -> None:
    card = kept(stripe)
    reference(stripe.charge(an_order(card)))
    outcome = stripe.charge(an_order(card, amount="20.00"))
    assert outcome == Unknown(detail="Stripe has had another order with this key.")
    assert [c["amount"] for c in front.charges()] == [1999]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "fault", [stripe_front.silence, stripe_front.hang_up, stripe_front.half]
)
@pytest.mark.parametrize("raw", [False, True])
def test_what_was_charged_before_the_answer_was_lost_is_found(
    stripe: Stripe, front: Front, fault: Any, *, raw: bool
) -> None:
    order = an_order(a_card() if raw else kept(stripe))
    if raw:
        front.faults.append(stripe_front.whole)
    front.faults.append(fault)
    assert isinstance(stripe.charge(order), Unknown)
    found = stripe.look_up(order)
    assert [c["payment_intent"] for c in front.charges()] == [reference(found)]
    assert stripe.charge(order) == found
    assert len(front.charges()) == 1


def test_what_stripe_has_not_had_is_missing(stripe: Stripe) -> None:
    card = kept(stripe)
    reference(stripe.charge(an_order(card, "another")))
    assert stripe.look_up(an_order(card)) == Missing()
    assert stripe.look_up(an_order(a_card())) == Missing()


def test_a_lost_refusal_is_found(stripe: Stripe, front: Front) -> None:
    order = an_order(kept(stripe, DECLINED_LATER))
    front.faults.append(stripe_front.hang_up)
    assert isinstance(stripe.charge(order), Unknown)
    assert isinstance(stripe.look_up(order), Declined)


def refunds(front: Front) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = front.behind_it("GET", "/v1/refunds")["data"]
    return listed


def a_refund(of: str, amount: str = "5.00") -> Refund:
    return Refund(key="back-1", amount=Money(Decimal(amount), "EUR"), reference=of)


def test_money_is_given_back_once_for_its_key(stripe: Stripe, front: Front) -> None:
    taken = reference(stripe.charge(an_order(kept(stripe))))
    first = stripe.refund(a_refund(taken))
    front.forget()
    assert stripe.refund(a_refund(taken)) == first
    assert [(r["id"], r["amount"]) for r in refunds(front)] == [(reference(first), 500)]
    [asked] = front.of("POST", "/v1/refunds")
    assert asked.key == "back-1"


def test_a_refund_whose_answer_was_lost_is_not_made_again(
    stripe: Stripe, front: Front
) -> None:
    taken = reference(stripe.charge(an_order(kept(stripe))))
    front.faults.extend([stripe_front.whole, stripe_front.hang_up])
    assert isinstance(stripe.refund(a_refund(taken)), Unknown)
    front.forget()
    assert [r["id"] for r in refunds(front)] == [
        reference(stripe.refund(a_refund(taken)))
    ]


def test_the_key_and_the_way_there_are_checked(stripe: Stripe, front: Front) -> None:
    assert stripe.check() is None
    [asked] = front.asked
    assert (asked.method, asked.path, asked.params) == ("GET", INTENTS, {"limit": "1"})


def test_localstripe_holds_what_was_approved_and_nothing_else(
    stripe: Stripe, front: Front
) -> None:
    """Compare 60 orders, some of them repeated, lost or refused, with its list."""
    cards = [
        kept(stripe, number, f"keep-{number}")
        for number in (GOOD, DECLINED_LATER, WANTS_THE_PAYER)
    ]
    took: dict[str, int] = {}
    outcomes: Counter[str] = Counter()
    for n in range(60):
        # Every fourth card is one that is not charged.
        card = cards[1 + n // 4 % 2] if n % 4 == 3 else cards[0]
        order = an_order(card if n % 5 else a_card(), f"order-{n}", f"{n + 1}.{n:02}")
        front.faults.extend(_faults(n, raw=n % 5 == 0))
        outcome = _insisting(stripe, front, order, n)
        outcomes[type(outcome).__name__] += 1
        if isinstance(outcome, Approved):
            took[outcome.reference] = order.amount.minor
    theirs = front.charges()
    assert {c["payment_intent"]: c["amount"] for c in theirs} == took
    assert len(theirs) == len(took) == len({c["amount"] for c in theirs})
    assert outcomes == {"Approved": 48, "Declined": 12}


def _faults(n: int, *, raw: bool) -> list[Any]:
    before = [stripe_front.whole] if raw else []
    return [*before, stripe_front.hang_up] if n % 3 == 0 else []


def _insisting(stripe: Stripe, front: Front, order: Order, n: int) -> Outcome:
    """Charge as a service does: look up what is unknown, and ask for it again."""
    outcome = stripe.charge(order)
    if isinstance(outcome, Unknown):
        found = stripe.look_up(order)
        assert not isinstance(found, Missing)
        outcome = found
    if n % 7 == 0:
        assert stripe.charge(order) == outcome
    if n % 11 == 0:
        front.forget()
        assert stripe.look_up(order) == outcome
    return outcome


def test_many_threads_charge_with_one_gateway(stripe: Stripe, front: Front) -> None:
    card = kept(stripe)
    orders = [an_order(card, f"order-{n}", f"{n + 1}.00") for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        taken = {reference(o) for o in pool.map(stripe.charge, orders)}
    assert {c["payment_intent"] for c in front.charges()} == taken
    assert len(taken) == 24


def test_threads_that_charge_one_order_take_its_money_once(
    stripe: Stripe, front: Front
) -> None:
    order = an_order(kept(stripe))
    together = threading.Barrier(4)

    def charge(_: int) -> Outcome:
        together.wait()
        return stripe.charge(order)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(charge, range(4)))
    [one] = front.charges()
    assert Approved(reference=one["payment_intent"]) in outcomes
    in_hand = Unknown(detail="Stripe answered 409 (idempotency_key_in_use).")
    assert {*outcomes} <= {in_hand, Approved(reference=one["payment_intent"])}


TALKATIVE = """
import logging, sys
logging.basicConfig(level=logging.DEBUG)
from app.domain.gateway import Refund
from app.gateways.stripe import Stripe
from tests.gateways.test_stripe import *
stripe = Stripe({"secret_key": SECRET, "api_base": sys.argv[1]})
stripe.check()
card = kept(stripe, "4929007711223342")
stripe.charge(an_order(card))
stripe.look_up(an_order(a_token(card.number.reveal().split("|")[1])))
stripe.charge(an_order(a_card("4929007711223342"), "key-2"))
stripe.charge(an_order(a_token("pm_1nobodys"), "key-3"))
stripe.charge(an_order(a_token("cus_1nobodys"), "key-4"))
stripe.refund(a_refund("pi_nobodys"))
logging.getLogger("app").debug("said by us")
"""


def test_nothing_is_written_down_however_much_is_asked_for(
    front: Front, tmp_path: Path
) -> None:
    env = {**os.environ, "HOME": str(tmp_path), "STRIPE_LOG": "debug"}
    env.pop("XDG_CONFIG_HOME", None)
    command = [sys.executable, "-c", TALKATIVE, front.url]
    done = subprocess.run(  # noqa: S603 - ourselves
        command, env=env, cwd=ROOT, capture_output=True, check=True, text=True
    )
    said = done.stdout + done.stderr
    assert "said by us" in said
    assert len(front.charges()) == 2
    private = r"4929007711223342|3342|[?&=]123\b|sk_test|(pm|cus|pi)_\w|Ada|key-\d"
    assert re.findall(private, said) == []
    assert "read this" not in said
    assert list(tmp_path.rglob("*")) == []


def test_the_environment_changes_nothing(
    stripe: Stripe, front: Front, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert stripe.check() is None
    assert stripe.check() is None
    assert {a.headers["authorization"] for a in front.asked} == {f"Bearer {SECRET}"}
    assert not [a for a in front.asked if "cookie" in a.headers]


@pytest.mark.parametrize("key", ["", "pk_live_12345", "sk_live 12345", "sk_\n12345"])
def test_what_is_no_secret_key_is_refused(key: str) -> None:
    with pytest.raises(SettingsError, match="secret_key"):
        Stripe({"secret_key": key})


@pytest.mark.parametrize(
    "base",
    [
        "http://example.com",
        "http://10.0.0.1",
        "ftp://127.0.0.1",
        "https://user@example.com",
        "https://example.com/?a=b",
        "https://example.com:port",
        "https://[",
        "https://",
        "example.com",
    ],
)
def test_an_address_that_is_not_safe_is_refused(base: str) -> None:
    with pytest.raises(SettingsError, match="api_base"):
        Stripe({"secret_key": SECRET, "api_base": base})


@pytest.mark.parametrize(
    "base",
    ["https://example.com/stripe/", "http://localhost:1", "http://[::1]:1", ""],
)
def test_an_address_that_is_safe_is_taken(base: str) -> None:
    Stripe({"secret_key": SECRET, "api_base": base})
