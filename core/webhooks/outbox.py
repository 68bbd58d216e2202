"""What is to be told, written down in the transaction of what it tells of: a crash loses nothing and invents nothing.

    async with outbox(assistant_id) as out:
        message = await Message.create(...)
        await out.message_created(conversation, message)

Where nobody listens that costs one query by index, and opens no transaction. What an owner tries out is not told.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.channel_names import PREVIEW
from core.models import (
    Contact,
    Conversation,
    Delivery,
    DeliveryTurn,
    Document,
    Gap,
    LoraAdapter,
    Message,
    WebhookEndpoint,
)
from core.statements import Statement, read_model
from core.webhooks import events
from core.webhooks.events import Data, Event, lane_of, payload_of, wants

_LISTENING = Statement("SELECT e.* FROM webhook_endpoints e WHERE e.assistant_id = :assistant", e=WebhookEndpoint)
_TRIES = 3
"""So often an endpoint may be deleted at the very moment that something is told."""


@dataclass(slots=True)
class Outbox:
    """Of one assistant, in one transaction. Truthful when somebody listens at all."""

    assistant_id: UUID
    endpoints: Sequence[WebhookEndpoint]

    def __bool__(self) -> bool:
        return bool(self.endpoints)

    async def conversation_started(self, conversation: Conversation) -> None:
        if contact := await self._told_of(Event.CONVERSATION_STARTED, conversation):
            await self._put(Event.CONVERSATION_STARTED, events.conversation_data(conversation, contact))

    async def message_created(self, conversation: Conversation, message: Message) -> None:
        if contact := await self._told_of(Event.MESSAGE_CREATED, conversation):
            await self._put(Event.MESSAGE_CREATED, events.message_data(conversation, contact, message))

    async def handoff_requested(self, conversation: Conversation, reason: str) -> None:
        if contact := await self._told_of(Event.HANDOFF_REQUESTED, conversation):
            data = events.handoff_requested_data(conversation, contact, reason, datetime.now(UTC))
            await self._put(Event.HANDOFF_REQUESTED, data)

    async def handoff_closed(self, conversation: Conversation, ended_by: str) -> None:
        if contact := await self._told_of(Event.HANDOFF_CLOSED, conversation):
            data = events.handoff_closed_data(conversation, contact, ended_by, datetime.now(UTC))
            await self._put(Event.HANDOFF_CLOSED, data)

    async def feedback_given(self, conversation: Conversation, message: Message, score: int, comment: str) -> None:
        if contact := await self._told_of(Event.FEEDBACK_GIVEN, conversation):
            data = events.feedback_data(conversation, contact, message, score, comment)
            await self._put(Event.FEEDBACK_GIVEN, data)

    async def gap_recorded(self, gap: Gap) -> None:
        await self._put(Event.GAP_RECORDED, events.gap_data(gap))

    async def document_indexed(self, document: Document, passages: int) -> None:
        await self._put(Event.DOCUMENT_INDEXED, events.document_data(document, passages))

    async def document_failed(self, document: Document, passages: int, code: str) -> None:
        await self._put(Event.DOCUMENT_FAILED, events.document_data(document, passages, code))

    async def adapter_completed(self, adapter: LoraAdapter, *, accepted: bool) -> None:
        await self._put(Event.ADAPTER_COMPLETED, events.adapter_data(adapter, accepted=accepted))

    async def _told_of(self, event: Event, conversation: Conversation) -> Contact | None:
        """Who the conversation is held with; None when this is not told."""
        if not any(wants(one.events, event) for one in self.endpoints):
            return None
        contact = await Contact.get_or_none(id=conversation.contact_id)
        return contact if contact and contact.channel != PREVIEW else None

    async def _put(self, event: Event, data: Data) -> None:
        listening = [one for one in self.endpoints if wants(one.events, event)]
        for _ in range(_TRIES):
            if not listening:
                return
            try:
                async with in_transaction():  # within the caller's: a savepoint
                    await put_in_line(listening, payload_of(event, data))
            except IntegrityError:  # an endpoint was deleted meanwhile: that must not cost the change itself
                there = {one.id for one in await listeners(self.assistant_id)}
                listening = [one for one in listening if one.id in there]
            else:
                return


@asynccontextmanager
async def outbox(assistant_id: UUID) -> AsyncIterator[Outbox]:
    """Around a change. What the body changes and what it tells of are kept together, or neither is."""
    endpoints = await listeners(assistant_id)
    if not endpoints:
        yield Outbox(assistant_id, ())
        return
    async with in_transaction():
        yield Outbox(assistant_id, endpoints)


async def listeners(assistant_id: UUID) -> list[WebhookEndpoint]:
    """The endpoints of an assistant that are switched on."""
    found = [read_model(WebhookEndpoint, "e", row) for row in await _LISTENING.rows(assistant=assistant_id)]
    return [one for one in found if one.active]


async def put_in_line(endpoints: Sequence[WebhookEndpoint], payload: Data) -> list[Delivery]:
    """A delivery for each, behind all that is in line already. Within a transaction."""
    deliveries = [Delivery(endpoint_id=one.id, event=payload["type"], payload=payload) for one in endpoints]
    await Delivery.bulk_create(deliveries)
    await DeliveryTurn.bulk_create([turn_of(one) for one in deliveries])
    return deliveries


def turn_of(delivery: Delivery) -> DeliveryTurn:
    lane = lane_of(delivery.payload, delivery.id)
    return DeliveryTurn(delivery_id=delivery.id, endpoint_id=delivery.endpoint_id, lane=lane)
