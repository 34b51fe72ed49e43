"""Handing over what is on its way out: to whoever prints and posts, and as mail.

Each becomes files in a folder of its kind. Nothing is printed in a transaction: the
files are written first under names that nobody takes, and get their own in the
transaction that marks the row. Who dies in between leaves a row that still waits and
becomes the same files again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.delivery import folder
from app.domain import invoice_history as told
from app.domain import outgoing as rules
from app.domain.errors import RefusedError
from app.domain.event import Event, What
from app.domain.outgoing import Outgoing, OutgoingKind
from app.services.parcel import Parcel, current, files, packed
from app.services.places import place_of
from app.services.ports import Ports
from app.storage import outgoing as storage
from app.storage.database import of_the_database, one_of_a_kind, reading, writing
from app.storage.events import OF_INVOICE, OF_RECURRING

# How many are handed over in one pass: billing waits for it.
BATCH = 100
# What failed for a reason of its own is tried again after so long.
RETRY = timedelta(minutes=5)

_FOLDERS = {OutgoingKind.POST: "post", OutgoingKind.EMAIL: "mail"}

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class HandedOver:
    """What a pass did; `more` says that there may be more to do at once.

    `stuck` says why the folders cannot be written to, in the system's words.
    """

    count: int = 0
    put_off: list[str] = field(default_factory=list)
    more: bool = False
    stuck: str = ""


def hand_over(ports: Ports, stop: Callable[[], bool] = lambda: False) -> HandedOver:
    """Hand over what waits, up to a limit, unless another process is at it.

    Raises: DatabaseError when the database itself fails; the next pass goes on.
    """
    done = HandedOver()
    with one_of_a_kind("outgoing") as mine:
        if not mine:
            return done
        with reading():
            found = storage.waiting(ports.now(), BATCH)
        try:
            for kind in {item.kind for _, item in found}:
                folder.made(ports.outbox / _FOLDERS[kind])
            for account_id, item in found:
                if stop():
                    return done
                _try(ports, account_id, item, done)
        except OSError as error:
            # All but its text, which may hold a path.
            done.stuck = error.strerror or type(error).__name__
            _log.error("outgoing invoices cannot be written: %s", done.stuck)
            return done
    done.more = len(found) == BATCH
    return done


def _try(ports: Ports, account_id: int, item: Outgoing, done: HandedOver) -> None:
    """Hand one over; put it off where it fails for a reason of its own."""
    try:
        done.count += _handed_over(ports, account_id, item)
    except Exception as error:
        if isinstance(error, OSError) or of_the_database(error):
            raise
        name = f"outgoing {item.outgoing_id} of account {account_id}"
        _log.error("%s is put off: %s", name, place_of(error))
        done.put_off.append(name)
        with writing():
            storage.put_off(account_id, item.outgoing_id, ports.now() + RETRY)


def _handed_over(ports: Ports, account_id: int, item: Outgoing) -> bool:
    """Hand one over; return whether it was, as others may have it in hand."""
    with reading():
        parcel = packed(ports, account_id, item)
    try:
        rules.check_kept(parcel.about)
        content = files(ports, parcel)
    except RefusedError as refusal:
        _leave(ports, parcel, refusal.reason)
        return False
    to, mark = ports.outbox / _FOLDERS[item.kind], ports.secret()
    folder.staged(to, content, mark)
    with writing():
        if not (storage.claimed(*parcel.id) and _is_current(parcel)):
            return False
        folder.released(to, content, mark)
        storage.handed_over(*parcel.id, parcel.account.moment(ports.now()))
    return True


def _is_current(parcel: Parcel) -> bool:
    """Whether what was written of is still the same; the next pass writes it anew."""
    return current(parcel.account.account_id, parcel.item) == parcel.about


def _leave(ports: Ports, parcel: Parcel, reason: str) -> None:
    """Send nothing of what could not be sent today, and say why in its history.

    It could when it was asked for, or a profile asked for it. Source: inferred.
    """
    account_id = parcel.account.account_id
    at = parcel.account.moment(ports.now())
    invoice_id = parcel.item.invoice_id
    events = OF_RECURRING if invoice_id is None else OF_INVOICE
    event = Event(
        of_id=invoice_id or parcel.item.recurring_id or 0,
        client_id=parcel.about.client_id,
        at=at,
        staff_id=None,
        what=What.NOT_SENT,
        changes=told.not_sent(parcel.item, reason),
    )
    with writing(account_id):
        if storage.claimed(*parcel.id) and _is_current(parcel):
            storage.handed_over(*parcel.id, at)
            events.insert(account_id, [event])
