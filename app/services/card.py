"""Cards of profiles: sealed into the database, shown as masks."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.domain import history
from app.domain.autobill import Autobill, CardGiven, CardKept
from app.domain.card import Card
from app.services.ports import Ports
from app.storage import data_key
from app.storage import recurring as storage
from app.storage.recurring import SealedCard
from app.vault.cards import Place
from app.vault.keys import KeyProblemError

_log = logging.getLogger(__name__)


def stored(account_id: int, recurring_id: int) -> bool:
    """Whether a card is stored for a profile, readable or not."""
    return bool(storage.cards(account_id, [recurring_id]))


def shown(ports: Ports, account_id: int, ids: Sequence[int]) -> dict[int, Autobill]:
    """Return what profiles may show of their auto-billing, by profile.

    A card that cannot be opened is left out and logged: it must not make a whole list
    unreadable, and a new one can be put in its place.
    """
    return _opened(ports, account_id, storage.cards(account_id, ids))


def former(
    ports: Ports, account_id: int, recurring_id: int
) -> tuple[str, Autobill | None]:
    """Return a profile's card as the history tells of it, and as answers show it."""
    sealed = storage.cards(account_id, [recurring_id])
    opened = _opened(ports, account_id, sealed).get(recurring_id)
    told = [
        history.card(card.gateway_name, opened.card.number if opened else "")
        for card in sealed.values()
    ]
    return "".join(told), opened


def _opened(
    ports: Ports, account_id: int, sealed: Mapping[int, SealedCard]
) -> dict[int, Autobill]:
    keys = data_key.all_of(account_id) if sealed else {}
    found = {}
    for recurring_id, card in sealed.items():
        place = place_for(account_id, recurring_id)
        try:
            opened = ports.vault.show(card.sealed, place, keys[card.key_version])
        except KeyProblemError as error:
            _log.error(
                "recurring %d of account %d: %s", recurring_id, account_id, error
            )
        else:
            found[recurring_id] = Autobill(gateway_name=card.gateway_name, card=opened)
    return found


def of_profile(
    ports: Ports, account_id: int, recurring_id: int
) -> tuple[str, Card] | None:
    """Return a profile's gateway and its card in the clear; None where it has none.

    Raises: KeyProblemError for a card that cannot be opened.
    """
    sealed = storage.cards(account_id, [recurring_id]).get(recurring_id)
    if sealed is None:
        return None
    key = data_key.all_of(account_id)[sealed.key_version]
    place = place_for(account_id, recurring_id)
    return sealed.gateway_name, ports.vault.open(sealed.sealed, place, key)


def of_client(
    ports: Ports, account_id: int, client_id: int, card_id: int
) -> tuple[str, Card] | None:
    """Return gateway and card of a client's card; None where it is not theirs.

    Raises: KeyProblemError for a card that cannot be opened.
    """
    raise NotImplementedError


def put(
    ports: Ports, account_id: int, recurring_id: int, change: CardGiven | CardKept
) -> None:
    """Store a card that was given, or the stored one with its new name and expiry."""
    keys = data_key.all_of(account_id)
    place = place_for(account_id, recurring_id)
    if isinstance(change, CardGiven):
        card = change.card
    else:
        former = storage.cards(account_id, [recurring_id])[recurring_id]
        opened: Card = ports.vault.open(former.sealed, place, keys[former.key_version])
        card = replace(opened, name=change.name, expiration=change.expiration)
    newest = keys[max(keys)]
    storage.put_card(
        account_id,
        recurring_id,
        SealedCard(
            gateway_name=change.gateway_name,
            key_version=newest.version,
            sealed=ports.vault.seal(card, place, newest),
        ),
    )


def place_for(account_id: int, recurring_id: int) -> Place:
    """Return what a profile's card is sealed to."""
    return Place(account_id=account_id, noun="recurring", record_id=recurring_id)
