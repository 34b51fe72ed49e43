"""No card data in the clear, anywhere: every byte that is written is searched."""

import base64
import logging
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from app.config import Settings
from app.domain.card import Brand, CardToken
from app.domain.gateway import Declined, Reason, Tokenised, Unknown
from app.gateways import sandbox
from app.storage import card, database, recurring, rows, tables
from tests import snapshot
from tests.conftest import Api
from tests.keeper import Keeper

# Valid by their check digits, and unlike any other number of these tests.
NUMBERS = (
    "4929007711223342",
    "5412751234567898",
    "4485001234567893",
    "371449635398431",
    "6011000990139424",
)
NAMES = ("Zebulon Quartermain", "Philippa Nightshade")


def traces(text: str) -> Iterator[bytes]:
    """Yield the forms in which a number or name could be written somewhere."""
    plain = text.encode()
    yield plain
    yield plain[::-1]
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield text.encode("utf-16-le")
    for offset in range(3):
        # The middle of its base64, whatever stands before it.
        encoded = base64.b64encode(b"x" * offset + plain + b"xx")
        yield encoded[4:-4]
    if text.isdigit():
        yield " ".join(text[i : i + 4] for i in range(0, len(text), 4)).encode()
        yield "-".join(text[i : i + 4] for i in range(0, len(text), 4)).encode()
        yield int(text).to_bytes(8, "big")
        yield int(text).to_bytes(8, "little")


def check(data: bytes, where: str) -> None:
    for secret in (*NUMBERS, *NAMES):
        for trace in traces(secret):
            assert trace not in data, f"{secret[-4:]} as {trace!r} in {where}"


def autobill(
    number: str, name: str, year: int = 2031, gateway: str = "PAYPAL payflow pro"
) -> str:
    return (
        f"<autobill><gateway_name>{gateway}</gateway_name><card>"
        f"<number>{number}</number><name>{name}</name>"
        f"<expiration><month>4</month><year>{year}</year></expiration>"
        "</card></autobill>"
    )


def requests(client_id: int) -> Iterator[str]:
    """Yield requests with the numbers in them: some succeed, most fail."""
    spaced = " ".join(NUMBERS[0][i : i + 4] for i in range(0, 16, 4))
    profile = f"<client_id>{client_id}</client_id>"
    for content in (
        profile + autobill(spaced, NAMES[0]),
        profile + autobill(NUMBERS[1], NAMES[1]),
        profile + autobill(NUMBERS[2], NAMES[0], year=2011),
        profile + autobill(NUMBERS[2], NAMES[0], gateway="No Such Gateway"),
        profile + autobill(NUMBERS[2], NAMES[0]) + "<currency_code>JPY</currency_code>",
        profile + autobill(NUMBERS[2][:-1] + "0", NAMES[0]),
        profile + autobill(NUMBERS[3] + NUMBERS[3], NAMES[0]),
        profile + f"<discount>{NUMBERS[3]}</discount>",
        profile + f"<frequency>{NUMBERS[3]}</frequency>",
        profile + f"<date>{NUMBERS[3]}</date>",
        profile + f"<language>{NUMBERS[3]}</language>",
        profile + f"<currency_code>{NUMBERS[3]}</currency_code>",
        profile + f"<return_uri>{NUMBERS[3]}</return_uri>",
        profile + f"<x{NUMBERS[4]}/>",
        f"<client_id>{NUMBERS[4]}</client_id>",
        autobill(NUMBERS[4], NAMES[1]),
    ):
        yield (
            '<request method="recurring.create"><recurring>'
            f"{content}</recurring></request>"
        )
    yield f'<request method="recurring.{NUMBERS[4]}"/>'
    yield f'<request method="recurring.create"><recurring>{autobill(NUMBERS[4], "")}'
    yield (
        '<request method="recurring.update"><recurring><recurring_id>1</recurring_id>'
        f"{autobill(NUMBERS[1], NAMES[1])}</recurring></request>"
    )
    yield (
        '<request method="recurring.update"><recurring><recurring_id>2</recurring_id>'
        "<autobill/></recurring></request>"
    )
    yield (
        '<request method="recurring.update"><recurring><recurring_id>1</recurring_id>'
        f"{autobill('************7898', NAMES[1], 2032)}</recurring></request>"
    )
    yield '<request method="recurring.get"><recurring_id>1</recurring_id></request>'
    yield '<request method="recurring.history"><recurring_id>1</recurring_id></request>'
    yield '<request method="recurring.history"><recurring_id>2</recurring_id></request>'
    yield '<request method="recurring.list"/>'


def files_written(folder: Path, settings: Settings) -> Iterator[Path]:
    """Yield every file of a test, the database's own and its log's among them."""
    folders = [folder]
    if settings.database.startswith("sqlite"):
        database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    else:
        database.execute("CHECKPOINT")
        of_cluster = Path(unquote(urlsplit(settings.database).hostname or ""))
        (oid,) = database.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        data = of_cluster / "data"
        folders += [data / "base" / str(oid), data / "pg_wal"]
    for each in folders:
        assert each.is_dir()
        yield from (path for path in each.rglob("*") if path.is_file())


def test_card_data_is_in_no_file_log_or_answer_in_process(
    api: Api,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    client_id = api.create_client()
    succeeded = 0
    for body in requests(client_id):
        answer = api.post(body)
        succeeded += answer.ok
        # A holder's name is shown to its owner, in the structure that is for it.
        shown = answer.http.data
        for name in NAMES:
            shown = shown.replace(f"<name>{name}</name>".encode(), b"")
        check(shown, f"the answer to {body[:60]}")
    assert succeeded == 9

    def failing(*_: object) -> None:
        raise RuntimeError("the database said no to 4929007711223342")

    monkeypatch.setattr(recurring, "put_card", failing)
    for body in requests(client_id):
        check(api.post(body).http.data.replace(NAMES[1].encode(), b""), "a 500")

    check(caplog.text.encode(), "the log")
    for path in files_written(tmp_path, settings):
        check(path.read_bytes(), path.name)


def test_the_history_tells_of_a_card_by_its_mask_alone(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client_id = api.create_client()
    for body in requests(client_id):
        api.post(body)
    assert api.update(1, autobill("************7898", NAMES[0], 2033)).ok

    told = [
        api.call("recurring.history", f"<recurring_id>{recurring_id}</recurring_id>")
        for recurring_id in (1, 2)
    ]

    fields = [field for answer in told for field in answer.all("field")]
    assert fields.count("autobill") == 4
    assert fields.count("autobill/card/name") == 1
    assert fields.count("autobill/card/expiration") == 2
    assert "PayPal Payflow Pro ************7898" in told[0].all("new")
    for answer in told:
        # Not even where other answers show a holder's name.
        check(answer.http.data, "the history")
    for row in rows.dicts(tables.RecurringEvent.select()):
        check(repr(row).encode(), "the table")
        assert "203" not in row["changes"]
    check(caplog.text.encode(), "the log")


def test_card_data_is_in_no_file_of_a_server_that_was_killed(tmp_path: Path) -> None:
    data = tmp_path / "var"
    environment = {
        **os.environ,
        "PERENNIAL_DATA": str(data),
        "PERENNIAL_PROCESSES": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    perennial = [sys.executable, "-m", "app.cli"]
    subprocess.run(  # noqa: S603
        [*perennial, "init", "--demo"], env=environment, check=True, capture_output=True
    )
    token = (data / "demo-token").read_text().strip()
    port = 20000 + os.getpid() % 20000
    url = f"http://127.0.0.1:{port}/api/2.1/xml-in"
    encoded = base64.b64encode(f"{token}:X".encode()).decode()

    def post(body: str) -> bytes:
        request = urllib.request.Request(
            url, body.encode(), {"Authorization": f"Basic {encoded}"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return bytes(answer.read())

    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603
            [*perennial, "serve", "--bind", f"127.0.0.1:{port}"],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            for _ in range(150):
                try:
                    post('<request method="staff.current"/>')
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            for body in requests(client_id=1):
                post(body)
            stored = post('<request method="recurring.list"/>')
            assert stored.count(b"<recurring_id>") == 2
            assert b"************7898" in stored
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"perennial.sqlite", "perennial.sqlite-wal", "log"} <= {
        p.name for p in files
    }
    for path in files:
        check(path.read_bytes(), path.name)


def test_no_verification_code_is_taken(api: Api) -> None:
    client_id = api.create_client()
    content = autobill("4111111111111111", "Ada Byron").replace(
        "</card>", "<cvv>123</cvv></card>"
    )

    answer = api.create(content, client_id)

    assert (answer.code, answer.field) == ("40060", "cvv")


# Cards of clients, what gateways give for them, and the codes that prove them.

CVV = "8642"
TOKENS = ("tok_ZebulonKept9", "tok_QuartermainGiven7")
ADDRESS = ("17 Nightshade Crescent", "QX4 7ZZ")


def client_card(number: str, more: str = "", name: str = NAMES[0]) -> str:
    return (
        '<request method="card.create"><card><client_id>1</client_id>'
        f"<number>{number}</number><name>{name}</name><expiration><month>4</month>"
        f"<year>2031</year></expiration>{more}</card></request>"
    )


def profile_with(number: str, more: str = "") -> str:
    content = autobill(number, NAMES[1]).replace("</name>", f"</name>{more}", 1)
    return (
        '<request method="recurring.create"><recurring><client_id>1</client_id>'
        f"{content}</recurring></request>"
    )


def card_requests() -> Iterator[str]:
    """Yield requests about cards: six succeed, and what can be wrong with others."""
    proof = f"<cvv>{CVV}</cvv><street>{ADDRESS[0]}</street><code>{ADDRESS[1]}</code>"
    last_four = "<last_four>4242</last_four>"
    yield client_card(NUMBERS[3], proof)
    yield client_card(TOKENS[1], last_four + proof)
    yield profile_with(NUMBERS[1])
    yield profile_with(TOKENS[1], last_four)
    yield '<request method="card.list"/>'
    yield '<request method="card.get"><card_id>1</card_id></request>'
    # Each in a wrong place.
    yield client_card(NUMBERS[0], f"<cvv>{NUMBERS[0]}</cvv>")
    yield client_card(NUMBERS[0], f"<cvv>{CVV}</cvv>")
    yield client_card(NUMBERS[0], f"<code>{'4929007711223342' * 50}</code>")
    yield client_card(NUMBERS[0], f"<last_four>{NUMBERS[0]}</last_four>")
    yield client_card(NUMBERS[0], f"<type>{TOKENS[1]}</type>")
    yield client_card(NUMBERS[0], f"<gateway_name>{TOKENS[1]}</gateway_name>")
    yield client_card(NUMBERS[0], f"<card_id>{CVV}x</card_id>", NUMBERS[0])
    yield client_card(CVV, proof)
    yield client_card(TOKENS[1], proof)
    yield client_card(TOKENS[1].replace("_", "-"), proof + last_four)
    yield profile_with(TOKENS[1])
    yield profile_with(NUMBERS[0], f"<type>{NUMBERS[0]}</type>")
    yield f'<request method="card.get"><card_id>{NUMBERS[4]}</card_id></request>'
    yield f'<request method="card.delete"><card_id>{TOKENS[1]}</card_id></request>'


def check_cards(data: bytes, where: str, *, with_code: bool = True) -> None:
    check(data, where)
    secrets = (*TOKENS, *ADDRESS, *([CVV] if with_code else []))
    for secret in secrets:
        for trace in traces(secret):
            # Pieces of a few letters are anywhere.
            assert len(trace) < 4 or trace not in data, f"{secret} in {where}"


def test_codes_tokens_and_addresses_of_cards_are_in_no_file_log_or_answer(
    api: Api,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    keeper = Keeper()
    monkeypatch.setattr(sandbox, "Sandbox", keeper.kind)
    api.create_client()
    tables.Account.update(tokenise=True).execute()
    keeper.answer = Tokenised(token=CardToken(TOKENS[0], "8431", Brand.AMEX))

    def posted(where: str) -> int:
        succeeded = 0
        for number, body in enumerate(card_requests()):
            key = {"Idempotency-Key": f"{where} {number}"}
            answer = api.post(body, headers=key)
            succeeded += answer.ok
            shown = answer.http.data
            for name in NAMES:
                shown = shown.replace(f"<name>{name}</name>".encode(), b"")
            check_cards(shown, f"the answer to {body[:80]}")
        return succeeded

    assert posted("kept") == 6
    assert [asked[:2] for asked in keeper.asked] == [
        (NUMBERS[3], CVV),
        (NUMBERS[1], ""),
    ]
    text = f"{NUMBERS[3]} {CVV} {TOKENS[0]}"
    for nothing in (
        Declined(reason=Reason.CVV, message=text),
        Unknown(detail=text),
        RuntimeError(text),
    ):
        keeper.answer = nothing
        assert posted(type(nothing).__name__) == 4

    def failing(*_: object) -> None:
        raise RuntimeError(text)

    keeper.answer = None
    monkeypatch.setattr(card, "insert", failing)
    monkeypatch.setattr(recurring, "put_card", failing)
    assert posted("500") == 2

    check_cards(caplog.text.encode(), "the log")
    for row in (row for rows_of in snapshot.taken().values() for row in rows_of):
        check_cards(repr(row).encode(), "a row")
    for path in files_written(tmp_path, settings):
        # A cluster's own catalogues hold every number of four digits.
        with_code = settings.database.startswith("sqlite")
        check_cards(path.read_bytes(), path.name, with_code=with_code)
