"""What people are called, and in which of their businesses they work now. Refuses to know who may work where."""

from collections.abc import Iterable
from uuid import UUID

from core.models import Profile, User

LONGEST_NAME = 120


async def remember_name(user_id: UUID, name: str) -> None:
    """As he calls himself in Telegram; written only when it has changed."""
    name = " ".join(name.split())[:LONGEST_NAME]
    row, created = await Profile.get_or_create(user_id=user_id, defaults={"name": name})
    if not created and name and row.name != name:
        await Profile.filter(id=row.id).update(name=name)


async def remember_business(user_id: UUID, tenant_id: UUID | None) -> None:
    """From now on he works there."""
    row, created = await Profile.get_or_create(user_id=user_id, defaults={"works_in_id": tenant_id})
    if not created and row.works_in_id != tenant_id:
        await Profile.filter(id=row.id).update(works_in_id=tenant_id)


async def chosen_business(user_id: UUID) -> UUID | None:
    """The one that he chose last, if he ever did; he may have left it since."""
    row = await Profile.get_or_none(user_id=user_id)
    return row.works_in_id if row else None


async def names_of(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """His name; whoever never told one is known by his e-mail or his number in Telegram."""
    wanted = list(user_ids)
    names = {row.user_id: row.name for row in await Profile.filter(user_id__in=wanted) if row.name}
    for user in await User.filter(id__in=[one for one in wanted if one not in names]):
        names[user.id] = user.email or f"Telegram {user.telegram_id}"
    return names
