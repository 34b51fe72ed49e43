"""What is on its way out: stored, waiting, taken once."""

from datetime import datetime, timedelta

from app.domain.outgoing import Outgoing, OutgoingKind
from app.storage import outgoing
from app.storage.database import writing
from tests.conftest import NOW, Api
from tests.invoices import made

EMAIL, POST = OutgoingKind


def put(api: Api, *kinds: OutgoingKind) -> None:
    items = [
        Outgoing(kind=kind, invoice_id=1, subject=f"s{n}", message="m", created_at=NOW)
        for n, kind in enumerate(kinds)
    ]
    with writing():
        outgoing.insert(api.account.account_id, items)


def waiting(now: datetime = NOW, limit: int = 10) -> list[tuple[int, int]]:
    """Return account and id of what waits."""
    found = outgoing.waiting(now, limit)
    return [(account_id, item.outgoing_id) for account_id, item in found]


def test_what_waits_is_listed_by_account_the_oldest_first(
    api: Api, clocked: Api
) -> None:
    made(api)
    made(clocked)
    put(clocked, POST)
    put(api, EMAIL, POST)
    assert waiting() == [(1, 1), (1, 2), (2, 1)]
    assert waiting(limit=1) == [(1, 1)]
    assert outgoing.waiting(NOW, 2)[1] == (
        1,
        Outgoing(
            outgoing_id=2,
            kind=POST,
            invoice_id=1,
            subject="s1",
            message="m",
            created_at=NOW,
        ),
    )


def test_what_was_handed_over_waits_no_more_and_cannot_be_claimed(api: Api) -> None:
    made(api)
    put(api, EMAIL, EMAIL)
    with writing():
        assert outgoing.claimed(1, 1)
        outgoing.handed_over(1, 1, NOW)
        assert not outgoing.claimed(1, 1)
        assert not outgoing.claimed(1, 9)
        assert outgoing.claimed(1, 2)
    assert waiting() == [(1, 2)]


def test_what_is_put_off_comes_last_once_its_time_has_come(api: Api) -> None:
    made(api)
    put(api, EMAIL, POST)
    later = NOW + timedelta(minutes=5)
    with writing():
        outgoing.put_off(1, 1, later)
    assert waiting() == [(1, 2)]
    assert waiting(later) == [(1, 2), (1, 1)]


def test_what_was_handed_over_cannot_be_put_off(api: Api) -> None:
    made(api)
    put(api, EMAIL)
    with writing():
        outgoing.handed_over(1, 1, NOW)
        outgoing.put_off(1, 1, NOW)
    assert waiting() == []
