"""Wrapped data keys, and the checks by which a wrong key is known at start."""

from collections.abc import Collection

from peewee import fn

from app.domain.data_key import WrappedKey
from app.storage import rows, tables
from app.storage.prepared import Prepared, arg

_T = tables.DataKey
_KEYS = Prepared(_T.select().where(_T.account_id == arg("account_id")))


def insert_check(key_id: str, sealed: bytes) -> None:
    """Store the check of a key-encryption key that is used for the first time."""
    query = tables.KeyCheck.insert(key_id=key_id, sealed=sealed)
    # Processes that start together may all be the first.
    query.on_conflict_ignore().execute()


def checks() -> dict[str, bytes]:
    """Return the checks by key id."""
    query = tables.KeyCheck.select(tables.KeyCheck.key_id, tables.KeyCheck.sealed)
    return {key_id: bytes(sealed) for key_id, sealed in rows.tuples(query)}


def delete_check(key_id: str) -> None:
    """Forget a key-encryption key.

    Raises: IntegrityError while a data key is wrapped by it.
    """
    tables.KeyCheck.delete().where(tables.KeyCheck.key_id == key_id).execute()


def counts() -> dict[str, int]:
    """Return how many data keys of all accounts each key-encryption key wraps."""
    query = _T.select(_T.key_id, fn.COUNT(_T.version)).group_by(_T.key_id)
    return dict(rows.tuples(query))


def insert(account_id: int, key: WrappedKey) -> None:
    """Store a wrapped data key."""
    tables.DataKey.insert(
        account_id=account_id,
        version=key.version,
        key_id=key.key_id,
        wrapped=key.wrapped,
    ).execute()


def all_of(account_id: int) -> dict[int, WrappedKey]:
    """Return the account's wrapped data keys by version."""
    return {
        row["version"]: WrappedKey(
            version=row["version"],
            key_id=row["key_id"],
            wrapped=bytes(row["wrapped"]),
        )
        for row in _KEYS.rows(account_id=account_id)
    }


def delete(account_id: int, versions: Collection[int]) -> None:
    """Delete data keys of an account.

    Raises: IntegrityError while anything is sealed by one of them.
    """
    _T.delete().where(
        _T.account_id == account_id, _T.version.in_(list(versions))
    ).execute()
