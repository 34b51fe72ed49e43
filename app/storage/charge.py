"""Attempts to charge cards, and the invoices for which one is due."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, reduce
from operator import attrgetter, or_
from typing import Any

from peewee import SQL, fn

from app.domain.card import Brand
from app.domain.charge import UNDER_WAY, Charge, ChargeState
from app.domain.gateway import Reason
from app.domain.money import Money
from app.storage import counter, recurring, rows, tables
from app.storage.prepared import Prepared, arg, insertion, update_of

# A charge has the id of the payment that comes of it.
_NOUN = "payment"
_T = tables.Charge
_I = tables.Invoice
_A = tables.Account
_INSERT = insertion(_T)
_OWN = (
    "invoice_id",
    "recurring_id",
    "invoice_number",
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
    "currency_code",
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
_UPDATE = update_of(_T, _THIS, _MOVED)
_SET_SENT = update_of(_T, _THIS, ("sent_at",))
_PUT_OFF = Prepared(
    _T.update({_T.check_at: arg("check_at", _T.check_at)}).where(
        _THIS, _T.check_at.is_null(is_null=False)
    )
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


def set_sent(account_id: int, charge_id: int, at: datetime) -> None:
    """Store when a charge was given to its gateway last."""
    _SET_SENT.run(account_id=account_id, charge_id=charge_id, sent_at=at)


def insert(account_id: int, charge: Charge) -> int:
    """Store a new charge; return its id.

    Raises: database.IntegrityError while another one of its invoice is under way.
    """
    charge_id = counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        charge_id=charge_id,
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


def put_off(account_id: int, charge_id: int, until: datetime) -> None:
    """Have a charge that cannot even be read looked after later."""
    _PUT_OFF.run(account_id=account_id, charge_id=charge_id, check_at=until)


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


def by_id(account_id: int, ids: Sequence[int]) -> dict[int, Charge]:
    """Return those of the charges that there are, by id."""
    query = _T.select().where(_T.account_id == account_id, _T.charge_id.in_(list(ids)))
    return {row["charge_id"]: _charge(row) for row in rows.dicts(query)}


def declined_counts(account_id: int, invoice_ids: Sequence[int]) -> dict[int, int]:
    """Return how many charges of invoices were declined, where any were."""
    if not invoice_ids:
        return {}
    query = (
        _T.select(_T.invoice_id, fn.COUNT(_T.charge_id))
        .where(
            _T.account_id == account_id,
            _T.invoice_id.in_(list(invoice_ids)),
            _T.state == ChargeState.DECLINED,
        )
        .group_by(_T.invoice_id)
    )
    return dict(rows.tuples(query))


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
    shape = tuple(len(names) for _, names in days)
    arguments: dict[str, Any] = {"limit": limit, "latest": days[0][0], "now": now}
    for number, (day, names) in enumerate(days):
        arguments[f"day{number}"] = day
        arguments |= {f"zone{number}_{place}": n for place, n in enumerate(names)}
    return _oldest_first([_READY(shape), _HELD(shape)], arguments)


def due_of(account_id: int, until: date, now: datetime, limit: int) -> list[DueInvoice]:
    """Return what is due of an account until a day, the oldest first."""
    arguments = {"account_id": account_id, "until": until, "now": now, "limit": limit}
    return _oldest_first([_READY_OF, _HELD_OF], arguments)


def _oldest_first(
    queries: Sequence[Prepared], arguments: dict[str, Any]
) -> list[DueInvoice]:
    """Return what is ready and what is held back no longer, up to a limit of each."""
    found = [DueInvoice(**row) for query in queries for row in query.rows(**arguments)]
    return sorted(found, key=attrgetter("collect_on", "account_id", "invoice_id"))


def to_check(now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return account and id of the charges to be looked after, by the real clock."""
    found = _TO_CHECK.rows(now=now, limit=limit)
    return [(row["account_id"], row["charge_id"]) for row in found]


def to_check_of(account_id: int, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return the same of an account alone."""
    found = _TO_CHECK_OF.rows(account_id=account_id, now=now, limit=limit)
    return [(row["account_id"], row["charge_id"]) for row in found]


def next_day(account_id: int, after: date) -> date | None:
    """Return the first day after one on which a card of the account's is charged."""
    query = _waiting(account_id, _I.collect_on).where(_I.collect_on > after)
    return _I.collect_on.python_value(query.scalar())


def next_held(account_id: int) -> datetime | None:
    """Return when the first of the account's invoices is held back no longer."""
    query = _waiting(account_id, _I.held_until)
    return _I.held_until.python_value(query.scalar())


def _waiting(account_id: int, column: Any) -> Any:
    """Return the query of the least of a column, of invoices that wait for a day."""
    return _I.select(fn.MIN(column)).where(
        _I.account_id == account_id,
        _I.collect_on.is_null(is_null=False),
        _I.unpaid_status != SQL("'draft'"),
    )


def next_check(account_id: int) -> datetime | None:
    """Return when the next charge of the account's is looked after."""
    query = _T.select(fn.MIN(_T.check_at)).where(
        _T.account_id == account_id, _T.check_at.is_null(is_null=False)
    )
    return _T.check_at.python_value(query.scalar())


def _ready(*conditions: Any) -> Any:
    """Return the query of invoices that wait for a day and for nothing else.

    The conditions on status and hold are those of the indexes, word by word, so that
    they are used: those that are held back, of which there may be many, are not read.
    """
    held = _I.held_until.is_null()
    return _to_collect(held, *conditions).order_by(
        _I.collect_on, _I.account_id, _I.invoice_id
    )


def _held(*conditions: Any) -> Any:
    """Return the query of invoices that were held back until now."""
    return _to_collect(
        _I.held_until.is_null(is_null=False),
        _I.held_until <= arg("now", _I.held_until),
        *conditions,
    ).order_by(_I.held_until, _I.account_id, _I.invoice_id)


def _to_collect(*conditions: Any) -> Any:
    return (
        _I.select(_I.account_id, _I.invoice_id, _I.collect_on)
        .where(
            _I.collect_on.is_null(is_null=False),
            _I.unpaid_status != SQL("'draft'"),
            *conditions,
        )
        .limit(arg("limit"))
    )


_OF = (
    _I.account_id == arg("account_id"),
    _I.collect_on <= arg("until", _I.collect_on),
)
_READY_OF = Prepared(_ready(*_OF))
_HELD_OF = Prepared(_held(*_OF))


def _by_calendar(query: Callable[..., Any]) -> Callable[[tuple[int, ...]], Prepared]:
    """Return the maker of a query for so many zones on each of so many days."""

    @cache
    def prepared(shape: tuple[int, ...]) -> Prepared:
        there = [
            _A.time_zone.in_([arg(f"zone{number}_{place}") for place in range(count)])
            & (_I.collect_on <= arg(f"day{number}", _I.collect_on))
            for number, count in enumerate(shape)
        ]
        found = query(
            _I.collect_on <= arg("latest", _I.collect_on),
            _A.clock_on.is_null(),
            reduce(or_, there),
        )
        return Prepared(found.join(_A, on=(_A.account_id == _I.account_id)))

    return prepared


_READY = _by_calendar(_ready)
_HELD = _by_calendar(_held)


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


def sent(account_id: int, invoice_id: int) -> bool:
    """Whether a charge was sent of which it is not known whether it took money."""
    query = _T.select(_T.charge_id).where(
        _T.account_id == account_id,
        _T.invoice_id == invoice_id,
        _T.state.in_([each for each in UNDER_WAY if each is not ChargeState.PREPARED]),
    )
    return bool(rows.tuples(query.limit(1)))


def _columns(charge: Charge) -> dict[str, Any]:
    return {
        "amount_minor": charge.amount.minor,
        "currency_code": charge.amount.currency,
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
