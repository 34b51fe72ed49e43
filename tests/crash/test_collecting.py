"""Processes that collect at once, and are killed between a charge and its record."""

import os
import random
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.config import Settings
from app.engine.collect import collect
from app.engine.run import run
from app.services import collecting
from app.services.ports import Ports
from app.storage import database
from tests import bank, due, processes
from tests.bank import LEDGER, LIES, Ledger, Lie
from tests.conftest import Api
from tests.due import Ask
from tests.shop import CARD, GOOD, LINES

INVOICES = 12
WORKERS = 3
# As if it were later: what was left is looked after, gateways are asked again.
_LATER = (
    "UPDATE charge SET check_at = created_at WHERE check_at IS NOT NULL",
    "UPDATE gateway SET failures = 0, open_until = NULL",
    "UPDATE invoice SET held_until = NULL",
)


@pytest.fixture(name="ask")
def ask_(settings: Settings) -> Iterator[Ask]:
    with due.asking(settings.database) as ask:
        yield ask


@pytest.fixture(name="ledger")
def ledger_(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


@pytest.fixture(name="more")
def more_(tmp_path: Path) -> dict[str, str]:
    """Provide the variables by which a process finds gateway and ledger."""
    package = bank.installed(tmp_path / "package")
    path = os.pathsep.join([str(processes.ROOT), str(package)])
    return {"PYTHONPATH": path, LEDGER: str(tmp_path / "ledger.sqlite")}


@pytest.fixture(name="loom", autouse=True)
def loom_(new_api: Callable[..., Api]) -> Api:
    """Provide an account with invoices that are due, behind the lying gateway."""
    api = new_api("Loom", time_zone="Etc/UTC")
    bank.use(api.account.account_id)
    client_id = api.create_client()
    for _ in range(INVOICES):
        api.create_profile(
            f"<occurrences>1</occurrences>{CARD.format(number=GOOD)}{LINES}", client_id
        )
    return api


def check_charged(ask: Ask, ledger: Ledger) -> None:
    """Check that each invoice's money was taken once, and is a payment."""
    numbers = [f"{number:07d}" for number in range(1, INVOICES + 1)]
    assert ledger.faults == []
    assert dict(sorted(ledger.taken.items())) == {number: [4000] for number in numbers}
    assert ask("SELECT state, COUNT(*) FROM charge GROUP BY state") == [
        ("captured", INVOICES)
    ]
    assert ask("SELECT status, COUNT(*) FROM invoice GROUP BY status") == [
        ("auto-paid", INVOICES)
    ]
    assert ask("SELECT COUNT(*), SUM(amount_minor) FROM payment WHERE automatic") == [
        (INVOICES, INVOICES * 4000)
    ]


def test_workers_that_die_around_a_charge_take_its_money_once(
    seed: int,
    settings: Settings,
    ask: Ask,
    ledger: Ledger,
    more: dict[str, str],
) -> None:
    chance = random.Random(seed)
    ledger.lies(
        chance.choice([Lie.DIES, Lie.DIES_AFTER, Lie.NONE, Lie.NONE, Lie.CAPTURED])
        for _ in range(INVOICES)
    )
    killed = 0
    for _ in range(INVOICES):
        with processes.started(settings, WORKERS, "bill", **more) as runs:
            codes = [run.wait(processes.PATIENCE_S) for run in runs]
        assert set(codes) <= {0, 1, -signal.SIGKILL}, processes.log_of(settings)
        killed += codes.count(-signal.SIGKILL)
        for statement in _LATER:
            ask(statement)
        if len(ledger.taken) == INVOICES and not ask(
            "SELECT 1 FROM charge WHERE state <> 'captured'"
        ):
            break
    assert killed
    assert "Traceback" not in processes.log_of(settings)
    check_charged(ask, ledger)
    processes.check_books(settings)


def test_threads_that_collect_at_once_take_the_money_once(
    seed: int, ports: Ports, ask: Ask, ledger: Ledger
) -> None:
    chance = random.Random(seed)
    ledger.lies(chance.choice([*LIES, *[Lie.NONE] * 20]) for _ in range(2 * INVOICES))
    ports = replace(ports, gateways=bank.registry(ledger))
    assert run(ports).ok

    def work(_number: int) -> None:
        with database.connection():
            collect(ports, in_flight=3)

    for _ in range(9):
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(work, range(WORKERS)))
        for statement in _LATER:
            ask(statement)
    assert collecting.to_check(ports, 1) == []
    check_charged(ask, ledger)


def test_a_manual_payment_and_a_charge_at_once_lose_nothing(
    ports: Ports, ask: Ask, ledger: Ledger, loom: Api
) -> None:
    ports = replace(ports, gateways=bank.registry(ledger))
    assert run(ports).ok

    def pay() -> None:
        for number in range(INVOICES, 0, -1):
            with database.connection():
                assert loom.call(
                    "payment.create",
                    f"<payment><invoice_id>{number}</invoice_id><amount>40</amount>"
                    "</payment>",
                ).ok

    with ThreadPoolExecutor(2) as pool:
        paying = pool.submit(pay)
        collect(ports, in_flight=2)
        paying.result()
    collect(ports, in_flight=2)
    taken = sum(map(len, ledger.taken.values()))
    assert all(len(each) == 1 for each in ledger.taken.values())
    assert ask("SELECT COUNT(*) FROM charge WHERE state = 'captured'") == [(taken,)]
    assert ask("SELECT COUNT(*) FROM charge") == [(taken,)]
    assert ask("SELECT SUM(paid_minor) FROM invoice") == [((INVOICES + taken) * 4000,)]
