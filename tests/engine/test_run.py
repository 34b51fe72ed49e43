"""What a billing run makes of due profiles, whatever happens to it."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import peewee
import pytest

from app.config import Settings
from app.engine import run
from app.services import issuing
from app.services.ports import Ports
from app.storage import database
from tests import snapshot
from tests.conftest import Api, Clock

WEEKLY = "<frequency>weekly</frequency><lines><line><name>x</name>"
LINES = f"{WEEKLY}<unit_cost>5</unit_cost><quantity>2</quantity></line></lines>"


def invoices() -> list[tuple[Any, ...]]:
    """Return profile, date and amount of every invoice, in the order of their ids."""
    found: list[tuple[Any, ...]] = database.execute(
        "SELECT recurring_id, CAST(date AS TEXT), amount_minor FROM invoice "
        "ORDER BY invoice_id"
    ).fetchall()
    return found


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Return what the database holds, but for what differs from run to run."""
    tables = ("recurring", "counter", "listing_block", "invoice_line")
    found = {
        name: database.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608
        for name in tables
    }
    found["invoice"] = database.execute(
        "SELECT invoice_id, number, recurring_id, date, amount_minor FROM invoice"
    ).fetchall()
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def test_a_worker_that_was_down_for_ten_days_catches_up_oldest_first(
    api: Api, ports: Ports, clock: Clock
) -> None:
    client_id = api.create_client()
    for start in ("2026-03-04", "2026-03-03"):
        api.create_profile(f"<date>{start}</date>{LINES}", client_id)
    clock.now += timedelta(days=10)

    report = run.run(ports)

    assert report.issued == 4
    assert [(row[0], row[1]) for row in invoices()] == [
        (2, "2026-03-03"),
        (1, "2026-03-04"),
        (2, "2026-03-10"),
        (1, "2026-03-11"),
    ]


def test_a_second_run_finds_nothing_to_do(api: Api, ports: Ports, clock: Clock) -> None:
    api.create_profile(LINES)
    clock.now += timedelta(days=30)
    run.run(ports)
    before = contents()

    assert run.run(ports).issued == 0
    assert contents() == before


def test_a_stopped_or_deleted_profile_is_not_billed(
    api: Api, ports: Ports, clock: Clock
) -> None:
    stopped = api.create_profile(f"<date>2026-03-05</date>{LINES}")
    deleted = api.create_profile(f"<date>2026-03-05</date>{LINES}")
    api.update(stopped, "<stopped>1</stopped>")
    api.call("recurring.delete", f"<recurring_id>{deleted}</recurring_id>")
    clock.now += timedelta(days=30)

    assert run.run(ports).issued == 0


def test_days_the_worker_missed_are_billed_before_a_profile_is_stopped(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-05</date>{LINES}")
    clock.now += timedelta(days=10)  # 2026-03-12: the 5th was missed, the 12th is today

    api.update(profile, "<stopped>1</stopped>")
    run.run(ports)

    assert api.invoice_dates(profile) == ["2026-03-05"]


def test_a_missed_invoice_has_the_price_of_its_day(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-05</date>{LINES}")
    clock.now += timedelta(days=10)

    api.update(profile, f"{LINES.replace('>5<', '>9<')}")
    run.run(ports)

    assert [(row[1], row[2]) for row in invoices()] == [
        ("2026-03-05", 1000),
        ("2026-03-12", 1800),
    ]


def test_a_deleted_clients_profiles_are_not_billed(
    api: Api, ports: Ports, clock: Clock
) -> None:
    client_id = api.create_client()
    profile = api.create_profile(f"<date>2026-03-05</date>{LINES}", client_id)
    api.call("client.delete", f"<client_id>{client_id}</client_id>")
    clock.now += timedelta(days=30)

    assert run.run(ports).issued == 0
    # Nor does an update that moves the schedule bring it back.
    assert api.update(profile, "<date>2026-04-05</date>").ok
    clock.now += timedelta(days=30)
    assert run.run(ports).issued == 0


def test_a_poisoned_profile_is_parked_and_the_others_go_on(
    api: Api, ports: Ports, clock: Clock
) -> None:
    poisoned = api.create_profile(f"<date>2026-03-03</date>{LINES}")
    healthy = api.create_profile(f"<date>2026-03-04</date>{LINES}")
    database.execute(
        "UPDATE recurring_line SET unit_cost = '999999999999' WHERE recurring_id = ?",
        (poisoned,),
    )
    database.execute(
        "UPDATE recurring_line SET quantity = '999999999999' WHERE recurring_id = ?",
        (poisoned,),
    )
    clock.now += timedelta(days=2)

    report = run.run(ports)

    assert report.issued == 1
    assert report.parked == [f"recurring {poisoned} of account 1"]
    assert api.invoice_dates(healthy) == ["2026-03-04"]
    reason = database.execute(
        "SELECT parked_reason FROM recurring WHERE recurring_id = ?", (poisoned,)
    ).fetchone()[0]
    assert reason == "2026-03-03: InvalidValueError"
    assert run.run(ports) == run.Report()


def test_an_update_releases_a_parked_profile_and_its_dates_are_caught_up(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{LINES}")
    database.execute("UPDATE recurring SET parked_reason = 'x'")
    clock.now += timedelta(days=2)
    assert run.run(ports).issued == 0

    assert api.update(profile, "<notes>mended</notes>").ok
    run.run(ports)

    assert api.invoice_dates(profile) == ["2026-03-03"]


def test_an_accounts_day_begins_in_its_own_time_zone(
    new_api: Callable[..., Api], ports: Ports, clock: Clock
) -> None:
    auckland = new_api("Auckland", time_zone="Pacific/Auckland")
    honolulu = new_api("Honolulu", time_zone="Pacific/Honolulu")
    for api in (auckland, honolulu):
        api.create_profile(f"<date>2026-03-05</date>{LINES}")
    clock.now = clock.now.replace(day=4, hour=12)  # the 5th in Auckland alone

    run.run(ports)

    assert auckland.invoice_dates(1) == ["2026-03-05"]
    assert honolulu.invoice_dates(1) == []


def test_a_test_clock_decides_for_its_account_whatever_day_is_named(
    clocked: Api, ports: Ports
) -> None:
    clocked.create_profile(LINES)

    run.run(ports, on=date(2026, 1, 1))

    assert clocked.invoice_dates(1) == ["2007-09-01"]


def test_the_worker_leaves_test_clocks_alone(clocked: Api, ports: Ports) -> None:
    clocked.create_profile(f"<date>2007-09-05</date>{LINES}")
    clocked.call("clock.set", "<date>2007-09-05</date><run>0</run>")

    assert run.run(ports, test_clocks=False).issued == 0
    assert run.run(ports).issued == 1


def test_a_dry_run_shows_what_a_run_then_does(
    api: Api, ports: Ports, clock: Clock
) -> None:
    for start in ("2026-03-04", "2026-03-03"):
        api.create_profile(f"<date>{start}</date>{LINES}")
    clock.now += timedelta(days=20)
    before = contents()

    shown = [
        (item.due.recurring_id, item.invoice.date.isoformat(), 1000)
        for item in run.dry_run(ports)
        if item.invoice is not None
    ]

    assert contents() == before
    run.run(ports)
    assert sorted(shown) == sorted(invoices())


class Crash(BaseException):
    """The process dies here."""


@pytest.fixture(name="prepared")
def prepared_(api: Api, clock: Clock) -> snapshot.Rows:
    """Provide three profiles that have five invoices due."""
    client_id = api.create_client()
    api.create_profile(f"<date>2026-03-03</date>{LINES}", client_id)
    api.create_profile(f"<date>2026-03-04</date>{LINES}", client_id)
    api.create_profile(
        f"<date>2026-03-05</date><occurrences>1</occurrences>{LINES}", client_id
    )
    clock.now += timedelta(days=10)
    return snapshot.taken()


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("error", [Crash, peewee.OperationalError])
def test_a_failure_at_any_statement_and_a_second_run_give_the_same_invoices(
    prepared: snapshot.Rows,
    ports: Ports,
    error: type[BaseException],
    *,
    done: bool,
) -> None:
    with snapshot.dying_at(0, error) as statements:
        run.run(ports)
    count = len(statements)
    expected = contents()
    assert len(expected["invoice"]) == 5
    assert {"COMMIT", "INSERT", "UPDATE"} <= {sql.split()[0] for sql in statements}
    assert count > 5 * 8

    for number in range(1, count + 1):
        snapshot.put_back(prepared)
        with snapshot.dying_at(number, error, done=done), pytest.raises(error):
            run.run(ports)
        snapshot.connection_lost()
        run.run(ports)
        assert contents() == expected, f"after dying at {statements[number - 1]}"


def test_two_workers_at_once_make_no_duplicate(
    api: Api, ports: Ports, clock: Clock
) -> None:
    client_id = api.create_client()
    for _ in range(20):
        api.create_profile(f"<date>2026-03-03</date>{LINES}", client_id)
    clock.now += timedelta(days=30)
    issued = []

    def work() -> None:
        with database.connection():
            issued.append(run.run(ports).issued)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.run(ports)

    dates = ["2026-03-03", "2026-03-10", "2026-03-17", "2026-03-24", "2026-03-31"]
    made = [(row[0], row[1]) for row in invoices()]
    assert sorted(made) == [(n, day) for n in range(1, 21) for day in dates]
    assert sum(issued) <= len(made)


def test_two_billing_processes_at_once_make_no_duplicate(
    api: Api, settings: Settings
) -> None:
    client_id = api.create_client()
    for _ in range(15):
        api.create_profile(f"<date>2026-03-03</date>{LINES}", client_id)
    command = [sys.executable, "-m", "app.cli", "bill", "--on", "2026-04-01"]
    environment = {
        "PERENNIAL_DATA": str(settings.data),
        "PERENNIAL_DATABASE": settings.database,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }

    workers = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)  # noqa: S603
        for _ in range(2)
    ]
    for worker in workers:
        worker.communicate(timeout=60)

    assert [worker.returncode for worker in workers] == [0, 0]
    assert len(invoices()) == 15 * 5
    assert len({row[:2] for row in invoices()}) == 15 * 5


def test_a_request_that_would_have_to_catch_up_too_much_is_refused(
    api: Api, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{LINES}")
    clock.now += timedelta(days=30)
    monkeypatch.setattr(issuing, "CATCH_UP_MAX", 2)

    refused = api.update(profile, "<notes>x</notes>")

    assert (refused.code, refused.error) == (
        "50020",
        "Failed to update recurring. Its past invoices are still being generated.",
    )
    assert invoices() == []
    run.run(ports)
    assert api.update(profile, "<notes>x</notes>").ok


def test_a_dry_run_sees_accounts_by_their_own_calendars(
    api: Api, clocked: Api, ports: Ports
) -> None:
    api.create_profile(f"<date>2026-03-10</date>{LINES}")
    clocked.create_profile(f"<date>2007-09-03</date>{LINES}")
    clocked.call("clock.set", "<date>2007-09-12</date><run>0</run>")

    def shown(on: date | None) -> list[tuple[int, str]]:
        return [
            (item.account.account_id, item.invoice.date.isoformat())
            for item in run.dry_run(ports, on=on)
            if item.invoice is not None
        ]

    assert shown(None) == [(2, "2007-09-03"), (2, "2007-09-10")]
    assert shown(date(2026, 3, 20))[:2] == [(1, "2026-03-10"), (1, "2026-03-17")]


def test_a_run_that_is_told_to_stop_leaves_the_rest_for_the_next(
    api: Api, ports: Ports, clock: Clock
) -> None:
    api.create_profile(f"<date>2026-03-03</date>{LINES}")
    clock.now += timedelta(days=30)
    asked = iter([False, False, True])

    assert run.run(ports, stop=lambda: next(asked)).issued == 2
    assert run.run(ports).issued == 3


def test_what_another_worker_parked_meanwhile_is_left_alone(
    api: Api, ports: Ports, clock: Clock
) -> None:
    api.create_profile(f"<date>2026-03-03</date>{LINES}")
    clock.now += timedelta(days=2)
    (batch,) = issuing.due(ports, on=None, test_clocks=False)
    database.execute("UPDATE recurring SET parked_reason = 'x'")

    assert not issuing.issue_due(ports, batch)
    assert invoices() == []
