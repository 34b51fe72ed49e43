"""How many rounds there are: one of each kind in `make test`, more by `make crash`."""

import os
import statistics
from collections import defaultdict

import pytest

ROUNDS = int(os.environ.get("ROUNDS", "1"))
SEED = int(os.environ.get("SEED", "1"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that takes a seed one for each round; `SEED=n` repeats round n."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", range(SEED, SEED + ROUNDS))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the rounds counted and measured."""
    figures: dict[str, list[float]] = defaultdict(list)
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            figures[name].append(float(str(value)))
    for name, values in sorted(figures.items()):
        terminalreporter.write_line(
            f"{name}: {sum(values):g} in {len(values)} rounds, "
            f"median {statistics.median(values):.3g}, most {max(values):.3g}"
        )
