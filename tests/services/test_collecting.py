"""Collecting: one charge for each due invoice, and what follows from its outcome."""

from datetime import date, datetime

import pytest

from app.domain.charge import ChargeState
from app.domain.gateway import Order, Unknown
from app.gateways.sandbox import Sandbox
from app.services import collecting
from app.storage import charge as charges
from tests.conftest import Api

CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>{number}</number><name>Ada Byron</name><expiration><month>7</month>"
    "<year>2031</year></expiration></card></autobill>"
)
LINES = (
    "<lines><line><name>Hosting</name><unit_cost>40</unit_cost><quantity>1</quantity>"
    "</line></lines>"
)
GOOD = "4242424242424242"
POOR = "4000000000009995"
STOLEN = "4000000000009979"


def profile(api: Api, number: str = GOOD, more: str = "") -> int:
    return api.create_profile(
        f"<occurrences>0</occurrences>{more}{CARD.format(number=number)}{LINES}"
    )


def move(api: Api, day: str) -> None:
    assert api.call("clock.set", f"<date>{day}</date>").ok


def statuses(api: Api) -> list[str]:
    return api.call("invoice.list").all("status")[::-1]


def test_a_new_profiles_first_invoice_is_charged_on_its_day(clocked: Api) -> None:
    profile(clocked)
    move(clocked, "2007-09-01")
    assert statuses(clocked) == ["auto-paid"]
    answer = clocked.call("payment.list")
    assert answer.all("amount") == ["40"]
    assert answer.all("type") == ["VISA"]


def test_a_charge_is_made_on_the_due_date(clocked: Api) -> None:
    profile(clocked, more="<due_days>10</due_days>")
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
    profile(clocked, more="<frequency>m</frequency>")
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
    assert collecting.BATCH
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
