"""localstripe, with what it lacks in front of it."""

from collections.abc import Iterator

import pytest

from tests.gateways import localstripe_process, stripe_front
from tests.gateways.stripe_front import Front


@pytest.fixture(scope="session")
def localstripe() -> Iterator[int]:
    with localstripe_process.running() as port:
        yield port


@pytest.fixture
def front(localstripe: int) -> Iterator[Front]:
    with stripe_front.serving(localstripe) as front:
        front.behind_it("DELETE", "/_config/data")
        yield front
