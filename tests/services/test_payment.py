"""Payments that come at once: none is lost, and no credit is spent twice."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from app.services.ports import Ports
from app.storage import database
from tests import snapshot
from tests.api.test_payment import HUNDRED, create, delete, pay, state, update
from tests.conftest import Answer, Api

THREADS = 4
EACH = 6


class DeathError(BaseException):
    """The process is gone: nothing of ours catches this."""


@pytest.fixture(name="loom")
def loom_(api: Api) -> Api:
    """Provide an account whose client 1 owes 100 USD on invoice 1."""
    api.create_profile(HUNDRED, api.create_client())
    return api


def at_once(api: Api, content: Callable[[int], str]) -> Counter[str | None]:
    """Post payments in several threads; return the codes of the answers."""
    codes: Counter[str | None] = Counter()
    begun = threading.Barrier(THREADS)

    def work(number: int) -> None:
        with database.connection():
            begun.wait()
            for turn in range(EACH):
                codes[create(api, content(number * EACH + turn)).code] += 1

    threads = [threading.Thread(target=work, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


def balance(api: Api) -> str | None:
    return api.call("client.get", "<client_id>1</client_id>").text("client/credit")


def test_payments_at_once_on_one_invoice_sum_up(loom: Api) -> None:
    codes = at_once(loom, lambda _: "<invoice_id>1</invoice_id><amount>1.5</amount>")
    assert codes == {None: THREADS * EACH}
    assert state(loom) == ("partial", "64")


def test_payments_at_once_do_not_overspend_a_credit(loom: Api) -> None:
    pay(loom, "<client_id>1</client_id><amount>10</amount>")
    codes = at_once(
        loom,
        lambda _: (
            "<client_id>1</client_id><invoice_id>1</invoice_id><amount>3</amount>"
        ),
    )
    assert codes == {None: 3, "50020": THREADS * EACH - 3}
    assert balance(loom) == "1"
    assert state(loom) == ("partial", "91")


def test_a_credit_is_not_used_and_deleted_at_once(loom: Api) -> None:
    for _ in range(EACH):
        credit = pay(loom, "<client_id>1</client_id><amount>10</amount>")
        begun = threading.Barrier(2)
        codes: list[str | None] = []

        def run(
            call: Callable[[], str | None],
            begun: threading.Barrier = begun,
            codes: list[str | None] = codes,
        ) -> None:
            with database.connection():
                begun.wait()
                codes.append(call())

        def use() -> str | None:
            return create(
                loom,
                "<client_id>1</client_id><invoice_id>1</invoice_id><amount>10</amount>",
            ).code

        def take_back(credit: int = credit) -> str | None:
            return delete(loom, credit).code

        threads = [
            threading.Thread(target=run, args=(each,)) for each in (use, take_back)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes, key=str) == ["50020", None]
        assert balance(loom) == "0"


@pytest.mark.parametrize(
    "call",
    [
        lambda api: create(
            api,
            "<client_id>1</client_id><invoice_id>1</invoice_id><amount>10</amount>",
        ),
        lambda api: update(api, 2, "<amount>100</amount>"),
        lambda api: delete(api, 2),
    ],
    ids=["create", "update", "delete"],
)
def test_a_payment_that_dies_at_any_statement_leaves_nothing_behind(
    loom: Api, ports: Ports, call: Callable[[Api], Answer]
) -> None:
    pay(loom, "<client_id>1</client_id><amount>10</amount>")
    pay(loom, "<invoice_id>1</invoice_id><amount>60</amount>")
    ports.requests.flush()
    before = snapshot.taken()
    with snapshot.dying_at(0, DeathError) as statements:
        call(loom)
    assert snapshot.taken()["payment"] != before["payment"]
    for number in range(1, len(statements) + 1):
        snapshot.put_back(before)
        # Not done: had the last one been, which is the commit, all of it would stay.
        with snapshot.dying_at(number, DeathError), pytest.raises(DeathError):
            call(loom)
        snapshot.connection_lost()
        after = snapshot.taken()
        assert after == before, statements[number - 1]
