"""The invoice in docs: `python -m tests.paper.sample` makes both files anew."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image

from app.domain.money import Money
from app.domain.paper import PageSize, Paper, PaperLine, PaperSection
from app.domain.pricing import Reduction, Tax
from app.paper import invoice

DOCS = Path(__file__).parents[2] / "docs"
PDF = DOCS / "invoice.pdf"
PICTURE = DOCS / "invoice.png"
_DOTS_PER_POINT = 1.5


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def a_line(name: str = "Hosting", **fields: Any) -> PaperLine:
    line = PaperLine(
        name=name,
        description="",
        unit_cost=Decimal("12.5"),
        quantity=Decimal(2),
        amount=eur("25"),
    )
    return replace(line, **fields)


def a_section(*lines: PaperLine, name: str = "", subtotal: str = "25") -> PaperSection:
    return PaperSection(name=name, lines=lines, subtotal=eur(subtotal))


SAMPLE = Paper(
    size=PageSize.A4,
    language="en",
    made_at=datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
    company=(
        "Northwind Studio",
        "Lindenstraße 12",
        "10969 Berlin",
        "Germany",
        "VAT DE 123456789",
    ),
    addressee=(
        "Harbour & Sons Ltd",
        "Ada Harbour",
        "7 Quay Street",
        "Bristol BS1 4DB",
        "United Kingdom",
    ),
    vat_name="VAT number",
    vat_number="GB 123 4567 89",
    number="0000042",
    date=date(2026, 3, 1),
    due_on=date(2026, 3, 31),
    po_number="PO-7741",
    title="Retainer, March 2026",
    sections=(
        a_section(
            a_line(
                "Managed hosting",
                description="Two servers, backups of 30 days, restores on request",
                unit_cost=Decimal(149),
                amount=eur("298"),
            ),
            a_line(
                "Domain names",
                description="harbour.example and four others",
                quantity=Decimal(5),
                amount=eur("62.50"),
            ),
            name="Hosting",
            subtotal="360.50",
        ),
        a_section(
            a_line(
                "Design",
                description="New product pages: research, wireframes and two rounds of "
                "revision, handed over as a clickable prototype with notes for the "
                "developers",
                unit_cost=Decimal(95),
                quantity=Decimal("12.5"),
                amount=eur("1187.50"),
            ),
            a_line(
                "Loyalty reduction",
                unit_cost=Decimal(0),
                quantity=Decimal(1),
                percent=Decimal(-3),
                amount=eur("-46.44"),
            ),
            name="Work",
            subtotal="1141.06",
        ),
    ),
    subtotal=eur("1501.56"),
    reductions=(Reduction(name="", percent=Decimal(10), amount=eur("150.16")),),
    taxes=(
        Tax(name="VAT", percent=Decimal(19), amount=eur("256.77")),
        Tax(name="City levy", percent=Decimal("1.5"), amount=eur("20.27")),
    ),
    total=eur("1628.44"),
    paid=eur("500"),
    outstanding=eur("1128.44"),
    notes="Thank you for working with us.\nYour next invoice is made on April 1.",
    terms="Payable within 30 days, without deduction. Interest of 8 percentage points "
    "above the base rate is charged on late payments.",
    link="https://billing.example/invoices/8Jx2mQ",
)


def picture(pdf: bytes) -> Image.Image:
    """Return how the first page of a PDF looks."""
    page = pypdfium2.PdfDocument(pdf)[0]
    image: Image.Image = page.render(scale=_DOTS_PER_POINT).to_pil()
    return image


def write() -> None:
    """Make the files in docs anew."""
    pdf = invoice.pdf(SAMPLE)
    PDF.write_bytes(pdf)
    picture(pdf).quantize(64).save(PICTURE, optimize=True)


if __name__ == "__main__":
    write()
