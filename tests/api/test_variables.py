"""Date variables: a profile keeps them, each invoice says its own date."""

import pytest

from tests.conftest import ON_SQLITE, Api

# What a text says is in no database's hands.
pytestmark = ON_SQLITE

TEXTS = (
    "<notes>Thank you for ::month-1:: ::year::.</notes>"
    "<terms>Before ::month+1::</terms><title>::quarter:: ::year::</title>"
    "<lines><line><name>Hosting ::month::</name>"
    "<description>of ::quarter+1:: to ::year+1::</description></line></lines>"
)


def bill(clocked: Api, day: str) -> None:
    assert clocked.call("clock.set", f"<date>{day}</date>").ok


def test_each_invoice_names_its_own_date(clocked: Api) -> None:
    clocked.create_profile(f"<date>2007-12-31</date>{TEXTS}")
    bill(clocked, "2008-02-29")
    found = clocked.call("invoice.list")
    assert found.all("date") == ["2008-02-29", "2008-01-31", "2007-12-31"]
    assert found.all("name") == [
        "Hosting February",
        "Hosting January",
        "Hosting December",
    ]
    assert found.all("description") == [
        "of Q2 to 2009",
        "of Q2 to 2009",
        "of Q1 to 2008",
    ]
    assert found.all("notes") == [
        "Thank you for January 2008.",
        # Each variable is counted by itself.
        "Thank you for December 2008.",
        "Thank you for November 2007.",
    ]
    assert found.all("terms") == ["Before March", "Before February", "Before January"]
    assert found.all("title") == ["Q1 2008", "Q1 2008", "Q4 2007"]


def test_a_profile_reads_back_as_it_was_written(clocked: Api) -> None:
    recurring_id = clocked.create_profile(f"<date>2007-12-31</date>{TEXTS}")
    bill(clocked, "2008-02-29")
    shown = clocked.get(recurring_id)
    assert shown.text("recurring/notes") == "Thank you for ::month-1:: ::year::."
    assert shown.all("name") == ["Hosting ::month::"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("", "Hosting September"),
        ("fr", "Hosting septembre"),
        ("es-419", "Hosting septiembre"),
        ("no", "Hosting september"),
        # One that language.list does not hold, which profiles may have all the same.
        ("fi", "Hosting September"),
    ],
)
def test_an_invoice_speaks_its_profiles_language(
    clocked: Api, language: str, said: str
) -> None:
    clocked.create_profile(f"<language>{language}</language>{TEXTS}")
    assert clocked.call("invoice.list").all("name") == [said]


def test_a_profile_without_a_language_speaks_its_clients(clocked: Api) -> None:
    client_id = clocked.create_client("<language>de</language>")
    clocked.create_profile("<notes>::month-6:: ::quarter::</notes>", client_id)
    assert clocked.call("invoice.list").all("notes") == ["März Q3"]


def test_what_is_no_date_variable_is_printed_as_it_stands(clocked: Api) -> None:
    notes = "::Month:: ::day:: ::month+1000:: ::invoice number::"
    clocked.create_profile(f"<notes>{notes}</notes>")
    assert clocked.call("invoice.list").all("notes") == [notes]
