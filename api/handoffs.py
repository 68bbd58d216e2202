"""People who answer customers instead of the assistant, and what customers read of it."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from quart import Blueprint, g
from quart_rate_limiter import rate_limit
from quart_schema import validate_querystring, validate_request, validate_response

from api.access import key_or_visitor, login_required
from api.context import the_core
from api.conversations import ConversationView, MessageView
from api.limits import for_chat, per_minute
from core.conversations import turns_after
from core.models import Assistant, Author, Conversation, Message
from core.operators import (
    LONGEST_REPLY,
    close_conversation,
    hand_over_to_people,
    note_delivered,
    reply_to_customer,
    take_conversation,
)

blueprint = Blueprint("handoffs", __name__)


class OperatorReply(BaseModel):
    text: Annotated[str, StringConstraints(strip_whitespace=True), Field(min_length=1, max_length=LONGEST_REPLY)]


class After(BaseModel):
    """`after` is the id of the last message that you know."""

    after: UUID | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 100


class Turn(BaseModel):
    """`author`: customer, assistant or operator (a person)."""

    id: UUID
    author: Author
    text: str
    tier: str
    created_at: datetime

    @classmethod
    def of(cls, row: Message) -> Self:
        return cls.model_validate(row, from_attributes=True)


class Turns(BaseModel):
    """`state`: who speaks now, assistant, waiting (for a person) or person."""

    state: str
    messages: list[Turn]


@blueprint.post("/assistants/<uuid:assistant_id>/conversations/<uuid:conversation_id>/take")
@rate_limit(limits=per_minute(120))
@login_required
@validate_response(ConversationView)
async def take(assistant: Assistant, conversation: Conversation) -> ConversationView:
    """Answer the customer yourself; the assistant is silent until you close the conversation."""
    await take_conversation(g.actor, conversation)
    return ConversationView.of(conversation)


@blueprint.post("/assistants/<uuid:assistant_id>/conversations/<uuid:conversation_id>/reply")
@rate_limit(limits=per_minute(120))
@login_required
@validate_request(OperatorReply)
@validate_response(MessageView, 201)
async def reply(assistant: Assistant, conversation: Conversation, data: OperatorReply) -> tuple[MessageView, int]:
    """Write to the customer, where he wrote; takes the conversation. The message is delivered within seconds."""
    return MessageView.of(await reply_to_customer(g.actor, conversation, data.text)), 201


@blueprint.post("/assistants/<uuid:assistant_id>/conversations/<uuid:conversation_id>/close")
@rate_limit(limits=per_minute(120))
@login_required
@validate_response(ConversationView)
async def close(assistant: Assistant, conversation: Conversation) -> ConversationView:
    """Give the conversation back to the assistant; the customer is told."""
    await close_conversation(the_core(), g.actor, conversation)
    return ConversationView.of(conversation)


@blueprint.post("/assistants/<uuid:assistant_id>/conversations/<uuid:conversation_id>/hand-over")
@rate_limit(limits=per_minute(120))
@login_required
@validate_response(ConversationView)
async def hand_over(assistant: Assistant, conversation: Conversation) -> ConversationView:
    """Call a person into the conversation, as if the customer had asked for one."""
    await hand_over_to_people(conversation)
    return ConversationView.of(conversation)


@blueprint.get("/conversations/<uuid:conversation_id>/messages")
@rate_limit(limits=for_chat())
@key_or_visitor("chat")
@validate_querystring(After)
@validate_response(Turns)
async def read(conversation: Conversation, query_args: After) -> Turns:
    """What was said since, by people too: for the customer's own page or program."""
    rows = await turns_after(conversation, query_args.after, query_args.limit)
    await note_delivered([row.id for row in rows])
    return Turns(state=conversation.state, messages=[Turn.of(row) for row in rows])
