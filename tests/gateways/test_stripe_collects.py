"""Invoices are collected at Stripe, each once, also where its answers are lost."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.domain.account import SANDBOX
from app.gateways.registry import Registry
from app.gateways.stripe import Stripe
from app.services.ports import Ports
from tests.conftest import Api
from tests.gateways import stripe_front
from tests.gateways.stripe_front import Front

PROFILE = (
    "<occurrences>0</occurrences><frequency>m</frequency><autobill><gateway_name>"
    "Authorize.Net</gateway_name><card><number>4242424242424242</number><name>Ada Byron"
    "</name><expiration><month>7</month><year>2031</year></expiration></card></autobill>"
    "<lines><line><name>Hosting</name><unit_cost>{cost}</unit_cost><quantity>1"
    "</quantity></line></lines>"
)


@pytest.fixture(name="ports")
def ports_(ports: Ports, front: Front) -> Ports:
    """Provide ports on which the account's gateway is Stripe's."""

    class There(Stripe):
        def __init__(self, settings: Mapping[str, str]) -> None:
            assert settings == {}
            super().__init__({"secret_key": "sk_test_1234", "api_base": front.url})

    return replace(ports, gateways=Registry({SANDBOX: There}))


def test_months_are_collected_once_each(clocked: Api, front: Front) -> None:
    clocked.create_profile(PROFILE.format(cost="40"))
    for month in ("09", "10", "11", "12"):
        # The card goes through, and what is said of it every second time does not.
        if month in {"10", "12"}:
            front.faults.extend([stripe_front.whole, stripe_front.hang_up])
        assert clocked.call("clock.set", f"<date>2007-{month}-01</date>").ok
        # A day has gone by when somebody asks again.
        front.forget()
    assert clocked.call("clock.set", "<date>2007-12-03</date>").ok
    assert clocked.call("invoice.list").all("status") == ["auto-paid"] * 4
    charges = front.charges()
    assert [charge["amount"] for charge in charges] == [4000] * 4
    intents = {str(charge["payment_intent"]) for charge in charges}
    paid = clocked.call("payment.list")
    assert paid.all("amount") == ["40"] * 4
    assert len(intents) == 4
    assert {asked.key for asked in front.of("POST", stripe_front.INTENTS)} == {
        intent["metadata"]["perennial_key"] for intent in front.intents()
    }
