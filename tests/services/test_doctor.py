"""The doctor: a healthy database has no findings, and each damage is named."""

# ruff: noqa: S608 - statements are put together from words of this file

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from app import replay
from app.domain.card import Card, CardNumber, Expiration
from app.domain.doctor import MEANINGS, Kind
from app.services import account as accounts
from app.services import doctor
from app.services.card import place_for
from app.services.ports import Ports
from app.storage import data_key, database
from app.storage import doctor as storage
from app.storage.doctor import Reference
from tests import books, snapshot
from tests.conftest import ON_POSTGRESQL, ON_SQLITE, Clock
from tests.schemas import FIXTURES


@pytest.fixture(name="filled")
def filled_(ports: Ports, clock: Clock) -> Ports:
    """Provide ports on two accounts' books, with something of everything."""
    books.filled(ports, clock)
    return ports


def findings(ports: Ports) -> list[str]:
    """Return everything that is wrong, as it is told."""
    found = [*doctor.database(), *doctor.orphans()]
    for account in accounts.all_():
        found += doctor.books(ports, account.account_id)
    return list(map(str, found))


@contextmanager
def careless() -> Iterator[None]:
    """Write past what the database itself would refuse to refer to."""
    engine = database.proxy.obj
    shared = engine.gives_back
    off, on = (
        (
            "SET session_replication_role = replica",
            "SET session_replication_role = origin",
        )
        if shared
        else ("PRAGMA foreign_keys = 0", "PRAGMA foreign_keys = 1")
    )
    database.execute(off)
    with database.writing():
        yield
    database.execute(on)


def run(*statements: str) -> Callable[[Ports], None]:
    """Return the damage that some statements do."""

    def damage(_ports: Ports) -> None:
        with careless():
            for statement in statements:
                assert database.execute(statement).rowcount, statement

    return damage


def bill_twice(_ports: Ports) -> None:
    """Give two invoices of the first profile one date, the last one its own."""
    index = "invoice_account_id_recurring_id_billed_on"
    database.execute(f"DROP INDEX {index}")
    run(
        "UPDATE invoice SET billed_on = '2026-04-02' WHERE account_id = 1 "
        "AND recurring_id = 1 AND billed_on = '2026-03-02'"
    )(_ports)


def reseal(ports: Ports) -> None:
    """Put a card in place whose expiry no calendar knows."""
    key = data_key.all_of(1)[1]
    card = Card(
        number=CardNumber("4111111111111111"),
        name="Ada Byron",
        expiration=Expiration(month=13, year=2031),
    )
    sealed = ports.vault.seal(card, place_for(1, 1), key)
    with database.writing():
        database.execute(
            "UPDATE autobill SET sealed = ? WHERE account_id = 1 AND recurring_id = 1",
            (sealed,),
        )


def unwrap_nothing(_ports: Ports) -> None:
    """Alter a data key."""
    with database.writing():
        database.execute(
            "UPDATE data_key SET wrapped = ? WHERE account_id = 2", (b"x",)
        )


def alter_card(_ports: Ports) -> None:
    """Move a card to another profile's row."""
    with database.writing():
        database.execute(
            "UPDATE autobill SET sealed = (SELECT sealed FROM autobill "
            "WHERE account_id = 1 AND recurring_id = 2) "
            "WHERE account_id = 1 AND recurring_id = 1"
        )


def alter_card_of_client(_ports: Ports) -> None:
    """Move the card of a profile to a client's."""
    with database.writing():
        database.execute(
            "UPDATE card SET sealed = (SELECT sealed FROM autobill "
            "WHERE account_id = 1 AND recurring_id = 2) "
            "WHERE account_id = 1 AND card_id = 1"
        )


FIRST_INVOICE = "WHERE account_id = 1 AND invoice_id = 1"
FIRST_FILE = "WHERE account_id = 1 AND attachment_id = 1"
FIRST_LINE = f"{FIRST_INVOICE} AND position = 0"
FIRST = "WHERE account_id = 1 AND recurring_id = 1"


@dataclass(frozen=True)
class Case:
    """A damage, and what is found of it."""

    kind: Kind
    told: str
    damage: Callable[[Ports], None]


CASES = (
    Case(
        Kind.TOTAL,
        "invoice 1 of account 1",
        run(f"UPDATE invoice SET amount_minor = amount_minor - 1 {FIRST_INVOICE}"),
    ),
    Case(
        Kind.TOTAL,
        "invoice 1 of account 1",
        run(
            f"UPDATE invoice_line SET unit_cost = '1E+40' {FIRST_LINE}",
        ),
    ),
    Case(
        Kind.TOTAL,
        "invoice 1 of account 1",
        run(f"UPDATE invoice_line SET tax1_percent = '20' {FIRST_LINE}"),
    ),
    Case(
        Kind.LINE_AMOUNT,
        "invoice_line 1/0 of account 1",
        run(f"UPDATE invoice_line SET amount_minor = amount_minor - 1 {FIRST_LINE}"),
    ),
    Case(
        Kind.PAID,
        "invoice 1 of account 1",
        run(f"UPDATE invoice SET paid_minor = amount_minor + 1 {FIRST_INVOICE}"),
    ),
    Case(
        Kind.PAID,
        "invoice 1 of account 1",
        run(f"UPDATE invoice SET paid_minor = -1 {FIRST_INVOICE}"),
    ),
    Case(
        Kind.STATUS,
        "invoice 1 of account 1",
        run(f"UPDATE invoice SET status = 'viewed' {FIRST_INVOICE}"),
    ),
    Case(
        Kind.PAYMENT,
        "payment 1 of account 1",
        run("UPDATE payment SET currency_code = 'EUR' "
            "WHERE account_id = 1 AND payment_id = 1"),
    ),
    Case(
        Kind.PAYMENT,
        "payment 1 of account 1",
        run("UPDATE payment SET client_id = 1 "
            "WHERE account_id = 1 AND payment_id = 1"),
    ),
    Case(
        Kind.CREDIT,
        "client 2/USD of account 1",
        run("UPDATE payment SET amount_minor = 3000 "
            "WHERE account_id = 1 AND payment_id = 3"),
    ),
    Case(
        Kind.UNREADABLE,
        "recurring 1 of account 1",
        run(f"UPDATE recurring SET rule = '{{}}' {FIRST}"),
    ),
    Case(
        Kind.COUNTER,
        "counter invoice_number of account 1",
        run(
            "UPDATE counter SET last_id = last_id - 1 "
            "WHERE account_id = 1 AND noun = 'invoice_number'"
        ),
    ),
    Case(
        Kind.COUNTER,
        "counter invoice_number of account 1",
        run(f"UPDATE invoice SET number = '9000' {FIRST_INVOICE}"),
    ),
    *(
        Case(
            Kind.COUNTER,
            f"counter {noun} of account 2",
            run(
                "UPDATE counter SET last_id = last_id - 1 "
                f"WHERE account_id = 2 AND noun = '{noun}'"
            ),
        )
        for noun in storage.COUNTED
    ),
    Case(
        Kind.COUNTER,
        "counter contact of account 1",
        run("DELETE FROM counter WHERE account_id = 1 AND noun = 'contact'"),
    ),
    Case(
        Kind.LISTING,
        "listing_block client/0/deleted of account 1",
        run(
            "UPDATE listing_block SET size = size + 1 "
            "WHERE account_id = 1 AND noun = 'client' AND folder = 'deleted'"
        ),
    ),
    Case(
        Kind.LISTING,
        "listing_block item/0/deleted of account 1",
        run("DELETE FROM listing_block WHERE account_id = 1 AND noun = 'item' "
            "AND folder = 'deleted'"),
    ),
    Case(
        Kind.COUNTER,
        "counter tax of account 1",
        run("UPDATE counter SET last_id = 1 WHERE account_id = 1 AND noun = 'tax'"),
    ),
    Case(
        Kind.LISTING,
        "listing_block invoice/0/active of account 1",
        run(
            "DELETE FROM listing_block "
            "WHERE account_id = 1 AND noun = 'invoice' AND folder = 'active'"
        ),
    ),
    Case(Kind.TWICE, "recurring 1/2026-04-02 of account 1", bill_twice),
    Case(
        Kind.BILLED_COUNT,
        "recurring 1 of account 1",
        run(f"UPDATE recurring SET billed_count = billed_count + 1 {FIRST}"),
    ),
    Case(
        Kind.LAST_BILLED,
        "recurring 1 of account 1",
        run(f"UPDATE recurring SET last_billed_on = '2026-06-01' {FIRST}"),
    ),
    Case(
        Kind.NEXT_DATE,
        "recurring 1 of account 1",
        run(f"UPDATE recurring SET next_on = '2026-08-03' {FIRST}"),
    ),
    Case(
        Kind.NEXT_DATE,
        "recurring 1 of account 1",
        run(f"UPDATE recurring SET next_on = last_billed_on {FIRST}"),
    ),
    Case(
        Kind.STATE,
        "recurring 1 of account 1",
        run(f"UPDATE recurring SET next_on = NULL {FIRST}"),
    ),
    Case(
        Kind.STATE,
        "recurring 1 of account 1",
        run(f"UPDATE recurring SET next_on = NULL, state = 'completed' {FIRST}"),
    ),
    Case(
        Kind.STATE,
        "recurring 1 of account 1",
        run(f"UPDATE recurring SET occurrences = billed_count {FIRST}"),
    ),
    Case(Kind.DATA_KEY, "data_key 1 of account 2", unwrap_nothing),
    Case(Kind.CARD, "autobill 1 of account 1", alter_card),
    Case(Kind.CARD, "card 1 of account 1", alter_card_of_client),
    Case(Kind.EXPIRY, "autobill 1 of account 1", reseal),
    Case(
        Kind.CARD_OWNER,
        "autobill 5 of account 1",
        run("UPDATE card SET client_id = 2 WHERE account_id = 1 AND card_id = 1"),
    ),
    *(
        Case(Kind.FILE, f"attachment {number} of account 1", run(statement))
        for number, statement in (
            (1, f"DELETE FROM attachment_content {FIRST_FILE} AND position = 1"),
            (1, f"UPDATE attachment_content SET position = 99 - position {FIRST_FILE}"),
            (1, f"UPDATE attachment SET size = size + 1 {FIRST_FILE}"),
            (1, f"UPDATE attachment SET digest = '' {FIRST_FILE}"),
            (1, f"UPDATE attachment SET folder = 'deleted' {FIRST_FILE}"),
            (3, ("UPDATE attachment SET folder = 'active' WHERE attachment_id = 3 "
                "AND account_id = 1")),
        )
    ),
    Case(
        Kind.CLOCK,
        "account 2",
        run("UPDATE account SET clock_on = '2007-12-31' WHERE account_id = 2"),
    ),
    Case(
        Kind.CLOCK,
        "account 1",
        run("UPDATE client SET updated_at = '2026-08-01 00:00:00+00:00' "
            "WHERE account_id = 1 AND client_id = 2"),
    ),
    Case(
        Kind.ORPHAN,
        "invoice 1 of account 1",
        run(f"UPDATE invoice SET staff_id = 9 {FIRST_INVOICE}"),
    ),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}: {case.told}")
def test_a_damage_is_named_and_nothing_else(filled: Ports, case: Case) -> None:
    case.damage(filled)
    (found,) = findings(filled)
    assert found.startswith(f"{case.kind}: {case.told}: "), found


def test_books_with_something_of_everything_agree(filled: Ports) -> None:
    assert findings(filled) == []
    empty = {name for name, rows in snapshot.taken().items() if not rows}
    assert empty == set()


def test_the_books_of_every_conversation_agree(ports: Ports) -> None:
    for story in replay.load(FIXTURES / "conversations"):
        post = replay.to_application(ports, replay.new_account(ports, story))
        list(replay.play(story, post))
    assert len(accounts.all_()) > 20
    assert findings(ports) == []


def test_a_card_that_outlived_its_profile_is_named(filled: Ports) -> None:
    columns = "account_id, recurring_id, gateway_name, key_version, sealed, checked_on"
    card = Card(
        number=CardNumber("4111111111111111"),
        name="Ada Byron",
        expiration=Expiration(month=4, year=2031),
    )
    sealed = filled.vault.seal(card, place_for(1, 6), data_key.all_of(1)[1])
    with database.writing():
        database.execute(
            f"INSERT INTO autobill ({columns}) VALUES (1, 6, 'PayPal', 1, ?, ?)",
            (sealed, "1970-01-01"),
        )
    assert findings(filled) == [
        f"{Kind.KEPT_CARD}: autobill 6 of account 1: {MEANINGS[Kind.KEPT_CARD]}"
    ]


def test_an_invoice_that_cannot_be_read_is_named(filled: Ports) -> None:
    run(f"UPDATE invoice_line SET quantity = 'three' {FIRST_LINE}")(filled)
    told = findings(filled)
    assert f"unreadable: invoice 1 of account 1: {MEANINGS[Kind.UNREADABLE]}" in told


@pytest.mark.parametrize(
    "reference",
    storage.references(),
    ids=lambda reference: f"{reference.table} of {reference.parent}",
)
def test_a_row_whose_parent_is_gone_is_named(
    filled: Ports, reference: Reference
) -> None:
    """Each reference, on a row that has one: it comes to lead to nothing."""
    column = reference.columns[-1]
    nothing = "'none'" if column == "key_id" else "999"
    key = " AND ".join(f"{name} IS NOT NULL" for name in reference.columns)
    (row,) = database.execute(
        f"SELECT {', '.join(reference.columns)} FROM {reference.table} "
        f"WHERE {key} LIMIT 1"
    ).fetchall()
    same = " AND ".join(f"{name} = ?" for name in reference.columns)
    with careless():
        database.execute(
            f"UPDATE {reference.table} SET {column} = {nothing} WHERE {same}", row
        )

    told = findings(filled)

    kind = f"{Kind.ORPHAN}: {reference.table} "
    mine = [text for text in told if text.startswith(kind)]
    assert [text for text in mine if f"its {reference.parent} is not there" in text]


@ON_SQLITE
def test_sqlite_finds_no_other_orphans_than_the_doctor(filled: Ports) -> None:
    with careless():
        database.execute("UPDATE contact SET client_id = 99 WHERE account_id = 1")
    theirs = database.execute("PRAGMA foreign_key_check").fetchall()
    assert len(theirs) == len(findings(filled)) == 2


@ON_SQLITE
def test_what_sqlite_itself_finds_is_told(filled: Ports) -> None:
    database.execute("PRAGMA ignore_check_constraints = 1")
    run("UPDATE client SET folder = 'lost' WHERE account_id = 1 AND client_id = 1")(
        filled
    )
    database.execute("PRAGMA ignore_check_constraints = 0")
    assert f"{Kind.DATABASE}: CHECK constraint failed in client" in findings(filled)


@ON_POSTGRESQL
def test_what_postgresql_does_not_vouch_for_is_told(filled: Ports) -> None:
    database.execute(
        "ALTER TABLE client ADD CONSTRAINT doubtful CHECK (client_id > 0) NOT VALID"
    )
    assert findings(filled) == [
        f"{Kind.DATABASE}: constraint doubtful is not validated"
    ]


def test_every_check_has_a_damage_that_reaches_it() -> None:
    # Of charges `test_doctor_charges.py` tells.
    of_charges = {Kind.CHARGE, Kind.UNDER_WAY, Kind.OVERCHARGED}
    elsewhere = {Kind.DATABASE, Kind.KEPT_CARD, *of_charges}
    assert {case.kind for case in CASES} | elsewhere == set(Kind) == set(MEANINGS)


def test_every_counter_is_one_that_is_looked_at(filled: Ports) -> None:  # noqa: ARG001
    nouns = {noun for (noun,) in database.execute("SELECT noun FROM counter")}
    assert nouns == {*storage.COUNTED, storage.NUMBERS}


def test_an_accounts_findings_are_its_own(filled: Ports) -> None:
    run(
        f"UPDATE invoice SET paid_minor = -1, staff_id = 9 {FIRST_INVOICE}",
    )(filled)
    assert list(doctor.books(filled, 2)) == list(doctor.orphans(2)) == []
    assert len([*doctor.books(filled, 1), *doctor.orphans(1)]) == 2


def test_no_finding_shows_what_a_row_holds(filled: Ports) -> None:
    with careless():
        database.execute("UPDATE token SET staff_id = 9")
        database.execute("UPDATE contact SET client_id = 99")
        database.execute("UPDATE autobill SET key_version = 9 WHERE card_id IS NULL")
    hashes = [row[0] for row in database.execute("SELECT token_hash FROM token")]
    told = "\n".join(findings(filled))
    assert "token 9 of account 1" in told
    for secret in (*hashes, "bob", "eve", "4111", "Ada"):
        assert secret not in told


def test_each_row_that_is_looked_at_is_counted(filled: Ports) -> None:
    seen: list[None] = []
    for account in accounts.all_():
        list(doctor.books(filled, account.account_id, lambda: seen.append(None)))
    assert len(seen) == doctor.size([1, 2]) > 40
