"""When a profile bills: rules, and the schedule that tells which date comes next.

Every date is computed from the rule's anchor by counting periods, never from the
previous date, so that a 31st that February shortened comes back in March. No list of
future dates is kept: a `Schedule` is a rule and the little that must be remembered.

A rule is an immutable value of one of four kinds. `on_or_after` is its arithmetic; the
other two say how it behaves when a date is moved or billed ahead of it.

Source: inferred (the wire reference 2.3 and rules R1-R9 of the model for all five
source systems); the five documents agree that a short month bills on its last day.
"""

from bisect import bisect_left
from calendar import isleap, monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from app.domain.errors import InvalidValueError

ONE_DAY = timedelta(days=1)

# The years that dates are accepted in; a rule has no dates outside them.
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2999, 12, 31)

# A rhythm that is slower than this is a slip of the pen.
YEARS_MAX = 100
DATES_MAX = 365
BUFFER_MAX = 365

# Rule R5: a date fewer days than this after a billing ahead of it does not bill.
GAP_DAYS = 6


class Freq(StrEnum):
    """The units of a rhythm, in iCalendar's words."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"


class Weekday(StrEnum):
    """The days of the week, in iCalendar's letters and in their order."""

    MONDAY = "MO"
    TUESDAY = "TU"
    WEDNESDAY = "WE"
    THURSDAY = "TH"
    FRIDAY = "FR"
    SATURDAY = "SA"
    SUNDAY = "SU"


class YearlyDate(NamedTuple):
    """A month and a day of every year; a day the month lacks is its last."""

    month: int
    day: int

    def __str__(self) -> str:
        """Write MM-DD."""
        return f"{self.month:02d}-{self.day:02d}"


LAST_WEEK = -1
WEEKS = (1, 2, 3, 4, LAST_WEEK)

_WEEKDAYS = {weekday: number for number, weekday in enumerate(Weekday)}
_DAYS = {Freq.DAILY: 1, Freq.WEEKLY: 7}
_MONTHS = {Freq.MONTHLY: 1, Freq.YEARLY: 12}
_KEEPING_DISTANCE = (Freq.WEEKLY, Freq.MONTHLY)
_INTERVAL_MAX = {
    Freq.DAILY: YEARS_MAX * 365,
    Freq.WEEKLY: YEARS_MAX * 52,
    Freq.MONTHLY: YEARS_MAX * 12,
    Freq.YEARLY: YEARS_MAX,
}


class Rule(Protocol):
    """What every kind of schedule can say."""

    def __hash__(self) -> int:
        """Rules are values."""
        ...

    def on_or_after(self, start: date, day: date) -> date | None:
        """Return the rule's first date on or after `day`, counting from `start`."""
        ...

    @property
    def cadence(self) -> Freq | None:
        """The unit that the rule repeats in; None for dates of one's own choice."""
        ...

    @property
    def once_a_period(self) -> bool:
        """Whether it has one date at most in a month, or a year, of its cadence."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Every so many days, weeks, months or years from the start."""

    freq: Freq
    interval: int = 1

    def __post_init__(self) -> None:
        """Refuse a rhythm that stands still, or that nobody lives to see."""
        _check_interval("frequency", self.freq, self.interval)

    def on_or_after(self, start: date, day: date) -> date | None:
        """Return the first date on or after `day`; None beyond the calendar's end."""
        if day <= start:
            return start
        if self.freq in _DAYS:
            period = self.interval * _DAYS[self.freq]
            found = start - (start - day).days // period * timedelta(days=period)
        else:
            period = self.interval * _MONTHS[self.freq]
            # A month's own date lies before `day` only if the wanted day does: where
            # it is shortened, `day` cannot be later than it.
            months = _month(day) - _month(start) + (day.day > start.day)
            found = _on(start, -(-months // period) * period, start.day)
        return found if found <= LAST_DAY else None

    @property
    def cadence(self) -> Freq:
        """Its unit."""
        return self.freq

    @property
    def once_a_period(self) -> bool:
        """Every month or year has one date at most."""
        return self.freq in _MONTHS


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthDays:
    """Days of the month, every so many months from that of the first date."""

    days: tuple[int, ...]
    interval: int = 1

    def __post_init__(self) -> None:
        """Refuse days that no month has, and bring the others into order."""
        if not self.days:
            raise InvalidValueError("days", "Give at least one day.")
        if not all(1 <= day <= 31 for day in self.days):
            raise InvalidValueError("day", "A day of the month is 1 to 31.")
        if len(set(self.days)) < len(self.days):
            raise InvalidValueError("days", "A day is given twice.")
        _check_interval("every", Freq.MONTHLY, self.interval)
        object.__setattr__(self, "days", tuple(sorted(self.days)))

    def on_or_after(self, start: date, day: date) -> date | None:
        """Return the first date on or after `day`; None beyond the calendar's end."""
        return _by_month(self._in_month, self.interval, start, day)

    @property
    def cadence(self) -> Freq:
        """It repeats by the month."""
        return Freq.MONTHLY

    @property
    def once_a_period(self) -> bool:
        """A single day is one date a month."""
        return len(self.days) == 1

    def _in_month(self, day: date) -> date | None:
        """Return the first date from `day` to the end of its month."""
        place = bisect_left(self.days, day.day)
        return _on(day, 0, self.days[place]) if place < len(self.days) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthWeekday:
    """The nth or last weekday of the month, every so many months from the first."""

    weekday: Weekday
    ordinal: int
    interval: int = 1

    def __post_init__(self) -> None:
        """Refuse a week that not every month has."""
        if self.ordinal not in WEEKS:
            raise InvalidValueError("week", "Use first, second, third, fourth or last.")
        _check_interval("every", Freq.MONTHLY, self.interval)

    def on_or_after(self, start: date, day: date) -> date | None:
        """Return the first date on or after `day`; None beyond the calendar's end."""
        return _by_month(self._in_month, self.interval, start, day)

    @property
    def cadence(self) -> Freq:
        """It repeats by the month."""
        return Freq.MONTHLY

    @property
    def once_a_period(self) -> bool:
        """Every month has one."""
        return True

    def _in_month(self, day: date) -> date | None:
        """Return the weekday of the month of `day`, unless it lies before."""
        wanted = _WEEKDAYS[self.weekday]
        if self.ordinal == LAST_WEEK:
            last = _on(day, 0, 31)
            found = last - timedelta(days=(last.weekday() - wanted) % 7)
        else:
            first = day.replace(day=1)
            ahead = (wanted - first.weekday()) % 7
            found = first + timedelta(days=ahead, weeks=self.ordinal - 1)
        return found if found >= day else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Chosen dates: of every year, or of one.

    With `buffer_days`, those that lie so close after the start do not bill (rule R4).
    """

    yearly: tuple[YearlyDate, ...] = ()
    full: tuple[date, ...] = ()
    buffer_days: int = 0
    _common: list[tuple[int, int]] = field(init=False, repr=False, compare=False)
    _leap: list[tuple[int, int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what is no date, and bring the others into order."""
        count = len(self.yearly) + len(self.full)
        if not count:
            raise InvalidValueError("dates", "Give at least one date.")
        if count > DATES_MAX:
            raise InvalidValueError("dates", f"Give {DATES_MAX} dates at most.")
        if not all(1 <= m <= 12 and 1 <= d <= 31 for m, d in self.yearly):
            raise InvalidValueError("date", "There is no such day in any year.")
        if len({*self.yearly, *self.full}) < count:
            raise InvalidValueError("dates", "A date is given twice.")
        if not 0 <= self.buffer_days <= BUFFER_MAX:
            raise InvalidValueError("buffer_days", f"Use 0 to {BUFFER_MAX} days.")
        object.__setattr__(self, "yearly", tuple(sorted(self.yearly)))
        object.__setattr__(self, "full", tuple(sorted(self.full)))
        object.__setattr__(self, "_common", self._days_of(date(2001, 1, 1)))
        object.__setattr__(self, "_leap", self._days_of(date(2000, 1, 1)))

    def on_or_after(self, start: date, day: date) -> date | None:
        """Return the first date on or after `day`; None when all are past."""
        if self.buffer_days:
            start += timedelta(days=self.buffer_days + 1)
        day = max(start, day)
        place = bisect_left(self.full, day)
        found = [
            self._of_year(day) or self._of_year(date(day.year + 1, 1, 1)),
            self.full[place] if place < len(self.full) else None,
        ]
        first = min(filter(None, found), default=None)
        return first if first is not None and first <= LAST_DAY else None

    @property
    def cadence(self) -> Freq | None:
        """They repeat in no unit."""
        return None

    @property
    def once_a_period(self) -> bool:
        """They are meant one by one, however close."""
        return False

    @property
    def once(self) -> bool:
        """Whether there is one date, ever."""
        return not self.yearly and len(self.full) == 1

    def _days_of(self, year: date) -> list[tuple[int, int]]:
        days = (_on(year, month - 1, day) for month, day in self.yearly)
        return sorted({(day.month, day.day) for day in days})

    def _of_year(self, day: date) -> date | None:
        """Return the first date of every year from `day` to the end of its year."""
        days = self._leap if isleap(day.year) else self._common
        place = bisect_left(days, (day.month, day.day))
        return date(day.year, *days[place]) if place < len(days) else None


def twice_a_month(day: date) -> MonthDays:
    """Return the rule of two days a month that a day of creation stands for.

    Source: documented (14 days apart, from the creation date).
    """
    other = day.day + 14 if day.day <= 14 else day.day - 14
    return MonthDays(days=(day.day, other))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A rule with what has to be remembered to know its next date.

    `next_on` is the next billing date itself, or None when there is none left (or the
    profile rests). It is stored, not derived, because a pause loses dates: only the
    moment of resuming knows which.

    `anchor_on` is the day that the rule counts from: the start, until a date that was
    moved takes its place. Dates of the rule up to `passed_on` do not bill, where the
    first one lies later, nor do those up to `skipped_on`. `billed_now_on` is the last
    day that was billed ahead of the rule. `moved_to` is a change of the next date that
    has not billed yet, `use_new_day` whether its day is to stay; `moved_on` is the last
    that has.
    """

    rule: Rule
    anchor_on: date
    end_on: date | None = None
    occurrences: int = 0
    next_on: date | None = None
    billed_count: int = 0
    last_billed_on: date | None = None
    passed_on: date | None = None
    skipped_on: date | None = None
    billed_now_on: date | None = None
    moved_to: date | None = None
    use_new_day: bool = False
    moved_on: date | None = None

    @property
    def exhausted(self) -> bool:
        """Whether all wanted occurrences have been billed; 0 means no limit."""
        return 0 < self.occurrences <= self.billed_count


def begun(rule: Rule, anchor_on: date, first_on: date) -> Schedule:
    """Return the schedule of a rule that counts from one day and bills from another.

    Raises: InvalidValueError where the rule has no date left from then on.
    """
    check_not_all_past(rule, anchor_on, first_on)
    blank = Schedule(rule=rule, anchor_on=anchor_on)
    return _passing(blank, first_on)


def check_not_all_past(rule: Rule, anchor_on: date, first_on: date) -> None:
    """Refuse a rule that has no date left.

    Dates in the buffer are not past, even if none of them bills.

    Raises: InvalidValueError.
    """
    whole = replace(rule, buffer_days=0) if isinstance(rule, Dates) else rule
    if whole.on_or_after(anchor_on, first_on) is None:
        raise InvalidValueError("dates", "All of these dates are past.")


def replaced(
    schedule: Schedule, rule: Rule, anchor_on: date, first_on: date | None
) -> Schedule:
    """Return the schedule with another rule or another day to count from (rule R9).

    Where it is given, nothing of the rule bills before `first_on`. What was said of a
    date of the old rule goes with it: that it is skipped, a change that has not billed
    yet and, unless the new one counts in the same, the month (the year) used up.
    """
    same = rule.cadence is schedule.rule.cadence and first_on is None
    changed = replace(
        schedule,
        rule=rule,
        anchor_on=anchor_on,
        skipped_on=None,
        moved_to=None,
        use_new_day=False,
        moved_on=schedule.moved_on if same else None,
    )
    return changed if first_on is None else _passing(changed, first_on)


def rescheduled(schedule: Schedule, today: date) -> Schedule:
    """Return the schedule with its next date found anew, from today on.

    It serves creation, resuming and every change: nothing is billed for days gone by,
    and no day is billed twice (rules R3, R7 and R9). A moved date that has gone by is
    lost as any other.
    """
    if schedule.moved_to is not None and schedule.moved_to < today:
        schedule = _unmoved(schedule)
    return replace(schedule, next_on=_next(schedule, today))


def rested(schedule: Schedule) -> Schedule:
    """Return the schedule while nothing bills; `rescheduled` wakes it."""
    return replace(schedule, next_on=None)


def moved(schedule: Schedule, to: date, *, use_new_day: bool) -> Schedule:
    """Return the schedule with its next date changed (rule R6); the last change counts.

    Nothing bills before it; beyond the end nothing bills at all.
    """
    changed = replace(schedule, moved_to=to, use_new_day=use_new_day)
    return replace(changed, next_on=_next(changed, to))


def skipped(schedule: Schedule) -> Schedule:
    """Return the schedule whose next date does not bill (rule R8)."""
    day = _due(schedule)
    passed = schedule
    if schedule.moved_to == day:
        # It stood for the date of its month (its year), which is skipped with it.
        passed = replace(_unmoved(schedule), moved_on=day)
    last = max(filter(None, (passed.skipped_on, day)))
    passed = replace(passed, skipped_on=last)
    return replace(passed, next_on=_next(passed, day))


def skipped_until(schedule: Schedule, day: date) -> Schedule:
    """Return the schedule of which no date before a day bills."""
    if schedule.next_on is not None and schedule.next_on < day:
        # Alone, as it may have been moved there.
        schedule = skipped(schedule)
    if schedule.next_on is None or schedule.next_on >= day:
        return schedule
    passing = replace(schedule, skipped_on=day - ONE_DAY)
    return replace(passing, next_on=_next(passing, day))


def billed(schedule: Schedule) -> Schedule:
    """Return the schedule after its next date has been billed."""
    day = _due(schedule)
    if schedule.moved_to == day:
        schedule = replace(_unmoved(schedule), moved_on=day)
        if schedule.rule.cadence in _DAYS:
            # Days and weeks are counted from the date that really billed.
            schedule = _restarted(schedule, day)
    return _counted(schedule, day, day + ONE_DAY)


def billed_now(schedule: Schedule, today: date) -> Schedule:
    """Return the schedule after today was billed ahead of its next date (rule R5).

    A weekly or monthly rule then keeps its distance.
    """
    schedule = replace(schedule, billed_now_on=today)
    if schedule.next_on == today:
        return billed(schedule)
    # Days before the next date are lost, even where today is an earlier one of them.
    following = max(today + ONE_DAY, schedule.next_on or today)
    return _counted(schedule, today, following)


# Tells the first day from one on, on which there is anything to bill.
Billable = Callable[[date], date | None]


def _any(day: date) -> date:
    return day


def passed(schedule: Schedule, billable: Billable) -> Schedule:
    """Return the schedule after its next date, which bills or has nothing to bill.

    Dates that bill nothing use up no occurrence, and are passed at once, however many.
    """
    day = _due(schedule)
    found = billable(day)
    if found is None:
        return rested(schedule)
    return billed(schedule) if found == day else skipped_until(schedule, found)


def upcoming(schedule: Schedule, billable: Billable = _any) -> Iterator[date]:
    """Yield the dates that will be billed from the state on, in order."""
    while schedule.next_on is not None:
        if billable(schedule.next_on) == schedule.next_on:
            yield schedule.next_on
        schedule = passed(schedule, billable)


def upcoming_from(
    schedule: Schedule, day: date, most: int, billable: Billable = _any
) -> Iterator[date]:
    """Yield the dates that will be billed from a day on.

    Raises: InvalidValueError where more than `most` dates have to be counted before.
    """
    for _ in range(most):
        if schedule.next_on is None or schedule.next_on >= day:
            return upcoming(schedule, billable)
        if not schedule.occurrences and schedule.moved_to is None:
            return upcoming(rescheduled(schedule, day), billable)
        schedule = passed(schedule, billable)
    raise InvalidValueError("date_from", f"More than {most} dates lie before it.")


def consistent(schedule: Schedule) -> bool:
    """Whether the next date, if there is one, is the rule's and after the last.

    Whether there should be one is for the profile's state to say.
    """
    day = schedule.next_on
    return day is None or _next(replace(schedule, occurrences=0), day) == day


def ended(schedule: Schedule, today: date) -> bool:
    """Whether nothing more comes from today on."""
    return rescheduled(schedule, today).next_on is None


def _due(schedule: Schedule) -> date:
    if schedule.next_on is None:
        raise ValueError("there is no date to bill")
    return schedule.next_on


def _counted(schedule: Schedule, day: date, following: date) -> Schedule:
    """Return the schedule with a day more that was billed, and its next date then."""
    count = schedule.billed_count + 1
    last = 0 < schedule.occurrences <= count
    return replace(
        schedule,
        billed_count=count,
        last_billed_on=day,
        next_on=None if last else _next(schedule, following),
    )


def _next(schedule: Schedule, day: date) -> date | None:
    """Return the first date on or after `day` that bills."""
    if schedule.exhausted:
        return None
    if schedule.last_billed_on is not None:
        day = max(day, schedule.last_billed_on + ONE_DAY)
    found = schedule.moved_to
    if found is None or found < day:
        found = _of_rule(schedule, day)
    if found is None or (schedule.end_on is not None and found > schedule.end_on):
        return None
    return found


def _of_rule(schedule: Schedule, day: date) -> date | None:
    """Return the rule's first date on or after `day` that is not passed over."""
    rule, anchor_on = schedule.rule, schedule.anchor_on
    day = max([day, *(each + ONE_DAY for each in _passed(schedule))])
    found = rule.on_or_after(anchor_on, day)
    if found is not None and rule.once_a_period and schedule.moved_on is not None:
        first, after = _period(rule, schedule.moved_on)
        if first <= found < after:
            found = rule.on_or_after(anchor_on, after)
    return found


def _passed(schedule: Schedule) -> Iterator[date]:
    """Yield days up to which dates of the rule do not bill."""
    if schedule.passed_on is not None:
        yield schedule.passed_on
    if schedule.skipped_on is not None:
        yield schedule.skipped_on
    now_on = schedule.billed_now_on
    if now_on is not None and schedule.rule.cadence in _KEEPING_DISTANCE:
        yield now_on + timedelta(days=GAP_DAYS - 1)


def _period(rule: Rule, day: date) -> tuple[date, date]:
    """Return the first day of the month or the year of a day, and that of the next."""
    first = day.replace(day=1)
    if rule.cadence is Freq.YEARLY:
        first = first.replace(month=1)
        return first, first.replace(year=day.year + 1)
    return first, _on(first, 1, 1)


def _unmoved(schedule: Schedule) -> Schedule:
    """Return the schedule without its change of date; the new day stays if it is to."""
    day = schedule.moved_to
    plain = replace(schedule, moved_to=None, use_new_day=False)
    return _restarted(plain, day) if schedule.use_new_day and day else plain


def _restarted(schedule: Schedule, day: date) -> Schedule:
    """Return the schedule whose rule counts from a day that was chosen for it.

    A single day of the month becomes that day's; other rules have no day of their own.
    """
    rule = schedule.rule
    if isinstance(rule, MonthDays) and rule.once_a_period:
        rule = replace(rule, days=(day.day,))
    return replace(schedule, rule=rule, anchor_on=day, passed_on=None, skipped_on=None)


def _passing(schedule: Schedule, first_on: date) -> Schedule:
    """Return the schedule that bills from a day on."""
    later = first_on > schedule.anchor_on
    return replace(schedule, passed_on=first_on - ONE_DAY if later else None)


def _by_month(
    in_month: Callable[[date], date | None], interval: int, start: date, day: date
) -> date | None:
    """Return the first date on or after `day` in the months that a rule counts.

    `in_month` tells the first date from a day to the end of its month. Every month has
    one from its first day on, so that the months are counted from the first that has
    one from the start on (rule R2).
    """
    day = max(start, day)
    first = _month(start) + (in_month(start) is None)
    behind = (_month(day) - first) % interval
    found = in_month(day) if not behind else None
    if found is None:
        found = in_month(_on(day, interval - behind, 1))
    return found if found is not None and found <= LAST_DAY else None


def _month(day: date) -> int:
    """Return the number of a day's month, counting from the year 0."""
    return day.year * 12 + day.month - 1


def _on(day: date, months: int, wanted: int) -> date:
    """Return the wanted day so many months on; a short month's last day (rule R1)."""
    year, month = divmod(_month(day) + months, 12)
    _, last = monthrange(year, month + 1)
    return date(year, month + 1, min(wanted, last))


def _check_interval(name: str, freq: Freq, interval: int) -> None:
    most = _INTERVAL_MAX[freq]
    if not 1 <= interval <= most:
        raise InvalidValueError(name, f"Use an interval of 1 to {most}.")
