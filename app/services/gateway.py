"""Gateways of accounts, with what they have to be told, and asking them."""

import logging
from collections.abc import Callable
from typing import TypeVar

from app.domain.account import Gateway
from app.domain.card_request import Terms
from app.domain.gateway import Unknown
from app.gateways.gateway import Gateway as OpenGateway
from app.services.moments import Moment
from app.services.places import place_of
from app.services.ports import Ports
from app.storage import data_key
from app.storage import gateway as storage
from app.vault.cards import GatewayPlace

T = TypeVar("T")

_log = logging.getLogger(__name__)


def terms(ports: Ports, moment: Moment) -> Terms:
    """Return which cards an account takes, at which gateways."""
    found = [each for each in storage.all_(moment.account_id) if each.enabled]
    return Terms(
        account=moment.account,
        gateways=found,
        tokens=ports.gateways.tokens({each.kind for each in found}),
        today=moment.today,
    )


def opened(ports: Ports, account_id: int, gateway: Gateway) -> OpenGateway:
    """Return a gateway ready to be asked.

    Raises: SettingsError for a kind that is not there, or settings that cannot be;
    KeyProblemError for settings that cannot be opened.
    """
    sealed = storage.settings(account_id, gateway.name)
    settings = {}
    if sealed is not None:
        key = data_key.all_of(account_id)[sealed.key_version]
        place = GatewayPlace(account_id=account_id, name=gateway.name)
        settings = ports.vault.open_settings(sealed.sealed, place, key)
    return ports.gateways.gateway(gateway.kind, settings)


def asked(ask: Callable[[], T]) -> T | Unknown:
    """Return a gateway's answer; one that raises has given none.

    Nobody asks within a transaction, which would wait for the answer.
    """
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - somebody else's code, with money in hand
        _log.error("a gateway failed: %s", place_of(error))
        return Unknown(detail=f"The gateway failed: {type(error).__name__}.")
