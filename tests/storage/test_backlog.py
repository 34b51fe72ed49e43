"""Figures of the work that waits: what is counted, and how it is found."""

import logging
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from app.storage import backlog, database
from app.storage.database import writing
from tests.conftest import NOW, ON_SQLITE, Api

DAY = date(2026, 3, 2)
ONE_DAY = timedelta(days=1)
NEW_YORK = "America/New_York"
LINES = "<lines><line><unit_cost>5</unit_cost></line></lines>"


def made_due(api: Api, *days: date) -> None:
    """Make a profile for each day, with that as its next date."""
    for day in days:
        recurring_id = api.create_profile(f"<date>2027-01-01</date>{LINES}")
        with writing():
            database.execute(
                "UPDATE recurring SET next_on = ? "
                "WHERE account_id = ? AND recurring_id = ?",
                (day.isoformat(), api.account.account_id, recurring_id),
            )


def park(api: Api, recurring_id: int) -> None:
    with writing():
        database.execute(
            "UPDATE recurring SET parked_reason = 'x' "
            "WHERE account_id = ? AND recurring_id = ?",
            (api.account.account_id, recurring_id),
        )


def test_what_is_due_is_counted_up_to_the_day(api: Api) -> None:
    made_due(api, DAY - ONE_DAY, DAY, DAY, DAY + ONE_DAY)
    assert backlog.due({NEW_YORK: DAY}) == 3
    assert backlog.due({NEW_YORK: DAY - ONE_DAY}) == 1
    assert backlog.due({}) == 0


def test_each_account_has_the_day_of_its_own_time_zone(
    new_api: Callable[..., Api],
) -> None:
    made_due(new_api("Here"), DAY)
    made_due(new_api("There", time_zone="Asia/Tokyo"), DAY, DAY + ONE_DAY)
    assert backlog.due({NEW_YORK: DAY, "Asia/Tokyo": DAY + ONE_DAY}) == 3
    assert backlog.due({NEW_YORK: DAY - ONE_DAY, "Asia/Tokyo": DAY}) == 1
    assert backlog.due({"Asia/Tokyo": DAY}) == 1


def test_what_is_parked_is_not_due_and_what_is_deleted_is_neither(api: Api) -> None:
    made_due(api, DAY, DAY, DAY)
    park(api, 1)
    park(api, 2)
    assert api.call("recurring.delete", "<recurring_id>2</recurring_id>").ok
    assert backlog.due({NEW_YORK: DAY}) == 1
    assert backlog.parked() == 1


def test_what_a_test_clock_decides_is_not_due(clocked: Api) -> None:
    made_due(clocked, date(2007, 9, 1))
    assert backlog.due({NEW_YORK: DAY}) == 0


def test_invoices_of_all_accounts_are_counted(new_api: Callable[..., Api]) -> None:
    assert backlog.invoices() == 0
    for name, number in (("One", 1), ("Two", 2)):
        api = new_api(name)
        for _ in range(number):
            api.create_profile(f"<date>{DAY}</date>{LINES}")
    assert backlog.invoices() == 3


@ON_SQLITE
@pytest.mark.parametrize(
    ("count", "index"),
    [
        (lambda: backlog.due({NEW_YORK: DAY, "UTC": DAY + ONE_DAY}), "recurring_due"),
        (backlog.parked, "recurring_parked"),
        (backlog.charges, "charge_under_way"),
        (lambda: backlog.held(NOW), "invoice_held"),
    ],
)
def test_what_waits_is_counted_by_an_index_that_holds_no_others(
    api: Api, caplog: pytest.LogCaptureFixture, count: Callable[[], int], index: str
) -> None:
    made_due(api, DAY)
    with caplog.at_level(logging.DEBUG, "peewee"):
        count()
    messages: list[Any] = [record.msg for record in caplog.records]
    ((sql, values),) = messages
    steps = database.execute(f"EXPLAIN QUERY PLAN {sql}", tuple(values)).fetchall()
    plan = "\n".join(str(step[-1]) for step in steps)
    assert re.search(rf"t1 USING (COVERING )?INDEX {index}\b", plan), plan
