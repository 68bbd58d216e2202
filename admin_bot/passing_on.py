"""What somebody of a business has written in Telegram goes to his customer: words, and files up to Telegram's limit.

A file is fetched here, because its id says nothing to the customer's bot, and kept until that bot has sent it.
"""

import asyncio
from uuid import UUID

from aiogram.types import Message

from core.app import Core
from core.attachments import must_take_files, new_place, send_file_to_customer
from core.errors import ProductError
from core.models import Conversation
from core.models import Message as Turn
from core.operators import reply_to_customer
from core.settings import MEGABYTE
from core.telegram.files import TELEGRAM_LIMIT, FileLost, FileTooBig, Received, fetch_file, thing_in
from core.tenancy import Actor

LIMIT_MB = TELEGRAM_LIMIT // MEGABYTE
_NOT_PASSED = frozenset(("contact", "poll", "dice", "story", "game", "invoice", "checklist", "paid_media"))
"""What people send and no customer can be given; what is neither this nor words nor a file is Telegram's own."""


def is_meant(message: Message) -> bool:
    """Whether somebody says something with it."""
    return bool(message.text or thing_in(message) or message.content_type in _NOT_PASSED)


async def pass_on(core: Core, actor: Actor, conversation: Conversation, message: Message, turn: UUID) -> str:
    """The key of the sentence that says why it was not sent, with its fact `limit`; empty when it was.

    The same `turn` again is harmless. Raises what `reply_to_customer` does, and `FilesNotTaken`.
    """
    received = thing_in(message)
    if received:
        return await _pass_file_on(core, actor, conversation, message, received, turn)
    if not message.text:
        return "people-not-passed"
    await reply_to_customer(actor, conversation, message.text, turn)
    return ""


async def _pass_file_on(
    core: Core, actor: Actor, conversation: Conversation, message: Message, received: Received, turn: UUID
) -> str:
    await must_take_files(conversation)
    if await Turn.exists(id=turn):
        return ""
    place = new_place(core.settings) if received.file_id else None
    try:
        if place:
            await fetch_file(message.bot, received.file_id, received.size, place)
    except FileTooBig:
        return "people-file-too-big"
    except FileLost:
        return "people-file-lost"
    try:
        await send_file_to_customer(core, actor, conversation, received.thing, place, turn)
    except ProductError:
        if place:
            await asyncio.to_thread(place.unlink, missing_ok=True)
        raise
    return ""
