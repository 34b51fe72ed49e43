from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.conftest import Answer, Api, Clock

CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card><number>4111111111111111"
    "</number><name>Ada</name><expiration><month>7</month><year>2031</year>"
    "</expiration></card></autobill>"
)


def ids(answer: Answer) -> list[int]:
    assert answer.ok, answer.error
    return [int(text) for text in answer.all("recurring_id")]


def listed(api: Api, filters: str) -> list[int]:
    return ids(api.call("recurring.list", filters))


def paging(answer: Answer) -> list[tuple[str, str]]:
    found = answer.find("recurrings")
    assert found is not None
    return [(str(name), str(value)) for name, value in found.attrib.items()]


def figures(answer: Answer) -> tuple[int, ...]:
    return tuple(int(value) for _, value in paging(answer))


def test_profiles_come_by_descending_id(api: Api) -> None:
    client_id = api.create_client()
    for day in ("2026-05-01", "2026-04-01", "2026-06-01"):
        api.create_profile(f"<date>{day}</date>", client_id)
    assert listed(api, "") == [3, 2, 1]


def test_a_list_without_profiles_is_an_empty_page(api: Api) -> None:
    answer = api.call("recurring.list")
    assert answer.http.data.endswith(
        b'  <recurrings page="1" per_page="25" pages="1" total="0"/>\n</response>\n'
    )


def test_the_four_attributes_come_in_their_order(api: Api) -> None:
    api.create_profile()
    assert paging(api.call("recurring.list")) == [
        ("page", "1"),
        ("per_page", "25"),
        ("pages", "1"),
        ("total", "1"),
    ]


def test_a_list_holds_whole_profiles(api: Api) -> None:
    recurring_id = api.create_profile(
        f"<notes>x</notes><lines><line><name>a</name></line></lines>{CARD}"
    )
    got = str(api.get(recurring_id).http.data, "utf-8")
    wanted = [line.strip() for line in got.splitlines()[2:-1]]
    answer = str(api.call("recurring.list").http.data, "utf-8")
    assert [line.strip() for line in answer.splitlines()[3:-2]] == wanted


def test_pages_cut_the_list_without_gap_or_double(api: Api) -> None:
    client_id = api.create_client()
    for _ in range(7):
        api.create_profile("", client_id)
    answers = [
        api.call("recurring.list", f"<per_page>3</per_page><page>{page}</page>")
        for page in (1, 2, 3)
    ]
    assert [ids(answer) for answer in answers] == [[7, 6, 5], [4, 3, 2], [1]]
    assert [figures(answer) for answer in answers] == [
        (1, 3, 3, 7),
        (2, 3, 3, 7),
        (3, 3, 3, 7),
    ]


@pytest.mark.parametrize("page", ["2", "999", "999999999", "9223372036854775808"])
def test_a_page_past_the_end_is_empty_and_says_how_many_there_are(
    api: Api, page: str
) -> None:
    api.create_profile()
    answer = api.call("recurring.list", f"<page>{page}</page>")
    assert ids(answer) == []
    assert figures(answer) == (int(page), 25, 1, 1)


@pytest.mark.parametrize(
    ("filters", "page", "per_page"),
    [
        ("<per_page>100</per_page>", 1, 100),
        ("<per_page>101</per_page>", 1, 100),
        ("<per_page>999999999</per_page>", 1, 100),
        ("<per_page>0</per_page>", 1, 25),
        ("<per_page>-5</per_page>", 1, 25),
        ("<per_page>all</per_page>", 1, 25),
        ("<per_page/>", 1, 25),
        ("<per_page>007</per_page>", 1, 7),
        ("<page>0</page>", 1, 25),
        ("<page>-1</page>", 1, 25),
        ("<page>x</page>", 1, 25),
        ("<page/>", 1, 25),
        ("<page>02</page><per_page>10</per_page>", 2, 10),
    ],
)
def test_page_and_size_are_clamped_in_silence(
    api: Api, filters: str, page: int, per_page: int
) -> None:
    answer = api.call("recurring.list", filters)
    assert figures(answer) == (page, per_page, 1, 0)


def test_no_page_is_longer_than_a_hundred(api: Api) -> None:
    client_id = api.create_client()
    for _ in range(101):
        api.create_profile("<stopped>1</stopped>", client_id)
    answer = api.call("recurring.list", "<per_page>500</per_page>")
    assert len(ids(answer)) == 100
    assert figures(answer) == (1, 100, 2, 101)


@pytest.fixture(name="filled")
def filled_(api: Api, clock: Clock) -> Api:
    """Provide profiles 1 to 4 of clients 1 and 2, made an hour apart."""
    api.create_client()
    api.create_client()
    for client_id, content in (
        (1, "<date>2026-03-02</date>"),
        (2, f"<date>2026-03-10</date>{CARD}"),
        (1, f"<date>2026-03-20</date>{CARD}"),
        (2, "<date>2026-04-01</date>"),
    ):
        api.create_profile(content, client_id)
        clock.now = clock.now.replace(hour=clock.now.hour + 1)
    return api


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("", [4, 3, 2, 1]),
        ("<client_id>1</client_id>", [3, 1]),
        ("<client_id>00000000002</client_id>", [4, 2]),
        ("<client_id>3</client_id>", []),
        ("<client_id/>", [4, 3, 2, 1]),
        ("<autobill>1</autobill>", [3, 2]),
        ("<autobill>0</autobill>", [4, 1]),
        ("<autobill/>", [4, 3, 2, 1]),
        ("<date_from>2026-03-10</date_from>", [4, 3, 2]),
        ("<date_from>2026-03-11</date_from>", [4, 3]),
        ("<date_to>2026-03-20</date_to>", [3, 2, 1]),
        ("<date_to>2026-03-19</date_to>", [2, 1]),
        ("<date_from>2026-03-10</date_from><date_to>2026-03-10</date_to>", [2]),
        ("<date_from>2026-03-10 23:59:59</date_from>", [4, 3, 2]),
        ("<date_to>2026-03-20 00:00:00</date_to>", [3, 2, 1]),
        ("<date_from/><date_to/>", [4, 3, 2, 1]),
        ("<date_from>2026-03-20</date_from><date_to>2026-03-10</date_to>", []),
        # The profiles were made at 10, 11, 12 and 13 o'clock in New York.
        ("<updated_from>2026-03-02 11:00:00</updated_from>", [4, 3, 2]),
        ("<updated_from>2026-03-02 11:00:01</updated_from>", [4, 3]),
        ("<updated_to>2026-03-02 11:00:00</updated_to>", [2, 1]),
        ("<updated_to>2026-03-02 10:59:59</updated_to>", [1]),
        ("<updated_from>2026-03-02</updated_from>", [4, 3, 2, 1]),
        ("<updated_from>2026-03-03</updated_from>", []),
        ("<updated_from/><updated_to/>", [4, 3, 2, 1]),
        (
            (
                "<updated_from>2026-03-02T11:00</updated_from>"
                "<updated_to>2026-03-02 12:00:00</updated_to>"
            ),
            [3, 2],
        ),
        ("<folder>active</folder>", [4, 3, 2, 1]),
        ("<folder>archived</folder>", []),
        ("<folder>deleted</folder>", []),
        ("<folder/>", [4, 3, 2, 1]),
        (
            (
                "<client_id>1</client_id><autobill>1</autobill><folder>active</folder>"
                "<date_from>2026-03-01</date_from><page>1</page><per_page>50</per_page>"
            ),
            [3],
        ),
    ],
)
def test_a_list_is_narrowed_by_its_filters(
    filled: Api, filters: str, expected: list[int]
) -> None:
    answer = filled.call("recurring.list", filters)
    assert ids(answer) == expected
    assert figures(answer)[3] == len(expected)


@pytest.mark.parametrize(
    ("filters", "code", "field"),
    [
        ("<client_id>a</client_id>", "50010", "client_id"),
        ("<autobill>yes</autobill>", "40060", "autobill"),
        ("<date_from>March</date_from>", "40060", "date_from"),
        ("<date_to>2026-02-30</date_to>", "40060", "date_to"),
        ("<updated_from>2026-03-02 25:00:00</updated_from>", "40060", "updated_from"),
        ("<updated_to>soon</updated_to>", "40060", "updated_to"),
        ("<folder>trash</folder>", "40060", "folder"),
        ("<frequency>monthly</frequency>", "40060", "frequency"),
        ("<datefrom>2026-03-02</datefrom>", "40060", "datefrom"),
    ],
)
def test_a_bad_filter_is_refused(
    filled: Api, filters: str, code: str, field: str
) -> None:
    answer = filled.call("recurring.list", filters)
    assert (answer.code, answer.field) == (code, field)


def test_filters_and_pages_work_together(filled: Api) -> None:
    answer = filled.call(
        "recurring.list", "<autobill>1</autobill><per_page>1</per_page><page>2</page>"
    )
    assert ids(answer) == [2]
    assert figures(answer) == (2, 1, 2, 2)


def test_the_folders_are_apart(filled: Api) -> None:
    filled.call("recurring.delete", "<recurring_id>2</recurring_id>")
    assert listed(filled, "") == [4, 3, 1]
    assert listed(filled, "<folder>active</folder>") == [4, 3, 1]
    assert listed(filled, "<folder>deleted</folder>") == [2]
    assert figures(filled.call("recurring.list")) == (1, 25, 1, 3)


def test_updating_a_profile_moves_it_in_time(filled: Api, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
    filled.update(1, "<notes>x</notes>")
    assert listed(filled, "<updated_from>2026-03-03</updated_from>") == [1]


def test_times_are_in_the_accounts_zone(
    new_api: Callable[..., Api], clock: Clock
) -> None:
    clock.now = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    berlin = new_api("Berlin", time_zone="Europe/Berlin")
    berlin.create_profile()
    assert listed(berlin, "<updated_from>2026-03-02 23:30:00</updated_from>") == [1]
    assert listed(berlin, "<updated_from>2026-03-02 23:30:01</updated_from>") == []


def test_a_list_shows_nothing_of_other_accounts(
    filled: Api, new_api: Callable[..., Api]
) -> None:
    other = new_api("Other")
    assert listed(other, "") == []
    assert listed(other, "<client_id>1</client_id>") == []
    other.create_profile("<notes>mine</notes>")
    assert other.call("recurring.list").all("notes") == ["mine"]
    assert listed(filled, "") == [4, 3, 2, 1]
