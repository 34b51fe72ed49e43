"""What of an invoice is printed, and where on its paper."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.domain.account import Account
from app.domain.adjustment import Discount
from app.domain.bill_to import BillTo
from app.domain.invoice import Invoice, priced
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import Line
from app.domain.money import Money
from app.domain.paper import PageSize, Paper, paper_of
from app.domain.pricing import Reduction, Tax

ACCOUNT = Account(
    account_id=1,
    name="Northwind Studio",
    system="northwind",
    base_currency="EUR",
    time_zone="Europe/Berlin",
    language="en",
    card_types=(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
LINK = "https://billing.example/view/8Jx2mQ"


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def a_line(name: str, cost: str = "10", group: str = "", tax: str = "0") -> Line:
    return Line(
        name=name,
        unit_cost=Decimal(cost),
        quantity=Decimal(1),
        group=group,
        tax1_name="VAT",
        tax1_percent=Decimal(tax),
    )


INVOICE = Invoice(
    client_id=1,
    recurring_id=None,
    staff_id=1,
    number="0000042",
    date=date(2026, 3, 1),
    due_on=date(2026, 3, 31),
    currency_code="EUR",
    language="de",
    amount=eur("0"),
    paid=eur("0"),
)


def paper(*lines: Line, **fields: object) -> Paper:
    invoice = priced(replace(INVOICE, lines=lines, **fields))  # type: ignore[arg-type]
    return paper_of(invoice, ACCOUNT, PageSize.A4, LINK)


def test_a_paper_shows_the_sums_of_its_invoice() -> None:
    made = paper(
        a_line("One", "30", tax="19"),
        a_line("Two", "70", tax="7"),
        discount=Decimal(10),
        discounts=(Discount("Voucher", amount=Decimal(5)),),
        paid=eur("20"),
    )
    assert made.subtotal == eur("100.00")
    assert made.reductions == (
        Reduction(name="", percent=Decimal(10), amount=eur("10.00")),
        Reduction(name="Voucher", percent=None, amount=eur("5.00")),
    )
    assert made.taxes == (
        Tax(name="VAT", percent=Decimal(19), amount=eur("4.85")),
        Tax(name="VAT", percent=Decimal(7), amount=eur("4.17")),
    )
    assert made.total == eur("94.02")
    assert (made.paid, made.outstanding) == (eur("20"), eur("74.02"))


def test_neighbours_of_one_group_are_a_section() -> None:
    made = paper(
        a_line("a", "1", "Hosting"),
        a_line("b", "2", "Hosting"),
        a_line("c", "4"),
        a_line("d", "8", "Hosting"),
    )
    assert [
        (section.name, [line.name for line in section.lines], section.subtotal)
        for section in made.sections
    ] == [
        ("Hosting", ["a", "b"], eur("3.00")),
        ("", ["c"], eur("4.00")),
        ("Hosting", ["d"], eur("8.00")),
    ]


def test_a_percentage_line_keeps_its_percentage() -> None:
    fee = Line(name="Fee", percent=Decimal(3), quantity=Decimal(1))
    ((_, line),) = [section.lines for section in paper(a_line("a"), fee).sections]
    assert (line.percent, line.amount) == (Decimal(3), eur("0.30"))


@pytest.mark.parametrize(
    ("bill_to", "lines"),
    [
        (
            BillTo(
                organization="Harbour & Sons",
                first_name="Ada",
                last_name="Harbour",
                p_street1="Hafenstraße 7",
                p_street2="Hinterhaus",
                p_city="Hamburg",
                p_code="20457",
                p_country="Germany",
            ),
            (
                "Harbour & Sons",
                "Ada Harbour",
                "Hafenstraße 7",
                "Hinterhaus",
                "20457 Hamburg",
                "Germany",
            ),
        ),
        (
            BillTo(p_city="Springfield", p_state="IL", p_code="62701", p_country="USA"),
            ("Springfield, IL 62701", "USA"),
        ),
        (BillTo(last_name="Harbour", p_state="Bayern"), ("Harbour", "Bayern")),
        (BillTo(), ()),
    ],
)
def test_the_address_is_written_in_the_order_of_its_country(
    bill_to: BillTo, lines: tuple[str, ...]
) -> None:
    assert paper(bill_to=bill_to).addressee == lines


@pytest.mark.parametrize(
    ("country", "size"),
    [
        ("United States", PageSize.LETTER),
        (" usa ", PageSize.LETTER),
        ("Canada", PageSize.LETTER),
        ("Germany", PageSize.A4),
        ("", PageSize.A4),
    ],
)
def test_the_page_is_that_of_the_country(country: str, size: PageSize) -> None:
    assert PageSize.of(country) is size


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({}, LINK),
        ({"paid": eur("10")}, ""),
        ({"unpaid_status": InvoiceStatus.DRAFT}, ""),
    ],
)
def test_the_link_is_printed_where_something_is_due_there(
    fields: dict[str, object], link: str
) -> None:
    assert paper(a_line("a"), **fields).link == link


def test_a_draft_says_that_it_is_one() -> None:
    assert paper(a_line("a"), unpaid_status=InvoiceStatus.DRAFT).draft
    assert not paper(a_line("a")).draft


def test_a_paper_is_made_when_its_invoice_was_changed() -> None:
    at = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
    assert paper(updated_at=at).made_at == at
    assert paper().made_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_nothing_is_due_of_a_total_below_zero() -> None:
    made = paper(a_line("Credit", "-12.5"))
    assert (made.total, made.outstanding) == (eur("-12.50"), eur("0"))
    assert made.link == ""
