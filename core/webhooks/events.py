"""What can be told, by name, and what is told of each: the contract of `docs/webhooks.md`. Refuses to ask the database.

Within one version of the contract names are only added: programs of strangers read this.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from core.models import Assistant, Contact, Conversation, Document, Gap, LoraAdapter, Message

Data = dict[str, Any]
ALL = "*"
"""Among an endpoint's events: all that there are, and those that will be."""


class Event(StrEnum):
    """`LEAD_CAPTURED` has no source in this version: the widget that asks for a customer's details is to come."""

    CONVERSATION_STARTED = "conversation.started"
    MESSAGE_CREATED = "message.created"
    LEAD_CAPTURED = "lead.captured"
    HANDOFF_REQUESTED = "handoff.requested"
    HANDOFF_CLOSED = "handoff.closed"
    GAP_RECORDED = "gap.recorded"
    FEEDBACK_GIVEN = "feedback.given"
    DOCUMENT_INDEXED = "document.indexed"
    DOCUMENT_FAILED = "document.failed"
    ADAPTER_COMPLETED = "adapter.completed"


TEST = "endpoint.test"
"""Sent when somebody presses the button, whatever the endpoint wants to be told."""


def wants(events: Collection[str], event: str) -> bool:
    return ALL in events or event in events


def payload_of(event: str, data: Data) -> Data:
    """The form of Standard Webhooks."""
    return {"type": event, "timestamp": _moment(datetime.now(UTC)), "data": data}


def lane_of(payload: Data, otherwise: UUID) -> UUID:
    """What is told one after the other: all of one conversation, of one document, question or adapter."""
    data = payload["data"]
    for name in ("conversation", "document", "gap", "adapter"):
        if name in data:
            return UUID(data[name]["id"])
    return otherwise


def conversation_data(conversation: Conversation, contact: Contact) -> Data:
    return {
        "assistant_id": str(conversation.assistant_id),
        "conversation": {"id": str(conversation.id), "started_at": _moment(conversation.created_at)},
        "contact": {"id": str(contact.id), "channel": contact.channel, "key": contact.key, "name": contact.name},
    }


def message_data(conversation: Conversation, contact: Contact, message: Message) -> Data:
    return {
        **conversation_data(conversation, contact),
        "message": {
            "id": str(message.id),
            "author": str(message.author),
            "text": message.text,
            "tier": str(message.tier),
            "citations": [{name: one.get(name) for name in _CITED} for one in message.citations],
            "created_at": _moment(message.created_at),
        },
    }


_CITED = ("document", "quote", "page", "url")


def lead_data(
    conversation: Conversation, contact: Contact, lead_id: UUID, given: dict[str, str], captured_at: datetime
) -> Data:
    """What a customer has left of himself: `name`, `phone`, `email` and `comment`, each empty when he gave none."""
    known = {name: given.get(name, "") for name in ("name", "phone", "email", "comment")}
    return {
        **conversation_data(conversation, contact),
        "lead": {"id": str(lead_id), **known, "captured_at": _moment(captured_at)},
    }


def handoff_requested_data(conversation: Conversation, contact: Contact, reason: str, at: datetime) -> Data:
    """`reason`: asked, angry, repeated-failure, forbidden-topic or owner."""
    return {**conversation_data(conversation, contact), "handoff": {"reason": reason, "requested_at": _moment(at)}}


def handoff_closed_data(conversation: Conversation, contact: Contact, ended: str, at: datetime) -> Data:
    """`ended`: by a `person`, or by `time` because nobody came, or nobody has written for long."""
    return {**conversation_data(conversation, contact), "handoff": {"ended_by": ended, "closed_at": _moment(at)}}


def gap_data(gap: Gap) -> Data:
    return {
        "assistant_id": str(gap.assistant_id),
        "gap": {"id": str(gap.id), "question": gap.question, "asked": gap.asked},
    }


def feedback_data(conversation: Conversation, contact: Contact, message: Message, score: int, comment: str) -> Data:
    """`score`: 1 helped, -1 did not, 0 taken back."""
    return {
        **message_data(conversation, contact, message),
        "feedback": {"score": score, "comment": comment},
    }


def document_data(document: Document, passages: int, error: str = "") -> Data:
    """`error` is a code, as in the REST API; empty when it was read."""
    return {
        "assistant_id": str(document.assistant_id),
        "document": {
            "id": str(document.id),
            "kind": document.kind,
            "name": document.filename,
            "source_url": document.source_url,
            "passages": passages,
            "error": error,
        },
    }


def adapter_data(adapter: LoraAdapter, *, accepted: bool) -> Data:
    return {
        "assistant_id": str(adapter.assistant_id),
        "adapter": {"id": str(adapter.id), "base_model": adapter.base_model_name, "accepted": accepted},
    }


def test_data(assistant: Assistant, endpoint_id: UUID) -> Data:
    return {
        "assistant_id": str(assistant.id),
        "assistant": assistant.name,
        "endpoint_id": str(endpoint_id),
        "message": "This is a test. Real events look like this and are signed in the same way.",
    }


def _moment(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
