"""What is to be mailed or posted."""

from typing import Any

import peewee

from app.storage.fields import InstantField


class Outgoing(peewee.Model):
    """Invoices to be mailed or posted."""

    account_id = peewee.IntegerField()
    outgoing_id = peewee.BigIntegerField()
    kind = peewee.TextField()
    invoice_id = peewee.BigIntegerField()
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
            peewee.SQL(
                "FOREIGN KEY (account_id, invoice_id) "
                "REFERENCES invoice (account_id, invoice_id)"
            ),
            peewee.SQL("CHECK (kind IN ('email', 'post'))"),
        )


Outgoing.add_index(
    Outgoing.index(
        Outgoing.account_id,
        Outgoing.outgoing_id,
        name="outgoing_waiting",
        where=peewee.SQL("handed_over_at IS NULL"),
    )
)


def up(_migrator: Any, db: Any) -> None:
    """Add the table."""
    with db.bind_ctx([Outgoing]):
        Outgoing.create_table(safe=False)
