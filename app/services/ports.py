"""What services need from outside: made by `app.compose`, passed as one argument."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.services.counting import RequestCounter
from app.vault.cards import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The vault, the clock and the source of unguessable texts.

    `secret` returns a new text of at least 128 random bits; `url` is where this server
    is reached, without a slash at its end; `domains` are the host names whose
    subdomains name a system.
    """

    vault: Vault
    now: Callable[[], datetime]
    secret: Callable[[], str]
    requests: RequestCounter
    url: str
    domains: tuple[str, ...]
