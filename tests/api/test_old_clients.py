"""What real client libraries were seen to send, and what becomes of it."""

from collections.abc import Callable

import pytest

from app.engine import run
from app.services.ports import Ports
from app.storage import database
from tests.conftest import Api, Clock

CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>4111111111111111</number><name>Ada Byron</name>"
    "<expiration><month>3</month><year>2031</year></expiration></card></autobill>"
)
LINES = "<lines><line><name>x</name><unit_cost>5</unit_cost></line></lines>"


def test_attributes_that_a_library_made_children_of_are_ignored(api: Api) -> None:
    # ruby-freshbooks and freshbooks-java, on client.update of what they fetched.
    client_id = api.create_client()
    answer = api.call(
        "client.update",
        f"<client><client_id>{client_id}</client_id><credit><currency>USD</currency>"
        "<deprecated>true</deprecated><__content__>0</__content__></credit><credits>"
        "<credit><currency>USD</currency><amount>0.0</amount></credit></credits>"
        "<url><deprecated>true</deprecated></url><links><odd/></links>"
        "<notifications><late_payment_reminders>1</late_payment_reminders>"
        "</notifications><update>2026-11-23 10:00:00</update></client>",
    )
    assert answer.ok, answer.error


def test_an_expiry_in_two_pieces_within_a_doubled_autobill_is_one(api: Api) -> None:
    # groovy-freshbooks-api
    inside = CARD.removeprefix("<autobill>").removesuffix("</autobill>")
    pieces = inside.replace("</month><year>", "</month></expiration><expiration><year>")
    profile = api.create_profile(f"<autobill><autobill>{pieces}</autobill></autobill>")
    assert api.get(profile).text("recurring/autobill/card/expiration/year") == "2031"


def test_a_month_given_twice_is_refused(api: Api) -> None:
    doubled = CARD.replace("<month>3</month>", "<month>3</month><month>4</month>")
    answer = api.create(doubled)
    assert (answer.code, answer.field) == ("40060", "month")


@pytest.mark.parametrize(
    ("price", "shown"),
    [("0.30000000000000004", "0.3"), ("1.0E7", "10000000"), ("22.44", "22.44")],
)
def test_a_float_is_read_as_what_was_meant(api: Api, price: str, shown: str) -> None:
    lines = f"<lines><line><unit_cost>{price}</unit_cost></line></lines>"
    profile = api.create_profile(lines)
    assert api.get(profile).text("recurring/lines/line/unit_cost") == shown


@pytest.mark.parametrize("price", ["0.1234567", "1e13", "1e400", "NaN"])
def test_a_price_that_is_too_fine_or_too_large_is_refused(api: Api, price: str) -> None:
    answer = api.create(f"<lines><line><unit_cost>{price}</unit_cost></line></lines>")
    assert (answer.code, answer.field) == ("40060", "unit_cost")


def test_a_client_needs_no_more_than_an_email(api: Api) -> None:
    # freshbooks-js creates one like this in its live test.
    answer = api.call("client.create", "<client><email>ada@loom.test</email></client>")
    assert answer.ok
    got = api.call("client.get", "<client_id>1</client_id>")
    assert got.text("client/username") == "ada"


@pytest.mark.parametrize("name", ["month", "year"])
def test_an_empty_part_of_the_expiry_is_a_missing_one(api: Api, name: str) -> None:
    value = {"month": "3", "year": "2031"}[name]
    answer = api.create(CARD.replace(f"<{name}>{value}</{name}>", f"<{name}/>"))
    assert (answer.code, answer.field) == ("40040", name)


@pytest.fixture(name="tolerant")
def tolerant_(new_api: Callable[..., Api]) -> Api:
    return new_api("Tolerant", ignore_unknown=True, ignore_empty_lists=True)


def test_what_holds_only_unknown_elements_is_not_empty(tolerant: Api) -> None:
    profile = tolerant.create_profile(CARD + LINES)
    before = tolerant.get(profile).http.data

    token = tolerant.update(profile, "<autobill><token>tok_1</token></autobill>")
    items = tolerant.update(profile, "<lines><item><name>n</name></item></lines>")
    known = tolerant.update(profile, "<autobill><notes/></autobill>")

    assert (token.code, token.field) == ("40040", "gateway_name")
    assert (items.code, items.field) == ("40060", "lines")
    assert (known.code, known.field) == ("40040", "gateway_name")
    assert tolerant.get(profile).http.data == before


def test_an_account_can_have_empty_lists_mean_no_change(tolerant: Api) -> None:
    # freshbooks.js sends them with every update.
    client_id = tolerant.create_client(
        "<contacts><contact><email>c@loom.test</email></contact></contacts>"
    )
    tolerant.call(
        "client.update",
        f"<client><client_id>{client_id}</client_id><contacts/></client>",
    )
    got = tolerant.call("client.get", f"<client_id>{client_id}</client_id>")
    assert got.all("contact_id") == ["1"]


def test_what_was_updated_in_a_second_is_within_that_second(
    api: Api, clock: Clock
) -> None:
    clock.now = clock.now.replace(microsecond=678901)
    api.create_profile()
    updated = api.call("invoice.list").text("invoices/invoice/updated")
    for bound in ("updated_from", "updated_to"):
        for method in ("invoice.list", "recurring.list", "client.list"):
            listed = api.call(method, f"<{bound}>{updated}</{bound}>")
            assert 'total="1"' in listed.http.text, (method, bound)
    of_today = api.call("recurring.list", "<updated_to>2026-03-02</updated_to>")
    assert of_today.all("recurring_id") == ["1"]


def test_filters_beyond_the_calendar_are_no_filters(api: Api) -> None:
    api.create_profile()
    listed = api.call(
        "recurring.list",
        "<date_from>0001-01-01</date_from><date_to>9999-12-31</date_to>"
        "<updated_from>1900-01-01 00:00:00</updated_from>",
    )
    assert listed.all("recurring_id") == ["1"]


def test_thousands_of_misplaced_elements_are_refused_by_their_number(
    api: Api,
) -> None:
    for content in ("<email/>" * 19_000, "<lines>" + "<line/>" * 19_000 + "</lines>"):
        answer = api.create(content)
        assert answer.code == "40060"
        assert "more often than is allowed" in answer.error


def damage(profile: int) -> None:
    database.execute(
        "UPDATE autobill SET sealed = ? WHERE recurring_id = ?", (bytes(64), profile)
    )


def test_a_card_that_cannot_be_read_does_not_hide_the_list(api: Api) -> None:
    profile = api.create_profile(CARD)
    damage(profile)
    assert api.call("recurring.list").all("recurring_id") == ["1"]
    assert api.get(profile).names("recurring/autobill") == []


@pytest.mark.parametrize("content", [CARD, "<autobill/>", "<notes>x</notes>"])
def test_a_card_that_cannot_be_read_can_be_replaced_or_removed(
    api: Api, content: str
) -> None:
    profile = api.create_profile(CARD)
    damage(profile)
    assert api.update(profile, content).ok
    shown = api.get(profile).all("number")
    assert shown == (["************1111"] if content == CARD else [])


def test_a_profile_whose_card_cannot_be_read_can_be_deleted(api: Api) -> None:
    profile = api.create_profile(CARD)
    damage(profile)
    deleted = f"<recurring_id>{profile}</recurring_id>"
    assert api.call("recurring.delete", deleted).ok


def test_a_new_card_is_a_change_of_its_profile(api: Api, clock: Clock) -> None:
    profile = api.create_profile(CARD)
    clock.now = clock.now.replace(hour=18)
    since = "<updated_from>2026-03-02 12:00:00</updated_from>"
    assert api.call("recurring.list", since).all("recurring_id") == []
    assert api.update(profile, CARD.replace("2031", "2032")).ok
    assert api.call("recurring.list", since).all("recurring_id") == [str(profile)]


def test_one_profiles_broken_rows_do_not_stop_the_others(
    api: Api, ports: Ports, clock: Clock
) -> None:
    # As after a restore that went wrong: its next date has an invoice already.
    broken = api.create_profile(LINES)
    healthy = api.create_profile(f"<date>2026-03-03</date>{LINES}")
    database.execute(
        "UPDATE recurring SET next_on = '2026-03-02' WHERE recurring_id = ?", (broken,)
    )
    clock.now = clock.now.replace(day=4)

    report = run.run(ports)

    assert report.parked == [f"recurring {broken} of account 1"]
    assert api.invoice_dates(healthy) == ["2026-03-03"]
