"""invoice.sendByEmail and .sendBySnailMail, and what profiles have posted."""

from datetime import timedelta
from typing import Any

import pytest

from app.engine import run
from app.services.ports import Ports
from app.storage import rows, tables
from tests.conftest import Api, Clock
from tests.invoices import LINE, call, made, pay, shown, told

ADDRESS = "<p_street1>1 Mill Lane</p_street1><p_city>Derby</p_city>"


def outgoing() -> list[tuple[Any, ...]]:
    """Return kind, invoice, subject and message of what is on its way."""
    t = tables.Outgoing
    query = t.select(t.kind, t.invoice_id, t.subject, t.message)
    return rows.tuples(query.order_by(t.outgoing_id))


def test_an_invoice_that_is_mailed_is_issued_with_that(api: Api) -> None:
    made(api)
    content = "<subject> Hello </subject><message>Pay: ::invoice link:: !</message>"
    assert call(api, "sendByEmail", 1, content).ok
    assert shown(api, "status") == "sent"
    message = "Pay: ::invoice link:: !"
    assert outgoing() == [("email", 1, "Hello", message)]
    assert told(api)[1] == (
        "sendByEmail",
        ["status draft sent", "subject - Hello", f"message - {message}"],
    )


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("", ""),
        ("Thanks.", "Thanks.\n\n::invoice link::"),
        ("::Invoice Link::", "::Invoice Link::\n\n::invoice link::"),
    ],
)
def test_a_message_of_its_own_has_the_link(api: Api, message: str, kept: str) -> None:
    made(api)
    assert call(api, "sendByEmail", 1, f"<message>{message}</message>").ok
    assert outgoing() == [("email", 1, "", kept)]


@pytest.mark.parametrize("method", ["sendByEmail", "sendBySnailMail"])
def test_sending_takes_no_status_back(api: Api, method: str) -> None:
    client_id = api.create_client(f"<organization>Loom</organization>{ADDRESS}")
    for invoice_id, status, amount in (
        (1, "viewed", 0),
        (2, "partial", 10),
        (3, "paid", 40),
    ):
        lines = f"<status>viewed</status><lines>{LINE}</lines>"
        assert made(api, lines, client_id) == invoice_id
        if amount:
            pay(api, amount, invoice_id)
        assert call(api, method, invoice_id).ok
        assert shown(api, "status", invoice_id) == status
        assert told(api, invoice_id)[-1] == (method, [])
    assert len(outgoing()) == 3


@pytest.mark.parametrize("address", ["", "<p_city>Derby</p_city>", ADDRESS])
def test_an_invoice_is_posted_where_it_has_an_address(api: Api, address: str) -> None:
    made(api, address)
    answer = call(api, "sendBySnailMail")
    if address == ADDRESS:
        assert answer.ok
        assert outgoing() == [("post", 1, "", "")]
        assert told(api)[1] == ("sendBySnailMail", ["status draft sent"])
        return
    assert answer.code == "50020"
    assert answer.error == "Failed to send invoice. It has no postal address."
    assert (outgoing(), shown(api, "status")) == ([], "draft")


def test_an_invoice_is_not_mailed_to_nobody(api: Api) -> None:
    contact = "<contacts><contact><email>c@loom.test</email></contact></contacts>"
    client_id = api.create_client(f"<organization>Loom</organization>{contact}")
    nobody = f"<client><client_id>{client_id}</client_id><email/></client>"
    assert api.call("client.update", nobody).ok
    made(api, client_id=client_id)
    answer = call(api, "sendByEmail")
    assert answer.code == "50020"
    assert answer.error == "Failed to send invoice. Its client has no e-mail address."
    assert (outgoing(), shown(api, "status")) == ([], "draft")
    # Its own contacts have.
    contacts = "<contacts><contact><contact_id>1</contact_id></contact></contacts>"
    assert call(api, "update", 1, contacts).ok
    assert call(api, "sendByEmail").ok


def test_an_invoice_of_a_deleted_client_is_not_mailed(api: Api) -> None:
    made(api)
    assert api.call("client.delete", "<client_id>1</client_id>").ok
    answer = call(api, "sendByEmail")
    assert answer.error == "Failed to send invoice. Its client is deleted."
    assert outgoing() == []


def test_a_key_keeps_an_invoice_from_being_mailed_twice(api: Api) -> None:
    made(api)
    body = '<request method="invoice.sendByEmail"><invoice_id>1</invoice_id></request>'
    for _ in range(2):
        assert api.post(body, headers={"Idempotency-Key": "once"}).ok
    assert len(outgoing()) == 1


def test_what_profiles_have_posted_goes_out_with_each_invoice(
    api: Api, ports: Ports, clock: Clock
) -> None:
    posted = f"<send_snail_mail>1</send_snail_mail><lines>{LINE}</lines>"
    draft = f"<invoice_status>draft</invoice_status>{posted}"
    client_id = api.create_client()
    api.create_profile(posted, client_id)
    api.create_profile(f"<lines>{LINE}</lines>", client_id)
    api.create_profile(draft, client_id)
    api.create_profile(posted, client_id)
    assert [item[:2] for item in outgoing()] == [("post", 1), ("post", 4)]
    clock.now += timedelta(days=31)
    run.run(ports)
    ids = {item[1] for item in outgoing()[2:]}
    t = tables.Invoice
    of = dict(rows.tuples(t.select(t.invoice_id, t.recurring_id)))
    assert sorted(of[invoice_id] for invoice_id in ids) == [1, 4]
    assert len(outgoing()) == 4
    clock.now += timedelta(days=1)
    assert api.call("recurring.billNow", "<recurring_id>1</recurring_id>").ok
    assert len(outgoing()) == 5
