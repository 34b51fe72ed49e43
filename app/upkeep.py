"""Commands that look after a database: moving, copying, checking, what is parked."""

import os
import shlex
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from tqdm import tqdm

from app import compose
from app.config import Settings
from app.domain.doctor import Finding
from app.services import account as accounts
from app.services import doctor as books
from app.services import parked as waits
from app.services.ports import Ports
from app.storage import database
from app.wire import values

_ID = click.IntRange(1, 2**63 - 1)
_FILE = click.Path(path_type=Path)


@click.command()
def migrate() -> None:
    """Bring the database to the schema of this edition, after keeping a copy.

    The copy is a file beside the database; of a PostgreSQL, make a backup first.
    """
    names = compose.migrate(_settings(), tell_copy)
    for name in names:
        click.echo(f"applied {name}")
    click.echo(f"the database {database.shown()} has this edition's schema")


@click.command()
@click.argument("target", metavar="FILE", type=_FILE)
def backup(target: Path) -> None:
    """Copy the SQLite database to FILE while it is in use, and prove the copy.

    The key ring is not in it: keep a copy of that elsewhere. For a PostgreSQL, use
    pg_dump.
    """
    compose.backup(_settings(), target)
    click.echo(f"{target} is a copy of {database.shown()}")
    click.echo("keep it apart from the key ring, which is not in it")


@click.command()
@click.argument("source", metavar="FILE", type=_FILE)
def restore(source: Path) -> None:
    """Make the SQLite database from FILE, a backup; there must be none in its place.

    For a PostgreSQL, use pg_restore.
    """
    compose.restore(_settings(), source)
    click.echo(f"{database.shown()} is as it was in {source}")
    click.echo("next: perennial doctor, with the key ring of that time")


@click.command()
@click.option("--from", "source", metavar="URL", required=True, help="What to copy.")
@click.option("--to", "target", metavar="URL", required=True, help="An empty one.")
def copy(source: str, target: str) -> None:
    """Copy a whole database into an empty one, of either kind.

    Both look like PERENNIAL_DATABASE. The target's tables are made if they are
    missing. Ids stay, and the key ring goes on being the source's. Stop the server and
    the worker first: what they write meanwhile is not in the copy, which is of the
    moment at which it begins.
    """
    with tqdm(unit=" rows", disable=None, leave=False) as bar:

        def progress(rows: int, total: int) -> None:
            bar.total = total
            bar.update(rows)

        copied = compose.copy(source, target, progress)
    for table in copied:
        click.echo(f"{table.rows:>10}  {table.digest}  {table.table}")
    total = sum(table.rows for table in copied)
    click.echo(
        f"{total} rows are the same in both, by count and checksum of each table"
    )
    click.echo(
        f"next: PERENNIAL_DATABASE={database.shown()} (with its password), with the "
        "same key ring"
    )


@click.command()
@click.option("--account", "name", metavar="NAME", help="Look at this account alone.")
def doctor(name: str | None) -> None:
    """Check that the books agree with themselves; exit with 1 where they do not.

    What is wrong is named by its ids. The server may go on meanwhile.
    """
    ports = compose.ports(_settings())
    with database.connection():
        for weakness in database.weaknesses():
            click.echo(f"acknowledged data can be lost: {weakness}", err=True)
        found = 0
        for finding in _findings(ports, name):
            found += 1
            tqdm.write(str(finding))
    if found:
        raise click.ClickException(f"{found} findings: see docs/operations.md")
    click.echo("everything agrees")


@click.group()
def parked() -> None:
    """Show what waits for a person, and let it go on."""


@parked.command("list")
def parked_list() -> None:
    """List the profiles and charges that wait for a person."""
    with _open():
        lines = list(waiting())
    for line in lines or ["nothing waits for you"]:
        click.echo(line)


@parked.group("release")
def parked_release() -> None:
    """Let a profile or a charge go on."""


@parked_release.command("recurring")
@click.argument("account")
@click.argument("recurring_id", type=_ID)
def parked_release_recurring(account: str, recurring_id: int) -> None:
    """Have a profile bill again, and first what it owes since it was parked."""
    with _open() as ports:
        waits.release_profile(ports, account, recurring_id)
    click.echo(f"recurring {recurring_id} bills again with the next run")


@parked_release.command("charge")
@click.argument("account")
@click.argument("charge_id", type=_ID)
@click.option("--paid", metavar="REFERENCE", help="The gateway says: paid, as this.")
@click.option("--declined", is_flag=True, help="The gateway says: nothing was taken.")
@click.option("--ask-again", is_flag=True, help="Ask the gateway from the beginning.")
def parked_release_charge(
    account: str,
    charge_id: int,
    paid: str | None,
    *,
    declined: bool,
    ask_again: bool,
) -> None:
    """Say what became of a charge, as the gateway's own pages tell it."""
    if [bool(paid), declined, ask_again].count(True) != 1:
        raise click.UsageError("say one of --paid REFERENCE, --declined, --ask-again")
    with _open() as ports:
        if paid:
            charge = waits.paid(ports, account, charge_id, paid)
        elif declined:
            charge = waits.declined(ports, account, charge_id)
        else:
            charge = waits.ask_again(ports, account, charge_id)
    click.echo(f"charge {charge_id} is {charge.state}")


def waiting() -> Iterator[str]:
    """Yield a line for all that waits for a person, and the way to let it go on."""
    profiles, charges = waits.list_()
    for profile in profiles:
        name = shlex.quote(profile.account.name)
        yield (
            f"waiting for you: recurring {profile.recurring_id} of account "
            f"{profile.account.account_id} ({profile.reason}); mend it by "
            "recurring.update, or: perennial parked release recurring "
            f"{name} {profile.recurring_id}"
        )
    for found in charges:
        name, charge = shlex.quote(found.account.name), found.charge
        yield (
            f"waiting for you: charge {charge.charge_id} of account "
            f"{found.account.account_id}, {values.number(charge.amount.amount)} "
            f"{charge.amount.currency} of invoice id {charge.invoice_id} by "
            f"{charge.gateway_name}, key {charge.key} ({charge.message}); look it up "
            f"there, then: perennial parked release charge {name} {charge.charge_id}"
        )


COMMANDS = (migrate, backup, restore, copy, doctor, parked)


def tell_copy(path: Path | None) -> None:
    """Say what there is to go back to, before a migration."""
    if path is None:
        click.echo(
            "a server's backup is its operator's: going on without one", err=True
        )
    else:
        click.echo(f"kept a copy of the database as it was: {path}")


def _findings(ports: Ports, name: str | None) -> Iterable[Finding]:
    if name is None:
        yield from books.database()
        chosen, only = accounts.all_(), None
    else:
        chosen = [accounts.named(name)]
        only = chosen[0].account_id
    yield from books.orphans(only)
    ids = [account.account_id for account in chosen]
    total = books.size(ids)
    with tqdm(total=total, unit=" rows", disable=None, leave=False) as bar:
        for account_id in ids:
            yield from books.books(ports, account_id, bar.update)
    click.echo(f"looked at {total} rows of {len(ids)} accounts one by one")


@contextmanager
def _open() -> Iterator[Ports]:
    ports = compose.ports(_settings())
    with database.connection():
        yield ports


def _settings() -> Settings:
    return Settings.from_environment(os.environ)
