"""Names and addresses, as profiles, invoices and clients have them alike."""

from collections.abc import Sequence

from app.domain.bill_to import BillTo, BillToChanges
from app.domain.unset import UNSET, Maybe, Unset
from app.wire.reader import Reader
from app.wire.xml import Node, node


def read(request: Reader) -> BillToChanges:
    """Read the names, address and tax number of an addressee."""
    return BillToChanges(
        organization=request.text("organization"),
        first_name=request.text("first_name"),
        last_name=request.text("last_name"),
        p_street1=request.text("p_street1"),
        p_street2=request.text("p_street2"),
        p_city=request.text("p_city"),
        p_state=request.text("p_state"),
        p_country=request.text("p_country"),
        p_code=request.text("p_code"),
        vat_name=request.text("vat_name"),
        vat_number=request.text("vat_number"),
    )


def read_contacts(request: Reader) -> Maybe[tuple[int, ...]]:
    """Read the ids of the contacts that a bill goes to, each once.

    Raises: MissingFieldError, NotFoundError.
    """
    found = request.items("contacts")
    if isinstance(found, Unset):
        return UNSET
    ids = [contact.required_id("contact_id", "contact") for contact in found]
    return tuple(dict.fromkeys(ids))


def names(of: BillTo) -> list[Node]:
    """Render the names; the organization comes first. Source: documented."""
    return [
        node("organization", of.organization),
        node("first_name", of.first_name),
        node("last_name", of.last_name),
    ]


def address(of: BillTo) -> list[Node]:
    """Render the primary address."""
    return [
        node("p_street1", of.p_street1),
        node("p_street2", of.p_street2),
        node("p_city", of.p_city),
        node("p_state", of.p_state),
        node("p_country", of.p_country),
        node("p_code", of.p_code),
    ]


def vat(of: BillTo) -> list[Node]:
    """Render the tax number and its name."""
    return [node("vat_name", of.vat_name), node("vat_number", of.vat_number)]


def contacts(ids: Sequence[int]) -> list[Node]:
    """Render the ids of contacts; nothing at all where there are none."""
    if not ids:
        return []
    return [
        node(
            "contacts",
            [
                node("contact", [node("contact_id", str(contact_id))])
                for contact_id in ids
            ],
        )
    ]
