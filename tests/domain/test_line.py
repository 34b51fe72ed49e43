"""Lines: what an update's list makes of the stored ones."""

from decimal import Decimal

import pytest

from app.domain.line import Line, LineChanges, replaced
from app.domain.unset import UNSET, given, merged

STORED = (
    Line(line_id=7, name="Warp", unit_cost=Decimal(10), quantity=Decimal(4)),
    Line(line_id=8, name="Weft", unit_cost=Decimal("9.99"), quantity=Decimal(1)),
)


def sent_back(line: Line) -> LineChanges:
    return LineChanges(
        line_id=line.line_id,
        name=line.name,
        description=line.description,
        unit_cost=line.unit_cost,
        quantity=line.quantity,
        tax1_name=line.tax1_name,
        tax2_name=line.tax2_name,
        tax1_percent=line.tax1_percent,
        tax2_percent=line.tax2_percent,
        type=line.type,
    )


def test_lines_sent_back_as_they_were_read_change_nothing() -> None:
    assert replaced(STORED, tuple(map(sent_back, STORED))) == STORED


def test_an_empty_list_erases_the_lines() -> None:
    assert replaced(STORED, ()) == ()


def test_a_list_without_ids_replaces_the_lines_by_new_ones() -> None:
    changes = (LineChanges(name="Shuttle"),)
    assert replaced(STORED, changes) == (Line(name="Shuttle"),)


def test_a_line_of_a_stored_id_keeps_the_id_and_nothing_else() -> None:
    # The list replaces: what an element does not say is at its default again.
    changes = (LineChanges(line_id=8, name="Shuttle"),)
    assert replaced(STORED, changes) == (Line(line_id=8, name="Shuttle"),)


def test_ids_follow_their_lines_into_another_order() -> None:
    changes = tuple(map(sent_back, STORED[::-1]))
    assert [line.line_id for line in replaced(STORED, changes)] == [8, 7]


@pytest.mark.parametrize("line_id", [0, 9, -7, 10**17])
def test_ids_that_are_not_of_a_stored_line_are_ignored(line_id: int) -> None:
    (line,) = replaced(STORED, (LineChanges(line_id=line_id, name="Shuttle"),))
    assert line.line_id == 0


def test_an_id_named_twice_is_kept_once() -> None:
    changes = (LineChanges(line_id=7), LineChanges(line_id=7), LineChanges(line_id=8))
    assert [line.line_id for line in replaced(STORED, changes)] == [7, 0, 8]


def test_lines_of_a_new_profile_have_no_ids_whatever_they_say() -> None:
    (line,) = replaced((), (LineChanges(line_id=7, quantity=Decimal(2)),))
    assert line == Line(quantity=Decimal(2))


def test_a_line_that_says_nothing_is_an_item_of_nothing() -> None:
    (line,) = replaced((), (LineChanges(),))
    assert line == Line(name="", type="Item", unit_cost=Decimal(0), quantity=Decimal(0))


def test_merging_replaces_the_named_fields_alone() -> None:
    changes = LineChanges(name="", quantity=Decimal(5))
    assert merged(STORED[0], changes) == Line(
        line_id=7, name="", unit_cost=Decimal(10), quantity=Decimal(5)
    )


def test_merging_nothing_changes_nothing() -> None:
    assert merged(STORED[0], LineChanges()) == STORED[0]


@pytest.mark.parametrize("value", [0, "", None, False])
def test_an_empty_value_is_given_and_an_unset_one_is_not(value: object) -> None:
    assert given(value, "otherwise") is value
    assert given(UNSET, "otherwise") == "otherwise"
