"""What people write to a channel's customers, sent in their order, each once; the rest after a restart.

A message counts as sent when it is written down after the platform took it. A customer who cannot be reached does not
hold up the others, and whoever wrote to him sees that. Refuses to know platforms, and who may write.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from core.app import Core
from core.attachments import attachment_of
from core.attempts import AGAIN_S, until_the_database_is_back
from core.background import unbroken
from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.lanes import Following, Lanes
from core.models import Attachment, Author, Channel, Message
from core.operators import (
    begins_talk,
    is_undelivered,
    language_of_customer,
    note_delivered,
    note_lost,
    undelivered,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
EVERY_S = 1.0

Send = Callable[[Message, str, Attachment | None], Awaitable[None]]
"""Sends a message, with these words, and its file if it has one. `Unavailable` means "try again later"."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a channel's customers are reached. `source` names the channel as contacts know it; `lost`, what `send` raises
    when a message will never get there, with the reason that is noted."""

    source: str
    send: Send
    lost: Mapping[type[Exception], str]


@asynccontextmanager
async def people_heard(core: Core, channel: Channel, way: Way) -> AsyncIterator[None]:
    """While the body runs, this channel's customers read what people write to them."""
    delivering = core.background.start(_deliver_for_ever(core, channel, way), f"people of {channel.id}")
    try:
        yield
    finally:
        delivering.cancel()
        await asyncio.wait({delivering})


async def _deliver_for_ever(core: Core, channel: Channel, way: Way) -> None:
    """Look for what is to be sent, until cancelled; one customer's messages wait for one another, no other's."""
    held: set[UUID] = set()

    async def send(message: Message, _following: Following[Message]) -> None:
        try:
            await _deliver(core, way, message)
        except Exception:  # a fault of ours: the others must not wait for it
            log.exception("channel %s: message %s could not be sent", channel.id, message.id)
            await asyncio.sleep(AGAIN_S)
        finally:
            held.discard(message.id)

    lanes: Lanes[Message] = Lanes(core.background, send)
    try:
        while True:
            try:
                waiting = await undelivered(channel.assistant_id, way.source)
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


async def _deliver(core: Core, way: Way, message: Message) -> None:
    """To its end, however long the platform or the database is away, unless it is taken back meanwhile."""
    file = await until_the_database_is_back(partial(attachment_of, message.id), f"message {message.id}")
    text = await until_the_database_is_back(partial(_in_words, core, message, file), f"message {message.id}")
    while await until_the_database_is_back(partial(is_undelivered, message), f"message {message.id}"):
        try:
            await unbroken(_send_and_note(way, message, text, file))
            return
        except tuple(way.lost) as refusal:
            log.warning("what a person wrote did not reach its customer: %s", type(refusal).__name__)
            lost = next(reason for kind, reason in way.lost.items() if isinstance(refusal, kind))
            await until_the_database_is_back(partial(note_lost, message, lost), f"message {message.id}")
            return
        except Unavailable as error:
            log.warning("what a person wrote was not taken yet: %s", error.facts)
            await asyncio.sleep(AGAIN_S)


async def _send_and_note(way: Way, message: Message, text: str, file: Attachment | None) -> None:
    await way.send(message, text, file)
    await until_the_database_is_back(partial(note_delivered, [message.id]), f"message {message.id}")


async def _in_words(core: Core, message: Message, file: Attachment | None) -> str:
    """His customer sees when it is no longer the assistant who writes. Below a file stand its own words."""
    text = file.caption if file else message.text
    if message.author != Author.OPERATOR or not await begins_talk(message):
        return text
    language = await language_of_customer(message.conversation_id)
    return f"{core.texts.say(language, 'customer-person-writes')}\n{text}".rstrip()
