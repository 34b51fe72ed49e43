"""What may be done to an invoice, in each of its states."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain import invoicing
from app.domain.account import Account
from app.domain.client import Client
from app.domain.errors import InvalidValueError, RefusedError
from app.domain.folder import Folder
from app.domain.invoice import Invoice, settled
from app.domain.invoice_status import SETTABLE, InvoiceStatus
from app.domain.invoicing import InvoiceChanges
from app.domain.line import Line, LineChanges
from app.domain.money import Money

DAY = date(2026, 3, 2)
DRAFT, SENT, VIEWED = SETTABLE
PARTIAL, PAID = InvoiceStatus.PARTIAL, InvoiceStatus.PAID
RETRY, FAILED, DISPUTED = (
    InvoiceStatus.RETRY,
    InvoiceStatus.FAILED,
    InvoiceStatus.DISPUTED,
)
CLIENT = Client(client_id=1, email="ada@loom.test", language="en")
LINES = (
    Line(line_id=1, name="Hosting", unit_cost=Decimal(40), quantity=Decimal(1)),
    Line(line_id=2, name="Fuel", percent=Decimal(10), quantity=Decimal(1)),
)
SENT_BACK = tuple(
    LineChanges(line_id=n, name=name, unit_cost=Decimal(cost), quantity=Decimal(1))
    for n, name, cost in ((1, "Hosting", 40), (2, "Fuel", 4))
)


def invoice(own: InvoiceStatus = DRAFT, paid: str = "0", **fields: Any) -> Invoice:
    """Return an invoice of 44 dollars, so much of it paid."""
    made = Invoice(
        client_id=1,
        recurring_id=None,
        staff_id=1,
        date=DAY,
        due_on=DAY,
        unpaid_status=own,
        currency_code="USD",
        language="en",
        lines=LINES,
        line_amounts=(Money(Decimal(40), "USD"), Money(Decimal(4), "USD")),
        amount=Money(Decimal(44), "USD"),
        paid=Money(Decimal(paid), "USD"),
    )
    return settled(replace(made, **fields))


def changed(of: Invoice, client: Client = CLIENT, **said: Any) -> Invoice:
    changes = InvoiceChanges(**said)
    has_payments = of.paid.amount != 0
    return invoicing.changed_invoice(
        of, changes, client=client, has_payments=has_payments
    )


STATES = {
    "draft": invoice(DRAFT),
    "sent": invoice(SENT),
    "viewed": invoice(VIEWED),
    "partial": invoice(SENT, "10"),
    "partial, viewed": invoice(VIEWED, "10"),
    "partial draft": invoice(DRAFT, "10"),
    "paid": invoice(SENT, "44"),
    "paid draft": invoice(DRAFT, "44"),
    "retry": invoice(RETRY),
    "failed": invoice(FAILED),
    "failed, part paid": invoice(FAILED, "10"),
    "disputed": invoice(DISPUTED),
}
# What becomes of each when it is issued, sent, and asked to be a draft, sent or viewed.
REFUSED = None
TABLE = {
    "draft": (SENT, SENT, DRAFT, SENT, VIEWED),
    "sent": (REFUSED, SENT, DRAFT, SENT, VIEWED),
    "viewed": (REFUSED, VIEWED, DRAFT, SENT, VIEWED),
    "partial": (REFUSED, *[PARTIAL] * 4),
    "partial, viewed": (REFUSED, *[PARTIAL] * 4),
    "partial draft": (PARTIAL, *[PARTIAL] * 4),
    "paid": (REFUSED, *[PAID] * 4),
    "paid draft": (PAID, *[PAID] * 4),
    "retry": (REFUSED, *[RETRY] * 4),
    "failed": (REFUSED, *[FAILED] * 4),
    "failed, part paid": (REFUSED, *[FAILED] * 4),
    "disputed": (REFUSED, *[DISPUTED] * 4),
}


@pytest.mark.parametrize("name", STATES)
def test_a_status_goes_where_the_table_of_states_says(name: str) -> None:
    of = STATES[name]
    found: list[InvoiceStatus | None] = []
    try:
        found.append(invoicing.issued(of).status)
    except RefusedError as error:
        assert error.reason == f"Invoice is {of.status}."  # noqa: PT017 - either way
        found.append(REFUSED)
    found.append(invoicing.sent(of).status)
    found += [changed(of, status=status).status for status in SETTABLE]
    assert tuple(found) == TABLE[name]


def test_what_was_issued_while_part_paid_is_sent_once_the_money_is_gone() -> None:
    issued = invoicing.issued(invoice(DRAFT, "10"))
    unpaid = settled(replace(issued, paid=Money.zero("USD")))
    assert unpaid.status is SENT


@pytest.mark.parametrize("name", STATES)
def test_an_invoice_is_deleted_in_any_state_but_with_payments(name: str) -> None:
    of = STATES[name]
    gone = invoicing.deleted(of, has_payments=False)
    assert gone == replace(of, folder=Folder.DELETED)
    with pytest.raises(RefusedError, match="Invoice has payments"):
        invoicing.deleted(of, has_payments=True)


MONEY: list[dict[str, Any]] = [
    {"lines": ()},
    {"lines": SENT_BACK[:1]},
    {"discount": Decimal(5)},
    {"default_tax_name": "VAT", "default_tax_percent": Decimal(20)},
    {"lines": (replace(SENT_BACK[0], unit_cost=Decimal(41)), SENT_BACK[1])},
    {"lines": (replace(SENT_BACK[0], name="Other"), SENT_BACK[1])},
]
TEXTS: list[dict[str, Any]] = [
    {"notes": "x"},
    {"po_number": "x"},
    {"number": "x"},
    {"date": date(2026, 3, 3)},
    {"lines": SENT_BACK, "terms": "x"},
    # Its ids were left out, which is no other money.
    {"lines": tuple(replace(line, line_id=0) for line in SENT_BACK), "title": "x"},
]


@pytest.mark.parametrize("said", MONEY)
def test_money_that_was_paid_in_full_stays(said: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match=r"Invoice is paid\."):
        changed(invoice(SENT, "44"), **said)
    assert changed(invoice(SENT), **said) != invoice(SENT)


@pytest.mark.parametrize("said", TEXTS)
def test_texts_of_a_paid_invoice_change(said: dict[str, Any]) -> None:
    paid = invoice(SENT, "44")
    after = changed(paid, **said)
    assert after != paid
    assert (after.lines, after.amount, after.status) == (LINES, paid.amount, PAID)


def test_a_paid_invoices_line_with_a_range_keeps_its_day_in_it() -> None:
    ranged = replace(LINES[0], end_on=DAY)
    paid = invoice(SENT, "44", lines=(ranged, LINES[1]))
    with pytest.raises(RefusedError, match=r"Invoice is paid\."):
        changed(paid, date=date(2026, 3, 3))


@pytest.mark.parametrize(
    ("unit_cost", "status", "outstanding"),
    [("100", PARTIAL, "100"), ("10", PARTIAL, "1"), ("9.09", PAID, "0")],
)
def test_money_of_a_partly_paid_invoice_changes_down_to_what_was_paid(
    unit_cost: str, status: InvoiceStatus, outstanding: str
) -> None:
    lines = (replace(SENT_BACK[0], unit_cost=Decimal(unit_cost)), SENT_BACK[1])
    after = changed(invoice(SENT, "10"), lines=lines)
    assert after.status is status
    assert after.amount_outstanding.amount == Decimal(outstanding)


@pytest.mark.parametrize("unit_cost", ["9.08", "0", "-50"])
def test_an_invoice_never_comes_to_less_than_was_paid(unit_cost: str) -> None:
    lines = (replace(SENT_BACK[0], unit_cost=Decimal(unit_cost)), SENT_BACK[1])
    with pytest.raises(RefusedError, match="More than that has been paid"):
        changed(invoice(SENT, "10"), lines=lines)


def test_what_comes_to_less_than_nothing_is_paid_and_changes_all_the_same() -> None:
    credit = (Line(line_id=1, unit_cost=Decimal(-5), quantity=Decimal(1)),)
    of = invoicing.with_lines(invoice(SENT), credit, has_payments=False)
    assert of.status is PAID
    assert invoicing.with_lines(of, LINES, has_payments=False).status is SENT


def test_currency_and_client_change_while_nothing_was_paid() -> None:
    yen = changed(invoice(SENT), currency_code="JPY")
    assert (yen.amount, yen.paid) == (Money(Decimal(44), "JPY"), Money.zero("JPY"))
    with pytest.raises(RefusedError, match="Invoice has payments"):
        changed(invoice(SENT, "10"), currency_code="EUR")

    other = Client(client_id=2)
    assert changed(invoice(SENT), other, client_id=2).client_id == 2
    with pytest.raises(RefusedError, match="Invoice has payments"):
        changed(invoice(SENT, "10"), other, client_id=2)


def test_contacts_stay_with_their_client() -> None:
    of = invoice(SENT, contacts=(7,))
    assert changed(of, notes="x").contacts == (7,)
    assert changed(of, Client(client_id=2)).contacts == ()
    assert changed(of, Client(client_id=2), contacts=(8,)).contacts == (8,)


def test_an_old_price_is_not_found_anew_for_a_text() -> None:
    # As another edition may have counted it.
    of = invoice(SENT, amount=Money(Decimal("44.01"), "USD"))
    assert changed(of, notes="x", discount=Decimal(0)).amount == of.amount
    assert changed(of, discount=Decimal(50)).amount == Money(Decimal(22), "USD")


@pytest.mark.parametrize(
    ("said", "due_on"),
    [
        ({}, date(2026, 3, 16)),
        ({"date": date(2026, 4, 1)}, date(2026, 4, 15)),
        ({"date": date(2026, 1, 1)}, date(2026, 1, 15)),
        ({"due_on": DAY}, DAY),
        ({"date": date(2026, 4, 1), "due_on": date(2026, 4, 1)}, date(2026, 4, 1)),
    ],
)
def test_the_due_date_keeps_its_distance_unless_it_is_said(
    said: dict[str, Any], due_on: date
) -> None:
    of = invoice(SENT, due_on=date(2026, 3, 16))
    assert changed(of, **said).due_on == due_on


def test_a_due_date_before_the_date_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="due_date"):
        changed(invoice(), due_on=date(2026, 3, 1))


def test_placeholders_of_a_new_return_uri_are_filled_in() -> None:
    of = invoice(invoice_id=7, number="0000003", return_uri="https://a.test/7")
    uri = "https://a.test/::invoice id::/::invoice number::"
    assert changed(of, return_uri=uri).return_uri == "https://a.test/7/0000003"
    renamed = changed(of, return_uri=uri, number="A").return_uri
    assert renamed == "https://a.test/7/A"
    assert changed(of, number="A").return_uri == "https://a.test/7"


@pytest.mark.parametrize("status", SETTABLE)
def test_a_new_invoice_has_the_status_that_is_said(status: InvoiceStatus) -> None:
    made = invoicing.new_invoice(
        InvoiceChanges(status=status),
        client=CLIENT,
        account=Account(
            account_id=1,
            name="Loom",
            system="loom",
            base_currency="USD",
            time_zone="UTC",
            language="en",
            card_types=(),
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
        staff_id=1,
        today=DAY,
    )
    assert (made.status, made.unpaid_status) == (status, status)
    assert (made.date, made.due_on) == (DAY, DAY)
    assert made.amount == Money.zero("USD")


def test_there_are_no_more_lines_than_500() -> None:
    with pytest.raises(InvalidValueError, match="lines"):
        invoicing.with_lines(invoice(), LINES * 251, has_payments=False)
