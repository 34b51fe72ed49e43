"""What an account's new profiles are like that do not say."""

from typing import Any

from app.domain.schedule import Weekday
from app.domain.scheduling import Defaults
from app.domain.unset import UNSET, Maybe
from app.storage import billing_model, rules, tables
from app.storage.prepared import Prepared, arg

_T = tables.RecurringDefaults
_GET = Prepared(_T.select().where(_T.account_id == arg("account_id")))


def get(account_id: int) -> Defaults:
    """Return the account's own, or those of an account that chose none.

    The schedule of a model that was made the default comes before any other.
    """
    for row in _GET.rows(account_id=account_id):
        if row["billing_model_id"] is not None:
            model = billing_model.get(account_id, row["billing_model_id"])
            if model is not None:
                return Defaults(rule=model.rule, occurrences=row["occurrences"])
        return _own(row)
    return Defaults()


def own(account_id: int) -> Defaults:
    """Return the account's own, whatever model was made the default."""
    found = _GET.rows(account_id=account_id)
    return next(map(_own, found), Defaults())


def put(account_id: int, defaults: Defaults) -> None:
    """Store the account's own; a model that was made the default stays that."""
    _T.insert(
        account_id=account_id,
        rule=rules.written(defaults.rule),
        weekday=defaults.weekday or "",
        occurrences=defaults.occurrences,
    ).on_conflict(
        conflict_target=[_T.account_id],
        preserve=[_T.rule, _T.weekday, _T.occurrences],
    ).execute()


def model_id(account_id: int) -> Maybe[int]:
    """Return the id of the model that was made the default, if one was."""
    for row in _GET.rows(account_id=account_id):
        if row["billing_model_id"] is not None:
            return int(row["billing_model_id"])
    return UNSET


def choose_model(account_id: int, billing_model_id: int) -> None:
    """Make a model the default; what else the account chose stays as it is."""
    others = Defaults()
    _T.insert(
        account_id=account_id,
        rule=rules.written(others.rule),
        weekday=others.weekday or "",
        occurrences=others.occurrences,
        billing_model_id=billing_model_id,
    ).on_conflict(
        conflict_target=[_T.account_id], preserve=[_T.billing_model_id]
    ).execute()


def _own(row: dict[str, Any]) -> Defaults:
    return Defaults(
        rule=rules.asked(row["rule"]),
        weekday=Weekday(row["weekday"]) if row["weekday"] else None,
        occurrences=row["occurrences"],
    )
