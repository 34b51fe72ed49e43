"""Changing a request as somebody would who knows the language, but not the rules."""

import random
import re
from collections.abc import Callable, Sequence
from copy import deepcopy

from lxml import etree

from app.api import dispatch
from app.api.methods import METHODS

NAMES = sorted(dispatch.known_names())
METHOD_NAMES = sorted(METHODS)

_NUMBERS = r"""
    0 1 2 3 00 01 -1 +1 1.5 .5 5. 1e9 1e-9 1e99 -0 0.000001 0.0000001 0.005 99.995 12 13
    999999999999 9999999999999 99999999999999999999 999999999999.999999 100 101 500 501
    2006 2031 NaN Infinity 1_0
""".split()
_DAYS = r"""
    2007-09-01 2007-09-21 2007-10-01 2007-02-29 2008-02-29 2999-12-31 3000-01-01
    1969-12-31 0000-00-00 9999-12-31 2007-09-01T10:00:00Z 2007-13-01 20070901
    2007-09-20+14:00 02-29 03-31 10-15 12-31 13-01 00-10 2-3 2007-09-20 2008-01-31
""".split()
_WORDS = r"""
    true false TRUE yes Item Time item active archived deleted
    weekly monthly yearly w 2w 4w m 2m 3m 6m y 2y CAD USD EUR JPY KWD cad XXX en fr
    es-419 4111111111111111 4222222222222 378282246310005 ************1111 Authorize.Net
    daily once never always draft sent first last fifth monday SUNDAY
    PayPal https://loom.test http:// ::date.year:: ::month:: &amp; ada@loom.test {0} %s
""".split()
# Digits, blanks and letters that only some programs take for such.
_FOREIGN = [
    *("\u0661", "\xb2", "\u200b", "\ufffd", "\U0001f600", "e\u0301", "\x85", "\xa0"),
]
_SHAPES = ["", " ", "\n", "\t1", "1 ", "x" * 255, "x" * 256, "9" * 18, "1" * 400]
_FREQUENCIES = [
    *("0 days", "1 days", "15 days", "4 weeks", "31 days", "9 months", "100 years"),
    *("1000000 years", "-1 days", "1.5 weeks", "2  months", "days", "3 fortnights"),
]
VALUES = [*_NUMBERS, *_DAYS, *_WORDS, *_FREQUENCIES, *_FOREIGN, *_SHAPES]

_NUMERIC = re.compile(
    r"(_id|percent|discount|occurrences|cost|quantity|month|year|page|day|days|every"
    r"|count)$"
)
_DATED = re.compile(r"date|_from|_to$|updated|^q[1-4]$")

_ENCODINGS = ("utf-8", "utf-16", "iso-8859-1", "us-ascii", "windows-1252")

# How often a value is chosen that has nothing to do with the name.
_ANY = 0.4

Change = Callable[[etree._Element, random.Random], None]


def mutated(body: bytes, chance: random.Random) -> bytes | None:
    """Return a request with one to three changes; None where there is no tree."""
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return None
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
        chance.choice(_CHANGES)(root, chance)
    encoding = chance.choice(_ENCODINGS) if chance.random() < 0.1 else "utf-8"
    return etree.tostring(root, encoding=encoding)


def _elements(root: etree._Element) -> Sequence[etree._Element]:
    return list(root.iter(etree.Element))


def _picked(root: etree._Element, chance: random.Random) -> etree._Element:
    return chance.choice(_elements(root))


def _new_text(root: etree._Element, chance: random.Random) -> None:
    leaves = [element for element in _elements(root) if not len(element)]
    leaf = chance.choice(leaves or [root])
    leaf.text = chance.choice(_values_for(str(leaf.tag), chance))


def _values_for(name: str, chance: random.Random) -> list[str]:
    """Return values that get past the first check more often than not."""
    if chance.random() < _ANY:
        return VALUES
    if _NUMERIC.search(name):
        return _NUMBERS
    if name == "frequency":
        return [*_FREQUENCIES, *_WORDS]
    return _DAYS if _DATED.search(name) else _WORDS


def _edited_text(root: etree._Element, chance: random.Random) -> None:
    element = _picked(root, chance)
    text = element.text or ""
    at = chance.randint(0, len(text))
    cut = chance.randint(0, 2)
    element.text = text[:at] + chance.choice(VALUES)[:20] + text[at + cut :]


def _new_child(root: etree._Element, chance: random.Random) -> None:
    parent = _picked(root, chance)
    child = etree.Element(chance.choice(NAMES))
    child.text = chance.choice(_values_for(str(child.tag), chance))
    parent.insert(chance.randint(0, len(parent)), child)


def _other_name(root: etree._Element, chance: random.Random) -> None:
    inside = _elements(root)[1:]
    if inside:
        chance.choice(inside).tag = chance.choice((*NAMES, "nope"))


def _gone(root: etree._Element, chance: random.Random) -> None:
    inside = _elements(root)[1:]
    if inside:
        element = chance.choice(inside)
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _twice(root: etree._Element, chance: random.Random) -> None:
    inside = _elements(root)[1:]
    if inside:
        target = _picked(root, chance)
        copied = deepcopy(chance.choice(inside))
        for _ in range(chance.choice((1, 1, 1, 2, 101))):
            target.append(deepcopy(copied))


def _other_method(root: etree._Element, chance: random.Random) -> None:
    root.set("method", chance.choice(METHOD_NAMES))


def _attribute(root: etree._Element, chance: random.Random) -> None:
    _picked(root, chance).set(chance.choice(NAMES), chance.choice(VALUES).strip())


def _comment(root: etree._Element, chance: random.Random) -> None:
    kind = chance.choice((etree.Comment("x"), etree.ProcessingInstruction("x", "y")))
    kind.tail = chance.choice(VALUES)[:20]
    _picked(root, chance).append(kind)


def _wrapped(root: etree._Element, chance: random.Random) -> None:
    inside = _elements(root)[1:]
    if inside:
        element = chance.choice(inside)
        inner = etree.Element(str(element.tag))
        inner.text = element.text
        inner.extend(list(element))
        element.text = None
        element.append(inner)


_CHANGES: tuple[Change, ...] = (
    *(_new_text,) * 7,
    *(_edited_text,) * 3,
    *(_new_child,) * 2,
    *(_gone, _twice, _other_method, _other_name, _attribute, _comment, _wrapped),
)
