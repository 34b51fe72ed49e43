"""The paper that a bill is printed on: plain values, nothing left to work out."""

import datetime as dt
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from app.domain.money import Money


class PageSize(Enum):
    """What the addressee's country prints on."""

    A4 = "A4"
    LETTER = "Letter"


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
class Section:
    """Neighbouring lines under one heading; without a name they have none."""

    name: str = ""
    lines: tuple[PaperLine, ...]
    subtotal: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A tax or a discount of the whole: its name, its percentage, what it comes to.

    `percent` is None for what is an amount, and for taxes of one name at several rates.
    """

    name: str = ""
    percent: Decimal | None = None
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """An invoice as it is printed, all but the words of its language.

    The first line of `company` is its name. Discounts are positive and taken off.
    `link` is where the client can pay; empty for none. `made_at` is the paper's own
    date: the same paper is the same file.
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
    sections: tuple[Section, ...]
    subtotal: Money
    discounts: tuple[Sum, ...] = ()
    taxes: tuple[Sum, ...] = ()
    total: Money
    paid: Money
    outstanding: Money
    notes: str = ""
    terms: str = ""
    link: str = ""
