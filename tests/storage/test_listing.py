"""Long lists: blocks count what is there, pages cover every row exactly once."""

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.domain.account import Scope
from app.domain.bill_to import BillTo
from app.domain.client import Client, ClientFilter
from app.domain.folder import LISTED, Folder
from app.domain.paging import Page
from app.storage import client as clients
from app.storage import counter, database, listing, rows, tables
from app.storage.database import reading, writing
from app.storage.listing import BLOCK, Place
from tests.conftest import Api


class UndoneError(Exception):
    """Ends a transaction without its work."""


AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
_numbers = itertools.count()

with_database = hypothesis_settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

# What happens to a list: so many new rows, so many ids that no row has (as other
# blocks come nearer), or the row of a rank moved to a folder.
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 6), st.just(Folder.ACTIVE)),
        st.tuples(
            st.just("skip"),
            st.sampled_from([1, BLOCK // 2, BLOCK - 3, BLOCK, 3 * BLOCK]),
            st.just(Folder.ACTIVE),
        ),
        st.tuples(st.just("move"), st.integers(0, 50), st.sampled_from(Folder)),
    ),
    min_size=1,
    max_size=25,
)
Step = tuple[str, int, Folder]


def new_client() -> Client:
    return Client(
        bill_to=BillTo(organization="Loom"),
        email="ada@loom.test",
        language="en",
        currency_code="USD",
        view_key=f"view {next(_numbers)}",
    )


def add(account_id: int) -> int:
    return clients.insert(Scope(account_id), new_client(), AT)


def move(account_id: int, client_id: int, folder: Folder) -> None:
    client = clients.get(Scope(account_id), client_id)
    assert client is not None
    clients.move(account_id, client, folder, AT)


def apply(account_id: int, happened: list[Step]) -> dict[int, Folder]:
    """Do what happens and return every row's folder by its id."""
    folders: dict[int, Folder] = {}
    with writing():
        for what, number, folder in happened:
            if what == "add":
                for _ in range(number):
                    folders[add(account_id)] = Folder.ACTIVE
            elif what == "skip":
                counter.take(account_id, "client", number)
            elif folders:
                client_id = sorted(folders)[number % len(folders)]
                move(account_id, client_id, folder)
                folders[client_id] = folder
    return folders


def counted(account_id: int) -> dict[tuple[int, str], int]:
    """Return the sizes that blocks and folders are said to have."""
    table = tables.ListingBlock
    query = table.select(table.block, table.folder, table.size).where(
        table.account_id == account_id, table.noun == "client", table.size > 0
    )
    return {(block, folder): size for block, folder, size in rows.tuples(query)}


def pages(account_id: int, folder: Folder | None, size: int) -> list[list[int]]:
    """Return the ids of every page, up to the first empty one."""
    found: list[list[int]] = []
    while True:
        page = Page(number=len(found) + 1, size=size)
        with reading():
            listed = clients.page(Scope(account_id), ClientFilter(folder=folder), page)
        found.append([client.client_id for client in listed.rows])
        if not listed.rows:
            return found


@with_database
@given(happened=steps)
def test_block_counts_are_the_real_counts(
    new_api: Callable[..., Api], happened: list[Step]
) -> None:
    account_id = new_api(f"Loom {next(_numbers)}").account.account_id
    folders = apply(account_id, happened)
    real = Counter(
        (client_id // BLOCK, folder.value) for client_id, folder in folders.items()
    )
    assert counted(account_id) == dict(real)


@with_database
@given(happened=steps, size=st.integers(1, 9))
def test_pages_cover_every_row_exactly_once_from_the_newest_down(
    new_api: Callable[..., Api], happened: list[Step], size: int
) -> None:
    account_id = new_api(f"Loom {next(_numbers)}").account.account_id
    folders = apply(account_id, happened)
    for wanted in (None, *Folder):
        among = LISTED if wanted is None else (wanted,)
        ids = sorted((i for i, folder in folders.items() if folder in among))[::-1]
        found = pages(account_id, wanted, size)
        assert list(itertools.chain(*found)) == ids
        assert all(len(page) == size for page in found[:-2])


@with_database
@given(
    happened=steps,
    number=st.integers(1, 60),
    size=st.integers(1, 9),
    folder=st.sampled_from([None, *Folder]),
)
def test_every_page_knows_the_total(
    new_api: Callable[..., Api],
    happened: list[Step],
    number: int,
    size: int,
    folder: Folder | None,
) -> None:
    account_id = new_api(f"Loom {next(_numbers)}").account.account_id
    folders = apply(account_id, happened)
    among = LISTED if folder is None else (folder,)
    real = sum(of in among for of in folders.values())
    page = Page(number=number, size=size)
    listed = clients.page(Scope(account_id), ClientFilter(folder=folder), page)
    assert listed.total == real
    assert listed.pages == max(1, -(-real // size))
    assert listed.page == page


@with_database
@given(happened=steps, number=st.integers(1, 6), size=st.integers(1, 9))
def test_a_narrowed_list_has_the_same_pages(
    new_api: Callable[..., Api], happened: list[Step], number: int, size: int
) -> None:
    # A condition that every row meets is answered without the blocks.
    account_id = new_api(f"Loom {next(_numbers)}").account.account_id
    apply(account_id, happened)
    page = Page(number=number, size=size)
    by_blocks = clients.page(Scope(account_id), ClientFilter(), page)
    counted_out = clients.page(
        Scope(account_id), ClientFilter(email="ada@loom.test"), page
    )
    assert by_blocks == counted_out


@pytest.mark.parametrize("before", [BLOCK - 2, 2 * BLOCK - 2])
def test_a_page_reaches_across_the_border_of_two_blocks(api: Api, before: int) -> None:
    of = api.account.account_id
    with writing():
        counter.take(of, "client", before)
        ids = [add(of) for _ in range(4)]
    assert len({client_id // BLOCK for client_id in ids}) == 2
    assert pages(of, None, 4) == [ids[::-1], []]
    assert pages(of, None, 3) == [ids[:0:-1], [ids[0]], []]


def test_each_account_has_lists_of_its_own(new_api: Callable[..., Api]) -> None:
    one = new_api("One").account.account_id
    other = new_api("Other").account.account_id
    with writing():
        ids = [add(one) for _ in range(3)]
        add(other)
    assert pages(one, None, 2) == [[ids[2], ids[1]], [ids[0]], []]
    assert pages(other, None, 2) == [[1], []]


@pytest.mark.parametrize("number", [1, 2, 10**6, 999_999_999])
def test_an_empty_list_has_one_page_and_none_after_it(api: Api, number: int) -> None:
    listed = clients.page(
        Scope(api.account.account_id), ClientFilter(), Page(number=number, size=25)
    )
    assert (listed.rows, listed.total, listed.pages) == ((), 0, 1)


def test_a_page_far_past_the_end_is_empty_and_knows_the_total(api: Api) -> None:
    of = api.account.account_id
    with writing():
        add(of)
    listed = clients.page(Scope(of), ClientFilter(), Page(number=999_999_999, size=100))
    assert (listed.rows, listed.total, listed.pages) == ((), 1, 1)


def test_a_move_into_the_same_folder_counts_once(api: Api) -> None:
    of = api.account.account_id
    with writing():
        client_id = add(of)
        move(of, client_id, Folder.ACTIVE)
    assert counted(of) == {(0, "active"): 1}


def test_a_transaction_that_is_undone_leaves_the_counts(api: Api) -> None:
    of = api.account.account_id
    with writing():
        client_id = add(of)
    with suppress(UndoneError), writing():
        add(of)
        move(of, client_id, Folder.DELETED)
        raise UndoneError
    assert counted(of) == {(0, "active"): 1}
    assert pages(of, None, 5) == [[client_id], []]


def test_counting_out_a_row_that_was_never_counted_is_refused(api: Api) -> None:
    # Sizes below zero would make pages lie; the database does not take them.
    of = api.account.account_id
    with writing():
        client_id = add(of)
        move(of, client_id, Folder.DELETED)
    with pytest.raises(database.IntegrityError), writing():
        listing.moved(of, "client", client_id, Folder.ACTIVE, Folder.ARCHIVED)


def test_a_place_is_found_by_whole_blocks(api: Api) -> None:
    of = api.account.account_id
    with writing():
        for row_id in (1, 5, BLOCK, BLOCK + 1, 3 * BLOCK):
            listing.added(of, "sample", [row_id], Folder.ACTIVE)
        listing.added(of, "sample", [2], Folder.DELETED)
    expected = {
        0: Place(below=4 * BLOCK, skip=0, total=5),
        1: Place(below=2 * BLOCK, skip=0, total=5),
        2: Place(below=2 * BLOCK, skip=1, total=5),
        3: Place(below=BLOCK, skip=0, total=5),
        4: Place(below=BLOCK, skip=1, total=5),
        5: Place(below=0, skip=0, total=5),
    }
    found = {offset: listing.place(of, "sample", LISTED, offset) for offset in expected}
    assert found == expected


def test_a_late_page_steps_over_less_than_a_block(api: Api) -> None:
    of = api.account.account_id
    with writing():
        listing.added(of, "sample", range(1, 3 * BLOCK), Folder.ACTIVE)
    for offset in range(0, 3 * BLOCK, 97):
        assert listing.place(of, "sample", LISTED, offset).skip < BLOCK


def test_a_stored_client_comes_back_with_the_folder_it_was_moved_to(api: Api) -> None:
    of = api.account.account_id
    with writing():
        client_id = add(of)
        before = clients.get(Scope(of), client_id)
        move(of, client_id, Folder.ARCHIVED)
    assert before is not None
    assert clients.get(Scope(of), client_id) == replace(before, folder=Folder.ARCHIVED)
