"""The owner's page of his group: how to link one, how it stands, and how to leave it.

The link is made when the page is opened: it works once, for an hour, and for people who manage the business.
"""

from contextlib import suppress

from aiogram import Router

from admin_bot.group_door import LINK
from admin_bot.group_standing import Standings
from admin_bot.group_words import standing_words
from admin_bot.keyboards import Row
from admin_bot.routes import on_button
from admin_bot.talk import Talk
from core.models import PeopleGroup, Role
from core.people_group import group_of, make_link, unlink_group
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Place

RIGHTS = "manage_topics"
"""What Telegram asks the owner to grant: https://core.telegram.org/api/links#bot-links"""


async def show_group(talk: Talk) -> None:
    await talk.expect_nothing()
    group = await group_of(talk.actor.tenant_id, talk.state.key.bot_id)
    if group is None:
        await _offer(talk)
    else:
        await _show(talk, group)


async def _offer(talk: Talk, said: str = "") -> None:
    username = await talk.outbound.username()
    token = await make_link(talk.actor, talk.state.key.bot_id)
    url = f"https://t.me/{username}?startgroup={LINK}{token}&admin={RIGHTS}"
    above = f"{said}\n\n" if said else ""
    await talk.show(
        above + talk.words("admin-group-how"),
        [talk.link("button-group-link", url)],
        _back(talk),
    )


async def _show(talk: Talk, group: PeopleGroup) -> None:
    await talk.show(
        talk.words("admin-group", title=group.title or "—", standing=standing_words(talk.core, group, talk.locale)),
        [talk.button("button-group-check", "group.check")] if group.missing else [],
        [talk.button("button-group-off", "group.off")],
        _back(talk),
    )


async def check(talk: Talk) -> None:
    """Raises `Unavailable`."""
    bot_id = talk.state.key.bot_id
    if group := await group_of(talk.actor.tenant_id, bot_id):
        await Standings(talk.core, talk.outbound, bot_id).look(group)
    await show_group(talk)


async def confirm_unlink(talk: Talk) -> None:
    await talk.show(
        talk.words("admin-group-off"),
        [talk.button("button-group-off-yes", "group.off.yes"), talk.button("button-keep", "group")],
    )


async def unlink(talk: Talk) -> None:
    group = await group_of(talk.actor.tenant_id, talk.state.key.bot_id)
    if group:
        await unlink_group(talk.actor, group)
        with suppress(ChatClosed):
            await talk.outbound.send(Place(group.chat_id), Rich(talk.core.texts.say(group.locale, "group-unlinked")))
    await _offer(talk, talk.words("admin-group-unlinked"))


def _back(talk: Talk) -> Row:
    return [talk.button("button-team", "team"), talk.button("button-menu", "menu")]


def setup() -> Router:
    router = Router(name="group")
    on_button(router, Role.MANAGER, "group", show_group)
    on_button(router, Role.MANAGER, "group.check", check)
    on_button(router, Role.MANAGER, "group.off", confirm_unlink)
    on_button(router, Role.MANAGER, "group.off.yes", unlink)
    return router
