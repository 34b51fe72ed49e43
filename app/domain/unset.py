"""The difference between an element that is absent and one that is empty."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Unset(Enum):
    """Marks a field that a request did not name."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET

T = TypeVar("T")
D = TypeVar("D", bound="DataclassInstance")
Maybe: TypeAlias = T | Literal[Unset.UNSET]


def given(value: Maybe[T], otherwise: T) -> T:
    """Return the value, or `otherwise` where the request left it out."""
    return otherwise if isinstance(value, Unset) else value


def merged(value: D, changes: "DataclassInstance") -> D:
    """Return the value with every field replaced that the changes name.

    The changes are a dataclass whose fields are named as the value's own; changes
    within changes are merged likewise.
    """
    named = {}
    for field in fields(changes):
        change = getattr(changes, field.name)
        if is_dataclass(change) and not isinstance(change, type):
            named[field.name] = merged(getattr(value, field.name), change)
        elif change is not UNSET:
            named[field.name] = change
    return replace(value, **named)
