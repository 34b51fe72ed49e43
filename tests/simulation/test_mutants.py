"""The simulation is worth something: it finds mistakes that were made on purpose."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import islice

import pytest

from tests.simulation import mutants
from tests.simulation.mutants import Rewrite
from tests.simulation.simulation import plan, simulate

SEEDS = range(40)


def caught(rewrite: Rewrite | None = None) -> list[int]:
    """Return the first seed that finds something, if any does."""
    found = (seed for seed in SEEDS if simulate(plan(seed), rewrite).failure)
    return list(islice(found, 1))


@pytest.mark.parametrize(
    "rewrite",
    [
        mutants.commits_each_statement,
        mutants.takes_the_lock_late,
        mutants.does_not_move_the_profile_on,
        mutants.forgets_whose_lines_they_are,
    ],
)
def test_the_simulation_catches_storage_that(rewrite: Rewrite) -> None:
    # If it is not, then perhaps the mistake no longer fits the product's SQL.
    assert caught(rewrite)


@pytest.mark.parametrize(
    "mistake",
    [
        mutants.computed_from_the_previous_date,
        mutants.bills_what_is_stopped,
        mutants.makes_up_for_stopped_days,
    ],
)
def test_the_simulation_catches_a_schedule_that(
    mistake: Callable[[], AbstractContextManager[None]],
) -> None:
    with mistake():
        assert caught()
