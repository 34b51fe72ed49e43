"""The Flask application."""

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from app.api import dispatch
from app.services.ports import Ports
from app.web import request_log, xml_in


def create_app(ports: Ports) -> Flask:
    """Return the application; everything it needs from outside is in `ports`.

    Schemas are read here, so that no request has to wait for it.
    """
    app = Flask("perennial", static_folder=None)
    # A doubled slash would be answered with a redirection, which is no document.
    app.url_map.merge_slashes = False
    dispatch.known_names()
    # prometheus-client finds out when it is imported whether it counts for others too:
    # not before the process that serves has been forked.
    from app.web import health  # noqa: PLC0415
    from app.web.metrics import Metrics  # noqa: PLC0415

    metrics = Metrics(ports)
    request_log.register(app, ports, metrics.count)
    health.register(app, ports, metrics)
    xml_in.register(app, ports)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        answer = dispatch.http_error(error.code or 500)
        response = xml_in.response(answer)
        if error.code == 405 and (allowed := getattr(error, "valid_methods", None)):
            response.headers["Allow"] = ", ".join(allowed)
        return response

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        # What happens outside the pipeline: the database cannot be opened, say.
        return xml_in.response(dispatch.failed(error))

    return app
