"""A scenario, broken at each of its points in turn."""

from itertools import product

import pytest

from tests.simulation.meanings import UNMARKED
from tests.simulation.scheduler import CRASH
from tests.simulation.simulation import simulate
from tests.simulation.sweep import KINDS, SCENARIOS, broken_plans, outcome

# The rest of them is for `make simulate`.
SHARE = 15


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_at_any_point_changes_nothing_in_the_end(kind: str) -> None:
    outcomes = [outcome(each) for each in broken_plans("tiny", 1, (kind,))]

    assert [each for each in outcomes if each.failure] == []
    assert all(sum(each.broken.values()) == 1 for each in outcomes)


def test_a_death_at_any_point_of_moving_dates_changes_nothing_in_the_end() -> None:
    outcomes = [outcome(each) for each in broken_plans("dates", 1, (CRASH,))]

    assert [each for each in outcomes if each.failure] == []
    assert all(sum(each.broken.values()) == 1 for each in outcomes)


@pytest.mark.parametrize(
    ("name", "kind"), [*product(["small", "cards"], KINDS), ("money", CRASH)]
)
def test_a_fault_at_points_of_every_kind_of_change_changes_nothing(
    name: str, kind: str
) -> None:
    plans = broken_plans(name, 1, (kind,))
    gap = len(plans) / SHARE

    outcomes = [outcome(plans[int(number * gap)]) for number in range(SHARE)]

    assert [each for each in outcomes if each.failure] == []


def test_every_move_of_a_date_is_made_in_the_scenario_that_is_broken() -> None:
    trace = simulate(SCENARIOS["dates"]).trace

    asked = {line.split(": asks ")[1].split()[0] for line in trace if ": asks " in line}
    answers = [line for line in trace if ": was answered " in line]
    assert asked >= UNMARKED
    assert all(answer.endswith(" 0") for answer in answers)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenarios_have_something_to_break(name: str) -> None:
    result = simulate(SCENARIOS[name])

    assert result.failure is None
    assert result.invoices >= 2
    assert result.fired["after INSERT invoice"] >= 2
    assert result.fired["before UPDATE recurring"] >= 2
