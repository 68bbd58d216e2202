"""To which customer an owner writes, and which of his messages are about whom. Sends nothing.

He writes to one at a time, and goes on being in that conversation while he looks at something else: what he types there
goes to nobody before he has said to whom (`Answering.aside`).
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiogram.fsm.state import State, StatesGroup
from tortoise.transactions import in_transaction

from core.models import BotState, Conversation

TALKING = "talking_to"
"""Where an owner's data say to whom he writes."""
REMEMBERED = 100
"""Messages of a conversation that can be replied to."""


class Answering(StatesGroup):
    """What an owner types now goes to a customer; `aside`, it is asked whether it should."""

    text = State()
    aside = State()


def notices_key(bot_id: int, conversation_id: UUID) -> str:
    """How the keys of all notices of a conversation begin."""
    return f"people:{bot_id}:{conversation_id}:"


def talking_key(bot_id: int, conversation_id: UUID) -> str:
    """Of the row that says in whose chat a conversation is answered."""
    return f"talking:{bot_id}:{conversation_id}"


async def begin(bot_id: int, conversation: Conversation, chat: int, user: UUID, locale: str) -> None:
    """From now on what this customer writes comes into this chat; again changes nothing."""
    key, now = talking_key(bot_id, conversation.id), datetime.now(UTC).isoformat()
    data = {
        "chat": chat,
        "user": str(user),
        "conversation": str(conversation.id),
        "locale": locale,
        "after": now,
        "lost": now,
        "shown": [],
    }
    row, created = await BotState.get_or_create(key=key, defaults={"data": data})
    if not created and row.data["user"] != data["user"]:
        await BotState.filter(key=key).update(data=data)


async def end(bot_id: int, conversation: Conversation) -> None:
    await BotState.filter(key=talking_key(bot_id, conversation.id)).delete()


async def note_shown(row_id: UUID, message_id: int, **values: str) -> dict[str, Any]:
    """A message of this conversation stands in the owner's chat; the row's data after that."""
    async with in_transaction():
        row = await BotState.get(id=row_id)
        shown = [*row.data.get("shown", []), message_id][-REMEMBERED:]
        row.data = {**row.data, **values, "shown": shown}
        await row.save(update_fields=["data"])
    return dict(row.data)


async def conversation_shown_in(bot_id: int, chat: int, message_id: int) -> UUID | None:
    """Whom a message in an owner's chat is about."""
    for row in await BotState.filter(key__startswith=f"talking:{bot_id}:"):
        if row.data["chat"] == chat and message_id in row.data.get("shown", []):
            return UUID(row.data["conversation"])
    for row in await BotState.filter(key__startswith=f"people:{bot_id}:", key__endswith=f":{chat}"):
        if row.data.get("message") == message_id:
            return UUID(row.data["conversation"])
    return None
