"""Measure collecting with a gateway that answers in 200 ms.

`python -m tests.bench.collecting --charges 400 --in-flight 1,8,32 [--url postgresql://]`

Each line is one worker's passes over so many due invoices of 20 accounts. "of the
gateway" is the ratio to what a gateway of that speed can do with so many at a time;
CPU is that of the process, for a charge.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from app.domain.account import SANDBOX
from app.domain.card import Card
from app.domain.gateway import (
    Approved,
    CardCheck,
    Declined,
    Missing,
    Order,
    Outcome,
    Reason,
    Refund,
    Tokenised,
    Unknown,
)
from app.engine.collect import collect
from app.gateways.registry import Registry
from app.storage import database
from tests.bench.__main__ import CARD, Bench

ANSWERS_IN_S = 0.2
ACCOUNTS = 20


class Slow:
    """A gateway that approves everything, in its own time."""

    SETTINGS: ClassVar[tuple[str, ...]] = ()
    TOKEN: ClassVar[re.Pattern[str] | None] = None
    LOOKS_UP: ClassVar[bool] = True
    REPEATS: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Take no settings."""

    def check(self) -> Unknown | None:
        return None

    def charge(self, order: Order) -> Outcome:
        time.sleep(ANSWERS_IN_S)
        return Approved(reference=order.key)

    def look_up(self, order: Order) -> Outcome | Missing:
        return Approved(reference=order.key)

    def refund(self, refund: Refund) -> Outcome:
        return Approved(reference=refund.key)

    def tokenise(
        self, card: Card, check: CardCheck, key: str
    ) -> Tokenised | Declined | Unknown:
        del card, check, key
        return Declined(reason=Reason.NUMBER)


def measured(charges: int, in_flight: int, url: str | None) -> None:
    """Charge so many cards, so many at a time, and print a line."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder, url)
        bench.ports = replace(bench.ports, gateways=Registry({SANDBOX: Slow}))
        for number in range(ACCOUNTS):
            bench.account(f"Account {number}")
            for _ in range(charges // ACCOUNTS):
                bench.create(CARD)
        cpu, started = time.process_time(), time.perf_counter()
        captured, more = 0, True
        while more:
            done = collect(bench.ports, in_flight=in_flight)
            captured, more = captured + done.captured, done.more
        took, used = time.perf_counter() - started, time.process_time() - cpu
        ((paid,),) = database.execute(
            "SELECT COUNT(*) FROM invoice WHERE status = 'auto-paid'"
        ).fetchall()
        assert paid == captured == charges, (paid, captured)
        possible = in_flight / ANSWERS_IN_S
        print(
            f"{in_flight:>9}{charges / took:>12.1f}{charges / took / possible:>16.0%}"
            f"{1000 * used / charges:>14.2f}"
        )
        bench.close()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--charges", type=int, default=400)
    parser.add_argument("--in-flight", default="1,8,32")
    parser.add_argument("--url")
    options = parser.parse_args()
    print("in flight   charges/s  of the gateway   CPU ms each")
    for in_flight in map(int, options.in_flight.split(",")):
        measured(min(options.charges, 100 * in_flight), in_flight, options.url)


if __name__ == "__main__":
    main()
