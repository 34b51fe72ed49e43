"""Lines: what an update's list makes of the stored ones."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.errors import InvalidValueError, NotFoundError
from app.domain.line import Line, LineChanges, changed, replaced, shown, updated
from app.domain.money import ZERO
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


# What is ours of a line (promises 5 and 6 of the extension).

ONE = Decimal(1)
MARCH = date(2026, 3, 1)
FEE = Line(
    line_id=9,
    name="Fee",
    quantity=ONE,
    percent=Decimal(3),
    start_on=MARCH,
    group="Extras",
)
GIFT = Line(
    line_id=10,
    name="Gift",
    unit_cost=Decimal(-5),
    quantity=ONE,
    taxable=False,
    end_on=MARCH,
)
# What an answer shows each to come to.
LINES, AMOUNTS = (*STORED, FEE, GIFT), tuple(map(Decimal, ("40", "9.99", "1.50", "-5")))


def legacy(line: Line, amount: Decimal) -> LineChanges:
    """Return what a legacy client writes back of a line that it has read."""
    return sent_back(shown(line, amount))


def without_id(change: LineChanges) -> LineChanges:
    return replace(change, line_id=UNSET)


def written_back() -> list[LineChanges]:
    return list(map(legacy, LINES, AMOUNTS))


def without_ids(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(replace(line, line_id=0) for line in lines)


def changed_(line: Line, **said: Any) -> Line:
    return changed(line, LineChanges(**said), Decimal("1.50"), ())


def test_a_percentage_line_is_shown_as_its_money() -> None:
    line = shown(FEE, Decimal("1.50"))
    assert (line.unit_cost, line.quantity, line.percent) == (Decimal("1.50"), ONE, None)
    assert shown(GIFT, Decimal(-5)) == GIFT


def test_5_lines_written_back_by_a_legacy_client_change_nothing() -> None:
    assert replaced(LINES, tuple(written_back()), AMOUNTS) == LINES


def test_5_without_ids_equal_lines_at_their_places_keep_what_is_ours() -> None:
    changes = tuple(map(without_id, written_back()))
    assert replaced(LINES, changes, AMOUNTS) == without_ids(LINES)


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Fees"},
        {"description": "x"},
        {"unit_cost": Decimal("1.51")},
        {"quantity": Decimal(2)},
        {"tax1_name": "GST"},
        {"tax2_percent": Decimal(5)},
        {"type": "Time"},
    ],
)
def test_5_without_ids_a_line_that_differs_in_anything_is_another(
    said: dict[str, Any],
) -> None:
    changes = [*map(without_id, written_back())]
    changes[2] = replace(changes[2], **said)
    line = replaced(LINES, tuple(changes), AMOUNTS)[2]
    assert not line.extended


def test_5_without_ids_an_equal_line_at_another_place_is_another() -> None:
    changes = [*map(without_id, written_back())][::-1]
    assert not any(line.extended for line in replaced(LINES, tuple(changes), AMOUNTS))


def test_5_with_its_id_a_line_keeps_what_is_ours_at_any_place() -> None:
    changes = tuple(written_back()[::-1])
    assert replaced(LINES, changes, AMOUNTS) == LINES[::-1]


def test_5_with_its_id_a_changed_line_keeps_what_is_ours() -> None:
    changes = (replace(legacy(GIFT, Decimal(-5)), name="Present"),)
    assert replaced(LINES, changes, AMOUNTS) == (replace(GIFT, name="Present"),)


def test_5_an_equal_line_takes_what_the_request_says_of_ours() -> None:
    changes = [*map(without_id, written_back())]
    changes[3] = replace(changes[3], group="Gifts")
    found = replaced(LINES, tuple(changes), AMOUNTS)[3]
    assert found == replace(GIFT, line_id=0, group="Gifts")


@pytest.mark.parametrize(
    ("line", "said", "expected"),
    [
        (FEE, {"start_on": None}, replace(FEE, start_on=None)),
        (FEE, {"group": ""}, replace(FEE, group="")),
        (FEE, {"percent": None}, shown(FEE, Decimal("1.50"))),
        (GIFT, {"end_on": None}, replace(GIFT, end_on=None)),
        (GIFT, {"taxable": True}, replace(GIFT, taxable=True)),
        (GIFT, {"percent": None}, GIFT),
    ],
)
def test_5_an_empty_element_of_ours_takes_it_away(
    line: Line, said: dict[str, Any], expected: Line
) -> None:
    assert changed_(line, **said) == expected
    place = LINES.index(line)
    whole = [*written_back()]
    whole[place] = replace(whole[place], **said)
    assert replaced(LINES, tuple(whole), AMOUNTS)[place] == expected


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"name": "Fees"},
        {"unit_cost": Decimal("1.50")},
        {"unit_cost": Decimal("1.5"), "quantity": Decimal("1.00")},
        {"quantity": ONE},
        {"percent": Decimal(3)},
        {"percent": Decimal(3), "unit_cost": Decimal(99), "quantity": ONE},
    ],
)
def test_6_the_money_that_was_shown_leaves_a_percentage_alone(
    said: dict[str, Any],
) -> None:
    assert changed_(FEE, **said) == replace(FEE, name=said.get("name", "Fee"))


@pytest.mark.parametrize(
    ("said", "unit_cost", "quantity"),
    [
        ({"unit_cost": Decimal(2)}, "2", "1"),
        ({"quantity": Decimal(4)}, "1.50", "4"),
        ({"unit_cost": Decimal(2), "quantity": Decimal(4)}, "2", "4"),
        ({"unit_cost": Decimal(0)}, "0", "1"),
        ({"percent": None, "unit_cost": Decimal(2)}, "2", "1"),
    ],
)
def test_6_other_money_makes_it_money(
    said: dict[str, Any], unit_cost: str, quantity: str
) -> None:
    assert changed_(FEE, **said) == replace(
        FEE, percent=None, unit_cost=Decimal(unit_cost), quantity=Decimal(quantity)
    )


def test_6_in_a_list_other_money_makes_it_money_too() -> None:
    changes = (replace(legacy(FEE, AMOUNTS[2]), unit_cost=Decimal(2)),)
    (line,) = replaced(LINES, changes, AMOUNTS)
    assert (line.percent, line.unit_cost, line.group) == (None, Decimal(2), "Extras")


@pytest.mark.parametrize(
    ("percent", "quantity", "expected"),
    [("3", None, "3"), ("3", "2", "6"), ("2.5", "-1", "-2.5"), ("150", "0.5", "75"),
     ("0.000002", "0.5", "0.000001"), ("499.5", "2", "999"), ("3", "0", "0")],
)  # fmt: skip
def test_quantity_is_a_factor_of_the_percentage(
    percent: str, quantity: str | None, expected: str
) -> None:
    said: dict[str, Any] = {"percent": Decimal(percent), "unit_cost": Decimal(7)}
    if quantity is not None:
        said["quantity"] = Decimal(quantity)
    (line,) = replaced((), (LineChanges(**said),))
    assert (line.percent, line.quantity, line.unit_cost) == (
        Decimal(expected),
        ONE,
        ZERO,
    )


@pytest.mark.parametrize(
    ("percent", "quantity"),
    [("3", "0.3333333"), ("0.000001", "0.5"), ("500", "2"), ("-1000", "1")],
)
def test_a_percentage_that_is_too_fine_or_too_large_is_refused(
    percent: str, quantity: str
) -> None:
    change = LineChanges(percent=Decimal(percent), quantity=Decimal(quantity))
    with pytest.raises(InvalidValueError) as refused:
        replaced((), (change,))
    assert refused.value.field == "percent"


def test_money_that_becomes_a_percentage_has_no_unit_cost() -> None:
    line = changed_(STORED[0], percent=Decimal(3))
    assert (line.percent, line.unit_cost, line.quantity) == (Decimal(3), ZERO, ONE)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"taxable": False, "tax1_percent": ONE}, "taxable"),
        ({"taxable": False, "tax2_percent": -ONE}, "taxable"),
        ({"start_on": MARCH, "end_on": date(2026, 2, 28)}, "end_date"),
    ],
)
def test_what_contradicts_itself_is_refused(said: dict[str, Any], field: str) -> None:
    for make in (
        lambda: replaced((), (LineChanges(**said),)),
        lambda: changed_(STORED[0], **said),
        lambda: updated(STORED, (LineChanges(line_id=7, **said),)),
    ):
        with pytest.raises(InvalidValueError) as refused:
            make()
        assert refused.value.field == field


def test_a_line_that_starts_and_ends_on_one_day_is_taken() -> None:
    line = changed_(STORED[0], start_on=MARCH, end_on=MARCH)
    assert line.counts(MARCH)
    assert not line.counts(date(2026, 2, 28))
    assert not line.counts(date(2026, 3, 2))


def test_an_update_of_lines_changes_what_it_names_alone() -> None:
    changes = (
        LineChanges(line_id=9, name="Fees"),
        LineChanges(line_id=8, quantity=Decimal(3)),
        LineChanges(line_id=9, group="Fees"),
    )
    assert updated(LINES, changes, AMOUNTS) == (
        STORED[0],
        replace(STORED[1], quantity=Decimal(3)),
        replace(FEE, name="Fees", group="Fees"),
        GIFT,
    )


def test_an_update_of_a_line_by_its_money_leaves_a_percentage_alone() -> None:
    same = (LineChanges(line_id=9, unit_cost=Decimal("1.50"), quantity=ONE),)
    assert updated(LINES, same, AMOUNTS) == LINES
    other = (LineChanges(line_id=9, unit_cost=Decimal("1.60"), quantity=ONE),)
    assert updated(LINES, other, AMOUNTS)[2].percent is None


@pytest.mark.parametrize("line_id", [0, 11, UNSET])
def test_an_update_of_a_line_that_is_none_of_them_is_refused(line_id: Any) -> None:
    with pytest.raises(NotFoundError):
        updated(LINES, (LineChanges(line_id=line_id, name="x"),), AMOUNTS)


def test_a_tax_is_compound_where_the_account_has_it_so_when_the_line_gets_it() -> None:
    change = LineChanges(tax1_name="QST", tax1_percent=Decimal(9), tax2_name="GST")
    (line,) = replaced((), (change,), compound={"QST"})
    assert (line.tax1_compound, line.tax2_compound) == (True, False)
    # It stays what it was until the line gets another.
    assert changed(line, LineChanges(name="x"), Decimal(0), ()).tax1_compound
    other = LineChanges(tax1_percent=Decimal(10))
    assert not changed(line, other, Decimal(0), ()).tax1_compound
