"""Who changed what, for the owner's page of changes."""

from uuid import UUID

from core.models import AuditEvent


async def record_change(tenant_id: UUID, actor: UUID | str, action: str, subject: UUID | str, **details: str) -> None:
    """`action` is a verb and a noun ("create assistant"); `details` never holds a secret."""
    await AuditEvent.create(tenant_id=tenant_id, actor=str(actor), action=action, subject=str(subject), details=details)


async def was_recorded(tenant_id: UUID, action: str) -> bool:
    """Has anybody of this business ever done it?"""
    return await AuditEvent.filter(tenant_id=tenant_id, action=action).exists()
