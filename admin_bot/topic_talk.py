"""What people do in a customer's topic: whatever a member writes there goes to the customer, files too.

He takes the conversation by writing. What begins with "//" stays among colleagues. Who is no member of the business
reaches nobody, and is told so once. Changes of state are told by admin_bot/topic_notices.py, whoever made them.
"""

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from aiogram.types import CallbackQuery, Message, User

from admin_bot.group_words import one_button
from admin_bot.keyboards import Press
from admin_bot.passing_on import LIMIT_MB, is_meant, pass_on
from admin_bot.people_words import name_of
from core.app import Core
from core.errors import ConversationTaken, NotFound, ProductError
from core.models import Conversation, PeopleGroup, PeopleTopic, Role
from core.models import Message as Turn
from core.models import User as Member
from core.operators import (
    close_conversation,
    leave_conversation,
    name_of_holder,
    take_conversation,
    take_over,
    works_there,
)
from core.people_group import tell_once as tell_group_once
from core.people_topics import follow_again, note_turns, tell_once, topic_in, turn_written_in
from core.profiles import remember_name
from core.telegram.formatting import Rich
from core.telegram.outbound import Buttons, Outbound, Place
from core.tenancy import Actor, actor_with_conversation

log = logging.getLogger(__name__)
NOTE = "//"
"""What begins so stays in the group."""


class TopicTalk:
    """In all topics of one admin bot."""

    def __init__(self, core: Core, outbound: Outbound) -> None:
        self._core, self._outbound = core, outbound
        self._pressed: dict[str, Callable[[Actor, PeopleTopic], Awaitable[None]]] = {
            "topic.take": self._take,
            "topic.close": self._close,
            "topic.dismiss": self._dismiss,
            "topic.leave": self._leave,
            "topic.over": self._take_over,
        }

    async def take_message(self, group: PeopleGroup, message: Message) -> None:
        """To the customer of this topic, if it is one and its author works there."""
        if not is_meant(message) or (message.text or message.caption or "").startswith(NOTE):
            return
        topic = await topic_in(group, message.message_thread_id or 0) if message.is_topic_message else None
        actor = await self._author(group, topic, message) if topic else None
        if topic is None or actor is None:
            return
        try:
            await self._pass_on(actor, topic, message)
        except ConversationTaken:
            await self._say_who_has_it(actor, topic, message)
        except ProductError as error:
            await self._answer(message, self._core.texts.explain(group.locale, error))

    async def _pass_on(self, actor: Actor, topic: PeopleTopic, message: Message) -> None:
        """Raises what `reply_to_customer` does, and `FilesNotTaken`."""
        turn = turn_written_in(topic, message.message_id)
        await note_turns(topic, [turn])  # before: it need not be brought where it stands
        if problem := await pass_on(self._core, actor, topic.conversation, message, turn):
            await self._answer(message, self._say(topic, problem, limit=LIMIT_MB))
        else:
            await follow_again(topic)

    async def take_edit(self, group: PeopleGroup, message: Message) -> None:
        """A changed message: what was sent stays as it was, and that is said, once a message."""
        topic = await topic_in(group, message.message_thread_id or 0) if message.is_topic_message else None
        if topic is None:
            return
        turn = turn_written_in(topic, message.message_id)
        if await Turn.exists(id=turn) and await tell_once(topic, f"edited:{turn}"):
            await self._answer(message, self._say(topic, "topic-edited"))

    async def take_press(self, group: PeopleGroup, query: CallbackQuery, press: Press) -> None:
        """A button below something in a topic. Whatever comes of it, its presser is answered."""
        alert = ""
        try:
            user = await self._member(query.from_user)
            actor, conversation = await actor_with_conversation(user, press.id)
            topic = await PeopleTopic.get_or_none(group_id=group.id, contact_id=conversation.contact_id)
            if topic is None or press.do not in self._pressed or conversation.assistant.tenant_id != group.tenant_id:
                raise NotFound(what="topic")
            topic.group, topic.contact, topic.conversation = group, conversation.contact, conversation
            await self._pressed[press.do](actor, topic)
            await follow_again(topic)
        except NotFound:
            known = await works_there(group.tenant_id, telegram_id=query.from_user.id)
            key = "group-old-button" if known else "topic-press-stranger"
            alert = self._core.texts.say(group.locale, key, business=group.tenant.name)
        except ConversationTaken as error:
            alert = self._core.texts.say(group.locale, "topic-taken-alert", name=str(error.facts["who"]))
        except ProductError as error:
            alert = self._core.texts.explain(group.locale, error)
        await self._outbound.answer_button(query.id, alert)

    async def _take(self, actor: Actor, topic: PeopleTopic) -> None:
        await take_conversation(actor, topic.conversation)

    async def _take_over(self, actor: Actor, topic: PeopleTopic) -> None:
        await take_over(actor, topic.conversation)

    async def _close(self, actor: Actor, topic: PeopleTopic) -> None:
        """Where nobody has answered yet, not by one tap."""
        if topic.conversation.state != "waiting":
            await self._dismiss(actor, topic)
            return
        group = topic.group
        who = name_of(self._core, group.locale, topic.conversation)
        said = self._core.texts.say(group.locale, "admin-people-close-unanswered", who=who)
        button = one_button(self._core, group.locale, "button-people-dismiss", "topic.dismiss", topic.conversation.id)
        await self._outbound.send(Place(group.chat_id, topic.thread_id), Rich(said), button)

    async def _dismiss(self, actor: Actor, topic: PeopleTopic) -> None:
        await close_conversation(self._core, actor, topic.conversation)

    async def _leave(self, actor: Actor, topic: PeopleTopic) -> None:
        if not await leave_conversation(actor, topic.conversation) and topic.conversation.state == "person":
            raise ConversationTaken(who=await name_of_holder(topic.conversation))

    async def _author(self, group: PeopleGroup, topic: PeopleTopic, message: Message) -> Actor | None:
        """None for a stranger, and for somebody who hides who he is: told once, and what to do."""
        if message.sender_chat:
            if await tell_group_once(group, f"anonymous:{topic.id}"):
                await self._answer(message, self._say(topic, "topic-anonymous"))
            return None
        person = message.from_user
        if person is None or person.is_bot:
            return None
        try:
            actor, _ = await actor_with_conversation(await self._member(person), topic.conversation_id)
        except NotFound:
            if await tell_group_once(group, f"stranger:{person.id}"):
                facts = {"name": person.full_name, "business": group.tenant.name}
                await self._answer(message, self._say(topic, "topic-stranger", **facts))
            return None
        return actor

    async def _member(self, person: User) -> UUID:
        """Raises `NotFound` for somebody who has never written to the bot."""
        user = await Member.get_or_none(telegram_id=person.id)
        if user is None:
            raise NotFound(what="user")
        await remember_name(user.id, person.full_name)
        return user.id

    async def _say_who_has_it(self, actor: Actor, topic: PeopleTopic, message: Message) -> None:
        """Once for each colleague who has it."""
        conversation = await Conversation.get(id=topic.conversation_id)
        if not await tell_once(topic, f"taken:{actor.user_id}:{conversation.taken_by}:{conversation.taken_at}"):
            return
        name, group = await name_of_holder(conversation), topic.group
        if actor.may(Role.MANAGER):
            button = one_button(self._core, group.locale, "button-topic-over", "topic.over", conversation.id)
            await self._answer(message, self._say(topic, "topic-taken-take-over", name=name), button)
        else:
            await self._answer(message, self._say(topic, "topic-taken-by-other", name=name))

    def _say(self, topic: PeopleTopic, key: str, **facts: str | int) -> str:
        return self._core.texts.say(topic.group.locale, key, **facts)

    async def _answer(self, message: Message, text: str, buttons: Buttons | None = None) -> None:
        """Under what he wrote."""
        place = Place(message.chat.id, message.message_thread_id, message.message_id)
        await self._outbound.send(place, Rich(text), buttons)
