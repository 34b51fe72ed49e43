import pytest

from app.storage import tables
from tests.conftest import Answer, Api

LINES = (
    "<lines><line><name>one</name><description>first</description><unit_cost>10"
    "</unit_cost><quantity>2</quantity><tax1_name>GST</tax1_name><tax1_percent>5"
    "</tax1_percent></line><line><name>two</name><unit_cost>3</unit_cost><quantity>1"
    "</quantity><type>Time</type></line></lines>"
)


def lines_of(api: Api, recurring_id: int) -> list[tuple[str, str]]:
    answer = api.get(recurring_id)
    return list(zip(answer.all("line_id"), answer.all("name"), strict=True))


def call(api: Api, verb: str, recurring_id: object, content: str) -> Answer:
    return api.call(
        f"recurring.lines.{verb}",
        f"<recurring_id>{recurring_id}</recurring_id>{content}",
    )


def stored() -> list[object]:
    return [
        list(table.select().dicts())
        for table in (tables.Recurring, tables.RecurringLine)
    ]


def test_added_lines_are_appended_and_their_ids_answered(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    answer = call(
        api,
        "add",
        recurring_id,
        "<lines><line><name>three</name></line><line><name>four</name></line></lines>",
    )
    assert answer.names("") == ["recurring_id", "lines"]
    assert answer.names("lines") == ["line_id", "line_id"]
    assert answer.text("recurring_id") == str(recurring_id)
    assert lines_of(api, recurring_id) == [
        ("1", "one"),
        ("2", "two"),
        (answer.all("line_id")[0], "three"),
        (answer.all("line_id")[1], "four"),
    ]


def test_an_added_line_has_its_defaults_and_counts_at_once(api: Api) -> None:
    recurring_id = api.create_profile()
    line = "<line><unit_cost>2.5</unit_cost><quantity>2</quantity><amount>99</amount>"
    assert call(api, "add", recurring_id, f"<lines>{line}</line><line/></lines>").ok
    answer = api.get(recurring_id)
    assert answer.text("recurring/amount") == "5"
    assert answer.all("type") == ["Item", "Item"]
    assert answer.all("quantity") == ["2", "0"]
    assert answer.all("unit_cost") == ["2.5", "0"]
    assert answer.all("amount") == ["5", "5", "0"]


def test_an_id_given_to_an_added_line_is_ignored(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    line = "<lines><line><line_id>1</line_id><name>three</name></line></lines>"
    assert call(api, "add", recurring_id, line).ok
    assert [name for _, name in lines_of(api, recurring_id)] == ["one", "two", "three"]
    ids = [line_id for line_id, _ in lines_of(api, recurring_id)]
    assert len(set(ids)) == 3


def test_added_lines_of_repeated_wrappers_are_one_list(api: Api) -> None:
    recurring_id = api.create_profile()
    wrapped = "<lines><line><name>{}</name></line></lines>"
    answer = call(api, "add", recurring_id, wrapped.format("a") + wrapped.format("b"))
    assert len(answer.all("line_id")) == 2
    assert [name for _, name in lines_of(api, recurring_id)] == ["a", "b"]


def test_adding_no_lines_adds_none(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    answer = call(api, "add", recurring_id, "<lines/>")
    assert answer.all("line_id") == []
    assert len(lines_of(api, recurring_id)) == 2


def test_an_update_changes_only_the_named_fields_of_the_named_lines(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    answer = call(
        api,
        "update",
        recurring_id,
        "<lines><line><line_id>1</line_id><unit_cost>20</unit_cost></line></lines>",
    )
    assert answer.http.data.endswith(b' status="ok"/>\n')
    profile = api.get(recurring_id)
    assert lines_of(api, recurring_id) == [("1", "one"), ("2", "two")]
    assert profile.all("unit_cost") == ["20", "3"]
    assert profile.all("quantity") == ["2", "1"]
    assert profile.all("description") == ["first", ""]
    assert profile.all("tax1_percent") == ["5", "0"]
    assert profile.all("type") == ["Item", "Time"]
    assert profile.text("recurring/amount") == "45"


def test_an_update_may_name_several_lines_by_padded_ids_in_any_order(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    assert call(
        api,
        "update",
        f"0000{recurring_id}",
        "<lines><line><name>B</name><line_id>00000000002</line_id></line>"
        "<line><name>A</name><line_id>1</line_id></line></lines>",
    ).ok
    assert lines_of(api, recurring_id) == [("1", "A"), ("2", "B")]


@pytest.mark.parametrize(
    ("name", "value"),
    [("description", ""), ("tax1_name", ""), ("unit_cost", "0"), ("quantity", "0")],
)
def test_an_empty_element_clears_the_field_of_a_line(
    api: Api, name: str, value: str
) -> None:
    recurring_id = api.create_profile(LINES)
    line = f"<lines><line><line_id>1</line_id><{name}/></line></lines>"
    assert call(api, "update", recurring_id, line).ok
    assert api.get(recurring_id).all(name)[0] == value


def test_lines_that_were_read_can_be_written_back_and_change_nothing(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    text = api.get(recurring_id).http.data.decode()
    lines = text[text.index("<lines>") : text.index("</lines>") + len("</lines>")]
    before = stored()
    assert call(api, "update", recurring_id, lines).ok
    assert stored() == before


def test_a_line_is_deleted_by_its_id(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    answer = call(api, "delete", recurring_id, "<line_id>00001</line_id>")
    assert answer.http.data.endswith(b' status="ok"/>\n')
    assert lines_of(api, recurring_id) == [("2", "two")]
    assert api.get(recurring_id).text("recurring/amount") == "3"
    answer = call(api, "delete", recurring_id, "<line_id>1</line_id>")
    assert answer.error == "'line_id' not found. Line not found."


def test_the_last_line_may_be_deleted_too(api: Api) -> None:
    recurring_id = api.create_profile("<lines><line/></lines>")
    assert call(api, "delete", recurring_id, "<line_id>1</line_id>").ok
    assert lines_of(api, recurring_id) == []


def test_an_id_is_never_given_twice(api: Api) -> None:
    recurring_id = api.create_profile(LINES)
    assert call(api, "delete", recurring_id, "<line_id>2</line_id>").ok
    answer = call(api, "add", recurring_id, "<lines><line/></lines>")
    assert answer.all("line_id") == ["3"]


def missing(name: str) -> tuple[str, str]:
    return "40040", f"Missing required field: '{name}'."


UNKNOWN_LINE = ("50010", "'line_id' not found. Line not found.")
UNKNOWN_PROFILE = ("50010", "'recurring_id' not found. Recurring not found.")


@pytest.mark.parametrize(
    ("verb", "recurring_id", "content", "told"),
    [
        ("delete", "1", "<line_id>9</line_id>", UNKNOWN_LINE),
        ("delete", "1", "<line_id>a</line_id>", UNKNOWN_LINE),
        ("delete", "1", "<line_id>-1</line_id>", UNKNOWN_LINE),
        # The line is another profile's.
        ("delete", "1", "<line_id>3</line_id>", UNKNOWN_LINE),
        (
            "delete",
            "1",
            "<line_id/>",
            missing("line_id"),
        ),
        ("delete", "1", "", missing("line_id")),
        ("delete", "9", "<line_id>1</line_id>", UNKNOWN_PROFILE),
        ("add", "9", "<lines><line/></lines>", UNKNOWN_PROFILE),
        ("add", "a", "<lines><line/></lines>", UNKNOWN_PROFILE),
        ("add", "1", "", missing("lines")),
        (
            "add",
            "",
            "<lines><line/></lines>",
            missing("recurring_id"),
        ),
        ("update", "9", "<lines/>", UNKNOWN_PROFILE),
        ("update", "1", "", missing("lines")),
        (
            "update",
            "1",
            (
                "<lines><line><line_id>1</line_id><name>new</name></line><line><line_id>3"
                "</line_id></line></lines>"
            ),
            UNKNOWN_LINE,
        ),
        (
            "update",
            "1",
            (
                "<lines><line><line_id>1</line_id><name>new</name></line><line><name>x"
                "</name></line></lines>"
            ),
            missing("line_id"),
        ),
    ],
)
def test_a_call_that_names_what_is_not_there_changes_nothing(
    api: Api, verb: str, recurring_id: str, content: str, told: tuple[str, str]
) -> None:
    api.create_profile(LINES)
    api.create_profile("<lines><line/></lines>")
    before = stored()
    answer = call(api, verb, recurring_id, content)
    assert (answer.code, answer.error) == told
    assert stored() == before


@pytest.mark.parametrize("verb", ["add", "update"])
@pytest.mark.parametrize(
    ("element", "field"),
    [
        ("<unit_cost>1,000</unit_cost>", "unit_cost"),
        ("<unit_cost>999999999999</unit_cost><quantity>999</quantity>", "unit_cost"),
        ("<tax1_percent>ten</tax1_percent>", "tax1_percent"),
        ("<type>Thing</type>", "type"),
        ("<cost>1</cost>", "cost"),
        ("<name>a</name><name>b</name>", "name"),
    ],
)
def test_a_refused_line_changes_nothing(
    api: Api, verb: str, element: str, field: str
) -> None:
    api.create_profile(LINES)
    before = stored()
    lines = (
        "<lines><line><line_id>1</line_id><description>new</description></line>"
        f"<line><line_id>2</line_id>{element}</line></lines>"
    )
    answer = call(api, verb, 1, lines)
    assert (answer.code, answer.field) == ("40060", field)
    assert stored() == before


def test_a_profile_has_a_limit_of_lines(api: Api) -> None:
    recurring_id = api.create_profile(f"<lines>{'<line/>' * 499}</lines>")
    assert call(api, "add", recurring_id, "<lines><line/></lines>").ok
    answer = call(api, "add", recurring_id, "<lines><line/></lines>")
    assert (answer.code, answer.field) == ("40060", "lines")
    assert len(api.get(recurring_id).all("line_id")) == 500


def test_a_new_price_counts_from_the_next_invoice(clocked: Api) -> None:
    recurring_id = clocked.create_profile(LINES)
    call(
        clocked,
        "update",
        recurring_id,
        "<lines><line><line_id>1</line_id><unit_cost>100</unit_cost></line></lines>",
    )
    clocked.call("clock.set", "<date>2007-10-01</date>")
    answer = clocked.call("invoice.list", "<recurring_id>1</recurring_id>")
    totals = [
        invoice.findtext("{*}amount") for invoice in answer.root.iter("{*}invoice")
    ]
    assert totals == ["213", "24"]
