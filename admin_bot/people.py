"""An owner answers a customer himself: what he writes goes there, until he closes the conversation or leaves it.

What the customer writes meanwhile comes from admin_bot/notices.py.
"""

from datetime import UTC, datetime
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.types import Message

from admin_bot.keyboards import PAGE, Press, Row
from admin_bot.notices import TALKING, Answering, notices_key, talking_key
from admin_bot.people_words import facts_of_wait, last_turns, name_of
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from core.models import BotState, Conversation, ConversationState
from core.operators import close_conversation, count_lapsed, reply_to_customer, take_conversation, waiting_for_people
from core.tenancy import find_conversation


async def list_people(talk: Talk) -> None:
    """Who waits, longest first, and how many were left alone."""
    await talk.expect_nothing()
    waiting = (await waiting_for_people(talk.actor.tenant_id))[:PAGE]
    lines = [talk.words("admin-people-list" if waiting else "admin-people-none")]
    rows: list[Row] = []
    for number, conversation in enumerate(waiting, 1):
        facts = facts_of_wait(talk.core, talk.locale, conversation)
        lines.append(talk.words("admin-people-line", number=number, **facts))
        rows.append(
            [
                talk.button("button-people-answer-item", "people.take", conversation.id, number=number),
                talk.button("button-people-close-item", "people.close", conversation.id, number=number),
            ]
        )
    if lapsed := await count_lapsed(talk.actor.tenant_id):
        lines += ["", talk.words("admin-people-lapsed", count=lapsed)]
    await talk.show("\n".join(lines), *rows, [talk.button("button-menu", "menu")])


async def take(talk: Talk, press: Press) -> None:
    """From now on his texts go to this customer. Raises `ConversationTaken`."""
    conversation = await find_conversation(talk.actor, press.id)
    await take_conversation(talk.actor, conversation)
    await _forget_notice(talk, conversation)
    key = talking_key(talk.state.key.bot_id, conversation.id)
    now = datetime.now(UTC).isoformat()
    data = {
        "chat": talk.chat_id,
        "user": str(talk.user.id),
        "conversation": str(conversation.id),
        "locale": talk.locale,
        "after": now,
        "lost": now,
    }
    row, created = await BotState.get_or_create(key=key, defaults={"data": data})
    if not created and row.data["user"] != data["user"]:
        await BotState.filter(key=key).update(data=data)
    await talk.state.update_data({TALKING: str(conversation.id)})
    await talk.state.set_state(Answering.text)
    who = name_of(talk.core, talk.locale, conversation)
    text = f"{talk.words('admin-people-answering', who=who)}\n\n{await last_turns(conversation)}"
    await talk.show(text, _ways_out(talk, conversation))


async def send(talk: Talk, message: Message) -> None:
    """To the customer, if he is still this owner's. Raises `CustomerUnreachable`, `Invalid`."""
    chosen = (await talk.state.get_data()).get(TALKING)
    conversation = await find_conversation(talk.actor, UUID(chosen) if chosen else None)
    if conversation.state != ConversationState.PERSON or conversation.taken_by != talk.user.id:
        await talk.expect_nothing()
        who = name_of(talk.core, talk.locale, conversation)
        await talk.say(talk.words("admin-people-ended", who=who), [talk.button("button-menu", "menu")])
        return
    await reply_to_customer(talk.actor, conversation, message.text or "")


async def refuse_things(talk: Talk, _message: Message) -> None:
    """A photograph meant for a customer is no document to learn from."""
    await talk.say(talk.words("admin-people-text-only"))


async def close(talk: Talk, press: Press) -> None:
    """The assistant takes over again. Raises `ConversationTaken`."""
    conversation = await find_conversation(talk.actor, press.id)
    await close_conversation(talk.core, talk.actor, conversation)
    await _forget_notice(talk, conversation)
    await BotState.filter(key=talking_key(talk.state.key.bot_id, conversation.id)).delete()
    await _stop_writing(talk, conversation)
    who = name_of(talk.core, talk.locale, conversation)
    await talk.show(talk.words("admin-people-closed", who=who), [talk.button("button-menu", "menu")])


async def leave(talk: Talk, press: Press) -> None:
    conversation = await find_conversation(talk.actor, press.id)
    await _stop_writing(talk, conversation)
    who = name_of(talk.core, talk.locale, conversation)
    again = talk.button("button-people-answer", "people.take", conversation.id)
    done = talk.button("button-people-close", "people.close", conversation.id)
    await talk.show(talk.words("admin-people-left", who=who), [again, done], [talk.button("button-menu", "menu")])


async def _stop_writing(talk: Talk, conversation: Conversation) -> None:
    if (await talk.state.get_data()).get(TALKING) == str(conversation.id):
        await talk.state.update_data({TALKING: ""})
        await talk.expect_nothing()


async def _forget_notice(talk: Talk, conversation: Conversation) -> None:
    """His own: the message is about to say something else."""
    mine = BotState.filter(key__startswith=notices_key(talk.state.key.bot_id, conversation.id))
    await mine.filter(key__endswith=f":{talk.chat_id}").delete()


def _ways_out(talk: Talk, conversation: Conversation) -> Row:
    done = talk.button("button-people-close", "people.close", conversation.id)
    return [done, talk.button("button-people-leave", "people.leave", conversation.id)]


def setup() -> Router:
    router = Router(name="people")
    on_message(router, send, StateFilter(Answering.text), F.text)
    on_message(router, refuse_things, StateFilter(Answering.text))
    on_button(router, "people", list_people)
    on_press(router, "people.take", take)
    on_press(router, "people.close", close)
    on_press(router, "people.leave", leave)
    return router
