"""For probes and Prometheus: alive, ready, counted."""

from typing import Any

from quart import Blueprint, Response
from quart_rate_limiter import rate_limit
from quart_schema import hide

from api.access import public
from api.context import the_core, this_app
from api.limits import per_minute
from core.health import readiness

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@rate_limit(limits=per_minute(600))
@public
@hide
async def healthz() -> dict[str, Any]:
    """The process is alive; a failure here means: restart it."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@rate_limit(limits=per_minute(600))
@public
@hide
async def readyz() -> tuple[dict[str, Any], int]:
    """Everything needed for an answer is there; a failure means: send requests elsewhere."""
    parts = await readiness(the_core())
    ready = all(parts.values())
    return {"status": "ok" if ready else "unavailable", **parts}, 200 if ready else 503


@blueprint.get("/metrics")
@rate_limit(limits=per_minute(600))
@public
@hide
async def metrics() -> Response:
    """For Prometheus; of this process alone."""
    return Response(this_app().metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")
