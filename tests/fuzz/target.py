"""One target as libFuzzer: `python -m tests.fuzz.target NAME OPTION... FOLDER...`."""

import random
import re
import sys
from typing import NoReturn

import atheris

with atheris.instrument_imports(include=["app"]):
    from app.api import dispatch
    from tests.fuzz import mutation, properties

# A test clock that is moved by centuries does the work of centuries, as it should.
_FAR = re.compile(
    rb"clock\.set.*?(20[1-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3})", re.DOTALL
)
# How often bytes are changed that need not be XML afterwards.
_BLIND = 0.15


def fuzz(target: str, arguments: list[str]) -> None:
    """Become libFuzzer; it ends the process."""
    if target == "document":
        atheris.Setup(arguments, read, custom_mutator=mutate)
        atheris.Fuzz()
    with properties.house() as house:

        def send(data: bytes) -> None:
            if not _FAR.search(data):
                house.check(data)

        # A fault of ours is a find, with all that is known of it.
        setattr(dispatch, "failed", raised)  # noqa: B010
        atheris.Setup(arguments, send, custom_mutator=mutate)
        atheris.Fuzz()


def read(data: bytes) -> None:
    """Read an input as a document, and its beginning as credentials."""
    properties.check_document(data)
    properties.check_credentials(data[:200])


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Change one of the requests of an input."""
    chance = random.Random(seed)
    mark = properties.TOLERANT if data.startswith(properties.TOLERANT) else b""
    bodies = data.removeprefix(mark).split(properties.BETWEEN)
    picked = chance.randrange(len(bodies))
    made = mutation.mutated(bodies[picked], chance)
    if made is None or chance.random() < _BLIND:
        return bytes(atheris.Mutate(data, max_size))
    bodies[picked] = made
    return (mark + properties.BETWEEN.join(bodies))[:max_size]


def raised(error: Exception, _progress: object = None) -> NoReturn:
    """Take the place of the pipeline's catch-all."""
    raise error


if __name__ == "__main__":
    fuzz(sys.argv[1], [sys.argv[0], *sys.argv[2:]])
