"""One table from error code to HTTP status, and every error as `application/problem+json` (RFC 9457); below `/v1` as
OpenAI's clients know errors.

The sentence comes from the locales, in the caller's language; what went wrong inside is logged, never sent.
"""

import logging
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from quart import Response, g, render_template, request
from quart_schema import RequestSchemaValidationError
from werkzeug.exceptions import HTTPException

from api.context import WebApp, caller_locale, the_core, this_app
from api.openai_errors import V1, openai_error, openai_status
from api.reasons import reason_of
from api.uploads import RESTORE, swallow_body
from core.archive.errors import ArchiveTooLarge
from core.errors import DocumentTooLarge, Invalid, ProductError
from core.texts import Texts

log = logging.getLogger(__name__)

STATUS: dict[str, int] = {
    "error-unexpected": 500,
    "error-not-found": 404,
    "error-no-such-model": 404,
    "error-refused": 403,
    "error-unauthenticated": 401,
    "error-wrong-password": 401,
    "error-token-expired": 401,
    "error-api-key-expired": 401,
    "error-conflict": 409,
    "error-shopper-asked": 409,
    "error-shopper-nothing": 409,
    "error-shopper-full": 409,
    "error-email-taken": 409,
    "error-bot-taken": 409,
    "error-bot-of-yours": 409,
    "error-bot-is-ours": 409,
    "error-slack-taken": 409,
    "error-slack-of-yours": 409,
    "error-slack-link-broken": 404,
    "error-slack-link-old": 404,
    "error-slack-link-used": 409,
    "error-slack-other-browser": 403,
    "error-slack-denied": 403,
    "error-slack-install-failed": 502,
    "error-slack-no-app": 404,
    "error-already-answered": 409,
    "error-key-reused": 409,
    "error-conversation-taken": 409,
    "error-customer-unreachable": 409,
    "error-group-link-over": 404,
    "error-group-taken": 409,
    "error-files-not-taken": 409,
    "error-invitation-over": 404,
    "error-already-member": 409,
    "error-last-owner": 409,
    "error-cannot-undo": 409,
    "error-already-settled": 409,
    "error-already-undone": 409,
    "error-changed-since": 409,
    "error-role-needed": 403,
    "error-invalid": 422,
    "error-prompt-too-long": 422,
    "error-wrong-bot-token": 422,
    "slack-revoked": 422,
    "slack-uninstalled": 422,
    **dict.fromkeys(
        (
            *("error-wrong-slack-token", "error-slack-user-token", "error-slack-other-token"),
            *("error-wrong-slack-app-token", "error-slack-apps-differ", "error-wrong-slack-secret"),
            *("error-slack-secret-missing", "error-slack-scopes-missing", "error-slack-whole-company"),
            "error-slack-rotates",
        ),
        422,
    ),
    "error-too-many-assistants": 403,
    "error-too-many-sites": 403,
    "error-too-many-webhooks": 403,
    "error-webhook-address": 422,
    "error-webhook-not-encrypted": 422,
    "error-webhook-needs-https": 422,
    "error-delivery-in-line": 409,
    "error-too-many-waiting": 429,
    "error-too-many-wordings": 403,
    "error-unavailable": 503,
    "error-port-unavailable": 503,
    "error-model-unavailable": 503,
    "error-transcriber-unavailable": 503,
    "error-document-rejected": 422,
    "error-document-empty": 422,
    "error-document-too-large": 413,
    "error-document-type-unknown": 415,
    "error-document-locked": 422,
    "error-document-broken": 422,
    "error-document-scanned": 422,
    "error-document-too-hard": 422,
    "error-document-twice": 422,
    "error-document-type-old": 415,
    "error-document-suspicious": 422,
    "error-document-partly-scanned": 422,
    "error-document-unreadable": 422,
    "error-address-refused": 422,
    **dict.fromkeys(
        (
            *("error-fetch-failed", "error-site-not-found", "error-site-unreachable", "error-site-silent"),
            *("error-site-insecure", "error-site-broken", "error-page-too-large", "error-too-many-redirects"),
            "error-robots-unavailable",
        ),
        502,
    ),
    "error-training-failed": 422,
    "error-too-little-data": 422,
    "error-cannot-train": 409,
    "error-examples-unreadable": 422,
    "error-archive-broken": 422,
    "error-archive-too-new": 422,
    "error-archive-too-large": 413,
    "error-archive-gone": 404,
    "error-adapter-mismatch": 409,
    "error-wrong-master-key": 500,
}
"""Codes of `core/errors.py`; a test proves that none is missing."""

AGAIN_S = 5
"""When to ask again what could not be answered now."""

OF_STATUS = {
    400: "error-bad-request",
    404: "error-no-such-page",
    405: "error-method-not-allowed",
    408: "error-too-slow",
    413: "error-body-too-large",
    415: "error-json-expected",
    429: "error-too-many-requests",
}
"""What the web server itself refuses, before a view is asked."""


def handle_problems(app: WebApp) -> None:
    """Every error leaves through here."""
    app.register_error_handler(ProductError, _product_error)
    app.register_error_handler(RequestSchemaValidationError, _validation_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def problem(texts: Texts, locale: str, path: str, request_id: str, error: ProductError) -> dict[str, Any]:
    """The body of a problem. Needs no request, so that the `error` event of a stream can use it."""
    body = _body(error.code, STATUS[error.code], texts.explain(locale, error), path, request_id)
    return body | ({"field": error.facts["field"]} if "field" in error.facts else {})


async def _product_error(error: ProductError) -> Response:
    if STATUS[error.code] >= 500:
        log.error("%s %s: %s %s", request.method, request.path, error.code, error.facts)
    return await _explain(error)


async def _validation_error(error: RequestSchemaValidationError) -> Response:
    if not (request.is_json or request.method == "GET"):
        return await _refuse(415)
    return await _product_error(invalid_from(error.validation_error))


def invalid_from(error: Exception) -> Invalid:
    """The first thing that pydantic complains about; its value is not repeated, it may be a secret."""
    if not isinstance(error, ValidationError):
        return Invalid(field="body", reason="invalid-not-object")
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "body"
    return Invalid(field=place, **reason_of(first))


async def _http_error(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()  # type: ignore[return-value]  # Quart's, not Werkzeug's
    headers = {"Retry-After": str(after)} if (after := getattr(error, "retry_after", None)) else {}
    if error.code == 405:
        headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
    if error.code == 413:
        await swallow_body()
        if request.path == RESTORE:
            return await _explain(ArchiveTooLarge(limit_mb=the_core().settings.max_archive_mb))
        if request.mimetype == "multipart/form-data":
            return await _explain(DocumentTooLarge(limit_mb=the_core().settings.max_upload_mb))
    return await _refuse(error.code or 500, headers, seconds=after or 0)


async def _unexpected(error: Exception) -> Response:
    log.error("%s %s failed (request %s)", request.method, _place(), g.get("request_id"), exc_info=error)
    return await _explain(ProductError())


def _place() -> str:
    """The path, for logs: without a token that opens something."""
    secret = request.url_rule is not None and "token" in (request.view_args or {})
    return str(request.url_rule.rule) if secret and request.url_rule else request.path


async def _explain(error: ProductError) -> Response:
    return await _respond(problem(the_core().texts, caller_locale(), request.path, g.get("request_id", ""), error))


async def _refuse(status: int, headers: dict[str, str] | None = None, **facts: int) -> Response:
    code = OF_STATUS.get(status, "error-bad-request" if status < 500 else "error-unexpected")
    sentence = the_core().texts.say(caller_locale(), code, **facts)
    return await _respond(_body(code, status, sentence, request.path, g.get("request_id", "")), headers)


def _body(code: str, status: int, sentence: str, path: str, request_id: str) -> dict[str, Any]:
    return {
        "type": f"urn:llmchatbot:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "code": code,
        "instance": path,
        "request_id": request_id,
    }


async def _respond(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """A page for people who look at pages, JSON for everybody else."""
    status = body["status"]
    if request.path.startswith(V1):
        status = openai_status(status)
        response = Response(this_app().json.dumps(openai_error(body)), status=status, mimetype="application/json")
    elif _wants_page():
        response = Response(await render_template("problem.html", problem=body), status=status)
    else:
        response = Response(this_app().json.dumps(body), status=status, mimetype="application/problem+json")
    response.headers.update(headers or {})
    response.headers["Cache-Control"] = "no-store"
    if status in {429, 503}:
        response.headers.setdefault("Retry-After", str(AGAIN_S))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="llmchatbot"'
    return response


def _wants_page() -> bool:
    if request.path.startswith(("/api/", "/static/")):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
