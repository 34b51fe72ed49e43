"""Charges that were prepared and left, and what happens before they are sent."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from app.domain.account import SANDBOX
from app.domain.charge import Charge, ChargeState
from app.domain.gateway import Order, Outcome
from app.gateways.registry import Registry
from app.gateways.sandbox import Sandbox
from app.services import collecting
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import charge as charges
from app.storage import outgoing
from tests.cards import POOR, STOLEN, move, profile, statuses
from tests.conftest import Api

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def prepare(ports: Ports, api: Api) -> list[tuple[int, int]]:
    """Prepare the charges that are due, and leave them."""
    account = accounts.get(api.account.account_id)
    assert account is not None
    (batch,) = collecting.due_of(ports, account, 10)
    return collecting.prepare(ports, batch)


def set_clock(api: Api, day: str) -> None:
    """Move the clock without any work."""
    assert api.call("clock.set", f"<date>{day}</date><run>0</run>").ok


def charges_of(api: Api, invoice_id: int) -> list[Charge]:
    return charges.of_invoice(api.account.account_id, invoice_id)


def test_a_charge_is_of_the_day_on_which_it_is_sent(clocked: Api, ports: Ports) -> None:
    profile(clocked, POOR)
    (known,) = prepare(ports, clocked)
    set_clock(clocked, "2007-09-04")

    collecting.send(ports, known)

    (charge,) = charges_of(clocked, 1)
    assert charge.made_on == date(2007, 9, 4)
    move(clocked, "2007-09-05")
    assert statuses(clocked) == ["failed"]
    assert charges_of(clocked, 1)[1].made_on == charge.made_on + timedelta(days=1)


def test_no_other_invoice_is_charged_on_the_day_on_which_one_was_sent_late(
    clocked: Api, ports: Ports
) -> None:
    profile(clocked, more="<frequency>w</frequency>")
    (known,) = prepare(ports, clocked)
    set_clock(clocked, "2007-09-08")
    collecting.send(ports, known)

    move(clocked, "2007-09-08")

    assert statuses(clocked) == ["auto-paid", "sent"]
    move(clocked, "2007-09-09")
    assert statuses(clocked) == ["auto-paid", "auto-paid"]


def test_a_charge_waits_for_a_due_date_that_was_moved(
    clocked: Api, ports: Ports
) -> None:
    profile(clocked)
    (known,) = prepare(ports, clocked)
    later = (
        "<invoice><invoice_id>1</invoice_id><due_date>2007-09-20</due_date></invoice>"
    )
    assert clocked.call("invoice.update", later).ok

    assert collecting.send(ports, known) is None

    move(clocked, "2007-09-19")
    assert statuses(clocked) == ["sent"]
    move(clocked, "2007-09-20")
    assert statuses(clocked) == ["auto-paid"]


def test_no_failure_is_mailed_of_an_invoice_that_was_paid_meanwhile(
    clocked: Api, ports: Ports
) -> None:
    profile(clocked, STOLEN)
    (known,) = prepare(ports, clocked)
    payment = "<payment><invoice_id>1</invoice_id><amount>40</amount></payment>"

    class Slow(Sandbox):
        def charge(self, order: Order) -> Outcome:
            assert clocked.call("payment.create", payment).ok
            return super().charge(order)

    slow = replace(ports, gateways=Registry({SANDBOX: Slow}))
    charge = collecting.send(slow, known)

    assert charge is not None
    assert charge.state is ChargeState.DECLINED
    assert statuses(clocked) == ["paid"]
    assert outgoing.waiting(NOW, 10) == []


def test_a_retry_keeps_its_day_whatever_becomes_of_the_due_date(clocked: Api) -> None:
    profile(clocked, POOR)
    move(clocked, "2007-09-01")
    for day in ("2007-09-02", "2007-10-30"):
        content = f"<invoice_id>1</invoice_id><due_date>{day}</due_date>"
        assert clocked.call("invoice.update", f"<invoice>{content}</invoice>").ok

    move(clocked, "2007-09-02")

    assert statuses(clocked) == ["failed"]
