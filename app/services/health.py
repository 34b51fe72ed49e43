"""For those who watch: whether this process can serve, and how far the work is."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.config import SettingsError
from app.domain import collecting as rules
from app.domain.charge import ChargeState
from app.domain.worker_run import WorkerRun
from app.services import account as accounts
from app.services.places import place_of
from app.services.ports import Ports
from app.storage import backlog, data_key, schema, worker_run
from app.storage.database import DatabaseError, connection, reading

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What holds; of a part that could not be looked at, that it does not.

    `last_run_at` is when any worker last ended a run; None: never, or nobody knows.
    `gateways_alone` counts the gateways that fail, so that their invoices wait.
    """

    database: bool = False
    schema: bool = False
    keys: bool = False
    last_run_at: datetime | None = None
    late: bool = True
    gateways_alone: int = 0

    @property
    def ready(self) -> bool:
        """Whether requests can be carried out; a worker is not needed for that."""
        return self.database and self.schema and self.keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How much waits and how much was done; nothing is known without a database.

    `due` counts profiles with a date to bill until today, `overdue` until yesterday;
    `charges` counts those under way by their state, `held` the invoices that wait
    for a gateway, `gateways_alone` those that fail; `runs` are the last ones of workers
    that are alive.
    """

    database: bool = False
    due: int = 0
    overdue: int = 0
    parked: int = 0
    invoices: int = 0
    charges: Mapping[ChargeState, int] = field(default_factory=dict)
    held: int = 0
    gateways_alone: int = 0
    runs: tuple[WorkerRun, ...] = ()


def look(ports: Ports) -> Health:
    """Look at the database, its schema, the keys and the workers' last runs."""
    try:
        with connection():
            if not _holds(schema.check):
                return Health(database=True)
            now, runs = ports.now(), worker_run.all_()
            return Health(
                database=True,
                schema=True,
                keys=_holds(lambda: _prove(ports)),
                last_run_at=runs[0].finished_at if runs else None,
                late=all(run.late(now) for run in runs),
                gateways_alone=backlog.gateways_alone(rules.FAILURES_MAX),
            )
    except DatabaseError as error:
        _log.error("the database failed: %s", place_of(error))
        return Health()


def figures(ports: Ports) -> Figures:
    """Return the figures of all accounts."""
    try:
        with connection(), reading():
            return _counted(ports.now())
    except DatabaseError as error:
        _log.error("the database failed: %s", place_of(error))
        return Figures()


def _counted(now: datetime) -> Figures:
    today = accounts.days(now)
    yesterday = {zone: day - timedelta(days=1) for zone, day in today.items()}
    return Figures(
        database=True,
        due=backlog.due(today),
        overdue=backlog.due(yesterday),
        parked=backlog.parked(),
        invoices=backlog.invoices(),
        charges=backlog.charges(),
        held=backlog.held(now),
        gateways_alone=backlog.gateways_alone(rules.FAILURES_MAX),
        runs=tuple(run for run in worker_run.all_() if not run.late(now)),
    )


def _holds(prove: Callable[[], None]) -> bool:
    try:
        prove()
    except SettingsError as error:
        _log.error("not ready: %s", error)
        return False
    return True


def _prove(ports: Ports) -> None:
    known = data_key.checks()
    if not known:
        raise SettingsError("the database knows no key")
    ports.vault.verify(known)
