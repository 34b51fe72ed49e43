"""Auto-bill: the gateway and the card that a profile's invoices are charged to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.account import Account, Gateway
from app.domain.card import Card, CardNumber, Expiration, MaskedCard
from app.domain.errors import ForeignCurrencyError, InvalidValueError


@dataclass(frozen=True, slots=True, kw_only=True)
class Autobill:
    """What a profile shows of its auto-billing."""

    gateway_name: str
    card: MaskedCard


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AutobillRequest:
    """What a request says: a new number, or the mask of the stored one (a str)."""

    gateway_name: str
    number: CardNumber | str
    name: str
    expiration: Expiration

    def __repr__(self) -> str:
        """Show the masked number and nothing else."""
        number = self.number
        masked = number.masked if isinstance(number, CardNumber) else number
        return f"AutobillRequest({masked})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardKept:
    """The stored number stays; holder's name and expiry may be new."""

    gateway_name: str
    name: str
    expiration: Expiration


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGiven:
    """A card to be sealed in place of whatever was stored."""

    gateway_name: str
    card: Card


def check_currency(currency: str, account: Account) -> None:
    """Refuse auto-billing in a foreign currency.

    Raises: ForeignCurrencyError.
    Source: documented (base currency only); the wording is observed.
    """
    if currency != account.base_currency:
        raise ForeignCurrencyError


def checked(
    request: AutobillRequest,
    stored: Autobill | None,
    account: Account,
    gateways: Iterable[Gateway],
    today: date,
) -> CardGiven | CardKept | None:
    """Return what an autobill element asks for, or None where it changes nothing.

    A masked number equal to the stored one means the stored card: with the same
    gateway, name and expiry nothing is looked at again, so that a profile whose card
    has expired since can still be written back as it was read.

    Raises: InvalidValueError, naming the element.
    Source: documented, except for masks (settled in the project's wire reference).
    """
    gateway = _gateway(request.gateway_name, gateways)
    if isinstance(request.number, CardNumber):
        _check_expiration(request.expiration, today)
        _check_brand(request.number, account)
        card = Card(
            number=request.number, name=request.name, expiration=request.expiration
        )
        return CardGiven(gateway_name=gateway.name, card=card)
    if stored is None or request.number != stored.card.number:
        raise InvalidValueError(
            "number",
            "A masked number must be the mask of the stored card; send the whole "
            "number to change it.",
        )
    kept = CardKept(
        gateway_name=gateway.name, name=request.name, expiration=request.expiration
    )
    if kept == CardKept(
        gateway_name=stored.gateway_name,
        name=stored.card.name,
        expiration=stored.card.expiration,
    ):
        return None
    _check_expiration(request.expiration, today)
    return kept


def _gateway(name: str, gateways: Iterable[Gateway]) -> Gateway:
    for gateway in gateways:
        if gateway.name.casefold() == name.strip().casefold():
            if not gateway.autobill_capable:
                raise InvalidValueError(
                    "gateway_name", "This gateway is not capable of auto-billing."
                )
            return gateway
    raise InvalidValueError(
        "gateway_name", "No gateway of this name is enabled; see gateway.list."
    )


def _check_expiration(expiration: Expiration, today: date) -> None:
    if expiration.over(today):
        raise InvalidValueError("expiration", "The card has expired.")


def _check_brand(number: CardNumber, account: Account) -> None:
    if number.brand not in account.card_types:
        raise InvalidValueError(
            "number", "This card type is not enabled in the online payment settings."
        )
