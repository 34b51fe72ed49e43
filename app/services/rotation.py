"""Rotating keys: new data keys, and everything sealed again by them.

What is left to do is seen from the rows alone, so that a rotation may be stopped or
killed anywhere, begun again, or run twice at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.data_key import WrappedKey
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import data_key, sealed
from app.storage.database import IntegrityError, reading, writing
from app.storage.sealed import Column, Key, Kind, Row
from app.vault.cards import Belonging, GatewayPlace, Place, Request
from app.vault.keys import KeyProblemError

# Small transactions, so that a request waits for none of them.
BATCH = 100

Stop = Callable[[], bool]
# Told how many rows have been looked at, and how many there are in all.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unopened:
    """A row that could not be opened, and was left as it is."""

    account_id: int
    table: str
    key: Key

    def __str__(self) -> str:
        """Name it."""
        return f"{self.table} {self.key} of account {self.account_id}"


@dataclass(slots=True, kw_only=True)
class Rotated:
    """What a rotation did; `left` is how many data keys other keys of the ring wrap."""

    active: str
    new_keys: int = 0
    resealed: int = 0
    deleted: int = 0
    unopened: list[Unopened] = field(default_factory=list)
    stopped: bool = False
    left: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all was done that there was to do."""
        return not (self.stopped or self.unopened or self.left)


def rotate(
    ports: Ports,
    progress: Progress = lambda _rows, _total: None,
    stop: Stop = lambda: False,
) -> Rotated:
    """Give each account a data key of the active key's, and seal everything by it.

    What requests seal from then on is sealed by the new ones. A row that cannot be
    opened keeps its data key. Data keys that nothing needs any more are deleted.

    Raises: DatabaseError, KeyProblemError; what was done until then is done.
    """
    report = Rotated(active=ports.vault.active)
    with reading():
        account_ids = [account.account_id for account in accounts.all_()]
    for _ in _transactions(ports, account_ids, report, progress):
        if stop():
            report.stopped = True
            break
    with reading():
        report.left = data_key.counts()
    report.left.pop(report.active, None)
    return report


def _transactions(
    ports: Ports, account_ids: list[int], report: Rotated, progress: Progress
) -> Iterator[None]:
    """Carry out one transaction after another, and yield after each."""
    for account_id in account_ids:
        report.new_keys += _renew(ports, account_id)
        yield
    with reading():
        total = sum(map(_waiting, account_ids))
    for account_id in account_ids:
        for column in sealed.COLUMNS:
            for looked_at in _resealed(ports, account_id, column, report):
                progress(looked_at, total)
                yield
        report.deleted += _delete_unused(account_id)
        yield


def _renew(ports: Ports, account_id: int) -> bool:
    """Make a new data key, unless the newest is wrapped by the active key already."""
    with writing(account_id):
        keys = data_key.all_of(account_id)
        newest = max(keys)
        if keys[newest].key_id == ports.vault.active:
            return False
        data_key.insert(account_id, ports.vault.new_data_key(account_id, newest + 1))
        return True


def _waiting(account_id: int) -> int:
    return sealed.count(account_id, max(data_key.all_of(account_id)))


def _resealed(
    ports: Ports, account_id: int, column: Column, report: Rotated
) -> Iterator[int]:
    """Seal a column again, batch by batch; yield how many rows each looked at."""
    after: Key | None = None
    while True:
        with writing(account_id):
            keys = data_key.all_of(account_id)
            newest = keys[max(keys)]
            found = sealed.older(column, account_id, newest.version, after, BATCH)
            changed, unopened = _reseal(ports, account_id, column, found, keys)
        report.resealed += changed
        report.unopened += unopened
        yield len(found)
        if len(found) < BATCH:
            return
        after = found[-1].key


def _reseal(
    ports: Ports,
    account_id: int,
    column: Column,
    found: Sequence[Row],
    keys: Mapping[int, WrappedKey],
) -> tuple[int, list[Unopened]]:
    """Seal rows by the newest data key; return how many were, and which do not open."""
    newest = keys[max(keys)]
    changed, unopened = 0, []
    for row in found:
        of = _place(column, account_id, row.key)
        try:
            again = ports.vault.reseal(row.sealed, of, keys[row.key_version], newest)
        except KeyProblemError:
            unopened.append(
                Unopened(account_id=account_id, table=column.table, key=row.key)
            )
        else:
            changed += sealed.put(column, account_id, row, newest.version, again)
    return changed, unopened


def _place(column: Column, account_id: int, key: Key) -> Belonging:
    match column.kind:
        case Kind.CARD:
            return Place(account_id=account_id, noun=column.noun, record_id=int(key))
        case Kind.SETTINGS:
            return GatewayPlace(account_id=account_id, name=str(key))
        case Kind.REQUEST:
            return Request(account_id=account_id, key_hash=str(key))


def _delete_unused(account_id: int) -> int:
    """Delete the data keys that nothing is sealed by, but the newest."""
    try:
        with writing(account_id):
            keys = data_key.all_of(account_id)
            unused = keys.keys() - sealed.versions(account_id) - {max(keys)}
            data_key.delete(account_id, unused)
    except IntegrityError:
        # Sealed by one of them at this moment, without the account's lock.
        return 0
    return len(unused)
