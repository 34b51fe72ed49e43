"""One billing run: everything that is due, oldest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from app.services import issuing
from app.services.issuing import DueInvoice
from app.services.ports import Ports

Stop = Callable[[], bool]


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run did."""

    issued: int = 0
    parked: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return not self.parked


def run(
    ports: Ports,
    *,
    on: date | None = None,
    test_clocks: bool = True,
    stop: Stop = lambda: False,
) -> Report:
    """Issue every invoice that is due, and report.

    `on` is the day to bill for; without it, each account's own today. Accounts on a
    test clock keep the day of their clock, and are left alone without `test_clocks`.
    Between any two invoices the run may be stopped, killed or joined by another one.

    Raises: DatabaseError when the database itself fails; the next run goes on.
    """
    report = Report()
    while due := issuing.due(ports, on=on, test_clocks=test_clocks):
        progress = False
        for item in due:
            if stop():
                return report
            issued = issuing.issue_due(ports, item)
            if issued.invoice is not None:
                report.issued += 1
            if issued.parked:
                report.parked.append(
                    f"recurring {item.recurring_id} of account {item.account_id}"
                )
            progress = progress or issued.parked or issued.invoice is not None
        if not progress:
            # Another worker took them all; what is left, if anything, is next time's.
            return report
    return report


def dry_run(ports: Ports, *, on: date | None = None) -> Iterator[DueInvoice]:
    """Yield the invoices that a run would issue, without issuing any."""
    return issuing.would_issue(ports, on=on)
