"""The kinds of gateways: ours, and those that other packages bring."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points

from app.config import SettingsError
from app.domain.account import SANDBOX
from app.gateways.gateway import Gateway
from app.gateways.sandbox import Sandbox

# Packages name a class by an entry point of this group; its name is that of the kind.
GROUP = "perennial.gateways"

Kinds = Mapping[str, type[Gateway]]


@cache
def kinds() -> Kinds:
    """Return the class of each kind by its name; ours come before those of others."""
    theirs = {found.name: found.load() for found in entry_points(group=GROUP)}
    return {**theirs, SANDBOX: Sandbox}


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
        return self.kind(kind)(dict(settings))
