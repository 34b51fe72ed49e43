"""What a client is told when the database fails, and what has become of the data."""

import logging
from collections.abc import Callable

import peewee
import pytest

from app.storage import database
from tests import snapshot
from tests.conftest import Api

TEXT = "The database is not available at the moment. Try again later."
PROFILE = "<recurring_id>1</recurring_id>"
REQUESTS = {
    "client.create": "<client><email>x@loom.test</email></client>",
    "client.update": "<client><client_id>1</client_id><notes>new</notes></client>",
    "client.delete": "<client_id>1</client_id>",
    "recurring.create": "<recurring><client_id>1</client_id><lines><line><name>x</name>"
    "</line></lines></recurring>",
    "recurring.update": f"<recurring>{PROFILE}<notes>new</notes><lines><line>"
    "<name>y</name></line></lines></recurring>",
    "recurring.delete": PROFILE,
    "recurring.lines.add": f"{PROFILE}<lines><line><name>z</name></line></lines>",
    "recurring.lines.update": f"{PROFILE}<lines><line><line_id>1</line_id>"
    "<name>z</name></line></lines>",
    "recurring.lines.delete": f"{PROFILE}<line_id>1</line_id>",
    "recurring.get": PROFILE,
    "recurring.list": "",
    "client.list": "",
    "invoice.list": "",
}


def test_a_database_that_cannot_is_told_with_503_and_when_to_try_again(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with snapshot.dying_at(1, peewee.OperationalError), caplog.at_level(logging.ERROR):
        answer = api.call("client.list")

    assert (answer.code, answer.error) == ("10020", TEXT)
    assert answer.http.status_code == 503
    assert answer.http.headers["Retry-After"] == "5"
    assert "the database is not available" in caplog.text


def test_a_database_that_cannot_be_opened_is_told_alike(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: bool) -> bool:
        raise peewee.OperationalError("unable to open database file")

    monkeypatch.setattr(database.proxy.obj, "connect", refuse)

    answer = api.call("client.list")

    assert (answer.code, answer.http.status_code) == ("10020", 503)


@pytest.mark.parametrize("method", REQUESTS)
def test_a_request_whose_nth_statement_fails_has_changed_nothing(
    api: Api, method: str
) -> None:
    api.create_profile("<lines><line><name>x</name></line></lines>")
    before = snapshot.taken()
    with snapshot.dying_at(0, peewee.OperationalError) as statements:
        assert api.call(method, REQUESTS[method]).ok
    count = len(statements)
    snapshot.put_back(before)

    for number in range(1, count + 1):
        with snapshot.dying_at(number, peewee.OperationalError):
            answer = api.call(method, REQUESTS[method])
        failed = statements[number - 1]
        assert (answer.code, answer.error) == ("10020", TEXT), failed
        snapshot.connection_lost()
        assert snapshot.taken() == before, failed
    assert api.call(method, REQUESTS[method]).ok


def test_a_lost_request_count_harms_no_request(
    new_api: Callable[..., Api], api: Api
) -> None:
    # Those of another account go on after one has failed.
    with snapshot.dying_at(1, peewee.OperationalError):
        assert not api.call("client.list").ok
    assert new_api("Other").call("client.list").ok
