"""The numbers of invoices: counted, or chosen."""

import pytest

from tests.conftest import Api
from tests.invoices import LINE, call, create, made, shown, told

IN_USE = "This invoice number is already in use. Please choose another."


def test_a_chosen_number_is_kept_and_the_next_ones_follow_it(api: Api) -> None:
    made(api)
    made(api, "<number>41</number>")
    made(api)
    api.create_profile(f"<lines>{LINE}</lines>")
    numbers = api.call("invoice.list").all("number")
    assert numbers == ["0000043", "0000042", "41", "0000001"]


@pytest.mark.parametrize(
    "number", ["A-1", "7b", "-9", "\u0663", "9999999999999999", "1.5"]
)
def test_what_is_no_count_is_followed_by_nothing(api: Api, number: str) -> None:
    made(api, f"<number>{number}</number>")
    made(api)
    assert [shown(api, "number", n) for n in (1, 2)] == [number, "0000001"]


def test_the_next_numbers_never_meet_one_that_was_taken_for_a_name(api: Api) -> None:
    made(api, "<number>1000000000000000</number>")
    for number in ("999999999999999", "999000000000001"):
        answer = create(api, f"<number>{number}</number>")
        assert (answer.code, answer.field) == ("40060", "number")
        answer = call(api, "update", 1, f"<number>{number}</number>")
        assert (answer.code, answer.field) == ("40060", "number")
    made(api, "<number>999000000000000</number>")
    made(api)
    assert shown(api, "number", 3) == "999000000000001"


def test_a_lower_number_leaves_the_count_alone(api: Api) -> None:
    made(api, "<number>0000005</number>")
    made(api, "<number>3</number>")
    made(api)
    assert shown(api, "number", 3) == "0000006"


@pytest.mark.parametrize("number", ["A", " A ", "0000002"])
def test_a_number_is_given_once(api: Api, number: str) -> None:
    made(api, "<number>A</number>")
    made(api, "<number>0000002</number>")
    made(api)
    answer = create(api, f"<number>{number}</number>")
    assert (answer.code, answer.field, answer.error) == ("40060", "number", IN_USE)
    answer = call(api, "update", 3, f"<number>{number}</number>")
    assert (answer.code, answer.field, answer.error) == ("40060", "number", IN_USE)
    assert shown(api, "number", 3) == "0000003"
    # Nothing of the refused ones is left.
    assert [what for what, _ in told(api, 3)] == ["create"]
    assert made(api) == 4
    assert shown(api, "number", 4) == "0000004"


def test_an_invoice_may_be_given_its_own_number(api: Api) -> None:
    made(api, "<number>A</number>")
    assert call(api, "update", 1, "<number>A</number>").ok
    assert call(api, "update", 1, "<number/>").ok
    assert call(api, "update", 1, "<number>B</number>").ok
    assert told(api)[1:] == [("update", ["number A B"])]
    made(api, "<number>A</number>")


def test_a_number_that_an_update_gives_is_followed(api: Api) -> None:
    made(api)
    assert call(api, "update", 1, "<number>0000100</number>").ok
    made(api)
    assert shown(api, "number", 2) == "0000101"


def test_accounts_count_by_themselves(api: Api, clocked: Api) -> None:
    made(api, "<number>A</number>")
    made(clocked, "<number>A</number>")
    made(clocked)
    assert shown(clocked, "number", 2) == "0000001"


def test_a_number_has_255_characters_at_most(api: Api) -> None:
    made(api, f"<number>{'9' * 255}</number>")
    assert create(api, f"<number>{'9' * 256}</number>").field == "number"
