"""docs/money.md: its requests are posted, and come to what stands below them."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

from app.domain.variables import filled
from tests.conftest import Api

PAGE = (Path(__file__).parents[2] / "docs" / "money.md").read_text("utf-8")
# A request, and the text up to the next one.
EXAMPLE = re.compile(r"```xml\n(.*?)```\n(.*?)(?=```|\Z)", re.DOTALL)
AMOUNT = re.compile(r"\*\*([0-9]+(?:\.[0-9]+)?)\*\*")


def test_each_example_comes_to_the_amounts_below_it(api: Api) -> None:
    api.create_client()
    found = EXAMPLE.findall(PAGE)
    told = 0
    for request, text in found:
        answer = api.post(request)
        assert answer.ok, (request, answer.error)
        wanted = list(map(Decimal, AMOUNT.findall(text)))
        name = "received" if "report" in request else "amount"
        assert list(map(Decimal, answer.all(name))) == wanted, request
        told += len(wanted)
    assert (len(found), told) == (8, 7)


def test_words_read_as_the_page_says() -> None:
    rows = re.findall(r"^\| `(::.*?::)` \| (.*?) \|$", PAGE, re.MULTILINE)
    day = date(2027, 1, 31)
    assert len(rows) == 4
    assert [filled(written, day, "en") for written, _ in rows] == [t for _, t in rows]
    said = re.search(r"`(::month-1:: ::year::)` reads (.*?)\.", PAGE)
    assert said is not None
    assert filled(said[1], day, "en") == said[2]
