"""What a Telegram message says to a bot: whether it is meant, who asks, in which words. Refuses to know answers."""

import re
from dataclasses import dataclass
from datetime import timedelta

from aiogram.types import Message, Update, User
from pydantic import ValidationError

from core.models import Assistant, Channel, ProcessedEvent
from core.texts import LOCALES

GROUPS = frozenset({"group", "supergroup"})
ASK = "ask"
"""The command that a question follows."""
_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_ONE_WRITING = timedelta(seconds=2)
"""Telegram tells when a message was written to the whole second."""


@dataclass(frozen=True, slots=True)
class Command:
    """`/name words`, perhaps `/name@bot words`; `ours`: no other bot is named."""

    name: str
    words: str
    ours: bool


def writer_of(message: Message) -> User | None:
    """Who wrote it, with the channel or the group in whose name he did; None for bots, and for posts of a channel that
    Telegram forwards into its discussion."""
    if message.is_automatic_forward or message.via_bot:
        return None
    if message.sender_chat:
        name = message.sender_chat.title or message.sender_chat.username or ""
        return User(id=message.sender_chat.id, is_bot=False, first_name=name)
    return None if message.from_user is None or message.from_user.is_bot else message.from_user


def move_in(message: Message) -> tuple[int, int] | None:
    """Of a group that has become a supergroup: its old and its new number."""
    if message.migrate_to_chat_id:
        return message.chat.id, message.migrate_to_chat_id
    return (message.migrate_from_chat_id, message.chat.id) if message.migrate_from_chat_id else None


def is_for_us(channel: Channel, message: Message) -> bool:
    """Everything in a private chat; in a group only what names the bot, replies to it, or is its command."""
    if message.chat.type == "private":
        return True
    if message.chat.type not in GROUPS:
        return False
    command = command_in(channel, message)
    if command and not command.ours:
        return False
    replied = message.reply_to_message
    # What opens a topic is named as replied to by all that stands there.
    if replied and replied.from_user and not replied.forum_topic_created:
        is_reply = str(replied.from_user.id) == channel.identity
    else:
        is_reply = False
    named = bool(_own_name(channel).search(_words(message)))
    return is_reply or named or (command is not None and command.name == ASK)


def command_in(channel: Channel, message: Message) -> Command | None:
    found = _COMMAND.fullmatch(_without_name(channel, message))
    if found is None:
        return None
    return Command(found[1].lower(), (found[3] or "").strip(), found[2] is None)


def question_in(channel: Channel, message: Message) -> str:
    """The message's words (or its picture's caption) without the bot's own name, and without the command to ask."""
    command = command_in(channel, message)
    return command.words if command and command.name == ASK else _without_name(channel, message)


def _without_name(channel: Channel, message: Message) -> str:
    return _own_name(channel).sub("", _words(message)).lstrip(" ,:\n").rstrip()


def _words(message: Message) -> str:
    return message.text or message.caption or ""


def _own_name(channel: Channel) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(channel.name)}\b", re.IGNORECASE)


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
