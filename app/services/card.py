"""Cards: those of clients, and those of profiles, sealed and shown as masks."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from app.domain import autobill as autobills
from app.domain import client_card as rules
from app.domain import history
from app.domain.account import Caller, Scope
from app.domain.autobill import Autobill, CardChosen, CardGiven, CardKept, Former
from app.domain.card import Card, MaskedCard
from app.domain.client_card import ClientCard, NewCard, NewCardRequest
from app.domain.errors import DeletedError, InvalidValueError, NotFoundError
from app.domain.event import Event, What
from app.domain.folder import Folder
from app.domain.paging import Listing, Page
from app.domain.recurring import Profile
from app.services import exchange, issuing, moments
from app.services import gateway as gateways
from app.services.client import existing as existing_client
from app.services.ports import Ports
from app.storage import card as storage
from app.storage import data_key
from app.storage import recurring as profiles
from app.storage.card import StoredCard
from app.storage.database import reading, writing
from app.storage.events import OF_RECURRING
from app.storage.recurring import SealedCard
from app.vault.cards import Place
from app.vault.keys import KeyProblemError

_log = logging.getLogger(__name__)


def exchanged(ports: Ports, caller: Caller, request: NewCardRequest) -> NewCard:
    """Return the card that a request describes, as it is to be stored.

    Its gateway checks it where there is something to check, and is given the number in
    exchange for a token where the account wants that. It is asked outside any
    transaction, and after everything else has been looked at.

    Raises: NotFoundError, InvalidValueError, MissingFieldError, RefusedError.
    """
    moment = moments.moment_of(ports, caller.account)
    with reading():
        existing_client(caller.scope, request.client_id)
        terms = gateways.terms(ports, moment)
    new = rules.new_card(request, terms)
    if not rules.to_be_asked(new, request.check, terms):
        return new
    doing = ("create", "card")
    token = exchange.token_for(
        ports, moment, new.gateway, new.card, doing=doing, check=request.check
    )
    if not caller.account.tokenise:
        return new
    return replace(new, card=replace(new.card, number=token))


def create(ports: Ports, caller: Caller, new: NewCard) -> ClientCard:
    """Store a new card of a client's; return it as it is stored.

    Raises: NotFoundError, InvalidValueError for a gateway that has gone meanwhile.
    """
    moment = moments.moment_of(ports, caller.account)
    account_id = moment.account_id
    with writing(account_id):
        existing_client(caller.scope, new.client_id)
        gateways.terms(ports, moment).gateway(new.gateway.name)
        card_id = storage.take_id(account_id)
        keys = data_key.all_of(account_id)
        newest = keys[max(keys)]
        sealed = ports.vault.seal(
            new.card, place_of_client(account_id, card_id), newest
        )
        stored = StoredCard(
            card=replace(new.stored, card_id=card_id),
            key_version=newest.version,
            sealed=sealed,
        )
        storage.insert(account_id, stored, moment.at)
        return stored.card


def get(ports: Ports, caller: Caller, card_id: int) -> ClientCard:
    """Return a card of a client's.

    Raises: NotFoundError; DeletedError for a deleted one.
    """
    with reading():
        stored = _existing(caller.scope, card_id)
        return _read(ports, caller.account.account_id, [stored])[0]


def list_(
    ports: Ports, caller: Caller, client_id: int | None, page: Page
) -> Listing[ClientCard]:
    """Return a page of cards, the newest first."""
    with reading():
        listing = storage.page(caller.scope, client_id, page)
        read = _read(ports, caller.account.account_id, listing.rows)
    return Listing(rows=tuple(read), page=page, total=listing.total)


def delete(ports: Ports, caller: Caller, card_id: int) -> None:
    """Delete a card; the profiles that use it are not auto-billed any more.

    A charge that is under way has a copy of its own.

    Raises: NotFoundError, RefusedError.
    """
    account = caller.account
    moment = moments.moment_of(ports, account)
    doing = ("delete", "card")
    with writing(account.account_id):
        stored = _existing(caller.scope, card_id)
        using = [
            issuing.catch_up(ports, account, profile, moment.today, doing)
            for profile in profiles.locked_with_card(account.account_id, card_id)
        ]
        for profile in using:
            _take_away(ports, caller, profile, moment.at)
        storage.delete(account.account_id, stored.card, moment.at)


def _take_away(ports: Ports, caller: Caller, profile: Profile, at: datetime) -> None:
    """Take a card away from a profile that uses it, and tell its history."""
    account_id, recurring_id = caller.account.account_id, profile.recurring_id
    found = history.of_card(former(ports, account_id, recurring_id), None)
    profiles.delete_card(account_id, recurring_id)
    profiles.update(account_id, profile, profile.folder, at)
    event = Event(
        of_id=recurring_id,
        client_id=profile.client_id,
        at=at,
        staff_id=caller.staff_id,
        what=What.CARD_DELETE,
        changes=found,
    )
    OF_RECURRING.insert(account_id, [event])


def _existing(scope: Scope, card_id: int) -> StoredCard:
    stored = storage.get(scope, card_id)
    if stored is None:
        raise NotFoundError("card")
    if stored.card.folder is Folder.DELETED:
        raise DeletedError("card")
    return stored


def _read(
    ports: Ports, account_id: int, found: Iterable[StoredCard]
) -> list[ClientCard]:
    """Return cards with what is sealed of them, as far as that can be opened."""
    keys = data_key.all_of(account_id)
    read = []
    for stored in found:
        card = stored.card
        if stored.key_version is not None and stored.sealed is not None:
            place = place_of_client(account_id, card.card_id)
            try:
                key = keys[stored.key_version]
                card = replace(card, card=ports.vault.show(stored.sealed, place, key))
            except KeyProblemError as error:
                _log.error("card %d of account %d: %s", card.card_id, account_id, error)
        read.append(card)
    return read


def to_choose(ports: Ports, scope: Scope, card_id: int, client_id: int) -> ClientCard:
    """Return a card that a profile of a client's may use.

    Raises: NotFoundError for one of another client; DeletedError.
    """
    stored = _existing(scope, card_id)
    if stored.card.client_id != client_id:
        raise NotFoundError("card")
    return _read(ports, scope.account_id, [stored])[0]


def check_owner(
    account_id: int, recurring_id: int, client_id: int, *, given: bool
) -> None:
    """Refuse that a profile is charged to a card of another client's.

    `given` says that its own card came with the new client.

    Raises: InvalidValueError.
    """
    sealed = profiles.cards(account_id, [recurring_id]).get(recurring_id)
    if sealed is None:
        return
    theirs = given
    if sealed.card_id is not None:
        (stored,) = storage.by_id(account_id, [sealed.card_id]).values()
        theirs = stored.card.client_id == client_id
    if not theirs:
        raise InvalidValueError(
            "client_id",
            "Its card is one of its former client's: send another autobill, or an "
            "empty one.",
        )


def stored(account_id: int, recurring_id: int) -> bool:
    """Whether a card is stored for a profile, readable or not."""
    return bool(profiles.cards(account_id, [recurring_id]))


def shown(ports: Ports, account_id: int, ids: Sequence[int]) -> dict[int, Autobill]:
    """Return what profiles may show of their auto-billing, by profile.

    A card that cannot be opened is left out and logged: it must not make a whole list
    unreadable, and a new one can be put in its place.
    """
    return _opened(ports, account_id, profiles.cards(account_id, ids))


def former(ports: Ports, account_id: int, recurring_id: int) -> Former:
    """Return a profile's card as the history tells of it, and as answers show it."""
    sealed = profiles.cards(account_id, [recurring_id])
    if not sealed:
        return Former()
    card = sealed[recurring_id]
    opened = _opened(ports, account_id, sealed).get(recurring_id)
    return Former(
        told=history.card(card.gateway_name, opened.card.number if opened else ""),
        card_id=card.card_id,
        shown=opened,
    )


def _opened(
    ports: Ports, account_id: int, sealed: Mapping[int, SealedCard]
) -> dict[int, Autobill]:
    keys = data_key.all_of(account_id) if sealed else {}
    found = {}
    for recurring_id, card in sealed.items():
        place = _place_of(account_id, recurring_id, card)
        try:
            opened: MaskedCard = ports.vault.show(
                card.sealed, place, keys[card.key_version]
            )
        except KeyProblemError as error:
            _log.error(
                "recurring %d of account %d: %s", recurring_id, account_id, error
            )
        else:
            found[recurring_id] = Autobill(
                gateway_name=card.gateway_name, card=opened, card_id=card.card_id
            )
    return found


def of_profile(
    ports: Ports, account_id: int, recurring_id: int
) -> tuple[str, Card] | None:
    """Return a profile's gateway and its card in the clear; None where it has none.

    Raises: KeyProblemError for a card that cannot be opened.
    """
    sealed = profiles.cards(account_id, [recurring_id]).get(recurring_id)
    if sealed is None:
        return None
    key = data_key.all_of(account_id)[sealed.key_version]
    place = _place_of(account_id, recurring_id, sealed)
    return sealed.gateway_name, ports.vault.open(sealed.sealed, place, key)


def of_client(
    ports: Ports, account_id: int, client_id: int, card_id: int
) -> tuple[str, Card] | None:
    """Return gateway and card of a client's card; None where it is not theirs.

    Raises: KeyProblemError for a card that cannot be opened.
    """
    stored = storage.by_id(account_id, [card_id]).get(card_id)
    if stored is None or stored.key_version is None or stored.sealed is None:
        return None
    if stored.card.client_id != client_id:
        return None
    key = data_key.all_of(account_id)[stored.key_version]
    card = ports.vault.open(stored.sealed, place_of_client(account_id, card_id), key)
    return stored.card.gateway_name, card


def put(
    ports: Ports,
    account_id: int,
    recurring_id: int,
    change: CardGiven | CardKept | CardChosen,
) -> None:
    """Store a card that was given or chosen, or the stored one's new name and expiry.

    Raises: InvalidValueError for one that is to go from the gateway that keeps it.
    """
    if isinstance(change, CardChosen):
        profiles.choose_card(
            account_id, recurring_id, change.card_id, change.gateway_name
        )
        return
    keys = data_key.all_of(account_id)
    place = place_for(account_id, recurring_id)
    if isinstance(change, CardGiven):
        card = change.card
    else:
        kept = profiles.cards(account_id, [recurring_id])[recurring_id]
        opened: Card = ports.vault.open(kept.sealed, place, keys[kept.key_version])
        card = autobills.kept(opened, kept.gateway_name, change)
    newest = keys[max(keys)]
    profiles.put_card(
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


def _place_of(account_id: int, recurring_id: int, card: SealedCard) -> Place:
    if card.card_id is None:
        return place_for(account_id, recurring_id)
    return place_of_client(account_id, card.card_id)


def place_of_client(account_id: int, card_id: int) -> Place:
    """Return what a client's card is sealed to."""
    return Place(account_id=account_id, noun="card", record_id=card_id)
