"""What customers asked and what they were told."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel
from quart import Blueprint
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_response

from api.access import login_required
from api.limits import per_minute
from api.paging import Part
from core.conversations import conversations_of, turns_of
from core.models import Assistant, Conversation, ConversationState, Message

blueprint = Blueprint("conversations", __name__)


class ContactView(BaseModel):
    """`key` is the customer's id in the channel."""

    id: UUID
    channel: str
    key: str
    name: str


class ConversationView(BaseModel):
    """`state`: who speaks. `handoff_reason` and the times are of the last time that a person was called; `lapsed`:
    nobody came, and it went back to the assistant by itself."""

    id: UUID
    contact: ContactView
    created_at: datetime
    last_message_at: datetime
    state: ConversationState
    handoff_reason: str
    handed_over_at: datetime | None
    taken_by: UUID | None
    taken_at: datetime | None
    closed_at: datetime | None
    lapsed: bool

    @classmethod
    def of(cls, row: Conversation) -> Self:
        contact = ContactView.model_validate(row.contact, from_attributes=True)
        own = {name: getattr(row, name) for name in cls.model_fields if name not in ("contact", "lapsed")}
        came_back = row.state == ConversationState.ASSISTANT and row.handed_over_at is not None
        return cls(contact=contact, lapsed=came_back and row.taken_at is None and row.closed_at is None, **own)


class ConversationPart(Part):
    state: ConversationState | None = None


class Conversations(BaseModel):
    conversations: list[ConversationView]


class MessageView(BaseModel):
    """An assistant's message says which tier spoke and why, and what the customer thought of it; an operator's, when it
    was delivered. Its reason is "unreachable" when the customer has blocked the bot."""

    id: UUID
    author: str
    text: str
    tier: str
    reason: str
    citations: list[dict[str, Any]]
    timings: dict[str, float]
    model: str
    adapter_id: UUID | None
    feedback_score: int | None
    feedback_comment: str
    created_at: datetime
    delivered_at: datetime | None

    @classmethod
    def of(cls, row: Message) -> Self:
        return cls.model_validate(row, from_attributes=True)


class Messages(BaseModel):
    messages: list[MessageView]


@blueprint.get("/assistants/<uuid:assistant_id>/conversations")
@rate_limit(limits=per_minute(300))
@login_required
@validate_querystring(ConversationPart)
@validate_response(Conversations)
async def list_all(assistant: Assistant, query_args: ConversationPart) -> Conversations:
    """Latest first, from all channels; with `state` only those where a customer waits, or a person talks."""
    rows = await conversations_of(assistant, query_args.limit, query_args.offset, query_args.state)
    return Conversations(conversations=[ConversationView.of(row) for row in rows])


@blueprint.get("/assistants/<uuid:assistant_id>/conversations/<uuid:conversation_id>/messages")
@rate_limit(limits=per_minute(300))
@login_required
@validate_response(Messages)
async def messages(assistant: Assistant, conversation: Conversation) -> Messages:
    """All that was said in a conversation, in order."""
    return Messages(messages=[MessageView.of(row) for row in await turns_of(conversation)])
