"""Categories of expenses: a list, and a tree of two levels."""

from collections.abc import Callable

import pytest

from app.domain.category import SUBCATEGORIES_MAX
from app.services import account as accounts
from app.services import staff as people
from app.services.ports import Ports
from tests import snapshot
from tests.conftest import Answer, Api


def sent(api: Api, verb: str, content: str) -> Answer:
    return api.call(f"category.{verb}", f"<category>{content}</category>")


def create(api: Api, name: str, parent: int | None = None) -> int:
    above = "" if parent is None else f"<parent_id>{parent}</parent_id>"
    answer = sent(api, "create", f"<name>{name}</name>{above}")
    assert answer.ok, answer.error
    return int(answer.text("category_id") or 0)


def update(api: Api, category_id: int, content: str) -> Answer:
    return sent(api, "update", f"<category_id>{category_id}</category_id>{content}")


def on(api: Api, verb: str, category_id: int) -> Answer:
    content = f"<category_id>{category_id}</category_id>"
    return api.call(f"category.{verb}", content)


def listed(api: Api, content: str = "") -> list[tuple[str, str]]:
    """Return ids and parents in the order of a list."""
    answer = api.call("category.list", content)
    assert answer.ok, answer.error
    ids, parents = answer.all("category_id"), answer.all("parent_id")
    return list(zip(ids, parents, strict=True))


def counts(answer: Answer) -> dict[str, str]:
    found = answer.find("categories")
    assert found is not None
    return {str(name): str(value) for name, value in found.attrib.items()}


def test_a_category_is_shown_with_id_and_name(api: Api) -> None:
    answer = on(api, "get", create(api, "Gasoline"))
    assert answer.names("category") == ["category_id", "name"]
    assert answer.text("category/category_id") == "1"
    assert answer.text("category/name") == "Gasoline"


@pytest.mark.parametrize("name", ["", "<name/>", "<name> </name>"])
def test_a_category_without_a_name_is_refused(api: Api, name: str) -> None:
    answer = sent(api, "create", name)
    assert (answer.code, answer.field) == ("40040", "name")
    create(api, "Fees")
    if name:
        assert update(api, 1, name).code == "40040"
    assert on(api, "get", 1).text("category/name") == "Fees"


def test_an_update_leaves_what_it_does_not_name(api: Api) -> None:
    create(api, "Fees")
    create(api, "Bank", 1)
    assert update(api, 2, "<name>Bank fees</name>").ok
    assert on(api, "get", 2).text("category/name") == "Bank fees"
    assert listed(api) == [("2", "1"), ("1", "")]
    assert update(api, 2, "").ok
    assert on(api, "get", 2).text("category/name") == "Bank fees"


# Lists.


def test_a_list_has_all_of_them_with_their_parents_a_hundred_a_page(api: Api) -> None:
    create(api, "Fees")
    create(api, "Bank", 1)
    create(api, "Travel")
    answer = api.call("category.list")
    assert counts(answer) == {
        "page": "1",
        "per_page": "100",
        "pages": "1",
        "total": "3",
    }
    assert listed(api) == [("3", ""), ("2", "1"), ("1", "")]
    assert answer.names("categories/category") == ["category_id", "name", "parent_id"]
    assert listed(api, "<per_page>1</per_page><page>2</page>") == [("2", "1")]
    assert listed(api, "<page>9</page>") == []


def test_a_list_with_an_empty_parent_is_a_tree(api: Api) -> None:
    create(api, "Fees")
    create(api, "Bank", 1)
    create(api, "Travel")
    create(api, "Insurance", 1)
    answer = api.call("category.list", "<parent_id/>")
    assert counts(answer)["total"] == "2"
    assert listed(api, "<parent_id></parent_id>") == [
        ("3", ""),
        ("1", ""),
        ("4", "1"),
        ("2", "1"),
    ]
    upper = ["category_id", "name", "parent_id", "subcategories"]
    assert answer.names("categories/category") == upper
    assert answer.names("categories/category/subcategories") == []
    fees = api.call("category.list", "<parent_id/><page>2</page><per_page>1</per_page>")
    assert counts(fees) == {"page": "2", "per_page": "1", "pages": "2", "total": "2"}
    assert fees.names("categories/category/subcategories") == ["category", "category"]
    assert fees.names("categories/category/subcategories/category") == upper[:3]


def test_a_list_with_a_parent_has_what_is_below_it(api: Api) -> None:
    create(api, "Fees")
    create(api, "Bank", 1)
    create(api, "Travel")
    assert listed(api, "<parent_id>1</parent_id>") == [("2", "1")]
    assert listed(api, "<parent_id>2</parent_id>") == []
    assert listed(api, "<parent_id>999</parent_id>") == []


def test_a_list_and_a_tree_take_as_many_queries_for_many_as_for_few(
    api: Api, new_api: Callable[..., Api]
) -> None:
    other = new_api("Many")
    for each, count in ((api, 1), (other, 12)):
        for number in range(count):
            upper = create(each, f"Upper {number}")
            for below in range(3 * number + 1):
                create(each, f"Lower {below}", upper)
    for content in ("", "<parent_id/>", "<parent_id>1</parent_id>"):
        found = []
        for each in (api, other):
            each.call("category.list", content)
            with snapshot.dying_at(0, AssertionError) as statements:
                each.call("category.list", content)
            found.append(len(statements))
        assert found[0] == found[1]


# The two levels.


def test_there_is_no_third_level(api: Api) -> None:
    create(api, "Fees")
    create(api, "Bank", 1)
    create(api, "Travel")
    before = snapshot.taken()["category"]
    for answer in (
        sent(api, "create", "<name>x</name><parent_id>2</parent_id>"),
        update(api, 3, "<parent_id>2</parent_id>"),
        update(api, 1, "<parent_id>3</parent_id>"),
        update(api, 1, "<parent_id>1</parent_id>"),
        update(api, 3, "<parent_id>3</parent_id>"),
    ):
        assert (answer.code, answer.field) == ("40060", "parent_id")
    assert snapshot.taken()["category"] == before


@pytest.mark.parametrize("parent", ["999", "x", "0", "9" * 30])
def test_a_parent_that_is_not_there_is_not_found(api: Api, parent: str) -> None:
    create(api, "Fees")
    before = snapshot.taken()["category"]
    named = f"<parent_id>{parent}</parent_id>"
    for answer in (
        sent(api, "create", f"<name>x</name>{named}"),
        update(api, 1, named),
    ):
        assert (answer.code, answer.field) == ("50010", "parent_id")
        assert answer.error == "'parent_id' not found. Category not found."
    assert snapshot.taken()["category"] == before


def test_a_category_moves_below_another_and_up_again(api: Api) -> None:
    create(api, "Fees")
    create(api, "Bank", 1)
    create(api, "Travel")
    assert update(api, 2, "<parent_id>3</parent_id>").ok
    assert listed(api) == [("3", ""), ("2", "3"), ("1", "")]
    assert update(api, 2, "<parent_id/>").ok
    assert listed(api) == [("3", ""), ("2", ""), ("1", "")]


def test_one_category_has_a_hundred_below_it_at_most(api: Api) -> None:
    create(api, "Fees")
    other = create(api, "Travel")
    for number in range(SUBCATEGORIES_MAX):
        create(api, f"Lower {number}", 1)
    for answer in (
        sent(api, "create", "<name>x</name><parent_id>1</parent_id>"),
        update(api, other, "<parent_id>1</parent_id>"),
    ):
        assert (answer.code, answer.field) == ("40060", "parent_id")
    answer = api.call("category.list", "<parent_id/>")
    assert len(answer.all("category_id")) == 2 + SUBCATEGORIES_MAX
    # One that is there already may be renamed.
    assert update(api, 3, "<name>x</name><parent_id>1</parent_id>").ok


# Deleting.


def test_a_category_with_others_below_it_is_not_deleted(api: Api) -> None:
    create(api, "Fees")
    create(api, "Bank", 1)
    answer = on(api, "delete", 1)
    assert answer.code == "50020"
    assert answer.error == "Failed to delete category. It has sub-categories."
    assert on(api, "delete", 2).ok
    assert on(api, "delete", 1).ok
    for answer in (
        on(api, "get", 1),
        on(api, "delete", 1),
        update(api, 1, "<name>x</name>"),
    ):
        assert (answer.code, answer.field) == ("50010", "category_id")
    assert create(api, "Fees") == 3


# Who may.


def test_people_see_and_make_categories_and_the_administrator_does_the_rest(
    api: Api, ports: Ports
) -> None:
    create(api, "Fees")
    people.add(ports, api.account.name, username="eva")
    token = accounts.token(ports, api.account.name, revoke_others=False, username="eva")
    eva = Api(api.client, api.account, token)
    assert create(eva, "Bank", 1) == 2
    assert on(eva, "get", 1).ok
    assert listed(eva) == listed(api) == [("2", "1"), ("1", "")]
    for answer in (update(eva, 2, "<name>x</name>"), on(eva, "delete", 2)):
        assert answer.code == "30010"
    assert on(api, "get", 2).text("category/name") == "Bank"
