"""What Stripe's gateway makes of answers, of every kind that can come."""

import json
import socket
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.card import Card, CardNumber, CardToken, Cvv, Expiration
from app.domain.gateway import (
    HARD,
    Approved,
    CardCheck,
    Declined,
    Missing,
    Order,
    Reason,
    Refund,
    Tokenised,
    Unknown,
)
from app.domain.money import CURRENCIES, Money
from app.gateways import stripe_http
from app.gateways.stripe import Stripe
from app.gateways.stripe_reasons import REASONS
from tests.gateways import stripe_front
from tests.gateways.stripe_front import INTENTS, Front

TOKEN = "cus_1|pm_1"
KEY = "key-1"


@pytest.fixture(scope="module")
def line() -> Iterator[Front]:
    with stripe_front.serving() as front:
        yield front


@pytest.fixture
def front(line: Front) -> Iterator[Front]:
    for left in (line.asked, line.told, line.faults):
        left.clear()
    yield line
    assert not line.told, "an answer was not asked for"


@pytest.fixture
def stripe(front: Front) -> Iterator[Stripe]:
    made = Stripe({"secret_key": "sk_test_1234", "api_base": front.url})
    yield made
    made._line.close()


def order(
    amount: str = "10.00", currency: str = "USD", card: str | CardNumber = TOKEN
) -> Order:
    number = card if isinstance(card, CardNumber) else CardToken(card, "4242", None)
    return Order(
        key=KEY,
        amount=Money(Decimal(amount), currency),
        card=Card(number=number, name="", expiration=Expiration(month=1, year=2030)),
        invoice_number="1",
    )


def intent(status: str, key: str = KEY, **more: object) -> dict[str, Any]:
    metadata = {"perennial_key": key}
    return {
        "object": "payment_intent",
        "id": "pi_1",
        "status": status,
        "amount": 1000,
        "currency": "usd",
        "metadata": metadata,
        **more,
    }


def card_error(code: str = "card_declined", **more: object) -> dict[str, Any]:
    told = {"type": "card_error", "code": code, "message": "No.", **more}
    return {"error": told}


def request_error(**of: object) -> dict[str, Any]:
    return {"error": {"type": "invalid_request_error", "message": "Bad.", **of}}


def page(*found: object, more: bool = False) -> dict[str, Any]:
    return {"object": "list", "data": list(found), "has_more": more, "url": INTENTS}


# Stripe's table of decline codes for cards, whole.
DECLINE_CODES = {
    "authentication_required": Reason.AUTHENTICATION,
    "approve_with_id": Reason.DECLINED,
    "call_issuer": Reason.DECLINED,
    "card_not_supported": Reason.TYPE,
    "card_velocity_exceeded": Reason.LIMIT,
    "currency_not_supported": Reason.CURRENCY,
    "do_not_honor": Reason.DECLINED,
    "do_not_try_again": Reason.REVOKED,
    "duplicate_transaction": Reason.PROCESSING,
    "expired_card": Reason.EXPIRED,
    "fraudulent": Reason.FRAUD,
    "generic_decline": Reason.DECLINED,
    "incorrect_address": Reason.ADDRESS,
    "incorrect_cvc": Reason.CVV,
    "incorrect_number": Reason.NUMBER,
    "incorrect_pin": Reason.DECLINED,
    "incorrect_zip": Reason.ADDRESS,
    "insufficient_funds": Reason.FUNDS,
    "invalid_account": Reason.ACCOUNT_CLOSED,
    "invalid_amount": Reason.LIMIT,
    "invalid_cvc": Reason.CVV,
    "invalid_expiry_month": Reason.EXPIRED,
    "invalid_expiry_year": Reason.EXPIRED,
    "invalid_number": Reason.NUMBER,
    "invalid_pin": Reason.DECLINED,
    "issuer_not_available": Reason.PROCESSING,
    "lost_card": Reason.LOST,
    "merchant_blacklist": Reason.FRAUD,
    "mobile_device_authentication_required": Reason.AUTHENTICATION,
    "new_account_information_available": Reason.NUMBER,
    "no_action_taken": Reason.DECLINED,
    "not_permitted": Reason.DECLINED,
    "offline_pin_required": Reason.AUTHENTICATION,
    "online_or_offline_pin_required": Reason.AUTHENTICATION,
    "pickup_card": Reason.STOLEN,
    "pin_try_exceeded": Reason.DECLINED,
    "processing_error": Reason.PROCESSING,
    "reenter_transaction": Reason.PROCESSING,
    "restricted_card": Reason.DECLINED,
    "revocation_of_all_authorizations": Reason.REVOKED,
    "revocation_of_authorization": Reason.REVOKED,
    "security_violation": Reason.DECLINED,
    "service_not_allowed": Reason.TYPE,
    "stolen_card": Reason.STOLEN,
    "stop_payment_order": Reason.REVOKED,
    "testmode_decline": Reason.DECLINED,
    "transaction_not_allowed": Reason.DECLINED,
    "try_again_later": Reason.PROCESSING,
    "withdrawal_count_limit_exceeded": Reason.LIMIT,
}


@pytest.mark.parametrize(("code", "reason"), DECLINE_CODES.items())
def test_each_decline_code_has_its_reason(
    stripe: Stripe, front: Front, code: str, reason: Reason
) -> None:
    front.tell(402, card_error(decline_code=code))
    assert stripe.charge(order()) == Declined(reason=reason, message="No.")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("expired_card", Reason.EXPIRED),
        ("incorrect_cvc", Reason.CVV),
        ("incorrect_number", Reason.NUMBER),
        ("processing_error", Reason.PROCESSING),
        ("something_new", Reason.DECLINED),
    ],
)
def test_a_code_without_a_decline_code_has_its_reason(
    stripe: Stripe, front: Front, code: str, reason: Reason
) -> None:
    front.tell(402, card_error(code))
    outcome = stripe.charge(order())
    assert isinstance(outcome, Declined)
    assert outcome.reason is reason


def test_a_new_decline_code_is_a_decline(stripe: Stripe, front: Front) -> None:
    front.tell(402, card_error(decline_code="phase_of_the_moon"))
    assert stripe.charge(order()) == Declined(reason=Reason.DECLINED, message="No.")


def test_a_card_that_its_issuer_wants_left_alone_is_left_alone(
    stripe: Stripe, front: Front
) -> None:
    told = card_error(decline_code="do_not_honor", advice_code="do_not_try_again")
    front.tell(402, told)
    outcome = stripe.charge(order())
    assert isinstance(outcome, Declined)
    assert outcome.hard


def test_a_hard_reason_stays_what_it_is(stripe: Stripe, front: Front) -> None:
    told = card_error(decline_code="lost_card", advice_code="do_not_try_again")
    front.tell(402, told)
    assert stripe.charge(order()) == Declined(reason=Reason.LOST, message="No.")
    assert Reason.LOST in HARD


def test_every_reason_of_ours_that_a_card_can_have_is_used() -> None:
    assert {*REASONS.values()} == {*Reason}


def test_a_refusal_names_the_payment(stripe: Stripe, front: Front) -> None:
    made = intent("requires_payment_method")
    front.tell(402, card_error(decline_code="lost_card", payment_intent=made))
    assert stripe.charge(order()) == Declined(
        reason=Reason.LOST, message="No.", reference="pi_1"
    )


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Card 4242 4242-4242.4242 is bad.", "Card ... is bad."),
        ("No such customer: 'cus_9s6XKzkNRiz8i3'", "No such customer: '...'"),
        ("Key sk_test_4eC39HqLyjWDarjtT1zdp7dc", "Key ..."),
        ("a\nb\t\x00c \x1b[31m d", "a b c [31m d"),
        ("x" * 999, "x" * 200),
        ({"not": "a text"}, ""),
        (None, ""),
    ],
)
def test_the_message_is_short_and_clean(
    stripe: Stripe, front: Front, said: object, shown: str
) -> None:
    front.tell(402, card_error(message=said))
    outcome = stripe.charge(order())
    assert isinstance(outcome, Declined)
    assert outcome.message == shown


@pytest.mark.parametrize(
    ("status", "body", "detail"),
    [
        (401, request_error(), "Stripe does not accept the secret key."),
        (403, request_error(), "Stripe does not let the secret key do this."),
        (429, request_error(code="rate_limit"), "Stripe was asked too often."),
        (429, request_error(code="lock_timeout"), "Stripe was asked too often."),
        (
            409,
            request_error(code="idempotency_key_in_use"),
            "Stripe answered 409 (idempotency_key_in_use).",
        ),
        (500, {"error": {"type": "api_error"}}, "Stripe answered 500."),
        (500, card_error(), "Stripe answered 500 (card_declined)."),
        (
            400,
            {"error": {"type": "idempotency_error"}},
            "Stripe has had another order with this key.",
        ),
        (400, request_error(code="pm_1"), "Stripe answered 400."),
        (
            400,
            {"error": {"type": "api_error", "param": "customer"}},
            "Stripe answered 400.",
        ),
        (400, request_error(code=["a"]), "Stripe answered 400."),
        (404, request_error(message="Unrecognized URL"), "Stripe answered 404."),
        (
            400,
            request_error(code="testmode_charges_only"),
            "Stripe answered 400 (testmode_charges_only).",
        ),
        (503, b"<html>", "Stripe answered 503, and nothing readable."),
        (502, b"", "Stripe answered 502, and nothing readable."),
        (200, b"", "Stripe answered 200, and nothing readable."),
        (200, b"garbage", "Stripe answered 200, and nothing readable."),
        (200, b"\xff\xfe", "Stripe answered 200, and nothing readable."),
        (200, b"[" * 9999, "Stripe answered 200, and nothing readable."),
        (200, [1, 2], "Stripe answered 200, and nothing readable."),
        (500, {"fault": 1}, "Stripe answered 500 without an error."),
        (500, {"error": "text"}, "Stripe answered 500 without an error."),
        (302, b"{}", "Stripe answered 302 without an error."),
        (307, b"", "Stripe answered 307, and nothing readable."),
        (200, {}, "Stripe's answer cannot be read."),
        (200, {"id": 7, "status": "succeeded"}, "Stripe's answer cannot be read."),
        (200, intent("succeeded", metadata=7), "Stripe's answer cannot be read."),
        (
            200,
            {"object": "payment_intent", "metadata": 7},
            "Stripe's answer cannot be read.",
        ),
        (200, b'{"a":' * 900 + b"1" + b"}" * 900, "Stripe's answer cannot be read."),
        (200, b" " * 1024 * 1024 + b"{}", "Stripe's answer is too long."),
    ],
)
def test_what_does_not_say_that_the_card_is_declined_is_unknown(
    stripe: Stripe, front: Front, status: int, body: object, detail: str
) -> None:
    front.tell(status, body)
    assert stripe.charge(order()) == Unknown(detail=detail)
    assert len(front.asked) == 1


@pytest.mark.parametrize("status", ["processing", "requires_capture", "of_a_new_kind"])
def test_a_payment_that_is_on_its_way_is_unknown_to_a_stripe_that_answers(
    stripe: Stripe, front: Front, status: str
) -> None:
    front.tell(200, intent(status))
    detail = "Stripe has not finished with the payment."
    assert stripe.charge(order()) == Unknown(detail=detail, answers=True)
    assert len(front.asked) == 1


@pytest.mark.parametrize(
    "inside",
    [
        {"object": "price", "unit_amount_decimal": "x"},
        {"object": "shipping_rate", "fixed_amount": {"currency_options": 7}},
        json.loads('{"a":' * 900 + "1" + "}" * 900),
    ],
)
def test_an_error_that_the_library_trips_over_is_unknown(
    stripe: Stripe, front: Front, inside: dict[str, object]
) -> None:
    front.tell(402, card_error(payment_method=inside))
    assert stripe.charge(order()) == Unknown(detail="Stripe's answer cannot be read.")


def test_an_answer_to_another_order_is_not_taken_for_ours(
    stripe: Stripe, front: Front
) -> None:
    front.tell(200, intent("succeeded", "key-2"))
    assert isinstance(stripe.charge(order()), Unknown)


def test_an_account_that_may_send_no_numbers_is_told_so(
    stripe: Stripe, front: Front
) -> None:
    text = "Sending credit card numbers directly to the Stripe API is unsafe."
    front.tell(402, request_error(message=text))
    outcome = stripe.charge(order(card=CardNumber("4242424242424242")))
    assert outcome == Unknown(
        detail="Stripe lets this account send tokens, no card numbers."
    )


@pytest.mark.parametrize("param", ["customer", "payment_method", "card[number]"])
def test_what_stands_for_no_card_is_declined(
    stripe: Stripe, front: Front, param: str
) -> None:
    front.tell(400, request_error(code="resource_missing", param=param))
    assert stripe.charge(order()) == Declined(reason=Reason.NUMBER, message="Bad.")


@pytest.mark.parametrize(
    ("token", "param"), [("pm_1", "payment_method"), ("cus_1", "id")]
)
def test_a_token_that_stripe_does_not_know_is_declined(
    stripe: Stripe, front: Front, token: str, param: str
) -> None:
    front.tell(404, request_error(code="resource_missing", param=param))
    outcome = stripe.charge(order(card=token))
    assert outcome == Declined(reason=Reason.NUMBER, message="Bad.")


def test_a_key_of_the_other_mode_declines_no_card(stripe: Stripe, front: Front) -> None:
    text = "No such customer; a similar object exists in live mode."
    told = request_error(code="resource_missing", param="customer", message=text)
    front.tell(400, told)
    assert isinstance(stripe.charge(order()), Unknown)


def test_a_customer_who_was_deleted_is_declined(stripe: Stripe, front: Front) -> None:
    front.tell(200, {"object": "customer", "id": "cus_1", "deleted": True})
    outcome = stripe.charge(order(card="cus_1"))
    assert isinstance(outcome, Declined)
    assert outcome.hard


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        ({"param": "currency"}, Reason.CURRENCY),
        ({"param": "amount", "code": "amount_too_small"}, Reason.LIMIT),
        ({"param": "amount", "code": "amount_too_large"}, Reason.LIMIT),
    ],
)
def test_an_amount_that_stripe_never_takes_is_declined(
    stripe: Stripe, front: Front, of: dict[str, str], reason: Reason
) -> None:
    front.tell(400, request_error(**of))
    assert stripe.charge(order()) == Declined(reason=reason, message="Bad.")


@pytest.mark.parametrize("status", ["requires_action", "requires_confirmation"])
def test_what_waits_for_the_payer_is_cancelled(
    stripe: Stripe, front: Front, status: str
) -> None:
    front.tell(200, intent(status))
    front.tell(200, intent("canceled"))
    outcome = stripe.charge(order())
    assert outcome == Declined(reason=Reason.AUTHENTICATION, reference="pi_1")
    assert len(front.of("POST", f"{INTENTS}/pi_1/cancel")) == 1


def test_a_card_error_that_asks_for_the_payer_is_cancelled(
    stripe: Stripe, front: Front
) -> None:
    made = intent("requires_payment_method")
    front.tell(402, card_error("authentication_required", payment_intent=made))
    front.tell(200, intent("canceled"))
    outcome = stripe.charge(order())
    assert isinstance(outcome, Declined)
    assert outcome.reason is Reason.AUTHENTICATION
    assert len(front.of("POST", f"{INTENTS}/pi_1/cancel")) == 1


@pytest.mark.parametrize(
    "answers",
    [
        [(500, {"error": {"type": "api_error"}})],
        [(200, intent("requires_action"))],
        [(400, request_error(param="payment_method")), (200, intent("succeeded"))],
        [
            (402, card_error()),
        ],
        [(400, request_error()), (500, b"")],
    ],
)
def test_what_could_not_be_cancelled_is_unknown(
    stripe: Stripe, front: Front, answers: list[tuple[int, object]]
) -> None:
    front.tell(200, intent("requires_action"))
    for status, body in answers:
        front.tell(status, body)
    assert stripe.charge(order()) == Unknown(
        detail="Stripe has not cancelled a payment that waits."
    )


def test_what_had_been_cancelled_before_stays_declined(
    stripe: Stripe, front: Front
) -> None:
    front.tell(200, intent("requires_action"))
    front.tell(400, request_error(code="payment_intent_unexpected_state"))
    front.tell(200, intent("canceled"))
    assert stripe.charge(order()) == Declined(
        reason=Reason.AUTHENTICATION, reference="pi_1"
    )


def test_a_card_error_with_a_payment_that_went_through_is_no_refusal(
    stripe: Stripe, front: Front
) -> None:
    front.tell(402, card_error(payment_intent=intent("processing")))
    assert isinstance(stripe.charge(order()), Unknown)
    front.tell(402, card_error(payment_intent=intent("succeeded")))
    assert stripe.charge(order()) == Approved(reference="pi_1")


def test_what_was_being_processed_is_found_when_it_is_through(
    stripe: Stripe, front: Front
) -> None:
    front.tell(200, page(intent("processing")))
    assert isinstance(stripe.look_up(order()), Unknown)
    front.tell(200, page(intent("succeeded")))
    assert stripe.look_up(order()) == Approved(reference="pi_1")


def test_what_is_found_cancelled_is_not_cancelled_again(
    stripe: Stripe, front: Front
) -> None:
    front.tell(200, page(intent("canceled")))
    assert stripe.look_up(order()) == Declined(
        reason=Reason.AUTHENTICATION, reference="pi_1"
    )
    assert len(front.asked) == 1


def test_a_card_that_may_be_somebodys_is_given_to_nobody(
    stripe: Stripe, front: Front
) -> None:
    front.tell(200, {"object": "payment_method", "id": "pm_1"})
    assert isinstance(stripe.charge(order(card="pm_1")), Unknown)
    assert len(front.asked) == 1


def test_another_refund_of_the_payment_is_not_taken_for_ours(
    stripe: Stripe, front: Front
) -> None:
    made = {"object": "refund", "status": "succeeded"}
    theirs = {**made, "id": "re_0", "metadata": {"perennial_key": "back-0"}}
    front.tell(200, page(theirs))
    front.tell(200, {**made, "id": "re_1"})
    assert stripe.refund(refund()) == Approved(reference="re_1")


def test_what_is_found_declined_says_why(stripe: Stripe, front: Front) -> None:
    error = card_error(decline_code="insufficient_funds")["error"]
    found = intent("requires_payment_method", last_payment_error=error)
    front.tell(200, page(found))
    assert stripe.look_up(order()) == Declined(
        reason=Reason.FUNDS, message="No.", reference="pi_1"
    )


def others(first: int, count: int = 100) -> list[dict[str, Any]]:
    return [
        {**intent("succeeded", f"key-of-{n}"), "id": f"pi_o{n}"}
        for n in range(first, first + count)
    ]


def test_a_payment_on_a_late_page_is_found(stripe: Stripe, front: Front) -> None:
    front.tell(200, page(*others(0), more=True))
    front.tell(200, page(*others(100), more=True))
    front.tell(200, page(intent("succeeded")))
    assert stripe.look_up(order()) == Approved(reference="pi_1")
    asked = [a.params for a in front.of("GET", INTENTS)]
    assert asked == [
        {"customer": "cus_1", "limit": "100"},
        {"customer": "cus_1", "limit": "100", "starting_after": "pi_o99"},
        {"customer": "cus_1", "limit": "100", "starting_after": "pi_o199"},
    ]


def test_a_number_is_looked_for_among_all_payments(
    stripe: Stripe, front: Front
) -> None:
    front.tell(200, page())
    assert stripe.look_up(order(card=CardNumber("4242424242424242"))) == Missing()
    assert [a.params for a in front.asked] == [{"limit": "100"}]


def test_a_token_that_is_gone_is_looked_for_among_all_payments(
    stripe: Stripe, front: Front
) -> None:
    front.tell(404, request_error(code="resource_missing", param="payment_method"))
    front.tell(200, page(intent("succeeded")))
    assert stripe.look_up(order(card="pm_1")) == Approved(reference="pi_1")
    assert front.asked[-1].params == {"limit": "100"}


def test_only_a_list_that_was_read_to_its_end_says_missing(
    stripe: Stripe, front: Front
) -> None:
    for n in range(50):
        front.tell(200, page(*others(n, 1), more=True))
    assert stripe.look_up(order()) == Unknown(
        detail="Stripe has too many payments to look through."
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b""),
        (429, request_error()),
        (402, card_error()),
        (404, request_error(code="resource_missing", param="customer")),
        (200, {"object": "list"}),
        (200, {"object": "list", "data": {}, "has_more": False}),
        (200, {"object": "list", "data": [], "has_more": None}),
        (200, {"object": "list", "data": [7], "has_more": False}),
        (200, {"object": "list", "data": [{}], "has_more": True}),
        (200, {"object": "list", "data": [], "has_more": True}),
        (200, {"data": [], "has_more": "false"}),
        (200, b"garbage"),
    ],
)
@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_page_that_cannot_be_read_is_unknown(
    stripe: Stripe, front: Front, status: int, body: object, pages_before: int
) -> None:
    if pages_before:
        front.tell(200, page(*others(0, 2), more=True))
    front.tell(status, body)
    assert isinstance(stripe.look_up(order()), Unknown)


@pytest.mark.parametrize("status", ["succeeded", "pending"])
def test_a_refund_that_was_taken_on_is_approved(
    stripe: Stripe, front: Front, status: str
) -> None:
    front.tell(200, page())
    front.tell(200, {"object": "refund", "id": "re_1", "status": status})
    assert stripe.refund(refund()) == Approved(reference="re_1")


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_refund_that_failed_is_declined(
    stripe: Stripe, front: Front, status: str
) -> None:
    front.tell(200, page())
    front.tell(200, {"object": "refund", "id": "re_1", "status": status})
    outcome = stripe.refund(refund())
    assert outcome == Declined(reason=Reason.DECLINED, reference="re_1")


def test_a_refund_that_needs_somebody_is_unknown(stripe: Stripe, front: Front) -> None:
    front.tell(200, page())
    front.tell(200, {"object": "refund", "id": "re_1", "status": "requires_action"})
    assert isinstance(stripe.refund(refund()), Unknown)


def test_more_than_was_taken_is_not_given_back(stripe: Stripe, front: Front) -> None:
    front.tell(200, page())
    front.tell(400, request_error(param="amount"))
    assert stripe.refund(refund()) == Declined(reason=Reason.DECLINED, message="Bad.")


@pytest.mark.parametrize(
    ("status", "body"), [(404, request_error()), (500, b""), (401, request_error())]
)
def test_a_refund_that_stripe_did_not_judge_is_unknown(
    stripe: Stripe, front: Front, status: int, body: object
) -> None:
    front.tell(status, body)
    assert isinstance(stripe.refund(refund()), Unknown)


def refund() -> Refund:
    return Refund(key="back-1", amount=Money(Decimal(1), "USD"), reference="pi_1")


@pytest.mark.parametrize(
    ("status", "body", "detail"),
    [
        (401, request_error(), "Stripe does not accept the secret key."),
        (403, request_error(), "Stripe does not let the secret key do this."),
        (200, b"garbage", "Stripe answered 200, and nothing readable."),
    ],
)
def test_a_check_says_what_is_wrong(
    stripe: Stripe, front: Front, status: int, body: object, detail: str
) -> None:
    front.tell(status, body)
    assert stripe.check() == Unknown(detail=detail)


def test_a_card_whose_code_is_wrong_is_not_kept(stripe: Stripe, front: Front) -> None:
    front.tell(200, {"object": "payment_method", "id": "pm_1"})
    front.tell(402, card_error("incorrect_cvc"))
    outcome = kept(stripe)
    assert outcome == Declined(reason=Reason.CVV, message="No.")


def test_a_card_without_name_code_and_address_is_kept(
    stripe: Stripe, front: Front
) -> None:
    front.tell(200, {"object": "payment_method", "id": "pm_1"})
    front.tell(200, {"object": "customer", "id": "cus_1"})
    outcome = stripe.tokenise(
        order(card=CardNumber("4242424242424242")).card, CardCheck(), "keep-1"
    )
    assert isinstance(outcome, Tokenised)
    assert outcome.token.reveal() == "cus_1|pm_1"
    assert [a.params for a in front.asked] == [
        {
            "type": "card",
            "card[number]": "4242424242424242",
            "card[exp_month]": "1",
            "card[exp_year]": "2030",
        },
        {"payment_method": "pm_1", "metadata[perennial_key]": "keep-1"},
    ]
    assert [a.key for a in front.asked] == ["keep-1-card", "keep-1-customer"]


def kept(stripe: Stripe) -> Tokenised | Declined | Unknown:
    card = order(card=CardNumber("4242424242424242")).card
    return stripe.tokenise(card, CardCheck(cvv=Cvv.parse("123")), "keep-1")


@pytest.mark.parametrize(
    ("amount", "currency", "sent"),
    [
        ("10.00", "USD", "1000"),
        ("10", "JPY", "10"),
        ("5", "ISK", "500"),
        ("5", "UGX", "500"),
        ("10.00", "MGA", "10"),
        ("10.45", "HUF", "1045"),
        ("5.120", "KWD", "5120"),
        ("0.01", "EUR", "1"),
    ],
)
def test_an_amount_is_told_in_the_units_that_stripe_counts(
    stripe: Stripe, front: Front, amount: str, currency: str, sent: str
) -> None:
    front.tell(200, intent("succeeded"))
    stripe.charge(order(amount, currency))
    [asked] = front.asked
    assert (asked.params["amount"], asked.params["currency"]) == (
        sent,
        currency.lower(),
    )


@pytest.mark.parametrize(("amount", "currency"), [("5.124", "KWD"), ("10.50", "MGA")])
def test_an_amount_that_stripe_cannot_count_is_not_rounded(
    stripe: Stripe, front: Front, amount: str, currency: str
) -> None:
    outcome = stripe.charge(order(amount, currency))
    assert isinstance(outcome, Declined)
    assert outcome.reason is Reason.CURRENCY
    money = Money(Decimal(amount), currency)
    back = stripe.refund(Refund(key="back-1", amount=money, reference="pi_1"))
    assert back == outcome
    assert front.asked == []


def test_zero_decimal_currencies_are_those_of_stripe(
    stripe: Stripe, front: Front
) -> None:
    whole = set()
    for currency in sorted(CURRENCIES):
        front.tell(200, intent("succeeded"))
        stripe.charge(order("10", currency))
        if front.asked[-1].params["amount"] == "10":
            whole.add(currency)
    listed = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split()
    # Stripe knows nothing of UYI, Uruguay's unit of account.
    assert whole - {"UYI"} == set(listed)


def test_nobody_at_the_other_end_is_unknown() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    stripe = Stripe({"secret_key": "sk_test_1", "api_base": f"http://127.0.0.1:{port}"})
    unknown = Unknown(detail="Stripe cannot be reached, or hung up.")
    assert stripe.charge(order()) == unknown
    assert stripe.look_up(order()) == unknown
    assert stripe.refund(refund()) == unknown
    assert stripe.check() == unknown
    assert kept(stripe) == unknown


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        (stripe_front.silence, "Stripe did not answer in time."),
        (stripe_front.hang_up, "Stripe cannot be reached, or hung up."),
        (stripe_front.half, "Stripe cannot be reached, or hung up."),
        (stripe_front.drip, "Stripe did not answer in time."),
    ],
)
def test_an_answer_that_does_not_come_is_unknown(
    stripe: Stripe,
    front: Front,
    monkeypatch: pytest.MonkeyPatch,
    fault: Any,
    detail: str,
) -> None:
    monkeypatch.setattr(stripe_http, "READ_S", 0.3)
    monkeypatch.setattr(stripe_http, "TOTAL_S", 0.6)
    front.tell(200, intent("succeeded"))
    front.faults.append(fault)
    assert stripe.charge(order()) == Unknown(detail=detail)


# JSON, mostly of the names and words that are read.
NAMES = st.sampled_from(
    """
    id object status metadata perennial_key error type code decline_code message param
    payment_intent last_payment_error data has_more customer invoice_settings
    default_payment_method default_source advice_code
    """.split()
)
WORDS = st.sampled_from(
    """
    payment_intent list error customer refund card_error card_declined succeeded
    requires_action requires_payment_method canceled pi_1 cus_1 key-1
    """.split()
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6)
    ),
    max_leaves=12,
)
STATUSES = st.sampled_from([200, 201, 302, 400, 401, 402, 403, 404, 409, 429, 500])


# A way to ask, and for which card.
ASKING = st.sampled_from(
    [
        (lambda stripe, card: stripe.charge(order(card=card))),
        (lambda stripe, card: stripe.look_up(order(card=card))),
        (lambda stripe, _: stripe.refund(refund())),
        (lambda stripe, _: kept(stripe)),
        (lambda stripe, _: stripe.check()),
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.lists(st.tuples(STATUSES, VALUES), min_size=1, max_size=4),
    asking=ASKING,
    card=st.sampled_from([TOKEN, "pm_1", "cus_1"]),
)
def test_no_answer_whatever_is_an_error_of_ours(
    stripe: Stripe,
    front: Front,
    answers: list[tuple[int, object]],
    asking: Any,
    card: str,
) -> None:
    front.told.clear()
    for status, body in answers:
        front.tell(status, body)
    outcome = asking(stripe, card)
    front.told.clear()
    said = json.dumps(answers)
    assert not isinstance(outcome, Approved) or "succeeded" in said
