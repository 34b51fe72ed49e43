"""Histories that seeds make up: everything that must hold does, and they repeat."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.simulation.bank import Bank, Forgetful, Hopeless, Mute
from tests.simulation.points import POINTS
from tests.simulation.simulation import cards, plan, simulate
from tests.simulation.sweep import Outcome, Summary, random_plans, sweep
from tests.simulation.sweep import outcome as outcome_of

ROOT = Path(__file__).parents[2]
# More of them take longer than a test may: make simulate SEEDS=10000.
BLOCK = 75
# Seeds in which cards meet with a lot.
LIKELY = (33, 15, 7, 56)


@pytest.mark.parametrize("first", [0, BLOCK])
def test_whatever_happens_every_date_is_billed_once_and_every_point_is_passed(
    first: int,
) -> None:
    summary = sweep(random_plans(range(first, first + BLOCK)))

    assert summary.problems() == []
    assert summary.days / summary.count > 2 * 365
    assert summary.invoices > 10 * BLOCK
    assert {kind for _, kind in summary.broken} == {"crash", "full", "locked"}


def test_whatever_a_bank_does_each_card_is_charged_once() -> None:
    summary = Summary()
    # Those that show the most come first; others help where they no longer do.
    for seed in (*LIKELY, *range(60)):
        summary.add(outcome_of((f"cards({seed})", cards(seed))))
        if not summary.unseen():
            break

    assert summary.failures == []
    assert summary.unseen() == []


def test_a_bank_of_any_kind_is_asked() -> None:
    banks = {cards(seed).bank for seed in range(30)}

    assert banks == {Bank, Forgetful, Mute, Hopeless}


def test_a_seed_tells_the_same_story_twice() -> None:
    stories = [simulate(plan(7)) for _ in range(2)]

    assert stories[0].trace == stories[1].trace
    assert stories[0].digest != simulate(plan(8)).digest


def test_a_seed_tells_the_same_story_in_any_process() -> None:
    command = [sys.executable, "-m", "tests.simulation", "--seed", "7"]
    environment = {**os.environ, "PYTHONHASHSEED": "123", "PYTHONPATH": str(ROOT)}

    told = subprocess.run(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert simulate(plan(7)).digest in told.stdout


def outcome(fired: Iterable[str]) -> Outcome:
    return Outcome(
        replay="",
        failure=None,
        steps=1,
        invoices=0,
        days=0,
        fired=Counter(fired),
        broken=Counter(),
        seen=Counter(),
    )


def test_a_point_that_never_fires_fails_the_sweep() -> None:
    summary = Summary()
    summary.add(outcome(POINTS - {"before INSERT invoice"}))

    (problem,) = summary.problems()

    assert "never fired: before INSERT invoice" in problem
    assert "make simulate POINTS=1" in problem


def test_a_point_that_nobody_knows_fails_the_sweep() -> None:
    summary = Summary()
    summary.add(outcome({*POINTS, "after INSERT attempt"}))

    (problem,) = summary.problems()

    assert "nobody knows: after INSERT attempt" in problem
