"""Cards that expire before the next invoice of their profile are told of, once."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

from app.engine import loop
from app.services import outgoing
from app.services.ports import Ports
from app.storage import database
from tests.conftest import Api, Clock

LINES = (
    "<lines><line><name>Hosting</name><unit_cost>40</unit_cost><quantity>1</quantity>"
    "</line></lines>"
)


def card(month: int, year: int) -> str:
    return (
        "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
        "<number>4242424242424242</number><name>Ada Byron</name><expiration>"
        f"<month>{month}</month><year>{year}</year></expiration></card></autobill>"
    )


def profile(api: Api, content: str) -> int:
    return api.create_profile(f"<occurrences>0</occurrences>{content}{LINES}")


def told(api: Api, recurring_id: int) -> list[str]:
    """Return when the history tells of an expiring card."""
    answer = api.call(
        "recurring.history", f"<recurring_id>{recurring_id}</recurring_id>"
    )
    assert answer.ok
    pairs = zip(answer.all("what"), answer.all("date"), strict=True)
    return [date for what, date in pairs if what == "card.expiring"]


def move(api: Api, day: str) -> None:
    assert api.call("clock.set", f"<date>{day}</date>").ok


def test_it_is_told_in_the_last_month_of_the_card(clocked: Api) -> None:
    monthly = profile(clocked, f"<frequency>m</frequency>{card(12, 2007)}")
    move(clocked, "2007-11-30")
    assert told(clocked, monthly) == []
    move(clocked, "2007-12-31")
    assert len(told(clocked, monthly)) == 1
    assert told(clocked, monthly)[0].startswith("2007-12-01")
    move(clocked, "2008-03-31")
    assert len(told(clocked, monthly)) == 1


def test_a_card_that_is_good_on_the_next_date_is_not_told_of(clocked: Api) -> None:
    weekly = profile(clocked, f"<frequency>w</frequency>{card(9, 2007)}")
    move(clocked, "2007-09-28")
    assert told(clocked, weekly) == []
    # The first date after the last good day is that of October.
    move(clocked, "2007-09-29")
    assert len(told(clocked, weekly)) == 1


def test_a_yearly_profile_is_told_of_in_the_last_month_too(clocked: Api) -> None:
    yearly = profile(clocked, f"<frequency>y</frequency>{card(3, 2008)}")
    move(clocked, "2008-08-31")
    assert [day[:10] for day in told(clocked, yearly)] == ["2008-03-01"]


def test_nothing_is_told_without_autopay(clocked: Api) -> None:
    off = profile(clocked, f"<autopay>0</autopay>{card(12, 2007)}")
    move(clocked, "2008-01-31")
    assert told(clocked, off) == []


def test_a_new_card_is_looked_at_by_itself(clocked: Api) -> None:
    monthly = profile(clocked, f"<frequency>m</frequency>{card(12, 2007)}")
    move(clocked, "2007-12-05")
    clocked.update(
        monthly, card(12, 2007).replace("4242424242424242", "5555555555554444")
    )
    move(clocked, "2007-12-06")
    assert len(told(clocked, monthly)) == 2


def test_the_client_gets_a_mail(clocked: Api, ports: Ports) -> None:
    profile(
        clocked,
        f"<frequency>m</frequency>{card(9, 2007)}<send_receipt>never</send_receipt>",
    )
    move(clocked, "2007-09-02")
    done = outgoing.hand_over(ports)
    assert (done.count, done.put_off) == (1, [])
    (path,) = (ports.outbox / "mail").glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "Your card with Clocked expires"
    text = mail.get_content()
    assert "ends in 4242 is good until 09/2007" in text
    assert "::" not in text


def test_a_worker_looks_once_a_day(api: Api, ports: Ports, clock: Clock) -> None:
    monthly = profile(api, f"<frequency>m</frequency>{card(3, 2026)}")
    for _ in range(3):
        loop.tick(ports, 5, "host:1", stop=lambda: False)
    assert len(told(api, monthly)) == 1
    with database.reading():
        rows = database.execute("SELECT cards_checked_on FROM account").fetchall()
    assert [str(day) for (day,) in rows] == ["2026-03-02"]
    clock.now = datetime(2026, 4, 2, 15, tzinfo=UTC)
    loop.tick(ports, 5, "host:1", stop=lambda: False)
    assert len(told(api, monthly)) == 1
