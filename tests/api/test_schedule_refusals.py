"""What is wrong with a schedule is said of the element that it is wrong in."""

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
