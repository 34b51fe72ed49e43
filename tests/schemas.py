"""The second opinion: answers against their types, by lxml and by xmlschema."""

import threading
from functools import cache
from pathlib import Path

import xmlschema
from lxml import etree

from app.wire.schema import SCHEMAS, noun_of

FIXTURES = Path(__file__).parents[1] / "fixtures"
_lock = threading.Lock()


@cache
def explainer(noun: str) -> xmlschema.XMLSchema10:
    """Return the noun's schema as xmlschema knows it."""
    return xmlschema.XMLSchema10(SCHEMAS / f"{noun}.xsd")


@cache
def validator(noun: str) -> etree.XMLSchema:
    """Return the noun's schema as lxml knows it."""
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{noun}.xsd"))


def check_answer(method: str, document: bytes) -> None:
    """Prove that a successful answer has exactly the shape of its type."""
    root = etree.fromstring(document)
    for element in root.iter():
        element.tag = etree.QName(element).localname
    etree.cleanup_namespaces(root)
    root.attrib.pop("status")
    root.tag = f"{method}.response"
    plain = etree.fromstring(etree.tostring(root))
    if not len(plain):
        plain.text = None
    with _lock:
        schema = validator(noun_of(method))
        assert schema.validate(plain), schema.error_log
