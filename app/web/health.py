"""Addresses for those who watch; a proxy keeps all but the first to itself."""

import json

from flask import Flask, Response

from app.services import health
from app.services.health import Health
from app.services.ports import Ports
from app.web.metrics import CONTENT_TYPE, Metrics

_UNREADY = 503
_WORDS = {True: "ok", False: "failed"}


def register(app: Flask, ports: Ports, metrics: Metrics) -> None:
    """Add the routes."""

    @app.get("/healthz")
    def healthz() -> Response:
        """Answer: that is all it says."""
        return _plain("ok\n", "text/plain; charset=utf-8")

    @app.get("/readyz")
    def readyz() -> Response:
        found = health.look(ports)
        response = _plain(_told(ports, found), "application/json")
        if not found.ready:
            response.status_code = _UNREADY
        return response

    @app.get("/metrics")
    def metrics_() -> Response:
        return _plain(metrics.exposition(), CONTENT_TYPE)


def _told(ports: Ports, found: Health) -> str:
    last = found.last_run_at
    told = {
        "ready": found.ready,
        "database": _WORDS[found.database],
        "schema": _WORDS[found.schema],
        "keys": _WORDS[found.keys],
        "worker": "late" if found.late else "ok",
        "worker_last_run_s": last and round((ports.now() - last).total_seconds(), 1),
        "gateways_left_alone": found.gateways_alone,
    }
    return json.dumps(told) + "\n"


def _plain(body: str | bytes, content_type: str) -> Response:
    return Response(
        body, content_type=content_type, headers={"Cache-Control": "no-store"}
    )
