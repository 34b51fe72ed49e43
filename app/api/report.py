"""report.*: what profiles are worth, and what was paid (ours)."""

from collections.abc import Sequence

from app.api.paging import page
from app.api.registry import Call, method
from app.domain.money import Money
from app.domain.report import Metrics, Period
from app.domain.transaction import Kind, Transaction, Turnover
from app.domain.unset import given
from app.services import report as service
from app.wire import envelope, values
from app.wire.xml import Node, node


@method("report.recurring")
def recurring(call: Call) -> Sequence[Node]:
    """Return MRR, ARR and churn of a period, by currency.

    Source: documented (the three figures, PL-52); inferred (the elements).
    """
    request = call.request
    report = service.recurring(
        call.ports,
        call.caller,
        request.day_bound("date_from"),
        request.day_bound("date_to"),
        client_id=given(request.record_id("client_id", "client"), None),
    )
    currencies = [_metrics(code, metrics) for code, metrics in report.metrics]
    return [
        node("report", [*_period(report.period), node("currencies", currencies)]),
    ]


@method("report.transactions")
def transactions(call: Call) -> Sequence[Node]:
    """Return a page of what was paid in a period, and what all of it comes to.

    Source: documented (that there is such a report, PL-53); inferred (the elements).
    """
    request = call.request
    report = service.transactions(
        call.ports,
        call.caller,
        request.day_bound("date_from"),
        request.day_bound("date_to"),
        client_id=given(request.record_id("client_id", "client"), None),
        page=page(request),
    )
    found = report.transactions
    nodes = list(map(_transaction, found.listing.rows))
    return [
        node(
            "report",
            [
                *_period(report.period),
                node("currencies", list(map(_turnover, found.turnover))),
                envelope.paged("transactions", found.listing, nodes),
            ],
        )
    ]


def _period(period: Period) -> list[Node]:
    return [
        node("date_from", period.date_from.isoformat()),
        node("date_to", period.date_to.isoformat()),
    ]


def _metrics(currency_code: str, metrics: Metrics) -> Node:
    return node(
        "currency",
        [
            node("currency_code", currency_code),
            node("active_profiles", str(metrics.active_profiles)),
            _money("mrr", metrics.mrr),
            _money("arr", metrics.arr),
            _money("mrr_at_start", metrics.mrr_at_start),
            _money("churned_mrr", metrics.churned_mrr),
            node("churn", values.number(metrics.churn)),
        ],
    )


def _turnover(turnover: Turnover) -> Node:
    return node(
        "currency",
        [
            node("currency_code", turnover.currency_code),
            _money("received", turnover.received),
            _money("payments", turnover.of(Kind.PAYMENT)),
            _money("credits", turnover.of(Kind.CREDIT)),
            _money("paid_from_credit", turnover.of(Kind.FROM_CREDIT)),
        ],
    )


def _transaction(transaction: Transaction) -> Node:
    return node(
        "transaction",
        [
            node("payment_id", str(transaction.payment_id)),
            node("kind", transaction.kind),
            node("client_id", str(transaction.client_id)),
            node("invoice_id", str(transaction.invoice_id or "")),
            node("date", transaction.date.isoformat()),
            _money("amount", transaction.amount),
            node("currency_code", transaction.amount.currency),
            node("type", transaction.type),
        ],
    )


def _money(name: str, money: Money) -> Node:
    return node(name, values.number(money.amount))
