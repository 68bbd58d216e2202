"""What people write to a bot's customers, sent in their order, each once; the rest after a restart.

A message counts as sent when it is written down after Telegram took it. A customer who has blocked the bot does not
hold up the others, and whoever wrote to him sees that. Refuses to know who may write.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar
from uuid import UUID

from core.app import Core
from core.attachments import attachment_of, file_of
from core.background import unbroken
from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.lanes import Following, Lanes
from core.models import Attachment, Author, Channel, Message
from core.operators import (
    NOT_TAKEN,
    begins_talk,
    is_undelivered,
    language_of_customer,
    note_delivered,
    note_lost,
    undelivered,
)
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place
from core.telegram.sending import FileRefused, send_attachment

log = logging.getLogger(__name__)
T = TypeVar("T")
EVERY_S = 1.0
AGAIN_S = 5.0


@asynccontextmanager
async def people_heard(core: Core, channel: Channel, outbound: Outbound) -> AsyncIterator[None]:
    """While the body runs, this bot's customers read what people write to them."""
    delivering = core.background.start(_deliver_for_ever(core, channel, outbound), f"people of {channel.id}")
    try:
        yield
    finally:
        delivering.cancel()
        await asyncio.wait({delivering})


async def _deliver_for_ever(core: Core, channel: Channel, outbound: Outbound) -> None:
    """Look for what is to be sent, until cancelled; one customer's messages wait for one another, no other's."""
    held: set[UUID] = set()

    async def send(message: Message, _following: Following[Message]) -> None:
        try:
            await _deliver(core, outbound, message)
        finally:
            held.discard(message.id)

    lanes: Lanes[Message] = Lanes(core.background, send)
    source = f"telegram:{channel.identity}"
    try:
        while True:
            try:
                waiting = await undelivered(channel.assistant_id, source)
            except DATABASE_AWAY:
                log.exception("channel %s: what people wrote could not be read", channel.id)
                waiting = []
            for message in waiting:
                if message.id not in held:
                    held.add(message.id)
                    await lanes.put(message.conversation_id, message)
            await asyncio.sleep(EVERY_S)
    finally:
        await lanes.close()


async def _deliver(core: Core, outbound: Outbound, message: Message) -> None:
    """To its end, however long Telegram or the database is away, unless it is taken back meanwhile."""
    file = await _until_the_database_is_back(partial(attachment_of, message.id), message)
    text = await _until_the_database_is_back(partial(_in_words, core, message, file), message)
    chat, _, _ = message.conversation.contact.key.partition(":")
    note: Callable[[], Awaitable[None]] = partial(note_delivered, [message.id])
    while await _until_the_database_is_back(partial(is_undelivered, message), message):
        try:
            await unbroken(_send_and_note(core, outbound, Place(int(chat)), text, file, message))
            return
        except ChatClosed:
            log.info("chat %s does not take what a person wrote", chat)
            note = partial(note_lost, message)
            break
        except FileRefused:
            log.warning("chat %s does not take a file that a person sent", chat)
            note = partial(note_lost, message, NOT_TAKEN)
            break
        except Unavailable as error:
            log.warning("what a person wrote was not taken in chat %s: %s", chat, error.facts)
            await asyncio.sleep(AGAIN_S)
    await _until_the_database_is_back(note, message)


async def _send_and_note(
    core: Core, outbound: Outbound, place: Place, text: str, file: Attachment | None, message: Message
) -> None:
    await _send(core, outbound, place, text, file)
    await _until_the_database_is_back(partial(note_delivered, [message.id]), message)


async def _send(core: Core, outbound: Outbound, place: Place, text: str, file: Attachment | None) -> None:
    if file:
        await send_attachment(outbound, place, file, await file_of(core.settings, file), text)
    else:
        await outbound.send(place, Rich(text))


async def _in_words(core: Core, message: Message, file: Attachment | None) -> str:
    """His customer sees when it is no longer the assistant who writes. Below a file stand its own words."""
    text = file.caption if file else message.text
    if message.author != Author.OPERATOR or not await begins_talk(message):
        return text
    language = await language_of_customer(message.conversation_id)
    return f"{core.texts.say(language, 'customer-person-writes')}\n{text}".rstrip()


async def _until_the_database_is_back(ask: Callable[[], Awaitable[T]], message: Message) -> T:
    while True:
        try:
            return await ask()
        except DATABASE_AWAY:
            log.exception("message %s to a customer waits for the database", message.id)
            await asyncio.sleep(AGAIN_S)
