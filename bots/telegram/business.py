"""A bot that answers in the chats of somebody's own account (Telegram's business connections).

It answers where the connection allows it. What the account's owner writes there himself is a person's turn: the
assistant is silent in that chat until he has left it alone for the quiet time. Connections are rows of `bot_states`; of
one that is not known Telegram is asked. https://core.telegram.org/bots/api#businessconnection
"""

from typing import Any

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import GetBusinessConnection
from aiogram.types import BusinessConnection, Message, User

from bots.telegram.desk import Desk
from bots.telegram.keys import business_key
from bots.telegram.reading import question_in
from bots.telegram.things import turn_of
from core.messages import Incoming
from core.models import Assistant, BotState, ProcessedEvent
from core.own_words import note_own_words
from core.telegram.outbound import ChatClosed


async def note_connection(desk: Desk, connection: BusinessConnection) -> dict[str, Any]:
    """As Telegram tells of it: made, changed, or ended."""
    rights = connection.rights
    allowed = bool(connection.is_enabled and rights and rights.can_reply)
    data = {"owner": connection.user.id, "may_answer": allowed}
    await BotState.update_or_create(key=_key(desk, connection.id), defaults={"data": data})
    return data


async def may_answer(desk: Desk, event: ProcessedEvent, message: Message, writer: User) -> bool:
    """Whether a message of such a chat is a customer's and may be answered; the owner's own is noted. Raises
    `Unavailable`."""
    connection = await _connection(desk, message)
    if connection is None or message.sender_business_bot:
        return False
    if writer.id != connection["owner"]:
        return bool(connection["may_answer"])
    assistant = await Assistant.get(id=desk.channel.assistant_id)
    words = question_in(desk.channel, message)
    text = words if message.text else turn_of(desk.core, assistant, message, words)
    key = business_key(message.business_connection_id or "", message.chat.id)
    customer = Incoming(assistant.id, desk.source, key, text, message.chat.full_name, question_id=event.id)
    await note_own_words(customer)
    return False


async def _connection(desk: Desk, message: Message) -> dict[str, Any] | None:
    link = message.business_connection_id or ""
    if known := await BotState.get_or_none(key=_key(desk, link)):
        return dict(known.data)
    try:
        asked = GetBusinessConnection(business_connection_id=link)
        return await note_connection(desk, await desk.outbound.do(asked, message.chat.id, paced=False))
    except (ChatClosed, TelegramBadRequest):
        return None


def _key(desk: Desk, link: str) -> str:
    return f"business:{desk.channel.id}:{link}"[:160]
