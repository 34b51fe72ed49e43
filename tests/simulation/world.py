"""What the simulated processes live in: a database, a clock, secrets, ports."""

import logging
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from app.api import dispatch
from app.domain.gateway import Order
from app.services import account as accounts
from app.services.account import NewAccount
from app.services.counting import RequestCounter
from app.services.ports import Ports
from app.storage import data_key, database, schema
from app.vault.cards import Vault
from app.vault.keys import KeyRing
from tests.simulation.attempts import TABLES, Attempts
from tests.simulation.bank import Bank, Branches
from tests.simulation.books import Books, Finding, Request
from tests.simulation.ledger import Ledger
from tests.simulation.rhythm import DAY
from tests.simulation.scheduler import Actor, Crash, Scheduler
from tests.simulation.sql import Sea

START = datetime(2026, 1, 28, 15, tzinfo=UTC)
# Others make nothing due that was not.
_MAKING_DUE = (
    *("clock.set", "recurring.update", "recurring.resume", "recurring.restore"),
    *("recurring.changeDate", "recurring.skip"),
)
RING = KeyRing(keys={"k1": bytes(range(32))}, source="the simulation")

# Two whose days begin first and last, two with summer time, currencies with no, two
# and three decimals, and one on a test clock.
ACCOUNTS = (
    NewAccount(name="Auckland", base_currency="USD", time_zone="Pacific/Auckland"),
    NewAccount(name="Honolulu", base_currency="JPY", time_zone="Pacific/Honolulu"),
    NewAccount(name="Berlin", base_currency="KWD", time_zone="Europe/Berlin"),
    NewAccount(name="New York", base_currency="CAD", time_zone="America/New_York"),
    NewAccount(name="Clock", base_currency="USD", clock_on=date(2007, 1, 30)),
)


# When cards that were declined are tried again, in days, by account.
PLANS = {1: (1,), 2: (), 3: (1, 2, 3, 4, 5), 4: (6, 12, 18), 5: (1, 3)}


class NoLock:
    """In place of the writers' queue in one process: these are many processes."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None


class World:
    """The ports of all processes, the clock, and the ledger's eye on the database."""

    def __init__(self, scheduler: Scheduler, seed: int, bank: Bank) -> None:
        self.scheduler = scheduler
        self.seed = seed
        self.now = START
        self.changes = 0
        self.workers = 1
        self.accounts = len(ACCOUNTS)
        self.on_clock = False
        # How often a request is about cards.
        self.carded = 0.2
        # Those who are charging cards, and whether a worker is still there.
        self.charging: set[Actor] = set()
        self.at_work = True
        self.told: dict[Actor, datetime] = {}
        self.over = False
        self.requests: dict[Actor, Request] = {}
        secrets = Random(f"secrets {seed}")
        self.ports = Ports(
            vault=Vault(RING, random=secrets.randbytes),
            now=self.tell,
            secret=lambda: secrets.randbytes(16).hex(),
            requests=RequestCounter(),
            url="https://loom.test",
            domains=(),
            outbox=Path("nowhere"),
            gateways=Branches(bank),
        )
        self.bank = bank
        bank.scheduler, bank.heard = scheduler, self.heard
        self.ledger: Ledger
        self.attempts: Attempts
        self.books: list[Books]

    def tell(self) -> datetime:
        """Return the time, and remember who was told."""
        actor = self.scheduler.actor
        request = self.requests.get(actor) if actor is not None else None
        if request is not None:
            request.days.append(self.day_of(request.books))
        if actor is not None:
            self.told[actor] = self.now
        return self.now

    def addressed(self, *, few: bool) -> list[Books]:
        """Return the accounts that requests are about: all of them, or a few."""
        if self.on_clock:
            return self.books[-1:]
        return self.books[: min(self.accounts, 2) if few else self.accounts]

    def heard(self, order: Order) -> None:
        """Show what the bank is asked for."""
        try:
            self.attempts.heard(order)
        except Finding as finding:
            self.scheduler.fail(str(finding))

    def day_of(self, books: Books) -> date:
        """Return what an account takes for today."""
        return books.clock_on or self.now.astimezone(ZoneInfo(books.zone)).date()

    def move(self, now: datetime) -> None:
        """Set the clock, forward or back."""
        self.now = now
        self.changes += 1
        for books in self.books:
            if books.clock_on is None:
                books.horizon = max(books.horizon, self.day_of(books))

    def committed(self, actor: Actor, tables: frozenset[str]) -> None:
        """Show the ledger what an actor has just committed, to which tables."""
        try:
            self.ledger.committed(self.requests.get(actor))
            if tables & TABLES:
                self.attempts.look(self.told.get(actor, self.now))
        except Finding as finding:
            self.scheduler.fail(str(finding))
        except Exception as error:  # noqa: BLE001 - a mistake of our own
            self.scheduler.fail(f"the simulation itself failed: {error!r}")

    def ask(self, actor: Actor, request: Request) -> None:
        """Send a request through the real dispatch; check its answer."""
        books = request.books
        request.clocks_before = len(books.clocks)
        request.faults_before = actor.faults
        request.commits_before = self.ledger.commits
        self.requests[actor] = request
        self.scheduler.note(
            f"asks {request.kind} {request.tag} of {books.account_id}: "
            f"{request.body.decode()}"
        )
        try:
            answer = dispatch.answer(
                self.ports,
                dispatch.Request(
                    host="127.0.0.1",
                    address="127.0.0.1",
                    token=books.token,
                    key=None,
                    body=lambda _limit_of: request.body,
                ),
            )
            self.scheduler.note(f"was answered {answer.code}")
            faulted = actor.faults != request.faults_before
            self.ledger.answered(request, answer.code, answer.body, faulted=faulted)
        except Finding as finding:
            self.scheduler.fail(f"{finding} {answer.body.decode()}")
        finally:
            del self.requests[actor]
            self.changes += request.kind in _MAKING_DUE

    def move_clock(self, actor: Actor) -> None:
        """Move the test clock on by a day, with the work of that day."""
        books = self.books[-1]
        day = self.day_of(books) + DAY
        books.horizon = max(books.horizon, day)
        body = f'<request method="clock.set"><date>{day}</date></request>'
        asked = Request(
            books=books,
            kind="clock.set",
            tag="closing",
            body=body.encode(),
            fields={"date": day},
        )
        self.ask(actor, asked)

    def live(self, actor: Actor, work: Callable[[], None]) -> None:
        """Let a process work; whenever it dies, start it again."""
        while True:
            try:
                with database.connection():
                    work()
            except Crash:
                # Its connection is gone, as after the end of a process.
                with suppress(Crash):
                    database.proxy.obj.dispose()
                actor.dead = False
                self.scheduler.note("starts again")
            else:
                return


@cache
def _template() -> tuple[bytes, tuple[bytes, ...]]:
    """Return a database with every account and a client in each, and the tokens."""
    secrets = Random("template")
    ports = Ports(
        vault=Vault(RING, random=secrets.randbytes),
        now=lambda: START,
        secret=lambda: secrets.randbytes(16).hex(),
        requests=RequestCounter(),
        url="https://loom.test",
        domains=(),
        outbox=Path("nowhere"),
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        _pointed_at(Path(folder) / "template"),
    ):
        schema.create()
        with database.connection():
            with database.proxy.atomic():
                data_key.insert_check(*ports.vault.check())
            tokens = tuple(accounts.create(ports, new)[1].encode() for new in ACCOUNTS)
            _make_plans()
            for number, token in enumerate(tokens, 1):
                made = dispatch.answer(ports, _first_client(number, token))
                if made.code:
                    raise RuntimeError(made.body.decode())
        return (Path(folder) / "template").read_bytes(), tokens


def _make_plans() -> None:
    """Give each account a plan of its own for cards that were declined."""
    for account_id, days in PLANS.items():
        database.execute(
            "UPDATE account SET retry_days = ? WHERE account_id = ?",
            (",".join(map(str, days)) or "none", account_id),
        )


def _first_client(account_id: int, token: bytes) -> dispatch.Request:
    body = (
        '<request method="client.create"><client><email>a@loom.test</email>'
        f"<organization>first of {account_id}</organization></client></request>"
    )
    return dispatch.Request(
        host="127.0.0.1",
        address="127.0.0.1",
        token=token,
        key=None,
        body=lambda _limit_of: body.encode(),
    )


def _url(path: Path) -> str:
    return f"sqlite:{path}"


@contextmanager
def _pointed_at(path: Path) -> Iterator[None]:
    """Point the process at another database for a while."""
    former = database.proxy.obj
    quiet = logging.getLogger("app")
    level = quiet.level
    # Failures are wanted here, thousands of them.
    quiet.setLevel(logging.CRITICAL + 1)
    database.proxy.initialize(None)
    database.configure(_url(path))
    database.proxy.obj.turn = NoLock()
    # Who stood in a real line would stand still; the scheduler sees who waits here.
    database.proxy.obj._head_of_the_line = lambda: os.open(os.devnull, os.O_RDONLY)
    try:
        yield
    finally:
        if not database.proxy.is_closed():
            database.proxy.close()
        database.proxy.initialize(former)
        quiet.setLevel(level)


@contextmanager
def world(
    scheduler: Scheduler,
    seed: int,
    bank: Bank,
    rewrite: Callable[[str], str] | None,
) -> Iterator[tuple[World, Sea]]:
    """Provide a world on a fresh database, and what its connections share."""
    content, tokens = _template()
    made = World(scheduler, seed, bank)
    sea = Sea(scheduler, made.committed, rewrite)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "perennial.sqlite"
        path.write_bytes(content)
        eye = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        made.books = [
            _books(number, new, token)
            for number, (new, token) in enumerate(zip(ACCOUNTS, tokens, strict=True), 1)
        ]
        made.move(START)
        made.ledger = Ledger(eye, made.books)
        made.ledger.open = made.requests.values()
        made.attempts = Attempts(eye, made.books, bank, scheduler, PLANS)
        made.ledger.charged = made.attempts.ids
        with _pointed_at(path):
            options: dict[str, Any] = database.proxy.obj.connect_params
            options["factory"] = sea.connect
            try:
                yield made, sea
            finally:
                eye.close()
                sea.close()


def _books(account_id: int, new: NewAccount, token: bytes) -> Books:
    return Books(
        account_id=account_id,
        currency=new.base_currency,
        token=token,
        zone=new.time_zone,
        clock_on=new.clock_on,
        horizon=new.clock_on or START.date() - timedelta(days=1),
        clients={1: f"first of {account_id}"},
        clocks=[] if new.clock_on is None else [new.clock_on],
    )
