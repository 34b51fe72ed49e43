"""Validation of requests against the XSD files in `schemas/`, one for each noun.

lxml validates every request; xmlschema, a hundred times slower, is asked only why a
document was refused, and which element names exist. Validators of lxml mix up their
errors when threads share them, so each thread has its own.
"""

import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import xmlschema
from lxml import etree
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XMLSchemaValidationError,
    XsdElement,
    XsdGroup,
)

from app.domain.errors import (
    InvalidValueError,
    MissingFieldError,
    ServiceError,
    UnknownElementError,
)
from app.wire.xml import Document

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"

_COMMON = "common"

_local = threading.local()
# Explaining is rare and slow, and one thread at a time will do.
_explaining = threading.Lock()

# Why a simple type refused a value, in our own words: a library's would quote it.
_REASONS = {
    "id": "An id is a number of at most 18 digits.",
    "text": "At most 255 characters are allowed.",
    "longText": "At most 65535 characters are allowed.",
    "uri": "Use an absolute http or https URI of at most 2048 characters.",
    "decimal": "Use a plain number of at most 12 digits before the point.",
    "percent": "Use a plain number of at most 3 digits before the point.",
    "count": "Use a whole number from 0.",
    "switch": "Use 1 or 0.",
    "date": "Use YYYY-MM-DD.",
    "dateTime": "Use YYYY-MM-DD HH:MM:SS.",
    "language": "Use a code such as en or es-419.",
    "fileName": "At most 1024 characters are allowed.",
    "fileDescription": "At most 52 characters are allowed.",
    "folder": "Use active, archived or deleted.",
    "lineType": "Use Item or Time.",
    "termsType": "Use invoice, estimate or credit.",
    "yearlyDate": "Use MM-DD.",
    "someDate": "Use MM-DD or YYYY-MM-DD.",
    "week": "Use first, second, third, fourth or last.",
    "weekday": "Use monday to sunday.",
    "invoiceStatus": "Use sent or draft.",
    "sendReceipt": "Use always, once or never.",
    "intervalLabel": "Use Days, Weeks, Months or Years.",
    "dayType": "Use Day, Week or Month.",
    "timeZone": "Use a name like Europe/Berlin.",
    "month": "Use 1 to 12.",
    "year": "Use four digits.",
    "cardNumber": "This is not a valid card number.",
    "lastFour": "Use the last four digits of the card.",
    "cardType": "Use VISA, MASTERCARD, AMEX, DISCOVER, DINERS or JCB.",
    "cvv": "Use the three or four digits of the card.",
}


def known_names(nouns: tuple[str, ...]) -> frozenset[str]:
    """Return every element name that a request of these nouns may hold.

    xmlschema goes through the components of a file, not of the files it includes.
    """
    return frozenset(
        component.local_name
        for noun in (*nouns, _COMMON)
        for component in _explainer(noun).iter_components(XsdElement)
        if isinstance(component, XsdElement)
    )


def validate(document: Document, *, ignore_unknown: bool) -> None:
    """Validate a request against the type of its method.

    With `ignore_unknown`, elements that the type does not declare are taken out of the
    tree instead of being refused; what they were in counts as pruned.

    Raises: MissingFieldError, InvalidValueError, UnknownElementError.
    """
    root = document.root
    root.tag = document.method
    noun = noun_of(document.method)
    if _validator(noun).validate(root):
        return
    with _explaining:
        if ignore_unknown:
            _drop_unknown(document, noun)
            if _validator(noun).validate(root):
                return
        raise _explained(root, noun)


def noun_of(method: str) -> str:
    """Return the noun of a method: what stands before its first dot."""
    return method.partition(".")[0]


def _validator(noun: str) -> etree.XMLSchema:
    validators: dict[str, etree.XMLSchema] = _local.__dict__.setdefault(
        "validators", {}
    )
    if noun not in validators:
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        path = SCHEMAS / f"{noun}.xsd"
        validators[noun] = etree.XMLSchema(etree.parse(path, parser))
    return validators[noun]


@cache
def _explainer(noun: str) -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(
        SCHEMAS / f"{noun}.xsd", defuse="always", allow="local"
    )


def _errors(root: etree._Element, noun: str) -> Iterator[XMLSchemaValidationError]:
    # xmlschema takes lxml's elements; its stubs know only the standard library's.
    element: Any = root
    return _explainer(noun).iter_errors(element)


def _drop_unknown(document: Document, noun: str) -> None:
    """Take every element out of the tree that its parent's type does not declare."""
    # Not while the errors are still being looked for.
    for error in list(_errors(document.root, noun)):
        if isinstance(error, XMLSchemaChildrenValidationError):
            parent: Any = error.elem
            declared = _declared(error)
            for child in list(parent):
                if child.tag not in declared:
                    parent.remove(child)
                    document.pruned.add(parent)


def _explained(root: etree._Element, noun: str) -> ServiceError:
    """Return the first thing that is wrong with a document, in document order."""
    for error in _errors(root, noun):
        if isinstance(error, XMLSchemaChildrenValidationError):
            return _of_children(error, _below_root(error.path or ""))
        return _at(error.path or "", _reason(error))
    # xmlschema takes more characters for white space than XML does. Only the place is
    # taken from lxml, as its message quotes the value.
    log = _validator(noun).error_log
    return _at(str(log[0].path) if len(log) else "", "This value is not allowed here.")


def _at(place: str, reason: str) -> InvalidValueError:
    path = _below_root(place)
    field = path.rpartition("/")[2].partition("[")[0]
    return InvalidValueError(field or "request", reason, path)


def _below_root(path: str) -> str:
    return "/".join(path.split("/")[2:])


def _of_children(error: XMLSchemaChildrenValidationError, path: str) -> ServiceError:
    found = error.invalid_tag
    if found is None:
        # The name may be that of one of several missing children; any will do.
        expected = [child.local_name for child in error.expected or ()]
        return MissingFieldError((expected and expected[0]) or "request")
    place = f"{path}/{found}" if path else found
    if found in _declared(error):
        return InvalidValueError(
            found, "It is given more often than is allowed.", place
        )
    return UnknownElementError(found, place)


def _declared(error: XMLSchemaChildrenValidationError) -> frozenset[str]:
    group = error.validator
    if not isinstance(group, XsdGroup):
        return frozenset()
    return frozenset(
        child.local_name
        for child in group.iter_elements()
        if isinstance(child, XsdElement)
    )


def _reason(error: XMLSchemaValidationError) -> str:
    elem = error.elem
    if elem is not None and len(elem):
        return "This holds elements where text is expected, or both."
    facet_of = getattr(error.validator, "parent", None)
    name = getattr(facet_of, "local_name", None) or ""
    return _REASONS.get(name, "This value is not allowed here.")
