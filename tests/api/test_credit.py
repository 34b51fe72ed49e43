"""What clients have to their credit: given, used, left over, never overdrawn."""

from collections.abc import Callable

import pytest

from app.storage import database
from app.storage.database import writing
from tests import snapshot
from tests.api.test_payment import HUNDRED, create, delete, pay, state, update
from tests.conftest import Answer, Api

ONE = "<client_id>1</client_id>"
FROM_CREDIT = f"{ONE}<invoice_id>1</invoice_id>"
TOO_LITTLE = "Payment from credit cannot exceed available credit"


@pytest.fixture(name="loom")
def loom_(api: Api) -> Api:
    """Provide an account whose client 1 owes 100 USD on invoice 1."""
    api.create_profile(HUNDRED, api.create_client())
    return api


def client(api: Api) -> Answer:
    return api.call("client.get", ONE)


def credit(api: Api) -> list[str]:
    """Return the credit that is shown first, and then that in each currency."""
    return client(api).all("credit")


def currencies(api: Api) -> list[str | None]:
    answer = client(api)
    return [element.get("currency") for element in answer.root.iter("{*}credit")]


def test_a_client_without_credit_has_none_in_its_own_currency(api: Api) -> None:
    api.create_client(
        "<organization>x</organization><currency_code>EUR</currency_code>"
    )
    assert credit(api) == ["0", "0"]
    assert currencies(api) == ["EUR", "EUR"]


def test_a_credit_is_in_the_base_currency_unless_it_says(api: Api) -> None:
    api.create_client(
        "<organization>x</organization><currency_code>EUR</currency_code>"
    )
    pay(api, f"{ONE}<amount>12.5</amount>")
    assert credit(api) == ["12.5", "12.5"]
    assert currencies(api) == ["USD", "USD"]


def test_there_is_a_balance_for_each_currency(loom: Api) -> None:
    pay(loom, f"{ONE}<amount>5</amount><currency_code>eur</currency_code>")
    assert credit(loom) == ["0", "5"]
    assert currencies(loom) == ["USD", "EUR"]
    pay(loom, f"{ONE}<amount>7</amount>")
    pay(loom, f"{ONE}<amount>1.234</amount><currency_code>KWD</currency_code>")
    assert credit(loom) == ["7", "5", "1.234", "7"]
    assert currencies(loom) == ["USD", "EUR", "KWD", "USD"]


def test_an_invoice_is_paid_from_credit(loom: Api) -> None:
    pay(loom, f"{ONE}<amount>80</amount>")
    pay(loom, f"{FROM_CREDIT}<amount>30</amount>")
    assert state(loom) == ("partial", "70")
    assert credit(loom) == ["50", "50"]
    pay(loom, f"{FROM_CREDIT}<amount>50</amount>")
    assert state(loom) == ("partial", "20")
    assert credit(loom) == ["0", "0"]


def test_more_than_the_credit_is_refused_with_the_known_words(loom: Api) -> None:
    pay(loom, f"{ONE}<amount>80</amount>")
    answer = create(loom, f"{FROM_CREDIT}<amount>80.01</amount>")
    assert (answer.code, answer.error) == ("50020", TOO_LITTLE)
    assert state(loom) == ("sent", "100")
    assert credit(loom) == ["80", "80"]


def test_credit_in_one_currency_pays_no_invoice_in_another(loom: Api) -> None:
    pay(loom, f"{ONE}<amount>80</amount><currency_code>EUR</currency_code>")
    assert create(loom, f"{FROM_CREDIT}<amount>1</amount>").error == TOO_LITTLE


def test_more_than_the_credit_is_refused_even_where_it_would_come_back(
    loom: Api,
) -> None:
    pay(loom, "<invoice_id>1</invoice_id><amount>90</amount>")
    pay(loom, f"{ONE}<amount>50</amount>")
    answer = create(loom, f"{FROM_CREDIT}<amount>100</amount>")
    assert answer.error == TOO_LITTLE


def test_a_payment_from_credit_grows_by_no_more_than_the_credit(loom: Api) -> None:
    pay(loom, f"{ONE}<amount>80</amount>")
    pay(loom, f"{FROM_CREDIT}<amount>30</amount>")
    assert update(loom, 2, "<amount>80.01</amount>").error == TOO_LITTLE
    assert update(loom, 2, "<amount>80</amount>").ok
    assert credit(loom) == ["0", "0"]
    assert update(loom, 2, "<amount>10</amount>").ok
    assert credit(loom) == ["70", "70"]


def test_a_deleted_payment_from_credit_gives_it_back(loom: Api) -> None:
    pay(loom, f"{ONE}<amount>80</amount>")
    pay(loom, f"{FROM_CREDIT}<amount>30</amount>")
    delete(loom, 2)
    assert credit(loom) == ["80", "80"]
    assert state(loom) == ("sent", "100")


def test_a_credit_that_has_been_used_stays(loom: Api) -> None:
    pay(loom, f"{ONE}<amount>80</amount>")
    pay(loom, f"{FROM_CREDIT}<amount>30</amount>")
    before = snapshot.taken()
    answer = delete(loom)
    assert answer.code == "50020"
    expected = "Failed to delete payment. The client's credit has been used."
    assert answer.error == expected
    answer = update(loom, 1, "<amount>29.99</amount>")
    assert answer.error == expected.replace("delete", "update")
    after = snapshot.taken()
    for table in ("payment", "invoice", "payment_event", "listing_block"):
        assert after[table] == before[table]
    assert update(loom, 1, "<amount>30</amount>").ok


def test_what_was_paid_beyond_an_invoice_pays_another(loom: Api) -> None:
    loom.create_profile(HUNDRED, 1)
    pay(loom, "<invoice_id>1</invoice_id><amount>150</amount>")
    assert credit(loom) == ["50", "50"]
    pay(loom, f"{ONE}<invoice_id>2</invoice_id><amount>50</amount>")
    assert credit(loom) == ["0", "0"]
    assert state(loom, 2) == ("partial", "50")
    assert delete(loom, 1).code == "50020"
    assert update(loom, 1, "<amount>149.99</amount>").code == "50020"
    assert update(loom, 1, "<amount>151</amount>").ok
    assert credit(loom) == ["1", "1"]


def test_an_invoice_below_zero_is_no_credit(api: Api) -> None:
    api.create_profile(HUNDRED.replace("100", "-100"), api.create_client())
    assert credit(api) == ["0", "0"]
    pay(api, "<invoice_id>1</invoice_id><amount>5</amount>")
    assert credit(api) == ["5", "5"]


def test_what_a_deleted_invoice_was_overpaid_is_no_credit(loom: Api) -> None:
    pay(loom, "<invoice_id>1</invoice_id><amount>150</amount>")
    with writing():
        database.execute("UPDATE invoice SET folder = 'deleted'")
    assert credit(loom) == ["0", "0"]


def test_clients_are_listed_with_their_credits(loom: Api) -> None:
    loom.create_client()
    loom.create_client()
    pay(loom, "<client_id>3</client_id><amount>3</amount>")
    pay(loom, f"{ONE}<amount>1</amount>")
    answer = loom.call("client.list")
    assert answer.all("credit") == ["3", "3", "0", "0", "1", "1"]


def test_the_credits_of_a_page_are_one_query(loom: Api) -> None:
    def statements(call: Callable[[], object]) -> int:
        with snapshot.dying_at(0, AssertionError) as seen:
            call()
        return len(seen)

    few = statements(lambda: loom.call("client.list"))
    for client_id in (2, 3, 4):
        loom.create_client()
        pay(loom, f"<client_id>{client_id}</client_id><amount>1</amount>")
    assert statements(lambda: loom.call("client.list")) == few
