"""The databases of released schemas, as text: `tests/storage/released/NNNN.<kind>.sql`.

Before a schema is released, `python -m tests.released` writes the two dumps of it, and
the tests move them forward from then on.
"""

import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from app import compose
from app.config import Settings
from app.storage import database, schema
from tests import books, cluster
from tests.conftest import Clock, Secrets, settings_on

FOLDER = Path(__file__).parent / "storage" / "released"
KEY_FILE = FOLDER / "keys"


def loaded(path: Path, settings: Settings) -> None:
    """Make the database of a dump, where the settings point."""
    engine = database.engine_of(settings.database)
    text = path.read_text("utf-8")
    if path.name.endswith(".sqlite.sql"):
        with closing(sqlite3.connect(settings.data / "perennial.sqlite")) as made:
            made.executescript(text)
            made.execute("PRAGMA journal_mode=WAL")
    else:
        engine.execute_sql(text)
        engine.close()
        engine.release()


def dumped(settings: Settings) -> str:
    """Return the database as SQL."""
    if settings.database.startswith("sqlite:"):
        with closing(sqlite3.connect(settings.data / "perennial.sqlite")) as made:
            return "\n".join(made.iterdump()) + "\n"
    command = ["--inserts", "--no-owner", "--no-privileges", settings.database]
    program = cluster.binaries() / "pg_dump"
    text = subprocess.run(  # noqa: S603
        [program, *command], check=True, capture_output=True, text=True
    ).stdout
    # Comments, and what begins with a backslash, which is for psql alone.
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(("--", "\\", "\n")))


def _filled(settings: Settings) -> str:
    shutil.copy(KEY_FILE, settings.key_file)
    compose.initialise(settings)
    ports = compose.ports(settings)
    clock = Clock()
    with database.connection():
        books.filled(replace(ports, now=clock, secret=Secrets()), clock)
        version = schema.version()
    database.release()
    return version


def _main() -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        cluster.running() as url,
        cluster.fresh_database(url) as fresh,
    ):
        for kind, chosen in (("sqlite", None), ("postgresql", fresh)):
            data = Path(name) / kind
            data.mkdir()
            settings = settings_on(data, chosen)
            version = _filled(settings)
            path = FOLDER / f"{version}.{kind}.sql"
            path.write_text(dumped(settings), "utf-8")


if __name__ == "__main__":
    _main()
