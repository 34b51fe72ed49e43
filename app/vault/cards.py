"""Sealing cards: AES-256-GCM under a data key of the account, a fresh nonce each.

The data key is wrapped by a key of the ring. What a ciphertext belongs to (account,
record, field, key version) is its associated data, so that one moved to another row,
another account or another version does not open.
"""

import hashlib
import hmac
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.domain.card import (
    Brand,
    Card,
    CardNumber,
    CardToken,
    Expiration,
    MaskedCard,
)
from app.domain.data_key import WrappedKey
from app.vault.keys import KEY_BYTES, KeyProblemError, KeyRing

_NONCE_BYTES = 12
_CHECK_TEXT = b"perennial"
_DATA_KEYS_CACHED = 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The row that a sealed card belongs to."""

    account_id: int
    noun: str
    record_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The row that the digest of a request belongs to."""

    account_id: int
    key_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayPlace:
    """The row that the settings of a gateway belong to."""

    account_id: int
    name: str


# What something sealed belongs to.
Belonging = Place | Request | GatewayPlace


class Vault:
    """Seals and opens cards with the keys of one ring."""

    def __init__(
        self,
        ring: KeyRing,
        random: Callable[[int], bytes] = os.urandom,
        reread: Callable[[], KeyRing] | None = None,
    ) -> None:
        """Hold the ring; unwrapped data keys are remembered in memory.

        `reread` reads the ring again where a key is missing: one may have been added
        since this process began.
        """
        self._ring = ring
        self._random = random
        self._reread = reread
        self._unwrap = lru_cache(maxsize=_DATA_KEYS_CACHED)(self._unwrapped)

    def __repr__(self) -> str:
        """Show no key."""
        return "Vault()"

    @property
    def active(self) -> str:
        """The id of the key that wraps new data keys.

        Raises: KeyProblemError when the ring is empty.
        """
        return self._ring.active

    def check(self) -> tuple[str, bytes]:
        """Return the active key's id and a check to be stored beside it."""
        key_id = self._ring.active
        return key_id, self._encrypt(
            AESGCM(self._ring.keys[key_id]), _CHECK_TEXT, _aad("check", key_id)
        )

    def verify(self, checks: Mapping[str, bytes]) -> None:
        """Prove that the ring holds every key that the database was made with.

        Raises: KeyProblemError, naming the key's id and the remedy.
        """
        for key_id, sealed in checks.items():
            key = self._ring_key(key_id)
            try:
                _decrypt(key, sealed, _aad("check", key_id))
            except (InvalidTag, ValueError):
                raise KeyProblemError(
                    f"key '{key_id}' in {self._ring.source} is not the one this "
                    "database was made with: restore the key ring that belongs to it"
                ) from None

    def new_data_key(self, account_id: int, version: int) -> WrappedKey:
        """Return a new random data key for an account, wrapped by the active key."""
        key_id = self._ring.active
        wrapped = self._encrypt(
            AESGCM(self._ring.keys[key_id]),
            self._random(KEY_BYTES),
            _aad("data key", account_id, version, key_id),
        )
        return WrappedKey(version=version, key_id=key_id, wrapped=wrapped)

    def prove(self, account_id: int, key: WrappedKey) -> None:
        """Prove that a data key can be unwrapped.

        Raises: KeyProblemError.
        """
        self._unwrap(account_id, key)

    def seal(self, card: Card, place: Place, key: WrappedKey) -> bytes:
        """Return the card as it may be stored: nonce and ciphertext."""
        clear = json.dumps(
            {
                **_written(card.number),
                "name": card.name,
                "month": card.expiration.month,
                "year": card.expiration.year,
            }
        ).encode()
        return self._encrypt(
            self._unwrap(place.account_id, key), clear, _card_aad(place, key)
        )

    def open(self, sealed: bytes, place: Place, key: WrappedKey) -> Card:
        """Return the card that was sealed for this place.

        Raises: KeyProblemError for anything that was not.
        """
        try:
            clear = _decrypt(
                self._unwrap(place.account_id, key), sealed, _card_aad(place, key)
            )
        except (InvalidTag, ValueError):
            raise KeyProblemError(
                f"a card cannot be decrypted (key '{key.key_id}'): its row was altered "
                "or moved; restore it from a backup, or have the card entered again"
            ) from None
        fields = json.loads(clear)
        return Card(
            number=_read(fields),
            name=fields["name"],
            expiration=Expiration(month=fields["month"], year=fields["year"]),
        )

    def show(self, sealed: bytes, place: Place, key: WrappedKey) -> MaskedCard:
        """Return the card as answers may show it."""
        return self.open(sealed, place, key).masked

    def seal_settings(
        self, settings: Mapping[str, str], gateway: GatewayPlace, key: WrappedKey
    ) -> bytes:
        """Return the settings of a gateway, its credentials, as they may be stored."""
        clear = json.dumps(dict(settings)).encode()
        cipher = self._unwrap(gateway.account_id, key)
        return self._encrypt(cipher, clear, _gateway_aad(gateway, key))

    def open_settings(
        self, sealed: bytes, gateway: GatewayPlace, key: WrappedKey
    ) -> dict[str, str]:
        """Return the settings that were sealed for this gateway.

        Raises: KeyProblemError for anything that was not.
        """
        cipher = self._unwrap(gateway.account_id, key)
        try:
            clear = _decrypt(cipher, sealed, _gateway_aad(gateway, key))
        except (InvalidTag, ValueError):
            raise KeyProblemError(
                f"the settings of a gateway cannot be decrypted (key '{key.key_id}'): "
                "its row was altered or moved; restore it from a backup, or add the "
                "gateway again"
            ) from None
        settings: dict[str, str] = json.loads(clear)
        return settings

    def seal_digest(self, data: bytes, of: Request, key: WrappedKey) -> bytes:
        """Return a digest of a request that only the key's owner can compare.

        A plain one of a request with a card number could be found by trying them all.
        """
        digest = hashlib.sha256(data).digest()
        cipher = self._unwrap(of.account_id, key)
        return self._encrypt(cipher, digest, _request_aad(of, key))

    def is_digest(
        self, sealed: bytes, data: bytes, of: Request, key: WrappedKey
    ) -> bool:
        """Whether a sealed digest is that of `data`.

        Raises: KeyProblemError for anything that was not sealed for this request.
        """
        cipher = self._unwrap(of.account_id, key)
        try:
            digest = _decrypt(cipher, sealed, _request_aad(of, key))
        except (InvalidTag, ValueError):
            raise KeyProblemError(
                f"a request cannot be compared (key '{key.key_id}'): its row was "
                "altered or moved; it is thrown away after a day"
            ) from None
        return hmac.compare_digest(digest, hashlib.sha256(data).digest())

    def reseal(
        self, sealed: bytes, of: Belonging, former: WrappedKey, key: WrappedKey
    ) -> bytes:
        """Return what was sealed by one data key as another one seals it.

        Raises: KeyProblemError for anything that was not sealed for this place.
        """
        cipher = self._unwrap(of.account_id, former)
        try:
            clear = _decrypt(cipher, sealed, _aad_of(of, former))
        except (InvalidTag, ValueError):
            raise KeyProblemError(
                f"it cannot be opened (key '{former.key_id}'): its row was altered or "
                "moved"
            ) from None
        return self._encrypt(self._unwrap(of.account_id, key), clear, _aad_of(of, key))

    def _encrypt(self, cipher: AESGCM, clear: bytes, aad: bytes) -> bytes:
        nonce = self._random(_NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, clear, aad)

    def _unwrapped(self, account_id: int, key: WrappedKey) -> AESGCM:
        ring_key = self._ring_key(key.key_id)
        aad = _aad("data key", account_id, key.version, key.key_id)
        try:
            return AESGCM(_decrypt(ring_key, key.wrapped, aad))
        except (InvalidTag, ValueError):
            raise KeyProblemError(
                f"a data key cannot be unwrapped (key '{key.key_id}'): its row was "
                "altered or moved; restore it from a backup"
            ) from None

    def _ring_key(self, key_id: str) -> AESGCM:
        """Return a key of the ring, which is read again where it is missing.

        The ring in hand is replaced by one that has the key, and by no other.
        """
        ring = self._ring
        if key_id not in ring.keys and self._reread is not None:
            ring = self._reread()
        if key_id not in ring.keys:
            raise KeyProblemError(
                f"key '{key_id}' is missing from {ring.source}: restore the key ring "
                "that belongs to this database"
            )
        if ring is not self._ring:
            _log.info("read the key ring again: it has key '%s' now", key_id)
            self._ring = ring
        return AESGCM(ring.keys[key_id])


def _written(number: CardNumber | CardToken) -> dict[str, str]:
    if isinstance(number, CardNumber):
        return {"number": number.reveal()}
    return {
        "token": number.reveal(),
        "last_four": number.last_four,
        "brand": number.brand or "",
    }


def _read(fields: Mapping[str, str]) -> CardNumber | CardToken:
    if "number" in fields:
        return CardNumber(fields["number"])
    brand = fields["brand"]
    return CardToken(
        fields["token"], fields["last_four"], Brand(brand) if brand else None
    )


def _aad_of(of: Belonging, key: WrappedKey) -> bytes:
    match of:
        case Place():
            return _card_aad(of, key)
        case Request():
            return _request_aad(of, key)
        case GatewayPlace():
            return _gateway_aad(of, key)


def _card_aad(place: Place, key: WrappedKey) -> bytes:
    return _aad(place.account_id, place.noun, place.record_id, "card", key.version)


def _gateway_aad(gateway: GatewayPlace, key: WrappedKey) -> bytes:
    return _aad(gateway.account_id, "gateway", gateway.name, key.version)


def _request_aad(of: Request, key: WrappedKey) -> bytes:
    return _aad(of.account_id, "request", of.key_hash, key.version)


def _aad(*parts: str | int) -> bytes:
    return "|".join(("v1", *map(str, parts))).encode()


def _decrypt(cipher: AESGCM, sealed: bytes, aad: bytes) -> bytes:
    return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad)
