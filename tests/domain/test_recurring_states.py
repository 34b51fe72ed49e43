"""The states of profiles: each state, each command."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from app.domain.errors import InvalidValueError, RefusedError
from app.domain.folder import Folder
from app.domain.recurring import (
    Profile,
    ProfileState,
    archived,
    billed,
    billed_now,
    date_changed,
    of_client,
    paused,
    restored,
    resumed,
    skipped,
)
from tests.domain.test_recurring import DELETED, TODAY, change, make

LATER = date(2026, 2, 10)
SOON = date(2026, 2, 15)

STATES: dict[str, Callable[[], Profile]] = {
    "active": lambda: billed(make(occurrences=9)),
    "paused": lambda: paused(billed(make(occurrences=9))),
    "completed": lambda: billed(make(occurrences=1)),
    "archived active": lambda: archived(billed(make(occurrences=9))),
    "archived paused": lambda: archived(paused(billed(make(occurrences=9)))),
    "archived completed": lambda: archived(billed(make(occurrences=1))),
}
COMMANDS: dict[str, Callable[[Profile], Profile]] = {
    "pause": paused,
    "resume": lambda profile: resumed(profile, LATER),
    "archive": archived,
    "restore": lambda profile: restored(profile, LATER),
    "change date": lambda profile: date_changed(
        profile, SOON, LATER, use_new_day=False
    ),
    "skip": skipped,
    "bill now": lambda profile: billed_now(profile, LATER),
    "add dates": lambda profile: change(profile, LATER, occurrences=20),
    "stop": lambda profile: change(profile, LATER, stopped=True),
    "start": lambda profile: change(profile, LATER, stopped=False),
}
# The state after, as it is shown, and the next date; where there is none, a refusal.
AFTER = {
    ("active", "pause"): "paused",
    ("active", "archive"): "archived",
    ("active", "change date"): "active 2026-02-15",
    ("active", "skip"): "active 2026-03-31",
    # Fewer than 6 days from the 10th is the 15th at the most.
    ("active", "bill now"): "active 2026-02-28",
    ("active", "add dates"): "active 2026-02-28",
    ("active", "stop"): "paused",
    ("active", "start"): "active 2026-02-28",
    ("paused", "pause"): "paused",
    ("paused", "resume"): "active 2026-02-28",
    ("paused", "archive"): "archived",
    ("paused", "change date"): "paused",
    ("paused", "add dates"): "paused",
    ("paused", "stop"): "paused",
    ("paused", "start"): "active 2026-02-28",
    ("completed", "archive"): "archived",
    ("completed", "add dates"): "active 2026-02-28",
    ("completed", "stop"): "completed",
    ("completed", "start"): "completed",
    ("archived active", "restore"): "active 2026-02-28",
    ("archived active", "add dates"): "archived",
    ("archived active", "stop"): "archived",
    ("archived paused", "restore"): "paused",
    ("archived paused", "add dates"): "archived",
    ("archived paused", "stop"): "archived",
    ("archived completed", "restore"): "completed",
    ("archived completed", "add dates"): "archived",
    ("archived completed", "stop"): "archived",
}


def told(profile: Profile) -> str:
    day = profile.schedule.next_on
    return profile.shown_state if day is None else f"{profile.shown_state} {day}"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", STATES)
def test_each_command_does_in_each_state_what_the_table_says(
    state: str, command: str
) -> None:
    profile = STATES[state]()
    expected = AFTER.get((state, command))
    if expected is not None:
        after = COMMANDS[command](profile)
        assert told(after) == expected
        assert after.stopped is not expected.startswith("active")
        return
    with pytest.raises(RefusedError) as refused:
        COMMANDS[command](profile)
    assert state.split(maxsplit=1)[0] in refused.value.reason


def test_the_archive_remembers_the_state_it_was_entered_in() -> None:
    completed = restored(archived(billed(make(occurrences=1))), LATER)
    assert completed.state is ProfileState.COMPLETED
    assert restored(archived(paused(make())), LATER).state is ProfileState.PAUSED


def test_pausing_again_and_resuming_at_once_change_nothing() -> None:
    profile = billed(make())
    assert paused(paused(profile)) == paused(profile)
    assert resumed(paused(profile), TODAY) == profile
    assert restored(archived(profile), TODAY) == profile


def test_what_was_archived_meanwhile_is_not_made_up_for() -> None:
    back = restored(archived(billed(make())), date(2026, 6, 1))
    assert back.schedule.next_on == date(2026, 6, 30)


def test_a_resumed_profile_whose_end_has_passed_is_completed() -> None:
    ended = replace(billed(make()), state=ProfileState.ACTIVE)
    ended = replace(ended, schedule=replace(ended.schedule, end_on=date(2026, 3, 30)))
    assert resumed(paused(ended), date(2026, 3, 1)).state is ProfileState.COMPLETED


def test_skipping_or_moving_past_the_end_completes() -> None:
    ending = billed(make())
    ending = replace(
        ending, schedule=replace(ending.schedule, end_on=date(2026, 3, 30))
    )
    assert skipped(ending).state is ProfileState.COMPLETED
    beyond = date_changed(ending, date(2026, 3, 31), LATER, use_new_day=False)
    assert beyond.state is ProfileState.COMPLETED


@pytest.mark.parametrize("to", [date(2026, 2, 9), TODAY])
def test_a_date_that_is_past_or_billed_is_no_next_one(to: date) -> None:
    today = min(LATER, to) if to == TODAY else LATER
    with pytest.raises(InvalidValueError) as refused:
        date_changed(billed(make()), to, today, use_new_day=False)
    assert refused.value.field == "date"


def test_a_day_is_billed_ahead_once() -> None:
    once = billed_now(billed(make()), LATER)
    with pytest.raises(RefusedError):
        billed_now(once, LATER)
    with pytest.raises(RefusedError):
        billed_now(billed(make()), TODAY)


def test_a_profile_of_a_deleted_client_neither_skips_nor_bills() -> None:
    resting = of_client(billed(make()), DELETED)
    for command in (skipped, COMMANDS["bill now"]):
        with pytest.raises(RefusedError) as refused:
            command(resting)
        assert "client" in refused.value.reason


def test_a_profile_in_the_archive_is_in_that_folder() -> None:
    assert archived(make()).folder is Folder.ARCHIVED
    assert restored(archived(make()), TODAY).folder is Folder.ACTIVE
