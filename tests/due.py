"""Many due profiles, made by SQL in a moment, and the proof that each was billed once.

The proof shares nothing with what it proves: its dates come from the calendar by hand,
its counts from SQL on a connection of its own.
"""

import calendar
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg

from app.storage import database, tables

# Account, profile, date.
Wanted = tuple[int, int, str]
Ask = Callable[..., list[tuple[Any, ...]]]
Call = Callable[[str, str], Any]


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """A schedule by hand: every so many days or months from a start, so many times."""

    name: str
    start_on: date
    times: int
    days: int = 0
    months: int = 0

    def dates(self) -> list[str]:
        return [self._nth(n).isoformat() for n in range(self.times)]

    def _nth(self, n: int) -> date:
        if self.days:
            return self.start_on + timedelta(days=n * self.days)
        years, month = divmod(self.start_on.month - 1 + n * self.months, 12)
        year = self.start_on.year + years
        last = calendar.monthrange(year, month + 1)[1]
        return date(year, month + 1, min(self.start_on.day, last))


# All in the past, so that what is due does not depend on the day of the test.
RHYTHMS = (
    Rhythm(name="weekly", start_on=date(2020, 1, 6), times=3, days=7),
    Rhythm(name="monthly", start_on=date(2020, 1, 31), times=4, months=1),
    Rhythm(name="2 months", start_on=date(2019, 12, 31), times=3, months=2),
    Rhythm(name="4 weeks", start_on=date(2020, 2, 29), times=2, days=28),
    Rhythm(name="yearly", start_on=date(2016, 2, 29), times=3, months=12),
)
LINES = (
    "<lines><line><name>Hosting</name><description>Plan B</description>"
    "<unit_cost>40</unit_cost><quantity>3</quantity><tax1_name>VAT</tax1_name>"
    "<tax1_percent>19</tax1_percent></line><line><name>Backup</name>"
    "<unit_cost>5</unit_cost><quantity>1</quantity></line></lines>"
)


def planted(
    account_id: int, call: Call, each: int, rhythms: Sequence[Rhythm] = RHYTHMS
) -> list[Wanted]:
    """Give an account's client 1 `each` due profiles of each rhythm.

    `call` posts a method's content to the API. Returns what must be billed.
    """
    wanted = []
    for rhythm in rhythms:
        call(
            "recurring.create",
            "<recurring><client_id>1</client_id><date>2031-01-01</date>"
            f"<frequency>{rhythm.name}</frequency>"
            f"<occurrences>{rhythm.times}</occurrences>{LINES}</recurring>",
        )
        first = copied(account_id, each - 1)
        database.execute(
            "UPDATE recurring SET start_on = ?, anchor_on = ?, next_on = ? "
            "WHERE account_id = ? AND recurring_id >= ?",
            (*[rhythm.start_on.isoformat()] * 3, account_id, first),
        )
        wanted += [
            (account_id, first + n, day) for n in range(each) for day in rhythm.dates()
        ]
    return wanted


def copied(account_id: int, count: int) -> int:
    """Copy an account's newest profile and its lines `count` times; return its id.

    Cards stay behind.
    """
    last, lines = _newest(account_id)
    for model in (tables.Recurring, tables.RecurringLine):
        # Quoted, as a line's group is a word of SQL.
        names = [f'"{field.column_name}"' for field in model._meta.sorted_fields]
        picked = {
            '"recurring_id"': f"{last} + n",
            '"line_id"': f"line_id + {lines} * n",
        }
        chosen = ", ".join(picked.get(name, name) for name in names)
        table = model._meta.table_name
        database.execute(
            f"WITH RECURSIVE counted(n) AS (SELECT 1 WHERE {count} > 0 UNION ALL "  # noqa: S608
            f"SELECT n + 1 FROM counted WHERE n < {count}) "
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {chosen} "
            f"FROM {table}, counted "
            f"WHERE account_id = {account_id} AND recurring_id = {last}"
        )
    for noun, number in (("recurring", count), ("recurring_line", lines * count)):
        database.execute(
            "UPDATE counter SET last_id = last_id + ? "
            "WHERE account_id = ? AND noun = ?",
            (number, account_id, noun),
        )
    database.execute(
        "DELETE FROM listing_block WHERE noun = 'recurring' AND account_id = ?",
        (account_id,),
    )
    database.execute(
        "INSERT INTO listing_block (account_id, noun, block, folder, size) "
        "SELECT account_id, 'recurring', recurring_id / 1024, folder, COUNT(*) "
        "FROM recurring WHERE account_id = ? GROUP BY 1, 3, 4",
        (account_id,),
    )
    return last


def _newest(account_id: int) -> tuple[int, int]:
    """Return the id of an account's newest profile and how many lines it has."""
    (last,) = database.execute(
        "SELECT MAX(recurring_id) FROM recurring WHERE account_id = ?", (account_id,)
    ).fetchone()
    (lines,) = database.execute(
        "SELECT COUNT(*) FROM recurring_line WHERE account_id = ? AND recurring_id = ?",
        (account_id, last),
    ).fetchone()
    return last, lines


@contextmanager
def asking(url: str) -> Iterator[Ask]:
    """Provide queries on a connection of its own, `?` standing for values."""
    if url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:")
        with closing(sqlite3.connect(path, 30, isolation_level=None)) as connection:
            yield lambda sql, *values: connection.execute(sql, values).fetchall()
        return
    with psycopg.connect(url, autocommit=True) as other:

        def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
            cursor = other.execute(sql.replace("?", "%s").encode(), values)
            return cursor.fetchall() if cursor.description else []

        yield ask


def invoices(ask: Ask) -> int:
    """Return how many invoices there are."""
    return int(ask("SELECT COUNT(*) FROM invoice")[0][0])


_BILLED = "SELECT account_id, recurring_id, CAST(date AS TEXT) FROM invoice"


def misbilled(ask: Ask, wanted: Sequence[Wanted]) -> dict[str, list[tuple[Any, ...]]]:
    """Return what is missing, too much or there twice, if anything is."""
    ask("DROP TABLE IF EXISTS wanted")
    ask(
        "CREATE TEMPORARY TABLE wanted "
        "(account_id INTEGER, recurring_id BIGINT, day TEXT)"
    )
    for start in range(0, len(wanted), 1000):
        some = wanted[start : start + 1000]
        marks = ", ".join(["(?, ?, ?)"] * len(some))
        ask(
            f"INSERT INTO wanted VALUES {marks}",  # noqa: S608
            *(value for row in some for value in row),
        )
    found = {
        "missing": ask(f"SELECT * FROM wanted EXCEPT {_BILLED}"),  # noqa: S608
        "too much": ask(f"{_BILLED} EXCEPT SELECT * FROM wanted"),  # noqa: S608
        "twice": ask(f"{_BILLED} GROUP BY 1, 2, 3 HAVING COUNT(*) > 1"),
    }
    return {name: rows for name, rows in found.items() if rows}


# What a query finds here is wrong.
_BOOKS = {
    "gaps in ids or numbers": (
        "SELECT account_id, COUNT(*), MIN(invoice_id), MAX(invoice_id), "
        "COUNT(DISTINCT number), MIN(CAST(number AS BIGINT)), "
        "MAX(CAST(number AS BIGINT)) FROM invoice GROUP BY account_id HAVING "
        "MIN(invoice_id) <> 1 OR MAX(invoice_id) <> COUNT(*) "
        "OR COUNT(DISTINCT number) <> COUNT(*) OR MIN(CAST(number AS BIGINT)) <> 1 "
        "OR MAX(CAST(number AS BIGINT)) <> COUNT(*)"
    ),
    "gaps in ids of lines": (
        "SELECT account_id, COUNT(*), MIN(line_id), MAX(line_id) FROM invoice_line "
        "GROUP BY account_id HAVING MIN(line_id) <> 1 OR MAX(line_id) <> COUNT(*)"
    ),
    "counters": (
        "SELECT account_id, 'invoice', MAX(invoice_id) FROM invoice GROUP BY 1 "
        "UNION ALL SELECT account_id, 'invoice_number', COUNT(*) FROM invoice "
        "GROUP BY 1 UNION ALL SELECT account_id, 'invoice_line', MAX(line_id) "
        "FROM invoice_line GROUP BY 1 UNION ALL SELECT account_id, 'recurring', "
        "MAX(recurring_id) FROM recurring GROUP BY 1 "
        "EXCEPT SELECT account_id, noun, last_id FROM counter"
    ),
    "listing blocks": (
        "SELECT account_id, 'invoice', invoice_id / 1024, folder, COUNT(*) "
        "FROM invoice GROUP BY 1, 3, 4 UNION ALL SELECT account_id, 'recurring', "
        "recurring_id / 1024, folder, COUNT(*) FROM recurring GROUP BY 1, 3, 4 "
        "EXCEPT SELECT account_id, noun, block, folder, size FROM listing_block"
    ),
    "totals of listing blocks": (
        "SELECT noun, total FROM (SELECT noun, SUM(size) AS total "
        "FROM listing_block GROUP BY 1) AS summed WHERE (noun = 'invoice' AND "
        "total <> (SELECT COUNT(*) FROM invoice)) OR (noun = 'recurring' AND "
        "total <> (SELECT COUNT(*) FROM recurring))"
    ),
    "progress of profiles": (
        "SELECT r.account_id, r.recurring_id, r.billed_count, COUNT(i.date) "
        "FROM recurring r LEFT JOIN invoice i ON i.account_id = r.account_id "
        "AND i.recurring_id = r.recurring_id GROUP BY 1, 2, 3, r.last_billed_on "
        "HAVING r.billed_count <> COUNT(i.date) "
        "OR COALESCE(CAST(r.last_billed_on AS TEXT), '') "
        "<> COALESCE(CAST(MAX(i.date) AS TEXT), '')"
    ),
    "half an invoice": (
        "SELECT i.account_id, i.invoice_id, COUNT(l.line_id) FROM invoice i "
        "LEFT JOIN invoice_line l ON l.account_id = i.account_id "
        "AND l.invoice_id = i.invoice_id GROUP BY 1, 2, i.recurring_id "
        "HAVING COUNT(l.line_id) <> (SELECT COUNT(*) FROM recurring_line p "
        "WHERE p.account_id = i.account_id AND p.recurring_id = i.recurring_id)"
    ),
    "parked profiles": (
        "SELECT account_id, recurring_id, parked_reason FROM recurring "
        "WHERE parked_reason <> ''"
    ),
}


def misbooked(ask: Ask) -> dict[str, list[tuple[Any, ...]]]:
    """Return where counters, blocks, progress and rows disagree, if they do."""
    found = {name: ask(sql) for name, sql in _BOOKS.items()}
    return {name: rows for name, rows in found.items() if rows}
