"""Pages of a list: what was asked for, and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

PER_PAGE = 25
PER_PAGE_MAX = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page that a list request asks for.

    Source: documented (25 by default, never more than 100); what 0, negative and
    non-numeric values mean is inferred: they count as left out.
    """

    number: int = 1
    size: int = PER_PAGE

    @property
    def offset(self) -> int:
        """How many rows come before the page."""
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """One page of rows, with the figures of the whole list."""

    rows: tuple[T, ...]
    page: Page
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one (inferred)."""
        return max(1, (self.total + self.page.size - 1) // self.page.size)


def cut(rows: Sequence[T], page: Page) -> Listing[T]:
    """Return a page of rows that are all at hand."""
    found = rows[page.offset : page.offset + page.size]
    return Listing(rows=tuple(found), page=page, total=len(rows))
