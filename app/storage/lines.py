"""Lines of profiles and invoices."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from app.domain.line import Line
from app.storage import counter, rows

NAMES = tuple(field.name for field in fields(Line) if field.name != "line_id")


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
