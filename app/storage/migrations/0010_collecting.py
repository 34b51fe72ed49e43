"""Gateways, the cards of clients, and attempts to charge them."""

from typing import Any

import peewee

from app.storage.fields import DayField, InstantField

# Types that differ are named as peewee does.
_COLUMNS = {
    "account": (
        ("retry_days", "TEXT NOT NULL DEFAULT '1'"),
        ("tokenise", "{BOOL} NOT NULL DEFAULT false"),
        ("cards_checked_on", "DATE"),
    ),
    "gateway": (
        ("kind", "TEXT NOT NULL DEFAULT 'sandbox'"),
        ("enabled", "{BOOL} NOT NULL DEFAULT true"),
        ("failures", "INTEGER NOT NULL DEFAULT 0"),
        ("open_until", "TIMESTAMPTZ"),
    ),
    "invoice": (
        ("auto_paid", "{BOOL} NOT NULL DEFAULT false"),
        ("collect_on", "DATE"),
        ("held_until", "TIMESTAMPTZ"),
    ),
    "recurring": (("key", "TEXT NOT NULL DEFAULT ''"),),
    "payment": (
        ("gateway_name", "TEXT NOT NULL DEFAULT ''"),
        ("reference", "TEXT NOT NULL DEFAULT ''"),
        ("automatic", "{BOOL} NOT NULL DEFAULT false"),
    ),
}
_TO_COLLECT = "collect_on IS NOT NULL AND unpaid_status <> 'draft'"
_INDEXES = (
    ("invoice_to_collect", "collect_on", "IS NULL"),
    ("invoice_held", "held_until", "IS NOT NULL"),
)
# Tables of which a column may be empty from now on, with what their rows become.
_MADE_ANEW = {
    "autobill": (
        "INSERT INTO autobill (account_id, recurring_id, gateway_name, key_version, "
        "sealed, checked_on) SELECT account_id, recurring_id, gateway_name, "
        "key_version, sealed, '1970-01-01' FROM former_autobill"
    ),
    "outgoing": (
        "INSERT INTO outgoing (account_id, outgoing_id, kind, template, invoice_id, "
        "subject, message, created_at, handed_over_at, retry_at) SELECT account_id, "
        "outgoing_id, kind, 'invoice', invoice_id, subject, message, created_at, "
        "handed_over_at, retry_at FROM former_outgoing"
    ),
}


def _references(columns: str, table: str, theirs: str | None = None) -> peewee.SQL:
    return peewee.SQL(
        f"FOREIGN KEY ({columns}) REFERENCES {table} ({theirs or columns})"
    )


def _one_of(column: str, *values: str) -> peewee.SQL:
    listed = ", ".join(f"'{value}'" for value in values)
    return peewee.SQL(f"CHECK ({column} IN ({listed}))")


def _folder() -> peewee.SQL:
    return _one_of("folder", "active", "archived", "deleted")


class GatewaySettings(peewee.Model):
    """As in this edition."""

    account_id = peewee.IntegerField()
    name = peewee.TextField()
    key_version = peewee.IntegerField()
    sealed = peewee.BlobField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "name")
        constraints = (
            _references("account_id, name", "gateway"),
            _references("account_id, key_version", "data_key", "account_id, version"),
        )


class Card(peewee.Model):
    """As in this edition."""

    account_id = peewee.IntegerField()
    card_id = peewee.BigIntegerField()
    client_id = peewee.BigIntegerField()
    gateway_name = peewee.TextField()
    last_four = peewee.TextField()
    brand = peewee.TextField()
    key_version = peewee.IntegerField(null=True)
    sealed = peewee.BlobField(null=True)
    folder = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "card_id")
        constraints = (
            _references("account_id, client_id", "client"),
            _references("account_id, key_version", "data_key", "account_id, version"),
            _folder(),
            peewee.SQL("CHECK ((folder = 'deleted') = (sealed IS NULL))"),
            peewee.SQL("CHECK ((key_version IS NULL) = (sealed IS NULL))"),
        )
        indexes = ((("account_id", "client_id", "card_id", "folder"), False),)


class Autobill(peewee.Model):
    """As in this edition."""

    account_id = peewee.IntegerField()
    recurring_id = peewee.BigIntegerField()
    gateway_name = peewee.TextField()
    card_id = peewee.BigIntegerField(null=True)
    key_version = peewee.IntegerField(null=True)
    sealed = peewee.BlobField(null=True)
    checked_on = DayField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "recurring_id")
        constraints = (
            _references("account_id, recurring_id", "recurring"),
            _references("account_id, card_id", "card"),
            _references("account_id, key_version", "data_key", "account_id, version"),
            peewee.SQL("CHECK ((card_id IS NULL) = (sealed IS NOT NULL))"),
            peewee.SQL("CHECK ((key_version IS NULL) = (sealed IS NULL))"),
        )
        indexes = (
            (("account_id", "card_id"), False),
            (("account_id", "checked_on", "recurring_id"), False),
        )


class Outgoing(peewee.Model):
    """As in this edition."""

    account_id = peewee.IntegerField()
    outgoing_id = peewee.BigIntegerField()
    kind = peewee.TextField()
    template = peewee.TextField()
    invoice_id = peewee.BigIntegerField(null=True)
    recurring_id = peewee.BigIntegerField(null=True)
    subject = peewee.TextField()
    message = peewee.TextField()
    created_at = InstantField()
    handed_over_at = InstantField(null=True)
    retry_at = InstantField(null=True)

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "outgoing_id")
        constraints = (
            _references("account_id, invoice_id", "invoice"),
            _references("account_id, recurring_id", "recurring"),
            _one_of("kind", "email", "post"),
            _one_of("template", "invoice", "receipt", "failure", "expiry"),
            peewee.SQL("CHECK ((invoice_id IS NULL) <> (recurring_id IS NULL))"),
        )


Outgoing.add_index(
    Outgoing.index(
        Outgoing.account_id,
        Outgoing.outgoing_id,
        name="outgoing_waiting",
        where=peewee.SQL("handed_over_at IS NULL"),
    )
)


class Charge(peewee.Model):
    """As in this edition."""

    account_id = peewee.IntegerField()
    charge_id = peewee.BigIntegerField()
    invoice_id = peewee.BigIntegerField()
    recurring_id = peewee.BigIntegerField(null=True)
    invoice_number = peewee.TextField()
    attempt_no = peewee.IntegerField()
    key = peewee.TextField()
    automatic = peewee.BooleanField()
    staff_id = peewee.IntegerField(null=True)
    card_id = peewee.BigIntegerField(null=True)
    gateway_name = peewee.TextField()
    amount_minor = peewee.BigIntegerField()
    currency_code = peewee.TextField()
    last_four = peewee.TextField()
    brand = peewee.TextField()
    state = peewee.TextField()
    reason = peewee.TextField()
    message = peewee.TextField()
    reference = peewee.TextField()
    made_on = DayField()
    created_at = InstantField()
    sent_at = InstantField(null=True)
    check_at = InstantField(null=True)
    checks = peewee.IntegerField()
    key_version = peewee.IntegerField(null=True)
    sealed = peewee.BlobField(null=True)

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "charge_id")
        constraints = (
            _references("account_id, invoice_id", "invoice"),
            _references("account_id, recurring_id", "recurring"),
            _references("account_id, key_version", "data_key", "account_id, version"),
            _one_of(
                "state",
                "prepared",
                "sent",
                "captured",
                "declined",
                "unknown",
                "parked",
            ),
            peewee.SQL("CHECK (length(currency_code) = 3)"),
            peewee.SQL("CHECK ((key_version IS NULL) = (sealed IS NULL))"),
        )
        indexes = (
            (("account_id", "invoice_id", "attempt_no"), True),
            (("account_id", "key"), True),
            (("account_id", "recurring_id", "charge_id"), False),
        )


Charge.add_index(
    Charge.index(
        Charge.account_id,
        Charge.invoice_id,
        unique=True,
        name="charge_under_way",
        where=peewee.SQL("state IN ('prepared', 'sent', 'unknown', 'parked')"),
    )
)

Charge.add_index(
    Charge.index(
        Charge.check_at,
        Charge.account_id,
        Charge.charge_id,
        name="charge_to_check",
        where=peewee.SQL("check_at IS NOT NULL"),
    )
)

Charge.add_index(
    Charge.index(
        Charge.account_id,
        Charge.charge_id,
        name="charge_parked",
        where=peewee.SQL("state = 'parked'"),
    )
)


def up(_migrator: Any, db: Any) -> None:
    """Add columns and tables; a profile's card may be one of its client's."""
    types = db.get_context_options()["field_types"]
    for table, columns in _COLUMNS.items():
        for column, kind in columns:
            definition = kind.format(**types)
            db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {definition}')
    for name, column, held in _INDEXES:
        db.execute_sql(
            f"CREATE INDEX {name} ON invoice ({column}, account_id, invoice_id) "
            f"WHERE {_TO_COLLECT} AND held_until {held}"
        )
    for table in _MADE_ANEW:
        kept = f"CREATE TABLE former_{table} AS SELECT * FROM {table}"  # noqa: S608
        db.execute_sql(kept)
        db.execute_sql(f"DROP TABLE {table}")
    models = (GatewaySettings, Card, Autobill, Outgoing, Charge)
    with db.bind_ctx(models):
        for model in models:
            model.create_table(safe=False)
    for table, insert in _MADE_ANEW.items():
        db.execute_sql(insert)
        db.execute_sql(f"DROP TABLE former_{table}")
