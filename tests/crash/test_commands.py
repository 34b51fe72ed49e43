"""What moves a profile's dates, cut off at any statement, and sent again if need be."""

from datetime import timedelta
from typing import Any

import pytest

from app.engine import run
from app.services.ports import Ports
from tests import snapshot
from tests.conftest import Answer, Api, Clock
from tests.engine.test_run import LINES, Crash, contents

# By the 14th two dates have been missed, the next is on the 17th.
CREATED = f"<date>2026-03-03</date>{LINES}"
COMMANDS = {
    "recurring.billNow": ["2026-03-14", "2026-03-24"],
    "recurring.changeDate": ["2026-03-16", "2026-03-23"],
    "recurring.skip": ["2026-03-24"],
    "recurring.pause": [],
    "recurring.archive": [],
}
FIELDS = {"recurring.changeDate": "<date>2026-03-16</date>"}
MISSED = ["2026-03-03", "2026-03-10"]
LATER = timedelta(days=12)


def send(api: Api, method: str) -> Answer:
    content = f"<recurring_id>1</recurring_id>{FIELDS.get(method, '')}"
    return api.call(method, content)


def later(ports: Ports, clock: Clock) -> dict[str, list[tuple[Any, ...]]]:
    """Bill what is due some days later, and return what the database then holds."""
    now = clock.now
    clock.now += LATER
    run.run(ports)
    clock.now = now
    return contents()


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", COMMANDS)
def test_a_command_that_dies_anywhere_is_carried_out_whole_or_not_at_all(
    api: Api, ports: Ports, clock: Clock, method: str, *, done: bool
) -> None:
    api.create_profile(CREATED)
    clock.now += LATER
    prepared, before = snapshot.taken(), contents()
    with snapshot.dying_at(0, Crash) as statements:
        answered = send(api, method)
    assert answered.ok
    expected = later(ports, clock)
    billed = api.invoice_dates(1)
    assert billed == MISSED + COMMANDS[method]
    assert len(statements) > 15

    for number in range(1, len(statements) + 1):
        snapshot.put_back(prepared)
        with snapshot.dying_at(number, Crash, done=done), pytest.raises(Crash):
            send(api, method)
        snapshot.connection_lost()
        # Its sender looks whether it was done, as a key is not for all of them.
        again = send(api, method) if contents() == before else answered
        where = f"after dying at {statements[number - 1]}"
        assert again.http.data == answered.http.data, where
        assert later(ports, clock) == expected, where
