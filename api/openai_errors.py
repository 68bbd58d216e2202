"""Errors as OpenAI's clients know them: made of our problems, for everything below `/v1`. Knows no route."""

from typing import Any

V1 = "/v1/"
CODES = {
    "error-unauthenticated": "invalid_api_key",
    "error-api-key-expired": "invalid_api_key",
    "error-no-such-model": "model_not_found",
    "error-prompt-too-long": "context_length_exceeded",
    "error-too-many-requests": "rate_limit_exceeded",
}
"""Our code -> the one that programs compare with; every other stays ours."""

_TEXT = {"type": "string"}
OPENAI_ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "message": _TEXT | {"description": "A sentence for a person, by Accept-Language."},
                "type": _TEXT | {"enum": ["invalid_request_error", "rate_limit_error", "server_error"]},
                "param": {"type": ["string", "null"], "description": "The field to blame, if one is."},
                "code": _TEXT | {"description": "Stable; decide by this."},
            },
        }
    },
}
"""Its schema."""


def openai_status(status: int) -> int:
    """What they have no status for is a bad request."""
    return 400 if status == 422 else status


def openai_error(problem: dict[str, Any]) -> dict[str, Any]:
    """The body: of a response, and of an event in a stream."""
    status, code = openai_status(problem["status"]), problem["code"]
    kind = "server_error" if status >= 500 else "rate_limit_error" if status == 429 else "invalid_request_error"
    error = {
        "message": problem["detail"],
        "type": kind,
        "param": problem.get("field"),
        "code": CODES.get(code, code),
    }
    return {"error": error}
