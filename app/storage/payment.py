"""Payments, and what clients have to their credit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import SQL

from app.domain.account import Scope
from app.domain.charge import Charge, ChargeState
from app.domain.folder import Folder
from app.domain.money import Money
from app.domain.paging import Listing, Page
from app.domain.payment import Payment, PaymentFilter, PaymentType
from app.storage import charge, counter, database, listing, rows, scope, tables
from app.storage.prepared import arg, insertion
from app.storage.scope import ScopedQuery

_NOUN = "payment"
_T = tables.Payment
_I = tables.Invoice
_C = tables.Charge
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


def get(within: Scope, payment_id: int) -> Payment | None:
    """Return a payment, deleted or not."""
    found = _GET.rows(within, payment_id=payment_id)
    return next(iter(map(_payment, found)), None)


def page(within: Scope, narrowed: PaymentFilter, page: Page) -> Listing[Payment]:
    """Return a page of payments by descending id, without the deleted."""
    conditions = [
        *rows.between(_T.date, narrowed.date_from, narrowed.date_to),
        *rows.between(_T.updated_at, narrowed.updated_from, narrowed.updated_to),
    ]
    if narrowed.client_id is not None:
        conditions.append(_T.client_id == narrowed.client_id)
    if narrowed.invoice_id is not None:
        conditions.append(_T.invoice_id == narrowed.invoice_id)
    found, total = _PAGES.page(within, None, conditions, page)
    return Listing(rows=tuple(map(_payment, found)), page=page, total=total)


def page_of_profile(
    within: Scope, recurring_id: int, page: Page
) -> Listing[Payment | Charge]:
    """Return a page of what was paid, and was to be paid, of a profile's invoices.

    That is the payments, and the charges that became none, by descending id, which they
    have in common; of invoices that are not deleted.
    """
    account_id = within.account_id
    invoices = _I.select(_I.invoice_id).where(
        _I.account_id == account_id,
        _I.recurring_id == recurring_id,
        _I.folder != Folder.DELETED,
        *scope.conditions(within, _I.client_id),
    )
    payments = _T.select(_T.payment_id).where(
        _T.account_id == account_id,
        _T.invoice_id.in_(invoices),
        _T.folder != Folder.DELETED,
    )
    charges = _C.select(_C.charge_id).where(
        _C.account_id == account_id,
        _C.invoice_id.in_(invoices),
        _C.state != ChargeState.CAPTURED,
    )
    total = payments.count() + charges.count()
    if page.offset >= total:
        return Listing(rows=(), page=page, total=total)
    ordered = payments.union_all(charges).order_by(SQL("1").desc())
    limited = ordered.limit(page.size).offset(page.offset)
    ids = [row_id for (row_id,) in rows.tuples(limited)]
    found: dict[int, Payment | Charge] = dict(charge.by_id(account_id, ids))
    paid_of = _T.select().where(_T.account_id == account_id, _T.payment_id.in_(ids))
    found |= {row["payment_id"]: _payment(row) for row in rows.dicts(paid_of)}
    return Listing(rows=tuple(found[row_id] for row_id in ids), page=page, total=total)


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
