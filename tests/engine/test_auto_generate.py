"""An account for which nothing is made by itself, and what becomes of its days."""

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.domain.doctor import Finding
from app.engine import run
from app.services import doctor, health, issuing, parked
from app.services.ports import Ports
from app.storage import database
from app.storage import recurring as storage
from tests import snapshot
from tests.conftest import Answer, Api, Clock

LINES = (
    "<lines><line><name>x</name><unit_cost>5</unit_cost><quantity>2</quantity></line>"
    "</lines>"
)
WEEKLY = f"<frequency>weekly</frequency>{LINES}"
DAY = timedelta(days=1)


def switch(api: Api, to: str) -> Answer:
    """Post a settings.update of the switch alone."""
    return api.call(
        "settings.update",
        f"<settings><recurring_defaults><auto_generate>{to}</auto_generate>"
        "</recurring_defaults></settings>",
    )


def switch_off(api: Api) -> None:
    answer = switch(api, "0")
    assert answer.ok, answer.error


def switch_on(api: Api) -> None:
    answer = switch(api, "1")
    assert answer.ok, answer.error


def next_date(api: Api, recurring_id: int) -> str:
    """Return the next date that get shows, after comparing it with that of list."""
    content = f"<recurring_id>{recurring_id}</recurring_id><details>1</details>"
    got = api.call("recurring.get", content).text("recurring/next_issue_date")
    listed = api.call("recurring.list", "<details>1</details><per_page>100</per_page>")
    ids = listed.all("recurring_id")
    assert listed.all("next_issue_date")[ids.index(str(recurring_id))] == got
    return got or ""


def preview(api: Api, recurring_id: int, count: int = 2) -> list[str]:
    content = f"<recurring_id>{recurring_id}</recurring_id><count>{count}</count>"
    return api.call("recurring.preview", content).all("date")


def dry(ports: Ports) -> list[str]:
    """Return the dates that a dry run shows."""
    found = [item.invoice for item in run.dry_run(ports)]
    return [invoice.date.isoformat() for invoice in found if invoice is not None]


def invoices() -> list[tuple[Any, ...]]:
    """Return account, profile and date of every invoice."""
    found: list[tuple[Any, ...]] = database.execute(
        "SELECT account_id, recurring_id, CAST(date AS TEXT) FROM invoice "
        "ORDER BY account_id, recurring_id, date"
    ).fetchall()
    return found


def findings(ports: Ports, api: Api) -> list[Finding]:
    return list(doctor.books(ports, api.account.account_id))


def test_nothing_is_made_by_itself(api: Api, ports: Ports, clock: Clock) -> None:
    api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    clock.now += 30 * DAY

    assert run.run(ports) == run.Report()
    assert dry(ports) == []
    figures = health.figures(ports)
    assert (figures.due, figures.overdue) == (0, 0)
    assert invoices() == []


def test_other_accounts_go_on(
    api: Api, new_api: Callable[..., Api], ports: Ports, clock: Clock
) -> None:
    other = new_api("Other")
    for each in (api, other):
        each.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    clock.now += DAY

    assert health.figures(ports).due == 1
    assert dry(ports) == ["2026-03-03"]
    assert run.run(ports).issued == 1
    assert invoices() == [(2, 1, "2026-03-03")]


def test_a_profile_that_starts_today_has_no_first_invoice(api: Api) -> None:
    switch_off(api)
    answer = api.create(WEEKLY)
    assert answer.names("") == ["recurring_id"]
    assert invoices() == []
    assert next_date(api, 1) == "2026-03-02"


def test_preview_and_bill_now_still_work(api: Api, ports: Ports, clock: Clock) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    clock.now += 16 * DAY  # 2026-03-18
    assert preview(api, profile) == ["2026-03-24", "2026-03-31"]

    body = f"<recurring_id>{profile}</recurring_id>"
    answer = api.call("recurring.billNow", body)

    assert answer.ok, answer.error
    assert invoices() == [(1, profile, "2026-03-18")]
    # Six days after it: the rule of the gap is the same as ever.
    assert preview(api, profile) == ["2026-03-24", "2026-03-31"]
    now = f"<schedule><bill_now>1</bill_now></schedule>{WEEKLY}"
    assert api.create(now).names("") == ["recurring_id", "invoice_id"]
    assert run.run(ports) == run.Report()


def test_the_next_date_is_never_past(api: Api, clock: Clock) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    clock.now += 10 * DAY
    assert next_date(api, profile) == "2026-03-17"
    clock.now += 10 * DAY
    assert next_date(api, profile) == "2026-03-24"
    switch_on(api)
    assert next_date(api, profile) == "2026-03-24"


def test_days_that_passed_are_not_made_up_for(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    clock.now += 16 * DAY  # 2026-03-18
    switch_on(api)

    assert run.run(ports) == run.Report()
    assert health.figures(ports).due == 0
    clock.now += 7 * DAY  # 2026-03-25
    assert dry(ports) == ["2026-03-24"]
    run.run(ports)

    assert api.invoice_dates(profile) == ["2026-03-24"]
    assert findings(ports, api) == []


def test_the_day_of_switching_on_is_billed(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    clock.now += 15 * DAY  # 2026-03-17, a date of its own
    switch_on(api)
    run.run(ports)
    assert api.invoice_dates(profile) == ["2026-03-17"]


def test_a_run_that_comes_late_makes_up_for_days_since_switching_on(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    clock.now += 10 * DAY  # 2026-03-12
    switch_on(api)
    clock.now += 21 * DAY  # 2026-04-02

    assert dry(ports) == ["2026-03-17", "2026-03-24", "2026-03-31"]
    assert health.figures(ports).due == 1
    assert run.run(ports).issued == 3
    assert api.invoice_dates(profile) == ["2026-03-17", "2026-03-24", "2026-03-31"]
    assert health.figures(ports).due == 0


def test_switching_on_what_is_on_loses_nothing(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    clock.now += 10 * DAY
    switch_on(api)
    run.run(ports)
    assert api.invoice_dates(profile) == ["2026-03-03", "2026-03-10"]


def test_a_lost_day_uses_up_no_occurrence(api: Api, ports: Ports, clock: Clock) -> None:
    content = f"<date>2026-03-03</date><occurrences>2</occurrences>{WEEKLY}"
    profile = api.create_profile(content)
    switch_off(api)
    clock.now += 30 * DAY  # 2026-04-01
    switch_on(api)
    clock.now += 30 * DAY
    run.run(ports)
    assert api.invoice_dates(profile) == ["2026-04-07", "2026-04-14"]
    body = f"<recurring_id>{profile}</recurring_id><details>1</details>"
    shown = api.call("recurring.get", body)
    assert shown.text("recurring/state") == "completed"
    assert shown.text("recurring/occurrences_to_date") == "2"
    assert findings(ports, api) == []


def test_a_profile_that_ended_meanwhile_is_completed(
    api: Api, ports: Ports, clock: Clock
) -> None:
    end = "<schedule><end_date>2026-03-20</end_date></schedule>"
    profile = api.create_profile(f"<date>2026-03-03</date>{end}{WEEKLY}")
    switch_off(api)
    clock.now += 30 * DAY
    switch_on(api)
    assert next_date(api, profile) == ""
    assert run.run(ports).issued == 0
    body = f"<recurring_id>{profile}</recurring_id><details>1</details>"
    assert api.call("recurring.get", body).text("recurring/state") == "completed"
    assert findings(ports, api) == []


@pytest.mark.parametrize(
    ("use_new_day", "dates"),
    [("0", ["2026-04-03", "2026-05-03"]), ("1", ["2026-04-12", "2026-05-12"])],
)
def test_a_moved_date_that_passed_is_lost(
    use_new_day: str, dates: list[str], api: Api, ports: Ports, clock: Clock
) -> None:
    content = f"<schedule><days><day>3</day></days></schedule>{LINES}"
    profile = api.create_profile(content)
    body = f"<recurring_id>{profile}</recurring_id><date>2026-03-12</date>"
    new_day = f"<use_new_day>{use_new_day}</use_new_day>"
    assert api.call("recurring.changeDate", body + new_day).ok
    switch_off(api)
    clock.now += 20 * DAY  # 2026-03-22
    switch_on(api)
    assert preview(api, profile) == dates
    clock.now += 60 * DAY
    run.run(ports)
    assert api.invoice_dates(profile) == dates
    assert findings(ports, api) == []


def test_a_change_while_it_is_off_makes_up_for_nothing(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    deleted = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    clock.now += 10 * DAY
    assert api.update(profile, "<notes>x</notes>").ok
    body = f"<recurring_id>{deleted}</recurring_id>"
    assert api.call("recurring.delete", body).ok
    assert invoices() == []

    clock.now += 10 * DAY  # 2026-03-22
    switch_on(api)
    assert api.update(profile, "<notes>y</notes>").ok
    clock.now += 5 * DAY  # 2026-03-27: the 24th is caught up on
    assert api.update(profile, "<notes>z</notes>").ok

    assert api.invoice_dates(profile) == ["2026-03-24"]
    run.run(ports)
    assert invoices() == [(1, profile, "2026-03-24")]


# Days gone by before it was switched off.


def test_what_the_worker_had_missed_is_billed_first(
    api: Api, ports: Ports, clock: Clock
) -> None:
    profile = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    clock.now += 15 * DAY  # 2026-03-17: the 3rd and the 10th were missed
    switch_off(api)
    assert api.invoice_dates(profile) == ["2026-03-03", "2026-03-10"]
    clock.now += DAY
    switch_on(api)
    clock.now += 6 * DAY
    run.run(ports)
    assert api.invoice_dates(profile) == ["2026-03-03", "2026-03-10", "2026-03-24"]


def test_it_is_not_switched_off_while_too_much_was_missed(
    api: Api, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    clock.now += 5 * DAY
    monkeypatch.setattr(issuing, "CATCH_UP_MAX", 2)

    refused = switch(api, "0")

    assert (refused.code, refused.error) == (
        "50020",
        "Failed to update settings. Its past invoices are still being generated.",
    )
    assert invoices() == []
    assert run.run(ports).issued == 3
    switch_off(api)


def test_it_is_not_switched_off_while_others_have_the_rest_in_hand(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    clock.now += 5 * DAY
    with monkeypatch.context() as held:
        held.setattr(storage, "claimed", lambda _: [])
        assert switch(api, "0").code == "50020"
    shown = api.call("settings.get")
    assert shown.text("settings/recurring_defaults/auto_generate") == "1"
    switch_off(api)
    assert invoices() == [(1, 1, "2026-03-03")]


def test_a_request_that_is_refused_bills_nothing(api: Api, clock: Clock) -> None:
    api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    clock.now += 5 * DAY
    answer = api.call(
        "settings.update",
        "<settings><recurring_defaults><auto_generate>0</auto_generate>"
        "<day_number>32</day_number></recurring_defaults></settings>",
    )
    assert answer.field == "day_number"
    assert invoices() == []


def test_a_poisoned_profile_is_parked_and_does_not_keep_it_on(
    api: Api, clock: Clock
) -> None:
    poisoned = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    healthy = api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    database.execute(
        "UPDATE recurring_line SET unit_cost = '999999999999', "
        "quantity = '999999999999' WHERE recurring_id = ?",
        (poisoned,),
    )
    clock.now += 2 * DAY
    switch_off(api)
    assert invoices() == [(1, healthy, "2026-03-03")]
    assert [each.recurring_id for each in parked.list_()[0]] == [poisoned]


# On a test clock.


@pytest.mark.parametrize("run_", ["0", "1"])
def test_a_test_clock_moves_without_billing(run_: str, clocked: Api) -> None:
    profile = clocked.create_profile(f"<date>2007-09-03</date>{WEEKLY}")
    switch_off(clocked)
    clocked.call("clock.set", f"<date>2007-09-20</date><run>{run_}</run>")
    assert clocked.invoice_dates(profile) == []
    assert next_date(clocked, profile) == "2007-09-24"

    switch_on(clocked)
    clocked.call("clock.set", "<date>2007-10-01</date>")

    assert clocked.invoice_dates(profile) == ["2007-09-24", "2007-10-01"]


def test_a_run_leaves_a_test_clock_that_is_off_alone(
    clocked: Api, ports: Ports
) -> None:
    profile = clocked.create_profile(f"<date>2007-09-03</date>{WEEKLY}")
    clocked.call("clock.set", "<date>2007-09-03</date><run>0</run>")
    switch_off(clocked)
    assert run.run(ports) == run.Report()
    assert run.run(ports, on=date(2031, 1, 1)) == run.Report()
    assert dry(ports) == []
    switch_on(clocked)
    assert run.run(ports).issued == 1
    assert clocked.invoice_dates(profile) == ["2007-09-03"]


# Several at once, and deaths.


def test_workers_at_once_lose_each_day_once_and_bill_none_twice(
    api: Api, ports: Ports, clock: Clock
) -> None:
    client_id = api.create_client()
    for _ in range(20):
        api.create_profile(f"<date>2026-03-03</date>{WEEKLY}", client_id)
    switch_off(api)
    clock.now += 16 * DAY  # 2026-03-18
    switch_on(api)
    clock.now += 14 * DAY  # 2026-04-01

    def work() -> None:
        with database.connection():
            run.run(ports)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.run(ports)

    dates = ["2026-03-24", "2026-03-31"]
    assert invoices() == [(1, n, day) for n in range(1, 21) for day in dates]
    assert findings(ports, api) == []


class Crash(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_death_at_any_statement_loses_and_bills_the_same_days(
    api: Api, ports: Ports, clock: Clock, *, done: bool
) -> None:
    client_id = api.create_client()
    for occurrences in (0, 1):
        more = f"<date>2026-03-03</date><occurrences>{occurrences}</occurrences>"
        api.create_profile(f"{more}{WEEKLY}", client_id)
    switch_off(api)
    clock.now += 10 * DAY  # 2026-03-12
    switch_on(api)
    clock.now += 6 * DAY  # 2026-03-18
    prepared = snapshot.taken()
    with snapshot.dying_at(0, Crash) as statements:
        run.run(ports)
    expected = [(1, 1, "2026-03-17"), (1, 2, "2026-03-17")]
    assert invoices() == expected

    for number in range(1, len(statements) + 1):
        snapshot.put_back(prepared)
        with snapshot.dying_at(number, Crash, done=done), pytest.raises(Crash):
            run.run(ports)
        snapshot.connection_lost()
        run.run(ports)
        assert invoices() == expected, statements[number - 1]
    assert findings(ports, api) == []


def test_the_command_shows_and_bills_nothing_while_it_is_off(
    api: Api, settings: Settings
) -> None:
    api.create_profile(f"<date>2026-03-03</date>{WEEKLY}")
    switch_off(api)
    environment = {
        "PERENNIAL_DATA": str(settings.data),
        "PERENNIAL_DATABASE": settings.database,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }

    def bill(*options: str) -> str:
        return subprocess.run(  # noqa: S603
            [sys.executable, "-m", "app.cli", "bill", *options, "--on", "2026-03-11"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    assert bill("--dry-run") == "0 invoices would be issued; nothing was saved\n"
    assert bill() == "issued 0 invoices\n"
    switch_on(api)
    assert bill("--dry-run").splitlines()[-1].startswith("2 invoices would be issued")
    assert bill() == "issued 2 invoices\n"
