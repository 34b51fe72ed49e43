from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from app.storage import tables
from tests.conftest import Answer, Api, Clock

TODAY = "2026-03-02"
FREQUENCIES = {
    "weekly": "w",
    "2 weeks": "2w",
    "4 weeks": "4w",
    "monthly": "m",
    "2 months": "2m",
    "3 months": "3m",
    "6 months": "6m",
    "yearly": "y",
    "2 years": "2y",
}
TEXTS = {
    "organization": "Loom & Sons <Ltd>",
    "first_name": "Ada",
    "last_name": "Byron",
    "p_street1": "1 Yard",
    "p_street2": "Back door",
    "p_city": "Nottingham",
    "p_state": "Notts",
    "p_country": "United Kingdom",
    "p_code": "NG1 1AA",
    "vat_name": "VAT",
    "vat_number": "GB 123",
    "po_number": "PO-7",
    "notes": "Thank you.",
    "terms": "14 days",
}
CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>4111 1111 1111 1111</number><name>Ada Byron</name><expiration><month>7"
    "</month><year>{year}</year></expiration></card></autobill>"
)
LINES = (
    "<lines><line><name>Yard Work</name><description>Mowing</description>"
    "<unit_cost>10</unit_cost><quantity>4</quantity><tax1_name>GST</tax1_name>"
    "<tax1_percent>5</tax1_percent><tax2_name>PST</tax2_name>"
    "<tax2_percent>8</tax2_percent></line><line><name>Hours</name><type>Time</type>"
    "<unit_cost>-2.5</unit_cost><quantity>0.25</quantity></line></lines>"
)
EVERYTHING = (
    "".join(
        f"<{name}>{text.replace('&', '&amp;').replace('<', '&lt;')}</{name}>"
        for name, text in TEXTS.items()
    )
    + "<frequency>3 months</frequency><occurrences>12</occurrences>"
    "<discount>10.5</discount><send_email>0</send_email>"
    "<send_snail_mail>1</send_snail_mail><currency_code>USD</currency_code>"
    "<language>fr</language><date>2026-05-31</date>"
    "<return_uri>https://shop.test/paid/::invoice id::?n=::invoice number::&amp;a=1"
    "</return_uri>"
)


def inner(answer: Answer) -> str:
    """Return what stands inside of `<recurring>`, byte by byte."""
    text = str(answer.http.data, "utf-8")
    return text.partition("<recurring>")[2].rpartition("</recurring>")[0]


def write_back(api: Api, content: str) -> Answer:
    """Post what was read, and nothing but it."""
    return api.call("recurring.update", f"<recurring>{content}</recurring>")


def client_with_contacts(api: Api, count: int = 2) -> tuple[int, list[str]]:
    contacts = "".join(
        f"<contact><email>c{number}@loom.test</email></contact>"
        for number in range(count)
    )
    client_id = api.create_client(
        f"<organization>Loom</organization><contacts>{contacts}</contacts>"
    )
    answer = api.call("client.get", f"<client_id>{client_id}</client_id>")
    return client_id, answer.all("contact_id")


def stored() -> list[object]:
    """Return every row that a profile's update could touch."""
    kept = (tables.Recurring, tables.RecurringLine, tables.Autobill, tables.Invoice)
    return [list(table.select().dicts()) for table in kept]


def test_a_client_is_all_that_a_profile_needs(api: Api) -> None:
    client_id = api.create_client()
    answer = api.create("", client_id)
    assert answer.names("") == ["recurring_id", "invoice_id"]
    profile = api.get(int(answer.text("recurring_id") or 0))
    got = {
        name: profile.text(f"recurring/{name}") for name in profile.names("recurring")
    }
    assert got == dict.fromkeys(TEXTS, "") | {
        "recurring_id": "1",
        "frequency": "m",
        "occurrences": "0",
        "stopped": "0",
        "client_id": str(client_id),
        "staff_id": "1",
        "organization": "Loom Ltd",
        "status": "",
        "amount": "0",
        "currency_code": "USD",
        "language": "en",
        "date": TODAY,
        "discount": "0",
        "return_uri": "",
        "send_snail_mail": "0",
        "send_email": "1",
        "folder": "active",
        "autobill": "",
        "lines": "",
    }


def test_the_elements_of_a_profile_come_in_their_order(api: Api) -> None:
    client_id, contacts = client_with_contacts(api, 1)
    contact = f"<contact><contact_id>{contacts[0]}</contact_id></contact>"
    content = f"<contacts>{contact}</contacts>{LINES}{CARD.format(year=2031)}"
    answer = api.get(api.create_profile(content, client_id))
    assert (
        answer.names("recurring")
        == (
            "recurring_id frequency occurrences stopped client_id contacts staff_id "
            "organization first_name last_name p_street1 p_street2 p_city p_state "
            "p_country p_code vat_name vat_number po_number status amount "
            "currency_code "
            "language date notes terms discount return_uri send_snail_mail send_email "
            "folder autobill lines"
        ).split()
    )
    assert (
        answer.names("recurring/lines/line")
        == (
            "line_id name description unit_cost quantity amount tax1_name tax2_name "
            "tax1_percent tax2_percent type"
        ).split()
    )
    assert answer.names("recurring/contacts/contact") == ["contact_id"]


def test_every_field_comes_back_as_it_was_given(api: Api) -> None:
    answer = api.get(api.create_profile(EVERYTHING + LINES))
    got = {name: answer.text(f"recurring/{name}") for name in answer.names("recurring")}
    expected = TEXTS | {
        "frequency": "3m",
        "occurrences": "12",
        "discount": "10.5",
        "send_email": "0",
        "send_snail_mail": "1",
        "currency_code": "USD",
        "language": "fr",
        "date": "2026-05-31",
        "return_uri": "https://shop.test/paid/::invoice id::?n=::invoice number::&a=1",
    }
    assert {name: got[name] for name in expected} == expected
    assert answer.all("type") == ["Item", "Time"]
    assert answer.all("unit_cost") == ["10", "-2.5"]
    assert answer.all("quantity") == ["4", "0.25"]


def test_the_order_of_elements_in_a_request_does_not_matter(api: Api) -> None:
    content = EVERYTHING + LINES + CARD.format(year=2031)
    document = etree.fromstring(f"<recurring>{content}</recurring>")
    backwards = "".join(
        etree.tostring(child, encoding="unicode") for child in reversed(document)
    )
    one, two = api.create_profile(content), api.create_profile(backwards)
    skipped = {"recurring_id", "client_id"}
    first, second = api.get(one), api.get(two)
    for name in set(first.names("recurring")) - skipped - {"lines"}:
        assert first.text(f"recurring/{name}") == second.text(f"recurring/{name}")
    assert first.all("tax1_name") == second.all("tax1_name")


@pytest.mark.parametrize(
    ("content", "dates"),
    [
        ("", [TODAY]),
        (f"<date>{TODAY}</date>", [TODAY]),
        ("<date/>", [TODAY]),
        (f"<date>{TODAY} 11:30:00</date>", [TODAY]),
        ("<date>2026-03-03</date>", []),
        ("<stopped>1</stopped>", []),
    ],
)
def test_a_profile_that_starts_today_is_invoiced_at_once(
    api: Api, content: str, dates: list[str]
) -> None:
    answer = api.create(content)
    recurring_id = int(answer.text("recurring_id") or 0)
    expected = ["recurring_id", "invoice_id"] if dates else ["recurring_id"]
    assert answer.names("") == expected
    assert api.invoice_dates(recurring_id) == dates
    if dates:
        invoice_id = answer.text("invoice_id")
        invoice = api.call("invoice.get", f"<invoice_id>{invoice_id}</invoice_id>")
        assert invoice.text("invoice/recurring_id") == str(recurring_id)


def test_today_is_the_day_in_the_accounts_time_zone(
    new_api: Callable[..., Api], clock: Clock
) -> None:
    clock.now = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    new_york, tokyo = new_api("West"), new_api("East", time_zone="Asia/Tokyo")
    assert new_york.get(new_york.create_profile()).text("recurring/date") == TODAY
    assert tokyo.get(tokyo.create_profile()).text("recurring/date") == "2026-03-03"
    refused = tokyo.create(f"<date>{TODAY}</date>")
    assert (refused.code, refused.field) == ("40060", "date")


@pytest.mark.parametrize(
    ("spelled", "code"),
    [
        *FREQUENCIES.items(),
        *((code, code) for code in FREQUENCIES.values()),
        ("Monthly", "m"),
        ("2 YEARS", "2y"),
        ("6M", "6m"),
        (" weekly ", "w"),
    ],
)
def test_frequencies_are_accepted_as_names_and_codes_and_answered_as_codes(
    api: Api, spelled: str, code: str
) -> None:
    created = api.create_profile(f"<frequency>{spelled}</frequency>")
    assert api.get(created).text("recurring/frequency") == code
    updated = api.create_profile("<frequency>4 weeks</frequency>")
    assert api.update(updated, f"<frequency>{spelled}</frequency>").ok
    assert api.get(updated).text("recurring/frequency") == code


@pytest.mark.parametrize("empty", ["", "<frequency/>", "<frequency> </frequency>"])
def test_a_frequency_left_out_is_monthly_on_create_and_unchanged_on_update(
    api: Api, empty: str
) -> None:
    assert api.get(api.create_profile(empty)).text("recurring/frequency") == "m"
    yearly = api.create_profile("<frequency>yearly</frequency>")
    assert api.update(yearly, empty).ok
    assert api.get(yearly).text("recurring/frequency") == "y"


def test_names_and_address_are_copied_from_the_client_where_not_given(api: Api) -> None:
    client_id = api.create_client(
        "<organization>Loom</organization><first_name>Ada</first_name>"
        "<p_city>Nottingham</p_city><vat_number>GB 1</vat_number>"
        "<language>de</language>"
    )
    answer = api.get(api.create_profile("<first_name>Eva</first_name>", client_id))
    got = {name: answer.text(f"recurring/{name}") for name in answer.names("recurring")}
    assert (got["organization"], got["first_name"]) == ("Loom", "Eva")
    assert (got["p_city"], got["vat_number"]) == ("Nottingham", "GB 1")
    assert got["language"] == "de"


def test_a_later_change_of_the_client_leaves_the_profile_alone(api: Api) -> None:
    client_id = api.create_client()
    recurring_id = api.create_profile("", client_id)
    assert api.call(
        "client.update",
        f"<client><client_id>{client_id}</client_id><organization>New</organization>"
        "</client>",
    ).ok
    assert api.get(recurring_id).text("recurring/organization") == "Loom Ltd"


@pytest.mark.parametrize(
    ("lines", "discount", "amount"),
    [
        # The two samples of the documentation.
        (
            (
                "<line><unit_cost>10</unit_cost><quantity>4</quantity><tax1_name>GST"
                "</tax1_name><tax1_percent>5</tax1_percent><tax2_name>PST</tax2_name>"
                "<tax2_percent>8</tax2_percent></line>"
            ),
            "10",
            "40.68",
        ),
        (
            (
                "<line><unit_cost>9.99</unit_cost><quantity>10</quantity><tax1_name>GST"
                "</tax1_name><tax1_percent>10</tax1_percent></line>"
            ),
            "0",
            "109.89",
        ),
        (
            "<line><unit_cost>45.60</unit_cost><quantity>1.00</quantity></line>",
            "",
            "45.6",
        ),
        ("<line><unit_cost>100</unit_cost><quantity>2</quantity></line>", "0", "200"),
        ("<line/>", "0", "0"),
        (
            (
                "<line><unit_cost>100</unit_cost><quantity>1</quantity></line>"
                "<line><unit_cost>-25</unit_cost><quantity>1</quantity></line>"
            ),
            "0",
            "75",
        ),
    ],
)
def test_the_amount_is_that_of_the_next_invoice(
    api: Api, lines: str, discount: str, amount: str
) -> None:
    content = f"<discount>{discount}</discount><lines>{lines}</lines>"
    answer = api.get(api.create_profile(content))
    assert answer.text("recurring/amount") == amount


def test_numbers_are_written_without_trailing_zeros(api: Api) -> None:
    answer = api.get(
        api.create_profile(
            "<discount>10.50</discount><lines><line><unit_cost>17.50</unit_cost>"
            "<quantity>4.00</quantity><tax1_percent>8.0</tax1_percent></line></lines>"
        )
    )
    assert answer.text("recurring/discount") == "10.5"
    assert answer.all("unit_cost") == ["17.5"]
    assert answer.all("quantity") == ["4"]
    assert answer.all("tax1_percent") == ["8"]


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ("<client_id/>", "40040", "client_id"),
        ("<client_id>a</client_id>", "50010", "client_id"),
        ("<client_id>-1</client_id>", "50010", "client_id"),
        ("<client_id>0</client_id>", "50010", "client_id"),
        ("<client_id>999</client_id>", "50010", "client_id"),
        ("<client_id>9223372036854775808</client_id>", "50010", "client_id"),
        ("", "40040", "client_id"),
    ],
)
def test_a_profile_needs_a_client_that_exists(
    api: Api, content: str, code: str, field: str
) -> None:
    answer = api.call("recurring.create", f"<recurring>{content}</recurring>")
    assert (answer.code, answer.field) == (code, field)
    assert api.call("recurring.list").all("recurring_id") == []


def test_a_deleted_client_gets_no_new_profile(api: Api) -> None:
    client_id = api.create_client()
    api.call("client.delete", f"<client_id>{client_id}</client_id>")
    answer = api.create("", client_id)
    assert answer.error == "'client_id' not found. Client is deleted."


BAD_FIELDS = [
    ("<date>2026-03-01</date>", "40060", "date"),
    ("<date>2026-02-30</date>", "40060", "date"),
    ("<date>0000-01-01</date>", "40060", "date"),
    ("<date>30 February</date>", "40060", "date"),
    ("<date>3000-01-01</date>", "40060", "date"),
    ("<frequency>hourly</frequency>", "40060", "frequency"),
    ("<frequency>frequencey</frequency>", "40060", "frequency"),
    ("<occurrences>-1</occurrences>", "40060", "occurrences"),
    ("<occurrences>many</occurrences>", "40060", "occurrences"),
    ("<stopped>2</stopped>", "40060", "stopped"),
    ("<discount>-1</discount>", "40060", "discount"),
    ("<discount>100.01</discount>", "40060", "discount"),
    ("<discount>NaN</discount>", "40060", "discount"),
    ("<currency_code/>", "40060", "currency_code"),
    ("<currency_code>XXX</currency_code>", "40060", "currency_code"),
    ("<currency_code>Dollars</currency_code>", "40060", "currency_code"),
    ("<language>klingon</language>", "40060", "language"),
    ("<return_uri>shop.test</return_uri>", "40060", "return_uri"),
    ("<return_uri>javascript:alert(1)</return_uri>", "40060", "return_uri"),
    (f"<po_number>{'x' * 256}</po_number>", "40060", "po_number"),
    (f"<notes>{'x' * 65536}</notes>", "40060", "notes"),
    ("<contacts><contact/></contacts>", "40040", "contact_id"),
    (
        "<contacts><contact><contact_id>99</contact_id></contact></contacts>",
        "50010",
        "contact_id",
    ),
    (
        "<contacts><contact><contact_id>a</contact_id></contact></contacts>",
        "50010",
        "contact_id",
    ),
    ("<lines><line><unit_cost>1,000</unit_cost></line></lines>", "40060", "unit_cost"),
    (
        f"<lines><line><unit_cost>{'9' * 40}</unit_cost></line></lines>",
        "40060",
        "unit_cost",
    ),
    (
        (
            "<lines><line><unit_cost>999999999999</unit_cost><quantity>100</quantity>"
            "</line></lines>"
        ),
        "40060",
        "unit_cost",
    ),
    ("<lines><line><type>Thing</type></line></lines>", "40060", "type"),
    (f"<lines>{'<line/>' * 501}</lines>", "40060", "line"),
    ("<frequencey>weekly</frequencey>", "40060", "frequencey"),
    ("<email>a</email>", "40060", "email"),
    ("<notes>a</notes>", "40060", "notes"),
    (CARD.format(year=2020), "40060", "expiration"),
    (CARD.format(year=2031) + "<currency_code>EUR</currency_code>", "40060", None),
    (
        "<autobill><gateway_name>Authorize.Net</gateway_name></autobill>",
        "40040",
        "card",
    ),
]


@pytest.mark.parametrize(("content", "code", "field"), BAD_FIELDS)
def test_a_refused_create_makes_nothing(
    api: Api, content: str, code: str, field: str | None
) -> None:
    client_id = api.create_client()
    before = stored()
    answer = api.create(f"<notes>mine</notes>{content}", client_id)
    assert answer.code == code
    assert field in (None, answer.field)
    assert stored() == before
    assert api.create("", client_id).text("recurring_id") == "1"


@pytest.mark.parametrize(("content", "code", "field"), BAD_FIELDS)
def test_a_refused_update_changes_nothing(
    api: Api, content: str, code: str, field: str | None
) -> None:
    recurring_id = api.create_profile(EVERYTHING + LINES)
    before = stored()
    answer = api.update(recurring_id, f"<terms>new</terms><notes>new</notes>{content}")
    assert answer.code == code
    assert field in (None, answer.field)
    assert stored() == before


@pytest.mark.parametrize("method", ["get", "update", "delete"])
@pytest.mark.parametrize(
    ("recurring_id", "code", "error"),
    [
        ("", "40040", "Missing required field: 'recurring_id'."),
        (
            "<recurring_id/>",
            "40040",
            "Missing required field: 'recurring_id'.",
        ),
        *(
            (
                f"<recurring_id>{bad}</recurring_id>",
                "50010",
                "'recurring_id' not found. Recurring not found.",
            )
            for bad in ("2", "a", "-1", "0", "9223372036854775808", "1.0", "٢")
        ),
    ],
)
def test_a_method_needs_a_profile_that_exists(
    api: Api, method: str, recurring_id: str, code: str, error: str
) -> None:
    api.create_profile()
    content = recurring_id
    if method == "update":
        content = f"<recurring>{recurring_id}<notes>x</notes></recurring>"
    answer = api.call(f"recurring.{method}", content)
    assert (answer.code, answer.field) == (code, "recurring_id")
    assert answer.error == error


@pytest.mark.parametrize("padded", ["00000000001", " 1 ", "1", "0" * 40 + "1"])
def test_ids_may_be_padded_and_are_answered_plain(api: Api, padded: str) -> None:
    client_id = api.create_client()
    made = api.call(
        "recurring.create",
        f"<recurring><client_id>{padded}</client_id></recurring>",
    )
    assert (client_id, made.text("recurring_id")) == (1, "1")
    answer = api.call("recurring.get", f"<recurring_id>{padded}</recurring_id>")
    assert answer.text("recurring/recurring_id") == "1"
    assert answer.text("recurring/client_id") == "1"


def test_an_update_answers_nothing_and_leaves_what_it_does_not_name(api: Api) -> None:
    recurring_id = api.create_profile(EVERYTHING + LINES + CARD.format(year=2031))
    before = inner(api.get(recurring_id))
    answer = api.update(recurring_id, "<po_number>PO-8</po_number>")
    assert answer.http.data.endswith(b' status="ok"/>\n')
    after = inner(api.get(recurring_id))
    assert after == before.replace("PO-7", "PO-8")
    assert after != before


@pytest.mark.parametrize("name", [*TEXTS, "return_uri"])
@pytest.mark.parametrize("empty", ["<{}/>", "<{}></{}>"])
def test_an_empty_text_clears(api: Api, name: str, empty: str) -> None:
    recurring_id = api.create_profile(EVERYTHING)
    assert api.get(recurring_id).text(f"recurring/{name}")
    assert api.update(recurring_id, empty.format(name, name)).ok
    assert api.get(recurring_id).text(f"recurring/{name}") == ""


@pytest.mark.parametrize(
    "name", ["discount", "occurrences", "send_email", "send_snail_mail", "stopped"]
)
@pytest.mark.parametrize("empty", ["<{0}/>", "<{0}></{0}>", "<{0}> </{0}>"])
def test_an_empty_number_or_switch_is_zero(api: Api, name: str, empty: str) -> None:
    content = (
        "<discount>5</discount><occurrences>5</occurrences><send_email>1</send_email>"
        "<send_snail_mail>1</send_snail_mail><stopped>1</stopped>"
    )
    recurring_id = api.create_profile(content)
    assert api.get(recurring_id).text(f"recurring/{name}") in ("5", "1")
    assert api.update(recurring_id, empty.format(name)).ok
    assert api.get(recurring_id).text(f"recurring/{name}") == "0"
    created = api.create_profile(empty.format(name))
    assert api.get(created).text(f"recurring/{name}") == "0"


@pytest.mark.parametrize(
    "name", ["unit_cost", "quantity", "tax1_percent", "tax2_percent"]
)
def test_an_empty_number_of_a_line_is_zero(api: Api, name: str) -> None:
    recurring_id = api.create_profile(f"<lines><line><{name}/></line></lines>")
    assert api.get(recurring_id).all(name) == ["0"]


def test_the_update_of_a_client_that_empties_every_zero_is_accepted(api: Api) -> None:
    recurring_id = api.create_profile(EVERYTHING + LINES)
    answer = api.update(
        recurring_id,
        "<amount/><discount/><folder/><language/><occurrences/><send_email/>"
        "<send_snail_mail/><stopped/><vat_name/><updated/><date/><frequency/>",
    )
    assert answer.ok
    profile = api.get(recurring_id)
    assert profile.text("recurring/language") == "fr"
    assert profile.text("recurring/date") == "2026-05-31"


SPECIAL = [
    "  blanks at both ends  ",
    "\ttab\tand\nline\n\nlines",
    "carriage\r\nreturn\rhere\r",
    "<b>markup</b> & \"quotes\" 'too' ]]>",
    "&amp; &#65;",
    "emoji 😀 👩‍👩‍👧 flag 🇩🇪",
    "rtl \u202e\u05e9\u05dc\u05d5\u05dd\u202c \u200f",
    "combining e\u0301 \u1100\u1161 versus é",
    "null-like NULL None 0",
    "::month:: ::invoice id::",
    "\u00a0\u2003\u3000",
    "\x7f\x85\u2028\ufdd0\U0010ffff"[:4],
    "'; DROP TABLE recurring; --",
    "%_\\",
    "   ",
]


@pytest.mark.parametrize("text", SPECIAL)
@pytest.mark.parametrize("name", ["notes", "po_number", "organization", "p_street1"])
def test_a_text_comes_back_identical(api: Api, name: str, text: str) -> None:
    escaped = (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\r", "&#13;")
    )
    recurring_id = api.create_profile(f"<{name}>{escaped}</{name}>")
    assert api.get(recurring_id).text(f"recurring/{name}") == text
    (listed,) = api.call("recurring.list").all(name)
    assert listed == text


@pytest.mark.parametrize("text", SPECIAL)
def test_a_text_of_a_line_comes_back_identical(api: Api, text: str) -> None:
    encoded = "".join(f"&#{ord(character)};" for character in text)
    recurring_id = api.create_profile(
        f"<lines><line><name>{encoded}</name><description>{encoded}</description>"
        f"<tax1_name>{encoded}</tax1_name></line></lines>"
    )
    answer = api.get(recurring_id)
    for name in ("name", "description", "tax1_name"):
        assert answer.all(name) == [text]


@pytest.mark.parametrize(
    ("name", "length"), [("po_number", 255), ("notes", 65535), ("terms", 65535)]
)
def test_the_longest_text_comes_back_whole(api: Api, name: str, length: int) -> None:
    text = "ẞ" * length
    recurring_id = api.create_profile(f"<{name}>{text}</{name}>")
    assert api.get(recurring_id).text(f"recurring/{name}") == text


# Reading a profile and writing it back.


def plain(api: Api) -> int:
    return api.create_profile()


def filled(api: Api) -> int:
    return api.create_profile(EVERYTHING + LINES)


def autobilled(api: Api) -> int:
    return api.create_profile(LINES + CARD.format(year=2031))


def with_everything(api: Api) -> int:
    client_id, contacts = client_with_contacts(api)
    ids = "".join(
        f"<contact><contact_id>{contact}</contact_id></contact>" for contact in contacts
    )
    return api.create_profile(
        f"{EVERYTHING}{LINES}{CARD.format(year=2031)}<contacts>{ids}</contacts>",
        client_id,
    )


def with_contact_removed_from_the_client(api: Api) -> int:
    client_id, contacts = client_with_contacts(api)
    recurring_id = api.create_profile(
        f"<contacts><contact><contact_id>{contacts[0]}</contact_id></contact>"
        "</contacts>",
        client_id,
    )
    update = f"<client><client_id>{client_id}</client_id><contacts/></client>"
    assert api.call("client.update", update).ok
    return recurring_id


def paused(api: Api) -> int:
    return api.create_profile("<stopped>1</stopped>" + LINES)


def paused_later(api: Api) -> int:
    recurring_id = api.create_profile(LINES)
    assert api.update(recurring_id, "<stopped>1</stopped>").ok
    return recurring_id


def completed(api: Api) -> int:
    return api.create_profile("<occurrences>1</occurrences>" + LINES)


def special(api: Api) -> int:
    text = "".join(f"&#{ord(character)};" for character in "\n".join(SPECIAL))
    return api.create_profile(
        f"<notes>{text}</notes><lines><line><description>{text}</description></line>"
        "</lines>"
    )


def of_a_deleted_client(api: Api) -> int:
    client_id = api.create_client()
    recurring_id = api.create_profile(LINES, client_id)
    assert api.call("client.delete", f"<client_id>{client_id}</client_id>").ok
    return recurring_id


def in_another_currency(api: Api) -> int:
    return api.create_profile("<currency_code>jpy</currency_code>" + LINES)


def with_an_expired_card(api: Api) -> int:
    good_until_december = CARD.format(year=2007).replace("<month>7", "<month>12")
    return api.create_profile(LINES + good_until_december)


PROFILES = [
    plain,
    filled,
    autobilled,
    with_everything,
    with_contact_removed_from_the_client,
    paused,
    paused_later,
    completed,
    special,
    of_a_deleted_client,
    in_another_currency,
]


@pytest.mark.parametrize("make", PROFILES)
def test_what_was_read_can_be_written_back_and_changes_nothing(
    api: Api, clock: Clock, make: Callable[[Api], int]
) -> None:
    recurring_id = make(api)
    read = api.get(recurring_id).http.data
    before = stored()
    clock.now += timedelta(hours=1)
    answer = write_back(api, inner(api.get(recurring_id)))
    assert answer.ok, answer.error
    assert api.get(recurring_id).http.data == read
    assert stored() == before


@pytest.mark.parametrize(
    "make", [*(make for make in PROFILES if make is not filled), with_an_expired_card]
)
def test_what_was_read_can_be_written_back_after_its_start_has_passed(
    clocked: Api, make: Callable[[Api], int]
) -> None:
    made = clocked.call("clock.get").text("clock/date")
    assert made == "2007-09-01"
    content = EVERYTHING.replace("2026-05-31", "2007-09-30")
    recurring_id = (
        clocked.create_profile(content + LINES)
        if make is with_everything
        else make(clocked)
    )
    assert clocked.call("clock.set", "<date>2008-01-15</date>").ok
    read = clocked.get(recurring_id).http.data
    before = stored()
    answer = write_back(clocked, inner(clocked.get(recurring_id)))
    assert answer.ok, answer.error
    assert clocked.get(recurring_id).http.data == read
    assert stored() == before


def test_a_profile_of_a_list_can_be_written_back_too(api: Api) -> None:
    recurring_id = with_everything(api)
    read = api.get(recurring_id).http.data
    before = stored()
    assert write_back(api, inner(api.call("recurring.list"))).ok
    assert api.get(recurring_id).http.data == read
    assert stored() == before


def test_writing_back_with_one_change_changes_that_alone(api: Api) -> None:
    recurring_id = with_everything(api)
    read = inner(api.get(recurring_id))
    changed = read.replace("<notes>Thank you.<", "<notes>Thanks.<")
    assert write_back(api, changed).ok
    assert inner(api.get(recurring_id)) == changed
    assert changed != read


def test_writing_back_does_not_move_the_schedule(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<date>2007-10-31</date>")
    assert clocked.call("clock.set", "<date>2008-02-10</date>").ok
    assert write_back(clocked, inner(clocked.get(recurring_id))).ok
    assert clocked.call("clock.set", "<date>2008-03-31</date>").ok
    assert clocked.invoice_dates(recurring_id) == [
        "2007-10-31",
        "2007-11-30",
        "2007-12-31",
        "2008-01-31",
        "2008-02-29",
        "2008-03-31",
    ]


def test_read_only_elements_are_accepted_and_ignored(api: Api) -> None:
    recurring_id = filled(api)
    read = inner(api.get(recurring_id))
    answer = api.update(
        recurring_id,
        "<staff_id>9</staff_id><status>paid</status><amount>1</amount>"
        "<folder>deleted</folder><updated>2001-01-01 00:00:00</updated><links><view>u"
        "</view><client_view>v</client_view><edit>w</edit></links>"
        '<url deprecated="true">u</url><auth_url>u</auth_url>',
    )
    assert answer.ok, answer.error
    assert inner(api.get(recurring_id)) == read


@pytest.mark.parametrize("name", ["amount", "order", "compound_tax"])
def test_read_only_elements_of_a_line_are_accepted_and_ignored(
    api: Api, name: str
) -> None:
    answer = api.create(
        f"<lines><line><{name}>7</{name}><unit_cost>2</unit_cost><quantity>3</quantity>"
        "</line></lines>"
    )
    assert answer.ok, answer.error
    profile = api.get(int(answer.text("recurring_id") or 0))
    assert profile.text("recurring/lines/line/amount") == "6"


@pytest.mark.parametrize("method", ["create", "update"])
def test_a_client_beside_the_profile_is_tolerated(api: Api, method: str) -> None:
    client_id = api.create_client()
    api.create_profile("", client_id)
    answer = api.call(
        f"recurring.{method}",
        f"<recurring><recurring_id>1</recurring_id><client_id>{client_id}</client_id>"
        "</recurring><client><vat_name>x</vat_name></client>",
    )
    assert answer.ok, answer.error
    assert api.get(1).text("recurring/vat_name") == ""


def test_an_unknown_name_is_refused_with_its_path(api: Api) -> None:
    answer = api.create("<lines><line><name>a</name><cost>1</cost></line></lines>")
    assert (answer.code, answer.field) == ("40060", "cost")
    assert "recurring/lines/line" in answer.error


# Lines, as an update replaces them.


def test_lines_of_an_update_replace_the_stored_ones(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    assert api.update(recurring_id, "<lines><line><name>New</name></line></lines>").ok
    answer = api.get(recurring_id)
    assert answer.all("name") == ["New"]
    assert answer.all("line_id") == ["3"]


def test_a_line_that_names_a_stored_id_keeps_it(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    assert api.update(
        recurring_id,
        "<lines><line><name>New</name></line><line><line_id>1</line_id><name>Old</name>"
        "</line><line><line_id>77</line_id><name>Theirs</name></line></lines>",
    ).ok
    answer = api.get(recurring_id)
    assert answer.all("name") == ["New", "Old", "Theirs"]
    assert answer.all("line_id")[1] == "1"
    assert "77" not in answer.all("line_id")
    # The list replaces: what the line does not say is not kept.
    assert answer.all("unit_cost") == ["0", "0", "0"]


@pytest.mark.parametrize("empty", ["<lines/>", "<lines></lines>", "<lines>\n</lines>"])
def test_empty_lines_erase_all_lines(api: Api, empty: str) -> None:
    recurring_id = api.create_profile(LINES)
    assert api.update(recurring_id, empty).ok
    answer = api.get(recurring_id)
    assert answer.all("line_id") == []
    assert answer.text("recurring/amount") == "0"


def test_an_account_can_have_empty_lines_ignored(new_api: Callable[..., Api]) -> None:
    api = new_api("Node", ignore_empty_lists=True)
    recurring_id = api.create_profile("<lines/>" + LINES)
    assert api.update(recurring_id, "<lines/><notes>x</notes>").ok
    answer = api.get(recurring_id)
    assert len(answer.all("line_id")) == 2
    assert answer.text("recurring/notes") == "x"


def test_repeated_lists_are_merged(api: Api) -> None:
    client_id, contacts = client_with_contacts(api)
    wrapped = "".join(
        f"<contacts><contact><contact_id>{contact}</contact_id></contact></contacts>"
        for contact in contacts
    )
    answer = api.get(
        api.create_profile(
            f"{wrapped}<lines><line><name>a</name></line></lines><lines><line><name>b"
            "</name></line></lines>",
            client_id,
        )
    )
    assert answer.all("name") == ["a", "b"]
    assert answer.all("contact_id") == contacts


# Contacts.


def test_a_profile_without_contacts_has_no_such_element(api: Api) -> None:
    recurring_id = api.create_profile("<contacts/>")
    assert b"contacts" not in api.get(recurring_id).http.data
    assert b"contacts" not in api.call("recurring.list").http.data


def test_contacts_are_replaced_and_cleared(api: Api) -> None:
    client_id, (one, two) = client_with_contacts(api)
    wrapped = "<contacts><contact><contact_id>{}</contact_id></contact></contacts>"
    recurring_id = api.create_profile(wrapped.format(one), client_id)
    assert api.update(recurring_id, wrapped.format(two)).ok
    assert api.get(recurring_id).all("contact_id") == [two]
    assert api.update(recurring_id, "<contacts/>").ok
    assert api.get(recurring_id).all("contact_id") == []


def test_a_contact_of_another_client_is_not_found(api: Api) -> None:
    _, (foreign, _) = client_with_contacts(api)
    client_id, _ = client_with_contacts(api)
    answer = api.create(
        f"<contacts><contact><contact_id>{foreign}</contact_id></contact></contacts>",
        client_id,
    )
    assert answer.error == "'contact_id' not found. Contact not found."


# Dates, pauses and the client of an update.


def test_an_update_may_not_move_the_start_into_the_past(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<date>2007-09-10</date>")
    assert clocked.call("clock.set", "<date>2007-09-20</date>").ok
    answer = clocked.update(recurring_id, "<date>2007-09-11</date>")
    assert (answer.code, answer.field) == ("40060", "date")
    assert clocked.update(recurring_id, "<date>2007-09-10</date>").ok
    assert clocked.update(recurring_id, "<date>2007-09-20</date>").ok
    assert clocked.get(recurring_id).text("recurring/date") == "2007-09-20"


def test_a_stopped_profile_generates_nothing_until_it_is_started_again(
    clocked: Api,
) -> None:
    recurring_id = clocked.create_profile("<date>2007-09-10</date>")
    assert clocked.update(recurring_id, "<stopped>1</stopped>").ok
    assert clocked.get(recurring_id).text("recurring/stopped") == "1"
    clocked.call("clock.set", "<date>2007-10-15</date>")
    assert clocked.invoice_dates(recurring_id) == []
    assert clocked.update(recurring_id, "<stopped>0</stopped>").ok
    assert clocked.get(recurring_id).text("recurring/stopped") == "0"
    clocked.call("clock.set", "<date>2007-11-15</date>")
    assert clocked.invoice_dates(recurring_id) == ["2007-11-10"]


def test_occurrences_stay_as_configured_and_end_the_profile(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<occurrences>2</occurrences>")
    clocked.call("clock.set", "<date>2008-09-01</date>")
    answer = clocked.get(recurring_id)
    assert answer.text("recurring/occurrences") == "2"
    assert clocked.invoice_dates(recurring_id) == ["2007-09-01", "2007-10-01"]


def test_an_update_may_name_another_client(api: Api) -> None:
    recurring_id = api.create_profile()
    other = api.create_client("<organization>Other</organization>")
    assert api.update(recurring_id, f"<client_id>{other}</client_id>").ok
    assert api.get(recurring_id).text("recurring/client_id") == str(other)


def test_an_update_may_not_name_a_deleted_client(api: Api) -> None:
    recurring_id = api.create_profile()
    other = api.create_client()
    api.call("client.delete", f"<client_id>{other}</client_id>")
    answer = api.update(recurring_id, f"<client_id>{other}</client_id>")
    assert answer.error == "'client_id' not found. Client is deleted."


@pytest.mark.parametrize("code", ["eur", "EUR", " Eur "])
def test_a_currency_is_one_of_iso_4217_in_any_case(api: Api, code: str) -> None:
    recurring_id = api.create_profile(f"<currency_code>{code}</currency_code>")
    assert api.get(recurring_id).text("recurring/currency_code") == "EUR"


@pytest.mark.parametrize("code", ["", "XXX", "US", "Dollar"])
def test_an_unknown_currency_is_refused_in_the_words_of_old(
    api: Api, code: str
) -> None:
    answer = api.create(f"<currency_code>{code}</currency_code>")
    assert "Unknown currency" in answer.error


# Deleting.


def test_a_deleted_profile_is_gone_but_for_its_folder(api: Api) -> None:
    recurring_id = api.create_profile(LINES + CARD.format(year=2031))
    answer = api.call(
        "recurring.delete", f"<recurring_id>{recurring_id}</recurring_id>"
    )
    assert answer.http.data.endswith(b' status="ok"/>\n')
    assert api.call("recurring.list").all("recurring_id") == []
    listed = api.call("recurring.list", "<folder>deleted</folder>")
    assert listed.all("recurring_id") == [str(recurring_id)]
    assert listed.all("folder") == ["deleted"]


@pytest.mark.parametrize(
    ("method", "content"),
    [
        ("recurring.get", "<recurring_id>1</recurring_id>"),
        ("recurring.delete", "<recurring_id>1</recurring_id>"),
        ("recurring.update", "<recurring><recurring_id>1</recurring_id></recurring>"),
        ("recurring.lines.add", "<recurring_id>1</recurring_id><lines/>"),
        ("recurring.lines.update", "<recurring_id>1</recurring_id><lines/>"),
        (
            "recurring.lines.delete",
            "<recurring_id>1</recurring_id><line_id>1</line_id>",
        ),
    ],
)
def test_every_method_says_that_a_deleted_profile_is_deleted(
    api: Api, method: str, content: str
) -> None:
    api.create_profile(LINES)
    assert api.call("recurring.delete", "<recurring_id>1</recurring_id>").ok
    answer = api.call(method, content)
    assert (answer.code, answer.field) == ("50010", "recurring_id")
    assert answer.error == "'recurring_id' not found. Recurring is deleted."


def test_a_deleted_profile_generates_no_more_invoices(clocked: Api) -> None:
    recurring_id = clocked.create_profile()
    clocked.call("clock.set", "<date>2007-10-01</date>")
    clocked.call("recurring.delete", f"<recurring_id>{recurring_id}</recurring_id>")
    clocked.call("clock.set", "<date>2008-10-01</date>")
    assert clocked.invoice_dates(recurring_id) == ["2007-09-01", "2007-10-01"]


def test_deleting_a_client_ends_its_profiles_invoices(clocked: Api) -> None:
    client_id = clocked.create_client()
    recurring_id = clocked.create_profile("", client_id)
    clocked.call("client.delete", f"<client_id>{client_id}</client_id>")
    clocked.call("clock.set", "<date>2008-10-01</date>")
    assert clocked.invoice_dates(recurring_id) == ["2007-09-01"]


def test_today_is_the_day_of_the_accounts_test_clock(clocked: Api) -> None:
    recurring_id = clocked.create_profile()
    assert clocked.get(recurring_id).text("recurring/date") == "2007-09-01"


@pytest.mark.parametrize(
    "schedule",
    [
        "<dates><date>2026-03-05</date></dates><buffer_days>9</buffer_days>",
        "<days><day>25</day></days><end_date>2026-03-20</end_date>",
    ],
)
def test_the_day_of_creation_bills_even_where_no_other_date_does(
    api: Api, schedule: str
) -> None:
    created = api.create(f"<schedule>{schedule}<bill_now>1</bill_now></schedule>")

    assert created.text("invoice_id") == "1", created.error
    assert api.invoice_dates(1) == [TODAY]
    assert api.get(1).text("recurring/stopped") == "1"
