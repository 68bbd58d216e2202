"""What happened by itself and its owner should know of. Kept among the changes; told by whoever talks to owners."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.audit import record_change
from core.models import AuditEvent, Role, User

ITSELF = "itself"
WENT_LIVE, TAKEN_BACK = "adapter went live", "adapter was taken back"
BOT_STOPPED = "bot stopped"
WEBHOOK_STOPPED = "webhook stopped"
FRESH = timedelta(days=3)
"""Older than this nothing is told any more."""


async def note_news(tenant_id: UUID, action: str, subject: UUID, **details: str) -> None:
    await record_change(tenant_id, ITSELF, action, subject, **details)


async def was_told_today(action: str, subject: UUID, **details: str) -> bool:
    """The same within a day: what comes and goes is told once."""
    since = datetime.now(UTC) - timedelta(days=1)
    events = await AuditEvent.filter(actor=ITSELF, action=action, subject=str(subject), created_at__gt=since)
    return any(event.details == details for event in events)


async def fresh_news() -> list[AuditEvent]:
    """Of all businesses, oldest first."""
    since = datetime.now(UTC) - FRESH
    return await AuditEvent.filter(actor=ITSELF, created_at__gt=since).order_by("created_at")


async def concerned_in_telegram(event: AuditEvent) -> list[User]:
    """Who of the business may decide something about it and was there when it happened."""
    deciding = User.filter(memberships__tenant_id=event.tenant_id, memberships__role__in=(Role.OWNER, Role.MANAGER))
    return await deciding.filter(telegram_id__not_isnull=True, created_at__lte=event.created_at).distinct()
