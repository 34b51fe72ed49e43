"""Values that mean harm, in every kind of field: refused by name, nothing changed.

Each request of a table below is good but for the one value, and would change more than
that value: what is refused must not be half done.
"""

import re
from itertools import product
from typing import Any

import pytest

from tests.conftest import Api
from tests.hostile import LEAK, stored

ARABIC_5 = "\u0665"
FULL_WIDTH_5 = "\uff15"
NO_BREAK_SPACE = "\u00a0"

NO_NUMBERS = [
    "NaN",
    "-NaN",
    "sNaN",
    "nan",
    "INF",
    "-INF",
    "Infinity",
    "1e400",
    "1E+999999",
    "1e13",
    "0x10",
    "0b11",
    "1,000",
    "1,5",
    "1.000.000",
    "1_000",
    "1 000",
    "'5'",
    "$5",
    "5 %",
    "5%",
    "five",
    "true",
    "null",
    "None",
    "--5",
    "+-5",
    "5-",
    "-",
    "+",
    ".",
    "1.2.3",
    "1/2",
    "1+1",
    "\u22125",
    "\u00b2",
    "\u00bd",
    "\u2164",
    ARABIC_5,
    FULL_WIDTH_5,
    "\u096b",
    "\U0001d7d9",
    "5\u200b",
    "\ufeff5",
    "1" * 40,
    "0." + "1" * 40,
    "9" * 4301,
    "1" * 13,
    "0.0000001",
    "5; DROP TABLE client",
    "{0}",
    "%s",
]
NO_PERCENT = [*NO_NUMBERS, "1000", "1000.5"]
NO_DISCOUNT = [*NO_PERCENT, "-1", "101", "-0.000001", "100.000001", "999", "-999"]
NO_COUNT = [
    *NO_NUMBERS,
    "-1",
    "-0",
    "1.5",
    "1.0",
    "0.5",
    "1" * 10,
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "9" * 30,
]
NO_SWITCH = [
    *("2 -1 +1 00 01 10 yes no on off t f y n TRUEE null 1.0 1e0").split(),
    ARABIC_5,
    "\uff11",
    "\u0661",
    "1 0",
    "\u2714",
    "9" * 30,
]
NO_CALENDAR_DAYS = [
    "2026-02-30",
    "2026-02-29",
    "2100-02-29",
    "2026-04-31",
    "2026-13-01",
    "2026-00-10",
    "2026-12-00",
    "2026-12-32",
    "0000-00-00",
    "0000-01-01",
    "0001-01-01",
    "1900-01-01",
    "1969-12-31",
    "3000-01-01",
    "9999-12-31",
    "20260401",
    "2026-W14-3",
    "2026W143",
    "2026-091",
    "2026091",
    "2026-4-1",
    "26-04-01",
    "12026-04-01",
    "-2026-04-01",
    "+2026-04-01",
    "2026/04/01",
    "01.04.2026",
    "04/01/2026",
    "10-11-12",
    "2026-04",
    "2026",
    "1",
    "0",
    "-1",
    "1775001600",
    "friday",
    "tomorrow",
    "today",
    "now",
    "2026-04-01 or 1=1",
    "2026-04-01x",
    "2026-04-01 \u0661\u0662:00:00",
    "\u0662\u0660\u0662\u0666-\u0660\u0664-\u0660\u0661",
    "\uff12\uff10\uff12\uff16-\uff10\uff14-\uff10\uff11",
    "2026\u201304\u201301",
    "2026\u201004\u201001",
    "NaN",
    "1e9",
    "9" * 30,
    "9" * 4301,
]
# An end of a range may lie beyond our calendar: it then is the calendar's edge.
BEYOND = {"0001-01-01", "1900-01-01", "1969-12-31", "3000-01-01", "9999-12-31"}
NO_BOUNDS = [day for day in NO_CALENDAR_DAYS if day not in BEYOND]
NO_INSTANTS = [
    *NO_BOUNDS,
    "2026-04-01 24:00:01",
    "2026-04-01 25:00:00",
    "2026-04-01 12:60:00",
    "2026-04-01 12:00:61",
    "2026-04-01 12:00:00 PM",
    "2026-04-01 12",
    "2026-04-01 -1:00:00",
    "2026-04-01 12:00:00 Z",
    "2026-04-01T12:00:00+25:00",
]
# In ids: refused as not found, except what is longer than any id may be.
NO_IDS = [
    "-1",
    "-0",
    "0",
    "00000",
    "+1",
    "1.0",
    "1e0",
    "0x1",
    "1_0",
    "1,0",
    "1 1",
    "a",
    "one",
    "NaN",
    "null",
    "*",
    "%",
    "1;",
    "1 OR 1=1",
    "1' OR '1'='1",
    "1/**/UNION/**/SELECT/**/1",
    "../1",
    "\u0661",
    "\uff11",
    "\u00b9",
    "\u2460",
    "999999",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "9" * 30,
    "9" * 64,
]
LONG_IDS = ["9" * 65, "1" * 4301, "0" * 65]
# They look like the id 1 to whoever strips white space as Unicode has it.
PADDED_IDS = [f"{NO_BREAK_SPACE}1", "1\u2003", "\u20281", "\u00851"]
NO_CURRENCIES = [
    "US",
    "USDX",
    "XXX",
    "ABC",
    "840",
    "$",
    "U S D",
    "USD; DROP TABLE client",
    "\uff35\uff33\uff24",
    "x" * 16,
    "x" * 17,
    "9" * 30,
]
NO_LANGUAGES = ["e", "english", "en_US", "12", "en-", "e n", "\uff45\uff4e", "x" * 300]
NO_FREQUENCIES = [
    "hourly",
    "fortnightly",
    "3 fortnights",
    "0 months",
    "-1 months",
    "101 years",
    "1m",
    "d",
    "2 m",
    "monthly; DROP TABLE client",
    "1e400",
    "NaN",
    "\uff4d",
    "x" * 33,
    "9" * 30,
]
NO_URIS = [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://loom.test/",
    "//loom.test/",
    "/paid",
    "loom.test",
    "http:",
    "http://",
    "http:// ",
    "https://",
    " https:/loom.test",
    "hxxp://loom.test",
    "https://" + "x" * 2041,
]
NO_TEXT = ["x" * 256, "\U0001f4a9" * 256, " " * 256, "x" * 70_000]
NO_LONG_TEXT = ["x" * 65_536, "\u00e9" * 65_536]
NO_LINE_TYPES = ["Hour", "item time", "I", "1", "\uff29tem", "\u0130tem", "x" * 300]
NO_PAYMENT_TYPES = [
    *("Gold 1 CreditCard Credit-Card 0 VIS VISAX").split(),
    "VISA; DROP TABLE payment",
    "vi\u017fa",
    "\uff36ISA",
    f"Credit{NO_BREAK_SPACE}Card",
    "x" * 32,
    "x" * 33,
    "x" * 300,
]
NO_FOLDERS = ["trash", "ACTIVE", "all", "0", "active,deleted", "' OR 1=1 --", "x" * 300]

TEXTS = (
    "po_number organization first_name last_name p_street1 p_street2 p_city p_state "
    "p_country p_code vat_name vat_number"
).split()
CLIENT_TEXTS = (
    "first_name last_name organization username work_phone home_phone mobile fax "
    "p_street1 p_street2 p_city p_state p_country p_code s_street1 s_street2 s_city "
    "s_state s_country s_code vat_name vat_number"
).split()

PROFILE_FIELDS: dict[str, list[str]] = {
    "discount": NO_DISCOUNT,
    "occurrences": NO_COUNT,
    "stopped": NO_SWITCH,
    "send_email": NO_SWITCH,
    "send_snail_mail": NO_SWITCH,
    "date": NO_CALENDAR_DAYS,
    "frequency": NO_FREQUENCIES,
    "currency_code": NO_CURRENCIES,
    "language": NO_LANGUAGES,
    "return_uri": NO_URIS,
    "notes": NO_LONG_TEXT,
    "terms": NO_LONG_TEXT,
    **dict.fromkeys(TEXTS, NO_TEXT),
}
LINE_FIELDS: dict[str, list[str]] = {
    "unit_cost": NO_NUMBERS,
    "quantity": NO_NUMBERS,
    "tax1_percent": NO_PERCENT,
    "tax2_percent": NO_PERCENT,
    "name": NO_TEXT,
    "tax1_name": NO_TEXT,
    "tax2_name": NO_TEXT,
    "description": NO_LONG_TEXT,
    "type": NO_LINE_TYPES,
}
CLIENT_FIELDS: dict[str, list[str]] = {
    "currency_code": NO_CURRENCIES,
    "language": NO_LANGUAGES,
    "notes": NO_LONG_TEXT,
    "email": NO_TEXT,
    **dict.fromkeys(CLIENT_TEXTS, NO_TEXT),
}
PAYMENT_FIELDS: dict[str, list[str]] = {
    "amount": [*NO_NUMBERS, "-1", "-0.01", "0.004", "-0.004"],
    "date": NO_CALENDAR_DAYS,
    "currency_code": NO_CURRENCIES,
    "type": NO_PAYMENT_TYPES,
    "notes": NO_LONG_TEXT,
}
LISTS: dict[str, dict[str, list[str]]] = {
    "recurring.list": {
        "autobill": NO_SWITCH,
        "date_from": NO_BOUNDS,
        "date_to": NO_BOUNDS,
        "updated_from": NO_INSTANTS,
        "updated_to": NO_INSTANTS,
        "folder": NO_FOLDERS,
    },
    "client.list": {
        "updated_from": NO_INSTANTS,
        "updated_to": NO_INSTANTS,
        "folder": NO_FOLDERS,
        "email": NO_TEXT,
    },
    "invoice.list": {
        "date_from": NO_BOUNDS,
        "date_to": NO_BOUNDS,
        "updated_from": NO_INSTANTS,
        "updated_to": NO_INSTANTS,
        "folder": NO_FOLDERS,
    },
    "payment.list": {
        "date_from": NO_BOUNDS,
        "date_to": NO_BOUNDS,
        "updated_from": NO_INSTANTS,
        "updated_to": NO_INSTANTS,
    },
}

GOOD = (
    "<notes>changed</notes><po_number>changed</po_number><occurrences>9</occurrences>"
)
LINE = "<name>Hosting</name><unit_cost>40</unit_cost><quantity>3</quantity>"
CARD = {
    "gateway_name": "Authorize.Net",
    "number": "4111 1111 1111 1111",
    "name": "Ada Byron",
    "month": "12",
    "year": "2030",
}

PROFILE_KEYS = {
    "recurring.create": "<client_id>1</client_id>",
    "recurring.update": "<recurring_id>1</recurring_id>",
}
LINE_FORMS = {
    "recurring.create": "<recurring><client_id>1</client_id>{good}{lines}</recurring>",
    "recurring.update": (
        "<recurring><recurring_id>1</recurring_id>{good}{lines}</recurring>"
    ),
    "recurring.lines.add": "<recurring_id>1</recurring_id>{lines}",
    "recurring.lines.update": "<recurring_id>1</recurring_id>{lines}",
}
PAYMENT_FORMS = {
    "payment.create": "<payment><client_id>1</client_id>{good}</payment>",
    "payment.update": "<payment><payment_id>1</payment_id>{good}</payment>",
}
CLIENT_FORMS = {
    "client.create": "<client>{good}</client>",
    "client.update": "<client><client_id>1</client_id>{good}</client>",
}


@pytest.fixture(name="victim")
def victim_(api: Api) -> Api:
    """Provide an account with client 1, profile 1 with a card, and its line 1."""
    api.create_client(
        "<organization>Loom</organization><contacts><contact><email>"
        "cy@loom.test</email></contact></contacts>"
    )
    api.create_profile(
        f"<date>2026-03-09</date>{autobill()}<lines><line>{LINE}</line></lines>", 1
    )
    return api


def autobill(**changed: str | None) -> str:
    """Return an auto-bill element; a child that is None is left out."""
    values = {**CARD, **changed}
    child = {
        name: "" if value is None else f"<{name}>{value}</{name}>"
        for name, value in values.items()
    }
    expiration = f"<expiration>{child['month']}{child['year']}</expiration>"
    card = f"<card>{child['number']}{child['name']}{expiration}</card>"
    return f"<autobill>{child['gateway_name']}{card}</autobill>"


def without(content: str, *names: str) -> str:
    """Return content without the elements of these names."""
    for name in names:
        content = re.sub(f"<{name}>[^<]*</{name}>", "", content)
    return content


def escaped(value: str) -> str:
    """Return a value as it may stand in an element."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def check_refused(
    api: Api, method: str, content: str, field: str, value: str, *codes: int
) -> None:
    """Post a request; prove that it is refused for one field, and changes nothing."""
    before = stored()
    answer = api.call(method, content)
    tried = f"{method} with {value[:80]!a} as {field}: {answer.error}"
    assert not answer.ok, tried
    assert answer.http.status_code == 200, tried
    assert answer.code in {str(code) for code in codes or (40060,)}, tried
    assert answer.field == field, tried
    assert answer.error
    assert not LEAK.search(answer.error), answer.error
    assert len(value.strip()) < 4 or value.strip() not in answer.error
    assert len(answer.http.data) < 1000
    assert stored() == before


def check_alive(api: Api) -> None:
    """Prove that the next good request works."""
    assert api.call("recurring.list").all("number") == ["************1111"]


def cases(fields: dict[str, list[str]]) -> list[Any]:
    """Return one case for each list of values, with all the fields that refuse it."""
    alike: dict[int, list[str]] = {}
    for field, values in fields.items():
        alike.setdefault(id(values), []).append(field)
    return [
        pytest.param(names, fields[names[0]], id="-".join(names[:3]))
        for names in alike.values()
    ]


@pytest.mark.parametrize(("fields", "values"), cases(PROFILE_FIELDS))
def test_no_profile_is_created_from_a_hostile_value(
    victim: Api, fields: list[str], values: list[str]
) -> None:
    for field, value in product(fields, values):
        content = f"<{field}>{escaped(value)}</{field}>"
        body = without(GOOD, field) + content
        check_refused(
            victim,
            "recurring.create",
            f"<recurring><client_id>1</client_id>{body}</recurring>",
            field,
            value,
        )
    check_alive(victim)


@pytest.mark.parametrize(("fields", "values"), cases(PROFILE_FIELDS))
def test_no_profile_is_updated_with_a_hostile_value(
    victim: Api, fields: list[str], values: list[str]
) -> None:
    for field, value in product(fields, values):
        content = f"<{field}>{escaped(value)}</{field}>"
        body = without(GOOD, field) + content
        check_refused(
            victim,
            "recurring.update",
            f"<recurring><recurring_id>1</recurring_id>{body}</recurring>",
            field,
            value,
        )
    check_alive(victim)


# White space to Unicode but not to XML, and letters that fold to those of ASCII.
LOOK_ALIKES = [
    ("discount", f"{NO_BREAK_SPACE}5"),
    ("occurrences", f"5{NO_BREAK_SPACE}"),
    ("stopped", "1\u2003"),
    ("date", f"{NO_BREAK_SPACE}2026-04-01"),
    ("frequency", f"2{NO_BREAK_SPACE}weeks"),
    ("frequency", "wee\u212aly"),
    ("currency_code", f"USD{NO_BREAK_SPACE}"),
    ("currency_code", "u\u017fd"),
    ("language", f"en{NO_BREAK_SPACE}"),
]


@pytest.mark.parametrize(("field", "value"), LOOK_ALIKES)
def test_what_only_looks_like_a_value_is_refused(
    victim: Api, field: str, value: str
) -> None:
    for method, key in PROFILE_KEYS.items():
        content = f"{without(GOOD, field)}<{field}>{value}</{field}>"
        content = f"<recurring>{key}{content}</recurring>"
        check_refused(victim, method, content, field, value)
    check_alive(victim)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("autobill", f"1{NO_BREAK_SPACE}"),
        ("date_from", f"2026-04-01{NO_BREAK_SPACE}"),
        ("updated_to", "\u20282026-04-01"),
        ("folder", f"active{NO_BREAK_SPACE}"),
    ],
)
def test_no_list_is_narrowed_by_what_only_looks_like_a_value(
    victim: Api, field: str, value: str
) -> None:
    check_refused(victim, "recurring.list", f"<{field}>{value}</{field}>", field, value)


@pytest.mark.parametrize(("fields", "values"), cases(LINE_FIELDS))
@pytest.mark.parametrize(("method", "form"), LINE_FORMS.items(), ids=LINE_FORMS)
def test_no_line_is_stored_with_a_hostile_value(
    victim: Api, method: str, form: str, fields: list[str], values: list[str]
) -> None:
    for field, value in product(fields, values):
        line = without(LINE, field) + f"<{field}>{escaped(value)}</{field}>"
        first = "<line><line_id>1</line_id><name>changed</name></line>"
        lines = f"<lines>{first}<line><line_id>1</line_id>{line}</line></lines>"
        content = form.replace("{good}", GOOD).replace("{lines}", lines)
        check_refused(victim, method, content, field, value)
    check_alive(victim)


@pytest.mark.parametrize(("fields", "values"), cases(CLIENT_FIELDS))
@pytest.mark.parametrize(("method", "form"), CLIENT_FORMS.items(), ids=CLIENT_FORMS)
def test_no_client_is_stored_with_a_hostile_value(
    victim: Api, method: str, form: str, fields: list[str], values: list[str]
) -> None:
    good = (
        "<email>changed@loom.test</email><organization>changed</organization>"
        "<first_name>changed</first_name><mobile>changed</mobile>"
    )
    for field, value in product(fields, values):
        content = without(good, field) + f"<{field}>{escaped(value)}</{field}>"
        check_refused(victim, method, form.replace("{good}", content), field, value)
    check_alive(victim)


@pytest.mark.parametrize(("fields", "values"), cases(PAYMENT_FIELDS))
@pytest.mark.parametrize(("method", "form"), PAYMENT_FORMS.items(), ids=PAYMENT_FORMS)
def test_no_payment_is_stored_with_a_hostile_value(
    victim: Api, method: str, form: str, fields: list[str], values: list[str]
) -> None:
    credit = "<client_id>1</client_id><amount>5</amount>"
    victim.call("payment.create", f"<payment>{credit}</payment>")
    good = "<amount>9</amount><notes>changed</notes><date>2026-04-01</date>"
    for field, value in product(fields, values):
        content = without(good, field) + f"<{field}>{escaped(value)}</{field}>"
        check_refused(victim, method, form.replace("{good}", content), field, value)
    check_alive(victim)


@pytest.mark.parametrize("field", ["username", "first_name", "last_name", "email"])
def test_no_contact_is_stored_with_a_text_that_is_too_long(
    victim: Api, field: str
) -> None:
    contact = without("<email>cy@loom.test</email>", field)
    contacts = f"<contact>{contact}<{field}>{'x' * 256}</{field}></contact>"
    check_refused(
        victim,
        "client.update",
        f"<client><client_id>1</client_id><contacts>{contacts}</contacts></client>",
        field,
        "x" * 256,
    )
    check_alive(victim)


@pytest.mark.parametrize(
    ("method", "fields", "values"),
    [
        pytest.param(method, *case.values, id=f"{method}-{case.id}")
        for method, fields in LISTS.items()
        for case in cases(fields)
    ],
)
def test_no_list_is_narrowed_by_a_hostile_value(
    victim: Api, method: str, fields: list[str], values: list[str]
) -> None:
    for field, value in product(fields, values):
        content = f"<{field}>{escaped(value)}</{field}>"
        check_refused(victim, method, content, field, value)
    check_alive(victim)


ID_PLACES = {
    "recurring.get": "<recurring_id>{id}</recurring_id>",
    "recurring.delete": "<recurring_id>{id}</recurring_id>",
    "recurring.update": (
        "<recurring><recurring_id>{id}</recurring_id><notes>changed</notes></recurring>"
    ),
    "recurring.lines.add": (
        "<recurring_id>{id}</recurring_id><lines><line><name>x</name></line></lines>"
    ),
    "recurring.lines.update": (
        "<recurring_id>{id}</recurring_id>"
        "<lines><line><line_id>1</line_id><name>x</name></line></lines>"
    ),
    "recurring.lines.delete": ("<recurring_id>{id}</recurring_id><line_id>1</line_id>"),
    "recurring.list": "<client_id>{id}</client_id>",
    "recurring.create": (
        "<recurring><client_id>{id}</client_id><notes>changed</notes></recurring>"
    ),
    "client.get": "<client_id>{id}</client_id>",
    "client.delete": "<client_id>{id}</client_id>",
    "client.update": "<client><client_id>{id}</client_id><notes>x</notes></client>",
    "invoice.get": "<invoice_id>{id}</invoice_id>",
    "invoice.charge": "<invoice_id>{id}</invoice_id>",
    "recurring.payments": "<recurring_id>{id}</recurring_id>",
    "payment.get": "<payment_id>{id}</payment_id>",
    "payment.delete": "<payment_id>{id}</payment_id>",
    "payment.history": "<payment_id>{id}</payment_id>",
    "payment.update": (
        "<payment><payment_id>{id}</payment_id><notes>changed</notes></payment>"
    ),
    "payment.create": (
        "<payment><client_id>{id}</client_id><amount>5</amount></payment>"
    ),
}
SECOND_ID_PLACES = {
    "payment.create": (
        "<payment><invoice_id>{id}</invoice_id><amount>5</amount></payment>"
    ),
    "recurring.lines.delete": "<recurring_id>1</recurring_id><line_id>{id}</line_id>",
    "recurring.lines.update": (
        "<recurring_id>1</recurring_id>"
        "<lines><line><line_id>{id}</line_id><name>x</name></line></lines>"
    ),
    "recurring.create": (
        "<recurring><client_id>1</client_id><contacts><contact>"
        "<contact_id>{id}</contact_id></contact></contacts></recurring>"
    ),
    "recurring.update": (
        "<recurring><recurring_id>1</recurring_id><client_id>{id}</client_id>"
        "<notes>changed</notes></recurring>"
    ),
}
PLACES = [
    pytest.param(method, form, re.findall(r"<(\w+)>{id}", form)[0], id=f"{method}-{n}")
    for n, places in enumerate((ID_PLACES, SECOND_ID_PLACES), start=1)
    for method, form in places.items()
]


@pytest.mark.parametrize(("method", "form", "field"), PLACES)
def test_what_can_be_no_id_is_not_found(
    victim: Api, method: str, form: str, field: str
) -> None:
    for value in NO_IDS:
        if (
            method == "recurring.list"
            and value.isascii()
            and value.strip("0").isdigit()
        ):
            continue  # a list may be narrowed to a client that does not exist
        content = form.replace("{id}", escaped(value))
        check_refused(victim, method, content, field, value, 50010)
    check_alive(victim)


@pytest.mark.parametrize(("method", "form", "field"), PLACES)
def test_an_id_longer_than_any_is_not_found(
    victim: Api, method: str, form: str, field: str
) -> None:
    for value in LONG_IDS:
        check_refused(victim, method, form.replace("{id}", value), field, value, 50010)
    check_alive(victim)


@pytest.mark.parametrize(("method", "form", "field"), PLACES)
def test_an_id_padded_with_foreign_white_space_is_not_found(
    victim: Api, method: str, form: str, field: str
) -> None:
    for value in PADDED_IDS:
        content = form.replace("{id}", value)
        check_refused(victim, method, content, field, value, 50010)
    check_alive(victim)


@pytest.mark.parametrize(
    "method", ["recurring.get", "recurring.delete", "recurring.update", "client.get"]
)
@pytest.mark.parametrize("value", ["", " ", "\n\t"])
def test_an_empty_id_is_missing(victim: Api, method: str, value: str) -> None:
    form = ID_PLACES[method]
    field = re.findall(r"<(\w+)>{id}", form)[0]
    check_refused(victim, method, form.replace("{id}", value), field, value, 40040)


@pytest.mark.parametrize("value", ["-1", "0", "9" * 30, "a", "\u0661"])
def test_an_id_that_a_new_line_names_is_not_obeyed(victim: Api, value: str) -> None:
    answer = victim.call(
        "recurring.lines.add",
        "<recurring_id>1</recurring_id><lines><line>"
        f"<line_id>{value}</line_id>{LINE}</line></lines>",
    )
    assert answer.all("line_id") == ["2"]


CARDS: dict[str, tuple[dict[str, str | None], str]] = {
    "check digit": ({"number": "4111 1111 1111 1112"}, "number"),
    "eleven digits": ({"number": "41111111111"}, "number"),
    "twenty digits": ({"number": "41111111111111111114"}, "number"),
    "sixty-four digits": ({"number": "0" * 64}, "number"),
    "sixty-five digits": ({"number": "0" * 65}, "number"),
    "4,301 digits": ({"number": "4" * 4301}, "number"),
    "zeros": ({"number": "0" * 16}, "number"),
    "a brand of nobody": ({"number": "100000000008"}, "number"),
    "letters": ({"number": "four one one one"}, "number"),
    "a letter": ({"number": "4111 1111 1111 1111x"}, "number"),
    "an Arabic digit": ({"number": "411111111111111\u0661"}, "number"),
    "Arabic digits": ({"number": "\u0664" + "\u0661" * 15}, "number"),
    "full-width digits": ({"number": "\uff14" + "\uff11" * 15}, "number"),
    "a superscript": ({"number": "4111 1111 1111 1111\u00b2"}, "number"),
    "a sign and an exponent": ({"number": "+4.111111111111111e15"}, "number"),
    "not a number": ({"number": "NaN"}, "number"),
    "punctuation": ({"number": "----------------"}, "number"),
    "a mask of nothing": ({"number": "****************"}, "number"),
    "another mask": ({"number": "************1112"}, "number"),
    "a shorter mask": ({"number": "***********1111"}, "number"),
    "a longer mask": ({"number": "*************1111"}, "number"),
    "a mask with spaces": ({"number": "**** **** **** 1111"}, "number"),
    "a half-masked number": ({"number": "411111******1111"}, "number"),
    "a mask of x": ({"number": "xxxxxxxxxxxx1111"}, "number"),
    "two numbers": ({"number": "4111111111111111,5555555555554444"}, "number"),
    "a long holder": ({"name": "x" * 256}, "name"),
    "month 0": ({"month": "0"}, "month"),
    "month 00": ({"month": "00"}, "month"),
    "month 13": ({"month": "13"}, "month"),
    "month -1": ({"month": "-1"}, "month"),
    "month 1.0": ({"month": "1.0"}, "month"),
    "month 012": ({"month": "012"}, "month"),
    "a month's name": ({"month": "May"}, "month"),
    "an Arabic month": ({"month": ARABIC_5}, "month"),
    "a full-width month": ({"month": FULL_WIDTH_5}, "month"),
    "two digits of a year": ({"year": "30"}, "year"),
    "five digits of a year": ({"year": "20300"}, "year"),
    "a negative year": ({"year": "-2030"}, "year"),
    "an Arabic year": ({"year": "\u0662\u0660\u0663\u0660"}, "year"),
    "a year as float": ({"year": "2e3"}, "year"),
    "year 0": ({"year": "0000"}, "expiration"),
    "last month": ({"month": "2", "year": "2026"}, "expiration"),
    "last year": ({"month": "12", "year": "2025"}, "expiration"),
    "an unknown gateway": ({"gateway_name": "Nobody's"}, "gateway_name"),
    "a gateway that cannot": ({"gateway_name": "PayPal"}, "gateway_name"),
    "a gateway by pattern": ({"gateway_name": "%"}, "gateway_name"),
    "a long gateway": ({"gateway_name": "x" * 256}, "gateway_name"),
}


@pytest.mark.parametrize(("changed", "field"), CARDS.values(), ids=CARDS)
def test_no_hostile_card_is_stored(
    victim: Api, changed: dict[str, str | None], field: str
) -> None:
    value = next(v for v in changed.values() if v is not None)
    for method, key in PROFILE_KEYS.items():
        content = f"<recurring>{key}{GOOD}{autobill(**changed)}</recurring>"
        check_refused(victim, method, content, field, value)
    check_alive(victim)


@pytest.mark.parametrize("nothing", [None, "", "  "], ids=["absent", "empty", "blank"])
@pytest.mark.parametrize("child", CARD)
def test_no_card_is_stored_without_one_of_its_parts(
    victim: Api, child: str, nothing: str | None
) -> None:
    for method, key in PROFILE_KEYS.items():
        content = f"<recurring>{key}{GOOD}{autobill(**{child: nothing})}</recurring>"
        check_refused(victim, method, content, child, "", 40040, 40060)
    check_alive(victim)


def test_a_mask_on_create_is_refused(victim: Api) -> None:
    card = autobill(number="************1111")
    content = f"<recurring><client_id>1</client_id>{card}</recurring>"
    check_refused(victim, "recurring.create", content, "number", "************1111")


@pytest.mark.parametrize("name", ["cvv", "cvc", "cvv2", "security_code"])
@pytest.mark.parametrize(("method", "key"), PROFILE_KEYS.items(), ids=PROFILE_KEYS)
def test_a_card_with_a_verification_code_is_refused(
    victim: Api, method: str, key: str, name: str
) -> None:
    card = autobill().replace("</card>", f"<{name}>7351</{name}></card>")
    content = f"<recurring>{key}{GOOD}{card}</recurring>"
    check_refused(victim, method, content, name, "7351")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("recurring", "0"),
        ("lines", "0"),
        ("lines", "x"),
        ("autobill", "0"),
        ("autobill", "x"),
        ("contacts", "1"),
        ("discount", "<notes>5</notes>"),
        ("notes", "<notes>5</notes>"),
        ("date", "<date>2026-03-09</date>"),
        ("occurrences", "5<notes/>"),
    ],
)
def test_text_in_place_of_a_structure_and_the_reverse_is_refused(
    victim: Api, name: str, content: str
) -> None:
    element = f"<{name}>{content}</{name}>"
    if name != "recurring":
        element = f"<recurring><recurring_id>1</recurring_id>{element}</recurring>"
    check_refused(victim, "recurring.update", element, name, content)
    check_alive(victim)


@pytest.mark.parametrize(
    "name", ["notes", "discount", "recurring_id", "date", "frequency"]
)
def test_an_element_given_twice_is_refused(victim: Api, name: str) -> None:
    once = {
        "discount": "<discount>5</discount>",
        "date": "<date>2026-03-09</date>",
        "frequency": "<frequency>weekly</frequency>",
        "recurring_id": "<recurring_id>1</recurring_id>",
        "notes": "<notes>changed</notes>",
    }[name]
    key = "" if name == "recurring_id" else "<recurring_id>1</recurring_id>"
    content = f"<recurring>{key}{once}{once}</recurring>"
    check_refused(victim, "recurring.update", content, name, "changed")


def test_more_lines_than_500_are_refused(victim: Api) -> None:
    lines = f"<lines>{f'<line>{LINE}</line>' * 501}</lines>"
    content = f"<recurring><client_id>1</client_id>{lines}</recurring>"
    check_refused(victim, "recurring.create", content, "line", "Hosting")
    check_alive(victim)


def test_lines_are_not_added_beyond_500(victim: Api) -> None:
    lines = f"<lines>{f'<line>{LINE}</line>' * 500}</lines>"
    content = f"<recurring_id>1</recurring_id>{lines}"
    check_refused(victim, "recurring.lines.add", content, "lines", "Hosting")
    check_alive(victim)


def test_more_contacts_than_100_are_refused(victim: Api) -> None:
    contacts = "<contact><email>cy@loom.test</email></contact>" * 101
    content = (
        f"<client><client_id>1</client_id><contacts>{contacts}</contacts></client>"
    )
    check_refused(victim, "client.update", content, "contact", "cy@loom.test")


@pytest.mark.parametrize(
    ("cost", "rest"),
    [
        ("999999999999", "<quantity>999999999999</quantity>"),
        ("-999999999999", "<quantity>11</quantity>"),
        ("999999999999", "<quantity>9</quantity><tax1_percent>999</tax1_percent>"),
        ("99999999999", "<quantity>99</quantity>"),
    ],
)
@pytest.mark.parametrize(
    ("method", "key"),
    [
        ("recurring.create", "client_id"),
        ("recurring.update", "recurring_id"),
        ("recurring.lines.add", ""),
    ],
)
def test_an_amount_larger_than_any_is_refused(
    victim: Api, method: str, key: str, cost: str, rest: str
) -> None:
    # Twice: the last of them is too large only in sum.
    content = (
        f"<lines>{f'<line><unit_cost>{cost}</unit_cost>{rest}</line>' * 2}</lines>"
    )
    if key:
        content = f"<recurring><{key}>1</{key}>{content}</recurring>"
    else:
        content = f"<recurring_id>1</recurring_id>{content}"
    check_refused(victim, method, content, "unit_cost", cost)
    check_alive(victim)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("+5", "5"),
        (" 5 ", "5"),
        ("\n5\t", "5"),
        ("5.", "5"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("005", "5"),
        ("5.500000", "5.5"),
        ("-0", "0"),
        ("", "0"),
        ("  ", "0"),
        ("999999999999", "999999999999"),
        ("0.000001", "0.000001"),
        ("123456789012.123456", "123456789012.123456"),
    ],
)
def test_an_unusual_number_is_kept_exactly(api: Api, sent: str, shown: str) -> None:
    line = f"<line><unit_cost>{sent}</unit_cost><quantity>1</quantity></line>"
    recurring_id = api.create_profile(f"<lines>{line}</lines>")
    assert api.get(recurring_id).all("unit_cost") == [shown]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [("0", "0"), ("100", "100"), ("100.000000", "100"), ("+5", "5"), (" 5 ", "5")],
)
def test_a_discount_at_its_bounds_is_kept_exactly(
    api: Api, sent: str, shown: str
) -> None:
    recurring_id = api.create_profile(f"<discount>{sent}</discount>")
    assert api.get(recurring_id).text("recurring/discount") == shown


@pytest.mark.parametrize(
    "value",
    ["0", "-1", "a", "1.5", "1e3", "NaN", "", "\u0661", "\uff11", "1 OR 1=1", "1_0"],
)
def test_a_page_that_makes_no_sense_counts_as_left_out(victim: Api, value: str) -> None:
    for method, name in product(LISTS, ("page", "per_page")):
        answer = victim.call(method, f"<{name}>{value}</{name}>")
        assert answer.ok
        page = answer.root[0]
        assert (page.get("page"), page.get("per_page")) == ("1", "25")


@pytest.mark.parametrize(
    "value", ["999999999", "2147483648", "9223372036854775808", "9" * 30]
)
def test_a_page_of_any_size_is_answered(victim: Api, value: str) -> None:
    for method, name in product(LISTS, ("page", "per_page")):
        assert victim.call(method, f"<{name}>{value}</{name}>").ok


@pytest.mark.parametrize(
    "pattern", ["%", "_", "%%", "a%", "_da@loom.test", "' OR '1'='1", '" OR ""="']
)
def test_a_filter_of_clients_is_no_pattern(victim: Api, pattern: str) -> None:
    for field in ("email", "username", "notes"):
        answer = victim.call("client.list", f"<{field}>{escaped(pattern)}</{field}>")
        assert answer.ok
        assert answer.all("client_id") == []


HOSTILE_TEXTS = [
    "'; DROP TABLE client; --",
    '" OR ""="',
    "<script>alert(1)</script>",
    "<![CDATA[x]]>",
    "]]>",
    "&lt;&amp;amp;&#0;",
    "{field} {0} {error.__class__}",
    "%s %n %(x)d",
    "::recurring id:: ::nope::",
    "$(reboot) `reboot` ${HOME}",
    "../../etc/passwd",
    "=1+1",
    "null",
    "None",
    "\\0 \\x00 \\u0000",
    "\u202egnihsoH\u202c",
    "e\u0301 \u00e9",
    "a\u0085\u2028\u2029b",
    "\U0001f469\u200d\U0001f4bb \ufeff",
    "\ud7ff\ue000\ufffd\U0010ffff",
    "  both ends  ",
    "a\tb",
    "x" * 255,
    "\U0001f4a9" * 255,
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_hostile_text_in_a_profile_comes_back_identical(api: Api, text: str) -> None:
    names = ("notes", "terms", *TEXTS)
    content = "".join(f"<{name}>{escaped(text)}</{name}>" for name in names)
    line = "".join(
        f"<{name}>{escaped(text)}</{name}>"
        for name in ("name", "description", "tax1_name", "tax2_name")
    )
    recurring_id = api.create_profile(f"{content}<lines><line>{line}</line></lines>")
    got = api.get(recurring_id)
    assert {name: got.text(f"recurring/{name}") for name in names} == dict.fromkeys(
        names, text
    )
    assert {got.text(f"recurring/lines/line/{n}") for n in ("name", "description")} == {
        text
    }
    assert api.call("recurring.list").all("terms") == [text]
    assert api.call("invoice.list").all("terms") == [text]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_a_hostile_text_in_a_client_comes_back_identical(api: Api, text: str) -> None:
    names = ("notes", *(name for name in CLIENT_TEXTS if name != "username"))
    content = "".join(f"<{name}>{escaped(text)}</{name}>" for name in names)
    client_id = api.create_client(content)
    got = api.call("client.get", f"<client_id>{client_id}</client_id>")
    assert {name: got.text(f"client/{name}") for name in names} == dict.fromkeys(
        names, text
    )
    assert api.call("client.list").all("notes") == [text]
    if text.strip():
        found = api.call("client.list", f"<notes>{escaped(text)}</notes>")
        assert found.all("client_id") == [str(client_id)]


@pytest.mark.parametrize("lines", ["a\nb", "a\r\nb", "a&#13;b", "a&#13;&#10;b"])
def test_line_ends_come_back_as_xml_has_them(api: Api, lines: str) -> None:
    recurring_id = api.create_profile(f"<notes>{lines}</notes>")
    meant = lines.replace("\r\n", "\n").replace("&#13;", "\r").replace("&#10;", "\n")
    assert api.get(recurring_id).text("recurring/notes") == meant


@pytest.mark.parametrize(
    "uri", ["https://loom.test/paid?n=::invoice number::&x=<>", "HTTP://loom.test"]
)
def test_an_accepted_address_comes_back_identical(api: Api, uri: str) -> None:
    recurring_id = api.create_profile(f"<return_uri>{escaped(uri)}</return_uri>")
    assert api.get(recurring_id).text("recurring/return_uri") == uri


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("recurring_id", "77"),
        ("staff_id", "77"),
        ("amount", "0.01"),
        ("folder", "deleted"),
        ("status", "paid"),
        ("updated", "1970-01-01 00:00:00"),
    ],
)
def test_what_the_server_owns_is_not_taken_from_a_request(
    api: Api, name: str, value: str
) -> None:
    line = "<lines><line><unit_cost>4</unit_cost><quantity>10</quantity></line></lines>"
    recurring_id = api.create_profile(f"<{name}>{value}</{name}>{line}")
    assert recurring_id == 1
    got = api.get(1)
    assert got.text("recurring/amount") == "40"
    assert got.text(f"recurring/{name}") != value


@pytest.mark.parametrize(
    "name",
    ["account_id", "next_on", "billed_count", "anchor_on", "parked_reason", "sealed"],
)
def test_a_column_is_no_element(victim: Api, name: str) -> None:
    content = (
        f"<recurring><recurring_id>1</recurring_id><{name}>1</{name}>{GOOD}</recurring>"
    )
    check_refused(victim, "recurring.update", content, name, "")
