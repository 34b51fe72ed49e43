"""What an autobill element asks for, and what it is refused for."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.domain.account import Account, Gateway
from app.domain.autobill import (
    Autobill,
    AutobillRequest,
    CardGiven,
    CardKept,
    check_currency,
    checked,
)
from app.domain.card import Brand, Card, CardNumber, Expiration, MaskedCard
from app.domain.errors import ForeignCurrencyError, InvalidValueError

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
REQUEST = AutobillRequest(
    gateway_name="Authorize.Net", number=NUMBER, name="Ada Loom", expiration=GOOD
)
MASKED = replace(REQUEST, number="************1111")
STORED = Autobill(
    gateway_name="Authorize.Net",
    card=MaskedCard(number="************1111", name="Ada Loom", expiration=GOOD),
)


def ask(
    request: AutobillRequest,
    stored: Autobill | None = None,
    account: Account = ACCOUNT,
    today: date = TODAY,
) -> CardGiven | CardKept | None:
    return checked(request, stored, account, GATEWAYS, today)


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
    assert refused_field(replace(REQUEST, expiration=PAST)) == "expiration"


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
    request = replace(REQUEST, number=CardNumber.parse(number))
    assert refused_field(request) == "number"


def test_a_card_of_no_known_type_is_refused_though_all_types_are_enabled() -> None:
    account = replace(ACCOUNT, card_types=tuple(Brand))
    request = replace(REQUEST, number=CardNumber.parse("9000 0000 0000 0001"))
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
    ("request_", "kept"),
    [
        pytest.param(
            replace(MASKED, name="Ben Loom"),
            CardKept(gateway_name="Authorize.Net", name="Ben Loom", expiration=GOOD),
            id="holder",
        ),
        pytest.param(
            replace(MASKED, expiration=Expiration(month=4, year=2012)),
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
    request_: AutobillRequest, kept: CardKept
) -> None:
    assert ask(request_, STORED) == kept


def test_a_kept_number_with_a_past_expiry_is_refused() -> None:
    assert refused_field(replace(MASKED, expiration=PAST), STORED) == "expiration"


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
    assert refused_field(replace(MASKED, number=mask), STORED) == "number"


def test_a_mask_without_a_stored_card_is_refused() -> None:
    assert refused_field(MASKED) == "number"


@pytest.mark.parametrize("code", ["EUR", "CAD", "usd", ""])
def test_auto_billing_in_another_currency_is_refused(code: str) -> None:
    with pytest.raises(ForeignCurrencyError) as refused:
        check_currency(code, ACCOUNT)
    assert refused.value.field == "currency_code"


def test_auto_billing_in_the_base_currency_is_taken() -> None:
    check_currency("EUR", replace(ACCOUNT, base_currency="EUR"))
