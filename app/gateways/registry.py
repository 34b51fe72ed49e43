"""The kinds of gateways: ours, and those that other packages bring."""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import Distribution, EntryPoint, distributions
from pkgutil import resolve_name
from types import MappingProxyType

from app.config import SettingsError
from app.domain.account import SANDBOX
from app.gateways.gateway import Gateway

# Packages name a class by an entry point of this group; its name is that of the kind.
GROUP = "perennial.gateways"

Kinds = Mapping[str, type[Gateway]]

# Loaded when an account has one of the kind: a processor's library takes its time.
_OURS = MappingProxyType(
    {
        SANDBOX: "app.gateways.sandbox:Sandbox",
        "stripe": "app.gateways.stripe:Stripe",
        "authorize_net": "app.gateways.authorize_net:AuthorizeNet",
    }
)
_HAS = tuple(
    name
    for name in (*Gateway.__annotations__, *vars(Gateway))
    if not name.startswith("_")
)
# What other people's code raises when it is loaded; some of it ends the process.
_RAISED = (Exception, SystemExit)

_log = logging.getLogger(__name__)


class _Kinds(Mapping[str, type[Gateway]]):
    """The class of each kind by its name; ours are loaded when they are asked for."""

    def __init__(self, theirs: Kinds) -> None:
        self._theirs = theirs

    def __getitem__(self, name: str) -> type[Gateway]:
        if name not in _OURS:
            return self._theirs[name]
        loaded: type[Gateway] = resolve_name(_OURS[name])
        return loaded

    def __iter__(self) -> Iterator[str]:
        return iter({**self._theirs, **_OURS})

    def __len__(self) -> int:
        return len({**self._theirs, **_OURS})


@cache
def kinds() -> Kinds:
    """Return the class of each kind by its name; ours come before those of others.

    A package that cannot be used is logged and left out: the rest goes on.
    """
    found: dict[str, type[Gateway]] = {}
    for entry in _entries():
        loaded = _loaded(entry)
        if loaded is not None:
            found.setdefault(entry.name, loaded)
    return _Kinds(found)


def _entries() -> Iterator[EntryPoint]:
    """Yield what packages offer, one package after the other: any may be broken."""
    for distribution in distributions():
        try:
            yield from _offered(distribution)
        except _RAISED as error:
            _log.error(
                "a package cannot be read and is left out: %s", type(error).__name__
            )


def _offered(distribution: Distribution) -> list[EntryPoint]:
    return list(distribution.entry_points.select(group=GROUP))


def _loaded(entry: EntryPoint) -> type[Gateway] | None:
    """Return the class of an entry point; None for one that cannot be used."""
    if entry.name in _OURS:
        _log.error("gateway kind %s is ours: %s is left out", entry.name, entry.value)
        return None
    try:
        found: type[Gateway] = entry.load()
    except _RAISED as error:
        _log.error(
            "gateway kind %s (%s) cannot be loaded and is left out: %s",
            entry.name,
            entry.value,
            type(error).__name__,
        )
        return None
    missing = [name for name in _HAS if not hasattr(found, name)]
    if missing:
        _log.error(
            "gateway kind %s (%s) is left out: it has no %s",
            entry.name,
            entry.value,
            ", ".join(missing),
        )
        return None
    return found


class Registry:
    """Gateways by what they are made of; the same one is made once."""

    def __init__(self, known: Kinds) -> None:
        """Hold the kinds that there are."""
        self._known = known
        self._made = cache(self._make)

    def __repr__(self) -> str:
        """Show no settings."""
        return "Registry()"

    def kind(self, name: str) -> type[Gateway]:
        """Return the class of a kind.

        Raises: SettingsError, naming those that there are.
        """
        found = self._known.get(name)
        if found is None:
            known = ", ".join(sorted(self._known))
            raise SettingsError(f"there is no kind of gateway '{name}': use {known}")
        return found

    def tokens(self, names: Iterable[str]) -> dict[str, re.Pattern[str]]:
        """Return the forms of tokens of those kinds that are there and have some."""
        forms = {name: self._known[name].TOKEN for name in names if name in self._known}
        return {name: form for name, form in forms.items() if form is not None}

    def gateway(self, kind: str, settings: Mapping[str, str]) -> Gateway:
        """Return the gateway of a kind with its settings.

        Raises: SettingsError.
        """
        return self._made(kind, tuple(sorted(settings.items())))

    def _make(self, kind: str, settings: tuple[tuple[str, str], ...]) -> Gateway:
        found = self.kind(kind)
        try:
            return found(dict(settings))
        except SettingsError:
            raise
        except Exception as error:  # noqa: BLE001 - somebody else's code
            # Its text may quote a setting.
            name = type(error).__name__
            raise SettingsError(
                f"a gateway of the kind {kind} failed: {name}"
            ) from None
