"""What a Telegram message says to a bot: whether it is meant, who asks, in which words. Refuses to know answers."""

import re
from datetime import timedelta

from aiogram.types import Message, Update, User
from pydantic import ValidationError

from core.models import Assistant, Channel, ProcessedEvent
from core.texts import LOCALES

GROUPS = frozenset({"group", "supergroup"})
_ONE_WRITING = timedelta(seconds=2)
"""Telegram tells when a message was written to the whole second."""


def is_for_us(channel: Channel, message: Message) -> bool:
    """Everything in a private chat; in a group only what names the bot or replies to it."""
    if message.chat.type == "private":
        return True
    if message.chat.type not in GROUPS:
        return False
    replied = message.reply_to_message
    if replied and replied.from_user and str(replied.from_user.id) == channel.identity:
        return True
    return bool(_own_name(channel).search(message.text or message.caption or ""))


def question_in(channel: Channel, message: Message) -> str:
    """The message's words (or its picture's caption) without the bot's own name."""
    return _own_name(channel).sub("", message.text or message.caption or "").lstrip(" ,:\n").rstrip()


def _own_name(channel: Channel) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(channel.name)}\b", re.IGNORECASE)


def contact_key(message: Message, customer: User) -> str:
    """Who a conversation is with: the person; in a group, the person in that group."""
    return str(customer.id) if message.chat.type == "private" else f"{message.chat.id}:{customer.id}"


def customer_language(customer: User, assistant: Assistant | None) -> str:
    """For sentences that answer no words: the language of his Telegram, or else of the assistant."""
    chosen = (customer.language_code or "").partition("-")[0]
    if chosen in LOCALES:
        return chosen
    return assistant.locale if assistant else LOCALES[0]


def may_go_on(message: Message) -> bool:
    """Words alone, in a private chat: in a group, who calls the bot by its name says it all at once."""
    return message.chat.type == "private" and bool(message.text) and not (message.text or "").startswith("/")


def words_that_join(before: ProcessedEvent, event: ProcessedEvent) -> str:
    """What a message adds to the one before it; nothing when it does not go on with it."""
    try:
        last, message = (Update.model_validate(one.payload).message for one in (before, event))
    except ValidationError:
        return ""
    if last is None or message is None or message.date - last.date > _ONE_WRITING or not may_go_on(message):
        return ""
    return (message.text or "").strip()
