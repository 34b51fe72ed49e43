"""A discount is a percentage or an amount, never both and never none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.discount import (
    Discount,
    DiscountChanges,
    changed_discount,
    new_discount,
)
from app.domain.errors import InvalidValueError, MissingFieldError
from app.domain.unset import UNSET, Maybe

NUMBERS = st.one_of(st.just(UNSET), st.decimals(-200, 200, places=6))


@given(
    named=st.booleans(),
    percent=NUMBERS,
    amount=NUMBERS,
    stored=st.sampled_from(
        [
            Discount(),
            Discount(name="a", percent=Decimal(5)),
            Discount(name="a", amount=Decimal(5)),
        ]
    ),
)
def test_what_comes_of_any_changes_is_one_of_the_two_within_its_bounds(
    named: bool,  # noqa: FBT001 - hypothesis fills it in by name
    percent: Maybe[Decimal],
    amount: Maybe[Decimal],
    stored: Discount,
) -> None:
    changes = DiscountChanges(
        name="b" if named else UNSET, percent=percent, amount=amount
    )
    try:
        changed = changed_discount(stored, changes)
    except (InvalidValueError, MissingFieldError):
        return
    assert changed.name
    assert (changed.percent is None) != (changed.amount is None)
    assert changed.percent is None or 0 <= changed.percent <= 100
    assert changed.amount is None or changed.amount >= 0
    if percent is UNSET and amount is UNSET:
        assert (changed.percent, changed.amount) == (stored.percent, stored.amount)


@pytest.mark.parametrize("percent", [Decimal(0), Decimal(100), Decimal("99.999999")])
def test_a_percentage_at_its_bounds_is_kept(percent: Decimal) -> None:
    discount = new_discount(DiscountChanges(name="a", percent=percent))
    assert discount.percent == percent


@pytest.mark.parametrize("percent", [Decimal("100.000001"), Decimal("-0.000001")])
def test_a_percentage_beyond_its_bounds_is_refused(percent: Decimal) -> None:
    with pytest.raises(InvalidValueError) as caught:
        new_discount(DiscountChanges(name="a", percent=percent))
    assert caught.value.field == "percent"
