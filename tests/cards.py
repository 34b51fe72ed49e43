"""What tests of charges share: profiles with cards, and gateways that misbehave."""

from dataclasses import replace
from datetime import datetime

from app import compose
from app.domain.account import SANDBOX
from app.domain.gateway import Missing, Order, Outcome, Unknown
from app.domain.outgoing import Template
from app.domain.retry_plan import spelled
from app.gateways.registry import Registry, kinds
from app.gateways.sandbox import Sandbox
from app.services.ports import Ports
from app.storage import charge as charges
from app.storage import gateway as gateways
from app.storage import tables
from app.storage.database import writing
from tests.conftest import Answer, Api

GATEWAY = "Authorize.Net"
CARD = (
    "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
    "<number>{number}</number><name>Ada Byron</name><expiration><month>{month}</month>"
    "<year>{year}</year></expiration></card></autobill>"
)
LINES = (
    "<lines><line><name>Hosting</name><unit_cost>40</unit_cost><quantity>1</quantity>"
    "</line></lines>"
)
GOOD = "4242424242424242"
POOR = "4000000000009995"
STOLEN = "4000000000009979"


class Silent(Sandbox):
    """A gateway that hears everything and answers nothing."""

    def charge(self, order: Order) -> Outcome:
        """Give no answer."""
        del order
        return Unknown(detail="No answer.")

    def look_up(self, order: Order) -> Outcome | Missing:
        """Give no answer."""
        return self.charge(order)


def card(number: str = GOOD, month: int = 7, year: int = 2031) -> str:
    """Return an autobill element."""
    return CARD.format(number=number, month=month, year=year)


def profile(api: Api, number: str = GOOD, more: str = "", *, lines: str = LINES) -> int:
    """Make a profile with a card; return its id."""
    return api.create_profile(
        f"<occurrences>0</occurrences>{more}{card(number)}{lines}"
    )


def receipts(api: Api) -> int:
    """Return how many receipts are on their way."""
    query = tables.Outgoing.select().where(
        tables.Outgoing.account_id == api.account.account_id,
        tables.Outgoing.template == Template.RECEIPT,
    )
    return int(query.count())


def move(api: Api, day: str) -> None:
    """Move a test clock, with the work of each day."""
    answer = api.call("clock.set", f"<date>{day}</date>")
    assert answer.ok, answer.error


def statuses(api: Api) -> list[str]:
    """Return the statuses of all invoices, the oldest first."""
    return api.call("invoice.list").all("status")[::-1]


def tried(api: Api, invoice_id: int = 1) -> list[tuple[str, str]]:
    """Return state and date of each attempt at an invoice."""
    found = charges.of_invoice(api.account.account_id, invoice_id)
    return [(each.state, each.made_on.isoformat()) for each in found]


def charge_date(api: Api, invoice_id: int = 1) -> str | None:
    """Return when an invoice's card is charged next, as answers show it."""
    answer = api.call(
        "invoice.get", f"<invoice_id>{invoice_id}</invoice_id><details>1</details>"
    )
    return answer.text("invoice/charge_date")


def charge(api: Api, invoice_id: int = 1, more: str = "") -> Answer:
    """Charge an invoice by hand."""
    content = f"<invoice_id>{invoice_id}</invoice_id>{more}"
    return api.call("invoice.charge", content)


def silent(ports: Ports) -> Ports:
    """Return ports whose gateways do not answer."""
    known = {**kinds(), SANDBOX: Silent}
    return replace(ports, gateways=Registry(known))


def on(ports: Ports, api: Api) -> Api:
    """Return the same account, served with other ports."""
    client = compose.application_on(ports).test_client()
    return Api(client, api.account, api.token)


def left_alone(api: Api, until: datetime) -> None:
    """Have the gateway of the cards left alone until an instant."""
    account_id = api.account.account_id
    with writing(account_id):
        gateway = gateways.get(account_id, GATEWAY)
        assert gateway is not None
        gateways.set_circuit(account_id, replace(gateway, open_until=until))


def plan(api: Api, days: tuple[int, ...]) -> None:
    """Give an account a plan for cards that were declined."""
    account_id = api.account.account_id
    query = tables.Account.update(retry_days=spelled(days))
    query.where(tables.Account.account_id == account_id).execute()
