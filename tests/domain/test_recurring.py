"""Profiles: their states, what moves their dates, and what does not."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.domain import frequency
from app.domain.account import Account
from app.domain.adjustment import Discount, TaxRate
from app.domain.autobill import Autobill, AutobillRequest
from app.domain.bill_to import BillTo, BillToChanges
from app.domain.card import Expiration, MaskedCard
from app.domain.card_request import CardRequest, CardText
from app.domain.client import Client
from app.domain.errors import (
    ForeignCurrencyError,
    InvalidValueError,
    UnknownCurrencyError,
)
from app.domain.folder import Folder
from app.domain.invoice_status import InvoiceStatus
from app.domain.line import LINES_MAX, Line, LineChanges
from app.domain.money import Money
from app.domain.pricing import price
from app.domain.recurring import (
    Attribute,
    Profile,
    ProfileChanges,
    ProfileState,
    SendReceipt,
    billed,
    changed_profile,
    new_profile,
    with_lines,
)
from app.domain.schedule import Freq, Interval
from app.domain.scheduling import Defaults

TODAY = date(2026, 1, 31)
ACTIVE, PAUSED, COMPLETED = ProfileState
MONTHLY = Interval(freq=Freq.MONTHLY)
WEEKLY = Interval(freq=Freq.WEEKLY)
ACCOUNT = Account(
    account_id=1,
    name="Loom",
    system="loom",
    base_currency="USD",
    time_zone="UTC",
    language="en",
    card_types=(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
CLIENT = Client(
    client_id=5,
    bill_to=BillTo(organization="Loom Ltd", first_name="Ada", p_city="Leeds"),
    language="fr",
    currency_code="CAD",
)
DELETED = replace(CLIENT, folder=Folder.DELETED)
CARD = AutobillRequest(
    gateway_name="Authorize.Net",
    card=CardRequest(
        number=CardText("4111111111111111"),
        name="Ada Loom",
        expiration=Expiration(month=3, year=2030),
    ),
)
STORED_CARD = Autobill(
    gateway_name="Authorize.Net",
    card=MaskedCard(
        number="************1111",
        name="Ada Loom",
        expiration=Expiration(month=3, year=2030),
    ),
)


def make(today: date = TODAY, **changes: Any) -> Profile:
    """Return what a create request makes."""
    return new_profile(
        ProfileChanges(**changes),
        client=CLIENT,
        account=ACCOUNT,
        staff_id=1,
        today=today,
        defaults=Defaults(),
    )


def change(
    profile: Profile, today: date = TODAY, client: Client = CLIENT, **changes: Any
) -> Profile:
    """Return what an update request makes of a profile."""
    return changed_profile(
        profile,
        ProfileChanges(**changes),
        client=client,
        account=ACCOUNT,
        today=today,
        carded=profile.autobill is not None,
    )


def dates(profile: Profile, count: int) -> list[date]:
    """Return the dates that are billed next, at most so many."""
    found: list[date] = []
    while profile.schedule.next_on is not None and len(found) < count:
        found.append(profile.schedule.next_on)
        profile = billed(profile)
    return found


def shown(profile: Profile) -> dict[str, Any]:
    """Return what an answer shows of the schedule, as an update would send it back."""
    return {
        "frequency": frequency.shown(profile.schedule.rule),
        "date": profile.start_on,
        "occurrences": profile.schedule.occurrences,
        "stopped": profile.stopped,
    }


STATES: dict[str, Callable[[], Profile]] = {
    "new": make,
    "to come": lambda: make(date=date(2026, 5, 1)),
    "billed once": lambda: billed(make()),
    "behind": lambda: make(today=date(2025, 1, 31)),
    "created paused": lambda: make(stopped=True),
    "paused": lambda: change(billed(make(occurrences=5)), stopped=True),
    "completed": lambda: billed(billed(make(occurrences=2))),
}
every_state = pytest.mark.parametrize("made", STATES.values(), ids=STATES.keys())
Made = Callable[[], Profile]


# Creation.


def test_a_new_profile_is_monthly_from_today_without_an_end() -> None:
    profile = make()
    assert profile.schedule.rule == MONTHLY
    assert (profile.state, profile.stopped) == (ACTIVE, False)
    assert profile.schedule.occurrences == 0
    assert dates(profile, 3) == [TODAY, date(2026, 2, 28), date(2026, 3, 31)]


def test_a_new_profile_begins_on_its_date() -> None:
    profile = make(date=date(2026, 5, 1), frequency=WEEKLY)
    assert dates(profile, 2) == [date(2026, 5, 1), date(2026, 5, 8)]


def test_a_new_profile_may_begin_today_but_not_before() -> None:
    assert make(date=TODAY).schedule.next_on == TODAY
    with pytest.raises(InvalidValueError) as refused:
        make(date=TODAY - timedelta(days=1))
    assert refused.value.field == "date"


def test_a_new_profile_that_is_stopped_rests() -> None:
    profile = make(stopped=True)
    assert (profile.state, profile.stopped) == (PAUSED, True)
    assert profile.schedule.next_on is None
    assert profile.start_on == TODAY


def test_a_new_profile_copies_the_clients_address_where_it_gives_none() -> None:
    profile = make(bill_to=BillToChanges(first_name="Ben", p_city=""))
    assert profile.bill_to == BillTo(
        organization="Loom Ltd", first_name="Ben", p_city=""
    )


def test_a_new_profile_speaks_the_clients_language_in_the_accounts_currency() -> None:
    profile = make()
    assert (profile.language, profile.currency_code) == ("fr", "USD")
    assert make(language="de").language == "de"
    assert make(language="").language == "fr"
    assert make(currency_code="EUR").currency_code == "EUR"


def test_a_new_profile_is_sent_by_email_and_not_by_snail_mail() -> None:
    profile = make()
    assert (profile.send_email, profile.send_snail_mail) == (True, False)


@pytest.mark.parametrize("discount", ["-0.01", "100.01", "-5", "1000"])
def test_a_discount_is_0_to_100_percent(discount: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        make(discount=Decimal(discount))
    assert refused.value.field == "discount"


@pytest.mark.parametrize("discount", ["0", "100", "33.3333"])
def test_a_discount_within_bounds_is_taken(discount: str) -> None:
    assert make(discount=Decimal(discount)).discount == Decimal(discount)


@pytest.mark.parametrize("code", ["", "XXX", "usd"])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        make(currency_code=code)
    with pytest.raises(UnknownCurrencyError):
        change(make(), currency_code=code)


def test_an_auto_billed_profile_is_in_the_base_currency() -> None:
    with pytest.raises(ForeignCurrencyError):
        make(autobill=CARD, currency_code="EUR")
    assert make(autobill=CARD, currency_code="USD").currency_code == "USD"


def test_an_auto_billed_profile_stays_in_the_base_currency() -> None:
    carded = replace(make(), autobill=STORED_CARD)
    with pytest.raises(ForeignCurrencyError):
        change(carded, currency_code="EUR")
    with pytest.raises(ForeignCurrencyError):
        change(make(currency_code="EUR"), autobill=CARD)


def test_a_profile_whose_card_is_deleted_may_change_its_currency() -> None:
    carded = replace(make(), autobill=STORED_CARD)
    assert change(carded, currency_code="EUR", autobill=None).currency_code == "EUR"


@pytest.mark.parametrize(
    "ask", [make, lambda **changes: change(make(), **changes)], ids=["create", "update"]
)
def test_amounts_that_are_too_large_are_refused(ask: Callable[..., Profile]) -> None:
    huge = LineChanges(unit_cost=Decimal(10**13), quantity=Decimal(1))
    with pytest.raises(InvalidValueError) as refused:
        ask(lines=(huge,))
    assert refused.value.field == "unit_cost"


# Billing.


def test_billing_counts_and_goes_on_to_the_next_date() -> None:
    profile = billed(make())
    assert profile.state is ACTIVE
    assert profile.schedule.billed_count == 1
    assert profile.schedule.last_billed_on == TODAY
    assert profile.schedule.next_on == date(2026, 2, 28)


def test_the_last_occurrence_completes_the_profile() -> None:
    profile = make(occurrences=2)
    assert billed(profile).state is ACTIVE
    profile = billed(billed(profile))
    assert (profile.state, profile.stopped) == (COMPLETED, True)
    assert profile.schedule.next_on is None


def test_the_end_of_the_calendar_completes_the_profile() -> None:
    last = date(2999, 12, 31)
    assert billed(make(today=last, date=last)).state is COMPLETED


@pytest.mark.parametrize("state", ["created paused", "paused", "completed"])
def test_a_profile_that_rests_is_not_billed(state: str) -> None:
    with pytest.raises(ValueError, match="no date"):
        billed(STATES[state]())


@pytest.mark.parametrize("occurrences", [0, 1])
def test_billing_changes_nothing_but_state_and_schedule(occurrences: int) -> None:
    profile = replace(make(occurrences=occurrences, notes="n"), recurring_id=9)
    after = billed(profile)
    assert after.schedule != profile.schedule
    assert replace(after, state=profile.state, schedule=profile.schedule) == profile


# What does not move the schedule.


@every_state
def test_an_update_that_names_nothing_changes_nothing(made: Made) -> None:
    assert change(made()) == made()


@every_state
@pytest.mark.parametrize("later", [0, 1, 27, 400, 4000])
def test_the_schedule_sent_back_as_it_was_read_changes_nothing(
    made: Made, later: int
) -> None:
    profile = made()
    today = TODAY + timedelta(days=later)
    assert change(profile, today, **shown(profile)) == profile


PLAIN: dict[str, Any] = {
    "client_id": 5,
    "contacts": (3,),
    "bill_to": BillToChanges(p_city="Hull"),
    "po_number": "PO 1",
    "currency_code": "EUR",
    "language": "de",
    "notes": "n",
    "terms": "t",
    "discount": Decimal(10),
    "return_uri": "https://loom.test/",
    "send_snail_mail": True,
    "send_email": False,
    "autobill": None,
    "lines": (LineChanges(name="Warp"),),
    "due_days": 14,
    "invoice_status": InvoiceStatus.DRAFT,
    "title": "Looms",
    "autopay": False,
    "send_receipt": SendReceipt.NEVER,
    "attributes": (Attribute("colour", "blue"),),
    "taxes": (TaxRate("GST", Decimal(5)),),
    "discounts": (Discount("Partner", percent=Decimal(5)),),
}


@every_state
@pytest.mark.parametrize("name", PLAIN)
def test_plain_fields_move_neither_dates_nor_state(made: Made, name: str) -> None:
    profile = made()
    # Weeks after its next date, which is then still to be caught up on.
    changed = change(profile, date(2026, 4, 20), **{name: PLAIN[name]})
    assert changed.schedule == profile.schedule
    assert changed.state is profile.state
    if name not in ("client_id", "autobill"):
        assert changed != profile


def test_the_plain_fields_are_all_fields_but_those_of_the_schedule() -> None:
    names = {field.name for field in fields(ProfileChanges)}
    assert names - set(PLAIN) == {
        "frequency",
        "schedule",
        "billing_model_id",
        "client",
        "default_tax_name",
        "default_tax_percent",
        "recurring_amount",
        "quantity",
        "date",
        "occurrences",
        "stopped",
    }


def test_a_default_tax_moves_neither_dates_nor_state() -> None:
    profile = make()
    changed = change(profile, default_tax_name="VAT", default_tax_percent=Decimal(20))
    assert changed == replace(profile, default_tax=TaxRate("VAT", Decimal(20)))


def test_an_empty_language_stays_as_it_was() -> None:
    assert change(make(language="de"), language="").language == "de"


def test_an_update_of_the_address_changes_the_named_parts() -> None:
    changed = change(make(), bill_to=BillToChanges(p_city="", p_code="LS1"))
    assert changed.bill_to == BillTo(
        organization="Loom Ltd", first_name="Ada", p_city="", p_code="LS1"
    )


# Pausing and resuming.


def test_stopping_pauses_and_starting_goes_on_without_making_up() -> None:
    paused = change(billed(make()), stopped=True)
    assert (paused.state, paused.schedule.next_on) == (PAUSED, None)
    resumed = change(paused, date(2026, 5, 20), stopped=False)
    assert resumed.state is ACTIVE
    assert dates(resumed, 2) == [date(2026, 5, 31), date(2026, 6, 30)]


def test_a_profile_resumed_on_one_of_its_days_is_billed_that_day() -> None:
    paused = change(billed(make()), stopped=True)
    resumed = change(paused, date(2026, 3, 31), stopped=False)
    assert resumed.schedule.next_on == date(2026, 3, 31)


def test_a_profile_paused_and_resumed_on_its_billing_day_is_not_billed_twice() -> None:
    paused = change(billed(make()), stopped=True)
    resumed = change(paused, stopped=False)
    assert resumed.schedule.next_on == date(2026, 2, 28)


def test_a_profile_paused_before_its_start_begins_there_when_resumed_in_time() -> None:
    paused = change(make(date=date(2026, 5, 1)), stopped=True)
    resumed = change(paused, date(2026, 4, 1), stopped=False)
    assert resumed.schedule.next_on == date(2026, 5, 1)


def test_dates_lost_to_a_pause_use_up_no_occurrence() -> None:
    paused = change(billed(make(occurrences=3)), stopped=True)
    resumed = change(paused, date(2027, 1, 1), stopped=False)
    assert dates(resumed, 9) == [date(2027, 1, 31), date(2027, 2, 28)]


@pytest.mark.parametrize(
    ("state", "stopped"),
    [("new", False), ("paused", True), ("created paused", True), ("completed", True)],
)
def test_pausing_and_resuming_are_idempotent(state: str, *, stopped: bool) -> None:
    profile = STATES[state]()
    assert change(profile, date(2026, 9, 9), stopped=stopped) == profile


@pytest.mark.parametrize(
    "moved",
    [
        {"frequency": WEEKLY},
        {"date": date(2026, 6, 1)},
        {"occurrences": 9},
        {"occurrences": 0},
    ],
    ids=str,
)
def test_a_paused_profile_stays_paused_whatever_its_schedule(
    moved: dict[str, Any],
) -> None:
    changed = change(STATES["paused"](), **moved)
    assert (changed.state, changed.schedule.next_on) == (PAUSED, None)


def test_a_paused_profile_goes_on_by_its_new_rule() -> None:
    paused = change(change(billed(make()), stopped=True), frequency=WEEKLY)
    resumed = change(paused, date(2026, 2, 10), stopped=False)
    # Weeks counted from the start, 31 January, a Saturday.
    assert dates(resumed, 2) == [date(2026, 2, 14), date(2026, 2, 21)]


def test_resuming_and_changing_the_rule_at_once_takes_the_new_rule() -> None:
    paused = change(billed(make()), stopped=True)
    resumed = change(paused, date(2026, 2, 10), stopped=False, frequency=WEEKLY)
    assert resumed.schedule.next_on == date(2026, 2, 14)


def test_pausing_and_moving_the_date_at_once_pauses() -> None:
    paused = change(make(), stopped=True, date=date(2026, 6, 1))
    assert (paused.state, paused.schedule.next_on) == (PAUSED, None)
    assert paused.start_on == date(2026, 6, 1)


# Completion.


def test_a_completed_profile_is_active_again_with_more_occurrences() -> None:
    done = STATES["completed"]()
    again = change(done, date(2026, 3, 5), occurrences=3)
    assert again.state is ACTIVE
    assert dates(again, 9) == [date(2026, 3, 31)]


def test_a_completed_profile_is_active_again_without_a_limit() -> None:
    again = change(STATES["completed"](), date(2026, 3, 5), occurrences=0)
    assert (again.state, again.schedule.next_on) == (ACTIVE, date(2026, 3, 31))


def test_a_completed_profile_with_more_occurrences_and_stopped_as_read_goes_on() -> (
    None
):
    # A client that writes back all it read, `stopped` 1 among it, and changes the one.
    done = STATES["completed"]()
    again = change(done, date(2026, 3, 5), **{**shown(done), "occurrences": 3})
    assert again.state is ACTIVE


@pytest.mark.parametrize(
    "moved",
    [
        {"stopped": False},
        {"frequency": WEEKLY},
        {"occurrences": 1},
        {"date": date(2026, 6, 1)},
    ],
    ids=str,
)
def test_a_completed_profile_stays_so_without_more_occurrences(
    moved: dict[str, Any],
) -> None:
    changed = change(STATES["completed"](), date(2026, 3, 5), **moved)
    assert (changed.state, changed.schedule.next_on) == (COMPLETED, None)


def test_fewer_occurrences_than_were_billed_complete_the_profile() -> None:
    changed = change(billed(billed(make(occurrences=5))), occurrences=2)
    assert (changed.state, changed.schedule.next_on) == (COMPLETED, None)


def test_a_paused_profile_whose_occurrences_are_used_up_completes_on_resuming() -> None:
    paused = change(STATES["paused"](), occurrences=1)
    assert paused.state is PAUSED
    assert change(paused, stopped=False).state is COMPLETED


# What moves the schedule.


def test_another_rule_counts_from_the_start() -> None:
    changed = change(billed(make()), date(2026, 2, 10), frequency=WEEKLY)
    assert dates(changed, 2) == [date(2026, 2, 14), date(2026, 2, 21)]


def test_another_rule_does_not_bill_a_day_twice() -> None:
    changed = change(billed(make()), frequency=WEEKLY)
    assert changed.schedule.next_on == date(2026, 2, 7)


def test_another_date_is_the_new_start() -> None:
    changed = change(billed(make()), date(2026, 2, 10), date=date(2026, 3, 5))
    assert dates(changed, 2) == [date(2026, 3, 5), date(2026, 4, 5)]
    assert changed.schedule.billed_count == 1


def test_another_date_may_not_be_past() -> None:
    profile = billed(make())
    with pytest.raises(InvalidValueError) as refused:
        change(profile, date(2026, 2, 10), date=date(2026, 2, 9))
    assert refused.value.field == "date"
    today = change(profile, date(2026, 2, 10), date=date(2026, 2, 10))
    assert today.schedule.next_on == date(2026, 2, 10)


def test_a_past_date_that_is_the_stored_one_is_taken() -> None:
    profile = billed(make())
    changed = change(profile, date(2026, 9, 1), date=TODAY, notes="n")
    assert changed.schedule == profile.schedule


def test_a_start_that_is_moved_to_a_day_already_billed_bills_the_next() -> None:
    profile = billed(make(date=TODAY, frequency=WEEKLY))
    moved = change(profile, date=date(2026, 2, 3))
    back = change(moved, date=TODAY)
    assert back.schedule.next_on == date(2026, 2, 7)


def test_a_change_of_occurrences_leaves_the_next_date() -> None:
    profile = billed(make())
    changed = change(profile, date(2026, 2, 10), occurrences=12)
    assert changed.schedule == replace(profile.schedule, occurrences=12)


# The client.


def test_a_profile_of_a_deleted_client_has_no_next_date() -> None:
    changed = change(make(), client=DELETED, notes="n")
    assert changed.schedule.next_on is None


@pytest.mark.parametrize(
    "moved",
    [
        {"stopped": False},
        {"frequency": WEEKLY},
        {"date": date(2026, 6, 1)},
        {"occurrences": 9},
    ],
    ids=str,
)
@every_state
def test_nothing_makes_a_profile_of_a_deleted_client_bill_again(
    made: Made, moved: dict[str, Any]
) -> None:
    changed = change(made(), date(2026, 5, 1), DELETED, **moved)
    assert changed.schedule.next_on is None


@every_state
def test_a_profile_of_a_deleted_client_is_written_back_without_change(
    made: Made,
) -> None:
    profile = made()
    # As the deletion of the client leaves it.
    profile = replace(profile, schedule=replace(profile.schedule, next_on=None))
    assert change(profile, TODAY, DELETED, **shown(profile)) == profile


def test_a_profile_moved_from_a_deleted_client_to_another_is_billed_again() -> None:
    profile = change(billed(make()), client=DELETED)
    assert profile.schedule.next_on is None
    other = replace(CLIENT, client_id=6)
    moved = change(profile, date(2026, 5, 20), other, client_id=6)
    assert (moved.client_id, moved.state) == (6, ACTIVE)
    # It shows `stopped` 0, so it has to have a next date.
    assert moved.schedule.next_on == date(2026, 5, 31)


def test_a_profile_that_changes_its_client_keeps_its_address_and_language() -> None:
    other = Client(client_id=6, bill_to=BillTo(organization="Weavers"), language="es")
    profile = billed(make())
    moved = change(profile, client=other, client_id=6)
    assert moved == replace(profile, client_id=6)


# Lines and amounts.


def test_other_lines_change_nothing_else() -> None:
    profile = billed(make())
    lines = (Line(line_id=1, unit_cost=Decimal(10), quantity=Decimal(4)),)
    assert with_lines(profile, lines) == replace(profile, lines=lines)


@pytest.mark.parametrize(
    ("count", "taken"), [(LINES_MAX, True), (LINES_MAX + 1, False)]
)
def test_a_profile_has_500_lines_at_most(count: int, *, taken: bool) -> None:
    lines = (Line(),) * count
    if taken:
        assert len(with_lines(make(), lines).lines) == LINES_MAX == 500
    else:
        with pytest.raises(InvalidValueError) as refused:
            with_lines(make(), lines)
        assert refused.value.field == "lines"


def test_lines_of_too_large_an_amount_are_refused() -> None:
    with pytest.raises(InvalidValueError) as refused:
        with_lines(make(), (Line(unit_cost=Decimal(10**13), quantity=Decimal(1)),))
    assert refused.value.field == "unit_cost"


def test_the_amount_is_the_total_of_the_next_invoice() -> None:
    profile = make(
        discount=Decimal(10),
        lines=(
            LineChanges(
                unit_cost=Decimal(10),
                quantity=Decimal(4),
                tax1_name="GST",
                tax1_percent=Decimal(5),
                tax2_name="PST",
                tax2_percent=Decimal(8),
            ),
        ),
    )
    priced = price(profile, date(2026, 3, 2))
    assert priced.total == Money(Decimal("40.68"), "USD")


@pytest.mark.parametrize(
    ("state", "stopped"), [(ACTIVE, False), (PAUSED, True), (COMPLETED, True)]
)
def test_a_legacy_client_is_told_stopped_by_the_state(
    state: ProfileState, *, stopped: bool
) -> None:
    assert replace(make(), state=state).stopped is stopped
