from collections.abc import Callable

import pytest

from app.storage import tables
from tests.conftest import Answer, Api

VISA = "4111 1111 1111 1111"
MASK = "************1111"


def autobill(
    number: str = VISA,
    name: str = "Ada Byron",
    month: str = "7",
    year: str = "2031",
    gateway: str = "Authorize.Net",
) -> str:
    return (
        f"<autobill><gateway_name>{gateway}</gateway_name><card><number>{number}"
        f"</number><name>{name}</name><expiration><month>{month}</month><year>{year}"
        "</year></expiration></card></autobill>"
    )


def shown(answer: Answer) -> tuple[str, str, str, str, str] | None:
    """Return gateway, number, name, month and year of a profile; None where empty."""
    found = answer.find("recurring/autobill")
    if found is None:
        found = answer.find("recurrings/recurring/autobill")
    assert found is not None
    if not len(found):
        return None
    texts = [element.text or "" for element in found.iter() if not len(element)]
    gateway, number, name, month, year = texts
    return gateway, number, name, month, year


def stored() -> list[object]:
    kept = (tables.Recurring, tables.RecurringLine, tables.Autobill)
    return [list(table.select().dicts()) for table in kept]


def cards() -> int:
    count: int = tables.Autobill.select().count()
    return count


def test_the_card_is_shown_masked_in_the_documented_form(api: Api) -> None:
    recurring_id = api.create_profile(autobill())
    expected = (
        b"    <autobill>\n"
        b"      <gateway_name>Authorize.Net</gateway_name>\n"
        b"      <card>\n"
        b"        <number>************1111</number>\n"
        b"        <name>Ada Byron</name>\n"
        b"        <expiration>\n"
        b"          <month>07</month>\n"
        b"          <year>2031</year>\n"
        b"        </expiration>\n"
        b"      </card>\n"
        b"    </autobill>\n"
    )
    assert expected in api.get(recurring_id).http.data
    listed = api.call("recurring.list").http.data
    assert expected.replace(b"    <", b"      <", 1).split() == (
        listed[listed.index(b"<autobill>") : listed.index(b"</autobill>") + 11].split()
    )


def test_a_profile_without_auto_billing_shows_an_empty_element(api: Api) -> None:
    recurring_id = api.create_profile("<autobill/>")
    assert b"    <autobill/>\n" in api.get(recurring_id).http.data
    assert b"<autobill/>\n" in api.call("recurring.list").http.data
    assert cards() == 0


def test_the_card_comes_before_the_lines(api: Api) -> None:
    # One client takes the first number and name of the document for the card's.
    recurring_id = api.create_profile(
        "<lines><line><name>Hosting</name></line></lines>" + autobill()
    )
    for answer in (api.get(recurring_id), api.call("recurring.list")):
        assert answer.all("number")[0] == MASK
        assert answer.all("name")[0] == "Ada Byron"


@pytest.mark.parametrize(
    ("number", "mask"),
    [
        ("4111111111111111", MASK),
        ("4111-1111-1111-1111", MASK),
        (" 4111 1111 1111 1111 ", MASK),
        ("4111.1111/1111_1111", MASK),
        ("#4111 1111 1111 1111", MASK),
        ("4242 4242 4242 4242", "************4242"),
        ("5555 5555 5555 4444", "************4444"),
        ("3782 822463 10005", "***********0005"),
        ("6011 1111 1111 1117", "************1117"),
        ("3056 930902 5904", "**********5904"),
        ("3530 1113 3330 0000", "************0000"),
        ("2223 0031 2200 3222", "************3222"),
    ],
)
def test_a_number_may_have_punctuation_and_its_mask_keeps_its_length(
    api: Api, number: str, mask: str
) -> None:
    recurring_id = api.create_profile(autobill(number=number))
    assert api.get(recurring_id).text("recurring/autobill/card/number") == mask


@pytest.mark.parametrize(
    "number",
    [
        "4111 1111 1111 1112",
        "4111 1111 1111 111",
        "4111",
        "0",
        "41111111111111111111",
        "4111 1111 1111 111a",
        "a4111 1111 1111 1111",
        "\u0664111 1111 1111 1111",
        "my old card",
        "9999 9999 9999 9995",
    ],
)
def test_a_bad_number_is_refused_and_not_repeated(api: Api, number: str) -> None:
    recurring_id = api.create_profile(autobill())
    before = stored()
    answer = api.update(recurring_id, "<notes>x</notes>" + autobill(number=number))
    assert (answer.code, answer.field) == ("40060", "number")
    assert len(number) < 2 or number not in answer.http.data.decode()
    assert stored() == before


@pytest.mark.parametrize(
    ("month", "two_digits"), [("1", "01"), ("01", "01"), ("9", "09"), ("12", "12")]
)
def test_a_month_has_one_or_two_digits_and_is_answered_with_two(
    api: Api, month: str, two_digits: str
) -> None:
    recurring_id = api.create_profile(autobill(month=month))
    answer = api.get(recurring_id)
    assert answer.text("recurring/autobill/card/expiration/month") == two_digits


@pytest.mark.parametrize(
    ("month", "year", "field"),
    [
        ("0", "2031", "month"),
        ("13", "2031", "month"),
        ("July", "2031", "month"),
        ("-7", "2031", "month"),
        ("7", "31", "year"),
        ("7", "20310", "year"),
        ("7", "year", "year"),
    ],
)
def test_a_bad_expiry_is_refused(api: Api, month: str, year: str, field: str) -> None:
    answer = api.create(autobill(month=month, year=year))
    assert (answer.code, answer.field) == ("40060", field)


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("authorize.net", "Authorize.Net"),
        ("AUTHORIZE.NET", "Authorize.Net"),
        (" Authorize.net ", "Authorize.Net"),
        ("paypal payflow pro", "PayPal Payflow Pro"),
    ],
)
def test_a_gateway_is_found_in_any_case_and_answered_in_its_own_spelling(
    api: Api, spelled: str, name: str
) -> None:
    recurring_id = api.create_profile(autobill(gateway=spelled))
    answer = api.get(recurring_id)
    assert answer.text("recurring/autobill/gateway_name") == name


@pytest.mark.parametrize("gateway", ["PayPal", "Nobody", "Authorize", "Authorize Net"])
def test_a_gateway_must_be_enabled_and_capable(api: Api, gateway: str) -> None:
    answer = api.create(autobill(gateway=gateway))
    assert (answer.code, answer.field) == ("40060", "gateway_name")
    assert cards() == 0


@pytest.mark.parametrize("verb", ["create", "update"])
def test_half_of_auto_billing_is_refused(api: Api, verb: str) -> None:
    half = "<autobill><gateway_name>Authorize.Net</gateway_name></autobill>"
    recurring_id = api.create_profile(autobill())
    before = stored()
    answer = api.create(half) if verb == "create" else api.update(recurring_id, half)
    assert (answer.code, answer.field) == ("40040", "card")
    assert stored() == before


@pytest.mark.parametrize(
    ("element", "field"),
    [
        ("<gateway_name>Authorize.Net</gateway_name>", "gateway_name"),
        (f"<number>{VISA}</number>", "number"),
        ("<name>Ada Byron</name>", "name"),
        ("<month>7</month>", "month"),
        ("<year>2031</year>", "year"),
        (
            "<expiration><month>7</month><year>2031</year></expiration>",
            "expiration",
        ),
    ],
)
def test_every_element_of_the_structure_is_required(
    api: Api, element: str, field: str
) -> None:
    whole = autobill()
    assert element in whole
    recurring_id = api.create_profile(whole)
    before = stored()
    answer = api.update(recurring_id, whole.replace(element, ""))
    assert (answer.code, answer.field) == ("40040", field)
    assert stored() == before


@pytest.mark.parametrize("name", ["gateway_name", "number", "name"])
def test_an_empty_element_of_the_structure_is_missing(api: Api, name: str) -> None:
    texts = {"gateway_name": "gateway", "number": "number", "name": "name"}
    answer = api.create(autobill(**{texts[name]: " "}))
    assert (answer.code, answer.field) == ("40040", name)


@pytest.mark.parametrize(
    ("month", "year", "good"),
    [
        ("9", "2007", True),
        ("8", "2007", False),
        ("12", "2006", False),
        ("1", "2008", True),
    ],
)
def test_a_card_is_good_through_its_last_month_on_the_accounts_calendar(
    clocked: Api, month: str, year: str, *, good: bool
) -> None:
    answer = clocked.create(autobill(month=month, year=year))
    assert answer.ok is good
    if not good:
        assert (answer.code, answer.field) == ("40060", "expiration")


def test_a_card_type_must_be_enabled(api: Api) -> None:
    tables.Account.update(card_types="VISA MASTERCARD").execute()
    assert api.create(autobill()).ok
    answer = api.create(autobill(number="3782 822463 10005"))
    assert (answer.code, answer.field) == ("40060", "number")


def test_auto_billing_is_for_the_base_currency_only(
    new_api: Callable[..., Api],
) -> None:
    api = new_api("Euro", base_currency="EUR")
    assert api.create(autobill() + "<currency_code>eur</currency_code>").ok
    answer = api.create(autobill() + "<currency_code>USD</currency_code>")
    assert answer.error == "Auto-billing is only available in the base currency."
    assert answer.field == "currency_code"


def test_an_auto_billed_profile_keeps_the_base_currency(api: Api) -> None:
    recurring_id = api.create_profile(autobill())
    before = stored()
    answer = api.update(recurring_id, "<currency_code>EUR</currency_code>")
    assert answer.error == "Auto-billing is only available in the base currency."
    assert stored() == before
    off = "<autobill/><currency_code>EUR</currency_code>"
    assert api.update(recurring_id, off).ok


def test_a_profile_in_another_currency_cannot_become_auto_billed(api: Api) -> None:
    recurring_id = api.create_profile("<currency_code>EUR</currency_code>")
    answer = api.update(recurring_id, autobill())
    assert answer.error == "Auto-billing is only available in the base currency."
    assert cards() == 0


def test_an_update_without_autobill_leaves_the_card_alone(api: Api) -> None:
    recurring_id = api.create_profile(autobill())
    assert api.update(recurring_id, "<notes>x</notes>").ok
    assert shown(api.get(recurring_id)) == (
        "Authorize.Net",
        MASK,
        "Ada Byron",
        "07",
        "2031",
    )


@pytest.mark.parametrize(
    "empty",
    [
        "<autobill/>",
        "<autobill></autobill>",
        "<autobill>\n  </autobill>",
        "<autobill><!-- none --></autobill>",
        "<autobill><autobill/></autobill>",
    ],
)
def test_an_empty_autobill_on_update_deletes_the_card(api: Api, empty: str) -> None:
    recurring_id = api.create_profile(autobill())
    assert cards() == 1
    assert api.update(recurring_id, empty).ok
    assert shown(api.get(recurring_id)) is None
    assert cards() == 0
    # What was deleted does not come back by its mask.
    assert api.update(recurring_id, autobill(number=MASK)).field == "number"


def test_a_full_autobill_on_update_replaces_the_card(api: Api) -> None:
    recurring_id = api.create_profile(autobill())
    new = autobill("5555-5555-5555-4444", "Eva", "1", "2032", "paypal payflow pro")
    assert api.update(recurring_id, new).ok
    expected = ("PayPal Payflow Pro", "************4444", "Eva", "01", "2032")
    assert shown(api.get(recurring_id)) == expected
    assert cards() == 1


def test_an_update_turns_a_plain_profile_into_an_auto_billed_one(api: Api) -> None:
    recurring_id = api.create_profile()
    assert api.update(recurring_id, autobill()).ok
    assert shown(api.get(recurring_id)) is not None
    listed = api.call("recurring.list", "<autobill>1</autobill>")
    assert listed.all("recurring_id") == [str(recurring_id)]


def test_a_doubled_structure_is_read_as_one(api: Api) -> None:
    recurring_id = api.create_profile(f"<autobill>{autobill()}</autobill>")
    assert api.get(recurring_id).text("recurring/autobill/card/number") == MASK


def test_the_mask_of_the_stored_card_means_that_card(api: Api) -> None:
    recurring_id = api.create_profile(autobill())
    before = stored()
    assert api.update(recurring_id, autobill(number=MASK, month="07")).ok
    assert stored() == before


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"name": "Eva"}, ("Authorize.Net", MASK, "Eva", "07", "2031")),
        ({"year": "2033"}, ("Authorize.Net", MASK, "Ada Byron", "07", "2033")),
        ({"month": "8"}, ("Authorize.Net", MASK, "Ada Byron", "08", "2031")),
        (
            {"gateway": "PAYPAL PAYFLOW PRO"},
            ("PayPal Payflow Pro", MASK, "Ada Byron", "07", "2031"),
        ),
    ],
)
def test_a_name_or_expiry_can_change_beside_the_mask(
    api: Api, changed: dict[str, str], expected: tuple[str, ...]
) -> None:
    recurring_id = api.create_profile(autobill())
    assert api.update(recurring_id, autobill(number=MASK, **changed)).ok
    assert shown(api.get(recurring_id)) == expected


@pytest.mark.parametrize(
    "mask",
    [
        "************1112",
        "***********1111",
        "*************1111",
        "****-****-****-1111",
        "************",
        "4***********1111",
        "xxxxxxxxxxxx1111",
        "************111*",
        "*",
    ],
)
def test_another_mask_is_refused(api: Api, mask: str) -> None:
    recurring_id = api.create_profile(autobill())
    before = stored()
    answer = api.update(recurring_id, autobill(number=mask, name="Eva"))
    assert (answer.code, answer.field) == ("40060", "number")
    assert stored() == before


def test_a_mask_is_no_card_for_a_new_profile(api: Api) -> None:
    api.create_profile(autobill())
    answer = api.create(autobill(number=MASK))
    assert (answer.code, answer.field) == ("40060", "number")


def test_a_mask_is_no_card_for_a_profile_without_one(api: Api) -> None:
    api.create_profile(autobill())
    recurring_id = api.create_profile()
    answer = api.update(recurring_id, autobill(number=MASK))
    assert (answer.code, answer.field) == ("40060", "number")
    assert cards() == 1


def test_a_card_that_has_expired_since_may_be_written_back_but_not_renamed(
    clocked: Api,
) -> None:
    recurring_id = clocked.create_profile(autobill(month="9", year="2007"))
    clocked.call("clock.set", "<date>2007-10-15</date>")
    kept = autobill(number=MASK, month="09", year="2007")
    assert clocked.update(recurring_id, kept).ok
    renamed = autobill(number=MASK, name="Eva", month="09", year="2007")
    answer = clocked.update(recurring_id, renamed)
    assert (answer.code, answer.field) == ("40060", "expiration")
    renewed = autobill(number=MASK, month="10", year="2007")
    assert clocked.update(recurring_id, renewed).ok


def test_deleting_a_profile_deletes_its_card(api: Api) -> None:
    recurring_id = api.create_profile(autobill())
    api.call("recurring.delete", f"<recurring_id>{recurring_id}</recurring_id>")
    assert cards() == 0
    listed = api.call("recurring.list", "<folder>deleted</folder>")
    assert shown(listed) is None


@pytest.mark.parametrize(
    "name", ["  Ada  ", "Zoë & Søn <x>", "\u05e9\u05dc\u05d5\u05dd"]
)
def test_the_holders_name_is_kept(api: Api, name: str) -> None:
    escaped = name.replace("&", "&amp;").replace("<", "&lt;")
    recurring_id = api.create_profile(autobill(name=escaped))
    holder = api.get(recurring_id).text("recurring/autobill/card/name")
    assert holder == name.strip()
