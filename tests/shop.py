"""An account whose cards are charged by a gateway that lies."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.charge import Charge, ChargeState
from app.engine.collect import collect
from app.engine.run import run
from app.services import doctor
from app.services.ports import Ports
from app.storage import charge as charges
from app.storage import database
from tests import bank
from tests.bank import Ledger
from tests.conftest import Api, Clock

LINES = (
    "<lines><line><name>Hosting</name><unit_cost>40</unit_cost><quantity>1</quantity>"
    "</line></lines>"
)
CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>{number}</number><name>Ada Byron</name><expiration><month>7</month>"
    "<year>2039</year></expiration></card></autobill>"
)
GOOD = "4242424242424242"
# When what nobody knows is looked after, and a little more.
CHECKS = (
    timedelta(minutes=5),
    timedelta(hours=1),
    *(timedelta(days=1),) * 7,
)


@dataclass(kw_only=True)
class Shop:
    """An account behind the lying gateway."""

    api: Api
    clock: Clock
    ports: Ports
    ledger: Ledger

    @property
    def account_id(self) -> int:
        return self.api.account.account_id

    def able(self, *, looks_up: bool, repeats: bool) -> None:
        self.ports = replace(
            self.ports,
            gateways=bank.registry(self.ledger, looks_up=looks_up, repeats=repeats),
        )

    def paused(self, now: Callable[[], datetime]) -> Ports:
        """Return the ports of a process that stands still, by its clock."""
        return replace(self.ports, now=now)

    def issue(
        self, count: int = 1, number: str = GOOD, more: str = "", occurrences: int = 1
    ) -> None:
        """Issue the first invoice of so many profiles, due at once."""
        for _ in range(count):
            self.api.create_profile(
                f"<occurrences>{occurrences}</occurrences>{more}"
                f"{CARD.format(number=number)}{LINES}"
            )
        assert run(self.ports).ok

    def collect(self) -> None:
        collect(self.ports, in_flight=1)

    def wait(self) -> None:
        """Collect at the times at which others look after it, until all is known."""
        self.collect()
        for step in CHECKS:
            if charges.next_check(self.account_id) is None and not self.due:
                return
            self.clock.now += step
            self.collect()

    @property
    def due(self) -> int:
        """How many invoices wait for their cards to be charged."""
        found = database.execute(
            "SELECT COUNT(*) FROM invoice WHERE collect_on IS NOT NULL"
        ).fetchone()
        return int(found[0])

    def charges(self, invoice_id: int = 1) -> list[Charge]:
        return charges.of_invoice(self.account_id, invoice_id)

    def states(self) -> list[ChargeState]:
        return [each.state for each in self.charges()]

    def statuses(self) -> list[str]:
        return self.api.call("invoice.list").all("status")[::-1]

    def check_books(self) -> None:
        """Check that the doctor finds nothing, and that nobody asked wrongly."""
        assert self.ledger.faults == []
        found = [*doctor.orphans(), *doctor.books(self.ports, self.account_id)]
        assert list(map(str, found)) == []

    def check_paid(self, count: int = 1) -> None:
        """Check that each invoice's money was taken once, and is a payment here."""
        numbers = [f"{number:07d}" for number in range(1, count + 1)]
        assert self.ledger.taken == {number: [4000] for number in numbers}
        assert self.statuses() == ["auto-paid"] * count
        assert self.api.call("payment.list").all("amount") == ["40"] * count
        self.check_books()
