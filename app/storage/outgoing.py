"""What is on its way out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.outgoing import Outgoing, OutgoingKind, Template
from app.storage import counter, rows, tables
from app.storage.prepared import Locking, Prepared, arg, insertion

_NOUN = "outgoing"
_T = tables.Outgoing
_INSERT = insertion(_T)
_OWN = (
    "invoice_id",
    "recurring_id",
    "subject",
    "message",
    "created_at",
    "handed_over_at",
)
_IS_WAITING = _T.handed_over_at.is_null()
# What failed comes last, so that it keeps nothing waiting.
_WAITING = Prepared(
    _T.select()
    .where(
        _IS_WAITING, _T.retry_at.is_null() | (_T.retry_at <= arg("now", _T.retry_at))
    )
    .order_by(~_T.retry_at.is_null(), _T.account_id, _T.outgoing_id)
    .limit(arg("limit"))
)
_CLAIM = Prepared(
    _T.select(_T.outgoing_id).where(
        _T.account_id == arg("account_id"),
        _T.outgoing_id == arg("outgoing_id"),
        _IS_WAITING,
    ),
    Locking.CLAIM,
)


def insert(account_id: int, items: Sequence[Outgoing]) -> None:
    """Give what is on its way an id each and store it."""
    ids = counter.fresh(account_id, _NOUN, len(items))
    _INSERT.run_many(
        {
            "account_id": account_id,
            "outgoing_id": next(ids),
            "kind": item.kind,
            "template": item.template,
            "retry_at": None,
            **rows.columns(item, _OWN),
        }
        for item in items
    )


def waiting(now: datetime, limit: int) -> list[tuple[int, Outgoing]]:
    """Return what nobody has taken yet and is not put off, with its account's id."""
    found = _WAITING.rows(now=now, limit=limit)
    return [(row["account_id"], _outgoing(row)) for row in found]


def claimed(account_id: int, outgoing_id: int) -> bool:
    """Whether it is still waiting, and kept from others until the transaction ends.

    What others have in hand is not.
    """
    return bool(_CLAIM.rows(account_id=account_id, outgoing_id=outgoing_id))


def handed_over(account_id: int, outgoing_id: int, at: datetime) -> None:
    """Store that nothing is left to do with what was claimed."""
    _set(account_id, outgoing_id, handed_over_at=at)


def put_off(account_id: int, outgoing_id: int, until: datetime) -> None:
    """Let what failed rest, unless somebody took it meanwhile."""
    _set(account_id, outgoing_id, retry_at=until)


def _set(account_id: int, outgoing_id: int, **columns: datetime) -> None:
    _T.update(**columns).where(
        _T.account_id == account_id, _T.outgoing_id == outgoing_id, _IS_WAITING
    ).execute()


def _outgoing(row: dict[str, Any]) -> Outgoing:
    return Outgoing(
        outgoing_id=row["outgoing_id"],
        kind=OutgoingKind(row["kind"]),
        template=Template(row["template"]),
        **{name: row[name] for name in _OWN},
    )
