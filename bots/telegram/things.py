"""What a customer sends beside words while a person talks to him, or is awaited: it goes to that person.

The file is fetched by this bot, because its id says nothing to another, and is written down before its turn, so that
whoever passes the turn on finds it. Refuses to know who the person is and where he reads.
"""

from dataclasses import replace
from uuid import UUID

from aiogram.types import Message

from core.app import Core
from core.attachments import MOST_A_DAY, attachment_of, keep, new_place, sent_today
from core.models import Assistant
from core.telegram.files import TELEGRAM_LIMIT, FileLost, FileTooBig, fetch_file, thing_in


def turn_of(core: Core, assistant: Assistant, message: Message, words: str) -> str:
    """What the person reads of it, and what stays in the conversation: in the assistant's language."""
    received, contact = thing_in(message), message.contact
    if received:
        return replace(received.thing, caption=words).in_words(core.texts, assistant.locale)
    if contact:
        who = f"{contact.first_name} {contact.last_name or ''}".strip()
        return core.texts.say(assistant.locale, "sent-contact", who=who, phone=contact.phone_number)
    return f"{core.texts.say(assistant.locale, 'sent-other')} {words}".rstrip()


async def pass_on(core: Core, assistant: Assistant, message: Message, turn_id: UUID, source: str, key: str) -> str:
    """Fetch it and write it down, once. The key of the sentence that says why it was not; empty when it was."""
    received = thing_in(message)
    if message.contact:
        return ""
    if received is None:
        return "customer-thing-unknown"
    if await attachment_of(turn_id):
        return ""
    if received.size > TELEGRAM_LIMIT:
        return "customer-file-too-big"
    if await sent_today(assistant.id, source, key) + received.size > MOST_A_DAY:
        return "customer-files-enough"
    place = new_place(core.settings) if received.file_id else None
    try:
        if place:
            await fetch_file(message.bot, received.file_id, received.size, place)
    except FileTooBig:
        return "customer-file-too-big"
    except FileLost:
        return "customer-file-lost"
    await keep(assistant.id, turn_id, received.thing, place)
    return ""
