"""What lines, profiles and invoices carry, payments, and the history of both."""

from typing import Any

import peewee

from app.storage.fields import DayField, InstantField

# Types that differ are named as peewee does.
_CHARGES = (
    ("default_tax", "TEXT NOT NULL DEFAULT '[]'"),
    ("taxes", "TEXT NOT NULL DEFAULT '[]'"),
    ("discounts", "TEXT NOT NULL DEFAULT '[]'"),
)
_LINE = (
    ("percent", "TEXT"),
    ("taxable", "{BOOL} NOT NULL DEFAULT true"),
    ("start_on", "DATE"),
    ("end_on", "DATE"),
    ("group", "TEXT NOT NULL DEFAULT ''"),
    ("tax1_compound", "{BOOL} NOT NULL DEFAULT false"),
    ("tax2_compound", "{BOOL} NOT NULL DEFAULT false"),
)
_COLUMNS = {
    "recurring": _CHARGES,
    "recurring_line": _LINE,
    "invoice": (
        *_CHARGES,
        ("billed_on", "DATE"),
        ("unpaid_status", "TEXT NOT NULL DEFAULT 'sent'"),
        ("attributes", "TEXT NOT NULL DEFAULT '[]'"),
    ),
    "invoice_line": _LINE,
}
_VALUES = (
    "UPDATE invoice SET unpaid_status = status",
    "UPDATE invoice SET billed_on = date WHERE recurring_id IS NOT NULL",
    "DROP INDEX invoice_account_id_recurring_id_date",
    """
    CREATE UNIQUE INDEX invoice_account_id_recurring_id_billed_on
    ON invoice (account_id, recurring_id, billed_on)
    """,
    (
        "CREATE INDEX invoice_overpaid ON invoice (account_id, client_id) "
        "WHERE paid_minor > amount_minor"
    ),
)


def _references(columns: str, table: str) -> peewee.SQL:
    return peewee.SQL(f"FOREIGN KEY ({columns}) REFERENCES {table} ({columns})")


class _EventTable(peewee.Model):
    number = peewee.IntegerField()
    client_id = peewee.BigIntegerField(null=True)
    at = InstantField()
    staff_id = peewee.IntegerField(null=True)
    what = peewee.TextField()
    changes = peewee.TextField()


class InvoiceEvent(_EventTable):
    """What happened to an invoice."""

    account_id = peewee.IntegerField()
    invoice_id = peewee.BigIntegerField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "invoice_id", "number")
        constraints = (_references("account_id, invoice_id", "invoice"),)


class Payment(peewee.Model):
    """Money from clients."""

    account_id = peewee.IntegerField()
    payment_id = peewee.BigIntegerField()
    client_id = peewee.BigIntegerField()
    invoice_id = peewee.BigIntegerField(null=True)
    from_credit = peewee.BooleanField()
    date = DayField()
    amount_minor = peewee.BigIntegerField()
    currency_code = peewee.TextField()
    type = peewee.TextField()
    notes = peewee.TextField()
    folder = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "payment_id")
        constraints = (
            _references("account_id, client_id", "client"),
            _references("account_id, invoice_id", "invoice"),
            peewee.SQL("CHECK (folder IN ('active', 'archived', 'deleted'))"),
            peewee.SQL("CHECK (length(currency_code) = 3)"),
            peewee.SQL("CHECK (invoice_id IS NOT NULL OR NOT from_credit)"),
        )
        indexes = (
            (("account_id", "invoice_id", "payment_id"), False),
            (("account_id", "client_id", "payment_id", "folder"), False),
            (("account_id", "updated_at", "payment_id", "folder"), False),
        )


Payment.add_index(
    Payment.index(
        Payment.account_id,
        Payment.client_id,
        name="payment_credit",
        where=peewee.SQL("invoice_id IS NULL OR from_credit"),
    )
)


class PaymentEvent(_EventTable):
    """What happened to a payment."""

    account_id = peewee.IntegerField()
    payment_id = peewee.BigIntegerField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "payment_id", "number")
        constraints = (_references("account_id, payment_id", "payment"),)


def up(_migrator: Any, db: Any) -> None:
    """Add columns and tables; the guard against billing twice moves to `billed_on`."""
    types = db.get_context_options()["field_types"]
    for table, columns in _COLUMNS.items():
        for column, kind in columns:
            definition = kind.format(**types)
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {definition}')
    for statement in _VALUES:
        db.execute_sql(statement)
    models = (InvoiceEvent, Payment, PaymentEvent)
    with db.bind_ctx(models):
        for model in models:
            model.create_table(safe=False)
