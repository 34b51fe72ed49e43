"""Ids: rising, without gaps, never given twice."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from app.storage import counter, database
from app.storage.database import writing
from tests.conftest import Api

THREADS = 4
EACH = 50


class RollbackError(Exception):
    """Ends a transaction without its work."""


def taken(account_id: int, noun: str = "client", count: int = 1) -> int:
    with writing():
        return counter.take(account_id, noun, count)


def test_ids_begin_with_one_and_rise_by_one(api: Api) -> None:
    assert [taken(api.account.account_id) for _ in range(5)] == [1, 2, 3, 4, 5]


def test_several_ids_are_taken_in_a_row(api: Api) -> None:
    of = api.account.account_id
    assert taken(of) == 1
    assert taken(of, count=10) == 2
    assert taken(of, count=1) == 12


def test_each_account_and_noun_counts_on_its_own(new_api: Callable[..., Api]) -> None:
    one = new_api("One").account.account_id
    other = new_api("Other").account.account_id
    assert taken(one) == 1
    assert taken(one, "recurring") == 1
    assert taken(other) == 1
    assert taken(one) == 2
    assert taken(other, "recurring") == 1


def test_an_id_whose_transaction_is_undone_is_given_again(api: Api) -> None:
    # Without gaps means: an id belongs to what was stored, and to nothing else.
    of = api.account.account_id
    assert taken(of) == 1
    with suppress(RollbackError), writing():
        assert counter.take(of, "client") == 2
        raise RollbackError
    assert taken(of) == 2


def test_an_id_for_an_unknown_account_is_refused(api: Api) -> None:
    with pytest.raises(database.IntegrityError):
        taken(api.account.account_id + 1)


@pytest.mark.parametrize("count", [1, 3])
def test_threads_never_get_one_id_twice_and_leave_no_gap(api: Api, count: int) -> None:
    of = api.account.account_id
    ids: list[int] = []
    failed: list[BaseException] = []
    together = threading.Barrier(THREADS)

    def take() -> None:
        try:
            with database.connection():
                together.wait(timeout=30)
                ids.extend(taken(of, count=count) for _ in range(EACH))
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failed.append(error)

    threads = [threading.Thread(target=take) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert sorted(ids) == list(range(1, THREADS * EACH * count + 1, count))
