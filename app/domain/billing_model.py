"""Billing models: schedules with names, which profiles take a copy of."""

from dataclasses import dataclass, replace
from datetime import date

from app.domain import scheduling
from app.domain.errors import MissingFieldError
from app.domain.scheduling import Asked, AskedRule, OfTheDay, ScheduleChanges
from app.domain.unset import UNSET, Maybe, Unset, given


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingModel:
    """A schedule with a name; `billing_model_id` is 0 until it is stored.

    A locked one is every account's, and can be neither changed nor deleted.
    """

    billing_model_id: int = 0
    name: str
    rule: AskedRule
    locked: bool = False


# Every account's own, for what does not recur. Source: documented.
ONE_TIME_PURCHASE = BillingModel(
    name="One Time Purchase", rule=OfTheDay.ONCE, locked=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingModelChanges:
    """What a request says of a model; fields it does not name are UNSET."""

    name: Maybe[str] = UNSET
    frequency: Maybe[AskedRule] = UNSET
    schedule: Maybe[ScheduleChanges] = UNSET

    @property
    def asked(self) -> Asked:
        """What they say of the schedule."""
        return Asked(frequency=self.frequency, schedule=self.schedule)


def new_model(changes: BillingModelChanges, today: date) -> BillingModel:
    """Return the model that a create request describes.

    Raises: MissingFieldError, InvalidValueError, naming the field.
    """
    return BillingModel(
        name=_name(given(changes.name, "")),
        rule=scheduling.of_model(changes.asked, None, today),
    )


def changed_model(
    model: BillingModel, changes: BillingModelChanges, today: date
) -> BillingModel:
    """Return the model after an update; what was read and sent back is no change.

    Raises: MissingFieldError, InvalidValueError, naming the field.
    """
    return replace(
        model,
        name=_name(given(changes.name, model.name)),
        rule=scheduling.of_model(changes.asked, model.rule, today),
    )


def is_default(model: BillingModel, chosen: Maybe[int]) -> bool:
    """Whether create requests that name no schedule are told to take a model's.

    `chosen` is the id of the one that the account chose. Before it chooses, the locked
    one is shown as the default, though such requests mean a monthly schedule, as those
    of clients do that know of no models. Source: documented (ST-22), inferred.
    """
    return (
        model.locked if isinstance(chosen, Unset) else model.billing_model_id == chosen
    )


def _name(name: str) -> str:
    if not name:
        raise MissingFieldError("name")
    return name
