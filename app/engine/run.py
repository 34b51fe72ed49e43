"""One billing run: everything that is due, oldest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from app.services import issuing
from app.services.issuing import Batch, DueInvoice, Issued
from app.services.ports import Ports

Stop = Callable[[], bool]
Progress = Callable[[date, int], None]


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run did.

    `more` says that there is more to do: the run stopped at its limit, or others have
    the rest in hand.
    """

    issued: int = 0
    parked: list[str] = field(default_factory=list)
    more: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return not self.parked

    def add(self, issued: Issued) -> None:
        """Count what came of a batch."""
        self.issued += issued.invoices
        self.parked += [
            f"recurring {item.recurring_id} of account {item.account_id}"
            for item in issued.parked
        ]


def run(
    ports: Ports,
    *,
    on: date | None = None,
    test_clocks: bool = True,
    stop: Stop = lambda: False,
    limit: int | None = None,
    progress: Progress = lambda _day, _issued: None,
) -> Report:
    """Issue every invoice that is due, and report.

    `on` is the day to bill for; without it, each account's own today. Accounts on a
    test clock keep the day of their clock, and are left alone without `test_clocks`.
    Between any two batches the run may be stopped, killed or joined by another one. It
    ends by itself after `limit` invoices, give or take a batch; `progress` is told the
    day of each batch and how many invoices it gave.

    Raises: DatabaseError when the database itself fails; the next run goes on.
    """
    report = Report()
    fruitless: list[Batch] = []
    while due := issuing.due(ports, on=on, test_clocks=test_clocks):
        if due == fruitless:
            # Others have it all in hand and are not done with it.
            report.more = True
            return report
        before = report.issued + len(report.parked)
        for batch in _from_anywhere(due, ports):
            if stop():
                return report
            if limit is not None and report.issued >= limit:
                report.more = True
                return report
            issued = issuing.issue_due(ports, batch)
            report.add(issued)
            progress(batch[0].next_on, issued.invoices)
            if not issued and report.issued + len(report.parked) > before:
                # Another worker has been here: better to look again than to follow it.
                break
        fruitless = due if report.issued + len(report.parked) == before else []
    return report


def _from_anywhere(due: list[Batch], ports: Ports) -> list[Batch]:
    """Return the batches from a place of their list on that nobody else begins at.

    They are all of one day, so their order is free.
    """
    start = int(ports.secret(), 16) % len(due)
    return due[start:] + due[:start]


def dry_run(ports: Ports, *, on: date | None = None) -> Iterator[DueInvoice]:
    """Yield the invoices that a run would issue, without issuing any."""
    return issuing.would_issue(ports, on=on)
