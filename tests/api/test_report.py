"""report.recurring and report.transactions: by the wire, on a test clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from app.domain.paging import Page
from app.services import account as accounts
from app.services import report as service
from app.services import staff as people
from app.services.ports import Ports
from app.storage import report as storage
from app.storage import tables
from app.storage.database import writing
from tests import snapshot
from tests.conftest import Answer, Api

AT = datetime(2007, 9, 1, tzinfo=UTC)
LATER = "<date>2007-09-15</date>"


def lines(cost: str, more: str = "") -> str:
    return (
        f"<lines><line><name>Hosting</name><unit_cost>{cost}</unit_cost>"
        f"<quantity>1</quantity>{more}</line></lines>"
    )


def go_to(api: Api, day: str) -> None:
    answer = api.call("clock.set", f"<date>{day}</date>")
    assert answer.ok, answer.error


def act(api: Api, verb: str, recurring_id: int, more: str = "") -> None:
    content = f"<recurring_id>{recurring_id}</recurring_id>{more}"
    answer = api.call(f"recurring.{verb}", content)
    assert answer.ok, answer.error


def reported(api: Api, date_from: str = "", date_to: str = "") -> Answer:
    content = f"<date_from>{date_from}</date_from><date_to>{date_to}</date_to>"
    answer = api.call("report.recurring", content)
    assert answer.ok, answer.error
    return answer


def figures(answer: Answer) -> dict[str, list[str]]:
    """Return count, MRR, ARR, MRR at the start, churned MRR and churn by currency."""
    found = answer.find("report/currencies")
    assert found is not None
    texts = [[each.text or "" for each in currency] for currency in found]
    return {code: rest for code, *rest in texts}


def only(answer: Answer) -> list[str]:
    """Return the figures where all is in one currency."""
    (of_one,) = figures(answer).values()
    return of_one


def test_a_report_has_its_elements_in_order(clocked: Api) -> None:
    clocked.create_profile(LATER + lines("10"))
    answer = reported(clocked)
    assert answer.names("report") == ["date_from", "date_to", "currencies"]
    assert answer.names("report/currencies/currency") == [
        "currency_code",
        "active_profiles",
        "mrr",
        "arr",
        "mrr_at_start",
        "churned_mrr",
        "churn",
    ]


def test_without_profiles_there_is_no_currency(clocked: Api) -> None:
    assert figures(reported(clocked)) == {}


def test_a_period_is_the_month_up_to_today_unless_it_is_given(clocked: Api) -> None:
    go_to(clocked, "2007-09-20")
    for given, expected in [
        (("", ""), ("2007-09-01", "2007-09-20")),
        (("2007-02-03", ""), ("2007-02-03", "2007-09-20")),
        (("", "2007-02-03"), ("2007-02-01", "2007-02-03")),
        (("2007-02-03", "2007-02-03"), ("2007-02-03", "2007-02-03")),
        (("2008-02-03", "2009-02-03"), ("2008-02-03", "2009-02-03")),
    ]:
        answer = reported(clocked, *given)
        assert (answer.all("date_from"), answer.all("date_to")) == (
            [expected[0]],
            [expected[1]],
        )


@pytest.mark.parametrize("method", ["report.recurring", "report.transactions"])
@pytest.mark.parametrize(
    "content",
    [
        "<date_from>2007-09-02</date_from><date_to>2007-09-01</date_to>",
        "<date_from>2007-09-02</date_from>",
    ],
)
def test_a_period_that_ends_before_it_begins_is_refused(
    clocked: Api, method: str, content: str
) -> None:
    answer = clocked.call(method, content)
    assert (answer.code, answer.field) == ("40060", "date_from")


@pytest.mark.parametrize("method", ["report.recurring", "report.transactions"])
def test_a_day_that_there_is_not_is_refused(clocked: Api, method: str) -> None:
    answer = clocked.call(method, "<date_to>2007-02-30</date_to>")
    assert (answer.code, answer.field) == ("40060", "date_to")


@pytest.mark.parametrize(
    ("schedule", "mrr", "arr"),
    [
        # 10 a date: 365.25 / 12 = 30.4375 dates a month.
        ("<frequency>daily</frequency>", "304.38", "3652.5"),
        ("<frequency>10 days</frequency>", "30.44", "365.25"),
        ("<frequency>weekly</frequency>", "43.48", "521.79"),
        ("<frequency>4 weeks</frequency>", "10.87", "130.45"),
        ("<frequency>monthly</frequency>", "10", "120"),
        ("<frequency>3 months</frequency>", "3.33", "40"),
        ("<frequency>2 years</frequency>", "0.42", "5"),
        (
            "<schedule><days><day>1</day><day>15</day></days></schedule>",
            "20",
            "240",
        ),
        (
            (
                "<schedule><week>first</week><weekday>monday</weekday><every>2</every>"
                "</schedule>"
            ),
            "5",
            "60",
        ),
        (
            (
                "<schedule><dates><date>02-01</date><date>05-01</date><date>11-01</date>"
                "</dates></schedule>"
            ),
            "2.5",
            "30",
        ),
        (
            (
                "<schedule><dates><date>2007-10-01</date><date>2007-11-01</date>"
                "<date>2007-12-01</date></dates></schedule>"
            ),
            "0",
            "0",
        ),
        ("<frequency>once</frequency>", "0", "0"),
    ],
)
def test_a_schedule_counts_by_its_dates_a_year(
    clocked: Api, schedule: str, mrr: str, arr: str
) -> None:
    clocked.create_profile(LATER + schedule + lines("10"))
    count, *rest = only(reported(clocked))
    assert (count, rest[:2]) == ("1", [mrr, arr])


def test_it_is_rounded_once_at_the_end(clocked: Api) -> None:
    # Each is 0.333..., and ARR is no twelvefold of the rounded MRR.
    for _ in range(2):
        clocked.create_profile(LATER + "<frequency>3 months</frequency>" + lines("1"))
    assert only(reported(clocked))[:3] == ["2", "0.67", "8"]


def test_the_amount_is_that_of_the_next_invoice_with_its_taxes(clocked: Api) -> None:
    vat = "<tax1_name>VAT</tax1_name><tax1_percent>20</tax1_percent>"
    ends = "<end_date>2007-09-30</end_date>"
    both = lines("10", vat).replace(
        "</lines>",
        f"<line><unit_cost>-4</unit_cost><quantity>1</quantity>{ends}</line></lines>",
    )
    clocked.create_profile(LATER + "<discount>10</discount>" + both)
    # (10 - 4) less 10 % and 20 % of 9; from October on without the 4.
    assert only(reported(clocked))[1] == "7.2"
    go_to(clocked, "2007-10-01")
    assert only(reported(clocked))[1] == "10.8"


def test_an_amount_below_zero_counts_nothing(clocked: Api) -> None:
    clocked.create_profile(LATER + lines("-10"))
    assert only(reported(clocked))[:2] == ["1", "0"]


def test_currencies_are_never_added(clocked: Api) -> None:
    for code, cost in [("USD", "1"), ("JPY", "100"), ("USD", "2"), ("KWD", "1.0005")]:
        currency = f"<currency_code>{code}</currency_code>"
        clocked.create_profile(LATER + currency + lines(cost))
    found = figures(reported(clocked))
    assert list(found) == ["JPY", "KWD", "USD"]
    assert {code: texts[:2] for code, texts in found.items()} == {
        "USD": ["2", "3"],
        "JPY": ["1", "100"],
        "KWD": ["1", "1.001"],
    }


def test_a_profile_within_its_last_date_counts_nothing(clocked: Api) -> None:
    clocked.create_profile(LATER + "<occurrences>2</occurrences>" + lines("10"))
    clocked.create_profile(
        LATER + "<schedule><end_date>2007-10-15</end_date></schedule>" + lines("3")
    )
    assert only(reported(clocked))[:2] == ["2", "13"]
    go_to(clocked, "2007-09-15")
    assert only(reported(clocked))[:2] == ["2", "0"]
    # When the 2nd began there were two dates left of each.
    assert only(reported(clocked, "2007-09-02"))[3] == "13"


def test_a_profile_whose_lines_end_is_not_endless(clocked: Api) -> None:
    ends = "<end_date>2007-10-20</end_date>"
    clocked.create_profile(LATER + lines("10", ends))
    assert only(reported(clocked))[1] == "10"
    go_to(clocked, "2007-09-16")
    assert only(reported(clocked))[1] == "0"


def test_a_profile_whose_lines_are_still_to_come_counts(clocked: Api) -> None:
    starts = "<start_date>2990-10-20</start_date>"
    clocked.create_profile(LATER + "<frequency>daily</frequency>" + lines("12", starts))
    assert only(reported(clocked))[2] == "4383"


def test_paused_ones_count_nothing_and_are_not_lost(clocked: Api) -> None:
    kept, paused = (clocked.create_profile(LATER + lines(c)) for c in ("10", "5"))
    go_to(clocked, "2007-10-01")
    act(clocked, "pause", paused)
    assert kept == 1
    assert only(reported(clocked)) == ["1", "10", "120", "15", "0", "0"]


@pytest.mark.parametrize("verb", ["archive", "delete"])
def test_what_is_put_away_is_lost(clocked: Api, verb: str) -> None:
    clocked.create_profile(LATER + lines("20"))
    lost = clocked.create_profile(LATER + lines("10"))
    go_to(clocked, "2007-10-05")
    act(clocked, verb, lost)
    assert only(reported(clocked)) == ["1", "20", "240", "30", "10", "33.33"]
    # In the month after it is gone already, in the one before it was there.
    go_to(clocked, "2007-11-05")
    assert only(reported(clocked)) == ["1", "20", "240", "20", "0", "0"]
    september = reported(clocked, "2007-09-02", "2007-09-30")
    assert only(september) == ["2", "30", "360", "30", "0", "0"]
    october = reported(clocked, "2007-10-01", "2007-10-31")
    assert only(october) == ["1", "20", "240", "30", "10", "33.33"]


def test_what_was_deleted_out_of_the_archive_is_lost_once(clocked: Api) -> None:
    lost = clocked.create_profile(LATER + lines("10"))
    go_to(clocked, "2007-10-05")
    act(clocked, "archive", lost)
    go_to(clocked, "2007-11-05")
    act(clocked, "delete", lost)
    assert figures(reported(clocked)) == {}
    october = reported(clocked, "2007-10-01", "2007-10-31")
    assert only(october) == ["0", "0", "0", "10", "10", "100"]


def test_what_came_back_in_the_period_is_not_lost(clocked: Api) -> None:
    recurring_id = clocked.create_profile(LATER + lines("10"))
    go_to(clocked, "2007-10-05")
    act(clocked, "archive", recurring_id)
    go_to(clocked, "2007-10-06")
    act(clocked, "restore", recurring_id)
    assert only(reported(clocked)) == ["1", "10", "120", "10", "0", "0"]
    # But up to the day between it was.
    first = reported(clocked, "2007-10-01", "2007-10-05")
    assert only(first) == ["0", "0", "0", "10", "10", "100"]


def test_what_has_billed_its_last_date_is_lost(clocked: Api) -> None:
    clocked.create_profile(LATER + "<occurrences>3</occurrences>" + lines("10"))
    go_to(clocked, "2007-12-01")
    year = reported(clocked, "2007-09-02", "2007-12-01")
    assert only(year) == ["0", "0", "0", "10", "10", "100"]
    # When November began it was within its last date.
    november = reported(clocked, "2007-11-01", "2007-11-30")
    assert only(november) == ["0", "0", "0", "0", "0", "0"]


def test_what_was_stopped_by_an_end_is_lost(clocked: Api) -> None:
    recurring_id = clocked.create_profile(LATER + lines("10"))
    go_to(clocked, "2007-11-05")
    ended = "<schedule><end_date>2007-11-01</end_date></schedule>"
    assert clocked.update(recurring_id, ended).ok
    assert only(reported(clocked)) == ["0", "0", "0", "10", "10", "100"]


def test_days_on_which_nothing_was_made_by_itself_are_lost(clocked: Api) -> None:
    clocked.create_profile(
        LATER + "<schedule><end_date>2007-11-20</end_date></schedule>" + lines("10")
    )
    off = "<recurring_defaults><auto_generate>0</auto_generate></recurring_defaults>"
    assert clocked.call("settings.update", f"<settings>{off}</settings>").ok
    go_to(clocked, "2007-12-01")
    year = reported(clocked, "2007-09-02", "2007-12-01")
    assert only(year) == ["0", "0", "0", "10", "10", "100"]


def test_what_was_completed_and_goes_on_is_not_lost(clocked: Api) -> None:
    recurring_id = clocked.create_profile(
        LATER + "<occurrences>2</occurrences>" + lines("10")
    )
    go_to(clocked, "2007-10-16")
    assert clocked.update(recurring_id, "<occurrences>0</occurrences>").ok
    year = reported(clocked, "2007-09-02", "2007-10-16")
    assert only(year) == ["1", "10", "120", "10", "0", "0"]
    # While it was completed it was gone.
    day = reported(clocked, "2007-09-02", "2007-10-15")
    assert only(day) == ["0", "0", "0", "10", "10", "100"]


def test_with_its_client_a_profile_is_lost_until_it_gets_another(clocked: Api) -> None:
    client_id = clocked.create_client()
    recurring_id = clocked.create_profile(LATER + lines("10"), client_id)
    go_to(clocked, "2007-10-05")
    clocked.call("client.delete", f"<client_id>{client_id}</client_id>")
    assert only(reported(clocked)) == ["0", "0", "0", "10", "10", "100"]
    go_to(clocked, "2007-11-05")
    other = clocked.create_client()
    assert clocked.update(recurring_id, f"<client_id>{other}</client_id>").ok
    assert only(reported(clocked)) == ["1", "10", "120", "0", "0", "0"]
    october = reported(clocked, "2007-10-01", "2007-10-31")
    assert only(october) == ["0", "0", "0", "10", "10", "100"]


def test_what_is_new_in_the_period_is_no_part_of_its_start(clocked: Api) -> None:
    recurring_id = clocked.create_profile(LATER + lines("10"))
    assert only(reported(clocked)) == ["1", "10", "120", "0", "0", "0"]
    act(clocked, "archive", recurring_id)
    assert figures(reported(clocked)) == {}


def test_former_amounts_are_those_of_today(clocked: Api) -> None:
    recurring_id = clocked.create_profile(LATER + lines("10"))
    go_to(clocked, "2007-10-05")
    assert clocked.update(recurring_id, lines("40")).ok
    assert only(reported(clocked)) == ["1", "40", "480", "40", "0", "0"]


def test_a_profile_without_history_was_always_there(clocked: Api) -> None:
    clocked.create_profile(LATER + lines("10"))
    with writing():
        tables.RecurringEvent.delete().execute()
    assert only(reported(clocked, "2001-01-01")) == ["1", "10", "120", "10", "0", "0"]


def test_profiles_are_read_block_by_block(
    clocked: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        recurring_id = clocked.create_profile(LATER + lines("10"), None)
        if number % 2:
            act(clocked, "archive", recurring_id)
    go_to(clocked, "2007-10-16")
    act(clocked, "delete", 1)
    expected = figures(reported(clocked))
    assert expected == {"USD": ["3", "30", "360", "40", "10", "25"]}
    for size in (1, 2, 3, 7):
        monkeypatch.setattr(storage, "BLOCK", size)
        assert figures(reported(clocked)) == expected


def test_a_block_costs_the_same_queries_however_many_are_in_it(
    clocked: Api, ports: Ports
) -> None:
    def queries() -> int:
        with snapshot.dying_at(0, RuntimeError) as statements:
            service.recurring(ports, clocked.caller, date(2007, 8, 1), date(2007, 8, 9))
        return len(statements)

    clocked.create_profile(LATER + lines("10"))
    one = queries()
    for _ in range(9):
        clocked.create_profile(LATER + lines("10"))
    assert queries() == one


def pay(
    api: Api,
    minor: int,
    *,
    on: str = "2007-09-01",
    client_id: int = 1,
    invoice_id: int | None = None,
    from_credit: bool = False,
    currency: str = "USD",
    folder: str = "active",
) -> int:
    """Store a payment; return its id."""
    number = tables.Payment.select().count() + 1
    with writing():
        tables.Payment.create(
            account_id=api.account.account_id,
            payment_id=number,
            client_id=client_id,
            invoice_id=invoice_id,
            from_credit=from_credit,
            date=date.fromisoformat(on),
            amount_minor=minor,
            currency_code=currency,
            type="Check",
            notes="",
            folder=folder,
            updated_at=AT,
        )
    return number


def transactions(api: Api, content: str = "") -> Answer:
    answer = api.call("report.transactions", content)
    assert answer.ok, answer.error
    return answer


def ids(answer: Answer) -> list[int]:
    return list(map(int, answer.all("payment_id")))


def rows_of(answer: Answer, path: str) -> list[list[str]]:
    found = answer.find(path)
    assert found is not None
    return [[each.text or "" for each in row] for row in found]


@pytest.fixture(name="billed")
def billed_(clocked: Api) -> Api:
    """Provide an account with invoice 1, of client 1."""
    clocked.create_profile(lines("100"), clocked.create_client())
    return clocked


def test_transactions_are_what_was_paid_the_newest_first(billed: Api) -> None:
    pay(billed, 1250, invoice_id=1)
    pay(billed, 3000)
    pay(billed, 2005, invoice_id=1, from_credit=True)
    answer = transactions(billed)
    assert answer.names("report/transactions/transaction") == [
        "payment_id",
        "kind",
        "client_id",
        "invoice_id",
        "date",
        "amount",
        "currency_code",
        "type",
    ]
    assert rows_of(answer, "report/transactions") == [
        ["3", "from_credit", "1", "1", "2007-09-01", "20.05", "USD", "Check"],
        ["2", "credit", "1", "", "2007-09-01", "30", "USD", "Check"],
        ["1", "payment", "1", "1", "2007-09-01", "12.5", "USD", "Check"],
    ]
    assert answer.names("report/currencies/currency") == [
        "currency_code",
        "received",
        "payments",
        "credits",
        "paid_from_credit",
    ]
    assert rows_of(answer, "report/currencies") == [
        ["USD", "42.5", "12.5", "30", "20.05"]
    ]


def test_without_payments_there_is_an_empty_list(clocked: Api) -> None:
    body = transactions(clocked).http.data
    assert b'<transactions page="1" per_page="25" pages="1" total="0"/>' in body
    assert b"<currencies/>" in body


def test_each_currency_is_added_up_for_itself(billed: Api) -> None:
    pay(billed, 100, currency="JPY")
    pay(billed, 100)
    pay(billed, 100, currency="KWD")
    pay(billed, -50, currency="JPY")
    assert rows_of(transactions(billed), "report/currencies") == [
        ["JPY", "50", "0", "50", "0"],
        ["KWD", "0.1", "0", "0.1", "0"],
        ["USD", "1", "0", "1", "0"],
    ]


def test_a_deleted_payment_is_no_transaction(billed: Api) -> None:
    pay(billed, 100, folder="deleted")
    kept = pay(billed, 200)
    answer = transactions(billed)
    assert ids(answer) == [kept]
    assert rows_of(answer, "report/currencies")[0][1] == "2"


def test_transactions_are_those_of_the_days_and_the_client(billed: Api) -> None:
    other = billed.create_client()
    for day in ("2007-08-31", "2007-09-01", "2007-09-02", "2007-09-03"):
        pay(billed, 100, on=day)
    pay(billed, 100, on="2007-09-02", client_id=other)
    two_days = "<date_from>2007-09-01</date_from><date_to>2007-09-02</date_to>"
    assert ids(transactions(billed, two_days)) == [5, 3, 2]
    of_client = f"{two_days}<client_id>{other}</client_id>"
    answer = transactions(billed, of_client)
    assert ids(answer) == [5]
    assert rows_of(answer, "report/currencies")[0][1] == "1"
    # Without days it is the month up to today.
    assert ids(transactions(billed)) == [2]


def test_what_all_pages_come_to_is_told_on_each(billed: Api) -> None:
    for _ in range(5):
        pay(billed, 100)
    pages = [
        transactions(billed, f"<page>{page}</page><per_page>2</per_page>")
        for page in (1, 2, 3, 4)
    ]
    assert [ids(page) for page in pages] == [[5, 4], [3, 2], [1], []]
    for page in pages:
        assert rows_of(page, "report/currencies") == [["USD", "5", "0", "5", "0"]]
        assert b'pages="3" total="5"' in page.http.data


def test_a_page_of_transactions_costs_two_queries(billed: Api, ports: Ports) -> None:
    def queries() -> int:
        with snapshot.dying_at(0, RuntimeError) as statements:
            service.transactions(
                ports,
                billed.caller,
                None,
                None,
                client_id=None,
                page=Page(),
            )
        return len([sql for sql in statements if sql.startswith("SELECT")])

    for _ in range(30):
        pay(billed, 100)
    assert queries() == 2


@pytest.fixture(name="eva")
def eva_(clocked: Api, ports: Ports) -> Api:
    """Provide the account with the token of a person whose client is number 2."""
    name = clocked.account.name
    for _ in range(2):
        clocked.create_client()
    people.add(ports, name, username="eva")
    people.assign(name, "eva", [2])
    token = accounts.token(ports, name, revoke_others=False, username="eva")
    return Api(clocked.client, clocked.account, token)


def test_a_person_is_told_of_their_own_clients_alone(clocked: Api, eva: Api) -> None:
    for client_id, cost in ((1, "10"), (2, "5"), (1, "1")):
        clocked.create_profile(LATER + lines(cost), client_id)
        pay(clocked, 100 * client_id, client_id=client_id)
    go_to(clocked, "2007-10-05")
    act(clocked, "delete", 2)
    assert only(reported(clocked)) == ["2", "11", "132", "16", "5", "31.25"]
    assert only(reported(eva)) == ["0", "0", "0", "5", "5", "100"]
    month = "<date_from>2007-09-01</date_from>"
    assert ids(transactions(clocked, month)) == [3, 2, 1]
    assert ids(transactions(eva, month)) == [2]
    assert rows_of(transactions(eva, month), "report/currencies")[0][1] == "2"
    for client_id, seen in (1, {}), (2, figures(reported(eva))):
        answer = eva.call("report.recurring", f"<client_id>{client_id}</client_id>")
        assert figures(answer) == seen
        of_one = f"{month}<client_id>{client_id}</client_id>"
        assert ids(transactions(eva, of_one)) == [2] * len(seen)


def test_a_report_is_narrowed_to_a_client(clocked: Api) -> None:
    one, other = clocked.create_client(), clocked.create_client()
    for client_id, cost in ((one, "10"), (other, "5"), (one, "2")):
        clocked.create_profile(LATER + lines(cost), client_id)
    go_to(clocked, "2007-10-16")
    act(clocked, "delete", 3)
    found = [
        figures(clocked.call("report.recurring", f"<client_id>{each}</client_id>"))
        for each in (one, other, 999)
    ]
    assert found == [
        {"USD": ["1", "10", "120", "12", "2", "16.67"]},
        {"USD": ["1", "5", "60", "5", "0", "0"]},
        {},
    ]


@pytest.mark.parametrize("method", ["report.recurring", "report.transactions"])
def test_what_can_be_no_client_is_not_found(clocked: Api, method: str) -> None:
    answer = clocked.call(method, "<client_id>x</client_id>")
    assert (answer.code, answer.field) == ("50010", "client_id")


def test_another_account_is_told_nothing(
    billed: Api, new_api: Callable[..., Api]
) -> None:
    pay(billed, 100)
    other = new_api("Other", clock_on=date(2007, 9, 1))
    assert figures(reported(other)) == {}
    assert ids(transactions(other, "<client_id>1</client_id>")) == []
