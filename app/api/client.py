"""client.*: who is billed."""

from collections.abc import Sequence

from app.api import addressee
from app.api.paging import folder, page
from app.api.registry import Call, method
from app.domain.account import Account
from app.domain.client import (
    Client,
    ClientChanges,
    ClientFilter,
    Contact,
    ContactChanges,
    SecondaryChanges,
)
from app.domain.unset import UNSET, Maybe, Unset, given
from app.services import client as service
from app.services.ports import Ports
from app.wire import envelope, values
from app.wire.reader import Reader
from app.wire.xml import Node


@method("client.create")
def create(call: Call) -> Sequence[Node]:
    """Make a client. Source: documented."""
    client_id = service.create(
        call.ports, call.caller, _changes(call.request.required_child("client"))
    )
    return [Node("client_id", str(client_id))]


@method("client.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names. Source: documented."""
    request = call.request.required_child("client")
    client_id = request.required_id("client_id", "client")
    service.update(call.ports, call.caller, client_id, _changes(request))
    return []


@method("client.get")
def get(call: Call) -> Sequence[Node]:
    """Return a client. Source: documented."""
    client = service.get(call.caller, _id(call))
    folder_and_updated = _tail(client, call.caller.account)
    return [_client(client, call.ports, folder_and_updated)]


@method("client.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of clients by descending `client_id`. Source: documented."""
    request = call.request
    account = call.caller.account
    narrowed = ClientFilter(
        email=given(request.word("email"), "") or None,
        username=given(request.word("username"), "") or None,
        notes=given(request.text("notes"), "") or None,
        updated_from=request.since("updated_from", account.zone),
        updated_to=request.until("updated_to", account.zone),
        folder=folder(request),
    )
    listing = service.list_(call.caller, narrowed, page(request))
    nodes = [
        # In lists, `updated` stands before `folder`. Source: documented.
        _client(client, call.ports, _tail(client, account)[::-1])
        for client in listing.rows
    ]
    return [envelope.paged("clients", listing, nodes)]


@method("client.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a client. Source: documented."""
    service.delete(call.ports, call.caller, _id(call))
    return []


def _id(call: Call) -> int:
    return call.request.required_id("client_id", "client")


def _changes(request: Reader) -> ClientChanges:
    currency = request.word("currency_code")
    return ClientChanges(
        bill_to=addressee.read(request),
        secondary=SecondaryChanges(
            s_street1=request.text("s_street1"),
            s_street2=request.text("s_street2"),
            s_city=request.text("s_city"),
            s_state=request.text("s_state"),
            s_country=request.text("s_country"),
            s_code=request.text("s_code"),
        ),
        contacts=_contacts(request),
        email=request.word("email"),
        username=request.word("username"),
        work_phone=request.text("work_phone"),
        home_phone=request.text("home_phone"),
        mobile=request.text("mobile"),
        fax=request.text("fax"),
        language=request.word("language"),
        currency_code=currency
        if isinstance(currency, Unset)
        else values.currency(currency),
        notes=request.text("notes"),
    )


def _contacts(request: Reader) -> Maybe[tuple[ContactChanges, ...]]:
    found = request.items("contacts")
    if isinstance(found, Unset):
        return UNSET
    return tuple(
        ContactChanges(
            contact_id=values.record_id(given(contact.text("contact_id"), "")) or UNSET,
            username=contact.text("username"),
            first_name=contact.text("first_name"),
            last_name=contact.text("last_name"),
            email=contact.word("email"),
            phone1=contact.text("phone1"),
            phone2=contact.text("phone2"),
        )
        for contact in found
    )


def _client(client: Client, ports: Ports, tail: list[Node]) -> Node:
    """Render a client, in the documented order.

    Credits are payments without an invoice; there are none in this edition, so the
    balance is 0. `contacts` is there even when empty. Source: observed.
    """
    view = f"{ports.url}/view/{client.view_key}"
    page_of = f"{ports.url}/clients/{client.client_id}"
    currency = client.currency_code
    return Node(
        "client",
        [
            Node("client_id", str(client.client_id)),
            Node("first_name", client.bill_to.first_name),
            Node("last_name", client.bill_to.last_name),
            Node("organization", client.bill_to.organization),
            Node("email", client.email),
            Node("username", client.username),
            Node("contacts", list(map(_contact, client.contacts))),
            Node("work_phone", client.work_phone),
            Node("home_phone", client.home_phone),
            Node("mobile", client.mobile),
            Node("fax", client.fax),
            Node("language", client.language),
            Node("currency_code", currency),
            Node("credit", "0", f' currency="{currency}" deprecated="true"'),
            Node("credits", [Node("credit", "0", f' currency="{currency}"')]),
            Node("notes", client.notes),
            *addressee.address(client.bill_to),
            Node("s_street1", client.secondary.s_street1),
            Node("s_street2", client.secondary.s_street2),
            Node("s_city", client.secondary.s_city),
            Node("s_state", client.secondary.s_state),
            Node("s_country", client.secondary.s_country),
            Node("s_code", client.secondary.s_code),
            Node("url", view, ' deprecated="true"'),
            Node("auth_url", page_of, ' deprecated="true"'),
            Node(
                "links",
                [
                    Node("client_view", view),
                    Node("view", page_of),
                    Node("statement", f"{view}/statement"),
                ],
            ),
            *addressee.vat(client.bill_to),
            *tail,
        ],
    )


def _tail(client: Client, account: Account) -> list[Node]:
    return [
        Node("folder", client.folder),
        Node("updated", values.timestamp(client.updated_at, account.zone)),
    ]


def _contact(contact: Contact) -> Node:
    return Node(
        "contact",
        [
            Node("contact_id", str(contact.contact_id)),
            Node("username", contact.username),
            Node("first_name", contact.first_name),
            Node("last_name", contact.last_name),
            Node("email", contact.email),
            Node("phone1", contact.phone1),
            Node("phone2", contact.phone2),
        ],
    )
