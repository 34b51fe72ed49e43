"""Few requests at a time have a file in hand."""

from contextlib import ExitStack

import pytest

from app.domain.errors import TooManyRequestsError
from app.services.bulk import TURNS, Bulk


def test_so_many_have_a_turn_and_the_next_is_told_to_come_again() -> None:
    bulk = Bulk(wait_s=0)
    with ExitStack() as taken:
        for _ in range(TURNS):
            taken.enter_context(bulk.turn())
        with pytest.raises(TooManyRequestsError) as refused, bulk.turn():
            pass
        assert refused.value.retry_after_s == 5
    with bulk.turn():
        pass


def test_a_turn_ends_with_what_failed_in_it() -> None:
    bulk = Bulk(wait_s=0)
    for _ in range(TURNS + 1):
        with pytest.raises(ZeroDivisionError), bulk.turn():
            raise ZeroDivisionError


@pytest.mark.parametrize("mib", [1, 10, 32])
def test_a_body_may_hold_the_largest_file_in_lines(mib: int) -> None:
    bulk = Bulk(mib)
    assert bulk.attachment_max == mib * 1024 * 1024
    # Of 76 characters, each ended by two.
    written = -(-bulk.attachment_max // 3) * 4
    assert bulk.body_max > written + 2 * -(-written // 76) + 500_000
