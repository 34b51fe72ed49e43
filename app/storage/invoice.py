"""Invoices and their lines."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.domain.bill_to import BillTo
from app.domain.folder import Folder
from app.domain.invoice import Invoice, InvoiceFilter, InvoiceStatus, numbered
from app.domain.money import Money
from app.domain.paging import Listing, Page
from app.storage import counter, lines, listing, rows, tables
from app.storage.prepared import Prepared, arg, insertion

_NOUN = "invoice"
_T = tables.Invoice
_L = tables.InvoiceLine
_PAGES = rows.Pages(_T.invoice_id, _NOUN)
_INSERT = insertion(_T)
_GET = Prepared(
    _T.select().where(
        _T.account_id == arg("account_id"), _T.invoice_id == arg("invoice_id")
    )
)
_INSERT_LINE = insertion(_L)
_LINES = rows.ChildRows(_L, _L.invoice_id, order=_L.position)
_OWN = (
    "client_id",
    "recurring_id",
    "staff_id",
    "contacts",
    "number",
    "date",
    "po_number",
    "discount",
    "notes",
    "terms",
    "currency_code",
    "language",
    "return_uri",
    "view_key",
)


def insert(account_id: int, invoice: Invoice, updated_at: datetime) -> Invoice:
    """Give an invoice its id and number and store it; return it with both.

    Raises: database.IntegrityError when its profile has an invoice of that date.
    """
    invoice = numbered(
        invoice,
        counter.take(account_id, _NOUN),
        counter.take(account_id, "invoice_number"),
    )
    _INSERT.run(
        account_id=account_id,
        invoice_id=invoice.invoice_id,
        status=invoice.status,
        folder=invoice.folder,
        amount_minor=invoice.amount.minor,
        paid_minor=invoice.paid.minor,
        updated_at=updated_at,
        **rows.columns(invoice.bill_to, rows.BILL_TO),
        **rows.columns(invoice, _OWN),
    )
    listing.added(account_id, _NOUN, invoice.invoice_id, invoice.folder)
    # A line of an invoice is a line of its own, not the profile's.
    own = [replace(line, line_id=0) for line in invoice.lines]
    stored = lines.rows_of(account_id, "invoice_line", own)
    for row, amount in zip(stored, invoice.line_amounts, strict=True):
        row["invoice_id"] = invoice.invoice_id
        row["amount_minor"] = amount.minor
        _INSERT_LINE.run(**row)
    return invoice


def get(account_id: int, invoice_id: int) -> Invoice | None:
    """Return an invoice, deleted or not."""
    found = _GET.rows(account_id=account_id, invoice_id=invoice_id)
    return next(iter(_invoices(account_id, found)), None)


def page(account_id: int, narrowed: InvoiceFilter, page: Page) -> Listing[Invoice]:
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
    found, total = _PAGES.page(account_id, narrowed.folder, conditions, page)
    return Listing(rows=tuple(_invoices(account_id, found)), page=page, total=total)


def _invoices(account_id: int, found: Sequence[dict[str, Any]]) -> Iterable[Invoice]:
    by_invoice = _LINES.by_parent(account_id, [row["invoice_id"] for row in found])
    for row in found:
        currency = row["currency_code"]
        of_invoice = by_invoice.get(row["invoice_id"], [])
        yield Invoice(
            invoice_id=row["invoice_id"],
            status=InvoiceStatus(row["status"]),
            folder=Folder(row["folder"]),
            bill_to=rows.built(BillTo, rows.BILL_TO, row),
            lines=tuple(map(lines.line, of_invoice)),
            line_amounts=tuple(
                Money.from_minor(line["amount_minor"], currency) for line in of_invoice
            ),
            amount=Money.from_minor(row["amount_minor"], currency),
            paid=Money.from_minor(row["paid_minor"], currency),
            updated_at=row["updated_at"],
            **{name: row[name] for name in _OWN},
        )
