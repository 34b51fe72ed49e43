"""Who goes on, and what breaks: all of it decided by one source of random numbers.

Every actor has a thread of its own, but only the one with the baton runs. At each
boundary it may be told to fail, and may have to hand the baton on; so one seed gives
one history, byte for byte.
"""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from random import Random

Ready = Callable[[], bool]

# A simulation that takes longer has lost its baton; a healthy one takes a tenth of one.
_PATIENCE_S = 120
# One that is not done by then runs in a circle.
_STEPS_MAX = 200_000

CRASH = "crash"

# Threads are kept from one simulation to the next, as what they have prepared is dear.
_STAGE = ThreadPoolExecutor(64)


class Crash(BaseException):
    """The actor's process dies here; no code of the product may run after it."""


class Abandoned(BaseException):
    """The simulation is over because something is wrong; everybody leaves."""


class Actor:
    """A process that is simulated: a thread that waits for the baton."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.gate = threading.Lock()
        self.gate.acquire()
        self.ready: Ready | None = None
        self.wakes_at = 0
        self.done = False
        self.dead = False
        self.faults = 0
        """How often this actor was told to fail, so that it may be known to have a
        reason to."""


@dataclass
class Faults:
    """When to break what.

    `rate` is the chance of a fault at a boundary; `planned` names steps instead.
    """

    rate: float = 0.0
    planned: dict[int, str] = field(default_factory=dict)


class Scheduler:
    """The baton, the trace, and the faults."""

    def __init__(self, random: Random, faults: Faults, *, switching: float) -> None:
        self.random = random
        self.faults = faults
        self.switching = switching
        self.step = 0
        self.trace: list[str] = []
        self.fired: Counter[str] = Counter()
        self.broken: Counter[tuple[str, str]] = Counter()
        self.seen: Counter[str] = Counter()
        self.quiet = False
        self.failure: str | None = None
        self._actors: list[Actor] = []
        self._lives: list[Callable[[], None]] = []
        self._local = threading.local()
        self._finished = threading.Lock()
        self._finished.acquire()

    @property
    def actor(self) -> Actor | None:
        """Whose thread this is; None outside the simulated processes."""
        return getattr(self._local, "actor", None)

    def spawn(self, name: str, work: Callable[[Actor], None]) -> None:
        """Add an actor; it begins when it is first given the baton."""
        actor = Actor(name)

        def live() -> None:
            self._local.actor = actor
            actor.gate.acquire()
            try:
                if self.failure is None:
                    work(actor)
            except Abandoned:
                pass
            except BaseException as error:  # noqa: BLE001 - it is the finding
                self._note(f"{name} died of {type(error).__name__}: {error}")
            actor.done = True
            self._hand_on()

        self._actors.append(actor)
        self._lives.append(live)

    def run(self) -> None:
        """Let all actors live until they are done."""
        lives = [_STAGE.submit(live) for live in self._lives]
        self._hand_on()
        if not self._finished.acquire(timeout=_PATIENCE_S):
            self._note("nobody hands the baton on")
            for actor in self._actors:
                actor.gate.release()
        wait(lives, _PATIENCE_S)

    def boundary(self, name: str, kinds: tuple[str, ...]) -> str | None:
        """Pass a named point; return the kind of fault to show there, if any.

        A crash is raised here. Others may run before this returns.
        """
        actor = self.actor
        if actor is None:
            return None
        if self.failure is not None:
            raise Abandoned
        if self.quiet:
            return None
        self.step += 1
        self.fired[name] += 1
        draw = self.random.random()
        kind = self._fault(draw, kinds)
        self.trace.append(f"{self.step} {actor.name} {name} {kind or '-'}")
        if kind is not None:
            self.broken[name, kind] += 1
            actor.faults += 1
            if kind == CRASH:
                actor.dead = True
                raise Crash
            return kind
        if draw > 1 - self.switching:
            self._pause(actor)
        return None

    def saw(self, what: str) -> None:
        """Remember that something has happened that must happen now and then."""
        self.seen[what] += 1

    def note(self, text: str) -> None:
        """Add a line to the trace."""
        actor = self.actor
        self.trace.append(f"{self.step} {actor.name if actor else 'end'}: {text}")

    def wait(self, ready: Ready) -> None:
        """Let others run until something holds."""
        actor = self._me()
        actor.ready = ready
        self._pause(actor)
        actor.ready = None

    def sleep(self, steps: int) -> None:
        """Let others run for so many steps, or until they all wait."""
        actor = self._me()
        actor.wakes_at = self.step + steps
        self._pause(actor)

    def fail(self, finding: str) -> None:
        """End the simulation: something is wrong."""
        self._note(finding)
        raise Abandoned

    def digest(self) -> str:
        """Return the hash of the trace."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()

    def _me(self) -> Actor:
        actor = self.actor
        if actor is None:
            raise RuntimeError("only an actor can wait")
        return actor

    def _fault(self, draw: float, kinds: tuple[str, ...]) -> str | None:
        if self.faults.planned:
            return self.faults.planned.get(self.step)
        if draw < self.faults.rate and kinds:
            return self.random.choice(kinds)
        return None

    def _note(self, finding: str) -> None:
        if self.failure is None:
            self.failure = finding
            self.note(f"FOUND {finding}")

    def _pause(self, actor: Actor) -> None:
        following = self._next()
        if following is not actor:
            following.gate.release()
            actor.gate.acquire()
        if self.failure is not None:
            raise Abandoned

    def _hand_on(self) -> None:
        if all(actor.done for actor in self._actors):
            self._finished.release()
        else:
            self._next().gate.release()

    def _next(self) -> Actor:
        alive = [actor for actor in self._actors if not actor.done]
        if self.failure is None and self.step > _STEPS_MAX:
            self._note("the actors run in a circle")
        if self.failure is not None:
            return alive[0]
        awake = [actor for actor in alive if self._is_awake(actor)]
        if awake:
            return self.random.choice(awake)
        sleepers = [actor for actor in alive if actor.wakes_at > self.step]
        if not sleepers:
            self._note("everybody waits for somebody else")
            return alive[0]
        # Nothing happens until the first of them wakes.
        return min(sleepers, key=lambda actor: actor.wakes_at)

    def _is_awake(self, actor: Actor) -> bool:
        if actor.wakes_at > self.step:
            return False
        return actor.ready is None or actor.ready()
