"""Settling: what became of a charge is stored with all that follows from it."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from app.domain import charge as charges
from app.domain import collecting as rules
from app.domain import invoice_history as told
from app.domain import payment as payments
from app.domain.charge import Charge, ChargeState
from app.domain.errors import NotFoundError, RefusedError
from app.domain.event import Change, Event, What
from app.domain.gateway import Approved, Declined, Missing, Outcome, Unknown
from app.domain.invoice import Invoice
from app.domain.invoice_status import InvoiceStatus
from app.domain.outgoing import Outgoing, OutgoingKind, Template
from app.domain.recurring import SendReceipt
from app.services import moments
from app.services import payment as receiving
from app.services.moments import Moment
from app.services.ports import Ports
from app.storage import charge as storage
from app.storage import gateway as gateways
from app.storage import invoice as invoices
from app.storage import outgoing
from app.storage import recurring as profiles
from app.storage.charge import SealedCard
from app.storage.database import writing
from app.storage.events import OF_INVOICE

# The key of a charge: account and id.
Known = tuple[int, int]

# What the history says that a person said.
_WORDS = {Approved: "paid", Declined: "declined", type(None): "asked again"}

_log = logging.getLogger(__name__)


def settle(
    ports: Ports, known: Known, outcome: Outcome | Missing, *, probe: bool = False
) -> Charge:
    """Store what became of a charge with all that follows; return it as it is then.

    What is known already stays, but that money was taken is always stored: Missing
    stands for a gateway that cannot say. A `probe` was sent to find out whether its
    gateway answers again.

    Raises: DatabaseError.
    """
    account_id, charge_id = known
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        charge = storage.get(account_id, charge_id)
        if charge is None:
            raise ValueError("a charge that was sent is gone")
        if charge.state is ChargeState.CAPTURED:
            # An answer twice says nothing new.
            return charge
        _close(moment, charge, outcome, probe=probe)
        invoice = invoice_of(moment, charge)
        if isinstance(outcome, Approved):
            return _captured(moment, charge, invoice, outcome)
        if charge.state is ChargeState.DECLINED:
            return charge
        if charge.state is ChargeState.PARKED and not isinstance(outcome, Declined):
            return charge
        if isinstance(outcome, Declined):
            return decline(moment, charge, invoice, outcome)
        return _unanswered(moment, charge, invoice, outcome)


def put_off(ports: Ports, known: Known) -> Charge | None:
    """Have a charge that fails here looked after later; return it as it is then.

    Raises: DatabaseError.
    """
    account_id, charge_id = known
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        charge = storage.get(account_id, charge_id)
        if charge is None or charge.check_at is None:
            return None
        later = charges.unanswered(charge, moment.at, "It failed here; see the log.")
        sealed = storage.card(account_id, charge_id)
        if later.state is ChargeState.PARKED:
            return park(moment, later, invoice_of(moment, charge), sealed)
        if charge.state is ChargeState.PREPARED:
            # Nobody has sent it: that is still known.
            later = replace(later, state=charge.state)
        storage.update(account_id, later, sealed)
        return later


def release(ports: Ports, known: Known, outcome: Approved | Declined | None) -> Charge:
    """Store what a person found out about a parked charge; return it as it is then.

    None: it is to be asked about again, as if it had just been sent.

    Raises: NotFoundError; RefusedError for one that is not parked.
    """
    account_id, charge_id = known
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        charge = storage.get(account_id, charge_id)
        if charge is None:
            raise NotFoundError("charge")
        if charge.state is not ChargeState.PARKED:
            raise RefusedError("release", "charge", f"It is {charge.state}.")
        invoice = invoice_of(moment, charge)
        word = _WORDS[type(outcome)]
        found = told.charge_released(charge, word)
        _tell(moment, invoice, charge, What.CHARGE_RELEASE, found)
        match outcome:
            case Approved():
                return _captured(moment, charge, invoice, outcome)
            case Declined():
                return decline(moment, charge, invoice, outcome)
        again = charges.asked_again(charge, moment.at)
        storage.update(account_id, again, storage.card(account_id, charge_id))
        return again


def _close(
    moment: Moment, charge: Charge, outcome: Outcome | Missing, *, probe: bool
) -> None:
    """Keep count of what a gateway failed to answer."""
    gateway = gateways.get(moment.account_id, charge.gateway_name)
    if gateway is None or isinstance(outcome, Missing):
        return
    if isinstance(outcome, Unknown) and outcome.answers:
        return
    failed = isinstance(outcome, Unknown)
    after = (
        rules.after_failure(gateway, moment.at, probe=probe)
        if failed
        else rules.after_answer(gateway)
    )
    if after == gateway:
        return
    gateways.set_circuit(moment.account_id, after)
    if after.open_until is not None and after.open_until != gateway.open_until:
        _log.error(
            "gateway %s of account %d failed %d times in a row: left alone until %s",
            gateway.name,
            moment.account_id,
            after.failures,
            after.open_until.isoformat(timespec="seconds"),
        )


def _captured(
    moment: Moment, charge: Charge, invoice: Invoice, outcome: Approved
) -> Charge:
    """Store that money was taken, whatever was thought before: it is a payment."""
    captured = charges.captured(charge, outcome.reference)
    storage.update(moment.account_id, captured)
    by = receiving.By(
        account_id=moment.account_id, staff_id=charge.staff_id, at=moment.at
    )
    receiving.receive(by, payments.captured(captured, invoice), invoice)
    if _wants_receipt(moment, invoice):
        _mail(moment, invoice, Template.RECEIPT)
    return captured


def _wants_receipt(moment: Moment, invoice: Invoice) -> bool:
    """Whether the client gets a receipt for a charge that is stored.

    Source: documented.
    """
    if invoice.recurring_id is None:
        return False
    paying = profiles.paying(moment.account_id, invoice.recurring_id)
    if paying is None or paying.send_receipt is SendReceipt.NEVER:
        return False
    if paying.send_receipt is SendReceipt.ALWAYS:
        return True
    return storage.captured(moment.account_id, invoice.recurring_id) == 1


def decline(
    moment: Moment, charge: Charge, invoice: Invoice, outcome: Declined
) -> Charge:
    """Store that a card was declined; auto-billing tries again by its plan."""
    declined = charges.declined(charge, outcome)
    storage.update(moment.account_id, declined)
    after = invoice
    if charge.automatic and rules.chargeable(invoice):
        tried = rules.declined_of(
            storage.of_invoice(moment.account_id, invoice.invoice_id)
        )
        after = rules.after_decline(
            moment.account, invoice, tried, outcome, moment.today
        )
        invoices.update(moment.account_id, after, invoice.folder, moment.at)
        if after.status is InvoiceStatus.FAILED:
            _mail(moment, after, Template.FAILURE)
    found = told.declined(invoice, after, declined)
    _tell(moment, invoice, charge, What.PAYMENT_FAIL, found)
    return declined


def _unanswered(
    moment: Moment, charge: Charge, invoice: Invoice, outcome: Unknown | Missing
) -> Charge:
    """Store that nobody knows: somebody asks again later, or a person has to."""
    sealed = storage.card(moment.account_id, charge.charge_id)
    if isinstance(outcome, Missing):
        after = charges.parked(charge, "Its gateway cannot be asked about it.")
    else:
        after = charges.unanswered(charge, moment.at, outcome.detail)
    if after.state is ChargeState.PARKED:
        return park(moment, after, invoice, sealed)
    storage.update(moment.account_id, after, sealed)
    return after


def park(
    moment: Moment, parked: Charge, invoice: Invoice, sealed: SealedCard | None
) -> Charge:
    """Store that a charge waits for a person."""
    storage.update(moment.account_id, parked, sealed)
    _log.error(
        "charge %d of account %d is parked: %s",
        parked.charge_id,
        moment.account_id,
        parked.message,
    )
    found = told.charge_parked(parked)
    _tell(moment, invoice, parked, What.CHARGE_PARK, found)
    return parked


def _mail(moment: Moment, invoice: Invoice, template: Template) -> None:
    item = Outgoing(
        kind=OutgoingKind.EMAIL,
        template=template,
        invoice_id=invoice.invoice_id,
        created_at=moment.at,
    )
    outgoing.insert(moment.account_id, [item])


def _tell(
    moment: Moment,
    invoice: Invoice,
    charge: Charge,
    what: What,
    found: Sequence[Change],
) -> None:
    event = Event(
        of_id=invoice.invoice_id,
        client_id=invoice.client_id,
        at=moment.at,
        staff_id=charge.staff_id,
        what=what,
        changes=found,
    )
    OF_INVOICE.insert(moment.account_id, [event])


def invoice_of(moment: Moment, charge: Charge) -> Invoice:
    """Return the invoice of a charge, kept from others."""
    invoice = invoices.locked(moment.scope, charge.invoice_id)
    if invoice is None:
        raise ValueError("a charge belongs to an invoice")
    return invoice
