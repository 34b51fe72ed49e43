"""The last run of each worker."""

from datetime import datetime

from app.domain.worker_run import Outcome, WorkerRun
from app.storage import rows, tables

_T = tables.WorkerRun
_OWN = ("started_at", "finished_at", "tick_s", "issued", "parked", "outcome")


def put(run: WorkerRun) -> None:
    """Store a worker's last run in place of the one before."""
    _T.insert(worker=run.worker, **rows.columns(run, _OWN)).on_conflict(
        conflict_target=[_T.worker], preserve=[getattr(_T, name) for name in _OWN]
    ).execute()


def delete_before(instant: datetime) -> None:
    """Forget the workers whose last run is longer ago."""
    _T.delete().where(_T.finished_at < instant).execute()


def all_() -> list[WorkerRun]:
    """Return the last run of each worker, the latest first."""
    query = _T.select().order_by(_T.finished_at.desc(), _T.worker)
    return [
        WorkerRun(**{**row, "outcome": Outcome(row["outcome"])})
        for row in rows.dicts(query)
    ]
