"""What comes from groups: the bot is added, given rights, put out; a group is linked, moves; people write in topics.

Everything else that is said in groups is nobody's business here.
"""

import asyncio
import logging
import re

from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update

from admin_bot.group_standing import Standings
from admin_bot.keyboards import Press
from admin_bot.topic_talk import TopicTalk
from core.app import Core
from core.errors import NotFound, ProductError, Unavailable
from core.models import PeopleGroup, Tenant, User
from core.people_group import group_in, link_group, lose_group, move_group
from core.profiles import remember_name
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place
from core.tenancy import actor_of
from core.texts import LOCALES

log = logging.getLogger(__name__)
GROUPS = frozenset({"group", "supergroup"})
LINK = "group_"
"""How the tokens begin that link a group."""
WAIT_FOR_LINK_S = 5.0
"""Telegram tells that the bot was added a moment before it brings the token."""
_GONE = ("left", "kicked")
_START = re.compile(rf"/start(?:@\w+)?\s+{LINK}([\w-]+)\s*", re.ASCII)


class GroupDoor:
    """Of one admin bot."""

    def __init__(self, core: Core, outbound: Outbound, bot_id: int, wait_s: float = WAIT_FOR_LINK_S) -> None:
        self._core, self._outbound, self._bot_id, self._wait_s = core, outbound, bot_id, wait_s
        self._standings = Standings(core, outbound, bot_id)
        self._talk = TopicTalk(core, outbound)

    async def takes(self, update: Update) -> bool:
        """Whether this came from a group, or is about where the bot is; then it is done. Raises `Unavailable`."""
        query = update.callback_query
        about: Message | ChatMemberUpdated | None = update.message or update.edited_message or update.my_chat_member
        chat = about.chat if about else query.message.chat if query and query.message else None
        if chat is None or (chat.type not in GROUPS and not update.my_chat_member):
            return False
        try:
            if chat.type in GROUPS:
                await self._take(update)
        except ChatClosed:
            log.info("group %s takes no answer", chat.id)
        except Unavailable:
            raise
        except ProductError as error:
            log.info("group %s was told: %s %s", chat.id, error.code, error.facts)
            await self._say(chat.id, self._core.texts.explain(await self._locale(chat.id), error))
        except Exception:  # whoever wrote must not believe that it went to the customer
            log.exception("what came from group %s could not be handled", chat.id)
            await self._say(chat.id, self._core.texts.say(await self._locale(chat.id), "error-unexpected"))
        return True

    async def _take(self, update: Update) -> None:
        if update.my_chat_member:
            await self._take_standing(update.my_chat_member)
        elif update.callback_query:
            await self._take_press(update.callback_query)
        elif update.message:
            await self._take_message(update.message)
        elif update.edited_message:
            group = await group_in(update.edited_message.chat.id, self._bot_id)
            if group:
                await self._talk.take_edit(group, update.edited_message)

    async def _take_message(self, message: Message) -> None:
        self._outbound.reopen(message.chat.id)
        if message.migrate_to_chat_id:
            await self._move(message.chat.id, message.migrate_to_chat_id)
            return
        if token := _START.fullmatch(message.text or ""):
            await self._link(message, token.group(1))
            return
        if group := await group_in(message.chat.id, self._bot_id):
            await self._talk.take_message(group, message)

    async def _link(self, message: Message, token: str) -> None:
        """Raises `GroupLinkOver`, `GroupTaken`, `Refused`, `NotFound`."""
        person = message.from_user
        if message.sender_chat or person is None or person.is_bot:
            await self._say(message.chat.id, self._core.texts.say(await self._locale(message.chat.id), "group-hidden"))
            return
        user = await User.get_or_none(telegram_id=person.id)
        if user is None:
            raise NotFound(what="link")
        await remember_name(user.id, person.full_name)
        title = message.chat.title or ""
        group = await link_group(user.id, self._bot_id, token, message.chat.id, title, user.locale)
        business = (await Tenant.get(id=group.tenant_id)).name
        await self._say(message.chat.id, self._core.texts.say(group.locale, "group-linked", business=business))
        await self._standings.look(group, say=True)

    async def _move(self, chat_id: int, new_chat_id: int) -> None:
        if await move_group(self._bot_id, chat_id, new_chat_id) and (
            group := await group_in(new_chat_id, self._bot_id)
        ):
            log.info("group %s is %s now", chat_id, new_chat_id)
            await self._standings.look(group)

    async def _take_standing(self, update: ChatMemberUpdated) -> None:
        """Added, promoted, demoted, put out."""
        chat, now = update.chat, update.new_chat_member.status
        if now in _GONE:
            await lose_group(self._bot_id, chat.id)
            return
        self._outbound.reopen(chat.id)
        if group := await group_in(chat.id, self._bot_id):
            await self._standings.look(group)
        elif update.old_chat_member.status in _GONE:
            spoken = (update.from_user.language_code or "").partition("-")[0]
            locale = spoken if spoken in LOCALES else LOCALES[0]
            self._core.background.start(self._tell_how_to_link(chat.id, locale), f"welcome in {chat.id}")

    async def _tell_how_to_link(self, chat_id: int, locale: str) -> None:
        await asyncio.sleep(self._wait_s)
        if await group_in(chat_id, self._bot_id) is None:
            try:
                await self._say(chat_id, self._core.texts.say(locale, "group-how-to-link"))
            except (ChatClosed, Unavailable):
                log.info("group %s could not be told how to be linked", chat_id)

    async def _take_press(self, query: CallbackQuery) -> None:
        message = query.message
        group = await group_in(message.chat.id, self._bot_id) if message else None
        try:
            press = Press.unpack(query.data or "")
        except (TypeError, ValueError):
            press = Press(do="")
        if group is None:
            alert = self._core.texts.say(LOCALES[0], "group-how-to-link")
            await self._outbound.answer_button(query.id, alert)
        elif press.do == "group.check":
            await self._check(group, query)
        else:
            await self._talk.take_press(group, query, press)

    async def _check(self, group: PeopleGroup, query: CallbackQuery) -> None:
        """Whoever works there may ask."""
        user = await User.get_or_none(telegram_id=query.from_user.id)
        try:
            await actor_of(user.id if user else group.id, group.tenant_id)
        except NotFound:
            alert = self._core.texts.say(group.locale, "topic-press-stranger", business=group.tenant.name)
            await self._outbound.answer_button(query.id, alert)
            return
        await self._outbound.answer_button(query.id)
        await self._standings.look(group, say=True)

    async def _locale(self, chat_id: int) -> str:
        group = await group_in(chat_id, self._bot_id)
        return group.locale if group else LOCALES[0]

    async def _say(self, chat_id: int, text: str) -> None:
        await self._outbound.send(Place(chat_id), Rich(text))
