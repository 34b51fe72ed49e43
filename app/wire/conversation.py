"""Conversations: recorded requests, and the answers they must get.

In a recorded answer `{{name}}` stands for a value that differs from run to run: where
it comes first it takes what is there, from then on it means that value, in requests
too. `{{*}}` stands for anything, and `{{today}}` is the account's date. Answers are
compared as documents: element by element in order, layout aside. A recorded `%PDF-`
stands for any PDF.
"""

import re
from difflib import unified_diff

from lxml import etree

from app.wire.xml import Node, node, written

_PDF = "%PDF-"
_NAMED = re.compile(r"\{\{(\*|[a-z][a-z0-9_]*)\}\}")


class NotXmlError(ValueError):
    """A recorded or given answer is no XML document."""


def filled_in(text: str, names: dict[str, str]) -> str:
    """Return a recorded request with its named values filled in.

    Raises: KeyError for a name that no answer has given a value yet.
    """
    return _NAMED.sub(lambda found: names[found[1]], text)


def difference(recorded: str, answered: bytes, names: dict[str, str]) -> list[str]:
    """Return how an answer differs from the recorded one, as lines of a diff.

    Names that stand in the recorded answer for the first time are added to `names`.

    Raises: NotXmlError.
    """
    if recorded.startswith(_PDF):
        return (
            []
            if _is_pdf(answered)
            else ["recorded a PDF, answered:", *_lines(answered)]
        )
    wanted = _lines(recorded.encode())
    got = _lines(answered)
    shown = []
    for number, line in enumerate(wanted):
        other = got[number] if number < len(got) else None
        found = None if other is None else _pattern(line, names).fullmatch(other)
        if found is None or other is None:
            shown.append(_NAMED.sub(lambda name: names.get(name[1], name[0]), line))
        else:
            names.update(found.groupdict())
            shown.append(other)
    if shown == got:
        return []
    return list(unified_diff(shown, got, "recorded", "answered", lineterm="", n=2))


def succeeded(answered: bytes) -> bool:
    """Whether an answer says that its request was carried out.

    Raises: NotXmlError.
    """
    return _is_pdf(answered) or _root(answered).get("status") == "ok"


def value(answered: bytes, name: str) -> str | None:
    """Return the text of the first element of a name in an answer.

    Raises: NotXmlError.
    """
    return next((e.text for e in _root(answered).iter("{*}" + name)), None)


def _is_pdf(answered: bytes) -> bool:
    return answered.startswith(_PDF.encode())


def _pattern(line: str, names: dict[str, str]) -> re.Pattern[str]:
    parts = []
    end = 0
    seen: set[str] = set()
    for found in _NAMED.finditer(line):
        name = found[1]
        parts.append(re.escape(line[end : found.start()]))
        if name in names:
            parts.append(re.escape(names[name]))
        elif name == "*":
            parts.append(".*?")
        else:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
            seen.add(name)
        end = found.end()
    parts.append(re.escape(line[end:]))
    return re.compile("".join(parts), re.DOTALL)


def _lines(document: bytes) -> list[str]:
    return written([_node(_root(document))], "").splitlines()


def _root(document: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXmlError from error


def _node(element: etree._Element) -> Node:
    name = etree.QName(element)
    attributes = {key: str(text) for key, text in element.attrib.items()}
    if element.getparent() is None and name.namespace:
        attributes = {"xmlns": name.namespace, **attributes}
    content: str | list[Node] = [_node(child) for child in element] or (
        element.text or ""
    )
    if isinstance(content, str) and content.isspace():
        content = ""
    written_attributes = "".join(f' {key}="{attributes[key]}"' for key in attributes)
    return node(name.localname, content, written_attributes)
