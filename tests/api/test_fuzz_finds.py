"""What the fuzzer found or would look for, as tests; `make fuzz` goes on from here."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.__main__ import plant
from tests.fuzz.mutation import mutated
from tests.fuzz.properties import (
    BETWEEN,
    TOLERANT,
    House,
    check_credentials,
    check_document,
    house,
)

MUTATIONS = 400

# A find is kept here under a name that says what was wrong.
FINDS: dict[str, bytes] = {
    "a declaration that ends in the middle": b'<?xml version="1.0" encoding="utf8"',
    "an encoding that Python takes for text": (
        b'<?xml version="1.0" encoding="unicode_escape"?>'
        b'<request method="client.list"/>'
    ),
    "a namespace on the root alone": b'<x:request xmlns:x="y" method="client.list"/>',
    "a method between blanks": b'<request method="&#10;client.list&#9;"/>',
    "a wrapper that is merged into itself": (
        b'<request method="recurring.update"><recurring><recurring_id>1</recurring_id>'
        b"<lines><line><name>a</name></line></lines><lines/></recurring></request>"
    ),
    "a doubled card in a card": (
        b'<request method="recurring.update"><recurring><recurring_id>1</recurring_id>'
        b"<autobill><autobill><autobill/></autobill></autobill></recurring></request>"
    ),
    "nothing but unknown elements, ignored": (
        TOLERANT + b'<request method="recurring.update"><recurring><recurring_id>1'
        b"</recurring_id><lines><x/></lines><autobill><x/></autobill></recurring>"
        b"</request>"
    ),
    "a client that is deleted and then billed": (
        b'<request method="client.delete"><client_id>1</client_id></request>'
        + BETWEEN
        + b'<request method="recurring.update"><recurring><recurring_id>1'
        b"</recurring_id><stopped>0</stopped></recurring></request>"
        + BETWEEN
        + b'<request method="clock.set"><date>2007-12-01</date></request>'
    ),
    "a clock that is moved over a change of what is billed": (
        b'<request method="recurring.update"><recurring><recurring_id>2</recurring_id>'
        b"<discount>99.995</discount><frequency>w</frequency></recurring></request>"
        + BETWEEN
        + b'<request method="clock.set"><date>2008-03-01</date></request>'
    ),
}


@pytest.fixture(name="inside", scope="module")
def inside_() -> Iterator[House]:
    """Provide the house that the fuzzer sends its inputs to."""
    with house() as made:
        yield made


@pytest.fixture(name="seeds", scope="module")
def seeds_(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Provide the inputs that the fuzzer begins with."""
    folder: Path = tmp_path_factory.mktemp("seeds")
    plant(folder)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@pytest.mark.parametrize("data", FINDS.values(), ids=FINDS)
def test_a_find_keeps_what_must_always_hold(inside: House, data: bytes) -> None:
    inside.check(data)
    check_document(data)


@pytest.mark.parametrize(
    "header",
    [b"", b":", b"a:b", b"\x00:", b"\xff\xfe", b"a" * 200, b"Basic ====", b" a : b "],
)
def test_any_credentials_are_read(header: bytes) -> None:
    check_credentials(header)


def test_changed_requests_keep_what_must_always_hold(
    inside: House, seeds: list[bytes]
) -> None:
    chance = random.Random(20070901)
    for _ in range(MUTATIONS):
        seed = chance.choice(seeds).split(BETWEEN)[0].removeprefix(TOLERANT)
        data = mutated(seed, chance) or seed
        check_document(data)
        # The test clock stays where it is: years of billing take seconds.
        if b"clock.set" not in data:
            inside.check(data)


def test_every_input_finds_everything_as_it_was_at_first(inside: House) -> None:
    token = inside.tokens[False]
    listed = b'<request method="recurring.list"/>'
    before = inside.send(token, listed).body
    inside.check(
        b'<request method="recurring.delete"><recurring_id>1</recurring_id></request>'
    )
    assert b"<recurring_id>1</recurring_id>" in before
    assert inside.send(token, listed).body == before


def test_a_refused_request_that_changes_something_is_noticed(
    inside: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = inside.send(inside.tokens[False], b"<broken")

    def careless(_token: bytes, _body: bytes) -> object:
        inside.ports.requests.flush()
        return answer

    monkeypatch.setattr(inside, "send", careless)
    with pytest.raises(AssertionError, match="changed something"):
        inside.check(b"<broken")
