"""The buttons below an answer in Slack: it helped or not, a person is wanted, he wants to be told later.

Refuses to know what a press does (bots/slack/pressing.py).
"""

from uuid import UUID

from core.askers import is_offered
from core.feedback import is_answer, is_asked_for
from core.messages import Reply, Tier
from core.slack.formatting import Block
from core.texts import Texts

HELPED, NOT_HELPED, PERSON, TELL, SHARE = "helped", "not_helped", "call_person", "tell_me", "share"


def one_button(label: str, action: str, value: UUID) -> Block:
    return {"type": "actions", "elements": [_button(label, action, value)]}


async def buttons_below(
    texts: Texts, assistant_id: UUID, reply: Reply, question_id: UUID, language: str
) -> Block | None:
    """An answer can be rated if its owner wants that, and a person can be called, also where there is none. Small talk
    has nothing below."""
    row = []
    if is_answer(reply) and await is_asked_for(assistant_id):
        row.append(_button(texts.say(language, "button-customer-helped"), HELPED, reply.message_id))
        row.append(_button(texts.say(language, "button-customer-not-helped"), NOT_HELPED, reply.message_id))
    if is_answer(reply) or reply.tier is Tier.REFUSED:
        row.append(_button(texts.say(language, "button-customer-person"), PERSON, question_id))
    if await is_offered(question_id):
        row.append(_button(texts.say(language, "button-customer-tell-me"), TELL, question_id))
    return {"type": "actions", "elements": row} if row else None


def _button(label: str, action: str, value: UUID) -> Block:
    text = {"type": "plain_text", "text": label, "emoji": True}
    return {"type": "button", "action_id": action, "value": value.hex, "text": text}
