"""What a business's own person writes to a customer past the product, in the customer's chat itself.

It is a turn of the conversation, and he talks there from then on: the assistant is silent until he has left the
conversation alone for the quiet time (core/handoff.py). Refuses to know how he was heard.
"""

from datetime import UTC, datetime

from core.conversations import conversation_of
from core.messages import Incoming
from core.models import Author, Conversation, ConversationState, HandoffReason, Message
from core.webhooks.outbox import outbox


async def note_own_words(said: Incoming) -> None:
    """`said` names the customer and holds the person's words; again changes nothing. Nobody else has taken the
    conversation then: who talks is not in the product."""
    conversation, now = await conversation_of(said), datetime.now(UTC)
    async with outbox(conversation.assistant_id) as out:
        turn, is_new = await Message.get_or_create(
            id=said.question_id,
            defaults={
                "conversation_id": conversation.id,
                "author": Author.OPERATOR,
                "text": said.text,
                "delivered_at": now,
            },
        )
        if not is_new:
            return
        rows = Conversation.filter(id=conversation.id)
        await rows.update(last_message_at=now)
        values = {"state": ConversationState.PERSON, "taken_at": now, "taken_by": None, "closed_at": None}
        if not await rows.filter(state=ConversationState.WAITING).update(**values):
            called = {"handoff_reason": HandoffReason.OWNER, "handed_over_at": now}
            await rows.filter(state=ConversationState.ASSISTANT).update(**values, **called)
        await out.message_created(conversation, turn)
