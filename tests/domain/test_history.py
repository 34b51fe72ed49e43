"""What the history tells of a change, and what it never tells."""

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.adjustment import Discount, TaxRate
from app.domain.autobill import Autobill, CardChosen, CardGiven, CardKept, Former
from app.domain.bill_to import BillTo
from app.domain.card import Card, CardNumber, CardToken, Expiration, MaskedCard
from app.domain.event import LINE_MAX, LINES_MAX, TEXT_MAX, Change
from app.domain.folder import Folder
from app.domain.history import changes, of_card, parked
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import Line
from app.domain.recurring import Attribute, Profile, ProfileState, SendReceipt
from app.domain.schedule import (
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Schedule,
    Weekday,
    YearlyDate,
)

DAY = date(2026, 1, 31)
LATER = date(2026, 2, 28)
HOSTING = Line(line_id=1, name="Hosting", unit_cost=Decimal(40), quantity=Decimal(2))
SUPPORT = Line(line_id=2, name="Support", unit_cost=Decimal(9), quantity=Decimal(1))
OTHER = Line(line_id=3, name="Other", quantity=Decimal(1))
SCHEDULE = Schedule(rule=Interval(freq=Freq.MONTHLY), anchor_on=DAY, next_on=LATER)
PROFILE = Profile(
    recurring_id=7,
    client_id=5,
    staff_id=1,
    start_on=DAY,
    schedule=SCHEDULE,
    currency_code="USD",
    language="en",
)
DATES = Dates(yearly=(YearlyDate(4, 30),), buffer_days=3)
VISA, OTHER_VISA = CardNumber("4111111111111111"), CardNumber("4012888888881881")
EXPIRATION = Expiration(month=7, year=2031)
STORED = Autobill(
    gateway_name="Net",
    card=MaskedCard(number=VISA.masked, name="Ada", expiration=EXPIRATION),
)

# Every field that is told of by itself: what it becomes, and how that is told.
CASES: dict[str, tuple[Any, tuple[str, str, str]]] = {
    "client_id": (6, ("client_id", "5", "6")),
    "contacts": ((3, 1), ("contacts", "", "3, 1")),
    "state": (ProfileState.PAUSED, ("state", "active", "paused")),
    "bill_to": (BillTo(p_city="Leeds"), ("p_city", "", "Leeds")),
    "po_number": ("7", ("po_number", "", "7")),
    "currency_code": ("CAD", ("currency_code", "USD", "CAD")),
    "language": ("fr", ("language", "en", "fr")),
    "notes": ("Hello", ("notes", "", "Hello")),
    "terms": ("Net", ("terms", "", "Net")),
    "discount": (Decimal("7.50"), ("discount", "0", "7.5")),
    "return_uri": ("https://a.test", ("return_uri", "", "https://a.test")),
    "send_snail_mail": (True, ("send_snail_mail", "0", "1")),
    "send_email": (False, ("send_email", "1", "0")),
    "due_days": (14, ("due_days", "0", "14")),
    "invoice_status": (InvoiceStatus.DRAFT, ("invoice_status", "sent", "draft")),
    "title": ("Loom", ("title", "", "Loom")),
    "autopay": (False, ("autopay", "1", "0")),
    "send_receipt": (SendReceipt.ONCE, ("send_receipt", "always", "once")),
    "attributes": ((Attribute("a", "1"),), ("attributes", "", "a: 1")),
    "default_tax": (
        TaxRate("QST", Decimal("9.975"), compound=True),
        ("default_tax", "", "QST 9.975 % compound"),
    ),
    "taxes": (
        (TaxRate("GST", Decimal("5.0")), TaxRate("PST", Decimal(7))),
        ("taxes", "", "GST 5 %, PST 7 %"),
    ),
    "discounts": (
        (Discount("A", percent=Decimal(10)), Discount("B", amount=Decimal("2.50"))),
        ("discounts", "", "A 10 %, B 2.5"),
    ),
    "billing_model_id": (2, ("billing_model_id", "", "2")),
    "parked_reason": ("2026-01-31: ValueError", ("parked", "", "ValueError")),
    "lines": ((HOSTING,), ("lines/line[1]", "", "2 x 40 Hosting")),
}
# These have tests of their own.
APART = {"schedule", "start_on", "folder"}
UNTOLD = {"key", "recurring_id", "staff_id", "autobill", "updated_at"}
SCHEDULES: dict[str, tuple[Any, tuple[str, str, str]]] = {
    "rule": (
        Interval(freq=Freq.DAILY, interval=15),
        ("frequency", "monthly", "15 days"),
    ),
    "anchor_on": (LATER, ("schedule/start_date", "", "2026-02-28")),
    "end_on": (LATER, ("schedule/end_date", "", "2026-02-28")),
    "occurrences": (12, ("occurrences", "0", "12")),
    "next_on": (None, ("next_issue_date", "2026-02-28", "")),
    "use_new_day": (True, ("use_new_day", "0", "1")),
    "last_billed_on": (DAY, ("last_invoice_date", "", "2026-01-31")),
}
# What the schedule remembers for itself; it shows in the next date.
REMEMBERED = {
    "billed_count",
    "passed_on",
    "skipped_on",
    "billed_now_on",
    "moved_to",
    "moved_on",
}


def told(before: Profile, after: Profile) -> list[tuple[str, str, str]]:
    return [(each.field, each.old, each.new) for each in changes(before, after)]


def of_lines(before: tuple[Line, ...], after: tuple[Line, ...]) -> Any:
    return told(replace(PROFILE, lines=before), replace(PROFILE, lines=after))


def test_no_field_of_a_profile_is_forgotten() -> None:
    names = {field.name for field in fields(Profile)}
    assert names == CASES.keys() | APART | UNTOLD
    names = {field.name for field in fields(Schedule)}
    assert names == SCHEDULES.keys() | REMEMBERED


@pytest.mark.parametrize("name", CASES)
def test_a_changed_field_is_told_with_both_its_values(name: str) -> None:
    value, expected = CASES[name]
    assert told(PROFILE, replace(PROFILE, **{name: value})) == [expected]


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_changed_schedule_is_told_in_words(name: str) -> None:
    value, expected = SCHEDULES[name]
    changed = replace(PROFILE, schedule=replace(SCHEDULE, **{name: value}))
    assert told(PROFILE, changed) == [expected]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Interval(freq=Freq.WEEKLY), "weekly"),
        (MonthDays(days=(1, 15)), "day 1, 15 of the month"),
        (MonthDays(days=(9,), interval=2), "day 9 of every 2 months"),
        (
            MonthWeekday(weekday=Weekday.FRIDAY, ordinal=-1),
            "last friday of the month",
        ),
        (Dates(full=(LATER,)), "once"),
        (Dates(yearly=(YearlyDate(4, 30),), full=(LATER,)), "04-30, 2026-02-28"),
    ],
)
def test_every_kind_of_rule_has_words(rule: Any, words: str) -> None:
    changed = replace(PROFILE, schedule=replace(SCHEDULE, rule=rule))
    assert ("frequency", "monthly", words) in told(PROFILE, changed)


def test_the_buffer_of_chosen_dates_is_told_beside_them() -> None:
    before = replace(PROFILE, schedule=replace(SCHEDULE, rule=DATES))
    after = replace(
        PROFILE, schedule=replace(SCHEDULE, rule=replace(DATES, buffer_days=5))
    )
    assert told(before, after) == [("schedule/buffer_days", "3", "5")]


def test_another_date_is_told_once_where_the_rule_counts_from_it() -> None:
    schedule = replace(SCHEDULE, anchor_on=LATER)
    changed = replace(PROFILE, start_on=LATER, schedule=schedule)
    assert told(PROFILE, changed) == [("date", "2026-01-31", "2026-02-28")]


def test_the_archive_is_told_as_a_folder_and_as_a_state() -> None:
    assert told(PROFILE, replace(PROFILE, folder=Folder.ARCHIVED)) == [
        ("state", "active", "archived"),
        ("folder", "active", "archived"),
    ]


def test_nothing_is_told_where_nothing_differs() -> None:
    assert told(PROFILE, replace(PROFILE)) == []


def test_a_line_is_told_whole() -> None:
    line = replace(
        HOSTING,
        unit_cost=Decimal("40.50"),
        tax1_name="VAT",
        tax1_percent=Decimal(20),
        tax2_percent=Decimal("1.5"),
        type="Time",
        description="By the month",
    )
    assert of_lines((HOSTING,), (line,)) == [
        (
            "lines/line[1]",
            "2 x 40 Hosting",
            "2 x 40.5 Hosting, VAT 20 %, 1.5 %, Time: By the month",
        )
    ]


def test_a_line_is_known_again_wherever_it_stands() -> None:
    assert of_lines((HOSTING, SUPPORT, OTHER), (SUPPORT, OTHER)) == [
        ("lines/line[1]", "2 x 40 Hosting", "")
    ]
    added = replace(SUPPORT, line_id=0)
    assert of_lines((HOSTING,), (added, HOSTING)) == [
        ("lines/line[1]", "", "1 x 9 Support")
    ]


def test_new_lines_in_place_of_old_ones_are_told_as_changes() -> None:
    new = (replace(SUPPORT, line_id=0), replace(OTHER, line_id=0))
    assert of_lines((HOSTING,), new) == [
        ("lines/line[1]", "2 x 40 Hosting", "1 x 9 Support"),
        ("lines/line[2]", "", "1 x 0 Other"),
    ]


def test_another_order_of_lines_is_told_by_their_former_numbers() -> None:
    assert of_lines((HOSTING, SUPPORT, OTHER), (OTHER, HOSTING, SUPPORT)) == [
        ("lines", "1, 2, 3", "3, 1, 2")
    ]


def test_long_texts_and_many_lines_are_cut() -> None:
    (change,) = changes(PROFILE, replace(PROFILE, notes="x" * 5000))
    assert change.new == "x" * (TEXT_MAX - 3) + "..."
    lines = tuple(replace(OTHER, line_id=0, description="x" * 500) for _ in range(150))
    found = changes(PROFILE, replace(PROFILE, lines=lines))
    assert len(found) == LINES_MAX + 1
    assert {len(each.new) for each in found[:-1]} == {LINE_MAX}
    assert found[-1] == Change("lines", "", "... and 50 more")


def test_a_text_that_differs_behind_the_cut_is_still_told() -> None:
    before = replace(PROFILE, notes="x" * 5000)
    assert len(changes(before, replace(before, notes=before.notes + "y"))) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("card 4111 1111 1111 1111, ok", "card ************1111, ok"),
        ("4012-8888-8888-1881", "************1881"),
        ("4111111111111111" + "x" * 5000, "************1111" + "x" * 981 + "..."),
        ("x" * 990 + "4111111111111111", "x" * 990 + "*******..."),
        ("no card: 4111111111111112", "no card: 4111111111111112"),
        ("2026-01-31, 2026-02-28", "2026-01-31, 2026-02-28"),
    ],
)
def test_what_looks_like_a_card_number_is_masked(text: str, kept: str) -> None:
    (change,) = changes(PROFILE, replace(PROFILE, notes=text))
    assert change.new == kept


def test_of_a_parked_profile_only_the_kind_of_error_is_told() -> None:
    assert parked("2026-01-31: ValueError") == [Change("parked", "", "ValueError")]


def given(number: CardNumber, gateway: str = "Net") -> CardGiven:
    card = Card(number=number, name="Ada", expiration=EXPIRATION)
    return CardGiven(gateway_name=gateway, card=card)


@pytest.mark.parametrize("old", ["", "Net ************1111", "Net (unreadable)"])
def test_a_card_is_told_by_gateway_and_mask(old: str) -> None:
    assert of_card(Former(told=old), given(OTHER_VISA, "Pay")) == [
        Change("autobill", old, "Pay ************1881")
    ]


def test_a_card_whose_mask_is_that_of_the_former_is_told_of() -> None:
    old = "Net ************1111"
    assert of_card(Former(told=old, shown=STORED), given(VISA)) == [
        Change("autobill", old, old)
    ]


def test_of_holder_and_expiry_only_the_change_is_told() -> None:
    old = "Net ************1111"
    kept = CardKept(
        gateway_name="Pay", name="Zoe", expiration=Expiration(month=1, year=2032)
    )
    assert of_card(Former(told=old, shown=STORED), kept) == [
        Change("autobill", old, "Pay ************1111"),
        Change("autobill/card/name", "", ""),
        Change("autobill/card/expiration", "", ""),
    ]
    same = CardKept(gateway_name="Net", name="Ada", expiration=EXPIRATION)
    assert of_card(Former(told=old, shown=STORED), same) == []


CHOSEN = CardChosen(gateway_name="Pay", card_id=3, number="************4242")


def test_a_card_of_the_clients_is_told_with_its_id() -> None:
    old = "Net ************1111"
    assert of_card(Former(told=old, shown=STORED), CHOSEN) == [
        Change("autobill", old, "Pay ************4242"),
        Change("autobill/card_id", "", "3"),
    ]
    former = Former(told="Pay ************4242", card_id=3)
    assert of_card(former, given(VISA)) == [
        Change("autobill", "Pay ************4242", old),
        Change("autobill/card_id", "3", ""),
    ]


def test_a_card_that_is_taken_away_is_told_of() -> None:
    assert of_card(Former(told="Pay ************4242", card_id=3), None) == [
        Change("autobill", "Pay ************4242", ""),
        Change("autobill/card_id", "3", ""),
    ]
    assert of_card(Former(), None) == []


def test_a_token_is_told_by_its_mask() -> None:
    card = Card(
        number=CardToken("tok_abc", "4242", None), name="Ada", expiration=EXPIRATION
    )
    (change,) = of_card(Former(), CardGiven(gateway_name="Net", card=card))
    assert change == Change("autobill", "", "Net ************4242")
