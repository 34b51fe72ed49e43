"""The paper that an invoice is printed on: plain values, nothing left to work out."""

import datetime as dt
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from enum import Enum
from itertools import groupby

from app.domain.account import Account
from app.domain.bill_to import BillTo
from app.domain.invoice import Invoice
from app.domain.invoice_status import InvoiceStatus
from app.domain.money import ZERO, Money
from app.domain.pricing import Reduction, Tax, price

_LETTER_COUNTRIES = frozenset(
    {"ca", "can", "canada", "u.s.", "u.s.a.", "us", "usa", "united states"}
    | {"united states of america", "puerto rico"}
)


class PageSize(Enum):
    """What a country prints on."""

    A4 = "A4"
    LETTER = "Letter"

    @classmethod
    def of(cls, country: str) -> "PageSize":
        """Return the page of a country, as people write its name."""
        known = " ".join(country.casefold().split()) in _LETTER_COUNTRIES
        return cls.LETTER if known else cls.A4


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One line of the table; a percentage line has a `percent` for its unit cost."""

    name: str
    description: str
    unit_cost: Decimal
    quantity: Decimal
    amount: Money
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSection:
    """Neighbouring lines under one heading; without a name they have none."""

    name: str = ""
    lines: tuple[PaperLine, ...]
    subtotal: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An invoice as it is printed, all but the words of its language.

    The first line of `company` is its name. `link` is where the client can pay; empty
    for nowhere. `made_at` is the paper's own date: the same paper is the same file.
    """

    size: PageSize
    language: str
    made_at: datetime
    draft: bool = False
    company: tuple[str, ...]
    addressee: tuple[str, ...]
    vat_name: str = ""
    vat_number: str = ""
    number: str
    date: dt.date
    due_on: dt.date
    po_number: str = ""
    title: str = ""
    sections: tuple[PaperSection, ...]
    subtotal: Money
    reductions: tuple[Reduction, ...] = ()
    taxes: tuple[Tax, ...] = ()
    total: Money
    paid: Money
    outstanding: Money
    notes: str = ""
    terms: str = ""
    link: str = ""


def paper_of(
    invoice: Invoice, account: Account, size: PageSize, link: str = ""
) -> Paper:
    """Return the paper of an invoice.

    `link` is where the client sees it, and is printed where something is due there:
    a draft is shown to nobody yet.
    """
    found = price(invoice, invoice.date)
    draft = invoice.status is InvoiceStatus.DRAFT
    outstanding = invoice.amount_outstanding
    return Paper(
        size=size,
        language=invoice.language,
        made_at=invoice.updated_at or datetime.combine(invoice.date, time(), UTC),
        draft=draft,
        company=(account.name,),
        addressee=_address(invoice.bill_to),
        vat_name=invoice.bill_to.vat_name,
        vat_number=invoice.bill_to.vat_number,
        number=invoice.number,
        date=invoice.date,
        due_on=invoice.due_on,
        po_number=invoice.po_number,
        title=invoice.title,
        sections=_sections(invoice),
        subtotal=found.subtotal,
        reductions=found.reductions,
        taxes=found.taxes,
        total=invoice.amount,
        paid=invoice.paid,
        outstanding=outstanding,
        notes=invoice.notes,
        terms=invoice.terms,
        link=link if outstanding.amount and not draft else "",
    )


def _sections(invoice: Invoice) -> tuple[PaperSection, ...]:
    priced = zip(invoice.lines, invoice.line_amounts, strict=True)
    sections = []
    for name, members in groupby(priced, key=lambda each: each[0].group):
        lines = tuple(
            PaperLine(
                name=line.name,
                description=line.description,
                unit_cost=line.unit_cost,
                quantity=line.quantity,
                amount=amount,
                percent=line.percent,
            )
            for line, amount in members
        )
        total = sum((line.amount.amount for line in lines), ZERO)
        subtotal = Money(total, invoice.currency_code)
        sections.append(PaperSection(name=name, lines=lines, subtotal=subtotal))
    return tuple(sections)


def _address(to: BillTo) -> tuple[str, ...]:
    lines = (
        to.organization,
        f"{to.first_name} {to.last_name}",
        to.p_street1,
        to.p_street2,
        _city(to),
        to.p_country,
    )
    return tuple(line.strip() for line in lines if line.strip())


def _city(to: BillTo) -> str:
    """Return the line with the city, in the order of the addressee's country."""
    if PageSize.of(to.p_country) is PageSize.LETTER:
        return _joined(", ", to.p_city, _joined(" ", to.p_state, to.p_code))
    return _joined(", ", _joined(" ", to.p_code, to.p_city), to.p_state)


def _joined(between: str, *parts: str) -> str:
    return between.join(part for part in parts if part)
