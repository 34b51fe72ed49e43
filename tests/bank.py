"""A gateway that counts money, not calls, and lies on schedule.

Its ledger is an SQLite database, in memory for one process or a file for several, and
shares nothing with what it proves. What it notes about whoever calls it wrongly is in
`Ledger.faults`: an assertion would be taken for a gateway that fails.
"""

import os
import re
import signal
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from app.domain.card import Card
from app.domain.gateway import (
    Approved,
    CardCheck,
    Declined,
    Missing,
    Order,
    Outcome,
    Reason,
    Refund,
    Tokenised,
    Unknown,
)
from app.gateways.registry import Registry
from app.storage import database

KIND = "lying"
# Names the file of the ledger to the gateways of other processes.
LEDGER = "LYING_LEDGER"
POOR = "4000000000009995"
STOLEN = "4000000000009979"
_DECLINED = {POOR: Reason.FUNDS, STOLEN: Reason.STOLEN}

_TABLES = """
    CREATE TABLE IF NOT EXISTS taken (number INTEGER PRIMARY KEY, key TEXT,
      invoice_number TEXT, amount INTEGER, currency TEXT);
    CREATE TABLE IF NOT EXISTS declined (key TEXT PRIMARY KEY, reason TEXT);
    CREATE TABLE IF NOT EXISTS pending (key TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS asked (number INTEGER PRIMARY KEY, verb TEXT, key TEXT);
    CREATE TABLE IF NOT EXISTS lie (number INTEGER PRIMARY KEY, kind TEXT);
    CREATE TABLE IF NOT EXISTS fault (said TEXT);
"""


class Lie(StrEnum):
    """What a gateway does instead of answering."""

    NONE = "answers as it should"
    LOST = "hears nothing and times out"
    CAPTURED = "takes the money and times out"
    REFUSED = "answers 503"
    RESET = "takes the money and resets the connection"
    TWICE = "takes the order twice and answers once"
    LATE = "times out and takes the money later"
    GARBAGE = "takes the money and answers garbage"
    RAISES = "fails in its own code"
    RAISES_AFTER = "takes the money and fails in its own code"
    DIES = "is in a process that is killed before"
    DIES_AFTER = "takes the money in a process that is killed after"


# Those that leave the process as it is.
LIES = tuple(lie for lie in Lie if lie not in (Lie.DIES, Lie.DIES_AFTER))
_TAKING = (
    Lie.NONE,
    Lie.CAPTURED,
    Lie.RESET,
    Lie.TWICE,
    Lie.GARBAGE,
    Lie.RAISES_AFTER,
    Lie.DIES_AFTER,
)


class Ledger:
    """What was taken by key, and the lies that are still to be told."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path or ":memory:", 30, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        self._connection.close()

    def ask(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows that a statement gives."""
        with self._lock, closing(self._connection.execute(sql, values)) as cursor:
            return cursor.fetchall()

    def lies(self, lies: Iterable[Lie]) -> None:
        """Tell these lies next, one for each call; the truth comes after them."""
        self.ask("DELETE FROM lie")
        for lie in lies:
            self.ask("INSERT INTO lie (kind) VALUES (?)", lie)

    def next_lie(self) -> Lie:
        found = self.ask(
            "DELETE FROM lie WHERE number = (SELECT MIN(number) FROM lie) "
            "RETURNING kind"
        )
        return Lie(found[0][0]) if found else Lie.NONE

    @property
    def taken(self) -> dict[str, list[int]]:
        """What was taken of each invoice by its number, in minor units."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, amount in self.ask(
            "SELECT invoice_number, amount FROM taken ORDER BY number"
        ):
            found[number].append(amount)
        return dict(found)

    @property
    def keys(self) -> set[str]:
        """The keys that were ever asked for or about."""
        return {key for (key,) in self.ask("SELECT DISTINCT key FROM asked")}

    @property
    def verbs(self) -> list[str]:
        """What was asked, in order."""
        return [verb for (verb,) in self.ask("SELECT verb FROM asked ORDER BY number")]

    @property
    def faults(self) -> list[str]:
        """What callers did that nobody may do."""
        return [said for (said,) in self.ask("SELECT said FROM fault")]

    def forget(self) -> None:
        """Begin anew."""
        for table in ("taken", "declined", "pending", "asked", "lie", "fault"):
            self.ask(f"DELETE FROM {table}")  # noqa: S608

    def heard(self, verb: str, key: str) -> None:
        """Note a call; nobody may make one within a transaction."""
        self.ask("INSERT INTO asked (verb, key) VALUES (?, ?)", verb, key)
        if database.proxy.in_transaction():
            self.ask("INSERT INTO fault VALUES (?)", f"{verb} within a transaction")

    def outcome(self, key: str) -> Outcome | None:
        """Return what became of a key, None where nothing has."""
        for (reason,) in self.ask("SELECT reason FROM declined WHERE key = ?", key):
            return Declined(reason=Reason(reason), message="No.")
        for (number,) in self.ask("SELECT number FROM taken WHERE key = ?", key):
            return Approved(reference=f"lying_{number}")
        return None

    def take(self, order: Order, *, again: bool) -> Outcome:
        """Take the money of an order, for a known key only where that is done again."""
        with self._lock:
            known = self.outcome(order.key)
            if known is not None and not again:
                return known
            number = order.card.number.reveal()
            if number in _DECLINED:
                self.ask(
                    "INSERT OR IGNORE INTO declined VALUES (?, ?)",
                    order.key,
                    _DECLINED[number],
                )
            else:
                self.ask(
                    "INSERT INTO taken (key, invoice_number, amount, currency) "
                    "VALUES (?, ?, ?, ?)",
                    order.key,
                    order.invoice_number,
                    order.amount.minor,
                    order.amount.currency,
                )
            return self.outcome(order.key) or Unknown(detail="")

    def put_off(self, key: str) -> None:
        """Keep an order to be taken later."""
        self.ask("INSERT OR IGNORE INTO pending VALUES (?)", key)

    def was_put_off(self, key: str) -> bool:
        """Whether an order was kept; it is not from now on."""
        return bool(self.ask("DELETE FROM pending WHERE key = ? RETURNING key", key))


class Lying:
    """The gateway; subclasses have a ledger, and can do less."""

    SETTINGS: ClassVar[tuple[str, ...]] = ()
    TOKEN: ClassVar[re.Pattern[str] | None] = None
    LOOKS_UP: ClassVar[bool] = True
    REPEATS: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, str]) -> None:
        assert not settings

    @property
    def ledger(self) -> Ledger:
        """The ledger of the file that the environment names."""
        return _of_the_environment()

    def check(self) -> Unknown | None:
        return None

    def charge(self, order: Order) -> Outcome:
        self.ledger.heard("charge", order.key)
        lie = self.ledger.next_lie()
        if lie is Lie.DIES:
            os.kill(os.getpid(), signal.SIGKILL)
        if lie is Lie.LATE:
            self.ledger.put_off(order.key)
        if lie in _TAKING:
            outcome = self.ledger.take(order, again=not self.REPEATS)
        if lie is Lie.DIES_AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        if lie is Lie.TWICE and self.REPEATS:
            outcome = self.ledger.take(order, again=False)
        return outcome if lie in (Lie.NONE, Lie.TWICE) else _unknown(lie)

    def look_up(self, order: Order) -> Outcome | Missing:
        self.ledger.heard("look_up", order.key)
        lie = self.ledger.next_lie()
        if not self.LOOKS_UP:
            return Unknown(detail="It cannot tell.")
        if lie not in (Lie.NONE, Lie.TWICE):
            return _unknown(lie)
        if self.ledger.was_put_off(order.key):
            # It has it in hand, and cannot tell yet.
            self.ledger.take(order, again=False)
            return Unknown(detail="It is still at it.")
        return self.ledger.outcome(order.key) or Missing()

    def refund(self, refund: Refund) -> Outcome:
        raise NotImplementedError

    def tokenise(
        self, card: Card, check: CardCheck, key: str
    ) -> Tokenised | Declined | Unknown:
        raise NotImplementedError


def _unknown(lie: Lie) -> Unknown:
    if lie in (Lie.RAISES, Lie.RAISES_AFTER):
        raise RuntimeError("a gateway's own fault")
    return Unknown(detail=f"It {lie}.")


@cache
def _of_the_environment() -> Ledger:
    return Ledger(Path(os.environ[LEDGER]))


def registry(
    ledger: Ledger, *, looks_up: bool = True, repeats: bool = True
) -> Registry:
    """Return the kinds of gateways: the lying one, with this ledger."""
    kind = type(
        "LyingHere",
        (Lying,),
        {"LOOKS_UP": looks_up, "REPEATS": repeats, "ledger": ledger},
    )
    return Registry({KIND: kind})


def installed(folder: Path) -> Path:
    """Make a package that brings the kind; return the folder for PYTHONPATH."""
    info = folder / "lying-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lying\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        f"[perennial.gateways]\n{KIND} = tests.bank:Lying\n"
    )
    return folder


def use(account_id: int) -> None:
    """Put the lying gateway behind all of an account's."""
    with database.writing():
        database.execute(
            "UPDATE gateway SET kind = ? WHERE account_id = ?", (KIND, account_id)
        )
