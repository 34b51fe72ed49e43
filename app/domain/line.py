"""Lines of a profile or an invoice."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.domain.errors import InvalidValueError, NotFoundError
from app.domain.money import EXACT, ZERO
from app.domain.unset import UNSET, Maybe, Unset, given, merged

LINES_MAX = 500
ONE = Decimal(1)

_FINEST = Decimal("0.000001")
_PERCENT_MAX = Decimal(1000)
# What FreshBooks knew of a line, but for its id.
_LEGACY = (
    "name",
    "description",
    "unit_cost",
    "quantity",
    "tax1_name",
    "tax2_name",
    "tax1_percent",
    "tax2_percent",
    "type",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: what, how much of it, and two taxes in percent.

    `line_id` is 0 until the line is stored. A percentage line has a `percent` of what
    the other lines come to, no unit cost, and the quantity 1. A line counts on the
    invoices from `start_on` to `end_on`; neighbours of one `group` form a section.
    Whether a tax is compound was settled when the line got it.
    """

    line_id: int = 0
    name: str = ""
    description: str = ""
    unit_cost: Decimal = ZERO
    quantity: Decimal = ZERO
    tax1_name: str = ""
    tax2_name: str = ""
    tax1_percent: Decimal = ZERO
    tax2_percent: Decimal = ZERO
    type: str = "Item"
    percent: Decimal | None = None
    taxable: bool = True
    start_on: date | None = None
    end_on: date | None = None
    group: str = ""
    tax1_compound: bool = False
    tax2_compound: bool = False

    def counts(self, on: date) -> bool:
        """Whether the line is part of an invoice of a date."""
        return (self.start_on is None or self.start_on <= on) and (
            self.end_on is None or on <= self.end_on
        )

    @property
    def own_taxes(self) -> bool:
        """Whether it says itself how it is taxed."""
        return bool(
            self.tax1_percent or self.tax2_percent or self.tax1_name or self.tax2_name
        )

    @property
    def extended(self) -> bool:
        """Whether it is more than a line of FreshBooks could be."""
        return not (
            self.percent is None
            and self.taxable
            and self.start_on is None
            and self.end_on is None
            and not self.group
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChanges:
    """What a request says of a line; fields it does not name are UNSET.

    An empty element of ours is the default: None, or no group.
    """

    line_id: Maybe[int] = UNSET
    name: Maybe[str] = UNSET
    description: Maybe[str] = UNSET
    unit_cost: Maybe[Decimal] = UNSET
    quantity: Maybe[Decimal] = UNSET
    tax1_name: Maybe[str] = UNSET
    tax2_name: Maybe[str] = UNSET
    tax1_percent: Maybe[Decimal] = UNSET
    tax2_percent: Maybe[Decimal] = UNSET
    type: Maybe[str] = UNSET
    percent: Maybe[Decimal | None] = UNSET
    taxable: Maybe[bool] = UNSET
    start_on: Maybe[date | None] = UNSET
    end_on: Maybe[date | None] = UNSET
    group: Maybe[str] = UNSET


def shown(line: Line, amount: Decimal) -> Line:
    """Return a line as FreshBooks had them: a percentage line reads as its money.

    `amount` is what it comes to. Source: documented (promise 6 of the extension).
    """
    if line.percent is None:
        return line
    return replace(line, unit_cost=amount, quantity=ONE, percent=None)


def changed(
    line: Line, change: LineChanges, amount: Decimal, compound: Collection[str]
) -> Line:
    """Return a line with what a request says of it.

    `amount` is what a percentage line is shown as: who writes the same back leaves it
    alone, who writes other money makes it money. `compound` are the names of the
    account's compound taxes.

    Raises: InvalidValueError.
    """
    return _changed(line, line, change, amount, compound)


def updated(
    lines: tuple[Line, ...],
    changes: tuple[LineChanges, ...],
    amounts: Sequence[Decimal] = (),
    compound: Collection[str] = (),
) -> tuple[Line, ...]:
    """Return the lines with the named fields of some of them changed.

    Raises: NotFoundError for a line that is none of them; InvalidValueError.
    """
    by_id = {line.line_id: line for line in lines}
    shown_as = dict(zip(by_id, amounts, strict=False))
    for change in changes:
        line_id = given(change.line_id, 0)
        if line_id not in by_id:
            raise NotFoundError("line")
        amount = shown_as.get(line_id, ZERO)
        by_id[line_id] = changed(by_id[line_id], change, amount, compound)
    return tuple(by_id.values())


def replaced(
    lines: tuple[Line, ...],
    changes: tuple[LineChanges, ...],
    amounts: Sequence[Decimal] = (),
    compound: Collection[str] = (),
) -> tuple[Line, ...]:
    """Return the lines that an update's `<lines>` asks for.

    The list replaces the stored one. A line that names the id of a stored line keeps
    that id, so that writing back what was read changes nothing; any other id is
    ignored, as ids are ours to give. What is ours alone stays where the request does
    not name it, of a line with the id of a stored one, or equal to the one at its
    place as that was shown (`amounts` beside `lines`).

    Raises: InvalidValueError.
    Source: observed (the list replaces, an empty one erases); keeping ids is inferred;
    documented (promise 5 of the extension).
    """
    free = {line.line_id: place for place, line in enumerate(lines)}
    result = []
    for place, change in enumerate(changes):
        kept = given(change.line_id, 0)
        former = free.pop(kept, None)
        if former is None:
            kept = 0
            former = _same(lines, place, change, amounts)
        stored = Line() if former is None else lines[former]
        # The elements of FreshBooks' that a line of a list leaves out are empty.
        blank = replace(_blank(stored), line_id=kept)
        amount = ZERO if former is None or not amounts else amounts[former]
        change = replace(change, line_id=kept)  # noqa: PLW2901 - its id is ours to give
        result.append(_changed(blank, stored, change, amount, compound))
    return tuple(result)


def _changed(
    line: Line,
    stored: Line,
    change: LineChanges,
    amount: Decimal,
    compound: Collection[str],
) -> Line:
    after = _counted(line, merged(line, change), change, amount)
    after = _compounded(stored, after, compound)
    _check(after)
    return after


def _same(
    lines: tuple[Line, ...],
    place: int,
    change: LineChanges,
    amounts: Sequence[Decimal],
) -> int | None:
    """Return the place, if the line there was shown as the request writes this one."""
    if place >= len(lines):
        return None
    amount = amounts[place] if amounts else ZERO
    was, asked = shown(lines[place], amount), merged(Line(), change)
    alike = all(getattr(was, name) == getattr(asked, name) for name in _LEGACY)
    return place if alike else None


def _blank(stored: Line) -> Line:
    """Return what stays of a line of which a request says nothing."""
    return Line(
        percent=stored.percent,
        taxable=stored.taxable,
        start_on=stored.start_on,
        end_on=stored.end_on,
        group=stored.group,
    )


def _counted(before: Line, after: Line, change: LineChanges, amount: Decimal) -> Line:
    """Return the line as it is counted: by its percentage, or by its money."""
    if isinstance(change.percent, Unset):
        if before.percent is None or (
            given(change.unit_cost, amount) == amount
            and given(change.quantity, ONE) == ONE
        ):
            return after if before.percent is None else _percentage(before, after)
    elif change.percent is not None:
        quantity = given(change.quantity, ONE)
        percent = EXACT.multiply(change.percent, quantity)
        return _percentage(replace(after, percent=percent), after)
    if before.percent is None:
        return after
    return replace(
        after,
        percent=None,
        unit_cost=given(change.unit_cost, amount),
        quantity=given(change.quantity, ONE),
    )


def _percentage(of: Line, after: Line) -> Line:
    return replace(after, percent=of.percent, unit_cost=ZERO, quantity=ONE)


def _compounded(before: Line, after: Line, compound: Collection[str]) -> Line:
    """Settle whether a line's taxes are compound, where it got others."""
    first = (after.tax1_name, after.tax1_percent)
    second = (after.tax2_name, after.tax2_percent)
    return replace(
        after,
        tax1_compound=before.tax1_compound
        if first == (before.tax1_name, before.tax1_percent)
        else after.tax1_name in compound,
        tax2_compound=before.tax2_compound
        if second == (before.tax2_name, before.tax2_percent)
        else after.tax2_name in compound,
    )


def _check(line: Line) -> None:
    percent = line.percent
    if percent is not None and (
        abs(percent) >= _PERCENT_MAX
        or percent != percent.quantize(_FINEST, context=EXACT)
    ):
        raise InvalidValueError(
            "percent",
            "Percent times quantity has 3 digits before the point and 6 after it.",
        )
    if not line.taxable and (line.tax1_percent or line.tax2_percent):
        raise InvalidValueError("taxable", "A line with a tax of its own is taxable.")
    if line.start_on and line.end_on and line.end_on < line.start_on:
        raise InvalidValueError("end_date", "It lies before start_date.")
