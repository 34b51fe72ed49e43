"""Settings, read once from `PERENNIAL_*` variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

_RATE_MAX = 1_000_000


class SettingsError(Exception):
    """A setting has no meaning; the text says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can choose.

    Units: `tick_s` in seconds; `processes` and `threads` count the server's; `rate` in
    requests per minute and account, 0 for no limit.
    """

    data: Path
    database: str
    key_file: Path
    keys: str | None = field(repr=False)
    url: str
    bind: str
    domains: tuple[str, ...]
    processes: int
    threads: int
    tick_s: int
    rate: int
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read every setting, with its default.

        Raises: SettingsError.
        """
        data = Path(environment.get("PERENNIAL_DATA") or "var")
        bind = environment.get("PERENNIAL_BIND", "127.0.0.1:8000")
        return cls(
            data=data,
            database=environment.get(
                "PERENNIAL_DATABASE", f"sqlite:{data / 'perennial.sqlite'}"
            ),
            key_file=Path(environment.get("PERENNIAL_KEY_FILE", data / "keys")),
            keys=environment.get("PERENNIAL_KEYS"),
            url=environment.get("PERENNIAL_URL", f"http://{bind}").rstrip("/"),
            bind=bind,
            domains=tuple(
                environment.get(
                    "PERENNIAL_DOMAINS", "freshbooks.com billingarm.com"
                ).split()
            ),
            processes=_count(environment, "PERENNIAL_PROCESSES", 2),
            threads=_count(environment, "PERENNIAL_THREADS", 16),
            tick_s=_count(environment, "PERENNIAL_TICK_S", 5),
            rate=_rate("PERENNIAL_RATE", environment.get("PERENNIAL_RATE", "0")),
            trusted_proxies=_networks(
                "PERENNIAL_TRUSTED_PROXIES",
                environment.get("PERENNIAL_TRUSTED_PROXIES", ""),
            ),
        )

    @property
    def token_file(self) -> Path:
        """Where the demo account's token is kept, for the printed curl lines."""
        return self.data / "demo-token"


def _count(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 3600):
        raise SettingsError(f"{name} must be a whole number from 1 to 3600")
    return int(text)


def _rate(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _RATE_MAX):
        raise SettingsError(f"{name} must be a whole number from 0 to {_RATE_MAX}")
    return int(text)


def _networks(name: str, text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(map(ip_network, text.split()))
    except ValueError:
        raise SettingsError(
            f"{name} must hold addresses or networks such as 10.0.0.0/8, with blanks "
            "between"
        ) from None
