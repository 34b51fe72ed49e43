"""Billing models: schedules with names, which profiles take a copy of."""

from dataclasses import dataclass

from app.domain.scheduling import AskedRule, OfTheDay


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
