"""Whom a conversation is with, as a key of his contact, and where to write to him. Refuses to know what is said.

`5` is a person in private, `-100:5` the same in a group, `-100` and `-100:t7` a group and a topic of it whose people
share a conversation. `business:link:5` is the person in a chat of somebody's own account.
"""

from aiogram.types import InaccessibleMessage, Message, User

from core.channels import TOGETHER, groups_of
from core.models import Channel
from core.telegram.outbound import Place

_TOPIC, _BUSINESS = "t", "business:"


def contact_key(channel: Channel, message: Message, customer: User) -> str:
    """Whose conversation a message belongs to, by the channel's setting."""
    if not is_shared(channel, message):
        return person_key(message, customer)
    thread = thread_of(message)
    return f"{message.chat.id}:{_TOPIC}{thread}" if thread else str(message.chat.id)


def contact_name(channel: Channel, message: Message, customer: User) -> str:
    return (message.chat.title or "") if is_shared(channel, message) else customer.full_name


def is_shared(channel: Channel, message: Message | InaccessibleMessage) -> bool:
    """Whether all who write there share a conversation."""
    return message.chat.type != "private" and groups_of(channel) == TOGETHER


def person_key(message: Message | InaccessibleMessage, customer: User) -> str:
    """Who wrote it; in a group, the person in that group; in a chat of somebody's own account, the person there."""
    if isinstance(message, Message) and message.business_connection_id:
        return business_key(message.business_connection_id, customer.id)
    return str(customer.id) if message.chat.type == "private" else f"{message.chat.id}:{customer.id}"


def business_key(link: str, person: int) -> str:
    return f"{_BUSINESS}{link}:{person}"


def place_under(message: Message) -> Place:
    """Where its answer stands: in its topic, in a group under it."""
    reply_to = message.message_id if message.chat.type != "private" else None
    return Place(message.chat.id, thread_of(message), reply_to, message.business_connection_id)


def place_of(key: str) -> Place:
    """Where a person's words go."""
    if key.startswith(_BUSINESS):
        link, _, person = key.removeprefix(_BUSINESS).rpartition(":")
        return Place(int(person), business=link)
    chat, _, rest = key.partition(":")
    return Place(int(chat), int(rest.removeprefix(_TOPIC)) if rest.startswith(_TOPIC) else None)


def thread_of(message: Message | InaccessibleMessage) -> int | None:
    """The topic that it stands in."""
    return message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
