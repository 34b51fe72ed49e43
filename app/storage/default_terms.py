"""The default terms of accounts."""

from app.domain.default_terms import TermsType
from app.storage import rows, tables

_T = tables.DefaultTerms


def get(account_id: int) -> dict[TermsType, str]:
    """Return the messages that an account ever chose, by type."""
    query = _T.select(_T.type, _T.message).where(_T.account_id == account_id)
    return {TermsType(kind): message for kind, message in rows.tuples(query)}


def put(account_id: int, kind: TermsType, message: str) -> None:
    """Store a message in place of the one of its type."""
    _T.insert(account_id=account_id, type=kind, message=message).on_conflict(
        conflict_target=[_T.account_id, _T.type], preserve=[_T.message]
    ).execute()
