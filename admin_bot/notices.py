"""Owners are told that a customer waits for a person, what he writes while they answer him, and what went on alone.

What was told is written down, a notice before it is sent: a killed process tells of nobody twice, and what it may have
swallowed comes as the reminder. One chat that Telegram holds up holds up no other. Refuses to know what is answered.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardButton

from admin_bot.keyboards import Row, button, keyboard
from admin_bot.news import news_of
from admin_bot.people_words import BELOW, facts_of_wait, known_of, last_turns, name_of
from admin_bot.talking import TALKING, Answering, note_shown, notices_key
from core.app import Core
from core.attachments import attachment_of, file_of
from core.errors import Unavailable
from core.lanes import Following, Lanes
from core.models import AuditEvent, Author, BotState, Conversation, ConversationState, Message, User
from core.news import FRESH, concerned_in_telegram, fresh_news
from core.operators import LOST, NOT_TAKEN, members_in_telegram, waiting_for_people, works_there
from core.people_group import tenants_in_groups
from core.policy import policy_of
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place
from core.telegram.sending import FileRefused, send_attachment

log = logging.getLogger(__name__)
REMIND_AFTER, REMIND_AGAIN_AFTER = timedelta(minutes=10), timedelta(minutes=60)
AT_ONCE = 20
_WAITING, _REMINDED, _REMINDED_AGAIN = "waiting", "reminded", "reminded again"
_REMINDERS = {_WAITING: (REMIND_AFTER, _REMINDED), _REMINDED: (REMIND_AGAIN_AFTER, _REMINDED_AGAIN)}
"""How long after the notice, and how that it came is written down."""
Work = tuple[str, Callable[[], Awaitable[None]]]
"""A name, so that nothing is begun twice, and what is to be done."""


class Notices:
    """All notices of one admin bot."""

    def __init__(self, core: Core, outbound: Outbound, bot_id: int, every_s: float) -> None:
        self._core, self._outbound, self._bot_id, self._every_s = core, outbound, bot_id, every_s
        self._lanes: Lanes[Work] = Lanes(core.background, self._do)
        self._begun: set[str] = set()
        self._told: set[UUID] = set()

    async def run(self) -> None:
        """Look and tell until cancelled."""
        try:
            while True:
                try:
                    await self._tell_of_waiting()
                    await self._follow_notices()
                    await self._pass_on()
                    await self._tell_news()
                except Exception:  # whoever waits would wait for ever
                    log.exception("who waits for a person could not be read; looking again")
                await asyncio.sleep(self._every_s)
        finally:
            await self._lanes.close()

    async def _tell_of_waiting(self) -> None:
        known = {row.key for row in await BotState.filter(key__startswith=f"people:{self._bot_id}:").only("key")}
        in_groups = await tenants_in_groups(self._bot_id)
        for conversation in await waiting_for_people():
            if conversation.assistant.tenant_id in in_groups:  # told there: admin_bot/topic_notices.py
                continue
            for user in await members_in_telegram(conversation.assistant.tenant_id):
                key = f"{notices_key(self._bot_id, conversation.id)}{_stamp(conversation)}:{user.telegram_id}"
                if key not in known:
                    await self._begin(user.telegram_id or 0, key, partial(self._tell, key, conversation, user))

    async def _tell(self, key: str, conversation: Conversation, user: User) -> None:
        text = await self._words("admin-people-waiting", user.locale, conversation)
        data = {"chat": user.telegram_id, "conversation": str(conversation.id), "locale": user.locale, "text": text}
        row, created = await BotState.get_or_create(key=key, defaults={"state": _WAITING, "data": data})
        if not created:
            return
        try:
            message_id = await self._send(data["chat"], text, self._choices(user.locale, conversation.id))
        except Unavailable:
            await row.delete()
            raise
        await BotState.filter(id=row.id).update(data={**data, "message": message_id})

    async def _follow_notices(self) -> None:
        """Reminds twice of who still waits; takes the buttons from under a notice that is over."""
        for row in await BotState.filter(key__startswith=f"people:{self._bot_id}:"):
            conversation = await Conversation.get_or_none(id=row.data["conversation"]).select_related(
                "contact", "assistant"
            )
            chat = int(row.data["chat"])
            if conversation is None or conversation.state != ConversationState.WAITING or not _is_of(row, conversation):
                await self._begin(chat, row.key, partial(self._end, row, conversation))
            elif _is_time_to_remind(row, conversation):
                await self._begin(chat, row.key, partial(self._remind, row, conversation))

    async def _remind(self, row: BotState, conversation: Conversation) -> None:
        if not await works_there(conversation.assistant.tenant_id, telegram_id=int(row.data["chat"])):
            await self._end(row, None)
            return
        if not await BotState.filter(id=row.id, state=row.state).update(state=_REMINDERS[row.state or _WAITING][1]):
            return
        locale = row.data["locale"]
        text = await self._words("admin-people-still", locale, conversation)
        try:
            await self._send(int(row.data["chat"]), text, self._choices(locale, conversation.id))
        except Unavailable:
            await BotState.filter(id=row.id).update(state=row.state)
            raise

    async def _end(self, row: BotState, conversation: Conversation | None) -> None:
        taken = conversation is not None and conversation.state == ConversationState.PERSON
        said = self._core.texts.say(row.data["locale"], "admin-people-taken" if taken else "admin-people-over")
        await row.delete()
        if message_id := row.data.get("message"):
            await self._outbound.edit(int(row.data["chat"]), message_id, Rich(f"{row.data['text']}\n\n{said}"))

    async def _pass_on(self) -> None:
        for row in await BotState.filter(key__startswith=f"talking:{self._bot_id}:"):
            await self._begin(int(row.data["chat"]), row.key, partial(self._pass_on_one, row))

    async def _pass_on_one(self, seen: BotState) -> None:
        """What a customer has written since, to whom it concerns; that he cannot be reached; that it is over."""
        row = await BotState.get_or_none(id=seen.id)
        if row is None:
            return
        data: dict[str, Any] = row.data
        conversation = await Conversation.get_or_none(id=data["conversation"]).select_related("contact", "assistant")
        if conversation is None:
            await row.delete()
            return
        who = name_of(self._core, data["locale"], conversation)
        rows = self._choices(data["locale"], conversation.id, BELOW)
        if not await works_there(conversation.assistant.tenant_id, id=data["user"]):
            await row.delete()
            return
        if await self._writes_to(data):
            rows = [rows[0][1:]]
        for cursor, key, turns in (
            ("after", "admin-people-customer", Message.filter(author=Author.CUSTOMER)),
            ("lost", "admin-people-lost", Message.filter(author=Author.OPERATOR, reason__in=LOST)),
        ):
            new = turns.filter(conversation_id=conversation.id, created_at__gt=datetime.fromisoformat(data[cursor]))
            for message in await new.order_by("created_at").limit(AT_ONCE):
                key = "people-lost-file" if message.reason == NOT_TAKEN else key
                said = self._say(data["locale"], key, who=who, text=message.text)
                shown = await self._bring(data["chat"], message, said, rows)
                data = await note_shown(row.id, shown, **{cursor: message.created_at.isoformat()})
        if conversation.state != ConversationState.PERSON or str(conversation.taken_by) != data["user"]:
            await row.delete()
            await self._send(data["chat"], self._say(data["locale"], "admin-people-ended", who=who), [])

    async def _bring(self, chat: int, message: Message, said: str, rows: Sequence[Row]) -> int:
        """With the file that came with it, if one did and is still here."""
        attached = await attachment_of(message.id) if message.author == Author.CUSTOMER else None
        if attached:
            file = await file_of(self._core.settings, attached)
            with suppress(FileRefused, TelegramBadRequest):
                return await send_attachment(self._outbound, Place(chat), attached, file, said, keyboard(rows))
        return await self._send(chat, said, rows)

    async def _tell_news(self) -> None:
        events = [event for event in await fresh_news() if event.id not in self._told]
        if not events:
            return
        rows = BotState.filter(key__startswith=f"news:{self._bot_id}:")
        await rows.filter(created_at__lt=datetime.now(UTC) - 2 * FRESH).delete()
        known = {row.key for row in await rows.only("key")}
        for event in events:
            keys = {
                f"news:{self._bot_id}:{event.id}:{user.telegram_id}": user
                for user in await concerned_in_telegram(event)
            }
            for key in keys.keys() - known:
                await self._begin(keys[key].telegram_id or 0, key, partial(self._tell_one, key, event, keys[key]))
            if keys.keys() <= known:
                self._told.add(event.id)

    async def _tell_one(self, key: str, event: AuditEvent, user: User) -> None:
        """Written down afterwards: what a killed process has told may come twice, it is never lost."""
        if await BotState.exists(key=key):
            return
        if news := await news_of(self._core, event, user.locale):
            with suppress(ChatClosed):
                await self._send(user.telegram_id or 0, *news)
        await BotState.create(key=key)

    async def _writes_to(self, data: dict[str, Any]) -> bool:
        """What this owner types now goes to the conversation of this row."""
        talk = await BotState.get_or_none(key=f"talk:{self._bot_id}:{data['chat']}:{data['chat']}")
        in_it = talk is not None and talk.data.get(TALKING) == data["conversation"]
        return bool(in_it and talk and talk.state == Answering.text.state)

    async def _words(self, key: str, locale: str, conversation: Conversation) -> str:
        said = self._say(locale, key, **facts_of_wait(self._core, locale, conversation))
        known = await known_of(self._core, locale, conversation.contact)
        return f"{said}\n\n{known}{await last_turns(conversation)}"

    def _say(self, locale: str, key: str, **facts: str) -> str:
        return self._core.texts.say(locale, key, **facts)

    def _choices(self, locale: str, conversation_id: UUID, page: int = 0) -> list[list[InlineKeyboardButton]]:
        say = self._say
        answer = button(say(locale, "button-people-answer"), "people.take", conversation_id, page)
        return [[answer, button(say(locale, "button-people-close"), "people.close", conversation_id, page)]]

    async def _send(self, chat: int, text: str, rows: Sequence[Row]) -> int:
        return await self._outbound.send(Place(chat), Rich(text), keyboard(rows))

    async def _begin(self, chat: int, name: str, work: Callable[[], Awaitable[None]]) -> None:
        if name not in self._begun:
            self._begun.add(name)
            await self._lanes.put(chat, (name, work))

    async def _do(self, item: Work, _following: Following[Work]) -> None:
        name, work = item
        try:
            await work()
        except ChatClosed:
            log.info("%s: the owner has closed the chat", name)
            await BotState.filter(key=name, key__startswith="talking:").delete()
        except Exception:  # one notice must not end the others
            log.exception("%s could not be told; trying again", name)
        finally:
            self._begun.discard(name)


def _stamp(conversation: Conversation) -> int:
    """Tells one wait of a conversation from the next."""
    return int(conversation.handed_over_at.timestamp() * 1000) if conversation.handed_over_at else 0


def _is_time_to_remind(row: BotState, conversation: Conversation) -> bool:
    """He was told long enough ago, not reminded since as often as he is, and somebody is there at this hour."""
    after = _REMINDERS.get(row.state or "")
    now, hours = datetime.now(UTC), policy_of(conversation.assistant).working_hours
    return after is not None and now - row.created_at > after[0] and (hours is None or hours.is_open(now))


def _is_of(row: BotState, conversation: Conversation) -> bool:
    """The notice is of this very wait."""
    return row.key.startswith(f"{notices_key(int(row.key.split(':')[1]), conversation.id)}{_stamp(conversation)}:")
