"""Commands that look after a database: moving it forward, copying, checking."""

import os
from collections.abc import Iterable
from pathlib import Path

import click
from tqdm import tqdm

from app import compose
from app.config import Settings
from app.domain.doctor import Finding
from app.services import account as accounts
from app.services import doctor as books
from app.services.ports import Ports
from app.storage import database

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


COMMANDS = (migrate, backup, restore, copy, doctor)


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


def _settings() -> Settings:
    return Settings.from_environment(os.environ)
