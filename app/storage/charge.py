"""Attempts to charge cards, and the invoices for which one is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, reduce
from operator import or_
from typing import Any

from peewee import SQL, fn

from app.domain.card import Brand
from app.domain.charge import UNDER_WAY, Charge, ChargeState
from app.domain.gateway import Reason
from app.domain.money import Money
from app.storage import counter, recurring, rows, tables
from app.storage.prepared import Prepared, arg, insertion

# A charge has the id of the payment that comes of it.
_NOUN = "payment"
_T = tables.Charge
_I = tables.Invoice
_A = tables.Account
_INSERT = insertion(_T)
_OWN = (
    "invoice_id",
    "recurring_id",
    "attempt_no",
    "key",
    "automatic",
    "staff_id",
    "card_id",
    "gateway_name",
    "last_four",
    "message",
    "reference",
    "made_on",
    "created_at",
    "sent_at",
    "check_at",
    "checks",
)
_THIS = (_T.account_id == arg("account_id")) & (_T.charge_id == arg("charge_id"))
_GET = Prepared(_T.select().where(_THIS))
_DELETE = Prepared(_T.delete().where(_THIS))
_OF_INVOICE = Prepared(
    _T.select()
    .where(_T.account_id == arg("account_id"), _T.invoice_id == arg("invoice_id"))
    .order_by(_T.attempt_no)
)
# What a charge changes as it goes its way.
_MOVED = (
    "gateway_name",
    "amount_minor",
    "last_four",
    "brand",
    "state",
    "reason",
    "message",
    "reference",
    "made_on",
    "sent_at",
    "check_at",
    "checks",
    "key_version",
    "sealed",
)
_UPDATE = Prepared(
    _T.update(
        {
            field: arg(field.name, field)
            for field in (getattr(_T, name) for name in _MOVED)
        }
    ).where(_THIS)
)
_CHARGED_ON = Prepared(
    _T.select(_T.charge_id)
    .where(
        _T.account_id == arg("account_id"),
        _T.recurring_id == arg("recurring_id"),
        _T.made_on == arg("day", _T.made_on),
        _T.attempt_no == 1,
        _T.automatic,
        _T.invoice_id != arg("invoice_id"),
    )
    .limit(1)
)
_CAPTURED = Prepared(
    _T.select(_T.charge_id)
    .where(
        _T.account_id == arg("account_id"),
        _T.recurring_id == arg("recurring_id"),
        _T.state == ChargeState.CAPTURED,
    )
    .limit(2)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCard:
    """The card that a charge was sent with, as it is stored."""

    key_version: int
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DueInvoice:
    """An invoice whose card is to be charged, since a day."""

    account_id: int
    invoice_id: int
    collect_on: date


def insert(account_id: int, charge: Charge) -> int:
    """Store a new charge; return its id.

    Raises: database.IntegrityError while another one of its invoice is under way.
    """
    charge_id = counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        charge_id=charge_id,
        currency_code=charge.amount.currency,
        key_version=None,
        sealed=None,
        **_columns(charge),
    )
    return charge_id


def update(account_id: int, charge: Charge, card: SealedCard | None = None) -> None:
    """Store how far a charge has come, with its card or without one from now on."""
    columns = {
        **_columns(charge),
        "key_version": None if card is None else card.key_version,
        "sealed": None if card is None else card.sealed,
    }
    _UPDATE.run(
        account_id=account_id,
        charge_id=charge.charge_id,
        **{name: columns[name] for name in _MOVED},
    )


def delete(account_id: int, charge_id: int) -> None:
    """Forget a charge that was never sent."""
    _DELETE.run(account_id=account_id, charge_id=charge_id)


def get(account_id: int, charge_id: int) -> Charge | None:
    """Return a charge."""
    found = _GET.rows(account_id=account_id, charge_id=charge_id)
    return next(map(_charge, found), None)


def card(account_id: int, charge_id: int) -> SealedCard | None:
    """Return the card that a charge was sent with, until its outcome is known."""
    for row in _GET.rows(account_id=account_id, charge_id=charge_id):
        if row["sealed"] is not None:
            return SealedCard(
                key_version=row["key_version"], sealed=bytes(row["sealed"])
            )
    return None


def of_invoice(account_id: int, invoice_id: int) -> list[Charge]:
    """Return the attempts at an invoice, in order."""
    found = _OF_INVOICE.rows(account_id=account_id, invoice_id=invoice_id)
    return list(map(_charge, found))


def charged_on(account_id: int, recurring_id: int, day: date, besides: int) -> bool:
    """Whether a profile was first charged for another invoice on a day."""
    found = _CHARGED_ON.rows(
        account_id=account_id, recurring_id=recurring_id, day=day, invoice_id=besides
    )
    return bool(found)


def captured(account_id: int, recurring_id: int) -> int:
    """Return how many charges of a profile took money; 2 stands for more."""
    return len(_CAPTURED.rows(account_id=account_id, recurring_id=recurring_id))


def parked() -> list[tuple[int, Charge]]:
    """Return the charges that wait for a person, with their accounts' ids."""
    query = _T.select().where(_T.state == SQL("'parked'"))
    found = rows.dicts(query.order_by(_T.account_id, _T.charge_id))
    return [(row["account_id"], _charge(row)) for row in found]


def due(zones: Mapping[str, date], now: datetime, limit: int) -> list[DueInvoice]:
    """Return what is due by the real calendar, the oldest first.

    `zones` tells the day in each time zone.
    """
    if not zones:
        return []
    days = recurring.by_day(zones)
    arguments: dict[str, Any] = {"limit": limit, "latest": days[0][0], "now": now}
    for number, (day, names) in enumerate(days):
        arguments[f"day{number}"] = day
        arguments |= {f"zone{number}_{place}": n for place, n in enumerate(names)}
    prepared = _due_by_calendar(tuple(len(names) for _, names in days))
    return [DueInvoice(**row) for row in prepared.rows(**arguments)]


def due_of(account_id: int, until: date, now: datetime, limit: int) -> list[DueInvoice]:
    """Return what is due of an account until a day, the oldest first."""
    found = _DUE_OF.rows(account_id=account_id, until=until, now=now, limit=limit)
    return [DueInvoice(**row) for row in found]


def to_check(now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return account and id of the charges to be looked after, by the real clock."""
    found = _TO_CHECK.rows(now=now, limit=limit)
    return [(row["account_id"], row["charge_id"]) for row in found]


def to_check_of(account_id: int, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return the same of an account alone."""
    found = _TO_CHECK_OF.rows(account_id=account_id, now=now, limit=limit)
    return [(row["account_id"], row["charge_id"]) for row in found]


def next_day(account_id: int) -> date | None:
    """Return the first day on which a card of the account's is to be charged."""
    query = _I.select(fn.MIN(_I.collect_on)).where(
        _I.account_id == account_id,
        _I.collect_on.is_null(is_null=False),
        _I.unpaid_status != SQL("'draft'"),
    )
    return _I.collect_on.python_value(query.scalar())


def next_check(account_id: int) -> datetime | None:
    """Return when the next charge of the account's is looked after."""
    query = _T.select(fn.MIN(_T.check_at)).where(
        _T.account_id == account_id, _T.check_at.is_null(is_null=False)
    )
    return _T.check_at.python_value(query.scalar())


def _oldest_first(*conditions: Any) -> Any:
    """Return the query of invoices whose day is still to come, or has come.

    The condition on the status is that of the index, word by word, so that it is used.
    """
    return (
        _I.select(_I.account_id, _I.invoice_id, _I.collect_on)
        .where(
            _I.collect_on.is_null(is_null=False),
            _I.unpaid_status != SQL("'draft'"),
            _I.held_until.is_null() | (_I.held_until <= arg("now", _I.held_until)),
            *conditions,
        )
        .order_by(_I.collect_on, _I.account_id, _I.invoice_id)
        .limit(arg("limit"))
    )


_DUE_OF = Prepared(
    _oldest_first(
        _I.account_id == arg("account_id"), _I.collect_on <= arg("until", _I.collect_on)
    )
)


@cache
def _due_by_calendar(shape: tuple[int, ...]) -> Prepared:
    """Return the query for so many zones on each of so many days."""
    there = [
        _A.time_zone.in_([arg(f"zone{number}_{place}") for place in range(count)])
        & (_I.collect_on <= arg(f"day{number}", _I.collect_on))
        for number, count in enumerate(shape)
    ]
    query = _oldest_first(
        _I.collect_on <= arg("latest", _I.collect_on),
        _A.clock_on.is_null(),
        reduce(or_, there),
    )
    return Prepared(query.join(_A, on=(_A.account_id == _I.account_id)))


def _by_time(*conditions: Any) -> Any:
    return (
        _T.select(_T.account_id, _T.charge_id)
        .where(
            _T.check_at.is_null(is_null=False),
            _T.check_at <= arg("now", _T.check_at),
            *conditions,
        )
        .order_by(_T.check_at, _T.account_id, _T.charge_id)
        .limit(arg("limit"))
    )


_TO_CHECK = Prepared(
    _by_time(_A.clock_on.is_null()).join(_A, on=(_A.account_id == _T.account_id))
)
_TO_CHECK_OF = Prepared(_by_time(_T.account_id == arg("account_id")))


def under_way(account_id: int, invoice_ids: Sequence[int]) -> set[int]:
    """Return those of the invoices of which a charge is under way."""
    if not invoice_ids:
        return set()
    query = _T.select(_T.invoice_id).where(
        _T.account_id == account_id,
        _T.invoice_id.in_(list(invoice_ids)),
        _T.state.in_(list(UNDER_WAY)),
    )
    return {invoice_id for (invoice_id,) in rows.tuples(query)}


def _columns(charge: Charge) -> dict[str, Any]:
    return {
        "amount_minor": charge.amount.minor,
        "brand": charge.brand or "",
        "state": charge.state,
        "reason": charge.reason or "",
        **rows.columns(charge, _OWN),
    }


def _charge(row: dict[str, Any]) -> Charge:
    return Charge(
        charge_id=row["charge_id"],
        amount=Money.from_minor(row["amount_minor"], row["currency_code"]),
        brand=Brand(row["brand"]) if row["brand"] else None,
        state=ChargeState(row["state"]),
        reason=Reason(row["reason"]) if row["reason"] else None,
        **{name: row[name] for name in _OWN},
    )
