"""What an account's new profiles are like that do not say: changing it, in its words.

A rule is said by a frequency, by a schedule, or in the words of a page of settings:
every so many of a unit, on a day of it. What is sent back as it was read says nothing,
so that whoever read all of it may change one word.

Source: documented (the words); how they go together is inferred.
"""

from dataclasses import dataclass, fields, replace
from datetime import date

from app.domain import scheduling
from app.domain.errors import InvalidValueError, MissingFieldError
from app.domain.schedule import (
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Weekday,
    YearlyDate,
)
from app.domain.scheduling import Asked, AskedRule, Defaults, ScheduleChanges
from app.domain.unset import UNSET, Maybe, Unset, given

_WEEKDAYS = tuple(Weekday)
# The unit that the days of a rhythm are counted in, as its type says.
_DAYS_OF = {**dict(zip(Freq, Freq, strict=True)), Freq.YEARLY: Freq.MONTHLY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A rule in the words of a page of settings; None is what it cannot say.

    `day_number` counts in the unit of `day_type`: a day of the month, or of the week
    from 1, Monday, to 7, Sunday. With a `month` it is a date of every year.
    """

    interval_value: int | None = None
    interval_label: Freq | None = None
    day_number: int | None = None
    day_type: Freq | None = None
    month: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsChanges:
    """What a request says in these words; None is what it takes away."""

    interval_value: Maybe[int] = UNSET
    interval_label: Maybe[Freq] = UNSET
    day_number: Maybe[int | None] = UNSET
    day_type: Maybe[Freq | None] = UNSET
    month: Maybe[int | None] = UNSET

    @property
    def of_a_day(self) -> bool:
        """Whether they say anything of the day."""
        return not (self.day_number is self.day_type is self.month is UNSET)


_SILENCE = WordsChanges()


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultsChanges:
    """What a request says of the defaults; what it does not name stays."""

    frequency: Maybe[AskedRule] = UNSET
    schedule: Maybe[ScheduleChanges] = UNSET
    words: WordsChanges = _SILENCE
    occurrences: Maybe[int] = UNSET


def words(of: Defaults) -> Words:
    """Return as much of a rule as the words can say."""
    rhythm = _rhythm(of.rule)
    match of.rule:
        case Interval(freq=Freq.DAILY):
            return replace(rhythm, day_type=Freq.DAILY)
        case Interval() if of.weekday is not None:
            number = _WEEKDAYS.index(of.weekday) + 1
            return replace(rhythm, day_number=number, day_type=Freq.WEEKLY)
        case MonthDays(days=(day,)):
            return replace(rhythm, day_number=day, day_type=Freq.MONTHLY)
        case Dates(yearly=((month, day),)) if rhythm.interval_label is not None:
            return replace(rhythm, day_number=day, day_type=Freq.MONTHLY, month=month)
    return rhythm


def _rhythm(rule: AskedRule) -> Words:
    match rule:
        case Interval(freq=freq, interval=interval):
            return Words(interval_value=interval, interval_label=freq)
        case MonthDays(interval=interval) | MonthWeekday(interval=interval):
            return Words(interval_value=interval, interval_label=Freq.MONTHLY)
        case Dates(yearly=(_,), full=(), buffer_days=0):
            return Words(interval_value=1, interval_label=Freq.YEARLY)
    return Words()


def changed(old: Defaults, asked: DefaultsChanges, today: date) -> Defaults:
    """Return the defaults after an update; what was read and sent back is no change.

    A frequency that is another, or a schedule, replaces the rule; the words change it
    in part.

    Raises: MissingFieldError, InvalidValueError, naming the field.
    """
    named = Asked(frequency=asked.frequency, schedule=asked.schedule)
    rule = scheduling.of_model(named, old.rule, today)
    read = words(old)
    said = _news(asked.words, read)
    if rule == old.rule:
        new = old if said == _SILENCE else _counted(old, said)
    else:
        new = replace(old, rule=rule, weekday=None)
        if isinstance(rule, Interval):
            said = _with_fitting_day(said, asked.words, read, rule.freq)
            new = _on_its_day(new, said, rule) if said.of_a_day else new
    _check_as_said(said, words(new))
    return replace(new, occurrences=given(asked.occurrences, old.occurrences))


def _news(asked: WordsChanges, read: Words) -> WordsChanges:
    """Return what differs from what answers show; a number means what its type says."""
    retyped = asked.day_type not in (UNSET, None, read.day_type)
    as_read = {
        each.name: UNSET
        for each in fields(asked)
        if getattr(asked, each.name) == getattr(read, each.name)
        and not (retyped and each.name in ("day_number", "month"))
    }
    return replace(asked, **as_read)


def _with_fitting_day(
    said: WordsChanges, asked: WordsChanges, read: Words, unit: Freq
) -> WordsChanges:
    """Return what is said, with a day that was sent beside another frequency.

    It may be as it was, and is meant all the same where it fits.
    """
    if asked.day_type is not read.day_type or unit is Freq.YEARLY:
        return said
    if asked.day_type is not _DAYS_OF[unit]:
        return said
    day_number = given(asked.day_number, read.day_number)
    return replace(said, day_type=asked.day_type, day_number=day_number)


def _unit(said: WordsChanges, read: Words) -> Freq | None:
    """Return the unit that is meant; None where there is none to be found."""
    if not isinstance(said.interval_label, Unset):
        return said.interval_label
    if given(said.month, None) is not None:
        return Freq.YEARLY
    if said.month is None:
        # Without its month a date of every year is a day of every month.
        return given(said.day_type, None) or Freq.MONTHLY
    return given(said.day_type, None) or read.interval_label


def _counted(old: Defaults, said: WordsChanges) -> Defaults:
    """Return the defaults every so many of a unit, on the day of it that is wanted."""
    read = words(old)
    unit = _unit(said, read)
    if unit is None:
        return old
    value = given(said.interval_value, read.interval_value or 1)
    try:
        plain = Interval(freq=unit, interval=value)
    except InvalidValueError as error:
        raise InvalidValueError("interval_value", error.reason) from None
    if unit is read.interval_label and not said.of_a_day:
        return replace(old, rule=_every(old.rule, value))
    return _on_its_day(old, said, plain)


def _every(rule: AskedRule, interval: int) -> AskedRule:
    if isinstance(rule, Interval | MonthDays | MonthWeekday):
        return replace(rule, interval=interval)
    return rule


def _on_its_day(base: Defaults, said: WordsChanges, plain: Interval) -> Defaults:
    """Return the defaults of a rhythm with the day that is said, or fits and stays."""
    unit = plain.freq
    day, month = _day(said, words(base), unit)
    if unit is Freq.DAILY or day is None:
        return replace(base, rule=plain, weekday=None)
    if unit is Freq.WEEKLY:
        _check_range("day_number", day, 7, "A weekday is 1, Monday, to 7, Sunday.")
        return replace(base, rule=plain, weekday=_WEEKDAYS[day - 1])
    _check_range("day_number", day, 31, "A day of the month is 1 to 31.")
    if unit is Freq.MONTHLY:
        rule: AskedRule = MonthDays(days=(day,), interval=plain.interval)
        return replace(base, rule=rule, weekday=None)
    if month is None:
        return replace(base, rule=plain, weekday=None)
    _check_range("month", month, 12, "A month is 1 to 12.")
    rule = Dates(yearly=(YearlyDate(month, day),))
    return replace(base, rule=rule, weekday=None)


def _day(said: WordsChanges, read: Words, unit: Freq) -> tuple[int | None, int | None]:
    """Return the day that is wanted and, for a date of every year, its month.

    Raises: MissingFieldError for one that is said in part.
    """
    stays = read.day_type is _DAYS_OF[unit] and said.day_type is not None
    day = given(said.day_number, read.day_number if stays else None)
    month = given(said.month, read.month)
    typed = given(said.day_type, None) in (Freq.WEEKLY, Freq.MONTHLY)
    if day is None and (typed or given(said.month, None) is not None):
        raise MissingFieldError("day_number")
    if unit is Freq.YEARLY and month is None and given(said.day_number, None):
        raise MissingFieldError("month")
    return day, month


def _check_range(name: str, number: int, most: int, reason: str) -> None:
    if not 1 <= number <= most:
        raise InvalidValueError(name, reason)


def _check_as_said(said: WordsChanges, found: Words) -> None:
    """Refuse what the rest of the request, or what stays, does not leave room for."""
    for each in fields(said):
        asked = getattr(said, each.name)
        if asked is not UNSET and asked != getattr(found, each.name):
            raise InvalidValueError(
                each.name, "It contradicts something that is said, or stays as it was."
            )
