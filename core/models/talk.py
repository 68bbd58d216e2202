"""What was said: contacts, conversations and messages."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import OptionalRef, Ref, Row


class Contact(Row):
    """A customer in one channel of one assistant. `key` is his id there."""

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="contacts")
    channel = fields.CharField(max_length=64)
    key = fields.CharField(max_length=128)
    name = fields.CharField(max_length=200, default="")

    class Meta:
        table = "contacts"
        unique_together = (("assistant", "channel", "key"),)


class Conversation(Row):
    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="conversations")
    contact_id: UUID
    contact: Ref = fields.ForeignKeyField("models.Contact", related_name="conversations")
    last_message_at = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "conversations"


class Author(StrEnum):
    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    OPERATOR = "operator"


class Message(Row):
    """One turn. An assistant's turn keeps how it came about: tier, reason, citations, timings, model, adapter."""

    conversation_id: UUID
    conversation: Ref = fields.ForeignKeyField("models.Conversation", related_name="messages")
    author = fields.CharEnumField(Author, max_length=16)
    text = fields.TextField()
    tier = fields.CharField(max_length=16, default="")
    reason = fields.CharField(max_length=200, default="")
    citations: list[dict[str, Any]] = fields.JSONField(default=list)
    timings: dict[str, float] = fields.JSONField(default=dict)
    model = fields.CharField(max_length=200, default="")
    adapter_id: UUID | None
    adapter: OptionalRef = fields.ForeignKeyField(
        "models.LoraAdapter", related_name="messages", null=True, on_delete=fields.SET_NULL
    )
    feedback_score = fields.IntField(null=True)
    feedback_comment = fields.TextField(default="")

    class Meta:
        table = "messages"
