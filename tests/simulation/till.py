"""What must hold of invoices and payments, whoever changed them.

Beside the product's own sums stand others: what clients gave is what was put on their
invoices and what is left to their credit. The source is part 2.4 of the model for all
source systems, and docs/money.md.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

from tests.simulation import oracle
from tests.simulation.books import Bill, Books, Finding, Paid
from tests.simulation.oracle import Line

_BILLS = """
SELECT invoice_id, client_id, date, folder, status, unpaid_status, discount,
  currency_code, amount_minor, paid_minor FROM invoice WHERE account_id = ?
"""
_PAYMENTS = """
SELECT payment_id, client_id, invoice_id, from_credit, amount_minor, folder, automatic
FROM payment WHERE account_id = ?
"""
_LINES = """
SELECT name, unit_cost, quantity, tax1_name, tax1_percent, tax2_name, tax2_percent,
  start_on, end_on FROM invoice_line WHERE account_id = ? AND invoice_id = ?
ORDER BY position
"""
_PLACES = {"JPY": 0, "KWD": 3}


def line(row: tuple[Any, ...]) -> Line:
    """Return a line as the database has it, without its id."""
    name, unit_cost, quantity, name1, percent1, name2, percent2, start, end = row
    taxes = [(name1, percent1), (name2, percent2)]
    return Line(
        name=name,
        unit_cost=unit_cost,
        quantity=quantity,
        taxes=tuple(tax for tax in taxes if tax[0]),
        start=None if start is None else date.fromisoformat(start),
        end=None if end is None else date.fromisoformat(end),
    )


def look(database: sqlite3.Connection, books: Books) -> None:
    """Check the invoices and payments of an account, and remember them.

    Raises: Finding.
    """
    key = (books.account_id,)
    former = books.bills
    books.bills = {row[0]: Bill(*row) for row in database.execute(_BILLS, key)}
    books.payments = {row[0]: Paid(*row) for row in database.execute(_PAYMENTS, key)}
    given: Counter[int] = Counter()
    auto = set()
    for payment in books.payments.values():
        if payment.folder != "deleted":
            given[payment.invoice_id or 0] += payment.minor
            auto |= {payment.invoice_id} if payment.automatic else set()
    books.paid_ever |= given.keys()
    for bill in books.bills.values():
        if bill != former.get(bill.invoice_id):
            _check_total(database, books, bill)
        where = f"invoice {bill.invoice_id} of account {books.account_id}"
        if bill.paid != given[bill.invoice_id]:
            raise Finding(f"{where}: {bill.paid} paid, not {given[bill.invoice_id]}")
        if bill.status != oracle.status(
            bill.own, bill.minor, bill.paid, auto=bill.invoice_id in auto
        ):
            raise Finding(f"{where}: {bill}")
        if bill.folder == "deleted" and bill.paid:
            raise Finding(f"{where}: deleted with {bill.paid} on it")
    for client_id, left in balances(books).items():
        if left < 0:
            raise Finding(f"client {client_id} of {books.account_id} has {left}")


def balances(books: Books) -> Counter[int]:
    """Return what clients gave beyond what their invoices come to.

    What came from credit is no new money, but what it was put on took it.
    """
    left: Counter[int] = Counter()
    for payment in books.payments.values():
        if payment.folder != "deleted" and not payment.from_credit:
            left[payment.client_id] += payment.minor
    for bill in books.bills.values():
        if bill.folder != "deleted":
            left[bill.client_id] -= min(bill.paid, max(bill.minor, 0))
    return left


def _check_total(database: sqlite3.Connection, books: Books, bill: Bill) -> None:
    key = (books.account_id, bill.invoice_id)
    lines = [line(row) for row in database.execute(_LINES, key)]
    counting = [each for each in lines if each.counts(date.fromisoformat(bill.day))]
    wanted = oracle.total(counting, bill.discount, bill.currency)
    if bill.minor != wanted:
        raise Finding(
            f"invoice {bill.invoice_id} of account {books.account_id} comes to "
            f"{wanted}, not {bill.minor}"
        )


def check_histories(database: sqlite3.Connection, books: Books) -> None:
    """Check that each change of money was told, and where each ended.

    Raises: Finding.
    """
    scale = 10 ** _PLACES.get(books.currency, 2)
    for bill in books.bills.values():
        told = _told(database, "invoice", books.account_id, bill.invoice_id)
        where = f"invoice {bill.invoice_id} of account {books.account_id}"
        _check_chain(f"{where}, paid", told["paid"], "0", bill.paid / scale)
        _check_chain(f"{where}, amount", told["amount"], None, bill.minor / scale)
    for payment in books.payments.values():
        told = _told(database, "payment", books.account_id, payment.payment_id)
        where = f"payment {payment.payment_id} of account {books.account_id}"
        _check_chain(where, told["amount"], "", payment.minor / scale)
        if told["folder"] != [("active", "deleted")] * payment.gone:
            raise Finding(f"{where}: {payment}, told {told['folder']}")


def _told(
    database: sqlite3.Connection, noun: str, account_id: int, of_id: int
) -> defaultdict[str, list[tuple[str, str]]]:
    """Return what was told of each field: its value before and after."""
    query = (
        f"SELECT changes FROM {noun}_event WHERE account_id = ? "  # noqa: S608
        f"AND {noun}_id = ? ORDER BY number"
    )
    told = defaultdict(list)
    for (text,) in database.execute(query, (account_id, of_id)):
        for name, old, new in json.loads(text):
            told[name].append((old, new))
    return told


def _check_chain(
    where: str, told: list[tuple[str, str]], first: str | None, there: float
) -> None:
    """Check that what was told leads, without a break, to what is there.

    Where the history does not tell the beginning, `first` is None.
    """
    at = first
    for old, new in told:
        if at is not None and old != at:
            raise Finding(f"{where}: it was {at}, and then {old}")
        at = new
    if at is not None and Fraction(at or 0) != Fraction(str(there)):
        raise Finding(f"{where}: it was {at} in the end, not {there}")
