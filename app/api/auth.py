"""Credentials: HTTP Basic, the token as user name, any password."""

import base64
import binascii


def token_of(header: str | None) -> bytes | None:
    """Return the token of an Authorization header; None where there is none.

    Source: documented (the token is the user name); observed (passwords differ).
    """
    scheme, _, encoded = (header or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip().encode("latin-1"))
    except (binascii.Error, ValueError):
        return None
    return decoded.partition(b":")[0] or None
