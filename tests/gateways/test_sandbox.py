"""The sandbox: its numbers, and their tokens, do what is written of them."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from app.domain.card import Brand, Card, CardNumber, CardToken, Cvv, Expiration
from app.domain.charge import ChargeState
from app.domain.gateway import (
    Address,
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
from app.domain.money import Money
from app.gateways.sandbox import NUMBERS, Sandbox
from app.services.ports import Ports
from app.storage import charge as charges
from app.storage import gateway as stored_gateways
from tests.conftest import Api

SANDBOX = Sandbox({})
# Those of Stripe's test cards that decline; the words are its own.
KNOWN = {
    "4000000000000002": Reason.DECLINED,
    "4000000000009995": Reason.FUNDS,
    "4000000000009987": Reason.LOST,
    "4000000000009979": Reason.STOLEN,
    "4000000000000069": Reason.EXPIRED,
    "4000000000000127": Reason.CVV,
    "4000000000000119": Reason.PROCESSING,
    "4000000000006975": Reason.LIMIT,
    "4100000000000019": Reason.FRAUD,
    "4000002760003184": Reason.AUTHENTICATION,
}
SECOND = "4000100000000109"
UNSENT = "4000100000000117"
UNHEARD = "4000100000000125"
LATE = "4000100000000133"
SILENT = "4000100000000141"
GARBAGE = "4000100000000158"
UNKEPT = "4000100000000166"
OTHERS = ("4929007711223342", "5412751234567898", "371449635398431", "6011000990139424")


def card(number: CardNumber | CardToken) -> Card:
    return Card(
        number=number, name="Ada Byron", expiration=Expiration(month=7, year=2031)
    )


def order(of: Card, *, attempt_no: int = 1, asked: int = 0) -> Order:
    return Order(
        key="k1",
        amount=Money.from_minor(4000, "USD"),
        card=of,
        invoice_number="0000001",
        attempt_no=attempt_no,
        asked=asked,
    )


def numbered(number: str) -> Card:
    return card(CardNumber.parse(number))


def tokenised(number: str) -> Card:
    """Return the card as it is once the sandbox keeps its number."""
    found = SANDBOX.tokenise(numbered(number), CardCheck(), "k2")
    assert isinstance(found, Tokenised)
    return card(found.token)


# A number and its token have the same story.
@pytest.fixture(name="carded", params=[numbered, tokenised])
def carded_(request: pytest.FixtureRequest) -> Callable[[str], Card]:
    """Provide what makes a card of a number."""
    made: Callable[[str], Card] = request.param
    return made


def test_each_number_passes_the_check_of_its_digits() -> None:
    for number in NUMBERS:
        assert CardNumber.parse(number).brand is Brand.VISA


def test_each_number_and_its_word_stand_in_the_document() -> None:
    text = (Path(__file__).parents[2] / "docs/gateways.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([0-9 ]+)` \| `([a-z_]+)` \|", text, re.MULTILINE))
    told = {number.replace(" ", ""): word for number, word in rows.items()}
    assert told == {number: str(story) for number, story in NUMBERS.items()}


@pytest.mark.parametrize("number", OTHERS)
def test_a_card_that_is_not_listed_is_approved(
    carded: Callable[[str], Card], number: str
) -> None:
    assert isinstance(SANDBOX.charge(order(carded(number))), Approved)
    assert SANDBOX.charge(order(carded(number))) == SANDBOX.look_up(
        order(carded(number))
    )


def test_each_known_test_card_declines_as_it_does_elsewhere() -> None:
    for number, reason in KNOWN.items():
        outcome = SANDBOX.charge(order(numbered(number)))
        assert isinstance(outcome, Declined)
        assert outcome.reason is reason


def test_there_is_a_card_for_each_reason() -> None:
    outcomes = [SANDBOX.charge(order(numbered(number))) for number in NUMBERS]
    reasons = {each.reason for each in outcomes if isinstance(each, Declined)}
    assert reasons == set(Reason)


@pytest.mark.parametrize("number", sorted(set(NUMBERS) - {UNKEPT, "4000100000000034"}))
@pytest.mark.parametrize(("attempt_no", "asked"), [(1, 0), (1, 1), (1, 3), (2, 0)])
def test_a_token_does_what_its_number_does(
    number: str, attempt_no: int, asked: int
) -> None:
    orders = [
        order(of, attempt_no=attempt_no, asked=asked)
        for of in (numbered(number), tokenised(number))
    ]
    assert SANDBOX.charge(orders[0]) == SANDBOX.charge(orders[1])
    assert SANDBOX.look_up(orders[0]) == SANDBOX.look_up(orders[1])


@pytest.mark.parametrize("number", [*NUMBERS, *OTHERS])
def test_a_token_shows_nothing_of_its_number(number: str) -> None:
    found = SANDBOX.tokenise(numbered(number), CardCheck(), "k2")
    if isinstance(found, Tokenised):
        text = found.token.reveal()
        assert Sandbox.TOKEN is not None
        assert Sandbox.TOKEN.fullmatch(text)
        assert found.token.last_four == number[-4:]
        assert found.token.brand is CardNumber(number).brand
        digits = "".join(filter(str.isdigit, text.rpartition("_")[0]))
        assert digits == ""
    again = SANDBOX.tokenise(numbered(OTHERS[0]), CardCheck(), "k2")
    assert isinstance(again, Tokenised)
    # The digest is of the key alone.
    if isinstance(found, Tokenised):
        assert found.token.reveal()[-24:] == again.token.reveal()[-24:]


@pytest.mark.parametrize("text", ["tok_stolen", "tok_account_closed_x1", "tok_second_"])
def test_a_token_that_somebody_wrote_has_the_story_that_it_names(text: str) -> None:
    outcome = SANDBOX.charge(order(card(CardToken(text, "", None))))
    assert isinstance(outcome, Declined)


@pytest.mark.parametrize("text", ["tok_visa", "tok_stolenly", "tok_1", "other"])
def test_a_token_that_names_no_story_is_approved(text: str) -> None:
    outcome = SANDBOX.charge(order(card(CardToken(text, "", None))))
    assert isinstance(outcome, Approved)


def test_a_token_is_kept_as_it_is() -> None:
    token = CardToken("tok_stolen", "4242", None)
    assert SANDBOX.tokenise(card(token), CardCheck(), "k2") == Tokenised(token=token)


@pytest.mark.parametrize(
    ("number", "check", "reason"),
    [
        ("4000000000000127", CardCheck(cvv=Cvv("123")), Reason.CVV),
        ("4000000000000010", CardCheck(address=Address(code="10115")), Reason.ADDRESS),
        ("4000100000000034", CardCheck(), Reason.NUMBER),
    ],
)
def test_what_a_check_finds_wrong_is_not_kept(
    number: str, check: CardCheck, reason: Reason
) -> None:
    outcome = SANDBOX.tokenise(numbered(number), check, "k2")
    assert isinstance(outcome, Declined)
    assert outcome.reason is reason


@pytest.mark.parametrize("number", ["4000000000000127", "4000000000000010"])
def test_what_nobody_checks_is_kept(number: str) -> None:
    assert isinstance(SANDBOX.tokenise(numbered(number), CardCheck(), "k2"), Tokenised)


def test_a_good_card_passes_the_check() -> None:
    check = CardCheck(cvv=Cvv("123"), address=Address(street="Weberstr. 1"))
    assert isinstance(SANDBOX.tokenise(numbered(OTHERS[0]), check, "k2"), Tokenised)


def test_one_card_gets_no_answer_when_it_is_to_be_kept() -> None:
    found = SANDBOX.tokenise(numbered(UNKEPT), CardCheck(), "k2")
    assert isinstance(found, Unknown)
    assert isinstance(SANDBOX.charge(order(numbered(UNKEPT))), Approved)


def test_a_card_is_approved_from_the_second_attempt_on(
    carded: Callable[[str], Card],
) -> None:
    of = carded(SECOND)
    first = SANDBOX.charge(order(of))
    assert isinstance(first, Declined)
    assert not first.hard
    for attempt_no in (2, 3):
        assert isinstance(SANDBOX.charge(order(of, attempt_no=attempt_no)), Approved)


def test_an_order_that_never_arrived_is_taken_when_it_is_given_again(
    carded: Callable[[str], Card],
) -> None:
    of = carded(UNSENT)
    assert isinstance(SANDBOX.charge(order(of)), Unknown)
    assert SANDBOX.look_up(order(of, asked=1)) == Missing()
    assert isinstance(SANDBOX.charge(order(of, asked=1)), Approved)


def test_an_order_whose_answer_was_lost_is_found(carded: Callable[[str], Card]) -> None:
    of = carded(UNHEARD)
    assert isinstance(SANDBOX.charge(order(of)), Unknown)
    assert isinstance(SANDBOX.look_up(order(of, asked=1)), Approved)


def test_a_late_answer_is_there_at_the_third_look(
    carded: Callable[[str], Card],
) -> None:
    of = carded(LATE)
    assert isinstance(SANDBOX.charge(order(of)), Unknown)
    found = [SANDBOX.look_up(order(of, asked=asked)) for asked in (1, 2, 3, 4)]
    assert [isinstance(each, Approved) for each in found] == [False, False, True, True]
    assert isinstance(found[1], Unknown)


def test_one_card_is_never_answered(carded: Callable[[str], Card]) -> None:
    of = carded(SILENT)
    for asked in range(20):
        assert isinstance(SANDBOX.charge(order(of, asked=asked)), Unknown)
        assert isinstance(SANDBOX.look_up(order(of, asked=asked)), Unknown)


def test_garbage_hides_a_decline(carded: Callable[[str], Card]) -> None:
    of = carded(GARBAGE)
    outcome = SANDBOX.charge(order(of))
    assert isinstance(outcome, Unknown)
    assert "understood" in outcome.detail
    assert isinstance(SANDBOX.look_up(order(of, asked=1)), Declined)


def test_what_is_asked_twice_has_one_reference() -> None:
    assert SANDBOX.charge(order(numbered(OTHERS[0]))) == SANDBOX.charge(
        order(numbered(OTHERS[1]))
    )


def test_a_refund_is_approved_under_its_own_key() -> None:
    amount = Money.from_minor(4000, "USD")
    made = [
        SANDBOX.refund(Refund(key=key, amount=amount, reference="sandbox_1"))
        for key in ("k1", "k1", "k2")
    ]
    assert made[0] == made[1] != made[2]


def profile(api: Api, number: str) -> int:
    return api.create_profile(
        "<occurrences>0</occurrences><lines><line><name>Hosting</name><unit_cost>40"
        "</unit_cost><quantity>1</quantity></line></lines><autobill><gateway_name>"
        f"Authorize.Net</gateway_name><card><number>{number}</number><name>Ada Byron"
        "</name><expiration><month>7</month><year>2031</year></expiration></card>"
        "</autobill>"
    )


# How each story looks in the books: what is paid, by the day of September on which it
# is; then how often the card was charged, and what is left.
STORIES = {
    SECOND: ("auto-paid", 2, [ChargeState.DECLINED, ChargeState.CAPTURED]),
    UNSENT: ("auto-paid", 2, [ChargeState.CAPTURED]),
    UNHEARD: ("auto-paid", 2, [ChargeState.CAPTURED]),
    LATE: ("auto-paid", 4, [ChargeState.CAPTURED]),
    SILENT: ("sent", None, [ChargeState.PARKED]),
    GARBAGE: ("failed", None, [ChargeState.DECLINED, ChargeState.DECLINED]),
}


@pytest.mark.parametrize("number", list(STORIES))
@pytest.mark.usefixtures("ports")
def test_every_story_ends_in_the_books(clocked: Api, number: str) -> None:
    status, paid_on, states = STORIES[number]
    profile(clocked, number)
    first_paid = None
    for day in range(1, 25):
        assert clocked.call("clock.set", f"<date>2007-09-{day:02}</date>").ok
        if first_paid is None and clocked.call("payment.list").all("amount"):
            first_paid = day
    assert clocked.call("invoice.list").all("status") == [status]
    assert first_paid == paid_on
    found = charges.of_invoice(clocked.account.account_id, 1)
    assert [each.state for each in found] == states
    paid = clocked.call("payment.list").all("amount")
    assert paid == ["40"] * states.count(ChargeState.CAPTURED)


def test_a_silent_gateway_is_left_alone(clocked: Api, ports: Ports) -> None:
    del ports
    profile(clocked, SILENT)
    for day in range(1, 25):
        assert clocked.call("clock.set", f"<date>2007-09-{day:02}</date>").ok
    found = stored_gateways.get(clocked.account.account_id, "Authorize.Net")
    assert found is not None
    assert found.failures >= 5
    assert found.open_until is not None
    assert found.open_until.date() > date(2007, 9, 1)
