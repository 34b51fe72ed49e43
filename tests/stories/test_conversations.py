"""The stories of fixtures/conversations: replayed, and judged by the schemas."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from app import replay
from app.api import registry
from app.replay import Played, Post, Story
from app.services.ports import Ports
from app.wire import conversation, xml
from app.wire.schema import noun_of
from tests.schemas import FIXTURES, check_answer, explainer, validator

STORIES = {story.name: story for story in replay.load(FIXTURES / "conversations")}

WANTED = """
    samples-create samples-update samples-get samples-delete samples-list
    first-invoice-at-once monthly-year-by-clock end-of-month all-nine-frequencies
    occurrences-end stop-and-resume autobill-life read-modify-write lines clients
    deleted-things paging filters return-uri refusals unknown-elements ignore-unknown
    foreign-currency totals
    charged-by-a-card-of-the-client
    payload-autopay payload-autopay-off-is-paid-by-hand payload-no-card-no-charge
    declined-retried-failed-paid-by-hand declined-then-another-card stolen-card
    expired-card partly-paid-charged-for-the-rest nothing-is-not-charged
    draft-is-never-charged outage-one-charge-a-day priority-bill-now-is-charged
    priority-autopay-is-charged priority-receipts
""".split()

every_story = pytest.mark.parametrize("name", STORIES)

# Codes of documents that name no method: there is no type to judge them by.
NO_METHOD = {"40010", "40020"}


@dataclass
class Recorder:
    """Posts, and keeps every request with its answer."""

    post: Post
    exchanges: list[tuple[bytes, bytes]] = field(default_factory=list)

    def __call__(self, body: bytes) -> bytes:
        answered = self.post(body)
        self.exchanges.append((body, answered))
        return answered


def differences(played: list[Played]) -> str:
    return "\n".join(line for step in played for line in (step.step, *step.difference))


def passes(story: Story, post: Post) -> None:
    played = list(replay.play(story, post))
    assert not any(step.difference for step in played), differences(played)
    assert len(played) == len(story.steps)


def exchanges(story: Story, ports: Ports) -> list[tuple[bytes, bytes]]:
    recorder = Recorder(replay.to_application(ports, replay.new_account(ports, story)))
    names = {"today": str(story.clock_on)}
    for step in story.steps:
        answered = recorder(conversation.filled_in(step.request, names).encode())
        assert step.response is not None
        conversation.difference(step.response, answered, names)
    return recorder.exchanges


def document_of(body: bytes) -> xml.Document:
    """Read a request as the server does, but for the names that it does not know."""
    names = {
        etree.QName(element).localname for element in etree.fromstring(body).iter()
    }
    return xml.parse(body, registry.METHODS, frozenset(names), ignore_unknown=False)


def status_and_code(answered: bytes) -> tuple[str | None, str | None]:
    if is_pdf(answered):
        return "ok", None
    return etree.fromstring(answered).get("status"), conversation.value(
        answered, "code"
    )


def is_pdf(answered: bytes) -> bool:
    return answered.startswith(b"%PDF-")


def texts(document: str) -> list[str]:
    elements = etree.fromstring(document.encode()).iter()
    return [text for e in elements if (text := (e.text or "").strip())]


def in_order(wanted: list[str], found: list[str]) -> bool:
    rest = iter(found)
    return all(text in rest for text in wanted)


def test_every_story_that_was_asked_for_is_there() -> None:
    assert set(WANTED) <= set(STORIES)


@every_story
def test_a_story_has_a_recorded_answer_for_each_request(name: str) -> None:
    folder = FIXTURES / "conversations" / name
    requests = {path.name.split(".request")[0] for path in folder.glob("*.request.xml")}
    answers = {path.name.split(".response")[0] for path in folder.glob("*.response.*")}
    assert requests == answers
    assert [step.name[:2] for step in STORIES[name].steps] == [
        f"{number:02d}" for number in range(1, len(requests) + 1)
    ]


@every_story
def test_a_step_is_called_after_the_method_of_its_request(name: str) -> None:
    for step in STORIES[name].steps:
        assert step.response is not None
        if status_and_code(step.response.encode())[1] != "40010":
            method = etree.fromstring(step.request.encode()).get("method")
            assert step.name[3:] == method


@every_story
def test_a_story_passes_in_this_process(name: str, ports: Ports) -> None:
    story = STORIES[name]
    passes(story, replay.to_application(ports, replay.new_account(ports, story)))


@every_story
def test_a_story_passes_over_a_real_socket(
    name: str, ports: Ports, server_url: str
) -> None:
    story = STORIES[name]
    passes(story, replay.to_url(server_url, replay.new_account(ports, story)))


@every_story
def test_a_story_passes_on_an_account_that_holds_other_data(
    name: str, ports: Ports
) -> None:
    story = STORIES[name]
    # The account's clock is a month behind, as it is when stories share an account.
    behind = story.clock_on and story.clock_on - timedelta(days=31)
    needs = {**story.needs, "clock": behind and behind.isoformat()}
    token = replay.new_account(ports, replace(story, needs=needs))
    post = replay.to_application(ports, token)
    client = (
        "<client><organization>Others</organization><email>others@loom.test</email>"
        "<contacts><contact><email>more@loom.test</email></contact></contacts></client>"
    )
    profile = (
        "<recurring><client_id>1</client_id><frequency>weekly</frequency><lines>"
        "<line><name>Other</name></line><line><name>Another</name></line></lines>"
        "</recurring>"
    )
    for method, content in (
        ("client.create", client),
        ("recurring.create", profile),
        ("recurring.create", profile),
    ):
        answered = post(f'<request method="{method}">{content}</request>'.encode())
        assert conversation.succeeded(answered), answered
    assert replay.fits(story, post)
    passes(story, post)


@every_story
def test_every_answer_of_a_story_has_its_documented_shape(
    name: str, ports: Ports
) -> None:
    for body, answered in exchanges(STORIES[name], ports):
        if is_pdf(answered):
            assert document_of(body).method == "invoice.getPDF"
        elif conversation.succeeded(answered):
            check_answer(document_of(body).method, answered)
        else:
            names = [etree.QName(e).localname for e in etree.fromstring(answered)]
            assert names in (["error", "code"], ["error", "code", "field"])


@every_story
def test_both_validators_judge_a_storys_requests_alike(name: str, ports: Ports) -> None:
    story = STORIES[name]
    for body, answered in exchanges(story, ports):
        status, code = status_and_code(answered)
        if code in NO_METHOD:
            continue
        document = document_of(body)
        document.root.tag = document.method
        noun = noun_of(document.method)
        fits = validator(noun).validate(document.root)
        # xmlschema takes lxml's elements; its stubs know only the standard library's.
        root: Any = document.root
        assert explainer(noun).is_valid(root) == fits, body
        if not fits and not story.needs.get("ignore_unknown"):
            assert status == "fail", body


def test_every_method_succeeds_and_is_refused_in_some_story() -> None:
    told = set()
    for story in STORIES.values():
        for step in story.steps:
            assert step.response is not None
            status, code = status_and_code(step.response.encode())
            if code not in NO_METHOD:
                told.add((step.name[3:], status))
    assert told >= {(m, status) for m in registry.METHODS for status in ("ok", "fail")}


# What is left of the five samples in source document 003, whose tags were lost: the
# texts, in their order. Ids differ: ours begin at 1.
SAMPLES = {
    "the request of create": (
        "samples-create",
        "02-recurring.create",
        (
            "2007-09-23|2314|10|1|monthly|1|0|CAD|Due upon receipt."
            "|Payment due in 30 days.|John|Smith|ABC Corp|Authorize.net"
            "|4111 1111 1111 1111|John Smith|3|2012|Yard Work|Mowed the lawn."
            "|10|4|GST|PST|8|6"
        ),
    ),
    "the answer of get": (
        "samples-get",
        "03-recurring.get",
        (
            "2y|0|0|ABC Corp|John|Doe|123 Fake St.|Unit 555|New York|New York"
            "|United States|553132|109.89|CAD|2007-06-23|0|0|1|Authorize.Net"
            "|************1111|John Smith|03|2012|Product|Sample product item|9.99"
            "|10|99.9|tax1|10|0"
        ),
    ),
    "the answer of list": (
        "samples-list",
        "04-recurring.list",
        (
            "m|0|1|XYZ Widgets Ltd|Joe|Smith|2770 Dufferin St.|Suite 201|Toronto"
            "|Ontario|Canada|M6B 3R7|200|CAD|2009-06-08|Payment due in 30 days.|0|0|1"
            "|Authorize.Net|************1111|John Smith|03|2012|Service"
            "|Monthly Subscription|200|1|200|0|0"
        ),
    ),
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_keeps_its_values(sample: str) -> None:
    story, name, wanted = SAMPLES[sample]
    step = next(step for step in STORIES[story].steps if step.name == name)
    document = step.request if "request" in sample else step.response
    assert document is not None
    assert in_order(wanted.split("|"), texts(document))


@pytest.mark.parametrize(
    ("story", "dates"),
    [
        pytest.param(
            "stop-and-resume",
            "2026-09-15 2026-08-15 2026-07-15 2026-06-15 2026-02-15 2026-01-15",
            id="sch-fb-23",
        ),
        pytest.param(
            "end-of-month",
            "2024-05-31 2024-04-30 2024-03-31 2024-02-29 2024-01-31",
            id="the 31st of each month",
        ),
        pytest.param(
            "monthly-year-by-clock",
            " ".join(f"2026-{month:02d}-15" for month in range(12, 0, -1)),
            id="a year",
        ),
        pytest.param(
            "change-date", "2024-06-25 2024-05-02 2024-03-25 2024-02-25", id="sch-st-30"
        ),
        pytest.param(
            "sticky-cycle-15-days", "2024-03-21 2024-03-06 2024-02-20", id="sch-st-01"
        ),
        pytest.param(
            "sticky-schedule-with-buffer", "2024-10-20 2024-09-20", id="sch-st-16"
        ),
        pytest.param(
            "priority-weekly-4-bill-now",
            "2026-04-30 2026-04-02 2026-03-02",
            id="sch-pr-21",
        ),
        pytest.param("priority-once", "2026-03-01", id="sch-pr-02"),
    ],
)
def test_a_story_of_dates_keeps_its_dates(story: str, dates: str) -> None:
    lists = [
        step.response
        for step in STORIES[story].steps
        if step.name.endswith("invoice.list") and step.response
    ]
    root = etree.fromstring(lists[-1].encode())
    assert [element.text for element in root.iter("{*}date")] == dates.split()


# The dates that the source documents' examples and the cases have, by the number of the
# preview in its story.
PREVIEWED = [
    ("suitedash-every-10-days", 1, "2026-03-02 2026-03-12 2026-03-22 2026-04-01"),
    ("suitedash-every-n-units", 1, "2024-01-31 2024-03-01 2024-03-31 2024-04-30"),
    ("suitedash-every-n-units", 2, "2024-12-19 2025-01-09 2025-01-30 2025-02-20"),
    ("suitedash-every-n-units", 3, "2024-10-31 2025-02-28 2025-06-30 2025-10-31"),
    ("suitedash-every-n-units", 4, "2024-02-29 2027-02-28 2030-02-28 2033-02-28"),
    ("suitedash-pause", 2, "2026-04-06 2026-04-13 2026-04-20 2026-04-27"),
    ("suitedash-archive", 1, "2026-02-28 2026-03-31 2026-04-30 2026-05-31"),
    ("payload-days-1-and-15", 1, "2024-01-01 2024-01-15 2024-02-01 2024-02-15"),
    ("payload-days-1-and-15", 3, "2024-01-30 2024-01-31 2024-02-29 2024-03-30"),
    ("payload-twice-a-month", 1, "2024-02-10 2024-02-24 2024-03-10 2024-03-24"),
    ("payload-twice-a-month", 2, "2024-01-20 2024-02-06 2024-02-20 2024-03-06"),
    ("payload-day-of-the-month", 3, "2024-01-31 2024-02-29 2024-03-31 2024-04-30"),
    ("payload-day-of-the-month", 4, "2024-02-01 2024-03-01 2024-04-01 2024-05-01"),
    ("payload-first-monday", 1, "2024-01-01 2024-02-05 2024-03-04 2024-04-01"),
    ("payload-quarterly", 1, "2024-01-31 2024-04-30 2024-07-31 2024-10-31"),
    ("payload-annually", 2, "2023-02-28 2024-02-29 2025-02-28 2026-02-28"),
    ("payload-change-of-schedule", 1, "2024-03-31 2024-06-30 2024-09-30 2024-12-31"),
    ("sticky-date-31", 1, "2023-09-30 2023-10-31 2023-11-30 2023-12-31"),
    ("sticky-first-friday", 1, "2024-02-02 2024-03-01 2024-04-05 2024-05-03"),
    ("sticky-schedule-with-buffer", 1, "2024-08-20 2024-09-20 2024-10-20 2025-08-20"),
    ("sticky-schedule-with-buffer", 2, "2024-09-20 2024-10-20 2025-08-20 2025-09-20"),
    ("sticky-relative-date", 2, "2024-08-31 2024-09-30 2024-10-31 2024-11-30"),
    ("change-date", 1, "2024-05-02 2024-06-25 2024-07-25 2024-08-25"),
    ("change-date-for-good", 1, "2024-05-02 2024-06-02 2024-07-02 2024-08-02"),
    ("priority-six-days", 3, "2026-03-02 2026-03-14 2026-03-21 2026-03-28"),
    ("priority-six-days", 4, "2026-03-02 2026-03-08 2026-03-15 2026-03-22"),
    ("priority-six-days", 10, "2026-03-02 2026-03-05 2027-03-05 2028-03-05"),
]


@pytest.mark.parametrize(("story", "number", "dates"), PREVIEWED)
def test_a_story_of_previews_keeps_its_dates(
    story: str, number: int, dates: str
) -> None:
    previews = [
        step.response
        for step in STORIES[story].steps
        if step.name.endswith("recurring.preview") and step.response
    ]
    root = etree.fromstring(previews[number - 1].encode())
    found = [element.text for element in root.iter("{*}date")]
    assert found[: len(dates.split())] == dates.split()
