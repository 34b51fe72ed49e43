"""The files of fixtures/requests: plain requests, good for the demo account."""

from datetime import timedelta
from typing import Any

import pytest

from app import cli, replay
from app.api import dispatch, registry
from app.config import Settings
from app.replay import Post
from app.services.ports import Ports
from app.wire import xml
from app.wire.schema import noun_of
from tests.conftest import Api, Clock
from tests.schemas import FIXTURES, check_answer, explainer, validator

FOLDER = FIXTURES / "requests"
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.xml"))}

# Whoever deletes comes last; profile, line and invoice 1 are made by recurring.create,
# model 2 by billing_model.create, invoice 2 by invoice.create, the first card and
# attachment and the first of the catalogue by their creates.
ORDER = """
    staff.current staff.get staff.list system.current
    gateway.list currency.list language.list
    client.list client.get client.update client.create
    recurring.create recurring.get recurring.list
    recurring.lines.add recurring.lines.update recurring.update recurring.lines.delete
    card.create card.get card.list card.delete
    recurring.preview recurring.skip recurring.changeDate
    recurring.pause recurring.resume recurring.archive recurring.restore
    recurring.history
    invoice.create invoice.list invoice.get invoice.update invoice.issue
    invoice.lines.add invoice.lines.update invoice.lines.delete
    invoice.sendByEmail invoice.sendBySnailMail invoice.history invoice.getPDF
    payment.create payment.get payment.list payment.update payment.history
    recurring.payments payment.delete
    attachment.create attachment.get attachment.list attachment.delete
    billing_model.create billing_model.get billing_model.list billing_model.update
    billing_model.setDefault billing_model.delete
    settings.update settings.get
    item.create item.get item.list item.update item.delete
    tax.create tax.get tax.list tax.update tax.delete
    discount.create discount.get discount.list discount.update discount.delete
    category.create category.get category.list category.update category.delete
    default_terms.update default_terms.get default_terms.list
    report.recurring report.transactions
    invoice.delete recurring.delete client.delete
""".split()
CLOCK = ["clock.get", "clock.set"]
# What is billed on the day that it is made cannot be billed again on that day.
LATER = ["recurring.billNow"]
# Needs a card for what it charges.
CARDED = ["invoice.charge"]
CARD = (
    b'<request method="recurring.update"><recurring><recurring_id>1</recurring_id>'
    b"<autobill><gateway_name>Authorize.Net</gateway_name><card><number>"
    b"4242424242424242</number><name>Ada</name><expiration><month>7</month>"
    b"<year>2031</year></expiration></card></autobill></recurring></request>"
)
# The one answer that is no XML.
PDF = "invoice.getPDF"


@pytest.fixture(name="demo")
def demo_(ports: Ports, settings: Settings) -> Post:
    """Provide a way to post to the account that `make serve` makes."""
    cli._make_demo(ports, settings)
    token = settings.token_file.read_text("ascii").strip()
    return replay.to_application(ports, token)


def status_of(answered: bytes) -> str:
    fine = b' status="ok"' in answered or answered.startswith(b"%PDF-")
    return "ok" if fine else answered.decode()


def test_every_method_has_a_request_file_and_every_file_a_method() -> None:
    assert set(FILES) == set(registry.METHODS)


def test_every_file_is_posted_here() -> None:
    assert sorted(FILES) == sorted(ORDER + CLOCK + LATER + CARDED)


def test_each_file_in_turn_succeeds_on_the_demo_account(demo: Post) -> None:
    answers = {method: demo(FILES[method].read_bytes()) for method in ORDER}
    assert {m: status_of(answer) for m, answer in answers.items()} == dict.fromkeys(
        ORDER, "ok"
    )
    for method, answer in answers.items():
        if method != PDF:
            check_answer(method, answer)


@pytest.mark.parametrize("method", LATER)
def test_a_file_for_another_day_succeeds_on_the_next(
    method: str, demo: Post, clock: Clock
) -> None:
    demo(FILES["recurring.create"].read_bytes())
    assert b"<code>50020</code>" in demo(FILES[method].read_bytes())

    clock.now += timedelta(days=1)

    answer = demo(FILES[method].read_bytes())
    assert status_of(answer) == "ok"
    check_answer(method, answer)


@pytest.mark.parametrize("method", CARDED)
def test_a_file_of_a_card_succeeds_once_the_profile_has_one(
    method: str, demo: Post
) -> None:
    demo(FILES["recurring.create"].read_bytes())
    assert b"<code>40040</code>" in demo(FILES[method].read_bytes())

    assert status_of(demo(CARD)) == "ok"

    answer = demo(FILES[method].read_bytes())
    assert status_of(answer) == "ok"
    check_answer(method, answer)


@pytest.mark.parametrize("method", CLOCK)
def test_the_demo_account_has_no_test_clock(method: str, demo: Post) -> None:
    assert b"<code>30010</code>" in demo(FILES[method].read_bytes())


@pytest.mark.parametrize("method", CLOCK)
def test_a_clock_file_succeeds_on_an_account_with_a_clock(
    method: str, clocked: Api
) -> None:
    answer = clocked.post(FILES[method].read_bytes())
    assert answer.ok, answer.error
    check_answer(method, answer.http.data)


@pytest.mark.parametrize("method", FILES)
def test_a_file_fits_its_schema_by_both_validators(method: str) -> None:
    body = FILES[method].read_bytes()
    document = xml.parse(
        body, registry.METHODS, dispatch.known_names(), ignore_unknown=False
    )
    assert document.method == method
    document.root.tag = method
    assert validator(noun_of(method)).validate(document.root)
    # xmlschema takes lxml's elements; its stubs know only the standard library's.
    root: Any = document.root
    assert explainer(noun_of(method)).is_valid(root)


@pytest.mark.parametrize("method", FILES)
def test_a_file_is_laid_out_for_reading(method: str) -> None:
    text = FILES[method].read_text("utf-8")
    declaration, first, *rest = text.splitlines()
    assert declaration == '<?xml version="1.0" encoding="utf-8"?>'
    assert first.startswith(f'<request method="{method}"')
    assert all(line.startswith("  ") for line in rest[:-1])
    assert text.endswith(">\n")
