"""Transactions: money that moved between a client and the account.

Source: documented that they can be reported (PL-53); inferred that they are payments:
an invoice asks for money and moves none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import Money
from app.domain.paging import Listing


class Kind(StrEnum):
    """How money moved: onto an invoice, into a client's credit, or out of that."""

    PAYMENT = "payment"
    CREDIT = "credit"
    FROM_CREDIT = "from_credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """Money that moved; a credit has no invoice, and `type` is how it was paid."""

    payment_id: int
    kind: Kind
    client_id: int
    invoice_id: int | None
    date: date
    amount: Money
    type: str


@dataclass(frozen=True, slots=True)
class Turnover:
    """What moved in one currency, in minor units by kind."""

    currency_code: str
    amounts: Mapping[Kind, int]

    def of(self, *kinds: Kind) -> Money:
        """Return what transactions of some kinds come to."""
        minor = sum(self.amounts.get(kind, 0) for kind in kinds)
        return Money.from_minor(minor, self.currency_code)

    @property
    def received(self) -> Money:
        """Return what came in; what is paid from credit came in before."""
        return self.of(Kind.PAYMENT, Kind.CREDIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transactions:
    """A page of what moved, and what the whole list comes to by currency."""

    listing: Listing[Transaction]
    turnover: Sequence[Turnover]


def kind(*, on_invoice: bool, from_credit: bool) -> Kind:
    """Return how the money of a payment moved."""
    if not on_invoice:
        return Kind.CREDIT
    return Kind.FROM_CREDIT if from_credit else Kind.PAYMENT
