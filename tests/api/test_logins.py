"""Guessing tokens is slowed down; those who have one are not held up."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest

from app import compose
from app.services import account as accounts
from app.services import logins
from app.services.logins import FAILURES_MAX, Logins
from app.services.ports import Ports
from app.storage import database
from tests import snapshot
from tests.api.test_http import CURRENT, basic
from tests.conftest import PATH, Answer, Api, Clock, parsed

HOME = "192.0.2.1"


def try_(of: Api, token: str | bytes, address: str = HOME, proxied: str = "") -> Answer:
    headers = {"Authorization": basic(token)}
    if proxied:
        headers["X-Forwarded-For"] = proxied
    return parsed(
        of.client.post(
            PATH,
            data=CURRENT,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": address},
        )
    )


def guess(of: Api, count: int, address: str = HOME) -> list[int]:
    """Try tokens that have nothing in common; return what HTTP said."""
    return [
        try_(of, f"{number:08x}{number}", address).http.status_code
        for number in range(count)
    ]


def another_process(ports: Ports, of: Api) -> Api:
    app = compose.application_on(replace(ports, logins=Logins()))
    return Api(app.test_client(), of.account, of.token)


def counted() -> list[int]:
    found = database.execute(
        "SELECT count FROM login_failure ORDER BY count"
    ).fetchall()
    return [count for (count,) in found]


def test_after_ten_failures_an_address_waits_until_the_minute_is_over(
    api: Api, clock: Clock
) -> None:
    clock.now += timedelta(seconds=12)
    assert guess(api, FAILURES_MAX) == [401] * 10

    answer = try_(api, "another")

    assert (answer.http.status_code, answer.code) == (429, "20020")
    assert answer.http.headers["Retry-After"] == "48"
    assert "WWW-Authenticate" not in answer.http.headers
    clock.now += timedelta(seconds=48)
    assert try_(api, "another").http.status_code == 401


def test_an_unseen_token_waits_with_its_address_and_works_after_it(
    api: Api, clock: Clock
) -> None:
    guess(api, FAILURES_MAX + 1)
    with snapshot.dying_at(0, AssertionError) as statements:
        assert try_(api, api.token).http.status_code == 429
    assert statements == []
    assert try_(api, api.token, "192.0.2.2").ok
    clock.now += timedelta(minutes=1)
    assert try_(api, api.token).ok


def test_a_token_that_was_right_before_goes_on_working(
    api: Api, new_api: Callable[..., Api]
) -> None:
    assert try_(api, api.token).ok
    guess(api, FAILURES_MAX + 1)
    assert try_(api, api.token).ok
    assert try_(api, new_api("Other").token).http.status_code == 429


def test_a_revoked_token_is_refused_at_once_by_every_process(
    api: Api, ports: Ports
) -> None:
    second = another_process(ports, api)
    assert try_(api, api.token).ok
    assert try_(second, api.token).ok
    accounts.token(ports, api.account.name, revoke_others=True)
    assert try_(api, api.token).http.status_code == 401
    assert try_(second, api.token).http.status_code == 401
    guess(api, FAILURES_MAX)
    # It is no longer one of those that go on working.
    assert try_(api, api.token).http.status_code == 429


def test_tokens_that_begin_alike_are_counted_from_anywhere(api: Api) -> None:
    for number in range(FAILURES_MAX):
        token = f"aaaaaaaa{number:024x}"
        assert try_(api, token, f"198.51.100.{number}").http.status_code == 401
    assert try_(api, "aaaaaaaab", "203.0.113.9").http.status_code == 429
    assert try_(api, "aaaaaaab", "203.0.113.9").http.status_code == 401


def test_all_processes_count_together_and_a_flood_costs_no_writes(
    api: Api, ports: Ports
) -> None:
    second = another_process(ports, api)
    assert guess(api, 5) == [401] * 5
    assert guess(second, 6) == [401] * 5 + [429]
    # It was not told of the eleventh, and learns of it by the twelfth.
    assert guess(api, 1) == [429]
    before = snapshot.taken()
    assert guess(api, 20) == [429] * 20
    assert snapshot.taken() == before


def test_requests_without_a_token_guess_nothing(api: Api) -> None:
    for _ in range(FAILURES_MAX + 5):
        assert parsed(api.client.post(PATH, data=CURRENT)).http.status_code == 401
    assert counted() == []
    assert try_(api, api.token, "127.0.0.1").ok


@pytest.mark.parametrize("text", ["INSERT INTO login_failure", "COMMIT"])
def test_where_counting_fails_the_answer_is_still_401(
    api: Api, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    engine = database.proxy.obj
    run = engine.execute_sql

    def full(sql: str, *arguments: object) -> object:
        if sql.startswith(text):
            raise database.DatabaseError("the disk is full")
        return run(sql, *arguments)

    monkeypatch.setattr(engine, "execute_sql", full)
    assert guess(api, FAILURES_MAX + 3) == [401] * 13


@pytest.mark.parametrize(
    "token", ["ä" * 8, b"\x00" * 32, b"\xff\xfe", "0" * 6000, "a\x00b", " ", "'--"]
)
def test_tokens_of_any_form_are_only_wrong(api: Api, token: str | bytes) -> None:
    assert try_(api, token).http.status_code == 401
    with_right = token + api.token if isinstance(token, str) else token
    assert try_(api, with_right).http.status_code == 401


def test_neither_token_nor_address_is_stored_or_logged(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert try_(api, api.token).ok
    for _ in range(FAILURES_MAX + 2):
        try_(api, "cafebabe" * 4)
    written = repr(snapshot.taken()) + caplog.text
    for secret in (api.token, "cafebabe", HOME):
        assert secret not in written


def test_what_is_remembered_is_bounded(
    api: Api, monkeypatch: pytest.MonkeyPatch, ports: Ports
) -> None:
    monkeypatch.setattr(logins, "_REMEMBERED_MAX", 3)
    for number in range(8):
        guess(api, FAILURES_MAX + 1, f"192.0.2.{number}")
    assert len(ports.logins._refused) == 3
    assert try_(api, "new", "192.0.2.7").http.status_code == 429


def test_a_clock_that_is_set_back_locks_nobody_out(api: Api, clock: Clock) -> None:
    guess(api, FAILURES_MAX + 1)
    clock.now -= timedelta(hours=1)
    assert try_(api, api.token).ok


def test_a_trusted_proxy_is_believed_about_whom_it_speaks_for(
    api: Api, ports: Ports
) -> None:
    trusting = replace(ports, trusted_proxies=(ip_network("192.0.2.0/24"),))
    behind = Api(compose.application_on(trusting).test_client(), api.account, api.token)
    for number in range(FAILURES_MAX + 1):
        # What stands further left, the client wrote itself.
        said = f"10.9.8.{number}, 203.0.113.5, 192.0.2.77"
        try_(behind, f"{number:08d}", HOME, said)
    assert try_(behind, "x", HOME, "203.0.113.5").http.status_code == 429
    assert try_(behind, "y", HOME, "203.0.113.6").http.status_code == 401


def test_by_default_no_header_is_believed(api: Api) -> None:
    for number in range(FAILURES_MAX):
        try_(api, f"{number:08d}", HOME, f"203.0.113.{number}")
    assert try_(api, "another", HOME, "203.0.113.77").http.status_code == 429
