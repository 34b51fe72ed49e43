"""Mistakes that a change of the product could bring, made on purpose.

Each is made where it stays possible however the engine is written: in the SQL that
reaches the database, or in a rule of the domain.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from unittest import mock

from app.domain import recurring, schedule
from app.domain.recurring import Profile, ProfileState
from app.domain.schedule import Schedule

Rewrite = Callable[[str], str]

_NOTHING = "SELECT 1"


def commits_each_statement(sql: str) -> str:
    """Commit each statement by itself: nothing is one transaction."""
    return _NOTHING if re.match("BEGIN|COMMIT|ROLLBACK", sql) else sql


def takes_the_lock_late(sql: str) -> str:
    """Begin as a reader, and become a writer only with the first write."""
    return sql.replace("BEGIN IMMEDIATE", "BEGIN")


def does_not_move_the_profile_on(sql: str) -> str:
    """Leave the date that was billed the next one."""
    moves = sql.startswith('UPDATE "recurring"') and "billed_count" in sql
    return sql.replace("WHERE", "WHERE 0 AND") if moves and "notes" not in sql else sql


def forgets_whose_lines_they_are(sql: str) -> str:
    """Read lines by profile alone, of whatever account."""
    found = re.match(r"SELECT .* FROM .recurring_line. AS .t1. WHERE", sql)
    return re.sub(r'\("t1"."account_id" = \?\)', "(? > 0)", sql) if found else sql


@contextmanager
def computed_from_the_previous_date() -> Iterator[None]:
    """Let a short month move all later dates."""
    billed = schedule.billed

    def drifting(before: Schedule) -> Schedule:
        after, day = billed(before), before.next_on
        if after.next_on is None or day is None:
            return after
        following = before.rule.on_or_after(day, day + timedelta(days=1))
        return replace(after, next_on=following)

    with mock.patch.object(schedule, "billed", drifting):
        yield


@contextmanager
def bills_what_is_stopped() -> Iterator[None]:
    """Let a stopped profile keep its next date."""
    rescheduled = recurring._rescheduled

    def restless(profile: Profile, today: date) -> Profile:
        paused = profile.state is ProfileState.PAUSED
        active = replace(profile, state=ProfileState.ACTIVE) if paused else profile
        return rescheduled(active, today)

    with mock.patch.object(recurring, "_rescheduled", restless):
        yield


@contextmanager
def makes_up_for_stopped_days() -> Iterator[None]:
    """Bill what was missed meanwhile when a profile is resumed."""
    rescheduled = schedule.rescheduled

    def greedy(resting: Schedule, _today: date) -> Schedule:
        return rescheduled(resting, resting.anchor_on)

    with mock.patch.object(schedule, "rescheduled", greedy):
        yield
