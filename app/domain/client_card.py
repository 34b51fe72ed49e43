"""Cards of clients: what they are made of, and what may be shown of them."""

from dataclasses import dataclass, replace

from app.domain.account import Gateway
from app.domain.card import Brand, Card, CardNumber, MaskedCard
from app.domain.card_request import CardRequest, Terms
from app.domain.errors import InvalidValueError
from app.domain.folder import Folder
from app.domain.gateway import CardCheck

_UNREADABLE = "*" * 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCard:
    """A card of a client's; `card` is what is sealed of it, None until it is read."""

    card_id: int = 0
    client_id: int
    gateway_name: str
    last_four: str
    brand: Brand | None
    folder: Folder = Folder.ACTIVE
    card: MaskedCard | None = None

    @property
    def number(self) -> str:
        """The mask; where the card cannot be read, that of a usual number."""
        return self.card.number if self.card else f"{_UNREADABLE}{self.last_four}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewCardRequest:
    """What a request says of a new card; without a gateway it goes to the first one."""

    client_id: int
    gateway_name: str
    card: CardRequest
    check: CardCheck

    def __repr__(self) -> str:
        """Show nothing of the card."""
        return "NewCardRequest()"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewCard:
    """A card that is to become a client's, at a gateway of the account's."""

    client_id: int
    gateway: Gateway
    card: Card

    @property
    def stored(self) -> ClientCard:
        """What is stored of it beside what is sealed."""
        return ClientCard(
            client_id=self.client_id,
            gateway_name=self.gateway.name,
            last_four=self.card.number.masked[-4:],
            brand=self.card.number.brand,
        )

    def __repr__(self) -> str:
        """Show the masked number and nothing else."""
        return f"NewCard({self.card.number.masked})"


def new_card(request: NewCardRequest, terms: Terms) -> NewCard:
    """Return the card that a request describes.

    Raises: InvalidValueError, MissingFieldError.
    """
    name = request.gateway_name
    gateway = terms.gateway(name) if name else terms.first_gateway
    if request.card.mask is not None:
        raise InvalidValueError("number", "Send the whole number.")
    card = terms.card(request.card, gateway)
    _check_cvv(request.check, card.number.brand)
    return NewCard(client_id=request.client_id, gateway=gateway, card=card)


def exchanged(new: NewCard, card: Card) -> NewCard:
    """Return it with the card that its gateway gave for it."""
    return replace(new, card=card)


def to_be_asked(new: NewCard, check: CardCheck, terms: Terms) -> bool:
    """Whether the gateway is asked about a card: to keep it, or to check it.

    It can only be asked about one that it does not keep already.
    """
    if not isinstance(new.card.number, CardNumber):
        return False
    wanted = terms.account.tokenise or check != CardCheck()
    return wanted and new.gateway.kind in terms.tokens


def _check_cvv(check: CardCheck, brand: Brand | None) -> None:
    if check.cvv is not None and brand is not None and not check.cvv.fits(brand):
        raise InvalidValueError("cvv", "Use four digits for AMEX, three for others.")
