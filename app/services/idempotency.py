"""Requests that a client may repeat: each is carried out once for its key.

Source: inferred (the header is that of other services; this one had none).
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from app.domain.account import Caller
from app.domain.data_key import WrappedKey
from app.domain.errors import IDEMPOTENCY_KEY, InvalidValueError, KeyReusedError
from app.services.ports import Ports
from app.storage import data_key
from app.storage import idempotency_key as storage
from app.storage.database import reading, writing_around
from app.storage.idempotency_key import Answered
from app.vault.cards import Request

KEPT = timedelta(hours=24)

_KEY = re.compile(r"[ -~]{1,255}")


def once(
    ports: Ports, caller: Caller, key: str, body: bytes, carry_out: Callable[[], bytes]
) -> bytes:
    """Carry a request out, or return what it was answered the first time.

    What it makes and its answer are one transaction, in which those of an account
    follow one another: concurrent repeats make one object, and one that failed leaves
    nothing behind. A key is its person's own.

    Raises: InvalidValueError for a key of another form, KeyReusedError.
    """
    row = _row(caller, key)
    account_id = caller.account.account_id
    now = ports.now()
    with writing_around(account_id):
        keys = data_key.all_of(account_id)
        former = _former(ports, row, keys, body)
        if former is not None:
            return former
        answer = carry_out()
        newest = keys[max(keys)]
        answered = Answered(
            key_version=newest.version,
            request=ports.vault.seal_digest(body, row, newest),
            answer=answer.decode(),
            created_at=now,
        )
        storage.put(account_id, row.key_hash, answered)
    return answer


def former(ports: Ports, caller: Caller, key: str, body: bytes) -> bytes | None:
    """Return what a request was answered the first time; None where it is the first.

    Raises: InvalidValueError for a key of another form, KeyReusedError.
    """
    row = _row(caller, key)
    with reading():
        return _former(ports, row, data_key.all_of(row.account_id), body)


def _row(caller: Caller, key: str) -> Request:
    if _KEY.fullmatch(key) is None:
        raise InvalidValueError(IDEMPOTENCY_KEY, "Use 1 to 255 characters of ASCII.")
    key_hash = hashlib.sha256(f"{caller.staff_id} {key}".encode()).hexdigest()
    return Request(account_id=caller.account.account_id, key_hash=key_hash)


def _former(
    ports: Ports, row: Request, keys: Mapping[int, WrappedKey], body: bytes
) -> bytes | None:
    found = storage.get(row.account_id, row.key_hash, ports.now() - KEPT)
    if found is None:
        return None
    if not ports.vault.is_digest(found.request, body, row, keys[found.key_version]):
        raise KeyReusedError
    return found.answer.encode()
