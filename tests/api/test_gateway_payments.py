"""Payments that a gateway took, and attempts that came to none."""

import pytest

from tests.cards import POOR, charge, charge_date, move, profile, statuses
from tests.conftest import Api

OFF = "<autopay>0</autopay>"
THIS = "<payment_id>1</payment_id>"


def update(api: Api, content: str) -> str:
    """Update payment 1; return the error, if any."""
    return api.call("payment.update", f"<payment>{THIS}{content}</payment>").error


def attempts(api: Api, recurring_id: int = 1, more: str = "") -> list[str]:
    """Return id, amount and status of what is listed of a profile."""
    content = f"<recurring_id>{recurring_id}</recurring_id>{more}"
    answer = api.call("recurring.payments", content)
    columns = map(answer.all, ("payment_id", "amount", "status"))
    return [" ".join(row) for row in zip(*columns, strict=True)]


def test_a_gateways_payment_says_which_it_was(api: Api) -> None:
    profile(api, more=OFF)
    charge(api)
    got = api.call("payment.get", THIS)
    assert got.names("payment")[-2:] == ["updated", "gateway_transaction"]
    assert got.names("payment/gateway_transaction") == ["reference_id", "gateway_name"]
    reference = got.text("payment/gateway_transaction/reference_id") or ""
    assert reference.startswith("sandbox_")
    listed = api.call("payment.list")
    assert listed.names("payments/payment")[-2:] == ["gateway_transaction", "amount"]
    assert listed.all("reference_id") == [reference]


def test_other_payments_do_not(api: Api) -> None:
    profile(api, more=OFF)
    paid = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"
    assert api.call("payment.create", paid).ok
    for method, content in (("payment.get", THIS), ("payment.list", "")):
        assert not api.call(method, content).all("gateway_transaction")


def test_the_amount_that_a_gateway_took_stays(api: Api) -> None:
    profile(api, more=OFF)
    charge(api)
    assert update(api, "<amount>39</amount>") == (
        "Failed to update payment. A gateway took its amount."
    )
    assert update(api, "<amount>40</amount><notes>Thanks</notes>") == ""
    assert api.call("payment.get", THIS).text("payment/notes") == "Thanks"


def test_after_one_is_deleted_no_card_is_charged_by_itself(clocked: Api) -> None:
    profile(clocked, more="<due_days>10</due_days>")
    move(clocked, "2007-09-01")
    assert charge(clocked).ok
    assert clocked.call("payment.delete", THIS).ok
    assert statuses(clocked) == ["sent"]
    assert charge_date(clocked) == ""
    move(clocked, "2007-09-30")
    assert statuses(clocked) == ["sent"]


def test_a_payment_by_hand_may_go_before_the_card_is_charged(clocked: Api) -> None:
    profile(clocked, more="<due_days>10</due_days>")
    move(clocked, "2007-09-01")
    paid = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"
    assert clocked.call("payment.create", paid).ok
    assert charge_date(clocked) == ""
    assert clocked.call("payment.delete", THIS).ok
    assert charge_date(clocked) == "2007-09-11"
    move(clocked, "2007-09-11")
    assert statuses(clocked) == ["auto-paid"]


def test_attempts_stand_among_the_payments_of_a_profile(clocked: Api) -> None:
    profile(clocked, POOR)
    profile(clocked)
    move(clocked, "2007-09-02")
    paid = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"
    assert clocked.call("payment.create", paid).ok
    assert attempts(clocked) == ["4 40 success", "3 0 declined", "1 0 declined"]
    assert attempts(clocked, 2) == ["2 40 success"]
    assert clocked.call("payment.list").all("payment_id") == ["4", "2"]


@pytest.mark.parametrize(
    ("page", "found"),
    [(1, ["5 40 success", "4 0 declined"]), (2, ["1 0 declined"]), (3, [])],
)
def test_attempts_and_payments_share_their_pages(
    page: int, found: list[str], clocked: Api
) -> None:
    profile(clocked, POOR)
    move(clocked, "2007-09-01")
    # Ids are taken by others in between.
    for amount in (1, 2):
        credit = f"<payment><client_id>1</client_id><amount>{amount}</amount></payment>"
        assert clocked.call("payment.create", credit).ok
    move(clocked, "2007-09-02")
    paid = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"
    assert clocked.call("payment.create", paid).ok
    more = f"<page>{page}</page><per_page>2</per_page>"
    assert attempts(clocked, 1, more) == found
    content = f"<recurring_id>1</recurring_id>{more}"
    listing = clocked.call("recurring.payments", content).find("payments")
    assert listing is not None
    assert (listing.get("total"), listing.get("pages")) == ("3", "2")


def test_attempts_go_with_their_invoice(clocked: Api) -> None:
    profile(clocked, POOR)
    move(clocked, "2007-09-01")
    assert clocked.call("invoice.delete", "<invoice_id>1</invoice_id>").ok
    assert attempts(clocked) == []


def test_a_deleted_payment_of_a_gateway_is_no_attempt(api: Api) -> None:
    profile(api, more=OFF)
    charge(api)
    assert api.call("payment.delete", THIS).ok
    assert attempts(api) == []


def test_details_tell_how_often_a_card_was_declined(clocked: Api) -> None:
    profile(clocked, POOR)
    profile(clocked)
    move(clocked, "2007-09-01")
    listed = clocked.call("invoice.list", "<details>1</details>")
    assert listed.all("declined_count") == ["0", "1"]
    assert listed.all("charge_date") == ["", "2007-09-02"]
    assert not clocked.call("invoice.list").all("declined_count")
    assert not clocked.call("invoice.list").all("charge_date")


@pytest.mark.parametrize(
    ("status", "found"),
    [("auto-paid", ["2"]), ("retry", ["1"]), ("failed", ["3"]), ("sent", [])],
)
def test_invoices_are_found_by_what_became_of_their_cards(
    status: str, found: list[str], clocked: Api
) -> None:
    profile(clocked, POOR)
    profile(clocked)
    profile(clocked, "4000000000009979")
    move(clocked, "2007-09-01")
    answer = clocked.call("invoice.list", f"<status>{status}</status>")
    assert answer.all("invoice_id") == found
