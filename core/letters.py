"""Who gets a letter about the week, and when: on Mondays at nine, in the time zone of the business.

Whoever decides in a business gets one for it, unless he wants none. Refuses to know how a letter reads and is sent.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.models import BotState, Membership, Role

AT = time(9)
LATE = timedelta(days=2)
"""So long a letter that could not be sent in time is still news."""
_OFF = "no-letters:"
_AHEAD = timedelta(hours=14)
"""By so much the earliest time zone is ahead of UTC; the latest is twelve behind."""


def week_due(now: datetime, zone: str) -> date | None:
    """The Monday whose letter is to be sent now; None at other times. `now` is aware."""
    here = now.astimezone(ZoneInfo(zone))
    monday = here.date() - timedelta(days=here.weekday())
    due = datetime.combine(monday, AT, ZoneInfo(zone))
    return monday if due <= here < due + LATE else None


def is_due_somewhere(now: datetime) -> bool:
    """In any time zone: at other times nobody need be looked for."""
    utc = now.astimezone(UTC)
    monday = (utc + _AHEAD).date()
    monday -= timedelta(days=monday.weekday())
    earliest = datetime.combine(monday, AT, UTC) - _AHEAD
    return earliest <= utc < earliest + LATE + 2 * _AHEAD


async def readers() -> list[Membership]:
    """Who decides in which business and can be told in Telegram, with their `user` and `tenant`; those who want no
    letters left out."""
    deciding = Membership.filter(role__in=(Role.OWNER, Role.MANAGER), user__telegram_id__not_isnull=True)
    found = await deciding.order_by("tenant_id", "created_at").select_related("user", "tenant")
    want_none = {row.key for row in await BotState.filter(key__startswith=_OFF).only("key")}
    return [one for one in found if f"{_OFF}{one.user_id}" not in want_none]


async def wants_letters(user_id: UUID) -> bool:
    return not await BotState.filter(key=f"{_OFF}{user_id}").exists()


async def set_letters(user_id: UUID, wanted: bool) -> None:
    """Of all his businesses."""
    if wanted:
        await BotState.filter(key=f"{_OFF}{user_id}").delete()
    else:
        await BotState.get_or_create(key=f"{_OFF}{user_id}")
