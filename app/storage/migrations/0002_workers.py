"""Workers tell of their last run, and parked profiles are found by an index."""

from typing import Any

import peewee

from app.storage.fields import InstantField


def up(_migrator: Any, db: Any) -> None:
    """Add the table and the index."""

    class WorkerRun(peewee.Model):
        """As it was in this edition."""

        worker = peewee.TextField(primary_key=True)
        started_at = InstantField()
        finished_at = InstantField()
        tick_s = peewee.IntegerField()
        issued = peewee.BigIntegerField()
        parked = peewee.BigIntegerField()
        outcome = peewee.TextField()

        class Meta:
            """Bound to the database that is moved forward."""

            database = db
            table_name = "worker_run"
            constraints = (
                peewee.SQL("CHECK (outcome IN ('done', 'parked', 'failed'))"),
            )

    WorkerRun.create_table()
    db.execute_sql(
        'CREATE INDEX "recurring_parked" ON "recurring" ("account_id", "recurring_id") '
        "WHERE parked_reason <> ''"
    )
