"""An account at Authorize.Net: its settings, and what can be asked of it."""

import re
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from app.config import SettingsError
from app.domain.card import Card, CardToken
from app.domain.gateway import (
    CardCheck,
    Declined,
    Missing,
    Order,
    Outcome,
    Refund,
    Tokenised,
    Unknown,
)
from app.gateways.authorize_net import cards, charges, lists, refunds
from app.gateways.authorize_net.line import Line, NoAnswerError, Talk

_ENDPOINTS = {
    "production": "https://api.authorize.net/xml/v1/request.api",
    "sandbox": "https://apitest.authorize.net/xml/v1/request.api",
}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# The longest of each that the schema allows.
_LENGTHS_MAX = {"login_id": 25, "transaction_key": 16}


class AuthorizeNet:
    """An account at Authorize.Net."""

    SETTINGS: ClassVar[tuple[str, ...]] = (
        "login_id",
        "transaction_key",
        "environment",
        "endpoint",
    )
    TOKEN: ClassVar[re.Pattern[str] | None] = cards.TOKEN
    LOOKS_UP: ClassVar[bool] = True
    REPEATS: ClassVar[bool] = False

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Take the credentials; environment and endpoint may be left out.

        Raises: SettingsError.
        """
        self._line = Line(
            _endpoint(settings),
            _credential(settings, "login_id"),
            _credential(settings, "transaction_key"),
        )

    def check(self) -> Unknown | None:
        """Return what is wrong with the credentials or the way there, or None.

        It asks for a list too: an account may not read those from the beginning, and
        without them nothing can be looked up.
        """
        talk = Talk(self._line)
        try:
            talk.demand("authenticateTest")
            lists.may_be_read(talk)
        except NoAnswerError as error:
            return Unknown(detail=error.detail)
        return None

    def charge(self, order: Order) -> Outcome:
        """Take the money of an order; they refuse repeats, but for eight hours only."""
        try:
            return charges.made(Talk(self._line), order)
        except NoAnswerError as error:
            return Unknown(detail=error.detail)

    def look_up(self, order: Order) -> Outcome | Missing:
        """Return what their lists say of an order that was sent before."""
        try:
            return lists.found(Talk(self._line), order)
        except NoAnswerError as error:
            return Unknown(detail=error.detail)

    def refund(self, refund: Refund) -> Outcome:
        """Give money back: by a void where the charge is not settled yet.

        A void is of the whole charge. A repeat finds what the first one did for as
        long as that is not settled, which is about a day.
        """
        try:
            return refunds.made(Talk(self._line), refund)
        except NoAnswerError as error:
            return Unknown(detail=error.detail)

    def tokenise(
        self, card: Card, check: CardCheck, key: str
    ) -> Tokenised | Declined | Unknown:
        """Have them try a card out and keep it, in a customer profile of its own."""
        if isinstance(card.number, CardToken):
            return Tokenised(token=card.number)
        try:
            return cards.kept(Talk(self._line), card, card.number, check, key)
        except NoAnswerError as error:
            return Unknown(detail=error.detail)


def _endpoint(settings: Mapping[str, str]) -> str:
    environment = settings.get("environment", "") or "production"
    if environment not in _ENDPOINTS:
        raise SettingsError("environment must be production or sandbox")
    endpoint = settings.get("endpoint", "") or _ENDPOINTS[environment]
    try:
        parts = urlsplit(endpoint)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    allowed = {"https", "http"} if host in _LOOPBACK else {"https"}
    if not host or parts.scheme not in allowed or "@" in parts.netloc:
        raise SettingsError("endpoint must be an https address")
    return endpoint


def _credential(settings: Mapping[str, str], name: str) -> str:
    value = settings.get(name, "").strip()
    longest = _LENGTHS_MAX[name]
    if not (0 < len(value) <= longest and value.isascii() and value.isprintable()):
        raise SettingsError(f"{name} must have 1 to {longest} characters")
    return value
