from datetime import timedelta

import pytest

from app.storage import tables
from tests.conftest import Answer, Api, Clock

TEXTS = {
    "first_name": "Ada",
    "last_name": "Byron",
    "organization": "Loom & Sons",
    "work_phone": "1",
    "home_phone": "2",
    "mobile": "3",
    "fax": "4",
    "notes": "  two\nlines ",
    "p_street1": "1 Yard",
    "p_street2": "Back",
    "p_city": "Nottingham",
    "p_state": "Notts",
    "p_country": "United Kingdom",
    "p_code": "NG1",
    "s_street1": "2 Yard",
    "s_street2": "Front",
    "s_city": "Derby",
    "s_state": "Derbs",
    "s_country": "France",
    "s_code": "DE1",
    "vat_name": "VAT",
    "vat_number": "GB 1",
}
WORDS = {
    "email": "ada@loom.test",
    "username": "ada",
    "language": "fr",
    "currency_code": "EUR",
}
CONTACTS = (
    "<contacts><contact><email>cb@loom.test</email><username>cb</username>"
    "<first_name>Charles</first_name><last_name>Babb</last_name><phone1>5</phone1>"
    "<phone2>6</phone2></contact><contact><email>x@loom.test</email></contact>"
    "</contacts>"
)
EVERYTHING = (
    "".join(
        f"<{name}>{text.replace('&', '&amp;')}</{name}>"
        for name, text in (TEXTS | WORDS).items()
    )
    + CONTACTS
)
NAMES = (
    "client_id first_name last_name organization email username contacts work_phone "
    "home_phone mobile fax language currency_code credit credits notes p_street1 "
    "p_street2 p_city p_state p_country p_code s_street1 s_street2 s_city s_state "
    "s_country s_code url auth_url links vat_name vat_number"
).split()


def create(api: Api, content: str) -> int:
    answer = api.call("client.create", f"<client>{content}</client>")
    assert answer.ok, answer.error
    return int(answer.text("client_id") or 0)


def update(api: Api, client_id: int, content: str) -> Answer:
    return api.call(
        "client.update", f"<client><client_id>{client_id}</client_id>{content}</client>"
    )


def get(api: Api, client_id: int) -> Answer:
    return api.call("client.get", f"<client_id>{client_id}</client_id>")


def listed(api: Api, filters: str) -> list[str]:
    answer = api.call("client.list", filters)
    assert answer.ok, answer.error
    return answer.all("client_id")


def stored() -> list[object]:
    kept = (tables.Client, tables.Contact)
    return [list(table.select().dicts()) for table in kept]


def inner(answer: Answer) -> str:
    text = str(answer.http.data, "utf-8")
    return text.partition("<client>")[2].rpartition("</client>")[0]


def test_creating_a_client_answers_its_id(api: Api) -> None:
    content = "<email>a@loom.test</email><first_name>Ada</first_name>"
    answer = api.call("client.create", f"<client>{content}</client>")
    assert answer.names("") == ["client_id"]
    assert answer.text("client_id") == "1"


def test_every_field_comes_back_as_it_was_given(api: Api) -> None:
    answer = get(api, create(api, EVERYTHING))
    got = {name: answer.text(f"client/{name}") for name in answer.names("client")}
    expected = TEXTS | WORDS
    assert {name: got[name] for name in expected} == expected
    assert answer.names("client/contacts") == ["contact", "contact"]
    assert answer.names("client/contacts/contact") == (
        "contact_id username first_name last_name email phone1 phone2".split()
    )
    assert answer.all("email") == ["ada@loom.test", "cb@loom.test", "x@loom.test"]
    assert answer.all("phone2") == ["6", ""]


def test_the_elements_of_a_client_come_in_their_order(api: Api) -> None:
    answer = get(api, create(api, EVERYTHING))
    assert answer.names("client") == [*NAMES, "folder", "updated"]
    assert answer.names("client/links") == ["client_view", "view", "statement"]


def test_in_a_list_updated_stands_before_folder(api: Api) -> None:
    create(api, EVERYTHING)
    answer = api.call("client.list")
    assert answer.names("clients/client") == [*NAMES, "updated", "folder"]


def test_a_client_without_contacts_shows_an_empty_element(api: Api) -> None:
    assert b"    <contacts/>\n" in get(api, api.create_client()).http.data


def test_links_and_credit_are_marked_as_they_were(api: Api) -> None:
    answer = get(api, create(api, EVERYTHING))
    attributes = {
        name: dict(element.attrib)
        for name in ("url", "auth_url", "credit", "credits/credit")
        if (element := answer.find(f"client/{name}")) is not None
    }
    assert attributes == {
        "url": {"deprecated": "true"},
        "auth_url": {"deprecated": "true"},
        "credit": {"currency": "EUR", "deprecated": "true"},
        "credits/credit": {"currency": "EUR"},
    }
    assert answer.all("credit") == ["0", "0"]
    assert (answer.text("client/url") or "").startswith("https://loom.test/view/")
    assert answer.text("client/auth_url") == "https://loom.test/clients/1"


def test_what_is_left_out_has_its_default(api: Api) -> None:
    content = "<email>a@loom.test</email><first_name>Ada</first_name>"
    answer = get(api, create(api, content + "<last_name>De Byron</last_name>"))
    assert answer.text("client/username") == "adadebyron"
    assert answer.text("client/language") == "en"
    assert answer.text("client/currency_code") == "USD"
    assert answer.text("client/folder") == "active"
    assert answer.text("client/updated") == "2026-03-02 10:00:00"


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ("", "40040", "email"),
        ("<organization>x</organization>", "40040", "email"),
        ("<organization>x</organization><email> </email>", "40040", "email"),
        (
            (
                "<email>a@loom.test</email><organization>x</organization>"
                "<contacts><contact><first_name>x</first_name></contact></contacts>"
            ),
            "40040",
            "email",
        ),
        (
            (
                "<email>a@loom.test</email><organization>x</organization>"
                "<currency_code>XXX</currency_code>"
            ),
            "40060",
            "currency_code",
        ),
        (
            (
                "<email>a@loom.test</email><organization>x</organization>"
                "<language>nonsense</language>"
            ),
            "40060",
            "language",
        ),
        (
            f"<email>a@loom.test</email><organization>{'x' * 256}</organization>",
            "40060",
            "organization",
        ),
        (
            "<email>a@loom.test</email><organisation>x</organisation>",
            "40060",
            "organisation",
        ),
    ],
)
def test_a_refused_create_makes_nothing(
    api: Api, content: str, code: str, field: str
) -> None:
    answer = api.call("client.create", f"<client>{content}</client>")
    assert (answer.code, answer.field) == (code, field)
    assert listed(api, "") == []


@pytest.mark.parametrize("name", ["first_name", "last_name", "organization"])
def test_one_name_is_enough(api: Api, name: str) -> None:
    assert create(api, f"<email>a@loom.test</email><{name}>x</{name}>") == 1


def test_two_clients_may_have_one_address(api: Api) -> None:
    assert (create(api, EVERYTHING), create(api, EVERYTHING)) == (1, 2)


def test_a_password_is_accepted_and_never_shown(api: Api) -> None:
    client_id = create(api, EVERYTHING + "<password>hunter2hunter2</password>")
    assert b"hunter2" not in get(api, client_id).http.data
    assert b"password" not in api.call("client.list").http.data


def test_an_update_changes_what_it_names(api: Api) -> None:
    client_id = create(api, EVERYTHING)
    before = inner(get(api, client_id))
    answer = update(api, client_id, "<fax>44</fax>")
    assert answer.http.data.endswith(b' status="ok"/>\n')
    assert inner(get(api, client_id)) == before.replace("<fax>4<", "<fax>44<")


@pytest.mark.parametrize("name", TEXTS)
def test_an_empty_text_clears(api: Api, name: str) -> None:
    client_id = create(api, EVERYTHING)
    assert update(api, client_id, f"<{name}/>").ok
    assert get(api, client_id).text(f"client/{name}") == ""


def test_what_was_read_can_be_written_back_and_changes_nothing(
    api: Api, clock: Clock
) -> None:
    client_id = create(api, EVERYTHING)
    create(api, EVERYTHING)
    before = stored()
    clock.now += timedelta(hours=1)
    for content in (
        inner(get(api, client_id)),
        inner(api.call("client.list", "<page>2</page><per_page>1</per_page>")),
    ):
        answer = api.call("client.update", f"<client>{content}</client>")
        assert answer.ok, answer.error
        assert stored() == before


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("<currency_code>XXX</currency_code>", "currency_code"),
        ("<contacts><contact/></contacts>", "email"),
        ("<frist_name>x</frist_name>", "frist_name"),
        ("<fax>5</fax>", "fax"),
        (f"<notes>{'x' * 65536}</notes>", "notes"),
    ],
)
def test_a_refused_update_changes_nothing(api: Api, content: str, field: str) -> None:
    client_id = create(api, EVERYTHING)
    before = stored()
    answer = update(api, client_id, f"<fax>9</fax>{content}")
    assert (answer.ok, answer.field) == (False, field)
    assert stored() == before


def test_contacts_of_an_update_replace_the_list_and_named_ones_keep_their_id(
    api: Api,
) -> None:
    client_id = create(api, EVERYTHING)
    answer = update(
        api,
        client_id,
        "<contacts><contact><email>new@loom.test</email></contact><contact>"
        "<contact_id>1</contact_id><phone1>55</phone1></contact></contacts>",
    )
    assert answer.ok, answer.error
    after = get(api, client_id)
    assert after.all("contact_id") == ["3", "1"]
    assert after.all("email")[1:] == ["new@loom.test", "cb@loom.test"]
    assert after.all("phone1") == ["", "55"]


@pytest.mark.parametrize("method", ["client.get", "client.delete", "client.update"])
@pytest.mark.parametrize("bad", ["2", "a", "-1", "0", "9223372036854775808"])
def test_an_unknown_client_is_not_found_in_the_words_of_old(
    api: Api, method: str, bad: str
) -> None:
    api.create_client()
    content = f"<client_id>{bad}</client_id>"
    if method == "client.update":
        content = f"<client>{content}</client>"
    answer = api.call(method, content)
    assert (answer.code, answer.field) == ("50010", "client_id")
    assert answer.error == "'client_id' not found. Client not found."
    assert answer.http.status_code == 200


@pytest.mark.parametrize("method", ["client.get", "client.delete", "client.update"])
def test_a_deleted_client_says_so_in_the_words_of_old(api: Api, method: str) -> None:
    client_id = api.create_client()
    content = f"<client_id>{client_id}</client_id>"
    answer = api.call("client.delete", content)
    assert answer.http.data.endswith(b' status="ok"/>\n')
    if method == "client.update":
        content = f"<client>{content}</client>"
    answer = api.call(method, content)
    assert (answer.code, answer.field) == ("50010", "client_id")
    assert answer.error == "'client_id' not found. Client is deleted."


def test_a_deleted_client_is_listed_in_its_folder_only(api: Api) -> None:
    for _ in range(3):
        api.create_client()
    api.call("client.delete", "<client_id>2</client_id>")
    assert listed(api, "") == ["3", "1"]
    assert listed(api, "<folder>active</folder>") == ["3", "1"]
    assert listed(api, "<folder>deleted</folder>") == ["2"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("<email>ada@loom.test</email>", ["3", "1"]),
        ("<email>ada@</email>", []),
        ("<email/>", ["3", "2", "1"]),
        ("<username>eva</username>", ["2"]),
        ("<notes>two</notes>", ["3", "1"]),
        ("<notes>100%</notes>", ["3"]),
        ("<notes>%</notes>", ["3"]),
        ("<notes>_</notes>", []),
        ("<notes>none</notes>", []),
        ("<updated_from>2026-03-02 11:00:00</updated_from>", ["3", "2"]),
        ("<updated_to>2026-03-02 11:00:00</updated_to>", ["2", "1"]),
        ("<folder>archived</folder>", []),
        ("<email>ada@loom.test</email><notes>100%</notes>", ["3"]),
        ("<page>2</page><per_page>2</per_page>", ["1"]),
    ],
)
def test_a_list_is_narrowed_by_its_filters(
    api: Api, clock: Clock, filters: str, expected: list[str]
) -> None:
    for email, username, notes in (
        ("ada@loom.test", "ada", "two lines"),
        ("eva@loom.test", "eva", ""),
        ("ada@loom.test", "adam", "two at 100%"),
    ):
        create(
            api,
            f"<email>{email}</email><username>{username}</username><notes>{notes}"
            "</notes><organization>x</organization>",
        )
        clock.now += timedelta(hours=1)
    assert listed(api, filters) == expected


def test_a_page_of_clients_has_the_four_attributes(api: Api) -> None:
    api.create_client()
    answer = api.call("client.list", "<page>999</page>")
    found = answer.find("clients")
    assert found is not None
    expected = [("page", "999"), ("per_page", "25"), ("pages", "1"), ("total", "1")]
    assert list(found.attrib.items()) == expected
    assert answer.all("client_id") == []
