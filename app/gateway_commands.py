"""The `perennial gateway` commands: the gateways of accounts, and trying them."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from app import compose
from app.config import Settings, SettingsError
from app.domain.account import SANDBOX, Account, Gateway
from app.domain.card import Card, Expiration
from app.domain.errors import InvalidValueError
from app.domain.gateway import Approved, Declined, Missing, Outcome
from app.gateways import sandbox
from app.services import account as accounts
from app.services import gateway as service
from app.services.gateway import NewGateway, Shown
from app.services.ports import Ports
from app.storage.database import connection
from app.wire import values

_YEAR = timedelta(days=365)
_STDIN = "-"
_FILE = "@"
_MONTH = re.compile(r"(0?[1-9]|1[0-2])/([0-9]{4})", re.ASCII)


@click.group()
def gateway() -> None:
    """Add, list and try the payment gateways of accounts."""


@gateway.command("add")
@click.argument("account")
@click.argument("name")
@click.option("--kind", required=True, help="Whose language it speaks, such as stripe.")
@click.option(
    "--set",
    "given",
    metavar="NAME=VALUE",
    multiple=True,
    help="What it has to be told. NAME=@FILE reads the value from a file, NAME=- from "
    "standard input (hidden on a terminal): other people see what is typed here.",
)
@click.option(
    "--replace",
    "replaces",
    is_flag=True,
    help="Replace the one of this name with all that it was told. Charges under way "
    "are looked for with what is told now.",
)
@click.option("--not-autobill", is_flag=True, help="Refuse it for auto-billing.")
def add(
    account: str,
    name: str,
    kind: str,
    given: tuple[str, ...],
    *,
    replaces: bool,
    not_autobill: bool,
) -> None:
    """Give ACCOUNT a gateway under the NAME that requests know it by.

    What it is told is kept sealed, and never shown again.
    """
    with _ports() as ports:
        new = NewGateway(
            name=name,
            kind=kind,
            settings=_told(given),
            autobill_capable=not not_autobill,
        )
        added = service.add(ports, account, new, replaces=replaces)
    click.echo(f"{added.name}: {_described(added)}")
    click.echo(f'next: perennial gateway test "{account}" "{added.name}"')


@gateway.command("list")
@click.argument("account", required=False)
def list_(account: str | None) -> None:
    """List the gateways of ACCOUNT, or of all accounts."""
    with _ports() as ports:
        chosen = accounts.all_() if account is None else [accounts.named(account)]
        for found in chosen:
            click.echo(found.name)
            for shown in service.all_(ports, found):
                click.echo(f"  {_line(shown)}")


@gateway.command("enable")
@click.argument("account")
@click.argument("name")
def enable(account: str, name: str) -> None:
    """Let a gateway be used; one that was left alone is asked again."""
    with _ports():
        switched = service.switch(account, name, enabled=True)
    click.echo(f"{switched.name}: {_described(switched)}")


@gateway.command("disable")
@click.argument("account")
@click.argument("name")
def disable(account: str, name: str) -> None:
    """Keep a gateway from being used; its invoices wait until it is enabled."""
    with _ports():
        switched = service.switch(account, name, enabled=False)
    click.echo(f"{switched.name}: {_described(switched)}")


@gateway.command("remove")
@click.argument("account")
@click.argument("name")
def remove(account: str, name: str) -> None:
    """Forget a gateway that no profile, card or charge needs any more."""
    with _ports():
        removed = service.remove(account, name)
    click.echo(f"removed {removed.name}")


@gateway.command("test")
@click.argument("account")
@click.argument("name")
@click.option(
    "--charge",
    is_flag=True,
    help="Also charge a card with one unit of the base currency and give it back. Its "
    "number or token, and MM/YYYY, are two lines of standard input; a sandbox has its "
    "own.",
)
def test(account: str, name: str, *, charge: bool) -> None:
    """Say whether a gateway can be reached and accepts what it was told."""
    with _ports() as ports:
        owner, found = service.get(account, name)
        wrong = service.checked(ports, owner, found)
        if wrong is not None:
            raise click.ClickException(f"{found.name}: {wrong.detail}")
        click.echo(f"{found.name}: it is there and accepts what it was told")
        if found.kind == SANDBOX:
            click.echo("it is a sandbox and takes no money")
        if charge:
            _try(ports, owner, found)


def _try(ports: Ports, owner: Account, found: Gateway) -> None:
    amount = service.trial_amount(owner)
    of = f"{values.number(amount.amount)} {amount.currency}"
    outcome: Outcome | Missing = Missing()
    for step in service.tried(ports, owner, found, _trial_card(ports, owner, found)):
        outcome = step.outcome
        click.echo(f"{step.doing} of {of}: {_outcome(outcome)}")
    if not isinstance(outcome, Approved):
        raise click.ClickException(
            f"{found.name}: the trial did not come to its end; where a charge may have "
            "been made and not given back, look for TEST in the processor's own list"
        )


def _trial_card(ports: Ports, owner: Account, found: Gateway) -> Card:
    if found.kind == SANDBOX:
        today = owner.today(ports.now()) + _YEAR
        expiration = Expiration(month=today.month, year=today.year)
        return service.trial_card(ports, found, sandbox.APPROVED, expiration)
    number = _secret("number or token of a test card")
    return service.trial_card(
        ports, found, number, _expiration(_secret("it expires (MM/YYYY)"))
    )


def _expiration(text: str) -> Expiration:
    found = _MONTH.fullmatch(text)
    if found is None:
        raise InvalidValueError("expiration", "Use MM/YYYY.")
    month, year = map(int, found.groups())
    return Expiration(month=month, year=year)


def _outcome(outcome: Outcome | Missing) -> str:
    if isinstance(outcome, Approved):
        return f"approved, reference {outcome.reference}"
    if isinstance(outcome, Declined):
        return f"declined ({outcome.reason}) {outcome.message}".rstrip()
    if isinstance(outcome, Missing):
        return "it never arrived"
    return f"not known: {outcome.detail}"


def _line(shown: Shown) -> str:
    if shown.settings is None:
        return f"{shown.gateway.name}: {_described(shown.gateway)}; cannot be opened"
    told = f"; told {', '.join(shown.settings)}" if shown.settings else ""
    return f"{shown.gateway.name}: {_described(shown.gateway)}{told}"


def _described(found: Gateway) -> str:
    notes = [found.kind]
    notes += ["takes no money"] if found.kind == SANDBOX else []
    notes += ["enabled" if found.enabled else "disabled"]
    notes += [] if found.autobill_capable else ["not for auto-billing"]
    notes += [f"{found.failures} failures in a row"] if found.failures else []
    if found.open_until is not None:
        until = found.open_until.isoformat(timespec="seconds")
        notes.append(f"left alone until {until}")
    return ", ".join(notes)


def _told(given: Sequence[str]) -> dict[str, str]:
    """Return the settings of a command line, from wherever their values are.

    Raises: SettingsError.
    """
    told: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not name or not equals or name in told:
            raise SettingsError(
                "use --set NAME=VALUE, NAME=@FILE or NAME=-, once for each name"
            )
        told[name] = _value(name, value)
    return told


def _value(name: str, value: str) -> str:
    if value == _STDIN:
        return _secret(name)
    if value.startswith(_FILE):
        try:
            return Path(value.removeprefix(_FILE)).read_text("utf-8").strip()
        except UnicodeDecodeError as error:
            raise SettingsError(f"the file of {name} is no text") from error
    return value


def _secret(what: str) -> str:
    """Return a line of standard input, hidden where somebody types it.

    Raises: SettingsError where there is none.
    """
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True)).strip()
    line = sys.stdin.readline().strip()
    if not line:
        raise SettingsError(f"standard input has no line for this: {what}")
    return line


@contextmanager
def _ports() -> Iterator[Ports]:
    ports = compose.ports(Settings.from_environment(os.environ))
    with connection():
        yield ports
