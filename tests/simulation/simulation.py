"""One simulation: from a seed to a history, and what was found in it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from app.domain.doctor import Kind
from app.engine import run
from app.services import doctor
from app.storage import database
from tests.simulation import actors
from tests.simulation.bank import Bank, Forgetful, Hopeless, Mute, Weather
from tests.simulation.books import Finding
from tests.simulation.meanings import UNMARKED
from tests.simulation.requests import CARDED, KINDS, MONEY
from tests.simulation.scheduler import Actor, Faults, Scheduler
from tests.simulation.sql import Sea
from tests.simulation.world import World, world


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a simulation consists of; the seed decides the rest."""

    seed: int
    workers: int
    clients: int
    requests: int
    jumps: Sequence[timedelta | datetime]
    pace: int
    switching: float
    spoiled: int
    accounts: int = 5
    kinds: tuple[str, ...] = ()
    counts_money: bool = False
    on_clock: bool = False
    carded: float = 0.2
    bank: type[Bank] = Bank
    weather: Weather = field(default_factory=Weather)
    faults: Faults = field(default_factory=Faults)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of it; `failure` is None where nothing is wrong."""

    seed: int
    failure: str | None
    digest: str
    trace: list[str]
    steps: int
    invoices: int
    days: int
    fired: Counter[str]
    broken: Counter[tuple[str, str]]
    seen: Counter[str]


def plan(seed: int) -> Plan:
    """Return the plan of a random simulation.

    Seeds differ in kind, too: few workers or many, quiet or stormy.
    """
    draw = Random(f"plan {seed}")
    ward = draw.random()
    if ward < 0.1:
        return _hospital(seed)
    if ward < 0.3:
        return _diary(seed)
    if ward < 0.4:
        return till(seed)
    if ward < 0.6:
        return cards(seed)
    return Plan(
        seed=seed,
        workers=draw.randrange(1, 9),
        clients=draw.randrange(1, 4),
        requests=draw.randrange(6, 13),
        jumps=actors.jumps(draw),
        pace=draw.choice([50, 300, 900]),
        switching=draw.choice([0.02, 0.1, 0.4]),
        spoiled=draw.randrange(3),
        weather=_weather(draw, 0.0, 0.1, 0.4),
        faults=Faults(rate=draw.choice([0.0, 0.001, 0.004, 0.015])),
    )


def _hospital(seed: int) -> Plan:
    """Return a plan in which profiles are spoiled and mended all the time."""
    draw = Random(f"hospital {seed}")
    return Plan(
        seed=seed,
        workers=3,
        clients=3,
        requests=0,
        kinds=("recurring.create",) * 2 + ("recurring.update",) * 5,
        jumps=[timedelta(days=draw.randrange(70, 130)) for _ in range(12)],
        pace=60,
        switching=0.4,
        spoiled=4,
        accounts=1,
        faults=Faults(rate=draw.choice([0.0, 0.002])),
    )


def _diary(seed: int) -> Plan:
    """Return a plan in which a few profiles' dates are moved about all the time."""
    draw = Random(f"diary {seed}")
    commands = sorted(UNMARKED)
    weights = [KINDS[kind] for kind in commands]
    return Plan(
        seed=seed,
        workers=draw.randrange(1, 4),
        clients=2,
        requests=0,
        kinds=(
            *("recurring.create",) * 3,
            *draw.choices(commands, weights, k=30),
            *("recurring.update",) * 3,
        ),
        jumps=[timedelta(days=draw.choice([1, 3, 6, 20, 31, 45])) for _ in range(30)],
        pace=40,
        switching=0.1,
        spoiled=0,
        accounts=1,
        faults=Faults(rate=draw.choice([0.0, 0.002])),
    )


def till(seed: int) -> Plan:
    """Return a plan in which invoices are changed and paid while others are made."""
    draw = Random(f"till {seed}")
    kinds = draw.choices(list(MONEY), list(MONEY.values()), k=25)
    return Plan(
        seed=seed,
        workers=draw.randrange(1, 4),
        clients=3,
        requests=0,
        kinds=("invoice.create", "recurring.create", *kinds),
        jumps=[timedelta(days=draw.choice([1, 20, 45, 200])) for _ in range(14)],
        pace=60,
        switching=draw.choice([0.1, 0.4]),
        spoiled=0,
        accounts=1,
        counts_money=True,
        faults=Faults(rate=draw.choice([0.0, 0.002, 0.008])),
    )


def cards(seed: int) -> Plan:
    """Return a plan in which cards are charged, at banks of every kind."""
    draw = Random(f"cards {seed}")
    on_clock = draw.random() < 0.3
    bank = Bank if on_clock else draw.choice([Bank, Bank, Forgetful, Mute, Hopeless])
    kinds = [*CARDED, *["clock.set"] * (12 if on_clock else 0)]
    weights = [CARDED.get(kind, 1) for kind in kinds]
    days = [0.001, 0.005, 0.05, 0.5, 1, 1, 2, 6, 7, 7, 31, -1]
    return Plan(
        seed=seed,
        workers=draw.randrange(1, 4),
        clients=2,
        requests=0,
        kinds=(*["recurring.create"] * 2, *draw.choices(kinds, weights, k=14)),
        jumps=[timedelta(days=draw.choice(days)) for _ in range(20)],
        pace=60,
        switching=draw.choice([0.1, 0.4]),
        spoiled=0,
        accounts=draw.choice([1, 1, 4]),
        counts_money=True,
        on_clock=on_clock,
        carded=0.8,
        bank=bank,
        weather=_weather(draw, 0.1, 0.3, 0.6),
        faults=Faults(rate=draw.choice([0.0, 0.002, 0.008])),
    )


def _weather(draw: Random, *troubles: float) -> Weather:
    trouble = draw.choice(troubles)
    return Weather(trouble=trouble, outage=trouble / 4, unset=trouble / 10)


def simulate(of: Plan, rewrite: Callable[[str], str] | None = None) -> Result:
    """Run a simulation to its end, and check everything.

    `rewrite` changes the product's SQL, to prove that mistakes are found.
    """
    scheduler = Scheduler(
        Random(f"history {of.seed}"), of.faults, switching=of.switching
    )
    bank = of.bank({})
    bank.seed(of.seed)
    bank.weather = of.weather
    with world(scheduler, of.seed, bank, rewrite) as (made, sea):
        began = made.now
        made.ledger.counts_money = of.counts_money
        _people(of, scheduler, made, sea)
        scheduler.run()
        if scheduler.failure is None:
            _finish(made, scheduler)
        return Result(
            seed=of.seed,
            failure=scheduler.failure,
            digest=scheduler.digest(),
            trace=scheduler.trace,
            steps=scheduler.step,
            invoices=sum(books.invoices for books in made.books),
            days=(made.now - began).days,
            fired=scheduler.fired,
            broken=scheduler.broken,
            seen=scheduler.seen,
        )


def _people(of: Plan, scheduler: Scheduler, made: World, sea: Sea) -> None:
    """Let everybody in; the workers leave last."""
    others: list[tuple[str, actors.Live]] = [
        ("clock", actors.clock(of.jumps, of.pace)),
        *(("operator", actors.operator(sea.lock)) for _ in range(of.spoiled)),
        *(
            (f"api{number}", actors.api(of.kinds, of.requests, of.pace))
            for number in range(of.clients)
        ),
    ]
    left = len(others)
    made.workers, made.accounts = of.workers, of.accounts
    made.on_clock, made.carded = of.on_clock, of.carded

    def until_done(live: actors.Live) -> Callable[[Actor], None]:
        def work(actor: Actor) -> None:
            nonlocal left
            live(made, actor)
            left -= 1
            made.over = left == 0

        return work

    working = of.workers

    def at_work(actor: Actor) -> None:
        nonlocal working
        actors.worker(made, actor)
        working -= 1
        made.at_work = working > 0

    for name, live in others:
        scheduler.spawn(name, until_done(live))
    for number in range(of.workers):
        scheduler.spawn(f"worker{number}", at_work)
    scheduler.spawn("closing", lambda actor: actors.closing(made, actor))


def _examine(made: World) -> None:
    """Have the doctor look at the books of all accounts.

    Raises: Finding.
    """
    for books in made.addressed(few=False):
        for finding in doctor.books(made.ports, books.account_id):
            # Time runs backwards here now and then.
            if finding.kind is not Kind.CLOCK:
                raise Finding(str(finding))


def _finish(made: World, scheduler: Scheduler) -> None:
    """Bill everything that is left, undisturbed, and check the whole."""
    try:
        with database.connection():
            run.run(made.ports)
            _examine(made)
        made.ledger.finish(made.day_of)
        made.attempts.finish()
    except Finding as finding:
        scheduler.failure = str(finding)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        scheduler.failure = f"the last run ended with {type(error).__name__}: {error}"
