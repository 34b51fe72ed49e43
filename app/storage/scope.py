"""What a caller may find: where queries are narrowed to a person's clients.

The administrator's queries are not touched at all.
"""

from typing import Any

from app.domain.account import Scope
from app.storage import tables
from app.storage.prepared import Locking, Prepared, arg

_T = tables.StaffClient


def conditions(scope: Scope, client: Any) -> list[Any]:
    """Return what narrows a query to a scope, by the column of whose a row is."""
    if scope.staff_id is None:
        return []
    return [_assigned(client, scope.account_id, scope.staff_id)]


class ScopedQuery:
    """A query with the argument `account_id`, as it runs in any scope."""

    def __init__(
        self, query: Any, client: Any, locking: Locking = Locking.NONE
    ) -> None:
        """Keep a query; `client` is the column of whose a row is."""
        self._all = Prepared(query, locking)
        assigned = _assigned(client, arg("account_id"), arg("staff_id"))
        self._assigned = Prepared(query.where(assigned), locking)

    def rows(self, scope: Scope, **arguments: Any) -> list[dict[str, Any]]:
        """Run the query in a scope and return its rows by column name."""
        prepared = self._all if scope.staff_id is None else self._assigned
        return prepared.rows(
            account_id=scope.account_id, staff_id=scope.staff_id, **arguments
        )


def _assigned(client: Any, account_id: Any, staff_id: Any) -> Any:
    theirs = _T.select(_T.client_id).where(
        _T.account_id == account_id, _T.staff_id == staff_id
    )
    return client.in_(theirs)
