"""attachment.*: files of profiles and invoices, from request to database and back."""

import base64
import hashlib
import logging
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from app import compose
from app.domain.attachment import MIB, OWNED_MAX
from app.services import account as accounts
from app.services import staff as people
from app.services.bulk import TURNS, Bulk
from app.services.ports import Ports
from app.storage import attachment as storage
from app.storage import database
from tests import snapshot
from tests.conftest import ON_SQLITE, PATH, Answer, Api, Clock

LINES = "<lines><line><name>x</name><unit_cost>5</unit_cost></line></lines>"
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 300
PROFILE = "<recurring_id>1</recurring_id>"
INVOICE = "<invoice_id>1</invoice_id>"
TOLD = "attachment_id recurring_id file_name description type size digest updated"


@pytest.fixture(name="books")
def books_(api: Api) -> Api:
    """Provide an account with profile 1, and its invoice 1 of today."""
    api.create_profile(LINES)
    return api


def file(
    owner: str = PROFILE,
    name: str = "contract.pdf",
    content: bytes | str = PDF,
    more: str = "",
) -> str:
    written = (
        content if isinstance(content, str) else base64.b64encode(content).decode()
    )
    return (
        f"<attachment>{owner}<file_name>{name}</file_name>"
        f"<content>{written}</content>{more}</attachment>"
    )


def create(api: Api, *arguments: str, **named: bytes | str) -> int:
    answer = api.call("attachment.create", file(*arguments, **named))  # type: ignore[arg-type]
    assert answer.ok, answer.error
    return int(answer.text("attachment_id") or 0)


def get(api: Api, attachment_id: int, owner: str = "") -> Answer:
    content = f"<attachment_id>{attachment_id}</attachment_id>{owner}"
    return api.call("attachment.get", content)


def delete(api: Api, attachment_id: int, owner: str = "") -> Answer:
    content = f"<attachment_id>{attachment_id}</attachment_id>{owner}"
    return api.call("attachment.delete", content)


def content_of(answer: Answer) -> bytes:
    return base64.b64decode(answer.text("attachment/content") or "", validate=True)


def listed(api: Api, owner: str = PROFILE) -> list[str]:
    return api.call("attachment.list", owner).all("attachment_id")


def limited(api: Api, ports: Ports, bulk: Bulk) -> Api:
    """Return the account on a server with other limits."""
    client = compose.application_on(replace(ports, bulk=bulk)).test_client()
    return Api(client, api.account, api.token)


def told(answer: Answer) -> tuple[str | None, str | None]:
    return answer.code, answer.field


@pytest.mark.parametrize("owner", [PROFILE, INVOICE])
def test_a_file_comes_back_byte_for_byte(books: Api, owner: str) -> None:
    attachment_id = create(books, owner, more="<description>Signed</description>")
    answer = get(books, attachment_id)
    named = owner[1 : owner.index(">")]
    assert answer.names("attachment") == [
        *TOLD.replace("recurring_id", named).split(),
        "content",
    ]
    assert content_of(answer) == PDF
    assert [answer.text(f"attachment/{name}") for name in TOLD.split()[2:]] == [
        "contract.pdf",
        "Signed",
        "application/pdf",
        str(len(PDF)),
        hashlib.sha256(PDF).hexdigest(),
        "2026-03-02 10:00:00",
    ]


@pytest.mark.parametrize("size", [1, 2, 3, storage.PIECE, storage.PIECE + 1, 100_000])
def test_a_file_of_any_size_comes_back(books: Api, size: int) -> None:
    content = (PDF * 2)[:size]
    assert content_of(get(books, create(books, content=content))) == content


@pytest.mark.parametrize(
    "written",
    ["aGVsbG8=", " aGVs\r\n\tbG8= ", "aGVs&#13;\nbG8=\n", "<![CDATA[aGVsbG8=]]>"],
)
def test_base64_may_come_in_lines(books: Api, written: str) -> None:
    assert content_of(get(books, create(books, content=written))) == b"hello"


@pytest.mark.parametrize(
    "written",
    ["aGVsbG8", "aGVsbG8==", "aGVsbG8=x", "aGVs-G8=", "=", "a", "\u00e4", "hello!"],
)
def test_what_is_no_base64_is_refused(books: Api, written: str) -> None:
    answer = books.call("attachment.create", file(content=written))
    assert told(answer) == ("40060", "content")
    assert "Use base64. (at attachment/content)" in answer.error


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (file(content=""), ("40040", "content")),
        (file(content=" \n "), ("40040", "content")),
        (file(name=""), ("40040", "file_name")),
        (file(name=" "), ("40040", "file_name")),
        (file(owner=""), ("40040", "recurring_id")),
        (file(owner="<recurring_id/><invoice_id/>"), ("40040", "recurring_id")),
        (file(owner=PROFILE + INVOICE), ("40060", "invoice_id")),
        (file(name="a" * 1025), ("40060", "file_name")),
        (file(more=f"<description>{'a' * 53}</description>"), ("40060", "description")),
        (file(owner="<recurring_id>9</recurring_id>"), ("50010", "recurring_id")),
        (file(owner="<recurring_id>x</recurring_id>"), ("50010", "recurring_id")),
        (file(owner="<invoice_id>9</invoice_id>"), ("50010", "invoice_id")),
        ("", ("40040", "attachment")),
        ("<attachment/>", ("40040", "recurring_id")),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_stored(
    books: Api, request_: str, expected: tuple[str, str]
) -> None:
    before = snapshot.taken()
    assert told(books.call("attachment.create", request_)) == expected
    assert snapshot.taken() == before


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.ini", "x.ini"),
        ("\u202egnp.exe", "gnp.exe"),
        (" a&amp;b.txt ", "a&b.txt"),
    ],
)
def test_a_name_leads_nowhere(books: Api, name: str, stored: str) -> None:
    answer = get(books, create(books, name=name))
    assert answer.text("attachment/file_name") == stored


def test_the_name_does_not_decide_the_type(books: Api) -> None:
    page = create(books, name="a.pdf", content=b"<svg onload='alert(1)'/>")
    assert get(books, page).text("attachment/type") == "text/plain"
    program = create(books, name="a.png", content=b"MZ\x90\x00")
    assert get(books, program).text("attachment/type") == "application/octet-stream"


def test_what_a_request_says_of_type_and_size_is_ignored(books: Api) -> None:
    more = "<type>text/html</type><size>1</size><digest>x</digest><updated>x</updated>"
    answer = get(books, create(books, more=more))
    assert answer.text("attachment/type") == "application/pdf"
    assert answer.text("attachment/size") == str(len(PDF))


def test_a_file_over_the_limit_is_refused_and_one_of_it_is_not(
    books: Api, ports: Ports
) -> None:
    books = limited(books, ports, Bulk(1))
    assert content_of(get(books, create(books, content=bytes(MIB)))) == bytes(MIB)
    answer = books.call("attachment.create", file(content=bytes(MIB + 1)))
    assert told(answer) == ("40060", "content")
    assert "The file is larger than 1 MiB." in answer.error


@ON_SQLITE
def test_a_file_of_30_mb_is_refused_as_too_large(books: Api) -> None:
    before = snapshot.taken()
    answer = books.call("attachment.create", file(content=bytes(30_000_000)))
    assert (answer.http.status_code, *told(answer)) == (413, "40030", None)
    assert answer.error == "The request is larger than 16 MB."
    assert snapshot.taken() == before


@ON_SQLITE
def test_a_file_of_10_mib_in_lines_is_taken_and_comes_back(books: Api) -> None:
    content = PDF * (10 * MIB // len(PDF))
    lines = base64.encodebytes(content).replace(b"\n", b"\r\n").decode()
    body = (
        '<request method="attachment.get"><attachment_id>{}</attachment_id></request>'
    )
    # Not parsed: libxml2 has to be asked to read a text of more than 10 MB.
    answer = books.client.post(
        PATH,
        data=body.format(create(books, content=lines)),
        headers=books.headers,
    ).data
    _, _, rest = answer.partition(b"<content>")
    assert base64.b64decode(rest.partition(b"</content>")[0], validate=True) == content


@ON_SQLITE
@pytest.mark.parametrize(
    "beginning",
    [
        '<request method="recurring.create"><recurring>',
        '<request method="attachment.get"><attachment>',
        '<request method="attachment.paint"><attachment>',
        '<request method="attachment.creat"><attachment>',
        '<!DOCTYPE request><request method="attachment.create"><attachment>',
        '<other method="attachment.create"><attachment>',
        "attachment.create",
        " " * 1_100_000 + '<request method="attachment.create"><attachment>',
    ],
)
def test_no_other_body_may_be_as_large(books: Api, beginning: str) -> None:
    answer = books.post(beginning + "x" * 1_000_001)
    assert (answer.http.status_code, answer.code) == (413, "40030")
    assert answer.error == "The request is larger than 1 MB."


@ON_SQLITE
def test_a_stranger_has_nothing_read(books: Api) -> None:
    stranger = Api(books.client, books.account, "nobody")
    answer = stranger.call("attachment.create", file(content=bytes(2_000_000)))
    assert (answer.http.status_code, answer.code) == (401, "20010")


@ON_SQLITE
def test_who_finds_no_turn_for_a_file_is_told_to_come_again(
    books: Api, ports: Ports
) -> None:
    create(books)
    bulk = Bulk(wait_s=0)
    busy = limited(books, ports, bulk)
    large = file(content=bytes(800_000))
    with ExitStack() as taken:
        for _ in range(TURNS - 1):
            taken.enter_context(bulk.turn())
        assert get(busy, 1).ok
        assert busy.call("attachment.create", large).ok
        taken.enter_context(bulk.turn())
        for answer in (get(busy, 1), busy.call("attachment.create", large)):
            assert (answer.http.status_code, answer.code) == (429, "20030")
            assert answer.http.headers["Retry-After"] == "5"
        # Small ones need none.
        create(busy)
        assert listed(busy) == ["3", "2", "1"]
    assert get(busy, 1).ok


# Owners.


def test_an_owner_shows_its_own_attachments_the_newest_first(books: Api) -> None:
    plain = books.get(1).http.data
    for owner in (PROFILE, INVOICE, PROFILE):
        create(books, owner, more="<description>a</description>")
    assert listed(books) == ["3", "1"]
    assert listed(books, INVOICE) == ["2"]
    answer = books.get(1)
    assert answer.names("recurring")[-1] == "attachments"
    assert answer.names("recurring/attachments/attachment") == TOLD.split()
    assert answer.all("attachment_id") == ["3", "1"]
    assert books.call("recurring.list").all("attachment_id") == ["3", "1"]
    assert books.call("invoice.get", INVOICE).all("attachment_id") == ["2"]
    assert books.call("invoice.list").all("attachment_id") == ["2"]
    for number in (1, 3):
        delete(books, number)
    assert books.get(1).http.data == plain


def test_a_page_of_attachments_is_like_any_other(books: Api) -> None:
    for _ in range(5):
        create(books)
    answer = books.call(
        "attachment.list", f"{PROFILE}<page>2</page><per_page>2</per_page>"
    )
    found = answer.find("attachments")
    assert found is not None
    assert dict(found.attrib) == {
        "page": "2",
        "per_page": "2",
        "pages": "3",
        "total": "5",
    }
    assert answer.all("attachment_id") == ["3", "2"]
    assert answer.names("attachments/attachment") == TOLD.split()
    far = books.call("attachment.list", f"{PROFILE}<page>9</page>")
    assert far.all("attachment_id") == []
    assert told(books.call("attachment.list")) == ("40040", "recurring_id")


def test_what_is_attached_to_a_profile_stays_with_it(clocked: Api) -> None:
    clocked.create_profile(LINES)
    create(clocked)
    clocked.call("clock.set", "<date>2007-10-01</date>")
    assert len(clocked.invoice_dates(1)) == 2
    assert clocked.call("invoice.list").all("attachment_id") == []


def test_an_attachment_that_is_read_and_sent_back_is_no_change(books: Api) -> None:
    create(books)
    shown = books.get(1).http.data.decode()
    sent_back = shown[shown.index("<recurring>") : shown.index("</response>")]
    before = snapshot.taken()
    answer = books.post(f'<request method="recurring.update">{sent_back}</request>')
    assert answer.ok, answer.error
    assert snapshot.taken() == before


def test_a_list_of_owners_takes_one_query_for_what_is_attached(books: Api) -> None:
    for _ in range(3):
        create(books, f"<invoice_id>{books.create_profile(LINES)}</invoice_id>")
    for method in ("invoice.list", "recurring.list"):
        with snapshot.dying_at(0, AssertionError) as statements:
            assert books.call(method).ok
        assert sum('FROM "attachment"' in sql for sql in statements) == 1, statements


@pytest.mark.parametrize("owner", [PROFILE, INVOICE])
def test_an_owner_that_is_named_must_be_the_right_one(books: Api, owner: str) -> None:
    other = INVOICE if owner == PROFILE else PROFILE
    attachment_id = create(books, owner)
    for call in (get, delete):
        for wrong in (other, owner.replace(">1<", ">2<")):
            answer = call(books, attachment_id, wrong)
            assert told(answer) == ("50010", "attachment_id")
        answer = call(books, attachment_id, PROFILE + INVOICE)
        assert told(answer) == ("40060", "invoice_id")
    assert get(books, attachment_id, owner).ok
    assert delete(books, attachment_id, owner).ok


def test_an_owner_has_50_attachments_at_most(books: Api) -> None:
    for _ in range(OWNED_MAX):
        create(books, content=b"x")
    answer = books.call("attachment.create", file())
    assert answer.code == "50020"
    assert "There are 50 already, which is the most." in answer.error
    create(books, INVOICE)
    assert len(books.get(1).all("attachment_id")) == OWNED_MAX
    delete(books, 7)
    create(books)


def test_what_is_attached_to_a_deleted_profile_is_not_there(books: Api) -> None:
    create(books)
    books.call("recurring.delete", PROFILE)
    answers = [
        get(books, 1),
        delete(books, 1),
        books.call("attachment.list", PROFILE),
        books.call("attachment.create", file()),
    ]
    for answer in answers:
        assert told(answer) == ("50010", "recurring_id")
        assert answer.error == "'recurring_id' not found. Recurring is deleted."


def test_a_person_sees_what_is_attached_to_their_clients(
    books: Api, ports: Ports
) -> None:
    books.create_profile(LINES)
    for number in (1, 2):
        create(books, PROFILE.replace("1", str(number)))
    people.add(ports, "Loom", username="eva")
    people.assign("Loom", "eva", [2])
    token = accounts.token(ports, "Loom", revoke_others=False, username="eva")
    eva = Api(books.client, books.account, token)
    assert told(get(eva, 1)) == ("50010", "attachment_id")
    assert told(delete(eva, 1)) == ("50010", "attachment_id")
    assert told(eva.call("attachment.create", file())) == ("50010", "recurring_id")
    assert content_of(get(eva, 2)) == PDF
    assert delete(eva, 2).ok
    assert get(books, 1).ok


# Deletion and history.


@pytest.mark.parametrize("owner", [PROFILE, INVOICE])
def test_a_deleted_file_is_gone_and_what_is_known_of_it_stays(
    books: Api, owner: str
) -> None:
    create(books, owner)
    kept = create(books, owner)
    assert delete(books, 1).ok
    for answer in (get(books, 1), delete(books, 1)):
        assert told(answer) == ("50010", "attachment_id")
        assert answer.error == "'attachment_id' not found. Attachment is deleted."
    assert listed(books, owner) == [str(kept)]
    rows = database.execute(
        "SELECT attachment_id, folder, file_name FROM attachment ORDER BY attachment_id"
    ).fetchall()
    assert list(map(tuple, rows)) == [
        (1, "deleted", "contract.pdf"),
        (2, "active", "contract.pdf"),
    ]
    pieces = database.execute("SELECT DISTINCT attachment_id FROM attachment_content")
    assert [number for (number,) in pieces.fetchall()] == [kept]
    assert create(books, owner) == kept + 1


def test_the_history_tells_of_files_by_their_names(books: Api, clock: Clock) -> None:
    create(books, name="card 4111 1111 1111 1111.pdf")
    clock.now += timedelta(minutes=1)
    delete(books, 1)
    answer = books.call("recurring.history", PROFILE)
    assert answer.all("what") == ["attachment.delete", "attachment.create", "create"]
    assert answer.all("date")[0] == "2026-03-02 10:01:00"
    name = "card ************1111.pdf"
    field = "attachments/attachment"
    assert answer.all("field")[:2] == [field, field]
    assert answer.all("old")[:2] == [name, ""]
    assert answer.all("new")[:2] == ["", name]


def test_the_history_of_an_invoice_has_its_files(books: Api) -> None:
    create(books, INVOICE)
    delete(books, 1)
    rows = database.execute(
        "SELECT number, client_id, staff_id, what FROM invoice_event "
        "WHERE account_id = 1 AND invoice_id = 1 ORDER BY number"
    ).fetchall()
    assert [tuple(row)[1:] for row in rows][-2:] == [
        (1, 1, "attachment.create"),
        (1, 1, "attachment.delete"),
    ]


def test_a_repeated_request_attaches_a_file_once(books: Api) -> None:
    body = f'<request method="attachment.create">{file()}</request>'
    headers = {"Idempotency-Key": "once"}
    answers = [books.post(body, headers=headers) for _ in range(2)]
    assert [answer.text("attachment_id") for answer in answers] == ["1", "1"]
    assert listed(books) == ["1"]


def test_nothing_of_a_file_is_logged(
    books: Api, caplog: pytest.LogCaptureFixture
) -> None:
    secret = b"Quixotic secret of the loom"
    with caplog.at_level(logging.DEBUG):
        create(books, name="Quixotic.txt", content=secret)
        books.call("attachment.create", file(content="Quixotic!"))
        assert content_of(get(books, 1)) == secret
        delete(books, 1)
    assert "method=attachment" in caplog.text or "answered" in caplog.text
    assert "Quixotic" not in caplog.text
    assert base64.b64encode(secret).decode()[:12] not in caplog.text
