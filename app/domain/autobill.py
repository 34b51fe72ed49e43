"""Auto-bill: the gateway and the card that a profile's invoices are charged to."""

from dataclasses import dataclass, replace

from app.domain.account import Account
from app.domain.card import Card, CardToken, Expiration, MaskedCard
from app.domain.card_request import CardRequest, Terms
from app.domain.client_card import ClientCard
from app.domain.errors import ForeignCurrencyError, InvalidValueError


@dataclass(frozen=True, slots=True, kw_only=True)
class Autobill:
    """What a profile shows of its auto-billing; `card_id` where it is its client's."""

    gateway_name: str
    card: MaskedCard
    card_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AutobillRequest:
    """What a request says: a card at a gateway, the id of a client's card, or both."""

    gateway_name: str = ""
    card: CardRequest | None = None
    card_id: int | None = None

    def __repr__(self) -> str:
        """Show nothing of the card."""
        return "AutobillRequest()"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CardChosen:
    """A card of the client's, in place of whatever was stored; `number` is its mask."""

    gateway_name: str
    card_id: int
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A profile's card before a request, as the history tells of it and answers do.

    `shown` is None where there was none, or where it cannot be read.
    """

    told: str = ""
    card_id: int | None = None
    shown: Autobill | None = None


def check_currency(currency: str, account: Account) -> None:
    """Refuse auto-billing in a foreign currency.

    Raises: ForeignCurrencyError.
    Source: documented (base currency only); the wording is observed.
    """
    if currency != account.base_currency:
        raise ForeignCurrencyError


def chosen_id(request: AutobillRequest, stored_id: int | None) -> int | None:
    """Return the id of the client's card that a request chooses, if it does.

    Beside the id of the stored card, `card` is what says whether anything changes, as
    it is without one. Beside another it is what was read before, and says nothing.

    Raises: InvalidValueError.
    """
    if request.card is None:
        return request.card_id
    if request.card_id is None or request.card_id == stored_id:
        return None
    if request.card.mask is None:
        raise InvalidValueError("card_id", "Use card or card_id.")
    return request.card_id


def chosen(
    request: AutobillRequest, of_client: ClientCard, stored_id: int | None, terms: Terms
) -> CardChosen | None:
    """Return a card of the client's as a request chooses it, None for the stored one.

    Raises: InvalidValueError, naming the element.
    """
    name = of_client.gateway_name
    if (
        request.card is None
        and request.gateway_name
        and request.gateway_name.casefold() != name.casefold()
    ):
        raise InvalidValueError("gateway_name", "The card is at another gateway.")
    if of_client.card_id == stored_id:
        return None
    terms.gateway(name)
    if of_client.card is None or of_client.card.expiration.over(terms.today):
        raise InvalidValueError("card_id", "The card has expired, or cannot be read.")
    return CardChosen(
        gateway_name=name, card_id=of_client.card_id, number=of_client.number
    )


def checked(
    request: AutobillRequest, stored: Autobill | None, terms: Terms
) -> CardGiven | CardKept | None:
    """Return what a request's `card` asks for, or None where it changes nothing.

    A masked number equal to the stored one means the stored card: with the same
    gateway, name and expiry nothing is looked at again, so that a profile whose card
    has expired since can still be written back as it was read.

    Raises: InvalidValueError, naming the element; MissingFieldError.
    Source: documented, except for masks (settled in the project's wire reference).
    """
    if request.card is None:
        raise ValueError("the request chooses a card of the client's")
    if request.card.mask is None:
        gateway = terms.gateway(request.gateway_name)
        card = terms.card(request.card, gateway)
        return CardGiven(gateway_name=gateway.name, card=card)
    if stored is None or request.card.mask != stored.card.number:
        raise InvalidValueError(
            "number",
            "A masked number must be the mask of the stored card; send the whole "
            "number to change it.",
        )
    change = CardKept(
        gateway_name=_kept_at(request.gateway_name, stored, terms),
        name=request.card.name,
        expiration=request.card.expiration,
    )
    if change == _as_it_is(stored):
        return None
    if stored.card_id is not None:
        raise InvalidValueError(
            _changed(change, stored),
            "The card is one of the client's, which is not changed here.",
        )
    terms.check_expiration(change.expiration)
    return change


def _kept_at(name: str, stored: Autobill, terms: Terms) -> str:
    """Return the gateway of a card that is kept: the stored one may be disabled."""
    if name.strip().casefold() == stored.gateway_name.casefold():
        return stored.gateway_name
    return terms.gateway(name).name


def kept(card: Card, gateway_name: str, change: CardKept) -> Card:
    """Return the stored card, at a gateway, with its new holder's name and expiry.

    Raises: InvalidValueError for a token that another gateway would have to know.
    """
    if isinstance(card.number, CardToken) and change.gateway_name != gateway_name:
        raise InvalidValueError(
            "gateway_name",
            "The card is kept by its gateway; send the whole number for another.",
        )
    return replace(card, name=change.name, expiration=change.expiration)


def _as_it_is(stored: Autobill) -> CardKept:
    return CardKept(
        gateway_name=stored.gateway_name,
        name=stored.card.name,
        expiration=stored.card.expiration,
    )


def _changed(change: CardKept, stored: Autobill) -> str:
    """Return the first element that is not as it was."""
    if change.gateway_name != stored.gateway_name:
        return "gateway_name"
    return "name" if change.name != stored.card.name else "expiration"
