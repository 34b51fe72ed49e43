"""Recurring profiles, their lines and their sealed cards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, reduce
from operator import or_
from typing import Any

from peewee import SQL

from app.domain.account import Scope
from app.domain.bill_to import BillTo
from app.domain.folder import Folder
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import Line
from app.domain.paging import Listing, Page
from app.domain.recurring import (
    Profile,
    ProfileFilter,
    ProfileState,
    SendReceipt,
)
from app.domain.schedule import Schedule
from app.storage import card as client_cards
from app.storage import charges, counter, database, lines, listing, rows, rules, tables
from app.storage.card import StoredCard
from app.storage.prepared import Locking, Prepared, arg, insertion, update_of
from app.storage.scope import ScopedQuery

_NOUN = "recurring"
# A limit that is none, on any database.
ALL = 2**31 - 1
_T = tables.Recurring
_PAGES = rows.Pages(_T.recurring_id, _NOUN, _T.client_id)
_OWN = (
    "client_id",
    "staff_id",
    "contacts",
    "po_number",
    "currency_code",
    "language",
    "notes",
    "terms",
    "discount",
    "return_uri",
    "send_snail_mail",
    "send_email",
    "start_on",
    "due_days",
    "title",
    "autopay",
    "billing_model_id",
    "key",
    "parked_reason",
)
SCHEDULE = (
    "anchor_on",
    "end_on",
    "next_on",
    "occurrences",
    "billed_count",
    "last_billed_on",
    "passed_on",
    "skipped_on",
    "billed_now_on",
    "moved_to",
    "use_new_day",
    "moved_on",
)
# What billing changes of them, besides the rule.
_ADVANCED = tuple(name for name in SCHEDULE if name not in ("end_on", "occurrences"))

_THIS = (_T.account_id == arg("account_id")) & (_T.recurring_id == arg("recurring_id"))
_INSERT = insertion(_T)
_GET = ScopedQuery(_T.select().where(_THIS), _T.client_id)
_PAYING = Prepared(
    _T.select(_T.client_id, _T.key, _T.autopay, _T.send_receipt).where(_THIS)
)
_LOCK = ScopedQuery(_T.select().where(_THIS), _T.client_id, Locking.WAIT)
_LOCK_OF_CLIENT = Prepared(
    _T.select()
    .where(
        _T.account_id == arg("account_id"),
        _T.client_id == arg("client_id"),
        _T.next_on.is_null(is_null=False),
    )
    .order_by(_T.recurring_id),
    Locking.WAIT,
)
_LOCK_WITH_CARD = Prepared(
    _T.select()
    .where(
        _T.account_id == arg("account_id"),
        _T.recurring_id.in_(
            tables.Autobill.select(tables.Autobill.recurring_id).where(
                tables.Autobill.account_id == arg("account_id"),
                tables.Autobill.card_id == arg("card_id"),
            )
        ),
    )
    .order_by(_T.recurring_id),
    Locking.WAIT,
)
_ADVANCE = update_of(_T, _THIS, ("state", "rule", *_ADVANCED))


def _oldest_first(*conditions: Any) -> Any:
    """Return the query of profiles with a date to bill, unless they are parked.

    The condition on the parked reason is that of the indexes, word by word, so that
    they are used.
    """
    return (
        _T.select(_T.next_on, _T.account_id, _T.recurring_id)
        .where(
            _T.next_on.is_null(is_null=False),
            _T.parked_reason == SQL("''"),
            *conditions,
        )
        .order_by(_T.next_on, _T.account_id, _T.recurring_id)
    )


_DUE_OF = Prepared(
    _oldest_first(
        _T.account_id == arg("account_id"), _T.next_on <= arg("until", _T.next_on)
    ).limit(arg("limit"))
)


@cache
def _claim(count: int) -> Prepared:
    """Return the query that takes profiles in hand whose next date is the same."""
    ids = [arg(f"id{number}") for number in range(count)]
    return Prepared(
        _T.select()
        .where(
            _T.account_id == arg("account_id"),
            _T.recurring_id.in_(ids),
            _T.next_on == arg("next_on", _T.next_on),
            _T.parked_reason == SQL("''"),
        )
        .order_by(_T.recurring_id),
        Locking.CLAIM,
    )


_L = tables.RecurringLine
_INSERT_LINE = insertion(_L)
_LINES = rows.ChildRows(_L, _L.recurring_id, order=_L.position)

_C = tables.Autobill
_INSERT_CARD = insertion(_C)
_CARDS = rows.ChildRows(_C, _C.recurring_id)
_DELETE_CARD = Prepared(
    _C.delete().where(
        _C.account_id == arg("account_id"), _C.recurring_id == arg("recurring_id")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedCard:
    """A profile's card as it is stored: its own, or one of its client's by its id."""

    gateway_name: str
    card_id: int | None = None
    key_version: int
    sealed: bytes


# No month has been looked at.
_NEVER = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """What of a profile says how its invoices are paid, and for whom."""

    client_id: int
    key: str
    autopay: bool
    send_receipt: SendReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A profile that has a date to bill."""

    account_id: int
    recurring_id: int
    next_on: date


def insert(account_id: int, profile: Profile, updated_at: datetime) -> int:
    """Store a new profile and its lines; return its id."""
    recurring_id = counter.take(account_id, _NOUN)
    _INSERT.run(
        account_id=account_id,
        recurring_id=recurring_id,
        folder=profile.folder,
        updated_at=updated_at,
        **_columns(profile),
    )
    listing.added(account_id, _NOUN, [recurring_id], profile.folder)
    _insert_lines(account_id, recurring_id, profile.lines)
    return recurring_id


def update(
    account_id: int, profile: Profile, former: Folder, updated_at: datetime
) -> None:
    """Store the fields of a changed profile; `replace_lines` stores its lines."""
    _T.update(updated_at=updated_at, folder=profile.folder, **_columns(profile)).where(
        _is(account_id, profile.recurring_id)
    ).execute()
    if profile.folder is not former:
        listing.moved(account_id, _NOUN, profile.recurring_id, former, profile.folder)


def replace_lines(account_id: int, profile: Profile) -> list[int]:
    """Store the profile's lines in place of the former ones; return their ids."""
    table = tables.RecurringLine
    table.delete().where(
        table.account_id == account_id, table.recurring_id == profile.recurring_id
    ).execute()
    return _insert_lines(account_id, profile.recurring_id, profile.lines)


def advance(account_id: int, profiles: Sequence[Profile]) -> None:
    """Store how far profiles have been billed."""
    _ADVANCE.run_many(
        {
            "account_id": account_id,
            "recurring_id": profile.recurring_id,
            "state": profile.state,
            "rule": rules.written(profile.schedule.rule),
            **rows.columns(profile.schedule, _ADVANCED),
        }
        for profile in profiles
    )


def has_model(account_id: int, billing_model_id: int) -> bool:
    """Whether a profile that is not deleted names a billing model."""
    query = _T.select(_T.recurring_id).where(
        _T.account_id == account_id,
        _T.billing_model_id == billing_model_id,
        _T.folder != Folder.DELETED,
    )
    return bool(rows.tuples(query.limit(1)))


def delete(account_id: int, profile: Profile, updated_at: datetime) -> None:
    """Put a profile into the deleted folder, where nothing is billed."""
    _T.update(folder=Folder.DELETED, next_on=None, updated_at=updated_at).where(
        _is(account_id, profile.recurring_id)
    ).execute()
    listing.moved(
        account_id, _NOUN, profile.recurring_id, profile.folder, Folder.DELETED
    )


def park(due: Due, reason: str) -> int | None:
    """Take a profile out of the billing runs, unless it has moved on, and say why.

    Returns whose it is; None where it was not there to be parked.
    """
    parked = (
        _T.update(parked_reason=reason)
        .where(
            _is(due.account_id, due.recurring_id),
            _T.next_on == due.next_on,
            _T.parked_reason == SQL("''"),
        )
        .returning(_T.client_id)
        .tuples()
        .execute()
    )
    return next((client_id for (client_id,) in parked), None)


def unschedule(account_id: int, client_id: int) -> None:
    """Take all profiles of a client out of the billing runs."""
    _T.update(next_on=None).where(
        _T.account_id == account_id, _T.client_id == client_id
    ).execute()


def get(scope: Scope, recurring_id: int) -> Profile | None:
    """Return a profile, deleted or not, without its card."""
    found = _GET.rows(scope, recurring_id=recurring_id)
    return next(iter(_profiles(scope.account_id, found)), None)


def paying(account_id: int, recurring_id: int) -> Paying | None:
    """Return how the invoices of a profile are paid, deleted or not."""
    for row in _PAYING.rows(account_id=account_id, recurring_id=recurring_id):
        return Paying(
            client_id=row["client_id"],
            key=row["key"],
            autopay=row["autopay"],
            send_receipt=SendReceipt(row["send_receipt"]),
        )
    return None


def locked(scope: Scope, recurring_id: int) -> Profile | None:
    """Return a profile as `get` does, kept from others until the transaction ends."""
    found = _LOCK.rows(scope, recurring_id=recurring_id)
    return next(iter(_profiles(scope.account_id, found)), None)


def locked_of_client(account_id: int, client_id: int) -> list[Profile]:
    """Return a client's profiles that have a date to bill, kept from others."""
    found = _LOCK_OF_CLIENT.rows(account_id=account_id, client_id=client_id)
    return list(_profiles(account_id, found))


def locked_with_card(account_id: int, card_id: int) -> list[Profile]:
    """Return the profiles that use a card of their client's, kept from others."""
    found = _LOCK_WITH_CARD.rows(account_id=account_id, card_id=card_id)
    return list(_profiles(account_id, found))


def claimed(due: Sequence[Due]) -> list[Profile]:
    """Return those of an account's profiles that are still due on their one date.

    They are kept from others until the transaction ends. Those that others have in hand
    are left out.
    """
    database.plan_anew()
    account_id = due[0].account_id
    arguments = {f"id{number}": item.recurring_id for number, item in enumerate(due)}
    claim = _claim(len(due))
    found = claim.rows(account_id=account_id, next_on=due[0].next_on, **arguments)
    return list(_profiles(account_id, found))


def page(scope: Scope, narrowed: ProfileFilter, page: Page) -> Listing[Profile]:
    """Return a page of profiles by descending id, without their cards."""
    account_id = scope.account_id
    conditions = [
        *rows.between(_T.start_on, narrowed.date_from, narrowed.date_to),
        *rows.between(_T.updated_at, narrowed.updated_from, narrowed.updated_to),
    ]
    if narrowed.client_id is not None:
        conditions.append(_T.client_id == narrowed.client_id)
    if narrowed.autobill is not None:
        card = tables.Autobill
        carded = card.select(card.recurring_id).where(card.account_id == account_id)
        inside = _T.recurring_id.in_(carded)
        conditions.append(inside if narrowed.autobill else ~inside)
    found, total = _PAGES.page(scope, narrowed.folder, conditions, page)
    return Listing(rows=tuple(_profiles(account_id, found)), page=page, total=total)


def due(zones: Mapping[str, date], limit: int = ALL) -> list[Due]:
    """Return the profiles that are due by the real calendar, oldest date first.

    `zones` tells the day in each time zone. Parked profiles are left out.
    """
    if not zones:
        return []
    days = by_day(zones)
    arguments: dict[str, Any] = {"limit": limit, "latest": days[0][0]}
    for number, (day, names) in enumerate(days):
        arguments[f"day{number}"] = day
        arguments |= {f"zone{number}_{place}": n for place, n in enumerate(names)}
    prepared = _due_by_calendar(tuple(len(names) for _, names in days))
    return [Due(**row) for row in prepared.rows(**arguments)]


def by_day(zones: Mapping[str, date]) -> list[tuple[date, list[str]]]:
    """Return the time zones of each day, the latest day first."""
    days: dict[date, list[str]] = {}
    for zone, day in sorted(zones.items()):
        days.setdefault(day, []).append(zone)
    return sorted(days.items(), reverse=True)


def by_calendar(latest: Any, days: Sequence[tuple[Any, Sequence[Any]]]) -> Any:
    """Return the query of what is due by the real calendar, by the day of each zone.

    The latest day bounds what is read of the index; the zones then sort out those of it
    that are not there yet.
    """
    account = tables.Account
    there = [account.time_zone.in_(names) & (_T.next_on <= day) for day, names in days]
    query = _oldest_first(
        _T.next_on <= latest,
        account.clock_on.is_null(),
        account.auto_generate,
        reduce(or_, there),
    )
    return query.join(account, on=(account.account_id == _T.account_id))


@cache
def _due_by_calendar(shape: tuple[int, ...]) -> Prepared:
    """Return the query for so many zones on each of so many days."""
    days = [
        (
            arg(f"day{number}", _T.next_on),
            [arg(f"zone{number}_{place}") for place in range(count)],
        )
        for number, count in enumerate(shape)
    ]
    query = by_calendar(arg("latest", _T.next_on), days)
    return Prepared(query.limit(arg("limit")))


def due_of(account_id: int, until: date, limit: int = ALL) -> list[Due]:
    """Return the account's profiles that are due until a day, oldest date first."""
    found = _DUE_OF.rows(account_id=account_id, until=until, limit=limit)
    return [Due(**row) for row in found]


def parked() -> list[tuple[int, int, str]]:
    """Return account, id and reason of every parked profile."""
    query = waiting(_T.account_id, _T.recurring_id, _T.parked_reason)
    return [(account_id, key, reason) for account_id, key, reason in rows.tuples(query)]


def waiting(*columns: Any) -> Any:
    """Return the query of parked profiles.

    The condition on the reason is that of the index, word by word, so that it is used.
    """
    return _T.select(*columns).where(
        _T.parked_reason != SQL("''"), _T.folder != Folder.DELETED
    )


def put_card(account_id: int, recurring_id: int, card: SealedCard) -> None:
    """Store a profile's own card in place of any former one."""
    delete_card(account_id, recurring_id)
    _INSERT_CARD.run(
        account_id=account_id,
        recurring_id=recurring_id,
        gateway_name=card.gateway_name,
        card_id=None,
        key_version=card.key_version,
        sealed=card.sealed,
        checked_on=_NEVER,
    )


def choose_card(
    account_id: int, recurring_id: int, card_id: int, gateway_name: str
) -> None:
    """Store that a profile uses a card of its client's, in place of any former one."""
    delete_card(account_id, recurring_id)
    _INSERT_CARD.run(
        account_id=account_id,
        recurring_id=recurring_id,
        gateway_name=gateway_name,
        card_id=card_id,
        key_version=None,
        sealed=None,
        checked_on=_NEVER,
    )


def delete_card(account_id: int, recurring_id: int) -> bool:
    """Delete a profile's card; return whether it had one."""
    cursor = _DELETE_CARD.run(account_id=account_id, recurring_id=recurring_id)
    return bool(cursor.rowcount)


def unchecked(
    account_id: int, month: date, next_month: date, after: int, limit: int
) -> list[int]:
    """Return the profiles with a card, after an id, that bill no more in a month.

    Those are left out whose card has been looked at in it; `month` is its first day.
    """
    query = (
        _C.select(_C.recurring_id)
        .join(
            _T,
            on=(_T.account_id == _C.account_id) & (_T.recurring_id == _C.recurring_id),
        )
        .where(
            _C.account_id == account_id,
            _T.account_id == account_id,
            _C.checked_on < month,
            _C.recurring_id > after,
            _T.next_on >= next_month,
        )
        .order_by(_C.recurring_id)
    )
    return [recurring_id for (recurring_id,) in rows.tuples(query.limit(limit))]


def set_checked(account_id: int, recurring_id: int, month: date) -> None:
    """Store that a profile's card has been looked at in a month."""
    _C.update(checked_on=month).where(
        _C.account_id == account_id, _C.recurring_id == recurring_id
    ).execute()


def has_cards(account_id: int) -> bool:
    """Whether any profile of an account has a card."""
    query = _C.select(_C.recurring_id).where(_C.account_id == account_id)
    return bool(rows.tuples(query.limit(1)))


def carded(account_id: int, ids: Sequence[int]) -> set[int]:
    """Return those of the profiles that have a card."""
    return set(_CARDS.by_parent(account_id, ids))


def cards(account_id: int, ids: Sequence[int]) -> dict[int, SealedCard]:
    """Return the sealed cards of profiles, their clients' or their own, by profile."""
    found = _CARDS.by_parent(account_id, ids)
    chosen = {row["card_id"] for (row,) in found.values()} - {None}
    of_clients = client_cards.by_id(account_id, chosen)
    return {
        recurring_id: _sealed(row, of_clients.get(row["card_id"]))
        for recurring_id, (row,) in found.items()
    }


def _sealed(row: dict[str, Any], of_client: StoredCard | None) -> SealedCard:
    key_version, sealed = row["key_version"], row["sealed"]
    if of_client is not None:
        key_version, sealed = of_client.key_version, of_client.sealed
    return SealedCard(
        gateway_name=row["gateway_name"],
        card_id=row["card_id"],
        key_version=key_version,
        sealed=bytes(sealed),
    )


def schedule(row: dict[str, Any]) -> Schedule:
    """Return the schedule of a row.

    Raises: ValueError, LookupError, TypeError for a rule that is none.
    """
    rule = rules.rule(row["rule"])
    return Schedule(rule=rule, **{name: row[name] for name in SCHEDULE})


def _is(account_id: int, recurring_id: int) -> Any:
    return (_T.account_id == account_id) & (_T.recurring_id == recurring_id)


def _columns(profile: Profile) -> dict[str, Any]:
    return {
        "rule": rules.written(profile.schedule.rule),
        "state": profile.state,
        "invoice_status": profile.invoice_status,
        "send_receipt": profile.send_receipt,
        **charges.columns(profile),
        **rows.columns(profile.schedule, SCHEDULE),
        **rows.columns(profile.bill_to, rows.BILL_TO),
        **rows.columns(profile, _OWN),
    }


def _insert_lines(
    account_id: int, recurring_id: int, of_profile: Sequence[Line]
) -> list[int]:
    stored = lines.rows_of(account_id, "recurring_line", of_profile)
    for row in stored:
        row["recurring_id"] = recurring_id
        _INSERT_LINE.run(**row)
    return [row["line_id"] for row in stored]


def _profiles(account_id: int, found: Sequence[dict[str, Any]]) -> Iterable[Profile]:
    by_profile = _LINES.by_parent(account_id, [row["recurring_id"] for row in found])
    for row in found:
        yield Profile(
            recurring_id=row["recurring_id"],
            schedule=schedule(row),
            state=ProfileState(row["state"]),
            invoice_status=InvoiceStatus(row["invoice_status"]),
            send_receipt=SendReceipt(row["send_receipt"]),
            folder=Folder(row["folder"]),
            bill_to=rows.built(BillTo, rows.BILL_TO, row),
            lines=tuple(map(lines.line, by_profile.get(row["recurring_id"], ()))),
            updated_at=row["updated_at"],
            **charges.fields(row),
            **{name: row[name] for name in _OWN},
        )
