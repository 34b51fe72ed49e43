"""Settings, read once from `PERENNIAL_*` variables and the file that one names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

_PREFIX = "PERENNIAL_"
_COUNT_MAX = 3600
_RATE_MAX = 1_000_000
_ATTACHMENT_MIB_MAX = 32


class SettingsError(Exception):
    """A setting has no meaning; the text says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is told of a variable; `default` may name the value of another in <>."""

    name: str
    default: str
    meaning: str


def _path(name: str, text: str) -> Path:
    if not text:
        raise SettingsError(f"{name} must name a file or folder")
    return Path(text)


def _text(_name: str, text: str) -> str:
    return text


def _address(_name: str, text: str) -> str:
    return text.rstrip("/")


def _words(_name: str, text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _COUNT_MAX):
        raise SettingsError(f"{name} must be a whole number from 1 to {_COUNT_MAX}")
    return int(text)


def _rate(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _RATE_MAX):
        raise SettingsError(f"{name} must be a whole number from 0 to {_RATE_MAX}")
    return int(text)


def _mib(name: str, text: str) -> int:
    if not (
        text.isascii() and text.isdigit() and 1 <= int(text) <= _ATTACHMENT_MIB_MAX
    ):
        raise SettingsError(
            f"{name} must be a whole number from 1 to {_ATTACHMENT_MIB_MAX}"
        )
    return int(text)


def _networks(name: str, text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(map(ip_network, text.split()))
    except ValueError:
        raise SettingsError(
            f"{name} must hold addresses or networks such as 10.0.0.0/8, with blanks "
            "between"
        ) from None


def _one_of(*choices: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in choices:
            raise SettingsError(f"{name} must be one of {', '.join(choices)}")
        return text

    return read


def _setting(
    default: str | None,
    meaning: str,
    read: Callable[[str, str], Any],
    *,
    secret: bool = False,
) -> Any:
    """Declare a setting; its default may name settings above it in braces."""
    told = {"default": default, "meaning": meaning, "read": read}
    return field(metadata=told, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can choose; a field's variable is PERENNIAL_ and its name."""

    data: Path = _setting("var", "the data folder", _path)
    database: str = _setting(
        "sqlite:{data}/perennial.sqlite",
        "the database: `sqlite:FILE` or `postgresql://USER@HOST/NAME`",
        _text,
        secret=True,
    )
    database_password_file: Path | None = _setting(
        None,
        "a file with the password for PostgreSQL, so that no variable holds it",
        _path,
    )
    key_file: Path = _setting("{data}/keys", "the key ring", _path)
    keys: str | None = _setting(
        None, "the key ring's text itself, in place of a file", _text, secret=True
    )
    bind: str = _setting("127.0.0.1:8000", "where `serve` and `api` listen", _text)
    url: str = _setting(
        "http://{bind}",
        "under which address people reach the server; links begin with it",
        _address,
    )
    domains: tuple[str, ...] = _setting(
        "freshbooks.com billingarm.com",
        "domains whose subdomains name a system",
        _words,
    )
    processes: int = _setting("2", "processes of the API server", _count)
    threads: int = _setting("16", "threads of each", _count)
    charges: int = _setting("8", "cards that a worker charges at the same time", _count)
    tick_s: int = _setting("5", "seconds between two billing runs of a worker", _count)
    log: str = _setting(
        "auto",
        "form of the log: `json`, `text`, or `auto`: text on a terminal, else JSON",
        _one_of("auto", "json", "text"),
    )
    rate: int = _setting(
        "0",
        "requests a minute and account, by each process; 0: no limit",
        _rate,
    )
    attachment_mib: int = _setting("10", "MiB of the largest attachment", _mib)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = _setting(
        "",
        "addresses or networks of proxies whose `X-Forwarded-For` is believed",
        _networks,
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read every setting, with its default.

        Raises: SettingsError.
        """
        refuse_unknown(environment)
        chosen: dict[str, Any] = {}
        for found in fields(cls):
            name = _variable(found.name)
            text = environment.get(name)
            if text is None and found.metadata["default"] is not None:
                text = found.metadata["default"].format(**chosen)
            read = found.metadata["read"]
            chosen[found.name] = None if text is None else read(name, text)
        settings = cls(**chosen)
        file = settings.database_password_file
        if file is None:
            return settings
        return replace(settings, database=_with_password(settings.database, file))

    @property
    def token_file(self) -> Path:
        """Where the demo account's token is kept, for the printed curl lines."""
        return self.data / "demo-token"


def declared() -> Iterator[Setting]:
    """Yield what is told of each variable."""
    for found in fields(Settings):
        default = found.metadata["default"] or ""
        yield Setting(
            name=_variable(found.name),
            default=default.replace("{", "<").replace("}", ">"),
            meaning=found.metadata["meaning"],
        )


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """Prove that every PERENNIAL_ variable is a setting: one misspelt does nothing.

    Raises: SettingsError, with the nearest name.
    """
    known = {setting.name.removeprefix(_PREFIX) for setting in declared()}
    for name in sorted(environment):
        ours, wrong = name.startswith(_PREFIX), name.removeprefix(_PREFIX)
        if ours and wrong not in known:
            near = get_close_matches(wrong, sorted(known), n=1)
            way = (
                f"did you mean {_PREFIX}{near[0]}?"
                if near
                else f"there are {', '.join(_PREFIX + each for each in sorted(known))}"
            )
            raise SettingsError(f"{name} is not a setting: {way}")


def _variable(field_name: str) -> str:
    return _PREFIX + field_name.upper()


def _with_password(url: str, file: Path) -> str:
    name = _variable("database_password_file")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise SettingsError("PERENNIAL_DATABASE cannot be read as a URL") from None
    user, at, host = parts.netloc.rpartition("@")
    if not parts.scheme.startswith("postgres") or not at or ":" in user:
        raise SettingsError(f"{name} needs a database like postgresql://USER@HOST/NAME")
    try:
        password = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"the file that {name} names cannot be read") from None
    netloc = f"{user}:{quote(password, safe='')}@{host}"
    return parts._replace(netloc=netloc).geturl()
