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


class ConversationState(StrEnum):
    """Who speaks: the assistant; the assistant while a person is awaited; a person, and the assistant is silent.

    A conversation keeps why and when it was handed over last, which user has taken it and when, and when a person
    closed it. Without that, it has come back by itself.
    """

    ASSISTANT = "assistant"
    WAITING = "waiting"
    PERSON = "person"


class HandoffReason(StrEnum):
    """Why a person was called. Each has a sentence for owners: `handoff-reason-…` in the locales."""

    ASKED = "asked"
    ANGRY = "angry"
    REPEATED_FAILURE = "repeated-failure"
    FORBIDDEN_TOPIC = "forbidden-topic"
    OWNER = "owner"


class Conversation(Row):
    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="conversations")
    contact_id: UUID
    contact: Ref = fields.ForeignKeyField("models.Contact", related_name="conversations")
    last_message_at = fields.DatetimeField(auto_now_add=True)
    state = fields.CharField(max_length=16, default="assistant", db_default="assistant")
    handoff_reason = fields.CharField(max_length=32, default="", db_default="")
    handed_over_at = fields.DatetimeField(null=True)
    taken_by = fields.UUIDField(null=True)
    taken_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    turn_of = fields.UUIDField(null=True)
    turn_until = fields.DatetimeField(null=True)
    """The question that is being answered, and until when it is waited for (core/turn_taking.py)."""
    summary = fields.TextField(null=True)
    summarised_until = fields.DatetimeField(null=True)
    """What was said until then, in few words (core/memory.py)."""

    class Meta:
        table = "conversations"
        indexes = (("contact_id", "last_message_at"), ("assistant_id", "last_message_at"), ("state",))


class Author(StrEnum):
    CUSTOMER = "customer"
    ASSISTANT = "assistant"
    OPERATOR = "operator"


class Message(Row):
    """One turn. An assistant's turn keeps how it came about: tier, reason, citations, timings, model, adapter.

    `delivered_at` is of an operator's turn: until then it waits to be sent to where the customer wrote.
    """

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
    delivered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "messages"
        indexes = (("conversation_id", "created_at"), ("adapter_id",))


class Undelivered(Row):
    """A turn that waits to be sent to its customer. Few rows, so that looking for them costs nothing."""

    message_id: UUID
    message: Ref = fields.ForeignKeyField("models.Message", related_name="undelivered")
    channel = fields.CharField(max_length=64, db_index=True)

    class Meta:
        table = "undelivered"
        indexes = (("message_id",),)


class Attachment(Row):
    """A file, or a place on a map, that came with a turn. It may be written down a moment before its turn.

    `path` is in the folder of attachments, empty when there is no file or it was tidied away. `details` are those that
    Telegram shows with it (seconds, coordinates).
    """

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="attachments")
    turn_id = fields.UUIDField(unique=True)
    kind = fields.CharField(max_length=16)
    name = fields.CharField(max_length=255, default="")
    mime = fields.CharField(max_length=128, default="")
    size = fields.BigIntField(default=0)
    path = fields.CharField(max_length=80, default="")
    caption = fields.TextField(default="")
    details: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "attachments"
        indexes = (("assistant_id",), ("created_at",))
