"""Gateways of accounts, with what they have to be told."""

from app.domain.account import Gateway
from app.gateways.gateway import Gateway as OpenGateway
from app.services.ports import Ports
from app.storage import data_key
from app.storage import gateway as storage
from app.vault.cards import GatewayPlace


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
