"""A conversation with a customer as an owner reads it: who, where, why, and the last turns. Changes nothing."""

from admin_bot.keyboards import shortened
from core.app import Core
from core.messages import Tier
from core.models import Author, Conversation, Message

LAST_TURNS = 6
LONGEST_TURN = 300
BELOW = 1
"""The page of a button under somebody's words: what comes of it is said below them, not in their place."""
_OF_NO_INTEREST = (Tier.PERSON, Tier.HANDED_OVER)
"""The sentences about somebody being called."""
MARKS = {Author.CUSTOMER: "👤", Author.ASSISTANT: "🤖", Author.OPERATOR: "✍️"}


def name_of(core: Core, locale: str, conversation: Conversation) -> str:
    """The customer, as he is called where he writes."""
    return shortened(conversation.contact.name, 60) or core.texts.say(locale, "admin-people-nameless")


def facts_of_wait(core: Core, locale: str, conversation: Conversation) -> dict[str, str]:
    """What every sentence about a waiting customer says. Needs contact and assistant."""
    kind = conversation.contact.channel.partition(":")[0]
    place = kind if kind in ("telegram", "slack", "web") else "api"
    return {
        "who": name_of(core, locale, conversation),
        "assistant": conversation.assistant.name,
        "place": core.texts.say(locale, f"admin-people-place-{place}"),
        "reason": core.texts.say(locale, f"handoff-reason-{conversation.handoff_reason or 'owner'}"),
    }


async def last_turns(conversation: Conversation) -> str:
    """A line for each of the last turns, oldest first."""
    said = Message.filter(conversation_id=conversation.id).exclude(tier__in=_OF_NO_INTEREST)
    rows = await said.order_by("-created_at").limit(LAST_TURNS)
    return "\n".join(f"{MARKS[row.author]} {shortened(' '.join(row.text.split()), LONGEST_TURN)}" for row in rows[::-1])
