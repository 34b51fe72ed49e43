"""Telling of cards that expire before the next invoice of their profile.

It is told once, in the card's last month, as soon as its profile bills no more in it.
Source: documented (a mail in the month of expiry).
"""

from collections.abc import Callable
from datetime import date, timedelta

from app.domain.account import Account
from app.domain.event import Change, Event, What
from app.domain.outgoing import Outgoing, OutgoingKind, Template
from app.domain.recurring import Profile
from app.services import card as cards
from app.services import moments
from app.services.account import days as calendar_days
from app.services.moments import Moment
from app.services.ports import Ports
from app.storage import account as accounts
from app.storage import outgoing
from app.storage import recurring as profiles
from app.storage.database import reading, writing
from app.storage.events import OF_RECURRING

# How many cards are opened in one transaction.
_BATCH = 100


def tell(ports: Ports, stop: Callable[[], bool] = lambda: False) -> int:
    """Look at the cards of all accounts by the real calendar, once a day each.

    Returns of how many was told. Raises: DatabaseError.
    """
    with reading():
        found = accounts.unchecked(calendar_days(ports.now()))
    return sum(tell_of(ports, account, stop) for account in found if not stop())


def tell_of(
    ports: Ports, account: Account, stop: Callable[[], bool] = lambda: False
) -> int:
    """Look at an account's cards by its own clock; return of how many was told.

    Raises: DatabaseError.
    """
    told, after = 0, 0
    while not stop():
        with writing(account.account_id):
            moment = moments.moment(ports, account.account_id)
            month = moment.today.replace(day=1)
            ids = profiles.unchecked(
                account.account_id, month, first_of_next(month), after, _BATCH
            )
            told += sum(_looked_at(ports, moment, each) for each in ids)
            if len(ids) < _BATCH:
                accounts.set_cards_checked(account.account_id, moment.today)
                break
            after = ids[-1]
    return told


def first_of_next(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _looked_at(ports: Ports, moment: Moment, recurring_id: int) -> bool:
    """Look at a profile's card; return whether there was something to tell."""
    account_id, month = moment.account_id, moment.today.replace(day=1)
    profile = profiles.locked(moment.scope, recurring_id)
    shown = cards.shown(ports, account_id, [recurring_id]).get(recurring_id)
    # One that cannot be opened today is looked at again tomorrow.
    if shown is not None:
        profiles.set_checked(account_id, recurring_id, month)
    if profile is None or shown is None or not profile.autopay:
        return False
    expiration = shown.card.expiration
    if (expiration.year, expiration.month) != (month.year, month.month):
        return False
    _tell(moment, profile, shown.card.number)
    return True


def _tell(moment: Moment, profile: Profile, masked: str) -> None:
    event = Event(
        of_id=profile.recurring_id,
        client_id=profile.client_id,
        at=moment.at,
        staff_id=None,
        what=What.CARD_EXPIRING,
        changes=[Change("autobill/card/number", "", masked)],
    )
    OF_RECURRING.insert(moment.account_id, [event])
    item = Outgoing(
        kind=OutgoingKind.EMAIL,
        template=Template.EXPIRY,
        recurring_id=profile.recurring_id,
        created_at=moment.at,
    )
    outgoing.insert(moment.account_id, [item])
