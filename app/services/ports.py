"""What services need from outside: made by `app.compose`, passed as one argument."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from app.gateways.registry import Registry, kinds
from app.services.bulk import Bulk
from app.services.counting import RequestCounter
from app.services.logins import Logins
from app.services.rates import Rates
from app.vault.cards import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The vault, the clock and the source of unguessable texts.

    `secret` returns a new text of at least 128 random bits; `url` is where this server
    is reached, without a slash at its end; `domains` are the host names whose
    subdomains name a system; `trusted_proxies` are believed about who they speak for;
    `bulk` says how large files may be; `outbox` is the folder in which files are left
    for other programs; `gateways` makes those that accounts have.
    """

    vault: Vault
    now: Callable[[], datetime]
    secret: Callable[[], str]
    requests: RequestCounter
    url: str
    domains: tuple[str, ...]
    outbox: Path
    logins: Logins = field(default_factory=Logins)
    rates: Rates = field(default_factory=Rates)
    bulk: Bulk = field(default_factory=Bulk)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    gateways: Registry = field(default_factory=lambda: Registry(kinds()))

    def view(self, view_key: str) -> str:
        """Return where the client sees what has an unguessable key."""
        return f"{self.url}/view/{view_key}"
