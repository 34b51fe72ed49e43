"""Workers tell of their last run, and parked profiles are found by an index."""

from typing import Any

_STATEMENTS = (
    """CREATE TABLE "worker_run" (
        "worker" TEXT NOT NULL PRIMARY KEY,
        "started_at" TIMESTAMPTZ NOT NULL,
        "finished_at" TIMESTAMPTZ NOT NULL,
        "tick_s" INTEGER NOT NULL,
        "issued" BIGINT NOT NULL,
        "parked" BIGINT NOT NULL,
        "outcome" TEXT NOT NULL,
        CHECK (outcome IN ('done', 'parked', 'failed'))
    )""",
    """CREATE INDEX "recurring_parked" ON "recurring" ("account_id", "recurring_id")
        WHERE parked_reason <> ''""",
)


def up(_migrator: Any, db: Any) -> None:
    """Add the table and the index."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)
