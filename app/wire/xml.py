"""From bytes to a tree that is safe to look at, and from values to bytes.

Requests are parsed by expat, which refuses what nobody here needs (document types,
entities, foreign encodings, deep nesting, names that no method knows) before anything
is built, and hands over what is left to lxml as elements. So only names of ours ever
reach libxml2, which keeps each name that it meets for the life of the process; and
there are no two parsers that could disagree about a document.
"""

import re
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import NamedTuple, TypeAlias
from xml.parsers import expat

from lxml import etree

from app.domain.errors import (
    InvalidValueError,
    MalformedError,
    UnknownElementError,
    UnknownMethodError,
)

DEPTH_MAX = 12
ELEMENTS_MAX = 20_000
ATTRIBUTES_MAX = 16
# The longest list that any schema allows, and room for one too many to be told of.
CHILDREN_MAX = 512

_ENCODINGS = frozenset(
    """
    UTF-8 UTF8 US-ASCII ASCII UTF-16 UTF-16LE UTF-16BE ISO-8859-1 WINDOWS-1252
    """.split()
)
# Two clients' list wrappers come once for each of their elements; one client wraps its
# auto-bill structure twice, and sends the expiry in two pieces. Source: observed.
_MERGED = frozenset({"lines", "contacts", "expiration"})
_DOUBLED = frozenset({"autobill"})
# Read-only structures that two clients send back with their attributes as children.
# Source: observed.
_OPAQUE = frozenset({"auth_url", "credit", "credits", "links", "notifications", "url"})

_WHITE_SPACE = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
# LookupError: an encoding that Python does not know. ValueError: characters that no XML
# document may hold.
_UNREADABLE = (expat.ExpatError, LookupError, ValueError)
# Written without its hyphen, expat does not know the name.
_UTF8 = re.compile(
    rb"""(\xef\xbb\xbf)?<\?xml[^>]{0,80}encoding\s*=\s*["']utf8["']""", re.IGNORECASE
)


class Document(NamedTuple):
    """A request as it came: the method it names, and its root element.

    `pruned` are the elements that something was left out of: they are not empty, even
    if nothing is left in them.
    """

    method: str
    root: etree._Element
    pruned: set[etree._Element]


def parse(
    body: bytes,
    methods: Container[str],
    known: frozenset[str],
    *,
    ignore_unknown: bool,
) -> Document:
    """Parse a request for one of `methods`, without namespaces and attributes.

    Elements that `known` does not name are refused, or left out with everything in
    them if `ignore_unknown`.

    Raises: MalformedError, UnknownMethodError, UnknownElementError.
    """
    builder = _Builder(methods, known, ignore_unknown=ignore_unknown)
    body = _trimmed(body)
    parser = _parser(body, builder.start)
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(body, True)  # noqa: FBT003
    except _UNREADABLE as error:
        raise MalformedError from error
    if builder.root is None:
        raise MalformedError
    return Document(builder.method, builder.root, builder.pruned)


def method_of(beginning: bytes) -> str:
    """Return the method that a document names which begins so; empty if it does not.

    It is read as `parse` reads it, so that the two never differ.
    """
    methods: list[str] = []

    def start(name: str, attributes: list[str]) -> None:
        methods.append(_method(name, attributes))
        raise MalformedError  # that is enough

    body = _trimmed(beginning)
    with suppress(MalformedError, *_UNREADABLE):
        _parser(body, start).Parse(body)
    return methods[0] if methods else ""


def _trimmed(body: bytes) -> bytes:
    """Return a document without what some clients put before it."""
    body = body.lstrip(_WHITE_SPACE)
    if body.startswith(_BOM):
        return _BOM + body.removeprefix(_BOM).lstrip(_WHITE_SPACE)
    return body


def _parser(
    body: bytes, start: Callable[[str, list[str]], None]
) -> expat.XMLParserType:
    parser = expat.ParserCreate("UTF-8" if _UTF8.match(body) else None)
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.XmlDeclHandler = _declaration
    parser.StartDoctypeDeclHandler = _doctype
    parser.StartElementHandler = start
    return parser


def _declaration(_version: str, encoding: str | None, _alone: int) -> None:
    if encoding is not None and encoding.upper() not in _ENCODINGS:
        raise MalformedError


def _doctype(*_: object) -> None:
    raise MalformedError


def _method(qualified: str, attributes: list[str]) -> str:
    """Return the method that the root element of a request names.

    Raises: MalformedError.
    """
    named = dict(zip(attributes[::2], attributes[1::2], strict=True))
    method = named.get("method", "").strip()
    if qualified.rpartition(":")[2] != "request" or not method:
        raise MalformedError
    return method


class _Builder:
    """Builds the tree of a request from expat's events."""

    def __init__(
        self, methods: Container[str], known: frozenset[str], *, ignore_unknown: bool
    ) -> None:
        self.method = ""
        self._methods = methods
        self.root: etree._Element | None = None
        self.pruned: set[etree._Element] = set()
        self._known = known
        self._ignore_unknown = ignore_unknown
        self._open: list[etree._Element] = []
        self._texts: list[list[str]] = []
        self._count = 0
        self._skipped = 0

    def start(self, qualified: str, attributes: list[str]) -> None:
        self._count += 1
        too_deep = len(self._open) + self._skipped >= DEPTH_MAX
        too_many = self._count > ELEMENTS_MAX or len(attributes) > 2 * ATTRIBUTES_MAX
        if too_deep or too_many:
            raise MalformedError
        if self._skipped:
            self._skipped += 1
            return
        name = qualified.rpartition(":")[2]
        if self._open and self._open[-1].tag in _OPAQUE:
            self._skipped = 1
        elif not self._open:
            self._begin(qualified, attributes)
        elif name in self._known:
            self._push(name)
        elif self._ignore_unknown:
            self._skipped = 1
            self.pruned.add(self._open[-1])
        else:
            raise UnknownElementError(name, self._path(name))

    def end(self, _qualified: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        element = self._open.pop()
        text = "".join(self._texts.pop())
        # White space between elements is layout; in an element of its own it is text.
        if text and not (text.isspace() and (len(element) or not self._open)):
            element.text = (element.text or "") + text

    def text(self, data: str) -> None:
        if not self._skipped and self._texts:
            self._texts[-1].append(data)

    def _begin(self, qualified: str, attributes: list[str]) -> None:
        self.method = _method(qualified, attributes)
        if self.method not in self._methods:
            raise UnknownMethodError(self.method)
        self.root = etree.Element("request")
        self._enter(self.root)

    def _push(self, name: str) -> None:
        parent = self._open[-1]
        if name in _MERGED and (former := parent.find(name)) is not None:
            self._enter(former)
        elif name in _DOUBLED and parent.tag == name:
            self._enter(parent)
        elif len(parent) >= CHILDREN_MAX:
            # Explaining thousands of these would take longer than anybody waits.
            raise InvalidValueError(
                name, "It is given more often than is allowed.", self._path(name)
            )
        else:
            self._enter(etree.SubElement(parent, name))

    def _enter(self, element: etree._Element) -> None:
        self._open.append(element)
        self._texts.append([])

    def _path(self, name: str) -> str:
        return "/".join((*(str(element.tag) for element in self._open[1:]), name))


# An element of an answer: its name, its text or its children in order, and its
# attributes as they are written, with a space before each. A plain tuple, because a
# list has thousands of them.
Node: TypeAlias = "tuple[str, str | Sequence[Node], str]"


def without(root: etree._Element, name: str) -> bytes:
    """Return a document as bytes, elements of a name being empty."""
    shown = deepcopy(root)
    for element in shown.iter(name):
        element.text = None
    return etree.tostring(shown)


def node(name: str, content: str | Sequence[Node], attributes: str = "") -> Node:
    """Return an element of an answer."""
    return (name, content, attributes)


_ESCAPED = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    # A bare one would be read back as a line feed.
    "\r": "&#13;",
}
# What must be escaped, and what no XML document may hold: all but the plain ones.
_SPECIAL = re.compile("[^\t\n\x20-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(text: str) -> str:
    """Return a text as it may stand in an element or attribute.

    Characters that XML cannot hold become U+FFFD; requests cannot bring them in, but
    other ways may, and one of them must not make a whole list unreadable.
    """
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _ESCAPED.get(found[0], "\ufffd"), text)


def written(nodes: Sequence[Node], indent: str = "  ") -> str:
    """Return elements as text, one a line, as the service laid them out.

    Empty texts are `<x></x>`, empty containers `<x/>`. Source: observed.
    """
    parts: list[str] = []
    _write(nodes, indent, parts)
    return "".join(parts)


def _write(nodes: Sequence[Node], indent: str, parts: list[str]) -> None:
    for name, content, attributes in nodes:
        if isinstance(content, str):
            # Most texts of an answer are empty, and most others plain.
            text = escaped(content) if content else ""
            parts.append(f"{indent}<{name}{attributes}>{text}</{name}>\n")
        elif content:
            parts.append(f"{indent}<{name}{attributes}>\n")
            _write(content, indent + "  ", parts)
            parts.append(f"{indent}</{name}>\n")
        else:
            parts.append(f"{indent}<{name}{attributes}/>\n")
