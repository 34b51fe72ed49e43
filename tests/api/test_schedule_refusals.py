"""What is wrong with a schedule is said of the element that it is wrong in."""

import pytest

from tests.conftest import Api


def test_a_day_that_no_month_has_is_said_of_its_quarter(api: Api) -> None:
    """There are four of them, and each has a name."""
    answer = api.post(
        """
        <request method="recurring.preview">
          <recurring>
            <schedule>
              <quarters>
                <q1>01-31</q1><q2>04-32</q2><q3>07-31</q3><q4>10-31</q4>
              </quarters>
            </schedule>
          </recurring>
        </request>
        """
    )
    assert (answer.code, answer.field) == ("40060", "q2")


FLATTENED = (
    ("schedule", "2026-03-02"),
    ("attributes", "costcentre7"),
    ("totals", "8080080"),
)


@pytest.mark.parametrize(("name", "text"), FLATTENED)
def test_a_structure_that_comes_back_as_text_says_nothing(
    api: Api, name: str, text: str
) -> None:
    """freshbooks.js writes back as text what it does not know."""
    recurring_id = api.create_profile(
        "<schedule><days><day>31</day></days></schedule><attributes><attribute>"
        "<name>cost centre</name><value>7</value></attribute></attributes>"
    )
    content = f"<recurring_id>{recurring_id}</recurring_id><details>1</details>"
    before = api.call("recurring.get", content).http.data
    assert api.update(recurring_id, f"<{name}>{text}</{name}>").ok
    assert api.call("recurring.get", content).http.data == before


@pytest.mark.parametrize(("name", "text"), FLATTENED)
def test_a_structure_of_text_is_refused_in_a_new_profile(
    api: Api, name: str, text: str
) -> None:
    client_id = api.create_client()
    answer = api.post(
        '<request method="recurring.create"><recurring>'
        f"<client_id>{client_id}</client_id><{name}>{text}</{name}>"
        "</recurring></request>"
    )
    assert (answer.code, answer.field) == ("40060", name)
    assert api.call("recurring.list").http.data.count(b"<recurring>") == 0


def test_what_bills_once_can_become_a_rhythm(api: Api) -> None:
    recurring_id = api.create_profile("<frequency>once</frequency>")
    content = f"<recurring_id>{recurring_id}</recurring_id><details>1</details>"
    assert api.call("recurring.get", content).text("recurring/state") == "completed"
    api.update(recurring_id, "<frequency>weekly</frequency>")
    shown = api.call("recurring.get", content)
    assert shown.text("recurring/state") == "active"
    assert shown.text("recurring/occurrences") == "0"
