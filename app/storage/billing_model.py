"""Billing models: schedules with names."""

from datetime import datetime
from typing import Any

from app.domain.billing_model import BillingModel
from app.domain.paging import Listing, Page
from app.storage import counter, rows, rules, tables
from app.storage.prepared import Prepared, arg

_NOUN = "billing_model"
_T = tables.BillingModel
_GET = Prepared(
    _T.select().where(
        _T.account_id == arg("account_id"),
        _T.billing_model_id == arg("billing_model_id"),
    )
)


def insert(account_id: int, model: BillingModel, updated_at: datetime) -> int:
    """Store a new model; return its id.

    Raises: database.IntegrityError when the name is taken.
    """
    billing_model_id = counter.take(account_id, _NOUN)
    _T.insert(
        account_id=account_id,
        billing_model_id=billing_model_id,
        name=model.name,
        rule=rules.written(model.rule),
        locked=model.locked,
        updated_at=updated_at,
    ).execute()
    return billing_model_id


def get(account_id: int, billing_model_id: int) -> BillingModel | None:
    """Return a model."""
    found = _GET.rows(account_id=account_id, billing_model_id=billing_model_id)
    return next(map(_model, found), None)


def id_of(account_id: int, name: str) -> int | None:
    """Return the id of the model of a name."""
    query = _T.select(_T.billing_model_id).where(
        _T.account_id == account_id, _T.name == name
    )
    return next((found for (found,) in rows.tuples(query)), None)


def page(account_id: int, page: Page) -> Listing[BillingModel]:
    """Return a page of models by descending id."""
    found, total = rows.newest(_T.billing_model_id, account_id, (), page)
    return Listing(rows=tuple(map(_model, found)), page=page, total=total)


def update(account_id: int, model: BillingModel, updated_at: datetime) -> None:
    """Store the fields of a changed model."""
    _T.update(
        name=model.name, rule=rules.written(model.rule), updated_at=updated_at
    ).where(_is(account_id, model.billing_model_id)).execute()


def delete(account_id: int, billing_model_id: int) -> None:
    """Delete a model, which nothing refers to."""
    _T.delete().where(_is(account_id, billing_model_id)).execute()


def _is(account_id: int, billing_model_id: int) -> Any:
    return (_T.account_id == account_id) & (_T.billing_model_id == billing_model_id)


def _model(row: dict[str, Any]) -> BillingModel:
    return BillingModel(
        billing_model_id=row["billing_model_id"],
        name=row["name"],
        rule=rules.asked(row["rule"]),
        locked=row["locked"],
    )
