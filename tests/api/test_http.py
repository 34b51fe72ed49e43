import base64
from collections.abc import Callable

import pytest

from tests.conftest import PATH, Api, parsed

CURRENT = '<request method="staff.current"/>'


def basic(credentials: str | bytes) -> str:
    data = credentials.encode() if isinstance(credentials, str) else credentials
    return f"Basic {base64.b64encode(data).decode()}"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_body_is_read_whatever_the_verb(api: Api, method: str) -> None:
    assert api.post(CURRENT, method=method).ok


@pytest.mark.parametrize(
    "path", ["/api/2.1/xml-in", "/api/xml-in", "/api/2.1/xml-in/", "/api/xml-in/"]
)
def test_the_address_has_an_alias_and_may_end_with_a_slash(api: Api, path: str) -> None:
    assert parsed(api.client.post(path, data=CURRENT, headers=api.headers)).ok


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/xml",
        "text/xml; charset=utf-8",
        "text/xml",
        "text/xml; charset=utf-16",
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data; boundary=x",
        "multipart/related; boundary=x",
        "nonsense",
    ],
)
def test_the_content_type_does_not_matter(api: Api, content_type: str | None) -> None:
    body = '<request method="client.create"><client><email>a@loom.test</email>'
    body += "<organization>Zoë</organization></client></request>"
    assert api.post(body, content_type=content_type).ok
    answer = api.call("client.get", "<client_id>1</client_id>")
    assert answer.text("client/organization") == "Zoë"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Accept", "text/html"),
        ("Accept-Encoding", "gzip"),
        ("User-Agent", ""),
        ("Expect", "100-continue"),
        ("Connection", "keep-alive"),
        ("Cookie", "session=1"),
        ("Content-Encoding", "identity"),
    ],
)
def test_other_headers_do_not_matter(api: Api, name: str, value: str) -> None:
    answer = api.post(CURRENT, headers={name: value})
    assert answer.ok
    assert "Content-Encoding" not in answer.http.headers


@pytest.mark.parametrize(
    "password", ["X", "", "a longer password", "with:colon", "ünicode"]
)
def test_the_token_is_the_user_name_and_any_password_will_do(
    api: Api, password: str
) -> None:
    header = basic(f"{api.token}:{password}")
    assert api.post(CURRENT, headers={"Authorization": header}).ok


def test_a_token_without_a_colon_will_do(api: Api) -> None:
    assert api.post(CURRENT, headers={"Authorization": basic(api.token)}).ok


@pytest.mark.parametrize("scheme", ["Basic ", "basic ", "BASIC  "])
def test_the_scheme_is_written_in_any_case(api: Api, scheme: str) -> None:
    header = basic(f"{api.token}:X").replace("Basic ", scheme)
    assert api.post(CURRENT, headers={"Authorization": header}).ok


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",
        basic(":X"),
        basic("nobody:X"),
        basic(b"\xff\xfe:X"),
        basic(b"\x00:X"),
        basic(":" + "0" * 32),
        "Bearer 00000000000000000000000000000001",
        'OAuth realm="", oauth_token="x"',
        "\u00e9",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", ["", CURRENT])
def test_without_good_credentials_the_answer_is_a_challenge(
    api: Api, header: str, method: str, body: str
) -> None:
    answer = api.post(body, method=method, headers={"Authorization": header})
    assert answer.http.status_code == 401
    assert answer.http.headers["WWW-Authenticate"] == 'Basic realm="FreshBooks"'
    assert (answer.code, answer.error) == ("20010", "Authentication failed.")


def test_no_authorization_header_at_all_is_a_challenge_too(api: Api) -> None:
    answer = parsed(api.client.get(PATH))
    assert (answer.http.status_code, answer.code) == (401, "20010")
    assert answer.http.headers["WWW-Authenticate"] == 'Basic realm="FreshBooks"'


def test_a_token_is_not_accepted_in_part_or_in_another_case(
    new_api: Callable[..., Api],
) -> None:
    api = [new_api(f"Account {number}") for number in range(12)][-1]
    assert api.token != api.token.upper()
    for token in (api.token.upper(), api.token[:-1], f"{api.token}0", f" {api.token}"):
        header = {"Authorization": basic(f"{token}:X")}
        assert api.post(CURRENT, headers=header).code == "20010"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("body", ["", " \r\n"])
def test_good_credentials_without_a_body_are_malformed(
    api: Api, method: str, body: str
) -> None:
    answer = api.post(body, method=method)
    assert (answer.http.status_code, answer.code) == (200, "40010")


def test_an_answer_is_xml_and_private(api: Api) -> None:
    headers = api.post(CURRENT).http.headers
    assert headers["Content-Type"] == "application/xml; charset=utf-8"
    assert headers["Cache-Control"] == "private"
    assert "WWW-Authenticate" not in headers


def test_a_refusal_of_business_is_200(api: Api) -> None:
    answer = api.call("recurring.get", "<recurring_id>9</recurring_id>")
    assert (answer.ok, answer.http.status_code) == (False, 200)


def test_a_body_of_the_greatest_size_is_read_and_a_larger_one_is_not(api: Api) -> None:
    padding = b" " * (1_000_000 - len(CURRENT))
    assert api.post(CURRENT.encode() + padding).ok
    answer = api.post(CURRENT.encode() + padding + b" ")
    assert (answer.http.status_code, answer.code) == (413, "40030")


def test_a_body_that_was_cut_on_the_way_is_malformed(api: Api) -> None:
    # One client counts characters where it should count bytes.
    body = '<request method="client.list"><email>Zoë</email></request>'
    answer = api.post(body.encode()[: len(body)])
    assert (answer.http.status_code, answer.code) == (200, "40010")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity"])
def test_a_compressed_body_is_refused(api: Api, encoding: str) -> None:
    answer = api.post(CURRENT, headers={"Content-Encoding": encoding})
    assert (answer.http.status_code, answer.code) == (415, "40031")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/2.1",
        "/api/2.0/xml-in",
        "/api/2.1/xml-in/x",
        "/API/2.1/xml-in",
    ],
)
def test_another_address_is_answered_in_xml(api: Api, path: str) -> None:
    answer = parsed(api.client.post(path, data=CURRENT, headers=api.headers))
    assert (answer.http.status_code, answer.code) == (404, "40032")


def test_another_verb_is_answered_in_xml_with_those_allowed(api: Api) -> None:
    answer = parsed(api.client.open(PATH, method="TRACE", headers=api.headers))
    assert (answer.http.status_code, answer.code) == (405, "40033")
    allowed = set(answer.http.headers["Allow"].split(", "))
    assert {"GET", "POST", "PUT", "PATCH", "DELETE"} <= allowed


# The host names the system only under the old service's domains.


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1:8000",
        "loom.freshbooks.com",
        "LOOM.FreshBooks.com",
        "loom.freshbooks.com:443",
        "loom.freshbooks.com.",
        "loom.billingarm.com",
        "loom.example.test",
        "freshbooks.com",
        "nobody.notfreshbooks.com",
    ],
)
def test_a_host_that_names_this_system_or_none_is_served(api: Api, host: str) -> None:
    assert api.post(CURRENT, base_url=f"http://{host}").ok


@pytest.mark.parametrize("credentials", ["right", "wrong", "none"])
@pytest.mark.parametrize("host", ["nobody.freshbooks.com", "nobody.billingarm.com"])
def test_an_unknown_system_is_told_even_without_credentials(
    api: Api, host: str, credentials: str
) -> None:
    header = {"right": basic(f"{api.token}:X"), "wrong": basic("x:X"), "none": ""}
    answer = api.post(
        "",
        base_url=f"http://{host}",
        headers={"Authorization": header[credentials]},
    )
    assert (answer.http.status_code, answer.code) == (200, "10030")
    assert answer.error == "System does not exist."


def test_a_token_opens_only_its_own_system(new_api: Callable[..., Api]) -> None:
    one, _ = new_api("One"), new_api("Two")
    assert one.post(CURRENT, base_url="http://one.freshbooks.com").ok
    answer = one.post(CURRENT, base_url="http://two.freshbooks.com")
    assert (answer.http.status_code, answer.code) == (401, "20010")


# Forms of the document that clients really send, from bytes to answer.


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + CURRENT.encode(),
        b'<!--?xml version="1.0" encoding="utf-8"?-->\n' + CURRENT.encode(),
        b"<?xml version='1.0' encoding='UTF-8'?>" + CURRENT.encode(),
        b"\n\n  " + CURRENT.encode() + b"\n",
        CURRENT.encode("utf-16"),
        b"<request xmlns='' method='staff.current'></request>",
        b"<f:request xmlns:f='http://www.freshbooks.com/api/' method='staff.current'/>",
        b"<request method='staff.current' source-token='x'>\n</request>",
    ],
)
def test_a_document_in_any_clients_form_is_carried_out(api: Api, body: bytes) -> None:
    assert api.post(body).ok


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE request>" + CURRENT.encode(),
        b'<!DOCTYPE r [<!ENTITY a "b">]><request method="&a;"/>',
        b'<request method="staff.current">' + b"<line>" * 100_000,
        b'<?xml version="1.0" encoding="utf-7"?>' + CURRENT.encode(),
        CURRENT.encode("utf-32"),
        CURRENT.encode("cp037"),
        CURRENT.encode() + b"\x00",
        b'<request method="client.list"><email>\xff</email></request>',
        b"PK\x03\x04",
        b"%PDF-1.4",
    ],
)
def test_a_document_that_is_none_is_malformed(api: Api, body: bytes) -> None:
    answer = api.post(body)
    assert (answer.http.status_code, answer.code) == (200, "40010")
    assert answer.field is None
