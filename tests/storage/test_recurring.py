"""Profiles in the database: every field, and finding what is due."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from app.domain.account import Scope
from app.domain.adjustment import Discount, TaxRate
from app.domain.bill_to import BillTo
from app.domain.client import Client
from app.domain.folder import Folder
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import Line
from app.domain.recurring import Attribute, Profile, ProfileState, SendReceipt
from app.domain.schedule import (
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Rule,
    Schedule,
    Weekday,
    YearlyDate,
)
from app.storage import account as accounts
from app.storage import client as clients
from app.storage import database, tables
from app.storage import recurring as storage
from app.storage.database import writing
from app.storage.recurring import Due, SealedCard
from tests.conftest import ON_SQLITE, Api

AT = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
LATER = AT + timedelta(microseconds=1)
DAY = date(2026, 3, 2)
ONE_DAY = timedelta(days=1)
NEW_YORK = "America/New_York"
_views = count()
PLAIN = Schedule(rule=Interval(freq=Freq.MONTHLY), anchor_on=DAY)

FULL = Profile(
    client_id=1,
    staff_id=1,
    contacts=(3, 1),
    start_on=date(2026, 1, 30),
    schedule=Schedule(
        rule=Interval(freq=Freq.YEARLY, interval=2),
        anchor_on=date(2026, 1, 31),
        end_on=date(2040, 1, 31),
        next_on=date(2028, 1, 31),
        occurrences=12,
        billed_count=1,
        last_billed_on=date(2026, 1, 31),
        passed_on=date(2027, 1, 31),
        skipped_on=date(2027, 2, 28),
        billed_now_on=date(2026, 1, 30),
        moved_to=date(2028, 1, 31),
        use_new_day=True,
        moved_on=date(2026, 1, 1),
    ),
    state=ProfileState.ACTIVE,
    bill_to=BillTo(
        organization="Löm & Söhne",
        first_name="Ada",
        last_name="Loom",
        p_street1="1 Mill Lane",
        p_street2="Loft",
        p_city="Leeds",
        p_state="Yorks",
        p_country="United Kingdom",
        p_code="LS1 1AA",
        vat_name="VAT",
        vat_number="GB 1",
    ),
    po_number=" PO 1 ",
    currency_code="EUR",
    language="de",
    notes="two\nlines",
    terms="<net> 30 & more",
    discount=Decimal("12.500"),
    return_uri="https://loom.test/?id=::invoice id::",
    send_snail_mail=True,
    send_email=False,
    lines=(
        Line(
            name="Warp",
            description="blue",
            unit_cost=Decimal("9.990"),
            quantity=Decimal("1E+1"),
            tax1_name="GST",
            tax2_name="PST",
            tax1_percent=Decimal("8.25"),
            tax2_percent=Decimal("0.001"),
            type="Time",
            percent=Decimal("2.50"),
            taxable=False,
            start_on=date(2026, 3, 1),
            end_on=date(2026, 12, 31),
            group="Größe",
            tax1_compound=True,
            tax2_compound=True,
        ),
        Line(unit_cost=Decimal("-999999999999.999999"), quantity=Decimal(0)),
    ),
    default_tax=TaxRate("VAT", Decimal("20.0")),
    taxes=(TaxRate("QST", Decimal("9.975"), compound=True),),
    discounts=(
        Discount("Partner", percent=Decimal("2.5")),
        Discount("Voucher", amount=Decimal("10.00")),
    ),
    due_days=14,
    invoice_status=InvoiceStatus.DRAFT,
    title="Looms",
    autopay=False,
    send_receipt=SendReceipt.ONCE,
    attributes=(Attribute("colour", "blue"), Attribute("Größe", "")),
    billing_model_id=3,
    parked_reason="a reason",
)


def new_client(account_id: int) -> int:
    client = Client(
        email="ada@loom.test",
        language="en",
        currency_code="USD",
        view_key=f"view {next(_views)}",
    )
    return clients.insert(Scope(account_id), client, AT)


def insert(account_id: int, profile: Profile) -> int:
    with writing():
        profile = replace(profile, client_id=new_client(account_id))
        return storage.insert(account_id, profile, AT)


def due_on(day: date | None, **more: Any) -> Profile:
    """Return a profile that has a date to bill."""
    return Profile(
        client_id=0,
        staff_id=1,
        start_on=DAY,
        schedule=replace(PLAIN, next_on=day),
        currency_code="USD",
        language="en",
        **more,
    )


def existing(account_id: int, recurring_id: int) -> Profile:
    profile = storage.get(Scope(account_id), recurring_id)
    assert profile is not None
    return profile


def ids(found: list[Due]) -> list[int]:
    return [due.recurring_id for due in found]


# Every field.


def test_a_profile_comes_back_with_every_field(api: Api) -> None:
    of = api.account.account_id
    recurring_id = insert(of, FULL)
    expected = replace(
        FULL,
        recurring_id=recurring_id,
        lines=tuple(
            replace(line, line_id=number) for number, line in enumerate(FULL.lines, 1)
        ),
        updated_at=AT,
    )
    assert storage.get(Scope(of), recurring_id) == expected


def test_no_field_of_that_profile_is_at_its_default() -> None:
    # Or the test above would not see that a field is dropped.
    plain = Profile(
        client_id=0,
        staff_id=0,
        start_on=DAY,
        schedule=PLAIN,
        currency_code="USD",
        language="en",
    )
    same = {
        f.name
        for f in fields(Profile)
        if getattr(FULL, f.name) == getattr(plain, f.name)
    }
    # Given when stored; active while there is a next date; cards are kept elsewhere.
    given = {"recurring_id", "key", "updated_at"}
    assert same == given | {"state", "folder", "autobill"}
    pairs: list[tuple[Any, Any]] = [
        (FULL.schedule, plain.schedule),
        (FULL.bill_to, plain.bill_to),
        (FULL.schedule.rule, plain.schedule.rule),
        (replace(FULL.lines[0], line_id=1), Line()),
    ]
    for whole, empty in pairs:
        for field in fields(whole):
            assert getattr(whole, field.name) != getattr(empty, field.name), field.name


def test_numbers_of_lines_come_back_with_every_digit(api: Api) -> None:
    of = api.account.account_id
    first, second = existing(of, insert(of, FULL)).lines
    assert [str(first.unit_cost), str(first.quantity)] == ["9.990", "10"]
    assert str(second.unit_cost) == "-999999999999.999999"


@pytest.mark.parametrize(
    "rule",
    [
        *(Interval(freq=freq, interval=7) for freq in Freq),
        MonthDays(days=(1, 31), interval=3),
        MonthWeekday(weekday=Weekday.SUNDAY, ordinal=-1, interval=2),
        Dates(
            yearly=(YearlyDate(2, 29), YearlyDate(12, 31)),
            full=(date(2031, 1, 31),),
            buffer_days=3,
        ),
    ],
    ids=str,
)
def test_every_rule_comes_back(api: Api, rule: Rule) -> None:
    of = api.account.account_id
    profile = replace(FULL, schedule=replace(FULL.schedule, rule=rule))
    assert existing(of, insert(of, profile)).schedule.rule == rule


@pytest.mark.parametrize("state", [ProfileState.PAUSED, ProfileState.COMPLETED])
def test_a_profile_that_rests_comes_back_in_its_state(
    api: Api, state: ProfileState
) -> None:
    of = api.account.account_id
    profile = existing(of, insert(of, due_on(None, state=state)))
    assert (profile.state, profile.schedule.next_on) == (state, None)


@pytest.mark.parametrize(
    "resting",
    [
        {"state": ProfileState.PAUSED},
        {"state": ProfileState.COMPLETED},
        {"folder": Folder.ARCHIVED},
        {"folder": Folder.DELETED},
    ],
    ids=str,
)
def test_a_profile_that_rests_with_a_next_date_is_refused(
    api: Api, resting: dict[str, Any]
) -> None:
    with pytest.raises(database.IntegrityError):
        insert(api.account.account_id, due_on(DAY, **resting))


def test_an_update_stores_every_field_but_the_lines(api: Api) -> None:
    of = api.account.account_id
    recurring_id = insert(of, due_on(DAY))
    changed = replace(FULL, recurring_id=recurring_id)
    with writing():
        storage.update(of, changed, Folder.ACTIVE, LATER)
    assert existing(of, recurring_id) == replace(changed, lines=(), updated_at=LATER)


def test_lines_are_replaced_in_their_new_order_with_their_own_ids(api: Api) -> None:
    of = api.account.account_id
    profile = existing(of, insert(of, FULL))
    first, second = profile.lines
    lines = (second, Line(name="Shuttle"), replace(first, name="Weft"))
    with writing():
        stored = storage.replace_lines(of, replace(profile, lines=lines))
    assert stored == [2, 3, 1]
    expected = (lines[0], replace(lines[1], line_id=3), lines[2])
    assert existing(of, profile.recurring_id).lines == expected


def test_lines_are_erased(api: Api) -> None:
    of = api.account.account_id
    profile = existing(of, insert(of, FULL))
    with writing():
        assert storage.replace_lines(of, replace(profile, lines=())) == []
    assert existing(of, profile.recurring_id).lines == ()


def test_advancing_stores_state_and_schedule_and_nothing_else(api: Api) -> None:
    of = api.account.account_id
    profile = existing(of, insert(of, FULL))
    done = replace(
        profile.schedule,
        rule=MonthDays(days=(3, 31), interval=2),
        anchor_on=date(2026, 2, 28),
        next_on=None,
        billed_count=12,
        last_billed_on=date(2028, 1, 31),
        passed_on=None,
        moved_to=None,
        use_new_day=False,
        moved_on=date(2028, 1, 31),
    )
    after = replace(profile, state=ProfileState.COMPLETED, schedule=done)
    with writing():
        storage.advance(of, [replace(after, notes="not stored")])
    assert existing(of, profile.recurring_id) == after


def test_a_deleted_profile_is_in_the_deleted_folder_without_a_next_date(
    api: Api,
) -> None:
    of = api.account.account_id
    profile = existing(of, insert(of, FULL))
    with writing():
        storage.delete(of, profile, LATER)
    deleted = existing(of, profile.recurring_id)
    assert deleted == replace(
        profile,
        folder=Folder.DELETED,
        schedule=replace(profile.schedule, next_on=None),
        updated_at=LATER,
    )


def test_profiles_of_another_account_are_not_found(new_api: Callable[..., Api]) -> None:
    one = new_api("One").account.account_id
    other = new_api("Other").account.account_id
    insert(one, FULL)
    second = insert(one, FULL)
    assert storage.get(Scope(other), second) is None
    # And nothing that is done to one account's profile is done to the other's.
    theirs = existing(other, insert(other, FULL))
    mine = existing(one, theirs.recurring_id)
    with writing():
        storage.update(other, replace(theirs, notes="theirs"), Folder.ACTIVE, LATER)
        storage.replace_lines(other, replace(theirs, lines=()))
        storage.park(
            Due(account_id=other, recurring_id=theirs.recurring_id, next_on=DAY),
            "theirs",
        )
        storage.unschedule(other, theirs.client_id)
        storage.delete(other, theirs, LATER)
    assert existing(one, mine.recurring_id) == mine


def test_cards_come_back_and_are_replaced_and_deleted(api: Api) -> None:
    of = api.account.account_id
    one, other = insert(of, FULL), insert(of, FULL)
    sealed = bytes(range(256))
    card = SealedCard(gateway_name="Authorize.Net", key_version=1, sealed=sealed)
    newer = replace(card, gateway_name="PayPal Payflow Pro", sealed=b"\0")
    with writing():
        storage.put_card(of, one, card)
        storage.put_card(of, other, card)
    assert storage.cards(of, [one, other]) == {one: card, other: card}
    with writing():
        storage.put_card(of, one, newer)
        storage.delete_card(of, other)
    assert storage.cards(of, [one, other]) == {one: newer}
    assert storage.cards(of, []) == {}
    assert storage.cards(of + 1, [one]) == {}


# What is due.


def test_what_is_due_comes_oldest_first(new_api: Callable[..., Api]) -> None:
    one = new_api("One").account.account_id
    other = new_api("Other").account.account_id
    late = [insert(one, due_on(DAY)), insert(one, due_on(DAY - 9 * ONE_DAY))]
    theirs = [insert(other, due_on(DAY - 9 * ONE_DAY)), insert(other, due_on(DAY))]
    late.append(insert(one, due_on(DAY - 9 * ONE_DAY)))
    found = storage.due({NEW_YORK: DAY})
    assert [(due.next_on, due.account_id, due.recurring_id) for due in found] == [
        (DAY - 9 * ONE_DAY, one, late[1]),
        (DAY - 9 * ONE_DAY, one, late[2]),
        (DAY - 9 * ONE_DAY, other, theirs[0]),
        (DAY, one, late[0]),
        (DAY, other, theirs[1]),
    ]


def test_due_means_on_the_day_or_before_it(api: Api) -> None:
    of = api.account.account_id
    insert(of, due_on(DAY + ONE_DAY))
    today = insert(of, due_on(DAY))
    before = insert(of, due_on(DAY - ONE_DAY))
    assert ids(storage.due({NEW_YORK: DAY})) == [before, today]
    assert ids(storage.due_of(of, DAY)) == [before, today]


def test_every_account_is_due_by_the_day_of_its_time_zone(
    new_api: Callable[..., Api],
) -> None:
    # Half past ten in the morning of 2 March in London: three days at once.
    zones = {
        "Pacific/Kiritimati": DAY + ONE_DAY,
        "Europe/London": DAY,
        "Europe/Lisbon": DAY,
        "Pacific/Pago_Pago": DAY - ONE_DAY,
    }
    expected = set()
    for zone, today in zones.items():
        of = new_api(zone.replace("/", " "), time_zone=zone).account.account_id
        for day in (DAY - ONE_DAY, DAY, DAY + ONE_DAY):
            recurring_id = insert(of, due_on(day))
            if day <= today:
                expected.add((of, recurring_id))
    found = storage.due(zones)
    assert {(due.account_id, due.recurring_id) for due in found} == expected
    assert len(found) == len(expected) == 8
    assert [due.next_on for due in found] == sorted(due.next_on for due in found)


def test_accounts_of_a_zone_that_is_not_told_are_not_due(api: Api) -> None:
    insert(api.account.account_id, due_on(DAY))
    assert storage.due({"Europe/London": DAY}) == []
    assert storage.due({}) == []


def test_accounts_on_a_test_clock_are_not_due_by_the_calendar(clocked: Api) -> None:
    of = clocked.account.account_id
    recurring_id = insert(of, due_on(date(2007, 9, 1)))
    assert storage.due({NEW_YORK: DAY}) == []
    assert ids(storage.due_of(of, date(2007, 9, 1))) == [recurring_id]
    assert storage.due_of(of, date(2007, 8, 31)) == []


def test_what_is_due_of_an_account_is_its_own(new_api: Callable[..., Api]) -> None:
    one = new_api("One").account.account_id
    other = new_api("Other").account.account_id
    insert(one, due_on(DAY))
    assert storage.due_of(other, DAY) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
def test_a_limit_takes_the_oldest(api: Api, limit: int) -> None:
    of = api.account.account_id
    days = [DAY, DAY - 5 * ONE_DAY, DAY - ONE_DAY, DAY - 3 * ONE_DAY]
    for day in days:
        insert(of, due_on(day))
    for found in (storage.due({NEW_YORK: DAY}, limit), storage.due_of(of, DAY, limit)):
        assert [due.next_on for due in found] == sorted(days)[:limit]


def test_parked_profiles_are_not_due_until_they_are_changed(api: Api) -> None:
    of = api.account.account_id
    bad, good = insert(of, due_on(DAY - ONE_DAY)), insert(of, due_on(DAY))
    with writing():
        due = Due(account_id=of, recurring_id=bad, next_on=DAY - ONE_DAY)
        storage.park(replace(due, next_on=DAY), "it has moved on")
        storage.park(due, "2026-03-01: ValueError")
    assert ids(storage.due({NEW_YORK: DAY})) == ids(storage.due_of(of, DAY)) == [good]
    assert storage.parked() == [(of, bad, "2026-03-01: ValueError")]
    with writing():
        storage.update(
            of, replace(existing(of, bad), parked_reason=""), Folder.ACTIVE, LATER
        )
    assert ids(storage.due({NEW_YORK: DAY})) == [bad, good]
    assert storage.parked() == []


def test_a_deleted_profile_is_neither_due_nor_parked(api: Api) -> None:
    of = api.account.account_id
    recurring_id = insert(of, due_on(DAY, parked_reason="a reason"))
    with writing():
        storage.delete(of, existing(of, recurring_id), LATER)
    assert storage.due({NEW_YORK: DAY}) == []
    assert storage.parked() == []


@pytest.mark.parametrize("state", [ProfileState.PAUSED, ProfileState.COMPLETED])
def test_profiles_that_rest_are_not_due(api: Api, state: ProfileState) -> None:
    of = api.account.account_id
    insert(of, due_on(None, state=state))
    assert storage.due({NEW_YORK: DAY + 999 * ONE_DAY}) == []
    assert storage.due_of(of, DAY + 999 * ONE_DAY) == []


def scheduled_of(account_id: int, client_id: int) -> list[int]:
    with writing():
        found = storage.locked_of_client(account_id, client_id)
    return [profile.recurring_id for profile in found]


def test_profiles_of_a_client_are_unscheduled_and_those_of_others_are_not(
    api: Api,
) -> None:
    of = api.account.account_id
    gone, other = insert(of, due_on(DAY)), insert(of, due_on(DAY))
    client_id = existing(of, gone).client_id
    assert scheduled_of(of, client_id) == [gone]
    with writing():
        storage.unschedule(of, client_id)
    assert scheduled_of(of, client_id) == []
    assert ids(storage.due({NEW_YORK: DAY})) == [other]


def test_the_time_zones_of_accounts_are_listed_once(
    new_api: Callable[..., Api],
) -> None:
    for name, zone in (("A", "UTC"), ("B", "UTC"), ("C", "Asia/Tokyo")):
        new_api(name, time_zone=zone)
    assert sorted(accounts.time_zones()) == ["Asia/Tokyo", "UTC"]


# How what is due is found.


@contextmanager
def steps() -> Iterator[list[int]]:
    """Count the steps that the database's machine takes."""
    found = [0]

    def step() -> int:
        found[0] += 1
        return 0

    connection = database.proxy.connection()
    connection.set_progress_handler(step, 1)
    try:
        yield found
    finally:
        connection.set_progress_handler(None, 1)


def plan(caplog: pytest.LogCaptureFixture, run: Callable[[], object]) -> str:
    """Return how the database goes about the one statement that is run."""
    with caplog.at_level(logging.DEBUG, "peewee"):
        run()
    # The values stay apart from the text, as they do where the statement is prepared.
    messages: list[Any] = [record.msg for record in caplog.records]
    ((sql, values),) = messages
    found = database.execute(f"EXPLAIN QUERY PLAN {sql}", tuple(values)).fetchall()
    return "\n".join(str(row[-1]) for row in found)


ZONES = [
    pytest.param({NEW_YORK: DAY}, id="one zone"),
    pytest.param(
        {NEW_YORK: DAY, "Europe/London": DAY, "Asia/Tokyo": DAY + ONE_DAY},
        id="two days",
    ),
    pytest.param(
        {f"Zone/{n}": DAY + (n % 3 - 1) * ONE_DAY for n in range(400)}, id="all zones"
    ),
]


def many(account_id: int, number: int, **columns: Any) -> None:
    """Store many copies of a profile at once."""
    with writing():
        first = new_client(account_id)
        key = storage.insert(account_id, replace(due_on(None), client_id=first), AT)
        query: Any = tables.Recurring.select().where(
            tables.Recurring.account_id == account_id,
            tables.Recurring.recurring_id == key,
        )
        (row,) = query.dicts()
        copies = [
            {**row, "recurring_id": 10_000 * key + n, **columns} for n in range(number)
        ]
        for start in range(0, number, 500):
            tables.Recurring.insert_many(copies[start : start + 500]).execute()


@ON_SQLITE
@pytest.mark.parametrize("zones", ZONES)
@pytest.mark.parametrize("limit", [2**31 - 1, 500])
@pytest.mark.parametrize("stored", [0, 1000])
def test_what_is_due_is_searched_by_its_index_and_needs_no_sorting(
    api: Api,
    caplog: pytest.LogCaptureFixture,
    zones: dict[str, date],
    limit: int,
    stored: int,
) -> None:
    many(api.account.account_id, stored, next_on=DAY + ONE_DAY * 99)
    found = plan(caplog, lambda: storage.due(zones, limit))
    assert re.search(r"SEARCH .*t1 USING (COVERING )?INDEX recurring_due \(", found), (
        found
    )
    assert "TEMP B-TREE" not in found
    assert "SCAN" not in found


@ON_SQLITE
@pytest.mark.parametrize("limit", [1, 500])
def test_what_is_due_of_an_account_is_searched_by_its_index_and_needs_no_sorting(
    api: Api, caplog: pytest.LogCaptureFixture, limit: int
) -> None:
    of = api.account.account_id
    found = plan(caplog, lambda: storage.due_of(of, DAY, limit))
    index = r"SEARCH .*t1 USING (COVERING )?INDEX recurring_due_of_account \("
    assert re.search(index, found), found
    assert "TEMP B-TREE" not in found
    assert "SCAN" not in found


@ON_SQLITE
@pytest.mark.parametrize(
    "resting",
    [
        {"next_on": DAY + 99 * ONE_DAY},
        {"next_on": None},
        {"next_on": None, "state": ProfileState.PAUSED},
        {"next_on": None, "state": ProfileState.COMPLETED},
        {"next_on": None, "folder": Folder.DELETED},
        {"next_on": DAY - ONE_DAY, "parked_reason": "a reason"},
    ],
    ids=["later", "none", "paused", "completed", "deleted", "parked"],
)
@pytest.mark.parametrize("by", ["the calendar", "the account"])
def test_profiles_that_are_not_due_are_not_read(
    api: Api, resting: dict[str, Any], by: str
) -> None:
    of = api.account.account_id
    expected = [insert(of, due_on(DAY)) for _ in range(5)]

    # The first of the others is met where the search ends; it is the one too many.
    many(of, 1, **resting)

    def look() -> list[Due]:
        if by == "the calendar":
            return storage.due({NEW_YORK: DAY})
        return storage.due_of(of, DAY)

    with steps() as among_few:
        assert ids(look()) == expected
    many(of, 1000, **resting)
    with steps() as among_many:
        assert ids(look()) == expected
    # The machine does the very same work.
    assert among_many == among_few


@ON_SQLITE
def test_the_steps_that_are_counted_grow_with_what_is_due(api: Api) -> None:
    # Or the test above would prove nothing.
    of = api.account.account_id
    insert(of, due_on(DAY))
    with steps() as few:
        storage.due({NEW_YORK: DAY})
    many(of, 1000, next_on=DAY)
    with steps() as with_many:
        storage.due({NEW_YORK: DAY})
    assert with_many[0] > 100 * 5 > few[0]
