"""What is on its way out: stored, waiting, taken once."""

from datetime import timedelta

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


def waiting(api: Api, kind: OutgoingKind, limit: int = 10) -> list[int]:
    found = outgoing.waiting(api.account.account_id, kind, limit)
    assert all(item.kind is kind for item in found)
    return [item.outgoing_id for item in found]


def test_what_waits_is_listed_by_kind_and_account_the_oldest_first(
    api: Api, clocked: Api
) -> None:
    made(api)
    made(clocked)
    put(api, EMAIL, POST, EMAIL)
    put(clocked, POST)
    assert (waiting(api, EMAIL), waiting(api, POST)) == ([1, 3], [2])
    assert (waiting(clocked, EMAIL), waiting(clocked, POST)) == ([], [1])
    assert waiting(api, EMAIL, 1) == [1]
    (item,) = outgoing.waiting(api.account.account_id, POST, 10)
    assert item == Outgoing(
        outgoing_id=2,
        kind=POST,
        invoice_id=1,
        subject="s1",
        message="m",
        created_at=NOW,
    )


def test_what_was_handed_over_waits_no_more(api: Api) -> None:
    made(api)
    put(api, EMAIL, EMAIL)
    account_id = api.account.account_id
    with writing():
        assert outgoing.handed_over(account_id, 1, NOW)
        assert not outgoing.handed_over(account_id, 1, NOW + timedelta(days=1))
        assert not outgoing.handed_over(account_id, 9, NOW)
    assert waiting(api, EMAIL) == [2]
