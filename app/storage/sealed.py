"""Everything that is sealed by data keys, whatever it is: found, and sealed again."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from app.storage import rows, tables
from app.storage.prepared import Prepared, arg

Key = int | str


class Kind(Enum):
    """What is sealed, which says what belongs to its place."""

    CARD = "card"
    SETTINGS = "settings"
    REQUEST = "request"


# Told apart as they are: fields of peewee's do not compare, they make conditions.
@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A sealed column, and the column of the row's key in its account.

    Beside it stands `key_version`; both may be null. `noun` is that of a card's place.
    """

    kind: Kind
    key: Any
    sealed: Any
    noun: str = ""

    @property
    def table(self) -> str:
        """The name of its table."""
        return str(self.key.model._meta.table_name)  # noqa: SLF001


def _card(noun: str, key: Any) -> Column:
    return Column(Kind.CARD, key, key.model.sealed, noun)


COLUMNS = (
    _card("recurring", tables.Autobill.recurring_id),
    _card("card", tables.Card.card_id),
    _card("charge", tables.Charge.charge_id),
    Column(Kind.SETTINGS, tables.GatewaySettings.name, tables.GatewaySettings.sealed),
    Column(Kind.REQUEST, tables.IdempotencyKey.key_hash, tables.IdempotencyKey.request),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What is sealed in a row, and by which of the account's data keys."""

    key: Key
    key_version: int
    sealed: bytes


def older(
    column: Column, account_id: int, version: int, after: Key | None, limit: int
) -> list[Row]:
    """Return rows that another data key than this one sealed, by key after one."""
    model = column.key.model
    query = model.select(column.key, model.key_version, column.sealed).where(
        model.account_id == account_id, model.key_version != version
    )
    if after is not None:
        query = query.where(column.key > after)
    return [
        Row(key=key, key_version=key_version, sealed=bytes(sealed))
        for key, key_version, sealed in rows.tuples(
            query.order_by(column.key).limit(limit)
        )
    ]


def count(account_id: int, version: int) -> int:
    """Return how many rows another data key than this one sealed."""
    return sum(
        column.key.model.select()
        .where(
            column.key.model.account_id == account_id,
            column.key.model.key_version != version,
        )
        .count()
        for column in COLUMNS
    )


def versions(account_id: int) -> set[int]:
    """Return the versions of the data keys by which anything is sealed."""
    return set(_versions(account_id))


def put(
    column: Column, account_id: int, former: Row, version: int, sealed: bytes
) -> bool:
    """Put what was sealed again in its place, unless that was changed meanwhile."""
    cursor = _put(column).run(
        account_id=account_id,
        key=former.key,
        former_version=former.key_version,
        former=former.sealed,
        version=version,
        sealed=sealed,
    )
    return bool(cursor.rowcount == 1)


@cache
def _put(column: Column) -> Prepared:
    model = column.key.model
    return Prepared(
        model.update(
            {
                column.sealed: arg("sealed", column.sealed),
                model.key_version: arg("version"),
            }
        ).where(
            model.account_id == arg("account_id"),
            column.key == arg("key"),
            model.key_version == arg("former_version"),
            column.sealed == arg("former", column.sealed),
        )
    )


def _versions(account_id: int) -> Iterator[int]:
    for column in COLUMNS:
        model = column.key.model
        query = (
            model.select(model.key_version)
            .where(
                model.account_id == account_id,
                model.key_version.is_null(is_null=False),
            )
            .distinct()
        )
        yield from (version for (version,) in rows.tuples(query))
