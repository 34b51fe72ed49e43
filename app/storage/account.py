"""Accounts, their tokens and gateways."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any

from app.domain.account import Account, Caller, Gateway, Staff
from app.domain.card import Brand
from app.domain.retry_plan import parse, spelled
from app.storage import database, gateway, rows, tables
from app.storage import staff as people
from app.storage.prepared import Prepared, arg

_A = tables.Account
_GET = Prepared(_A.select().where(_A.account_id == arg("account_id")))
_SET_CLOCK = Prepared(
    _A.update({_A.clock_on: arg("day", _A.clock_on)}).where(
        _A.account_id == arg("account_id"), _A.clock_on <= arg("day", _A.clock_on)
    )
)
_CALLER = Prepared(
    _A.select(*_A._meta.sorted_fields, tables.Token.staff_id)  # noqa: SLF001
    .join(tables.Token, on=(tables.Token.account_id == _A.account_id))
    .where(
        tables.Token.token_hash == arg("token_hash"),
        tables.Token.revoked_at.is_null(),
    )
)
_CLOCKS = Prepared(_A.select().where(_A.clock_on.is_null(is_null=False)))
_TIME_ZONES = Prepared(_A.select(_A.time_zone).distinct())
_COUNT = (
    "INSERT INTO request_count (account_id, day, requests) VALUES (?, ?, ?) "
    "ON CONFLICT (account_id, day) "
    "DO UPDATE SET requests = request_count.requests + excluded.requests"
)


def insert(account: Account, staff: Staff, gateways: Iterable[Gateway]) -> int:
    """Store a new account with its administrator; return its id.

    Raises: database.IntegrityError when name or system are taken.
    """
    account_id: int = tables.Account.insert(
        name=account.name,
        system=account.system,
        base_currency=account.base_currency,
        time_zone=account.time_zone,
        language=account.language,
        card_types=" ".join(account.card_types),
        clock_on=account.clock_on,
        ignore_unknown=account.ignore_unknown,
        ignore_empty_lists=account.ignore_empty_lists,
        auto_generate=account.auto_generate,
        generates_from=account.generates_from,
        retry_days=spelled(account.retry_days),
        tokenise=account.tokenise,
        cards_checked_on=account.cards_checked_on,
        created_at=account.created_at,
    ).execute()
    people.insert(account_id, staff)
    for each in gateways:
        gateway.insert(account_id, each)
    return account_id


def clocks() -> list[Account]:
    """Return the accounts on a test clock."""
    return [_account(row) for row in _CLOCKS.rows()]


def update(account: Account) -> None:
    """Store what an account's own people, or an operator, may change of it."""
    tables.Account.update(
        time_zone=account.time_zone,
        auto_generate=account.auto_generate,
        generates_from=account.generates_from,
        ignore_unknown=account.ignore_unknown,
        ignore_empty_lists=account.ignore_empty_lists,
        retry_days=spelled(account.retry_days),
        tokenise=account.tokenise,
    ).where(tables.Account.account_id == account.account_id).execute()


def all_() -> list[Account]:
    """Return every account, oldest first."""
    query = tables.Account.select().order_by(tables.Account.account_id)
    return [_account(row) for row in rows.dicts(query)]


def get(account_id: int) -> Account | None:
    """Return an account."""
    return next(map(_account, _GET.rows(account_id=account_id)), None)


def by_name(name: str) -> Account | None:
    """Return the account of a name."""
    query = tables.Account.select().where(tables.Account.name == name)
    return next((_account(row) for row in rows.dicts(query)), None)


def time_zones() -> list[str]:
    """Return the time zones that accounts are in."""
    return [row["time_zone"] for row in _TIME_ZONES.rows()]


def system_exists(system: str) -> bool:
    """Whether any account answers to a system's name."""
    query = tables.Account.select().where(tables.Account.system == system)
    return bool(query.exists())


def insert_token(
    token_hash: str, account_id: int, staff_id: int, created_at: datetime
) -> None:
    """Store the hash of a new token."""
    tables.Token.insert(
        token_hash=token_hash,
        account_id=account_id,
        staff_id=staff_id,
        created_at=created_at,
    ).execute()


def revoke_tokens(account_id: int, staff_id: int, revoked_at: datetime) -> None:
    """Revoke every token of a person."""
    table = tables.Token
    table.update(revoked_at=revoked_at).where(
        table.account_id == account_id,
        table.staff_id == staff_id,
        table.revoked_at.is_null(),
    ).execute()


def caller(token_hash: str) -> Caller | None:
    """Return whose token has this hash, unless it was revoked."""
    for row in _CALLER.rows(token_hash=token_hash):
        staff_id = row.pop("staff_id")
        return Caller(account=_account(row), staff_id=staff_id)
    return None


def unchecked(zones: Mapping[str, date]) -> list[Account]:
    """Return the accounts on the real calendar whose cards are to be looked at.

    `zones` tells the day in each time zone.
    """
    late = [
        (_A.time_zone == zone)
        & (_A.cards_checked_on.is_null() | (_A.cards_checked_on < day))
        for zone, day in zones.items()
    ]
    if not late:
        return []
    query = _A.select().where(_A.clock_on.is_null(), reduce(or_, late))
    return [_account(row) for row in rows.dicts(query.order_by(_A.account_id))]


def set_cards_checked(account_id: int, day: date) -> None:
    """Store that an account's cards have been looked at on a day."""
    _A.update(cards_checked_on=day).where(_A.account_id == account_id).execute()


def set_clock(account_id: int, day: date) -> None:
    """Move the account's test clock forward to a day; never back."""
    _SET_CLOCK.run(account_id=account_id, day=day)


def add_requests(account_id: int, day: date, count: int) -> None:
    """Add to the account's count of requests of a day."""
    database.execute(_COUNT, (account_id, day.isoformat(), count))


def requests(account_id: int, day: date) -> int:
    """Return how many requests of a day have been counted."""
    table = tables.RequestCount
    query = table.select(table.requests).where(
        table.account_id == account_id, table.day == day
    )
    return next((count for (count,) in rows.tuples(query)), 0)


def _account(row: dict[str, Any]) -> Account:
    row["card_types"] = tuple(Brand(name) for name in row["card_types"].split())
    row["retry_days"] = parse(row["retry_days"])
    return Account(**row)
