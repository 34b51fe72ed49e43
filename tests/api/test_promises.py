"""The promises to a client that knows FreshBooks alone, each by its number.

The numbers are those of the model for all five source systems (B.1).
"""

import hashlib
import re
from decimal import Decimal

import pytest
from lxml import etree

from tests.conftest import ON_SQLITE, Answer, Api
from tests.schemas import FIXTURES

# What clients of old send, and what the former edition answered them.
FORMER_REQUEST = (
    "<date>2026-03-31</date><frequency>monthly</frequency>"
    "<occurrences>12</occurrences><po_number>2314</po_number>"
    "<discount>10</discount><currency_code>USD</currency_code>"
    "<language>en</language><notes>Thank you.</notes><terms>30 days</terms>"
    "<return_uri>https://loom.test/::invoice id::</return_uri>"
    "<send_email>0</send_email><send_snail_mail>1</send_snail_mail><autobill>"
    "<gateway_name>Authorize.Net</gateway_name><card>"
    "<number>4111111111111111</number><name>Ada Byron</name><expiration>"
    "<month>3</month><year>2031</year></expiration></card></autobill><lines><line>"
    "<name>Yard Work</name><description>Mowed.</description>"
    "<unit_cost>10</unit_cost><quantity>4</quantity><tax1_name>GST</tax1_name>"
    "<tax2_name>PST</tax2_name><tax1_percent>8</tax1_percent>"
    "<tax2_percent>6</tax2_percent></line></lines>"
)
FORMER_ANSWER = b"""\
<?xml version="1.0" encoding="utf-8"?>
<response xmlns="http://www.freshbooks.com/api/" status="ok">
  <recurring>
    <recurring_id>1</recurring_id>
    <frequency>m</frequency>
    <occurrences>12</occurrences>
    <stopped>0</stopped>
    <client_id>1</client_id>
    <staff_id>1</staff_id>
    <organization>Loom Ltd</organization>
    <first_name></first_name>
    <last_name></last_name>
    <p_street1></p_street1>
    <p_street2></p_street2>
    <p_city></p_city>
    <p_state></p_state>
    <p_country></p_country>
    <p_code></p_code>
    <vat_name></vat_name>
    <vat_number></vat_number>
    <po_number>2314</po_number>
    <status></status>
    <amount>41.04</amount>
    <currency_code>USD</currency_code>
    <language>en</language>
    <date>2026-03-31</date>
    <notes>Thank you.</notes>
    <terms>30 days</terms>
    <discount>10</discount>
    <return_uri>https://loom.test/::invoice id::</return_uri>
    <send_snail_mail>1</send_snail_mail>
    <send_email>0</send_email>
    <folder>active</folder>
    <autobill>
      <gateway_name>Authorize.Net</gateway_name>
      <card>
        <number>************1111</number>
        <name>Ada Byron</name>
        <expiration>
          <month>03</month>
          <year>2031</year>
        </expiration>
      </card>
    </autobill>
    <lines>
      <line>
        <line_id>1</line_id>
        <name>Yard Work</name>
        <description>Mowed.</description>
        <unit_cost>10</unit_cost>
        <quantity>4</quantity>
        <amount>40</amount>
        <tax1_name>GST</tax1_name>
        <tax2_name>PST</tax2_name>
        <tax1_percent>8</tax1_percent>
        <tax2_percent>6</tax2_percent>
        <type>Item</type>
      </line>
    </lines>
  </recurring>
</response>
"""
FORMER_NAMES = """
    recurring_id frequency occurrences stopped client_id staff_id organization
    first_name last_name p_street1 p_street2 p_city p_state p_country p_code vat_name
    vat_number po_number status amount currency_code language date notes terms discount
    return_uri send_snail_mail send_email folder autobill lines
""".split()
# The stories that the former edition told, and what their profiles read like then.
FORMER_STORIES = """
    all-nine-frequencies autobill-life clients deleted-things end-of-month filters
    first-invoice-at-once foreign-currency ignore-unknown lines monthly-year-by-clock
    no-test-clock occurrences-end paging read-modify-write refusals return-uri
    samples-create samples-delete samples-get samples-list samples-update
    stop-and-resume the-account totals unknown-elements
""".split()
FORMER_ANSWERS = "da0a7c947919f5dafdef7120cc0add11deefa73184f6799ad87dd45608ca75c0"

LINES = "<lines><line><name>x</name><unit_cost>5</unit_cost></line></lines>"
# A profile that uses one thing that FreshBooks had not; no other of them is needed.
EXTENSIONS = {
    "title": "<title>Care of the loom</title>",
    "due_days": "<due_days>14</due_days>",
    "invoice_status": "<invoice_status>draft</invoice_status>",
    "autopay": "<autopay>0</autopay>",
    "send_receipt": "<send_receipt>once</send_receipt>",
    "attributes": "<attributes><attribute><name>a</name><value>b</value></attribute>"
    "</attributes>",
    "billing_model_id": "<billing_model_id>1</billing_model_id><date>2008-06-01</date>",
    "start_date": "<schedule><start_date>2007-01-31</start_date></schedule>",
    "end_date": "<schedule><end_date>2031-12-31</end_date></schedule>",
    "bill_now": "<date>2007-09-05</date><schedule><bill_now>1</bill_now></schedule>",
    "default tax": "<default_tax_name>VAT</default_tax_name>"
    "<default_tax_percent>8.5</default_tax_percent>",
    "taxes": "<taxes><tax><name>City</name><percent>2</percent></tax></taxes>",
    "discounts": "<discounts><discount><name>Loyal</name><percent>5</percent>"
    "</discount><discount><name>Gift</name><amount>0.5</amount></discount></discounts>",
    "15 days": "<frequency>15 days</frequency>",
    "3 weeks": "<frequency>3 weeks</frequency>",
    "5 months": "<frequency>5 months</frequency>",
    "3 years": "<frequency>3 years</frequency>",
    "daily": "<frequency>daily</frequency><occurrences>200</occurrences>",
    "once": "<frequency>once</frequency><date>2007-12-24</date>",
    "a day": "<schedule><days><day>31</day></days></schedule>",
    "two days": "<schedule><days><day>1</day><day>15</day></days></schedule>",
    "two days that a day makes": "<schedule><days/></schedule>",
    "a day of each quarter": "<schedule><days><day>1</day></days><every>3</every>"
    "</schedule>",
    "a weekday": "<schedule><week>last</week><weekday>friday</weekday></schedule>",
    "a weekday of each quarter": "<schedule><week>first</week>"
    "<weekday>monday</weekday><every>3</every></schedule>",
    "dates of every year": "<schedule><dates><date>03-21</date><date>11-01</date>"
    "</dates></schedule>",
    "dates of two years": "<schedule><dates><date>2007-12-24</date>"
    "<date>2008-12-24</date></dates></schedule>",
    "a buffer": "<schedule><dates><date>09-03</date><date>11-01</date></dates>"
    "<buffer_days>3</buffer_days></schedule>",
    "quarters": "<schedule><quarters><q1>01-31</q1><q2>04-30</q2><q3>07-31</q3>"
    "<q4>10-31</q4></quarters></schedule>",
}
# What can be done to a profile that FreshBooks had no word for.
DEEDS = {
    "pause": ("pause", ""),
    "archive": ("archive", ""),
    "skip": ("skip", ""),
    "changeDate": ("changeDate", "<date>2007-12-05</date>"),
    "changeDate for good": (
        "changeDate",
        "<date>2007-12-05</date><use_new_day>1</use_new_day>",
    ),
}

every_extension = pytest.mark.parametrize("extension", EXTENSIONS)


def details(api: Api, recurring_id: int) -> Answer:
    return api.call(
        "recurring.get",
        f"<recurring_id>{recurring_id}</recurring_id><details>1</details>",
    )


def previewed(api: Api, recurring_id: int) -> Answer:
    return api.call("recurring.preview", f"<recurring_id>{recurring_id}</recurring_id>")


def do(api: Api, verb: str, recurring_id: int, content: str = "") -> Answer:
    named = f"<recurring_id>{recurring_id}</recurring_id>{content}"
    return api.call(f"recurring.{verb}", named)


def whole(api: Api, recurring_id: int) -> list[bytes]:
    """Return all that there is to read of a profile, and of what it will bill."""
    answers = [details(api, recurring_id), previewed(api, recurring_id)]
    return [answer.http.data for answer in answers]


def sent_back(read: Answer, names: list[str] | None, notes: str) -> str:
    """Write what was read of a profile, or those elements of it, with other notes."""
    profile = read.find("recurring")
    assert profile is not None
    written = []
    for child in profile:
        name = etree.QName(child).localname
        if names is None or name in names:
            child.text = notes if name == "notes" else child.text
            written.append(etree.tostring(child, encoding="unicode"))
    return "".join(written)


def change_of_notes(api: Api, recurring_id: int, names: list[str] | None) -> None:
    """Read, change the notes and write as a client does; nothing else may change."""
    before = whole(api, recurring_id)
    read = api.get(recurring_id)
    notes = f"{read.text('recurring/notes')} Changed."
    old = f"<notes>{read.text('recurring/notes')}</notes>".encode()

    content = sent_back(read, names, notes)
    answer = api.call("recurring.update", f"<recurring>{content}</recurring>")

    assert answer.ok, answer.error
    expected = [
        text.replace(old, f"<notes>{notes}</notes>".encode()) for text in before
    ]
    assert whole(api, recurring_id) == expected


@ON_SQLITE
@every_extension
def test_1_every_new_element_is_optional(clocked: Api, extension: str) -> None:
    assert clocked.create(EXTENSIONS[extension]).ok


def test_1_left_out_the_new_elements_are_their_defaults(clocked: Api) -> None:
    legacy = clocked.create_profile("<frequency>monthly</frequency>" + LINES)
    explicit = clocked.create_profile(
        "<frequency>monthly</frequency><title/><due_days>0</due_days>"
        "<invoice_status>sent</invoice_status><autopay>1</autopay>"
        "<send_receipt>always</send_receipt><attributes/>"
        "<schedule><buffer_days>0</buffer_days><every>1</every><end_date/>"
        "<bill_now>0</bill_now></schedule>" + LINES,
        client_id=1,
    )
    texts = [clocked.get(recurring_id).http.data for recurring_id in (legacy, explicit)]
    for name in ("recurring_id", "line_id"):
        texts = [re.sub(rf"<{name}>\d+".encode(), b"", text) for text in texts]
    assert texts[0] == texts[1]
    clocked.call("clock.set", "<date>2008-01-31</date>")
    assert clocked.invoice_dates(legacy) == clocked.invoice_dates(explicit)


def test_2_a_profile_of_a_legacy_client_reads_back_byte_for_byte(api: Api) -> None:
    recurring_id = api.create_profile(FORMER_REQUEST)
    assert api.get(recurring_id).http.data == FORMER_ANSWER


def test_2_the_recorded_answers_of_the_former_edition_are_as_they_were() -> None:
    digest = hashlib.sha256()
    for story in FORMER_STORIES:
        folder = FIXTURES / "conversations" / story
        for path in sorted(folder.glob("*-recurring.*.response.xml")):
            if b' status="ok"' in path.read_bytes():
                digest.update(path.read_bytes())
    assert digest.hexdigest() == FORMER_ANSWERS


@ON_SQLITE
@every_extension
def test_2_legacy_elements_come_first_and_in_their_order(
    clocked: Api, extension: str
) -> None:
    recurring_id = clocked.create_profile(EXTENSIONS[extension])
    read = clocked.get(recurring_id).names("recurring")
    listed = clocked.call("recurring.list").names("recurrings/recurring")
    of_details = details(clocked, recurring_id).names("recurring")
    for names in (read, listed, of_details):
        assert names[: len(FORMER_NAMES)] == FORMER_NAMES
    assert len(of_details) > len(FORMER_NAMES)
    # bill_now is a deed of the creation; afterwards the profile is as any other.
    assert (len(read) > len(FORMER_NAMES)) == (extension != "bill_now")


@pytest.mark.parametrize("verb", ["pause", "archive", "skip", "changeDate"])
def test_2_what_is_done_to_a_legacy_profile_adds_no_elements(
    clocked: Api, verb: str
) -> None:
    recurring_id = clocked.create_profile("<frequency>monthly</frequency>")
    assert do(clocked, *with_id(verb, recurring_id)).ok
    assert clocked.get(recurring_id).names("recurring") == FORMER_NAMES


def with_id(deed: str, recurring_id: int) -> tuple[str, int, str]:
    verb, content = DEEDS[deed]
    return verb, recurring_id, content


@ON_SQLITE
@pytest.mark.parametrize(
    ("extension", "shown"),
    [
        ("15 days", "2w"),
        ("3 weeks", "2w"),
        ("5 months", "6m"),
        ("3 years", "2y"),
        ("daily", "w"),
        ("once", "m"),
        ("a day", "m"),
        ("two days", "2w"),
        ("two days that a day makes", "2w"),
        ("a day of each quarter", "3m"),
        ("a weekday", "m"),
        ("a weekday of each quarter", "3m"),
        ("dates of every year", "6m"),
        ("dates of two years", "y"),
        ("quarters", "3m"),
    ],
)
def test_3_a_frequency_is_shown_as_the_legacy_one_nearest_in_length(
    clocked: Api, extension: str, shown: str
) -> None:
    recurring_id = clocked.create_profile(EXTENSIONS[extension])
    answer = clocked.get(recurring_id)
    assert answer.text("recurring/frequency") == shown
    # The truth stands behind it.
    assert answer.text("recurring/frequency_text") not in {None, "", shown}


def test_3_thirty_days_are_shown_as_a_month(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<frequency>30 days</frequency>")
    answer = clocked.get(recurring_id)
    assert answer.text("recurring/frequency") == "m"
    assert answer.text("recurring/frequency_text") == "30 days"


def test_3_what_bills_once_is_shown_as_monthly_with_one_occurrence(
    clocked: Api,
) -> None:
    answer = clocked.get(clocked.create_profile(EXTENSIONS["once"]))
    assert answer.text("recurring/occurrences") == "1"


@every_extension
@pytest.mark.parametrize(
    "names", [FORMER_NAMES, None], ids=["legacy elements", "all elements"]
)
def test_4_read_change_write_loses_no_extension(
    clocked: Api, extension: str, names: list[str] | None
) -> None:
    recurring_id = clocked.create_profile(EXTENSIONS[extension] + LINES)
    change_of_notes(clocked, recurring_id, names)
    # Once more with dates billed, and a first one that has passed.
    clocked.call("clock.set", "<date>2008-01-20</date>")
    change_of_notes(clocked, recurring_id, names)


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    "extension", ["title", "15 days", "a weekday", "dates of every year"]
)
def test_4_read_change_write_undoes_nothing_that_was_done(
    clocked: Api, extension: str, deed: str
) -> None:
    recurring_id = clocked.create_profile(EXTENSIONS[extension] + LINES)
    assert do(clocked, *with_id(deed, recurring_id)).ok
    change_of_notes(clocked, recurring_id, FORMER_NAMES)
    clocked.call("clock.set", "<date>2008-01-20</date>")
    change_of_notes(clocked, recurring_id, FORMER_NAMES)


@pytest.mark.parametrize("frequency", ["m", "monthly", "M", " Monthly "])
def test_4_a_frequency_as_it_is_shown_leaves_the_schedule_alone(
    clocked: Api, frequency: str
) -> None:
    recurring_id = clocked.create_profile(EXTENSIONS["a weekday"])
    before = whole(clocked, recurring_id)
    assert clocked.update(recurring_id, f"<frequency>{frequency}</frequency>").ok
    assert whole(clocked, recurring_id) == before


def test_4_another_frequency_replaces_the_schedule(clocked: Api) -> None:
    recurring_id = clocked.create_profile(EXTENSIONS["a weekday"])
    assert clocked.update(recurring_id, "<frequency>2 weeks</frequency>").ok
    answer = clocked.get(recurring_id)
    assert answer.text("recurring/frequency") == "2w"
    assert answer.find("recurring/schedule/week") is None


def test_4_another_date_moves_the_schedule(clocked: Api) -> None:
    recurring_id = clocked.create_profile(EXTENSIONS["15 days"])
    assert clocked.update(recurring_id, "<date>2007-10-01</date>").ok
    assert previewed(clocked, recurring_id).all("date")[:2] == [
        "2007-10-01",
        "2007-10-16",
    ]


def test_5_lines_that_are_sent_back_stay_the_lines_that_they_were(
    clocked: Api,
) -> None:
    lines = LINES.replace("</lines>", "<line><name>y</name></line></lines>")
    recurring_id = clocked.create_profile(lines)
    read = clocked.get(recurring_id)
    content = sent_back(read, ["recurring_id", "lines"], "")
    assert clocked.call("recurring.update", f"<recurring>{content}</recurring>").ok
    assert clocked.get(recurring_id).http.data == read.http.data


# Lines that FreshBooks had not: 100 and 10 count, a fee is 3 % of both, 50 comes later.
RICH_LINES = (
    "<lines><line><name>Rent</name><unit_cost>100</unit_cost><quantity>1</quantity>"
    "<group>Base</group></line><line><name>Seats</name><unit_cost>5</unit_cost>"
    "<quantity>2</quantity><taxable>0</taxable><group>Base</group></line><line>"
    "<name>Fee</name><percent>3</percent></line><line><name>Summer</name>"
    "<unit_cost>50</unit_cost><quantity>1</quantity><start_date>2008-06-01</start_date>"
    "<end_date>2008-08-31</end_date></line></lines>"
)
RICH = (
    RICH_LINES
    + "".join(EXTENSIONS[name] for name in ("title", "due_days", "attributes"))
    + "".join(EXTENSIONS[name] for name in ("default tax", "taxes", "discounts"))
    + "<schedule><days><day>15</day></days><end_date>2031-12-31</end_date></schedule>"
    "<autopay>0</autopay><send_receipt>once</send_receipt><discount>10</discount>"
    "<invoice_status>draft</invoice_status>"
)
OURS_OF_LINES = ["percent", "taxable", "start_date", "end_date", "group"]
LEGACY_OF_LINES = """
    line_id name description unit_cost quantity amount tax1_name tax2_name tax1_percent
    tax2_percent type
""".split()


def lines_of(read: Answer) -> list[etree._Element]:
    found = read.find("recurring/lines")
    assert found is not None
    return list(found)


def name_of(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def write_lines(
    api: Api, recurring_id: int, lines: list[etree._Element], *left_out: str
) -> Answer:
    for line in lines:
        for child in list(line):
            if name_of(child) in left_out:
                line.remove(child)
    inside = "".join(etree.tostring(line, encoding="unicode") for line in lines)
    return api.update(recurring_id, f"<lines>{inside}</lines>")


def ours(api: Api, recurring_id: int) -> list[dict[str, str]]:
    """Return what is ours of each line of a profile."""
    return [
        {
            name_of(child): child.text or ""
            for child in line
            if name_of(child) in OURS_OF_LINES
        }
        for line in lines_of(details(api, recurring_id))
    ]


def events(api: Api, recurring_id: int) -> list[str]:
    return do(api, "history", recurring_id).all("what")


@pytest.mark.parametrize("names", [FORMER_NAMES, None], ids=["legacy", "all"])
@pytest.mark.parametrize("asked", ["", "<details>1</details>"])
def test_5_a_profile_with_everything_written_back_is_no_change(
    clocked: Api, names: list[str] | None, asked: str
) -> None:
    recurring_id = clocked.create_profile(RICH)
    before = whole(clocked, recurring_id)
    read = do(clocked, "get", recurring_id, asked)
    content = sent_back(read, names, read.text("recurring/notes") or "")
    answer = clocked.call("recurring.update", f"<recurring>{content}</recurring>")
    assert answer.ok, answer.error
    assert whole(clocked, recurring_id) == before
    assert events(clocked, recurring_id) == ["create"]


def test_5_details_show_every_element_of_a_line(clocked: Api) -> None:
    recurring_id = clocked.create_profile(RICH)
    for line in lines_of(details(clocked, recurring_id)):
        assert list(map(name_of, line)) == LEGACY_OF_LINES + OURS_OF_LINES
    shown = [list(map(name_of, line)) for line in lines_of(clocked.get(recurring_id))]
    assert [names[len(LEGACY_OF_LINES) :] for names in shown] == [
        ["group"],
        ["taxable", "group"],
        ["percent"],
        ["start_date", "end_date"],
    ]


@pytest.mark.parametrize("left_out", [OURS_OF_LINES, [*OURS_OF_LINES, "line_id"]])
def test_5_a_legacy_client_that_writes_lines_back_keeps_what_is_ours(
    clocked: Api, left_out: list[str]
) -> None:
    recurring_id = clocked.create_profile(RICH)
    before = ours(clocked, recurring_id)
    amounts = previewed(clocked, recurring_id).http.data
    read = lines_of(clocked.get(recurring_id))
    answer = write_lines(clocked, recurring_id, read, *left_out)
    assert answer.ok, answer.error
    assert ours(clocked, recurring_id) == before
    assert previewed(clocked, recurring_id).http.data == amounts


# One line ends and another begins between two dates: a fee of 3 % comes to others.
CHANGING_LINES = (
    "<lines><line><name>Rent</name><unit_cost>100</unit_cost><quantity>1</quantity>"
    "</line><line><name>Fee</name><percent>3</percent></line><line><name>Welcome</name>"
    "<unit_cost>-10</unit_cost><quantity>1</quantity><end_date>2007-10-31</end_date>"
    "</line><line><name>Seat</name><unit_cost>20</unit_cost><quantity>1</quantity>"
    "<start_date>2007-12-01</start_date></line></lines>"
)


@pytest.mark.parametrize("left_out", [OURS_OF_LINES, [*OURS_OF_LINES, "line_id"]])
@pytest.mark.parametrize("months", [1, 2, 3])
def test_5_what_was_read_before_a_date_was_billed_keeps_what_is_ours(
    clocked: Api, left_out: list[str], months: int
) -> None:
    recurring_id = clocked.create_profile(f"<date>2007-10-01</date>{CHANGING_LINES}")
    before = ours(clocked, recurring_id)
    read = lines_of(clocked.get(recurring_id))
    clocked.call("clock.set", f"<date>2007-{9 + months}-15</date>")
    amounts = previewed(clocked, recurring_id).http.data
    answer = write_lines(clocked, recurring_id, read, *left_out)
    assert answer.ok, answer.error
    assert ours(clocked, recurring_id) == before
    assert previewed(clocked, recurring_id).http.data == amounts


def test_5_lines_update_by_what_was_read_before_a_date_was_billed(clocked: Api) -> None:
    recurring_id = clocked.create_profile(f"<date>2007-10-01</date>{CHANGING_LINES}")
    before = ours(clocked, recurring_id)
    clocked.call("clock.set", "<date>2007-12-15</date>")
    fee = "<line_id>2</line_id><unit_cost>2.7</unit_cost><quantity>1</quantity>"
    content = f"<lines><line>{fee}</line></lines>"
    assert do(clocked, "lines.update", recurring_id, content).ok
    assert ours(clocked, recurring_id) == before


def test_5_a_legacy_client_that_changes_a_line_by_its_id_keeps_what_is_ours(
    clocked: Api,
) -> None:
    recurring_id = clocked.create_profile(RICH)
    before = ours(clocked, recurring_id)
    read = lines_of(clocked.get(recurring_id))
    for line in read:
        (name,) = [child for child in line if name_of(child) == "name"]
        name.text = f"{name.text}!"
    assert write_lines(clocked, recurring_id, read, *OURS_OF_LINES).ok
    assert ours(clocked, recurring_id) == before
    assert all(text.endswith("!") for text in clocked.get(recurring_id).all("name")[:1])


def test_5_lines_update_names_what_it_changes(clocked: Api) -> None:
    recurring_id = clocked.create_profile(RICH)
    before = ours(clocked, recurring_id)
    only = "<lines><line><line_id>{}</line_id>{}</line></lines>"
    for line_id, said in ((1, "<name>Rental</name>"), (4, "<unit_cost>60</unit_cost>")):
        assert do(clocked, "lines.update", recurring_id, only.format(line_id, said)).ok
    assert ours(clocked, recurring_id) == before
    empty = "<start_date/><end_date/><group/><percent/><taxable/>"
    for line_id in (1, 2, 3, 4):
        assert do(clocked, "lines.update", recurring_id, only.format(line_id, empty)).ok
    plain = {"percent": "", "taxable": "1", "start_date": "", "end_date": ""}
    assert ours(clocked, recurring_id) == [{**plain, "group": ""}] * 4


def test_5_structures_that_come_back_as_text_change_nothing(clocked: Api) -> None:
    recurring_id = clocked.create_profile(RICH)
    before = whole(clocked, recurring_id)
    # freshbooks.js writes back as text what it does not know.
    text = "".join(
        f"<{name}>[object Object]</{name}>"
        for name in ("schedule", "attributes", "taxes", "discounts", "totals")
    )
    assert clocked.update(recurring_id, text).ok
    assert whole(clocked, recurring_id) == before


def test_6_a_percentage_reads_as_money_of_the_next_invoice(clocked: Api) -> None:
    recurring_id = clocked.create_profile(RICH_LINES)
    fee = lines_of(clocked.get(recurring_id))[2]
    shown = {name_of(child): child.text for child in fee}
    assert (shown["unit_cost"], shown["quantity"], shown["amount"]) == (
        "3.3",
        "1",
        "3.3",
    )
    # In summer it is 3 % of more.
    clocked.call("clock.set", "<date>2008-05-30</date>")
    clocked.call("clock.set", "<date>2008-06-01</date>")
    fee = lines_of(clocked.get(recurring_id))[2]
    assert {name_of(child): child.text for child in fee}["amount"] == "4.8"


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [
        ("", "103"),
        ("<quantity/>", "103"),
        ("<quantity> </quantity>", "103"),
        ("<quantity>2</quantity>", "106"),
        ("<quantity>0</quantity>", "100"),
    ],
)
def test_6_an_empty_quantity_of_a_percentage_is_no_wish(
    clocked: Api, quantity: str, amount: str
) -> None:
    rent = "<line><unit_cost>100</unit_cost><quantity>1</quantity></line>"
    fee = f"<line><percent>3</percent>{quantity}</line>"
    recurring_id = clocked.create_profile(f"<lines>{rent}{fee}</lines>")
    answer = clocked.call(
        "recurring.get", f"<recurring_id>{recurring_id}</recurring_id>"
    )
    assert answer.text("recurring/amount") == amount


def test_6_legacy_sums_of_lines_agree_with_the_amount(clocked: Api) -> None:
    recurring_id = clocked.create_profile(RICH_LINES)
    read = clocked.get(recurring_id)
    told = [{name_of(each): each.text for each in line} for line in lines_of(read)]
    products = [
        Decimal(line["unit_cost"] or "") * Decimal(line["quantity"] or "")
        for line in told
        # The summer is still to come.
        if line["amount"] != "0"
    ]
    assert sum(products) == Decimal(read.text("recurring/amount") or "")


def test_6_other_money_makes_a_percentage_money(clocked: Api) -> None:
    recurring_id = clocked.create_profile(RICH_LINES)
    other = "<lines><line><line_id>3</line_id><unit_cost>4</unit_cost></line></lines>"
    assert do(clocked, "lines.update", recurring_id, other).ok
    assert ours(clocked, recurring_id)[2]["percent"] == ""
    assert clocked.get(recurring_id).text("recurring/amount") == "114"


def test_7_the_amount_is_that_of_the_first_date_that_bills(clocked: Api) -> None:
    start = "<start_date>2008-02-01</start_date>"
    later = RICH_LINES.replace("<group>", f"{start}<group>")
    later = later.replace("<percent>", f"{start}<percent>")
    recurring_id = clocked.create_profile(later)
    answer = details(clocked, recurring_id)
    assert answer.text("recurring/next_issue_date") == "2008-02-01"
    assert answer.text("recurring/amount") == "113.3"
    assert answer.text("recurring/totals/recurring_amount") == "113.3"
    assert answer.text("recurring/totals/quantity") == "3"
    assert previewed(clocked, recurring_id).all("amount")[0] == "113.3"


@ON_SQLITE
@every_extension
def test_7_the_amount_is_that_of_the_next_invoice(clocked: Api, extension: str) -> None:
    taxed = LINES.replace("</line>", "<tax1_percent>8</tax1_percent></line>")
    recurring_id = clocked.create_profile(EXTENSIONS[extension] + taxed)
    amount = clocked.get(recurring_id).text("recurring/amount")
    assert set(previewed(clocked, recurring_id).all("amount")) <= {amount}
    clocked.call("clock.set", "<date>2011-01-01</date>")
    invoices = clocked.call(
        "invoice.list", f"<recurring_id>{recurring_id}</recurring_id>"
    )
    assert set(invoices.all("amount_outstanding")) == {amount}


def test_8_lists_are_of_one_folder_or_of_both(clocked: Api) -> None:
    kept = clocked.create_profile()
    away = clocked.create_profile(client_id=1)
    gone = clocked.create_profile(client_id=1)
    do(clocked, "archive", away)
    do(clocked, "delete", gone)

    def listed(folder: str) -> list[tuple[str, str]]:
        answer = clocked.call("recurring.list", folder)
        ids, folders = answer.all("recurring_id"), answer.all("folder")
        return list(zip(ids, folders, strict=True))

    active, archived = (str(kept), "active"), (str(away), "archived")
    assert listed("") == [archived, active]
    assert listed("<folder>active</folder>") == [active]
    assert listed("<folder>archived</folder>") == [archived]
    assert listed("<folder>deleted</folder>") == [(str(gone), "deleted")]


def test_9_old_methods_mean_the_same_after_the_new_ones(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<frequency>monthly</frequency>")
    do(clocked, "pause", recurring_id)
    assert clocked.get(recurring_id).text("recurring/stopped") == "1"
    clocked.update(recurring_id, "<stopped>0</stopped>")
    assert details(clocked, recurring_id).text("recurring/state") == "active"
    clocked.update(recurring_id, "<stopped>1</stopped>")
    assert do(clocked, "resume", recurring_id).ok
    assert clocked.get(recurring_id).text("recurring/stopped") == "0"
    assert do(clocked, "delete", recurring_id).ok
    assert clocked.get(recurring_id).code == "50010"


def test_9_a_preview_changes_nothing(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<frequency>monthly</frequency>")
    lists = ["recurring.list", "invoice.list", "client.list"]
    before = [clocked.call(name).http.data for name in lists]
    assert previewed(clocked, recurring_id).ok
    assert clocked.call(
        "recurring.preview", "<recurring><frequency>weekly</frequency></recurring>"
    ).ok
    assert [clocked.call(name).http.data for name in lists] == before


@pytest.mark.parametrize(
    ("verb", "content", "names"),
    [
        ("resume", "", ["error", "code"]),
        ("restore", "", ["error", "code"]),
        ("changeDate", "<date>2007-08-31</date>", ["error", "code", "field"]),
        ("preview", "<count>101</count>", ["error", "code", "field"]),
    ],
)
def test_9_new_methods_refuse_as_old_ones_do(
    clocked: Api, verb: str, content: str, names: list[str]
) -> None:
    recurring_id = clocked.create_profile("<frequency>monthly</frequency>")
    answer = do(clocked, verb, recurring_id, content)
    assert answer.root.get("status") == "fail"
    assert answer.names("") == names
