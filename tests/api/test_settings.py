"""The account's defaults for new profiles, and its calendar, through the wire."""

from datetime import UTC, datetime

import pytest
from lxml import etree

from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from app.storage import database
from app.wire.envelope import NAMESPACE
from tests import snapshot
from tests.conftest import Answer, Api, Clock

NAMES = [
    "frequency",
    "frequency_text",
    "occurrences",
    "interval_value",
    "interval_label",
    "day_number",
    "day_type",
    "month",
]


def defaults(api: Api) -> dict[str, str]:
    """Return what an account answers of its defaults; those that are empty left out."""
    answer = api.call("settings.get")
    path = "settings/recurring_defaults"
    found = {name: answer.text(f"{path}/{name}") or "" for name in answer.names(path)}
    if "schedule" in found:
        kept = answer.find(f"{path}/schedule")
        assert kept is not None
        found["schedule"] = " ".join(
            f"{etree.QName(e).localname} {(e.text or '').strip()}".strip()
            for e in kept.iterdescendants(f"{{{NAMESPACE}}}*")
        )
    return {name: text for name, text in found.items() if text}


def update(api: Api, content: str) -> Answer:
    """Post a settings.update of the defaults."""
    return api.call(
        "settings.update",
        f"<settings><recurring_defaults>{content}</recurring_defaults></settings>",
    )


def updated(api: Api, content: str) -> dict[str, str]:
    """Change the defaults; return what they are then, but for the switch."""
    answer = update(api, content)
    assert answer.ok, answer.error
    found = defaults(api)
    assert found.pop("auto_generate") == "1"
    return found


def preview(api: Api, content: str = "", count: int = 4) -> list[str]:
    """Return the dates of a profile that says nothing but this."""
    body = f"<recurring>{content}</recurring><count>{count}</count>"
    answer = api.call("recurring.preview", body)
    assert answer.ok, answer.error
    return answer.all("date")


def write_back(api: Api, answer: Answer, old: str = "", new: str = "") -> Answer:
    """Post what was read, and nothing but it, with one part of it in place of another.

    The part must be there once.
    """
    text = str(answer.http.data, "utf-8")
    inner = text[text.index("<settings>") : text.rindex("</response>")]
    if old:
        assert inner.count(old) == 1
    return api.call("settings.update", inner.replace(old, new))


def test_an_account_that_chose_nothing_bills_monthly_without_end(api: Api) -> None:
    answer = api.call("settings.get")
    assert answer.names("settings") == ["recurring_defaults", "time_zone", "retry_days"]
    assert answer.names("settings/recurring_defaults") == [*NAMES, "auto_generate"]
    assert answer.text("settings/time_zone") == "America/New_York"
    assert answer.text("settings/retry_days") == "1"
    assert defaults(api) == {
        "frequency": "m",
        "frequency_text": "monthly",
        "occurrences": "0",
        "interval_value": "1",
        "interval_label": "Months",
        "auto_generate": "1",
    }


# What is said, and what answers then show of it; the dates are of a profile that says
# nothing, made on Monday 2026-03-02.
SAID = {
    "a frequency by name": (
        "<frequency>Weekly</frequency>",
        "w|weekly|1|Weeks|||||",
        "2026-03-02 2026-03-09",
    ),
    "one that FreshBooks did not have": (
        "<frequency>30 days</frequency>",
        "m|30 days|30|Days||Day|||",
        "2026-03-02 2026-04-01",
    ),
    "once": ("<frequency>ONCE</frequency>", "m|once|||||||", "2026-03-02"),
    "an interval in any case": (
        "<interval_value>30</interval_value><interval_label>DAYS</interval_label>",
        "m|30 days|30|Days||Day|||",
        "2026-03-02 2026-04-01",
    ),
    "the unit alone": (
        "<interval_label>Years</interval_label>",
        "y|yearly|1|Years|||||",
        "2026-03-02 2027-03-02",
    ),
    "days": (
        "<day_type>Day</day_type><interval_value>10</interval_value>",
        "w|10 days|10|Days||Day|||",
        "2026-03-02 2026-03-12",
    ),
    "a day of the month": (
        "<day_number>31</day_number><day_type>month</day_type>",
        "m|day 31 of the month|1|Months|31|Month||days day 31|",
        "2026-03-31 2026-04-30",
    ),
    "a number that the unit explains": (
        "<day_number>15</day_number>",
        "m|day 15 of the month|1|Months|15|Month||days day 15|",
        "2026-03-15 2026-04-15",
    ),
    "a day of the week": (
        (
            "<day_number>5</day_number><day_type>Week</day_type>"
            "<interval_value>2</interval_value>"
        ),
        "2w|2 weeks on friday|2|Weeks|5|Week|||",
        "2026-03-06 2026-03-20",
    ),
    "a date of every year": (
        "<day_number>29</day_number><month>2</month>",
        "y|02-29|1|Years|29|Month|2|dates date 02-29|",
        "2027-02-28 2028-02-29",
    ),
    "days and a frequency": (
        (
            "<frequency>3 months</frequency><day_number>1</day_number>"
            "<day_type>Month</day_type>"
        ),
        "3m|day 1 of every 3 months|3|Months|1|Month||days day 1 every 3|",
        "2026-04-01 2026-07-01",
    ),
    "a frequency in two spellings": (
        (
            "<frequency>2 weeks</frequency><interval_value>2</interval_value>"
            "<interval_label>weeks</interval_label><day_number>1</day_number>"
            "<day_type>Week</day_type>"
        ),
        "2w|2 weeks on monday|2|Weeks|1|Week|||",
        "2026-03-02 2026-03-16",
    ),
    "a weekday of the month": (
        (
            "<schedule><week>first</week><weekday>monday</weekday><every>2</every>"
            "</schedule>"
        ),
        (
            "2m|first monday of every 2 months|2|Months||||"
            "week first weekday monday every 2|"
        ),
        "2026-03-02 2026-05-04",
    ),
    "two days": (
        "<schedule><days><day>1</day><day>15</day></days></schedule>",
        "2w|day 1, 15 of the month|1|Months||||days day 1 day 15|",
        "2026-03-15 2026-04-01",
    ),
    "days that the day of creation makes": (
        "<schedule><days/></schedule>",
        "2w|twice a month|||||||",
        "2026-03-02 2026-03-16",
    ),
    "quarters": (
        (
            "<schedule><quarters><q1>01-31</q1><q2>04-30</q2><q3>07-31</q3><q4>10-31</q4>"
            "</quarters></schedule>"
        ),
        (
            "3m|01-31, 04-30, 07-31, 10-31||||||"
            "dates date 01-31 date 04-30 date 07-31 date 10-31|"
        ),
        "2026-04-30 2026-07-31",
    ),
    "occurrences": (
        "<occurrences>1</occurrences>",
        "m|monthly|1|Months|||||1",
        "2026-03-02",
    ),
}


def shown(line: str) -> dict[str, str]:
    names = [
        "frequency",
        "frequency_text",
        "interval_value",
        "interval_label",
        "day_number",
        "day_type",
        "month",
        "schedule",
        "occurrences",
    ]
    texts = dict(zip(names, line.split("|"), strict=True))
    texts["occurrences"] = texts["occurrences"] or "0"
    if texts["frequency_text"] == "twice a month":
        texts["schedule"] = "days"
    return {name: text for name, text in texts.items() if text}


@pytest.mark.parametrize("name", SAID)
def test_a_default_is_shown_as_it_is_and_new_profiles_have_it(
    name: str, api: Api
) -> None:
    content, line, dates = SAID[name]
    assert updated(api, content) == shown(line)
    assert preview(api, count=2) == dates.split()


@pytest.mark.parametrize("name", SAID)
def test_what_was_read_and_sent_back_is_no_change(name: str, api: Api) -> None:
    updated(api, SAID[name][0])
    before = snapshot.taken()
    assert write_back(api, api.call("settings.get")).ok
    assert update(api, "").ok
    assert update(api, SAID[name][0]).ok
    assert snapshot.taken() == before


@pytest.mark.parametrize("name", SAID)
def test_any_default_can_become_any_other(name: str, api: Api) -> None:
    for other in SAID:
        if other == "the unit alone":
            # What is left out stays.
            continue
        # A frequency as answers show it says nothing; with an empty schedule it does.
        plain = "<frequency>m</frequency><schedule/><occurrences>0</occurrences>"
        assert update(api, plain).ok
        updated(api, SAID[name][0])
        assert update(api, plain).ok
        assert updated(api, SAID[other][0]) == shown(SAID[other][1]), other


@pytest.mark.parametrize(
    ("first", "old", "new", "then"),
    [
        ("", ">m<", ">w<", "w|weekly|1|Weeks|||||"),
        ("", "<interval_value>1", "<interval_value>2", "2m|2 months|2|Months|||||"),
        (
            "<day_number>15</day_number>",
            "<frequency>m",
            "<frequency>3m",
            "3m|day 15 of every 3 months|3|Months|15|Month||days day 15 every 3|",
        ),
        (
            "<day_number>15</day_number>",
            "<frequency>m",
            "<frequency>weekly",
            "w|weekly|1|Weeks|||||",
        ),
        (
            "<day_number>15</day_number>",
            "<day_number>15",
            "<day_number>1",
            "m|day 1 of the month|1|Months|1|Month||days day 1|",
        ),
        (
            "<day_number>15</day_number>",
            "<day_number>15",
            "<day_number>",
            "m|monthly|1|Months|||||",
        ),
        (
            "<day_number>15</day_number>",
            "<frequency>m",
            "<frequency>y",
            "y|yearly|1|Years|||||",
        ),
        (
            "<day_number>15</day_number>",
            "<interval_label>Months",
            "<interval_label>Years",
            "y|yearly|1|Years|||||",
        ),
        (
            "<day_number>15</day_number>",
            "<month></month>",
            "<month>6</month>",
            "y|06-15|1|Years|15|Month|6|dates date 06-15|",
        ),
        (
            "<day_number>15</day_number><month>6</month>",
            "<month>6",
            "<month>",
            "m|day 15 of the month|1|Months|15|Month||days day 15|",
        ),
        (
            "<day_number>1</day_number><day_type>Week</day_type>",
            "<day_type>Week",
            "<day_type>Month",
            "m|day 1 of the month|1|Months|1|Month||days day 1|",
        ),
        (
            "<day_number>1</day_number><day_type>Week</day_type>",
            "<interval_label>Weeks",
            "<interval_label>Months",
            "m|monthly|1|Months|||||",
        ),
        (
            "<day_number>1</day_number><day_type>Week</day_type>",
            "<interval_value>1",
            "<interval_value>3",
            "2w|3 weeks on monday|3|Weeks|1|Week|||",
        ),
        (
            "<schedule><days><day>1</day><day>15</day></days></schedule>",
            "<interval_value>1",
            "<interval_value>2",
            "m|day 1, 15 of every 2 months|2|Months||||days day 1 day 15 every 2|",
        ),
        (
            "<schedule><days><day>1</day><day>15</day></days></schedule>",
            "<day>15",
            "<day>20",
            "2w|day 1, 20 of the month|1|Months||||days day 1 day 20|",
        ),
        (
            "<frequency>30 days</frequency>",
            "<interval_value>30",
            "<interval_value>15",
            "2w|15 days|15|Days||Day|||",
        ),
    ],
)
def test_one_word_of_what_was_read_can_be_changed(
    first: str, old: str, new: str, then: str, api: Api
) -> None:
    assert update(api, first).ok
    read = api.call("settings.get")
    text = str(read.http.data, "utf-8")
    if old == "<month></month>" and old not in text:
        old = "<month/>"
    answer = write_back(api, read, old, new)
    assert answer.ok, answer.error
    found = defaults(api)
    assert found.pop("auto_generate") == "1"
    assert found == shown(then)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("<frequency>fortnightly</frequency>", "frequency"),
        ("<frequency>0 days</frequency>", "frequency"),
        ("<frequency>1000000 years</frequency>", "frequency"),
        ("<day_number>32</day_number>", "day_number"),
        ("<day_number>0</day_number>", "day_number"),
        ("<day_number>-1</day_number>", "day_number"),
        (
            "<day_number>8</day_number><day_type>Week</day_type>",
            "day_number",
        ),
        ("<day_number>1</day_number><day_type>Year</day_type>", "day_type"),
        ("<day_number>1</day_number><day_type>Day</day_type>", "day_number"),
        ("<day_number>1</day_number><month>13</month>", "month"),
        ("<day_number>1</day_number><month>0</month>", "month"),
        ("<interval_value>0</interval_value>", "interval_value"),
        (
            (
                "<interval_value>101</interval_value><interval_label>Years"
                "</interval_label>"
            ),
            "interval_value",
        ),
        ("<interval_label>Decades</interval_label>", "interval_label"),
        (
            "<frequency>30 days</frequency><interval_value>15</interval_value>",
            "interval_value",
        ),
        (
            "<frequency>30 days</frequency><interval_label>Weeks</interval_label>",
            "interval_label",
        ),
        (
            (
                "<frequency>weekly</frequency><day_number>1</day_number>"
                "<day_type>Month</day_type>"
            ),
            "day_type",
        ),
        (
            (
                "<interval_label>Weeks</interval_label><day_number>1</day_number>"
                "<day_type>Month</day_type>"
            ),
            "day_type",
        ),
        (
            (
                "<interval_value>3</interval_value><day_number>1</day_number>"
                "<month>2</month>"
            ),
            "interval_value",
        ),
        (
            "<day_number>1</day_number><day_type>Week</day_type><month>2</month>",
            "day_type",
        ),
        ("<frequency>once</frequency><day_number>1</day_number>", "day_number"),
        (
            "<schedule><days><day>1</day></days></schedule><day_number>2</day_number>",
            "day_number",
        ),
        (
            (
                "<frequency>weekly</frequency><schedule><days><day>1</day></days>"
                "</schedule>"
            ),
            "frequency",
        ),
        ("<schedule><days><day>32</day></days></schedule>", "day"),
        ("<schedule><dates><date>2026-03-01</date></dates></schedule>", "dates"),
        ("<schedule><every>2</every></schedule>", "every"),
        ("<schedule><start_date>2026-03-09</start_date></schedule>", "start_date"),
        ("<schedule><bill_now>1</bill_now></schedule>", "bill_now"),
        ("<auto_generate>maybe</auto_generate>", "auto_generate"),
        ("<occurrences>-1</occurrences>", "occurrences"),
    ],
)
def test_a_bad_default_is_refused_by_its_name_and_nothing_is_changed(
    content: str, field: str, api: Api
) -> None:
    before = snapshot.taken()
    answer = update(api, content)
    assert (answer.code, answer.field) == ("40060", field), answer.error
    assert snapshot.taken() == before


def test_a_date_of_every_year_has_no_other_interval(api: Api) -> None:
    assert update(api, "<day_number>1</day_number><month>2</month>").ok
    answer = update(api, "<interval_value>2</interval_value>")
    assert (answer.code, answer.field) == ("40060", "interval_value")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("<day_type>Week</day_type>", "day_number"),
        ("<day_type>Month</day_type>", "day_number"),
        ("<month>2</month>", "day_number"),
        (
            "<interval_label>Years</interval_label><day_number>1</day_number>",
            "month",
        ),
    ],
)
def test_half_a_day_is_refused_by_the_name_of_the_other_half(
    content: str, field: str, api: Api
) -> None:
    answer = update(api, content)
    assert (answer.code, answer.field) == ("40040", field)


def test_an_update_needs_settings(api: Api) -> None:
    answer = api.call("settings.update")
    assert (answer.code, answer.field) == ("40040", "settings")


# Who may.


def test_people_see_the_settings_and_only_the_administrator_changes_them(
    api: Api, ports: Ports
) -> None:
    people.add(ports, api.account.name, username="eva")
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    assert eva.call("settings.get").text("settings/time_zone") == "America/New_York"
    assert update(eva, "<frequency>weekly</frequency>").code == "30010"
    assert update(eva, "<day_number>99</day_number>").code == "30010"
    assert defaults(api)["frequency"] == "m"


def test_settings_are_the_accounts_own(api: Api, clocked: Api) -> None:
    weekly = "<frequency>weekly</frequency><auto_generate>0</auto_generate>"
    assert update(api, weekly).ok
    assert defaults(api)["frequency"] == "w"
    assert defaults(clocked)["frequency"] == "m"
    assert defaults(clocked)["auto_generate"] == "1"


# What new profiles make of them.


def created(api: Api, content: str = "") -> int:
    return api.create_profile(
        f"{content}<lines><line><name>x</name><unit_cost>5</unit_cost>"
        "<quantity>1</quantity></line></lines>"
    )


@pytest.mark.parametrize(
    ("content", "start", "until", "dates"),
    [
        # sch-pr-35
        (
            (
                "<frequency>monthly</frequency><interval_value>3</interval_value>"
                "<interval_label>Months</interval_label><day_number>1</day_number>"
                "<day_type>Month</day_type>"
            ),
            "2026-03-10",
            "2027-07-01",
            "2026-04-01 2026-07-01 2026-10-01 2027-01-01 2027-04-01 2027-07-01",
        ),
        # sch-pr-36
        (
            (
                "<schedule><week>first</week><weekday>monday</weekday><every>2</every>"
                "</schedule>"
            ),
            "2026-01-06",
            "2026-08-03",
            "2026-02-02 2026-04-06 2026-06-01 2026-08-03",
        ),
        # sch-pr-37
        (
            "<interval_value>30</interval_value><interval_label>Days</interval_label>",
            "2026-01-31",
            "2026-06-30",
            "2026-01-31 2026-03-02 2026-04-01 2026-05-01 2026-05-31 2026-06-30",
        ),
        # Weekly with a weekday other than the start's.
        (
            (
                "<day_number>5</day_number><day_type>Week</day_type>"
                "<interval_value>2</interval_value>"
            ),
            "2026-03-10",
            "2026-04-30",
            "2026-03-13 2026-03-27 2026-04-10 2026-04-24",
        ),
    ],
)
def test_a_profile_that_says_nothing_bills_by_the_default(
    content: str, start: str, until: str, dates: str, clocked: Api
) -> None:
    updated(clocked, content)
    clocked.call("clock.set", f"<date>{start}</date>")
    wanted = dates.split()
    assert preview(clocked, count=len(wanted)) == wanted

    profile = created(clocked)
    clocked.call("clock.set", f"<date>{until}</date>")

    assert clocked.invoice_dates(profile) == wanted


def test_what_a_profile_says_comes_before_the_default(clocked: Api) -> None:
    updated(clocked, "<day_number>5</day_number><day_type>Week</day_type>")
    weekly = "<frequency>weekly</frequency>"
    assert preview(clocked, weekly, 2) == ["2007-09-01", "2007-09-08"]
    assert preview(clocked, count=2) == ["2007-09-07", "2007-09-14"]


def test_a_profile_that_is_there_already_keeps_its_schedule(clocked: Api) -> None:
    profile = created(clocked)
    updated(clocked, "<frequency>weekly</frequency><occurrences>2</occurrences>")
    clocked.call("clock.set", "<date>2007-12-01</date>")
    assert clocked.invoice_dates(profile) == [
        "2007-09-01",
        "2007-10-01",
        "2007-11-01",
        "2007-12-01",
    ]


def test_default_occurrences_end_a_profile_that_says_none(clocked: Api) -> None:
    updated(clocked, "<frequency>weekly</frequency><occurrences>2</occurrences>")
    profile = created(clocked)
    own = created(clocked, "<occurrences>3</occurrences>")
    clocked.call("clock.set", "<date>2007-12-01</date>")
    assert clocked.get(profile).text("recurring/occurrences") == "2"
    assert clocked.invoice_dates(profile) == ["2007-09-01", "2007-09-08"]
    assert len(clocked.invoice_dates(own)) == 3


def test_a_default_model_comes_before_the_defaults_and_outlives_their_change(
    clocked: Api,
) -> None:
    updated(clocked, "<frequency>weekly</frequency>")
    model = "<name>Middles</name><schedule><days><day>15</day></days></schedule>"
    answer = clocked.call(
        "billing_model.create", f"<billing_model>{model}</billing_model>"
    )
    chosen = answer.text("billing_model_id")
    body = f"<billing_model_id>{chosen}</billing_model_id>"
    clocked.call("billing_model.setDefault", body)
    assert defaults(clocked)["frequency"] == "w"

    updated(clocked, "<frequency>yearly</frequency><occurrences>2</occurrences>")

    answer = clocked.call("billing_model.get", body)
    assert answer.text("billing_model/default") == "1"
    assert preview(clocked) == ["2007-09-15", "2007-10-15"]


# The calendar.


def test_the_time_zone_decides_which_day_today_is(api: Api, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)  # 23:30 of the 5th there
    zones = {
        "Pacific/Auckland": "2026-03-05",
        "Pacific/Honolulu": "2026-03-05",
        "Pacific/Kiritimati": "2026-03-06",
        "Pacific/Pago_Pago": "2026-03-04",
    }
    for zone, today in zones.items():
        body = f"<settings><time_zone>{zone}</time_zone></settings>"
        assert api.call("settings.update", body).ok
        assert api.call("settings.get").text("settings/time_zone") == zone
        assert preview(api, count=1) == [today], zone


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "Europe", "../UTC", "/etc/passwd", "x" * 65, "Zürich"]
)
def test_an_unknown_time_zone_is_refused(zone: str, api: Api) -> None:
    body = f"<settings><time_zone>{zone}</time_zone></settings>"
    answer = api.call("settings.update", body)
    assert (answer.code, answer.field) == ("40060", "time_zone")
    assert "Europe/Berlin" in answer.error
    assert api.call("settings.get").text("settings/time_zone") == "America/New_York"


def test_an_empty_time_zone_or_switch_counts_as_left_out(api: Api) -> None:
    assert api.call("settings.update", "<settings><time_zone/></settings>").ok
    assert update(api, "<auto_generate/>").ok
    assert api.call("settings.get").text("settings/time_zone") == "America/New_York"
    assert defaults(api)["auto_generate"] == "1"


def test_a_row_is_written_only_for_what_is_changed(api: Api) -> None:
    rows = "SELECT COUNT(*) FROM recurring_defaults"
    assert update(api, "<auto_generate>0</auto_generate>").ok
    assert database.execute(rows).fetchone() == (0,)
    assert update(api, "<frequency>weekly</frequency>").ok
    assert update(api, "<occurrences>3</occurrences>").ok
    assert database.execute(rows).fetchone() == (1,)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("freshbooks", "1"),
        (" Payload ", "1,2,3,4,5"),
        ("sticky", "6,12,18"),
        ("none", "none"),
        ("2 4, 8", "2,4,8"),
        ("", "7"),
    ],
)
def test_a_retry_plan_is_said_by_its_name_or_as_days(
    api: Api, said: str, shown: str
) -> None:
    for text in ("7", said):
        content = f"<settings><retry_days>{text}</retry_days></settings>"
        assert api.call("settings.update", content).ok
    answer = api.call("settings.get")
    assert answer.text("settings/retry_days") == shown
    assert write_back(api, answer).ok
    assert api.call("settings.get").text("settings/retry_days") == shown


@pytest.mark.parametrize(
    "said", ["never", "0", "3,2", "2,2", "366", "1.5", "-1", "1;2"]
)
def test_a_retry_plan_that_cannot_be_is_refused_by_name(api: Api, said: str) -> None:
    answer = api.call(
        "settings.update",
        f"<settings><retry_days>{said}</retry_days><time_zone>Europe/Berlin"
        "</time_zone></settings>",
    )
    assert (answer.code, answer.field) == ("40060", "retry_days")
    kept = api.call("settings.get")
    assert kept.text("settings/retry_days") == "1"
    assert kept.text("settings/time_zone") == "America/New_York"


def test_staff_cannot_change_the_retry_plan(api: Api, ports: Ports) -> None:
    people.add(ports, "Loom", username="bob", first_name="", last_name="", email="")
    token = accounts.token(ports, "Loom", revoke_others=False, username="bob")
    bob = Api(api.client, api.account, token)
    content = "<settings><retry_days>none</retry_days></settings>"
    assert bob.call("settings.update", content).code == "30010"
    assert bob.call("settings.get").text("settings/retry_days") == "1"
