from collections.abc import Callable
from datetime import timedelta

import pytest

from app.domain.payment import PaymentType
from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from app.storage import database
from app.storage.database import writing
from tests import snapshot
from tests.conftest import Answer, Api, Clock

HUNDRED = (
    "<lines><line><name>Hosting</name><unit_cost>100</unit_cost>"
    "<quantity>1</quantity></line></lines>"
)
TYPES = (
    "Cash,Check,Credit,Credit Card,Bank Transfer,Debit,PayPal,2Checkout,VISA,"
    "MASTERCARD,DISCOVER,NOVA,AMEX,DINERS,EUROCARD,JCB,ACH"
).split(",")
ON_ONE = "<invoice_id>1</invoice_id>"


@pytest.fixture(name="loom")
def loom_(api: Api) -> Api:
    """Provide an account whose client 1 owes 100 USD on invoice 1."""
    api.create_profile(HUNDRED, api.create_client())
    return api


def create(api: Api, content: str) -> Answer:
    return api.call("payment.create", f"<payment>{content}</payment>")


def pay(api: Api, content: str) -> int:
    """Make a payment that must succeed; return its id."""
    answer = create(api, content)
    assert answer.ok, answer.error
    return int(answer.text("payment_id") or 0)


def update(api: Api, payment_id: int, content: str) -> Answer:
    return api.call(
        "payment.update",
        f"<payment><payment_id>{payment_id}</payment_id>{content}</payment>",
    )


def get(api: Api, payment_id: int = 1) -> Answer:
    return api.call("payment.get", f"<payment_id>{payment_id}</payment_id>")


def delete(api: Api, payment_id: int = 1) -> Answer:
    return api.call("payment.delete", f"<payment_id>{payment_id}</payment_id>")


def history(api: Api, payment_id: int = 1) -> Answer:
    return api.call("payment.history", f"<payment_id>{payment_id}</payment_id>")


def listed(api: Api, filters: str = "") -> list[str]:
    answer = api.call("payment.list", filters)
    assert answer.ok, answer.error
    return answer.all("payment_id")


def state(api: Api, invoice_id: int = 1) -> tuple[str | None, str | None]:
    """Return an invoice's status and what is outstanding of it."""
    answer = api.call("invoice.get", f"<invoice_id>{invoice_id}</invoice_id>")
    return answer.text("invoice/status"), answer.text("invoice/amount_outstanding")


# What answers hold.


def test_the_elements_of_a_payment_come_in_their_order(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>1</amount>")
    names = "payment_id client_id invoice_id date amount type notes updated".split()
    assert get(loom).names("payment") == names


def test_the_elements_of_a_listed_payment_come_in_another_order(loom: Api) -> None:
    pay(loom, "<client_id>1</client_id><amount>1</amount>")
    names = (
        "payment_id invoice_id date type notes client_id currency_code updated amount"
    ).split()
    assert loom.call("payment.list").names("payments/payment") == names


def test_a_payment_that_says_little_is_a_check_of_today(loom: Api) -> None:
    answer = get(loom, pay(loom, f"{ON_ONE}<amount>1</amount>"))
    assert answer.text("payment/date") == "2026-03-02 00:00:00"
    assert answer.text("payment/type") == "Check"
    assert answer.text("payment/notes") == ""
    assert answer.text("payment/client_id") == "1"


@pytest.mark.parametrize("amount", ["", "<amount/>", "<amount>0</amount>"])
def test_a_payment_without_an_amount_is_of_nothing(loom: Api, amount: str) -> None:
    answer = get(loom, pay(loom, f"{ON_ONE}{amount}"))
    assert answer.text("payment/amount") == "0"
    assert state(loom)[0] == "sent"


def test_a_payment_is_shown_as_it_was_sent(loom: Api) -> None:
    pay(
        loom,
        f"{ON_ONE}<amount>60.5</amount><date>2026-02-27 23:59:59</date>"
        "<type>Bank Transfer</type><notes>Thank\nyou</notes>",
    )
    answer = get(loom)
    assert answer.text("payment/amount") == "60.5"
    assert answer.text("payment/date") == "2026-02-27 00:00:00"
    assert answer.text("payment/type") == "Bank Transfer"
    assert answer.text("payment/notes") == "Thank\nyou"


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_read_in_any_case_and_shown_in_one(loom: Api, name: str) -> None:
    for spelled in (name, name.upper(), f" {name.lower()} "):
        sent = f"{ON_ONE}<amount>1</amount><type>{spelled}</type>"
        payment_id = pay(loom, sent)
        assert get(loom, payment_id).text("payment/type") == name


def test_the_types_are_those_that_are_documented() -> None:
    assert list(PaymentType) == TYPES


def test_an_amount_is_rounded_to_what_its_currency_has(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>10.005</amount>")
    pay(
        loom,
        "<client_id>1</client_id><amount>10.5</amount>"
        "<currency_code>jpy</currency_code>",
    )
    assert get(loom, 1).text("payment/amount") == "10.01"
    assert get(loom, 2).text("payment/amount") == "11"
    assert state(loom) == ("partial", "89.99")


def test_the_currency_is_shown_of_what_is_or_was_a_credit(loom: Api) -> None:
    both = "<client_id>1</client_id>"
    credit = pay(loom, f"{both}<amount>30</amount>")
    from_credit = pay(loom, f"{both}{ON_ONE}<amount>30</amount>")
    plain = pay(loom, f"{ON_ONE}<amount>30</amount>")
    shown = [
        get(loom, payment_id).text("payment/currency_code")
        for payment_id in (credit, from_credit, plain)
    ]
    assert shown == ["USD", "USD", None]


# What a payment does to its invoice.


def test_part_of_an_invoice_is_paid(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    assert state(loom) == ("partial", "60")


def test_payments_that_sum_up_to_the_invoice_settle_it(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    pay(loom, f"{ON_ONE}<amount>60</amount>")
    assert state(loom) == ("paid", "0")


def test_what_is_paid_beyond_an_invoice_is_kept_and_becomes_credit(loom: Api) -> None:
    payment_id = pay(loom, f"{ON_ONE}<amount>130</amount>")
    assert state(loom) == ("paid", "0")
    assert get(loom, payment_id).text("payment/amount") == "130"
    client = loom.call("client.get", "<client_id>1</client_id>")
    assert client.text("client/credit") == "30"


def test_a_deleted_payment_is_no_longer_paid(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    pay(loom, f"{ON_ONE}<amount>60</amount>")
    assert delete(loom, 2).ok
    assert state(loom) == ("partial", "60")
    assert delete(loom, 1).ok
    assert state(loom) == ("sent", "100")


def test_a_changed_amount_changes_the_invoice(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    assert update(loom, 1, "<amount>100</amount>").ok
    assert state(loom) == ("paid", "0")
    assert update(loom, 1, "<amount>0.01</amount>").ok
    assert state(loom) == ("partial", "99.99")


def test_a_draft_takes_payments_and_is_a_draft_again_without(api: Api) -> None:
    api.create_profile(f"<invoice_status>draft</invoice_status>{HUNDRED}")
    pay(api, f"{ON_ONE}<amount>40</amount>")
    assert state(api) == ("partial", "60")
    delete(api)
    assert state(api) == ("draft", "100")


def test_an_invoice_tells_of_a_change_when_it_is_paid(loom: Api, clock: Clock) -> None:
    clock.now += timedelta(hours=1)
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    answer = loom.call("invoice.get", ON_ONE)
    assert answer.text("invoice/updated") == "2026-03-02 11:00:00"


def test_notes_alone_leave_the_invoice_untouched(loom: Api, clock: Clock) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    clock.now += timedelta(hours=1)
    assert update(loom, 1, "<notes>by post</notes>").ok
    answer = loom.call("invoice.get", ON_ONE)
    assert answer.text("invoice/updated") == "2026-03-02 10:00:00"
    assert get(loom).text("payment/updated") == "2026-03-02 11:00:00"


# What happened to an invoice is told with it.


def events_of_invoice() -> list[tuple[str, str]]:
    rows = database.execute("SELECT what, changes FROM invoice_event ORDER BY number")
    return list(rows.fetchall())


def test_the_history_of_an_invoice_tells_of_its_payments(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    update(loom, 1, "<amount>100</amount>")
    delete(loom)
    told = [
        (
            "payment.create",
            (
                '[["payment_id", "", "1"], ["status", "sent", "partial"], '
                '["paid", "0", "40"], ["amount_outstanding", "100", "60"]]'
            ),
        ),
        (
            "payment.update",
            (
                '[["payment_id", "", "1"], ["status", "partial", "paid"], '
                '["paid", "40", "100"], ["amount_outstanding", "60", "0"]]'
            ),
        ),
        (
            "payment.delete",
            (
                '[["payment_id", "", "1"], ["status", "paid", "sent"], '
                '["paid", "100", "0"], ["amount_outstanding", "0", "100"]]'
            ),
        ),
    ]
    assert events_of_invoice() == told


def test_the_history_of_a_payment_tells_what_was_changed(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount><notes>a</notes>")
    update(loom, 1, "<amount>50</amount><type>cash</type><notes/>")
    answer = history(loom)
    assert answer.all("what") == ["update", "create"]
    told = zip(answer.all("field"), answer.all("old"), answer.all("new"), strict=True)
    assert list(told) == [
        ("amount", "40", "50"),
        ("type", "Check", "Cash"),
        ("notes", "a", ""),
        ("client_id", "", "1"),
        ("invoice_id", "", "1"),
        ("date", "", "2026-03-02"),
        ("amount", "", "40"),
        ("currency_code", "", "USD"),
        ("type", "", "Check"),
        ("notes", "", "a"),
    ]


def test_a_deleted_payment_stays_readable_in_its_history(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    delete(loom)
    assert history(loom).all("what") == ["delete", "create"]
    assert "40" in history(loom).all("new")
    assert history(loom, 2).error == "'payment_id' not found. Payment not found."


def test_a_card_number_in_the_notes_gets_into_no_history(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount><notes>4111 1111 1111 1111</notes>")
    assert b"1111 1111" not in history(loom).http.data


# Reading, changing, deleting.


def test_what_was_read_can_be_written_back_and_changes_nothing(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount><notes>a</notes>")
    pay(loom, "<client_id>1</client_id><amount>40</amount><type>ACH</type>")
    pay(loom, f"<client_id>1</client_id>{ON_ONE}<amount>40</amount>")
    before = snapshot.taken()
    for payment_id in (1, 2, 3):
        text = get(loom, payment_id).http.text
        payment = text[text.index("<payment>") : text.index("</response>")]
        assert loom.call("payment.update", payment).ok
    loom.call("payment.list")
    after = snapshot.taken()
    assert {**after, "request_count": None} == {**before, "request_count": None}


def test_a_payment_stays_with_its_invoice_and_client(loom: Api) -> None:
    other = loom.create_client()
    loom.create_profile(HUNDRED, other)
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    for name, value in (
        ("client_id", other),
        ("invoice_id", 2),
        ("currency_code", "EUR"),
    ):
        answer = update(loom, 1, f"<{name}>{value}</{name}><amount>1</amount>")
        assert (answer.code, answer.field) == ("40060", name)
    assert get(loom).text("payment/amount") == "40"
    assert update(
        loom,
        1,
        f"<client_id>0001</client_id>{ON_ONE}<currency_code>usd</currency_code>",
    ).ok


def test_a_deleted_payment_is_gone(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    delete(loom)
    error = "'payment_id' not found. Payment is deleted."
    assert get(loom).error == error
    assert update(loom, 1, "<amount>1</amount>").error == error
    assert delete(loom).error == error
    assert listed(loom) == []


def test_a_payment_is_made_once_for_an_idempotency_key(loom: Api) -> None:
    body = (
        '<request method="payment.create"><payment><invoice_id>1</invoice_id>'
        "<amount>40</amount></payment></request>"
    )
    for _ in range(2):
        answer = loom.post(body, headers={"Idempotency-Key": "k"})
        assert answer.text("payment_id") == "1"
    assert state(loom) == ("partial", "60")


# Refusals.


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ("<amount>5</amount>", "40040", "client_id"),
        ("<client_id/><invoice_id/><amount>5</amount>", "40040", "client_id"),
        ("<invoice_id>1</invoice_id><amount>0.004</amount>", "40060", "amount"),
        ("<invoice_id>1</invoice_id><amount>-0.004</amount>", "40060", "amount"),
        ("<invoice_id>1</invoice_id><amount>-5</amount>", "40060", "amount"),
        (f"<invoice_id>1</invoice_id><amount>{'1' * 40}</amount>", "40060", "amount"),
        ("<invoice_id>1</invoice_id><amount>1e400</amount>", "40060", "amount"),
        ("<invoice_id>1</invoice_id><amount>NaN</amount>", "40060", "amount"),
        ("<invoice_id>1</invoice_id><amount>1,5</amount>", "40060", "amount"),
        (
            "<invoice_id>1</invoice_id><amount>5</amount><type>Gold</type>",
            "40060",
            "type",
        ),
        (
            "<invoice_id>1</invoice_id><amount>5</amount><date>2026-02-30</date>",
            "40060",
            "date",
        ),
        (
            (
                "<invoice_id>1</invoice_id><amount>5</amount>"
                "<currency_code>EUR</currency_code>"
            ),
            "40060",
            "currency_code",
        ),
        (
            (
                "<client_id>1</client_id><amount>5</amount>"
                "<currency_code>XXX</currency_code>"
            ),
            "40060",
            "currency_code",
        ),
        ("<invoice_id>9</invoice_id><amount>5</amount>", "50010", "invoice_id"),
        ("<invoice_id>x</invoice_id><amount>5</amount>", "50010", "invoice_id"),
        ("<client_id>9</client_id><amount>5</amount>", "50010", "client_id"),
        (
            "<client_id>2</client_id><invoice_id>1</invoice_id><amount>5</amount>",
            "40060",
            "client_id",
        ),
        (
            "<client_id>9</client_id><invoice_id>1</invoice_id><amount>5</amount>",
            "50010",
            "client_id",
        ),
        (
            "<client_id>1</client_id><invoice_id>1</invoice_id><amount>5</amount>",
            "50020",
            "amount",
        ),
    ],
)
def test_what_is_no_payment_is_refused_and_nothing_kept(
    loom: Api, content: str, code: str, field: str
) -> None:
    loom.create_client()
    before = snapshot.taken()
    answer = create(loom, content)
    assert (answer.code, answer.field) == (code, field)
    assert snapshot.taken()["payment"] == before["payment"]
    assert snapshot.taken()["invoice"] == before["invoice"]


def test_a_payment_on_an_invoice_of_another_account_is_refused(
    loom: Api, new_api: Callable[..., Api]
) -> None:
    other = new_api("Other")
    answer = create(other, f"{ON_ONE}<amount>5</amount>")
    assert answer.error == "'invoice_id' not found. Invoice not found."
    assert state(loom) == ("sent", "100")


def test_a_deleted_invoice_takes_no_payment(loom: Api) -> None:
    with writing():
        database.execute("UPDATE invoice SET folder = 'deleted'")
    answer = create(loom, f"{ON_ONE}<amount>5</amount>")
    assert answer.error == "'invoice_id' not found. Invoice is deleted."


def test_a_deleted_client_gets_no_credit(loom: Api) -> None:
    loom.call("client.delete", "<client_id>1</client_id>")
    answer = create(loom, "<client_id>1</client_id><amount>5</amount>")
    assert answer.error == "'client_id' not found. Client is deleted."


def test_an_invoice_of_a_deleted_client_can_still_be_paid(loom: Api) -> None:
    loom.call("client.delete", "<client_id>1</client_id>")
    pay(loom, f"{ON_ONE}<amount>100</amount>")
    assert state(loom) == ("paid", "0")


def test_an_invoice_is_not_paid_beyond_any_amount(loom: Api) -> None:
    for _ in range(9):
        pay(loom, f"{ON_ONE}<amount>999999999999.99</amount>")
    pay(loom, f"{ON_ONE}<amount>999999999999.99</amount>")
    answer = create(loom, f"{ON_ONE}<amount>999999999999.99</amount>")
    assert (answer.code, answer.field) == ("40060", "amount")


# Lists.


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("", ["4", "3", "2", "1"]),
        ("<client_id>1</client_id>", ["3", "2", "1"]),
        ("<client_id>2</client_id>", ["4"]),
        ("<client_id>9</client_id>", []),
        ("<invoice_id>1</invoice_id>", ["2", "1"]),
        ("<date_from>2026-03-03</date_from>", ["3"]),
        ("<date_to>2026-03-01</date_to>", ["2"]),
        ("<date_from>2026-03-01</date_from><date_to>2026-03-01</date_to>", ["2"]),
        ("<updated_from>2026-03-02 11:00:00</updated_from>", ["4"]),
        ("<updated_to>2026-03-02 10:00:00</updated_to>", ["3", "2", "1"]),
        ("<per_page>3</per_page><page>2</page>", ["1"]),
        ("<page>999</page>", []),
    ],
)
def test_a_list_is_narrowed_by_its_filters(
    loom: Api, clock: Clock, filters: str, expected: list[str]
) -> None:
    loom.create_client()
    pay(loom, f"{ON_ONE}<amount>1</amount>")
    pay(loom, f"{ON_ONE}<amount>1</amount><date>2026-03-01</date>")
    pay(loom, "<client_id>1</client_id><amount>1</amount><date>2026-03-03</date>")
    clock.now += timedelta(hours=1)
    pay(loom, "<client_id>2</client_id><amount>1</amount>")
    assert listed(loom, filters) == expected


@pytest.mark.parametrize(
    ("filters", "code", "field"),
    [
        ("<client_id>a</client_id>", "50010", "client_id"),
        ("<invoice_id>a</invoice_id>", "50010", "invoice_id"),
        ("<date_from>x</date_from>", "40060", "date_from"),
        ("<updated_to>x</updated_to>", "40060", "updated_to"),
        ("<folder>deleted</folder>", "40060", "folder"),
    ],
)
def test_a_bad_filter_is_refused(api: Api, filters: str, code: str, field: str) -> None:
    answer = api.call("payment.list", filters)
    assert (answer.code, answer.field) == (code, field)


def statements_of(call: Callable[[], object]) -> int:
    with snapshot.dying_at(0, AssertionError) as statements:
        call()
    return len(statements)


@pytest.mark.parametrize("filters", ["", "<client_id>1</client_id>"])
def test_a_longer_list_takes_no_more_queries(loom: Api, filters: str) -> None:
    pay(loom, f"{ON_ONE}<amount>1</amount>")
    few = statements_of(lambda: listed(loom, filters))
    for _ in range(5):
        pay(loom, "<client_id>1</client_id><amount>1</amount>")
    assert statements_of(lambda: listed(loom, filters)) == few


# People.


def test_a_person_sees_the_payments_of_their_clients_alone(
    api: Api, ports: Ports
) -> None:
    for _ in range(2):
        api.create_profile(HUNDRED)
    pay(api, "<invoice_id>1</invoice_id><amount>1</amount>")
    pay(api, "<invoice_id>2</invoice_id><amount>1</amount>")
    pay(api, "<client_id>1</client_id><amount>1</amount>")
    people.add(ports, "Loom", username="eva")
    people.assign("Loom", "eva", [2])
    token = accounts.token(ports, "Loom", revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)

    assert listed(eva) == ["2"]
    for refused in (get(eva), delete(eva), update(eva, 1, ""), history(eva)):
        assert refused.error == "'payment_id' not found. Payment not found."
    for content in ("<invoice_id>1</invoice_id>", "<client_id>1</client_id>"):
        assert create(eva, f"{content}<amount>1</amount>").code == "50010"
    assert update(eva, 2, "<amount>100</amount>").ok
    assert state(eva, 2) == ("paid", "0")
    assert history(eva, 2).all("username") == ["eva", "admin"]


def test_the_totals_of_a_profile_tell_a_person_nothing_of_its_former_client(
    api: Api, ports: Ports
) -> None:
    for _ in range(2):
        api.create_profile(HUNDRED)
    pay(api, "<invoice_id>1</invoice_id><amount>1</amount>")
    assert api.update(1, "<client_id>2</client_id>").ok
    people.add(ports, "Loom", username="eva")
    people.assign("Loom", "eva", [2])
    token = accounts.token(ports, "Loom", revoke_others=False, username="eva")
    assert totals(api) == ["100", "1", "99"]
    assert totals(Api(api.client, api.account, token)) == ["0", "0", "0"]


# The payments of a profile.


def of_profile(api: Api, more: str = "") -> Answer:
    return api.call("recurring.payments", f"<recurring_id>1</recurring_id>{more}")


def test_the_payments_on_a_profiles_invoices_are_listed(clocked: Api) -> None:
    client_id = clocked.create_client()
    clocked.create_profile(HUNDRED, client_id)
    clocked.create_profile(HUNDRED, client_id)
    clocked.call("clock.set", "<date>2007-10-01</date>")
    for invoice_id, amount in ((1, 40), (1, 60), (2, 5), (3, 7), (3, 8)):
        pay(clocked, f"<invoice_id>{invoice_id}</invoice_id><amount>{amount}</amount>")
    pay(clocked, f"<client_id>{client_id}</client_id><amount>9</amount>")
    delete(clocked, 5)

    answer = of_profile(clocked)

    assert answer.names("payments/payment") == [
        *"payment_id invoice_id date amount currency_code type status".split()
    ]
    assert answer.all("payment_id") == ["4", "2", "1"]
    assert answer.all("invoice_id") == ["3", "1", "1"]
    assert answer.all("amount") == ["7", "60", "40"]
    assert set(answer.all("date")) == {"2007-10-01"}
    assert set(answer.all("status")) == {"success"}
    found = answer.find("payments")
    assert found is not None
    assert dict(found.attrib)["total"] == "3"
    paging = "<page>2</page><per_page>2</per_page>"
    assert of_profile(clocked, paging).all("payment_id") == ["1"]


def test_payments_on_a_deleted_invoice_are_none_of_a_profiles(loom: Api) -> None:
    pay(loom, f"{ON_ONE}<amount>40</amount>")
    with writing():
        database.execute("UPDATE invoice SET folder = 'deleted'")
    assert of_profile(loom).all("payment_id") == []


def test_a_profile_that_is_not_there_has_no_payments(loom: Api) -> None:
    answer = loom.call("recurring.payments", "<recurring_id>2</recurring_id>")
    assert answer.error == "'recurring_id' not found. Recurring not found."
    loom.call("recurring.delete", "<recurring_id>1</recurring_id>")
    assert of_profile(loom).error == "'recurring_id' not found. Recurring is deleted."


def totals(api: Api) -> list[str | None]:
    answer = api.call(
        "recurring.get", "<recurring_id>1</recurring_id><details>1</details>"
    )
    names = ("total", "paid", "outstanding")
    return [answer.text(f"recurring/totals/{name}") for name in names]


def test_the_totals_of_a_profile_follow_its_payments(clocked: Api) -> None:
    clocked.create_profile(HUNDRED)
    clocked.call("clock.set", "<date>2007-10-01</date>")
    assert totals(clocked) == ["200", "0", "200"]
    pay(clocked, f"{ON_ONE}<amount>40</amount>")
    assert totals(clocked) == ["200", "40", "160"]


def test_what_is_paid_beyond_one_invoice_pays_no_other(clocked: Api) -> None:
    clocked.create_profile(HUNDRED)
    clocked.call("clock.set", "<date>2007-10-01</date>")
    pay(clocked, f"{ON_ONE}<amount>150</amount>")
    assert totals(clocked) == ["200", "150", "100"]


def test_an_invoice_below_zero_is_not_outstanding(clocked: Api) -> None:
    clocked.create_profile(HUNDRED.replace("100", "-100"))
    clocked.call("clock.set", "<date>2007-10-01</date>")
    assert totals(clocked) == ["-200", "0", "0"]
