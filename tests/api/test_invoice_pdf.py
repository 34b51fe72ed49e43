"""invoice.getPDF: a file, or an answer that says why there is none."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from tests.conftest import PATH, Answer, Api, parsed
from tests.paper import reading

LINES = (
    "<lines><line><name>Weaving</name><unit_cost>12.5</unit_cost><quantity>4</quantity>"
    "<tax1_name>HST</tax1_name><tax1_percent>13</tax1_percent></line></lines>"
)


def create(api: Api, content: str = "", client_id: int | None = None) -> int:
    client_id = api.create_client() if client_id is None else client_id
    answer = api.call(
        "invoice.create",
        f"<invoice><client_id>{client_id}</client_id>{LINES}{content}</invoice>",
    )
    assert answer.ok, answer.error
    return int(answer.text("invoice_id") or 0)


def asked(api: Api, invoice_id: int | str) -> TestResponse:
    body = (
        f'<request method="invoice.getPDF"><invoice_id>{invoice_id}</invoice_id>'
        "</request>"
    )
    return api.client.post(PATH, data=body, headers=api.headers)


def gotten(api: Api, invoice_id: int) -> bytes:
    answer = asked(api, invoice_id)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/pdf"
    return bytes(answer.data)


def refused(api: Api, invoice_id: int | str) -> Answer:
    return parsed(asked(api, invoice_id))


def test_an_invoice_is_given_as_pdf_and_nothing_else(api: Api) -> None:
    invoice_id = create(api)
    api.call("invoice.issue", f"<invoice_id>{invoice_id}</invoice_id>")
    text = reading.page(gotten(api, invoice_id))
    for printed in ("Loom Ltd", "0000001", "Weaving", "HST 13%", "$56.50"):
        assert printed in text
    (link,) = reading.links(gotten(api, invoice_id))
    assert link.startswith("https://loom.test/view/")


def test_the_same_invoice_is_the_same_file_until_it_changes(api: Api) -> None:
    invoice_id = create(api)
    first = gotten(api, invoice_id)
    assert gotten(api, invoice_id) == first
    api.call(
        "invoice.update",
        f"<invoice><invoice_id>{invoice_id}</invoice_id><notes>Thanks</notes></invoice>",
    )
    assert "Thanks" in reading.page(gotten(api, invoice_id))


def test_a_draft_is_printed_as_one_and_stays_one(api: Api) -> None:
    invoice_id = create(api)
    pdf = gotten(api, invoice_id)
    assert "draft" in reading.page(pdf).casefold()
    assert reading.links(pdf) == set()
    content = f"<invoice_id>{invoice_id}</invoice_id>"
    assert api.call("invoice.get", content).text("invoice/status") == "draft"


def test_a_deleted_invoice_has_no_pdf(api: Api) -> None:
    invoice_id = create(api)
    api.call("invoice.delete", f"<invoice_id>{invoice_id}</invoice_id>")
    answer = refused(api, invoice_id)
    assert (answer.code, answer.field) == ("50010", "invoice_id")
    assert answer.error == "'invoice_id' not found. Invoice is deleted."


@pytest.mark.parametrize("value", ["a", "0", "-1", "9" * 30, "1.0", "\u0661"])
def test_what_is_no_id_of_an_invoice_is_not_found(api: Api, value: str) -> None:
    create(api)
    answer = refused(api, value)
    assert (answer.code, answer.field) == ("50010", "invoice_id")


def test_an_invoice_of_another_account_looks_like_one_that_is_nowhere(
    api: Api, new_api: Callable[..., Api]
) -> None:
    owner = new_api("Owner")
    create(owner)
    assert gotten(owner, 1)
    assert asked(api, 1).data == asked(api, 999).data
    assert refused(api, 1).code == "50010"


def test_staff_gets_those_of_its_clients_alone(api: Api, ports: Ports) -> None:
    people.add(ports, "Loom", username="eva")
    theirs, others = api.create_client(), api.create_client()
    people.assign("Loom", "eva", [theirs])
    token = accounts.token(ports, "Loom", revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    mine, hidden = create(api, "", theirs), create(api, "", others)
    assert gotten(eva, mine)
    assert refused(eva, hidden).error == "'invoice_id' not found. Invoice not found."


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("0000042", "invoice-0000042.pdf"),
        ("../../x&quot;&#10;", "invoice-x.pdf"),
        ("a&#13;&#10;Set-Cookie: b", "invoice-a-Set-Cookie-b.pdf"),
        ("&quot;; filename=&quot;evil.exe", "invoice-filename-evil.exe.pdf"),
        ("\u96fb\u5b50", "invoice-1.pdf"),
        (".", "invoice-1.pdf"),
    ],
)
def test_the_name_of_the_file_is_harmless_whatever_the_number(
    api: Api, number: str, name: str
) -> None:
    answer = asked(api, create(api, f"<number>{number}</number>"))
    disposition = answer.headers["Content-Disposition"]
    assert disposition == f'inline; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
