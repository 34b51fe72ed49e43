"""What must hold of the books, whatever happened; what does not is a finding."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.domain import schedule
from app.domain.adjustment import Discount, TaxRate
from app.domain.card import Expiration
from app.domain.errors import InvalidValueError
from app.domain.folder import Folder
from app.domain.invoice import status_of
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import Line
from app.domain.money import Money
from app.domain.pricing import price
from app.domain.recurring import ProfileState
from app.domain.schedule import Schedule

_YEARS = range(2000, 3000)


class Kind(StrEnum):
    """What can be wrong."""

    DATABASE = "database"
    ORPHAN = "orphan"
    UNREADABLE = "unreadable"
    TOTAL = "total"
    LINE_AMOUNT = "line-amount"
    PAID = "paid"
    STATUS = "status"
    PAYMENT = "payment"
    CREDIT = "credit"
    CHARGE = "charge"
    UNDER_WAY = "under-way"
    OVERCHARGED = "overcharged"
    COUNTER = "counter"
    LISTING = "listing"
    TWICE = "twice"
    BILLED_COUNT = "billed-count"
    LAST_BILLED = "last-billed"
    NEXT_DATE = "next-date"
    STATE = "state"
    DATA_KEY = "data-key"
    CARD = "card"
    EXPIRY = "expiry"
    KEPT_CARD = "kept-card"
    CARD_OWNER = "card-owner"
    FILE = "file"
    CLOCK = "clock"


MEANINGS = {
    Kind.DATABASE: "the database itself finds a fault",
    Kind.ORPHAN: "what it refers to is not there",
    Kind.UNREADABLE: "a value of it has no meaning",
    Kind.TOTAL: "the amount is not what the lines come to",
    Kind.LINE_AMOUNT: "the amount is not unit cost times quantity",
    Kind.PAID: "what was paid is not the sum of its payments",
    Kind.STATUS: "the status does not follow from what was paid",
    Kind.PAYMENT: "the invoice that it pays has another client or currency",
    Kind.CREDIT: "more of it was used than there was",
    Kind.CHARGE: "charge and payment are not the same money",
    Kind.UNDER_WAY: "nobody looks after it, or there is another one",
    Kind.OVERCHARGED: "several charges took more than it comes to",
    Kind.COUNTER: "it does not agree with the ids that were given",
    Kind.LISTING: "the count is not that of the rows",
    Kind.TWICE: "there are two invoices of one profile and date",
    Kind.BILLED_COUNT: "the count is not that of its invoices",
    Kind.LAST_BILLED: "the date is not that of its last invoice",
    Kind.NEXT_DATE: "the next date is none of its schedule after the last",
    Kind.STATE: "the state does not fit the schedule",
    Kind.DATA_KEY: "the key ring does not unwrap it",
    Kind.CARD: "it does not open",
    Kind.EXPIRY: "the expiry is no month",
    Kind.KEPT_CARD: "nothing is charged to it any more",
    Kind.CARD_OWNER: "the card is another client's",
    Kind.FILE: "the file is not the one that was attached",
    Kind.CLOCK: "the clock is behind what has been stored",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """What is known of an attachment's file, and what its pieces come to."""

    deleted: bool
    size: int
    digest: str
    found_size: int
    found_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, and where: ids and nobody's data.

    `key` is the row's own within the account; `said` are the database's words.
    """

    kind: Kind
    table: str = ""
    account_id: int | None = None
    key: str = ""
    said: str = ""

    def __str__(self) -> str:
        """Say it in a line."""
        whose = (
            "" if self.table in ("", "account") else f" of account {self.account_id}"
        )
        where = f"{self.table} {self.key}".strip() + whose
        text = self.said or MEANINGS[self.kind]
        return f"{self.kind}: {where}: {text}" if where else f"{self.kind}: {text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLine:
    """A line of an invoice with the amount that is stored beside it."""

    position: int
    line: Line
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInvoice:
    """What of an invoice can contradict itself.

    `payments_minor` is what was paid, `payments_automatic` whether any of it was paid
    by auto-billing.
    """

    number: str
    date: dt.date
    discount: Decimal
    default_tax: TaxRate | None
    taxes: tuple[TaxRate, ...]
    discounts: tuple[Discount, ...]
    currency_code: str
    amount_minor: int
    paid_minor: int
    payments_minor: int
    status: InvoiceStatus
    unpaid_status: InvoiceStatus
    auto_paid: bool
    payments_automatic: bool
    stored_lines: Sequence[StoredLine]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its lines, without what is stored beside them."""
        return tuple(stored.line for stored in self.stored_lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProfile:
    """A profile's schedule, and what was billed by it: how many, and the last date."""

    schedule: Schedule
    state: ProfileState
    folder: Folder
    client_deleted: bool
    invoices: int
    latest_on: date | None


def of_amounts(invoice: StoredInvoice) -> Iterator[tuple[Kind, int | None]]:
    """Yield what is wrong with an invoice's amounts, and the line where it is one's."""
    paid = (invoice.paid_minor, invoice.auto_paid)
    if paid != (invoice.payments_minor, invoice.payments_automatic):
        yield Kind.PAID, None
    elif invoice.status is not status_of(
        invoice.unpaid_status,
        invoice.paid_minor,
        invoice.amount_minor,
        auto_paid=invoice.auto_paid,
    ):
        yield Kind.STATUS, None
    try:
        priced = price(invoice, invoice.date)
    except (InvalidValueError, ArithmeticError):
        yield Kind.TOTAL, None
        return
    if priced.total.minor != invoice.amount_minor:
        yield Kind.TOTAL, None
    for stored, amount in zip(invoice.stored_lines, priced.lines, strict=True):
        if amount != Money.from_minor(stored.amount_minor, invoice.currency_code):
            yield Kind.LINE_AMOUNT, stored.position


def of_profile(profile: StoredProfile, today: date) -> Iterator[Kind]:
    """Yield what is wrong with a profile's schedule and state."""
    of = profile.schedule
    if of.billed_count != profile.invoices:
        yield Kind.BILLED_COUNT
    if of.last_billed_on != profile.latest_on:
        yield Kind.LAST_BILLED
    if not schedule.consistent(of):
        yield Kind.NEXT_DATE
    if not _state_fits(profile, today):
        yield Kind.STATE


def _state_fits(profile: StoredProfile, today: date) -> bool:
    of = profile.schedule
    match profile.state:
        case ProfileState.ACTIVE if of.next_on is None:
            return profile.client_deleted or profile.folder is not Folder.ACTIVE
        case ProfileState.ACTIVE:
            return profile.folder is Folder.ACTIVE and not of.exhausted
        case ProfileState.COMPLETED:
            resting = profile.folder is not Folder.ACTIVE
            ended = resting or schedule.ended(of, today)
            return of.next_on is None and ended
        case _:
            return of.next_on is None


def right_file(file: StoredFile) -> bool:
    """Whether a file is what is known of it; of a deleted one there is nothing left."""
    if file.deleted:
        return file.found_size == 0
    return (file.size, file.digest) == (file.found_size, file.found_digest)


def sane(expiration: Expiration) -> bool:
    """Whether an expiry is a month that a card can bear."""
    return expiration.month in range(1, 13) and expiration.year in _YEARS


def differing(
    counted: Iterable[tuple[int, str, int]], kept: Iterable[tuple[int, str, int]]
) -> list[str]:
    """Return the blocks and folders whose rows are not as many as was kept."""
    there = {(block, folder): size for block, folder, size in counted}
    told = {(block, folder): size for block, folder, size in kept}
    return [
        f"{block}/{folder}"
        for block, folder in sorted(there.keys() | told.keys())
        if there.get((block, folder), 0) != told.get((block, folder), 0)
    ]
