"""Card numbers: what is one, whose it is, and that it shows itself nowhere."""

import copy
import dataclasses
import json
import pickle
import string
import traceback
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.account import Gateway
from app.domain.autobill import AutobillRequest, CardGiven
from app.domain.card import (
    Brand,
    Card,
    CardNumber,
    CardToken,
    Cvv,
    Expiration,
    MaskedCard,
    is_mask,
)
from app.domain.card_request import CardRequest, CardText
from app.domain.client_card import NewCard, NewCardRequest
from app.domain.errors import InvalidValueError
from app.domain.gateway import CardCheck

unhurried = settings(deadline=None)

VISA = "4111111111111111"
EXPIRATION = Expiration(month=3, year=2012)
GATEWAY = Gateway(name="Authorize.Net", autobill_capable=True)
REQUEST = CardRequest(number=CardText(VISA), name="Ada Loom", expiration=EXPIRATION)


def with_check_digit(digits: str) -> str:
    """Return the digits with the one after them that makes the sum a multiple of 10."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value // 10 + value % 10
    return digits + str(-total % 10)


def card() -> Card:
    return Card(number=CardNumber(VISA), name="Ada Loom", expiration=EXPIRATION)


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("4111 1111 1111 1111", Brand.VISA),
        ("4242 4242 4242 4242", Brand.VISA),
        ("4222222222222", Brand.VISA),
        ("5555 5555 5555 4444", Brand.MASTERCARD),
        ("5105 1051 0510 5100", Brand.MASTERCARD),
        ("2223 0031 2200 3222", Brand.MASTERCARD),
        ("3782 822463 10005", Brand.AMEX),
        ("3714 496353 98431", Brand.AMEX),
        ("6011 1111 1111 1117", Brand.DISCOVER),
        ("3056 9309 0259 04", Brand.DINERS),
        ("3852 0000 0232 37", Brand.DINERS),
        ("3530 1113 3330 0000", Brand.JCB),
    ],
)
def test_well_known_test_numbers_are_read_with_their_brand(
    number: str, brand: Brand
) -> None:
    parsed = CardNumber.parse(number)
    assert parsed.reveal() == number.replace(" ", "")
    assert parsed.brand is brand


@pytest.mark.parametrize(
    ("prefix", "brand"),
    [
        ("4", Brand.VISA),
        ("50", None), ("51", Brand.MASTERCARD), ("55", Brand.MASTERCARD), ("56", None),
        ("2220", None), ("2221", Brand.MASTERCARD), ("2720", Brand.MASTERCARD),
        ("2721", None),
        ("33", None), ("34", Brand.AMEX), ("37", Brand.AMEX), ("35", None),
        ("300", Brand.DINERS), ("305", Brand.DINERS), ("306", None),
        ("36", Brand.DINERS), ("38", Brand.DINERS), ("39", Brand.DINERS),
        ("3527", None), ("3528", Brand.JCB), ("3589", Brand.JCB), ("3590", None),
        ("6011", Brand.DISCOVER), ("6010", None), ("643", None),
        ("644", Brand.DISCOVER), ("649", Brand.DISCOVER), ("65", Brand.DISCOVER),
        ("66", None), ("1", None), ("9", None),
    ],
)  # fmt: skip
def test_brands_follow_from_the_first_digits(prefix: str, brand: Brand | None) -> None:
    number = with_check_digit(prefix.ljust(15, "0"))
    assert CardNumber.parse(number).brand is brand


@pytest.mark.parametrize("length", range(12, 20))
def test_numbers_of_every_length_have_a_mask_of_that_length(length: int) -> None:
    number = with_check_digit("4".ljust(length - 4, "0") + "123")
    parsed = CardNumber.parse(number)
    assert len(parsed.masked) == length
    assert parsed.masked == "*" * (length - 4) + number[-4:]


@pytest.mark.parametrize("length", [1, 4, 11, 20, 30])
def test_other_lengths_are_refused(length: int) -> None:
    number = with_check_digit("4".ljust(length - 1, "0")[: length - 1])
    with pytest.raises(InvalidValueError) as refused:
        CardNumber.parse(number)
    assert refused.value.field == "number"


@unhurried
@given(
    digits=st.text(string.digits, min_size=11, max_size=18),
    place=st.integers(0, 17),
    other=st.integers(1, 9),
)
def test_one_wrong_digit_is_refused(digits: str, place: int, other: int) -> None:
    number = with_check_digit(digits)
    place %= len(number)
    wrong = str((int(number[place]) + other) % 10)
    assert CardNumber.parse(number).reveal() == number
    with pytest.raises(InvalidValueError):
        CardNumber.parse(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "4111-1111-1111-1111",
        " 4111 1111\t1111 1111\n",
        "4111.1111.1111.1111",
        "4111/1111/1111/1111",
        "(4111)1111_1111,1111",
        "4111\u00a01111\u20131111\u20091111",
        "4-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1",
    ],
)
def test_punctuation_is_stripped(text: str) -> None:
    assert CardNumber.parse(text).reveal() == VISA


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("    ", id="blanks"),
        pytest.param("----------------", id="punctuation alone"),
        pytest.param("4111111111111111x", id="a letter behind"),
        pytest.param("visa4111111111111111", id="letters before"),
        pytest.param("4111O11111111111", id="O for zero"),
        pytest.param("4111\u00e911111111111111", id="accented letter"),
        pytest.param("************1111", id="a mask"),
        pytest.param("4111111111111111*", id="an asterisk"),
        pytest.param("\u0664\u0661\u0661\u0661" * 4, id="digits of Arabic"),
        pytest.param("\uff14" + "\uff11" * 15, id="digits of full width"),
        pytest.param("4111111111111111\u0664", id="one Arabic digit behind"),
        pytest.param("411111111111111\u00b9", id="superscript one"),
        pytest.param("411111111111111\u2460", id="circled one"),
        pytest.param("\u096a" + "\u0967" * 15, id="digits of Devanagari"),
        pytest.param("0x4111111111111111", id="hexadecimal"),
        pytest.param("4111111111111112", id="check digit"),
    ],
)
def test_what_is_no_card_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        CardNumber.parse(text)
    assert refused.value.field == "number"
    assert refused.value.reason == "This is not a valid card number."


def shown(value: object) -> list[str]:
    """Return the ways in which a value may come into a log or a message."""
    return [
        repr(value),
        str(value),
        f"{value}",
        f"{value!r:>40}",
        f"{value!s}",
        format(value),
        "%s %r" % (value, value),  # noqa: UP031 - logging formats like this
        "{0} {0!r}".format(value),  # noqa: UP032 - likewise
        repr([value]),
        repr({"card": value}),
    ]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(CardNumber(VISA), id="number"),
        pytest.param(card(), id="card"),
        pytest.param(card().masked, id="masked card"),
        pytest.param(NewCard(client_id=1, gateway=GATEWAY, card=card()), id="new card"),
        pytest.param(
            CardGiven(gateway_name="Authorize.Net", card=card()), id="card given"
        ),
    ],
)
def test_no_text_of_a_value_shows_the_digits(value: object) -> None:
    for text in shown(value):
        assert "11111" not in text
        assert "411" not in text
        assert "************1111" in text


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(CardText(VISA, "card/number"), id="text"),
        pytest.param(REQUEST, id="card request"),
        pytest.param(AutobillRequest(card=REQUEST), id="autobill request"),
        pytest.param(
            NewCardRequest(
                client_id=1,
                gateway_name="",
                card=REQUEST,
                check=CardCheck(cvv=Cvv("739")),
            ),
            id="new card request",
        ),
        pytest.param(CardCheck(cvv=Cvv("739")), id="check"),
        pytest.param(Cvv("739"), id="cvv"),
        pytest.param(CardToken("tok_739", "1881", None), id="token"),
    ],
)
def test_no_text_of_a_request_shows_anything_of_the_card(value: object) -> None:
    for text in shown(value):
        assert "1111" not in text
        assert "739" not in text
        assert "Ada" not in text


def test_texts_of_cards_show_neither_holder_nor_expiry() -> None:
    for text in (*shown(card()), *shown(card().masked)):
        assert "Ada" not in text
        assert "2012" not in text


def test_a_dataclass_with_a_number_does_not_show_it() -> None:
    holder = dataclasses.make_dataclass("Holder", ["number"])
    assert repr(holder(CardNumber(VISA))) == (
        "Holder(number=CardNumber(************1111))"
    )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("value", [CardNumber(VISA), card()], ids=["number", "card"])
def test_numbers_are_not_pickled(value: object, protocol: int) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(value, protocol)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_numbers_are_not_copied(copied: Any) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        copied(CardNumber(VISA))


def test_numbers_are_not_written_as_json() -> None:
    with pytest.raises(TypeError) as refused:
        json.dumps({"number": CardNumber(VISA)})
    assert VISA not in str(refused.value)


def test_a_traceback_of_a_refused_number_does_not_quote_it() -> None:
    number = "4111111111111112"
    try:
        CardNumber.parse(number)
    except InvalidValueError as error:
        text = "".join(traceback.format_exception(error)) + repr(error) + str(error)
    assert number not in text


def test_numbers_have_no_dictionary_to_look_into() -> None:
    assert not hasattr(CardNumber(VISA), "__dict__")


def test_numbers_are_equal_by_their_digits() -> None:
    number = CardNumber(VISA)
    assert number == CardNumber.parse("4111 1111 1111 1111")
    assert hash(number) == hash(CardNumber(VISA))
    assert number != CardNumber("4242424242424242")
    assert number != VISA


def test_a_masked_card_keeps_holder_and_expiry() -> None:
    assert card().masked == MaskedCard(
        number="************1111", name="Ada Loom", expiration=EXPIRATION
    )


@pytest.mark.parametrize(
    ("today", "over"),
    [
        (date(2011, 3, 31), False),
        (date(2012, 2, 29), False),
        (date(2012, 3, 1), False),
        (date(2012, 3, 31), False),
        (date(2012, 4, 1), True),
        (date(2013, 1, 1), True),
        (date(2013, 3, 31), True),
    ],
)
def test_a_card_is_good_through_the_last_day_of_its_month(
    today: date, *, over: bool
) -> None:
    assert EXPIRATION.over(today) is over


@pytest.mark.parametrize(
    ("month", "today", "over"),
    [(12, date(2012, 12, 31), False), (12, date(2013, 1, 1), True)],
)
def test_a_card_of_december_expires_with_its_year(
    month: int, today: date, *, over: bool
) -> None:
    assert Expiration(month=month, year=2012).over(today) is over


@pytest.mark.parametrize(
    ("text", "mask"),
    [("************1111", True), ("*", False), (f"{VISA}*", False), (VISA, False)],
)
def test_a_mask_is_asterisks_and_the_last_four_digits(text: str, *, mask: bool) -> None:
    assert is_mask(text) is mask


@pytest.mark.parametrize("value", [CardText(VISA), CardToken("tok_1", "1111", None)])
def test_texts_and_tokens_are_not_pickled(value: object) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(value)


@pytest.mark.parametrize(
    ("digits", "brand", "fits"),
    [
        ("123", Brand.VISA, True),
        ("1234", Brand.VISA, False),
        ("1234", Brand.AMEX, True),
        ("123", Brand.AMEX, False),
    ],
)
def test_a_code_has_four_digits_on_one_brand_and_three_on_others(
    digits: str, brand: Brand, *, fits: bool
) -> None:
    assert Cvv.parse(digits).fits(brand) is fits
