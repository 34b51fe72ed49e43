"""Moving everything from one database into another."""

from collections.abc import Callable
from dataclasses import dataclass

from app.config import SettingsError
from app.storage import copying as storage
from app.storage.copying import Digest, Engine
from app.storage.database import RowError, writing

# Told how many rows have been copied since last time, and how many there are in all.
Progress = Callable[[int, int], None]


class CopyError(SettingsError):
    """A copy is refused; the text says why. The target is as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A table that is the same in both, by the count and the digest of its rows."""

    table: str
    rows: int
    digest: str


def copy(source: str, progress: Progress = lambda _rows, _total: None) -> list[Copied]:
    """Copy every row of the database at a URL into the process's own, which is empty.

    It is one moment of the source, and one transaction here: a copy that ends early
    leaves nothing behind.

    Raises: CopyError.
    """
    with storage.snapshot(source) as engine, writing():
        if table := storage.occupied():
            raise CopyError(f"the target is in use: there are rows in {table} already")
        # The source's come along, with all that has been sealed.
        storage.forget_checks()
        total = storage.total(engine)
        copied = [
            _copied(engine, table, lambda rows: progress(rows, total))
            for table in storage.NAMES
        ]
        storage.follow()
    return copied


def _copied(engine: Engine, table: str, progress: Callable[[int], None]) -> Copied:
    read = Digest()
    try:
        for batch in storage.batches(engine, table):
            storage.insert(table, batch)
            for row in batch:
                read.add(row)
            progress(len(batch))
    except RowError as error:
        raise CopyError(f"a row of {table} does not fit into the target") from error
    except (TypeError, ValueError) as error:
        raise CopyError(
            f"a row of {table} cannot be read: 'perennial doctor' tells which"
        ) from error
    if storage.stored(table) != read:
        raise CopyError(f"the rows of {table} are not what was copied")
    return Copied(table=table, rows=read.rows, digest=str(read))
