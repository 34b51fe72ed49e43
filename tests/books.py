"""Two companies' books with something of everything in them, made through the API."""

import base64
from contextlib import suppress
from datetime import date, datetime, timedelta

from flask.testing import FlaskClient

from app import compose
from app.domain.errors import UnauthenticatedError
from app.engine import loop, run
from app.services import account as accounts
from app.services import gateway, staff
from app.services.account import NewAccount
from app.services.gateway import NewGateway
from app.services.ports import Ports
from app.storage import database
from app.storage.database import writing
from tests.conftest import Api, Clock

LINES = (
    "<lines><line><name>Hosting</name><description>Plan B, übrig</description>"
    "<unit_cost>39.995</unit_cost><quantity>3</quantity><tax1_name>VAT</tax1_name>"
    "<tax1_percent>19</tax1_percent></line><line><name>Backup</name>"
    "<unit_cost>5.10</unit_cost><quantity>0.5</quantity></line></lines>"
)
CONTACTS = (
    "<organization>Tick &amp; Söhne</organization><contacts><contact>"
    "<username>bob</username><email>bob@tick.test</email></contact><contact>"
    "<username>eve</username><email>eve@tick.test</email></contact></contacts>"
)


def card(number: str) -> str:
    """Return an autobill element with a test number."""
    return (
        "<autobill><gateway_name>Authorize.Net</gateway_name><card>"
        f"<number>{number}</number><name>Ada Byron</name><expiration><month>4</month>"
        "<year>2031</year></expiration></card></autobill>"
    )


VISA = card("4111 1111 1111 1111")
KEY = "sk_test_123456789"
# A sandbox never answers for it.
SILENT = "4000 1000 0000 0141"
MASTERCARD = card("5555 5555 5555 4444")


def filled(ports: Ports, clock: Clock) -> tuple[Api, Api]:
    """Fill the database; return an account on the clock's calendar, one on its own.

    Three months pass meanwhile. What became due on the last day is not billed yet.
    """
    client = compose.application_on(ports).test_client()
    loom = _account(ports, client, "Loom")
    clocked = _account(ports, client, "Clocked", date(2007, 9, 1))
    _fill(loom, _day(clock.now))
    _fill(clocked, "2007-09-01")
    accounts.token(ports, "Loom", revoke_others=False)
    with writing():
        database.execute(
            "UPDATE recurring SET parked_reason = '2026-03-02: ValueError' "
            "WHERE notes = 'parked'"
        )
    for _ in range(3):
        clock.now += timedelta(days=31)
        run.run(ports)
    loop.tick(ports, 5, "loom:1", stop=lambda: False)
    clocked.call("clock.set", "<date>2008-01-31</date>")
    clock.now += timedelta(days=31)
    ports.requests.flush()
    _watch(ports, loom)
    for api in (loom, clocked):
        stripe = NewGateway(name="Stripe", kind="stripe", settings={"secret_key": KEY})
        gateway.add(ports, api.account.name, stripe, replaces=False)
    return loom, clocked


def _watch(ports: Ports, api: Api) -> None:
    """Add what is kept for a day: a person's client, a repeat, a failed login."""
    staff.add(ports, api.account.name, username="grace")
    staff.assign(api.account.name, "grace", [1])
    api.post(
        '<request method="client.create"><client><email>eve@tick.test</email></client>'
        "</request>",
        headers={"Idempotency-Key": "once"},
    )
    with suppress(UnauthenticatedError):
        accounts.log_in(ports, None, b"wrong", "127.0.0.1")


def revoked(ports: Ports, api: Api) -> Api:
    """Return the account with a new token, all its former ones revoked."""
    token = accounts.token(ports, api.account.name, revoke_others=True)
    return Api(api.client, api.account, token)


def told(api: Api) -> list[bytes]:
    """Return the answers to everything that the account can be asked."""
    answers = [
        api.post(f'<request method="{method}"><per_page>100</per_page></request>')
        for method in (
            "client.list",
            "recurring.list",
            "invoice.list",
            "payment.list",
            "gateway.list",
            "billing_model.list",
            "item.list",
            "tax.list",
            "discount.list",
            "category.list",
            "default_terms.list",
            "card.list",
        )
    ]
    for noun in ("client", "recurring", "invoice", "payment"):
        for number in range(1, 12):
            content = f"<{noun}_id>{number}</{noun}_id>"
            answers.append(
                api.post(f'<request method="{noun}.get">{content}</request>')
            )
    answers.append(api.post('<request method="staff.current"/>'))
    return [answer.http.data for answer in answers]


def _account(
    ports: Ports, client: FlaskClient, name: str, clock_on: date | None = None
) -> Api:
    new = NewAccount(name=name, base_currency="USD", clock_on=clock_on)
    return Api(client, *accounts.create(ports, new))


def _fill(api: Api, today: str) -> None:
    plain = api.create_client()
    people = api.create_client(CONTACTS)
    gone = api.create_client("<organization>Gone</organization>")
    contacts = "<contacts><contact><contact_id>1</contact_id></contact></contacts>"
    api.create_profile(f"<discount>7.5</discount>{LINES}{VISA}", plain)
    api.create_profile(f"<date>{today}</date>{LINES}{MASTERCARD}{contacts}", people)
    api.create_profile(f"<occurrences>2</occurrences>{LINES}", people)
    paused = api.create_profile(f"<currency_code>JPY</currency_code>{LINES}", plain)
    api.update(paused, "<stopped>1</stopped>")
    api.create_profile(f"<notes>parked</notes>{LINES}", plain)
    deleted = api.create_profile(f"{LINES}{VISA}", plain)
    api.call("recurring.delete", f"<recurring_id>{deleted}</recurring_id>")
    api.create_profile(f"<frequency>weekly</frequency>{LINES}", gone)
    api.call("client.delete", f"<client_id>{gone}</client_id>")
    _pay(api, people)
    for owner, name in (("recurring", "terms.txt"), ("invoice", "a.pdf")):
        api.call("attachment.create", f"<attachment>{_file(owner, name)}</attachment>")
    api.call("attachment.create", f"<attachment>{_file('recurring', 'x')}</attachment>")
    api.call("attachment.delete", "<attachment_id>3</attachment_id>")
    model = "<name>Middles</name><schedule><days><day>15</day></days></schedule>"
    api.call("billing_model.create", f"<billing_model>{model}</billing_model>")
    api.call("billing_model.setDefault", "<billing_model_id>2</billing_model_id>")
    defaults = "<recurring_defaults><frequency>2 weeks</frequency></recurring_defaults>"
    api.call("settings.update", f"<settings>{defaults}</settings>")
    _fill_catalogue(api)
    _fill_invoices(api, plain)
    _store_cards(api, plain)
    _charge(api, plain, today)


def _fill_catalogue(api: Api) -> None:
    for noun, content in (
        ("item", "<name>Hosting</name><unit_cost>39.995</unit_cost>"),
        ("item", "<name>Backup</name><inventory>3</inventory>"),
        ("tax", "<name>VAT</name><rate>19</rate>"),
        ("tax", "<name>Levy</name><rate>2.5</rate><compound>1</compound>"),
        ("discount", "<name>Regular</name><percent>7.5</percent>"),
        ("discount", "<name>Welcome</name><amount>5.25</amount>"),
        ("category", "<name>Fees</name>"),
        ("category", "<name>Bank</name><parent_id>1</parent_id>"),
    ):
        api.call(f"{noun}.create", f"<{noun}>{content}</{noun}>")
    api.call("item.delete", "<item_id>2</item_id>")
    terms = "<type>invoice</type><message>Payable at once,\nübrigens</message>"
    api.call("default_terms.update", f"<terms>{terms}</terms>")


def _store_cards(api: Api, client_id: int) -> None:
    """Store a card that a profile uses, and one that is gone."""
    for number in ("4111 1111 1111 1111", "5555 5555 5555 4444"):
        content = (
            f"<client_id>{client_id}</client_id><number>{number}</number><name>Ada "
            "Byron</name><expiration><month>4</month><year>2031</year></expiration>"
        )
        answer = api.call("card.create", f"<card>{content}</card>")
        assert answer.ok, answer.error
    assert api.update(5, "<autobill><card_id>1</card_id></autobill>").ok
    api.call("card.delete", "<card_id>2</card_id>")


def _charge(api: Api, client_id: int, today: str) -> None:
    """Charge a card by hand; have others expire, and never answered for."""
    of = f"<client_id>{client_id}</client_id><status>sent</status>{LINES}"
    made = api.call("invoice.create", f"<invoice>{of}</invoice>").text("invoice_id")
    by_hand = f"<invoice_id>{made}</invoice_id><card_id>1</card_id>"
    answer = api.call("invoice.charge", by_hand)
    assert answer.ok, answer.error
    year, month, _ = today.split("-")
    expires = VISA.replace(">4<", f">{month}<").replace(">2031<", f">{year}<")
    api.create_profile(f"<frequency>m</frequency>{LINES}{expires}", client_id)
    api.create_profile(f"{LINES}{card(SILENT)}", client_id)


def _pay(api: Api, client_id: int) -> None:
    """Record part of an invoice, more than one, a credit and its use, and no longer."""
    client = f"<client_id>{client_id}</client_id>"
    for content in (
        "<invoice_id>2</invoice_id><amount>20.5</amount><notes>übrig</notes>",
        "<invoice_id>4</invoice_id><amount>1000</amount><type>VISA</type>",
        f"{client}<amount>50</amount>",
        f"{client}<invoice_id>3</invoice_id><amount>30.01</amount>",
        "<invoice_id>1</invoice_id><amount>7</amount>",
    ):
        answer = api.call("payment.create", f"<payment>{content}</payment>")
        assert answer.ok, answer.error
    api.call("payment.delete", "<payment_id>5</payment_id>")


def _file(owner: str, name: str) -> str:
    # Of several pieces.
    content = base64.b64encode(f"%PDF-1.4 {name}".encode() * 10_000).decode()
    return (
        f"<{owner}_id>2</{owner}_id><file_name>{name}</file_name>"
        f"<content>{content}</content>"
    )


def _fill_invoices(api: Api, client_id: int) -> None:
    of = f"<client_id>{client_id}</client_id><number>A-7</number>{LINES}"
    made = api.call("invoice.create", f"<invoice>{of}</invoice>").text("invoice_id")
    invoice_id = f"<invoice_id>{made}</invoice_id>"
    api.call("invoice.update", f"<invoice>{invoice_id}<notes>n</notes></invoice>")
    api.call("invoice.sendByEmail", f"{invoice_id}<message>m</message>")
    gone = f"<invoice><client_id>{client_id}</client_id></invoice>"
    made = api.call("invoice.create", gone).text("invoice_id")
    api.call("invoice.delete", f"<invoice_id>{made}</invoice_id>")


def _day(now: datetime) -> str:
    return now.date().isoformat()
