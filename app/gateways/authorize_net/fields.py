"""What several requests have in common: references, amounts, cards, settings."""

import base64
import hashlib

from app.domain.card import CardNumber, Expiration
from app.domain.gateway import Address
from app.domain.money import Money
from app.gateways.authorize_net.line import Field, Fields

CARD_NUMBER_MAX = 16
_NAME_MAX = 50
_STREET_MAX = 60
_CODE_MAX = 20
_REFERENCE_LENGTH = 20
# Their longest, in seconds. It is among what they compare, and so always the same.
_DUPLICATE_WINDOW = "28800"
_SETTINGS = (
    # A part of the money would be taken for the whole.
    ("allowPartialAuth", "false"),
    ("duplicateWindow", _DUPLICATE_WINDOW),
    # Receipts are ours to send.
    ("emailCustomer", "false"),
)


def reference(purpose: str, key: str) -> str:
    """Return what stands for a key, of whatever length: 100 bits of its hash."""
    digest = hashlib.sha256(f"{purpose} {key}".encode("utf-8", "surrogatepass"))
    return base64.b32encode(digest.digest()).decode()[:_REFERENCE_LENGTH]


def transaction(*fields: Field) -> Fields:
    """Return the fields of a createTransaction with these."""
    return (("transactionRequest", fields),)


def amount(money: Money) -> Fields:
    """Return an amount with its currency."""
    return (
        ("amount", f"{money.rounded().amount:f}"),
        ("currencyCode", money.currency),
    )


def payment(number: CardNumber, expiration: Expiration, code: str = "") -> Field:
    """Return a card in the clear."""
    card = (
        ("cardNumber", number.reveal()),
        ("expirationDate", f"{expiration.year:04}-{expiration.month:02}"),
        ("cardCode", code),
    )
    return ("payment", (("creditCard", card),))


def bill_to(name: str, address: Address | None = None) -> Field:
    """Return who has the card, and where its bills go."""
    first, _, last = " ".join(name.split()).rpartition(" ")
    values = (
        ("firstName", first[:_NAME_MAX]),
        ("lastName", last[:_NAME_MAX]),
        ("address", address.street[:_STREET_MAX] if address else ""),
        ("zip", address.code[:_CODE_MAX] if address else ""),
    )
    return ("billTo", tuple((name, value) for name, value in values if value))


def settings() -> Field:
    """Return what every transaction that moves money is made with."""
    pairs = (
        (("settingName", name), ("settingValue", value)) for name, value in _SETTINGS
    )
    return ("transactionSettings", tuple(("setting", pair) for pair in pairs))
