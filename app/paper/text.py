"""Text that anybody may have written, made fit for paper.

Nothing is left out without a sign of it, but for what no font shows.
"""

import re
import unicodedata

# Longer names are cut: an address has to fit its window.
NAME_MAX = 200
# What a line end counts for where a text is measured in characters.
_LINE = 40
# Words of this length fit a line of any column, others may break after each part.
_WORD_MAX = 31
_PART = 16
# Marks on one letter and characters of one sign. Without these bounds a letter with
# thousands of accents takes the typesetter minutes.
_MARKS_MAX = 10
_SIGN_MAX = 64

_LINE_ENDS = re.compile("\r\n?|[\u0085\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_LONG_WORDS = re.compile(rf"\S{{{_WORD_MAX + 1},}}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# They turn round what stands behind them, also where that is ours.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Halves of pairs, and what will never be a character.
_BROKEN = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

_ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
_BREAK = "\N{ZERO WIDTH SPACE}"
# A joiner or virama holds the letters on both its sides together.
_JOINERS = frozenset("\u200d\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d")
# What no font shows, beside what Unicode calls marks and formats.
_FILLERS = frozenset("\u115f\u1160\u2065\u3164\uffa0")
_SUPPLEMENT = "\U000e0000"


def name(text: str, length: int = NAME_MAX) -> str:
    """Return a name as one line, with an ellipsis for what is too long."""
    return _breakable(cut(" ".join(_readable(text).split()), length))


def prose(text: str, length: int) -> str:
    """Return a longer text with its line ends, with an ellipsis if it is too long."""
    lines = _EMPTY_LINES.sub("\n\n", _readable(text).strip()).split("\n")
    fitting = max(1, length // _LINE)
    shown = cut("\n".join(lines[:fitting]), length)
    if len(lines) > fitting:
        shown += "\n" + _ELLIPSIS
    return _breakable(shown)


def cut(text: str, length: int) -> str:
    """Return the text, or as much of it as fits with an ellipsis."""
    if len(text) <= length:
        return text
    return text[: length - 1].rstrip() + _ELLIPSIS


def _readable(text: str) -> str:
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    if text.isascii():
        return text
    text = _OVERRIDES.sub("", text)
    return _bearable(_BROKEN.sub("\N{REPLACEMENT CHARACTER}", text))


def _bearable(text: str) -> str:
    """Return the text without the marks that are too many for one letter."""
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if _joins(char) else 0
        if marks <= _MARKS_MAX:
            kept.append(char)
    return "".join(kept)


def _breakable(text: str) -> str:
    """Return the text with places to break in words that may fit no line."""
    return _LONG_WORDS.sub(lambda word: _BREAK.join(_parts(word[0])), text)


def _parts(word: str) -> list[str]:
    parts, begin = [], 0
    for at in range(_PART, len(word)):
        length = at - begin
        if length >= _SIGN_MAX or (length >= _PART and _parts_at(word, at)):
            parts.append(word[begin:at])
            begin = at
    return [*parts, word[begin:]]


def _parts_at(word: str, at: int) -> bool:
    return not _joins(word[at]) and word[at - 1] not in _JOINERS


def _joins(char: str) -> bool:
    """Whether it is part of the letter before it, or not to be seen at all."""
    category = unicodedata.category(char)
    return (
        category.startswith("M")
        or category == "Cf"
        or char in _FILLERS
        or char >= _SUPPLEMENT
    )
