"""Any schedule: its state, what else profiles carry, models, defaults and history."""

from typing import Any

import peewee

from app.storage.fields import InstantField

# Types that differ are named as peewee does. Where an old row's value is not the
# default, it is set below.
_COLUMNS = (
    ("account", "auto_generate", "{BOOL} NOT NULL DEFAULT true"),
    ("account", "generates_from", "DATE"),
    ("recurring", "anchor_on", "DATE NOT NULL DEFAULT '1970-01-01'"),
    ("recurring", "end_on", "DATE"),
    ("recurring", "passed_on", "DATE"),
    ("recurring", "skipped_on", "DATE"),
    ("recurring", "billed_now_on", "DATE"),
    ("recurring", "moved_to", "DATE"),
    ("recurring", "use_new_day", "{BOOL} NOT NULL DEFAULT false"),
    ("recurring", "moved_on", "DATE"),
    ("recurring", "due_days", "INTEGER NOT NULL DEFAULT 0"),
    ("recurring", "invoice_status", "TEXT NOT NULL DEFAULT 'sent'"),
    ("recurring", "title", "TEXT NOT NULL DEFAULT ''"),
    ("recurring", "autopay", "{BOOL} NOT NULL DEFAULT true"),
    ("recurring", "send_receipt", "TEXT NOT NULL DEFAULT 'always'"),
    ("recurring", "attributes", "TEXT NOT NULL DEFAULT '[]'"),
    ("recurring", "billing_model_id", "{BIGINT} NOT NULL DEFAULT 0"),
    ("invoice", "due_on", "DATE NOT NULL DEFAULT '1970-01-01'"),
    ("invoice", "title", "TEXT NOT NULL DEFAULT ''"),
)
_VALUES = (
    "UPDATE recurring SET anchor_on = start_on",
    "UPDATE invoice SET due_on = date",
    """
    INSERT INTO billing_model
      (account_id, billing_model_id, name, rule, locked, updated_at)
    SELECT account_id, 1, 'One Time Purchase', '{"kind": "once"}', true, created_at
    FROM account
    """,
    """
    INSERT INTO counter (account_id, noun, last_id)
    SELECT account_id, 'billing_model', 1 FROM account
    """,
)


def _references(columns: str, table: str) -> peewee.SQL:
    return peewee.SQL(f"FOREIGN KEY ({columns}) REFERENCES {table} ({columns})")


class BillingModel(peewee.Model):
    """Schedules with names, for profiles to take."""

    account_id = peewee.IntegerField()
    billing_model_id = peewee.BigIntegerField()
    name = peewee.TextField()
    rule = peewee.TextField()
    locked = peewee.BooleanField()
    updated_at = InstantField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "billing_model_id")
        constraints = (_references("account_id", "account"),)
        indexes = ((("account_id", "name"), True),)


class RecurringDefaults(peewee.Model):
    """What new profiles of an account are like that do not say."""

    account_id = peewee.IntegerField(primary_key=True)
    rule = peewee.TextField()
    weekday = peewee.TextField()
    occurrences = peewee.IntegerField()
    billing_model_id = peewee.BigIntegerField(null=True)

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        constraints = (
            _references("account_id", "account"),
            _references("account_id, billing_model_id", "billing_model"),
        )


class RecurringEvent(peewee.Model):
    """What happened to a profile."""

    account_id = peewee.IntegerField()
    recurring_id = peewee.BigIntegerField()
    number = peewee.IntegerField()
    client_id = peewee.BigIntegerField(null=True)
    at = InstantField()
    staff_id = peewee.IntegerField(null=True)
    what = peewee.TextField()
    changes = peewee.TextField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "recurring_id", "number")
        constraints = (_references("account_id, recurring_id", "recurring"),)


def up(_migrator: Any, db: Any) -> None:
    """Add columns and tables, and the model that every account has."""
    types = db.get_context_options()["field_types"]
    for table, column, kind in _COLUMNS:
        definition = kind.format(**types)
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {definition}')
    models = (BillingModel, RecurringDefaults, RecurringEvent)
    with db.bind_ctx(models):
        for model in models:
            model.create_table(safe=False)
    for statement in _VALUES:
        db.execute_sql(statement)
