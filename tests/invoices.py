"""Invoices in tests of the API: made, read, paid."""

from tests.conftest import Answer, Api

LINE = (
    "<line><name>Hosting</name><unit_cost>40</unit_cost><quantity>1</quantity></line>"
)


def create(api: Api, content: str = "", client_id: int | None = None) -> Answer:
    """Post an invoice.create, for a new client unless one is named."""
    client_id = api.create_client() if client_id is None else client_id
    of = f"<client_id>{client_id}</client_id>"
    return api.call("invoice.create", f"<invoice>{of}{content}</invoice>")


def made(api: Api, content: str = "", client_id: int | None = None) -> int:
    """Make an invoice; return its id."""
    answer = create(api, content, client_id)
    assert answer.ok, answer.error
    return int(answer.text("invoice_id") or 0)


def call(api: Api, method: str, invoice_id: int = 1, content: str = "") -> Answer:
    """Call a method that names an invoice."""
    of = f"<invoice_id>{invoice_id}</invoice_id>"
    if method == "update":
        return api.call("invoice.update", f"<invoice>{of}{content}</invoice>")
    return api.call(f"invoice.{method}", f"{of}{content}")


def shown(api: Api, name: str, invoice_id: int = 1) -> str | None:
    """Return what an invoice shows of an element."""
    return call(api, "get", invoice_id).text(f"invoice/{name}")


def told(api: Api, invoice_id: int = 1) -> list[tuple[str, list[str]]]:
    """Return what the history tells, the oldest first: what, and field, old, new."""
    found = []
    for event in call(api, "history", invoice_id).root.iter("{*}event"):
        changes = [
            " ".join((child.text or "-") for child in change)
            for change in event.iter("{*}change")
        ]
        found.append((event.findtext("{*}what") or "", changes))
    return found[::-1]


def pay(api: Api, amount: int, invoice_id: int = 1) -> None:
    """Let so much of an invoice be paid."""
    of = f"<invoice_id>{invoice_id}</invoice_id><amount>{amount}</amount>"
    answer = api.call("payment.create", f"<payment>{of}</payment>")
    assert answer.ok, answer.error
