"""A request's id, and its line in the log."""

import json
import logging
import re
from typing import Any

import pytest

from app.logs import REQUEST_ID, JsonFormatter
from app.services import client
from tests.conftest import PATH, Api

CURRENT = '<request method="staff.current"/>'


@pytest.fixture(name="lines")
def lines_(caplog: pytest.LogCaptureFixture) -> Any:
    """Provide the lines of the log, parsed, once they are asked for."""
    caplog.set_level(logging.INFO)
    caplog.handler.setFormatter(JsonFormatter())
    return lambda: [json.loads(line) for line in caplog.text.splitlines()]


def test_a_request_has_one_line_of_ids_and_codes(api: Api, lines: Any) -> None:
    answer = api.post(CURRENT)
    (line,) = lines()
    assert line.pop("ms") >= 0
    assert line.pop("time")
    assert line == {
        "level": "info",
        "logger": "perennial.request",
        "message": "answered",
        "request_id": answer.http.headers["X-Request-Id"],
        "method": "staff.current",
        "account": 1,
        "status": 200,
        "code": 0,
        "bytes": len(answer.http.data),
    }


def test_a_refusal_has_its_code_and_no_name_of_the_clients(
    api: Api, lines: Any
) -> None:
    api.post('<request method="no.such"/>')
    api.client.get("/nowhere")
    refused, nowhere = lines()
    assert (refused["method"], refused["code"], refused["account"]) == ("-", 40020, 1)
    assert (nowhere["status"], nowhere["code"]) == (404, 40032)
    assert not any("no.such" in str(line) for line in lines())


@pytest.mark.parametrize("told", ["a", "Q7-x_.9", "x" * 64])
def test_an_id_that_the_client_gives_goes_through(
    api: Api, lines: Any, told: str
) -> None:
    answer = api.post(CURRENT, headers={"X-Request-Id": told})
    assert answer.http.headers["X-Request-Id"] == told
    assert [line["request_id"] for line in lines()] == [told]


@pytest.mark.parametrize("told", ["", "x" * 65, "a b", "4;x", "\u00e9", "a\tb", "<x>"])
def test_an_id_that_could_be_anything_else_is_replaced(api: Api, told: str) -> None:
    answer = api.post(CURRENT, headers={"X-Request-Id": told})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.http.headers["X-Request-Id"])


def test_two_requests_have_different_ids(api: Api) -> None:
    ids = {api.post(CURRENT).http.headers["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2


def test_what_is_logged_meanwhile_has_the_requests_id(
    api: Api, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise RuntimeError("Quixotic")

    monkeypatch.setattr(client, "get", failing)
    body = '<request method="client.get"><client_id>1</client_id></request>'
    answer = api.post(body, headers={"X-Request-Id": "mine"})
    assert answer.http.status_code == 500
    failed, answered = lines()
    assert failed["message"].startswith("failed: RuntimeError at ")
    assert failed["request_id"] == answered["request_id"] == "mine"
    assert "Quixotic" not in str(lines())


def test_after_a_request_its_id_is_nobodys(api: Api) -> None:
    api.client.get(PATH)
    assert REQUEST_ID.get() == ""
