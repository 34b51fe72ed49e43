"""What a request says of a profile's schedule, and the schedule that comes of it.

FreshBooks' own words are `frequency`, `date` and `occurrences`; everything else stands
in the extension element `schedule`. Source: inferred (B.1 and B.2 of the model for all
five source systems, and what the shared README settles).
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from app.domain import frequency, schedule
from app.domain.errors import InvalidValueError, MissingFieldError
from app.domain.schedule import (
    FIRST_DAY,
    Dates,
    Interval,
    MonthDays,
    MonthWeekday,
    Rule,
    Schedule,
    Weekday,
)
from app.domain.unset import UNSET, Maybe, Unset, given

# Source: settled in the wire reference 6.
DEFAULT_OCCURRENCES = 0


class OfTheDay(Enum):
    """Rules that a day makes: when it is asked for, there are no dates in it yet."""

    ONCE = "once"
    TWICE_A_MONTH = "twice_a_month"


AskedRule = Rule | OfTheDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a create request means that says nothing of its schedule.

    A `weekday` moves the start to the first such day.
    """

    rule: AskedRule = frequency.MONTHLY
    weekday: Weekday | None = None
    occurrences: int = DEFAULT_OCCURRENCES


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChanges:
    """What the elements of `schedule` say; those that are absent are UNSET.

    `rule` are days, a weekday or dates. `end_on` is None where the element is empty.
    """

    rule: Maybe[AskedRule] = UNSET
    every: Maybe[int] = UNSET
    buffer_days: Maybe[int] = UNSET
    start_on: Maybe[date] = UNSET
    end_on: Maybe[date | None] = UNSET
    bill_now: Maybe[bool] = UNSET


NOTHING = ScheduleChanges()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a whole request says of a schedule.

    `model` is the rule of the billing model that it names. `schedule` is UNSET where
    the element is absent, which is not the same as empty.
    """

    frequency: Maybe[AskedRule] = UNSET
    model: Maybe[AskedRule] = UNSET
    schedule: Maybe[ScheduleChanges] = UNSET
    date: Maybe[date] = UNSET
    occurrences: Maybe[int] = UNSET

    @property
    def said(self) -> ScheduleChanges:
        """What `schedule` says: nothing where it is absent or empty."""
        return given(self.schedule, NOTHING)


def begun(asked: Asked, defaults: Defaults, today: date) -> tuple[Schedule, date]:
    """Return a new schedule as it bills from today on, and its first date.

    Raises: InvalidValueError, naming the field.
    """
    said = asked.said
    first_on = given(asked.date, today)
    _check_not_past(first_on, today)
    anchor_on = given(said.start_on, first_on)
    if isinstance(asked.date, Unset):
        first_on = max(anchor_on, today)
    rule = _asked_rule(asked, None, first_on, today)
    if rule is None:
        rule = _adjusted(_made(defaults.rule, first_on, today), said, None)
        if defaults.weekday is not None:
            anchor_on = _first_weekday(defaults.weekday, anchor_on)
    new = replace(
        schedule.begun(rule, anchor_on, first_on),
        end_on=given(said.end_on, None),
        occurrences=_of_once(asked)
        if _once(rule)
        else given(asked.occurrences, defaults.occurrences),
    )
    _check_end(new)
    if new.end_on is not None and new.end_on < today:
        raise InvalidValueError("end_date", "The end must not be past.")
    new = schedule.rescheduled(new, today)
    return new, given(asked.date, new.next_on or first_on)


def changed(old: Schedule, start_on: date, asked: Asked, today: date) -> Schedule:
    """Return the schedule after an update, its next date not yet found anew.

    `start_on` is the date that answers show. A frequency or a date that is as they
    show it leaves the schedule alone.

    Raises: InvalidValueError, naming the field.
    """
    said = asked.said
    day = given(asked.date, start_on)
    moved = day != start_on
    if moved:
        _check_not_past(day, today)
    rule = _asked_rule(asked, old.rule, max(day, today), today)
    if rule is None:
        rule = _adjusted(old.rule, said, old.rule)
    if moved and _once(rule):
        rule = Dates(full=(day,))
    anchor_on = given(said.start_on, day if moved else old.anchor_on)
    new = replace(
        old,
        occurrences=given(asked.occurrences, old.occurrences),
        end_on=given(said.end_on, old.end_on),
    )
    if moved or (rule, anchor_on) != (old.rule, old.anchor_on):
        new = schedule.replaced(new, rule, anchor_on, day if moved else None)
    if _once(rule) and (moved or not _once(old.rule)):
        new = replace(new, occurrences=old.billed_count + 1)
    elif _once(old.rule) and not _once(rule):
        new = replace(new, occurrences=given(asked.occurrences, DEFAULT_OCCURRENCES))
    if (new.end_on, new.anchor_on) != (old.end_on, old.anchor_on):
        _check_end(new)
    return new


def of_model(asked: Asked, old: AskedRule | None, today: date) -> AskedRule:
    """Return the rule that a request gives a billing model; `old` is the former.

    What a day makes a rule of is left to the day on which a profile takes it.

    Raises: MissingFieldError where there is none, InvalidValueError, naming the field.
    """
    known = None if old is None else _made(old, today, today)
    rule = _asked_rule(asked, known, today, today)
    said = asked.said
    source = old if rule is None else given(said.rule, given(asked.frequency, None))
    if rule is None:
        if known is None:
            raise MissingFieldError("frequency")
        rule = _adjusted(known, said, known)
    if isinstance(source, OfTheDay):
        return _unadjusted(source, rule, today)
    if rule != known:
        schedule.check_not_all_past(rule, today, today)
    return rule


def _unadjusted(source: OfTheDay, rule: Rule, today: date) -> OfTheDay:
    if rule != _made(source, today, today):
        field = "buffer_days" if source is OfTheDay.ONCE else "every"
        raise InvalidValueError(field, "It goes with days that are given.")
    return source


def shown(rule: AskedRule) -> Interval:
    """Return the frequency that stands for a rule, or for what any day makes of it."""
    return frequency.shown(_made(rule, FIRST_DAY, FIRST_DAY))


def _asked_rule(
    asked: Asked, old: Rule | None, first_on: date, today: date
) -> Rule | None:
    """Return the rule that a request asks for; None where it asks for no other.

    Raises: InvalidValueError where it asks for two.
    """
    said = asked.said
    named = _maybe_made(asked.frequency, first_on, today)
    model = _maybe_made(asked.model, first_on, today)
    chosen = _maybe_made(said.rule, first_on, today)
    if named is not None and old is not None and asked.schedule != NOTHING:
        named = None if _as_shown(named, old) else named
    if chosen is not None:
        chosen = _adjusted(chosen, said, old)
        if named is not None and chosen == old and not _agree(chosen, named):
            # The days were sent back as they were read, the frequency was changed.
            return named
        if named is not None and not _agree(chosen, named):
            raise InvalidValueError("frequency", "It contradicts the schedule.")
    if model is not None and (chosen or named) is not None:
        raise InvalidValueError("billing_model_id", "It has a schedule of its own.")
    if chosen is not None:
        return chosen
    rule = named or model
    return None if rule is None else _adjusted(rule, said, None)


def _as_shown(named: Rule, old: Rule) -> bool:
    """Whether a frequency is what answers show of a rule, or that rule itself."""
    return named in (old, frequency.shown(old)) or (_once(named) and _once(old))


def _agree(chosen: Rule, named: Rule) -> bool:
    if isinstance(named, Interval):
        return frequency.named_by(chosen, named)
    return _once(chosen)


def _adjusted(rule: Rule, said: ScheduleChanges, old: Rule | None) -> Rule:
    """Return the rule with `every` and `buffer_days`, which only some kinds have.

    Where they are not given, they stay those of the old rule.

    Raises: InvalidValueError.
    """
    every, buffer_days = said.every, said.buffer_days
    if isinstance(rule, MonthDays | MonthWeekday):
        alike = old if isinstance(old, MonthDays | MonthWeekday) else rule
        rule = replace(rule, interval=given(every, alike.interval))
    elif given(every, 1) != 1:
        raise InvalidValueError("every", "It goes with days, or with week and weekday.")
    if isinstance(rule, Dates):
        chosen = old if isinstance(old, Dates) else rule
        rule = replace(rule, buffer_days=given(buffer_days, chosen.buffer_days))
    elif given(buffer_days, 0):
        raise InvalidValueError("buffer_days", "It goes with dates.")
    return rule


def _maybe_made(rule: Maybe[AskedRule], first_on: date, today: date) -> Rule | None:
    return None if isinstance(rule, Unset) else _made(rule, first_on, today)


def _made(rule: AskedRule, first_on: date, today: date) -> Rule:
    """Return the rule that a day makes of what was asked for."""
    if rule is OfTheDay.ONCE:
        return Dates(full=(first_on,))
    if rule is OfTheDay.TWICE_A_MONTH:
        return schedule.twice_a_month(today)
    return rule


def _once(rule: Rule) -> bool:
    return isinstance(rule, Dates) and rule.once


def _of_once(asked: Asked) -> int:
    if given(asked.occurrences, 0) > 1:
        raise InvalidValueError("occurrences", "What bills once has 1 occurrence.")
    return 1


def _first_weekday(weekday: Weekday, day: date) -> date:
    ahead = (list(Weekday).index(weekday) - day.weekday()) % 7
    return day + ahead * schedule.ONE_DAY


def _check_not_past(day: date, today: date) -> None:
    if day < today:
        raise InvalidValueError("date", "The first issue date must not be past.")


def _check_end(new: Schedule) -> None:
    if new.end_on is not None and new.end_on < new.anchor_on:
        raise InvalidValueError("end_date", "The end must not be before the start.")
