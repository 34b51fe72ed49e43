"""The simulated processes: billing workers, API clients, an operator, and the clock."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from app.engine import run
from app.engine.collect import collect
from app.storage.database import DatabaseError
from tests.simulation.requests import KINDS, Writer
from tests.simulation.scheduler import Actor
from tests.simulation.sql import WriteLock
from tests.simulation.world import World

Live = Callable[[World, Actor], None]

# Instants around changes between summer and winter time, where the accounts are.
_EDGES = (
    datetime(2026, 3, 8, 6, 59, 59, tzinfo=UTC),  # New York loses an hour
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),  # Berlin
    datetime(2026, 4, 4, 14, 0, tzinfo=UTC),  # Auckland gains one
    datetime(2026, 11, 1, 5, 59, 59, tzinfo=UTC),
    datetime(2027, 3, 14, 7, 0, tzinfo=UTC),
    datetime(2027, 9, 25, 13, 59, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 10, 30, tzinfo=UTC),
)
# After so many every attempt is looked after once more.
_LAST_DAYS = 3
_JUMPS_H = (1, 11, 24, 24, 48, 7 * 24, 31 * 24, -1, -24)


def worker(world: World, actor: Actor) -> None:
    """Bill again and again, as `app.engine.loop` does, until nothing more happens."""
    scheduler = world.scheduler
    draw = scheduler.random
    hurried = draw.choice([0.0, 0.0, 0.02])

    def stop() -> bool:
        return draw.random() < hurried

    def work() -> None:
        while not world.over:
            seen, faults = world.changes, actor.faults
            on = _forced_day(world) if draw.random() < 0.02 else None
            clocks = draw.random() < 0.5
            try:
                run.run(world.ports, on=on, test_clocks=clocks, stop=stop)
                _collect(world, actor, stop, test_clocks=clocks)
            except DatabaseError as error:
                if actor.faults == faults:
                    scheduler.fail(
                        f"a run ended with {error}, and nobody had broken it"
                    )
            else:
                _idle(world, seen + draw.randrange(1, 3 + world.workers))

    world.live(actor, work)


def _collect(
    world: World,
    actor: Actor,
    stop: run.Stop = lambda: False,
    *,
    test_clocks: bool = True,
) -> None:
    """Charge what is due, as long as there is more."""
    world.charging.add(actor)
    more = True
    try:
        while more and not stop():
            found = collect(world.ports, test_clocks=test_clocks, stop=stop)
            more = found.more
    finally:
        world.charging.discard(actor)


def closing(world: World, actor: Actor) -> None:
    """Do all that is left, undisturbed, until nothing can be unknown any more."""
    scheduler = world.scheduler
    scheduler.wait(lambda: world.over and not world.at_work)
    scheduler.quiet = True
    world.bank.heal()
    for _ in range(_LAST_DAYS):
        world.move(world.now + timedelta(days=1))
        run.run(world.ports)
        _collect(world, actor)
        world.move_clock(actor)
    world.attempts.see_time(world.now)


def _idle(world: World, changes: int) -> None:
    """Wait until so many things have changed, or all is over."""
    world.scheduler.wait(lambda: world.over or world.changes >= changes)


def _forced_day(world: World) -> date:
    """Name a day of the near future, as `perennial bill --on` may."""
    draw = world.scheduler.random
    day = world.now.date() + timedelta(days=draw.randrange(1, 20))
    for books in world.books:
        if books.clock_on is None:
            books.horizon = max(books.horizon, day)
    return day


def clock(jumps: Sequence[timedelta | datetime], pace: int) -> Live:
    """Return the actor that moves the simulated clock."""

    def live(world: World, _actor: Actor) -> None:
        scheduler = world.scheduler
        for jump in jumps:
            scheduler.sleep(scheduler.random.randrange(1, pace))
            if not world.bank.REPEATS:
                # Who is asked for half a minute at most does not see days go by.
                scheduler.wait(lambda: not world.charging)
            now = world.now + jump if isinstance(jump, timedelta) else jump
            world.move(now)
            scheduler.note(f"it is {now.isoformat()}")

    return live


def jumps(draw: Random) -> list[timedelta | datetime]:
    """Return jumps that come to more than three years, some of them backwards."""
    found: list[timedelta | datetime] = [
        timedelta(days=days, hours=draw.randrange(24))
        for days in (400, 331, draw.randrange(40, 400), 200, 100)
    ]
    found += [timedelta(hours=hours) for hours in draw.sample(_JUMPS_H, 5)]
    draw.shuffle(found)
    edges = sorted(draw.sample(_EDGES, 2))
    # First what happens within the first years, then the rest.
    return [
        edges[0],
        found[0],
        *([edges[1]] if draw.random() < 0.3 else []),
        *found[1:],
    ]


def operator(lock: WriteLock) -> Live:
    """Return the actor that spoils a profile, so that it cannot be billed."""

    def live(world: World, _actor: Actor) -> None:
        scheduler = world.scheduler
        scheduler.sleep(scheduler.random.randrange(100, 1500))
        if not lock.free():
            scheduler.wait(lock.free)
        found = [
            (books, recurring_id)
            for books in world.books
            for recurring_id, profile in books.profiles.items()
            if profile.next_on and profile.lines and not profile.parked
        ]
        if found:
            books, recurring_id = scheduler.random.choice(found)
            world.ledger.poison(books, recurring_id)
            world.changes += 1
            scheduler.note(f"spoils {recurring_id} of {books.account_id}")

    return live


def api(kinds: Sequence[str], count: int, pace: int) -> Live:
    """Return the actor that sends requests: so many, of these kinds or of any."""

    def live(world: World, actor: Actor) -> None:
        writer = Writer(world, actor)
        scheduler = world.scheduler
        left = list(kinds) or scheduler.random.choices(
            list(KINDS), list(KINDS.values()), k=count
        )

        def work() -> None:
            while left:
                kind = left.pop(0)
                scheduler.sleep(scheduler.random.randrange(1, pace))
                request = writer.request(kind)
                if request is not None:
                    world.ask(actor, request)

        world.live(actor, work)

    return live
