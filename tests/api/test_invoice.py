from datetime import timedelta

import pytest

from tests import snapshot
from tests.conftest import Answer, Api, Clock

LINES = (
    "<lines><line><name>Yard Work</name><description>Mowing</description>"
    "<unit_cost>10</unit_cost><quantity>4.00</quantity><tax1_name>GST</tax1_name>"
    "<tax1_percent>5</tax1_percent><tax2_name>PST</tax2_name>"
    "<tax2_percent>8</tax2_percent></line></lines>"
)
LINE_NAMES = (
    "line_id amount name description unit_cost quantity tax1_name tax2_name "
    "tax1_percent tax2_percent type"
).split()
TAIL = (
    "url auth_url links return_uri updated recurring_id organization first_name "
    "last_name p_street1 p_street2 p_city p_state p_country p_code vat_name vat_number "
    "staff_id lines"
).split()


def get(api: Api, invoice_id: int = 1) -> Answer:
    return api.call("invoice.get", f"<invoice_id>{invoice_id}</invoice_id>")


def listed(api: Api, filters: str) -> list[str]:
    answer = api.call("invoice.list", filters)
    assert answer.ok, answer.error
    return answer.all("invoice_id")


def test_the_elements_of_an_invoice_come_in_their_order(api: Api) -> None:
    api.create_profile(LINES)
    answer = get(api)
    assert answer.names("invoice") == [
        *"invoice_id client_id number amount amount_outstanding status date".split(),
        *"po_number discount notes terms currency_code folder language".split(),
        *TAIL,
    ]
    assert answer.names("invoice/lines/line") == LINE_NAMES
    assert answer.names("invoice/links") == ["client_view", "view", "edit"]


def test_the_elements_of_a_listed_invoice_come_in_another_order(api: Api) -> None:
    api.create_profile(LINES)
    answer = api.call("invoice.list")
    assert answer.names("invoices/invoice") == [
        *"invoice_id client_id number amount currency_code language".split(),
        *"amount_outstanding status date folder po_number discount notes".split(),
        "terms",
        *TAIL,
    ]
    assert answer.names("invoices/invoice/lines/line") == LINE_NAMES


def test_an_invoice_is_a_copy_of_its_profile_on_its_date(api: Api) -> None:
    client_id = api.create_client(
        "<organization>Loom</organization><p_city>Nottingham</p_city>"
        "<contacts><contact><email>c@loom.test</email></contact></contacts>"
    )
    api.create_profile(
        "<discount>10</discount><notes> n </notes><terms>t</terms><po_number>7"
        "</po_number><language>fr</language><first_name>Ada</first_name>"
        "<vat_number>GB 1</vat_number><contacts><contact><contact_id>1</contact_id>"
        f"</contact></contacts>{LINES}",
        client_id,
    )
    answer = get(api)
    got = {name: answer.text(f"invoice/{name}") for name in answer.names("invoice")}
    expected = {
        "invoice_id": "1",
        "client_id": "1",
        "number": "0000001",
        "amount": "40.68",
        "amount_outstanding": "40.68",
        "status": "sent",
        "date": "2026-03-02",
        "po_number": "7",
        "discount": "10",
        "notes": " n ",
        "terms": "t",
        "currency_code": "USD",
        "folder": "active",
        "language": "fr",
        "auth_url": "https://loom.test/invoices/1",
        "return_uri": "",
        "updated": "2026-03-02 10:00:00",
        "recurring_id": "1",
        "organization": "Loom",
        "first_name": "Ada",
        "last_name": "",
        "p_city": "Nottingham",
        "vat_number": "GB 1",
        "staff_id": "1",
    }
    assert {name: got[name] for name in expected} == expected
    assert answer.all("contact_id") == ["1"]
    (line,) = [
        [child.text or "" for child in element]
        for element in answer.root.iter("{*}line")
    ]
    assert line[1:] == [
        *("40", "Yard Work", "Mowing", "10", "4"),
        *("GST", "PST", "5", "8", "Item"),
    ]


def test_an_invoice_without_contacts_has_no_such_element(api: Api) -> None:
    api.create_profile()
    assert b"contacts" not in get(api).http.data
    assert b"contacts" not in api.call("invoice.list").http.data


def test_the_deprecated_links_are_marked(api: Api) -> None:
    api.create_profile()
    answer = get(api)
    for name in ("url", "auth_url"):
        found = answer.find(f"invoice/{name}")
        assert found is not None
        assert dict(found.attrib) == {"deprecated": "true"}
    assert answer.text("invoice/url") == answer.text("invoice/links/client_view")
    assert answer.text("invoice/links/edit") == "https://loom.test/invoices/1/edit"


def test_an_invoice_that_is_not_mailed_is_sent_all_the_same(api: Api) -> None:
    api.create_profile("<send_email>0</send_email>")
    assert get(api).text("invoice/status") == "sent"


def test_the_return_uri_is_filled_in_on_the_invoice_alone(api: Api) -> None:
    api.create_profile()
    uri = "https://shop.test/::invoice id::?n=::invoice number::&amp;x=::Invoice id::"
    recurring_id = api.create_profile(f"<return_uri>{uri}</return_uri>")
    expected = "https://shop.test/2?n=0000002&x=::Invoice id::"
    assert get(api, 2).text("invoice/return_uri") == expected
    kept = api.get(recurring_id).text("recurring/return_uri")
    assert kept == uri.replace("&amp;", "&")


def test_later_changes_leave_an_invoice_alone(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    before = get(api).http.data
    assert api.update(recurring_id, "<notes>x</notes><lines/><p_city>y</p_city>").ok
    assert api.call("recurring.delete", "<recurring_id>1</recurring_id>").ok
    assert api.call("client.delete", "<client_id>1</client_id>").ok
    assert get(api).http.data == before


def test_numbers_count_up_through_all_profiles(clocked: Api) -> None:
    clocked.create_profile("<frequency>weekly</frequency><occurrences>2</occurrences>")
    clocked.create_profile("<occurrences>1</occurrences>")
    clocked.call("clock.set", "<date>2007-09-30</date>")
    assert clocked.call("invoice.list").all("number") == [
        "0000003",
        "0000002",
        "0000001",
    ]


@pytest.mark.parametrize("padded", ["1", "00000000001", " 1 "])
def test_ids_may_be_padded_and_are_answered_plain(api: Api, padded: str) -> None:
    api.create_profile()
    answer = api.call("invoice.get", f"<invoice_id>{padded}</invoice_id>")
    assert answer.text("invoice/invoice_id") == "1"


@pytest.mark.parametrize(
    ("content", "code", "error"),
    [
        (
            "<invoice_id>2</invoice_id>",
            "50010",
            "'invoice_id' not found. Invoice not found.",
        ),
        (
            "<invoice_id>a</invoice_id>",
            "50010",
            "'invoice_id' not found. Invoice not found.",
        ),
        ("<invoice_id/>", "40040", "Missing required field: 'invoice_id'."),
        ("", "40040", "Missing required field: 'invoice_id'."),
    ],
)
def test_an_unknown_invoice_is_not_found(
    api: Api, content: str, code: str, error: str
) -> None:
    api.create_profile()
    answer = api.call("invoice.get", content)
    assert (answer.code, answer.field) == (code, "invoice_id")
    assert answer.error == error


def test_a_deleted_invoice_says_so(api: Api) -> None:
    api.create_profile()
    assert api.call("invoice.delete", "<invoice_id>1</invoice_id>").ok
    answer = get(api)
    assert answer.error == "'invoice_id' not found. Invoice is deleted."


def test_a_client_beside_an_invoice_request_is_tolerated(api: Api) -> None:
    api.create_profile()
    stray = "<client><vat_name>x</vat_name></client>"
    assert api.call("invoice.get", f"<invoice_id>1</invoice_id>{stray}").ok
    assert api.call("invoice.list", stray).all("invoice_id") == ["1"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("", ["4", "3", "2", "1"]),
        ("<client_id>1</client_id>", ["3", "1"]),
        ("<client_id>9</client_id>", []),
        ("<recurring_id>2</recurring_id>", ["4", "2"]),
        ("<recurring_id>00002</recurring_id>", ["4", "2"]),
        ("<recurring_id/>", ["4", "3", "2", "1"]),
        ("<status>sent</status>", ["4", "3", "2", "1"]),
        ("<status> SENT </status>", ["4", "3", "2", "1"]),
        ("<status>paid</status>", []),
        ("<status>auto-paid</status>", []),
        ("<status>Declined</status>", []),
        ("<number>0000003</number>", ["3"]),
        ("<number>3</number>", ["3"]),
        ("<number>000</number>", ["4", "3", "2", "1"]),
        ("<number>%</number>", []),
        ("<number>000000_</number>", []),
        ("<number>\\</number>", []),
        ("<date_from>2007-10-01</date_from>", ["4", "3"]),
        ("<date_to>2007-09-01</date_to>", ["2", "1"]),
        ("<date_to>2007-09-30 23:00:00</date_to>", ["2", "1"]),
        ("<updated_from>2007-10-01 00:00:00</updated_from>", ["4", "3"]),
        ("<updated_to>2007-09-30 23:59:59</updated_to>", ["2", "1"]),
        ("<folder>active</folder>", ["4", "3", "2", "1"]),
        ("<folder>deleted</folder>", []),
        ("<client_id>1</client_id><date_from>2007-10-01</date_from>", ["3"]),
        ("<per_page>3</per_page><page>2</page>", ["1"]),
        ("<page>999</page>", []),
    ],
)
def test_a_list_is_narrowed_by_its_filters(
    clocked: Api, filters: str, expected: list[str]
) -> None:
    for _ in range(2):
        clocked.create_profile("<occurrences>2</occurrences>")
    clocked.call("clock.set", "<date>2007-10-01</date>")
    assert listed(clocked, filters) == expected


@pytest.mark.parametrize(
    ("filters", "code", "field"),
    [
        ("<client_id>a</client_id>", "50010", "client_id"),
        ("<recurring_id>x</recurring_id>", "50010", "recurring_id"),
        ("<date_from>x</date_from>", "40060", "date_from"),
        ("<folder>trash</folder>", "40060", "folder"),
        ("<status>overdue</status>", "40060", "status"),
        ("<po_number>1</po_number>", "40060", "po_number"),
    ],
)
def test_a_bad_filter_is_refused(api: Api, filters: str, code: str, field: str) -> None:
    answer = api.call("invoice.list", filters)
    assert (answer.code, answer.field) == (code, field)


def test_a_page_of_invoices_has_the_four_attributes(api: Api, clock: Clock) -> None:
    for _ in range(3):
        api.create_profile()
        clock.now += timedelta(minutes=1)
    answer = api.call("invoice.list", "<page>2</page><per_page>2</per_page>")
    found = answer.find("invoices")
    assert found is not None
    expected = [("page", "2"), ("per_page", "2"), ("pages", "2"), ("total", "3")]
    assert list(found.attrib.items()) == expected
    assert answer.all("invoice_id") == ["1"]


def statements_of(api: Api, size: int) -> list[str]:
    with snapshot.dying_at(0, AssertionError) as statements:
        answer = api.call("invoice.list", f"<per_page>{size}</per_page>")
    assert len(answer.all("line_id")) == 2 * size
    return statements


def test_a_page_of_many_invoices_costs_as_many_queries_as_one_of_one(api: Api) -> None:
    line = "<line><name>x</name></line>"
    api.create_client()
    for _ in range(25):
        content = f"<client_id>1</client_id><lines>{line * 2}</lines>"
        assert api.call("invoice.create", f"<invoice>{content}</invoice>").ok
    one, many = statements_of(api, 1), statements_of(api, 25)
    assert len(one) == len(many) <= 12
