"""The intents there are, and what a reading of a text says. Knows nothing of how a text is read."""

from dataclasses import dataclass
from enum import StrEnum


class Intent(StrEnum):
    """What an owner may want of the product. The values name the sections of `phrases.txt`."""

    MENU = "menu"
    DOCUMENTS = "documents"
    ADD_DOCUMENT = "add_document"
    DELETE_DOCUMENT = "delete_document"
    SITES = "sites"
    CONNECT_BOT = "connect_bot"
    CHANNELS = "channels"
    DISCONNECT_BOT = "disconnect_bot"
    TONE = "tone"
    GREETING = "greeting"
    CONTACT = "contact"
    LENGTH = "length"
    TOPICS = "topics"
    ANSWERS = "answers"
    ADD_ANSWER = "add_answer"
    GAPS = "gaps"
    NUMBERS = "numbers"
    PEOPLE = "people"
    TRAINING = "training"
    NEW_ASSISTANT = "new_assistant"
    ASSISTANTS = "assistants"
    DELETE_ASSISTANT = "delete_assistant"
    TEAM = "team"
    PAGE = "page"
    LANGUAGE = "language"
    HELP = "help"
    UNDO = "undo"
    HOURS = "hours"
    QUICK_REPLIES = "quick_replies"
    KEYS = "keys"
    PARAMETERS = "parameters"
    WEBHOOKS = "webhooks"
    EXPORT = "export"
    SHOPPER = "shopper"
    CONTRADICTIONS = "contradictions"


NONE = "none"
"""The section of phrases that want nothing of the product: what customers ask, and what anybody says."""
DESTRUCTIVE = frozenset({Intent.DELETE_DOCUMENT, Intent.DISCONNECT_BOT, Intent.DELETE_ASSISTANT})
"""What these begin cannot be undone by the next message, so less is taken for them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`intent` when it is sure. Otherwise `perhaps` holds the two or three that come nearest, or nothing when the text
    wants nothing of the product."""

    intent: Intent | None = None
    perhaps: tuple[Intent, ...] = ()


NOTHING = Reading()
