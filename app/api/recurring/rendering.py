"""From a profile to `<recurring>`, in the documented order."""

from collections.abc import Sequence

from app.api import addressee
from app.domain.autobill import Autobill
from app.domain.line import Line
from app.domain.money import Money
from app.domain.pricing import price
from app.domain.recurring import Profile
from app.wire import values
from app.wire.xml import Node


def recurring(profile: Profile) -> Node:
    """Render a profile.

    `contacts` is left out where there are none, because one client fails on an empty
    one; `autobill` comes before `lines`, because one takes the first `number` and
    `name` of the document for the card's. Source: documented, observed.
    """
    priced = price(profile.lines, profile.discount, profile.currency_code)
    return Node(
        "recurring",
        [
            Node("recurring_id", str(profile.recurring_id)),
            Node("frequency", values.frequency(profile.rule)),
            Node("occurrences", str(profile.progress.occurrences)),
            Node("stopped", values.flag(profile.stopped)),
            Node("client_id", str(profile.client_id)),
            *contacts(profile.contacts),
            Node("staff_id", str(profile.staff_id)),
            *addressee.names(profile.bill_to),
            *addressee.address(profile.bill_to),
            *addressee.vat(profile.bill_to),
            Node("po_number", profile.po_number),
            Node("status", ""),
            Node("amount", values.number(priced.total.amount)),
            Node("currency_code", profile.currency_code),
            Node("language", profile.language),
            Node("date", profile.progress.start_on.isoformat()),
            Node("notes", profile.notes),
            Node("terms", profile.terms),
            Node("discount", values.number(profile.discount)),
            Node("return_uri", profile.return_uri),
            Node("send_snail_mail", values.flag(profile.send_snail_mail)),
            Node("send_email", values.flag(profile.send_email)),
            Node("folder", profile.folder),
            _autobill(profile.autobill),
            Node(
                "lines",
                [
                    _line(line, amount)
                    for line, amount in zip(profile.lines, priced.lines, strict=True)
                ],
            ),
        ],
    )


def contacts(ids: Sequence[int]) -> list[Node]:
    """Render the ids of contacts; nothing at all where there are none."""
    if not ids:
        return []
    return [
        Node(
            "contacts",
            [
                Node("contact", [Node("contact_id", str(contact_id))])
                for contact_id in ids
            ],
        )
    ]


def line_details(line: Line) -> list[Node]:
    """Render the taxes and the type of a line."""
    return [
        Node("tax1_name", line.tax1_name),
        Node("tax2_name", line.tax2_name),
        Node("tax1_percent", values.number(line.tax1_percent)),
        Node("tax2_percent", values.number(line.tax2_percent)),
        Node("type", line.type),
    ]


def _line(line: Line, amount: Money) -> Node:
    return Node(
        "line",
        [
            Node("line_id", str(line.line_id)),
            Node("name", line.name),
            Node("description", line.description),
            Node("unit_cost", values.number(line.unit_cost)),
            Node("quantity", values.number(line.quantity)),
            Node("amount", values.number(amount.amount)),
            *line_details(line),
        ],
    )


def _autobill(autobill: Autobill | None) -> Node:
    if autobill is None:
        return Node("autobill", [])
    card = autobill.card
    return Node(
        "autobill",
        [
            Node("gateway_name", autobill.gateway_name),
            Node(
                "card",
                [
                    Node("number", card.number),
                    Node("name", card.name),
                    Node(
                        "expiration",
                        [
                            Node("month", f"{card.expiration.month:02d}"),
                            Node("year", str(card.expiration.year)),
                        ],
                    ),
                ],
            ),
        ],
    )
