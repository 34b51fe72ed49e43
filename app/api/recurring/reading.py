"""From the elements of `<recurring>` to what the domain knows."""

from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from app.api import addressee, card, charges, client, lines, schedule
from app.domain.autobill import AutobillRequest
from app.domain.client import ClientChanges
from app.domain.invoice_status import InvoiceStatus
from app.domain.recurring import ProfileChanges, SendReceipt
from app.domain.unset import UNSET, Maybe, given
from app.wire.reader import Reader

E = TypeVar("E", bound=StrEnum)

# Those of ours that hold elements.
_STRUCTURES = ("schedule", "attributes", "taxes", "discounts", "totals")


def updates(request: Reader) -> ProfileChanges:
    """Read everything that an update request may say of a profile.

    Structures of ours that came back as their bare text say nothing.

    Raises: InvalidValueError, MissingFieldError, NotFoundError.
    """
    request.forget_flattened(_STRUCTURES)
    return changes(request)


def changes(request: Reader) -> ProfileChanges:
    """Read everything that a create request may say of a profile.

    Raises: InvalidValueError, MissingFieldError, NotFoundError.
    """
    request.refuse_flattened(_STRUCTURES)
    totals = request.child("totals")
    return ProfileChanges(
        client_id=request.record_id("client_id", "client"),
        client=_client(request),
        contacts=addressee.read_contacts(request),
        frequency=schedule.frequency(request),
        schedule=schedule.changes(request),
        billing_model_id=request.record_id("billing_model_id", "billing_model"),
        date=request.day("date"),
        occurrences=request.count("occurrences"),
        stopped=request.switch("stopped"),
        bill_to=addressee.read(request),
        po_number=request.text("po_number"),
        currency_code=charges.currency(request),
        language=request.word("language"),
        notes=request.text("notes"),
        terms=request.text("terms"),
        discount=request.percent("discount"),
        return_uri=request.word("return_uri"),
        send_snail_mail=request.switch("send_snail_mail"),
        send_email=request.switch("send_email"),
        autobill=_autobill(request),
        lines=lines.read_unless_absent(request),
        due_days=request.filled("due_days", request.count),
        invoice_status=_one_of(request, "invoice_status", InvoiceStatus),
        title=request.text("title"),
        autopay=request.filled("autopay", request.switch),
        send_receipt=_one_of(request, "send_receipt", SendReceipt),
        attributes=charges.attributes(request),
        default_tax_name=request.word("default_tax_name"),
        default_tax_percent=request.percent("default_tax_percent"),
        taxes=charges.taxes(request),
        discounts=charges.discounts(request),
        recurring_amount=_expected(totals, "recurring_amount"),
        quantity=_expected(totals, "quantity"),
    )


def _client(request: Reader) -> Maybe[ClientChanges]:
    made = request.child("client")
    return UNSET if made is None else client.changes(made)


def _one_of(request: Reader, name: str, kind: type[E]) -> Maybe[E]:
    """Read one of a few words, in any case; an empty element counts as left out."""
    word = given(request.word(name), "").lower()
    return kind(word) if word else UNSET


def _expected(totals: Reader | None, name: str) -> Maybe[Decimal]:
    """Read a sum that the lines ought to come to."""
    return UNSET if totals is None else totals.filled(name, totals.decimal)


def _autobill(request: Reader) -> Maybe[AutobillRequest | None]:
    """Read the auto-bill structure; None where the element is empty.

    Source: documented (absent, empty, and all children required otherwise); that the
    id of a client's card stands for all of them is ours.
    """
    autobill = request.child("autobill")
    if autobill is None:
        return UNSET
    if autobill.empty:
        return None
    card_id = given(autobill.record_id("card_id", "card"), None)
    named = autobill.child("card")
    if card_id is not None and named is None:
        gateway_name = given(autobill.word("gateway_name"), "")
        return AutobillRequest(gateway_name=gateway_name, card_id=card_id)
    return AutobillRequest(
        gateway_name=autobill.required_word("gateway_name"),
        card=card.named(autobill.required_child("card")),
        card_id=card_id,
    )
