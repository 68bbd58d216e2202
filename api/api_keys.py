"""Keys with which programs speak to one assistant."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_request, validate_response

from api.access import owner_required
from api.limits import per_minute
from core.api_keys import api_keys_of, issue_api_key, revoke_api_key
from core.models import ApiKey, Assistant

blueprint = Blueprint("api_keys", __name__)


class NewApiKey(BaseModel):
    """Scopes: chat, read (documents, search), write (documents), crm."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=10)] = ["chat"]
    expires_at: AwareDatetime | None = None


class ApiKeyView(BaseModel):
    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, row: ApiKey) -> Self:
        return cls.model_validate(row, from_attributes=True)


class IssuedApiKey(ApiKeyView):
    """`key` is shown here and never again."""

    key: str


class ApiKeys(BaseModel):
    api_keys: list[ApiKeyView]


@blueprint.post("/assistants/<uuid:assistant_id>/api-keys")
@rate_limit(limits=per_minute(60))
@owner_required
@validate_request(NewApiKey)
@validate_response(IssuedApiKey, 201)
async def issue(assistant: Assistant, data: NewApiKey) -> tuple[IssuedApiKey, int]:
    """Make a key. Keep it safe: only its hash is stored."""
    row, key = await issue_api_key(assistant, g.actor.user_id, data.name, data.scopes, data.expires_at, g.actor)
    return IssuedApiKey(**ApiKeyView.of(row).model_dump(), key=key), 201


@blueprint.get("/assistants/<uuid:assistant_id>/api-keys")
@rate_limit(limits=per_minute(300))
@owner_required
@validate_response(ApiKeys)
async def list_all(assistant: Assistant) -> ApiKeys:
    """All keys, without the keys themselves."""
    return ApiKeys(api_keys=[ApiKeyView.of(row) for row in await api_keys_of(assistant)])


@blueprint.delete("/assistants/<uuid:assistant_id>/api-keys/<uuid:key_id>")
@rate_limit(limits=per_minute(60))
@owner_required
async def revoke(assistant: Assistant, key: ApiKey) -> tuple[str, int]:
    """Refuse a key from the next request on."""
    await revoke_api_key(key, g.actor)
    return "", 204
