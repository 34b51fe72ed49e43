"""Clients: what a request makes of them."""

from datetime import UTC, datetime

import pytest

from app.domain.account import Account
from app.domain.bill_to import BillTo, BillToChanges
from app.domain.client import (
    Client,
    ClientChanges,
    Contact,
    ContactChanges,
    Secondary,
    SecondaryChanges,
    changed_client,
    new_client,
)
from app.domain.errors import MissingFieldError, UnknownCurrencyError
from app.domain.unset import UNSET, Maybe

ACCOUNT = Account(
    account_id=1,
    name="Loom",
    system="loom",
    base_currency="CAD",
    time_zone="America/Toronto",
    language="fr",
    card_types=(),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
STORED = Client(
    client_id=5,
    bill_to=BillTo(organization="Loom Ltd", p_city="Leeds", p_code="LS1"),
    secondary=Secondary(s_city="York"),
    email="ada@loom.test",
    username="ada",
    contacts=(
        Contact(contact_id=3, username="ben", email="ben@loom.test", phone1="1"),
        Contact(contact_id=4, username="cy", email="cy@loom.test"),
    ),
    notes="slow payer",
    language="en",
    currency_code="GBP",
    view_key="k",
)


def request(email: Maybe[str] = "ada@loom.test", **who: str) -> ClientChanges:
    return ClientChanges(email=email, bill_to=BillToChanges(**who))


def test_a_new_client_has_the_accounts_language_and_currency() -> None:
    client = new_client(request(organization="Loom"), ACCOUNT)
    assert (client.language, client.currency_code) == ("fr", "CAD")


@pytest.mark.parametrize("email", ["", UNSET])
def test_a_new_client_needs_an_email(email: Maybe[str]) -> None:
    with pytest.raises(MissingFieldError) as refused:
        new_client(request(email, organization="Loom"), ACCOUNT)
    assert refused.value.field == "email"


@pytest.mark.parametrize("name", ["first_name", "last_name", "organization"])
def test_one_of_the_names_is_enough(name: str) -> None:
    client = new_client(request(**{name: "Loom"}), ACCOUNT)
    assert getattr(client.bill_to, name) == "Loom"


def test_a_new_client_without_a_name_is_called_by_its_email() -> None:
    client = new_client(request(p_city="Leeds"), ACCOUNT)
    assert client.username == client.email.partition("@")[0]


@pytest.mark.parametrize(
    ("who", "username"),
    [
        ({"first_name": "Ada", "last_name": "Loom"}, "adaloom"),
        ({"first_name": "Ada Mary", "last_name": "De Loom"}, "adamarydeloom"),
        ({"last_name": "Loom", "organization": "Weavers"}, "loom"),
        ({"organization": "Loom & Sons Ltd"}, "loom&sonsltd"),
    ],
)
def test_a_username_is_made_of_the_names(who: dict[str, str], username: str) -> None:
    assert new_client(request(**who), ACCOUNT).username == username


def test_a_username_that_is_given_is_kept() -> None:
    changes = ClientChanges(
        email="a@loom.test",
        username="Ada L",
        bill_to=BillToChanges(organization="Loom"),
    )
    assert new_client(changes, ACCOUNT).username == "Ada L"


def test_an_update_that_names_nothing_changes_nothing() -> None:
    assert changed_client(STORED, ClientChanges()) == STORED


def test_an_update_changes_the_named_fields_of_each_part_alone() -> None:
    changed = changed_client(
        STORED,
        ClientChanges(
            notes="",
            bill_to=BillToChanges(p_city="Hull"),
            secondary=SecondaryChanges(s_code="YO1"),
        ),
    )
    assert changed.notes == ""
    assert changed.bill_to == BillTo(
        organization="Loom Ltd", p_city="Hull", p_code="LS1"
    )
    assert changed.secondary == Secondary(s_city="York", s_code="YO1")
    assert changed.contacts == STORED.contacts
    assert (changed.client_id, changed.view_key) == (5, "k")


def test_an_empty_language_or_currency_stays_as_it_was() -> None:
    changed = changed_client(STORED, ClientChanges(language="", currency_code=""))
    assert (changed.language, changed.currency_code) == ("en", "GBP")


@pytest.mark.parametrize("code", ["XXX", "gbp", "POUND"])
def test_an_unknown_currency_is_refused(code: str) -> None:
    with pytest.raises(UnknownCurrencyError):
        changed_client(STORED, ClientChanges(currency_code=code))
    with pytest.raises(UnknownCurrencyError):
        new_client(
            ClientChanges(
                email="a@loom.test",
                currency_code=code,
                bill_to=BillToChanges(organization="Loom"),
            ),
            ACCOUNT,
        )


def test_a_contact_of_a_stored_id_keeps_what_is_not_named() -> None:
    changes = ClientChanges(contacts=(ContactChanges(contact_id=3, phone2="2"),))
    assert changed_client(STORED, changes).contacts == (
        Contact(
            contact_id=3, username="ben", email="ben@loom.test", phone1="1", phone2="2"
        ),
    )


def test_contacts_that_are_not_listed_are_removed() -> None:
    assert changed_client(STORED, ClientChanges(contacts=())).contacts == ()


@pytest.mark.parametrize("contact_id", [UNSET, 0, 99])
def test_a_contact_of_no_stored_id_is_a_new_one(contact_id: Maybe[int]) -> None:
    changes = ContactChanges(contact_id=contact_id, email="di@loom.test")
    (contact,) = changed_client(STORED, ClientChanges(contacts=(changes,))).contacts
    assert contact == Contact(contact_id=0, email="di@loom.test")


def test_a_contact_named_twice_is_kept_once() -> None:
    twice = (
        ContactChanges(contact_id=3),
        ContactChanges(contact_id=3, email="e@loom.test"),
    )
    contacts = changed_client(STORED, ClientChanges(contacts=twice)).contacts
    assert [contact.contact_id for contact in contacts] == [3, 0]


@pytest.mark.parametrize(
    "contact", [ContactChanges(username="di"), ContactChanges(contact_id=4, email="")]
)
def test_a_contact_needs_an_email(contact: ContactChanges) -> None:
    with pytest.raises(MissingFieldError) as refused:
        changed_client(STORED, ClientChanges(contacts=(contact,)))
    assert refused.value.field == "email"
