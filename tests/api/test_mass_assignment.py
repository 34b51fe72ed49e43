"""What the server owns is not taken from requests, in whatever request it comes.

The cases are generated: every element that an answer shows or a request type ignores,
and that the request cannot set, in every structure of every request that writes.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
import xmlschema
from lxml import etree
from xmlschema.validators import XsdElement

from app.api import registry
from app.wire.schema import noun_of
from tests.conftest import Api
from tests.schemas import FIXTURES, explainer

WRITING = sorted(
    name
    for name in registry.METHODS
    if name.rpartition(".")[2] in {"create", "update", "add"}
)
# Other values than anything has by itself.
VALUES = {
    "idOut": "77",
    "idOrNone": "77",
    "countOut": "77",
    "decimalOut": "0.01",
    "creditOut": "0.01",
    "folderOut": "deleted",
    "dateOut": "1999-01-01",
    "dateTimeOut": "1999-01-01 00:00:00",
    "switchOut": "1",
    "currencyOut": "EUR",
}
FOREIGN = "Quixotic"
CATALOGUE = ("item", "tax", "discount", "category")
# A whole client in a request for a profile would be a list of its own.
DEPTH_MAX = 3


def elements(of: XsdElement) -> dict[str, XsdElement]:
    """Return the elements that a type declares, by name."""
    content = getattr(of.type, "content", None)
    if not isinstance(content, xmlschema.validators.XsdGroup):
        return {}
    found = (child for child in content.iter_elements())
    return {child.local_name: child for child in found if isinstance(child, XsdElement)}


def declared(name: str) -> XsdElement:
    element = explainer(noun_of(name)).elements[name]
    assert isinstance(element, XsdElement)
    return element


def shown_by(method: str) -> XsdElement:
    """Return what the answer shows that goes with a request."""
    (shown,) = elements(declared(f"{noun_of(method)}.get.response")).values()
    return shown


def places(
    sent: XsdElement, shown: XsdElement, path: str = ""
) -> Iterator[tuple[str, XsdElement, XsdElement]]:
    """Yield the structures that a request and an answer have in common."""
    yield path, sent, shown
    inside = elements(shown)
    for name, child in elements(sent).items():
        if name in inside and elements(child):
            yield from places(child, inside[name], f"{path}/{name}".lstrip("/"))


class Place(NamedTuple):
    """A structure of a request, with the names that are not the client's to set.

    `accepted` are those that the request may hold, for what it is worth.
    """

    method: str
    path: str
    accepted: list[str]
    unknown: list[str]


def places_of(method: str) -> Iterator[Place]:
    """Yield the structures of a request with what the server owns in them."""
    shown = shown_by(method)
    sent = declared(method)
    start = elements(sent).get(shown.local_name)
    first = (start, shown, shown.local_name) if start is not None else (sent, shown, "")
    for path, in_request, in_answer in places(*first):
        known = elements(in_request)
        settable = {
            name for name, child in known.items() if child.type.local_name != "ignored"
        }
        # An id on its own names something that is there.
        if len(settable) > 1 and method.endswith((".create", ".add")):
            settable.discard(f"{in_request.local_name}_id")
        yield Place(
            method,
            path,
            sorted(known.keys() - settable),
            sorted(elements(in_answer).keys() - known.keys()),
        )


PLACES = [place for method in WRITING for place in places_of(method)]
IDS = [f"{place.method} {place.path}".strip() for place in PLACES]


def filled(element: XsdElement, depth: int = 0) -> etree._Element:
    """Return an element of an answer with values that nothing has."""
    made = etree.Element(element.local_name)
    inside = elements(element) if depth < DEPTH_MAX else {}
    made.extend(filled(child, depth + 1) for child in inside.values())
    if not inside:
        made.text = VALUES.get(element.type.local_name or "", FOREIGN)
    return made


def smuggled(method: str, path: str, name: str) -> etree._Element:
    """Return what is sent along."""
    shown = shown_by(method)
    for step in path.split("/"):
        shown = elements(shown).get(step, shown)
    found = elements(shown).get(name)
    if found is not None:
        return filled(found)
    made = etree.Element(name)
    made.text = FOREIGN
    return made


def request(method: str) -> etree._Element:
    """Return the request file of a method, with the structures that it leaves out."""
    root = etree.parse(FIXTURES / "requests" / f"{method}.xml").getroot()
    if method == "client.update":
        contacts = etree.SubElement(root[0], "contacts")
        contact = etree.SubElement(contacts, "contact")
        etree.SubElement(contact, "email").text = "new@loom.test"
    if method == "settings.update":
        schedule = etree.SubElement(root[0][0], "schedule")
        etree.SubElement(schedule, "every").text = "1"
    if method in ("recurring.create", "recurring.update"):
        etree.SubElement(root[0], "totals")
    if method in ("recurring.update", "invoice.update"):
        lines = etree.SubElement(root[0], "lines")
        etree.SubElement(etree.SubElement(lines, "line"), "name").text = "Backup"
    return root


def furnished(new_api: Callable[..., Api], name: str, *, tolerant: bool) -> Api:
    """Return an account with something of its own of each kind."""
    api = new_api(name, ignore_unknown=tolerant)
    api.create_profile("<lines><line><name>x</name></line></lines>")
    credit = "<client_id>1</client_id><amount>5</amount>"
    api.call("payment.create", f"<payment>{credit}</payment>")
    card = "<client_id>1</client_id><number>4111111111111111</number><name>Ada</name>"
    last = "<expiration><month>7</month><year>2031</year></expiration>"
    api.call("card.create", f"<card>{card}{last}</card>")
    model = "<name>Weekly</name><frequency>weekly</frequency>"
    api.call("billing_model.create", f"<billing_model>{model}</billing_model>")
    file = (
        "<recurring_id>1</recurring_id><file_name>x</file_name><content>eA==</content>"
    )
    api.call("attachment.create", f"<attachment>{file}</attachment>")
    for noun in CATALOGUE:
        percent = "<percent>5</percent>" if noun == "discount" else ""
        made = f"<name>First</name>{percent}"
        assert api.call(f"{noun}.create", f"<{noun}>{made}</{noun}>").ok
    return api


def picture(api: Api) -> bytes:
    """Return all that an account shows, without its own name."""
    shown = b"".join(
        api.call(method, content).http.data
        for method, content in (
            ("client.list", ""),
            ("recurring.list", ""),
            ("invoice.list", ""),
            ("payment.list", ""),
            ("card.list", ""),
            ("billing_model.list", ""),
            ("settings.get", ""),
            ("attachment.list", "<recurring_id>1</recurring_id>"),
            *((f"{noun}.list", "") for noun in CATALOGUE),
            ("default_terms.list", ""),
        )
    )
    assert b'total="0"' not in shown
    system = api.account.system.encode()
    return re.sub(rb"[0-9a-f]{32}|" + system, b"", shown)


def loaded(place: Place, names: list[str]) -> bytes:
    """Return the request of a method with elements that it has no business with."""
    root = request(place.method)
    target = root.find(place.path) if place.path else root
    if target is None:
        assert not names, place
        return etree.tostring(root)
    for name in names:
        for former in target.findall(name):
            target.remove(former)
        target.append(smuggled(place.method, place.path, name))
    return etree.tostring(root)


def check_without_effect(
    new_api: Callable[..., Api], place: Place, names: list[str], *, tolerant: bool
) -> None:
    """Prove that an account looks like one to which they were not sent."""
    twin = furnished(new_api, "Twin", tolerant=tolerant)
    other = furnished(new_api, "Else", tolerant=tolerant)
    before = picture(twin)
    assert twin.post(loaded(place, [])).ok
    answer = other.post(loaded(place, names))
    assert answer.ok, answer.error
    assert before != picture(twin) == picture(other)


def test_there_is_something_to_try_in_every_structure() -> None:
    tried = {name for name, place in zip(IDS, PLACES, strict=True) if place.accepted}
    assert tried == {
        "attachment.create attachment",
        "billing_model.create billing_model",
        "billing_model.update billing_model",
        "category.create category",
        "card.create card",
        "category.update category",
        "client.create client",
        "client.create client/contacts/contact",
        "client.update client",
        "discount.create discount",
        "item.create item",
        "item.update item",
        "invoice.create invoice",
        "invoice.create invoice/lines/line",
        "invoice.lines.add",
        "invoice.lines.add lines/line",
        "invoice.lines.update",
        "invoice.lines.update lines/line",
        "invoice.update invoice",
        "invoice.update invoice/lines/line",
        "payment.create payment",
        "payment.update payment",
        "recurring.create recurring",
        "recurring.create recurring/lines/line",
        "recurring.create recurring/totals",
        "recurring.lines.add lines/line",
        "recurring.lines.update lines/line",
        "recurring.update recurring",
        "recurring.update recurring/lines/line",
        "recurring.update recurring/totals",
        "settings.update settings/recurring_defaults",
        "tax.create tax",
    }
    owned = {name for place in PLACES for name in place.accepted}
    assert {"amount", "status", "folder", "updated", "links", "staff_id"} <= owned


@pytest.mark.parametrize("place", PLACES, ids=IDS)
def test_what_the_server_owns_is_accepted_without_effect(
    new_api: Callable[..., Api], place: Place
) -> None:
    check_without_effect(new_api, place, place.accepted, tolerant=False)


@pytest.mark.parametrize("place", PLACES, ids=IDS)
def test_what_only_answers_hold_is_ignored_without_effect_where_that_is_wanted(
    new_api: Callable[..., Api], place: Place
) -> None:
    names = [*place.accepted, *place.unknown]
    check_without_effect(new_api, place, names, tolerant=True)


@pytest.mark.parametrize("place", PLACES, ids=IDS)
def test_what_only_answers_hold_is_refused_elsewhere(
    new_api: Callable[..., Api], place: Place
) -> None:
    api = furnished(new_api, "Strict", tolerant=False)
    before = picture(api)
    for name in place.unknown:
        answer = api.post(loaded(place, [name]))
        assert not answer.ok, name
        assert (answer.code, answer.field) == ("40060", name), answer.error
    assert picture(api) == before
