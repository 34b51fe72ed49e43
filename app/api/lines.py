"""Lines, as far as profiles and invoices have them alike."""

from app.domain.line import Line
from app.wire import values
from app.wire.xml import Node, node


def details(line: Line) -> list[Node]:
    """Render the taxes and the type of a line."""
    return [
        node("tax1_name", line.tax1_name),
        node("tax2_name", line.tax2_name),
        node("tax1_percent", values.number(line.tax1_percent)),
        node("tax2_percent", values.number(line.tax2_percent)),
        node("type", line.type),
    ]
