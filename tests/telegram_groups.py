"""Groups with topics and files of every kind, for the Bot API server of the tests: what Telegram does there.

Refusals are worded as the Bot API words them (tdlib/telegram-bot-api: "message thread not found", "not enough rights to
create a topic", "the chat is not a forum", TOPIC_NOT_MODIFIED).
"""

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

from lo_bot_api_emulator import ApiRefusal

_chats = itertools.count(1)
_messages = itertools.count(1)
FILES = {
    "sendPhoto": "photo",
    "sendDocument": "document",
    "sendVoice": "voice",
    "sendVideo": "video",
    "sendVideoNote": "video_note",
    "sendAnimation": "animation",
    "sendAudio": "audio",
    "sendSticker": "sticker",
}
TOPICS = {"createForumTopic", "closeForumTopic", "reopenForumTopic", "editForumTopic", "deleteForumTopic"}
OURS = TOPICS | {"getChat", "getChatMember", "sendLocation", "editMessageReplyMarkup"}


@dataclass
class Topic:
    thread_id: int
    name: str
    color: int
    is_closed: bool = False
    was_reopened: int = 0


@dataclass
class Sent:
    """A file as it stands in a chat."""

    token: str
    chat_id: int
    thread_id: int | None
    kind: str
    name: str
    data: bytes
    caption: str
    fields: dict[str, Any]


@dataclass
class Group:
    """A group and how one bot stands in it."""

    title: str = "Calls"
    has_topics: bool = True
    status: str = "administrator"
    may_manage: bool = True
    moved_to: int = 0
    chat_id: int = 0
    topics: dict[int, Topic] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chat_id = self.chat_id or -1_002_000_000_000 - next(_chats)

    @property
    def chat(self) -> dict[str, Any]:
        """As messages and updates name it."""
        kind = "supergroup" if str(self.chat_id).startswith("-100") else "group"
        forum = {"is_forum": True} if self.has_topics else {}
        return {"id": self.chat_id, "type": kind, "title": self.title, **forum}

    def full(self) -> dict[str, Any]:
        """https://core.telegram.org/bots/api#chatfullinfo: what is always there."""
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), True
        )
        return {**self.chat, "accent_color_id": 1, "max_reaction_count": 11, "accepted_gift_types": gifts}

    def member(self, bot: dict[str, Any]) -> dict[str, Any]:
        """https://core.telegram.org/bots/api#chatmember"""
        if self.status == "administrator":
            rights = dict.fromkeys(
                (
                    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_change_info"),
                    *("can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_invite_users"),
                    "can_send_welcome_messages",
                    *("can_post_stories", "can_edit_stories", "can_delete_stories"),
                ),
                False,
            )
            return {"status": "administrator", "user": bot, **rights, "can_manage_topics": self.may_manage}
        if self.status == "kicked":
            return {"status": "kicked", "user": bot, "until_date": 0}
        return {"status": self.status, "user": bot}


def topic_method(group: Group | None, method: str, fields: dict[str, Any]) -> Any:
    """One of `TOPICS`. Raises `ApiRefusal`."""
    if group is None:
        raise ApiRefusal("Bad Request: chat not found")
    must_be_there(group)
    if not group.has_topics:
        raise ApiRefusal("Bad Request: the chat is not a forum")
    if group.status != "administrator" or not group.may_manage:
        raise ApiRefusal("Bad Request: not enough rights to create a topic")
    if method == "createForumTopic":
        made = Topic(1000 + next(_messages), str(fields["name"]), int(fields.get("icon_color", 0)))
        group.topics[made.thread_id] = made
        return {"message_thread_id": made.thread_id, "name": made.name, "icon_color": made.color}
    topic = group.topics.get(int(fields["message_thread_id"]))
    if topic is None:
        raise ApiRefusal("Bad Request: TOPIC_ID_INVALID")
    if method == "editForumTopic":
        if fields.get("name") == topic.name:
            raise ApiRefusal("Bad Request: TOPIC_NOT_MODIFIED")
        topic.name = str(fields["name"])
    elif method == "deleteForumTopic":
        del group.topics[topic.thread_id]
    else:
        closes = method == "closeForumTopic"
        if topic.is_closed == closes:
            raise ApiRefusal("Bad Request: TOPIC_NOT_MODIFIED")
        topic.is_closed = closes
        topic.was_reopened += not closes
    return True


def must_be_there(group: Group) -> None:
    if group.moved_to:
        raise ApiRefusal(
            "Bad Request: group chat was upgraded to a supergroup chat", 400, {"migrate_to_chat_id": group.moved_to}
        )
    if group.status == "kicked":
        raise ApiRefusal("Forbidden: bot was kicked from the supergroup chat", 403)
    if group.status == "left":
        raise ApiRefusal("Forbidden: bot is not a member of the supergroup chat", 403)


def must_take(group: Group, fields: dict[str, Any]) -> None:
    """A message into the group, perhaps into one of its topics."""
    must_be_there(group)
    thread = fields.get("message_thread_id")
    if thread is not None and int(thread) not in group.topics:
        raise ApiRefusal("Bad Request: message thread not found")


def file_in(token: str, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Sent:
    """What a call sends; a file_id of another bot is refused as Telegram does. Raises `ApiRefusal`."""
    kind = FILES[method]
    named = str(fields.get(kind, "")).removeprefix("attach://")
    upload = uploads.get(named) or uploads.get(kind)
    if upload is None:
        raise ApiRefusal("Bad Request: wrong file identifier/HTTP URL specified")
    if not upload["data"]:
        raise ApiRefusal("Bad Request: file must be non-empty")
    caption = str(fields.get("caption") or "")
    if len(caption.encode("utf-16-le")) // 2 > 1024:
        raise ApiRefusal("Bad Request: message caption is too long")
    return Sent(
        token,
        int(fields["chat_id"]),
        int(fields["message_thread_id"]) if fields.get("message_thread_id") else None,
        kind,
        str(upload["filename"]),
        bytes(upload["data"]),
        caption,
        dict(fields),
    )


def buttons_in(fields: dict[str, Any]) -> list[dict[str, Any]]:
    markup = fields.get("reply_markup")
    given = json.loads(markup) if isinstance(markup, str) else markup or {}
    return [one for row in given.get("inline_keyboard", []) for one in row]


def sent_message(chat_id: int, message_id: int) -> dict[str, Any]:
    """The least of a message that Telegram answers with."""
    kind = "private" if chat_id > 0 else "supergroup"
    return {
        "message_id": message_id,
        "date": int(time.time()),
        "chat": {"id": chat_id, "type": kind},
        "from": {"id": 7, "is_bot": True, "first_name": "Fixture"},
    }
