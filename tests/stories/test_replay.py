"""Replaying: what counts as a difference, and what is said when it cannot be done."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import replay
from app.cli import main
from app.replay import Played, ReplayError
from app.services.ports import Ports
from app.wire import conversation
from tests.conftest import Api
from tests.schemas import FIXTURES

NAMESPACE = 'xmlns="http://www.freshbooks.com/api/"'
GATEWAYS = '<request method="gateway.list"/>'
NEW_CLIENT = (
    '<request method="client.create"><client><organization>Loom Ltd</organization>'
    "<email>ada@loom.test</email></client></request>"
)
GET_CLIENT = (
    '<request method="client.get"><client_id>{{client_id}}</client_id></request>'
)
NOT_FOUND = (
    "<error>'client_id' not found. Client not found.</error>"
    "<code>50010</code><field>client_id</field>"
)

Files = dict[str, str]
Write = Callable[[Files], Path]


def ok(content: str) -> str:
    return f'<response {NAMESPACE} status="ok">{content}</response>'


def fail(content: str) -> str:
    return f'<response {NAMESPACE} status="fail">{content}</response>'


def compared(
    recorded: str, answered: str, names: dict[str, str] | None = None
) -> list[str]:
    return conversation.difference(
        ok(recorded), ok(answered).encode(), {} if names is None else names
    )


def changes(shown: list[str]) -> list[str]:
    """Return the lines of a diff that stand on one side only."""
    return [line for line in shown[2:] if line.startswith(("-", "+"))]


@pytest.fixture(name="write")
def write_(tmp_path: Path) -> Write:
    """Provide a maker of a folder of stories, of which the first is called `story`."""

    def write(files: Files) -> Path:
        for name, text in files.items():
            path = tmp_path / "stories" / "story" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return tmp_path / "stories"

    return write


@pytest.fixture(name="play")
def play_(write: Write, ports: Ports) -> Callable[[Files], list[Played]]:
    """Provide a player of one story, on a new account of this process."""

    def play(files: Files) -> list[Played]:
        (story,) = replay.load(write(files))
        token = replay.new_account(ports, story)
        return list(replay.play(story, replay.to_application(ports, token)))

    return play


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["replay", *map(str, arguments)])


def no_traceback(result: Result) -> bool:
    """Whether a command ended by itself, not by an exception that it let through."""
    return result.exception is None or isinstance(result.exception, SystemExit)


# What counts as a difference.


@pytest.mark.parametrize(
    ("recorded", "answered"),
    [
        pytest.param("<a>1</a>", "<a>1</a>", id="the same"),
        pytest.param("\n    <a>\n<b>1</b></a>", "<a><b>1</b></a>", id="layout"),
        pytest.param("<a/>", "<a></a>", id="two spellings of empty"),
        pytest.param("<!-- why --><a>1</a>", "<a>1</a>", id="a comment"),
        pytest.param('<a y="2" x="1"/>', '<a y="2" x="1"/>', id="attributes"),
        pytest.param("<a>{{*}}</a>", "<a>anything</a>", id="anything"),
        pytest.param("<a>{{*}}</a>", "<a></a>", id="anything, even nothing"),
        pytest.param("<a>x{{*}}y{{*}}z</a>", "<a>x1y2z</a>", id="parts of a text"),
        pytest.param("<a>{{n}}-{{n}}</a>", "<a>1-1</a>", id="a name twice in a line"),
        pytest.param("<a>1.5*</a>", "<a>1.5*</a>", id="no pattern but ours"),
        pytest.param("<a>&amp;&lt;</a>", "<a>&#38;&#60;</a>", id="escapes"),
    ],
)
def test_answers_that_say_the_same_do_not_differ(recorded: str, answered: str) -> None:
    assert compared(recorded, answered) == []


@pytest.mark.parametrize(
    ("recorded", "answered", "shown"),
    [
        pytest.param("<a>1</a>", "<a>2</a>", ["-  <a>1</a>", "+  <a>2</a>"], id="text"),
        pytest.param(
            "<a>1</a><b>2</b>", "<a>1</a>", ["-  <b>2</b>"], id="a missing element"
        ),
        pytest.param(
            "<a>1</a>", "<a>1</a><b>2</b>", ["+  <b>2</b>"], id="one too many"
        ),
        pytest.param(
            '<a x="1">1</a>',
            '<a x="2">1</a>',
            ['-  <a x="1">1</a>', '+  <a x="2">1</a>'],
            id="an attribute",
        ),
        pytest.param(
            "<a>1.5</a>", "<a>105</a>", ["-  <a>1.5</a>", "+  <a>105</a>"], id="a point"
        ),
        pytest.param(
            "<a>{{n}}</a>",
            "<a></a>",
            ["-  <a>{{n}}</a>", "+  <a></a>"],
            id="no value for a name",
        ),
        pytest.param(
            "<a>{{n}}-{{n}}</a>",
            "<a>1-2</a>",
            ["-  <a>{{n}}-{{n}}</a>", "+  <a>1-2</a>"],
            id="two values for a name in a line",
        ),
        pytest.param(
            "<a>{{n}}</a><b>{{n}}</b>",
            "<a>1</a><b>2</b>",
            ["-  <b>1</b>", "+  <b>2</b>"],
            id="two values for a name",
        ),
        pytest.param(
            "<a>{{*}}1</a>",
            "<a>2</a>",
            ["-  <a>{{*}}1</a>", "+  <a>2</a>"],
            id="what stands beside anything",
        ),
    ],
)
def test_a_difference_is_shown(recorded: str, answered: str, shown: list[str]) -> None:
    assert sorted(changes(compared(recorded, answered))) == sorted(shown)


def test_a_difference_of_status_is_shown() -> None:
    shown = conversation.difference(ok(""), fail("").encode(), {})
    assert [line[0] for line in changes(shown)] == ["-", "+"]


def test_another_order_is_a_difference() -> None:
    assert compared("<a>1</a><b>2</b>", "<b>2</b><a>1</a>") != []


def test_another_namespace_is_a_difference() -> None:
    answered = ok("").replace("http://www.freshbooks.com", "https://www.freshbooks.com")
    assert conversation.difference(ok(""), answered.encode(), {}) != []


def test_a_diff_names_its_two_sides() -> None:
    shown = compared("<a>1</a>", "<a>2</a>")
    assert shown[:2] == ["--- recorded", "+++ answered"]


# Names.


def test_a_name_takes_the_value_that_is_there_first() -> None:
    names: dict[str, str] = {}
    assert compared("<a>{{first}}/{{second}}</a>", "<a>x/y</a>", names) == []
    assert names == {"first": "x", "second": "y"}


def test_a_name_keeps_its_value() -> None:
    names = {"n": "1"}
    assert compared("<a>{{n}}</a>", "<a>2</a>", names) != []
    assert names == {"n": "1"}


def test_a_name_of_characters_that_mean_something_to_patterns_stands_for_itself() -> (
    None
):
    assert compared("<a>{{n}}</a>", "<a>1.5</a>", {"n": "1.5"}) == []
    assert compared("<a>{{n}}</a>", "<a>1x5</a>", {"n": "1.5"}) != []


def test_names_are_filled_into_requests() -> None:
    filled = conversation.filled_in("<a>00{{n}}</a><b>{{n}}</b>", {"n": "7"})
    assert filled == "<a>007</a><b>7</b>"


def test_a_captured_value_is_posted_with_its_escapes() -> None:
    names: dict[str, str] = {}
    compared("<a>{{n}}</a>", "<a>Loom &amp; Sons</a>", names)
    assert conversation.filled_in("<a>{{n}}</a>", names) == "<a>Loom &amp; Sons</a>"


def test_an_id_of_one_answer_is_used_in_the_next_request(
    play: Callable[[Files], list[Played]],
) -> None:
    played = play(
        {
            "01-client.create.request.xml": NEW_CLIENT,
            "01-client.create.response.xml": ok("<client_id>{{client_id}}</client_id>"),
            "02-client.get.request.xml": GET_CLIENT,
        }
    )
    assert [step.difference for step in played] == [[], []]


@pytest.mark.parametrize("name", ["client_id", "*"])
def test_a_name_without_a_value_is_told(
    name: str, play: Callable[[Files], list[Played]]
) -> None:
    request = GET_CLIENT.replace("{{client_id}}", "{{" + name + "}}")
    (step,) = play({"01-client.get.request.xml": request})
    assert step.difference == [f"no answer has given {name} a value yet"]


def test_today_is_the_date_of_the_storys_clock(
    play: Callable[[Files], list[Played]],
) -> None:
    played = play(
        {
            "account.json": '{"clock": "2007-09-01"}',
            "01-clock.get.request.xml": '<request method="clock.get"/>',
            "01-clock.get.response.xml": ok("<clock><date>{{today}}</date></clock>"),
            "02-clock.set.request.xml": (
                '<request method="clock.set"><date>2007-10-01</date></request>'
            ),
            "02-clock.set.response.xml": ok("<clock><date>{{today}}</date></clock>"),
        }
    )
    assert played[0].difference == []
    assert changes(played[1].difference) == [
        "-    <date>2007-09-01</date>",
        "+    <date>2007-10-01</date>",
    ]


@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Pacific/Kiritimati"])
def test_today_is_the_accounts_date_on_the_real_calendar(
    zone: str, write: Write
) -> None:
    # At any time the date in one of the two zones is another than in UTC.
    directory = write(
        {
            "account.json": f'{{"time_zone": "{zone}"}}',
            "01-client.create.request.xml": NEW_CLIENT,
            "01-client.create.response.xml": ok("<client_id>{{client_id}}</client_id>"),
            "02-recurring.create.request.xml": (
                '<request method="recurring.create"><recurring>'
                "<client_id>{{client_id}}</client_id><date>{{today}}</date>"
                "</recurring></request>"
            ),
            # A profile that starts today has its first invoice at once.
            "02-recurring.create.response.xml": ok(
                "<recurring_id>{{*}}</recurring_id><invoice_id>{{*}}</invoice_id>"
            ),
        }
    )
    result = run(directory)
    assert result.exit_code == 0, result.output


# Stories.


def test_the_first_difference_ends_a_story(
    play: Callable[[Files], list[Played]],
) -> None:
    played = play(
        {
            "01-gateway.list.request.xml": GATEWAYS,
            "02-gateway.list.request.xml": GATEWAYS,
            "02-gateway.list.response.xml": ok("<gateways/>"),
            "03-gateway.list.request.xml": GATEWAYS,
        }
    )
    assert [step.step for step in played] == ["01-gateway.list", "02-gateway.list"]
    assert [bool(step.difference) for step in played] == [False, True]


def test_a_step_without_an_answer_must_succeed(
    play: Callable[[Files], list[Played]],
) -> None:
    (step,) = play(
        {"01-client.get.request.xml": GET_CLIENT.replace("{{client_id}}", "7")}
    )
    assert "  <code>50010</code>" in step.difference


def test_a_recorded_refusal_is_no_difference(
    play: Callable[[Files], list[Played]],
) -> None:
    (step,) = play(
        {
            "01-client.get.request.xml": GET_CLIENT.replace("{{client_id}}", "7"),
            "01-client.get.response.xml": fail(NOT_FOUND),
        }
    )
    assert step.difference == []


PDF = """<?xml version="1.0" encoding="utf-8"?>
<request method="invoice.getPDF"><invoice_id>1</invoice_id></request>"""


@pytest.fixture(name="invoiced")
def invoiced_() -> Files:
    """Provide the beginning of a story, in which invoice 1 is made."""
    return {
        "01-client.create.request.xml": NEW_CLIENT,
        "02-invoice.create.request.xml": (
            '<request method="invoice.create"><invoice><client_id>1</client_id>'
            "</invoice></request>"
        ),
    }


@pytest.mark.parametrize("recorded", ["%PDF-\n", None])
def test_a_pdf_is_no_difference_where_one_is_recorded_or_nothing(
    play: Callable[[Files], list[Played]], invoiced: Files, recorded: str | None
) -> None:
    answer = {} if recorded is None else {"03-invoice.getPDF.response.txt": recorded}
    played = play({**invoiced, "03-invoice.getPDF.request.xml": PDF, **answer})
    assert [step.difference for step in played] == [[], [], []]


def test_a_refusal_is_a_difference_where_a_pdf_is_recorded(
    play: Callable[[Files], list[Played]],
) -> None:
    (step,) = play(
        {
            "01-invoice.getPDF.request.xml": PDF,
            "01-invoice.getPDF.response.txt": "%PDF-\n",
        }
    )
    assert step.difference[0] == "recorded a PDF, answered:"
    assert "  <code>50010</code>" in step.difference


def test_a_pdf_is_a_difference_where_a_document_is_recorded(
    play: Callable[[Files], list[Played]], invoiced: Files
) -> None:
    recorded = {"03-invoice.getPDF.response.xml": fail(NOT_FOUND)}
    played = play({**invoiced, "03-invoice.getPDF.request.xml": PDF, **recorded})
    assert played[-1].difference[0] == "the answer is no XML document:"


def test_a_folder_that_is_a_story_is_loaded_as_one(write: Write) -> None:
    directory = write({"01-gateway.list.request.xml": GATEWAYS})
    assert replay.load(directory / "story") == replay.load(directory)


def test_stories_and_steps_come_in_the_order_of_their_names(write: Write) -> None:
    directory = write(
        {
            "../b/01-x.request.xml": GATEWAYS,
            "10-z.request.xml": GATEWAYS,
            "02-y.request.xml": GATEWAYS,
            "../a/01-x.request.xml": GATEWAYS,
        }
    )
    stories = replay.load(directory)
    assert [story.name for story in stories] == ["a", "b", "story"]
    assert [step.name for step in stories[-1].steps] == ["02-y", "10-z"]


def test_an_account_is_made_as_the_story_needs_it(
    play: Callable[[Files], list[Played]],
) -> None:
    played = play(
        {
            "account.json": '{"currency": "CAD", "ignore_unknown": true}',
            "01-client.create.request.xml": NEW_CLIENT.replace(
                "<client>", "<client><shoe_size>44</shoe_size>"
            ),
            "01-client.create.response.xml": ok("<client_id>{{client_id}}</client_id>"),
            "02-recurring.create.request.xml": (
                '<request method="recurring.create"><recurring>'
                "<client_id>{{client_id}}</client_id><date>2099-12-31</date>"
                "<currency_code>CAD</currency_code><autobill>"
                "<gateway_name>Authorize.Net</gateway_name><card>"
                "<number>4111 1111 1111 1111</number><name>Ada Byron</name><expiration>"
                "<month>12</month><year>2099</year></expiration></card></autobill>"
                "</recurring></request>"
            ),
        }
    )
    assert [step.difference for step in played] == [[], []]


@pytest.mark.parametrize(
    ("needs", "fits"),
    [
        ("{}", True),
        ('{"clock": "2007-09-01"}', True),
        ('{"clock": "2007-09-02"}', True),
        ('{"clock": "2007-08-31"}', False),
    ],
)
def test_a_story_fits_an_account_whose_clock_has_not_passed_its_date(
    *, needs: str, fits: bool, write: Write, ports: Ports, clocked: Api
) -> None:
    (story,) = replay.load(
        write({"account.json": needs, "01-gateway.list.request.xml": GATEWAYS})
    )
    assert replay.fits(story, replay.to_application(ports, clocked.token)) == fits


def test_a_story_with_a_clock_does_not_fit_an_account_without_one(
    write: Write, ports: Ports, api: Api
) -> None:
    (story,) = replay.load(
        write(
            {
                "account.json": '{"clock": "2099-01-01"}',
                "01-gateway.list.request.xml": GATEWAYS,
            }
        )
    )
    assert not replay.fits(story, replay.to_application(ports, api.token))


# What cannot be replayed.


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"missing is not a folder"):
        replay.load(tmp_path / "missing")


def test_a_folder_without_requests_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"there is no \*\.request\.xml below"):
        replay.load(tmp_path)


@pytest.fixture(name="closed_url")
def closed_url_() -> str:
    """Provide an address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}"


def test_a_server_that_does_not_answer_is_told(closed_url: str) -> None:
    with pytest.raises(ReplayError, match=r"does not answer: is it running\?"):
        replay.to_url(closed_url, "token")(GATEWAYS.encode())


@pytest.mark.parametrize("url", ["loom.test", "ftp://loom.test", "file:///etc/hosts"])
def test_what_is_no_web_address_is_told(url: str) -> None:
    with pytest.raises(ReplayError, match="is not an http or https address"):
        replay.to_url(url, "token")


@pytest.mark.parametrize("path", ["", "/", "/api/2.1/xml-in", "/api/xml-in"])
def test_an_address_may_be_the_servers_or_the_apis(
    path: str, server_url: str, api: Api
) -> None:
    post = replay.to_url(server_url + path, api.token)
    assert conversation.succeeded(post(GATEWAYS.encode()))


def test_a_refused_token_is_an_answer_like_any_other(server_url: str) -> None:
    answered = replay.to_url(server_url, "wrong")(GATEWAYS.encode())
    assert conversation.value(answered, "code") == "20010"


# The command.


def test_the_command_says_what_passed(write: Write) -> None:
    directory = write({"01-gateway.list.request.xml": GATEWAYS})
    result = run(directory)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "story: 1 steps as recorded",
        "1 stories passed, 0 failed",
    ]


def test_the_command_shows_a_difference_and_fails(write: Write) -> None:
    directory = write(
        {
            "01-client.get.request.xml": GET_CLIENT.replace("{{client_id}}", "7"),
            "01-client.get.response.xml": fail(NOT_FOUND.replace("50010", "50011")),
            "../other/01-gateway.list.request.xml": GATEWAYS,
        }
    )
    result = run(directory)
    assert result.exit_code == 1
    assert "story: 01-client.get differs" in result.output
    assert "    -  <code>50011</code>\n    +  <code>50010</code>" in result.output
    assert "other: 1 steps as recorded" in result.output
    assert result.output.endswith("1 stories passed, 1 failed\n")


def test_the_command_fails_for_a_missing_folder(tmp_path: Path) -> None:
    result = run(tmp_path / "missing")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert "missing is not a folder" in result.output


def test_the_command_fails_for_an_empty_folder(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.exit_code == 1
    assert "Error: there is no *.request.xml below" in result.output


def test_the_command_wants_an_address_with_a_token(write: Write) -> None:
    result = run(write({"01-x.request.xml": GATEWAYS}), "--token", "t")
    assert result.exit_code == 2
    assert "--token needs --url" in result.output


def test_the_command_fails_where_no_server_answers(
    write: Write, closed_url: str
) -> None:
    directory = write({"01-gateway.list.request.xml": GATEWAYS})
    result = run(directory, "--url", closed_url, "--token", "t")
    assert result.exit_code == 1
    assert "does not answer: is it running?" in result.output
    assert no_traceback(result)


def test_the_command_plays_on_the_account_of_a_token(
    write: Write, server_url: str, api: Api
) -> None:
    directory = write({"01-client.create.request.xml": NEW_CLIENT})
    result = run(directory, "--url", server_url, "--token", api.token)
    assert result.exit_code == 0, result.output
    assert api.call("client.list").all("client_id") == ["1"]


def test_the_command_skips_what_does_not_fit_the_account_and_says_so(
    write: Write, server_url: str, api: Api
) -> None:
    directory = write(
        {
            "account.json": '{"clock": "2007-09-01"}',
            "01-gateway.list.request.xml": GATEWAYS,
            "../other/01-gateway.list.request.xml": GATEWAYS,
        }
    )
    result = run(directory, "--url", server_url, "--token", api.token)
    assert result.exit_code == 0
    assert "story: skipped, this account is not one for it" in result.output
    assert "perennial account create NAME --clock 2007-09-01" in result.output


def test_the_command_fails_when_everything_was_skipped(
    write: Write, server_url: str, api: Api
) -> None:
    directory = write(
        {
            "account.json": '{"clock": "2007-09-01"}',
            "01-gateway.list.request.xml": GATEWAYS,
        }
    )
    assert run(directory, "--url", server_url, "--token", api.token).exit_code == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("account.json", "{"),
        ("account.json", '{"clock": "tomorrow"}'),
        ("01-gateway.list.response.xml", "<response>"),
        ("01-gateway.list.response.txt", "some text"),
    ],
)
def test_a_broken_file_is_told_without_a_traceback(
    name: str, text: str, write: Write
) -> None:
    result = run(write({"01-gateway.list.request.xml": GATEWAYS, name: text}))
    assert result.exit_code == 1
    assert no_traceback(result), repr(result.exception)
    assert name.partition(".response")[0] in result.output


class Page(BaseHTTPRequestHandler):
    """Answers as something that is not the API: a proxy's error page."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(502)
        self.end_headers()
        self.wfile.write(b"<html><body><h1>Bad Gateway</h1><hr></body></html>")

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


class Mute(Page):
    """Hangs up without an answer."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))


@pytest.fixture(name="serving")
def serving_() -> Iterator[Callable[[type[Page]], str]]:
    """Provide a maker of servers that are not the API; it returns their address."""
    with ExitStack() as stack:

        def serving(handler: type[Page]) -> str:
            server = stack.enter_context(HTTPServer(("127.0.0.1", 0), handler))
            thread = threading.Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield serving


@pytest.mark.parametrize("response", [None, ok("<gateways/>")])
@pytest.mark.parametrize("handler", [Page, Mute])
def test_a_server_that_is_not_the_api_is_a_failure_without_a_traceback(
    handler: type[Page],
    response: str | None,
    write: Write,
    serving: Callable[[type[Page]], str],
) -> None:
    files = {"01-gateway.list.request.xml": GATEWAYS}
    if response is not None:
        files["01-gateway.list.response.xml"] = response
    result = run(write(files), "--url", serving(handler), "--token", "t")
    assert result.exit_code == 1
    assert no_traceback(result), repr(result.exception)


@pytest.fixture(name="served")
def served_(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Provide the real thing: `perennial serve`, its address and its environment."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{held.getsockname()[1]}"
    environment = {**os.environ, "PERENNIAL_DATA": str(tmp_path / "var")}
    command = [sys.executable, "-m", "app.cli"]
    subprocess.run(  # noqa: S603
        [*command, "init"], env=environment, check=True, capture_output=True
    )
    with (tmp_path / "log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603
            [*command, "serve", "--bind", bind],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert server.stdout is not None
    try:
        for line in server.stdout:
            if "is listening on" in line:
                break
        else:
            pytest.fail((tmp_path / "log").read_text())
        yield f"http://{bind}", environment
    finally:
        server.terminate()
        server.communicate(timeout=30)


def test_all_stories_pass_on_the_real_server(
    served: tuple[str, dict[str, str]],
) -> None:
    url, environment = served
    directory = FIXTURES / "conversations"
    result = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "app.cli", "replay", str(directory), "--url", url],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    count = len(replay.load(directory))
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.endswith(f"{count} stories passed, 0 failed\n")
