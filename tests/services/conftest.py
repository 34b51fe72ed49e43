"""What tests of services share."""

from collections.abc import Iterator

import pytest

from app.services.ports import Ports
from tests import bank
from tests.bank import Ledger
from tests.conftest import Api, Clock
from tests.shop import Shop


@pytest.fixture(name="shop")
def shop_(api: Api, ports: Ports, clock: Clock) -> Iterator[Shop]:
    """Provide an account behind the lying gateway."""
    ledger = Ledger()
    bank.use(api.account.account_id)
    shop = Shop(api=api, clock=clock, ports=ports, ledger=ledger)
    shop.able(looks_up=True, repeats=True)
    yield shop
    ledger.close()
