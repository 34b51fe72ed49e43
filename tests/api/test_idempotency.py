"""A request with an idempotency key is carried out once, however often it comes."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from app import compose
from app.api import registry
from app.services import account as accounts
from app.services import housekeeping
from app.services import staff as people
from app.services.idempotency import KEPT
from app.services.ports import Ports
from app.storage import database
from app.storage.database import writing, writing_around
from tests import snapshot
from tests.conftest import PATH, Answer, Api, Clock

CLIENT = (
    '<request method="client.create"><client><email>{}@loom.test</email>'
    "<organization>Loom</organization></client></request>"
)
PROFILE = (
    '<request method="recurring.create"><recurring><client_id>1</client_id>'
    "<lines><line><name>x</name><unit_cost>1</unit_cost><quantity>1</quantity></line>"
    "</lines><autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>4111111111111111</number><name>Ada</name><expiration><month>4</month>"
    "<year>2031</year></expiration></card></autobill></recurring></request>"
)
LINES = (
    '<request method="recurring.lines.add"><recurring_id>1</recurring_id>'
    "<lines><line><name>y</name></line></lines></request>"
)


class DeathError(BaseException):
    """What no code of ours catches."""


def send(of: Api, body: str, key: str = "one") -> Answer:
    return of.post(body, headers={"Idempotency-Key": key})


def count(table: str) -> int:
    found: int = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608
    return found


SKIP = '<request method="recurring.skip"><recurring_id>1</recurring_id></request>'


def test_every_method_that_does_more_each_time_takes_a_key() -> None:
    verbs = (
        *(".create", ".add", ".billNow", ".skip"),
        *(".sendByEmail", ".sendBySnailMail"),
    )
    made = {name for name in registry.METHODS if name.endswith(verbs)}
    assert made == registry.ONCE


def test_a_date_that_is_skipped_again_with_the_same_key_is_skipped_once(
    api: Api,
) -> None:
    api.create_profile("<date>2031-01-31</date>")
    first = send(api, SKIP)
    assert first.text("next_issue_date") == "2031-02-28"
    assert send(api, SKIP).http.data == first.http.data
    assert send(api, SKIP, "two").text("next_issue_date") == "2031-03-31"


@pytest.mark.parametrize(
    ("body", "table"),
    [(CLIENT.format("a"), "client"), (PROFILE, "invoice"), (LINES, "recurring_line")],
)
def test_a_repeat_gets_the_first_answer_and_makes_nothing(
    api: Api, body: str, table: str
) -> None:
    api.create_profile("<date>2031-01-01</date>")
    before = count(table)
    first = send(api, body)
    assert first.ok, first.error
    after = snapshot.taken()
    assert [send(api, body).http.data for _ in range(3)] == [first.http.data] * 3
    assert snapshot.taken() == after
    assert count(table) == before + 1


def test_another_body_with_the_same_key_is_refused(api: Api) -> None:
    assert send(api, CLIENT.format("a")).ok
    answer = send(api, CLIENT.format("b"))
    assert (answer.code, answer.field) == ("40061", "Idempotency-Key")
    assert answer.http.status_code == 200
    assert count("client") == 1
    assert send(api, CLIENT.format("b"), "two").ok


def test_after_a_day_a_key_is_new(api: Api, clock: Clock) -> None:
    first = send(api, CLIENT.format("a"))
    clock.now += KEPT - timedelta(seconds=1)
    assert send(api, CLIENT.format("a")).http.data == first.http.data
    clock.now += timedelta(seconds=1)
    assert send(api, CLIENT.format("b")).text("client_id") == "2"
    assert send(api, CLIENT.format("b")).text("client_id") == "2"
    assert count("idempotency_key") == 1


def test_what_failed_stores_nothing_and_may_be_repeated(api: Api) -> None:
    before = snapshot.taken()
    assert send(api, PROFILE).code == "50010"
    assert send(api, "<request").code == "40010"
    assert snapshot.taken() == before
    api.create_client()
    assert send(api, PROFILE).ok


@pytest.mark.parametrize("key", ["", "x" * 256, "ä", "a\x7fb", "a\tb"])
def test_a_key_of_another_form_is_refused(api: Api, key: str) -> None:
    answer = send(api, CLIENT.format("a"), key)
    assert (answer.code, answer.field) == ("40060", "Idempotency-Key")
    assert count("client") == 0


def test_the_longest_key_will_do(api: Api) -> None:
    assert send(api, CLIENT.format("a"), "~" * 255).ok


def test_elsewhere_the_header_is_ignored(api: Api) -> None:
    assert send(api, '<request method="client.list"/>', "x" * 300).ok
    assert send(api, '<request method="staff.current"/>').ok
    assert send(api, '<request method="client.list"/>').ok


def test_a_key_is_its_persons_own(
    api: Api, ports: Ports, new_api: Callable[..., Api]
) -> None:
    people.add(ports, api.account.name, username="eva")
    name = api.account.name
    token = accounts.token(ports, name, revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    other = new_api("Other")
    found = [send(of, CLIENT.format("a")).text("client_id") for of in (api, eva, other)]
    assert found == ["1", "2", "1"]


def test_a_card_number_leaves_no_plain_digest(api: Api) -> None:
    api.create_client()
    assert send(api, PROFILE, "k").ok
    first = database.execute("SELECT request FROM idempotency_key").fetchone()[0]
    assert send(api, PROFILE, "l").ok
    both = database.execute("SELECT request FROM idempotency_key").fetchall()
    # Sealed: the same request is never stored as the same bytes.
    assert len({bytes(row[0]) for row in both}) == 2
    assert bytes(first) in {bytes(row[0]) for row in both}


def test_concurrent_repeats_make_one_object(api: Api, ports: Ports) -> None:
    app = compose.application_on(ports)
    answers: list[bytes] = []
    barrier = threading.Barrier(8)

    def post() -> None:
        with database.connection():
            barrier.wait(30)
            http = app.test_client().post(
                PATH,
                data=CLIENT.format("a"),
                headers={**api.headers, "Idempotency-Key": "one"},
            )
            answers.append(http.data)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert b"<client_id>1</client_id>" in answers[0]
    assert count("client") == 1


@pytest.mark.parametrize("done", [False, True])
def test_a_repeat_after_a_death_anywhere_makes_exactly_one(
    api: Api,
    done: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    api.create_client()
    before = snapshot.taken()
    with snapshot.dying_at(0, DeathError) as statements:
        assert send(api, PROFILE).ok
    total = len(statements)
    assert total > 12
    for number in range(1, total + 1):
        snapshot.put_back(before)
        with (
            snapshot.dying_at(number, DeathError, done=done),
            pytest.raises(DeathError),
        ):
            send(api, PROFILE)
        snapshot.connection_lost()
        answer = send(api, PROFILE)
        assert answer.text("recurring_id") == "1", statements[number - 1]
        assert answer.text("invoice_id") == "1"
        assert (count("recurring"), count("invoice"), count("autobill")) == (1, 1, 1)


# Joining a transaction.


def test_only_the_next_writing_of_the_account_joins(api: Api) -> None:
    account_id = api.account.account_id
    other = account_id + 1
    with writing_around(account_id):
        for wrong in (None, other):
            with pytest.raises(RuntimeError, match="begun once"), writing(wrong):
                pass
        with (
            writing(account_id),
            pytest.raises(RuntimeError, match="begun once"),
            writing(account_id),
        ):
            pass
        with pytest.raises(RuntimeError, match="begun once"), writing(account_id):
            pass
    with writing(account_id):
        pass


def test_a_part_that_failed_undoes_the_whole_whoever_caught_it(api: Api) -> None:
    account_id = api.account.account_id
    before = snapshot.taken()
    sql = "UPDATE account SET name = ? WHERE account_id = ?"

    def part() -> None:
        with writing(account_id):
            database.execute(sql, ("changed", account_id))
            raise ValueError("part")

    def whole() -> None:
        with writing_around(account_id), suppress(ValueError):
            part()

    with pytest.raises(RuntimeError, match="has failed"):
        whole()
    assert snapshot.taken() == before


# Housekeeping.


def test_what_has_expired_is_thrown_away_in_batches(
    api: Api, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    for number in range(5):
        assert send(api, CLIENT.format(number), f"k{number}").ok
        accounts_try(api, number)
    housekeeping.tidy(ports)
    assert (count("idempotency_key"), count("login_failure")) == (5, 6)
    clock.now += timedelta(minutes=1)
    housekeeping.tidy(ports)
    assert (count("idempotency_key"), count("login_failure")) == (5, 0)
    clock.now += KEPT - timedelta(minutes=1)
    assert send(api, CLIENT.format("new"), "new").ok
    housekeeping.tidy(ports)
    assert count("idempotency_key") == 1
    assert count("client") == 6


def test_a_pass_does_a_bounded_amount(
    api: Api, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 1)
    monkeypatch.setattr(housekeeping, "BATCHES", 2)
    for number in range(5):
        assert send(api, CLIENT.format(number), f"k{number}").ok
    clock.now += KEPT
    housekeeping.tidy(ports)
    assert count("idempotency_key") == 3


def accounts_try(api: Api, number: int) -> None:
    wrong = Api(api.client, api.account, f"{number:08d}")
    assert wrong.post('<request method="staff.current"/>').code == "20010"
