"""Nobody sees what is not theirs: every method, with every id that it takes.

Generated from the registry and the schemas, so that a new method is walked through
without a line here, and an id of a kind that is not known yet fails.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import pytest
from lxml import etree
from xmlschema.validators import XsdElement

from app import replay
from app.api import registry
from app.domain.billing_model import BillingModel
from app.domain.frequency import MONTHLY
from app.engine import run
from app.services import account as accounts
from app.services import outgoing
from app.services import staff as people
from app.services.ports import Ports
from app.storage import billing_model as models
from app.storage import database, tables
from app.storage.database import writing
from tests import snapshot
from tests.conftest import Api, Secrets
from tests.house.test_methods import NAMES, SAMPLES, declared
from tests.schemas import FIXTURES

# Where the objects are that an id of this name may mean; staff is the account's own.
KINDS = {
    "client_id": ("client",),
    "contact_id": ("contact",),
    "recurring_id": ("recurring",),
    "line_id": ("recurring_line", "invoice_line"),
    "invoice_id": ("invoice",),
    "staff_id": ("staff",),
    "estimate_id": (),
    "billing_model_id": ("billing_model",),
    "attachment_id": ("attachment",),
    "item_id": ("item",),
    "tax_id": ("tax",),
    "discount_id": ("discount",),
    "category_id": ("category",),
    "parent_id": ("category",),
    "payment_id": ("payment",),
    "card_id": ("card",),
}
# Those of the account, for all of its people.
EVERYBODYS = (
    "billing_model_id",
    "item_id",
    "tax_id",
    "discount_id",
    "category_id",
    "parent_id",
)
# Ones that are read nowhere have no objects to mean.
NOWHERE = 999_999
# The caller's own objects all have this id.
OWN = 1

VALUES = {
    **SAMPLES,
    "id": str(OWN),
    "gateway_name": "Authorize.Net",
    "bill_now": "0",
}
NEW_CLIENT = "recurring/client/"
CARD = (
    "<number>4111111111111111</number><name>Ada Byron</name><expiration><month>7"
    "</month><year>2031</year></expiration>"
)
# What contradicts something else of a full request, unless an id is tried there.
LEFT_OUT = {
    "week",
    "weekday",
    "dates",
    "quarters",
    "buffer_days",
    "totals",
    "billing_model_id",
    "discounts",
}


@dataclass(frozen=True)
class Case:
    """A method, and the places of its request that get an id which is not theirs."""

    method: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method}-{'+'.join(self.places)}"


def holds_id(element: XsdElement) -> bool:
    name = element.local_name
    return element.type.local_name == "id" or name == "id" or name.endswith("_id")


def inside(element: XsdElement) -> Iterator[XsdElement]:
    for child in getattr(element.type, "content", None) or ():
        if hasattr(child, "iter_elements"):
            yield from (e for e in child.iter_elements() if isinstance(e, XsdElement))
        elif isinstance(child, XsdElement):
            yield child


def places(element: XsdElement, path: str = "") -> Iterator[str]:
    """Yield the path of every element that may hold an id, ignored ones too."""
    for child in inside(element):
        place = f"{path}/{child.local_name}".lstrip("/")
        if holds_id(child):
            yield place
        yield from places(child, place)


def of_two(names: set[str]) -> set[str]:
    """Return the one of percentage and amount that is left out beside the other."""
    return {"amount"} if {"percent", "amount"} <= names else set()


def filled(element: XsdElement, tried: Collection[str]) -> etree._Element:
    """Return an element with the children that its type declares, and own ids."""
    made = etree.Element(element.local_name)
    children = list(inside(element))
    left_out = LEFT_OUT | of_two({child.local_name for child in children})
    made.extend(
        filled(child, tried)
        for child in children
        if child.local_name in tried or child.local_name not in left_out
    )
    if holds_id(element):
        made.text = str(OWN)
    elif not children:
        name, kind = element.local_name, element.type.local_name
        made.text = VALUES.get(name) or VALUES.get(kind or "")
    return made


def request(case: Case, ids: dict[str, int]) -> bytes:
    names = {name for place in case.places for name in place.split("/")}
    document = filled(declared(case.method), names)
    if case.method == "recurring.preview":
        # It is of a stored profile or of one that is not.
        other = "recurring" if case.places == ("recurring_id",) else "recurring_id"
        for found in document.findall(other):
            document.remove(found)
    if case.method.startswith("attachment."):
        # It is of one of the two, and the one of that id is of the profile.
        other = "recurring_id" if "invoice_id" in names else "invoice_id"
        for found in document.findall(f".//{other}"):
            _remove(found)
    # A profile is charged to a card of its own, or to one of its client's.
    other = "card" if "card_id" in names else "card_id"
    for found in document.findall(f"recurring/autobill/{other}"):
        _remove(found)
    # A new profile is of a client that there is, or of one that is made with it.
    made = any(place.startswith(NEW_CLIENT) for place in case.places)
    other = "client_id" if made else "client"
    for found in document.findall(f"recurring/{other}"):
        _remove(found)
    document.tag = "request"
    document.set("method", case.method)
    for place in case.places:
        name = place.rpartition("/")[2]
        (found,) = document.findall(place)
        found.text = str(ids[name])
    return etree.tostring(document)


def cases() -> Iterator[Case]:
    for name in NAMES:
        found = tuple(places(declared(name)))
        if name == "recurring.update":
            # It is refused there, whatever it holds.
            found = tuple(place for place in found if not place.startswith(NEW_CLIENT))
        yield from (Case(name, (place,)) for place in found)
        if name == "recurring.preview":
            found = tuple(place for place in found if place != "recurring_id")
        found = tuple(place for place in found if not place.startswith(NEW_CLIENT))
        if name.startswith("attachment."):
            found = tuple(place for place in found if "invoice_id" not in place)
        if len(found) > 1:
            yield Case(name, found)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


@dataclass
class World:
    """A caller, and the ids of objects that are there and not the caller's."""

    api: Api
    foreign: dict[str, int]


def objects(api: Api, count: int) -> None:
    for number in range(count):
        contacts = "<contacts><contact><email>c@loom.test</email></contact></contacts>"
        client_id = api.create_client(
            f"<organization>{number}</organization>{contacts}"
        )
        # Begins today: it has its first invoice at once.
        recurring_id = api.create_profile(
            "<lines><line><name>x</name></line></lines>", client_id
        )
        file = "<file_name>x</file_name><content>eA==</content>"
        owner = f"<recurring_id>{recurring_id}</recurring_id>"
        api.call("attachment.create", f"<attachment>{owner}{file}</attachment>")
        card = f"<client_id>{client_id}</client_id>{CARD}"
        api.call("card.create", f"<card>{card}</card>")
        credit = f"<client_id>{client_id}</client_id><amount>9</amount>"
        api.call("payment.create", f"<payment>{credit}</payment>")
        catalogue(api, number)


def catalogue(api: Api, number: int) -> None:
    name = f"<name>{number}</name>"
    api.call("item.create", f"<item>{name}</item>")
    api.call("tax.create", f"<tax>{name}</tax>")
    discount = f"{name}<percent>5</percent>"
    api.call("discount.create", f"<discount>{discount}</discount>")
    upper = api.call("category.create", f"<category>{name}</category>")
    parent = f"<parent_id>{upper.text('category_id')}</parent_id>"
    api.call("category.create", f"<category>{name}{parent}</category>")


def last_ids(account_id: int) -> dict[str, int]:
    found = {}
    for name, of in KINDS.items():
        queries = [
            f"SELECT MAX({name}) FROM {table} WHERE account_id = ?"  # noqa: S608
            for table in of
        ]
        last = [database.execute(q, (account_id,)).fetchone()[0] for q in queries]
        found[name] = max(last, default=NOWHERE)
    return found


def another_account(ports: Ports, new_api: Callable[..., Api]) -> World:
    mine, theirs = new_api("Mine"), new_api("Theirs")
    objects(mine, 1)
    objects(theirs, 3)
    people.add(ports, "Theirs", username="eva")
    with writing(theirs.account.account_id):
        model = BillingModel(name="Theirs", rule=MONTHLY)
        models.insert(theirs.account.account_id, model, ports.now())
    return World(mine, last_ids(theirs.account.account_id))


def a_client_of_nobody(ports: Ports, new_api: Callable[..., Api]) -> World:
    admin = new_api("Mine")
    people.add(ports, "Mine", username="eva")
    objects(admin, 3)
    people.assign("Mine", "eva", [OWN])
    token = accounts.token(ports, "Mine", revoke_others=False, username="eva")
    everybodys = {"staff_id": 1, **dict.fromkeys(EVERYBODYS, NOWHERE)}
    ids = {**last_ids(admin.account.account_id), **everybodys}
    return World(Api(admin.client, admin.account, token), ids)


@pytest.fixture(name="world", params=[another_account, a_client_of_nobody])
def world_(
    request: pytest.FixtureRequest, ports: Ports, new_api: Callable[..., Api]
) -> World:
    """Provide what a caller must not see: another account's, or unassigned clients'."""
    made: World = request.param(ports, new_api)
    mine = last_ids(made.api.account.account_id)
    for name, row_id in made.foreign.items():
        if name != "staff_id" and request.param is another_account and KINDS[name]:
            assert row_id > mine[name], name
    ports.requests.flush()
    return made


def test_every_id_that_a_request_may_hold_is_of_a_known_kind() -> None:
    names = {p.rpartition("/")[2] for case in cases() for p in case.places}
    assert names <= KINDS.keys(), "add the new kind of id, and where its objects are"


def tried(
    world: World, ports: Ports, case: Case, ids: dict[str, int]
) -> tuple[bytes, list[str], snapshot.Rows]:
    """Return answer, statements and what the tables hold afterwards."""
    # The same unguessable texts and nonces each time.
    ports.vault._random = bytes
    ports.secret.numbers = Secrets(iter(range(10**6, 2 * 10**6))).numbers  # type: ignore[attr-defined]
    with snapshot.dying_at(0, AssertionError) as statements:
        answer = world.api.post(request(case, ids)).http.data
    return answer, statements, snapshot.taken()


def test_an_id_of_others_is_answered_as_one_that_is_nowhere(
    world: World, ports: Ports
) -> None:
    before = snapshot.taken()
    nowhere = dict.fromkeys(KINDS, NOWHERE)
    refused = 0
    for case in cases():
        answer, statements, after = tried(world, ports, case, nowhere)
        if after != before:
            snapshot.put_back(before)
        theirs = tried(world, ports, case, world.foreign)
        if theirs[2] != before:
            snapshot.put_back(before)
        assert theirs[0] == answer, case
        # The same work, so that time tells nothing.
        assert theirs[1] == statements, case
        assert theirs[2] == after, case
        if b'status="fail"' in answer:
            # Or it is the administrator's to do, whatever the id.
            assert re.search(b"<code>(50010|30010)</code>", answer), (case, answer)
            assert after == before, case
            refused += 1
    assert refused > 10


def test_ids_of_others_are_there_for_those_whose_they_are(
    new_api: Callable[..., Api], ports: Ports
) -> None:
    world = another_account(ports, new_api)
    token = accounts.token(ports, "Theirs", revoke_others=False)
    owner = Api(world.api.client, world.api.account, token)
    for name, method in (
        ("client_id", "client.get"),
        ("recurring_id", "recurring.get"),
        ("invoice_id", "invoice.get"),
        ("payment_id", "payment.get"),
    ):
        assert owner.call(method, f"<{name}>{world.foreign[name]}</{name}>").ok


# Every statement names the account.

# What is looked for before the account is known, or for any account.
KNOWN = (
    r"token_hash = \?",
    r"UPDATE account SET name",
    r"SELECT DISTINCT .*time_zone FROM account",
    r"FROM account AS t1 WHERE \(t1.clock_on IS NOT NULL\)",
    r"FROM recurring AS t1 INNER JOIN account .*next_on IS NOT NULL",
    r"FROM outgoing AS t1 WHERE .*handed_over_at IS NULL.* LIMIT \?",
)
TENANTS = {
    model._meta.table_name for model in tables.ALL if "account_id" in model._meta.fields
}


def unscoped(sql: str) -> bool:
    """Whether a statement touches a tenant's table without its account's id."""
    plain = sql.replace('"', "").replace("%s", "?")
    if any(re.search(known, plain) for known in KNOWN):
        return False
    touched = re.findall(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)", plain)
    count = sum(table in TENANTS for table in touched)
    if plain.startswith("INSERT"):
        return count > 0 and "account_id" not in plain.partition(")")[0]
    return len(re.findall(r"\baccount_id = \?", plain)) < count


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "t1"."name" FROM "client" AS "t1" WHERE ("t1"."client_id" = ?)',
        "SELECT 1 FROM client WHERE account_id = %s OR id IN (SELECT 1 FROM invoice)",
        "UPDATE invoice SET status = ? WHERE invoice_id = ?",
        "DELETE FROM contact WHERE client_id = ?",
        "INSERT INTO counter (noun, last_id) VALUES (?, ?)",
    ],
)
def test_a_statement_without_its_account_is_found(sql: str) -> None:
    assert unscoped(sql)


def test_every_statement_of_every_method_names_the_account(ports: Ports) -> None:
    seen: set[str] = set()
    called: set[str] = set()
    for story in replay.load(FIXTURES / "conversations"):
        if story.name == "all-nine-frequencies":
            # Many steps, and no method or statement of its own.
            continue
        token = replay.new_account(ports, story)
        post = replay.to_application(ports, token)
        with snapshot.dying_at(0, AssertionError) as statements:
            for played in replay.play(story, post):
                called.add(played.step[3:])
        seen.update(statements)
    with snapshot.dying_at(0, AssertionError) as statements:
        run.run(ports)
        assert outgoing.hand_over(ports).count
    seen.update(statements)
    assert called >= set(registry.METHODS)
    assert len(seen) > 60
    assert [sql for sql in seen if unscoped(sql)] == []
