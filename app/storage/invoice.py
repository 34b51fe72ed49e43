"""Invoices and their lines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

from peewee import Case, fn

from app.domain.account import Scope
from app.domain.bill_to import BillTo
from app.domain.folder import Folder
from app.domain.invoice import (
    Invoice,
    InvoiceFilter,
    counted_number,
    numbered,
    printed_number,
)
from app.domain.invoice_status import InvoiceStatus
from app.domain.money import Money
from app.domain.paging import Listing, Page
from app.storage import charges, counter, lines, listing, rows, scope, tables
from app.storage.prepared import Locking, Prepared, arg, insertion, update_of
from app.storage.scope import ScopedQuery

_NOUN = "invoice"
_NUMBERS = "invoice_number"
_T = tables.Invoice
_L = tables.InvoiceLine
_PAGES = rows.Pages(_T.invoice_id, _NOUN, _T.client_id)
_INSERT = insertion(_T)
_IS = (_T.account_id == arg("account_id")) & (_T.invoice_id == arg("invoice_id"))
_THIS = _T.select().where(_IS)
_GET = ScopedQuery(_THIS, _T.client_id)
_LOCK = ScopedQuery(_THIS, _T.client_id, Locking.WAIT)
_SCHEDULE = update_of(_T, _IS, ("collect_on", "held_until"))
_INSERT_LINE = insertion(_L)
_LINES = rows.ChildRows(_L, _L.invoice_id, order=_L.position)
_P = tables.Payment
_PAYMENTS = Prepared(
    _P.select(_P.payment_id)
    .where(
        _P.account_id == arg("account_id"),
        _P.invoice_id == arg("invoice_id"),
        _P.folder != Folder.DELETED,
    )
    .limit(1)
)
_OWN = (
    "client_id",
    "recurring_id",
    "staff_id",
    "contacts",
    "number",
    "date",
    "billed_on",
    "due_on",
    "title",
    "po_number",
    "discount",
    "notes",
    "terms",
    "currency_code",
    "language",
    "return_uri",
    "view_key",
    "auto_paid",
    "collect_on",
    "held_until",
)
_UPDATE = update_of(
    _T,
    _IS,
    (
        "status",
        "unpaid_status",
        "folder",
        "amount_minor",
        "paid_minor",
        "updated_at",
        *charges.NAMES,
        *rows.BILL_TO,
        *_OWN,
    ),
)
# What an invoice has only once it is stored.
_NUMBERED = ("invoice_id", "number", "return_uri")


def insert(
    account_id: int, invoices: Sequence[Invoice], updated_at: datetime
) -> list[Invoice]:
    """Give invoices their ids and numbers and store them; return them with both.

    One that has a number already keeps it, and the next ones follow the highest.

    Raises: database.IntegrityError when a profile has an invoice of that date, or a
    number is in use.
    """
    count = len(invoices)
    # From the first counter on, other transactions of the account wait: what can be
    # done before is, and the counters are taken in one order by all.
    invoice_rows = [_row(account_id, invoice, updated_at) for invoice in invoices]
    line_rows = [_line_rows(account_id, invoice) for invoice in invoices]
    first_id = counter.take(account_id, _NOUN, count)
    unnumbered = sum(not invoice.number for invoice in invoices)
    numbers = counter.fresh(account_id, _NUMBERS, unnumbered)
    stored = [
        numbered(
            invoice, first_id + place, invoice.number or printed_number(next(numbers))
        )
        for place, invoice in enumerate(invoices)
    ]
    for invoice in invoices:
        follow(account_id, invoice.number)
    for row, invoice in zip(invoice_rows, stored, strict=True):
        row.update(rows.columns(invoice, _NUMBERED))
    _INSERT.run_many(invoice_rows)
    ids = [invoice.invoice_id for invoice in stored]
    listing.added(account_id, _NOUN, ids, Folder.ACTIVE)
    new_ids = counter.fresh(account_id, "invoice_line", sum(map(len, line_rows)))
    for invoice_id, of_invoice in zip(ids, line_rows, strict=True):
        for row in of_invoice:
            row.update(invoice_id=invoice_id, line_id=next(new_ids))
    _INSERT_LINE.run_many(chain.from_iterable(line_rows))
    return stored


def follow(account_id: int, number: str) -> None:
    """Have the next numbers of the account's follow one that a person chose."""
    if (chosen := counted_number(number)) is not None:
        counter.reach(account_id, _NUMBERS, chosen)


def update(
    account_id: int, invoice: Invoice, former: Folder, updated_at: datetime
) -> None:
    """Store the fields of a changed invoice; `replace_lines` stores its lines.

    Raises: database.IntegrityError when its number is in use.
    """
    _UPDATE.run(
        account_id=account_id,
        invoice_id=invoice.invoice_id,
        updated_at=updated_at,
        **_columns(invoice),
    )
    if invoice.folder is not former:
        listing.moved(account_id, _NOUN, invoice.invoice_id, former, invoice.folder)


def schedule(
    account_id: int,
    invoice_id: int,
    collect_on: date | None,
    held_until: datetime | None = None,
) -> None:
    """Store when an invoice's card is charged next; nobody has changed the invoice."""
    _SCHEDULE.run(
        account_id=account_id,
        invoice_id=invoice_id,
        collect_on=collect_on,
        held_until=held_until,
    )


def replace_lines(account_id: int, invoice: Invoice) -> list[int]:
    """Store the invoice's lines in place of the former ones; return their ids."""
    _L.delete().where(
        _L.account_id == account_id, _L.invoice_id == invoice.invoice_id
    ).execute()
    stored = lines.rows_of(account_id, "invoice_line", invoice.lines)
    for row, amount in zip(stored, invoice.line_amounts, strict=True):
        row.update(invoice_id=invoice.invoice_id, amount_minor=amount.minor)
    _INSERT_LINE.run_many(stored)
    return [row["line_id"] for row in stored]


def get(within: Scope, invoice_id: int) -> Invoice | None:
    """Return an invoice, deleted or not."""
    found = _GET.rows(within, invoice_id=invoice_id)
    return next(iter(_invoices(within.account_id, found)), None)


def locked(within: Scope, invoice_id: int) -> Invoice | None:
    """Return an invoice as `get` does, kept from others until the transaction ends."""
    found = _LOCK.rows(within, invoice_id=invoice_id)
    return next(iter(_invoices(within.account_id, found)), None)


def has_payments(account_id: int, invoice_id: int) -> bool:
    """Whether there are payments on an invoice that count."""
    return bool(_PAYMENTS.rows(account_id=account_id, invoice_id=invoice_id))


def totals(
    within: Scope, currencies: Mapping[int, str]
) -> dict[int, tuple[int, int, int]]:
    """Return what the invoices of profiles come to, in minor units of their currency.

    That is the total, what was paid and what is outstanding: what was paid of one
    beyond its total pays no other. Those count that are in the profile's currency, not
    deleted, and of clients within the scope: a profile may have been another's.
    """
    left = Case(
        None,
        [
            (_T.amount_minor < 0, 0),
            (_T.amount_minor > _T.paid_minor, _T.amount_minor - _T.paid_minor),
        ],
        0,
    )
    query = (
        _T.select(
            _T.recurring_id,
            _T.currency_code,
            fn.SUM(_T.amount_minor),
            fn.SUM(_T.paid_minor),
            fn.SUM(left),
        )
        .where(
            _T.account_id == within.account_id,
            _T.recurring_id.in_(list(currencies)),
            _T.folder != Folder.DELETED,
            *scope.conditions(within, _T.client_id),
        )
        .group_by(_T.recurring_id, _T.currency_code)
    )
    return {
        recurring_id: (int(total), int(paid), int(outstanding))
        for recurring_id, currency, total, paid, outstanding in rows.tuples(query)
        if currencies[recurring_id] == currency
    }


def page(within: Scope, narrowed: InvoiceFilter, page: Page) -> Listing[Invoice]:
    """Return a page of invoices by descending id."""
    conditions = [
        *rows.between(_T.date, narrowed.date_from, narrowed.date_to),
        *rows.between(_T.updated_at, narrowed.updated_from, narrowed.updated_to),
    ]
    for column, wanted in (
        (_T.client_id, narrowed.client_id),
        (_T.recurring_id, narrowed.recurring_id),
        (_T.status, narrowed.status),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    if narrowed.number is not None:
        conditions.append(_T.number.contains(narrowed.number))
    found, total = _PAGES.page(within, narrowed.folder, conditions, page)
    invoices = tuple(_invoices(within.account_id, found))
    return Listing(rows=invoices, page=page, total=total)


def _row(account_id: int, invoice: Invoice, updated_at: datetime) -> dict[str, Any]:
    """Return a row to which id and number are still to be added."""
    return {
        "account_id": account_id,
        "updated_at": updated_at,
        **_columns(invoice),
    }


def _columns(invoice: Invoice) -> dict[str, Any]:
    return {
        "status": invoice.status,
        "unpaid_status": invoice.unpaid_status,
        "folder": invoice.folder,
        "amount_minor": invoice.amount.minor,
        "paid_minor": invoice.paid.minor,
        **charges.columns(invoice),
        **rows.columns(invoice.bill_to, rows.BILL_TO),
        **rows.columns(invoice, _OWN),
    }


def _line_rows(account_id: int, invoice: Invoice) -> list[dict[str, Any]]:
    """Return rows to which their ids are still to be added: lines of its own."""
    amounts = zip(invoice.lines, invoice.line_amounts, strict=True)
    return [
        {
            "account_id": account_id,
            "position": position,
            "amount_minor": amount.minor,
            **rows.columns(line, lines.NAMES),
        }
        for position, (line, amount) in enumerate(amounts)
    ]


def _invoices(account_id: int, found: Sequence[dict[str, Any]]) -> Iterable[Invoice]:
    by_invoice = _LINES.by_parent(account_id, [row["invoice_id"] for row in found])
    for row in found:
        currency = row["currency_code"]
        of_invoice = by_invoice.get(row["invoice_id"], [])
        yield Invoice(
            invoice_id=row["invoice_id"],
            status=InvoiceStatus(row["status"]),
            unpaid_status=InvoiceStatus(row["unpaid_status"]),
            folder=Folder(row["folder"]),
            bill_to=rows.built(BillTo, rows.BILL_TO, row),
            lines=tuple(map(lines.line, of_invoice)),
            line_amounts=tuple(
                Money.from_minor(line["amount_minor"], currency) for line in of_invoice
            ),
            amount=Money.from_minor(row["amount_minor"], currency),
            paid=Money.from_minor(row["paid_minor"], currency),
            updated_at=row["updated_at"],
            **charges.fields(row),
            **{name: row[name] for name in _OWN},
        )
