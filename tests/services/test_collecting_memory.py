"""What a database has forgotten its gateway still knows: keys, and asking first."""

from datetime import timedelta

import pytest

from app.domain.charge import ChargeState
from app.engine.run import run
from app.services import charging, collecting
from tests import snapshot
from tests.bank import Lie
from tests.shop import Shop

ABLE = [{"looks_up": True, "repeats": False}, {"looks_up": True, "repeats": True}]


@pytest.mark.parametrize("able", ABLE)
@pytest.mark.parametrize("later", [timedelta(), timedelta(days=3)])
def test_what_was_charged_after_a_backup_is_not_charged_again_after_its_restoration(
    shop: Shop, able: dict[str, bool], later: timedelta
) -> None:
    shop.able(**able)
    shop.issue()
    backup = snapshot.taken()
    shop.wait()
    shop.check_paid()
    snapshot.put_back(backup)
    shop.clock.now += later
    shop.wait()
    shop.check_paid()


@pytest.mark.parametrize("able", ABLE)
def test_what_was_billed_and_charged_after_a_backup_is_not_charged_again(
    shop: Shop, able: dict[str, bool]
) -> None:
    shop.able(**able)
    shop.issue(more="<frequency>m</frequency>", occurrences=2)
    shop.wait()
    backup = snapshot.taken()
    before = dict(shop.ledger.taken)
    shop.clock.now += timedelta(days=31)
    run(shop.ports)
    shop.wait()
    assert len(shop.ledger.taken) == 2
    snapshot.put_back(backup)
    for _ in range(3):
        # Those who bill again draw other unguessable texts.
        shop.ports.secret()
    run(shop.ports)
    shop.wait()
    assert shop.ledger.taken == {**before, "0000002": [4000]}
    shop.check_paid(2)


def test_another_profile_of_the_same_id_is_charged_for_itself(shop: Shop) -> None:
    backup = snapshot.taken()
    shop.issue()
    shop.wait()
    snapshot.put_back(backup)
    for _ in range(3):
        shop.ports.secret()
    shop.issue(number="5555555555554444")
    shop.wait()
    assert shop.ledger.taken == {"0000001": [4000, 4000]}
    assert shop.statuses() == ["auto-paid"]


@pytest.mark.parametrize("able", ABLE)
def test_what_a_person_had_charged_after_a_backup_is_not_charged_by_itself(
    shop: Shop, able: dict[str, bool]
) -> None:
    shop.able(**able)
    shop.issue(more="<due_days>3</due_days>")
    backup = snapshot.taken()
    charging.charge(shop.ports, shop.api.caller, 1, None)
    assert shop.ledger.taken == {"0000001": [4000]}
    snapshot.put_back(backup)
    shop.clock.now += timedelta(days=3)
    shop.wait()
    shop.check_paid()


def test_a_charge_on_its_day_is_not_asked_about_first(shop: Shop) -> None:
    shop.issue()
    shop.collect()
    assert shop.ledger.verbs == ["charge"]


def test_a_late_charge_is_asked_about_first(shop: Shop) -> None:
    shop.issue()
    shop.clock.now += timedelta(days=1)
    shop.collect()
    assert shop.ledger.verbs == ["look_up", "charge"]
    shop.check_paid()


def test_a_gateway_that_would_charge_twice_is_always_asked_first(shop: Shop) -> None:
    shop.able(looks_up=True, repeats=False)
    shop.issue()
    shop.collect()
    assert shop.ledger.verbs == ["look_up", "charge"]


def test_a_second_attempt_has_a_key_of_its_own(shop: Shop) -> None:
    shop.issue(number="4000000000009995")
    shop.wait()
    assert shop.states() == [ChargeState.DECLINED] * 2
    assert len(shop.ledger.keys) == 2


def test_whoever_stood_still_before_sending_leaves_it_to_others(shop: Shop) -> None:
    shop.issue()
    ((batch),) = collecting.due(shop.ports, 10)
    ((known),) = collecting.prepare(shop.ports, batch)
    asked = iter([timedelta()])
    now = shop.clock.now
    paused = shop.paused(lambda: now + next(asked, timedelta(minutes=4)))
    collecting.send(paused, known)
    assert shop.ledger.verbs == []
    shop.wait()
    shop.check_paid()


def test_an_outcome_that_comes_late_changes_nothing_that_is_known(shop: Shop) -> None:
    shop.issue()
    shop.ledger.lies([Lie.LATE])
    shop.wait()
    shop.check_paid()
