"""The simulation is worth something: it finds mistakes that were made on purpose."""

from collections.abc import Callable
from itertools import islice

import pytest

from tests.simulation import mutants
from tests.simulation.mutants import Mistake, Rewrite
from tests.simulation.simulation import cards, plan, simulate, till

SEEDS = range(75)


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
        mutants.ignores_the_distance_from_a_payment_ahead,
        mutants.bills_the_month_of_a_moved_date_again,
        mutants.bills_in_the_buffer,
        mutants.ends_a_day_early,
        mutants.bills_before_a_moved_date,
        mutants.forgets_the_new_day,
        mutants.uses_up_no_occurrence_by_a_payment_ahead,
        mutants.counts_no_payment_ahead,
        mutants.bills_today_again,
        mutants.loses_a_skip_by_a_pause,
        mutants.loses_what_the_worker_is_late_for,
        mutants.bills_what_is_archived,
        mutants.wakes_what_was_archived_asleep,
        mutants.does_anything_in_any_state,
        mutants.uses_up_an_occurrence_without_an_invoice,
        mutants.does_not_tell_that_nothing_was_due,
        mutants.takes_drafts_for_sent,
    ],
)
def test_the_simulation_catches_a_schedule_that(
    mistake: Callable[[], Mistake],
) -> None:
    with mistake():
        assert caught()


@pytest.mark.parametrize(
    "mistake",
    [
        mutants.pays_from_credit_that_is_not_there,
        mutants.forgets_what_the_invoice_says_of_a_payment,
        mutants.does_not_tell_of_payments,
        mutants.deletes_what_is_paid,
    ],
)
def test_the_simulation_catches_a_till_that(mistake: Callable[[], Mistake]) -> None:
    with mistake():
        assert any(simulate(till(seed)).failure for seed in range(20))


def caught_at_the_bank(likely: int, rewrite: Rewrite | None = None) -> bool:
    """Whether a seed finds something; a likely one is tried first."""
    seeds = (likely, *range(60))
    return any(simulate(cards(seed), rewrite).failure for seed in seeds)


@pytest.mark.parametrize(
    ("mistake", "likely"),
    [
        (mutants.sends_again_without_looking_up, 7),
        (mutants.takes_a_new_key_while_unknown, 1),
        (mutants.sends_what_was_prepared_unseen, 16),
        (mutants.ignores_a_late_approval, 1),
        (mutants.tries_again_a_day_late, 1),
        (mutants.sends_the_only_receipt_twice, 18),
        (mutants.ignores_the_circuit, 27),
        (mutants.asks_before_it_is_written_down, 1),
        (mutants.charges_the_whole_again, 5),
        (mutants.charges_several_invoices_a_day, 1),
        (mutants.forgets_what_was_left, 2),
        (mutants.charges_an_expired_card, 3),
        (mutants.tries_stolen_cards_again, 1),
    ],
)
def test_the_simulation_catches_a_collector_that(
    mistake: Callable[[], Mistake], likely: int
) -> None:
    with mistake():
        assert caught_at_the_bank(likely)


def test_the_simulation_catches_a_collector_that_charges_drafts() -> None:
    with mutants.charges_drafts():
        assert caught_at_the_bank(0, mutants.finds_drafts)
