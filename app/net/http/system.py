"""What operators and tools ask: alive, ready, metrics, the API's description and its page."""

import hmac
from pathlib import Path

import flask_openapi3_swagger
from flask import Blueprint, Response, abort, current_app, json, render_template, request, send_from_directory
from pydantic import Field

from app.env import Settings
from app.net.answers import one, one_answer
from app.net.middlewares.access import public
from app.net.middlewares.blueprints import ApiBlueprint
from app.net.schemas.common import Out
from app.plugins import metrics
from app.services import health
from app.utils.clock import utc_now

system = ApiBlueprint("system", url_prefix="/api", tag="System", description="Health of the product.")
probes = Blueprint("probes", __name__)

_SWAGGER = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"


class HealthOut(Out):
    status: str = Field(description="ok, degraded (search is away) or down.", pattern="^(ok|degraded|down)$")


@system.get("/app/health", answers=one_answer(HealthOut, 200, 503))
@public
def app_health() -> Response:
    """Tell whether the product can be used: 503 when Cassandra is away, `degraded` when only search is."""
    status = health.app_status()
    return one(HealthOut(status=status), 503 if status == "down" else 200)


@probes.get("/health")
@public
def alive() -> Response:
    """The process answers; nothing else is asked."""
    return Response('{"status":"ok"}', mimetype="application/json")


@probes.get("/ready")
@public
def ready() -> Response:
    """200 when the product can sell: both engines answer, the mirror keeps up, somebody runs the jobs."""
    report = health.readiness(now=utc_now())
    return Response(json.dumps(report.as_json()), 200 if report.is_ready else 503, mimetype="application/json")


@probes.get("/metrics")
@public
def measurements() -> Response:
    """Prometheus text; with METRICS_TOKEN set, only for `Authorization: Bearer <token>`. Production needs one."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.is_production and not settings.metrics_token:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.metrics_token and not hmac.compare_digest(given.encode(), settings.metrics_token.encode()):
        abort(401)
    health.measure(now=utc_now())
    content, content_type = metrics.exposition()
    return Response(content, content_type=content_type)


@probes.get("/api/openapi.json")
@public
def openapi_document() -> Response:
    """The OpenAPI 3.1 document."""
    return Response(current_app.api_json, mimetype="application/json")  # type: ignore[attr-defined]


@probes.get("/api/docs/")
@public
def docs_page() -> str:
    """The browsable page over the document."""
    return render_template("docs.html")


@probes.get("/api/docs/assets/<path:name>")
@public
def docs_asset(name: str) -> Response:
    """Swagger UI's own files, from its package."""
    return send_from_directory(_SWAGGER, name, max_age=24 * 3600)
