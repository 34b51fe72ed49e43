"""Run simulations: many at random, a scenario broken everywhere, or one again."""

import argparse
import sys
from dataclasses import replace

from tests.simulation.scheduler import Faults
from tests.simulation.simulation import Plan, plan, simulate
from tests.simulation.sweep import (
    KINDS,
    SCENARIOS,
    Summary,
    broken_plans,
    parallel,
    random_plans,
)

_POINTS_SEEDS = 300


def main() -> int:
    """Do what the arguments say; return 1 if anything was found."""
    asked = _arguments()
    if asked.seed is not None:
        return _again(plan(asked.seed), verbose=asked.verbose)
    if asked.scenario is not None:
        at = dict(each.split("=") for each in asked.broken.split())
        faults = Faults(planned={int(step): kind for step, kind in at.items()})
        of = replace(SCENARIOS[asked.scenario], faults=faults)
        return _again(of, verbose=asked.verbose)
    if asked.points:
        return _print_points()
    return _sweep(range(asked.first, asked.first + asked.seeds))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="run this one again")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), help="run it again")
    parser.add_argument(
        "--broken", default="", help="where, such as '17=crash 40=full'"
    )
    parser.add_argument("--verbose", action="store_true", help="print the trace")
    parser.add_argument(
        "--points", action="store_true", help="print the list of points"
    )
    return parser.parse_args()


def _again(of: Plan, *, verbose: bool) -> int:
    result = simulate(of)
    if verbose:
        print("\n".join(result.trace))
    print(
        f"{result.steps} steps, {result.invoices} invoices in {result.days} days, "
        f"trace {result.digest}"
    )
    print(f"FOUND {result.failure}" if result.failure else "nothing is wrong")
    return int(result.failure is not None)


def _print_points() -> int:
    summary = parallel(list(random_plans(range(_POINTS_SEEDS))), "points")
    statements = {point.partition(" ")[2] for point in summary.fired}
    print("\n".join(sorted(statements)))
    return 0


def _sweep(seeds: range) -> int:
    random = parallel(list(random_plans(seeds)), "random seeds")
    _print_table(random)
    for what in sorted(random.seen):
        print(f"{what:40}{random.seen[what]:>10}")
    plans = [
        each
        for name in ("small", "dates", "money", "cards")
        for each in broken_plans(name, 1, KINDS)
    ]
    points = parallel(plans, "each point broken")
    pairs = parallel(broken_plans("tiny", 2, ("crash",)), "each pair of crashes")
    unseen = [f"never seen: {what}" for what in random.unseen()]
    problems = [*random.problems(), *unseen, *_failures(points), *_failures(pairs)]
    if missing := random.unbroken():
        print(f"not tried at random this time: {', '.join(missing)}")
    for problem in problems:
        print(f"FOUND {problem}")
    print(
        f"{random.count} seeds, {random.invoices} invoices, {random.days // 365} "
        f"simulated years, {random.steps} steps; {points.count} broken points, "
        f"{pairs.count} pairs: {len(problems)} problems"
    )
    return int(bool(problems))


def _failures(summary: Summary) -> list[str]:
    return [f"{each.failure}\n  replay: {each.replay}" for each in summary.failures]


def _print_table(summary: Summary) -> None:
    print(f"{'point':40}{'fired':>10}" + "".join(f"{kind:>8}" for kind in KINDS))
    for point, fired in sorted(summary.fired.items()):
        counts = "".join(f"{summary.broken[point, kind]:>8}" for kind in KINDS)
        print(f"{point:40}{fired:>10}{counts}")


if __name__ == "__main__":
    sys.exit(main())
