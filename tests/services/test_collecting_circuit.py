"""A gateway that fails is left alone, and everybody else goes on."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.domain import collecting as rules
from app.domain.account import Gateway
from app.domain.charge import ChargeState
from app.engine.collect import collect
from app.services import collecting, health
from app.storage import database
from app.storage import gateway as stored
from tests import bank
from tests.bank import Lie
from tests.conftest import NOW, Api
from tests.shop import Shop

MINUTE = timedelta(minutes=1)


def gateway(shop: Shop) -> Gateway:
    found = stored.get(shop.account_id, "Authorize.Net")
    assert found is not None
    return found


def alone(shop: Shop) -> timedelta:
    until = rules.alone_until(gateway(shop), shop.clock.now)
    return timedelta() if until is None else until - shop.clock.now


def test_after_five_failures_in_a_row_a_gateway_is_left_alone_for_a_minute(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    shop.issue(7)
    shop.ledger.lies([Lie.REFUSED] * 5)
    with caplog.at_level(logging.ERROR, "app"):
        shop.collect()
    assert shop.ledger.verbs == ["charge"] * 5
    assert alone(shop) == MINUTE
    assert "failed 5 times in a row: left alone until" in caplog.text
    assert shop.due == 2
    shop.wait()
    shop.check_paid(7)


def test_one_probe_at_a_time_finds_out_whether_it_answers_again(shop: Shop) -> None:
    shop.issue(9)
    shop.ledger.lies([Lie.REFUSED] * 9)
    shop.collect()
    for minutes in (2, 4, 8, 16):
        before = len(shop.ledger.verbs)
        shop.clock.now += alone(shop)
        shop.collect()
        assert len(shop.ledger.verbs) == before + 1
        assert alone(shop) == minutes * MINUTE
    shop.clock.now += alone(shop)
    shop.collect()
    assert alone(shop) == timedelta()
    shop.wait()
    shop.check_paid(9)


def test_what_was_in_flight_when_it_was_left_alone_makes_that_no_longer() -> None:
    found = Gateway(name="Loom", autobill_capable=True)
    for _ in range(40):
        found = rules.after_failure(found, NOW, probe=False)
    assert found.open_until == NOW + MINUTE
    assert rules.after_failure(found, NOW, probe=True).open_until == NOW + 2 * MINUTE


def test_a_clock_that_is_set_back_leaves_no_gateway_alone_for_ever() -> None:
    found = Gateway(
        name="Loom",
        autobill_capable=True,
        failures=5,
        open_until=NOW + timedelta(days=400),
    )
    assert rules.available(found, NOW) == rules.Now(found)


def test_invoices_that_wait_are_neither_declined_nor_counted_as_tried(
    shop: Shop,
) -> None:
    shop.issue(6)
    shop.ledger.lies([Lie.REFUSED] * 5)
    shop.collect()
    assert shop.statuses() == ["sent"] * 6
    assert shop.charges(6) == []
    shop.wait()
    shop.check_paid(6)


def test_a_dead_gateway_of_one_account_keeps_no_other_waiting(
    shop: Shop, new_api: Callable[..., Api]
) -> None:
    shop.issue(60)
    other = Shop(
        api=new_api("Other"), clock=shop.clock, ports=shop.ports, ledger=shop.ledger
    )
    bank.use(other.account_id)
    shop.clock.now += timedelta(days=1)
    other.issue()
    # By then it is left alone.
    shop.ledger.lies([Lie.REFUSED] * 5)
    for _ in range(4):
        collect(shop.ports, in_flight=1)
    assert [each.state for each in other.charges()] == [ChargeState.CAPTURED]
    assert sum(map(len, shop.ledger.taken.values())) == 1


def test_many_invoices_that_wait_are_not_read_each_time(shop: Shop) -> None:
    shop.issue()
    until = shop.clock.now + timedelta(minutes=30)
    statements: list[tuple[str, object]] = []
    engine = database.proxy.obj
    run = engine.execute_sql

    def watching(sql: str, params: object = None) -> object:
        statements.append((sql, params))
        return run(sql, params)

    with database.writing():
        database.execute("UPDATE invoice SET held_until = ?", (until,))
    engine.execute_sql = watching
    try:
        assert collecting.due(shop.ports, 10) == []
    finally:
        del engine.execute_sql
    if not engine.gives_back:
        asked = [each for each in statements if "collect_on" in each[0]]
        plans = [
            str(run(f"EXPLAIN QUERY PLAN {sql}", params).fetchall())
            for sql, params in asked
        ]
        assert "USING INDEX invoice_to_collect" in plans[0]
        assert "USING INDEX invoice_held" in plans[1]
        assert "TEMP B-TREE" not in "".join(plans)
    shop.clock.now = until
    assert [len(batch) for batch in collecting.due(shop.ports, 10)] == [1]


def test_those_who_watch_are_told_of_gateways_and_charges(shop: Shop) -> None:
    shop.issue(7)
    shop.ledger.lies([Lie.REFUSED] * 5)
    shop.collect()
    assert health.look(shop.ports).gateways_alone == 1
    told = shop.api.client.get("/metrics").text
    assert "perennial_gateways_left_alone 1.0" in told
    assert 'perennial_charges_under_way{state="unknown"} 5.0' in told
    assert 'perennial_charges_under_way{state="parked"} 0.0' in told
    assert "perennial_invoices_held 2.0" in told
    shop.wait()
    told = shop.api.client.get("/metrics").text
    assert "perennial_gateways_left_alone 0.0" in told
    assert 'perennial_charges_under_way{state="unknown"} 0.0' in told
    assert "perennial_invoices_held 0.0" in told
