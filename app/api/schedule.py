"""The extension element `schedule`, and the frequency beside it.

Source: inferred (B.2 of the model for all five source systems).
"""

from datetime import date

from app.domain import frequency as frequencies
from app.domain.errors import InvalidValueError
from app.domain.schedule import (
    Dates,
    MonthDays,
    MonthWeekday,
    Rule,
    Schedule,
    YearlyDate,
)
from app.domain.scheduling import AskedRule, OfTheDay, ScheduleChanges
from app.domain.unset import UNSET, Maybe, Unset, given
from app.wire import values
from app.wire.reader import Reader
from app.wire.xml import Node, node

_QUARTERS = ("q1", "q2", "q3", "q4")


def frequency(request: Reader) -> Maybe[AskedRule]:
    """Read the frequency; an empty one counts as left out (inferred)."""
    name = given(request.word("frequency"), "")
    return values.rule(name) if name else UNSET


def changes(request: Reader) -> Maybe[ScheduleChanges]:
    """Read the element.

    Raises: InvalidValueError, MissingFieldError.
    """
    said = request.child("schedule")
    if said is None:
        return UNSET
    return ScheduleChanges(
        rule=_rule(said),
        every=_count(said, "every"),
        buffer_days=_count(said, "buffer_days"),
        start_on=said.day("start_date"),
        end_on=_end(said),
        bill_now=said.switch("bill_now"),
    )


def nodes(schedule: Schedule, start_on: date, *, whole: bool) -> list[Node]:
    """Render the element: what a frequency cannot say of it, or the whole."""
    children = [
        *(
            [node("start_date", schedule.anchor_on.isoformat())]
            if whole or schedule.anchor_on != start_on
            else []
        ),
        *rule_nodes(schedule.rule),
        *(
            [node("end_date", schedule.end_on.isoformat())]
            if schedule.end_on is not None
            else []
        ),
    ]
    return [node("schedule", children)] if children else []


def rule_nodes(rule: AskedRule) -> list[Node]:
    """Render the rule, as far as it is no frequency."""
    match rule:
        case MonthDays(days=days, interval=interval):
            listed = [node("day", str(day)) for day in days]
            return [node("days", listed), *_every(interval)]
        case MonthWeekday(weekday=weekday, ordinal=ordinal, interval=interval):
            return [
                node("week", values.week(ordinal)),
                node("weekday", weekday.name.lower()),
                *_every(interval),
            ]
        case Dates(buffer_days=buffer_days):
            listed = [node("date", text) for text in frequencies.dates(rule)]
            buffer = [node("buffer_days", str(buffer_days))] if buffer_days else []
            return [node("dates", listed), *buffer]
        case OfTheDay.TWICE_A_MONTH:
            return [node("days", [])]
    return []


def _every(interval: int) -> list[Node]:
    return [node("every", str(interval))] if interval != 1 else []


def _rule(said: Reader) -> Maybe[AskedRule]:
    kinds = {
        "days": _days(said),
        "week": _weekday(said),
        "dates": _dates(said),
        "quarters": _quarters(said),
    }
    rules = {name: rule for name, rule in kinds.items() if rule is not UNSET}
    if len(rules) > 1:
        _, name, *_ = rules
        raise said.invalid(
            name, "Use days, or week and weekday, or dates, or quarters."
        )
    return next(iter(rules.values()), UNSET)


def _days(said: Reader) -> Maybe[AskedRule]:
    """Read days of the month; an empty list is two of them, 14 days apart."""
    found = said.words("days")
    if isinstance(found, Unset):
        return UNSET
    if not found:
        return OfTheDay.TWICE_A_MONTH
    return MonthDays(days=tuple(values.count(text) for _, text in found))


def _weekday(said: Reader) -> Maybe[Rule]:
    week, weekday = said.word("week"), said.word("weekday")
    if isinstance(week, Unset) and isinstance(weekday, Unset):
        return UNSET
    week, weekday = said.required_word("week"), said.required_word("weekday")
    ordinal = values.WEEKS.get(week.lower())
    if ordinal is None:
        raise said.invalid("week", f"Use one of: {', '.join(values.WEEKS)}.")
    day = values.WEEKDAYS.get(weekday.lower())
    if day is None:
        raise said.invalid("weekday", f"Use one of: {', '.join(values.WEEKDAYS)}.")
    return MonthWeekday(weekday=day, ordinal=ordinal)


def _dates(said: Reader) -> Maybe[Rule]:
    found = said.words("dates")
    if isinstance(found, Unset):
        return UNSET
    yearly, full = [], []
    for place, text in found:
        of_every_year = values.yearly(text)
        if of_every_year is not None:
            yearly.append(of_every_year)
            continue
        try:
            full.append(values.day(text))
        except ValueError:
            raise InvalidValueError(
                "date", "Use MM-DD or YYYY-MM-DD, a day that there is.", place
            ) from None
    return Dates(yearly=tuple(yearly), full=tuple(full))


def _quarters(said: Reader) -> Maybe[Rule]:
    """Read one date in each quarter; all four are needed (documented)."""
    quarters = said.child("quarters")
    if quarters is None:
        return UNSET
    return Dates(
        yearly=tuple(
            _quarter(quarters, name, range(3 * number + 1, 3 * number + 4))
            for number, name in enumerate(_QUARTERS)
        )
    )


def _quarter(quarters: Reader, name: str, months: range) -> YearlyDate:
    found = values.yearly(quarters.required_word(name))
    if found is None or found.month not in months:
        raise quarters.invalid(
            name, f"Use MM-DD, a day from {months[0]:02d}-01 to {months[-1]:02d}-31."
        )
    return found


def _count(said: Reader, name: str) -> Maybe[int]:
    """Read a number; an empty one counts as left out."""
    return said.count(name) if given(said.word(name), "") else UNSET


def _end(said: Reader) -> Maybe[date | None]:
    """Read the end; an empty one takes it away."""
    if said.word("end_date") == "":
        return None
    return said.day("end_date")
