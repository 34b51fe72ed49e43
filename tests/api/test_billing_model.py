"""Billing models: schedules with names, the default one, and the profiles of them."""

from datetime import date

import pytest

from app.domain.frequency import MONTHLY
from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from app.storage import database, recurring_defaults, rules
from app.storage.database import writing
from tests import snapshot
from tests.conftest import Answer, Api

FRIDAYS = "<schedule><week>first</week><weekday>friday</weekday></schedule>"
QUARTERS = "<q1>01-31</q1><q2>04-30</q2><q3>07-31</q3><q4>10-31</q4>"
ONE_TIME = 1


def sent(api: Api, verb: str, content: str) -> Answer:
    return api.call(
        f"billing_model.{verb}", f"<billing_model>{content}</billing_model>"
    )


def create(api: Api, schedule: str, name: str = "Model") -> int:
    answer = sent(api, "create", f"<name>{name}</name>{schedule}")
    assert answer.ok, answer.error
    return int(answer.text("billing_model_id") or 0)


def update(api: Api, model_id: int, content: str) -> Answer:
    named = f"<billing_model_id>{model_id}</billing_model_id>{content}"
    return sent(api, "update", named)


def on(api: Api, verb: str, model_id: int) -> Answer:
    content = f"<billing_model_id>{model_id}</billing_model_id>"
    return api.call(f"billing_model.{verb}", content)


def get(api: Api, model_id: int) -> Answer:
    answer = on(api, "get", model_id)
    assert answer.ok, answer.error
    return answer


def inside(answer: Answer) -> str:
    """Return what an answer tells of a model, as a request may send it back."""
    text = "".join(map(str.strip, answer.http.data.decode().splitlines()))
    return text.partition("<billing_model>")[2].rpartition("</billing_model>")[0]


def choose(api: Api, model_id: int) -> None:
    assert on(api, "setDefault", model_id).ok


def of_model(model_id: int) -> str:
    return f"<billing_model_id>{model_id}</billing_model_id>"


def dates(api: Api, content: str, count: int = 3) -> list[str]:
    """Return the first dates of a profile that is not made."""
    answer = api.call(
        "recurring.preview", f"<recurring>{content}</recurring><count>{count}</count>"
    )
    assert answer.ok, answer.error
    return answer.all("date")


def next_dates(api: Api, recurring_id: int) -> list[str]:
    content = f"<recurring_id>{recurring_id}</recurring_id><count>3</count>"
    return api.call("recurring.preview", content).all("date")


def defaults(api: Api) -> list[str]:
    """Return the ids of the models that are shown as the default."""
    answer = api.call("billing_model.list")
    flags = answer.all("default")
    ids = answer.all("billing_model_id")
    return [model_id for model_id, flag in zip(ids, flags, strict=True) if flag == "1"]


@pytest.fixture(name="eva")
def eva_(api: Api, ports: Ports) -> Api:
    """Provide a person who is not the administrator."""
    people.add(ports, api.account.name, username="eva")
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    return Api(api.client, api.account, token)


# What a model is.


@pytest.mark.parametrize(
    ("schedule", "frequency", "text", "first"),
    [
        ("<frequency>weekly</frequency>", "w", "weekly", "2007-09-01 2007-09-08"),
        ("<frequency>15 days</frequency>", "2w", "15 days", "2007-09-01 2007-09-16"),
        ("<frequency>Once</frequency>", "m", "once", "2007-09-01"),
        (
            "<schedule><days/></schedule>",
            "2w",
            "twice a month",
            "2007-09-01 2007-09-15",
        ),
        (
            "<schedule><days><day>31</day></days><every>2</every></schedule>",
            "2m",
            "day 31 of every 2 months",
            "2007-09-30 2007-11-30",
        ),
        (FRIDAYS, "m", "first friday of the month", "2007-09-07 2007-10-05"),
        (
            (
                "<schedule><dates><date>09-08</date><date>2009-01-31</date></dates>"
                "<buffer_days>7</buffer_days></schedule>"
            ),
            "y",
            "09-08, 2009-01-31",
            "2008-09-08 2009-01-31",
        ),
        (
            f"<schedule><quarters>{QUARTERS}</quarters></schedule>",
            "3m",
            "01-31, 04-30, 07-31, 10-31",
            "2007-10-31 2008-01-31",
        ),
        (f"<frequency>monthly</frequency>{FRIDAYS}", "m", "first friday", "2007-09-07"),
        (
            (
                "<frequency>once</frequency><schedule><dates><date>2007-09-03</date>"
                "</dates></schedule>"
            ),
            "m",
            "once",
            "2007-09-03",
        ),
    ],
)
def test_a_model_has_any_schedule_and_profiles_take_it(
    clocked: Api, schedule: str, frequency: str, text: str, first: str
) -> None:
    model_id = create(clocked, schedule)
    answer = get(clocked, model_id)
    assert answer.text("billing_model/frequency") == frequency
    assert (answer.text("billing_model/frequency_text") or "").startswith(text)
    assert answer.text("billing_model/default") == "0"
    assert answer.text("billing_model/locked") == "0"
    wanted = first.split()
    assert dates(clocked, of_model(model_id), count=len(wanted)) == wanted


@pytest.mark.parametrize(
    "schedule",
    [
        "<frequency>3 months</frequency>",
        "<frequency>15 days</frequency>",
        "<frequency>once</frequency>",
        "<schedule><days/></schedule>",
        "<schedule><days><day>1</day><day>15</day></days></schedule>",
        "<schedule><days><day>31</day></days><every>2</every></schedule>",
        FRIDAYS,
        (
            "<schedule><dates><date>09-08</date><date>2009-01-31</date></dates>"
            "<buffer_days>7</buffer_days></schedule>"
        ),
    ],
)
def test_what_is_read_of_a_model_and_sent_back_changes_nothing(
    clocked: Api, schedule: str
) -> None:
    model_id = create(clocked, schedule)
    clocked.call("clock.set", "<date>2007-09-02</date>")
    before = snapshot.taken()
    answer = sent(clocked, "update", inside(get(clocked, model_id)))
    assert answer.ok, answer.error
    assert snapshot.taken() == before


def test_a_name_alone_leaves_the_schedule_and_a_schedule_the_name(clocked: Api) -> None:
    model_id = create(clocked, FRIDAYS)
    assert update(clocked, model_id, "<name> Fridays </name>").ok
    assert get(clocked, model_id).text("billing_model/name") == "Fridays"
    assert dates(clocked, of_model(model_id), 1) == ["2007-09-07"]

    assert update(clocked, model_id, "<frequency>yearly</frequency>").ok
    answer = get(clocked, model_id)
    assert answer.text("billing_model/name") == "Fridays"
    assert answer.text("billing_model/frequency") == "y"
    assert answer.find("billing_model/schedule") is None


def test_parts_of_a_schedule_change_on_their_own(clocked: Api) -> None:
    model_id = create(clocked, FRIDAYS)
    assert update(clocked, model_id, "<schedule><every>3</every></schedule>").ok
    assert dates(clocked, of_model(model_id), 2) == ["2007-09-07", "2007-12-07"]
    assert update(clocked, model_id, "<frequency>monthly</frequency><schedule/>").ok, (
        "an empty schedule beside it: the frequency itself is meant"
    )
    assert dates(clocked, of_model(model_id), 2) == ["2007-09-01", "2007-10-01"]


def test_twice_a_month_is_by_the_day_that_a_profile_begins(clocked: Api) -> None:
    model_id = create(clocked, "<schedule><days/></schedule>")
    clocked.call("clock.set", "<date>2007-09-20</date>")
    taken = dates(clocked, of_model(model_id))
    assert taken == ["2007-09-20", "2007-10-06", "2007-10-20"]


def test_a_models_dates_may_have_passed_since(clocked: Api) -> None:
    model_id = create(
        clocked, "<schedule><dates><date>2007-09-03</date></dates></schedule>"
    )
    clocked.call("clock.set", "<date>2007-10-01</date>")
    assert update(clocked, model_id, "<name>Gone by</name>").ok
    answer = clocked.create(of_model(model_id))
    assert (answer.code, answer.field) == ("40060", "dates")


@pytest.mark.parametrize(
    ("content", "code", "field"),
    [
        ("<frequency>weekly</frequency>", "40040", "name"),
        ("<name> </name><frequency>weekly</frequency>", "40040", "name"),
        ("<name>x</name>", "40040", "frequency"),
        ("<name>x</name><frequency/><schedule/>", "40040", "frequency"),
        (
            "<name>One Time Purchase</name><frequency>weekly</frequency>",
            "40060",
            "name",
        ),
        (
            f"<name>{'x' * 256}</name><frequency>weekly</frequency>",
            "40060",
            "name",
        ),
        ("<name>x</name><frequency>0 days</frequency>", "40060", "frequency"),
        ("<name>x</name><frequency>fortnightly</frequency>", "40060", "frequency"),
        (f"<name>x</name><frequency>weekly</frequency>{FRIDAYS}", "40060", "frequency"),
        (f"<name>x</name><frequency>once</frequency>{FRIDAYS}", "40060", "frequency"),
    ],
)
def test_a_model_that_is_none_is_refused(
    api: Api, content: str, code: str, field: str
) -> None:
    before = snapshot.taken()
    answer = sent(api, "create", content)
    assert (answer.code, answer.field) == (code, field)
    assert snapshot.taken() == before


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        ("<days><day>32</day></days>", "day"),
        ("<days><day>1</day><day>1</day></days>", "days"),
        (
            "<days><day>1</day></days><week>first</week><weekday>monday</weekday>",
            "week",
        ),
        ("<week>fifth</week><weekday>monday</weekday>", "week"),
        ("<week>first</week><weekday>noday</weekday>", "weekday"),
        ("<dates/>", "dates"),
        ("<dates><date>2007-08-31</date></dates>", "dates"),
        ("<dates><date>02-30</date></dates><every>2</every>", "every"),
        (f"<quarters>{QUARTERS.replace('04', '03')}</quarters>", "q2"),
        ("<days><day>1</day></days><buffer_days>2</buffer_days>", "buffer_days"),
        ("<days/><every>2</every>", "every"),
        ("<days><day>1</day></days><start_date>2008-01-01</start_date>", "start_date"),
        ("<days><day>1</day></days><end_date>2008-01-01</end_date>", "end_date"),
        ("<days><day>1</day></days><bill_now>1</bill_now>", "bill_now"),
    ],
)
def test_a_schedule_that_is_none_is_refused_at_once_and_later(
    clocked: Api, schedule: str, field: str
) -> None:
    model_id = create(clocked, "<frequency>weekly</frequency>")
    before = snapshot.taken()
    for answer in (
        sent(clocked, "create", f"<name>x</name><schedule>{schedule}</schedule>"),
        update(clocked, model_id, f"<schedule>{schedule}</schedule>"),
    ):
        assert (answer.code, answer.field) == ("40060", field)
    assert snapshot.taken() == before


def test_once_has_no_buffer(clocked: Api) -> None:
    answer = sent(
        clocked,
        "create",
        "<name>x</name><frequency>once</frequency>"
        "<schedule><buffer_days>2</buffer_days></schedule>",
    )
    assert (answer.code, answer.field) == ("40060", "buffer_days")


def test_a_name_is_taken_in_its_account_alone(api: Api, clocked: Api) -> None:
    create(api, FRIDAYS, "Fridays")
    other = create(api, FRIDAYS, "fridays")
    create(clocked, FRIDAYS, "Fridays")
    for answer in (
        sent(api, "create", f"<name> Fridays</name>{FRIDAYS}"),
        update(api, other, "<name>Fridays</name>"),
    ):
        assert (answer.code, answer.field) == ("40060", "name")
    assert update(api, other, "<name>fridays</name>").ok


def test_a_repeated_request_makes_one_model(api: Api) -> None:
    body = (
        '<request method="billing_model.create"><billing_model><name>x</name>'
        f"{FRIDAYS}</billing_model></request>"
    )
    ids = [
        api.post(body, headers={"Idempotency-Key": "once"}).text("billing_model_id")
        for _ in range(2)
    ]
    assert ids == ["2", "2"]


def test_models_are_listed_by_descending_id_in_pages(api: Api) -> None:
    for number in range(2, 6):
        create(api, FRIDAYS, f"Model {number}")
    answer = api.call("billing_model.list", "<per_page>2</per_page><page>2</page>")
    listed = answer.find("billing_models")
    assert listed is not None
    assert dict(listed.attrib) == {
        "page": "2",
        "per_page": "2",
        "pages": "3",
        "total": "5",
    }
    assert answer.all("billing_model_id") == ["3", "2"]
    names = "billing_model_id name frequency schedule frequency_text default locked"
    assert answer.names("billing_models/billing_model") == names.split()
    ids = api.call("billing_model.list").all("billing_model_id")
    assert ids == ["5", "4", "3", "2", "1"]
    assert api.call("billing_model.list", "<page>9</page>").all("name") == []


# The default.


def test_every_account_has_a_locked_model_that_is_the_default(api: Api) -> None:
    answer = get(api, ONE_TIME)
    assert answer.text("billing_model/name") == "One Time Purchase"
    assert answer.text("billing_model/frequency_text") == "once"
    assert answer.text("billing_model/locked") == "1"
    assert defaults(api) == ["1"]


def test_the_locked_model_stays_as_it_is(api: Api) -> None:
    before = snapshot.taken()
    for verb, answer in (
        ("update", update(api, ONE_TIME, "<name>x</name>")),
        ("update", sent(api, "update", inside(get(api, ONE_TIME)))),
        ("delete", on(api, "delete", ONE_TIME)),
    ):
        assert answer.code == "50020"
        assert answer.error == f"Failed to {verb} billing model. It is locked."
    choose(api, create(api, FRIDAYS))
    assert on(api, "delete", ONE_TIME).code == "50020"
    assert snapshot.taken()["billing_model"][:1] == before["billing_model"]


def test_an_account_that_chose_none_makes_monthly_profiles(clocked: Api) -> None:
    assert dates(clocked, "") == ["2007-09-01", "2007-10-01", "2007-11-01"]


def test_the_chosen_model_alone_is_the_default(clocked: Api) -> None:
    first, second = (create(clocked, FRIDAYS, name) for name in "ab")
    for chosen in (first, second, first, ONE_TIME, second):
        choose(clocked, chosen)
        assert defaults(clocked) == [str(chosen)]
        for model_id in (ONE_TIME, first, second):
            flag = get(clocked, model_id).text("billing_model/default")
            assert flag == ("1" if model_id == chosen else "0")


def test_a_create_request_that_says_nothing_takes_the_default(clocked: Api) -> None:
    choose(clocked, create(clocked, FRIDAYS))
    assert dates(clocked, "", 2) == ["2007-09-07", "2007-10-05"]
    clocked.create_profile()
    answer = clocked.get(1)
    assert answer.text("recurring/frequency") == "m"
    assert answer.text("recurring/date") == "2007-09-07"
    assert answer.text("recurring/schedule/week") == "first"


def test_what_a_create_request_says_comes_before_the_default(clocked: Api) -> None:
    weekly = create(clocked, "<frequency>weekly</frequency>", "Weekly")
    choose(clocked, create(clocked, FRIDAYS))
    said = {
        "<frequency>yearly</frequency>": "2008-09-01",
        "<schedule><days><day>20</day></days></schedule>": "2007-10-20",
        of_model(weekly): "2007-09-08",
    }
    assert {what: dates(clocked, what, 2)[1] for what in said} == said


def test_the_default_comes_before_what_else_the_account_chose(clocked: Api) -> None:
    account_id = clocked.account.account_id
    with writing(account_id):
        database.execute(
            "INSERT INTO recurring_defaults (account_id, rule, weekday, occurrences) "
            "VALUES (?, ?, 'MO', 5)",
            (account_id, rules.written(MONTHLY)),
        )
    assert dates(clocked, "", 2) == ["2007-09-03", "2007-10-03"]
    assert defaults(clocked) == ["1"]

    choose(clocked, create(clocked, FRIDAYS))

    assert dates(clocked, "", 2) == ["2007-09-07", "2007-10-05"]
    (row,) = database.execute(
        "SELECT weekday, occurrences FROM recurring_defaults WHERE account_id = ?",
        (account_id,),
    ).fetchall()
    assert tuple(row) == ("MO", 5)
    assert recurring_defaults.get(account_id).occurrences == 5


def test_one_time_purchase_is_once_where_it_was_chosen(clocked: Api) -> None:
    choose(clocked, ONE_TIME)
    recurring_id = clocked.create_profile()
    answer = clocked.get(recurring_id)
    assert answer.text("recurring/occurrences") == "1"
    clocked.call("clock.set", "<date>2008-09-01</date>")
    assert clocked.invoice_dates(recurring_id) == ["2007-09-01"]


def test_two_accounts_have_their_own_defaults(api: Api, clocked: Api) -> None:
    choose(api, create(api, FRIDAYS))
    assert defaults(api) == ["2"]
    assert defaults(clocked) == ["1"]


# Profiles of a model.


def test_a_running_profile_stays_when_its_model_changes(clocked: Api) -> None:
    model_id = create(clocked, FRIDAYS)
    recurring_id = clocked.create_profile(of_model(model_id))
    before = next_dates(clocked, recurring_id)
    stored = snapshot.taken()["recurring"]

    assert update(clocked, model_id, "<frequency>weekly</frequency>").ok

    assert snapshot.taken()["recurring"] == stored
    assert next_dates(clocked, recurring_id) == before
    again = clocked.update(recurring_id, of_model(model_id) + "<notes>x</notes>")
    assert again.ok
    assert next_dates(clocked, recurring_id) == before
    clocked.call("clock.set", "<date>2007-10-31</date>")
    assert clocked.invoice_dates(recurring_id) == ["2007-09-07", "2007-10-05"]


def test_a_profile_shows_whose_schedule_it_took(clocked: Api) -> None:
    model_id = create(clocked, "<frequency>weekly</frequency>")
    echoed = clocked.call(
        "recurring.create",
        f"<recurring><client_id>{clocked.create_client()}</client_id>"
        f"{of_model(model_id)}</recurring><echo>1</echo>",
    )
    assert echoed.text("recurring/billing_model_id") == str(model_id)
    assert clocked.get(1).text("recurring/billing_model_id") == str(model_id)
    listed = clocked.call("recurring.list").all("billing_model_id")
    assert listed == [str(model_id)]


def test_an_update_that_names_another_model_takes_its_schedule(clocked: Api) -> None:
    recurring_id = clocked.create_profile("<frequency>yearly</frequency>")
    model_id = create(clocked, FRIDAYS)
    assert clocked.update(recurring_id, of_model(model_id)).ok
    assert clocked.get(recurring_id).text("recurring/billing_model_id") == "2"
    assert next_dates(clocked, recurring_id)[:2] == ["2007-09-07", "2007-10-05"]


@pytest.mark.parametrize(
    "schedule",
    ["<frequency>weekly</frequency>", FRIDAYS, "<schedule><days/></schedule>"],
)
def test_a_model_beside_another_schedule_is_refused(
    clocked: Api, schedule: str
) -> None:
    model_id = create(clocked, FRIDAYS)
    recurring_id = clocked.create_profile("<frequency>yearly</frequency>")
    client_id = clocked.create_client()
    before = snapshot.taken()
    for answer in (
        clocked.create(of_model(model_id) + schedule, client_id),
        clocked.update(recurring_id, of_model(model_id) + schedule),
    ):
        assert (answer.code, answer.field) == ("40060", "billing_model_id")
    assert snapshot.taken() == before


@pytest.mark.parametrize("model_id", ["9", "0", "x", "99999999999999999999"])
def test_a_model_that_is_not_there_is_not_found(clocked: Api, model_id: str) -> None:
    recurring_id = clocked.create_profile("<frequency>yearly</frequency>")
    client_id = clocked.create_client()
    named = f"<billing_model_id>{model_id}</billing_model_id>"
    before = snapshot.taken()
    for answer in (
        clocked.create(named, client_id),
        clocked.update(recurring_id, named),
        clocked.call("recurring.preview", f"<recurring>{named}</recurring>"),
        clocked.call("billing_model.get", named),
        clocked.call("billing_model.delete", named),
        clocked.call("billing_model.setDefault", named),
        sent(clocked, "update", f"{named}<name>x</name>"),
    ):
        assert (answer.code, answer.field) == ("50010", "billing_model_id")
    assert snapshot.taken() == before


def test_a_model_takes_dates_and_an_end_beside_it(clocked: Api) -> None:
    model_id = create(clocked, FRIDAYS)
    content = of_model(model_id) + (
        "<date>2007-10-01</date><schedule><end_date>2007-11-30</end_date></schedule>"
    )
    assert dates(clocked, content) == ["2007-10-05", "2007-11-02"]


# Deleting.


def test_a_deleted_model_is_not_found(api: Api) -> None:
    model_id = create(api, FRIDAYS)
    assert on(api, "delete", model_id).ok
    for verb in ("get", "delete", "setDefault"):
        answer = on(api, verb, model_id)
        assert (answer.code, answer.field) == ("50010", "billing_model_id")
    assert create(api, FRIDAYS) == model_id + 1


def test_a_model_in_use_is_not_deleted(clocked: Api) -> None:
    model_id = create(clocked, FRIDAYS)
    recurring_id = clocked.create_profile(of_model(model_id))
    clocked.call("recurring.archive", f"<recurring_id>{recurring_id}</recurring_id>")
    answer = on(clocked, "delete", model_id)
    assert answer.code == "50020"
    assert answer.error == (
        "Failed to delete billing model. It is in use by a recurring profile."
    )
    assert get(clocked, model_id).ok

    clocked.call("recurring.delete", f"<recurring_id>{recurring_id}</recurring_id>")
    assert on(clocked, "delete", model_id).ok


def test_the_default_is_not_deleted_until_another_is(api: Api) -> None:
    model_id = create(api, FRIDAYS)
    choose(api, model_id)
    answer = on(api, "delete", model_id)
    assert answer.code == "50020"
    assert answer.error == "Failed to delete billing model. It is the default."
    choose(api, ONE_TIME)
    assert on(api, "delete", model_id).ok


# Who may.


def test_only_the_administrator_changes_models(api: Api, eva: Api) -> None:
    model_id = create(api, FRIDAYS)
    before = snapshot.taken()
    for answer in (
        sent(eva, "create", f"<name>x</name>{FRIDAYS}"),
        update(eva, model_id, "<name>x</name>"),
        on(eva, "delete", model_id),
        on(eva, "delete", 999),
        on(eva, "setDefault", model_id),
    ):
        assert answer.code == "30010"
    assert snapshot.taken() == before


def test_everybody_sees_and_uses_models(api: Api, eva: Api) -> None:
    model_id = create(api, FRIDAYS)
    assert inside(get(eva, model_id)) == inside(get(api, model_id))
    assert eva.call("billing_model.list").all("name") == ["Model", "One Time Purchase"]
    assert eva.create(of_model(model_id)).ok


def test_a_model_is_named_by_its_own_account_alone(api: Api, clocked: Api) -> None:
    model_id = create(api, FRIDAYS)
    for answer in (
        on(clocked, "get", model_id),
        on(clocked, "delete", model_id),
        on(clocked, "setDefault", model_id),
        clocked.create(of_model(model_id)),
    ):
        assert answer.code == "50010"
    assert get(api, model_id).ok


def test_the_day_of_a_model_is_the_accounts(clocked: Api) -> None:
    assert clocked.account.clock_on == date(2007, 9, 1)
    today = "<schedule><dates><date>2007-09-01</date></dates></schedule>"
    assert dates(clocked, of_model(create(clocked, today))) == ["2007-09-01"]
