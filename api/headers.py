"""What every response carries: an id for the logs, and headers that keep browsers on the safe side."""

import re
import time
from uuid import uuid4

from quart import Response, g, request

from api.context import WebApp, this_app

_REQUEST_ID = re.compile(r"[\w.-]{1,64}")
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"


def watch_requests(app: WebApp) -> None:
    """Number, time and dress every request."""
    app.before_request(_begin)
    app.after_request(_finish)


async def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
    g.began = time.perf_counter()


async def _finish(response: Response) -> Response:
    headers = response.headers
    headers["X-Request-ID"] = g.request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    headers["Content-Security-Policy"] = _PAGE_POLICY if response.mimetype == "text/html" else _DATA_POLICY
    if request.path.startswith(("/api/", "/v1/")):
        headers.setdefault("Cache-Control", "no-store")
    route = request.url_rule.rule if request.url_rule else "none"
    this_app().metrics.count_request(request.method, route, response.status_code, time.perf_counter() - g.began)
    return response
