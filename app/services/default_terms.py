"""Default terms: the verbs.

All of an account's people see them; only the administrator changes them.

No method copies them into what it makes: a request that says nothing of terms makes a
paper without any, as it did. Source: inferred (the documented default of `terms` is
nothing, and what a client made reads back as it made it). They are for whoever writes
the request: a client, or a page.
"""

from app.domain.account import Caller
from app.domain.default_terms import TermsType
from app.domain.unset import Maybe, Unset
from app.storage import default_terms as storage
from app.storage.database import looking, writing


def list_(caller: Caller) -> dict[TermsType, str]:
    """Return the messages of all types; one that was never chosen is empty."""
    with looking():
        found = storage.get(caller.account.account_id)
    return {kind: found.get(kind, "") for kind in TermsType}


def update(caller: Caller, kind: TermsType, message: Maybe[str]) -> None:
    """Change the message of a type; an empty one takes it away.

    Raises: PermissionDeniedError.
    """
    caller.check_admin()
    if isinstance(message, Unset):
        return
    account_id = caller.account.account_id
    with writing(account_id):
        storage.put(account_id, kind, message)
