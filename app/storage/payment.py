"""Payments, and what clients have to their credit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.account import Scope
from app.domain.folder import Folder
from app.domain.money import Money
from app.domain.paging import Listing, Page
from app.domain.payment import Payment, PaymentFilter, PaymentType
from app.storage import counter, database, listing, rows, tables
from app.storage.prepared import arg, insertion
from app.storage.scope import ScopedQuery

_NOUN = "payment"
_T = tables.Payment
_I = tables.Invoice
_PAGES = rows.Pages(_T.payment_id, _NOUN, _T.client_id)
_INSERT = insertion(_T)
_GET = ScopedQuery(
    _T.select().where(
        _T.account_id == arg("account_id"), _T.payment_id == arg("payment_id")
    ),
    _T.client_id,
)
_OWN = (
    "client_id",
    "invoice_id",
    "from_credit",
    "date",
    "type",
    "notes",
    "folder",
    "gateway_name",
    "reference",
    "automatic",
)
_PAID = """
    SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT),
      COALESCE(SUM(CASE WHEN automatic THEN 1 ELSE 0 END), 0) FROM payment
    WHERE account_id = ? AND invoice_id = ? AND folder <> 'deleted'
"""
# What was given to a client's credit, what was paid out of it, and what was paid of
# invoices beyond their totals. An invoice below zero owes nobody anything.
_CREDITS = """
    SELECT client_id, currency_code, CAST(SUM(minor) AS BIGINT) FROM (
      SELECT client_id, currency_code,
        CASE WHEN from_credit THEN -amount_minor ELSE amount_minor END AS minor
      FROM payment WHERE account_id = ? AND folder <> 'deleted'
        AND (invoice_id IS NULL OR from_credit){narrowed}
      UNION ALL
      SELECT client_id, currency_code,
        paid_minor - CASE WHEN amount_minor > 0 THEN amount_minor ELSE 0 END
      FROM invoice WHERE account_id = ? AND folder <> 'deleted'
        AND paid_minor > amount_minor{narrowed}
    ) AS movement GROUP BY client_id, currency_code ORDER BY client_id, currency_code
"""


def insert(account_id: int, payment: Payment, updated_at: datetime) -> int:
    """Store a new payment; return its id, which that of a charge has already."""
    payment_id = payment.payment_id or counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        payment_id=payment_id,
        updated_at=updated_at,
        **_columns(payment),
    )
    listing.added(account_id, _NOUN, [payment_id], payment.folder)
    return payment_id


def update(
    account_id: int, payment: Payment, former: Folder, updated_at: datetime
) -> None:
    """Store a changed payment."""
    _T.update(**_columns(payment), updated_at=updated_at).where(
        _T.account_id == account_id, _T.payment_id == payment.payment_id
    ).execute()
    if payment.folder is not former:
        listing.moved(account_id, _NOUN, payment.payment_id, former, payment.folder)


def get(scope: Scope, payment_id: int) -> Payment | None:
    """Return a payment, deleted or not."""
    found = _GET.rows(scope, payment_id=payment_id)
    return next(iter(map(_payment, found)), None)


def page(scope: Scope, narrowed: PaymentFilter, page: Page) -> Listing[Payment]:
    """Return a page of payments by descending id, without the deleted."""
    conditions = [
        *rows.between(_T.date, narrowed.date_from, narrowed.date_to),
        *rows.between(_T.updated_at, narrowed.updated_from, narrowed.updated_to),
    ]
    if narrowed.client_id is not None:
        conditions.append(_T.client_id == narrowed.client_id)
    if narrowed.invoice_id is not None:
        conditions.append(_T.invoice_id == narrowed.invoice_id)
    return _page(scope, conditions, page)


def page_of_profile(scope: Scope, recurring_id: int, page: Page) -> Listing[Payment]:
    """Return a page of the payments on a profile's invoices that are not deleted."""
    invoices = _I.select(_I.invoice_id).where(
        _I.account_id == scope.account_id,
        _I.recurring_id == recurring_id,
        _I.folder != Folder.DELETED,
    )
    return _page(scope, [_T.invoice_id.in_(invoices)], page)


def paid(account_id: int, invoice_id: int, currency_code: str) -> tuple[Money, bool]:
    """Return what has been paid of an invoice, and whether auto-billing paid of it."""
    found = database.execute(_PAID, (account_id, invoice_id)).fetchall()
    ((minor, automatic),) = found
    return Money.from_minor(minor, currency_code), bool(automatic)


def credits_of(
    account_id: int, client_ids: Sequence[int]
) -> dict[int, tuple[Money, ...]]:
    """Return what clients have to their credit, by client, ordered by currency.

    Nothing is told of a currency in which the balance is 0.
    """
    if not client_ids:
        return {}
    marks = ", ".join("?" * len(client_ids))
    sql = _CREDITS.format(narrowed=f" AND client_id IN ({marks})")
    one_half = (account_id, *client_ids)
    found: dict[int, tuple[Money, ...]] = {}
    for client_id, currency, minor in database.execute(sql, one_half * 2).fetchall():
        if minor:
            credit = Money.from_minor(minor, currency)
            found[client_id] = (*found.get(client_id, ()), credit)
    return found


def overdrawn(account_id: int) -> list[tuple[int, str]]:
    """Return client and currency of every credit that is below zero."""
    sql = _CREDITS.format(narrowed="")
    found = database.execute(sql, (account_id, account_id)).fetchall()
    return [(client_id, currency) for client_id, currency, minor in found if minor < 0]


def _page(scope: Scope, conditions: Sequence[Any], page: Page) -> Listing[Payment]:
    found, total = _PAGES.page(scope, None, conditions, page)
    return Listing(rows=tuple(map(_payment, found)), page=page, total=total)


def _columns(payment: Payment) -> dict[str, Any]:
    return {
        "amount_minor": payment.amount.minor,
        "currency_code": payment.amount.currency,
        **rows.columns(payment, _OWN),
    }


def _payment(row: dict[str, Any]) -> Payment:
    return Payment(
        payment_id=row["payment_id"],
        amount=Money.from_minor(row["amount_minor"], row["currency_code"]),
        updated_at=row["updated_at"],
        **{
            **{name: row[name] for name in _OWN},
            "type": PaymentType(row["type"]),
            "folder": Folder(row["folder"]),
        },
    )
