import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.services.ports import Ports
from app.storage import tables
from tests.conftest import Answer, Api, Clock

PAYFLOW = "PayPal Payflow Pro"


def attributes(answer: Answer, name: str) -> list[tuple[str, str]]:
    found = answer.find(name)
    assert found is not None
    return [(str(key), str(value)) for key, value in found.attrib.items()]


@pytest.fixture(name="staff_api")
def staff_api_(api: Api, ports: Ports) -> Api:
    """Provide the account with the token of a person who is no administrator."""
    # No method of this edition makes one.
    account_id = api.account.account_id
    tables.Staff.insert(
        account_id=account_id,
        staff_id=2,
        username="eva",
        first_name="Eva",
        last_name="Lace",
        email="eva@loom.test",
        created_at=ports.now(),
    ).execute()
    token = "ab" * 16
    tables.Token.insert(
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        account_id=account_id,
        staff_id=2,
        created_at=ports.now(),
    ).execute()
    return Api(api.client, api.account, token)


# gateway.list


def test_the_enabled_gateways_are_listed_by_name_a_hundred_a_page(api: Api) -> None:
    answer = api.call("gateway.list")
    assert attributes(answer, "gateways") == [
        ("page", "1"),
        ("per_page", "100"),
        ("pages", "1"),
        ("total", "3"),
    ]
    assert answer.names("gateways/gateway") == ["name", "autobill_capable"]
    assert answer.all("name") == ["Authorize.Net", "PayPal", PAYFLOW]
    assert answer.all("autobill_capable") == ["1", "0", "1"]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (
            "<autobill_capable>1</autobill_capable>",
            ["Authorize.Net", PAYFLOW],
        ),
        ("<autobill_capable>0</autobill_capable>", ["PayPal"]),
        ("<autobill_capable/>", ["Authorize.Net", "PayPal", PAYFLOW]),
        ("<per_page>2</per_page><page>2</page>", [PAYFLOW]),
        ("<page>9</page>", []),
    ],
)
def test_gateways_are_narrowed_and_paged(
    api: Api, filters: str, names: list[str]
) -> None:
    assert api.call("gateway.list", filters).all("name") == names


def test_the_figures_of_a_page_of_gateways_are_those_of_the_list(api: Api) -> None:
    answer = api.call(
        "gateway.list",
        "<autobill_capable>1</autobill_capable><per_page>1</per_page><page>7</page>",
    )
    assert attributes(answer, "gateways") == [
        ("page", "7"),
        ("per_page", "1"),
        ("pages", "2"),
        ("total", "2"),
    ]


def test_every_gateway_that_is_capable_can_be_used(api: Api) -> None:
    capable = api.call("gateway.list", "<autobill_capable>1</autobill_capable>")
    for name in capable.all("name"):
        answer = api.create(
            f"<autobill><gateway_name>{name}</gateway_name><card><number>"
            "4242424242424242</number><name>Ada</name><expiration><month>1</month>"
            "<year>2031</year></expiration></card></autobill>"
        )
        assert answer.ok, answer.error


# staff.current


def test_staff_current_is_whose_token_it_is(api: Api) -> None:
    answer = api.call("staff.current")
    assert (
        answer.names("staff")
        == (
            "staff_id username first_name last_name email business_phone mobile_phone "
            "rate last_login number_of_logins signup_date street1 street2 city state "
            "country code"
        ).split()
    )
    assert answer.text("staff/staff_id") == "1"
    assert answer.text("staff/username") == "admin"
    assert answer.text("staff/signup_date") == "2026-03-02 10:00:00"
    assert answer.text("staff/rate") == "0"
    assert answer.text("staff/number_of_logins") == "0"


def test_staff_current_works_for_every_kind_of_token(staff_api: Api) -> None:
    answer = staff_api.call("staff.current")
    assert answer.text("staff/staff_id") == "2"
    assert answer.text("staff/email") == "eva@loom.test"


# system.current


def test_system_current_tells_of_the_account(api: Api) -> None:
    answer = api.call("system.current")
    assert answer.names("system") == ["company_name", "profession", "address", "api"]
    assert answer.names("system/address") == (
        "street1 street2 city province postal_code country".split()
    )
    assert answer.names("system/api") == ["requests", "request_limit"]
    assert answer.text("system/company_name") == "Loom"
    assert answer.text("system/api/request_limit") == "2147483647"
    assert attributes(answer, "system/api/request_limit") == [("deprecated", "1")]


def test_system_current_is_the_administrators(staff_api: Api) -> None:
    answer = staff_api.call("system.current")
    assert (answer.code, answer.error) == ("30010", "Permission Denied.")
    assert answer.field is None
    assert answer.http.status_code == 200


def test_requests_of_the_day_are_counted_for_each_account(
    api: Api, new_api: Callable[..., Api], clock: Clock
) -> None:
    def requests(of: Api) -> int:
        return int(of.call("system.current").text("system/api/requests") or 0)

    other = new_api("Other")
    before = requests(api)
    for _ in range(3):
        api.call("staff.current")
    api.call("recurring.get", "<recurring_id>9</recurring_id>")
    assert requests(api) == before + 5
    assert requests(other) == 1
    clock.now += timedelta(days=1)
    assert requests(api) == 1


# clock.*


def test_an_account_on_the_real_calendar_has_no_clock(api: Api) -> None:
    for answer in (
        api.call("clock.get"),
        api.call("clock.set", "<date>2031-01-01</date>"),
    ):
        assert (answer.code, answer.error) == ("30010", "Permission Denied.")


def test_a_clock_tells_its_date(clocked: Api) -> None:
    answer = clocked.call("clock.get")
    assert answer.names("") == ["clock"]
    assert answer.names("clock") == ["date"]
    assert answer.text("clock/date") == "2007-09-01"


def test_a_clock_moves_forward_and_tells_where_it_is(clocked: Api) -> None:
    answer = clocked.call("clock.set", "<date>2007-09-30</date>")
    assert answer.text("clock/date") == "2007-09-30"
    assert clocked.call("clock.get").text("clock/date") == "2007-09-30"
    assert clocked.call("clock.set", "<date>2007-09-30</date>").ok


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "40040"),
        ("<date/>", "40040"),
        ("<date>2007-08-31</date>", "40060"),
        ("<date>2007-09-31</date>", "40060"),
        ("<date>3000-01-01</date>", "40060"),
        ("<date>tomorrow</date>", "40060"),
    ],
)
def test_a_clock_does_not_move_to_a_day_that_is_past_or_none(
    clocked: Api, content: str, code: str
) -> None:
    answer = clocked.call("clock.set", content)
    assert (answer.code, answer.field) == (code, "date")
    assert clocked.call("clock.get").text("clock/date") == "2007-09-01"


def test_moving_a_clock_does_the_work_of_each_day_in_order(clocked: Api) -> None:
    monthly = clocked.create_profile("<date>2007-09-15</date>")
    weekly = clocked.create_profile(
        "<date>2007-09-10</date><frequency>weekly</frequency>"
    )
    clocked.call("clock.set", "<date>2007-09-24</date>")
    answer = clocked.call("invoice.list")
    assert list(zip(answer.all("date"), answer.all("recurring_id"), strict=True)) == [
        ("2007-09-24", str(weekly)),
        ("2007-09-17", str(weekly)),
        ("2007-09-15", str(monthly)),
        ("2007-09-10", str(weekly)),
    ]
    days = [text[:10] for text in answer.all("updated")]
    assert days == answer.all("date")


def test_a_clock_may_move_without_the_work_of_its_days(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<date>2007-09-15</date>")
    answer = clocked.call("clock.set", "<date>2007-09-15</date><run>0</run>")
    assert answer.text("clock/date") == "2007-09-15"
    assert clocked.invoice_dates(recurring_id) == []
    assert clocked.call("clock.set", "<date>2007-09-15</date><run>1</run>").ok
    assert clocked.invoice_dates(recurring_id) == ["2007-09-15"]


def test_an_operation_at_the_beginning_of_a_day_counts_for_that_day(
    clocked: Api,
) -> None:
    recurring_id = clocked.create_profile("<date>2007-09-15</date>")
    clocked.call("clock.set", "<date>2007-09-15</date><run>0</run>")
    assert clocked.update(recurring_id, "<stopped>1</stopped>").ok
    clocked.call("clock.set", "<date>2007-10-20</date>")
    assert clocked.invoice_dates(recurring_id) == []


def test_a_clock_may_move_over_decades(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<frequency>2 years</frequency>")
    assert clocked.call("clock.set", "<date>2047-09-01</date>").ok
    dates = clocked.invoice_dates(recurring_id)
    assert (len(dates), dates[-1]) == (21, "2047-09-01")


def test_a_clock_is_its_accounts_own(
    clocked: Api, new_api: Callable[..., Api], ports: Ports
) -> None:
    other = new_api("Second", clock_on=clocked.account.today(ports.now()))
    recurring_id = other.create_profile("<date>2007-09-15</date>")
    clocked.call("clock.set", "<date>2008-01-01</date>")
    assert other.call("clock.get").text("clock/date") == "2007-09-01"
    assert other.invoice_dates(recurring_id) == []
