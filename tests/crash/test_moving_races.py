"""Clients that move the dates of the very profiles that processes are billing.

The requests' today is the last of the profiles' days, so that requests catch up on
what the runs have not got to, while the runs go on.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from app import compose
from app.config import Settings
from app.services.ports import Ports
from app.storage import database
from tests import due, processes
from tests.conftest import NOW, Answer, Api, Clock
from tests.due import Ask, Rhythm

RUNS = 2
DATES = 8
WEEKLY = [
    Rhythm(name="weekly", start_on=NOW.date() + timedelta(days=n), times=DATES, days=7)
    for n in range(7)
]
EACH = 15
PROFILES = EACH * len(WEEKLY)
INVOICES = PROFILES * DATES
TODAY = NOW.date() + timedelta(days=7 * DATES)
CLIENTS = 4
REQUESTS = 120
COMMANDS = {
    "recurring.billNow": 4,
    "recurring.pause": 2,
    "recurring.resume": 3,
    "recurring.changeDate": 3,
    "recurring.skip": 1,
}


@pytest.fixture(name="ask")
def ask_(settings: Settings) -> Iterator[Ask]:
    with due.asking(settings.database) as ask:
        yield ask


@pytest.fixture(name="loom")
def loom_(new_api: Callable[..., Api], clock: Clock) -> Api:
    """Provide an account with profiles that have some weeks to be billed for."""
    api = new_api(time_zone="Etc/UTC")
    api.create_client()
    due.planted(api.account.account_id, api.call, EACH, WEEKLY)
    # Their end does not come while they are moved about.
    database.execute("UPDATE recurring SET occurrences = 0")
    clock.now = NOW + timedelta(days=7 * DATES)
    return api


@dataclass
class Mover:
    """A client: what it was answered, by method, and the invoices that it was told."""

    api: Api
    chance: random.Random
    codes: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    told: list[tuple[int, int]] = field(default_factory=list)
    done: list[int] = field(default_factory=list)

    def work(self) -> None:
        """Send so many commands to profiles that all clients share."""
        methods = self.chance.choices(
            list(COMMANDS), list(COMMANDS.values()), k=REQUESTS
        )
        with database.connection():
            for method in methods:
                key = self.chance.randrange(1, PROFILES + 1)
                answer = self.api.call(method, self._content(method, key))
                self._note(method, key, answer)
        self.done.append(len(methods))

    def _content(self, method: str, key: int) -> str:
        content = f"<recurring_id>{key}</recurring_id>"
        if method != "recurring.changeDate":
            return content
        to = TODAY + timedelta(days=self.chance.randrange(4))
        stays = self.chance.randrange(2)
        return f"{content}<date>{to}</date><use_new_day>{stays}</use_new_day>"

    def _note(self, method: str, key: int, answer: Answer) -> None:
        self.codes[method, answer.code] += 1
        if answer.ok and method == "recurring.billNow":
            self.told.append((int(answer.text("invoice_id") or 0), key))


def dates_of(ask: Ask) -> dict[int, list[str]]:
    """Return the dates that each profile was billed for, in the order of billing."""
    found: dict[int, list[str]] = {key: [] for key in range(1, PROFILES + 1)}
    for key, day in ask(
        "SELECT recurring_id, CAST(date AS TEXT) FROM invoice "
        "ORDER BY recurring_id, invoice_id"
    ):
        found[key].append(day)
    return found


@pytest.fixture(name="movers")
def movers_(seed: int, ports: Ports, loom: Api) -> list[Mover]:
    """Provide clients of the same account, each with a connection of its own."""
    app = compose.application_on(ports)
    return [
        Mover(
            Api(app.test_client(), loom.account, loom.token),
            random.Random(f"{seed} {number}"),
        )
        for number in range(CLIENTS)
    ]


def test_dates_that_are_moved_during_a_run_are_billed_once_each(
    settings: Settings,
    ask: Ask,
    movers: list[Mover],
    record_property: Callable[[str, object], None],
) -> None:
    threads = [threading.Thread(target=mover.work) for mover in movers]
    with processes.started(settings, RUNS, "bill", "--on", str(TODAY)) as runs:
        processes.until(lambda: due.invoices(ask) > 0)
        for thread in threads:
            thread.start()
        assert due.invoices(ask) < INVOICES
        for thread in threads:
            thread.join(processes.PATIENCE_S)
        assert {run.wait(processes.PATIENCE_S) for run in runs} == {0}
    with processes.started(settings, 1, "bill", "--on", str(TODAY)) as (rest,):
        assert rest.wait(processes.PATIENCE_S) == 0

    assert [mover.done for mover in movers] == [[REQUESTS]] * CLIENTS
    codes = sum((mover.codes for mover in movers), Counter())
    # A date that is too late is not taken; nothing else is amiss.
    assert {code for _, code in codes} <= {None, "50020", "40060"}
    assert all(codes[method, None] for method in COMMANDS)
    told = [invoice for mover in movers for invoice in mover.told]
    invoices = ask("SELECT invoice_id, recurring_id, CAST(date AS TEXT) FROM invoice")
    assert {(*invoice, str(TODAY)) for invoice in told} <= set(invoices)
    assert len({key for _, key in told}) == len(told)
    for key, days in dates_of(ask).items():
        assert days == sorted(set(days)), key
        rhythm = WEEKLY[(key - 1) // EACH].dates()
        assert {day for day in days if day < str(TODAY)} <= set(rhythm), key
    assert due.misbooked(ask) == {}
    processes.check_books(settings)
    record_property("commands that moved dates during a run", sum(codes.values()))
