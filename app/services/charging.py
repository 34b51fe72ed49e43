"""Charging by hand: a person asks for what an invoice has outstanding, at once."""

import logging

from app.config import SettingsError
from app.domain import charge as charges
from app.domain import collecting as rules
from app.domain import decline
from app.domain.account import Caller
from app.domain.card import Card
from app.domain.charge import Charge, ChargeState
from app.domain.collecting import Now
from app.domain.errors import (
    ChargeUnknownError,
    DeletedError,
    MissingFieldError,
    NotFoundError,
    RefusedError,
)
from app.domain.folder import Folder
from app.domain.invoice import Invoice
from app.domain.invoice_status import InvoiceStatus
from app.services import card as cards
from app.services import collecting, moments
from app.services.ports import Ports
from app.storage import charge as storage
from app.storage import client as clients
from app.storage import gateway as gateways
from app.storage import invoice as invoices
from app.storage.database import IntegrityError, writing

_log = logging.getLogger(__name__)


def charge(ports: Ports, caller: Caller, invoice_id: int, card_id: int | None) -> int:
    """Charge a card for all that an invoice has outstanding; return the payment's id.

    The card is the client's that is named, else the profile's. What comes of it follows
    as it does of auto-billing, but that a card that is declined changes no status.

    Raises: NotFoundError, MissingFieldError where there is no card, RefusedError also
    for a card that is declined, ChargeUnknownError, DatabaseError.
    """
    account_id = caller.account.account_id
    try:
        charge_id = _prepared(ports, caller, invoice_id, card_id)
    except SettingsError as error:
        _log.error("a card of account %d cannot be charged: %s", account_id, error)
        raise _refused("Its card cannot be read now.") from None
    sent = collecting.send(ports, (account_id, charge_id))
    if sent is None:
        # Something came in between, or its gateway cannot be opened, as the log says.
        raise _refused("It cannot be charged now.")
    if sent.state is ChargeState.CAPTURED:
        return charge_id
    if sent.state is ChargeState.DECLINED:
        raise _refused(decline.sentence(sent.reason))
    raise ChargeUnknownError(charge_id)


def _prepared(
    ports: Ports, caller: Caller, invoice_id: int, card_id: int | None
) -> int:
    """Prepare a charge in a transaction of its own; return its id."""
    account_id = caller.account.account_id
    with writing(account_id):
        moment = moments.moment(ports, account_id)
        invoice = _existing(caller, invoice_id)
        found = _card(ports, invoice, account_id, card_id)
        _check_owed(caller, invoice)
        if found is None:
            raise MissingFieldError("card_id")
        gateway_name, _ = found
        gateway = gateways.get(account_id, gateway_name)
        if not isinstance(rules.available(gateway, moment.at), Now):
            raise _refused("Its gateway is not available now.")
        attempt_no = len(storage.of_invoice(account_id, invoice_id)) + 1
        prepared = Charge(
            invoice_id=invoice_id,
            recurring_id=invoice.recurring_id,
            invoice_number=invoice.number,
            attempt_no=attempt_no,
            key=collecting.key_of(moment.account, invoice, attempt_no),
            automatic=False,
            staff_id=caller.staff_id,
            card_id=card_id,
            gateway_name=gateway_name,
            amount=invoice.amount_outstanding,
            made_on=moment.today,
            created_at=moment.at,
        )
        try:
            return storage.insert(
                account_id, charges.taken_in_hand(prepared, moment.at)
            )
        except IntegrityError:
            raise _refused("Its card is being charged.") from None


def _existing(caller: Caller, invoice_id: int) -> Invoice:
    """Return an invoice that is there and not deleted, kept from others."""
    invoice = invoices.locked(caller.scope, invoice_id)
    if invoice is None:
        raise NotFoundError("invoice")
    if invoice.folder is Folder.DELETED:
        raise DeletedError("invoice")
    return invoice


def _card(
    ports: Ports, invoice: Invoice, account_id: int, card_id: int | None
) -> tuple[str, Card] | None:
    """Return gateway and card: those that are named, else the profile's, if any."""
    if card_id is not None:
        found = cards.of_client(ports, account_id, invoice.client_id, card_id)
        if found is None:
            raise NotFoundError("card")
        return found
    return collecting.profile_card(ports, account_id, invoice)


def _check_owed(caller: Caller, invoice: Invoice) -> None:
    """Refuse to charge for an invoice of which nothing is to be paid.

    Raises: RefusedError.
    """
    if invoice.unpaid_status is InvoiceStatus.DRAFT:
        raise _refused("Invoice is draft.")
    if not rules.chargeable(invoice):
        raise _refused("Nothing is outstanding.")
    client = clients.get(caller.scope, invoice.client_id)
    if client is None or client.folder is Folder.DELETED:
        raise _refused("Its client is deleted.")


def _refused(reason: str) -> RefusedError:
    return RefusedError("charge", "invoice", reason)
