"""Fuzz the wire, guided by coverage: `python -m tests.fuzz SECONDS`.

Needs atheris, which `make fuzz` installs. Half of the time goes to reading documents,
half to the whole pipeline. What is found is written to `.fuzz`, and ends the run.
"""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

from tests.fuzz.mutation import METHOD_NAMES, NAMES
from tests.fuzz.properties import BETWEEN, TOLERANT

FOLDER = Path(".fuzz")
FIXTURES = Path(__file__).parents[2] / "fixtures"
TARGETS = ("document", "dispatch")
INPUT_MAX = 32_768
# One input takes milliseconds; the collector and a busy machine take their share.
TIMEOUT_S = 30
RSS_MAX_MB = 1500

# In conversations it stands for an id that an answer told.
_PLACEHOLDER = re.compile(rb"\{\{\w+\}\}")


def main(arguments: list[str]) -> int:
    """Run every target for its share of the seconds; return the worst exit code."""
    seconds = int(arguments[0]) if arguments else 600
    return max(run(target, seconds // len(TARGETS)) for target in TARGETS)


def run(target: str, seconds: int) -> int:
    """Run a target in a process of its own; return its exit code."""
    seeds = FOLDER / target / "seeds"
    corpus = FOLDER / target / "corpus"
    for folder in (seeds, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    plant(seeds)
    names = FOLDER / "names.dict"
    write_dictionary(names)
    command = [
        *(sys.executable, "-m", "tests.fuzz.target", target),
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_MAX}",
        f"-timeout={TIMEOUT_S}",
        f"-rss_limit_mb={RSS_MAX_MB}",
        f"-dict={names}",
        f"-artifact_prefix={FOLDER / target}/",
        "-print_final_stats=1",
        str(corpus),
        str(seeds),
    ]
    return subprocess.run(command, check=False).returncode  # noqa: S603


def plant(folder: Path) -> None:
    """Write the requests that there are as a first corpus, alone and in pairs."""
    stories = [FIXTURES / "requests", *sorted((FIXTURES / "conversations").iterdir())]
    for story in stories:
        files = sorted(story.glob("*.xml"))
        sent = [path.read_bytes() for path in files if ".response." not in path.name]
        bodies = [_PLACEHOLDER.sub(b"1", body) for body in sent]
        pairs = [first + BETWEEN + then for first, then in pairwise(bodies)]
        for number, data in enumerate((*bodies, *pairs)):
            (folder / f"{story.name}-{number}").write_bytes(data)
            (folder / f"{story.name}-{number}-tolerant").write_bytes(TOLERANT + data)


def write_dictionary(path: Path) -> None:
    """Write the names of elements and methods as libFuzzer wants them."""
    words = [*(f"<{name}>" for name in NAMES), *(f"</{name}>" for name in NAMES)]
    words += [
        *METHOD_NAMES,
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?",
        "?>",
        "<!DOCTYPE ",
    ]
    path.write_text("".join(f'"{word}"\n' for word in words), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
