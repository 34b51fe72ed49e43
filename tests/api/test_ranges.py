"""Lines that count for a while, on a clock: what is billed, told, and refused."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.engine import run
from app.services.ports import Ports
from tests.conftest import ON_SQLITE, Answer, Api, Clock

CENTURIES = (
    "<frequency>daily</frequency><lines><line><name>x</name><unit_cost>5</unit_cost>"
    "<quantity>1</quantity><start_date>2507-09-01</start_date></line></lines>"
)


def line(name: str, cost: str, start: str = "", end: str = "") -> str:
    return (
        f"<line><name>{name}</name><unit_cost>{cost}</unit_cost><quantity>1</quantity>"
        f"<start_date>{start}</start_date><end_date>{end}</end_date></line>"
    )


def lines(*of: str) -> str:
    return f"<lines>{''.join(of)}</lines>"


def do(api: Api, verb: str, recurring_id: int, content: str = "") -> Answer:
    named = f"<recurring_id>{recurring_id}</recurring_id>{content}"
    return api.call(f"recurring.{verb}", named)


def invoices(api: Api, recurring_id: int) -> list[tuple[str, str]]:
    """Return date and amount of a profile's invoices, the oldest first."""
    answer = api.call(
        "invoice.list",
        f"<recurring_id>{recurring_id}</recurring_id><per_page>100</per_page>",
    )
    dates = answer.all("date")
    amounts = answer.all("amount_outstanding")
    return list(zip(dates, amounts, strict=True))[::-1]


def lines_of_invoice(api: Api, invoice_id: int) -> list[str]:
    answer = api.call("invoice.get", f"<invoice_id>{invoice_id}</invoice_id>")
    return answer.all("name")


def told(api: Api, recurring_id: int) -> list[str]:
    return do(api, "history", recurring_id).all("what")[::-1]


def test_invoices_carry_the_lines_that_count_and_no_others(clocked: Api) -> None:
    recurring_id = clocked.create_profile(
        lines(
            line("Rent", "50"),
            line("Promotion", "-10", end="2007-11-01"),
            line("Heating", "20", "2007-11-01", "2007-12-01"),
        )
    )
    preview = do(clocked, "preview", recurring_id, "<count>4</count>")
    clocked.call("clock.set", "<date>2008-01-01</date>")
    expected = [
        ("2007-09-01", "40"),
        ("2007-10-01", "40"),
        ("2007-11-01", "60"),
        ("2007-12-01", "70"),
        ("2008-01-01", "50"),
    ]
    assert invoices(clocked, recurring_id) == expected
    previewed = list(zip(preview.all("date"), preview.all("amount"), strict=True))
    assert previewed == expected[1:]
    names = [lines_of_invoice(clocked, number) for number in range(1, 6)]
    assert names == [
        ["Rent", "Promotion"],
        ["Rent", "Promotion"],
        ["Rent", "Promotion", "Heating"],
        ["Rent", "Heating"],
        ["Rent"],
    ]


def test_a_date_without_a_line_makes_no_invoice_and_uses_no_occurrence(
    clocked: Api,
) -> None:
    recurring_id = clocked.create_profile(
        "<date>2007-09-02</date><occurrences>2</occurrences>"
        + lines(line("Rent", "50", "2007-11-15"))
    )
    clocked.call("clock.set", "<date>2007-11-20</date>")
    assert invoices(clocked, recurring_id) == []
    assert told(clocked, recurring_id) == ["create"] + ["nothingDue"] * 3
    changes = do(clocked, "history", recurring_id)
    assert changes.all("field")[0] == "next_issue_date"
    assert changes.all("old")[0] == "2007-11-02"
    shown = do(clocked, "get", recurring_id, "<details>1</details>")
    assert shown.text("recurring/occurrences_to_date") == "0"
    assert shown.text("recurring/next_issue_date") == "2007-12-02"
    clocked.call("clock.set", "<date>2008-03-01</date>")
    assert [on for on, _ in invoices(clocked, recurring_id)] == [
        "2007-12-02",
        "2008-01-02",
    ]
    assert told(clocked, recurring_id)[4:] == ["complete"]


def test_a_new_profile_tells_that_nothing_is_due_today(clocked: Api) -> None:
    later = lines(line("Rent", "50", "2007-10-01"))
    answer = clocked.create(later)
    assert (answer.ok, answer.text("invoice_id")) == (True, None)
    assert told(clocked, 1) == ["create", "nothingDue"]
    assert do(clocked, "history", 1).all("username")[0] == ""
    clocked.create_profile(f"<date>2007-10-01</date>{later}")
    assert told(clocked, 2) == ["create"]
    clocked.create_profile(lines(line("Rent", "50")))
    assert told(clocked, 3) == ["create"]


def test_a_profile_whose_lines_have_all_ended_bills_no_more(clocked: Api) -> None:
    recurring_id = clocked.create_profile(lines(line("Rent", "50", end="2007-10-01")))
    assert do(clocked, "preview", recurring_id).all("date") == ["2007-10-01"]
    clocked.call("clock.set", "<date>2008-01-15</date>")
    assert [on for on, _ in invoices(clocked, recurring_id)] == [
        "2007-09-01",
        "2007-10-01",
    ]
    assert told(clocked, recurring_id) == ["create"] + ["nothingDue"] * 3
    assert do(clocked, "preview", recurring_id).all("date") == []
    shown = do(clocked, "get", recurring_id, "<details>1</details>")
    assert shown.text("recurring/state") == "active"
    assert shown.text("recurring/next_issue_date") == ""
    for verb in ("skip", "billNow"):
        answer = do(clocked, verb, recurring_id)
        assert answer.code == "50020", verb
        assert "counts" in answer.error
    # With another line it goes on.
    assert do(clocked, "lines.add", recurring_id, lines(line("Rent", "55"))).ok
    assert do(clocked, "preview", recurring_id).all("date")[0] == "2008-02-01"


def test_a_worker_that_was_down_passes_empty_dates_and_bills_the_others(
    api: Api, ports: Ports, clock: Clock
) -> None:
    recurring_id = api.create_profile(
        "<date>2026-03-03</date><frequency>weekly</frequency>"
        + lines(
            line("First", "5", end="2026-03-10"),
            line("Second", "7", "2026-04-01", "2026-04-10"),
        )
    )
    clock.now += timedelta(days=60)
    report = run.run(ports)
    assert report.issued == 3
    assert invoices(api, recurring_id) == [
        ("2026-03-03", "5"),
        ("2026-03-10", "5"),
        ("2026-04-07", "7"),
    ]
    assert told(api, recurring_id).count("nothingDue") == 6
    assert run.run(ports).issued == 0


def test_a_request_after_an_outage_passes_empty_dates_first(
    api: Api, clock: Clock
) -> None:
    recurring_id = api.create_profile(
        "<date>2026-03-03</date><frequency>weekly</frequency>"
        + lines(line("First", "5", "2026-03-20"))
    )
    clock.now += timedelta(days=30)
    assert api.update(recurring_id, "<notes>x</notes>").ok
    assert [on for on, _ in invoices(api, recurring_id)] == [
        "2026-03-24",
        "2026-03-31",
    ]
    assert told(api, recurring_id) == ["create", *["nothingDue"] * 3, "update"]


def test_a_date_is_skipped_that_would_have_billed(clocked: Api) -> None:
    recurring_id = clocked.create_profile(
        "<date>2007-09-02</date>" + lines(line("Rent", "50", "2007-11-15"))
    )
    answer = do(clocked, "skip", recurring_id)
    assert answer.text("next_issue_date") == "2008-01-02"
    refused = do(clocked, "changeDate", recurring_id, "<date>2007-10-10</date>")
    assert (refused.code, refused.field) == ("40060", "date")


@ON_SQLITE
def test_centuries_without_a_line_are_previewed_at_once(clocked: Api) -> None:
    recurring_id = clocked.create_profile(CENTURIES)
    from_on = "<date_from>2300-01-01</date_from>"
    for asked in (
        f"<recurring_id>{recurring_id}</recurring_id>",
        f"<recurring>{CENTURIES}</recurring>",
        f"<recurring>{CENTURIES}</recurring>{from_on}",
        f"<recurring>{CENTURIES}<occurrences>9</occurrences></recurring>{from_on}",
    ):
        answer = clocked.call("recurring.preview", f"{asked}<count>100</count>")
        dates = answer.all("date")
        assert dates[0] == "2507-09-01"
        assert len(dates) == (9 if "occurrences" in asked else 100)
    assert do(clocked, "get", recurring_id).text("recurring/amount") == "5"


# At creation.


def test_a_first_day_without_a_line_makes_no_invoice(clocked: Api) -> None:
    answer = clocked.create(lines(line("Rent", "50", "2007-10-01")))
    assert answer.names("") == ["recurring_id"]
    assert do(clocked, "preview", 1).all("date")[0] == "2007-10-01"


def test_what_no_line_counts_for_cannot_be_billed_at_creation(clocked: Api) -> None:
    now = "<schedule><bill_now>1</bill_now></schedule>"
    content = now + lines(line("Rent", "50", "2007-10-01"))
    for answer in (
        clocked.create(content),
        clocked.call("recurring.preview", f"<recurring>{content}</recurring>"),
    ):
        assert (answer.code, answer.field) == ("40060", "bill_now")
    assert clocked.call("recurring.list").all("recurring_id") == []


@pytest.mark.parametrize(
    ("amount", "quantity", "field"),
    [("55", "1", None), ("55.00", "1.0", None), ("5", "1", "recurring_amount"),
     ("55", "2", "quantity"), ("", "", None)],
)  # fmt: skip
def test_sums_at_creation_are_those_of_the_first_invoice(
    clocked: Api, amount: str, quantity: str, field: str | None
) -> None:
    late = "<start_date>2007-12-01</start_date>"
    fee = f"<line><percent>10</percent>{late}</line>"
    answer = clocked.create(
        f"<totals><recurring_amount>{amount}</recurring_amount><quantity>{quantity}"
        f"</quantity></totals>{lines(line('Rent', '50', '2007-12-01'), fee)}"
    )
    assert answer.ok == (field is None)
    assert answer.field == field


# What is refused.

WORDS = ["9" * 40, "1e400", "NaN", "1,5", "-Infinity", "0x10", "1_000", "٣", "1e13"]
PLACES = {
    "unit_cost": "<lines><line><unit_cost>{}</unit_cost></line></lines>",
    "quantity": "<lines><line><quantity>{}</quantity></line></lines>",
    "percent": "<lines><line><percent>{}</percent></line></lines>",
    "amount": "<discounts><discount><amount>{}</amount></discount></discounts>",
    "default_tax_percent": "<default_tax_name>VAT</default_tax_name>"
    "<default_tax_percent>{}</default_tax_percent>",
    "tax1_percent": "<lines><line><tax1_percent>{}</tax1_percent></line></lines>",
}


@ON_SQLITE
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("word", WORDS)
def test_what_is_no_number_of_ours_is_refused(
    clocked: Api, place: str, word: str
) -> None:
    answer = clocked.create(PLACES[place].format(word))
    assert (answer.code, answer.field) == ("40060", place)
    assert word not in answer.error


@ON_SQLITE
@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ("<default_tax_name>VAT</default_tax_name>", "40060", "default_tax_percent"),
        ("<default_tax_percent>5</default_tax_percent>", "40060", "default_tax_name"),
        (("<default_tax_name>V</default_tax_name><default_tax_percent>-1"
         "</default_tax_percent>"), "40060", "default_tax_percent"),
        ("<taxes><tax><name>VAT</name></tax></taxes>", "40040", "percent"),
        ("<taxes><tax><name>VAT</name><percent/></tax></taxes>", "40040", "percent"),
        ("<taxes><tax><name/><percent>5</percent></tax></taxes>", "40040", "name"),
        ("<taxes><tax><name>V</name><percent>-5</percent></tax></taxes>",
         "40060", "percent"),
        ("<discount>100.01</discount>", "40060", "discount"),
        ("<discount>-1</discount>", "40060", "discount"),
        (("<discount>60</discount><discounts><discount><percent>40.000001</percent>"
         "</discount></discounts>"), "40060", "discounts"),
        ("<discounts><discount><percent>101</percent></discount></discounts>",
         "40060", "percent"),
        ("<discounts><discount><amount>-1</amount></discount></discounts>",
         "40060", "amount"),
        ("<discounts><discount><name>x</name></discount></discounts>",
         "40060", "discount"),
        (("<discounts><discount><percent>1</percent><amount>1</amount></discount>"
         "</discounts>"), "40060", "discount"),
        ("<currency_code>XXX</currency_code>", "40060", "currency_code"),
        (("<lines><line><taxable>0</taxable><tax1_percent>5</tax1_percent></line>"
         "</lines>"), "40060", "taxable"),
        (("<lines><line><start_date>2007-10-02</start_date><end_date>2007-10-01"
         "</end_date></line></lines>"), "40060", "end_date"),
        (("<lines><line><percent>0.000001</percent><quantity>0.5</quantity></line>"
         "</lines>"), "40060", "percent"),
        ("<lines><line><group><group>x</group></group></line></lines>",
         "40060", "group"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_field(
    clocked: Api, content: str, code: str, field: str
) -> None:
    clocked.create_client()
    answer = clocked.create(content, client_id=1)
    assert (answer.code, answer.field) == (code, field), answer.error
    assert clocked.call("recurring.list").all("recurring_id") == []


def test_more_than_100_percent_is_a_line_but_no_discount(clocked: Api) -> None:
    recurring_id = clocked.create_profile(
        lines(line("Rent", "50"), "<line><percent>150</percent></line>")
    )
    assert clocked.get(recurring_id).text("recurring/amount") == "125"
    everything = "<discount>60</discount><discounts><discount><percent>40</percent>"
    assert clocked.update(recurring_id, f"{everything}</discount></discounts>").ok
    assert clocked.get(recurring_id).text("recurring/amount") == "0"


def test_a_line_of_another_profile_is_not_found(clocked: Api) -> None:
    one = clocked.create_profile(lines(line("Rent", "50")))
    other = clocked.create_profile(lines(line("Lease", "70")), client_id=1)
    named = "<lines><line><line_id>2</line_id><percent>5</percent></line></lines>"
    answer = do(clocked, "lines.update", one, named)
    assert (answer.code, answer.field) == ("50010", "line_id")
    assert do(clocked, "lines.delete", one, "<line_id>2</line_id>").code == "50010"
    # In a list it is ignored, as ids are ours to give.
    assert clocked.update(one, named).ok
    assert clocked.get(other).all("name") == ["Lease"]


def test_amounts_keep_six_decimals_and_are_billed_in_cents(clocked: Api) -> None:
    recurring_id = clocked.create_profile(lines(line("Call", "0.333333")))
    read = clocked.get(recurring_id)
    assert read.all("unit_cost") == ["0.333333"]
    assert Decimal(read.text("recurring/amount") or "") == Decimal("0.33")
    assert invoices(clocked, recurring_id) == [("2007-09-01", "0.33")]
