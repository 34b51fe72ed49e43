"""What an autobill element asks for, and what it is refused for."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.domain.account import Account, Gateway
from app.domain.autobill import (
    Autobill,
    AutobillRequest,
    CardChosen,
    CardGiven,
    CardKept,
    check_currency,
    checked,
    chosen,
    chosen_id,
    kept,
)
from app.domain.card import (
    Brand,
    Card,
    CardNumber,
    CardToken,
    Expiration,
    MaskedCard,
)
from app.domain.card_request import CardRequest, CardText, Terms
from app.domain.client_card import ClientCard
from app.domain.errors import (
    ForeignCurrencyError,
    InvalidValueError,
    MissingFieldError,
)

TODAY = date(2007, 9, 1)
ACCOUNT = Account(
    account_id=1,
    name="Loom",
    system="loom",
    base_currency="USD",
    time_zone="UTC",
    language="en",
    card_types=(Brand.VISA, Brand.MASTERCARD),
    created_at=datetime(2007, 1, 1, tzinfo=UTC),
)
GATEWAYS = (
    Gateway(name="Authorize.Net", autobill_capable=True),
    Gateway(name="PayPal", autobill_capable=False),
    Gateway(name="PayPal Payflow Pro", autobill_capable=True),
)
NUMBER = CardNumber.parse("4111 1111 1111 1111")
GOOD = Expiration(month=3, year=2012)
PAST = Expiration(month=8, year=2007)


def request_of(number: str, **fields: Any) -> AutobillRequest:
    """Return a request for a card at Authorize.Net, with other fields of the card."""
    card = CardRequest(number=CardText(number, PLACE), name="Ada Loom", expiration=GOOD)
    return AutobillRequest(gateway_name="Authorize.Net", card=replace(card, **fields))


PLACE = "recurring/autobill/card/number"
WHOLE = "4111 1111 1111 1111"
MASK = "************1111"
REQUEST = request_of(WHOLE)
MASKED = request_of(MASK)
STORED = Autobill(
    gateway_name="Authorize.Net",
    card=MaskedCard(number="************1111", name="Ada Loom", expiration=GOOD),
)


def terms(account: Account = ACCOUNT, today: date = TODAY) -> Terms:
    """Return the terms of an account, at whose sandbox gateways there are tokens."""
    tokens = {"sandbox": re.compile("tok_[a-z0-9]+")}
    return Terms(account=account, gateways=GATEWAYS, tokens=tokens, today=today)


def ask(
    request: AutobillRequest,
    stored: Autobill | None = None,
    account: Account = ACCOUNT,
    today: date = TODAY,
) -> CardGiven | CardKept | None:
    return checked(request, stored, terms(account, today))


def refused_field(
    request: AutobillRequest,
    stored: Autobill | None = None,
    account: Account = ACCOUNT,
    today: date = TODAY,
) -> str:
    with pytest.raises(InvalidValueError) as refused:
        ask(request, stored, account, today)
    return refused.value.field


@pytest.mark.parametrize("stored", [None, STORED], ids=["first", "instead"])
def test_a_whole_number_is_a_card_given(stored: Autobill | None) -> None:
    assert ask(REQUEST, stored) == CardGiven(
        gateway_name="Authorize.Net",
        card=Card(number=NUMBER, name="Ada Loom", expiration=GOOD),
    )


@pytest.mark.parametrize(
    "name", ["authorize.net", "AUTHORIZE.NET", " Authorize.Net ", "Authorize.Net"]
)
def test_gateways_are_found_in_any_case_and_bear_their_own_spelling(name: str) -> None:
    asked = ask(replace(REQUEST, gateway_name=name))
    assert asked is not None
    assert asked.gateway_name == "Authorize.Net"


@pytest.mark.parametrize("name", ["Stripe", "Authorize", "", "PayPal"])
@pytest.mark.parametrize("request_", [REQUEST, MASKED], ids=["number", "mask"])
def test_a_gateway_that_is_unknown_or_not_capable_is_refused(
    name: str, request_: AutobillRequest
) -> None:
    request = replace(request_, gateway_name=name)
    assert refused_field(request, STORED) == "gateway_name"


def test_an_expired_card_is_refused() -> None:
    assert refused_field(request_of(WHOLE, expiration=PAST)) == "expiration"


@pytest.mark.parametrize("today", [date(2012, 3, 1), date(2012, 3, 31)])
def test_a_card_is_taken_in_its_last_month(today: date) -> None:
    assert isinstance(ask(REQUEST, today=today), CardGiven)


def test_a_card_is_refused_on_the_day_after_its_last_month() -> None:
    assert refused_field(REQUEST, today=date(2012, 4, 1)) == "expiration"


@pytest.mark.parametrize(
    "number",
    ["3782 822463 10005", "6011 1111 1111 1117", "9000 0000 0000 0001"],
)
def test_a_card_type_that_is_not_enabled_is_refused(number: str) -> None:
    assert refused_field(request_of(number)) == "number"


def test_a_card_of_no_known_type_is_refused_though_all_types_are_enabled() -> None:
    account = replace(ACCOUNT, card_types=tuple(Brand))
    request = request_of("9000 0000 0000 0001")
    assert refused_field(request, account=account) == "number"


def test_the_stored_mask_sent_back_changes_nothing() -> None:
    assert ask(MASKED, STORED) is None


def test_an_expired_card_sent_back_as_it_was_read_changes_nothing() -> None:
    assert ask(MASKED, STORED, today=date(2020, 1, 1)) is None


def test_a_card_of_a_disabled_type_sent_back_as_it_was_read_changes_nothing() -> None:
    assert ask(MASKED, STORED, replace(ACCOUNT, card_types=())) is None


@pytest.mark.parametrize("spelling", ["AUTHORIZE.NET", "  authorize.net"])
def test_another_spelling_of_the_gateway_changes_nothing(spelling: str) -> None:
    assert ask(replace(MASKED, gateway_name=spelling), STORED) is None


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param(
            request_of(MASK, name="Ben Loom"),
            CardKept(gateway_name="Authorize.Net", name="Ben Loom", expiration=GOOD),
            id="holder",
        ),
        pytest.param(
            request_of(MASK, expiration=Expiration(month=4, year=2012)),
            CardKept(
                gateway_name="Authorize.Net",
                name="Ada Loom",
                expiration=Expiration(month=4, year=2012),
            ),
            id="expiry",
        ),
        pytest.param(
            replace(MASKED, gateway_name="PayPal Payflow Pro"),
            CardKept(
                gateway_name="PayPal Payflow Pro", name="Ada Loom", expiration=GOOD
            ),
            id="gateway",
        ),
    ],
)
def test_the_stored_mask_with_another_field_keeps_the_number(
    request_: AutobillRequest, expected: CardKept
) -> None:
    assert ask(request_, STORED) == expected


def test_a_kept_number_with_a_past_expiry_is_refused() -> None:
    assert refused_field(request_of(MASK, expiration=PAST), STORED) == "expiration"


@pytest.mark.parametrize(
    "mask",
    [
        "************1112",
        "***********1111",
        "*************1111",
        "****1111",
        "************",
        "*",
        "4***********1111",
        "411111111111*111",
        "************1111 ",
    ],
)
def test_any_other_mask_is_refused(mask: str) -> None:
    assert refused_field(request_of(mask), STORED) == "number"


def test_a_mask_without_a_stored_card_is_refused() -> None:
    assert refused_field(MASKED) == "number"


@pytest.mark.parametrize("code", ["EUR", "CAD", "usd", ""])
def test_auto_billing_in_another_currency_is_refused(code: str) -> None:
    with pytest.raises(ForeignCurrencyError) as refused:
        check_currency(code, ACCOUNT)
    assert refused.value.field == "currency_code"


def test_auto_billing_in_the_base_currency_is_taken() -> None:
    check_currency("EUR", replace(ACCOUNT, base_currency="EUR"))


# Tokens of a gateway's, in place of a number.

TOKEN = "tok_9f8e7d"


def test_what_has_the_form_of_the_gateways_tokens_is_one() -> None:
    asked = ask(request_of(TOKEN, last_four="4242", brand=Brand.VISA))
    assert isinstance(asked, CardGiven)
    assert asked.card.number == CardToken(TOKEN, "4242", Brand.VISA)
    assert asked.card.number.masked == "************4242"


def test_a_token_needs_the_last_four_digits() -> None:
    with pytest.raises(MissingFieldError) as refused:
        ask(request_of(TOKEN))
    assert refused.value.field == "last_four"


def test_a_token_of_a_type_that_is_not_enabled_is_refused() -> None:
    request = request_of(TOKEN, last_four="0005", brand=Brand.AMEX)
    assert refused_field(request) == "type"


def test_a_token_whose_type_nobody_tells_is_taken() -> None:
    assert isinstance(ask(request_of(TOKEN, last_four="0005")), CardGiven)


def test_a_token_of_an_expired_card_is_refused() -> None:
    request = request_of(TOKEN, last_four="4242", expiration=PAST)
    assert refused_field(request) == "expiration"


@pytest.mark.parametrize(
    "text", ["tok_", "tok_A", "xtok_9f8e7d", "tok_9f8e7d\n", "pm_9f8e7d", TOKEN.upper()]
)
def test_what_has_letters_and_is_no_token_is_no_number(text: str) -> None:
    request = request_of(text, last_four="4242")
    with pytest.raises(InvalidValueError, match="number") as refused:
        ask(request)
    assert refused.value.reason == "This is not a valid card number."


def test_a_gateway_of_another_kind_does_not_know_the_token() -> None:
    gateways = (replace(GATEWAYS[0], kind="other"),)
    with pytest.raises(InvalidValueError) as refused:
        checked(
            request_of(TOKEN, last_four="4242"),
            None,
            replace(terms(), gateways=gateways),
        )
    assert refused.value.field == "number"


def test_a_refused_number_is_told_with_its_place() -> None:
    with pytest.raises(InvalidValueError) as refused:
        ask(request_of("4111"))
    assert refused.value.path == PLACE


def test_a_kept_token_does_not_go_to_another_gateway() -> None:
    card = Card(number=CardToken(TOKEN, "4242", None), name="Ada", expiration=GOOD)
    change = CardKept(gateway_name="PayPal Payflow Pro", name="Bo", expiration=GOOD)
    with pytest.raises(InvalidValueError) as refused:
        kept(card, "Authorize.Net", change)
    assert refused.value.field == "gateway_name"
    assert kept(card, "PayPal Payflow Pro", change).name == "Bo"


# Cards of the client's.

OF_CLIENT = ClientCard(
    card_id=3,
    client_id=5,
    gateway_name="PayPal Payflow Pro",
    last_four="4242",
    brand=Brand.VISA,
    card=MaskedCard(number="************4242", name="Ada Loom", expiration=GOOD),
)
BY_ID = AutobillRequest(card_id=3)
USED = replace(STORED, card_id=3)


@pytest.mark.parametrize(
    ("request_", "stored_id", "expected"),
    [
        pytest.param(BY_ID, None, 3, id="alone"),
        pytest.param(BY_ID, 3, 3, id="the one that is used"),
        pytest.param(REQUEST, 3, None, id="a number"),
        pytest.param(MASKED, 3, None, id="a mask, by who knows no ids"),
        pytest.param(replace(MASKED, card_id=3), 3, None, id="as it was read"),
        pytest.param(
            replace(MASKED, card_id=4), 3, 4, id="another beside what was read"
        ),
        pytest.param(replace(MASKED, card_id=4), None, 4, id="beside its own"),
        pytest.param(
            replace(REQUEST, card_id=3), 3, None, id="a number beside the old"
        ),
    ],
)
def test_a_request_chooses_a_card_by_its_id(
    request_: AutobillRequest, stored_id: int | None, expected: int | None
) -> None:
    assert chosen_id(request_, stored_id) == expected


@pytest.mark.parametrize("stored_id", [None, 4])
def test_a_number_beside_another_id_is_refused(stored_id: int | None) -> None:
    with pytest.raises(InvalidValueError) as refused:
        chosen_id(replace(REQUEST, card_id=3), stored_id)
    assert refused.value.field == "card_id"


def test_a_chosen_card_is_charged_at_its_own_gateway() -> None:
    assert chosen(BY_ID, OF_CLIENT, None, terms()) == CardChosen(
        gateway_name="PayPal Payflow Pro", card_id=3, number="************4242"
    )


def test_the_card_that_is_used_may_be_chosen_though_it_has_expired() -> None:
    assert chosen(BY_ID, OF_CLIENT, 3, terms(today=date(2020, 1, 1))) is None


@pytest.mark.parametrize(
    ("request_", "card", "field"),
    [
        pytest.param(
            replace(BY_ID, gateway_name="Authorize.Net"),
            OF_CLIENT,
            "gateway_name",
            id="another gateway",
        ),
        pytest.param(
            BY_ID, replace(OF_CLIENT, gateway_name="Gone"), "gateway_name", id="gone"
        ),
        pytest.param(BY_ID, replace(OF_CLIENT, card=None), "card_id", id="unreadable"),
    ],
)
def test_a_card_that_cannot_be_charged_is_not_chosen(
    request_: AutobillRequest, card: ClientCard, field: str
) -> None:
    with pytest.raises(InvalidValueError) as refused:
        chosen(request_, card, None, terms())
    assert refused.value.field == field


def test_an_expired_card_is_not_chosen() -> None:
    with pytest.raises(InvalidValueError) as refused:
        chosen(BY_ID, OF_CLIENT, None, terms(today=date(2012, 4, 1)))
    assert refused.value.field == "card_id"


def test_a_clients_card_read_and_sent_back_changes_nothing() -> None:
    assert ask(replace(MASKED, card_id=3), USED) is None
    assert ask(MASKED, USED) is None


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (request_of(MASK, name="Ben"), "name"),
        (request_of(MASK, expiration=Expiration(month=4, year=2012)), "expiration"),
        (replace(MASKED, gateway_name="paypal payflow pro"), "gateway_name"),
    ],
)
def test_a_clients_card_is_not_changed_by_a_profile(
    request_: AutobillRequest, field: str
) -> None:
    assert refused_field(replace(request_, card_id=3), USED) == field
