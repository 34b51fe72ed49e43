"""Replaying conversations against a server, in this process or anywhere else.

A story is a folder of `NN-<method>.request.xml` files, posted in order, each with the
`.response.xml` that must come back, or a `.response.txt` if that is no XML; how varying
values are named is told in `app.wire.conversation`. An optional `account.json` says
what account the story needs: `clock` (the date of its test clock), `currency`,
`time_zone`, `ignore_unknown`.
"""

import base64
import http.client
import json
import secrets
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app import compose
from app.config import Settings
from app.services import account as accounts
from app.services.account import NewAccount
from app.services.ports import Ports
from app.storage.database import connection
from app.wire import conversation

PATH = "/api/2.1/xml-in"
_NEEDS = dict.fromkeys(
    ("clock", "currency", "time_zone", "ignore_unknown", "ignore_empty_lists")
).keys()
_TIMEOUT_S = 60
_UNAUTHENTICATED = "20010"
_SHOWN_LINES = 20

Post = Callable[[bytes], bytes]


class ReplayError(Exception):
    """The stories cannot be replayed; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request of a story, and the answer it must get."""

    name: str
    request: str
    response: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A conversation, and the account it needs."""

    name: str
    steps: tuple[Step, ...]
    needs: dict[str, Any]

    @property
    def clock_on(self) -> date | None:
        """The date of the test clock that the story begins on."""
        text = self.needs.get("clock")
        return None if text is None else date.fromisoformat(text)

    @property
    def time_zone(self) -> str:
        """The time zone of the account, which decides what day it is."""
        return str(self.needs.get("time_zone", accounts.DEFAULT_TIME_ZONE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of a step: no difference, or the lines of one."""

    story: str
    step: str
    difference: list[str]


def load(directory: Path) -> list[Story]:
    """Read the stories of a folder, or the one story that the folder is.

    Raises: ReplayError.
    """
    if not directory.is_dir():
        raise ReplayError(f"{directory} is not a folder: name one with stories in it")
    folders = sorted({path.parent for path in directory.glob("**/*.request.xml")})
    if not folders:
        raise ReplayError(f"there is no *.request.xml below {directory}")
    return [_story(folder) for folder in folders]


def play(story: Story, post: Post) -> Iterator[Played]:
    """Post the steps of a story in order and compare; the first difference ends it."""
    today = story.clock_on or compose.today(story.time_zone)
    names = {"today": today.isoformat()}
    for step in story.steps:
        difference = _difference(step, post, names)
        yield Played(story=story.name, step=step.name, difference=difference)
        if difference:
            return


@contextmanager
def in_process() -> Iterator[Ports]:
    """Set up a throwaway database for stories to be played in this process."""
    with tempfile.TemporaryDirectory(prefix="perennial-") as folder:
        settings = Settings.from_environment({"PERENNIAL_DATA": folder})
        compose.initialise(settings)
        ports = compose.ports(settings)
        with connection():
            yield ports


def new_account(ports: Ports, story: Story) -> str:
    """Make an account as a story needs it; return its token."""
    defaults = NewAccount(name=f"replay {story.name} {secrets.token_hex(4)}")
    _, token = accounts.create(
        ports,
        NewAccount(
            name=defaults.name,
            base_currency=story.needs.get("currency", defaults.base_currency),
            time_zone=story.time_zone,
            clock_on=story.clock_on,
            ignore_unknown=story.needs.get("ignore_unknown", False),
            ignore_empty_lists=story.needs.get("ignore_empty_lists", False),
        ),
    )
    return token


def to_application(ports: Ports, token: str) -> Post:
    """Return a way to post into an application of this process."""
    client = compose.application_on(ports).test_client()
    headers = {"Authorization": _basic(token)}

    def post(body: bytes) -> bytes:
        return bytes(client.post(PATH, data=body, headers=headers).data)

    return post


def to_url(url: str, token: str) -> Post:
    """Return a way to post to a server.

    Raises: ReplayError.
    """
    if not url.startswith(("http://", "https://")):
        raise ReplayError(f"{url} is not an http or https address")
    address = url if url.rstrip("/").endswith("xml-in") else url.rstrip("/") + PATH

    def post(body: bytes) -> bytes:
        request = urllib.request.Request(  # noqa: S310
            address,
            data=body,
            headers={
                "Authorization": _basic(token),
                "Content-Type": "application/xml",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return bytes(error.read())
        except (OSError, http.client.HTTPException) as error:
            raise ReplayError(f"{address} does not answer: is it running?") from error

    return post


def fits(story: Story, post: Post) -> bool:
    """Whether the account behind a token is one that a story can be told on.

    Its test clock must not have passed the story's (or there must be none, where the
    story says `"clock": null`), and it must ignore unknown elements if the story does.

    Raises: ReplayError when the token is refused.
    """
    try:
        answered = post(b'<request method="clock.get"/>')
        if conversation.value(answered, "code") == _UNAUTHENTICATED:
            raise ReplayError("the server does not know this token")
        text = conversation.value(answered, "date")
        ignores = story.needs.get("ignore_unknown") and conversation.succeeded(
            post(b'<request method="staff.current"><no_such_element/></request>')
        )
    except conversation.NotXmlError:
        # Whatever that is, the story's first step will show it.
        return True
    if story.needs.get("ignore_unknown") and not ignores:
        return False
    if "clock" not in story.needs:
        return True
    if text is None or story.clock_on is None:
        return text is None and story.clock_on is None
    return date.fromisoformat(text) <= story.clock_on


def account_command(story: Story) -> str:
    """Return the command that makes an account which a story can be told on."""
    options = {
        "--clock": story.clock_on,
        "--currency": story.needs.get("currency"),
        "--time-zone": story.needs.get("time_zone"),
    }
    words = [f"{name} {value}" for name, value in options.items() if value]
    words += ["--ignore-unknown"] if story.needs.get("ignore_unknown") else []
    return " ".join(["perennial account create NAME", *words])


def _difference(step: Step, post: Post, names: dict[str, str]) -> list[str]:
    try:
        request = conversation.filled_in(step.request, names)
    except KeyError as error:
        return [f"no answer has given {error.args[0]} a value yet"]
    answered = post(request.encode())
    try:
        if step.response is not None:
            return conversation.difference(step.response, answered, names)
        if conversation.succeeded(answered):
            return []
    except conversation.NotXmlError:
        return ["the answer is no XML document:", *_shown(answered)]
    return _shown(answered)


def _shown(answered: bytes) -> list[str]:
    return answered.decode(errors="replace").splitlines()[:_SHOWN_LINES]


def _story(folder: Path) -> Story:
    story = Story(
        name=folder.name,
        steps=tuple(map(_step, sorted(folder.glob("*.request.xml")))),
        needs=_needs(folder / "account.json"),
    )
    try:
        _ = story.clock_on
    except (TypeError, ValueError) as error:
        raise ReplayError(
            f"{folder / 'account.json'}: clock is a date such as 2007-09-01"
        ) from error
    return story


def _needs(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        needs = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ReplayError(f"{path} is not JSON") from error
    if not isinstance(needs, dict) or needs.keys() - _NEEDS:
        raise ReplayError(f"{path} holds something other than {', '.join(_NEEDS)}")
    return needs


def _step(path: Path) -> Step:
    name = path.name.removesuffix(".request.xml")
    answers = (path.with_name(f"{name}.response.{kind}") for kind in ("xml", "txt"))
    response = next(filter(Path.exists, answers), None)
    recorded = None if response is None else response.read_text("utf-8")
    if recorded is not None:
        try:
            conversation.succeeded(recorded.encode())
        except conversation.NotXmlError as error:
            raise ReplayError(f"{response} is no XML document") from error
    return Step(name=name, request=path.read_text("utf-8"), response=recorded)


def _basic(token: str) -> str:
    return "Basic " + base64.b64encode(f"{token}:X".encode()).decode("ascii")
