"""What bills are made of: items, taxes, discounts, and categories of expenses."""

from typing import Any

import peewee

from app.storage.fields import ExactDecimalField, InstantField

_ACCOUNT = peewee.SQL("FOREIGN KEY (account_id) REFERENCES account (account_id)")


class Item(peewee.Model):
    """What is sold."""

    account_id = peewee.IntegerField()
    item_id = peewee.BigIntegerField()
    name = peewee.TextField()
    description = peewee.TextField()
    unit_cost = ExactDecimalField()
    quantity = ExactDecimalField()
    inventory = ExactDecimalField(null=True)
    folder = peewee.TextField()
    updated_at = InstantField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "item_id")
        constraints = (
            _ACCOUNT,
            peewee.SQL("CHECK (folder IN ('active', 'archived', 'deleted'))"),
        )


class Tax(peewee.Model):
    """Taxes with their rates."""

    account_id = peewee.IntegerField()
    tax_id = peewee.BigIntegerField()
    name = peewee.TextField()
    rate = ExactDecimalField()
    number = peewee.TextField()
    compound = peewee.BooleanField()
    updated_at = InstantField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "tax_id")
        constraints = (_ACCOUNT,)
        indexes = ((("account_id", "name"), True),)


class Discount(peewee.Model):
    """Discounts with names."""

    account_id = peewee.IntegerField()
    discount_id = peewee.BigIntegerField()
    name = peewee.TextField()
    percent = ExactDecimalField(null=True)
    amount = ExactDecimalField(null=True)
    updated_at = InstantField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "discount_id")
        constraints = (
            _ACCOUNT,
            peewee.SQL("CHECK ((percent IS NULL) <> (amount IS NULL))"),
        )
        indexes = ((("account_id", "name"), True),)


class Category(peewee.Model):
    """Categories of expenses."""

    account_id = peewee.IntegerField()
    category_id = peewee.BigIntegerField()
    name = peewee.TextField()
    parent_id = peewee.BigIntegerField(null=True)
    updated_at = InstantField()

    class Meta:
        """As in this edition."""

        legacy_table_names = False
        primary_key = peewee.CompositeKey("account_id", "category_id")
        constraints = (_ACCOUNT,)
        indexes = ((("account_id", "parent_id", "category_id"), False),)


def up(_migrator: Any, db: Any) -> None:
    """Add four tables."""
    models = (Item, Tax, Discount, Category)
    with db.bind_ctx(models):
        for model in models:
            model.create_table(safe=False)
