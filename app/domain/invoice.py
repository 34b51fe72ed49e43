"""Invoices: what a profile makes on each of its dates."""

import datetime as dt
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.domain import variables
from app.domain.adjustment import Discount, TaxRate
from app.domain.bill_to import BillTo
from app.domain.folder import Folder
from app.domain.invoice_status import SETTABLE, InvoiceStatus
from app.domain.line import Line
from app.domain.money import ZERO, Money
from app.domain.pricing import price
from app.domain.recurring import Attribute, Profile

INVOICE_ID = "::invoice id::"
INVOICE_NUMBER = "::invoice number::"
# A longer number is taken for a name, which the next ones do not follow.
NUMBER_DIGITS = 15
# The next ones never get as far as to the numbers that are taken for names.
NUMBER_MAX = 10**NUMBER_DIGITS - 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice; `invoice_id` is 0 and the number empty until it is stored.

    `line_amounts` stands beside `lines`, in their order. `billed_on` is the date of its
    profile that it bills, None where no profile made it. `unpaid_status` is what its
    status would be without payments; `auto_paid` says that auto-billing made one of
    them. `collect_on` is the day of the next try to charge its card, None where there
    is none, or one is under way; one that waits for its gateway is `held_until` then.
    """

    invoice_id: int = 0
    number: str = ""
    client_id: int
    recurring_id: int | None
    staff_id: int
    contacts: tuple[int, ...] = ()
    date: date
    billed_on: dt.date | None = None
    due_on: dt.date
    status: InvoiceStatus = InvoiceStatus.SENT
    unpaid_status: InvoiceStatus = InvoiceStatus.SENT
    folder: Folder = Folder.ACTIVE
    bill_to: BillTo = field(default_factory=BillTo)
    title: str = ""
    attributes: tuple[Attribute, ...] = ()
    po_number: str = ""
    discount: Decimal = ZERO
    default_tax: TaxRate | None = None
    taxes: tuple[TaxRate, ...] = ()
    discounts: tuple[Discount, ...] = ()
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
    auto_paid: bool = False
    collect_on: dt.date | None = None
    held_until: datetime | None = None
    updated_at: datetime | None = None

    @property
    def amount_outstanding(self) -> Money:
        """What is still to be paid: nothing of a total below zero, or paid already."""
        left = self.amount + -self.paid
        return left if left.amount > 0 else Money.zero(left.currency)


@dataclass(frozen=True, slots=True)
class Previewed:
    """What is known of an invoice that is still to be made."""

    date: date
    due_on: dt.date
    amount: Money


def draft(profile: Profile, day: date) -> Invoice:
    """Return the profile's invoice for a date, priced, not yet numbered.

    It has the lines that count on the date, and its texts name the date.
    """
    lines = tuple(
        _dated(profile, line, day) for line in profile.lines if line.counts(day)
    )
    invoice = Invoice(
        client_id=profile.client_id,
        recurring_id=profile.recurring_id,
        staff_id=profile.staff_id,
        contacts=profile.contacts,
        date=day,
        billed_on=day,
        due_on=due_on(profile, day),
        status=profile.invoice_status,
        unpaid_status=profile.invoice_status,
        title=_filled(profile, profile.title, day),
        attributes=profile.attributes,
        bill_to=profile.bill_to,
        po_number=profile.po_number,
        discount=profile.discount,
        default_tax=profile.default_tax,
        taxes=profile.taxes,
        discounts=profile.discounts,
        notes=_filled(profile, profile.notes, day),
        terms=_filled(profile, profile.terms, day),
        currency_code=profile.currency_code,
        language=profile.language,
        return_uri=profile.return_uri,
        lines=lines,
        amount=Money.zero(profile.currency_code),
        paid=Money.zero(profile.currency_code),
    )
    return priced(invoice)


def priced(invoice: Invoice) -> Invoice:
    """Return the invoice with what its lines come to, and the status that follows.

    Raises: InvalidValueError for amounts that no currency needs.
    """
    found = price(invoice, invoice.date)
    return settled(replace(invoice, line_amounts=found.lines, amount=found.total))


def settled(invoice: Invoice) -> Invoice:
    """Return the invoice with the status that its payments and its own state imply.

    One below zero counts as paid once it is issued; one of 0 stays what it is.
    Source: documented (partial, paid); inferred (retry, failed and disputed tell more
    than that a part is paid).
    """
    own, paid, amount = invoice.unpaid_status, invoice.paid, invoice.amount
    status = status_of(own, paid.amount, amount.amount, auto_paid=invoice.auto_paid)
    return invoice if status is invoice.status else replace(invoice, status=status)


def status_of(
    own: InvoiceStatus,
    paid: Decimal | int,
    amount: Decimal | int,
    *,
    auto_paid: bool,
) -> InvoiceStatus:
    """Return the status of an invoice by its own one, what was paid, and its total."""
    issued = own is not InvoiceStatus.DRAFT
    if (amount < 0 and issued) or (paid > 0 and paid >= amount):
        return InvoiceStatus.AUTO_PAID if auto_paid else InvoiceStatus.PAID
    if paid > 0 and own in SETTABLE:
        return InvoiceStatus.PARTIAL
    return own


def _dated(profile: Profile, line: Line, day: date) -> Line:
    name = _filled(profile, line.name, day)
    description = _filled(profile, line.description, day)
    if (name, description) == (line.name, line.description):
        return line
    return replace(line, name=name, description=description)


def _filled(profile: Profile, text: str, day: date) -> str:
    return variables.filled(text, day, profile.language)


def due_on(profile: Profile, day: date) -> date:
    """Return when an invoice of a date is due. Source: documented (calendar days)."""
    return day + timedelta(days=profile.due_days)


def numbered(invoice: Invoice, invoice_id: int, number: str) -> Invoice:
    """Return the invoice with its id and number, its return_uri filled in.

    Source: documented (the two placeholders, case-sensitive).
    """
    uri = invoice.return_uri.replace(INVOICE_ID, str(invoice_id))
    return replace(
        invoice,
        invoice_id=invoice_id,
        number=number,
        return_uri=uri.replace(INVOICE_NUMBER, number),
    )


def printed_number(counter: int) -> str:
    """Return a number as it is printed. Source: observed (seven digits)."""
    return f"{counter:07d}"


def counted_number(number: str) -> int | None:
    """Return the count that a number says; None for one that is no plain count."""
    plain = number.isascii() and number.isdigit() and len(number) <= NUMBER_DIGITS
    return int(number) if plain else None


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
