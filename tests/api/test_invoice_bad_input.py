"""What invoice.create refuses, and that nothing of it is kept."""

import pytest

from tests import snapshot
from tests.conftest import Api
from tests.invoices import create, made, shown

DIGITS = "1" * 40


def line(name: str, text: str) -> str:
    return f"<lines><line><{name}>{text}</{name}></line></lines>"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        *(
            (line(name, text), name)
            for name in ("unit_cost", "quantity", "tax1_percent", "percent")
            for text in (DIGITS, "1e400", "NaN", "Infinity", "1,5", "0x10", "ten")
        ),
        (line("unit_cost", "0.0000001"), "unit_cost"),
        (line("start_date", "2026-13-01"), "start_date"),
        (line("type", "Thing"), "type"),
        (line("colour", "red"), "colour"),
        ("<discount>100.01</discount>", "discount"),
        ("<discount>-1</discount>", "discount"),
        ("<currency_code>XXX</currency_code>", "currency_code"),
        ("<default_tax_name>VAT</default_tax_name>", "default_tax_percent"),
        ("<default_tax_percent>5</default_tax_percent>", "default_tax_name"),
        ("<taxes><tax><name>VAT</name></tax></taxes>", "percent"),
        ("<taxes><tax><percent>5</percent></tax></taxes>", "name"),
        ("<taxes>VAT</taxes>", "taxes"),
        ("<status>open</status>", "status"),
        ("<date>2026-02-30</date>", "date"),
        ("<due_date>2026-03-01</due_date>", "due_date"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(
    api: Api, content: str, field: str
) -> None:
    client_id = api.create_client()
    before = snapshot.taken()
    answer = create(api, content, client_id)
    assert answer.code in ("40040", "40060")
    assert answer.field == field, answer.error
    after = snapshot.taken()
    for rows in (before, after):
        rows.pop("request_count", None)
    assert after == before


def test_a_legacy_tax_name_without_a_rate_is_kept(api: Api) -> None:
    made(api, line("tax1_name", "VAT"))
    assert shown(api, "lines/line/tax1_name") == "VAT"
    assert shown(api, "amount") == "0"


def test_more_decimals_than_the_currency_has_are_kept_and_rounded(api: Api) -> None:
    content = "<lines><line><unit_cost>0.333333</unit_cost><quantity>1</quantity>"
    made(api, f"{content}</line></lines>")
    assert shown(api, "lines/line/unit_cost") == "0.333333"
    assert shown(api, "amount") == "0.33"
