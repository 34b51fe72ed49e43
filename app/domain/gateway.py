"""What passes between us and a payment gateway: orders out, outcomes in."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.card import Card, CardToken, Cvv
from app.domain.money import Money


class Reason(StrEnum):
    """Why a card was declined: our words for those of every gateway."""

    ACCOUNT_CLOSED = "account_closed"
    ADDRESS = "address"
    AUTHENTICATION = "authentication"
    CURRENCY = "currency"
    CVV = "cvv"
    DECLINED = "declined"
    EXPIRED = "expired"
    FRAUD = "fraud"
    FUNDS = "funds"
    LIMIT = "limit"
    LOST = "lost"
    NUMBER = "number"
    PROCESSING = "processing"
    REVOKED = "revoked"
    STOLEN = "stolen"
    TYPE = "type"


# No later try of the same card can succeed, or may be made.
HARD = frozenset(
    {
        Reason.ACCOUNT_CLOSED,
        Reason.FRAUD,
        Reason.LOST,
        Reason.NUMBER,
        Reason.REVOKED,
        Reason.STOLEN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A card to be charged, once for its key, however often it is asked for.

    `attempt_no` counts the attempts at the invoice from 1, `asked` how often somebody
    has found out before this time that there is no answer yet. `sent_at` is when it was
    last given to the gateway, for those that look it up in lists: without it none of
    them can tell that an order is missing.
    """

    key: str
    amount: Money
    card: Card
    invoice_number: str
    attempt_no: int = 1
    asked: int = 0
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money to be given back, once for its key, of the charge with the reference."""

    key: str
    amount: Money
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a card's bills go, for the gateway to compare."""

    street: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCheck:
    """What proves that somebody has a card in hand; none of it is ever stored."""

    cvv: Cvv | None = None
    address: Address = field(default_factory=Address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """The money was taken, or given back; the reference is the gateway's."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """It was not, and will not be by this order; the message is the gateway's."""

    reason: Reason
    message: str = ""
    reference: str = ""

    @property
    def hard(self) -> bool:
        """Whether no later try of the same card may be made."""
        return self.reason in HARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nobody here knows: no answer, or none that can be understood.

    `detail` says which, in our words, without anything of the order. `answers` says
    that the gateway is there all the same.
    """

    detail: str
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """The gateway has not had the order, for certain: it may be given it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokenised:
    """The gateway keeps the card; the token stands for it there."""

    token: CardToken


Outcome = Approved | Declined | Unknown
