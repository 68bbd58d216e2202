"""Keys for programs: made once, shown once, stored as a hash, one assistant each."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.audit import record_change
from core.errors import ApiKeyExpired, Invalid, Unauthenticated
from core.hidden import is_hidden
from core.keyring import hash_token
from core.models import ApiKey, Assistant
from core.statements import Statement, read_model
from core.tenancy import Actor

SCOPES = frozenset({"chat", "read", "write", "crm"})
PREFIX = "lcb_"
ISSUED, REVOKED = "issue api key", "revoke api key"
_SEEN_EVERY = timedelta(minutes=1)
_KEY = Statement(
    "SELECT k.*, a.* FROM api_keys k JOIN assistants a ON a.id = k.assistant_id WHERE k.key_hash = :hash",
    k=ApiKey,
    a=Assistant,
)


async def issue_api_key(
    assistant: Assistant,
    user_id: UUID,
    name: str,
    scopes: list[str],
    expires_at: datetime | None = None,
    by: Actor | None = None,
) -> tuple[ApiKey, str]:
    """The row and the key itself, which cannot be read again. Raises `Invalid` for an unknown scope."""
    unknown = set(scopes) - SCOPES
    if unknown or not scopes:
        raise Invalid(field="scopes", reason="invalid-choices", choices=", ".join(sorted(SCOPES)))
    key = PREFIX + secrets.token_urlsafe(32)
    row = await ApiKey.create(
        user_id=user_id,
        assistant=assistant,
        name=name,
        prefix=key[:12],
        key_hash=hash_token(key),
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    if by:
        await record_change(by.tenant_id, by.user_id, ISSUED, row.id, name=name)
    return row, key


async def api_key_named(key: str) -> ApiKey:
    """The row of a presented key, its assistant fetched. Raises `Unauthenticated`, `ApiKeyExpired`."""
    found = await _KEY.first(hash=hash_token(key))
    if found is None:
        raise Unauthenticated
    row = read_model(ApiKey, "k", found)
    row.assistant = read_model(Assistant, "a", found)
    if is_hidden(row.assistant):
        raise Unauthenticated
    now = datetime.now(UTC)
    if row.expires_at and row.expires_at < now:
        raise ApiKeyExpired(prefix=row.prefix)
    if row.last_used_at is None or row.last_used_at < now - _SEEN_EVERY:
        await ApiKey.filter(id=row.id).update(last_used_at=now)
    return row


async def api_keys_of(assistant: Assistant) -> list[ApiKey]:
    return await ApiKey.filter(assistant_id=assistant.id).order_by("created_at")


async def revoke_api_key(key: ApiKey, by: Actor | None = None) -> None:
    """Refused from the next request on. For good: nothing brings a key back."""
    await key.delete()
    if by:
        await record_change(by.tenant_id, by.user_id, REVOKED, key.id, name=key.name)
