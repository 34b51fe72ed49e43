"""What the key ring and the database know of each other."""

from dataclasses import dataclass
from datetime import date

from app.storage import data_key
from app.storage.database import IntegrityError, reading, writing
from app.vault.keys import KeyProblemError, KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """A key of the ring, of the database, or of both; never the key itself.

    `data_keys` is how many data keys of all accounts it wraps; `since` is None where
    nobody knows.
    """

    key_id: str
    active: bool
    in_ring: bool
    in_database: bool
    data_keys: int
    since: date | None


def listed(ring: KeyRing) -> list[KnownKey]:
    """Return the keys: the ring's in its order, then those that it lacks."""
    with reading():
        checks, counts = data_key.checks(), data_key.counts()
    return [
        KnownKey(
            key_id=key_id,
            active=key_id in ring.keys and key_id == ring.active,
            in_ring=key_id in ring.keys,
            in_database=key_id in checks,
            data_keys=counts.get(key_id, 0),
            since=ring.since.get(key_id),
        )
        for key_id in [*ring.keys, *sorted(checks.keys() - ring.keys.keys())]
    ]


def forget(ring: KeyRing, key_id: str) -> None:
    """Let the database forget a key that nothing needs any more.

    Raises: KeyProblemError for one that is needed, or the active one, or none.
    """
    found = {key.key_id: key for key in listed(ring)}.get(key_id)
    if found is None:
        raise KeyProblemError(f"there is no key '{key_id}': see 'perennial keys list'")
    if key_id == ring.active:
        raise KeyProblemError(
            f"key '{key_id}' is the active one: 'perennial keys add' makes another, "
            "'perennial keys rotate' puts it in its place"
        )
    if found.data_keys:
        raise _needed(key_id, f"wraps {found.data_keys} data keys")
    try:
        with writing():
            data_key.delete_check(key_id)
    except IntegrityError:
        raise _needed(key_id, "has just been used") from None


def _needed(key_id: str, why: str) -> KeyProblemError:
    return KeyProblemError(
        f"key '{key_id}' still {why}: run 'perennial keys rotate' until it has nothing "
        "to complain of, then retire it"
    )
