"""Lines, as far as profiles and invoices have them alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from app.domain.line import Line, LineChanges
from app.domain.money import Money
from app.domain.pricing import sections
from app.domain.unset import UNSET, Maybe, Unset, given
from app.wire import values
from app.wire.reader import Reader
from app.wire.xml import Node, node


def read(request: Reader) -> tuple[LineChanges, ...]:
    """Read the lines of a request; none where the element is absent."""
    return tuple(map(_line, given(request.items("lines"), [])))


def read_unless_absent(request: Reader) -> Maybe[tuple[LineChanges, ...]]:
    """Read the lines of a request that it may leave out."""
    found = request.items("lines")
    return found if isinstance(found, Unset) else tuple(map(_line, found))


def read_numbered(request: Reader) -> tuple[LineChanges, ...]:
    """Read lines that must say which of the stored ones they are.

    Raises: MissingFieldError, NotFoundError.
    """
    return tuple(
        replace(_line(line), line_id=line.required_id("line_id", "line"))
        for line in given(request.items("lines"), [])
    )


def details(line: Line, *, whole: bool = False) -> list[Node]:
    """Render the taxes and the type of a line, and what is ours of it.

    Of that there is what is not the default, or everything where `whole` is wanted.
    """
    nodes = [
        node("tax1_name", line.tax1_name),
        node("tax2_name", line.tax2_name),
        node("tax1_percent", values.number(line.tax1_percent)),
        node("tax2_percent", values.number(line.tax2_percent)),
        node("type", line.type),
    ]
    if not whole and not line.extended:
        return nodes
    percent = "" if line.percent is None else values.number(line.percent)
    said = [
        ("percent", percent, ""),
        ("taxable", values.flag(line.taxable), "1"),
        ("start_date", _day(line.start_on), ""),
        ("end_date", _day(line.end_on), ""),
        ("group", line.group, ""),
    ]
    nodes += [node(name, text) for name, text, usual in said if whole or text != usual]
    return nodes


def groups(lines: Sequence[Line], amounts: Sequence[Money]) -> list[Node]:
    """Render the sections of lines with what each comes to; nothing without any."""
    found = sections(lines, amounts)
    if not found:
        return []
    return [
        node(
            "groups",
            [
                node(
                    "group",
                    [
                        node("name", section.name),
                        node("subtotal", values.number(section.subtotal.amount)),
                    ],
                )
                for section in found
            ],
        )
    ]


def _line(request: Reader) -> LineChanges:
    """Read a line; an id that can be none is left out, as ids are read-only here.

    Of a percentage an empty quantity is left out too, and not 0 times the percentage.
    """
    percent = request.emptied("percent", request.percent)
    plain = percent is None or isinstance(percent, Unset)
    return LineChanges(
        line_id=values.record_id(given(request.text("line_id"), "")) or UNSET,
        name=request.text("name"),
        description=request.text("description"),
        unit_cost=request.decimal("unit_cost"),
        quantity=request.decimal("quantity")
        if plain
        else request.filled("quantity", request.decimal),
        tax1_name=request.text("tax1_name"),
        tax2_name=request.text("tax2_name"),
        tax1_percent=request.percent("tax1_percent"),
        tax2_percent=request.percent("tax2_percent"),
        type=_type(request),
        percent=percent,
        taxable=_taxable(request),
        start_on=request.emptied("start_date", request.day),
        end_on=request.emptied("end_date", request.day),
        group=request.word("group"),
    )


def _taxable(request: Reader) -> Maybe[bool]:
    found = request.emptied("taxable", request.switch)
    return True if found is None else found


def _type(request: Reader) -> Maybe[str]:
    name = request.word("type")
    return name if isinstance(name, Unset) else name.capitalize() or "Item"


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
