"""Data keys: each account's own key, as it is stored."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A data key of an account, wrapped by the key-encryption key `key_id`."""

    version: int
    key_id: str
    wrapped: bytes
