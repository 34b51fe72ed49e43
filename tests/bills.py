"""Bills in the form of `fixtures/pricing`, and as the application knows them."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.adjustment import Discount, TaxRate
from app.domain.line import Line
from app.domain.pricing import Price, price
from tests.schemas import FIXTURES

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case
    for case in json.loads((FIXTURES / "pricing" / "cases.json").read_bytes())["cases"]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What has lines, and nothing but what its price depends on."""

    currency_code: str = "USD"
    lines: tuple[Line, ...] = ()
    discount: Decimal = Decimal(0)
    discounts: tuple[Discount, ...] = ()
    default_tax: TaxRate | None = None
    taxes: tuple[TaxRate, ...] = ()


def day_of(case: dict[str, Any]) -> date:
    return date.fromisoformat(case.get("on", "2026-01-01"))


def priced(case: dict[str, Any]) -> Price:
    return price(bill(case), day_of(case))


def bill(case: dict[str, Any]) -> Bill:
    default = case.get("default_tax")
    return Bill(
        currency_code=case["currency"],
        lines=tuple(map(_line, case["lines"])),
        discount=Decimal(case.get("discount", 0)),
        discounts=tuple(
            Discount(
                name=each.get("name", ""),
                percent=_decimal(each.get("percent")),
                amount=_decimal(each.get("amount")),
            )
            for each in case.get("discounts", [])
        ),
        default_tax=_tax(default) if default else None,
        taxes=tuple(map(_tax, case.get("taxes", []))),
    )


def _line(told: dict[str, Any]) -> Line:
    first = _tax(told.get("tax1", ["", "0"]))
    second = _tax(told.get("tax2", ["", "0"]))
    return Line(
        unit_cost=Decimal(told.get("unit_cost", 0)),
        quantity=Decimal(told.get("quantity", 1)),
        percent=_decimal(told.get("percent")),
        taxable=told.get("taxable", True),
        start_on=_day(told.get("start_date")),
        end_on=_day(told.get("end_date")),
        group=told.get("group", ""),
        tax1_name=first.name,
        tax1_percent=first.percent,
        tax1_compound=first.compound,
        tax2_name=second.name,
        tax2_percent=second.percent,
        tax2_compound=second.compound,
    )


def _tax(told: list[Any]) -> TaxRate:
    name, percent, compound = [*told, False][:3]
    return TaxRate(name, Decimal(percent), compound)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
