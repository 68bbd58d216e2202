"""When owners hear of the questions that nothing could answer, and of which: each morning, if there are new ones.

Owners and managers, in all their businesses together. Refuses to know how they are told.
"""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.queryset import QuerySet

from core.models import Assistant, Gap, GapStatus, Role, User
from core.policy import policy_of

BEGINS, ENDS = 9, 21
"""Hours of a day, in the business's time zone; who was not told by the evening is told the next morning."""
MOST = 5
"""Questions of one message."""
_DECIDING = (Role.OWNER, Role.MANAGER)


def morning_of(now: datetime, time_zone: str) -> datetime | None:
    """When today's telling began there, in that zone; None while it is night."""
    at = now.astimezone(ZoneInfo(time_zone))
    return at.replace(hour=BEGINS, minute=0, second=0, microsecond=0) if BEGINS <= at.hour < ENDS else None


async def deciding_people() -> list[User]:
    """Who decides about answers somewhere, and can be told in Telegram."""
    deciding = User.filter(memberships__role__in=_DECIDING, telegram_id__not_isnull=True)
    return await deciding.distinct().order_by("created_at")


async def time_zone_of(user: User) -> str:
    """Of the first of his assistants that has working hours; UTC where none has."""
    for assistant in await Assistant.filter(**_his("", user)).order_by("created_at"):
        if hours := policy_of(assistant).working_hours:
            return hours.time_zone
    return "UTC"


async def new_gaps(user: User, since: datetime) -> list[Gap]:
    """Open questions that were asked since then, most asked first, with their `assistant`; at most `MOST`, those of one
    assistant together."""
    asked = _open(user).filter(last_asked_at__gt=since).select_related("assistant")
    most = await asked.order_by("-asked", "-last_asked_at").limit(MOST)
    order = list(dict.fromkeys(gap.assistant_id for gap in most))
    return sorted(most, key=lambda gap: order.index(gap.assistant_id))


async def count_new(user: User, since: datetime) -> int:
    return await _open(user).filter(last_asked_at__gt=since).count()


async def gaps_in_order(gap_ids: list[UUID]) -> list[Gap]:
    """Those of them that are still there, with their `assistant`."""
    found = {gap.id: gap for gap in await Gap.filter(id__in=gap_ids).select_related("assistant")}
    return [found[gap_id] for gap_id in gap_ids if gap_id in found]


def _open(user: User) -> QuerySet[Gap]:
    return Gap.filter(status=GapStatus.OPEN, **_his("assistant__", user))


def _his(path: str, user: User) -> dict[str, object]:
    members = f"{path}tenant__memberships__"
    return {f"{members}user_id": user.id, f"{members}role__in": _DECIDING}
