"""Money: exact amounts with their currency, and the only place that rounds.

Currency codes and their decimals: ISO 4217. Rounding: half up, away from zero for
negative amounts, because that is what a customer can check by hand.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import Self

# Wide enough for the product of two 18-digit numbers and a percentage, so that nothing
# is rounded before `Money.rounded` says so.
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)

ZERO = Decimal(0)
HUNDRED = Decimal(100)

_NO_DECIMALS = """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
""".split()
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND".split()
_DECIMALS = {**dict.fromkeys(_NO_DECIMALS, 0), **dict.fromkeys(_THREE_DECIMALS, 3)}

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD
    BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN
    ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD
    IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL
    LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SKK SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH
    UGX USD UYI UYU UZS VEF VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMK ZMW ZWL
    """.split()
)


@cache
def decimals(currency: str) -> int:
    """Return how many decimals the currency's amounts have: 0, 2 or 3."""
    return _DECIMALS.get(currency, 2)


@cache
def _unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-decimals(currency))


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return an amount rounded half up to the currency's minor unit."""
    return amount.quantize(_unit(currency), context=EXACT)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency."""

    amount: Decimal
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Self:
        """Return nothing, in a currency."""
        return cls(ZERO, currency)

    @classmethod
    def from_minor(cls, minor: int, currency: str) -> Self:
        """Return the amount of so many minor units (cents)."""
        return cls(Decimal(minor).scaleb(-decimals(currency), EXACT), currency)

    @property
    def minor(self) -> int:
        """The rounded amount in minor units (cents)."""
        return int(self.rounded().amount.scaleb(decimals(self.currency), EXACT))

    def rounded(self) -> "Money":
        """Return the amount rounded half up to the currency's minor unit."""
        return Money(rounded(self.amount, self.currency), self.currency)

    def __add__(self, other: "Money") -> "Money":
        """Add two amounts of one currency."""
        if self.currency != other.currency:
            raise ValueError("amounts of two currencies do not add up")
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __neg__(self) -> "Money":
        """Return the amount with its sign turned."""
        return Money(EXACT.minus(self.amount), self.currency)

    def times(self, factor: Decimal) -> "Money":
        """Return the exact product; `rounded` makes it payable."""
        return Money(EXACT.multiply(self.amount, factor), self.currency)

    def percent(self, percent: Decimal) -> "Money":
        """Return so many percent of the amount, exactly."""
        product = EXACT.multiply(self.amount, percent)
        return Money(EXACT.divide(product, HUNDRED), self.currency)
