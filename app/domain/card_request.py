"""Cards as requests name them: by a number, a gateway's token, or the mask of one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.account import Account, Gateway
from app.domain.card import Brand, Card, CardNumber, CardToken, Expiration, is_mask
from app.domain.errors import InvalidValueError, MissingFieldError
from app.domain.event import masked
from app.domain.gateway import Reason


class CardText:
    """What stands in a request for a card's number; it shows nothing of itself.

    `place` tells where it stands, for errors.
    """

    __slots__ = ("_text", "place")

    def __init__(self, text: str, place: str = "") -> None:
        """Take the text as it came, but for white space around it."""
        self._text = text
        self.place = place

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        """Show nothing."""
        return "CardText()"

    __str__ = __repr__

    def __reduce__(self) -> str:
        """Refuse to be pickled, which would write the text out."""
        raise TypeError("card numbers are not pickled")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CardRequest:
    """A card as a request names it; `last_four` and `brand` go with a token."""

    number: CardText | CardToken
    name: str
    expiration: Expiration
    last_four: str = ""
    brand: Brand | None = None

    @property
    def mask(self) -> str | None:
        """The mask that stands for a stored number; None where it is no mask."""
        if isinstance(self.number, CardToken):
            return None
        text = self.number.reveal()
        return text if is_mask(text) else None

    def __repr__(self) -> str:
        """Show nothing."""
        return "CardRequest()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Which cards an account takes on a day, at which of its enabled gateways.

    `tokens` are the forms of the tokens of each kind of gateway that has some.
    """

    account: Account
    gateways: Sequence[Gateway]
    tokens: Mapping[str, re.Pattern[str]]
    today: date

    def gateway(self, name: str) -> Gateway:
        """Return the gateway of a name, in any case, that is capable of auto-billing.

        Raises: InvalidValueError. Source: documented.
        """
        for gateway in self.gateways:
            if gateway.name.casefold() == name.strip().casefold():
                if not gateway.autobill_capable:
                    raise InvalidValueError(
                        "gateway_name", "This gateway is not capable of auto-billing."
                    )
                return gateway
        raise InvalidValueError(
            "gateway_name", "No gateway of this name is enabled; see gateway.list."
        )

    @property
    def first_gateway(self) -> Gateway:
        """The first one by name that is capable of auto-billing.

        Raises: InvalidValueError.
        """
        for gateway in sorted(self.gateways, key=lambda each: each.name):
            if gateway.autobill_capable:
                return gateway
        raise InvalidValueError(
            "gateway_name", "No gateway that is capable of auto-billing is enabled."
        )

    def card(self, request: CardRequest, gateway: Gateway) -> Card:
        """Return the card that a request names at a gateway.

        Raises: InvalidValueError, MissingFieldError.
        """
        _check_name(request.name)
        card = Card(
            number=self._number(request, gateway),
            name=request.name,
            expiration=request.expiration,
        )
        self.check_expiration(card.expiration)
        self._check_brand(card.number)
        return card

    def check_expiration(self, expiration: Expiration) -> None:
        """Refuse a card that has expired.

        Raises: InvalidValueError.
        """
        if expiration.over(self.today):
            raise InvalidValueError("expiration", "The card has expired.")

    def _number(self, request: CardRequest, gateway: Gateway) -> CardNumber | CardToken:
        if isinstance(request.number, CardToken):
            return request.number
        text = request.number.reveal()
        form = self.tokens.get(gateway.kind)
        if form is not None and form.fullmatch(text):
            if not request.last_four:
                raise MissingFieldError("last_four")
            return CardToken(text, request.last_four, request.brand)
        try:
            return CardNumber.parse(text)
        except InvalidValueError as error:
            place = request.number.place
            raise InvalidValueError("number", error.reason, place) from None

    def _check_brand(self, number: CardNumber | CardToken) -> None:
        """Refuse types that are not enabled; of a token it may not be known.

        Raises: InvalidValueError.
        """
        known = isinstance(number, CardNumber) or number.brand is not None
        if known and number.brand not in self.account.card_types:
            raise InvalidValueError(
                "number" if isinstance(number, CardNumber) else "type",
                "This card type is not enabled in the online payment settings.",
            )


def _check_name(name: str) -> None:
    """Refuse a number in the place of the holder's name, which answers show.

    Raises: InvalidValueError.
    """
    if masked(name) != name:
        raise InvalidValueError("name", "This holds a card number.")


# What a gateway that declined a card found wrong with it: the element, and our words
# for it. Of the rest nobody is told more than that.
_DECLINED = {
    Reason.ADDRESS: ("code", "The gateway says that it is not the card's."),
    Reason.CVV: ("cvv", "The gateway says that it is not the card's."),
    Reason.EXPIRED: ("expiration", "The gateway says that the card has expired."),
    Reason.NUMBER: ("number", "The gateway does not know this card."),
    Reason.TYPE: ("number", "The gateway does not take cards of this type."),
}


def declined(reason: Reason) -> InvalidValueError:
    """Return the error that a gateway declined to keep a card."""
    field, told = _DECLINED.get(reason, ("number", "The gateway declined this card."))
    return InvalidValueError(field, told)
