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
from app.domain.money import Money
from app.domain.unset import UNSET, Maybe, Unset, given
from app.services import client as service
from app.services.ports import Ports
from app.wire import envelope, values
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("client.create", once=True)
def create(call: Call) -> Sequence[Node]:
    """Make a client. Source: documented."""
    client_id = service.create(
        call.ports, call.caller, changes(call.request.required_child("client"))
    )
    return [node("client_id", str(client_id))]


@method("client.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements that the request names. Source: documented."""
    request = call.request.required_child("client")
    client_id = request.required_id("client_id", "client")
    service.update(call.ports, call.caller, client_id, changes(request))
    return []


@method("client.get")
def get(call: Call) -> Sequence[Node]:
    """Return a client. Source: documented."""
    client = service.get(call.caller, _id(call))
    folder_and_updated = _tail(client, call.caller.account)
    base_currency = call.caller.account.base_currency
    return [_client(client, call.ports, base_currency, folder_and_updated)]


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
        _client(client, call.ports, account.base_currency, _tail(client, account)[::-1])
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


def changes(request: Reader) -> ClientChanges:
    """Read everything that a request may say of a client.

    Raises: InvalidValueError.
    """
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


def _client(client: Client, ports: Ports, base_currency: str, tail: list[Node]) -> Node:
    """Render a client, in the documented order.

    `contacts` is there even when empty. Source: observed.
    """
    view = ports.view(client.view_key)
    page_of = f"{ports.url}/clients/{client.client_id}"
    return node(
        "client",
        [
            node("client_id", str(client.client_id)),
            node("first_name", client.bill_to.first_name),
            node("last_name", client.bill_to.last_name),
            node("organization", client.bill_to.organization),
            node("email", client.email),
            node("username", client.username),
            node("contacts", list(map(_contact, client.contacts))),
            node("work_phone", client.work_phone),
            node("home_phone", client.home_phone),
            node("mobile", client.mobile),
            node("fax", client.fax),
            node("language", client.language),
            node("currency_code", client.currency_code),
            *_credits(client, base_currency),
            node("notes", client.notes),
            *addressee.address(client.bill_to),
            node("s_street1", client.secondary.s_street1),
            node("s_street2", client.secondary.s_street2),
            node("s_city", client.secondary.s_city),
            node("s_state", client.secondary.s_state),
            node("s_country", client.secondary.s_country),
            node("s_code", client.secondary.s_code),
            node("url", view, ' deprecated="true"'),
            node("auth_url", page_of, ' deprecated="true"'),
            node(
                "links",
                [
                    node("client_view", view),
                    node("view", page_of),
                    node("statement", f"{view}/statement"),
                ],
            ),
            *addressee.vat(client.bill_to),
            *tail,
        ],
    )


def _credits(client: Client, base_currency: str) -> list[Node]:
    """Render the credit in the base currency, and that in each.

    Without any, both are 0 in the client's own. Source: documented; the zeros inferred.
    """
    if not client.credits:
        base_currency = client.currency_code
    of_base = Money.zero(base_currency)
    for each in client.credits:
        of_base = each if each.currency == base_currency else of_base
    return [
        _credit(of_base, ' deprecated="true"'),
        node("credits", list(map(_credit, client.credits or (of_base,)))),
    ]


def _credit(balance: Money, more: str = "") -> Node:
    return node(
        "credit",
        values.number(balance.amount),
        f' currency="{balance.currency}"{more}',
    )


def _tail(client: Client, account: Account) -> list[Node]:
    return [
        node("folder", client.folder),
        node("updated", values.timestamp(client.updated_at, account.zone)),
    ]


def _contact(contact: Contact) -> Node:
    return node(
        "contact",
        [
            node("contact_id", str(contact.contact_id)),
            node("username", contact.username),
            node("first_name", contact.first_name),
            node("last_name", contact.last_name),
            node("email", contact.email),
            node("phone1", contact.phone1),
            node("phone2", contact.phone2),
        ],
    )
