"""From a profile to `<recurring>`, in the documented order."""

from datetime import date

from app.api import addressee, card, charges, lines, schedule
from app.domain import decline, frequency
from app.domain.autobill import Autobill
from app.domain.charge import Charge, ChargeState
from app.domain.invoice import Previewed
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import Line, shown
from app.domain.money import ZERO, Money
from app.domain.payment import Payment, type_by
from app.domain.pricing import Price, price
from app.domain.recurring import Profile, SendReceipt, next_invoice_on, quantity
from app.services.recurring import Totals
from app.wire import values
from app.wire.xml import Node, node

# What became of a payment: those that were made have been paid.
PAID = "success"
# What became of the others.
_BECAME = {
    ChargeState.PREPARED: "pending",
    ChargeState.SENT: "pending",
    ChargeState.DECLINED: "declined",
    ChargeState.UNKNOWN: "unknown",
    ChargeState.PARKED: "unknown",
}


def recurring(
    profile: Profile, totals: Totals | None, today: date, *, details: bool
) -> Node:
    """Render a profile, with all that is ours where `details` are wanted.

    What FreshBooks had comes first, in its order. Of the rest there is what is not the
    default, after it, so that a profile that uses none of it reads as it ever did; what
    cannot be set comes with `totals`. The amount is that of the next invoice, or of one
    of today where none is planned.

    `contacts` is left out where there are none, because one client fails on an empty
    one; `autobill` comes before `lines`, because one takes the first `number` and
    `name` of the document for the card's. Source: documented, observed.
    """
    on = next_invoice_on(profile) or today
    priced = price(profile, on)
    return node(
        "recurring",
        [
            node("recurring_id", str(profile.recurring_id)),
            node("frequency", values.frequency(profile.schedule.rule)),
            node("occurrences", str(profile.schedule.occurrences)),
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
            node("date", profile.start_on.isoformat()),
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
                    _line(line, amount, whole=details)
                    for line, amount in zip(profile.lines, priced.lines, strict=True)
                ],
            ),
            *_extension(profile, details=details),
            *([] if totals is None else _read_only(profile, priced, totals, on)),
        ],
    )


def next_issue_date(day: date | None) -> Node:
    """Render a profile's next date; empty where there is none."""
    return node("next_issue_date", _day(day))


def previewed(invoice: Previewed) -> Node:
    """Render an invoice that is still to be made."""
    return node(
        "invoice",
        [
            node("date", invoice.date.isoformat()),
            node("due_date", invoice.due_on.isoformat()),
            node("amount", values.number(invoice.amount.amount)),
        ],
    )


def payment(of: Payment | Charge) -> Node:
    """Render a payment on one of a profile's invoices, or an attempt at one."""
    if isinstance(of, Charge):
        return _attempt(of)
    return node(
        "payment",
        [
            node("payment_id", str(of.payment_id)),
            node("invoice_id", str(of.invoice_id)),
            node("date", of.date.isoformat()),
            node("amount", values.number(of.amount.amount)),
            node("currency_code", of.amount.currency),
            node("type", of.type),
            node("status", PAID),
        ],
    )


def _attempt(of: Charge) -> Node:
    """Render a charge that has not become a payment: one that was declined is of 0.

    Source: inferred (one system keeps declined attempts as payments of 0).
    """
    declined = of.state is ChargeState.DECLINED
    amount = ZERO if declined else of.amount.amount
    why = [
        node("reason", of.reason or ""),
        node("message", decline.sentence(of.reason)),
    ]
    return node(
        "payment",
        [
            node("payment_id", str(of.charge_id)),
            node("invoice_id", str(of.invoice_id)),
            node("date", of.made_on.isoformat()),
            node("amount", values.number(amount)),
            node("currency_code", of.amount.currency),
            node("type", type_by(of.brand)),
            node("status", _BECAME[of.state]),
            *(why if declined else []),
        ],
    )


def _extension(profile: Profile, *, details: bool) -> list[Node]:
    said = [
        ("title", profile.title, ""),
        ("due_days", str(profile.due_days), "0"),
        ("invoice_status", profile.invoice_status, InvoiceStatus.SENT),
        ("autopay", values.flag(profile.autopay), "1"),
        ("send_receipt", profile.send_receipt, SendReceipt.ALWAYS),
        ("billing_model_id", str(profile.billing_model_id or ""), ""),
    ]
    nodes = [node(name, text) for name, text, usual in said if details or text != usual]
    nodes += charges.attribute_nodes(profile.attributes, whole=details)
    nodes += charges.nodes(
        profile.default_tax, profile.taxes, profile.discounts, whole=details
    )
    nodes += schedule.nodes(profile.schedule, profile.start_on, whole=details)
    return nodes


def _read_only(profile: Profile, priced: Price, totals: Totals, on: date) -> list[Node]:
    of = profile.schedule
    return [
        node("state", profile.shown_state),
        next_issue_date(next_invoice_on(profile)),
        node("occurrences_to_date", str(of.billed_count)),
        node("last_invoice_date", _day(of.last_billed_on)),
        node("frequency_text", frequency.words(of.rule)),
        node(
            "totals",
            [
                node("recurring_amount", values.number(priced.total.amount)),
                node("total", values.number(totals.total.amount)),
                node("paid", values.number(totals.paid.amount)),
                node("outstanding", values.number(totals.outstanding.amount)),
                node("quantity", values.number(quantity(profile, on))),
            ],
        ),
    ]


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _line(line: Line, amount: Money, *, whole: bool) -> Node:
    plain = shown(line, amount.amount)
    return node(
        "line",
        [
            node("line_id", str(line.line_id)),
            node("name", line.name),
            node("description", line.description),
            node("unit_cost", values.number(plain.unit_cost)),
            node("quantity", values.number(plain.quantity)),
            node("amount", values.number(amount.amount)),
            *lines.details(line, whole=whole),
        ],
    )


def _autobill(autobill: Autobill | None) -> Node:
    """Render auto-billing as documented; the id of a client's card comes last."""
    if autobill is None:
        return node("autobill", [])
    shown = autobill.card
    nodes = [
        node("gateway_name", autobill.gateway_name),
        node(
            "card",
            [
                node("number", shown.number),
                node("name", shown.name),
                card.expiration(shown.expiration),
            ],
        ),
    ]
    if autobill.card_id is not None:
        nodes.append(node("card_id", str(autobill.card_id)))
    return node("autobill", nodes)
