"""What an account's papers say of terms."""

from typing import Any

import peewee


class DefaultTerms(peewee.Model):
    """Terms by the type of paper."""

    account_id = peewee.IntegerField()
    type = peewee.TextField()
    message = peewee.TextField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "type")
        constraints = (
            peewee.SQL("FOREIGN KEY (account_id) REFERENCES account (account_id)"),
            peewee.SQL("CHECK (type IN ('invoice', 'estimate', 'credit'))"),
        )


def up(_migrator: Any, db: Any) -> None:
    """Add the table."""
    with db.bind_ctx([DefaultTerms]):
        DefaultTerms.create_table(safe=False)
