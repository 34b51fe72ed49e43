"""Staff with clients of their own, requests carried out once, failed logins."""

from typing import Any

import peewee

from app.storage.fields import InstantField


class StaffClient(peewee.Model):
    """Which clients a person works for."""

    account_id = peewee.IntegerField()
    staff_id = peewee.IntegerField()
    client_id = peewee.BigIntegerField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "staff_id", "client_id")
        constraints = (
            peewee.SQL(
                "FOREIGN KEY (account_id, staff_id) "
                "REFERENCES staff (account_id, staff_id)"
            ),
            peewee.SQL(
                "FOREIGN KEY (account_id, client_id) "
                "REFERENCES client (account_id, client_id)"
            ),
        )


class IdempotencyKey(peewee.Model):
    """Requests that were carried out once."""

    account_id = peewee.IntegerField()
    key_hash = peewee.TextField()
    key_version = peewee.IntegerField()
    request = peewee.BlobField()
    answer = peewee.TextField()
    created_at = InstantField(index=True)

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "key_hash")
        constraints = (
            peewee.SQL(
                "FOREIGN KEY (account_id, key_version) "
                "REFERENCES data_key (account_id, version)"
            ),
        )


class LoginFailure(peewee.Model):
    """How many logins failed in a minute."""

    minute = peewee.BigIntegerField()
    scope = peewee.TextField()
    count = peewee.BigIntegerField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("minute", "scope")


def up(_migrator: Any, db: Any) -> None:
    """Add three tables, and let a user name be that of one person."""
    db.execute_sql(
        'CREATE UNIQUE INDEX "staff_account_id_username" '
        'ON "staff" ("account_id", "username")'
    )
    with db.bind_ctx([StaffClient, IdempotencyKey, LoginFailure]):
        for table in (StaffClient, IdempotencyKey, LoginFailure):
            table.create_table(safe=False)
