"""What waits for a person is listed, and goes on when they say how."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.config import Settings
from app.domain.charge import ChargeState
from app.engine.run import run as bill
from app.services import parked
from app.services.issuing import due
from app.storage import database
from tests.bank import Lie
from tests.shop import Shop

Run = Callable[..., Result]


@pytest.fixture(name="run")
def run_(settings: Settings) -> Iterator[Run]:
    """Provide a runner of `perennial parked` on the test's database."""
    environment = {
        "PERENNIAL_DATA": str(settings.data),
        "PERENNIAL_DATABASE": settings.database,
    }

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["parked", *arguments], env=environment)

    yield run
    database.proxy.connect(reuse_if_open=True)


def park(shop: Shop) -> None:
    """Leave a charge of which the gateway never told."""
    shop.issue()
    shop.ledger.lies([Lie.CAPTURED] * 8)
    shop.wait()
    assert shop.states() == [ChargeState.PARKED]


def history(shop: Shop) -> list[str]:
    answer = shop.api.call("invoice.history", "<invoice_id>1</invoice_id>")
    return answer.all("what")[::-1]


def test_nothing_waits_at_first(shop: Shop, run: Run) -> None:
    shop.issue()
    assert run("list").output == "nothing waits for you\n"


def test_a_parked_charge_is_listed_with_the_way_out(shop: Shop, run: Run) -> None:
    park(shop)
    (charge,) = shop.charges()
    found = run("list").output
    assert found == (
        "waiting for you: charge 1 of account 1, 40 USD of invoice id 1 by "
        f"Authorize.Net, key {charge.key} (It takes the money and times out.); look it "
        "up there, then: perennial parked release charge Loom 1\n"
    )


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (("--paid", "lying_1"), ChargeState.CAPTURED),
        (("--declined",), ChargeState.DECLINED),
        (("--ask-again",), ChargeState.UNKNOWN),
    ],
)
def test_a_person_says_what_became_of_a_charge(
    shop: Shop, run: Run, said: tuple[str, ...], state: ChargeState
) -> None:
    park(shop)
    told = run("release", "charge", "Loom", "1", *said)
    assert (told.exit_code, told.output) == (0, f"charge 1 is {state}\n")
    database.proxy.connect(reuse_if_open=True)
    assert shop.states() == [state]


def test_a_charge_that_was_paid_becomes_a_payment(shop: Shop) -> None:
    park(shop)
    parked.paid(shop.ports, "Loom", 1, "lying_1")
    shop.check_paid()
    assert history(shop)[-3:] == ["charge.park", "charge.release", "payment.create"]


def test_a_charge_that_took_nothing_is_tried_again_by_the_plan(
    shop: Shop,
) -> None:
    park(shop)
    shop.ledger.forget()
    parked.declined(shop.ports, "Loom", 1)
    assert shop.statuses() == ["retry"]
    shop.clock.now += timedelta(days=1)
    shop.wait()
    assert shop.states() == [ChargeState.DECLINED, ChargeState.CAPTURED]
    shop.check_paid()


def test_a_gateway_that_answers_again_is_asked_again(shop: Shop) -> None:
    park(shop)
    parked.ask_again(shop.ports, "Loom", 1)
    shop.wait()
    shop.check_paid()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("charge", "Loom", "1", "--declined"), "Failed to release charge. It is sent"),
        (("charge", "Loom", "9", "--ask-again"), "Charge not found."),
        (("charge", "Loom", "1"), "say one of --paid REFERENCE"),
        (("charge", "Loom", "1", "--paid", ""), "say one of --paid REFERENCE"),
        (("charge", "Loom", "1", "--paid", "x", "--declined"), "say one of"),
        (("charge", "Nobody", "1", "--declined"), "See 'perennial account list'"),
        (("recurring", "Loom", "1"), "Failed to release recurring. It is not parked."),
        (("recurring", "Loom", "9"), "Recurring not found."),
    ],
)
def test_what_is_not_parked_is_not_released(
    shop: Shop, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    shop.issue()
    shop.ledger.lies([Lie.LOST])
    shop.collect()
    database.execute("UPDATE charge SET state = 'sent'")
    told = run("release", *arguments)
    assert told.exit_code
    assert said in told.output


def test_a_released_profile_bills_what_it_owes(shop: Shop, run: Run) -> None:
    recurring_id = shop.api.create_profile("<frequency>weekly</frequency>")
    assert bill(shop.ports).ok
    before = shop.api.invoice_dates(recurring_id)
    database.execute("UPDATE recurring SET parked_reason = '2026-01-01: ValueError'")
    shop.clock.now += timedelta(days=21)
    assert bill(shop.ports).issued == 0
    (found,) = parked.list_()[0]
    assert found.recurring_id == recurring_id
    told = run("release", "recurring", "Loom", "1")
    assert told.output == "recurring 1 bills again with the next run\n"
    database.proxy.connect(reuse_if_open=True)
    assert due(shop.ports, on=None, test_clocks=False)
    assert bill(shop.ports).issued == 3
    assert len(shop.api.invoice_dates(recurring_id)) == len(before) + 3
    told_of = shop.api.call("recurring.history", "<recurring_id>1</recurring_id>")
    assert "release" in told_of.all("what")
