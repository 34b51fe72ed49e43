"""Settings, read once from `PERENNIAL_*` variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class SettingsError(Exception):
    """A setting has no meaning; the text says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can choose.

    Units: `tick_s` in seconds; `processes` and `threads` count the server's.
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
