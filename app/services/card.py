"""Cards of profiles: sealed into the database, shown as masks."""

from collections.abc import Sequence
from dataclasses import replace

from app.domain.autobill import Autobill, CardGiven, CardKept
from app.domain.card import Card
from app.services.ports import Ports
from app.storage import data_key
from app.storage import recurring as storage
from app.storage.recurring import SealedCard
from app.vault.cards import Place


def shown(ports: Ports, account_id: int, ids: Sequence[int]) -> dict[int, Autobill]:
    """Return what profiles may show of their auto-billing, by profile."""
    sealed = storage.cards(account_id, ids)
    keys = data_key.all_of(account_id) if sealed else {}
    return {
        recurring_id: Autobill(
            gateway_name=card.gateway_name,
            card=ports.vault.show(
                card.sealed, _place(account_id, recurring_id), keys[card.key_version]
            ),
        )
        for recurring_id, card in sealed.items()
    }


def put(
    ports: Ports, account_id: int, recurring_id: int, change: CardGiven | CardKept
) -> Autobill:
    """Store a card that was given, or the stored one with its new name and expiry."""
    keys = data_key.all_of(account_id)
    place = _place(account_id, recurring_id)
    if isinstance(change, CardGiven):
        card = change.card
    else:
        stored = storage.cards(account_id, [recurring_id])[recurring_id]
        opened: Card = ports.vault.open(stored.sealed, place, keys[stored.key_version])
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
    return Autobill(gateway_name=change.gateway_name, card=card.masked)


def _place(account_id: int, recurring_id: int) -> Place:
    return Place(account_id=account_id, noun="recurring", record_id=recurring_id)
