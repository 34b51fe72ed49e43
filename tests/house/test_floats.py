"""Money is never near a float: a walk through the syntax of the layers that see it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app"
# The web layer, the engine and the commands measure time, and see no amounts.
LAYERS = ("api", "domain", "services", "storage", "vault", "wire")

# What was looked at: divisions of decimals, fractions and paths; seconds to wait.
KNOWN = {
    "domain/errors.py": {"from math import ceil"},
    "domain/frequency.py": {
        "_YEAR / 12",
        "interval * _MONTH / len(days)",
        "_YEAR / len(yearly)",
        "_YEAR / length",
    },
    "domain/pricing.py": {
        "base * line.percent / HUNDRED",
        "subtotal * percent / HUNDRED",
        "total * amount / subtotal",
        "(HUNDRED - percent) / HUNDRED",
        "base * rate.percent / HUNDRED",
    },
    "domain/report.py": {
        "part / whole",
        "sum((rate * amount for rate, amount in amounts.items()), Fraction(0)) / 12",
    },
    "services/outgoing.py": {
        "ports.outbox / _FOLDERS[kind]",
        "ports.outbox / _FOLDERS[item.kind]",
    },
    "services/bulk.py": {"10.0", "float"},
    "services/rates.py": {"late / self._rate"},
    "storage/postgresql.py": {"1.0", "0.0"},
    "wire/schema.py": {
        "Path(__file__).resolve().parents[2] / 'schemas'",
        "SCHEMAS / f'{noun}.xsd'",
    },
}


def floating(source: str) -> Iterator[str]:
    """Yield what makes a float of something, or may."""
    for found in ast.walk(ast.parse(source)):
        match found:
            case (
                ast.Constant(value=float() | complex())
                | ast.Name(id="float" | "complex")
                | ast.BinOp(op=ast.Div())
                | ast.AugAssign(op=ast.Div())
                | ast.Attribute(attr="truediv" | "from_float" | "fsum")
            ):
                yield ast.unparse(found)
            case (
                ast.ImportFrom(module="math" | "statistics")
                | ast.Import(names=[ast.alias(name="math" | "statistics")])
            ):
                yield ast.unparse(found)
            case _:
                pass


def test_nothing_that_sees_money_makes_a_float() -> None:
    found = {
        str(path.relative_to(APP)): set(floating(path.read_text("utf-8")))
        for layer in LAYERS
        for path in sorted((APP / layer).rglob("*.py"))
    }
    assert {name: texts for name, texts in found.items() if texts} == KNOWN


@pytest.mark.parametrize(
    "source",
    [
        "share = 0.1",
        "cost = float(text)",
        "def price(cost: float) -> None: ...",
        "half = cents / 2",
        "cents /= 2",
        "def f(cost=1e3): ...",
        "total = sum(map(float, costs))",
        "from math import floor",
        "import math",
        "cost = Decimal.from_float(x)",
    ],
)
def test_each_way_to_a_float_is_seen(source: str) -> None:
    assert list(floating(source))


@pytest.mark.parametrize(
    "source", ["half = cents // 2", 'cost = Decimal("0.1")', "minor = 10 ** 2"]
)
def test_what_is_exact_is_not_taken_for_one(source: str) -> None:
    assert not list(floating(source))
