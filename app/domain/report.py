"""Reports: what recurring profiles are worth by the month, and what of it was lost.

MRR is the sum over the active profiles of (amount of the next invoice) x (dates per
year) / 12. ARR is 12 x MRR. Churn is the MRR at the beginning of a period of those
profiles that are archived, deleted or completed at its end, in percent of the MRR at
its beginning. Nothing is rounded before the end.

How a profile stood on a day gone by is told by its history and its invoices. What its
lines came to then is not: they count as they are now, on the date of its next invoice
then.

Source: documented (source-systems B.5); inferred: taxes and discounts belong to the
amount; one below zero counts 0, as nothing is due; so does a profile that has no more
than one date left; what was paused is worth nothing, and not lost.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import islice

from app.domain import schedule
from app.domain.errors import InvalidValueError
from app.domain.event import Event, What
from app.domain.folder import Folder
from app.domain.frequency import dates_per_year
from app.domain.money import EXACT, HUNDRED, ZERO, Money
from app.domain.pricing import price
from app.domain.recurring import Profile, ProfileState, bills

_CHURN_UNIT = Decimal("0.01")
# With so many dates left a profile counts.
_DATES_LEFT = 2
# What the history does not tell of a date that was there.
_SOME_DATE = "some"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from one to another, both included."""

    date_from: date
    date_to: date


def period(date_from: date | None, date_to: date | None, today: date) -> Period:
    """Return a period; without an end it ends today, without a beginning on the 1st.

    Raises: InvalidValueError where it ends before it begins.
    """
    last = date_to or today
    first = date_from or last.replace(day=1)
    if first > last:
        raise InvalidValueError("date_from", "It lies after the end of the period.")
    return Period(first, last)


@dataclass(frozen=True, slots=True)
class Beginning:
    """A day gone by (or today), and the instant at which it began."""

    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Billed:
    """How many dates of a profile were billed from a day on, and the first of them."""

    count: int
    first_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A profile as it is, and what happened to it since the beginning of a period.

    `events` are in their order. `billed` and `billed_after` tell what was billed since
    the period began and ended; None for nothing.
    """

    profile: Profile
    events: Sequence[Event] = ()
    billed: Billed | None = None
    billed_after: Billed | None = None


class Standing(Enum):
    """Whether a profile bills; it rests also before it is there."""

    LIVE = "live"
    RESTING = "resting"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Stood:
    """How a profile stood at an instant, and the date of its next invoice then.

    There is no date where it counts 0.
    """

    standing: Standing
    invoice_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What the profiles of one currency are worth; `churn` is in percent."""

    active_profiles: int
    mrr: Money
    arr: Money
    mrr_at_start: Money
    churned_mrr: Money
    churn: Decimal


def as_it_is(profile: Profile) -> Stood:
    """Return how a profile stands."""
    return _stood(profile, _now(profile), profile.schedule.next_on, None)


def as_it_was(
    profile: Profile, on: date, since: Sequence[Event], billed: Billed | None
) -> Stood:
    """Return how a profile stood when a day began, by what happened since.

    What nobody wrote down is taken to have been as it is: there is no history of
    profiles before the fourth edition of the database.
    """
    told = _now(profile)
    for event in reversed(since):
        if event.what is What.CREATE:
            return Stood(Standing.RESTING)
        if event.what is What.COMPLETE:
            told["next_issue_date"] = _SOME_DATE
        told |= {change.field: change.old for change in event.changes}
    of = profile.schedule
    limited = of.occurrences or of.end_on
    if limited and told["occurrences"] == "0" and not told["schedule/end_date"]:
        of = replace(of, occurrences=0, end_on=None)
        profile = replace(profile, schedule=of)
    return _stood(profile, told, on, billed)


def _now(profile: Profile) -> dict[str, str]:
    """Return what can have been different before, as the history spells it."""
    of = profile.schedule
    return {
        "state": profile.shown_state,
        "folder": profile.folder,
        "next_issue_date": "" if of.next_on is None else _SOME_DATE,
        "occurrences": str(of.occurrences),
        "schedule/end_date": "" if of.end_on is None else _SOME_DATE,
    }


def _stood(
    profile: Profile, told: dict[str, str], on: date | None, billed: Billed | None
) -> Stood:
    standing = _standing(told)
    rate = dates_per_year(profile.schedule.rule)
    if standing is not Standing.LIVE or on is None or not rate:
        return Stood(standing)
    if _endless(profile):
        # Then any date will do, and there are millions of profiles like that.
        return Stood(standing, on)
    known = 0 if billed is None else billed.count
    left = list(islice(_invoice_dates(profile, on), max(0, _DATES_LEFT - known)))
    if known + len(left) < _DATES_LEFT:
        return Stood(standing)
    return Stood(standing, left[0] if billed is None else billed.first_on)


def _endless(profile: Profile) -> bool:
    """Whether a profile that recurs has no end, and all its lines on each invoice."""
    of = profile.schedule
    return (
        not of.occurrences
        and of.end_on is None
        and not any(line.start_on or line.end_on for line in profile.lines)
    )


def _standing(told: dict[str, str]) -> Standing:
    if told["state"] == ProfileState.PAUSED and told["folder"] == Folder.ACTIVE:
        return Standing.RESTING
    # An active one without a date has lost its client.
    live = (
        told["state"] == ProfileState.ACTIVE
        and told["folder"] == Folder.ACTIVE
        and told["next_issue_date"]
    )
    return Standing.LIVE if live else Standing.GONE


def _invoice_dates(profile: Profile, day: date) -> Iterator[date]:
    """Yield the dates of invoices from a day on; where no line counts there is none.

    From one of those the next step is to where another line begins.
    """
    of = schedule.rescheduled(profile.schedule, day)
    while (on := of.next_on) is not None:
        if bills(profile, on):
            yield on
            of = schedule.billed(of)
            continue
        later = [each.start_on for each in profile.lines if each.start_on]
        later = [start_on for start_on in later if start_on > on]
        if not later:
            return
        of = schedule.rescheduled(of, min(later))


@dataclass(slots=True)
class _Sums:
    """Amounts in minor units by dates per year: so many numbers, and no fractions."""

    active_profiles: int = 0
    now: dict[Fraction, int] = field(default_factory=lambda: defaultdict(int))
    at_start: dict[Fraction, int] = field(default_factory=lambda: defaultdict(int))
    churned: dict[Fraction, int] = field(default_factory=lambda: defaultdict(int))


class Tally:
    """What profiles are worth, added up one by one; amounts of two currencies never."""

    def __init__(self, start: Beginning | None, end: Beginning | None) -> None:
        """Keep when the period began, and what follows it; None is still to come."""
        self._start = start
        self._end = end
        self._sums: dict[str, _Sums] = defaultdict(_Sums)

    def add(self, followed: Followed, now: Profile) -> None:
        """Count a profile; `now` is how answers show it, which nobody wrote down."""
        profile, events = followed.profile, followed.events
        before = after = as_it_is(now)
        if self._end is not None:
            since = [event for event in events if event.at >= self._end.at]
            after = as_it_was(profile, self._end.on, since, followed.billed_after)
        if self._start is not None:
            before = as_it_was(profile, self._start.on, events, followed.billed)
        if Standing.LIVE in (before.standing, after.standing):
            self._count(profile, before, after)

    def metrics(self) -> list[tuple[str, Metrics]]:
        """Return what the profiles of each currency are worth, in order of its code."""
        return [(code, _metrics(code, self._sums[code])) for code in sorted(self._sums)]

    def _count(self, profile: Profile, before: Stood, after: Stood) -> None:
        sums = self._sums[profile.currency_code]
        rate = dates_per_year(profile.schedule.rule)
        sums.active_profiles += after.standing is Standing.LIVE
        worth = _worth(profile, after.invoice_on)
        sums.now[rate] += worth
        if before.invoice_on is None:
            return
        if not _same_lines(profile, before.invoice_on, after.invoice_on):
            worth = _worth(profile, before.invoice_on)
        sums.at_start[rate] += worth
        if after.standing is Standing.GONE:
            sums.churned[rate] += worth


def _same_lines(profile: Profile, one: date, other: date | None) -> bool:
    return other is not None and all(
        line.counts(one) == line.counts(other) for line in profile.lines
    )


def _worth(profile: Profile, on: date | None) -> int:
    """Return the amount of an invoice of a date in minor units; 0 for none."""
    return 0 if on is None else max(0, price(profile, on).total.minor)


def _metrics(currency: str, sums: _Sums) -> Metrics:
    mrr, at_start, churned = map(_monthly, (sums.now, sums.at_start, sums.churned))
    return Metrics(
        active_profiles=sums.active_profiles,
        mrr=_money(mrr, currency),
        arr=_money(12 * mrr, currency),
        mrr_at_start=_money(at_start, currency),
        churned_mrr=_money(churned, currency),
        churn=_percent(churned, at_start),
    )


def _monthly(amounts: dict[Fraction, int]) -> Fraction:
    return sum((rate * amount for rate, amount in amounts.items()), Fraction(0)) / 12


def _money(minor: Fraction, currency: str) -> Money:
    """Return so many minor units, rounded to whole ones."""
    one = Money.from_minor(1, currency)
    return one.times(_decimal(minor)).rounded()


def _percent(part: Fraction, whole: Fraction) -> Decimal:
    """Return a part in percent of the whole, rounded half up; 0 where that is 0."""
    if not whole:
        return ZERO
    percent = EXACT.multiply(_decimal(part / whole), HUNDRED)
    return percent.quantize(_CHURN_UNIT, context=EXACT)


def _decimal(value: Fraction) -> Decimal:
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
