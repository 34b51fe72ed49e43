"""What must hold whatever is sent: properties that the fuzzer and its finds share."""

import base64
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from app import compose
from app.api import dispatch, faults
from app.api.auth import token_of
from app.api.methods import METHODS
from app.config import Settings
from app.domain.errors import ServiceError
from app.services import account as accounts
from app.services.account import NewAccount
from app.services.counting import RequestCounter
from app.services.ports import Ports
from app.storage import database
from app.vault import keys
from app.vault.cards import Vault
from app.wire import envelope, schema, xml
from tests.conftest import NOW, Secrets
from tests.hostile import LEAK
from tests.schemas import check_answer

# Stands between the requests of one input; no XML document may hold it.
BETWEEN = b"\x00"
# An input that begins with it is sent to the account that ignores what it can.
TOLERANT = b"~"
REQUESTS_MAX = 4
FAIL_MAX = 64 * 1024

_CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>4111111111111111</number><name>Ada</name><expiration><month>7</month>"
    "<year>2031</year></expiration></card></autobill>"
)
_LINES = (
    "<lines><line><name>Hosting</name><unit_cost>40</unit_cost><quantity>3</quantity>"
    "<tax1_name>VAT</tax1_name><tax1_percent>19</tax1_percent></line>"
    "<line><name>Backup</name><unit_cost>5</unit_cost></line></lines>"
)
_DATES = (
    "<dates><date>02-29</date><date>10-05</date></dates><buffer_days>3</buffer_days>"
)
# What every account begins with, so that the ids that inputs name lead somewhere.
_HISTORY = tuple(
    f'<request method="{method}">{content}</request>'.encode()
    for method, content in (
        (
            "client.create",
            (
                "<client><organization>Loom</organization><email>ada@loom.test</email>"
                "<contacts><contact><email>cy@loom.test</email></contact></contacts>"
                "</client>"
            ),
        ),
        ("client.create", "<client><email>gone@loom.test</email></client>"),
        ("client.delete", "<client_id>2</client_id>"),
        (
            "recurring.create",
            (
                "<recurring><client_id>1</client_id><frequency>weekly</frequency>"
                f"{_CARD}{_LINES}</recurring>"
            ),
        ),
        (
            "recurring.create",
            (
                "<recurring><client_id>1</client_id><date>2007-10-01</date>"
                f"{_LINES}</recurring>"
            ),
        ),
        ("recurring.create", "<recurring><client_id>1</client_id></recurring>"),
        ("recurring.delete", "<recurring_id>3</recurring_id>"),
        *(
            (
                "recurring.create",
                f"<recurring><client_id>1</client_id>{said}</recurring>",
            )
            for said in (
                "<schedule><days><day>1</day><day>31</day></days></schedule>",
                f"<schedule>{_DATES}<end_date>2031-02-28</end_date></schedule>",
                "<frequency>10 days</frequency><stopped>1</stopped>",
            )
        ),
        ("recurring.archive", "<recurring_id>4</recurring_id>"),
        ("clock.set", "<date>2007-09-20</date>"),
    )
)
_LISTS = ("client.list", "recurring.list", "invoice.list")


def check_document(body: bytes) -> None:
    """Prove that reading a request ends in a tree or in an error of ours."""
    for ignore_unknown in (False, True):
        try:
            document = xml.parse(
                body,
                METHODS,
                dispatch.known_names(),
                ignore_unknown=ignore_unknown,
            )
            schema.validate(document, ignore_unknown=ignore_unknown)
        except ServiceError as error:
            told = faults.told(error)
            _check_refusal(envelope.fail(told.text, told.code, told.field))


def check_credentials(header: bytes) -> None:
    """Prove that a header holds a token or none, and that a token is found again."""
    token_of(header.decode("latin-1"))
    token = header.partition(b":")[0]
    encoded = base64.b64encode(header).decode()
    assert token_of(f"Basic {encoded}") == (token or None)


def _check_refusal(answer: bytes) -> None:
    root = etree.fromstring(answer)
    names = [etree.QName(child).localname for child in root]
    assert names in (["error", "code"], ["error", "code", "field"]), answer
    assert len(answer) <= FAIL_MAX, len(answer)
    assert not LEAK.search(root[0].text or ""), answer


@dataclass
class House:
    """A server's insides, with an account that is strict and one that is tolerant.

    Every input finds them as they were at first, so that each find can be repeated.
    """

    ports: Ports
    tokens: dict[bool, bytes]
    writer: sqlite3.Connection
    first: sqlite3.Connection

    def check(self, data: bytes) -> None:
        """Send the requests of an input one after the other, and check each answer."""
        tolerant = data.startswith(TOLERANT)
        token = self.tokens[tolerant]
        requests = data.removeprefix(TOLERANT).split(BETWEEN, REQUESTS_MAX)
        begun = self._version()
        for body in requests[:REQUESTS_MAX]:
            self._check_one(token, body)
        if self._version() != begun:
            self._check_lists(token)
            if b"clock.set" not in data:
                self._check_dates(token)
            self.first.backup(self.writer)

    def send(self, token: bytes, body: bytes) -> dispatch.Answer:
        """Answer a request, in process."""
        request = dispatch.Request(
            host="127.0.0.1",
            address="127.0.0.1",
            token=token,
            key=None,
            body=lambda _limit_of: body,
        )
        return dispatch.answer(self.ports, request)

    def _check_one(self, token: bytes, body: bytes) -> None:
        before = self._version()
        answer = self.send(token, body)
        if answer.file_name:
            assert answer.body.startswith(b"%PDF-")
        elif etree.fromstring(answer.body).get("status") == "ok":
            check_answer(answer.method, answer.body)
        else:
            assert answer.code != 10010, answer.body
            _check_refusal(answer.body)
            assert self._version() == before, "a refused request changed something"

    def _check_lists(self, token: bytes) -> None:
        """Prove that what was stored can be read back."""
        for method in _LISTS:
            body = f'<request method="{method}"/>'.encode()
            answer = self.send(token, body)
            assert b'status="ok"' in answer.body, (method, answer.body)
            check_answer(method, answer.body)

    def _check_dates(self, token: bytes) -> None:
        """Prove that a preview begins with the next date, and stays what it is.

        What was read of a profile by a legacy client may be written back.
        """
        answer = self._ask(token, "recurring.list", "<details>1</details>")
        for profile in answer.iterfind(".//{*}recurring"):
            texts = {etree.QName(child).localname: child.text for child in profile}
            this = f"<recurring_id>{texts['recurring_id']}</recurring_id>"
            dates = self._previewed(token, this)
            next_on = texts["next_issue_date"]
            assert dates[:1] == ([next_on] if next_on else []), (texts, dates)
            legacy = "".join(
                f"<{name}>{texts[name] or ''}</{name}>"
                for name in ("frequency", "date", "occurrences")
            )
            written = f"<recurring>{this}{legacy}</recurring>"
            if self._ask(token, "recurring.update", written).get("status") == "ok":
                assert self._previewed(token, this) == dates, (texts, dates)

    def _previewed(self, token: bytes, this: str) -> list[str | None]:
        answer = self._ask(token, "recurring.preview", f"{this}<count>5</count>")
        assert answer.get("status") == "ok", etree.tostring(answer)
        return [date.text for date in answer.iterfind(".//{*}date")]

    def _ask(self, token: bytes, method: str, content: str) -> etree._Element:
        body = f'<request method="{method}">{content}</request>'.encode()
        return etree.fromstring(self.send(token, body).body)

    def _version(self) -> int:
        """Return a number that changes with every change that is committed."""
        return int(self.writer.execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def house() -> Iterator[House]:
    """Provide a house on a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"PERENNIAL_DATA": folder})
        compose.initialise(settings)
        ports = Ports(
            vault=Vault(keys.load(settings)),
            now=lambda: NOW,
            secret=Secrets(),
            requests=RequestCounter(),
            url="https://loom.test",
            domains=settings.domains,
            outbox=settings.data,
        )
        path = database.proxy.obj.path
        with database.connection(), closing(_opened(path)) as writer:
            tokens = {
                tolerant: _account(ports, tolerant=tolerant)
                for tolerant in (False, True)
            }
            with closing(sqlite3.connect(":memory:")) as first:
                made = House(ports, tokens, writer, first)
                for token in tokens.values():
                    for body in _HISTORY:
                        answer = made.send(token, body)
                        assert b'status="ok"' in answer.body, answer.body
                writer.backup(first)
                yield made


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def _account(ports: Ports, *, tolerant: bool) -> bytes:
    new = NewAccount(
        name="Tolerant" if tolerant else "Strict",
        clock_on=datetime(2007, 9, 1, tzinfo=UTC).date(),
        ignore_unknown=tolerant,
        ignore_empty_lists=tolerant,
    )
    return accounts.create(ports, new)[1].encode()
