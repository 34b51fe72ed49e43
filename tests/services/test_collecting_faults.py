"""Collecting whatever fails: each invoice's money is taken once, and known of."""

from datetime import timedelta
from itertools import product

import peewee
import pytest

from app.domain.charge import ChargeState
from tests import snapshot
from tests.bank import LIES, Lie
from tests.shop import CHECKS, Shop

ABILITIES = [
    {"looks_up": True, "repeats": True},
    {"looks_up": True, "repeats": False},
    {"looks_up": False, "repeats": True},
]


class KilledError(BaseException):
    """A process that ends here."""


def test_the_lying_gateway_takes_the_money_of_an_invoice(shop: Shop) -> None:
    shop.issue(3)
    shop.collect()
    shop.check_paid(3)


@pytest.mark.parametrize("able", ABILITIES)
def test_any_two_lies_in_a_row_end_with_the_money_taken_once(
    shop: Shop, able: dict[str, bool]
) -> None:
    shop.able(**able)
    shop.issue()
    before, now = snapshot.taken(), shop.clock.now
    for lies in product(LIES, LIES):
        snapshot.put_back(before)
        shop.clock.now = now
        shop.ledger.forget()
        shop.ledger.lies(lies)
        shop.wait()
        assert shop.states() == [ChargeState.CAPTURED], lies
        assert shop.ledger.taken == {"0000001": [4000]}, lies
        assert len(shop.ledger.keys) == 1, lies
    shop.check_paid()


@pytest.mark.parametrize(
    "lie", [lie for lie in LIES if lie not in (Lie.NONE, Lie.TWICE)]
)
def test_a_gateway_that_never_tells_leaves_the_charge_to_a_person(
    shop: Shop, lie: Lie
) -> None:
    shop.able(looks_up=False, repeats=False)
    shop.issue()
    shop.ledger.lies([lie])
    shop.wait()
    assert shop.states() == [ChargeState.PARKED]
    assert shop.ledger.verbs == ["charge"]
    assert shop.statuses() == ["sent"]
    shop.check_books()


@pytest.mark.parametrize("times", range(9))
def test_a_charge_is_asked_about_seven_times_and_then_parked(
    shop: Shop, times: int
) -> None:
    shop.issue()
    shop.ledger.lies([Lie.CAPTURED] * times)
    shop.collect()
    for done, step in enumerate(CHECKS[:7], 1):
        assert shop.states() == [
            ChargeState.CAPTURED if done > times else ChargeState.UNKNOWN
        ]
        shop.clock.now += step - timedelta(seconds=1)
        shop.collect()
        assert len(shop.ledger.verbs) == min(done, times + 1)
        shop.clock.now += timedelta(seconds=1)
        shop.collect()
    assert len(shop.ledger.keys) == 1
    assert shop.ledger.taken == {"0000001": [4000]}
    if times == 8:
        assert shop.states() == [ChargeState.PARKED]
        shop.clock.now += timedelta(days=30)
        shop.collect()
        assert shop.states() == [ChargeState.PARKED]
        assert len(shop.ledger.verbs) == 8
    else:
        shop.check_paid()


FAILURES: list[tuple[type[BaseException], bool]] = [
    (KilledError, False),
    (KilledError, True),
    (peewee.OperationalError, False),
    (RuntimeError, False),
]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("lie", [Lie.NONE, Lie.CAPTURED])
def test_any_statement_may_fail_and_the_money_is_taken_once(
    shop: Shop, failure: tuple[type[BaseException], bool], lie: Lie
) -> None:
    error, done = failure
    shop.issue()
    before, now = snapshot.taken(), shop.clock.now

    def begin() -> None:
        snapshot.put_back(before)
        shop.clock.now = now
        shop.ledger.forget()
        shop.ledger.lies([lie])

    def work() -> None:
        shop.collect()
        if lie is not Lie.NONE:
            shop.clock.now += CHECKS[0]
            shop.collect()

    begin()
    with snapshot.dying_at(0, error) as statements:
        work()
    for number in range(1, len(statements) + 1):
        begin()
        with snapshot.dying_at(number, error, done=done):
            try:
                work()
            except (KilledError, peewee.OperationalError, RuntimeError):
                snapshot.connection_lost()
        shop.wait()
        assert shop.ledger.taken == {"0000001": [4000]}, number
        assert len(shop.ledger.keys) == 1, number
        assert shop.states() == [ChargeState.CAPTURED], number
    assert len(statements) > 40
    shop.check_paid()


@pytest.mark.parametrize("done", [False, True])
def test_a_death_at_any_statement_sends_nothing_twice_to_a_gateway_that_cannot_tell(
    shop: Shop, *, done: bool
) -> None:
    shop.able(looks_up=False, repeats=False)
    shop.issue()
    before, now = snapshot.taken(), shop.clock.now
    with snapshot.dying_at(0, KilledError) as statements:
        shop.collect()
    parked = 0
    for number in range(1, len(statements) + 1):
        snapshot.put_back(before)
        shop.clock.now = now
        shop.ledger.forget()
        with snapshot.dying_at(number, KilledError, done=done):
            try:
                shop.collect()
            except KilledError:
                snapshot.connection_lost()
        shop.wait()
        assert shop.ledger.verbs in ([], ["charge"]), number
        (state,) = shop.states()
        assert state in (ChargeState.CAPTURED, ChargeState.PARKED), number
        assert shop.ledger.taken or state is ChargeState.PARKED, number
        parked += state is ChargeState.PARKED
    assert parked
