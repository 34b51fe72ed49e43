"""Workers: what each of them did last."""

from datetime import timedelta

from app.domain.worker_run import WorkerRun
from app.storage import worker_run as storage
from app.storage.database import writing

# A worker that has not run for so long will not come back under its name.
_KEPT = timedelta(days=1)


def record(run: WorkerRun) -> None:
    """Keep a worker's last run; workers long gone are forgotten on the way."""
    with writing():
        storage.put(run)
        storage.delete_before(run.finished_at - _KEPT)
