"""Categories of expenses, in two levels."""

from dataclasses import dataclass

from app.domain.errors import InvalidValueError, MissingFieldError
from app.domain.unset import UNSET, Maybe, merged

SUBCATEGORIES_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category; `category_id` is 0 until it is stored.

    `parent_id` is None but for a sub-category.
    """

    category_id: int = 0
    name: str = ""
    parent_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChanges:
    """What a request says of a category; fields it does not name are UNSET."""

    name: Maybe[str] = UNSET
    parent_id: Maybe[int | None] = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A category of the upper level, with those below it."""

    category: Category
    subcategories: tuple[Category, ...]


def new_category(changes: CategoryChanges) -> Category:
    """Return the category that a create request describes.

    Raises: MissingFieldError.
    """
    return changed_category(Category(), changes)


def changed_category(category: Category, changes: CategoryChanges) -> Category:
    """Return the category after an update.

    Raises: MissingFieldError.
    """
    changed = merged(category, changes)
    if not changed.name:
        raise MissingFieldError("name")
    return changed


def check_place(
    category: Category, parent: Category, *, below: int, beside: int
) -> None:
    """Refuse a third level, and more below one category than a list may show.

    `below` is how many there are below the category, `beside` how many below the parent
    already.

    Raises: InvalidValueError.
    Source: documented (the tree has two levels); what else is refused is inferred.
    """
    if parent.category_id == category.category_id:
        raise InvalidValueError("parent_id", "No category is above itself.")
    if parent.parent_id is not None:
        raise InvalidValueError("parent_id", "It is a sub-category itself.")
    if below:
        raise InvalidValueError("parent_id", "The category has sub-categories.")
    if beside >= SUBCATEGORIES_MAX:
        raise InvalidValueError(
            "parent_id", f"It has {SUBCATEGORIES_MAX} sub-categories already."
        )
