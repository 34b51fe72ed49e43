"""Text that anybody may have written, made fit for paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.paper import text

BREAK = "\N{ZERO WIDTH SPACE}"


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("  Ada \t Harbour\n& Sons ", "Ada Harbour & Sons"),
        ("a\x00b\x1bc\x7fd\x85e", "abcd e"),
        ("x\u202ey\u2066z", "xyz"),
        ("half \udc00", "half \N{REPLACEMENT CHARACTER}"),
        ("e" + "\u0301" * 50 + "x", "e" + "\u0301" * 10 + "x"),
        ("1\u0338\n", "1\u0338"),
        ("", ""),
    ],
)
def test_a_name_is_one_readable_line(written: str, printed: str) -> None:
    assert text.name(written) == printed


def test_a_name_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert text.name("ab " * 100, 6) == "ab ab…"
    assert text.name("ab ab", 5) == "ab ab"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u0085"])
def test_prose_keeps_its_lines(end: str) -> None:
    assert text.prose(f"one{end}two{end}", 100) == "one\ntwo"


def test_prose_has_one_empty_line_for_several() -> None:
    assert text.prose("one\n\n \n\t\n\ntwo", 1_000) == "one\n\ntwo"


def test_prose_of_too_many_lines_ends_in_an_ellipsis() -> None:
    assert text.prose("a\n" * 10, 120) == "a\na\na\n…"


def test_words_that_fit_a_line_are_left_whole() -> None:
    assert text.prose("w" * 31, 100) == "w" * 31


def test_words_that_fit_no_line_may_break() -> None:
    assert text.prose("w" * 40, 100) == BREAK.join(["w" * 16, "w" * 16, "w" * 8])


def test_words_break_before_a_letter_not_before_its_accent() -> None:
    word = "w" * 15 + "e\u0301" + "w" * 30
    assert text.name(word).split(BREAK)[0] == "w" * 15 + "e\u0301"


def test_words_do_not_break_where_letters_are_joined() -> None:
    word = "क" * 15 + "\u0915\u094d\u0937" + "क" * 30
    assert text.name(word).split(BREAK)[0] == "क" * 15 + "\u0915\u094d\u0937"


@given(st.text(st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Cn", "M"))))
def test_nothing_that_can_be_seen_is_left_out(written: str) -> None:
    printed = text.prose(written, 1_000_000).replace(BREAK, "")
    fillers = dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0"))
    seen = written.translate(fillers)
    assert printed.translate(fillers).split() == seen.split()


@given(st.text(), st.integers(1, 400))
def test_prose_is_as_long_as_it_may_be(written: str, length: int) -> None:
    printed = text.prose(written, length).replace(BREAK, "")
    assert len(printed) <= length + len("\n…")
