"""Charges that were prepared and left, and what happens before they are sent."""

from datetime import date, timedelta

from app.domain.charge import Charge
from app.services import collecting
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import charge as charges
from tests.conftest import Api
from tests.services.test_collecting import POOR, move, profile, statuses


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
    later = "<invoice><invoice_id>1</invoice_id><due_date>2007-09-20</due_date></invoice>"
    assert clocked.call("invoice.update", later).ok

    assert collecting.send(ports, known) is None

    move(clocked, "2007-09-19")
    assert statuses(clocked) == ["sent"]
    move(clocked, "2007-09-20")
    assert statuses(clocked) == ["auto-paid"]
