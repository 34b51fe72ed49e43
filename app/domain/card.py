"""Payment cards: numbers that do not show themselves, brands, expiry."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.errors import InvalidValueError

NUMBER_LENGTHS = range(12, 20)
_MASK = "*"
_MASKED = re.compile(r"\*+[0-9]{4}", re.ASCII)
_CVV = re.compile(r"[0-9]{3,4}", re.ASCII)
# How long the mask of a card is whose number is not known here.
_USUAL_LENGTH = 16


class Brand(StrEnum):
    """Card types, as an account's online-payment settings name them."""

    VISA = "VISA"
    MASTERCARD = "MASTERCARD"
    AMEX = "AMEX"
    DISCOVER = "DISCOVER"
    DINERS = "DINERS"
    JCB = "JCB"


# First digits, as inclusive ranges of equal length.
_PREFIXES = (
    (Brand.AMEX, ("34", "34"), ("37", "37")),
    (Brand.DINERS, ("300", "305"), ("36", "36"), ("38", "39")),
    (Brand.JCB, ("3528", "3589")),
    (Brand.VISA, ("4", "4")),
    (Brand.MASTERCARD, ("51", "55"), ("2221", "2720")),
    (Brand.DISCOVER, ("6011", "6011"), ("644", "649"), ("65", "65")),
)


class CardNumber:
    """A card number in the clear; it prints as its mask everywhere.

    The digits leave only through `reveal`, which the vault and the gateways call.
    """

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        """Take the digits of a number that `parse` or the vault vouches for."""
        self._digits = digits

    @classmethod
    def parse(cls, text: str) -> "CardNumber":
        """Return the number in a text that may hold spaces and punctuation.

        Raises: InvalidValueError for a wrong length or check digit.
        Source: documented (punctuation is stripped); the check digit is inferred.
        """
        digits = "".join(c for c in text if c in "0123456789")
        # Letters, and digits of other scripts, are no punctuation.
        strange = any(c.isalnum() or c == _MASK for c in text if c not in digits)
        if strange or len(digits) not in NUMBER_LENGTHS or not _luhn(digits):
            raise InvalidValueError("number", "This is not a valid card number.")
        return cls(digits)

    def reveal(self) -> str:
        """Return the digits themselves."""
        return self._digits

    @property
    def masked(self) -> str:
        """Asterisks and the last four digits, of the number's own length."""
        return _MASK * (len(self._digits) - 4) + self._digits[-4:]

    @property
    def brand(self) -> Brand | None:
        """The card's brand by its first digits; None when it is none of ours."""
        for brand, *ranges in _PREFIXES:
            if any(low <= self._digits[: len(low)] <= high for low, high in ranges):
                return brand
        return None

    def __repr__(self) -> str:
        """Show the mask."""
        return f"CardNumber({self.masked})"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        """Compare the digits."""
        return isinstance(other, CardNumber) and self._digits == other._digits

    def __hash__(self) -> int:
        """Hash the digits."""
        return hash(self._digits)

    def __reduce__(self) -> str:
        """Refuse to be pickled, which would write the digits out."""
        raise TypeError("card numbers are not pickled")


class CardToken:
    """What stands for a card at the gateway that keeps it; it prints as a mask.

    With it comes what may be shown of the card: its last four digits, and its brand
    where that is known.
    """

    __slots__ = ("_text", "brand", "last_four")

    def __init__(self, text: str, last_four: str, brand: Brand | None) -> None:
        """Take a token of a gateway's."""
        self._text = text
        self.last_four = last_four
        self.brand = brand

    def reveal(self) -> str:
        """Return the token itself, for its gateway and the vault."""
        return self._text

    @property
    def masked(self) -> str:
        """Asterisks and the last four digits, as of a number of the usual length."""
        return _MASK * (_USUAL_LENGTH - 4) + self.last_four

    def __repr__(self) -> str:
        """Show the mask."""
        return f"CardToken({self.masked})"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        """Compare the tokens."""
        return isinstance(other, CardToken) and self._text == other._text

    def __hash__(self) -> int:
        """Hash the token."""
        return hash(self._text)

    def __reduce__(self) -> str:
        """Refuse to be pickled, which would write the token out."""
        raise TypeError("card tokens are not pickled")


class Cvv:
    """The code that proves a card is in hand: for one check, and never stored."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        """Take the digits that `parse` vouches for."""
        self._digits = digits

    @classmethod
    def parse(cls, text: str) -> "Cvv":
        """Return the code in a text.

        Raises: InvalidValueError.
        """
        if _CVV.fullmatch(text.strip()) is None:
            raise InvalidValueError("cvv", "Use the three or four digits of the card.")
        return cls(text.strip())

    def reveal(self) -> str:
        """Return the digits themselves, for the gateway that checks them."""
        return self._digits

    def fits(self, brand: Brand) -> bool:
        """Whether cards of a brand have codes of this length."""
        return len(self._digits) == (4 if brand is Brand.AMEX else 3)

    def __repr__(self) -> str:
        """Show nothing."""
        return "Cvv()"

    __str__ = __repr__

    def __reduce__(self) -> str:
        """Refuse to be pickled, which would write the digits out."""
        raise TypeError("card codes are not pickled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiration:
    """The last month in which a card is good."""

    month: int
    year: int

    def over(self, today: date) -> bool:
        """Whether the card has expired; it is good through its whole last month."""
        return (self.year, self.month) < (today.year, today.month)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Card:
    """A card in the clear, on its way to the vault or to a gateway."""

    number: CardNumber | CardToken
    name: str
    expiration: Expiration

    @property
    def masked(self) -> "MaskedCard":
        """The card as it may be shown."""
        return MaskedCard(
            number=self.number.masked, name=self.name, expiration=self.expiration
        )

    def __repr__(self) -> str:
        """Show the masked number and nothing else."""
        return f"Card({self.number.masked})"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MaskedCard:
    """A card as answers show it: a mask of the number's length, and the last four."""

    number: str
    name: str
    expiration: Expiration

    def __repr__(self) -> str:
        """Show the masked number and nothing else."""
        return f"MaskedCard({self.number})"


def is_mask(text: str) -> bool:
    """Whether the text is a masked number: asterisks, then the last four digits."""
    return _MASKED.fullmatch(text) is not None


def _luhn(digits: str) -> bool:
    doubled = (int(d) * 2 for d in digits[-2::-2])
    total = sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)
    return total % 10 == 0
