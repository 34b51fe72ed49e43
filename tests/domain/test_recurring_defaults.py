"""What becomes of an account's defaults, whatever they are and whatever is said."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.domain import scheduling
from app.domain.errors import InvalidValueError, MissingFieldError
from app.domain.recurring_defaults import (
    DefaultsChanges,
    Words,
    WordsChanges,
    changed,
    words,
)
from app.domain.schedule import (
    WEEKS,
    Dates,
    Freq,
    Interval,
    MonthDays,
    MonthWeekday,
    Weekday,
    YearlyDate,
)
from app.domain.scheduling import Defaults, OfTheDay, ScheduleChanges
from app.domain.unset import UNSET

TODAY = date(2026, 3, 2)
FEW = st.integers(1, 100)

INTERVALS = st.builds(Interval, freq=st.sampled_from(Freq), interval=FEW)
YEARLY = st.builds(YearlyDate, st.integers(1, 12), st.integers(1, 31))
CHOSEN = st.one_of(
    st.builds(
        MonthDays,
        days=st.lists(st.integers(1, 31), min_size=1, unique=True).map(tuple),
        interval=FEW,
    ),
    st.builds(
        MonthWeekday,
        weekday=st.sampled_from(Weekday),
        ordinal=st.sampled_from(WEEKS),
        interval=FEW,
    ),
    st.builds(
        Dates,
        yearly=st.lists(YEARLY, min_size=1, max_size=4, unique=True).map(tuple),
        full=st.sampled_from([(), (date(2030, 5, 1),)]),
        buffer_days=st.integers(0, 3),
    ),
    st.just(OfTheDay.TWICE_A_MONTH),
)
ONCE = st.just(OfTheDay.ONCE)
DEFAULTS = st.one_of(
    st.builds(Defaults, rule=INTERVALS | CHOSEN | ONCE, occurrences=st.integers(0, 9)),
    st.builds(
        Defaults,
        rule=st.builds(Interval, freq=st.just(Freq.WEEKLY), interval=FEW),
        weekday=st.sampled_from(Weekday),
    ),
)


def maybe(*values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.just(UNSET), *values)


NOTHING = st.none()
WORDS = st.builds(
    WordsChanges,
    interval_value=maybe(st.integers(0, 40)),
    interval_label=maybe(st.sampled_from(Freq)),
    day_number=maybe(NOTHING, st.integers(0, 40)),
    day_type=maybe(NOTHING, st.sampled_from([Freq.DAILY, Freq.WEEKLY, Freq.MONTHLY])),
    month=maybe(NOTHING, st.integers(0, 14)),
)
NAMES = {*Words.__dataclass_fields__, "frequency"}


def as_read(of: Defaults) -> DefaultsChanges:
    """Return the request that says what answers show."""
    said = words(of)
    chosen = not isinstance(of.rule, Interval) and of.rule is not OfTheDay.ONCE
    return DefaultsChanges(
        frequency=scheduling.shown(of.rule),
        schedule=ScheduleChanges(rule=of.rule) if chosen else UNSET,
        words=WordsChanges(
            interval_value=said.interval_value or UNSET,
            interval_label=said.interval_label or UNSET,
            day_number=said.day_number,
            day_type=said.day_type,
            month=said.month,
        ),
        occurrences=of.occurrences,
    )


def outcome(of: Defaults, asked: DefaultsChanges) -> Defaults | str:
    """Return the defaults after a request, or the name of what was wrong with it."""
    try:
        return changed(of, asked, TODAY)
    except (InvalidValueError, MissingFieldError) as error:
        return error.field


@given(DEFAULTS)
def test_what_was_read_and_sent_back_is_no_change(of: Defaults) -> None:
    assert changed(of, as_read(of), TODAY) == of
    assert changed(of, DefaultsChanges(), TODAY) == of


@given(DEFAULTS, WORDS, maybe(INTERVALS, ONCE))
def test_what_is_said_is_shown_or_refused_by_its_name(
    of: Defaults, said: WordsChanges, frequency: object
) -> None:
    asked = DefaultsChanges(frequency=frequency, words=said)  # type: ignore[arg-type]
    new = outcome(of, asked)
    if isinstance(new, str):
        assert new in NAMES
        return
    known, found = words(of), words(new)
    for name in Words.__dataclass_fields__:
        wanted = getattr(said, name)
        # What is as it was may give way to what is not.
        assert wanted in (UNSET, getattr(found, name), getattr(known, name)), name
    assert new.occurrences == of.occurrences
    # Said again it changes nothing.
    assert changed(new, as_read(new), TODAY) == new


@given(DEFAULTS, DEFAULTS)
def test_any_defaults_can_become_any_others(of: Defaults, wanted: Defaults) -> None:
    """With an empty schedule first, which takes chosen days away."""
    empty = DefaultsChanges(
        frequency=Interval(freq=Freq.DAILY, interval=36500), schedule=ScheduleChanges()
    )
    plain = changed(of, empty, TODAY)
    said = as_read(wanted)
    if wanted.rule is OfTheDay.ONCE:
        said = DefaultsChanges(frequency=wanted.rule, occurrences=wanted.occurrences)
    elif isinstance(wanted.rule, Interval):
        said = DefaultsChanges(
            frequency=wanted.rule, words=said.words, occurrences=wanted.occurrences
        )
    assert changed(plain, said, TODAY) == wanted
