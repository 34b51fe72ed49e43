"""Lines of a profile or an invoice."""

from dataclasses import dataclass, replace
from decimal import Decimal

from app.domain.money import ZERO
from app.domain.unset import UNSET, Maybe, given, merged

LINES_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: what, how much of it, and two taxes in percent.

    `line_id` is 0 until the line is stored.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChanges:
    """What a request says of a line; fields it does not name are UNSET."""

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


def replaced(
    lines: tuple[Line, ...], changes: tuple[LineChanges, ...]
) -> tuple[Line, ...]:
    """Return the lines that an update's `<lines>` asks for.

    The list replaces the stored one. A line that names the id of a stored line keeps
    that id, so that writing back what was read changes nothing; any other id is
    ignored, as ids are ours to give.

    Source: observed (the list replaces, an empty one erases); keeping ids is inferred.
    """
    free = {line.line_id for line in lines}
    result = []
    for change in changes:
        line_id = given(change.line_id, 0)
        kept = line_id if line_id in free else 0
        free.discard(kept)
        result.append(replace(merged(Line(), change), line_id=kept))
    return tuple(result)
