"""Many simulations: random seeds, and one scenario broken at each of its points."""

import itertools
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta

from tests.simulation.bank import Weather
from tests.simulation.points import POINTS, SOMETIMES
from tests.simulation.scheduler import CRASH, Faults
from tests.simulation.simulation import Plan, plan, simulate
from tests.simulation.sql import FULL, LOCKED

KINDS = (CRASH, FULL, LOCKED)

# Every kind of change once, between jumps that make several dates due.
SMALL = Plan(
    seed=1,
    workers=2,
    clients=1,
    requests=0,
    kinds=(
        "recurring.create",
        "recurring.create",
        "recurring.update",
        "recurring.lines.add",
        "recurring.lines.delete",
        "recurring.delete",
        "client.delete",
    ),
    jumps=[timedelta(days=45), timedelta(days=-1), timedelta(days=400)],
    pace=40,
    switching=0.1,
    spoiled=0,
    accounts=1,
)

# One profile, and a worker that bills it while it is being changed.
TINY = replace(
    SMALL,
    seed=15,
    workers=1,
    kinds=("recurring.create", "recurring.update"),
    jumps=[timedelta(days=62)],
)

# All that is done to dates and states, and a worker that bills meanwhile.
DATES = replace(
    TINY,
    seed=4,
    kinds=(
        "recurring.create",
        "recurring.changeDate",
        "recurring.skip",
        "recurring.billNow",
        "recurring.pause",
        "recurring.resume",
        "recurring.archive",
        "recurring.restore",
    ),
    jumps=[timedelta(days=34), timedelta(days=62)],
)

# What comes to a till, and a worker that bills meanwhile.
MONEY = replace(
    TINY,
    seed=19,
    kinds=(
        "recurring.create",
        "invoice.create",
        "payment.create",
        "invoice.update",
        "payment.create",
        "payment.update",
        "invoice.issue",
        "payment.delete",
        "invoice.delete",
    ),
    jumps=[timedelta(days=34), timedelta(days=62)],
    counts_money=True,
)

# A card that is charged when it is due, at a bank that loses answers.
CARDS = replace(
    TINY,
    seed=5,
    kinds=("recurring.create", "recurring.update", "invoice.update"),
    jumps=[timedelta(days=days) for days in (34, 0.1, 1, 0.1)],
    counts_money=True,
    carded=1.2,
    weather=Weather(trouble=0.3),
)

SCENARIOS = {
    "small": SMALL,
    "tiny": TINY,
    "dates": DATES,
    "money": MONEY,
    "cards": CARDS,
}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What is kept of a simulation; `replay` repeats it."""

    replay: str
    failure: str | None
    steps: int
    invoices: int
    days: int
    fired: Counter[str]
    broken: Counter[tuple[str, str]]
    seen: Counter[str]


@dataclass
class Summary:
    """What many simulations came to."""

    count: int = 0
    invoices: int = 0
    days: int = 0
    steps: int = 0
    failures: list[Outcome] = field(default_factory=list)
    fired: Counter[str] = field(default_factory=Counter)
    broken: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count a simulation."""
        self.count += 1
        self.invoices += outcome.invoices
        self.days += outcome.days
        self.steps += outcome.steps
        self.fired += outcome.fired
        self.broken += outcome.broken
        self.seen += outcome.seen
        if outcome.failure is not None:
            self.failures.append(outcome)

    def problems(self) -> list[str]:
        """Return what is wrong, and what to do about it; nothing if all is well."""
        found = [
            f"{outcome.failure}\n  replay: {outcome.replay}"
            for outcome in self.failures
        ]
        renew = "renew tests/simulation/points.py: make simulate POINTS=1"
        if never := sorted(POINTS - self.fired.keys()):
            found.append(
                f"points that never fired: {', '.join(never)}\n  Either the product no "
                f"longer does this ({renew}), or no actor leads there any more."
            )
        if unknown := sorted(self.fired.keys() - POINTS):
            found.append(f"points that nobody knows: {', '.join(unknown)}\n  {renew}")
        return found

    def unseen(self) -> list[str]:
        """Return what must happen now and then, and never did."""
        return sorted(SOMETIMES - self.seen.keys())

    def unbroken(self) -> list[str]:
        """Return the faults that were never tried, by point."""
        return [
            f"{kind} {point}"
            for point in sorted(POINTS)
            for kind in KINDS
            if not self.broken[point, kind]
        ]


def random_plans(seeds: Iterable[int]) -> Iterator[tuple[str, Plan]]:
    """Yield the plans of random simulations, each with the command that replays it."""
    for seed in seeds:
        yield f"make simulate SEED={seed}", plan(seed)


def broken_plans(
    name: str, faults: int, kinds: Sequence[str]
) -> list[tuple[str, Plan]]:
    """Return the plans that break a scenario at each of its points, or at each pair."""
    scenario = SCENARIOS[name]
    steps = range(1, simulate(scenario).steps + 1)
    found = []
    for chosen in itertools.combinations(steps, faults):
        for kind in kinds:
            at = dict.fromkeys(chosen, kind)
            words = " ".join(f"{step}={kind}" for step in chosen)
            replay = f"make simulate SCENARIO={name} BREAK='{words}'"
            found.append((replay, replace(scenario, faults=Faults(planned=at))))
    return found


def outcome(of: tuple[str, Plan]) -> Outcome:
    """Run one simulation; keep what a sweep needs."""
    replay, what = of
    result = simulate(what)
    return Outcome(
        replay=replay,
        failure=result.failure,
        steps=result.steps,
        invoices=result.invoices,
        days=result.days,
        fired=result.fired,
        broken=result.broken,
        seen=result.seen,
    )


def sweep(plans: Iterable[tuple[str, Plan]]) -> Summary:
    """Run simulations one after the other."""
    summary = Summary()
    for each in plans:
        summary.add(outcome(each))
    return summary


def parallel(plans: Sequence[tuple[str, Plan]], title: str) -> Summary:
    """Run simulations on all cores; print how far it is, and what fails, at once."""
    summary = Summary()
    began = time.monotonic()
    following = began
    with ProcessPoolExecutor(
        os.cpu_count(), mp_context=multiprocessing.get_context("spawn")
    ) as processes:
        for each in processes.map(outcome, plans, chunksize=16):
            summary.add(each)
            if each.failure is not None:
                print(f"FOUND {each.failure}\n  replay: {each.replay}", flush=True)
            now = time.monotonic()
            if now >= following or summary.count == len(plans):
                rate = summary.count / max(now - began, 0.001)
                print(
                    f"{title}: {summary.count} of {len(plans)}, {rate:.1f} a second, "
                    f"{len(summary.failures)} failed",
                    flush=True,
                )
                following = now + 10
    return summary
