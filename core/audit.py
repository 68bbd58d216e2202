"""Who changed what, for the owner's page of changes."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from core.models import AuditEvent
from core.profiles import names_of


async def record_change(
    tenant_id: UUID, actor: UUID | str, action: str, subject: UUID | str, **details: str
) -> AuditEvent:
    """`action` is a verb and a noun ("create assistant"); `details` never holds a secret."""
    return await AuditEvent.create(
        tenant_id=tenant_id, actor=str(actor), action=action, subject=str(subject), details=details
    )


async def was_recorded(tenant_id: UUID, action: str) -> bool:
    """Has anybody of this business ever done it?"""
    return await AuditEvent.filter(tenant_id=tenant_id, action=action).exists()


async def changes_of(tenant_id: UUID, limit: int, offset: int = 0) -> list[AuditEvent]:
    """What was done in a business, newest first."""
    return await AuditEvent.filter(tenant_id=tenant_id).order_by("-created_at", "id").limit(limit).offset(offset)


async def who_did(events: Sequence[AuditEvent]) -> dict[str, str]:
    """The `actor` of each change -> his name, for people who are known; what went on alone has none."""
    ids = set()
    for event in events:
        with suppress(ValueError):
            ids.add(UUID(event.actor))
    return {str(user_id): name for user_id, name in (await names_of(ids)).items()}
