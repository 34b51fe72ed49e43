"""What is on its way out."""

from collections.abc import Sequence
from datetime import datetime

from app.domain.outgoing import Outgoing, OutgoingKind
from app.storage import counter, rows, tables
from app.storage.prepared import Prepared, arg, insertion

_NOUN = "outgoing"
_T = tables.Outgoing
_INSERT = insertion(_T)
_OWN = ("invoice_id", "subject", "message", "created_at", "handed_over_at")
_WAITING = Prepared(
    _T.select()
    .where(
        _T.account_id == arg("account_id"),
        _T.kind == arg("kind"),
        _T.handed_over_at.is_null(),
    )
    .order_by(_T.outgoing_id)
    .limit(arg("limit"))
)


def insert(account_id: int, items: Sequence[Outgoing]) -> None:
    """Give what is on its way an id each and store it."""
    ids = counter.fresh(account_id, _NOUN, len(items))
    _INSERT.run_many(
        {
            "account_id": account_id,
            "outgoing_id": next(ids),
            "kind": item.kind,
            **rows.columns(item, _OWN),
        }
        for item in items
    )


def waiting(account_id: int, kind: OutgoingKind, limit: int) -> list[Outgoing]:
    """Return what nobody has taken yet, the oldest first."""
    found = _WAITING.rows(account_id=account_id, kind=kind, limit=limit)
    return [
        Outgoing(
            outgoing_id=row["outgoing_id"],
            kind=OutgoingKind(row["kind"]),
            **{name: row[name] for name in _OWN},
        )
        for row in found
    ]


def handed_over(account_id: int, outgoing_id: int, at: datetime) -> bool:
    """Store that somebody took it; return whether it was still waiting."""
    updated = (
        _T.update(handed_over_at=at)
        .where(
            _T.account_id == account_id,
            _T.outgoing_id == outgoing_id,
            _T.handed_over_at.is_null(),
        )
        .execute()
    )
    return bool(updated)
