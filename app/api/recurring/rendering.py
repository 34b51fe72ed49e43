"""From a profile to `<recurring>`, in the documented order."""

from app.api import addressee, lines
from app.domain.autobill import Autobill
from app.domain.line import Line
from app.domain.money import Money
from app.domain.pricing import price
from app.domain.recurring import Profile
from app.wire import values
from app.wire.xml import Node, node


def recurring(profile: Profile) -> Node:
    """Render a profile.

    `contacts` is left out where there are none, because one client fails on an empty
    one; `autobill` comes before `lines`, because one takes the first `number` and
    `name` of the document for the card's. Source: documented, observed.
    """
    priced = price(profile.lines, profile.discount, profile.currency_code)
    return node(
        "recurring",
        [
            node("recurring_id", str(profile.recurring_id)),
            node("frequency", values.frequency(profile.rule)),
            node("occurrences", str(profile.progress.occurrences)),
            node("stopped", values.flag(profile.stopped)),
            node("client_id", str(profile.client_id)),
            *addressee.contacts(profile.contacts),
            node("staff_id", str(profile.staff_id)),
            *addressee.names(profile.bill_to),
            *addressee.address(profile.bill_to),
            *addressee.vat(profile.bill_to),
            node("po_number", profile.po_number),
            node("status", ""),
            node("amount", values.number(priced.total.amount)),
            node("currency_code", profile.currency_code),
            node("language", profile.language),
            node("date", profile.progress.start_on.isoformat()),
            node("notes", profile.notes),
            node("terms", profile.terms),
            node("discount", values.number(profile.discount)),
            node("return_uri", profile.return_uri),
            node("send_snail_mail", values.flag(profile.send_snail_mail)),
            node("send_email", values.flag(profile.send_email)),
            node("folder", profile.folder),
            _autobill(profile.autobill),
            node(
                "lines",
                [
                    _line(line, amount)
                    for line, amount in zip(profile.lines, priced.lines, strict=True)
                ],
            ),
        ],
    )


def _line(line: Line, amount: Money) -> Node:
    return node(
        "line",
        [
            node("line_id", str(line.line_id)),
            node("name", line.name),
            node("description", line.description),
            node("unit_cost", values.number(line.unit_cost)),
            node("quantity", values.number(line.quantity)),
            node("amount", values.number(amount.amount)),
            *lines.details(line),
        ],
    )


def _autobill(autobill: Autobill | None) -> Node:
    if autobill is None:
        return node("autobill", [])
    card = autobill.card
    return node(
        "autobill",
        [
            node("gateway_name", autobill.gateway_name),
            node(
                "card",
                [
                    node("number", card.number),
                    node("name", card.name),
                    node(
                        "expiration",
                        [
                            node("month", f"{card.expiration.month:02d}"),
                            node("year", str(card.expiration.year)),
                        ],
                    ),
                ],
            ),
        ],
    )
