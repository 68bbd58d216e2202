"""Topics of a group with topics, and what a bot may do there. Refuses to know what they are for.

https://core.telegram.org/bots/api#createforumtopic
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiogram.exceptions import AiogramError, TelegramBadRequest
from aiogram.methods import (
    CloseForumTopic,
    CreateForumTopic,
    EditForumTopic,
    EditMessageReplyMarkup,
    GetChat,
    GetChatMember,
    ReopenForumTopic,
)

from core.errors import Unavailable
from core.telegram.outbound import ChatClosed, Outbound

LONGEST_TITLE = 128
BLUE, YELLOW, VIOLET, GREEN, ROSE, RED = 7322096, 16766590, 13338331, 9367192, 16749490, 16478047
"""The colours that Telegram has for a topic."""
_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid", "topic not found")
_NO_TOPICS = ("not a forum", "chat_forum_missing")
_NO_RIGHT = ("not enough rights", "chat_admin_required", "need administrator rights")
_AS_IT_WAS = "not_modified"


class TopicGone(Exception):
    """Somebody has deleted it."""


class TopicsOff(Exception):
    """The group has no topics, or not any more."""


class NoRight(Exception):
    """The bot may not manage topics there."""


class _AnyChat(GetChat):
    """Read as it comes: of the many fields that a library wants, a server of another version may lack some."""

    __returning__ = dict[str, Any]


class _AnyMember(GetChatMember):
    __returning__ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a bot stands in a chat. `chat_id` is its present number: a group may have become a supergroup."""

    chat_id: int
    title: str
    has_topics: bool
    may_manage: bool


async def standing_in(outbound: Outbound, chat_id: int, bot_id: int) -> Standing | None:
    """None when it is not there. Raises `Unavailable`."""
    outbound.reopen(chat_id)
    try:
        chat: Any = await outbound.do(_AnyChat(chat_id=chat_id), chat_id, paced=False)
        own: Any = await outbound.do(_AnyMember(chat_id=chat_id, user_id=bot_id), chat_id, paced=False)
    except (ChatClosed, TelegramBadRequest):
        return None
    if own.get("status") in ("left", "kicked"):
        return None
    may = own.get("status") == "administrator" and bool(own.get("can_manage_topics"))
    return Standing(int(chat.get("id", chat_id)), str(chat.get("title", "")), bool(chat.get("is_forum")), may)


async def create_topic(outbound: Outbound, chat_id: int, title: str, color: int) -> int:
    """Its thread. Raises `TopicsOff`, `NoRight`, `ChatClosed`, `Unavailable`."""
    try:
        made = await outbound.do(CreateForumTopic(chat_id=chat_id, name=title, icon_color=color), chat_id)
    except TelegramBadRequest as refusal:
        raise_known(refusal)
        raise Unavailable(part="Telegram", reason=refusal.message) from refusal
    return made.message_thread_id


async def reopen_topic(outbound: Outbound, chat_id: int, thread_id: int) -> None:
    """Raises `TopicGone` and as `create_topic`; one that is open is left as it is."""
    await _change(outbound, chat_id, ReopenForumTopic(chat_id=chat_id, message_thread_id=thread_id))


async def close_topic(outbound: Outbound, chat_id: int, thread_id: int) -> None:
    """Raises as `reopen_topic`."""
    await _change(outbound, chat_id, CloseForumTopic(chat_id=chat_id, message_thread_id=thread_id))


async def rename_topic(outbound: Outbound, chat_id: int, thread_id: int, title: str) -> None:
    """Raises as `reopen_topic`."""
    await _change(outbound, chat_id, EditForumTopic(chat_id=chat_id, message_thread_id=thread_id, name=title))


async def take_buttons_away(outbound: Outbound, chat_id: int, message_id: int) -> None:
    """Tried once: of no consequence when it fails, for old buttons say that they are old."""
    with suppress(AiogramError, ChatClosed, Unavailable):
        await outbound.do(EditMessageReplyMarkup(chat_id=chat_id, message_id=message_id), chat_id)


async def _change(
    outbound: Outbound, chat_id: int, method: ReopenForumTopic | CloseForumTopic | EditForumTopic
) -> None:
    try:
        await outbound.do(method, chat_id)
    except TelegramBadRequest as refusal:
        if _AS_IT_WAS in refusal.message.lower():
            return
        raise_known(refusal)
        raise Unavailable(part="Telegram", reason=refusal.message) from refusal


def raise_known(refusal: TelegramBadRequest) -> None:
    """What a refusal in a topic means; nothing is raised for what it does not say."""
    said = refusal.message.lower()
    for signs, error in ((_GONE, TopicGone), (_NO_TOPICS, TopicsOff), (_NO_RIGHT, NoRight)):
        if any(sign in said for sign in signs):
            raise error from refusal
