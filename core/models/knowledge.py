"""What an assistant knows: documents, their passages, answers the owner wrote, questions nobody could answer."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from core.models.base import Ref, Row


class DocumentStatus(StrEnum):
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    INDEXED = "indexed"
    FAILED = "failed"


class Document(Row):
    """A file, a page or a pasted text. The same content twice in one assistant is one document."""

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="documents")
    kind = fields.CharField(max_length=16, default="file")
    filename = fields.CharField(max_length=255)
    title = fields.CharField(max_length=300, default="")
    file_path = fields.CharField(max_length=300, default="")
    source_url = fields.TextField(default="")
    content_hash = fields.CharField(max_length=64)
    size_bytes = fields.BigIntField(default=0)
    status = fields.CharEnumField(DocumentStatus, max_length=16, default=DocumentStatus.UPLOADED)
    error_code = fields.CharField(max_length=64, default="")
    error_facts: dict[str, Any] = fields.JSONField(default=dict)
    page_count = fields.IntField(default=0)
    passage_count = fields.IntField(default=0)
    passages_done = fields.IntField(default=0)

    class Meta:
        table = "documents"
        unique_together = (("assistant", "content_hash"),)


class PassageRow(Row):
    """A piece of a document that can be found and quoted. Its vector lives in the assistant's collection."""

    document_id: UUID
    document: Ref = fields.ForeignKeyField("models.Document", related_name="passages")
    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="passages")
    chunk_index = fields.IntField()
    heading = fields.TextField(default="")
    page = fields.IntField(null=True)
    text = fields.TextField()
    content_hash = fields.CharField(max_length=64)

    class Meta:
        table = "passages"
        unique_together = (("document", "chunk_index"),)


class VerifiedAnswer(Row):
    """A question that the owner answered himself, given word for word."""

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="verified_answers")
    question = fields.TextField()
    answer = fields.TextField()

    class Meta:
        table = "verified_answers"


class GapStatus(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    DISMISSED = "dismissed"


class Gap(Row):
    """A question without an answer. `question_key` is the question without case and punctuation."""

    assistant_id: UUID
    assistant: Ref = fields.ForeignKeyField("models.Assistant", related_name="gaps")
    question = fields.TextField()
    question_key = fields.CharField(max_length=200)
    asked = fields.IntField(default=1)
    status = fields.CharEnumField(GapStatus, max_length=16, default=GapStatus.OPEN)
    last_asked_at = fields.DatetimeField(auto_now=True)

    class Meta:
        table = "gaps"
        unique_together = (("assistant", "question_key"),)
