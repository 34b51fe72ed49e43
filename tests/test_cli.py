"""The `perennial` command: what an operator types, and what comes back."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from app import __version__, compose
from app.api import registry
from app.cli import main
from app.config import Settings
from app.domain.errors import UnauthenticatedError
from app.services import account as accounts
from app.storage import database
from tests import snapshot
from tests.conftest import empty_database

Run = Callable[..., Result]

# A test about files.
ON_SQLITE = pytest.mark.parametrize("environment", ["sqlite"], indirect=True)


@pytest.fixture(name="data")
def data_(tmp_path: Path) -> Path:
    """Provide the place of a data folder that is not there yet."""
    return tmp_path / "var"


@pytest.fixture(name="environment", params=["sqlite", "postgresql"])
def environment_(
    request: pytest.FixtureRequest, data: Path
) -> Iterator[dict[str, str]]:
    """Provide the variables of an operator, with a database of either kind."""
    variables = {"PERENNIAL_DATA": str(data)}
    if request.param == "sqlite":
        yield variables
        return
    with empty_database(request) as url:
        yield {**variables, "PERENNIAL_DATABASE": url}
        database.release()


@pytest.fixture(name="run")
def run_(environment: dict[str, str]) -> Iterator[Run]:
    """Provide a runner of commands, on a data folder of the test's own."""
    runner = CliRunner()
    mask = os.umask(0o022)  # a careless operator's

    def run(*arguments: str, **variables: str) -> Result:
        settings = {**environment, **variables}
        result = runner.invoke(main, arguments, env=settings)
        # Anything but an exit is a traceback on somebody's terminal.
        assert isinstance(result.exception, SystemExit | None), result.exception
        return result

    yield run
    os.umask(mask)


@pytest.fixture(name="ready")
def ready_(run: Run) -> Run:
    """Provide the runner once `init` has run."""
    assert run("init").exit_code == 0
    return run


def done(result: Result) -> str:
    """Return the output of a command that succeeded."""
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def failed(result: Result, *words: str) -> None:
    """Prove that a command failed with one line that holds some words."""
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


def token_of(result: Result) -> str:
    """Return the token that a command printed."""
    return done(result).splitlines()[-1]


def rows(query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds in the database of the commands."""
    with database.connection():
        found: list[tuple[Any, ...]] = database.execute(query).fetchall()
    return found


def change(statement: str) -> None:
    """Change the database, as nobody should."""
    with database.connection():
        database.execute(statement)


def dump() -> snapshot.Rows:
    """Return everything that is stored."""
    with database.connection():
        return snapshot.taken()


@pytest.fixture(name="profile")
def profile_(ready: Run, environment: dict[str, str]) -> None:
    """Provide a monthly profile of 120 USD due on 2031-03-31."""
    token = token_of(ready("account", "create", "Loom"))
    settings = Settings.from_environment(environment)
    posted = {
        "client.create": "<client><email>ada@loom.test</email><organization>Loom"
        "</organization></client>",
        "recurring.create": "<recurring><client_id>1</client_id><date>2031-03-31</date>"
        "<lines><line><unit_cost>40</unit_cost><quantity>3</quantity></line></lines>"
        "</recurring>",
    }
    client = compose.application(settings).test_client()
    for method, content in posted.items():
        answer = client.post(
            "/api/2.1/xml-in",
            data=f'<request method="{method}">{content}</request>',
            auth=(token, "X"),
        )
        assert b'status="ok"' in answer.data
    database.proxy.close()


def commands() -> list[tuple[str, ...]]:
    """Return the words of every command, the groups' too."""

    def walk(
        command: click.Command, words: tuple[str, ...]
    ) -> Iterator[tuple[str, ...]]:
        yield words
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                yield from walk(inner, (*words, name))

    return list(walk(main, ()))


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_explains_itself(
    run: Run, data: Path, words: tuple[str, ...]
) -> None:
    text = done(run(*words, "--help"))
    assert text.startswith("Usage: ")
    assert len(text.splitlines()[2].strip()) > 10
    assert not data.exists()


def test_the_commands_of_the_issue_are_there() -> None:
    assert {
        ("init",),
        ("serve",),
        ("worker",),
        ("bill",),
        ("account", "create"),
        ("account", "list"),
        ("account", "token"),
        ("methods",),
        ("replay",),
    } <= set(commands())


def test_the_version_is_told(run: Run) -> None:
    assert __version__ in done(run("--version"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["init", "--nonsense"],
        ["bill", "--on", "tomorrow"],
        ["bill", "--on", "2026-02-30"],
        ["account"],
        ["account", "create"],
        ["account", "create", "Loom", "--clock", "1.9.2007"],
        ["account", "token"],
        ["replay"],
        [],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_exits_2_and_shows_the_way(
    ready: Run, arguments: list[str]
) -> None:
    result = ready(*arguments)
    assert result.exit_code == 2
    assert "Usage: " in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve"],
        ["api"],
        ["worker"],
        ["bill"],
        ["bill", "--dry-run"],
        ["account", "list"],
        ["account", "create", "Loom"],
        ["account", "token", "Loom"],
        ["account", "switch", "Loom"],
    ],
    ids=" ".join,
)
def test_before_init_a_command_says_that_init_comes_first(
    run: Run, data: Path, arguments: list[str]
) -> None:
    failed(run(*arguments), "perennial init")
    assert not data.exists()


@ON_SQLITE
def test_init_makes_what_is_missing_and_says_what_is_next(run: Run, data: Path) -> None:
    text = done(run("init"))
    made = ["keys", "perennial.sqlite", "perennial.sqlite-line"]
    assert sorted(file.name for file in data.iterdir()) == made
    assert "perennial account create" in text.splitlines()[-1]


def test_a_second_init_changes_nothing(ready: Run, data: Path) -> None:
    before = {file.name: file.read_bytes() for file in data.iterdir()}
    assert "made" not in done(ready("init"))
    assert {file.name: file.read_bytes() for file in data.iterdir()} == before


def test_a_demo_has_a_client_and_keeps_its_token(run: Run, data: Path) -> None:
    text = done(run("init", "--demo"))
    assert text.splitlines()[-1] == "next: perennial serve"
    assert re.fullmatch(r"[0-9a-f]{32}\n", (data / "demo-token").read_text("ascii"))
    assert rows("SELECT client_id FROM client") == [(1,)]


def test_a_second_demo_changes_nothing(run: Run, data: Path) -> None:
    done(run("init", "--demo"))
    before = (dump(), (data / "demo-token").read_bytes())
    done(run("init", "--demo"))
    assert (dump(), (data / "demo-token").read_bytes()) == before


def test_a_lost_demo_token_is_made_anew(run: Run, data: Path) -> None:
    done(run("init", "--demo"))
    (data / "demo-token").unlink()
    done(run("init", "--demo"))
    token = (data / "demo-token").read_text("ascii").strip()
    assert accounts.authenticate(None, token.encode()).account.name == "Demo"
    database.proxy.close()


@ON_SQLITE
def test_files_are_readable_by_their_owner_alone(run: Run, data: Path) -> None:
    done(run("init", "--demo"))
    assert data.stat().st_mode & 0o777 == 0o700
    modes = {file.name: file.stat().st_mode & 0o777 for file in data.iterdir()}
    names = ("keys", "perennial.sqlite", "perennial.sqlite-line", "demo-token")
    assert modes == dict.fromkeys(names, 0o600)


@ON_SQLITE
def test_a_database_and_a_key_file_elsewhere_are_made_there(
    run: Run, data: Path, tmp_path: Path
) -> None:
    database_file = tmp_path / "one" / "books.sqlite"
    key_file = tmp_path / "two" / "ring"
    elsewhere = {
        "PERENNIAL_DATABASE": f"sqlite:{database_file}",
        "PERENNIAL_KEY_FILE": str(key_file),
    }
    done(run("init", **elsewhere))
    assert database_file.stat().st_mode & 0o777 == 0o600
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert not data.exists()
    done(run("account", "list", **elsewhere))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PERENNIAL_DATABASE", "mysql://loom"),
        ("PERENNIAL_DATABASE", "books.sqlite"),
        ("PERENNIAL_DATABASE", "sqlite:"),
        ("PERENNIAL_THREADS", "0"),
        ("PERENNIAL_THREADS", "many"),
        ("PERENNIAL_PROCESSES", "-1"),
        ("PERENNIAL_TICK_S", "1.5"),
        ("PERENNIAL_TICK_S", "\u0665"),
        ("PERENNIAL_KEYS", "k1"),
        ("PERENNIAL_KEYS", "k1:short"),
        ("PERENNIAL_KEYS", "k1:!!!"),
        ("PERENNIAL_KEYS", ""),
    ],
)
def test_a_setting_without_meaning_is_named(
    run: Run, data: Path, name: str, value: str
) -> None:
    failed(run("init", **{name: value}), name)
    assert not data.exists()


@pytest.mark.parametrize("bind", ["nonsense", "8000", "127.0.0.1:", "127.0.0.1:65536"])
def test_an_address_that_is_none_is_named(ready: Run, bind: str) -> None:
    failed(ready("serve", "--bind", bind), bind)


@pytest.mark.parametrize("words", [w for w in commands() if w], ids=" ".join)
def test_a_misspelt_variable_ends_every_command(
    run: Run, data: Path, words: tuple[str, ...]
) -> None:
    failed(run(*words, PERENNIAL_TREADS="4"), "PERENNIAL_TREADS", "PERENNIAL_THREADS")
    assert not data.exists()


def test_settings_are_shown_with_their_defaults(run: Run) -> None:
    lines = done(run("settings")).splitlines()
    assert "PERENNIAL_BIND [127.0.0.1:8000]" in lines
    assert done(run("settings", "--markdown")).startswith("| variable | default |")


def test_a_data_folder_that_is_a_file_is_named(run: Run, data: Path) -> None:
    data.write_text("")
    failed(run("init"), str(data))


@ON_SQLITE
def test_a_database_that_is_none_is_left_as_it_is(run: Run, data: Path) -> None:
    data.mkdir()
    (data / "perennial.sqlite").write_bytes(b"not a database" * 100)
    failed(run("init"), "database")
    assert (data / "perennial.sqlite").read_bytes() == b"not a database" * 100
    assert not (data / "keys").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["init"],
        ["serve"],
        ["api"],
        ["worker"],
        ["bill"],
        ["account", "list"],
        ["account", "create", "Loom"],
    ],
    ids=" ".join,
)
def test_without_its_key_no_command_touches_a_database(
    ready: Run, data: Path, arguments: list[str]
) -> None:
    before = dump()
    (data / "keys").unlink()
    failed(ready(*arguments), "'k1'", "restore")
    assert not (data / "keys").exists()
    assert dump() == before


@pytest.mark.parametrize("left", [0, 10, 60, -2, -10, -40, -44, -45, -46, -47])
def test_a_key_file_cut_anywhere_is_told_by_its_key(
    ready: Run, data: Path, left: int
) -> None:
    whole = (data / "keys").read_text("ascii")
    (data / "keys").write_text(whole[:left], "ascii")
    failed(ready("bill"), "k1", "restore")
    assert (data / "keys").read_text("ascii") == whole[:left]


def test_a_new_account_has_its_token_alone_on_the_last_line(ready: Run) -> None:
    token = token_of(ready("account", "create", "Loom"))
    assert re.fullmatch(r"[0-9a-f]{32}", token)
    assert accounts.authenticate(None, token.encode()).account.name == "Loom"
    database.proxy.close()


def test_a_token_is_stored_hashed_only(ready: Run, data: Path) -> None:
    token = token_of(ready("account", "create", "Loom"))
    for file in data.iterdir():
        assert token.encode() not in file.read_bytes(), file.name


def test_the_options_of_an_account_are_listed(ready: Run) -> None:
    done(
        ready(
            *("account", "create", "Loom Ltd", "--system", "weavers"),
            *("--currency", "eur", "--time-zone", "Europe/Berlin"),
            *("--clock", "2007-09-01", "--ignore-unknown", "--ignore-empty-lists"),
        )
    )
    (line,) = done(ready("account", "list")).splitlines()
    assert line.split(maxsplit=1)[1] == (
        "Loom Ltd  (system weavers, EUR, Europe/Berlin, test clock at 2007-09-01, "
        "ignores unknown elements, ignores empty lists)"
    )


def test_accounts_are_listed_without_their_tokens(ready: Run) -> None:
    tokens = [token_of(ready("account", "create", name)) for name in ("Loom", "Mill")]
    text = done(ready("account", "list"))
    assert [line.split()[:2] for line in text.splitlines()] == [
        ["1", "Loom"],
        ["2", "Mill"],
    ]
    assert not any(token in text for token in tokens)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["Loom"], "exists already"),
        (["Mill", "--system", "loom"], "exists already"),
        ([""], "name"),
        (["   "], "name"),
        (["a\nb"], "name"),
        (["Mill", "--system", "Mill Ltd"], "system"),
        (["Mill", "--system", "-mill"], "system"),
        (["Mill", "--system", "m" * 64], "system"),
        (["Mill", "--currency", "XXX"], "currency"),
        (["Mill", "--currency", ""], "currency"),
        (["Mill", "--time-zone", "Mars/Olympus"], "time_zone"),
        (["Mill", "--time-zone", "../../etc/passwd"], "time_zone"),
        (["Mill", "--time-zone", ""], "time_zone"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    ready: Run, arguments: list[str], word: str
) -> None:
    done(ready("account", "create", "Loom"))
    before = dump()
    failed(ready("account", "create", *arguments), word)
    assert dump() == before


def test_a_further_token_works_beside_the_first(ready: Run) -> None:
    tokens = [
        token_of(ready("account", "create", "Loom")),
        token_of(ready("account", "token", "Loom")),
    ]
    assert tokens[0] != tokens[1]
    for token in tokens:
        assert accounts.authenticate(None, token.encode()).account.name == "Loom"
    database.proxy.close()


def test_a_token_can_revoke_the_others(ready: Run) -> None:
    first = token_of(ready("account", "create", "Loom"))
    other = token_of(ready("account", "create", "Mill"))
    second = token_of(ready("account", "token", "Loom", "--revoke-others"))
    with pytest.raises(UnauthenticatedError):
        accounts.authenticate(None, first.encode())
    for token, name in ((second, "Loom"), (other, "Mill")):
        assert accounts.authenticate(None, token.encode()).account.name == name
    database.proxy.close()


@pytest.mark.parametrize("command", ["token", "switch"])
def test_an_account_that_does_not_exist_is_not_found(ready: Run, command: str) -> None:
    failed(ready("account", command, "Nobody"), "not found")


def test_an_account_is_switched_both_ways(ready: Run) -> None:
    done(ready("account", "create", "Loom"))
    switched = done(ready("account", "switch", "Loom", "--ignore-unknown"))
    assert "ignores unknown elements" in switched
    assert "ignores empty lists" not in switched
    switched = done(ready("account", "switch", "Loom", "--ignore-empty-lists"))
    assert "ignores unknown elements" in switched
    assert "ignores empty lists" in switched
    switched = done(
        ready("account", "switch", "Loom", "--refuse-unknown", "--obey-empty-lists")
    )
    assert "ignores" not in switched


def test_an_account_is_switched_to_another_retry_plan_and_to_tokens(ready: Run) -> None:
    done(ready("account", "create", "Loom"))
    switch = ("account", "switch", "Loom")
    switched = done(ready(*switch, "--retries", "payload", "--tokenise"))
    assert "retries 1,2,3,4,5, keeps tokens of cards" in switched
    assert done(ready(*switch, "--ignore-unknown")).count("retries 1,2,3,4,5") == 1
    assert "retries none" in done(ready(*switch, "--retries", "none"))
    assert "retries 2,9" in done(ready("account", "switch", "Loom", "--retries", "2 9"))
    (line,) = done(ready("account", "list")).splitlines()
    assert "retries 2,9, keeps tokens" in line
    switched = done(ready(*switch, "--retries", "freshbooks", "--keep-numbers"))
    assert "retries" not in switched
    assert "tokens" not in switched


def test_a_retry_plan_without_meaning_changes_nothing(ready: Run) -> None:
    done(ready("account", "create", "Loom"))
    before = dump()
    failed(
        ready("account", "switch", "Loom", "--retries", "soon", "--tokenise"),
        "retry_days",
        "sticky",
    )
    assert dump() == before


def test_nothing_due_is_nothing_issued(ready: Run) -> None:
    assert done(ready("bill")) == "issued 0 invoices\n"


@pytest.mark.usefixtures("profile")
def test_a_date_that_has_not_come_is_not_billed(ready: Run) -> None:
    assert done(ready("bill", "--on", "2031-03-30")) == "issued 0 invoices\n"
    assert rows("SELECT * FROM invoice") == []


@pytest.mark.usefixtures("profile")
def test_a_run_on_a_date_bills_every_date_up_to_it_once(ready: Run) -> None:
    assert done(ready("bill", "--on", "2031-05-31")) == "issued 3 invoices\n"
    assert done(ready("bill", "--on", "2031-05-31")) == "issued 0 invoices\n"
    assert rows("SELECT CAST(date AS TEXT), amount_minor FROM invoice") == [
        ("2031-03-31", 12000),
        ("2031-04-30", 12000),
        ("2031-05-31", 12000),
    ]


@pytest.mark.usefixtures("profile")
def test_a_dry_run_shows_what_would_be_billed_and_saves_nothing(ready: Run) -> None:
    before = dump()
    text = done(ready("bill", "--dry-run", "--on", "2031-04-30"))
    assert text.splitlines() == [
        "2031-03-31  account 1  recurring 1  client 1  120 CAD",
        "2031-04-30  account 1  recurring 1  client 1  120 CAD",
        "2 invoices would be issued; nothing was saved",
    ]
    assert dump() == before


@pytest.mark.usefixtures("profile")
def test_a_dry_run_of_nothing_says_so(ready: Run) -> None:
    assert rows("SELECT count(*) FROM recurring") == [(1,)]
    text = done(ready("bill", "--dry-run"))
    assert text == "0 invoices would be issued; nothing was saved\n"


@pytest.mark.usefixtures("profile")
def test_a_parked_profile_fails_the_run_and_says_what_to_do(ready: Run) -> None:
    change("UPDATE recurring_line SET unit_cost = 'poison'")
    result = ready("bill", "--on", "2031-03-31")
    assert result.exit_code == 1
    assert result.stdout == "issued 0 invoices\n"
    assert "parked recurring 1 of account 1" in result.stderr
    assert "recurring.update" in result.stderr
    assert rows("SELECT * FROM invoice") == []


POSTED = "UPDATE recurring SET send_snail_mail = TRUE, p_street1 = 'x', p_city = 'x'"


@pytest.mark.usefixtures("profile")
def test_what_is_to_be_posted_is_handed_over_after_billing(
    ready: Run, environment: dict[str, str]
) -> None:
    change(POSTED)
    said = done(ready("bill", "--on", "2031-03-31"))
    assert said == "issued 1 invoices\nhanded over 1 to be mailed or posted\n"
    folder = Path(environment["PERENNIAL_DATA"]) / "post"
    assert sorted(path.suffix for path in folder.iterdir()) == [".pdf", ".txt"]


@pytest.mark.usefixtures("profile")
def test_a_folder_that_cannot_be_written_to_fails_the_run(
    ready: Run, environment: dict[str, str]
) -> None:
    change(POSTED)
    (Path(environment["PERENNIAL_DATA"]) / "post").touch()
    result = ready("bill", "--on", "2031-03-31")
    assert result.exit_code == 1
    assert result.stdout == "issued 1 invoices\n"
    assert "nothing can be handed over: File exists\n" in result.stderr
    assert environment["PERENNIAL_DATA"] not in result.stderr


@pytest.mark.usefixtures("profile")
def test_what_cannot_be_handed_over_fails_the_run_and_is_named(ready: Run) -> None:
    change(POSTED)
    done(ready("bill", "--on", "2031-03-31"))
    change("UPDATE outgoing SET handed_over_at = NULL")
    change("UPDATE invoice_line SET quantity = 'poison'")
    result = ready("bill", "--on", "2031-03-31")
    assert result.exit_code == 1
    assert "not handed over: outgoing 1 of account 1" in result.stderr
    assert "poison" not in result.stderr


def test_methods_are_shown_with_a_sentence_each(run: Run) -> None:
    lines = done(run("methods")).splitlines()
    assert [line.split()[0] for line in lines] == sorted(registry.METHODS)
    assert all(len(line.split()) > 3 for line in lines)
    assert all(line.endswith(".") for line in lines)


def test_methods_are_shown_as_a_table(run: Run) -> None:
    lines = done(run("methods", "--markdown")).splitlines()
    assert lines[:2] == ["| method | what it does |", "| --- | --- |"]
    assert [line.split("`")[1] for line in lines[2:]] == sorted(registry.METHODS)


def test_a_folder_without_conversations_is_refused(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder in (empty, tmp_path / "nowhere"):
        failed(run("replay", str(folder)), str(folder))


def test_a_token_without_a_server_is_a_wrong_command_line(
    run: Run, tmp_path: Path
) -> None:
    story = tmp_path / "stories" / "one"
    story.mkdir(parents=True)
    (story / "01-client.list.request.xml").write_text('<request method="client.list"/>')
    (story / "01-client.list.response.xml").write_text("<response/>")
    result = run("replay", str(tmp_path / "stories"), "--token", "x")
    assert result.exit_code == 2
    assert "--url" in result.stderr


def test_a_conversation_that_differs_fails_and_shows_where(
    run: Run, tmp_path: Path
) -> None:
    story = tmp_path / "stories" / "one"
    story.mkdir(parents=True)
    (story / "01-client.list.request.xml").write_text('<request method="client.list"/>')
    (story / "01-client.list.response.xml").write_text(
        '<response xmlns="http://www.freshbooks.com/api/" status="fail"/>'
    )
    result = run("replay", str(tmp_path / "stories"))
    assert result.exit_code == 1
    assert "differs" in result.stdout
    assert "0 stories passed, 1 failed" in result.stdout


def test_people_are_added_and_see_their_clients(ready: Run) -> None:
    token_of(ready("account", "create", "Loom"))
    staff = ("account", "staff")
    assert done(ready(*staff, "add", "Loom", "--username", "eva")) == (
        "added staff 2, eva\n"
    )
    again = ready(*staff, "add", "Loom", "--username", "eva")
    assert again.exit_code == 1
    assert "of this user name" in again.stderr
    token = token_of(ready("account", "token", "Loom", "--staff", "eva"))
    assert accounts.authenticate(None, token.encode()).staff_id == 2
    for command in ("assign", "unassign"):
        missing = ready(*staff, command, "Loom", "eva", "1")
        assert (missing.exit_code, "Client not found." in missing.stderr) == (1, True)
        wrong = ready(*staff, command, "Loom", "bob", "1")
        assert "'username' not found. Staff not found." in wrong.stderr
        assert (
            "sees every client" in ready(*staff, command, "Loom", "admin", "1").stderr
        )


def test_clients_are_assigned_by_their_ids(run: Run) -> None:
    assert run("init", "--demo").exit_code == 0
    done(run("account", "staff", "add", "Demo", "--username", "eva"))
    told = done(run("account", "staff", "assign", "Demo", "eva", "1"))
    assert told == "assigned 1 clients to eva\n"
    told = done(run("account", "staff", "unassign", "Demo", "eva", "1"))
    assert told == "unassigned 1 clients from eva\n"


@pytest.mark.parametrize("username", ["", " eva", "x" * 256, "a\tb"])
def test_a_user_name_that_makes_no_sense_is_refused(ready: Run, username: str) -> None:
    token_of(ready("account", "create", "Loom"))
    result = ready("account", "staff", "add", "Loom", "--username", username)
    assert result.exit_code == 1
    assert "'username'" in result.stderr
