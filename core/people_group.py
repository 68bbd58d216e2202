"""A business's group in Telegram, where its people answer customers: linked, moved, in order or not, and left.

One group for a business, one business for a group. A stranger cannot link one: the link is made for a manager, works
once and soon ends, and only somebody who manages the business can use it. Refuses to know how Telegram is asked.
"""

import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.audit import record_change
from core.errors import Conflict, NotFound
from core.keyring import hash_token
from core.models import BotState, PeopleGroup, Role
from core.news import note_news
from core.tenancy import Actor, actor_of

LINK_LIFE = timedelta(hours=1)
TOPICS, RIGHT, WRITING = "topics", "right", "writing"
"""What may be missing: topics are switched off, the bot may not manage them, or it may not write there."""
LINKED, UNLINKED = "link group", "unlink group"
GROUP_LOST = "group lost"
"""News: the bot was put out of the group."""
LOOK_EVERY, LOOK_EVERY_LATER = timedelta(seconds=15), timedelta(minutes=10)
"""A group in which something is missing is looked at again: often in the first hour, then seldom."""
FRESH = timedelta(hours=1)


class GroupLinkOver(NotFound):
    """The link was used, is too old, or was never made for this bot."""

    code = "error-group-link-over"


class GroupTaken(Conflict):
    """Another business answers its customers in this group."""

    code = "error-group-taken"


async def make_link(actor: Actor, bot_id: int) -> str:
    """A token for one group, for an hour. Raises `Refused`."""
    actor.must_be(Role.MANAGER)
    token = secrets.token_urlsafe(24)
    data = {"tenant": str(actor.tenant_id), "until": (datetime.now(UTC) + LINK_LIFE).isoformat()}
    await BotState.create(key=_key(bot_id, token), data=data)
    old = BotState.filter(key__startswith=f"group-link:{bot_id}:", created_at__lt=datetime.now(UTC) - 2 * LINK_LIFE)
    await old.delete()
    return token


def _key(bot_id: int, token: str) -> str:
    return f"group-link:{bot_id}:{hash_token(token)}"


async def link_group(user_id: UUID, bot_id: int, token: str, chat_id: int, title: str, locale: str) -> PeopleGroup:
    """From now on his business answers there, and in no other group. Again is harmless.

    Raises `GroupLinkOver`, `GroupTaken`, `Refused` for somebody who manages nothing there.
    """
    row = await BotState.get_or_none(key=_key(bot_id, token))
    if row is None or datetime.fromisoformat(row.data["until"]) < datetime.now(UTC):
        raise GroupLinkOver(what="link")
    try:
        actor = await actor_of(user_id, UUID(row.data["tenant"]))
    except NotFound:
        raise GroupLinkOver(what="link") from None
    actor.must_be(Role.MANAGER)
    taken = await PeopleGroup.get_or_none(chat_id=chat_id)
    if taken and taken.tenant_id != actor.tenant_id:
        raise GroupTaken
    async with in_transaction():
        if not await BotState.filter(id=row.id).delete():
            raise GroupLinkOver(what="link")
        await PeopleGroup.filter(tenant_id=actor.tenant_id).exclude(chat_id=chat_id).delete()
        group, made = await PeopleGroup.get_or_create(
            chat_id=chat_id,
            defaults={
                "tenant_id": actor.tenant_id,
                "bot_id": bot_id,
                "title": title[:255],
                "locale": locale,
                "linked_by": user_id,
                "missing": RIGHT,
                "missing_since": datetime.now(UTC),
                "checked_at": datetime.now(UTC),
            },
        )
        if not made and group.bot_id != bot_id:
            await PeopleGroup.filter(id=group.id).update(bot_id=bot_id)
        if made:
            await record_change(actor.tenant_id, user_id, LINKED, group.id, name=title[:80])
    return group


async def group_of(tenant_id: UUID, bot_id: int) -> PeopleGroup | None:
    return await PeopleGroup.get_or_none(tenant_id=tenant_id, bot_id=bot_id)


async def group_in(chat_id: int, bot_id: int) -> PeopleGroup | None:
    """With its `tenant`."""
    return await PeopleGroup.get_or_none(chat_id=chat_id, bot_id=bot_id).select_related("tenant")


async def groups_in_order(bot_id: int) -> list[PeopleGroup]:
    """Those in which people can answer now."""
    return await PeopleGroup.filter(bot_id=bot_id, missing="")


async def groups_to_look_at(bot_id: int) -> list[PeopleGroup]:
    """Something is missing there, and it is time to see whether it still is."""
    now = datetime.now(UTC)
    fresh = Q(missing_since__gt=now - FRESH, checked_at__lt=now - LOOK_EVERY)
    later = Q(checked_at__lt=now - LOOK_EVERY_LATER) | Q(checked_at=None)
    return await PeopleGroup.filter(fresh | later, bot_id=bot_id).exclude(missing="")


async def note_missing(group: PeopleGroup, missing: str) -> bool:
    """What is missing there now; whether that is something else than before."""
    now = datetime.now(UTC)
    changed = (
        await PeopleGroup.filter(id=group.id)
        .exclude(missing=missing)
        .update(missing=missing, missing_since=now if missing else None)
    )
    await PeopleGroup.filter(id=group.id).update(checked_at=now)
    group.missing = missing
    return bool(changed)


async def move_group(bot_id: int, chat_id: int, new_chat_id: int) -> bool:
    """A group became a supergroup: Telegram knows it by another number from then on."""
    if await PeopleGroup.filter(chat_id=new_chat_id).exists():
        return False
    return bool(await PeopleGroup.filter(bot_id=bot_id, chat_id=chat_id).update(chat_id=new_chat_id))


async def unlink_group(actor: Actor, group: PeopleGroup) -> None:
    """Customers' calls come into private chats again. Raises `Refused`."""
    actor.must_be(Role.MANAGER)
    async with in_transaction():
        await PeopleGroup.filter(id=group.id).delete()
        await record_change(actor.tenant_id, actor.user_id, UNLINKED, group.id, name=group.title[:80])


async def lose_group(bot_id: int, chat_id: int) -> bool:
    """The bot was put out: the owner is told, and calls come into private chats again."""
    group = await PeopleGroup.get_or_none(bot_id=bot_id, chat_id=chat_id)
    if group is None:
        return False
    async with in_transaction():
        gone = await PeopleGroup.filter(id=group.id).delete()
        if gone:
            await note_news(group.tenant_id, GROUP_LOST, group.id, name=group.title[:80])
    return bool(gone)


async def tell_once(group: PeopleGroup, what: str, most: int = 500) -> bool:
    """Whether this was not said yet in the group; from now on it was."""
    async with in_transaction():
        row = await PeopleGroup.filter(id=group.id).select_for_update().first()
        if row is None or what in row.told:
            return False
        await PeopleGroup.filter(id=group.id).update(told=[*row.told, what][-most:])
    return True


async def tenants_in_groups(bot_id: int) -> Collection[UUID]:
    """Businesses whose people are called in their group."""
    return {group.tenant_id for group in await groups_in_order(bot_id)}
