"""Exchanging cards for what their gateways give for them, outside any transaction."""

import logging

from app.config import SettingsError
from app.domain.account import Gateway
from app.domain.card import Card, CardToken
from app.domain.card_request import declined
from app.domain.collecting import Held, available
from app.domain.errors import RefusedError
from app.domain.gateway import CardCheck, Tokenised, Unknown
from app.services import gateway as gateways
from app.services.moments import Moment
from app.services.ports import Ports
from app.storage.database import reading

# What a refusal says that was done, and to which noun.
Doing = tuple[str, str]

_NOTHING = CardCheck()
_NO_ANSWER = "The gateway did not answer. Try again later."

_log = logging.getLogger(__name__)


def token_for(
    ports: Ports,
    moment: Moment,
    gateway: Gateway,
    card: Card,
    *,
    doing: Doing,
    check: CardCheck = _NOTHING,
) -> CardToken:
    """Have a gateway check a card and keep it; return the token that it gives for it.

    One that is left alone is not asked. Nothing that a gateway says is repeated.

    Raises: InvalidValueError where it declines the card, RefusedError without answer.
    """
    if isinstance(available(gateway, moment.at), Held):
        raise RefusedError(*doing, _NO_ANSWER)
    try:
        with reading():
            opened = gateways.opened(ports, moment.account_id, gateway)
    except SettingsError as error:
        # A key that is missing, or a kind of gateway: the operator's to mend.
        _log.error("cards of account %d wait: %s", moment.account_id, error)
        raise RefusedError(*doing, _NO_ANSWER) from None
    key = ports.secret()
    outcome = gateways.asked(lambda: opened.tokenise(card, check, key))
    if isinstance(outcome, Tokenised):
        return outcome.token
    if isinstance(outcome, Unknown):
        raise RefusedError(*doing, _NO_ANSWER)
    raise declined(outcome.reason)
