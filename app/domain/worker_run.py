"""What a worker tells of its last billing run, for those who watch it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# So much longer than its pause may a run take before its worker counts as late.
_GRACE = timedelta(seconds=60)


class Outcome(StrEnum):
    """How a run ended: all done, something parked, or broken off by the database."""

    DONE = "done"
    PARKED = "parked"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRun:
    """A worker's last run.

    Units: `tick_s`, its pause until the next one, in seconds.
    """

    worker: str
    started_at: datetime
    finished_at: datetime
    tick_s: int
    issued: int
    parked: int
    outcome: Outcome

    def late(self, now: datetime) -> bool:
        """Whether its next run should have ended by now."""
        return now - self.finished_at > timedelta(seconds=self.tick_s) + _GRACE
