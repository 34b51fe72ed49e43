"""Pages of long lists at the price of short ones.

Counting a hundred thousand rows, or stepping over them to a late page, costs more than
reading the page. So every noun with folders keeps, for each block of 1,024 ids and each
folder, how many rows there are: the total is a sum over blocks, and a page begins a few
rows into a block that is known.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.folder import Folder
from app.storage import database

BLOCK = 1024

_ADD = (
    "INSERT INTO listing_block (account_id, noun, block, folder, size) "
    "VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id, noun, block, folder) "
    "DO UPDATE SET size = listing_block.size + excluded.size"
)
_REMOVE = (
    "UPDATE listing_block SET size = size - 1 "
    "WHERE account_id = ? AND noun = ? AND block = ? AND folder = ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page begins: `skip` rows below the id `below`, of `total` rows."""

    below: int
    skip: int
    total: int


def added(account_id: int, noun: str, row_ids: Iterable[int], folder: Folder) -> None:
    """Count new rows."""
    for block, size in sorted(Counter(key // BLOCK for key in row_ids).items()):
        database.execute(_ADD, (account_id, noun, block, folder, size))


def moved(
    account_id: int, noun: str, row_id: int, source: Folder, target: Folder
) -> None:
    """Count a row in another folder than before."""
    database.execute(_REMOVE, (account_id, noun, row_id // BLOCK, source))
    added(account_id, noun, [row_id], target)


def place(account_id: int, noun: str, folders: Sequence[Folder], offset: int) -> Place:
    """Find where a page begins that has `offset` rows before it, by descending id."""
    marks = ", ".join("?" * len(folders))
    blocks = database.execute(
        # The names are ours and the folders are bound; nothing of a request is here.
        "SELECT block, CAST(SUM(size) AS BIGINT) FROM listing_block "  # noqa: S608
        f"WHERE account_id = ? AND noun = ? AND folder IN ({marks}) "
        "GROUP BY block ORDER BY block DESC",
        (account_id, noun, *folders),
    ).fetchall()
    total = sum(size for _, size in blocks)
    skip = offset
    for block, size in blocks:
        if skip < size:
            return Place(below=(block + 1) * BLOCK, skip=skip, total=total)
        skip -= size
    return Place(below=0, skip=0, total=total)
