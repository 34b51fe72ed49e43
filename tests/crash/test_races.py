"""Requests against billing runs in other processes: whoever is first, all of it.

What counts is the database's own order: what can be read once a request has been
answered was there before the answer.
"""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest

from app.config import Settings
from app.storage import database
from tests import due, processes
from tests.conftest import NOW, Api
from tests.due import Ask, Rhythm

RUNS = 2
DATES = 8
# They are due from the requests' today on, so that no request catches up on anything.
# Of each of its dates there are few, so that a run has many batches to be raced.
WEEKLY = [
    Rhythm(name="weekly", start_on=NOW.date() + timedelta(days=n), times=DATES, days=7)
    for n in range(7)
]
UNTIL = WEEKLY[-1].dates()[-1]
EACH = 20
PROFILES = EACH * len(WEEKLY)
INVOICES = PROFILES * DATES
CLIENTS = 6
OF_CLIENT = 5
# How many profiles are ended by a request of their own.
ENDED = 30


@pytest.fixture(name="ask")
def ask_(settings: Settings) -> Iterator[Ask]:
    with due.asking(settings.database) as ask:
        yield ask


@pytest.fixture(name="loom")
def loom_(new_api: Callable[..., Api]) -> Api:
    """Provide an account with due profiles of its first client, and of some others."""
    api = new_api(time_zone="Etc/UTC")
    for _ in range(CLIENTS + 1):
        api.create_client()
    due.planted(api.account.account_id, api.call, EACH, WEEKLY)
    for number in range(CLIENTS):
        database.execute(
            "UPDATE recurring SET client_id = ? WHERE recurring_id BETWEEN ? AND ?",
            (number + 2, number * OF_CLIENT + 1, (number + 1) * OF_CLIENT),
        )
    return api


def until_billed(ask: Ask, number: int) -> None:
    processes.until(lambda: due.invoices(ask) >= number)


def invoices_of(ask: Ask, ids: tuple[int, ...]) -> int:
    marks = ", ".join("?" * len(ids))
    return int(
        ask(
            f"SELECT COUNT(*) FROM invoice WHERE recurring_id IN ({marks})",  # noqa: S608
            *ids,
        )[0][0]
    )


def endings(chance: random.Random) -> list[tuple[str, str, tuple[int, ...]]]:
    """Return requests that end profiles, in any order: method, content, profiles."""
    found: list[tuple[str, str, tuple[int, ...]]] = [
        (
            "client.delete",
            f"<client_id>{number + 2}</client_id>",
            tuple(range(number * OF_CLIENT + 1, (number + 1) * OF_CLIENT + 1)),
        )
        for number in range(CLIENTS)
    ]
    own = range(CLIENTS * OF_CLIENT + 1, PROFILES + 1)
    for place, key in enumerate(chance.sample(own, ENDED)):
        this = f"<recurring_id>{key}</recurring_id>"
        stop = f"<recurring>{this}<stopped>1</stopped></recurring>"
        found.append(
            ("recurring.update", stop, (key,))
            if place % 2
            else ("recurring.delete", this, (key,))
        )
    chance.shuffle(found)
    return found


def test_what_was_ended_is_not_billed_after_the_answer(
    seed: int,
    settings: Settings,
    ask: Ask,
    loom: Api,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)
    races = endings(chance)
    # What the others give: the run gets there, however many have been ended.
    least = (PROFILES - ENDED - CLIENTS * OF_CLIENT) * DATES
    moments = sorted(chance.randrange(1, least) for _ in races)
    answered = []
    with processes.started(settings, RUNS, "bill", "--on", UNTIL) as runs:
        for moment, (method, content, ids) in zip(moments, races, strict=True):
            until_billed(ask, moment)
            answer = loom.call(method, content)
            assert answer.ok, answer.error
            answered.append((method, invoices_of(ask, ids), ids))
        assert {run.wait(processes.PATIENCE_S) for run in runs} == {0}
    with processes.started(settings, 1, "bill", "--on", "2026-06-01") as (later,):
        assert later.wait(processes.PATIENCE_S) == 0

    assert [
        (method, before, ids)
        for method, before, ids in answered
        if invoices_of(ask, ids) != before
    ] == []
    # They were races: some came before the last of their dates.
    assert any(before < DATES * len(ids) for _, before, ids in answered)
    assert due.invoices(ask) >= least
    assert due.misbooked(ask) == {}
    processes.check_books(settings)
    record_property("profiles and clients ended during a run", len(races))


def versioned(number: int) -> str:
    return "".join(
        f"<{name}>v{number}</{name}>" for name in ("po_number", "notes", "terms")
    ) + (
        f"<lines><line><name>v{number}</name><description>v{number}</description>"
        f"<unit_cost>{number}</unit_cost><quantity>1</quantity></line></lines>"
    )


_MIXED = (
    "SELECT i.recurring_id, i.invoice_id, i.po_number, l.name FROM invoice i "
    "LEFT JOIN invoice_line l ON l.account_id = i.account_id "
    "AND l.invoice_id = i.invoice_id WHERE l.name IS NULL OR i.po_number <> l.name "
    "OR i.notes <> l.name OR i.terms <> l.name OR l.description <> l.name "
    "OR CAST(i.amount_minor AS TEXT) || 'v' <> "
    "CASE l.name WHEN 'v0' THEN '0v' ELSE SUBSTR(l.name, 2) || '00v' END"
)
_IN_ORDER = (
    "SELECT recurring_id, po_number FROM invoice ORDER BY recurring_id, invoice_id"
)


def test_an_update_during_a_run_is_billed_whole_or_not_at_all(
    seed: int,
    settings: Settings,
    ask: Ask,
    loom: Api,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)
    keys = range(1, PROFILES + 1)
    for key in keys:
        assert loom.update(key, versioned(0)).ok
    # Of each answered update: profile, version, invoices that there were by then.
    answered = []
    with processes.started(settings, RUNS, "bill", "--on", UNTIL) as runs:
        until_billed(ask, 1)
        for version in count(1):
            if due.invoices(ask) == INVOICES:
                break
            key = chance.choice(keys)
            answer = loom.update(key, versioned(version))
            assert answer.ok, answer.error
            answered.append((key, version, invoices_of(ask, (key,))))
        assert {run.wait(processes.PATIENCE_S) for run in runs} == {0}

    assert ask(_MIXED) == []
    billed: dict[int, list[int]] = {key: [] for key in keys}
    for key, tag in ask(_IN_ORDER):
        billed[key].append(int(tag[1:]))
    assert {len(versions) for versions in billed.values()} == {DATES}
    assert all(versions == sorted(versions) for versions in billed.values())
    for key, version, before in answered:
        assert all(found < version for found in billed[key][:before])
        assert all(found >= version for found in billed[key][before:])
    # They were races: some updates came between two dates of their profile.
    assert any(0 < before < DATES for _, _, before in answered)
    assert due.misbooked(ask) == {}
    processes.check_books(settings)
    record_property("updates during a run", len(answered))
