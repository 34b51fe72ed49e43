"""category.*: categories of expenses."""

from collections.abc import Sequence

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.category import Branch, Category, CategoryChanges
from app.domain.paging import PER_PAGE_MAX
from app.domain.unset import Maybe
from app.services import category as service
from app.wire import envelope
from app.wire.reader import Reader
from app.wire.xml import Node, node


@method("category.create", once=True)
def create(call: Call) -> Sequence[Node]:
    """Make a category, or a sub-category. Source: documented; the parent inferred."""
    changes = _changes(call.request.required_child("category"))
    category_id = service.create(call.ports, call.caller, changes)
    return [node("category_id", str(category_id))]


@method("category.update")
def update(call: Call) -> Sequence[Node]:
    """Change the elements of a category that are named. Source: documented."""
    request = call.request.required_child("category")
    category_id = request.required_id("category_id", "category")
    service.update(call.ports, call.caller, category_id, _changes(request))
    return []


@method("category.get")
def get(call: Call) -> Sequence[Node]:
    """Return a category. Source: documented."""
    category = service.get(call.caller, _id(call))
    return [node("category", _own(category))]


@method("category.list")
def list_(call: Call) -> Sequence[Node]:
    """Return categories, 100 a page; with an empty parent as a tree.

    Source: documented; the order (descending id), and that a parent's id is a filter,
    are inferred.
    """
    request = call.request
    wanted = page(request, PER_PAGE_MAX)
    parent_id = _parent_id(request)
    if parent_id is None:
        tree = service.tree(call.caller, wanted)
        return [envelope.paged("categories", tree, list(map(_branch, tree.rows)))]
    listing = service.list_(call.caller, parent_id, wanted)
    return [envelope.paged("categories", listing, list(map(_listed, listing.rows)))]


@method("category.delete")
def delete(call: Call) -> Sequence[Node]:
    """Delete a category that has no sub-categories. Source: documented."""
    service.delete(call.caller, _id(call))
    return []


def _id(call: Call) -> int:
    return call.request.required_id("category_id", "category")


def _changes(request: Reader) -> CategoryChanges:
    return CategoryChanges(name=request.word("name"), parent_id=_parent_id(request))


def _parent_id(request: Reader) -> Maybe[int | None]:
    """Read the id of a parent; an empty element says that there is none.

    Source: documented of lists, inferred elsewhere.
    """
    if request.word("parent_id") == "":
        return None
    return request.record_id("parent_id", "category")


def _own(category: Category) -> list[Node]:
    return [
        node("category_id", str(category.category_id)),
        node("name", category.name),
    ]


def _listed(category: Category) -> Node:
    return node("category", [*_own(category), _parent(category)])


def _branch(branch: Branch) -> Node:
    upper = branch.category
    below = node("subcategories", list(map(_listed, branch.subcategories)))
    return node("category", [*_own(upper), _parent(upper), below])


def _parent(category: Category) -> Node:
    return node("parent_id", str(category.parent_id or ""))
