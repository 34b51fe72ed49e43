"""The `perennial keys` commands: the key ring and its rotation."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
from tqdm import tqdm

from app import compose
from app.config import Settings
from app.services import rotation
from app.services.key_ring import KnownKey
from app.services.rotation import Rotated, Stop
from app.storage import database


@click.group()
def keys() -> None:
    """Add, list, rotate and retire the keys without which no card can be read."""


@keys.command()
@click.option("--id", "wanted", metavar="ID", help="Its id, instead of the next k<N>.")
def add(wanted: str | None) -> None:
    """Add a new random key to the key file; it becomes the active one.

    With PERENNIAL_KEYS it prints the entry to add there, and changes nothing.
    """
    settings = _settings()
    key_id, entry = compose.add_key(settings, wanted)
    if entry is None:
        click.echo(f"added the key {key_id} to {settings.key_file}")
        click.echo("keep a copy of the file elsewhere, and bring it to every machine")
    else:
        click.echo("add this at the end of PERENNIAL_KEYS, and keep a copy elsewhere:")
        click.echo(entry)
        click.echo("then restart every server and worker")
    click.echo("next: perennial keys rotate")


@keys.command("list")
def list_() -> None:
    """List the keys of ring and database, and how many data keys each wraps."""
    for key in compose.known_keys(_settings()):
        click.echo(_line(key))


@keys.command()
def rotate() -> None:
    """Give each account a new data key by the active key; seal everything again by it.

    The server may go on meanwhile. It can be stopped at any time and begun again.
    """
    ports = compose.ports(_settings())
    with (
        _until_told() as stopped,
        database.connection(),
        tqdm(unit=" rows", disable=None, leave=False) as bar,
    ):

        def progress(rows: int, total: int) -> None:
            bar.total = total
            bar.update(rows)

        report = rotation.rotate(ports, progress, stopped)
    _tell(report)
    if not report.ok:
        raise SystemExit(1)


@keys.command()
@click.argument("key_id", metavar="ID")
def retire(key_id: str) -> None:
    """Remove a key that wraps nothing any more from the ring and the database.

    Keep a copy of it as long as there are backups from before.
    """
    settings = _settings()
    if compose.retire_key(settings, key_id):
        click.echo(f"removed the key {key_id} from {settings.key_file}")
    elif settings.keys is not None:
        click.echo(f"the database has forgotten the key {key_id}")
        click.echo(f"remove the entry that begins with {key_id}: from PERENNIAL_KEYS")
    else:
        click.echo(f"the database has forgotten the key {key_id}")
    click.echo("keep a copy of it as long as there are backups from before")


def _line(key: KnownKey) -> str:
    notes = ["active"] if key.active else []
    notes += [] if key.in_database else ["not known to the database yet"]
    notes += [] if key.in_ring else ["MISSING from the key ring"]
    since = "" if key.since is None else f"  since {key.since}"
    said = f"  ({', '.join(notes)})" if notes else ""
    return f"{key.key_id:<12} wraps {key.data_keys} data keys{since}{said}"


def _tell(report: Rotated) -> None:
    click.echo(f"made {report.new_keys} new data keys by the key {report.active}")
    click.echo(f"sealed {report.resealed} rows again")
    click.echo(f"deleted {report.deleted} data keys that nothing needs any more")
    for row in report.unopened:
        click.echo(
            f"cannot be opened, left as it is: {row}; restore it, or have it entered "
            "again",
            err=True,
        )
    for key_id, count in report.left.items():
        click.echo(f"the key {key_id} still wraps {count} data keys", err=True)
    if report.stopped:
        click.echo("there is more to do: run it again", err=True)
    if report.ok:
        click.echo(f"everything is sealed by the key {report.active}")


@contextmanager
def _until_told() -> Iterator[Stop]:
    """Yield whether SIGTERM or SIGINT has told to stop after what is in hand."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    told = (signal.SIGTERM, signal.SIGINT)
    former = [signal.signal(number, stop) for number in told]
    try:
        yield stopped.is_set
    finally:
        for number, handler in zip(told, former, strict=True):
            signal.signal(number, handler)


def _settings() -> Settings:
    return Settings.from_environment(os.environ)
