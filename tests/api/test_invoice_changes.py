"""invoice.create, .update, .delete, .issue, .lines.* and what the history tells."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree

from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from tests import snapshot
from tests.conftest import Answer, Api, Clock
from tests.invoices import LINE, call, create, made, pay, shown, told
from tests.schemas import check_answer

CONTACT = "<contacts><contact><email>c@loom.test</email></contact></contacts>"
PERCENT = "<line><name>Fuel</name><percent>10</percent></line>"
EXTENDED = (
    "<title>Spring</title><due_date>2026-03-16</due_date><attributes><attribute>"
    "<name>ref</name><value>1</value></attribute></attributes><taxes><tax>"
    "<name>Eco</name><percent>1</percent></tax></taxes><discounts><discount>"
    "<name>Voucher</name><amount>5</amount></discount></discounts>"
    "<default_tax_name>VAT</default_tax_name>"
    "<default_tax_percent>20</default_tax_percent>"
)


def sent_back(answer: Answer, **other: str) -> str:
    """Return an invoice as a client sends it that read all of it."""
    found = answer.find("invoice")
    assert found is not None
    text = answer.http.data.decode().partition("<invoice>")[2].partition("</invoice>")
    content = text[0].replace(' deprecated="true"', "")
    for name, new in other.items():
        old = answer.text(f"invoice/{name}") or ""
        content = content.replace(f"<{name}>{old}</{name}>", f"<{name}>{new}</{name}>")
        assert f"<{name}>{new}</{name}>" in content
    return f"<invoice>{content}</invoice>"


def test_an_invoice_of_a_client_alone_is_a_draft_of_today(api: Api) -> None:
    client_id = api.create_client(
        "<organization>Loom</organization><language>fr</language><p_city>Derby</p_city>"
    )
    made(api, client_id=client_id)
    answer = call(api, "get")
    expected = {
        "status": "draft",
        "number": "0000001",
        "date": "2026-03-02",
        "amount": "0",
        "currency_code": "USD",
        "language": "fr",
        "organization": "Loom",
        "p_city": "Derby",
        "recurring_id": "",
        "staff_id": "1",
        "folder": "active",
    }
    assert {name: answer.text(f"invoice/{name}") for name in expected} == expected
    assert "due_date" not in answer.names("invoice")


def test_an_invoice_keeps_what_is_said_of_it(api: Api) -> None:
    client_id = api.create_client(f"<organization>Loom</organization>{CONTACT}")
    said = {
        "number": "A-1",
        "status": "viewed",
        "date": "2020-02-29",
        "po_number": "7",
        "notes": " n ",
        "terms": "t",
        "currency_code": "EUR",
        "language": "de",
        "first_name": "Eve",
        "vat_number": "GB 1",
        "due_date": "2020-03-31",
        "title": "Spring",
    }
    content = "".join(f"<{name}>{text}</{name}>" for name, text in said.items())
    contacts = "<contacts><contact><contact_id>1</contact_id></contact></contacts>"
    made(api, f"{content}{contacts}<lines>{LINE}</lines>", client_id)
    answer = call(api, "get")
    assert {name: answer.text(f"invoice/{name}") for name in said} == said
    assert answer.all("contact_id") == ["1"]
    assert answer.text("invoice/amount") == "40"


def test_placeholders_are_filled_in(api: Api) -> None:
    uri = "https://a.test/::invoice id::/::invoice number::"
    made(api, f"<number>A</number><return_uri>{uri}</return_uri>")
    assert shown(api, "return_uri") == "https://a.test/1/A"


@pytest.mark.parametrize(
    "status", ["paid", "Partial", "auto-paid", "retry", "failed", "pending", ""]
)
def test_a_status_that_follows_from_others_is_no_wish(api: Api, status: str) -> None:
    made(api, f"<status>{status}</status>")
    assert shown(api, "status") == "draft"
    assert call(api, "update", 1, f"<status>{status}</status>").ok
    assert shown(api, "status") == "draft"


def test_what_was_read_and_sent_back_writes_nothing(api: Api, clock: Clock) -> None:
    lines = f"<lines>{LINE}{PERCENT}</lines>"
    made(api, f"<status>sent</status>{EXTENDED}{lines}")
    whole = call(api, "get")
    clock.now += timedelta(hours=1)
    before = snapshot.taken()
    assert api.call("invoice.update", sent_back(whole)).ok
    assert call(api, "update").ok
    after = snapshot.taken()
    del before["request_count"], after["request_count"]
    assert after == before


def test_a_client_that_knows_nothing_of_ours_loses_nothing(api: Api) -> None:
    made(api, f"{EXTENDED}<lines>{LINE}{PERCENT}</lines>")
    before = call(api, "get")
    lines = (
        "<line><name>Hosting</name><unit_cost>40.00</unit_cost><quantity>1</quantity>"
        "</line><line><name>Fuel</name><unit_cost>4</unit_cost><quantity>1</quantity>"
        "</line>"
    )
    assert call(api, "update", 1, f"<notes>x</notes><lines>{lines}</lines>").ok
    after = call(api, "get")
    assert after.text("invoice/notes") == "x"
    for name in ("percent", "line_id", "amount", "title", "due_date", "tax", "name"):
        assert after.all(name) == before.all(name), name
    # Our structures came back as their bare text from one that cannot read them.
    flat = "<attributes>ref1</attributes><taxes>Eco1</taxes><discounts>x</discounts>"
    assert call(api, "update", 1, flat).ok
    assert call(api, "get").all("name") == before.all("name")


def test_an_update_changes_what_it_names_and_tells_it(api: Api) -> None:
    made(api, f"<notes>a</notes><terms>b</terms><lines>{LINE}</lines>")
    content = "<notes>c</notes><lines><line><line_id>1</line_id><name>Hosting</name>"
    cost = "<unit_cost>50</unit_cost><quantity>1</quantity></line></lines>"
    assert call(api, "update", 1, content + cost).ok
    answer = call(api, "get")
    assert [answer.text(f"invoice/{n}") for n in ("notes", "terms", "amount")] == [
        *("c", "b", "50")
    ]
    assert told(api)[1] == (
        "update",
        [
            "notes a c",
            "amount 40 50",
            "lines/line[1] 1 x 40 Hosting 1 x 50 Hosting",
        ],
    )


def test_an_empty_list_of_lines_erases_unless_the_account_says_otherwise(
    new_api: Callable[..., Api],
) -> None:
    for ignored, amount in ((False, "0"), (True, "40")):
        api = new_api(f"Empty {ignored}", ignore_empty_lists=ignored)
        made(api, f"<lines>{LINE}</lines>")
        assert call(api, "update", 1, "<lines/>").ok
        assert shown(api, "amount") == amount


def test_an_update_moves_the_time_of_change(api: Api, clock: Clock) -> None:
    made(api)
    clock.now += timedelta(hours=1)
    assert call(api, "update", 1, "<notes>x</notes>").ok
    assert shown(api, "updated") == "2026-03-02 11:00:00"


def test_an_invoice_of_a_profile_changes_its_date_and_is_not_billed_again(
    clocked: Api,
) -> None:
    clocked.create_profile(f"<lines>{LINE}</lines>")
    assert call(clocked, "update", 1, "<date>2007-09-05</date>").ok
    clocked.call("clock.set", "<date>2007-10-01</date>")
    assert clocked.invoice_dates(1) == ["2007-09-05", "2007-10-01"]
    assert told(clocked) == [
        ("update", ["date 2007-09-01 2007-09-05", "due_date 2007-09-01 2007-09-05"])
    ]


def test_an_invoice_goes_to_another_client_while_it_is_not_paid(api: Api) -> None:
    first = api.create_client(f"<organization>A</organization>{CONTACT}")
    second = api.create_client(f"<organization>B</organization>{CONTACT}")
    contacts = "<contacts><contact><contact_id>{}</contact_id></contact></contacts>"
    made(api, f"<lines>{LINE}</lines>{contacts.format(1)}", first)
    wrong = f"<client_id>{second}</client_id>{contacts.format(1)}"
    assert call(api, "update", 1, wrong).field == "contact_id"
    assert call(api, "update", 1, f"<client_id>{second}</client_id>").ok
    answer = call(api, "get")
    assert (answer.text("invoice/client_id"), answer.all("contact_id")) == ("2", [])
    # Its address is its own.
    assert answer.text("invoice/organization") == "A"
    pay(api, 10)
    refused = call(api, "update", 1, f"<client_id>{first}</client_id>")
    assert refused.error == "Failed to update invoice. Invoice has payments."


PAID_REFUSES = {
    "update": "<lines/>",
    "lines.add": f"<lines>{LINE}</lines>",
    "lines.update": "<lines><line><line_id>1</line_id><quantity>2</quantity></line>"
    "</lines>",
    "lines.delete": "<line_id>1</line_id>",
}


@pytest.mark.parametrize("method", PAID_REFUSES)
def test_a_paid_invoice_refuses_other_money(api: Api, method: str) -> None:
    made(api, f"<status>sent</status><lines>{LINE}</lines>")
    pay(api, 40)
    before = call(api, "get").http.data
    answer = call(api, method, 1, PAID_REFUSES[method])
    assert (answer.code, answer.field) == ("50020", None)
    assert answer.error == "Failed to update invoice. Invoice is paid."
    assert call(api, "get").http.data == before
    assert told(api)[-1][0] == "payment.create"


def test_a_paid_invoice_takes_other_texts(api: Api) -> None:
    made(api, f"<status>sent</status><lines>{LINE}</lines>")
    pay(api, 40)
    whole = sent_back(call(api, "get"), notes="x", po_number="7")
    assert api.call("invoice.update", whole).ok
    answer = call(api, "get")
    found = [answer.text(f"invoice/{n}") for n in ("notes", "po_number", "status")]
    assert found == ["x", "7", "paid"]


def test_lines_are_added_to_a_partly_paid_invoice(api: Api) -> None:
    made(api, f"<status>sent</status><lines>{LINE}</lines>")
    pay(api, 30)
    assert shown(api, "status") == "partial"
    assert call(api, "lines.add", 1, f"<lines>{LINE}</lines>").ok
    assert shown(api, "amount_outstanding") == "50"
    refused = call(api, "update", 1, "<discount>90</discount>")
    assert refused.error == "Failed to update invoice. More than that has been paid."
    assert call(api, "update", 1, "<discount>62.5</discount>").ok
    assert shown(api, "status") == "paid"


def test_lines_are_added_changed_and_deleted(api: Api) -> None:
    made(api, f"<lines>{LINE}</lines>")
    added = call(api, "lines.add", 1, f"<lines>{PERCENT}{LINE}</lines>")
    assert added.names("") == ["invoice_id", "lines"]
    assert added.all("line_id") == ["2", "3"]
    line = "<line><line_id>{}</line_id>{}</line>"
    two = line.format(1, "<unit_cost>50</unit_cost>") + line.format(
        3, "<unit_cost>50</unit_cost>"
    )
    assert call(api, "lines.update", 1, f"<lines>{two}</lines>").ok
    assert call(api, "get").all("amount") == ["110", "50", "10", "50"]
    # A percentage that is sent back as it was shown stays one.
    same = line.format(2, "<unit_cost>10</unit_cost><quantity>1</quantity>")
    assert call(api, "lines.update", 1, f"<lines>{same}</lines>").ok
    assert call(api, "lines.delete", 1, "<line_id>3</line_id>").ok
    answer = call(api, "get")
    assert answer.all("amount") == ["55", "50", "5"]
    assert answer.all("line_id") == ["1", "2"]
    assert told(api)[1:] == [
        (
            "lines.add",
            [
                "amount 40 88",
                "lines/line[2] - 10 % Fuel",
                "lines/line[3] - 1 x 40 Hosting",
            ],
        ),
        (
            "lines.update",
            [
                "amount 88 110",
                "lines/line[1] 1 x 40 Hosting 1 x 50 Hosting",
                "lines/line[3] 1 x 40 Hosting 1 x 50 Hosting",
            ],
        ),
        ("lines.delete", ["amount 110 55", "lines/line[3] 1 x 50 Hosting -"]),
    ]


@pytest.mark.parametrize("method", ["lines.update", "lines.delete"])
def test_a_line_of_another_invoice_is_not_found(api: Api, method: str) -> None:
    made(api, f"<lines>{LINE}</lines>")
    made(api, f"<lines>{LINE}</lines>")
    line = "<line_id>2</line_id>"
    content = (
        line if method.endswith("delete") else f"<lines><line>{line}</line></lines>"
    )
    answer = call(api, method, 1, content)
    assert (answer.code, answer.error) == (
        "50010",
        "'line_id' not found. Line not found.",
    )
    assert shown(api, "amount", 2) == "40"


def test_a_line_id_of_another_invoice_in_an_update_is_no_id(api: Api) -> None:
    made(api, f"<lines>{LINE}</lines>")
    made(api, f"<lines>{LINE}</lines>")
    line = "<line><line_id>2</line_id><name>Mine</name></line>"
    assert call(api, "update", 1, f"<lines>{line}</lines>").ok
    assert call(api, "get").all("line_id") == ["3"]
    assert call(api, "get", 2).all("line_id") == ["2"]


def test_a_deleted_invoice_keeps_number_and_history(api: Api) -> None:
    made(api, f"<number>A</number><lines>{LINE}</lines>")
    assert call(api, "delete").ok
    for method in ("get", "delete", "issue", "sendByEmail", "sendBySnailMail"):
        error = call(api, method).error
        assert error == "'invoice_id' not found. Invoice is deleted.", method
    assert call(api, "update", 1, "<notes>x</notes>").error.endswith("is deleted.")
    assert api.call("invoice.list").all("invoice_id") == []
    listed = api.call("invoice.list", "<folder>deleted</folder>")
    assert (listed.all("invoice_id"), listed.all("folder")) == (["1"], ["deleted"])
    assert create(api, "<number>A</number>").code == "40060"
    assert told(api) == [
        ("create", ["number - A", "amount - 40"]),
        ("delete", ["folder active deleted"]),
    ]


def test_an_invoice_with_payments_is_not_deleted(api: Api) -> None:
    made(api, f"<status>sent</status><lines>{LINE}</lines>")
    pay(api, 10)
    answer = call(api, "delete")
    assert answer.error == "Failed to delete invoice. Invoice has payments."
    assert shown(api, "status") == "partial"


def test_a_draft_of_a_profile_is_issued_once(clocked: Api) -> None:
    clocked.create_profile(
        "<invoice_status>draft</invoice_status><due_days>14</due_days>"
    )
    assert shown(clocked, "status") == "draft"
    assert call(clocked, "issue").ok
    answer = call(clocked, "get")
    assert answer.text("invoice/status") == "sent"
    assert answer.text("invoice/due_date") == "2007-09-15"
    again = call(clocked, "issue")
    assert (again.code, again.error) == (
        "50020",
        "Failed to issue invoice. Invoice is sent.",
    )
    assert told(clocked) == [("issue", ["status draft sent"])]


def test_a_number_of_a_card_that_was_typed_into_the_notes_is_masked(api: Api) -> None:
    made(api)
    assert call(api, "update", 1, "<notes>4111 1111 1111 1111</notes>").ok
    assert b"4111" not in call(api, "history").http.data


def test_the_history_begins_with_the_newest(api: Api) -> None:
    made(api)
    for number in range(3):
        call(api, "update", 1, f"<notes>{number}</notes>")
    answer = call(api, "history", 1, "<per_page>2</per_page><page>2</page>")
    assert answer.all("number") == ["2", "1"]
    assert answer.all("what") == ["update", "create"]


def test_a_person_sees_and_makes_invoices_of_their_clients_alone(
    api: Api, ports: Ports
) -> None:
    mine, theirs = api.create_client(), api.create_client()
    made(api, client_id=theirs)
    people.add(ports, api.account.name, username="eva")
    people.assign(api.account.name, "eva", [mine])
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    assert create(eva, client_id=theirs).field == "client_id"
    assert call(eva, "history").code == "50010"
    own = made(eva, client_id=mine)
    assert shown(eva, "staff_id", own) == "2"
    moved = call(eva, "update", own, f"<client_id>{theirs}</client_id>")
    assert (moved.code, moved.field) == ("50010", "client_id")
    assert eva.call("invoice.list").all("invoice_id") == [str(own)]


@pytest.mark.parametrize(
    "method", ["create", "update", "delete", "issue", "lines.add", "sendByEmail"]
)
def test_an_invoice_is_changed_whole_or_not_at_all(api: Api, method: str) -> None:
    client_id = api.create_client()
    contents = {
        "update": f"<number>B</number><lines>{LINE}{LINE}</lines>",
        "lines.add": f"<lines>{LINE}</lines>",
    }

    def act() -> None:
        if method == "create":
            create(api, f"<lines>{LINE}</lines>", client_id)
        else:
            call(api, method, 1, contents.get(method, ""))

    made(api, f"<lines>{LINE}</lines>", client_id)
    before = snapshot.taken()
    with snapshot.dying_at(0, AssertionError) as statements:
        act()
    count = len(statements)
    assert snapshot.taken() != before
    snapshot.put_back(before)
    for number in range(4, count + 1):
        with snapshot.dying_at(number, RuntimeError):
            act()
        after = snapshot.taken()
        for rows in (before, after):
            rows.pop("request_count", None)
        assert after == before, statements[number - 1]


def test_details_show_all_of_an_invoice_that_is_ours_and_may_come_back(
    api: Api,
) -> None:
    invoice_id = made(api, f"<lines>{LINE}</lines>")
    plain = call(api, "get", invoice_id).names("invoice")
    answer = call(api, "get", invoice_id, "<details>1</details>")
    check_answer("invoice.get", answer.http.data)
    ours = "due_date title attributes default_tax_name default_tax_percent taxes"
    charged = ["discounts", "charge_date", "declined_count"]
    assert answer.names("invoice") == [*plain, *ours.split(), *charged]
    assert answer.text("invoice/due_date") == answer.text("invoice/date")
    line = "percent taxable start_date end_date group".split()
    assert answer.names("invoice/lines/line")[-5:] == line
    listed = api.call("invoice.list", "<details>1</details>")
    check_answer("invoice.list", listed.http.data)
    assert listed.names("invoices/invoice")[-7:] == answer.names("invoice")[-7:]

    before = told(api, invoice_id)
    (of,) = (child for child in answer.root if str(child.tag).endswith("invoice"))
    inside = b"".join(etree.tostring(child) for child in of).decode()
    assert api.call("invoice.update", f"<invoice>{inside}</invoice>").ok
    assert told(api, invoice_id) == before
