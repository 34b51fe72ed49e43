"""The house rules of methods: each is complete, and nothing it declares is dropped."""

import copy
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree
from xmlschema.validators import XsdElement

from app.api import methods, registry
from app.api.faults import FAULTS, HTTP_FAULTS, told
from app.cli import method_table
from app.domain import errors
from app.wire.reader import Reader
from app.wire.schema import SCHEMAS, noun_of
from tests.conftest import PATH, Api
from tests.schemas import FIXTURES, explainer

ROOT = Path(__file__).parents[2]
NAMES = sorted(registry.METHODS)

# A create request may hold an id, as a copied answer does; it means nothing there.
IDS_THAT_ARE_OURS = {
    "attachment.create": {"attachment/attachment_id"},
    "client.create": {"client/client_id"},
    "billing_model.create": {"billing_model/billing_model_id"},
    "item.create": {"item/item_id"},
    "tax.create": {"tax/tax_id"},
    "discount.create": {"discount/discount_id"},
    "card.create": {"card/card_id"},
    "category.create": {"category/category_id"},
    "payment.create": {"payment/payment_id"},
    "recurring.create": {"recurring/recurring_id", "recurring/client/client_id"},
    "invoice.create": {"invoice/invoice_id"},
    "recurring.preview": {"recurring/recurring_id", "recurring/client/client_id"},
    "recurring.update": {"recurring/client/client_id"},
}

# Values that pass every check before a service is called.
SAMPLES = {
    "id": "1",
    "text": "x",
    "longText": "x",
    "uri": "https://loom.test",
    "decimal": "1",
    "percent": "1",
    "count": "1",
    "switch": "1",
    "date": "2031-01-01",
    "dateTime": "2031-01-01 00:00:00",
    "currency": "USD",
    "language": "en",
    "folder": "active",
    "frequency": "monthly",
    "lineType": "Item",
    "termsType": "estimate",
    "paging": "1",
    "month": "1",
    "year": "2031",
    "cardNumber": "4111111111111111",
    "lastFour": "1111",
    "cardType": "VISA",
    "cvv": "123",
    "yearlyDate": "01-31",
    "someDate": "2031-01-01",
    "week": "first",
    "weekday": "monday",
    "invoiceStatus": "draft",
    "sendReceipt": "once",
    "paymentType": "Check",
    "fileName": "x",
    "fileDescription": "x",
    "fileContent": "eA==",
    # By name, where the type does not say enough.
    "q2": "04-30",
    "q3": "07-31",
    "q4": "10-31",
}

# Of these a request holds one: each is tried in a document of its own.
ALTERNATIVES = (
    (("days",), ("week", "weekday"), ("dates", "buffer_days"), ("quarters",)),
    (("recurring_id",), ("recurring",)),
    (("recurring_id",), ("invoice_id",)),
    (("percent",), ("amount",)),
)


def declared(name: str) -> XsdElement:
    element = explainer(noun_of(name)).elements[name]
    assert isinstance(element, XsdElement)
    return element


def children(element: XsdElement) -> Iterator[XsdElement]:
    """Yield the children that a type declares, but for those it ignores."""
    content = getattr(element.type, "content", None)
    if isinstance(content, xmlschema.validators.XsdGroup):
        for child in content.iter_elements():
            if isinstance(child, XsdElement) and child.type.local_name != "ignored":
                yield child


def maximal(element: XsdElement) -> etree._Element:
    """Return an element with every child that its type declares."""
    made = etree.Element(element.local_name)
    inside = list(children(element))
    made.extend(maximal(child) for child in inside)
    if not inside:
        sample = SAMPLES.get(element.local_name)
        made.text = sample or SAMPLES.get(element.type.local_name or "")
    return made


def variants(document: etree._Element) -> Iterator[etree._Element]:
    """Yield the document with each choice of its alternatives."""
    for chosen in product(*ALTERNATIVES):
        variant = copy.deepcopy(document)
        for parent in list(variant.iter()):
            there = {str(child.tag) for child in parent}
            for groups, kept in zip(ALTERNATIVES, chosen, strict=True):
                present = [group for group in groups if there.issuperset(group)]
                left_out = {
                    n for g in present if kept in present and g != kept for n in g
                }
                for child in [each for each in parent if each.tag in left_out]:
                    parent.remove(child)
        yield variant


def wanted(element: XsdElement, path: str = "") -> Iterator[str]:
    """Yield the path of every element that a handler must ask for."""
    for child in children(element):
        place = f"{path}/{child.local_name}".lstrip("/")
        yield place
        yield from wanted(child, place)


@pytest.fixture(name="asked")
def asked_(monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """Provide what the readers made during the test were asked for, as paths."""
    readers: list[Reader] = []
    make = Reader.__init__

    def remember(self: Reader, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        readers.append(self)

    monkeypatch.setattr(Reader, "__init__", remember)

    def asked() -> set[str]:
        paths = set()
        for reader in readers:
            # A list's items are read where they are found, whatever their number.
            place = re.sub(r"\[\d+\]", "", reader.path)
            paths.add(place)
            paths.update(f"{place}/{name}".lstrip("/") for name in reader.asked)
        return paths

    return asked


@pytest.mark.parametrize("name", NAMES)
def test_every_element_that_a_request_declares_is_read(
    name: str, api: Api, asked: Callable[[], set[str]]
) -> None:
    api.create_profile("<lines><line><name>x</name></line></lines>")
    document = maximal(declared(name))
    document.tag = "request"
    document.set("method", name)

    for variant in variants(document):
        # As it is: an answer may be a file.
        api.client.post(PATH, data=etree.tostring(variant), headers=api.headers)

    assert set(wanted(declared(name))) - IDS_THAT_ARE_OURS.get(name, set()) <= asked()


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_a_type_for_request_and_answer(name: str) -> None:
    elements = explainer(noun_of(name)).elements
    assert name in elements
    assert f"{name}.response" in elements


@pytest.mark.parametrize("name", NAMES)
def test_every_method_says_what_it_does_and_how_sure_that_is(name: str) -> None:
    docstring = registry.METHODS[name].__doc__ or ""
    assert re.search(r"Source: (documented|observed|inferred)", docstring)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_a_request_file(name: str) -> None:
    assert (FIXTURES / "requests" / f"{name}.xml").is_file()


def test_every_schema_belongs_to_a_noun_that_has_methods() -> None:
    nouns = {noun_of(name) for name in NAMES} | {"common"}
    assert {path.stem for path in SCHEMAS.glob("*.xsd")} == nouns


def test_the_readme_has_the_table_of_methods() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    missing = [line for line in method_table() if line not in readme.splitlines()]
    assert not missing, "paste the output of 'perennial methods --markdown'"


def test_every_module_of_methods_is_listed() -> None:
    listed = {Path(module.__file__ or "").resolve() for module in methods.MODULES}
    registering = {
        path.resolve()
        for path in (ROOT / "app" / "api").rglob("*.py")
        if "\n@method(" in path.read_text("utf-8")
    }
    assert registering == listed


def test_a_name_cannot_be_registered_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        registry.method("client.get")(registry.METHODS["client.get"])


def leaves(kind: type[errors.ServiceError]) -> Iterator[type[errors.ServiceError]]:
    for child in kind.__subclasses__():
        yield child
        yield from leaves(child)


def test_every_error_has_a_row_in_the_table_of_faults() -> None:
    # Of those below a row of their own, the row above them tells.
    known = {
        error
        for error in leaves(errors.ServiceError)
        if error.__module__ == errors.__name__
    }
    assert known | {errors.UnavailableError} == set(FAULTS)


def test_codes_of_faults_say_what_they_are_about() -> None:
    for fault in (*FAULTS.values(), *HTTP_FAULTS.values()):
        assert 10000 <= fault.code < 60000
        assert fault.status in {200, 400, 401, 404, 405, 413, 415, 429, 500, 503}


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.NotFoundError("client"), "'client_id' not found. Client not found."),
        (errors.DeletedError("client"), "'client_id' not found. Client is deleted."),
        (
            errors.NotFoundError("billing_model"),
            "'billing_model_id' not found. Billing model not found.",
        ),
        (errors.MissingFieldError("x"), "Missing required field: 'x'."),
        (
            errors.InvalidValueError("x", "Use 1.", "lines/line[2]/x"),
            "Invalid value for field 'x'. Use 1. (at lines/line[2]/x)",
        ),
        (errors.UnknownMethodError("a.b"), "Method 'a.b' does not exist."),
        (errors.UnknownMethodError("<b>"), "Method '?' does not exist."),
        (
            errors.UnknownMethodError("a.4111111111111111"),
            "Method 'a....' does not exist.",
        ),
        (
            errors.RefusedError("delete", "client", "Request failed."),
            "Failed to delete client. Request failed.",
        ),
    ],
)
def test_wordings_are_those_that_clients_know(
    error: errors.ServiceError, text: str
) -> None:
    assert told(error).text == text
