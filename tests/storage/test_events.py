"""Events in the database: numbered by profile, given back as they were."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.domain.account import Scope
from app.domain.event import Change, Event, What
from app.domain.paging import Page
from app.storage import tables
from app.storage.database import IntegrityError, writing
from app.storage.events import OF_RECURRING
from tests.conftest import Api

AT = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
CHANGE = Change("notes", 'Löm & "Söhne"', "a\nb")


def event(
    recurring_id: int, what: What = What.UPDATE, staff_id: int | None = 1
) -> Event:
    return Event(
        of_id=recurring_id,
        client_id=1,
        at=AT,
        staff_id=staff_id,
        what=what,
        changes=[CHANGE],
    )


@pytest.fixture(name="of")
def of_(api: Api) -> int:
    """Provide an account with two profiles that nothing is told of."""
    client_id = api.create_client()
    for _ in range(2):
        api.create_profile("<date>2026-04-01</date>", client_id)
    tables.RecurringEvent.delete().execute()
    return api.account.account_id


def found(of: int, recurring_id: int, page: Page | None = None) -> list[Event]:
    return list(OF_RECURRING.page(Scope(of), recurring_id, page or Page()).rows)


def test_an_event_comes_back_as_it_was(of: int) -> None:
    with writing():
        OF_RECURRING.insert(of, [event(1)])
    (back,) = found(of, 1)
    assert (back.number, back.username, back.at) == (1, "admin", AT)
    assert (back.what, list(back.changes)) == (What.UPDATE, [CHANGE])
    assert (back.client_id, back.staff_id) == (1, 1)


def test_what_the_server_did_has_no_person(of: int) -> None:
    with writing():
        OF_RECURRING.insert(of, [event(1, What.COMPLETE, staff_id=None)])
    (back,) = found(of, 1)
    assert (back.staff_id, back.username) == (None, "")


def test_events_are_numbered_by_profile_however_many_come_at_once(of: int) -> None:
    with writing():
        OF_RECURRING.insert(of, [event(1), event(2), event(1)])
        OF_RECURRING.insert(of, [])
        OF_RECURRING.insert(of, [event(1)])
    assert [each.number for each in found(of, 1)] == [3, 2, 1]
    assert [each.number for each in found(of, 2)] == [1]


def test_a_page_is_the_newest_first_with_the_total(of: int) -> None:
    with writing():
        OF_RECURRING.insert(of, [event(1)] * 5)
    listing = OF_RECURRING.page(Scope(of), 1, Page(number=2, size=2))
    assert [each.number for each in listing.rows] == [3, 2]
    assert (listing.total, listing.pages) == (5, 3)
    assert found(of, 1, Page(number=10**30, size=100)) == []


def test_events_are_the_accounts_own(of: int, new_api: Callable[..., Api]) -> None:
    other = new_api("Other")
    other.create_profile("<date>2026-04-01</date>")
    with writing():
        OF_RECURRING.insert(of, [event(1)])
    (back,) = found(other.account.account_id, 1)
    assert back.what is What.CREATE


def test_there_is_no_event_of_no_profile(of: int) -> None:
    with pytest.raises(IntegrityError), writing():
        OF_RECURRING.insert(of, [event(99)])
