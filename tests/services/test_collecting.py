"""Collecting: one charge for each due invoice, and what follows from its outcome."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from app.domain.charge import ChargeState
from app.domain.gateway import Order, Unknown
from app.gateways.sandbox import Sandbox
from app.storage import charge as charges
from tests.cards import (
    GOOD,
    LINES,
    POOR,
    STOLEN,
    card,
    charge_date,
    move,
    plan,
    profile,
    receipts,
    statuses,
    tried,
)
from tests.conftest import Api

DUE_IN_10 = "<due_days>10</due_days>"
MONTHLY = "<frequency>m</frequency>"
PAYLOAD = (1, 2, 3, 4, 5)
STICKY = (6, 12, 18)


def test_a_new_profiles_first_invoice_is_charged_on_its_day(clocked: Api) -> None:
    profile(clocked)
    move(clocked, "2007-09-01")
    assert statuses(clocked) == ["auto-paid"]
    answer = clocked.call("payment.list")
    assert answer.all("amount") == ["40"]
    assert answer.all("type") == ["VISA"]


def test_a_charge_is_made_on_the_due_date(clocked: Api) -> None:
    profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-10")
    assert statuses(clocked) == ["sent"]
    move(clocked, "2007-09-11")
    assert statuses(clocked) == ["auto-paid"]


def test_a_declined_card_is_tried_once_more_a_day_later(clocked: Api) -> None:
    profile(clocked, POOR)
    move(clocked, "2007-09-01")
    assert statuses(clocked) == ["retry"]
    move(clocked, "2007-09-02")
    assert statuses(clocked) == ["failed"]
    move(clocked, "2007-09-20")
    found = charges.of_invoice(clocked.account.account_id, 1)
    assert [(each.state, each.made_on) for each in found] == [
        (ChargeState.DECLINED, date(2007, 9, 1)),
        (ChargeState.DECLINED, date(2007, 9, 2)),
    ]


def test_a_stolen_card_is_not_tried_again(clocked: Api) -> None:
    profile(clocked, STOLEN)
    move(clocked, "2007-09-20")
    assert statuses(clocked) == ["failed"]
    assert len(charges.of_invoice(clocked.account.account_id, 1)) == 1


def test_months_are_collected_each_on_its_day(clocked: Api) -> None:
    profile(clocked, more=MONTHLY)
    move(clocked, "2008-01-01")
    assert statuses(clocked) == ["auto-paid"] * 5
    dates = clocked.call("payment.list").all("date")[::-1]
    assert [each[:10] for each in dates] == [
        "2007-09-01",
        "2007-10-01",
        "2007-11-01",
        "2007-12-01",
        "2008-01-01",
    ]


def test_a_draft_is_charged_once_it_is_issued(clocked: Api) -> None:
    profile(clocked, more="<invoice_status>draft</invoice_status>")
    move(clocked, "2007-09-05")
    assert statuses(clocked) == ["draft"]
    assert clocked.call("invoice.issue", "<invoice_id>1</invoice_id>").ok
    move(clocked, "2007-09-05")
    assert statuses(clocked) == ["auto-paid"]


def test_nothing_is_left_to_do(clocked: Api) -> None:
    profile(clocked)
    move(clocked, "2007-09-01")
    assert charges.next_check(clocked.account.account_id) is None
    assert charges.next_day(clocked.account.account_id, date(2007, 9, 1)) is None


def test_a_gateway_is_told_when_the_order_that_it_looks_up_was_sent(
    clocked: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime | None] = []

    def unknown(_: Sandbox, order: Order) -> Unknown:
        asked.append(order.sent_at)
        return Unknown(detail="No answer.")

    monkeypatch.setattr(Sandbox, "charge", unknown)
    monkeypatch.setattr(Sandbox, "look_up", unknown)
    profile(clocked)
    move(clocked, "2007-09-03")
    (charge,) = charges.of_invoice(clocked.account.account_id, 1)
    assert len(asked) > 1
    assert set(asked) == {charge.sent_at}


def test_without_autopay_no_card_is_charged(clocked: Api) -> None:
    profile(clocked, more="<autopay>0</autopay>")
    move(clocked, "2007-09-30")
    assert statuses(clocked) == ["sent"]
    assert charge_date(clocked) == ""
    assert tried(clocked) == []


def test_autopay_that_is_switched_off_in_time_counts(clocked: Api) -> None:
    recurring_id = profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-10")
    assert clocked.update(recurring_id, "<autopay>0</autopay>").ok
    move(clocked, "2007-09-30")
    assert statuses(clocked) == ["sent"]
    assert tried(clocked) == []


def test_a_card_that_is_removed_before_the_due_date_is_not_charged(
    clocked: Api,
) -> None:
    recurring_id = profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-10")
    assert clocked.update(recurring_id, "<autobill/>").ok
    move(clocked, "2007-09-30")
    assert statuses(clocked) == ["sent"]
    assert tried(clocked) == []


def test_a_card_that_comes_before_the_due_date_is_charged(clocked: Api) -> None:
    recurring_id = clocked.create_profile(f"{DUE_IN_10}{LINES}")
    move(clocked, "2007-09-10")
    assert clocked.update(recurring_id, card()).ok
    move(clocked, "2007-09-11")
    assert statuses(clocked) == ["auto-paid"]


def test_a_card_that_comes_after_the_due_date_is_not(clocked: Api) -> None:
    recurring_id = clocked.create_profile(f"{DUE_IN_10}{LINES}")
    move(clocked, "2007-09-11")
    assert clocked.update(recurring_id, card()).ok
    move(clocked, "2007-09-30")
    assert statuses(clocked) == ["sent"]


def test_another_card_is_tried_by_the_plan(clocked: Api) -> None:
    recurring_id = profile(clocked, POOR)
    move(clocked, "2007-09-01")
    assert clocked.update(recurring_id, card(GOOD)).ok
    move(clocked, "2007-09-02")
    assert statuses(clocked) == ["auto-paid"]
    assert tried(clocked) == [("declined", "2007-09-01"), ("captured", "2007-09-02")]


@pytest.mark.parametrize("due_on", ["2007-09-05", "2007-09-20"])
def test_the_charge_follows_a_due_date_that_moves(due_on: str, clocked: Api) -> None:
    profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-02")
    moved = f"<invoice><invoice_id>1</invoice_id><due_date>{due_on}</due_date>"
    assert clocked.call("invoice.update", f"{moved}</invoice>").ok
    assert charge_date(clocked) == due_on
    move(clocked, "2007-09-30")
    assert tried(clocked) == [("captured", due_on)]


def test_the_plan_stays_where_the_due_date_moves_later(clocked: Api) -> None:
    profile(clocked, POOR)
    move(clocked, "2007-09-01")
    moved = "<invoice><invoice_id>1</invoice_id><due_date>2007-09-20</due_date>"
    assert clocked.call("invoice.update", f"{moved}</invoice>").ok
    assert charge_date(clocked) == "2007-09-02"


def test_a_deleted_invoice_is_not_charged(clocked: Api) -> None:
    profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-02")
    assert clocked.call("invoice.delete", "<invoice_id>1</invoice_id>").ok
    move(clocked, "2007-09-30")
    assert tried(clocked) == []


def test_a_deleted_client_is_not_charged(clocked: Api) -> None:
    profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-02")
    assert clocked.call("client.delete", "<client_id>1</client_id>").ok
    move(clocked, "2007-09-30")
    assert statuses(clocked) == ["sent"]
    assert tried(clocked) == []


@pytest.mark.parametrize("verb", ["pause", "archive"])
def test_a_profile_at_rest_is_still_paid_for(verb: str, clocked: Api) -> None:
    recurring_id = profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-02")
    this = f"<recurring_id>{recurring_id}</recurring_id>"
    assert clocked.call(f"recurring.{verb}", this).ok
    move(clocked, "2007-09-30")
    assert tried(clocked) == [("captured", "2007-09-11")]


def test_a_deleted_profile_charges_nothing_more(clocked: Api) -> None:
    recurring_id = profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-02")
    this = f"<recurring_id>{recurring_id}</recurring_id>"
    assert clocked.call("recurring.delete", this).ok
    move(clocked, "2007-09-30")
    assert tried(clocked) == []


def test_after_an_outage_a_client_is_charged_once_a_day(clocked: Api) -> None:
    profile(clocked, more=MONTHLY)
    answer = clocked.call("clock.set", "<date>2007-11-15</date><run>0</run>")
    assert answer.ok
    move(clocked, "2007-11-15")
    assert statuses(clocked) == ["auto-paid", "sent", "sent"]
    assert [charge_date(clocked, each) for each in (1, 2, 3)] == [
        "",
        "2007-11-16",
        "2007-11-16",
    ]
    move(clocked, "2007-11-20")
    assert [tried(clocked, each) for each in (1, 2, 3)] == [
        [("captured", "2007-11-15")],
        [("captured", "2007-11-16")],
        [("captured", "2007-11-17")],
    ]


def test_profiles_do_not_wait_for_one_another(clocked: Api) -> None:
    client_id = clocked.create_client()
    for _ in range(2):
        clocked.create_profile(f"{card()}{LINES}", client_id)
    move(clocked, "2007-09-01")
    assert statuses(clocked) == ["auto-paid", "auto-paid"]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((), ["2007-09-01"]),
        ((1,), ["2007-09-01", "2007-09-02"]),
        (PAYLOAD, [f"2007-09-0{each}" for each in range(1, 7)]),
        (STICKY, ["2007-09-01", "2007-09-07", "2007-09-13", "2007-09-19"]),
    ],
)
def test_a_declined_card_is_tried_by_the_accounts_plan(
    days: tuple[int, ...], expected: list[str], clocked: Api
) -> None:
    plan(clocked, days)
    profile(clocked, POOR)
    for day in expected[:-1]:
        move(clocked, day)
        assert statuses(clocked) == ["retry"]
    move(clocked, "2007-09-30")
    assert tried(clocked) == [("declined", day) for day in expected]
    assert statuses(clocked) == ["failed"]
    assert charge_date(clocked) == ""


def test_late_tries_keep_their_distance_of_a_day(clocked: Api) -> None:
    plan(clocked, PAYLOAD)
    profile(clocked, POOR)
    move(clocked, "2007-09-01")
    # Nobody collects for three days.
    assert clocked.call("clock.set", "<date>2007-09-04</date><run>0</run>").ok
    move(clocked, "2007-09-30")
    assert [on for _, on in tried(clocked)] == [
        "2007-09-01",
        "2007-09-04",
        "2007-09-05",
        "2007-09-06",
        "2007-09-07",
        "2007-09-08",
    ]


@pytest.mark.parametrize(
    "number",
    [STOLEN, "4000000000009987"],
)
def test_a_hard_decline_ends_any_plan(number: str, clocked: Api) -> None:
    plan(clocked, PAYLOAD)
    profile(clocked, number)
    move(clocked, "2007-09-30")
    assert statuses(clocked) == ["failed"]
    assert tried(clocked) == [("declined", "2007-09-01")]


def test_an_expired_card_is_never_sent(clocked: Api) -> None:
    clocked.create_profile(f"{DUE_IN_10}{MONTHLY}{card(month=9, year=2007)}{LINES}")
    move(clocked, "2007-10-31")
    assert statuses(clocked) == ["auto-paid", "failed"]
    found = charges.of_invoice(clocked.account.account_id, 2)
    assert [(each.reason, each.sent_at) for each in found] == [("expired", None)] * 2


def test_a_failed_invoice_can_be_paid_by_hand(clocked: Api) -> None:
    profile(clocked, POOR)
    move(clocked, "2007-09-05")
    paid = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"
    assert clocked.call("payment.create", paid).ok
    assert statuses(clocked) == ["paid"]


def test_a_part_that_is_paid_is_not_charged(clocked: Api) -> None:
    profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-01")
    paid = "<payment><invoice_id>1</invoice_id><amount>25</amount></payment>"
    assert clocked.call("payment.create", paid).ok
    assert statuses(clocked) == ["partial"]
    move(clocked, "2007-09-11")
    assert statuses(clocked) == ["auto-paid"]
    assert clocked.call("payment.list").all("amount") == ["15", "25"]


def test_what_was_paid_between_two_tries_is_not_tried_again(clocked: Api) -> None:
    profile(clocked, POOR)
    move(clocked, "2007-09-01")
    paid = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"
    assert clocked.call("payment.create", paid).ok
    move(clocked, "2007-09-10")
    assert statuses(clocked) == ["paid"]
    assert tried(clocked) == [("declined", "2007-09-01")]


@pytest.mark.parametrize("cost", ["0", "-40"])
def test_nothing_is_not_charged(cost: str, clocked: Api) -> None:
    lines = (
        f"<lines><line><name>Gift</name><unit_cost>{cost}</unit_cost>"
        "<quantity>1</quantity></line></lines>"
    )
    profile(clocked, lines=lines)
    move(clocked, "2007-09-20")
    assert tried(clocked) == []


@pytest.mark.parametrize(
    ("wish", "count"),
    [("", 3), ("always", 3), ("once", 1), ("never", 0)],
)
def test_receipts_go_out_as_the_profile_says(
    wish: str, count: int, clocked: Api
) -> None:
    more = f"<send_receipt>{wish}</send_receipt>" if wish else ""
    profile(clocked, more=f"{MONTHLY}{more}")
    move(clocked, "2007-11-01")
    assert statuses(clocked) == ["auto-paid"] * 3
    assert receipts(clocked) == count


def test_a_declined_card_sends_no_receipt(clocked: Api) -> None:
    profile(clocked, POOR)
    move(clocked, "2007-09-10")
    assert receipts(clocked) == 0


@pytest.mark.parametrize(
    ("currency", "cost", "charged", "minor"),
    [("JPY", "40.4", "40", 40), ("KWD", "40.1234", "40.123", 40123)],
)
def test_other_currencies_have_their_own_decimals(
    currency: str, cost: str, charged: str, minor: int, new_api: Callable[..., Api]
) -> None:
    api = new_api("Clocked", base_currency=currency, clock_on=date(2007, 9, 1))
    lines = (
        f"<lines><line><name>Hosting</name><unit_cost>{cost}</unit_cost>"
        "<quantity>1</quantity></line></lines>"
    )
    profile(api, lines=lines)
    move(api, "2007-09-01")
    assert statuses(api) == ["auto-paid"]
    assert api.call("payment.list").all("amount") == [charged]
    (found,) = charges.of_invoice(api.account.account_id, 1)
    assert (found.amount.minor, found.amount.currency) == (minor, currency)


def test_what_is_moved_to_another_currency_is_not_charged(clocked: Api) -> None:
    profile(clocked, more=DUE_IN_10)
    move(clocked, "2007-09-02")
    moved = "<invoice><invoice_id>1</invoice_id><currency_code>EUR</currency_code>"
    assert clocked.call("invoice.update", f"{moved}</invoice>").ok
    move(clocked, "2007-09-30")
    assert statuses(clocked) == ["sent"]
    assert tried(clocked) == []
