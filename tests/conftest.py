"""What tests share: a database of their own, a clock that they set, clients to post."""

import base64
import itertools
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from app import compose
from app.config import Settings
from app.domain.account import ADMIN, Account, Caller
from app.services import account as accounts
from app.services.account import NewAccount
from app.services.counting import RequestCounter
from app.services.ports import Ports
from app.storage import database
from app.vault import keys
from app.vault.cards import Vault
from app.wire.envelope import NAMESPACE
from tests import cluster
from tests.schemas import check_answer

# In CI the same examples each time; at a desk new ones, which is how faults are found.
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
PATH = "/api/2.1/xml-in"


def pytest_configure() -> None:
    """Refuse to pass in CI on one database alone."""
    if os.environ.get("CI") and (reason := cluster.missing()):
        raise pytest.UsageError(f"the PostgreSQL half cannot run: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say on which databases the tests ran, and loudly where on one alone."""
    passed = [report.nodeid for report in terminalreporter.getreports("passed")]
    on = sum("postgresql" in name.rpartition("[")[2] for name in passed)
    version = sqlite3.sqlite_version
    if reason := cluster.missing():
        text = f"NOT TESTED ON POSTGRESQL ({reason}), only on SQLite {version}"
        terminalreporter.write_sep("!", text, red=True, bold=True)
    elif on:
        text = f"{on} of the tests on PostgreSQL, the others on SQLite {version}"
        terminalreporter.write_sep("=", text)


# What marks a test, or a module, that is about SQLite or PostgreSQL alone.
ON_SQLITE = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)


@dataclass
class Clock:
    """The instant that the code under test is told."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Secrets:
    """Texts that are unguessable to nobody: 32 hexadecimal digits, counted up."""

    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __call__(self) -> str:
        return f"{next(self.numbers):032x}"


@dataclass
class Answer:
    """An answer, parsed; every one that comes here has been validated."""

    http: TestResponse
    root: etree._Element

    @property
    def ok(self) -> bool:
        return self.root.get("status") == "ok"

    @property
    def code(self) -> str | None:
        return self.text("code")

    @property
    def field(self) -> str | None:
        return self.text("field")

    @property
    def error(self) -> str:
        return self.text("error") or ""

    def find(self, path: str) -> etree._Element | None:
        """Find an element by a path without namespaces, such as `recurring/lines`."""
        return self.root.find("/".join(f"{{{NAMESPACE}}}{n}" for n in path.split("/")))

    def all(self, name: str) -> list[str]:
        """Return the texts of all elements of a name, in document order."""
        return [e.text or "" for e in self.root.iter(f"{{{NAMESPACE}}}{name}")]

    def text(self, path: str) -> str | None:
        """Return an element's text, or None where there is no such element."""
        found = self.find(path)
        return None if found is None else found.text or ""

    def names(self, path: str) -> list[str]:
        """Return the names of an element's children, in order."""
        found = self.find(path) if path else self.root
        assert found is not None, path
        return [etree.QName(child).localname for child in found]


class Api:
    """One account of the application under test, with its token."""

    def __init__(self, client: FlaskClient, account: Account, token: str) -> None:
        self.client = client
        self.account = account
        self.token = token

    @property
    def caller(self) -> Caller:
        return Caller(account=self.account, staff_id=ADMIN)

    @property
    def headers(self) -> dict[str, str]:
        encoded = base64.b64encode(f"{self.token}:X".encode()).decode()
        return {"Authorization": f"Basic {encoded}"}

    def post(self, body: str | bytes, **options: Any) -> Answer:
        """Post a body as it is; the answer must be a well-formed envelope."""
        data = body.encode() if isinstance(body, str) else body
        headers = {**self.headers, **options.pop("headers", {})}
        method = options.pop("method", "POST")
        http = self.client.open(
            PATH, method=method, data=data, headers=headers, **options
        )
        return parsed(http)

    def call(self, method: str, content: str = "") -> Answer:
        """Call a method; its answer is validated against the method's answer type."""
        answer = self.post(f'<request method="{method}">{content}</request>')
        if answer.ok:
            check_answer(method, answer.http.data)
        return answer

    def create_client(self, content: str = "") -> int:
        """Make a client; return its id."""
        content = content or "<organization>Loom Ltd</organization>"
        answer = self.call(
            "client.create", f"<client><email>ada@loom.test</email>{content}</client>"
        )
        assert answer.ok, answer.error
        return int(answer.text("client_id") or 0)

    def create(self, content: str, client_id: int | None = None) -> Answer:
        """Post a recurring.create, for a new client unless one is named."""
        client_id = self.create_client() if client_id is None else client_id
        return self.call(
            "recurring.create",
            f"<recurring><client_id>{client_id}</client_id>{content}</recurring>",
        )

    def create_profile(self, content: str = "", client_id: int | None = None) -> int:
        """Make a profile; return its id."""
        answer = self.create(content, client_id)
        assert answer.ok, answer.error
        return int(answer.text("recurring_id") or 0)

    def get(self, recurring_id: int) -> Answer:
        """Post a recurring.get."""
        return self.call(
            "recurring.get", f"<recurring_id>{recurring_id}</recurring_id>"
        )

    def update(self, recurring_id: int, content: str) -> Answer:
        """Post a recurring.update."""
        return self.call(
            "recurring.update",
            f"<recurring><recurring_id>{recurring_id}</recurring_id>{content}"
            "</recurring>",
        )

    def invoice_dates(self, recurring_id: int) -> list[str]:
        """Return the dates of a profile's invoices, oldest first."""
        answer = self.call(
            "invoice.list",
            f"<recurring_id>{recurring_id}</recurring_id><per_page>100</per_page>",
        )
        return answer.all("date")[::-1]


def parsed(http: TestResponse) -> Answer:
    """Return an answer after checking what holds for each: form, type, envelope."""
    assert http.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert http.data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n<response ')
    assert f'<response xmlns="{NAMESPACE}" status="'.encode() in http.data
    assert b"<!--" not in http.data
    root = etree.fromstring(http.data)
    if root.get("status") == "fail":
        names = [etree.QName(child).localname for child in root]
        assert names in (["error", "code"], ["error", "code", "field"])
    else:
        assert root.get("status") == "ok"
        assert http.status_code == 200
    return Answer(http=http, root=root)


@pytest.fixture(name="clock")
def clock_() -> Clock:
    """Provide the clock, at noon of a Monday in the accounts' default zone."""
    return Clock()


_TEMPLATE = "initialised"


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL with an initialised database to make others from."""

    url: str
    key_file: Path


@pytest.fixture(scope="session", name="cluster")
def cluster_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Provide a PostgreSQL of the test run's own, started when the first test asks."""
    with (
        cluster.running() as url,
        cluster.fresh_database(url, name=_TEMPLATE) as template,
    ):
        data = tmp_path_factory.mktemp("template")
        settings = settings_on(data, template)
        compose.initialise(settings)
        # A database is copied only while nobody is connected to it.
        database.release()
        yield Cluster(url=url, key_file=settings.key_file)


def settings_on(data: Path, url: str | None = None) -> Settings:
    """Return settings for a data folder, and a database elsewhere if one is named."""
    chosen = {} if url is None else {"PERENNIAL_DATABASE": url}
    return Settings.from_environment({"PERENNIAL_DATA": str(data), **chosen})


@pytest.fixture(scope="session", name="made_data")
def made_data_(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide an initialised data folder; a copy of it is made faster than another."""
    data = tmp_path_factory.mktemp("made") / "var"
    compose.initialise(settings_on(data))
    database.release()
    return data


@contextmanager
def empty_database(request: pytest.FixtureRequest, template: str = "") -> Iterator[str]:
    """Provide the URL of a new PostgreSQL database; skip the test where none can be."""
    if cluster.missing():
        pytest.skip("there is no PostgreSQL")
    known: Cluster = request.getfixturevalue("cluster")
    with cluster.fresh_database(known.url, template or "template1") as url:
        yield url


@pytest.fixture(name="settings", params=["sqlite", "postgresql"])
def settings_(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Provide settings on an initialised database of the test's own, of either kind."""
    data = tmp_path / "var"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("made_data"), data)
        settings = settings_on(data)
        database.configure(settings.database)
        yield settings
        database.release()
        return
    with empty_database(request, _TEMPLATE) as url:
        data.mkdir(mode=0o700)
        known: Cluster = request.getfixturevalue("cluster")
        shutil.copy(known.key_file, data)
        settings = settings_on(data, url)
        database.configure(url)
        yield settings
        database.release()


@pytest.fixture(name="ports")
def ports_(settings: Settings, clock: Clock) -> Iterator[Ports]:
    """Provide ports with a clock and secrets of the test's own, connected."""
    with database.connection():
        yield Ports(
            vault=Vault(keys.load(settings)),
            now=clock,
            secret=Secrets(),
            requests=RequestCounter(),
            url="https://loom.test",
            domains=settings.domains,
            outbox=settings.data,
        )


@pytest.fixture(name="app_client")
def app_client_(ports: Ports) -> FlaskClient:
    """Provide a client of the application."""
    return compose.application_on(ports).test_client()


@pytest.fixture(name="new_api")
def new_api_(ports: Ports, app_client: FlaskClient) -> Callable[..., Api]:
    """Provide a maker of accounts."""

    def new_api(name: str = "Loom", **options: Any) -> Api:
        options.setdefault("base_currency", "USD")
        account, token = accounts.create(ports, NewAccount(name=name, **options))
        return Api(app_client, account, token)

    return new_api


@pytest.fixture(name="api")
def api_(new_api: Callable[..., Api]) -> Api:
    """Provide an account on the real calendar (the test's clock)."""
    return new_api()


@pytest.fixture(name="clocked")
def clocked_(new_api: Callable[..., Api]) -> Api:
    """Provide an account on a test clock at 2007-09-01."""
    return new_api("Clocked", clock_on=datetime(2007, 9, 1, tzinfo=UTC).date())
