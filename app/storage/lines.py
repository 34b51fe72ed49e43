"""Lines of profiles and invoices."""

from collections.abc import Sequence
from typing import Any

from app.domain.line import Line
from app.storage import counter, rows

NAMES = (
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


def rows_of(account_id: int, noun: str, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the lines' columns, each with its id: its own, or a new one."""
    own = [line.line_id for line in lines]
    new_ids = counter.fresh(account_id, noun, own.count(0))
    return [
        {
            "account_id": account_id,
            "line_id": line_id or next(new_ids),
            "position": position,
            **rows.columns(line, NAMES),
        }
        for position, (line, line_id) in enumerate(zip(lines, own, strict=True))
    ]


def line(row: dict[str, Any]) -> Line:
    """Return the line of a row."""
    return rows.built(Line, ("line_id", *NAMES), row)
