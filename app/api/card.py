"""card.*: cards of clients; and how a card is read and shown wherever one stands."""

from collections.abc import Sequence

from app.api.paging import page
from app.api.registry import Call, Rest, asking, method
from app.domain.card import Brand, Cvv, Expiration
from app.domain.card_request import CardRequest, CardText
from app.domain.client_card import ClientCard, NewCard, NewCardRequest
from app.domain.gateway import Address, CardCheck
from app.domain.unset import given
from app.services import card as service
from app.wire import envelope
from app.wire.reader import Reader
from app.wire.xml import Node, node


@asking("card.create", once=True)
def create(call: Call) -> Rest:
    """Store a card of a client's, checked by its gateway. Source: inferred, ours."""
    request = call.request.required_child("card")
    asked = NewCardRequest(
        client_id=request.required_id("client_id", "client"),
        gateway_name=given(request.word("gateway_name"), ""),
        card=named(request),
        check=_check(request),
    )
    new = service.exchanged(call.ports, call.caller, asked)
    return lambda: _created(call, new)


def _created(call: Call, new: NewCard) -> Sequence[Node]:
    made = service.create(call.ports, call.caller, new)
    return [node("card_id", str(made.card_id)), node("last_four", made.last_four)]


@method("card.get")
def get(call: Call) -> Sequence[Node]:
    """Return a card of a client's, masked. Source: inferred, ours."""
    return [_card(service.get(call.ports, call.caller, _id(call)))]


@method("card.list")
def list_(call: Call) -> Sequence[Node]:
    """Return a page of cards, masked, by descending id. Source: inferred, ours."""
    request = call.request
    client_id = given(request.record_id("client_id", "client"), None)
    listing = service.list_(call.ports, call.caller, client_id, page(request))
    return [envelope.paged("cards", listing, list(map(_card, listing.rows)))]


@method("card.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a card; profiles that use it lose it. Source: inferred, ours."""
    service.delete(call.ports, call.caller, _id(call))
    return []


def named(request: Reader) -> CardRequest:
    """Read a card as a request names it: its number, a token, or the mask of one.

    Raises: MissingFieldError.
    """
    number = CardText(request.required_word("number"), request.place("number"))
    name = request.required_word("name")
    last = request.required_child("expiration")
    brand = given(request.word("type"), "").upper()
    return CardRequest(
        number=number,
        name=name,
        expiration=Expiration(
            month=int(last.required_word("month")), year=int(last.required_word("year"))
        ),
        last_four=given(request.word("last_four"), ""),
        brand=Brand(brand) if brand else None,
    )


def expiration(last: Expiration) -> Node:
    """Render a card's last month."""
    return node(
        "expiration",
        [node("month", f"{last.month:02d}"), node("year", str(last.year))],
    )


def _id(call: Call) -> int:
    return call.request.required_id("card_id", "card")


def _check(request: Reader) -> CardCheck:
    """Read what proves that somebody has the card in hand."""
    cvv = given(request.word("cvv"), "")
    return CardCheck(
        cvv=Cvv.parse(cvv) if cvv else None,
        address=Address(
            street=given(request.word("street"), ""),
            code=given(request.word("code"), ""),
        ),
    )


def _card(of: ClientCard) -> Node:
    """Render a card as it may be shown; less of one that cannot be read."""
    nodes = [
        node("card_id", str(of.card_id)),
        node("client_id", str(of.client_id)),
        node("gateway_name", of.gateway_name),
        node("number", of.number),
        node("last_four", of.last_four),
        node("type", of.brand or ""),
    ]
    if of.card is not None:
        nodes += [node("name", of.card.name), expiration(of.card.expiration)]
    return node("card", nodes)
