"""A business's group learns of the customers who wait: a topic for each, with what was said and what happens next.

What is sent is written down afterwards: a killed process may tell a thing twice, it loses nothing; reminders come once.
A topic that Telegram holds up holds up no other. Refuses to know what people write there (admin_bot/topic_talk.py).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup

from admin_bot.group_standing import Standings
from admin_bot.group_words import COLORS, buttons_of_talk, buttons_of_wait, title_of, turn_words, waiting_words
from admin_bot.people_words import name_of
from core.app import Core
from core.attachments import attachments_of, file_of
from core.errors import Unavailable
from core.lanes import Following, Lanes
from core.models import Attachment, Author, Conversation, ConversationState, HandoffReason, Message, PeopleTopic
from core.operators import LOST, NOT_TAKEN, name_of_holder, waiting_for_people
from core.people_group import RIGHT, TOPICS, groups_in_order, groups_to_look_at
from core.people_topics import (
    LAST_TURNS,
    claim_reminder,
    followed_topics,
    forget_thread,
    fresh,
    give_reminder_back,
    note,
    note_turns,
    open_topics,
    reminder_due,
    status_of,
    tell_once,
    untold_turns,
)
from core.telegram.formatting import Rich
from core.telegram.forum import (
    NoRight,
    TopicGone,
    TopicsOff,
    close_topic,
    create_topic,
    raise_known,
    rename_topic,
    reopen_topic,
    take_buttons_away,
)
from core.telegram.outbound import ChatClosed, Outbound, Place
from core.telegram.sending import FileRefused, send_attachment

log = logging.getLogger(__name__)
LONGEST_TOGETHER = 3500
"""Characters of turns that go in one message: a group takes twenty messages a minute."""
Work = tuple[UUID, Callable[[], Awaitable[None]]]


class TopicNotices:
    """All topics of one admin bot."""

    def __init__(self, core: Core, outbound: Outbound, bot_id: int, every_s: float) -> None:
        self._core, self._outbound, self._bot_id, self._every_s = core, outbound, bot_id, every_s
        self._standings = Standings(core, outbound, bot_id)
        self._lanes: Lanes[Work] = Lanes(core.background, self._do)
        self._begun: set[UUID] = set()

    async def run(self) -> None:
        """Look and tell until cancelled."""
        try:
            while True:
                try:
                    await self._look()
                except Exception:  # whoever waits would wait for ever
                    log.exception("the groups could not be looked at; looking again")
                await asyncio.sleep(self._every_s)
        finally:
            await self._lanes.close()

    async def _look(self) -> None:
        for group in await groups_to_look_at(self._bot_id):
            await self._begin_work(group.id, partial(self._standings.look, group))
        groups = await groups_in_order(self._bot_id)
        if groups:
            await open_topics(groups, await waiting_for_people())
        for topic in await followed_topics(groups):
            await self._begin_work(topic.id, partial(self._follow, topic))

    async def _begin_work(self, row_id: UUID, work: Callable[[], Awaitable[None]]) -> None:
        """Nothing is begun twice; a lane for each group and topic."""
        if row_id not in self._begun:
            self._begun.add(row_id)
            await self._lanes.put(row_id, (row_id, work))

    async def _do(self, item: Work, _following: Following[Work]) -> None:
        row_id, work = item
        try:
            await work()
        except Exception:  # one topic must not end the others
            log.exception("topic or group %s could not be followed; trying again", row_id)
        finally:
            self._begun.discard(row_id)

    async def _follow(self, seen: PeopleTopic) -> None:
        topic = await fresh(seen)
        if topic is None or not topic.is_open:
            return
        try:
            try:
                await self._bring(topic)
            except TelegramBadRequest as refusal:
                raise_known(refusal)
                raise
        except TopicGone:
            log.info("topic %s was deleted; making it anew", topic.thread_id)
            await forget_thread(topic)
        except TopicsOff:
            await self._standings.found(topic.group, TOPICS)
        except NoRight:
            await self._standings.found(topic.group, RIGHT)
        except ChatClosed:
            await self._standings.look(topic.group)

    async def _bring(self, topic: PeopleTopic) -> None:
        """Everything that the topic does not say yet."""
        conversation: Conversation = topic.conversation
        conversation.contact = topic.contact
        wanted = status_of(conversation)
        if topic.status in ("", wanted) and conversation.state == ConversationState.ASSISTANT:
            await note(topic, is_open=False)
            return
        await self._stand_ready(topic, conversation)
        if topic.status == "" or (topic.status != wanted and conversation.state == ConversationState.WAITING):
            await self._begin(topic, conversation, wanted)
        await self._turns(topic)
        if topic.status != wanted:
            await self._tell_status(topic, conversation, wanted)
        await self._tell_lost(topic, conversation)
        if conversation.state == ConversationState.WAITING:
            await self._remind(topic, conversation)

    async def _stand_ready(self, topic: PeopleTopic, conversation: Conversation) -> None:
        """Made, open, and called what it should be called."""
        chat, title = topic.group.chat_id, title_of(self._core, topic)
        if topic.thread_id is None:
            color = COLORS[HandoffReason(conversation.handoff_reason or HandoffReason.OWNER)]
            await note(topic, thread_id=await create_topic(self._outbound, chat, title, color), title=title)
            return
        if topic.status.startswith("assistant") and conversation.state != ConversationState.ASSISTANT:
            await reopen_topic(self._outbound, chat, topic.thread_id)
        if topic.title != title:
            await rename_topic(self._outbound, chat, topic.thread_id, title)
            await note(topic, title=title)

    async def _begin(self, topic: PeopleTopic, conversation: Conversation, wanted: str) -> None:
        """Who waits, why and since when, and what was said before."""
        core, group = self._core, topic.group
        turns = await untold_turns(topic)
        files = await attachments_of([turn.id for turn in turns[-LAST_TURNS:]])  # they follow by themselves
        said = [turn for turn in turns if turn.id not in files]
        lines = [waiting_words(core, group, conversation), *map(turn_words, said[-LAST_TURNS:])]
        waits = conversation.state == ConversationState.WAITING
        buttons = buttons_of_wait(core, group.locale, conversation.id) if waits else None
        before = topic.buttons_id
        shown = await self._send(topic, "\n\n".join(lines), buttons)
        values = {"status": wanted} if waits else {"status": "begun"}
        await note(topic, told_at=datetime.now(UTC), reminders=0, buttons_id=shown if waits else None, **values)
        await note_turns(topic, [turn.id for turn in said])
        if before:
            await take_buttons_away(self._outbound, group.chat_id, before)

    async def _turns(self, topic: PeopleTopic) -> None:
        """What was said since, in as few messages as it takes; files by themselves, each under its author's mark."""
        turns = await untold_turns(topic)
        files = await attachments_of([turn.id for turn in turns])
        together: list[Message] = []
        for turn in turns:
            if turn.id in files or sum(len(one.text) for one in together) + len(turn.text) > LONGEST_TOGETHER:
                await self._say_together(topic, together)
                together = []
            if turn.id in files:
                await self._show_file(topic, turn, files[turn.id])
            else:
                together.append(turn)
        await self._say_together(topic, together)

    async def _say_together(self, topic: PeopleTopic, turns: Sequence[Message]) -> None:
        if turns:
            await self._send(topic, "\n\n".join(map(turn_words, turns)))
            await note_turns(topic, [turn.id for turn in turns])

    async def _show_file(self, topic: PeopleTopic, turn: Message, row: Attachment) -> None:
        place = Place(topic.group.chat_id, topic.thread_id)
        file = await file_of(self._core.settings, row)
        try:
            await send_attachment(self._outbound, place, row, file, turn_words(turn))
        except FileRefused:
            await self._send(topic, turn_words(turn))
        await note_turns(topic, [turn.id])

    async def _tell_status(self, topic: PeopleTopic, conversation: Conversation, wanted: str) -> None:
        """A person has it now; or the assistant has it again, and the topic is closed."""
        core, group, say = self._core, topic.group, self._core.texts.say
        who = name_of(core, group.locale, conversation)
        before = topic.buttons_id
        if conversation.state == ConversationState.PERSON:
            said = say(group.locale, "topic-taken", who=who, name=await name_of_holder(conversation))
            shown = await self._send(topic, said, buttons_of_talk(core, group.locale, conversation.id))
            await note(topic, status=wanted, buttons_id=shown)
        else:
            closed, called = conversation.closed_at, conversation.handed_over_at
            by_person = bool(closed and (called is None or closed >= called))
            await self._send(topic, say(group.locale, "topic-closed" if by_person else "topic-lapsed", who=who))
            if topic.thread_id:
                await close_topic(self._outbound, group.chat_id, topic.thread_id)
            await note(topic, status=wanted, buttons_id=None, is_open=False)
        if before:
            await take_buttons_away(self._outbound, group.chat_id, before)

    async def _tell_lost(self, topic: PeopleTopic, conversation: Conversation) -> None:
        """What did not reach the customer, each once."""
        who = name_of(self._core, topic.group.locale, conversation)
        lost = Message.filter(conversation_id=conversation.id, author=Author.OPERATOR)
        lost = lost.filter(reason__in=LOST)
        if conversation.handed_over_at:
            lost = lost.filter(created_at__gt=conversation.handed_over_at)
        for turn in await lost.order_by("created_at"):
            if f"lost:{turn.id}" not in topic.told:
                key = "people-lost-file" if turn.reason == NOT_TAKEN else "admin-people-lost"
                await self._send(topic, self._core.texts.say(topic.group.locale, key, who=who))
                await tell_once(topic, f"lost:{turn.id}")

    async def _remind(self, topic: PeopleTopic, conversation: Conversation) -> None:
        number = reminder_due(topic)
        if not number or not await claim_reminder(topic, number):
            return
        core, locale, before = self._core, topic.group.locale, topic.buttons_id
        said = waiting_words(core, topic.group, conversation, "topic-still")
        try:
            shown = await self._send(topic, said, buttons_of_wait(core, locale, conversation.id))
        except Unavailable:
            await give_reminder_back(topic, number)
            raise
        await note(topic, buttons_id=shown)
        if before:
            await take_buttons_away(self._outbound, topic.group.chat_id, before)

    async def _send(self, topic: PeopleTopic, text: str, buttons: InlineKeyboardMarkup | None = None) -> int:
        return await self._outbound.send(Place(topic.group.chat_id, topic.thread_id), Rich(text), buttons)
