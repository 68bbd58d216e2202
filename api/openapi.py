"""`/openapi.json`: the contract, generated from the views themselves, with their guards and errors."""

from typing import Any, TypeVar

from quart import Blueprint, Response
from quart_rate_limiter import rate_limit
from quart_schema import HttpSecurityScheme, Info, hide
from quart_schema.openapi import OpenAPIProvider
from werkzeug.routing import BaseConverter, Rule, UUIDConverter

from api.access import ACCESS, public
from api.context import this_app
from api.limits import per_minute
from api.openai_errors import OPENAI_ERROR, V1

blueprint = Blueprint("openapi", __name__)
INFO = Info(
    title="LLMChatBot",
    version="1",
    description="Assistants that answer from a business's own documents. Guide: docs/api.md.",
)
SECURITY: dict[str, Any] = {
    "login": HttpSecurityScheme(scheme="bearer", bearer_format="JWT"),
    "key": HttpSecurityScheme(scheme="bearer", bearer_format="API key (lcb_…)"),
    "visitor": HttpSecurityScheme(scheme="bearer", bearer_format="JWT of a public page"),
}
_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for a person, by Accept-Language."},
        "code": {"type": "string", "description": "Stable; decide by this."},
        "instance": _TEXT,
        "request_id": _TEXT,
        "field": {"type": "string", "description": "The field that cannot be accepted, if one is to blame."},
    },
}
_PROBLEM_RESPONSE = {
    "description": "A problem (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_OPENAI_RESPONSE = {
    "description": "An error in OpenAI's form.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAiError"}}},
}
FILE_FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}
View = TypeVar("View")
ACCEPTS_FILE = "accepts_file"
"""The attribute of a view that takes a multipart `file` beside its JSON."""


def accepts_file(view: View) -> View:
    """For the contract: this view takes a multipart `file`, too."""
    setattr(view, ACCEPTS_FILE, True)
    return view


class Provider(OpenAPIProvider):
    """quart-schema's, with what it cannot see: who may call, what errors look like, uploads, ids."""

    def build_paths(self, rule: Rule) -> tuple[dict[str, Any], dict[str, Any]]:
        paths, components = super().build_paths(rule)
        view = self._app.view_functions[rule.endpoint]
        access: str = getattr(view, ACCESS, "public")
        words = access.replace("manager", "login").replace("owner", "login").replace(":", " ").split()
        schemes: list[dict[str, list[str]]] = [{name: []} for name in SECURITY if name in words]
        for operation in (operation for path in paths.values() for operation in path.values()):
            operation["security"] = schemes
            operation["tags"] = [rule.endpoint.partition(".")[0]]
            good = {str(status): response for status, response in operation["responses"].items()}
            bad = _OPENAI_RESPONSE if rule.rule.startswith(V1) else _PROBLEM_RESPONSE
            operation["responses"] = (good or {"204": {"description": "Done."}}) | {"default": bad}
            if getattr(view, ACCEPTS_FILE, False):
                body = operation.setdefault("requestBody", {"content": {}})
                body["content"]["multipart/form-data"] = FILE_FORM
        return paths, components | {"Problem": _PROBLEM, "OpenAiError": OPENAI_ERROR}

    def build_path_parameter(self, name: str, converter: BaseConverter) -> dict[str, Any]:
        parameter = super().build_path_parameter(name, converter)
        if isinstance(converter, UUIDConverter):
            parameter["schema"] = {"type": "string", "format": "uuid"}
        return parameter


@blueprint.get("/openapi.json")
@rate_limit(limits=per_minute(60))
@public
@hide
async def contract() -> Response:
    """The whole contract."""
    return this_app().json.response(this_app().extensions["QUART_SCHEMA"].openapi_provider.schema())  # type: ignore[return-value]  # Quart's, not Werkzeug's
