"""Whom a conversation is with, as a key of his contact, and where to write to him. Refuses to know what is said.

`5` is a person in private, `-100:5` the same in a group, `-100` and `-100:t7` a group and a topic of it whose people
share a conversation.
"""

from aiogram.types import InaccessibleMessage, Message, User

from core.models import Channel
from core.telegram.outbound import Place


def contact_key(channel: Channel, message: Message, customer: User) -> str:
    """Whose conversation a message belongs to, by the channel's setting."""
    return person_key(message, customer)


def person_key(message: Message | InaccessibleMessage, customer: User) -> str:
    """Who wrote it; in a group, the person in that group."""
    return str(customer.id) if message.chat.type == "private" else f"{message.chat.id}:{customer.id}"


def place_of(key: str) -> Place:
    chat, _, _ = key.partition(":")
    return Place(int(chat))


def thread_of(message: Message | InaccessibleMessage) -> int | None:
    """The topic that it stands in."""
    return message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
