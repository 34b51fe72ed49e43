"""Handing over what is to be mailed or posted, whatever happens on the way."""

import errno
import os
import stat
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import typst

from app.delivery import folder
from app.paper import press
from app.services import outgoing, parcel
from app.services.outgoing import BATCH, RETRY, hand_over
from app.services.ports import Ports
from app.storage import database
from app.storage import outgoing as storage
from tests import snapshot
from tests.conftest import ON_POSTGRESQL, PATH, Api, Clock
from tests.paper import reading

ADDRESS = (
    "<organization>Loom Ltd</organization><first_name>Ada</first_name>"
    "<last_name>Lovelace</last_name><p_street1>1 Mill Lane</p_street1>"
    "<p_city>Toronto</p_city><p_state>Ontario</p_state><p_code>M6B 3R7</p_code>"
    "<p_country>Canada</p_country>"
)
LINE = (
    "<lines><line><name>Weaving</name><unit_cost>12.5</unit_cost>"
    "<quantity>4</quantity></line></lines>"
)


def create_invoice(api: Api, content: str = "", client_id: int | None = None) -> int:
    client_id = api.create_client(ADDRESS) if client_id is None else client_id
    answer = api.call(
        "invoice.create",
        f"<invoice><client_id>{client_id}</client_id>{LINE}{content}</invoice>",
    )
    assert answer.ok, answer.error
    return int(answer.text("invoice_id") or 0)


def post(api: Api, invoice_id: int) -> None:
    content = f"<invoice_id>{invoice_id}</invoice_id>"
    assert api.call("invoice.sendBySnailMail", content).ok


def mail(api: Api, invoice_id: int, content: str = "") -> None:
    content = f"<invoice_id>{invoice_id}</invoice_id>{content}"
    answer = api.call("invoice.sendByEmail", content)
    assert answer.ok, answer.error


def names(ports: Ports, kind: str) -> list[str]:
    """Return what is in a folder, what is hidden too."""
    found = ports.outbox / kind
    return sorted(path.name for path in found.glob("*"))


def contents(ports: Ports) -> dict[str, bytes]:
    return {
        f"{kind}/{name}": (ports.outbox / kind / name).read_bytes()
        for kind in ("post", "mail")
        for name in names(ports, kind)
    }


def mailed(ports: Ports) -> EmailMessage:
    """Return the only mail, read by the standard library."""
    (name,) = names(ports, "mail")
    raw = (ports.outbox / "mail" / name).read_bytes()
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage) -> str:
    body = message.get_body()
    assert body is not None
    return str(body.get_content())


def files_of(message: EmailMessage) -> list[tuple[str | None, str, Any]]:
    return [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
        for part in message.iter_attachments()
    ]


def get_pdf(invoice_id: int) -> bytes:
    content = f"<invoice_id>{invoice_id}</invoice_id>"
    return f'<request method="invoice.getPDF">{content}</request>'.encode()


def waiting() -> int:
    sql = "SELECT COUNT(*) FROM outgoing WHERE handed_over_at IS NULL"
    return int(database.execute(sql).fetchone()[0])


def why_not(api: Api, invoice_id: int) -> list[str]:
    """Return the kind and the reason of what was not sent, the last first."""
    content = f"<invoice_id>{invoice_id}</invoice_id>"
    answer = api.call("invoice.history", content)
    return [
        f"{event.findtext('.//{*}old')}: {event.findtext('.//{*}new')}"
        for event in answer.root.iter("{*}event")
        if event.findtext("{*}what") == "notSent"
    ]


def test_a_letter_is_a_pdf_and_a_text_with_its_address(api: Api, ports: Ports) -> None:
    post(api, create_invoice(api))

    assert hand_over(ports).count == 1

    name = "1-1-invoice-0000001"
    assert names(ports, "post") == [f"{name}.pdf", f"{name}.txt"]
    pdf = (ports.outbox / "post" / f"{name}.pdf").read_bytes()
    assert "Loom Ltd" in reading.page(pdf)
    assert "50.00" in reading.page(pdf)
    assert (ports.outbox / "post" / f"{name}.txt").read_text("utf-8").splitlines() == [
        "Loom Ltd",
        "Ada Lovelace",
        "1 Mill Lane",
        "Toronto, Ontario M6B 3R7",
        "Canada",
        "",
        "Invoice 0000001",
    ]
    assert waiting() == 0
    assert hand_over(ports).count == 0


def test_a_profile_that_has_its_invoices_posted_has_letters(
    api: Api, ports: Ports
) -> None:
    content = f"{LINE}<send_snail_mail>1</send_snail_mail>"
    api.create_profile(content, api.create_client(ADDRESS))
    assert hand_over(ports).count == 1
    assert len(names(ports, "post")) == 2


def test_files_and_folders_are_their_owners_alone(api: Api, ports: Ports) -> None:
    invoice_id = create_invoice(api)
    post(api, invoice_id)
    mail(api, invoice_id)
    hand_over(ports)
    for kind in ("post", "mail"):
        where = ports.outbox / kind
        assert stat.S_IMODE(where.stat().st_mode) == 0o700
        for name in names(ports, kind):
            assert stat.S_IMODE((where / name).stat().st_mode) == 0o600


def test_a_mail_has_our_words_where_the_request_has_none(
    api: Api, ports: Ports
) -> None:
    mail(api, create_invoice(api))

    assert hand_over(ports).count == 1

    assert names(ports, "mail") == ["1-1-invoice-0000001.eml"]
    message = mailed(ports)
    assert message["From"] == "Loom <no-reply@loom.test>"
    assert message["To"] == "ada@loom.test"
    assert message["Subject"] == "Invoice 0000001 from Loom"
    assert message["Date"] == "Mon, 02 Mar 2026 15:00:00 +0000"
    assert message["Message-ID"] == "<outgoing-1-1@loom.test>"
    text = text_of(message)
    assert "The amount owed is $50.00." in text
    assert "https://loom.test/view/" in text
    assert "::" not in text.replace("https://", "")
    ((name, kind, pdf),) = files_of(message)
    assert (name, kind) == ("invoice-0000001.pdf", "application/pdf")
    assert "Weaving" in reading.page(pdf)


def test_variables_stand_for_what_the_invoice_says(api: Api, ports: Ports) -> None:
    invoice_id = create_invoice(api)
    payment = f"<invoice_id>{invoice_id}</invoice_id><amount>20</amount>"
    api.call("payment.create", f"<payment>{payment}</payment>")
    variables = (
        "number|payment amount|amount owed|company name|client organization"
        "|first name|last name"
    ).replace("number", "invoice number", 1)
    message = "|".join(f"::{name}::" for name in variables.split("|"))
    mail(
        api,
        invoice_id,
        f"<subject>On ::invoice number::</subject><message>{message}</message>",
    )
    hand_over(ports)
    found = mailed(ports)
    assert found["Subject"] == "On 0000001"
    first, *rest = text_of(found).splitlines()
    assert first == "0000001|$50.00|$30.00|Loom|Loom Ltd|Ada|Lovelace"
    # Where the request names no link it stands at the end.
    assert rest[-1].startswith("https://loom.test/view/")


def test_what_looks_like_a_variable_in_a_name_stays_as_it_is(
    api: Api, ports: Ports
) -> None:
    name = "<first_name>::invoice link::</first_name>"
    client_id = api.create_client(name)
    message = "<message>::first name:: ::invoice link::</message>"
    mail(api, create_invoice(api, client_id=client_id), message)
    hand_over(ports)
    assert text_of(mailed(ports)).startswith("::invoice link:: https://loom.test")


def test_a_mail_goes_to_the_client_and_to_the_invoices_contacts_once_each(
    api: Api, ports: Ports
) -> None:
    contacts = "".join(
        f"<contact><email>{email}</email><first_name>{name}</first_name></contact>"
        for email, name in (
            ("eva@loom.test", "Eva"),
            ("ADA@loom.test", "Again"),
            ("no@loom.test", "Not chosen"),
            ("not an address", "None"),
        )
    )
    client_id = api.create_client(f"<contacts>{contacts}</contacts>")
    chosen = "".join(
        f"<contact><contact_id>{number}</contact_id></contact>" for number in (1, 2, 4)
    )
    mail(api, create_invoice(api, f"<contacts>{chosen}</contacts>", client_id))
    hand_over(ports)
    assert mailed(ports)["To"] == "ada@loom.test, eva@loom.test"


def test_the_files_of_an_invoice_go_with_its_mail(
    api: Api, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcel, "ENCLOSED_MAX", 10)
    invoice_id = create_invoice(api)
    for name, content in (
        ("\u30ed\u30fc\u30e0.txt", "YWJj"),
        ("large.txt", "YWJjZGVmZ2hpamtsbW5v"),
        ("b.png", "iVBORw0KGgo="),
    ):
        answer = api.call(
            "attachment.create",
            f"<attachment><invoice_id>{invoice_id}</invoice_id><file_name>{name}"
            f"</file_name><content>{content}</content></attachment>",
        )
        assert answer.ok, answer.error
    mail(api, invoice_id)
    hand_over(ports)
    message = mailed(ports)
    (paper, first) = files_of(message)
    assert paper[0] == "invoice-0000001.pdf"
    assert first == ("\u30ed\u30fc\u30e0.txt", "text/plain", b"abc")
    assert "Too large to be enclosed: large.txt, b.png" in text_of(message)


HOSTILE = "x\r\nBcc: evil@loom.test\r\n\r\n<b>\u2028Bcc: evil@loom.test\u202e\x85"


@pytest.mark.parametrize("field", ["subject", "first_name", "last_name", "company"])
def test_nothing_that_somebody_wrote_becomes_a_header(
    api: Api, ports: Ports, field: str
) -> None:
    mail(api, create_invoice(api))
    table, column = {
        "subject": ("outgoing", "subject"),
        "company": ("account", "name"),
    }.get(field, ("invoice", field))
    with database.writing():
        database.execute(f"UPDATE {table} SET {column} = ?", (HOSTILE,))  # noqa: S608

    assert hand_over(ports).count == 1

    message = mailed(ports)
    assert sorted(set(message.keys())) == [
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ]
    (address,) = message["To"].addresses
    assert address.addr_spec == "ada@loom.test"
    (sender,) = message["From"].addresses
    assert sender.addr_spec == "no-reply@loom.test"
    (kind,) = {kind for _, kind, _ in files_of(message)}
    assert kind == "application/pdf"


@pytest.mark.parametrize(
    "email",
    [
        "ada@loom.test, evil@loom.test",
        "ada@loom.test\r\nBcc: evil@loom.test",
        "Ada <ada@loom.test>",
        "ada@loom.test>",
        "ada@loom@test",
        "ada",
        "@",
        f"{'a' * 300}@loom.test",
    ],
)
def test_what_is_no_single_address_is_mailed_to_nobody(
    api: Api, ports: Ports, email: str
) -> None:
    mail(api, create_invoice(api))
    with database.writing():
        database.execute("UPDATE client SET email = ?", (email,))
    done = hand_over(ports)
    assert (done.count, done.put_off) == (0, [])
    assert names(ports, "mail") == []
    assert why_not(api, 1) == ["email: Its client has no e-mail address."]


def test_an_address_in_any_script_is_mailed_to(api: Api, ports: Ports) -> None:
    mail(api, create_invoice(api))
    with database.writing():
        database.execute("UPDATE client SET email = ?", ("\u00fc@l\u00f6m.test",))
    assert hand_over(ports).count == 1
    (raw,) = contents(ports).values()
    assert "\r\nTo: \u00fc@l\u00f6m.test\r\n".encode() in raw


def test_a_number_with_a_path_in_it_leads_nowhere_else(api: Api, ports: Ports) -> None:
    invoice_id = create_invoice(api, "<number>../../x&quot;&#10;</number>")
    post(api, invoice_id)
    mail(api, invoice_id)
    before = {path for path in ports.outbox.iterdir() if path.is_file()}
    assert hand_over(ports).count == 2
    assert names(ports, "post") == ["1-1-invoice-x.pdf", "1-1-invoice-x.txt"]
    assert names(ports, "mail") == ["1-2-invoice-x.eml"]
    assert {path for path in ports.outbox.iterdir() if path.is_file()} == before


def test_a_deleted_invoice_is_not_sent_and_its_history_says_so(
    api: Api, ports: Ports
) -> None:
    invoice_id = create_invoice(api)
    post(api, invoice_id)
    mail(api, invoice_id)
    api.call("invoice.delete", f"<invoice_id>{invoice_id}</invoice_id>")

    assert hand_over(ports).count == 0

    assert contents(ports) == {}
    assert waiting() == 0
    assert why_not(api, invoice_id) == ["email: It is deleted.", "post: It is deleted."]


def test_a_letter_without_an_address_is_not_sent_and_the_history_says_why(
    api: Api, ports: Ports, caplog: pytest.LogCaptureFixture
) -> None:
    api.create_profile(f"{LINE}<send_snail_mail>1</send_snail_mail>")
    done = hand_over(ports)
    assert (done.count, done.put_off, waiting()) == (0, [], 0)
    assert why_not(api, 1) == ["post: It has no postal address."]
    assert caplog.records == []


def test_a_mail_to_a_client_that_was_deleted_meanwhile_is_not_sent(
    api: Api, ports: Ports
) -> None:
    mail(api, create_invoice(api))
    api.call("client.delete", "<client_id>1</client_id>")
    assert hand_over(ports).count == 0
    assert why_not(api, 1) == ["email: Its client is deleted."]


def test_what_fails_for_its_own_reason_rests_and_blocks_nothing(
    api: Api, ports: Ports, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    poisoned, healthy = create_invoice(api), create_invoice(api)
    post(api, poisoned)
    post(api, healthy)
    sql = "UPDATE invoice_line SET quantity = ? WHERE invoice_id = ?"
    with database.writing():
        database.execute(sql, ("poison", poisoned))

    done = hand_over(ports)

    assert (done.count, done.put_off) == (1, ["outgoing 1 of account 1"])
    assert names(ports, "post")[0].startswith("1-2-")
    (record,) = caplog.records
    assert record.message.startswith("outgoing 1 of account 1 is put off: ")
    assert "poison" not in record.message
    assert hand_over(ports).put_off == []

    with database.writing():
        database.execute(sql, ("4", poisoned))
    assert hand_over(ports).count == 0
    clock.now += RETRY
    assert hand_over(ports).count == 1
    assert len(names(ports, "post")) == 4


def test_a_pass_ends_after_a_bounded_number_and_says_that_there_is_more(
    api: Api, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "BATCH", 2)
    assert BATCH == 100
    invoice_id = create_invoice(api)
    for _ in range(3):
        post(api, invoice_id)
    first, second = hand_over(ports), hand_over(ports)
    assert (first.count, first.more) == (2, True)
    assert (second.count, second.more) == (1, False)


def test_a_worker_that_is_told_to_stop_leaves_the_rest(api: Api, ports: Ports) -> None:
    post(api, create_invoice(api))
    assert hand_over(ports, stop=lambda: True).count == 0
    assert waiting() == 1


FULL = "No space left on device"


@pytest.mark.parametrize("door", ["fsync", "write", "replace", "mkdir"])
def test_a_full_disk_ends_the_pass_and_loses_nothing(
    api: Api,
    ports: Ports,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    door: str,
) -> None:
    invoice_id = create_invoice(api)
    post(api, invoice_id)
    post(api, invoice_id)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, FULL, "/secret/path")

    with monkeypatch.context() as patched:
        if door in {"replace", "mkdir"}:
            patched.setattr(Path, door, full)
        else:
            patched.setattr(os, "fsync" if door == "fsync" else "fdopen", full)
        done = hand_over(ports)
    assert (done.count, done.stuck, done.put_off) == (0, FULL, [])
    assert waiting() == 2
    assert FULL in caplog.text
    assert "secret" not in caplog.text
    assert not [name for name in names(ports, "post") if not name.startswith(".")]

    assert hand_over(ports).count == 2
    assert len(names(ports, "post")) == 4


class Died(BaseException):
    """The process is gone."""


@pytest.fixture(name="sent")
def sent_(api: Api, ports: Ports) -> snapshot.Rows:
    """Provide what the tables hold with a letter, a mail and a deleted one to go."""
    invoice_id, deleted = create_invoice(api), create_invoice(api)
    post(api, invoice_id)
    mail(api, invoice_id)
    post(api, deleted)
    api.call("invoice.delete", f"<invoice_id>{deleted}</invoice_id>")
    ports.requests.flush()
    return snapshot.taken()


def finished(ports: Ports) -> tuple[dict[str, bytes], snapshot.Rows]:
    while hand_over(ports).count:
        pass
    rows = snapshot.taken()
    return contents(ports), rows


def emptied(ports: Ports) -> None:
    for path in contents(ports):
        (ports.outbox / path).unlink()


@pytest.mark.parametrize("done", [False, True])
def test_a_process_may_die_at_any_statement(
    ports: Ports, sent: snapshot.Rows, *, done: bool
) -> None:
    wanted = finished(ports)
    assert len(wanted[0]) == 3
    assert waiting() == 0
    number = 0
    died = True
    while died:
        number += 1
        emptied(ports)
        snapshot.put_back(sent)
        died = False
        with snapshot.dying_at(number, Died, done=done):
            try:
                hand_over(ports)
            except Died:
                died = True
        snapshot.connection_lost()
        assert finished(ports) == wanted, number
    assert number > 10


@pytest.fixture(name="dying_file")
def dying_file_(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Provide how many more steps with files are taken before the process dies."""
    left = [0]

    def counted(step: Any) -> Any:
        def taken(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                raise Died
            return step(*arguments, **options)

        return taken

    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    monkeypatch.setattr(os, "fdopen", counted(os.fdopen))
    monkeypatch.setattr(Path, "replace", counted(Path.replace))
    return left


def test_a_process_may_die_at_any_step_with_a_file(
    ports: Ports, sent: snapshot.Rows, dying_file: list[int]
) -> None:
    wanted = finished(ports)
    steps = 0
    while True:
        steps += 1
        emptied(ports)
        snapshot.put_back(sent)
        dying_file[0] = steps
        try:
            hand_over(ports)
        except Died:
            pass
        else:
            break
        complete = [name for name in names(ports, "post") if name.endswith(".txt")]
        for name in complete:
            assert name.replace(".txt", ".pdf") in names(ports, "post")
        snapshot.connection_lost()
        assert finished(ports) == wanted, steps
    # Three files are opened, flushed, renamed, and their folder flushed.
    assert steps == 13


def test_nothing_is_printed_in_a_transaction(
    api: Api, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    compiler = typst.Compiler

    class Watched:
        def __init__(self, **options: Any) -> None:
            self.compiler = compiler(**options)

        def compile(self, *arguments: Any, **options: Any) -> Any:
            found.append(database.proxy.in_transaction())
            return self.compiler.compile(*arguments, **options)

    monkeypatch.setattr(typst, "Compiler", Watched)
    press._compiler.cache_clear()
    invoice_id = create_invoice(api)
    post(api, invoice_id)
    mail(api, invoice_id)
    assert hand_over(ports).count == 2
    assert found == [False, False]
    assert api.client.post(PATH, data=get_pdf(invoice_id), headers=api.headers).data
    assert found == [False, False, False]
    press._compiler.cache_clear()


def test_an_invoice_that_changes_while_it_is_printed_is_printed_anew(
    api: Api, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice_id = create_invoice(api)
    post(api, invoice_id)
    notes = "Changed meanwhile"

    def change(*_: object) -> None:
        api.call(
            "invoice.update",
            f"<invoice><invoice_id>{invoice_id}</invoice_id><notes>{notes}</notes>"
            "</invoice>",
        )

    staged = folder.staged

    def staged_and_changed(*arguments: Any) -> None:
        staged(*arguments)
        change()

    with monkeypatch.context() as patched:
        patched.setattr(folder, "staged", staged_and_changed)
        assert hand_over(ports).count == 0
    assert waiting() == 1
    assert hand_over(ports).count == 1
    pdf, _ = names(ports, "post")
    assert notes in reading.page((ports.outbox / "post" / pdf).read_bytes())


def test_two_workers_at_once_hand_over_each_once(api: Api, ports: Ports) -> None:
    invoice_id = create_invoice(api)
    for _ in range(10):
        post(api, invoice_id)
        mail(api, invoice_id)
    done = []

    def work() -> None:
        with database.connection():
            while waiting():
                done.append(hand_over(ports))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(each.count for each in done) == 20
    assert not any(each.stuck or each.put_off for each in done)
    assert len(names(ports, "post")) == 20
    assert len(names(ports, "mail")) == 10


@ON_POSTGRESQL
def test_what_another_worker_has_in_hand_is_left_to_it(api: Api, ports: Ports) -> None:
    post(api, create_invoice(api))
    claimed, looked = threading.Event(), threading.Event()

    def other() -> None:
        with database.connection(), database.writing():
            assert storage.claimed(1, 1)
            claimed.set()
            looked.wait(30)

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert claimed.wait(30)
        assert hand_over(ports).count == 0
        assert not [name for name in names(ports, "post") if name[0] != "."]
    finally:
        looked.set()
        thread.join()
    assert hand_over(ports).count == 1
    assert len(names(ports, "post")) == 2


@ON_POSTGRESQL
def test_two_that_both_have_the_turn_leave_one_letter(api: Api, ports: Ports) -> None:
    """So it is where the database took a lock for lost that its holder counts on."""
    post(api, create_invoice(api))
    ((account_id, item),) = storage.waiting(ports.now(), 1)
    (ports.outbox / "post").mkdir()
    together = threading.Barrier(2)
    done = []

    def work() -> None:
        with database.connection():
            together.wait(30)
            done.append(outgoing._handed_over(ports, account_id, item))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, True]
    assert len([name for name in names(ports, "post") if name[0] != "."]) == 2
