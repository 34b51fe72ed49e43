"""Invoices: what a profile makes on each of its dates."""

import datetime as dt
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.domain.bill_to import BillTo
from app.domain.folder import Folder
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import Line
from app.domain.money import ZERO, Money
from app.domain.pricing import price
from app.domain.recurring import Profile

INVOICE_ID = "::invoice id::"
INVOICE_NUMBER = "::invoice number::"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice; `invoice_id` is 0 and the number empty until it is stored.

    `line_amounts` stands beside `lines`, in their order.
    """

    invoice_id: int = 0
    number: str = ""
    client_id: int
    recurring_id: int | None
    staff_id: int
    contacts: tuple[int, ...] = ()
    date: date
    due_on: dt.date
    status: InvoiceStatus = InvoiceStatus.SENT
    folder: Folder = Folder.ACTIVE
    bill_to: BillTo = field(default_factory=BillTo)
    title: str = ""
    po_number: str = ""
    discount: Decimal = ZERO
    notes: str = ""
    terms: str = ""
    currency_code: str
    language: str
    return_uri: str = ""
    view_key: str = ""
    lines: tuple[Line, ...] = ()
    line_amounts: tuple[Money, ...] = ()
    amount: Money
    paid: Money
    updated_at: datetime | None = None

    @property
    def amount_outstanding(self) -> Money:
        """What is still to be paid."""
        return self.amount + -self.paid


@dataclass(frozen=True, slots=True)
class Previewed:
    """What is known of an invoice that is still to be made."""

    date: date
    due_on: dt.date
    amount: Money


def draft(profile: Profile, day: date) -> Invoice:
    """Return the profile's invoice for a date, priced, not yet numbered."""
    priced = price(profile.lines, profile.discount, profile.currency_code)
    return Invoice(
        client_id=profile.client_id,
        recurring_id=profile.recurring_id,
        staff_id=profile.staff_id,
        contacts=profile.contacts,
        date=day,
        due_on=due_on(profile, day),
        status=profile.invoice_status,
        title=profile.title,
        bill_to=profile.bill_to,
        po_number=profile.po_number,
        discount=profile.discount,
        notes=profile.notes,
        terms=profile.terms,
        currency_code=profile.currency_code,
        language=profile.language,
        return_uri=profile.return_uri,
        lines=profile.lines,
        line_amounts=priced.lines,
        amount=priced.total,
        paid=Money.zero(profile.currency_code),
    )


def due_on(profile: Profile, day: date) -> date:
    """Return when an invoice of a date is due. Source: documented (calendar days)."""
    return day + timedelta(days=profile.due_days)


def numbered(invoice: Invoice, invoice_id: int, counter: int) -> Invoice:
    """Return the invoice with its id and number, its return_uri filled in.

    Source: observed (seven digits); documented (the two placeholders, case-sensitive).
    """
    number = f"{counter:07d}"
    uri = invoice.return_uri.replace(INVOICE_ID, str(invoice_id))
    return replace(
        invoice,
        invoice_id=invoice_id,
        number=number,
        return_uri=uri.replace(INVOICE_NUMBER, number),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """What a list of invoices is narrowed to; bounds are inclusive (inferred).

    `number` matches any part of the printed number.
    """

    client_id: int | None = None
    recurring_id: int | None = None
    status: str | None = None
    number: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    folder: Folder | None = None
