"""Figures for Prometheus: requests as these processes saw them, work as it stands.

Labels are names of methods and codes of outcomes: few, and nobody's data.
"""

import logging
from collections import Counter as Tally
from collections.abc import Iterator

import prometheus_client
from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app.api.dispatch import Answer
from app.domain.charge import UNDER_WAY
from app.domain.worker_run import Outcome
from app.services import health
from app.services.health import Figures
from app.services.ports import Ports
from app.web import metrics_folder

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_log = logging.getLogger(__name__)


class Metrics:
    """What one application counts of its requests, and what it tells when asked."""

    def __init__(self, ports: Ports) -> None:
        """Begin with nothing counted."""
        self._ports = ports
        self._requests = prometheus_client.Counter(
            "perennial_requests",
            "Requests by method and outcome: ok, or the code of the refusal.",
            ("method", "outcome"),
            registry=None,
        )
        self._seconds = prometheus_client.Histogram(
            "perennial_request_seconds",
            "Time until a request was answered.",
            ("method",),
            buckets=_SECONDS,
            registry=None,
        )

    def count(self, answer: Answer, seconds: float) -> None:
        """Count a request that was answered."""
        method = answer.method or "none"
        try:
            self._requests.labels(method, str(answer.code or "ok")).inc()
            self._seconds.labels(method).observe(seconds)
        except OSError as error:
            # Who takes the folder away must not take the requests away.
            _log.warning("a request is not counted: %s", type(error).__name__)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' form."""
        registry = CollectorRegistry()
        registry.register(_Work(health.figures(self._ports)))
        folder = metrics_folder.current()
        if folder is None:
            registry.register(self._requests)
            registry.register(self._seconds)
            return prometheus_client.generate_latest(registry)
        MultiProcessCollector(registry, str(folder))
        with metrics_folder.locked(folder):
            return prometheus_client.generate_latest(registry)


class _Work(Collector):
    """What the database knows, if it answers."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        up = self._figures.database
        yield _gauge("database_up", "Whether the database answers.", up)
        if up:
            yield from _families(self._figures)


def _families(figures: Figures) -> Iterator[Metric]:
    yield _gauge("profiles_due", "Profiles due until today.", figures.due)
    yield _gauge("profiles_overdue", "Profiles due before today.", figures.overdue)
    yield _gauge("profiles_parked", "Profiles that wait for you.", figures.parked)
    yield CounterMetricFamily(
        "perennial_invoices", "Invoices ever made.", value=figures.invoices
    )
    charges = GaugeMetricFamily(
        "perennial_charges_under_way",
        "Charges whose outcome is not known, by state; parked ones wait for you.",
        labels=["state"],
    )
    for state in UNDER_WAY:
        charges.add_metric([state], figures.charges.get(state, 0))
    yield charges
    yield _gauge("invoices_held", "Invoices that wait for their gateway.", figures.held)
    yield _gauge(
        "gateways_left_alone",
        "Gateways that failed again and again.",
        figures.gateways_alone,
    )
    ends = Tally(run.outcome for run in figures.runs)
    workers = GaugeMetricFamily(
        "perennial_workers", "Workers by how their last run ended.", labels=["outcome"]
    )
    for outcome in Outcome:
        workers.add_metric([outcome], ends[outcome])
    yield workers


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"perennial_{name}", meaning, value=value)
