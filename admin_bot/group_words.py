"""What the bot says in a business's group, in the business's language, and the buttons below it."""

from datetime import datetime
from uuid import UUID

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from admin_bot.keyboards import Row, button, keyboard, shortened
from admin_bot.moments import moment_words
from admin_bot.people_words import MARKS, facts_of_wait, name_of
from core.app import Core
from core.models import Conversation, HandoffReason, Message, PeopleGroup, PeopleTopic
from core.people_group import RIGHT, TOPICS, WRITING
from core.telegram.forum import BLUE, GREEN, LONGEST_TITLE, RED, VIOLET, YELLOW

COLORS = {
    HandoffReason.ASKED: BLUE,
    HandoffReason.ANGRY: RED,
    HandoffReason.REPEATED_FAILURE: YELLOW,
    HandoffReason.FORBIDDEN_TOPIC: VIOLET,
    HandoffReason.OWNER: GREEN,
}
"""Of a new topic, by why its customer was handed over."""
_MISSING = {TOPICS: "group-missing-topics", RIGHT: "group-missing-right", WRITING: "group-missing-writing"}


def title_of(core: Core, topic: PeopleTopic) -> str:
    """The customer and, because a business may have several, the assistant."""
    conversation = topic.conversation
    conversation.contact = topic.contact
    who = name_of(core, topic.group.locale, conversation)
    return shortened(f"{who} · {conversation.assistant.name}", LONGEST_TITLE)


def standing_words(core: Core, group: PeopleGroup, locale: str) -> str:
    """That it works, or the one thing to do."""
    return core.texts.say(locale, _MISSING.get(group.missing, "group-works"))


def waiting_words(core: Core, group: PeopleGroup, conversation: Conversation, key: str = "topic-waiting") -> str:
    facts = facts_of_wait(core, group.locale, conversation)
    since = moment_words(core, group.locale, conversation.handed_over_at or datetime.now().astimezone())
    return core.texts.say(group.locale, key, since=since, **facts)


def turn_words(turn: Message) -> str:
    return f"{MARKS[turn.author]} {turn.text}"


def buttons_of_wait(core: Core, locale: str, conversation_id: UUID) -> InlineKeyboardMarkup | None:
    say = core.texts.say
    answer = button(say(locale, "button-people-answer"), "topic.take", conversation_id)
    return keyboard([[answer, button(say(locale, "button-people-close"), "topic.close", conversation_id)]])


def buttons_of_talk(core: Core, locale: str, conversation_id: UUID) -> InlineKeyboardMarkup | None:
    say = core.texts.say
    close = button(say(locale, "button-people-close"), "topic.close", conversation_id)
    return keyboard([[close, button(say(locale, "button-topic-leave"), "topic.leave", conversation_id)]])


def one_button(core: Core, locale: str, key: str, do: str, row_id: UUID) -> InlineKeyboardMarkup | None:
    row: Row = [_button(core, locale, key, do, row_id)]
    return keyboard([row])


def _button(core: Core, locale: str, key: str, do: str, row_id: UUID) -> InlineKeyboardButton:
    return button(core.texts.say(locale, key), do, row_id)
