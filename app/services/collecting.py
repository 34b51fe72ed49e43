"""Collecting: the card of a profile is charged once for each of its invoices.

Each attempt is a row with a key before its gateway hears of it, and it is settled in a
transaction of its own after the gateway has answered; nobody is asked within one. Who
dies in between leaves an attempt that somebody looks after: under the same key, so that
it takes the money once. While nobody knows what became of one, no other is begun: the
database refuses a second one under way.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.config import SettingsError
from app.domain import charge as charges
from app.domain import collecting as rules
from app.domain.account import Account, Gateway
from app.domain.card import Card
from app.domain.charge import Charge, ChargeState
from app.domain.collecting import Held, Later, Never, Now, Verdict
from app.domain.gateway import (
    Declined,
    Missing,
    Order,
    Outcome,
    Reason,
    Unknown,
)
from app.domain.invoice import Invoice
from app.domain.invoice_status import InvoiceStatus
from app.gateways.gateway import Gateway as OpenGateway
from app.services import card as cards
from app.services import gateway as gateways
from app.services import moments, settling
from app.services.account import days as calendar_days
from app.services.moments import Moment
from app.services.places import place_of
from app.services.ports import Ports
from app.services.settling import Known
from app.storage import charge as storage
from app.storage import client as clients
from app.storage import data_key
from app.storage import gateway as stored_gateways
from app.storage import invoice as invoices
from app.storage import recurring as profiles
from app.storage.charge import DueInvoice, SealedCard
from app.storage.database import of_the_database, reading, writing
from app.vault.cards import Place

# Invoices of one account.
Batch = tuple[DueInvoice, ...]

# How many invoices of an account are prepared in one transaction.
BATCH = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sending:
    """A charge with all that its gateway is to be told.

    `probe` says that it finds out whether the gateway answers again; whoever has not
    asked for the money `until` then has lost it to others. With `look` the gateway may
    know of the order already.
    """

    charge: Charge
    gateway: OpenGateway
    order: Order
    probe: bool
    look: bool
    until: datetime


def due(ports: Ports, limit: int) -> list[Batch]:
    """Return the invoices by the real calendar whose cards are to be charged.

    They come in batches of an account, the oldest first.
    """
    now = ports.now()
    with reading():
        return _batches(storage.due(calendar_days(now), now, limit))


def due_of(ports: Ports, account: Account, limit: int) -> list[Batch]:
    """Return the same of an account alone, by its own clock."""
    moment = moments.moment_of(ports, account)
    with reading():
        found = storage.due_of(account.account_id, moment.today, moment.at, limit)
    return _batches(found)


def to_check(ports: Ports, limit: int) -> list[Known]:
    """Return the charges, by the real clock, that somebody is to look after."""
    with reading():
        return storage.to_check(ports.now(), limit)


def to_check_of(ports: Ports, account: Account, limit: int) -> list[Known]:
    """Return the same of an account alone, by its own clock."""
    at = moments.moment_of(ports, account).at
    with reading():
        return storage.to_check_of(account.account_id, at, limit)


def _batches(found: Sequence[DueInvoice]) -> list[Batch]:
    by_account: dict[int, list[DueInvoice]] = {}
    for item in found:
        by_account.setdefault(item.account_id, []).append(item)
    return [
        tuple(of_account[start : start + BATCH])
        for of_account in by_account.values()
        for start in range(0, len(of_account), BATCH)
    ]


def collect_of(ports: Ports, account: Account) -> list[Charge]:
    """Do all that is due of an account by its own clock, one after the other.

    Returns what became of its charges. Raises: DatabaseError.
    """
    done: list[Charge | None] = []
    while known := to_check_of(ports, account, BATCH):
        done += [attempt(check, ports, each) for each in known]
    while found := due_of(ports, account, BATCH):
        for batch in found:
            done += [attempt(send, ports, each) for each in prepare(ports, batch)]
    return [charge for charge in done if charge is not None]


def attempt(
    verb: Callable[[Ports, Known], Charge | None], ports: Ports, known: Known
) -> Charge | None:
    """Send or check a charge; one that fails for a reason of its own is put off.

    Raises: DatabaseError.
    """
    try:
        return verb(ports, known)
    except Exception as error:
        if of_the_database(error):
            raise
        account_id, charge_id = known
        _log.error(
            "charge %d of account %d is put off: %s",
            charge_id,
            account_id,
            place_of(error),
        )
        return _put_off(ports, known)


def _put_off(ports: Ports, known: Known) -> Charge | None:
    """Have a charge looked after later, even one that cannot be read.

    Raises: DatabaseError.
    """
    try:
        return settling.put_off(ports, known)
    except Exception as error:
        if of_the_database(error):
            raise
        account_id, charge_id = known
        with writing(account_id):
            until = moments.moment(ports, account_id).at + rules.HOLD
            storage.put_off(account_id, charge_id, until)
        return None


def prepare(ports: Ports, batch: Sequence[DueInvoice]) -> list[Known]:
    """Prepare the charges of an account's invoices, as far as there are to be any.

    Where one fails for a reason of its own, each is prepared by itself, and that one is
    held back.

    Raises: DatabaseError.
    """
    try:
        return _prepare(ports, batch)
    except Exception as error:
        if of_the_database(error):
            raise
        if len(batch) > 1:
            return [known for each in batch for known in prepare(ports, (each,))]
        (item,) = batch
        _log.error(
            "invoice %d of account %d is held back: %s",
            item.invoice_id,
            item.account_id,
            place_of(error),
        )
        with writing(item.account_id):
            until = moments.moment(ports, item.account_id).at + rules.HOLD
            invoices.schedule(item.account_id, item.invoice_id, item.collect_on, until)
        return []


def _prepare(ports: Ports, batch: Sequence[DueInvoice]) -> list[Known]:
    account_id = batch[0].account_id
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        found = [invoices.locked(moment.scope, each.invoice_id) for each in batch]
        due_now = [each for each in found if each and _is_due(each, moment)]
        ids = [each.invoice_id for each in due_now]
        under_way = storage.under_way(account_id, ids)
        prepared = []
        for invoice in due_now:
            decided: Verdict = Held(moment.at + charges.LEASE)
            if invoice.invoice_id not in under_way:
                decided = _verdict(moment, invoice)
            if isinstance(decided, Now):
                prepared.append(_prepared(moment, invoice, decided.gateway))
            _schedule(account_id, invoice, decided)
    return [(account_id, charge_id) for charge_id in prepared]


def _is_due(invoice: Invoice, moment: Moment) -> bool:
    """Whether it is still due: others may have been here."""
    return (
        invoice.collect_on is not None
        and invoice.collect_on <= moment.today
        and invoice.unpaid_status is not InvoiceStatus.DRAFT
        and (invoice.held_until is None or invoice.held_until <= moment.at)
    )


def _verdict(moment: Moment, invoice: Invoice) -> Verdict:
    """Return what is to be done about an invoice whose day has come.

    Source: documented (auto-billing is in the base currency only).
    """
    recurring_id = invoice.recurring_id
    if recurring_id is None or invoice.currency_code != moment.account.base_currency:
        return Never()
    account_id = moment.account_id
    sealed = profiles.cards(account_id, [recurring_id]).get(recurring_id)
    if sealed is None:
        return Never()
    paying = profiles.paying(account_id, recurring_id)
    if paying is None or paying.client_id != invoice.client_id:
        # One of them has gone to another client, whose card this is not.
        return Never()
    declined = rules.declined_of(storage.of_invoice(account_id, invoice.invoice_id))
    return rules.verdict(
        invoice,
        stored_gateways.get(account_id, sealed.gateway_name),
        autopay=paying.autopay,
        client_deleted=clients.is_deleted(account_id, invoice.client_id),
        tried=bool(declined),
        waits=storage.charged_on(
            account_id, recurring_id, moment.today, invoice.invoice_id
        ),
        today=moment.today,
        now=moment.at,
    )


def _prepared(moment: Moment, invoice: Invoice, gateway: Gateway) -> int:
    former = storage.of_invoice(moment.account_id, invoice.invoice_id)
    attempt_no = len(former) + 1
    charge = Charge(
        invoice_id=invoice.invoice_id,
        recurring_id=invoice.recurring_id,
        invoice_number=invoice.number,
        attempt_no=attempt_no,
        key=key_of(moment.account, invoice, attempt_no),
        automatic=True,
        gateway_name=gateway.name,
        amount=invoice.amount_outstanding,
        made_on=moment.today,
        created_at=moment.at,
    )
    in_hand = charges.taken_in_hand(charge, moment.at)
    return storage.insert(moment.account_id, in_hand)


def _schedule(account_id: int, invoice: Invoice, decided: Verdict) -> None:
    """Store when an invoice is looked at again, if ever."""
    collect_on, held_until = None, None
    if isinstance(decided, Later):
        collect_on = decided.on
    elif isinstance(decided, Held):
        collect_on, held_until = invoice.collect_on, decided.until
    invoices.schedule(account_id, invoice.invoice_id, collect_on, held_until)


def send(ports: Ports, known: Known) -> Charge | None:
    """Send a prepared charge to its gateway and settle it; return it as it is then.

    None: there was nothing left to charge, or others have it in hand.

    Raises: DatabaseError.
    """
    account_id, charge_id = known
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        charge = storage.get(account_id, charge_id)
        if charge is None or charge.state is not ChargeState.PREPARED:
            return None
        invoice = settling.invoice_of(moment, charge)
        sending = _ready(ports, moment, charge, invoice)
        if not isinstance(sending, _Sending):
            return sending
    return _settled(ports, known, sending)


def _settled(ports: Ports, known: Known, sending: _Sending) -> Charge | None:
    """Ask a gateway, outside of any transaction, and store what it says.

    None: it was withdrawn, or others have settled it.
    """
    outcome = _answer(ports, known, sending)
    if outcome is None:
        return None
    return settling.settle(ports, known, outcome, probe=sending.probe)


def _ready(
    ports: Ports, moment: Moment, charge: Charge, invoice: Invoice
) -> _Sending | Charge | None:
    """Mark a prepared charge as sent, in the caller's transaction.

    Everything is looked at again: what was prepared may have waited. A card that has
    expired is declined here. None: it was withdrawn.
    """
    try:
        found = _card_of(ports, moment, charge, invoice)
        decided = _decided(moment, charge, invoice, found)
        if not isinstance(decided, Now) or found is None:
            _withdraw(moment, charge, invoice, decided)
            return None
        gateway = gateways.opened(ports, moment.account_id, decided.gateway)
    except SettingsError as error:
        # A key that is missing, or a kind of gateway: the operator's to mend.
        _log.error("charges of account %d wait: %s", moment.account_id, error)
        _withdraw(moment, charge, invoice, Held(moment.at + rules.HOLD))
        return None
    gateway_name, card = found
    charge = replace(
        charge,
        gateway_name=gateway_name,
        amount=invoice.amount_outstanding,
        made_on=moment.today,
        last_four=card.number.masked[-4:],
        brand=card.number.brand,
    )
    if card.expiration.over(moment.today):
        return settling.decline(
            moment, charge, invoice, Declined(reason=Reason.EXPIRED)
        )
    now = moment.now
    sent = replace(charge, state=ChargeState.SENT, sent_at=now)
    sent = charges.taken_in_hand(sent, moment.at)
    _store(ports, moment, sent, card)
    order = _order(sent, card)
    # Where a key alone keeps it from charging twice it need not be asked each time.
    look = gateway.LOOKS_UP and (
        not gateway.REPEATS or charges.known_elsewhere(sent, invoice)
    )
    if look:
        since = charges.known_since(moment.account, invoice, now)
        order = replace(order, sent_at=since)
    return _Sending(
        charge=sent,
        gateway=gateway,
        order=order,
        probe=_probes(moment, decided.gateway),
        look=look,
        until=moment.now + charges.GRACE,
    )


def _probes(moment: Moment, gateway: Gateway) -> bool:
    """Whether a gateway is asked to find out if it answers again; others wait then."""
    probed = rules.probed(gateway, moment.at)
    if probed == gateway:
        return False
    stored_gateways.set_circuit(moment.account_id, probed)
    return True


def _card_of(
    ports: Ports, moment: Moment, charge: Charge, invoice: Invoice
) -> tuple[str, Card] | None:
    """Return gateway and card: those that a person chose, else the profile's."""
    if charge.card_id is not None:
        return cards.of_client(
            ports, moment.account_id, invoice.client_id, charge.card_id
        )
    return profile_card(ports, moment.account_id, invoice)


def profile_card(
    ports: Ports, account_id: int, invoice: Invoice
) -> tuple[str, Card] | None:
    """Return gateway and card of an invoice's profile, while both are one client's.

    Raises: KeyProblemError.
    """
    recurring_id = invoice.recurring_id
    if recurring_id is None:
        return None
    paying = profiles.paying(account_id, recurring_id)
    if paying is None or paying.client_id != invoice.client_id:
        return None
    return cards.of_profile(ports, account_id, recurring_id)


def _decided(
    moment: Moment,
    charge: Charge,
    invoice: Invoice,
    found: tuple[str, Card] | None,
) -> Verdict:
    if charge.automatic:
        return _verdict(moment, invoice)
    if found is None or not rules.chargeable(invoice):
        return Never()
    gateway = stored_gateways.get(moment.account_id, found[0])
    return rules.available(gateway, moment.at)


def _withdraw(
    moment: Moment, charge: Charge, invoice: Invoice, decided: Verdict
) -> None:
    """Forget a charge that its gateway has never had; there may be another."""
    storage.delete(moment.account_id, charge.charge_id)
    if charge.automatic:
        waiting = replace(invoice, collect_on=charge.made_on)
        _schedule(moment.account_id, waiting, decided)


def _store(ports: Ports, moment: Moment, charge: Charge, card: Card) -> None:
    """Store a charge with its card."""
    keys = data_key.all_of(moment.account_id)
    newest = keys[max(keys)]
    place = place_for(moment.account_id, charge.charge_id)
    sealed = SealedCard(
        key_version=newest.version, sealed=ports.vault.seal(card, place, newest)
    )
    storage.update(moment.account_id, charge, sealed)


def _order(charge: Charge, card: Card) -> Order:
    return Order(
        key=charge.key,
        amount=charge.amount,
        card=card,
        invoice_number=charge.invoice_number,
        attempt_no=charge.attempt_no,
        asked=charge.checks,
        sent_at=charge.sent_at,
    )


def check(ports: Ports, known: Known) -> Charge | None:
    """Find out what became of a charge that somebody left; return it as it is then.

    One that was prepared and not sent is sent now, unless a person asked for it: they
    have long been told that it failed. None: others have it in hand.

    Raises: DatabaseError.
    """
    account_id, charge_id = known
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        charge = storage.get(account_id, charge_id)
        if charge is None or charge.check_at is None or charge.check_at > moment.at:
            return None
        invoice = settling.invoice_of(moment, charge)
        if charge.state is ChargeState.PREPARED and not charge.automatic:
            storage.delete(account_id, charge_id)
            return None
        asking = _asking(ports, moment, charge, invoice)
        if isinstance(asking, Charge):
            return asking
    if asking is None:
        return send(ports, known)
    return _settled(ports, known, asking)


def _asking(
    ports: Ports, moment: Moment, charge: Charge, invoice: Invoice
) -> _Sending | Charge | None:
    """Take a charge in hand and return whom to ask about it, in a transaction.

    None: it is to be sent, which nobody has done. A charge: nobody can be asked now.
    """
    in_hand = charges.taken_in_hand(charge, moment.at)
    sealed = storage.card(moment.account_id, charge.charge_id)
    if charge.state is ChargeState.PREPARED:
        storage.update(moment.account_id, in_hand)
        return None
    gateway = stored_gateways.get(moment.account_id, charge.gateway_name)
    if gateway is None or sealed is None:
        parked = charges.parked(charge, "Its gateway was removed.")
        return settling.park(moment, parked, invoice, sealed)
    if (alone_until := rules.alone_until(gateway, moment.at)) is not None:
        waiting = replace(charge, check_at=alone_until)
        storage.update(moment.account_id, waiting, sealed)
        return waiting
    try:
        key = data_key.all_of(moment.account_id)[sealed.key_version]
        place = place_for(moment.account_id, charge.charge_id)
        card = ports.vault.open(sealed.sealed, place, key)
        opened = gateways.opened(ports, moment.account_id, gateway)
    except SettingsError as error:
        _log.error("charges of account %d wait: %s", moment.account_id, error)
        waiting = replace(charge, check_at=moment.at + rules.HOLD)
        storage.update(moment.account_id, waiting, sealed)
        return waiting
    storage.update(moment.account_id, in_hand, sealed)
    return _Sending(
        charge=charge,
        gateway=opened,
        order=_order(charge, card),
        probe=_probes(moment, gateway),
        look=True,
        until=moment.now + charges.GRACE,
    )


def _answer(ports: Ports, known: Known, sending: _Sending) -> Outcome | Missing | None:
    """Have a gateway take the money, unless it knows what became of that already.

    Missing: it may have had the order, and can neither tell nor be asked twice. None:
    it has not had it, and it is not to be charged any more.
    """
    gateway, order = sending.gateway, sending.order
    if sending.look and gateway.LOOKS_UP:
        found = gateways.asked(lambda: gateway.look_up(order))
        if not isinstance(found, Missing):
            return found
        sent_at = _sent_again(ports, known)
        if sent_at is None:
            return None
        order = replace(order, sent_at=sent_at)
    elif sending.look and not gateway.REPEATS:
        return Missing()
    if ports.now() > sending.until:
        # This process stood still: others may be asking by now.
        return Unknown(detail="It was not sent in time.", answers=True)
    return gateways.asked(lambda: gateway.charge(order))


def _sent_again(ports: Ports, known: Known) -> datetime | None:
    """Store that an order is given to its gateway anew; return when that is.

    Whoever looks it up next counts from there how long it may be on its way. Time has
    passed: where it is not owed any more as it was ordered, it is withdrawn, as its
    gateway has never had it; None then.
    """
    account_id, charge_id = known
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        charge = storage.get(account_id, charge_id)
        if charge is None or not charge.under_way:
            return None
        invoice = settling.invoice_of(moment, charge)
        decided = _verdict(moment, invoice)
        if not charge.automatic:
            decided = Later(moment.today) if rules.chargeable(invoice) else Never()
        same = invoice.amount_outstanding == charge.amount
        gateway = stored_gateways.get(account_id, charge.gateway_name)
        # That it is left alone may be for this very charge, which finds out about it.
        asks = gateway is not None and gateway.enabled
        goes = isinstance(decided, (Now, Held)) or not charge.automatic
        if not isinstance(decided, Never) and goes and same and asks:
            storage.set_sent(account_id, charge_id, moment.now)
            return moment.now
        again = Later(moment.today) if isinstance(decided, Now) else decided
        _withdraw(moment, charge, invoice, again)
    return None


def key_of(account: Account, invoice: Invoice, attempt_no: int) -> str:
    """Return the key of an attempt at an invoice, in the caller's transaction."""
    recurring_id = invoice.recurring_id
    paying = (
        None
        if recurring_id is None
        else profiles.paying(account.account_id, recurring_id)
    )
    profile_key = "" if paying is None else paying.key
    return charges.key_of(account, invoice, profile_key, attempt_no)


def place_for(account_id: int, charge_id: int) -> Place:
    """Return what the card of a charge is sealed to."""
    return Place(account_id=account_id, noun="charge", record_id=charge_id)
