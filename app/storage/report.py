"""What reports are made of, read block by block and page by page."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from peewee import fn

from app.domain.account import Scope
from app.domain.event import Change, Event, What
from app.domain.folder import Folder
from app.domain.money import Money
from app.domain.paging import Listing, Page
from app.domain.recurring import Profile, ProfileState
from app.domain.report import Beginning, Billed, Followed, Period
from app.domain.transaction import Kind, Transaction, Transactions, Turnover, kind
from app.storage import charges, lines, recurring, rows, scope, tables
from app.storage.prepared import arg
from app.storage.scope import ScopedQuery

# How many profiles are in memory at once, with what belongs to them.
BLOCK = 1000

_T = tables.Recurring
_OWN = (
    "recurring_id",
    "client_id",
    "staff_id",
    "start_on",
    "currency_code",
    "language",
    "discount",
    "parked_reason",
)
_READ = (
    *_OWN,
    *recurring.SCHEDULE,
    "rule",
    "state",
    "folder",
    "attributes",
    "default_tax",
    "taxes",
    "discounts",
)
_L = tables.RecurringLine
_E = tables.RecurringEvent
_I = tables.Invoice
_P = tables.Payment


class _Blocks:
    """The queries of a block of profiles and of what belongs to them."""

    def __init__(self, *conditions: Any) -> None:
        """Narrow all of them to the profiles that meet some conditions."""
        self._conditions = conditions
        query = _T.select(*(getattr(_T, name) for name in _READ)).where(
            _T.account_id == arg("account_id"),
            _T.recurring_id > arg("behind"),
            *conditions,
        )
        limited = query.order_by(_T.recurring_id).limit(arg("limit"))
        self.profiles = ScopedQuery(limited, _T.client_id)
        self.lines = self._belonging(_L.select(), _L, _L.position)
        self.events = self._belonging(
            _E.select().where(_E.at >= arg("since", _E.at)), _E, _E.number
        )
        self.billed = self._belonging(
            _I.select(_I.recurring_id, _I.billed_on).where(
                _I.billed_on >= arg("since", _I.billed_on)
            ),
            _I,
            _I.billed_on,
        )

    def _belonging(self, query: Any, table: Any, order: Any) -> ScopedQuery:
        whole = query.join(_T, on=(table.recurring_id == _T.recurring_id)).where(
            table.account_id == arg("account_id"),
            _T.account_id == arg("account_id"),
            _T.recurring_id >= arg("first"),
            _T.recurring_id <= arg("last"),
            *self._conditions,
        )
        return ScopedQuery(whole.order_by(table.recurring_id, order), _T.client_id)


_EVERY = _Blocks()
_OF_CLIENT = _Blocks(_T.client_id == arg("client_id"))


def followed(
    within: Scope, client_id: int | None, start: Beginning | None, end: Beginning | None
) -> Iterator[Followed]:
    """Yield each profile, deleted or not, with what happened since a period began.

    `start` and `end` are when it began and what follows it; None is still to come.
    """
    blocks = _EVERY if client_id is None else _OF_CLIENT
    behind = 0
    while found := blocks.profiles.rows(
        within, client_id=client_id, behind=behind, limit=BLOCK
    ):
        behind = found[-1]["recurring_id"]
        of_block = {
            "client_id": client_id,
            "first": found[0]["recurring_id"],
            "last": behind,
        }
        by_profile = _grouped(blocks.lines.rows(within, **of_block))
        events = {}
        if start is not None:
            events = _grouped(blocks.events.rows(within, since=start.at, **of_block))
        billed, billed_after = (
            {}
            if since is None
            else _billed(blocks.billed.rows(within, since=since.on, **of_block))
            for since in (start, end)
        )
        for row in found:
            recurring_id = row["recurring_id"]
            yield Followed(
                profile=_profile(row, by_profile.get(recurring_id, ())),
                events=tuple(map(_event, events.get(recurring_id, ()))),
                billed=billed.get(recurring_id),
                billed_after=billed_after.get(recurring_id),
            )


def _billed(found: Sequence[dict[str, Any]]) -> dict[int, Billed]:
    return {
        recurring_id: Billed(len(dates), dates[0]["billed_on"])
        for recurring_id, dates in _grouped(found).items()
    }


def _grouped(found: Sequence[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    by_profile: dict[int, list[dict[str, Any]]] = {}
    for row in found:
        by_profile.setdefault(row["recurring_id"], []).append(row)
    return by_profile


def _profile(row: dict[str, Any], of_profile: Sequence[dict[str, Any]]) -> Profile:
    """Return as much of a profile as reports look at."""
    return Profile(
        schedule=recurring.schedule(row),
        state=ProfileState(row["state"]),
        folder=Folder(row["folder"]),
        lines=tuple(map(lines.line, of_profile)),
        **charges.fields(row),
        **{name: row[name] for name in _OWN},
    )


def _event(row: dict[str, Any]) -> Event:
    return Event(
        of_id=row["recurring_id"],
        client_id=row["client_id"],
        number=row["number"],
        at=row["at"],
        staff_id=row["staff_id"],
        what=What(row["what"]),
        changes=[Change(*texts) for texts in json.loads(row["changes"])],
    )


def transactions(
    within: Scope, of: Period, client_id: int | None, page: Page
) -> Transactions:
    """Return a page of payments that count, the newest first, and what all come to."""
    conditions = [
        _P.account_id == within.account_id,
        _P.folder != Folder.DELETED,
        *rows.between(_P.date, of.date_from, of.date_to),
        *scope.conditions(within, _P.client_id),
    ]
    if client_id is not None:
        conditions.append(_P.client_id == client_id)
    total, turnover = _turnover(conditions)
    found = []
    if page.offset < total:
        query = _P.select().where(*conditions).order_by(_P.payment_id.desc())
        found = rows.dicts(query.limit(page.size).offset(page.offset))
    listed = tuple(map(_transaction, found))
    listing = Listing(rows=listed, page=page, total=total)
    return Transactions(listing=listing, turnover=turnover)


def _turnover(conditions: Sequence[Any]) -> tuple[int, list[Turnover]]:
    """Return how many payments there are, and what they come to by currency."""
    on_invoice = _P.invoice_id.is_null(is_null=False)
    columns = (_P.currency_code, on_invoice, _P.from_credit)
    query = _P.select(*columns, fn.COUNT(_P.payment_id), fn.SUM(_P.amount_minor))
    total = 0
    amounts: dict[str, dict[Kind, int]] = {}
    for code, invoiced, from_credit, count, minor in rows.tuples(
        query.where(*conditions).group_by(*columns)
    ):
        of = kind(on_invoice=bool(invoiced), from_credit=from_credit)
        total += count
        amounts.setdefault(code, {})[of] = int(minor)
    return total, [Turnover(code, amounts[code]) for code in sorted(amounts)]


def _transaction(row: dict[str, Any]) -> Transaction:
    invoice_id = row["invoice_id"]
    return Transaction(
        payment_id=row["payment_id"],
        kind=kind(on_invoice=invoice_id is not None, from_credit=row["from_credit"]),
        client_id=row["client_id"],
        invoice_id=invoice_id,
        date=row["date"],
        amount=Money.from_minor(row["amount_minor"], row["currency_code"]),
        type=row["type"],
    )
