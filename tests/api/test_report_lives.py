"""Reports of days gone by are those that were given on the days themselves.

Profiles live by chance for some weeks. Each is billed by the month and comes to a power
of two, so that a sum tells which of them were counted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import pytest

from tests.api.test_report import lines, only, reported
from tests.conftest import ON_SQLITE, Api

pytestmark = ON_SQLITE

FIRST = date(2007, 9, 1)
DAYS = 60
PROFILES = 16
GONE = {"archived", "completed", "deleted"}
VERBS = "pause resume archive restore delete billNow end end extend lose".split()


def ended(on: date | str) -> str:
    return f"<schedule><end_date>{on}</end_date></schedule>"


@dataclass
class Day:
    """What was reported when a day was over, and what had become of each profile."""

    active: str
    mrr: int
    states: list[str]


@dataclass
class Lives:
    """Profiles, and what chance does to them."""

    api: Api
    chance: Random
    clients: list[int] = field(default_factory=list)
    endless: list[bool] = field(default_factory=list)
    today: date = FIRST
    days: dict[date, Day] = field(default_factory=dict)

    def act(self) -> None:
        """Make a profile, or do to one what may be refused."""
        number = self.chance.randint(1, PROFILES)
        if number > len(self.clients):
            self.clients.append(self.api.create_client())
            start_on = self.today + timedelta(days=self.chance.randint(0, 40))
            end_on = start_on + timedelta(days=self.chance.randint(0, 70))
            limit = self.chance.choice(
                ["", "", "<occurrences>2</occurrences>", ended(end_on)]
            )
            self.endless.append(not limit)
            recurring_id = self.api.create_profile(
                f"<date>{start_on}</date>{limit}"
                f"{lines(str(2 ** (len(self.clients) - 1)))}",
                self.clients[-1],
            )
            assert recurring_id == len(self.clients)
            return
        verb = self.chance.choice(VERBS)
        if verb in ("end", "extend"):
            # Of a limit that took the place of another there is no more to be known.
            if self.endless[number - 1]:
                self.api.update(number, ended(self.today if verb == "end" else ""))
        elif verb == "lose":
            client_id = f"<client_id>{self.clients[number - 1]}</client_id>"
            self.api.call("client.delete", client_id)
        elif verb != "billNow" or self.endless[number - 1]:
            # A date more that was billed is one that was not foreseen on the day.
            content = f"<recurring_id>{number}</recurring_id>"
            self.api.call(f"recurring.{verb}", content)

    def state(self, recurring_id: int) -> str:
        content = f"<recurring_id>{recurring_id}</recurring_id><details>1</details>"
        answer = self.api.call("recurring.get", content)
        if not answer.ok:
            return "deleted"
        state = answer.text("recurring/state") or ""
        lost = state == "active" and not answer.text("recurring/next_issue_date")
        return "deleted" if lost else state

    def end_day(self) -> None:
        texts = ["0", "0"]
        if "<currency>" in (answer := reported(self.api)).http.data.decode():
            texts = only(answer)
        states = [self.state(number + 1) for number in range(len(self.clients))]
        self.days[self.today] = Day(texts[0], int(texts[1]), states)
        self.today += timedelta(days=1)
        assert self.api.call("clock.set", f"<date>{self.today}</date>").ok

    def expected(self, first: date, last: date) -> list[str]:
        """Return the figures of a period, by what was reported on its two edges."""
        before, after = self.days[first - timedelta(days=1)], self.days[last]
        counted = [k for k in range(len(self.clients)) if before.mrr >> k & 1]
        lost = sum(2**k for k in counted if after.states[k] in GONE)
        return [after.active, str(after.mrr), str(before.mrr), str(lost)]


@pytest.mark.parametrize("seed", range(3))
def test_a_report_of_days_gone_by_is_that_of_the_days(
    new_api: Callable[..., Api], seed: int
) -> None:
    lives = Lives(new_api("Lives", clock_on=FIRST), Random(seed))
    for _ in range(DAYS):
        for _ in range(lives.chance.choice([0, 0, 1, 1, 2])):
            lives.act()
        lives.end_day()
    compared = 0
    for _ in range(60):
        first, last = sorted(lives.chance.sample(sorted(lives.days)[1:], 2))
        answer = reported(lives.api, str(first), str(last))
        active, mrr, _, start, churned, _ = (
            only(answer) if answer.all("currency_code") else ["0"] * 6
        )
        expected = lives.expected(first, last)
        assert [active, mrr, start, churned] == expected, (seed, first, last)
        compared += churned != "0"
    assert compared
