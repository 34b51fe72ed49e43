"""Reading a request's elements, with absent, empty and value kept apart."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from lxml import etree

from app.domain.errors import InvalidValueError, MissingFieldError, NotFoundError
from app.domain.unset import UNSET, Maybe, Unset, given
from app.wire import values

T = TypeVar("T")

_DECIMAL = "Use a number of at most 12 digits before the point and 6 after it."
_PERCENT = "Use a number of at most 3 digits before the point and 6 after it."


class Reader:
    """The children of one element, by name.

    It remembers which names it was asked for: a test compares them with the schema, so
    that no declared element is silently dropped.
    """

    def __init__(
        self,
        element: etree._Element,
        path: str = "",
        pruned: Collection[etree._Element] = (),
    ) -> None:
        """Read an element; `path` tells where it stands, for errors.

        `pruned` are elements that unknown ones were left out of.
        """
        self._element = element
        self._pruned = pruned
        self._children = {str(child.tag): child for child in element}
        self.path = path
        self.asked: set[str] = set()

    def text(self, name: str) -> Maybe[str]:
        """Return a text as it stands, white space and all."""
        child = self._child(name)
        return UNSET if child is None else child.text or ""

    def word(self, name: str) -> Maybe[str]:
        """Return a text without white space around it."""
        text = self.text(name)
        return text if isinstance(text, Unset) else text.strip(values.BLANKS)

    def required_word(self, name: str) -> str:
        """Return a text without white space around it that must not be empty.

        Raises: MissingFieldError.
        """
        word = given(self.word(name), "")
        if not word:
            raise MissingFieldError(name)
        return word

    def decimal(self, name: str) -> Maybe[Decimal]:
        """Return a number; an empty element is 0.

        Raises: InvalidValueError.
        """
        return self._read(name, values.decimal, _DECIMAL)

    def percent(self, name: str) -> Maybe[Decimal]:
        """Return a percentage; an empty element is 0.

        Raises: InvalidValueError.
        """
        return self._read(name, values.percent, _PERCENT)

    def filled(self, name: str, read: "Callable[[str], Maybe[T]]") -> Maybe[T]:
        """Read an element of ours; an empty one counts as left out."""
        return read(name) if given(self.word(name), "") else UNSET

    def emptied(self, name: str, read: "Callable[[str], Maybe[T]]") -> Maybe[T | None]:
        """Read an element of ours that an empty one takes away."""
        word = self.word(name)
        if isinstance(word, Unset):
            return UNSET
        return read(name) if word else None

    def count(self, name: str) -> Maybe[int]:
        """Return a whole number; an empty element is 0."""
        return self._read(name, values.count)

    def switch(self, name: str) -> Maybe[bool]:
        """Return a yes or no; an empty element is no."""
        return self._read(name, values.switch)

    def wanted(self, name: str) -> bool | None:
        """Return the yes or no that a list is narrowed to; None where there is none."""
        return given(self.switch(name), None) if given(self.word(name), "") else None

    def day(self, name: str) -> Maybe[date]:
        """Return a date; an empty element counts as left out.

        Raises: InvalidValueError.
        """
        if not given(self.word(name), ""):
            return UNSET
        return self._read(name, values.day, "There is no such day from 1970 to 2999.")

    def day_bound(self, name: str) -> date | None:
        """Return an end of a range of days; one beyond the calendar is its edge.

        Raises: InvalidValueError.
        """
        if not given(self.word(name), ""):
            return None
        found = self._read(name, values.day_bound, "There is no such day.")
        return given(found, None)

    def since(self, name: str, zone: ZoneInfo) -> datetime | None:
        """Return where a range of instants begins; a day alone begins at midnight.

        Raises: InvalidValueError.
        """
        return self._instant(name, zone, time.min)

    def until(self, name: str, zone: ZoneInfo) -> datetime | None:
        """Return where a range of instants ends; a day alone is meant to its end.

        Raises: InvalidValueError.
        """
        return self._instant(name, zone, time.max)

    def _instant(self, name: str, zone: ZoneInfo, of_day: time) -> datetime | None:
        if not given(self.word(name), ""):
            return None
        found = self._read(
            name,
            lambda text: values.instant_bound(text, zone, of_day),
            "There is no such time.",
        )
        return given(found, None)

    def record_id(self, name: str, noun: str) -> Maybe[int]:
        """Return an id; an empty element counts as left out.

        Raises: NotFoundError for what can be no id. Source: observed.
        """
        text = given(self.word(name), "")
        if not text:
            return UNSET
        found = values.record_id(text)
        if found is None:
            raise NotFoundError(noun, name)
        return found

    def required_id(self, name: str, noun: str) -> int:
        """Return an id that the method cannot do without.

        Raises: MissingFieldError, NotFoundError.
        """
        found = self.record_id(name, noun)
        if isinstance(found, Unset):
            raise MissingFieldError(name)
        return found

    def content(self, name: str) -> bytes:
        """Return bytes that are written as base64; none where the element is absent.

        Raises: InvalidValueError.
        """
        found = self._read(name, values.base64_content, "Use base64.")
        return given(found, b"")

    def positive(self, name: str) -> int | None:
        """Return a page number or size; None where it is absent or makes no sense."""
        return values.positive(given(self.text(name), ""))

    def child(self, name: str) -> "Reader | None":
        """Return a reader of a structure; None where it is absent."""
        element = self._child(name)
        if element is None:
            return None
        return Reader(element, self.place(name), self._pruned)

    def required_child(self, name: str) -> "Reader":
        """Return a reader of a structure that the method cannot do without.

        Raises: MissingFieldError.
        """
        child = self.child(name)
        if child is None:
            raise MissingFieldError(name)
        return child

    def refuse_flattened(self, names: Collection[str]) -> None:
        """Refuse structures that hold nothing but text.

        Raises: InvalidValueError.
        """
        for name in self._flattened(names):
            raise self.invalid(name, "This holds text where elements are expected.")

    def forget_flattened(self, names: Collection[str]) -> None:
        """Take structures that hold nothing but text for absent from now on.

        freshbooks.js writes back as text what it does not know. Source: observed.
        """
        for name in self._flattened(names):
            del self._children[name]

    def _flattened(self, names: Collection[str]) -> list[str]:
        """Return which of the named structures hold nothing but text."""
        children = ((name, self._child(name)) for name in names)
        return [
            name
            for name, child in children
            if child is not None and not len(child) and (child.text or "").strip()
        ]

    def items(self, name: str) -> "Maybe[list[Reader]]":
        """Return readers of the elements of a list; empty where the list is.

        Raises: InvalidValueError for a list of nothing but unknown elements, which is
        no empty one.
        """
        element = self._child(name)
        if element is None:
            return UNSET
        if not len(element) and element in self._pruned:
            raise self.invalid(name, "It holds nothing that is known here.")
        return [
            Reader(item, f"{self.place(name)}/{item.tag!s}[{number}]", self._pruned)
            for number, item in enumerate(element, start=1)
        ]

    def words(self, name: str) -> Maybe[list[tuple[str, str]]]:
        """Return place and text of the elements of a list that hold no others.

        Raises: InvalidValueError as `items` does.
        """
        found = self.items(name)
        if isinstance(found, Unset):
            return UNSET
        return [(item.path, item.own_word) for item in found]

    @property
    def own_word(self) -> str:
        """The element's own text without white space around it."""
        return (self._element.text or "").strip(values.BLANKS)

    def place(self, name: str) -> str:
        """Return where a child stands below the request."""
        return f"{self.path}/{name}" if self.path else name

    def invalid(self, name: str, reason: str) -> InvalidValueError:
        """Return the error that a value is wrong, with its place."""
        return InvalidValueError(name, reason, self.place(name))

    @property
    def empty(self) -> bool:
        """Whether there are no children at all, not even unknown ones."""
        return not len(self._element) and self._element not in self._pruned

    def _child(self, name: str) -> etree._Element | None:
        self.asked.add(name)
        return self._children.get(name)

    def _read(
        self, name: str, convert: Callable[[str], T], reason: str = ""
    ) -> Maybe[T]:
        text = self.text(name)
        if isinstance(text, Unset):
            return UNSET
        try:
            return convert(text)
        except ValueError:
            raise self.invalid(name, reason) from None
