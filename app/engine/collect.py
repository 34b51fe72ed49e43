"""One collecting pass: the cards of everything that is due, several at a time."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.charge import Charge, ChargeState
from app.services import account as accounts
from app.services import collecting
from app.services.collecting import Batch
from app.services.ports import Ports
from app.services.settling import Known
from app.storage.database import connection

Stop = Callable[[], bool]
Verb = Callable[[Ports, Known], Charge | None]

# How many of each kind one pass looks at, for each charge in flight.
_LISTED = 25
# How long a pass begins anything.
_LASTS = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class Collected:
    """What a pass did; `more` says that there may be more to do at once.

    `unknown` are those of which the outcome is still to be found out.
    """

    captured: int = 0
    declined: int = 0
    unknown: int = 0
    parked: int = 0
    more: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing waits for a person now."""
        return not self.parked

    def __bool__(self) -> bool:
        """Whether anything came of it."""
        return bool(self.captured or self.declined or self.unknown or self.parked)

    def include(self, other: "Collected") -> None:
        """Count what another pass did after this one."""
        self.captured += other.captured
        self.declined += other.declined
        self.unknown += other.unknown
        self.parked += other.parked
        self.more = other.more

    def add(self, charge: Charge | None) -> None:
        """Count what became of a charge; None is of one that others have in hand."""
        if charge is None:
            return
        self.captured += charge.state is ChargeState.CAPTURED
        self.declined += charge.state is ChargeState.DECLINED
        self.unknown += charge.state is ChargeState.UNKNOWN
        self.parked += charge.state is ChargeState.PARKED


def collect_all(ports: Ports, *, in_flight: int) -> Collected:
    """Do passes until nothing is left to do, or nothing comes of one.

    Raises: DatabaseError.
    """
    done = found = collect(ports, in_flight=in_flight)
    while found and found.more:
        found = collect(ports, in_flight=in_flight)
        done.include(found)
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """A pass under way."""

    ports: Ports
    stop: Stop
    in_flight: int
    until: datetime
    done: Collected

    def each(self, verb: Verb, known: Iterable[Known]) -> None:
        """Send or check charges, so many at a time; others find what is not begun.

        All that is known is gone through at once, so that who waits for a gateway does
        not keep those from being prepared that wait for another.
        """

        def one(charge: Known) -> Charge | None:
            if self.stop():
                return None
            if self.ports.now() > self.until:
                self.done.more = True
                return None
            # A thread has a connection of its own.
            with connection():
                return collecting.attempt(verb, self.ports, charge)

        if self.in_flight == 1:
            for charge in known:
                self.done.add(one(charge))
            return
        with ThreadPoolExecutor(self.in_flight, "charge") as pool:
            for found in pool.map(one, known):
                self.done.add(found)

    def prepared(self, batches: Iterable[Batch]) -> Iterator[Known]:
        """Prepare charges batch by batch and yield them."""
        for batch in batches:
            if self.stop() or self.ports.now() > self.until:
                return
            yield from collecting.prepare(self.ports, batch)


def collect(
    ports: Ports,
    *,
    test_clocks: bool = True,
    stop: Stop = lambda: False,
    in_flight: int = 1,
) -> Collected:
    """Charge the cards of what is due, up to a limit, and look after what was left.

    It is each account's own today; accounts on a test clock are left alone without
    `test_clocks`. The pass may be stopped, killed or joined by others anywhere, and
    begins nothing more after a minute: billing waits for it.

    Raises: DatabaseError when the database itself fails; the next pass goes on.
    """
    done = Collected()
    this = _Pass(
        ports=ports,
        stop=stop,
        in_flight=in_flight,
        until=ports.now() + _LASTS,
        done=done,
    )
    limit = _LISTED * in_flight
    known = collecting.to_check(ports, limit)
    this.each(collecting.check, known)
    batches = collecting.due(ports, limit)
    this.each(collecting.send, this.prepared(batches))
    done.more |= max(len(known), sum(map(len, batches))) >= limit
    for account in accounts.clocks() if test_clocks else ():
        if stop():
            return done
        for charge in collecting.collect_of(ports, account):
            done.add(charge)
    return done
