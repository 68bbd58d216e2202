"""What people write to a bot's customers, sent in their order, each once; the rest after a restart.

A message counts as sent when it is written down after Telegram took it. A customer who has blocked the bot does not
hold up the others, and whoever wrote to him sees that. Refuses to know who may write.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from core.background import Background
from core.database import DATABASE_AWAY
from core.errors import Unavailable
from core.lanes import Following, Lanes
from core.models import Channel, Message
from core.operators import note_delivered, note_unreachable, undelivered
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place

log = logging.getLogger(__name__)
EVERY_S = 1.0
AGAIN_S = 5.0


@asynccontextmanager
async def people_heard(background: Background, channel: Channel, outbound: Outbound) -> AsyncIterator[None]:
    """While the body runs, this bot's customers read what people write to them."""
    delivering = background.start(_deliver_for_ever(background, channel, outbound), f"people of {channel.id}")
    try:
        yield
    finally:
        delivering.cancel()
        await asyncio.wait({delivering})


async def _deliver_for_ever(background: Background, channel: Channel, outbound: Outbound) -> None:
    """Look for what is to be sent, until cancelled; one customer's messages wait for one another, no other's."""
    held: set[UUID] = set()

    async def send(message: Message, _following: Following[Message]) -> None:
        try:
            await _deliver(outbound, message)
        finally:
            held.discard(message.id)

    lanes: Lanes[Message] = Lanes(background, send)
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


async def _deliver(outbound: Outbound, message: Message) -> None:
    """To its end, however long Telegram or the database is away."""
    chat, _, _ = message.conversation.contact.key.partition(":")
    note: Callable[[], Awaitable[None]] = partial(note_delivered, [message.id])
    while True:
        try:
            await outbound.send(Place(int(chat)), Rich(message.text))
            break
        except ChatClosed:
            log.info("chat %s does not take what a person wrote", chat)
            note = partial(note_unreachable, message)
            break
        except Unavailable as error:
            log.warning("what a person wrote was not taken in chat %s: %s", chat, error.facts)
            await asyncio.sleep(AGAIN_S)
    while True:
        try:
            await note()
            return
        except DATABASE_AWAY:
            log.exception("what was sent to chat %s could not be noted", chat)
            await asyncio.sleep(AGAIN_S)
