"""recurring.history: each change of a profile, who made it, and who may see it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.engine import run
from app.services import account as accounts
from app.services import issuing
from app.services import staff as people
from app.services.ports import Ports
from app.storage import database, tables
from tests.conftest import NOW as START
from tests.conftest import Answer, Api, Clock

LINE = (
    "<lines><line><name>Hosting</name><unit_cost>40</unit_cost>"
    "<quantity>2</quantity></line></lines>"
)
LATER = "<date>2026-04-01</date>"

Told = list[tuple[str, dict[str, tuple[str, str]]]]


def history(api: Api, recurring_id: int = 1, more: str = "") -> Answer:
    content = f"<recurring_id>{recurring_id}</recurring_id>{more}"
    return api.call("recurring.history", content)


def told(api: Api, recurring_id: int = 1) -> Told:
    """Return what happened, the newest first: the event, old and new by field."""
    answer = history(api, recurring_id)
    assert answer.ok, answer.error
    found = answer.find("events")
    assert found is not None
    events = []
    for event in found:
        *_, what, changes = event
        texts = [[each.text or "" for each in change] for change in changes]
        by_field = {field: (old, new) for field, old, new in texts}
        assert len(by_field) == len(texts)
        events.append((what.text or "", by_field))
    return events


def act(api: Api, verb: str, more: str = "", recurring_id: int = 1) -> Answer:
    content = f"<recurring_id>{recurring_id}</recurring_id>{more}"
    answer = api.call(f"recurring.{verb}", content)
    assert answer.ok, answer.error
    return answer


def autobill(
    number: str, name: str = "Ada Byron", gateway: str = "Authorize.Net"
) -> str:
    return (
        f"<autobill><gateway_name>{gateway}</gateway_name><card><number>{number}"
        f"</number><name>{name}</name><expiration><month>7</month><year>2031</year>"
        "</expiration></card></autobill>"
    )


@pytest.fixture(name="eva")
def eva_(api: Api, ports: Ports) -> Api:
    """Provide the account with the token of a person who has no clients yet."""
    name = api.account.name
    people.add(ports, name, username="eva")
    token = accounts.token(ports, name, revoke_others=False, username="eva")
    return Api(api.client, api.account, token)


def test_an_event_has_its_elements_in_order(api: Api) -> None:
    api.create_profile(LATER + LINE)
    api.update(1, "<title>Loom</title>")

    body = history(api).http.data.decode()

    head = '<events page="1" per_page="25" pages="1" total="2">'
    assert head in body
    assert body.partition(head)[2].startswith(
        """
    <event>
      <number>2</number>
      <date>2026-03-02 10:00:00</date>
      <staff_id>1</staff_id>
      <username>admin</username>
      <what>update</what>
      <changes>
        <change>
          <field>title</field>
          <old></old>
          <new>Loom</new>
        </change>
      </changes>
    </event>
    <event>
      <number>1</number>
      <date>2026-03-02 10:00:00</date>
      <staff_id>1</staff_id>
      <username>admin</username>
      <what>create</what>
      <changes/>
    </event>
"""
    )


def test_every_method_that_changes_a_profile_is_told_by_its_verb(api: Api) -> None:
    api.create_profile(LATER + LINE)
    act(api, "pause")
    act(api, "resume")
    act(api, "archive")
    act(api, "restore")
    act(api, "changeDate", "<date>2026-04-10</date><use_new_day>1</use_new_day>")
    act(api, "skip")
    act(api, "billNow")
    more = "<lines><line><name>x</name><quantity>1</quantity></line></lines>"
    act(api, "lines.add", more)
    (line_id,) = act(api, "lines.add", more).all("line_id")
    changed = more.replace("<name>x", f"<line_id>{line_id}</line_id><name>y")
    act(api, "lines.update", changed)
    act(api, "lines.delete", f"<line_id>{line_id}</line_id>")

    assert told(api)[::-1] == [
        ("create", {}),
        (
            "pause",
            {"state": ("active", "paused"), "next_issue_date": ("2026-04-01", "")},
        ),
        (
            "resume",
            {"state": ("paused", "active"), "next_issue_date": ("", "2026-04-01")},
        ),
        (
            "archive",
            {
                "state": ("active", "archived"),
                "folder": ("active", "archived"),
                "next_issue_date": ("2026-04-01", ""),
            },
        ),
        (
            "restore",
            {
                "state": ("archived", "active"),
                "folder": ("archived", "active"),
                "next_issue_date": ("", "2026-04-01"),
            },
        ),
        (
            "changeDate",
            {
                "next_issue_date": ("2026-04-01", "2026-04-10"),
                "use_new_day": ("0", "1"),
            },
        ),
        (
            "skip",
            {
                "schedule/start_date": ("", "2026-04-10"),
                "next_issue_date": ("2026-04-10", "2026-05-10"),
                "use_new_day": ("1", "0"),
            },
        ),
        (
            "billNow",
            {"invoice_id": ("", "1"), "last_invoice_date": ("", "2026-03-02")},
        ),
        ("lines.add", {"lines/line[2]": ("", "1 x 0 x")}),
        ("lines.add", {"lines/line[3]": ("", "1 x 0 x")}),
        ("lines.update", {"lines/line[3]": ("1 x 0 x", "1 x 0 y")}),
        ("lines.delete", {"lines/line[3]": ("1 x 0 y", "")}),
    ]


def test_what_is_read_and_written_back_is_no_event(api: Api) -> None:
    api.create_profile(LATER + LINE + autobill("4111111111111111"))
    api.update(1, LATER + autobill("************1111"))
    api.update(1, "<frequency>m</frequency>")
    assert [what for what, _ in told(api)] == ["create"]


def test_a_refused_request_is_no_event(api: Api) -> None:
    api.create_profile(LATER)
    assert not api.update(1, "<discount>101</discount>").ok
    assert not api.call("recurring.resume", "<recurring_id>1</recurring_id>").ok
    assert tables.RecurringEvent.select().count() == 1


def test_an_invoice_at_once_is_told_with_the_creation(api: Api) -> None:
    api.create_profile("<occurrences>1</occurrences>" + LINE)
    assert told(api) == [
        (
            "create",
            {
                "invoice_id": ("", "1"),
                "state": ("active", "completed"),
                "next_issue_date": ("2026-03-02", ""),
                "last_invoice_date": ("", "2026-03-02"),
            },
        )
    ]


def test_cards_are_told_by_gateway_and_mask(api: Api) -> None:
    api.create_profile(LATER + autobill("4111111111111111"))
    api.update(1, autobill("4012888888881881", gateway="PayPal Payflow Pro"))
    api.update(1, autobill("************1881", gateway="PayPal Payflow Pro", name="Z"))
    api.update(1, "<autobill/>")

    visa = "Authorize.Net ************1111"
    other = "PayPal Payflow Pro ************1881"
    assert told(api) == [
        ("update", {"autobill": (other, "")}),
        ("update", {"autobill/card/name": ("", "")}),
        ("update", {"autobill": (visa, other)}),
        ("create", {"autobill": ("", visa)}),
    ]


@pytest.mark.parametrize(
    ("asked", "new"),
    [
        (autobill("4012888888881881"), "Authorize.Net ************1881"),
        ("<autobill/>", ""),
    ],
)
def test_a_card_that_cannot_be_read_is_told_as_such(
    api: Api, asked: str, new: str
) -> None:
    api.create_profile(LATER + autobill("4111111111111111"))
    tables.Autobill.update(sealed=b"x" * 64).execute()
    assert api.update(1, asked).ok
    assert told(api)[0] == ("update", {"autobill": ("Authorize.Net (unreadable)", new)})


def test_the_billing_tells_of_itself_when_the_last_date_was_billed(
    api: Api, ports: Ports, clock: Clock
) -> None:
    for count in (1, 2):
        api.create_profile(f"{LATER}<occurrences>{count}</occurrences>{LINE}")
    clock.now = START + timedelta(days=31)
    assert run.run(ports).issued == 2

    assert told(api, 1)[0] == ("complete", {"state": ("active", "completed")})
    answer = history(api, 1, "<per_page>1</per_page>")
    assert answer.all("staff_id") == answer.all("username") == [""]
    assert [what for what, _ in told(api, 2)] == ["create"]


def test_a_date_that_a_request_caught_up_on_is_the_billings_own(
    api: Api, clock: Clock
) -> None:
    api.create_profile(f"{LATER}<occurrences>1</occurrences>{LINE}")
    clock.now = START + timedelta(days=60)
    api.update(1, "<title>Loom</title>")
    assert [what for what, _ in told(api)] == ["update", "complete", "create"]
    assert history(api).all("username") == ["admin", "", "admin"]


def test_a_parked_profile_tells_the_kind_of_error_and_no_more(
    api: Api, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.create_profile(LATER)
    clock.now = START + timedelta(days=31)

    def failing(*_: object) -> None:
        raise ValueError("a text with Ada's data")

    with monkeypatch.context() as patch:
        patch.setattr(issuing, "draft", failing)
        assert run.run(ports).parked == ["recurring 1 of account 1"]
    assert told(api)[0] == ("park", {"parked": ("", "ValueError")})

    api.update(1, "<title>Loom</title>")
    found = told(api)[0][1]
    assert found["parked"] == ("ValueError", "")
    assert "Ada" not in history(api).http.data.decode()


def test_the_deletion_of_its_client_is_told(api: Api) -> None:
    api.create_profile(LATER)
    api.call("client.delete", "<client_id>1</client_id>")
    assert told(api)[0] == ("client.delete", {"next_issue_date": ("2026-04-01", "")})


def test_a_deleted_profile_shows_its_history_no_more(api: Api) -> None:
    api.create_profile(LATER + autobill("4111111111111111"))
    act(api, "delete")

    answer = history(api)

    assert (answer.code, answer.field) == ("50010", "recurring_id")
    last = tables.RecurringEvent.select().order_by(tables.RecurringEvent.number.desc())
    assert last.get().what == "delete"
    assert '["autobill", "Authorize.Net ************1111", ""]' in last.get().changes


def test_a_profile_that_is_not_there_is_refused(api: Api) -> None:
    answer = history(api, 99)
    assert (answer.code, answer.field) == ("50010", "recurring_id")


def test_a_profile_of_an_older_edition_has_an_empty_list(api: Api) -> None:
    api.create_profile(LATER)
    tables.RecurringEvent.delete().execute()
    assert told(api) == []
    api.update(1, "<title>Loom</title>")
    assert history(api).all("number") == ["1"]


def test_pages_begin_with_the_newest(api: Api) -> None:
    api.create_profile(LATER)
    for number in range(4):
        api.update(1, f"<title>{number}</title>")

    def page(more: str) -> list[str]:
        return history(api, 1, more).all("number")

    assert page("<per_page>2</per_page>") == ["5", "4"]
    assert page("<per_page>2</per_page><page>3</page>") == ["1"]
    assert page("<page>99999999999999999999999999</page>") == []
    assert page("<per_page>0</per_page><page>x</page>") == ["5", "4", "3", "2", "1"]
    assert 'per_page="100" pages="1" total="5"' in (
        history(api, 1, "<per_page>1000</per_page>").http.data.decode()
    )


def test_times_are_of_the_accounts_zone_and_of_its_clock(
    clocked: Api, new_api: Callable[..., Api]
) -> None:
    clocked.create_profile()
    assert history(clocked).all("date") == ["2007-09-01 00:00:00"]
    tokyo = new_api("Tokyo", time_zone="Asia/Tokyo")
    tokyo.create_profile(LATER)
    assert history(tokyo).all("date") == ["2026-03-03 00:00:00"]


def test_a_person_sees_the_history_of_the_profiles_of_their_clients(
    api: Api, eva: Api
) -> None:
    api.create_profile(LATER)
    assert history(eva).code == "50010"
    people.assign(api.account.name, "eva", [1])
    eva.update(1, "<title>Loom</title>")
    assert history(eva).all("username") == ["eva", "admin"]
    assert history(api).all("username") == ["eva", "admin"]


def test_of_the_time_with_another_client_a_person_sees_nothing(
    api: Api, eva: Api
) -> None:
    first, second = api.create_client(), api.create_client()
    api.create_profile(LATER, first)
    api.update(1, "<notes>Only the first may know</notes>")
    moved = f"<client_id>{second}</client_id><notes>New</notes>"
    assert api.update(1, moved).ok
    people.assign(api.account.name, "eva", [second])
    assert told(eva) == []

    api.update(1, "<notes>Newer</notes>")
    assert told(eva) == [("update", {"notes": ("New", "Newer")})]
    assert b"first" not in history(eva).http.data
    assert 'total="1"' in history(eva).http.data.decode()
    assert len(told(api)) == 4


def test_a_profile_that_came_back_tells_nothing_of_where_it_was(
    api: Api, eva: Api
) -> None:
    first, second = api.create_client(), api.create_client("<p_city>Leeds</p_city>")
    api.create_profile(LATER, first)
    away = "<p_city>Leeds</p_city><notes>Only the second may know</notes>"
    for content in (
        f"<client_id>{second}</client_id>{away}",
        "<notes>Nor this</notes>",
        f"<client_id>{first}</client_id><notes/><p_city/>",
    ):
        assert api.update(1, content).ok
    api.update(1, "<title>Loom</title>")
    people.assign(api.account.name, "eva", [first])

    assert told(eva) == [("update", {"title": ("", "Loom")}), ("create", {})]
    assert b"Leeds" not in history(eva).http.data
    assert len(told(api)) == 5


def test_numbers_rise_by_profile(api: Api) -> None:
    for _ in range(2):
        api.create_profile(LATER)
    for recurring_id in (1, 2, 1):
        api.update(recurring_id, f"<title>{recurring_id}</title>")
        api.update(recurring_id, "<title/>")
    assert history(api, 1).all("number") == ["5", "4", "3", "2", "1"]
    assert history(api, 2).all("number") == ["3", "2", "1"]


def test_a_creation_costs_one_statement_more(api: Api) -> None:
    client_id = api.create_client()
    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        run_sql = database.proxy.obj.execute_sql

        def recording(sql: str, *arguments: object) -> object:
            seen.append(sql)
            return run_sql(sql, *arguments)

        patch.setattr(database.proxy.obj, "execute_sql", recording)
        assert api.create(LATER + LINE, client_id).ok
    assert sum("recurring_event" in sql for sql in seen) == 1
