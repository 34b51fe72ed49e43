"""Attachments of profiles and invoices."""

from typing import Any

import peewee

from app.storage.fields import InstantField


def _references(columns: str, table: str) -> peewee.SQL:
    return peewee.SQL(f"FOREIGN KEY ({columns}) REFERENCES {table} ({columns})")


class Attachment(peewee.Model):
    """What is known of the files of profiles and invoices."""

    account_id = peewee.IntegerField()
    attachment_id = peewee.BigIntegerField()
    recurring_id = peewee.BigIntegerField(null=True)
    invoice_id = peewee.BigIntegerField(null=True)
    file_name = peewee.TextField()
    description = peewee.TextField()
    type = peewee.TextField()
    size = peewee.BigIntegerField()
    digest = peewee.TextField()
    folder = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "attachment_id")
        constraints = (
            _references("account_id, recurring_id", "recurring"),
            _references("account_id, invoice_id", "invoice"),
            peewee.SQL("CHECK (folder IN ('active', 'archived', 'deleted'))"),
            peewee.SQL("CHECK ((recurring_id IS NULL) <> (invoice_id IS NULL))"),
        )
        indexes = (
            (("account_id", "recurring_id", "attachment_id"), False),
            (("account_id", "invoice_id", "attachment_id"), False),
        )


class AttachmentContent(peewee.Model):
    """The files, in pieces."""

    account_id = peewee.IntegerField()
    attachment_id = peewee.BigIntegerField()
    position = peewee.IntegerField()
    data = peewee.BlobField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "attachment_id", "position")
        constraints = (_references("account_id, attachment_id", "attachment"),)


def up(_migrator: Any, db: Any) -> None:
    """Add the tables."""
    models = (Attachment, AttachmentContent)
    with db.bind_ctx(models):
        for model in models:
            model.create_table(safe=False)
