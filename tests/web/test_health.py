"""What those who watch are told."""

import json
import logging
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from app import compose
from app.config import Settings
from app.domain.worker_run import Outcome
from app.engine import loop
from app.services.ports import Ports
from app.storage import data_key, database
from app.storage.database import writing
from app.vault import key_file, keys
from app.vault.cards import Vault
from app.vault.keys import KeyRing
from tests.conftest import Api, Clock

CURRENT = '<request method="staff.current"/>'
LINES = "<lines><line><unit_cost>5</unit_cost></line></lines>"

Labels = frozenset[tuple[str, str]]


def tick(ports: Ports) -> None:
    loop.tick(ports, 5, "host:1", stop=lambda: False)


def figures(api: Api) -> dict[tuple[str, Labels], float]:
    """Return what /metrics says, by name and labels."""
    answer = api.client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def figure(api: Api, name: str, **labels: str) -> float | None:
    return figures(api).get((f"perennial_{name}", frozenset(labels.items())))


def readiness(client: FlaskClient) -> tuple[int, dict[str, Any]]:
    """Return status and body of /readyz."""
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.text)


def lose_a_table(name: str) -> None:
    with writing():
        database.execute(f"ALTER TABLE {name} RENAME TO lost")


# The process.


def test_the_process_answers_whatever_is_wrong_with_the_database(api: Api) -> None:
    lose_a_table("key_check")
    answer = api.client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_who_watches_needs_no_token_and_leaves_no_trace(
    api: Api, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.INFO)
    answer = api.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert caplog.records == []
    assert not [name for name, _ in figures(api) if "requests" in name]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_another_verb_is_refused(api: Api, path: str) -> None:
    assert api.client.post(path).status_code == 405


# Readiness.


def test_a_server_is_ready_and_says_how_long_ago_a_worker_ran(
    api: Api, ports: Ports, clock: Clock
) -> None:
    tick(ports)
    clock.now += timedelta(seconds=4)
    status, told = readiness(api.client)
    assert status == 200
    assert told == {
        "ready": True,
        "database": "ok",
        "schema": "ok",
        "keys": "ok",
        "worker": "ok",
        "worker_last_run_s": 4.0,
        "gateways_left_alone": 0,
    }


def test_without_any_worker_a_server_is_ready_and_says_so(api: Api) -> None:
    status, told = readiness(api.client)
    assert status == 200
    assert told["worker"] == "late"
    assert told["worker_last_run_s"] is None


def test_a_worker_that_stays_away_is_late(api: Api, ports: Ports, clock: Clock) -> None:
    tick(ports)
    clock.now += timedelta(hours=1)
    status, told = readiness(api.client)
    assert status == 200
    assert told["worker"] == "late"
    assert told["worker_last_run_s"] == 3600.0


def test_one_worker_of_several_is_enough(api: Api, ports: Ports, clock: Clock) -> None:
    loop.tick(ports, 5, "host:2", stop=lambda: False)
    clock.now += timedelta(hours=1)
    tick(ports)
    assert readiness(api.client)[1]["worker"] == "ok"


def test_a_database_that_fails_is_not_ready(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object, **_named: object) -> None:
        raise database.DatabaseError("cannot open Quixotic")

    monkeypatch.setattr(database.proxy.obj, "execute_sql", failing)
    status, told = readiness(api.client)
    assert status == 503
    assert (told["ready"], told["database"]) == (False, "failed")
    assert "DatabaseError at " in caplog.text
    assert "Quixotic" not in caplog.text + str(told)


def test_another_schema_is_not_ready(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    database.execute(
        "INSERT INTO schema_migration (name, applied) "
        "VALUES ('9999_newer', '2031-01-01 00:00:00')"
    )
    status, told = readiness(api.client)
    assert status == 503
    assert (told["database"], told["schema"]) == ("ok", "failed")
    assert "9999_newer" in caplog.text


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("UPDATE key_check SET key_id = ?", ("k0",)),
        ("UPDATE key_check SET sealed = ?", (bytes(40),)),
        ("DELETE FROM key_check", ()),
    ],
    ids=["missing", "wrong", "strange to the database"],
)
def test_a_key_ring_that_is_not_the_databases_is_not_ready(
    app_client: FlaskClient,
    caplog: pytest.LogCaptureFixture,
    statement: str,
    values: tuple[object, ...],
) -> None:
    with writing():
        database.execute(statement, values)
    status, told = readiness(app_client)
    assert status == 503
    assert (told["schema"], told["keys"]) == ("ok", "failed")
    assert "not ready: " in caplog.text


def test_a_key_that_was_added_while_the_server_runs_changes_nothing(
    ports: Ports, settings: Settings
) -> None:
    vault = Vault(keys.load(settings), reread=lambda: keys.load(settings))
    client = compose.application_on(replace(ports, vault=vault)).test_client()
    key_file.add(settings.key_file, None, (), date(2026, 3, 2))
    assert readiness(client)[1]["keys"] == "ok"
    assert vault.active == "k1"
    # Another process has proved the key that this one has not met; yet another is new.
    added = Vault(keys.load(settings))
    with writing():
        data_key.insert_check(*added.check())
    key_file.add(settings.key_file, None, (), date(2026, 3, 2))
    for _ in range(2):
        assert readiness(client)[1]["keys"] == "ok"
        assert vault.active == "k3"


def test_a_key_that_was_added_elsewhere_alone_is_missed(
    app_client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = Vault(KeyRing(keys={"k2": bytes(32)}, source="another machine"))
    with writing():
        data_key.insert_check(*elsewhere.check())
    status, told = readiness(app_client)
    assert (status, told["keys"]) == (503, "failed")
    assert "'k2' is missing" in caplog.text


# Figures.


def test_requests_are_counted_by_method_and_outcome(api: Api) -> None:
    for body in (CURRENT, CURRENT, '<request method="no.such"/>'):
        api.post(body)
    api.get(9)
    api.client.get("/nowhere")
    counted = {
        labels: value
        for (name, labels), value in figures(api).items()
        if name == "perennial_requests_total"
    }
    assert counted == {
        frozenset({("method", "staff.current"), ("outcome", "ok")}): 2,
        frozenset({("method", "none"), ("outcome", "40020")}): 1,
        frozenset({("method", "recurring.get"), ("outcome", "50010")}): 1,
        frozenset({("method", "none"), ("outcome", "40032")}): 1,
    }


def test_what_clients_make_up_is_no_label(api: Api) -> None:
    for made_up in ("Quixotic.get", "client.Quixotic"):
        api.post(f'<request method="{made_up}"/>')
        api.client.get(f"/{made_up}")
    assert "Quixotic" not in api.client.get("/metrics").text


def test_durations_are_counted_by_method(api: Api) -> None:
    api.post(CURRENT)
    assert figure(api, "request_seconds_count", method="staff.current") == 1
    inside = figure(api, "request_seconds_bucket", method="staff.current", le="+Inf")
    assert inside == 1


def test_profiles_are_due_today_and_overdue_tomorrow(api: Api, clock: Clock) -> None:
    api.create_profile(f"<date>2026-03-03</date>{LINES}")
    seen = []
    for _ in range(3):
        seen.append((figure(api, "profiles_due"), figure(api, "profiles_overdue")))
        clock.now += timedelta(days=1)
    assert seen == [(0, 0), (1, 0), (1, 1)]


def test_parked_profiles_invoices_and_workers_are_counted(
    api: Api, ports: Ports, clock: Clock
) -> None:
    api.create_profile(f"<date>2026-03-02</date>{LINES}")
    poisoned = api.create_profile(f"<date>2026-03-03</date>{LINES}")
    with writing():
        database.execute(
            "UPDATE recurring_line SET unit_cost = 'x' WHERE recurring_id = ?",
            (poisoned,),
        )
    clock.now += timedelta(days=1)
    tick(ports)
    assert figure(api, "profiles_parked") == 1
    assert figure(api, "invoices_total") == 1
    by_outcome = {end: figure(api, "workers", outcome=end) for end in Outcome}
    assert by_outcome == {Outcome.DONE: 0, Outcome.PARKED: 1, Outcome.FAILED: 0}
    clock.now += timedelta(minutes=2)
    assert figure(api, "workers", outcome="parked") == 0


def test_without_a_database_requests_are_told_all_the_same(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.post(CURRENT)

    def failing(*_: object, **_named: object) -> None:
        raise database.DatabaseError

    monkeypatch.setattr(database.proxy.obj, "execute_sql", failing)
    told = figures(api)
    assert told["perennial_database_up", frozenset()] == 0
    assert ("perennial_profiles_due", frozenset()) not in told
    assert figure(api, "requests_total", method="staff.current", outcome="ok") == 1
