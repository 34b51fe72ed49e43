"""settings.*: what new profiles are like, and the account's calendar (ours)."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from app.api import schedule
from app.api.registry import Call, method
from app.domain import retry_plan
from app.domain.account import Account
from app.domain.errors import InvalidValueError
from app.domain.recurring_defaults import DefaultsChanges, WordsChanges, words
from app.domain.schedule import Freq
from app.domain.scheduling import Defaults
from app.domain.unset import UNSET, Maybe, Unset, given
from app.services import settings as service
from app.services.settings import SettingsChanges
from app.wire import values
from app.wire.reader import Reader
from app.wire.xml import Node, node

T = TypeVar("T")


@method("settings.get")
def get(call: Call) -> Sequence[Node]:
    """Return the account's settings. Source: inferred, ours."""
    settings = service.get(call.caller)
    return [
        node(
            "settings",
            [
                _defaults(settings.defaults, settings.account),
                node("time_zone", settings.account.time_zone),
                node("retry_days", retry_plan.spelled(settings.account.retry_days)),
            ],
        )
    ]


@method("settings.update")
def update(call: Call) -> Sequence[Node]:
    """Change the settings that the request names. Source: inferred, ours."""
    request = call.request.required_child("settings")
    said = request.child("recurring_defaults")
    changes = SettingsChanges(
        defaults=DefaultsChanges() if said is None else _changes(said),
        auto_generate=UNSET if said is None else _auto_generate(said),
        time_zone=given(request.word("time_zone"), "") or UNSET,
        retry_days=_retry_days(request),
    )
    service.update(call.ports, call.caller, changes)
    return []


def _changes(said: Reader) -> DefaultsChanges:
    """Read the defaults; an empty day, type of day or month is taken away."""
    return DefaultsChanges(
        frequency=schedule.frequency(said),
        schedule=schedule.changes(said),
        words=WordsChanges(
            interval_value=_unless_empty(_number(said, "interval_value")),
            interval_label=_unless_empty(
                _named(said, "interval_label", values.INTERVAL_LABELS)
            ),
            day_number=_number(said, "day_number"),
            day_type=_named(said, "day_type", values.DAY_TYPES),
            month=_number(said, "month"),
        ),
        occurrences=said.count("occurrences"),
    )


def _auto_generate(said: Reader) -> Maybe[bool]:
    """Read the switch; an empty one counts as left out."""
    wanted = said.wanted("auto_generate")
    return UNSET if wanted is None else wanted


def _retry_days(request: Reader) -> Maybe[tuple[int, ...]]:
    """Read a plan by its name or as days; an empty one counts as left out.

    Raises: InvalidValueError.
    """
    text = given(request.word("retry_days"), "")
    if not text:
        return UNSET
    try:
        return retry_plan.parse(text)
    except InvalidValueError as error:
        raise request.invalid("retry_days", error.reason) from None


def _number(said: Reader, name: str) -> Maybe[int | None]:
    return said.count(name) if said.word(name) else None


def _unless_empty(value: Maybe[T | None]) -> Maybe[T]:
    return UNSET if value is None else value


def _named(said: Reader, name: str, names: Mapping[str, Freq]) -> Maybe[Freq | None]:
    """Read one of a few names, in any case.

    Raises: InvalidValueError.
    """
    word = said.word(name)
    if isinstance(word, Unset):
        return UNSET
    found = names.get(word.capitalize()) if word else None
    if word and found is None:
        raise said.invalid(name, f"Use one of: {', '.join(names)}.")
    return found


def _defaults(of: Defaults, account: Account) -> Node:
    found = words(of)
    rule = schedule.rule_nodes(of.rule)
    return node(
        "recurring_defaults",
        [
            node("frequency", values.frequency(of.rule)),
            node("frequency_text", _frequency_text(of)),
            node("occurrences", str(of.occurrences)),
            node("interval_value", _text(found.interval_value)),
            node("interval_label", values.interval_label(found.interval_label)),
            node("day_number", _text(found.day_number)),
            node("day_type", values.day_type(found.day_type)),
            node("month", _text(found.month)),
            *([node("schedule", rule)] if rule else []),
            node("auto_generate", values.flag(account.auto_generate)),
        ],
    )


def _frequency_text(of: Defaults) -> str:
    text = values.frequency_text(of.rule)
    return text if of.weekday is None else f"{text} on {of.weekday.name.lower()}"


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
