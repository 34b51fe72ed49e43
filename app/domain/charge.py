"""Attempts to charge a card for an invoice, each with a key of its own.

An attempt is `prepared` with its key, `sent` before the gateway is asked, and ends
`captured` or `declined`. Where nobody knows what became of it it is `unknown`, is
looked after again and again, and `parked` for a person in the end. While it is any of
these but ended, no other is begun: whoever gets no answer never charges anew.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from app.domain.account import Account
from app.domain.card import Brand
from app.domain.gateway import Declined, Reason
from app.domain.invoice import Invoice
from app.domain.money import Money

_KEY_LENGTH = 32
# How long whoever has one in hand is left alone with it.
LEASE = timedelta(minutes=5)
# Whoever has not asked the gateway by then leaves that to others.
GRACE = timedelta(minutes=2)
# How far back gateways tell what they have done.
_LISTED = timedelta(days=29)
# When an unknown one is looked after, each time counted from the time before.
_CHECKS = (timedelta(minutes=5), timedelta(hours=1), *(timedelta(days=1),) * 5)


class ChargeState(StrEnum):
    """How far an attempt has come."""

    PREPARED = "prepared"
    SENT = "sent"
    CAPTURED = "captured"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    PARKED = "parked"


UNDER_WAY = (
    ChargeState.PREPARED,
    ChargeState.SENT,
    ChargeState.UNKNOWN,
    ChargeState.PARKED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """An attempt; `charge_id` is the id of the payment that comes of it, if one does.

    `automatic` ones are auto-billing's, others a person's: theirs is `card_id`, where
    they chose a card of the client's. The invoice's number is that of its time: an
    order that is given again is the same in all. Gateway, amount and what may be shown
    of the card are known once it is sent; `made_on` is the day of that. `check_at` is
    when it is looked after next, `checks` how often it was.
    """

    charge_id: int = 0
    invoice_id: int
    recurring_id: int | None
    invoice_number: str
    attempt_no: int
    key: str
    automatic: bool
    staff_id: int | None = None
    card_id: int | None = None
    gateway_name: str = ""
    amount: Money
    last_four: str = ""
    brand: Brand | None = None
    state: ChargeState = ChargeState.PREPARED
    reason: Reason | None = None
    message: str = ""
    reference: str = ""
    made_on: date
    created_at: datetime
    sent_at: datetime | None = None
    check_at: datetime | None = None
    checks: int = 0

    @property
    def under_way(self) -> bool:
        """Whether it may still take money, or may have taken it."""
        return self.state in UNDER_WAY


def key_of(
    account: Account, invoice: Invoice, profile_key: str, attempt_no: int
) -> str:
    """Return the key of an attempt: the same one whenever it is made.

    A database that was restored from a backup has forgotten attempts, and perhaps
    invoices, of which the gateway knows. It makes them again, and their keys find the
    former ones there. What a profile bills on a date is told by that, as its invoice
    gets a new id and view key; the profile by a text of its own beside its id, which
    another one gets that is made after the restoration; the account by the instant at
    which it was made, so that two databases with one gateway have no key in common.
    """
    of_invoice = f"invoice {invoice.view_key}"
    if invoice.recurring_id is not None and invoice.billed_on is not None:
        billed_on = invoice.billed_on.isoformat()
        of_invoice = f"recurring {invoice.recurring_id} {profile_key} {billed_on}"
    made_at = account.created_at.astimezone(UTC).isoformat(timespec="microseconds")
    text = f"{account.account_id} {made_at} {of_invoice} {attempt_no}"
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]


def known_since(account: Account, invoice: Invoice, now: datetime) -> datetime:
    """Return since when a gateway may know of a new charge that comes after its day.

    No further back than lists of gateways reach, and by the real clock.
    """
    due_at = now if account.clock_on is not None else account.midnight(invoice.due_on)
    return min(max(due_at, now - _LISTED), now - timedelta(hours=1))


def known_elsewhere(charge: Charge, invoice: Invoice) -> bool:
    """Whether a gateway may know of a new charge that was never sent from here.

    One that comes after its day may have been sent by a database of which this one is a
    former copy, longer ago than any gateway remembers keys.
    """
    return charge.made_on > invoice.due_on


def taken_in_hand(charge: Charge, at: datetime) -> Charge:
    """Return it as others leave it alone for a while."""
    return replace(charge, check_at=at + LEASE)


def captured(charge: Charge, reference: str) -> Charge:
    """Return it after it has taken the money."""
    return replace(
        charge,
        state=ChargeState.CAPTURED,
        reason=None,
        message="",
        reference=reference,
        check_at=None,
    )


def declined(charge: Charge, outcome: Declined) -> Charge:
    """Return it after it was declined."""
    return replace(
        charge,
        state=ChargeState.DECLINED,
        reason=outcome.reason,
        message=outcome.message,
        reference=outcome.reference,
        check_at=None,
    )


def unanswered(charge: Charge, at: datetime, detail: str) -> Charge:
    """Return it after another time without an answer: parked after the last one."""
    if charge.checks >= len(_CHECKS):
        return parked(charge, detail)
    return replace(
        charge,
        state=ChargeState.UNKNOWN,
        message=detail,
        check_at=at + _CHECKS[charge.checks],
        checks=charge.checks + 1,
    )


def parked(charge: Charge, detail: str) -> Charge:
    """Return it as it waits for a person."""
    return replace(charge, state=ChargeState.PARKED, message=detail, check_at=None)


def asked_again(charge: Charge, at: datetime) -> Charge:
    """Return a parked one as it is looked after from the beginning, and at once."""
    return replace(charge, state=ChargeState.UNKNOWN, check_at=at, checks=0)
