"""The doctor's look at charges: each damage is named, and nothing else."""

# ruff: noqa: S608 - statements are put together from words of this file

from datetime import timedelta

import pytest

from app.services import doctor
from app.storage import database
from tests.bank import Lie
from tests.shop import Shop

PROFILES = "(SELECT sealed FROM autobill WHERE recurring_id = 1)"
THIRD = "(SELECT sealed FROM charge AS other WHERE other.charge_id = 3)"
KEPT = f"UPDATE charge SET key_version = 1, sealed = {THIRD}"
CASES = (
    ("charge: charge 1", "UPDATE charge SET amount_minor = 3999 WHERE charge_id = 1"),
    ("charge: charge 1", "UPDATE payment SET amount_minor = 3999 WHERE payment_id = 1"),
    ("charge: charge 1", "UPDATE payment SET reference = 'x' WHERE payment_id = 1"),
    ("charge: charge 1", "UPDATE payment SET gateway_name = 'x' WHERE payment_id = 1"),
    ("charge: charge 1", "UPDATE charge SET state = 'declined' WHERE charge_id = 1"),
    ("charge: payment 1", "DELETE FROM charge WHERE charge_id = 1"),
    ("under-way: charge 3", "UPDATE charge SET check_at = NULL WHERE charge_id = 3"),
    (
        "under-way: charge 3",
        "UPDATE charge SET sealed = NULL, key_version = NULL WHERE charge_id = 3",
    ),
    (
        "under-way: charge 3",
        "UPDATE charge SET state = 'parked' WHERE charge_id = 3",
    ),
    ("card: charge 3", f"UPDATE charge SET sealed = {PROFILES} WHERE charge_id = 3"),
    ("kept-card: charge 1", f"{KEPT} WHERE charge_id = 1"),
    ("counter: counter payment", "UPDATE counter SET last_id = 2 WHERE noun='payment'"),
    ("orphan: charge 1", "UPDATE charge SET staff_id = 9 WHERE charge_id = 1"),
    ("orphan: charge 1", "UPDATE charge SET card_id = 9 WHERE charge_id = 1"),
)


def findings(shop: Shop) -> list[str]:
    found = [*doctor.orphans(), *doctor.books(shop.ports, shop.account_id)]
    return list(map(str, found))


@pytest.fixture(name="charged")
def charged_(shop: Shop) -> Shop:
    """Provide a shop with two captured charges and one that is unknown."""
    shop.issue(3)
    shop.ledger.lies([Lie.NONE, Lie.NONE, Lie.LOST])
    shop.collect()
    assert findings(shop) == []
    return shop


@pytest.mark.parametrize(("said", "damage"), CASES)
def test_a_damaged_charge_is_named(charged: Shop, said: str, damage: str) -> None:
    with database.writing():
        assert database.execute(damage).rowcount == 1
    found = findings(charged)
    # An amount of a payment is also the invoice's.
    found = [each for each in found if not each.startswith(("paid: ", "listing: "))]
    assert found[0].startswith(f"{said} of account 1: "), found
    if not said.startswith("kept-card"):
        assert len(found) == 1, found


def test_two_charges_at_once_are_one_too_many(charged: Shop) -> None:
    database.execute("DROP INDEX charge_under_way")
    with database.writing():
        database.execute(
            "UPDATE charge SET invoice_id = 3, attempt_no = 2, state = 'parked' "
            "WHERE charge_id = 2"
        )
    assert (
        "under-way: charge 3 of account 1: nobody looks after it, or there is "
        "another one" in findings(charged)
    )


def test_money_that_was_taken_twice_is_named(charged: Shop) -> None:
    with database.writing():
        for table, key in (("charge", "charge_id"), ("payment", "payment_id")):
            more = ", attempt_no = 2" if table == "charge" else ""
            database.execute(f"UPDATE {table} SET invoice_id = 1{more} WHERE {key} = 2")
    assert (
        "overcharged: invoice 1 of account 1: several charges took more than it "
        "comes to" in findings(charged)
    )


def test_the_books_agree_whatever_becomes_of_charges(charged: Shop) -> None:
    charged.clock.now += timedelta(minutes=5)
    charged.wait()
    charged.check_paid(3)
