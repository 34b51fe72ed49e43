"""Payments: money from clients, on invoices and to their credit."""

import datetime as dt
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.account import Account
from app.domain.card import Brand
from app.domain.charge import Charge
from app.domain.errors import (
    InvalidValueError,
    MissingFieldError,
    RefusedError,
    UnknownCurrencyError,
)
from app.domain.folder import Folder
from app.domain.invoice import Invoice, settled
from app.domain.money import CURRENCIES, ZERO, Money
from app.domain.pricing import AMOUNT_MAX
from app.domain.unset import UNSET, Maybe, given


class PaymentType(StrEnum):
    """How something was paid. Source: documented."""

    CASH = "Cash"
    CHECK = "Check"
    CREDIT = "Credit"
    CREDIT_CARD = "Credit Card"
    BANK_TRANSFER = "Bank Transfer"
    DEBIT = "Debit"
    PAYPAL = "PayPal"
    TWO_CHECKOUT = "2Checkout"
    VISA = "VISA"
    MASTERCARD = "MASTERCARD"
    DISCOVER = "DISCOVER"
    NOVA = "NOVA"
    AMEX = "AMEX"
    DINERS = "DINERS"
    EUROCARD = "EUROCARD"
    JCB = "JCB"
    ACH = "ACH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment; `payment_id` is 0 until it is stored.

    Without an invoice it is a credit of the client's; `from_credit`, it pays an invoice
    out of those. What a gateway took has its name, and a reference of its; `automatic`
    are the payments of auto-billing.
    """

    payment_id: int = 0
    client_id: int
    invoice_id: int | None = None
    from_credit: bool = False
    date: date
    amount: Money
    type: PaymentType = PaymentType.CHECK
    notes: str = ""
    folder: Folder = Folder.ACTIVE
    gateway_name: str = ""
    reference: str = ""
    automatic: bool = False
    updated_at: datetime | None = None

    @property
    def of_credit(self) -> bool:
        """Whether it is a credit, or came from one."""
        return self.invoice_id is None or self.from_credit


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentChanges:
    """What a request says of a payment; fields it does not name are UNSET."""

    client_id: Maybe[int] = UNSET
    invoice_id: Maybe[int] = UNSET
    date: Maybe[dt.date] = UNSET
    amount: Maybe[Decimal] = UNSET
    currency_code: Maybe[str] = UNSET
    type: Maybe[PaymentType] = UNSET
    notes: Maybe[str] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """What a list of payments is narrowed to; bounds are inclusive (inferred)."""

    client_id: int | None = None
    invoice_id: int | None = None
    date_from: date | None = None
    date_to: date | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None


def new_credit(changes: PaymentChanges, account: Account, today: date) -> Payment:
    """Return the credit of a client that a create request without an invoice describes.

    Raises: MissingFieldError without a client, InvalidValueError, UnknownCurrencyError.
    Source: documented.
    """
    client_id = given(changes.client_id, 0)
    if not client_id:
        raise MissingFieldError("client_id")
    currency = given(changes.currency_code, "") or account.base_currency
    if currency not in CURRENCIES:
        raise UnknownCurrencyError
    blank = Payment(client_id=client_id, date=today, amount=Money.zero(currency))
    return _described(blank, changes)


def new_payment(changes: PaymentChanges, invoice: Invoice, today: date) -> Payment:
    """Return the payment on an invoice that a create request describes.

    With a client it comes from the credit of that client.

    Raises: InvalidValueError. Source: documented.
    """
    client_id = given(changes.client_id, invoice.client_id)
    if client_id != invoice.client_id:
        raise InvalidValueError("client_id", "The invoice is another client's.")
    blank = Payment(
        client_id=client_id,
        invoice_id=invoice.invoice_id,
        from_credit=changes.client_id is not UNSET,
        date=today,
        amount=Money.zero(invoice.currency_code),
    )
    return _described(blank, changes)


def changed_payment(payment: Payment, changes: PaymentChanges) -> Payment:
    """Return the payment after an update; it stays where it is.

    Raises: InvalidValueError; RefusedError for another amount than a gateway took.
    Source: observed (a client takes `client_id` for not updatable); inferred for the
    invoice, the currency, and what a gateway took.
    """
    for name in ("client_id", "invoice_id"):
        if getattr(changes, name) not in (UNSET, getattr(payment, name)):
            raise InvalidValueError(name, "A payment cannot be moved to another.")
    changed = _described(payment, changes)
    if payment.gateway_name and changed.amount != payment.amount:
        raise RefusedError("update", "payment", "A gateway took its amount.")
    return changed


def _described(payment: Payment, changes: PaymentChanges) -> Payment:
    """Return the payment as a request describes it.

    The amount is rounded to what its currency has. Source: documented (it may be left
    out, and is 0 then); inferred (rounding).
    """
    currency = payment.amount.currency
    if given(changes.currency_code, "") not in ("", currency):
        raise InvalidValueError("currency_code", f"The payment is in {currency}.")
    amount = payment.amount
    if changes.amount is not UNSET or not payment.payment_id:
        asked = Money(given(changes.amount, ZERO), currency)
        amount = asked.rounded()
        if asked.amount and not amount.amount:
            raise InvalidValueError("amount", f"There is no such amount in {currency}.")
    if amount.amount < 0:
        raise InvalidValueError("amount", "A payment is of 0 or more.")
    return replace(
        payment,
        date=given(changes.date, payment.date),
        amount=amount,
        type=given(changes.type, payment.type),
        notes=given(changes.notes, payment.notes),
    )


# What payments by a card are called, by its brand; others are a plain credit card's.
_BY_BRAND = {
    Brand.VISA: PaymentType.VISA,
    Brand.MASTERCARD: PaymentType.MASTERCARD,
    Brand.AMEX: PaymentType.AMEX,
    Brand.DISCOVER: PaymentType.DISCOVER,
    Brand.DINERS: PaymentType.DINERS,
    Brand.JCB: PaymentType.JCB,
}


def type_by(brand: Brand | None) -> PaymentType:
    """Return what payments by a card are called. Source: documented."""
    return PaymentType.CREDIT_CARD if brand is None else _BY_BRAND[brand]


def captured(charge: Charge, invoice: Invoice) -> Payment:
    """Return the payment that comes of a charge that took the money.

    Source: documented (the gateway's reference).
    """
    return Payment(
        payment_id=charge.charge_id,
        client_id=invoice.client_id,
        invoice_id=invoice.invoice_id,
        date=charge.made_on,
        amount=charge.amount,
        type=type_by(charge.brand),
        gateway_name=charge.gateway_name,
        reference=charge.reference,
        automatic=charge.automatic,
    )


def paid(invoice: Invoice, amount: Money, *, auto_paid: bool) -> Invoice:
    """Return the invoice with what has been paid of it in all.

    `auto_paid` says that auto-billing made one of the payments.

    Raises: InvalidValueError for amounts that no currency needs.
    """
    if amount.amount >= AMOUNT_MAX:
        raise InvalidValueError("amount", "So much cannot be paid of an invoice.")
    return settled(replace(invoice, paid=amount, auto_paid=auto_paid))
